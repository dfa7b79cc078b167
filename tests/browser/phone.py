"""What the browser tests share: opening the page, fingers, counting what is sent."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlparse

from playwright.sync_api import Browser, CDPSession, Locator, Page, Playwright, WebSocket, expect

from tests.browser.conftest import ARTEFACTS

# The analysis of a few seconds of film, on two busy cores.
ANALYSIS_MS = 180_000
CLICK_MS = 20_000

# Notes the fingerprint of every picture that the film comes to show.
_WATCH = """element => {
    const video = element.querySelector('video');
    const small = document.createElement('canvas');
    [small.width, small.height] = [27, 48];
    window.seen = new Set(); window.waits = []; window.touched = null;
    const look = () => {
        const ink = small.getContext('2d', {willReadFrequently: true});
        ink.drawImage(video, 0, 0, 27, 48);
        const key = ink.getImageData(0, 0, 27, 48).data.join();
        window.seen.add(key);
        if (window.touched !== null) {
            window.waits.push(performance.now() - window.touched); window.touched = null;
        }
    };
    video.addEventListener('seeked', look);
    element.addEventListener('pointermove', () => { window.touched ??= performance.now(); }, true);
}"""


@dataclass
class Traffic:
    """Bytes over the websocket, and requests beside it, since the last look."""

    received: list[int] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def clear(self) -> None:
        """Start to count anew."""
        for part in (self.received, self.sent, self.requests):
            part.clear()

    def listen(self, page: Page) -> None:
        """Count from now on."""
        page.on("websocket", self._open)
        page.on("request", lambda request: self.requests.append(request.url))

    def _open(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda data: self.received.append(len(data)))
        socket.on("framesent", lambda data: self.sent.append(len(data)))


@contextmanager
def opened(
    chromium: Browser,
    playwright: Playwright,
    address: str,
    device: str,
    scheme: str = "light",
    **more: Any,  # noqa: ANN401  # options of a browser context
) -> Iterator[Page]:
    """Open the app on a phone and keep an eye on what the browser complains about."""
    options = {**playwright.devices[device], "color_scheme": scheme, **more}
    context = chromium.new_context(**options)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    yield page
    context.close()
    assert not errors


def press_sample(page: Page) -> None:
    """Analyse the sample and wait until the film has come."""
    page.get_by_role("button", name="Try the sample clip").click(timeout=60_000)
    wait_result(page)
    wait_film(page)


def wait_result(page: Page) -> None:
    """Wait until the whole result stands on the page."""
    expect(page.get_by_text("Keep it", exact=True)).to_be_visible(timeout=ANALYSIS_MS)


def wait_film(page: Page) -> None:
    """Wait until the film has come and shows a picture."""
    expect(scrubber(page)).to_have_attribute("data-time", re.compile("."), timeout=60_000)
    expect(scrubber(page).locator(".hint")).to_be_hidden(timeout=60_000)


def scrubber(page: Page) -> Locator:
    """Find the film with its timeline."""
    return page.locator(".scrubber")


def shown(page: Page) -> float:
    """Time of the analysed frame on show."""
    return float(scrubber(page).get_attribute("data-time") or "nan")


def moment(page: Page) -> float:
    """Time in the link."""
    return float(parse_qs(urlparse(page.url).query)["t"][0])


def wait_linked(page: Page, time_s: float) -> None:
    """Wait until the link holds a time."""
    page.wait_for_function(
        "time => Math.abs(new URLSearchParams(location.search).get('t') - time) < 0.011",
        arg=time_s,
        timeout=CLICK_MS,
    )


def watch(page: Page) -> None:
    """Begin to note pictures and waits."""
    scrubber(page).evaluate(_WATCH)


def drag(page: Page, cdp: CDPSession, *, steps: int = 60, pause_ms: int = 25) -> None:
    """Draw a finger over the whole timeline and leave it there; `lift` ends it."""
    line = page.locator(".line")
    line.scroll_into_view_if_needed()
    box = line.bounding_box()
    assert box is not None
    y = box["y"] + 0.7 * box["height"]
    places = [box["x"] + 9 + (box["width"] - 18) * k / steps for k in range(steps + 1)]
    touch(cdp, "touchStart", places[0], y)
    for x in places:
        touch(cdp, "touchMove", x, y)
        page.wait_for_timeout(pause_ms)


def touch(cdp: CDPSession, kind: str, x: float = 0, y: float = 0) -> None:
    """Send one event of a finger."""
    points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
    cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def pinch(page: Page, cdp: CDPSession, *, apart_px: tuple[float, float]) -> None:
    """Draw two fingers on the film from one distance to another, and lift them."""
    stage = page.locator(".stage")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    first, last = apart_px
    for step in range(11):
        half = (first + (last - first) * step / 10) / 2
        points = [{"x": x - half, "y": y, "id": 0}, {"x": x + half, "y": y, "id": 1}]
        kind = "touchMove" if step else "touchStart"
        cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(20)
    touch(cdp, "touchEnd")


def touch_chart(page: Page, share: float) -> None:
    """Touch the time chart at a share of its width, and wait for the link to change."""
    chart = page.locator(".stVegaLiteChart").first
    chart.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    box = chart.bounding_box()
    assert box is not None
    before = page.url
    page.touchscreen.tap(box["x"] + share * box["width"], box["y"] + 0.8 * box["height"])
    page.wait_for_function("before => location.href !== before", arg=before, timeout=CLICK_MS)


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
    before = page.viewport_size
    assert before is not None
    height = page.evaluate(
        "Math.max(...[...document.querySelectorAll('*')].map(e => e.scrollHeight))"
    )
    page.set_viewport_size({"width": before["width"], "height": min(int(height), 6000)})
    page.wait_for_timeout(900)
    page.screenshot(path=ARTEFACTS / f"{name}.png")
    page.set_viewport_size(before)
