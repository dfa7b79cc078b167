"""What a visitor waits for on the page: a cold start, and a rerun after a click.

    python -m tests.benchmarks.page

Starts the server anew for each look, opens the page in Debian's chromium and prints the
time from the start of the process to a server that answers, and from there to a page
that takes a film (aim: under 1.5 s), beside the same for a page of Streamlit with nothing
but a field for files, which is mostly the browser's own work. Then analyses the sample,
and runs the script of its result again and again, as after a click, on the server alone
(aim: under 150 ms).
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.benchmarks.clips import ROOT

_CHROMIUM = "/usr/bin/chromium"
_PORT = 8699
_TIMES = 3
_BARE = "import streamlit as st\nst.file_uploader('film')\n"
_RERUNS = 20


def until(there: Callable[[], bool], *, limit_s: float = 120.0) -> float:
    """Wait for something and return the moment."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if there():
            return time.monotonic()
        time.sleep(0.02)
    raise TimeoutError


def answers() -> bool:
    """Whether the server says that it is well."""
    try:
        with urllib.request.urlopen(f"http://localhost:{_PORT}/_stcore/health", timeout=5) as said:
            return bool(said.status == 200)
    except OSError:
        return False


def cold(browser: Browser, app: Path) -> tuple[float, float]:
    """Start the server; return the seconds until it answers, and from there to the page."""
    command = [sys.executable, "-m", "streamlit", "run", str(app), "--server.headless", "true"]
    begin = time.monotonic()
    server = subprocess.Popen(
        [*command, "--server.port", str(_PORT)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        up = until(answers)
        page = browser.new_page()
        page.goto(f"http://localhost:{_PORT}")
        page.locator("input[type=file]").wait_for(state="attached", timeout=120_000)
        ready = time.monotonic()
        page.close()
    finally:
        server.terminate()
        server.wait()
    return up - begin, ready - up


def reruns_ms() -> list[float]:
    """Run the script of a result again and again; return the milliseconds of each."""
    from streamlit.testing.v1 import AppTest

    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300)
    at.run()
    next(b for b in at.button if b.label == "Try the sample clip").click().run()
    until(lambda: bool(at.run().get("vega_lite_chart")), limit_s=300)
    spent = []
    for _ in range(_RERUNS):
        begin = time.perf_counter()
        at.run()
        spent.append(1000 * (time.perf_counter() - begin))
    return spent


def main() -> None:
    """Measure and print."""
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(_BARE, encoding="utf-8")
        browser = driver.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        for name, app in (("app", ROOT / "app.py"), ("bare page", bare)):
            ups, readies = zip(*(cold(browser, app) for _ in range(_TIMES)), strict=True)
            print(
                f"{name}: server answers after {statistics.median(ups):.2f} s, page ready "
                f"{statistics.median(readies):.2f} s later (load {os.getloadavg()[0]:.1f})"
            )
        browser.close()
    spent = reruns_ms()
    print(f"rerun: median {statistics.median(spent):.0f} ms, slowest {max(spent):.0f} ms")
    os._exit(0)


if __name__ == "__main__":
    main()
