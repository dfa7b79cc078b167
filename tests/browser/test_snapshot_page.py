"""The page of photos on a phone: a photo in, a point dragged, the other side, the camera."""

import re
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from tests.browser import phone
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.photos import LUNGE

pytestmark = [pytest.mark.browser, pytest.mark.model]

DEVICE = "iPhone 13"
MEASURE_MS = 120_000


def to_snapshot(page: Page) -> None:
    """Go to the page of photos as a visitor does."""
    page.get_by_role("link", name="Test your ankles").tap(timeout=60_000)
    expect(page.get_by_text("heel down").first).to_be_visible(timeout=60_000)


def send(page: Page, path: Path) -> None:
    """Choose a photo in the phone's gallery and wait for the figures."""
    page.locator("input[type=file]").first.set_input_files(str(path))
    wait_figures(page)


def wait_figures(page: Page) -> None:
    """Wait until the photo with its points is there."""
    expect(page.locator(".marker .stage[data-ready]")).to_be_visible(timeout=MEASURE_MS)
    expect(page.locator(".marker .told")).to_contain_text("Ankle", timeout=MEASURE_MS)


def told(page: Page) -> int:
    """Degrees under the picture, which follow the finger."""
    found = re.match(r"Ankle (-?\d+)°", page.locator(".marker .told").inner_text())
    assert found
    return int(found[1])


def handle(page: Page, name: str) -> Locator:
    """Find a point on the picture."""
    return page.locator(f".marker [data-name={name}] .ring")


def drag(page: Page, name: str, dx: float, dy: float) -> None:
    """Drag a point by so many pixels of the page."""
    ring = handle(page, name)
    ring.scroll_into_view_if_needed()
    box = ring.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(x + dx * step / 8, y + dy * step / 8)
    expect(page.locator(".marker .loupe")).to_be_visible()
    page.mouse.up()
    expect(page.locator(".marker .loupe")).to_be_hidden()


def mirrored(folder: Path) -> Path:
    """Make a photo of the other leg: the same one in a mirror."""
    from PIL import Image, ImageOps

    path = folder / "mirrored.jpg"
    ImageOps.mirror(Image.open(LUNGE)).save(path, quality=92)
    return path


def test_a_photo_points_the_other_side_and_the_result(
    chromium: Browser, playwright: Playwright, server: str, tmp_path: Path
) -> None:
    """The whole ankle test at phone size."""
    with phone.opened(chromium, playwright, server, DEVICE) as page:
        to_snapshot(page)
        phone.assert_fits(page)
        phone.shoot(page, "snapshot-empty")
        send(page, LUNGE)
        phone.assert_fits(page)
        before = told(page)
        facing = -1 if handle_x(page, "toe") < handle_x(page, "heel") else 1
        drag(page, "knee", 25 * facing, 0)
        after = told(page)
        assert after > before + 2, "the figures do not follow the finger"
        # Python says the same as the browser, once it has heard of it.
        expect(page.get_by_role("heading", name=f"{after} ±")).to_be_visible(timeout=60_000)
        phone.shoot(page, "snapshot-dragged")
        # Loaded again, as phones do, the point is where the finger has put it.
        page.reload()
        wait_figures(page)
        expect(page.get_by_role("heading", name=f"{after} ±")).to_be_visible(timeout=60_000)
        assert abs(told(page) - after) <= 1
        send_second(page, mirrored(tmp_path))
        table = page.get_by_role("table", name="Best try of each leg")
        expect(table).to_contain_text("Left")
        expect(page.get_by_text(re.compile("alike|bends further"))).to_be_visible(timeout=60_000)
        phone.assert_fits(page)
        phone.shoot(page, "snapshot-both")
        page.get_by_role("button", name="Delete all photos").tap()
        expect(page.locator(".marker")).to_have_count(0, timeout=60_000)


def handle_x(page: Page, name: str) -> float:
    """Place of a point across the page."""
    box = handle(page, name).bounding_box()
    assert box is not None
    return box["x"]


def send_second(page: Page, path: Path) -> None:
    """Send one more photo and wait until it has been measured."""
    address = page.url
    page.locator("input[type=file]").first.set_input_files(str(path))
    page.wait_for_function("old => location.href !== old", arg=address, timeout=MEASURE_MS)
    wait_figures(page)


@pytest.fixture
def filmed(tmp_path: Path, playwright: Playwright) -> Iterator[Browser]:
    """Start a browser whose camera shows the lunge for ever."""
    film = tmp_path / "camera.mjpeg"
    with av.open(str(film), "w", format="mjpeg") as target:
        from PIL import Image

        picture = Image.open(LUNGE).convert("RGB")
        stream = target.add_stream("mjpeg", rate=10)
        stream.width, stream.height = picture.width // 2 * 2, picture.height // 2 * 2
        stream.pix_fmt = "yuvj420p"
        for _ in range(10):
            frame = av.VideoFrame.from_ndarray(
                np.asarray(picture)[: stream.height, : stream.width], format="rgb24"
            )
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    flags = [
        *FLAGS,
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=flags)
    yield browser
    browser.close()


def test_the_camera_of_the_page(filmed: Browser, playwright: Playwright, server: str) -> None:
    """Second choice: a photo taken in the page itself."""
    with phone.opened(filmed, playwright, server, DEVICE, permissions=["camera"]) as page:
        to_snapshot(page)
        page.get_by_text("Use the camera in this page").tap()
        page.get_by_role("button", name="Take Photo").tap(timeout=60_000)
        wait_figures(page)
        phone.assert_fits(page)
        phone.shoot(page, "snapshot-camera")
