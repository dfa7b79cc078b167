"""The whole experiment on a phone: two clips, labels, compare, save, come back, share, delete."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from analysis import keepfile
from tests.browser import phone

pytestmark = pytest.mark.browser

EVIL = "<img src=x onerror=alert(1)>"


def measure(page: Page, scene: str, folder: Path, *, stance: str, shoes: str = "") -> None:
    """Say what is special about a set, upload its film and wait for the result."""
    page.get_by_text("About this set").tap(timeout=60_000)
    stances = page.locator("[data-testid=stButtonGroup]", has_text="Toes out")
    stances.get_by_text(stance, exact=True).tap(timeout=phone.CLICK_MS)
    page.get_by_label("Shoes").fill(shoes)
    page.get_by_label("Shoes").press("Enter")
    page.wait_for_timeout(800)
    film = folder / f"{scene}.mp4"
    film.write_text(f"scene: {scene}")
    page.locator("input[type=file]").first.set_input_files(str(film), timeout=60_000)
    phone.wait_result(page)


def save(page: Page, name: str, folder: Path) -> Path:
    """Press a button that saves, and keep what comes."""
    with page.expect_download(timeout=60_000) as coming:
        page.get_by_role("button", name=name, exact=True).first.tap()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


def no_script(page: Page) -> None:
    """Notice if anything of a label is run."""
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))


def test_the_whole_experiment(
    chromium: Browser, playwright: Playwright, played: str, tmp_path: Path
) -> None:
    """At phone size, from the first film to a link that is gone."""
    size = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 1}
    with phone.opened(chromium, playwright, played, "iPhone 13", **size) as page:
        no_script(page)
        measure(page, "wink", tmp_path, stance="Usual", shoes=EVIL)
        page.get_by_role("button", name="Delete this and analyse").wait_for()
        compare_two(page, tmp_path)
        saved = save_all(page, tmp_path)
        link = share(page)
        come_back(chromium, playwright, f"{played}/Compare", saved)
        look_and_lose(chromium, playwright, page, link)


def compare_two(page: Page, folder: Path) -> None:
    """Measure the second clip, by way of the first page, and see both beside each other."""
    page.get_by_role("link", name="Compare two clips").first.tap(timeout=phone.CLICK_MS)
    expect(page.get_by_text("One clip is here")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("An example", exact=True)).to_be_visible()
    page.get_by_role("link", name="Measure a clip").first.tap(timeout=phone.CLICK_MS)
    another = page.get_by_role("button", name="Analyse another film", exact=True)
    another.tap(timeout=60_000)
    measure(page, "none", folder, stance="Toes out")
    page.get_by_role("link", name="Compare two clips").first.tap(timeout=phone.CLICK_MS)
    told = page.get_by_text("In the usual stance the lower back tucks under; with toes out it")
    expect(told.first).to_be_visible(timeout=60_000)
    expect(page.locator(".stVegaLiteChart").first).to_be_visible()
    expect(page.locator("img[alt^='Clip A']")).to_be_visible()
    expect(page.locator("img[alt^='Clip B']")).to_be_visible()
    phone.assert_fits(page)
    phone.shoot(page, "compare-390")


def save_all(page: Page, folder: Path) -> list[Path]:
    """One file of one clip, and a zip of both."""
    page.locator("[data-testid=stExpander]", has_text="Toes out").first.locator("summary").tap()
    single = save(page, "Save", folder)
    both = save(page, "Save all (zip)", folder)
    assert single.suffix == ".json"
    assert single.stat().st_size < keepfile.MOST_BYTES
    assert len(keepfile.read_all(single.read_bytes())) == 1
    assert len(keepfile.read_all(both.read_bytes())) == 2
    return [both]


def come_back(chromium: Browser, playwright: Playwright, address: str, files: list[Path]) -> None:
    """Load the files a month later, in another browser, which has nothing else."""
    with phone.opened(chromium, playwright, address, "Pixel 7", "dark") as page:
        no_script(page)
        expect(page.get_by_text("An example", exact=True)).to_be_visible(timeout=60_000)
        field = page.locator("input[type=file]").first
        field.set_input_files([str(path) for path in files], timeout=60_000)
        told = page.get_by_text("In the usual stance the lower back tucks under; with toes out it")
        expect(told.first).to_be_visible(timeout=60_000)
        expect(page.get_by_text("An example", exact=True)).to_be_hidden()
        expect(page.get_by_text(EVIL).first).to_be_visible()
        phone.assert_fits(page)
        phone.shoot(page, "compare-loaded-dark")


def share(page: Page) -> str:
    """Make a link for the result on the first page."""
    page.get_by_role("link", name="Measure a clip").first.tap(timeout=phone.CLICK_MS)
    page.get_by_role("button", name="Make a link").tap(timeout=60_000)
    expect(page.get_by_role("img", name="QR code of the link")).to_be_visible(timeout=60_000)
    phone.assert_fits(page)
    link = page.locator("code").first.inner_text()
    assert "/Shared?id=" in link
    return link


def look_and_lose(chromium: Browser, playwright: Playwright, page: Page, link: str) -> None:
    """Another phone without cookies sees it until the maker deletes it."""
    with phone.opened(chromium, playwright, link, "Pixel 7") as other:
        expect(other.get_by_role("heading", level=1)).to_contain_text(
            "No wink that this film can show", timeout=60_000
        )
        phone.wait_film(other)
        assert other.context.cookies() == [] or "job" not in str(other.context.cookies())
        for name in ("Delete", "Upload", "Make a link", "Save"):
            expect(other.get_by_role("button", name=name)).to_have_count(0)
        phone.assert_fits(other)
        phone.shoot(other, "shared-pixel-7")
        page.get_by_role("button", name="Delete the link", exact=True).tap()
        expect(page.get_by_role("button", name="Make a link")).to_be_visible(timeout=60_000)
        # Off the screen that shows it, without a touch there.
        expect(other.get_by_text("There is nothing at this address")).to_be_visible(timeout=60_000)
    with phone.opened(chromium, playwright, link, "Pixel 7") as late:
        expect(late.get_by_text("There is nothing at this address")).to_be_visible(timeout=60_000)
