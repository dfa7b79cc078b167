"""Time from the end of an upload to the first picture and to the film check.

    python -m tests.benchmarks.first_look ADDRESS

Needs Debian's chromium and a running app (``streamlit run app.py``). Uploads a film of
ten seconds (1080 x 1920, 16 Mbit/s) three times, stops each analysis as soon as both
have come, and prints the waits beside the load of the machine. The aim is under 2 s
on a free machine.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.browser import phone
from tests.browser.conftest import CHROMIUM
from tests.browser.films import enlarge_sample

_TIMES = 3


def waits_s(browser: Browser, driver: Playwright, address: str, film: Path) -> tuple[float, float]:
    """Upload once; return the seconds to the picture and to the film check."""
    with phone.opened(browser, driver, address, "iPhone 13") as page:
        field = page.locator("input[type=file]")
        field.wait_for(state="attached", timeout=60_000)
        page.wait_for_timeout(1000)
        with page.expect_request_finished(lambda sent: "upload_file" in sent.url):
            field.set_input_files(str(film))
        ended = time.monotonic()
        page.get_by_alt_text("The first picture of your film").wait_for(timeout=60_000)
        picture = time.monotonic()
        page.get_by_text("Found in the picture.").wait_for(timeout=60_000)
        check = time.monotonic()
        page.get_by_role("button", name="Stop").tap()
        page.get_by_text("The analysis was stopped.").wait_for(timeout=60_000)
    return picture - ended, check - ended


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        film = enlarge_sample(Path(folder) / "ten.mp4", length_s=10.0, bit_rate=16_000_000)
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        waits = [waits_s(browser, driver, sys.argv[1], film) for _ in range(_TIMES)]
        browser.close()
    pictures, checks = zip(*waits, strict=True)
    print(
        f"first picture after {statistics.median(pictures):.1f} s, film check after "
        f"{statistics.median(checks):.1f} s (medians of {_TIMES}; "
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores)"
    )


if __name__ == "__main__":
    main()
