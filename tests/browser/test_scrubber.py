"""The scrubber under a finger: no server between, flags that snap, little to send."""

import itertools
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from analysis.video import FilmReader
from pages.shared import jobs
from tests.browser import phone
from tests.pages import made_up

pytestmark = pytest.mark.browser


@pytest.fixture
def page(chromium: Browser, playwright: Playwright, played: str) -> Iterator[Page]:
    """Open the made-up wink on a phone, with the film there."""
    with phone.opened(chromium, playwright, "about:blank", "iPhone 13") as page:
        traffic = phone.Traffic()
        traffic.listen(page)
        page.traffic = traffic  # type: ignore[attr-defined]
        page.goto(played)
        phone.press_sample(page)
        page.wait_for_timeout(1500)
        traffic.clear()
        yield page


def traffic(page: Page) -> phone.Traffic:
    """Count what was sent since the film is there."""
    counted: phone.Traffic = page.traffic  # type: ignore[attr-defined]
    return counted


def test_opens_at_the_onset(page: Page) -> None:
    """The first picture is the analysed frame nearest to the onset."""
    assert phone.shown(page) == pytest.approx(nearest_frame(0.92), abs=1e-3)


def nearest_frame(time_s: float) -> float:
    """Time of the analysed frame nearest to a moment."""
    return min((k / made_up.FPS for k in range(made_up.FRAMES)), key=lambda t: abs(t - time_s))


def test_film_follows_the_finger_without_the_server(page: Page) -> None:
    """Over the whole timeline: 20 pictures or more, nothing asked; one word on release."""
    cdp = page.context.new_cdp_session(page)
    phone.watch(page)
    phone.drag(page, cdp)
    page.wait_for_timeout(300)
    pictures = page.evaluate("window.seen.size")
    counted = traffic(page)
    assert pictures >= 20
    assert (counted.sent, counted.received, counted.requests) == ([], [], [])
    phone.touch(cdp, "touchEnd")
    phone.wait_linked(page, phone.shown(page))
    assert len(counted.sent) == 1
    print(f"{pictures} pictures, median wait {median_wait(page):.0f} ms")  # noqa: T201


