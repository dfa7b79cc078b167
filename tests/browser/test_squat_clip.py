"""The main job on phones: from upload to the picture at the onset, with the real analysis."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from tests.browser.conftest import ARTEFACTS, SAMPLE

pytestmark = [pytest.mark.browser, pytest.mark.model]

PHONES = ("iPhone 13", "Pixel 7")
# The analysis of a few seconds of film, on two busy cores.
ANALYSIS_MS = 180_000
CLICK_MS = 20_000


@contextmanager
def opened(
    chromium: Browser, playwright: Playwright, address: str, device: str, scheme: str = "light"
) -> Iterator[Page]:
    """Open the app on a phone and keep an eye on what the browser complains about."""
    context = chromium.new_context(**playwright.devices[device], color_scheme=scheme)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    expect(page.get_by_role("button", name="Try the sample clip")).to_be_visible(timeout=60_000)
    yield page
    context.close()
    assert not errors


def upload(page: Page, film: Path) -> None:
    """Choose a film and wait for the verdict."""
    page.locator("input[type=file]").set_input_files(str(film))
    expect(page.get_by_role("button", name="Stop")).to_be_visible(timeout=CLICK_MS)
    expect(page.get_by_text("Keep it", exact=True)).to_be_visible(timeout=ANALYSIS_MS)


def picture(page: Page) -> Locator:
    """Picture at the moment on show."""
    return page.get_by_alt_text("Picture at ")


def moment(page: Page) -> float:
    """Time in the link."""
    return float(parse_qs(urlparse(page.url).query)["t"][0])


def assert_picture_at(page: Page, time_s: float) -> None:
    """Wait until the picture on show is the one nearest to a time."""
    page.wait_for_function(
        """time => [...document.querySelectorAll('img')].some(image => {
            const told = image.alt.match(/^Picture at ([0-9.]+) s/);
            return told && Math.abs(parseFloat(told[1]) - time) < 0.03;
        })""",
        arg=time_s,
        timeout=CLICK_MS,
    )


def assert_fits(page: Page) -> None:
    """Nothing is wider than the screen."""
    too_wide = page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll('section, .stMain')]
            .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.className)"""
    )
    assert too_wide == []


def shoot(page: Page, name: str) -> None:
    """Leave a screenshot of the whole page to look at."""
    ARTEFACTS.mkdir(exist_ok=True)
    width = page.viewport_size["width"] if page.viewport_size else 390
    height = page.evaluate(
        "Math.max(...[...document.querySelectorAll('*')].map(e => e.scrollHeight))"
    )
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": min(int(height), 5000)})
    page.wait_for_timeout(1500)
    page.screenshot(path=ARTEFACTS / f"{name}.png")
    if before:
        page.set_viewport_size(before)


@pytest.mark.parametrize("device", PHONES)
def test_from_upload_to_the_onset(
    chromium: Browser, playwright: Playwright, server: str, device: str
) -> None:
    """Upload, verdict, step to the onset, touch a chart, download the table."""
    name = device.lower().replace(" ", "-")
    with opened(chromium, playwright, server, device) as page:
        assert_fits(page)
        shoot(page, f"{name}-start")
        upload(page, SAMPLE)
        expect(page.get_by_role("heading", name="Your lower back tucks under")).to_be_visible()
        assert_fits(page)
        shoot(page, f"{name}-verdict")

        page.get_by_role("button", name="Bottom", exact=True).tap()
        page.wait_for_url("**t=*", timeout=CLICK_MS)
        bottom = moment(page)
        page.get_by_role("button", name="Tuck", exact=True).tap()
        page.wait_for_function(f"!location.search.endsWith('t={bottom:g}')", timeout=CLICK_MS)
        onset = moment(page)
        assert 0 < onset < bottom
        assert_picture_at(page, onset)
        page.get_by_role("button", name="1 frame on").tap()
        page.wait_for_function(f"!location.search.endsWith('t={onset:g}')", timeout=CLICK_MS)
        assert 0 < moment(page) - onset < 0.1

        touch_chart(page, 0.8)
        later = moment(page)
        assert later > onset + 0.5
        assert_picture_at(page, later)

        with page.expect_download() as downloading:
            page.get_by_role("button", name="Table (CSV)").tap()
        table = Path(downloading.value.path())
        rows = list(csv.reader(table.read_text().splitlines()))
        assert len(rows) > 100
        assert len({len(row) for row in rows}) == 1
        assert_fits(page)


def touch_chart(page: Page, share: float) -> None:
    """Touch the last chart at a share of its width, and wait for the link to change."""
    chart = page.locator(".stVegaLiteChart").nth(2)
    chart.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    box = chart.bounding_box()
    assert box is not None
    before = moment(page)
    page.touchscreen.tap(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
    page.wait_for_function(f"!location.search.endsWith('t={before:g}')", timeout=CLICK_MS)


def test_large_clip(
    chromium: Browser, playwright: Playwright, server: str, large_clip: Path
) -> None:
    """A clip of 4 MB and 1080 x 1920 works as the small one does."""
    with opened(chromium, playwright, server, "iPhone 13", "dark") as page:
        upload(page, large_clip)
        expect(page.get_by_role("heading", name="Your lower back tucks under")).to_be_visible()
        expect(picture(page)).to_be_visible()
        assert_fits(page)
        shoot(page, "iphone-13-large-dark")


def test_wide_screen_has_charts_beside_the_picture(
    chromium: Browser, playwright: Playwright, server: str
) -> None:
    """On a desk the charts stand to the right; a page loaded again keeps its place."""
    with opened(chromium, playwright, server, "Desktop Chrome") as page:
        page.get_by_role("button", name="Try the sample clip").click()
        expect(page.get_by_text("Keep it", exact=True)).to_be_visible(timeout=ANALYSIS_MS)
        left = picture(page).bounding_box()
        right = page.locator(".stVegaLiteChart").first.bounding_box()
        assert left is not None
        assert right is not None
        assert right["x"] > left["x"] + left["width"]
        shoot(page, "desktop-verdict")
        page.get_by_role("button", name="Bottom", exact=True).click()
        page.wait_for_url("**t=*", timeout=CLICK_MS)
        bottom = moment(page)
        page.reload()
        assert_picture_at(page, bottom)
        assert moment(page) == bottom


def test_what_is_no_film_gets_one_sentence(
    chromium: Browser, playwright: Playwright, server: str, tmp_path: Path
) -> None:
    """A text named like a film is refused kindly, and the way back is open."""
    film = tmp_path / "clip.mp4"
    film.write_text("This is no film.")
    with opened(chromium, playwright, server, "Pixel 7") as page:
        page.locator("input[type=file]").set_input_files(str(film))
        alert = page.get_by_role("alert")
        expect(alert).to_be_visible(timeout=60_000)
        assert alert.inner_text().strip().endswith(".")
        assert "Traceback" not in page.content()
        shoot(page, "pixel-7-refused")
        page.get_by_role("button", name="Choose another film").tap()
        expect(page.get_by_role("button", name="Try the sample clip")).to_be_visible()


def test_stop(chromium: Browser, playwright: Playwright, server: str, large_clip: Path) -> None:
    """The analysis can be stopped while it runs."""
    with opened(chromium, playwright, server, "iPhone 13") as page:
        page.locator("input[type=file]").set_input_files(str(large_clip))
        page.get_by_role("button", name="Stop").tap(timeout=CLICK_MS)
        expect(page.get_by_text("The analysis was stopped.")).to_be_visible(timeout=CLICK_MS)
