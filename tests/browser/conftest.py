"""The real server and Debian's chromium at the size of a phone."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from pages.shared import jobs
from tests.browser.films import enlarge_sample

CHROMIUM = Path("/usr/bin/chromium")
ARTEFACTS = jobs.PROJECT / "artefacts"

# A browser in a container, which calls nobody at home.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_START_S = 60.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, pose_model: Path) -> Iterator[str]:
    """Start the app as a host does and return its address."""
    yield from _serve(tmp_path_factory.mktemp("server"), ["streamlit", "run", "app.py"])


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the app with a made-up analysis behind it and return its address."""
    # Scenes that hang do so for as long as the tests of a file take.
    patience = {"AT_ONCE": "2", "JOB_S": "7200", "JOB_SILENT_S": "7200"}
    yield from _serve(tmp_path_factory.mktemp("played"), ["tests.browser.play"], **patience)


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[str]:
    """Start one more such server, which analyses one film at a time."""
    yield from _serve(tmp_path / "narrow", ["tests.browser.play"], AT_ONCE="1")


def _serve(folder: Path, module: list[str], **settings: str) -> Iterator[str]:
    folder.mkdir(exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "log.txt"
    command = [sys.executable, "-m", *module]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    # Films and results go below the test's own folder, where their end can be seen.
    env = {**os.environ, "TMPDIR": str(folder), "TWO_BOWLS_DATA": str(folder / "data")}
    env |= {f"TWO_BOWLS_{name}": value for name, value in settings.items()}
    with log.open("wb") as out:
        child = subprocess.Popen(command, cwd=jobs.PROJECT, stdout=out, stderr=out, env=env)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_up(address, child)
        yield address
    finally:
        child.terminate()
        child.wait(timeout=30)
    said = log.read_text()
    assert "Traceback" not in said, said
    assert " ERROR " not in said, said
    assert not list(folder.rglob("film")), "films were left behind"
    ids = [path.name for path in (folder / "data" / "results").glob("*")]
    assert not [name for name in ids if name in said], "the log opens a result"


def _wait_until_up(address: str, child: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + _START_S
    while time.monotonic() < ends:
        assert child.poll() is None, "the server has ended"
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail("the server does not answer")


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Start the driver; for one file of tests only, since it holds an event loop."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Start the browser, or skip where there is none (but never under CI=true)."""
    if not CHROMIUM.is_file():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{CHROMIUM} is missing")
        pytest.skip(f"{CHROMIUM} is missing")
    browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def large_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enlarge the sample to what a phone records: 1080 x 1920 and about 4 MB."""
    path = tmp_path_factory.mktemp("film") / "large.mp4"
    enlarge_sample(path, length_s=5.3, bit_rate=6_300_000)
    assert 3e6 < path.stat().st_size < 6e6
    return path