def median_wait(page: Page) -> float:
    """Milliseconds from a touch to the picture, in the middle of all."""
    waits: list[float] = page.evaluate("window.waits")
    return sorted(waits)[len(waits) // 2]


def test_flag_lands_on_the_onset(page: Page) -> None:
    """A tap on a flag shows the analysed frame nearest to where the tuck starts."""
    flags = page.locator('.flags button[data-kind="onset"]')
    expect(flags).to_have_count(2)
    flags.nth(1).tap()
    page.wait_for_timeout(300)
    assert phone.shown(page) == pytest.approx(nearest_frame(2.72), abs=1e-3)
    phone.wait_linked(page, 2.72)
    told = page.locator(".line").get_attribute("aria-valuetext") or ""
    assert "the tuck starts here" in told


def test_chart_click_moves_the_film_and_sends_little(page: Page) -> None:
    """Neither the film nor what is drawn over it is sent again."""
    before = phone.shown(page)
    phone.touch_chart(page, 0.8)
    page.wait_for_timeout(1500)
    counted = traffic(page)
    print(f"chart click: {sum(counted.received)} bytes")  # noqa: T201
    assert 0 < sum(counted.received) < 20_000
    assert phone.shown(page) > before + 1
    assert phone.shown(page) == pytest.approx(phone.moment(page), abs=0.02)


def test_strip_goes_there(page: Page) -> None:
    """A tap on a picture of the strip takes the film to its moment."""
    page.get_by_role("button", name="Bottom, 1.10 s").tap()
    phone.wait_linked(page, 1.1)
    assert phone.shown(page) == pytest.approx(1.1, abs=0.001)


def test_keys_and_words(page: Page) -> None:
    """The timeline is a slider for keys and for screen readers."""
    line = page.get_by_role("slider", name="Time in the film")
    line.focus()
    start = phone.shown(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(200)
    assert phone.shown(page) - start == pytest.approx(1 / made_up.FPS, abs=1e-3)
    page.keyboard.press("n")
    page.wait_for_timeout(200)
    assert phone.shown(page) == pytest.approx(1.1, abs=1e-3)
    page.keyboard.press("Home")
    page.wait_for_timeout(200)
    assert phone.shown(page) == 0
    assert "above parallel" in (line.get_attribute("aria-valuetext") or "")


def test_play_and_loop(page: Page) -> None:
    """It plays slowly, stays in the rep that is looped, and stops."""
    phone.scrubber(page).get_by_role("button", name="Loop the rep").tap()
    page.wait_for_timeout(1500)
    times = []
    for _ in range(8):
        times.append(phone.shown(page))
        page.wait_for_timeout(150)
    assert len(set(times)) > 3
    assert all(0.1 <= t <= 2.2 for t in times)
    phone.scrubber(page).get_by_role("button", name="Pause").tap()
    page.wait_for_timeout(300)
    still = phone.shown(page)
    page.wait_for_timeout(400)
    assert phone.shown(page) == still


def test_double_tap_and_switches(page: Page) -> None:
    """Two taps go near to the lower back and away; a switch takes a drawing away."""
    zoom = phone.scrubber(page).get_by_role("button", name="Zoom on the lower back")
    stage = page.locator(".stage")
    for expected in ("true", "false"):
        stage.tap(position={"x": 150, "y": 150})
        stage.tap(position={"x": 150, "y": 150})
        expect(zoom).to_have_attribute("aria-pressed", expected)
        page.wait_for_timeout(500)
    ink = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v)"
    assert page.locator(".stage canvas").evaluate(ink)
    for name in ("Skeleton", "Back", "Bowls"):
        phone.scrubber(page).get_by_role("button", name=name, exact=True).tap()
    assert not page.locator(".stage canvas").evaluate(ink)


def test_pinch_goes_near_and_away(page: Page) -> None:
    """Two fingers apart enlarge the film where they are; together again it is whole."""
    cdp = page.context.new_cdp_session(page)
    zoom = phone.scrubber(page).get_by_role("button", name="Zoom on the lower back")
    before = phone.shown(page)
    phone.pinch(page, cdp, apart_px=(60, 180))
    expect(zoom).to_have_attribute("aria-pressed", "true")
    scale = "e => new DOMMatrix(getComputedStyle(e).transform).a"
    near = page.locator(".reel").evaluate(scale)
    phone.pinch(page, cdp, apart_px=(200, 40))
    expect(zoom).to_have_attribute("aria-pressed", "false")
    assert near == pytest.approx(3 * page.locator(".reel").evaluate(scale), rel=0.15)
    assert phone.shown(page) == before


def test_flags_snap_under_a_dragged_finger(page: Page) -> None:
    """A finger lifted a few pixels beside a flag stands on its picture."""
    cdp = page.context.new_cdp_session(page)
    page.locator(".track").scroll_into_view_if_needed()
    flag = page.locator('.flags button[data-kind="onset"]').nth(1).bounding_box()
    track = page.locator(".track").bounding_box()
    assert flag is not None
    assert track is not None
    x, y = flag["x"] + flag["width"] / 2, track["y"] + 0.8 * track["height"]
    phone.touch(cdp, "touchStart", x - 60, y)
    for place in (x - 40, x - 20, x - 5):
        phone.touch(cdp, "touchMove", place, y)
        page.wait_for_timeout(30)
    phone.touch(cdp, "touchEnd")
    phone.wait_linked(page, nearest_frame(2.72))
    assert phone.shown(page) == pytest.approx(nearest_frame(2.72), abs=1e-3)


def test_next_flag_and_one_frame(page: Page) -> None:
    """The button goes from flag to flag and round again; the arrows go one picture."""
    buttons = phone.scrubber(page)
    order = [1.1, 1.28, 2.72, 2.9, 3.08, 0.92]
    for time_s in order:
        buttons.get_by_role("button", name="Go to the next flag").tap()
        page.wait_for_timeout(250)
        assert phone.shown(page) == pytest.approx(nearest_frame(time_s), abs=1e-3)
    for name, way in (("One frame on", 1), ("One frame back", -1)):
        before = phone.shown(page)
        buttons.get_by_role("button", name=name).tap()
        page.wait_for_timeout(250)
        assert phone.shown(page) - before == pytest.approx(way / made_up.FPS, abs=1e-3)


def test_film_to_send_on(page: Page) -> None:
    """The film of one rep comes as an MP4 that is as long as the rep."""
    page.get_by_role("radio", name="Rep 2").tap()
    expect(page.get_by_role("radio", name="Rep 2")).to_be_checked()
    page.wait_for_timeout(1000)
    with page.expect_download(timeout=60_000) as downloading:
        page.get_by_role("button", name="Film (MP4)").tap()
    assert downloading.value.suggested_filename == "two-bowls-rep-2.mp4"
    with FilmReader(Path(downloading.value.path())) as film:
        frames = sum(1 for _ in film.frames())
    assert frames == pytest.approx(made_up.FPS * (made_up.REP_S + 0.7), abs=2)


def test_home_screen(page: Page) -> None:
    """Name and icon are those of the app, and it opens without anybody's result."""
    page.wait_for_function("document.head.querySelector('link[rel=manifest]')")
    cdp = page.context.new_cdp_session(page)
    found = cdp.send("Page.getAppManifest")
    assert found["errors"] == []
    manifest = json.loads(found["data"])
    assert manifest["name"] == "Two bowls"
    assert "clip" not in manifest["start_url"]
    size = """async selector => {
        const image = new Image();
        image.src = document.head.querySelector(selector).href;
        await image.decode();
        return [image.naturalWidth, image.naturalHeight];
    }"""
    assert page.evaluate(size, 'link[rel="apple-touch-icon"]') == [512, 512]
    title = page.locator('meta[name="apple-mobile-web-app-title"]')
    assert title.get_attribute("content") == "Two bowls"


def test_old_browser_gets_it_unpacked(
    chromium: Browser, playwright: Playwright, played: str
) -> None:
    """Without DecompressionStream, as on iPhones before iOS 16.4, all is there too."""
    with phone.opened(chromium, playwright, "about:blank", "iPhone 13") as page:
        page.add_init_script("delete window.DecompressionStream")
        page.goto(played)
        phone.press_sample(page)
        assert page.evaluate("'DecompressionStream' in window") is False
        assert phone.shown(page) == pytest.approx(nearest_frame(0.92), abs=1e-3)
        phone.touch_chart(page, 0.8)
        page.wait_for_timeout(1000)
        assert phone.shown(page) == pytest.approx(phone.moment(page), abs=0.02)


def test_long_set(chromium: Browser, playwright: Playwright, played: str, tmp_path: Path) -> None:
    """With 14 reps each flag can be touched, and one rep can be looked at alone."""
    film = tmp_path / "long.mp4"
    film.write_text("scene: long")
    with phone.opened(chromium, playwright, played, "iPhone 13") as page:
        page.locator("input[type=file]").set_input_files(str(film), timeout=60_000)
        phone.wait_result(page)
        phone.wait_film(page)
        flags = page.locator(".flags button")
        lefts = [f.bounding_box() for f in flags.all()]
        middles = sorted(box["x"] for box in lefts if box is not None)
        assert len(middles) == made_up.LONG_REPS
        assert min(b - a for a, b in itertools.pairwise(middles)) >= 20
        page.get_by_role("button", name="Stretch the timeline to one rep").tap()
        kinds = flags.evaluate_all("all => all.map(e => e.dataset.kind)")
        assert kinds == ["onset", "bottom", "release"]
        page.get_by_role("button", name="All reps under each other").tap()
        tiles = page.locator(".tile")
        expect(tiles).to_have_count(4 * made_up.LONG_REPS)
        columns = {round(box["x"]) for t in tiles.all() if (box := t.bounding_box())}
        assert len(columns) == 4
        phone.assert_fits(page)


def test_three_answers_without_scrolling(page: Page) -> None:
    """Is it a wink, where does it start, what now: all in sight on a small phone."""
    # Not the window: the app scrolls in a part of its own, which stays where the sample was
    # pressed if its answer comes at once.
    page.locator(".stMain").evaluate("part => part.scrollTo(0, 0)")
    high = page.viewport_size["height"] if page.viewport_size else 0
    for text in ("Butt wink", "starting 8° below parallel", "Stop at 3° below parallel"):
        element = page.get_by_text(text).first
        expect(element).to_be_in_viewport(ratio=1)
        box = element.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 0.7 * high


def test_slow_line_shows_the_verdict_before_the_film(
    chromium: Browser, playwright: Playwright, played: str
) -> None:
    """With one bar of signal (400 kbit/s) the answer is there before the film has come."""
    command = [sys.executable, "-m", "tests.browser.slow_line", str(urlparse(played).port)]
    with subprocess.Popen(command, cwd=jobs.PROJECT, stdout=subprocess.PIPE, text=True) as line:
        try:
            assert line.stdout is not None
            address = f"http://127.0.0.1:{line.stdout.readline().strip()}"
            with phone.opened(chromium, playwright, address, "iPhone 13") as page:
                _on_a_slow_line(page, line)
        finally:
            line.kill()


def _on_a_slow_line(page: Page, line: "subprocess.Popen[str]") -> None:
    sample = page.get_by_role("button", name="Try the sample clip")
    expect(sample).to_be_visible(timeout=60_000)
    page.wait_for_timeout(1000)
    line.send_signal(signal.SIGUSR1)
    started = time.monotonic()
    sample.tap()
    heading = page.get_by_role("heading", name="Your lower back tucks under")
    expect(heading).to_be_visible(timeout=60_000)
    verdict_s = time.monotonic() - started
    assert page.evaluate("window.twoBowlsFilms?.size ?? 0") == 0
    page.wait_for_function("window.twoBowlsFilms?.size === 1", timeout=120_000)
    film_s = time.monotonic() - started
    print(f"400 kbit/s: verdict after {verdict_s:.1f} s, film after {film_s:.1f} s")  # noqa: T201
    assert verdict_s < film_s
    line.send_signal(signal.SIGUSR1)
    phone.wait_film(page)
