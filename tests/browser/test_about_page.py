"""The About page on the narrowest phone."""

import re

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


def test_bowls_move_without_the_server(
    chromium: Browser, playwright: Playwright, played: str
) -> None:
    """From standing to the bottom in three ways, and not one byte is sent for it."""
    with phone.opened(chromium, playwright, f"{played}/About", "iPhone 13", "dark") as page:
        bowls = page.locator(".bowls")
        expect(bowls).to_have_attribute("data-angle", "24.0", timeout=60_000)
        expect(bowls).to_have_class(re.compile("tucked"))
        traffic = phone.Traffic()
        page.on("request", lambda request: traffic.requests.append(request.url))
        cdp = page.context.new_cdp_session(page)
        cdp.send("Network.enable")
        cdp.on("Network.webSocketFrameSent", lambda _: traffic.sent.append(1))
        slider = bowls.get_by_role("slider")
        slider.scroll_into_view_if_needed()
        lines = set()
        for share in (0, 40, 80, 100):
            slider.fill(str(share))
            lines.add(bowls.locator(".spine").get_attribute("points"))
        assert len(lines) == 4
        slider.fill("60")
        expect(bowls).to_have_attribute("data-angle", "0.0")
        expect(bowls).not_to_have_class(re.compile("tucked"))
        bowls.get_by_text("Arched to flat").tap()
        expect(bowls).to_have_attribute("data-angle", "-8.0")
        slider.fill("100")
        expect(bowls.get_by_role("status")).to_contain_text("Not a wink")
        expect(bowls).not_to_have_class(re.compile("tucked"))
        bowls.get_by_text("Steady").tap()
        expect(bowls.get_by_role("status")).to_contain_text("The bowls are parallel.")
        assert not traffic.sent
        assert not traffic.requests
        phone.assert_fits(page)
        phone.shoot(page, "about-bowls-dark")
