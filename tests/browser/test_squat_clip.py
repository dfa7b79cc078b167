"""The main job on phones: from upload to the picture at the onset, with the real analysis."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser import phone
from tests.browser.films import SAMPLE

pytestmark = [pytest.mark.browser, pytest.mark.model]

PHONES = ("iPhone 13", "Pixel 7")


def upload(page: Page, film: Path) -> None:
    """Choose a film and wait for the verdict."""
    page.locator("input[type=file]").set_input_files(str(film), timeout=60_000)
    expect(page.get_by_role("button", name="Stop")).to_be_visible(timeout=phone.CLICK_MS)
    phone.wait_result(page)
    phone.wait_film(page)


@pytest.mark.parametrize("device", PHONES)
def test_from_upload_to_the_onset(
    chromium: Browser, playwright: Playwright, server: str, device: str
) -> None:
    """Upload, verdict, the picture at the onset, a touch on a chart, the table."""
    name = device.lower().replace(" ", "-")
    with phone.opened(chromium, playwright, server, device) as page:
        upload(page, SAMPLE)
        expect(page.get_by_role("heading", name="Your lower back tucks under")).to_be_visible()
        phone.assert_fits(page)
        phone.shoot(page, f"{name}-verdict")
        assert "the tuck starts here" in (
            page.locator(".line").get_attribute("aria-valuetext") or ""
        )
        onset = phone.shown(page)
        phone.scrubber(page).get_by_role("button", name="One frame on").tap()
        page.wait_for_url("**t=*", timeout=phone.CLICK_MS)
        assert 0 < phone.shown(page) - onset < 0.1
        phone.wait_linked(page, phone.shown(page))

        phone.touch_chart(page, 0.2)
        page.wait_for_timeout(1000)
        assert phone.shown(page) < onset
        assert phone.shown(page) == pytest.approx(phone.moment(page), abs=0.02)

        with page.expect_download() as downloading:
            page.get_by_role("button", name="Table (CSV)").tap()
        table = Path(downloading.value.path())
        rows = list(csv.reader(table.read_text().splitlines()))
        assert len(rows) > 100
        assert len({len(row) for row in rows}) == 1
        phone.assert_fits(page)


def test_large_clip(
    chromium: Browser, playwright: Playwright, server: str, large_clip: Path
) -> None:
    """A clip of 4 MB and 1080 x 1920 works as the small one does, and is scrubbed as well."""
    with phone.opened(chromium, playwright, server, "iPhone 13", "dark") as page:
        upload(page, large_clip)
        expect(page.get_by_role("heading", name="Your lower back tucks under")).to_be_visible()
        cdp = page.context.new_cdp_session(page)
        phone.watch(page)
        phone.drag(page, cdp)
        phone.touch(cdp, "touchEnd")
        assert page.evaluate("window.seen.size") >= 20
        phone.assert_fits(page)
        phone.shoot(page, "iphone-13-large-dark")


def test_wide_screen_has_charts_beside_the_film(
    chromium: Browser, playwright: Playwright, server: str
) -> None:
    """On a desk the charts stand to the right; a page loaded again keeps its place."""
    with phone.opened(chromium, playwright, server, "Desktop Chrome") as page:
        phone.press_sample(page)
        left = page.locator(".stage").bounding_box()
        right = page.locator(".stVegaLiteChart").first.bounding_box()
        assert left is not None
        assert right is not None
        assert right["x"] > left["x"] + left["width"]
        phone.shoot(page, "desktop-verdict")
        page.get_by_role("button", name="Bottom, ").last.click()
        page.wait_for_url("**t=*", timeout=phone.CLICK_MS)
        bottom = phone.moment(page)
        page.reload()
        phone.wait_film(page)
        assert phone.shown(page) == pytest.approx(bottom, abs=0.02)


def test_what_is_no_film_gets_one_sentence(
    chromium: Browser, playwright: Playwright, server: str, tmp_path: Path
) -> None:
    """A text named like a film is refused kindly, and the way back is open."""
    film = tmp_path / "clip.mp4"
    film.write_text("This is no film.")
    with phone.opened(chromium, playwright, server, "Pixel 7") as page:
        page.locator("input[type=file]").set_input_files(str(film), timeout=60_000)
        alert = page.get_by_role("alert")
        expect(alert).to_be_visible(timeout=60_000)
        assert alert.inner_text().strip().endswith(".")
        assert "Traceback" not in page.content()
        page.get_by_role("button", name="Choose another film").tap()
        expect(page.get_by_role("button", name="Try the sample clip")).to_be_visible()


def test_stop(chromium: Browser, playwright: Playwright, server: str, large_clip: Path) -> None:
    """The analysis can be stopped while it runs."""
    with phone.opened(chromium, playwright, server, "iPhone 13") as page:
        page.locator("input[type=file]").set_input_files(str(large_clip), timeout=60_000)
        page.get_by_role("button", name="Stop").tap(timeout=phone.CLICK_MS)
        expect(page.get_by_text("The analysis was stopped.")).to_be_visible(timeout=phone.CLICK_MS)
