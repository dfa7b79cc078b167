"""Phones that lock, drop the line or are closed in the middle of the work."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser import phone

pytestmark = pytest.mark.browser


def upload(page: Page, scene: str, folder: Path) -> None:
    """Upload a film that names its scene, and wait until its job runs."""
    film = folder / "clip.mp4"
    film.write_text(f"scene: {scene}")
    page.locator("input[type=file]").set_input_files(str(film), timeout=60_000)
    expect(page.get_by_text("Measuring each picture")).to_be_visible(timeout=60_000)


def test_closed_in_the_middle_and_opened_at_the_link(
    chromium: Browser, playwright: Playwright, played: str, tmp_path: Path
) -> None:
    """Another phone with the link follows the same work; so does a page loaded again."""
    with phone.opened(chromium, playwright, played, "iPhone 13") as page:
        upload(page, "hang", tmp_path)
        link = page.url
        assert "job=" in link
    with phone.opened(chromium, playwright, link, "Pixel 7") as page:
        expect(page.get_by_text("Measuring each picture")).to_be_visible(timeout=60_000)
        page.reload()
        expect(page.get_by_text("Measuring each picture")).to_be_visible(timeout=60_000)
        phone.shoot(page, "pixel-7-come-back")
        page.get_by_role("button", name="Stop").tap(timeout=phone.CLICK_MS)
        expect(page.get_by_text("The analysis was stopped.")).to_be_visible(timeout=phone.CLICK_MS)


def test_the_line_is_lost_for_a_while(
    chromium: Browser, playwright: Playwright, played: str, tmp_path: Path
) -> None:
    """A page without a network finds its result when it has one again."""
    with phone.opened(chromium, playwright, played, "iPhone 13") as page:
        upload(page, "slow", tmp_path)
        page.context.set_offline(True)
        page.wait_for_timeout(4000)
        page.context.set_offline(False)
        phone.wait_result(page)


def test_a_line_of_films_is_told(
    chromium: Browser, playwright: Playwright, narrow: str, tmp_path: Path
) -> None:
    """The second visitor sees the place in line, and moves up when the first is done."""
    with phone.opened(chromium, playwright, narrow, "iPhone 13") as first:
        upload(first, "hang", tmp_path)
        with phone.opened(chromium, playwright, narrow, "Pixel 7") as second:
            second.get_by_role("button", name="Try the sample clip").tap(timeout=60_000)
            line = second.get_by_text("Next in line · 1 film is being analysed")
            expect(line).to_be_visible(timeout=60_000)
            phone.assert_fits(second)
            phone.shoot(second, "pixel-7-in-line")
            first.get_by_role("button", name="Stop").tap(timeout=phone.CLICK_MS)
            phone.wait_result(second)


def test_the_limit_of_a_visit_outlives_a_reload(
    chromium: Browser, playwright: Playwright, narrow: str, tmp_path: Path
) -> None:
    """The page opened anew counts the films of the same phone, and of no other."""
    full = "as many films in line as one visit can have"
    with phone.opened(chromium, playwright, narrow, "iPhone 13") as page:
        upload(page, "hang", tmp_path)
        link = page.url
        page.goto(narrow)
        page.get_by_role("button", name="Try the sample clip").tap(timeout=60_000)
        expect(page.get_by_text("Next in line")).to_be_visible(timeout=60_000)
        page.goto(narrow)
        expect(page.get_by_text(full)).to_be_visible(timeout=60_000)
        phone.shoot(page, "iphone-13-visit-full")
        with phone.opened(chromium, playwright, narrow, "Pixel 7") as other:
            expect(other.get_by_role("button", name="Try the sample clip")).to_be_enabled(
                timeout=60_000
            )
            expect(other.get_by_text(full)).to_have_count(0)
        page.goto(link)
        page.get_by_role("button", name="Stop").tap(timeout=60_000)
        expect(page.get_by_text("The analysis was stopped.")).to_be_visible(timeout=phone.CLICK_MS)
