"""Time from a finger's touch to the picture, while the timeline is dragged.

    python -m tests.benchmarks.scrub ADDRESS

Needs Debian's chromium and a running app (``streamlit run app.py``). Analyses the
sample, drags a finger over the whole timeline on a phone's screen and prints how many
different pictures came and the median wait. The aim is under 100 ms.
"""

import statistics
import sys

from playwright.sync_api import sync_playwright

from tests.browser import phone
from tests.browser.conftest import CHROMIUM


def main() -> None:
    """Measure and print."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        with phone.opened(browser, driver, sys.argv[1], "iPhone 13") as page:
            phone.press_sample(page)
            cdp = page.context.new_cdp_session(page)
            phone.watch(page)
            phone.drag(page, cdp, steps=120)
            phone.touch(cdp, "touchEnd")
            waits = page.evaluate("window.waits")
            pictures = page.evaluate("window.seen.size")
        browser.close()
    slowest = sorted(waits)[int(0.95 * len(waits))]
    print(f"{pictures} pictures, median {statistics.median(waits):.0f} ms, 95 % {slowest:.0f} ms")


if __name__ == "__main__":
    main()
