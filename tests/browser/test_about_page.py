"""The About page on the narrowest phone."""

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.browser import phone

pytestmark = pytest.mark.browser


def test_about_fits_and_leads_back(chromium: Browser, playwright: Playwright, played: str) -> None:
    """From the first page to About and back; the tables are no wider than the screen."""
    size = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 1}
    with phone.opened(chromium, playwright, played, "iPhone 13", "light", **size) as page:
        page.get_by_role("link", name="What a wink is").tap(timeout=60_000)
        expect(page.get_by_text("false winks").first).to_be_visible(timeout=60_000)
        phone.assert_fits(page)
        phone.shoot(page, "about-360")
        page.get_by_role("link", name="Measure a clip").tap(timeout=phone.CLICK_MS)
        expect(page.get_by_role("button", name="Try the sample clip")).to_be_visible(timeout=60_000)
