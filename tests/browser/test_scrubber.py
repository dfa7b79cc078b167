"""The scrubber under a finger: no server between, flags that snap, little to send."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

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


def test_three_answers_without_scrolling(page: Page) -> None:
    """Is it a wink, where does it start, what now: all in sight on a small phone."""
    page.evaluate("window.scrollTo(0, 0)")
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
