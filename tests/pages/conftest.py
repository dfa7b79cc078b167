"""A page whose analysis is played by `made_up.py`, in a temporary place of its own."""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import folders, jobs

MADE_UP = Path(__file__).with_name("made_up.py")
APP = jobs.PROJECT / "app.py"

Play = Callable[[str], None]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Temporary place that the server's private folder is made in."""
    folders.close()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path
    for job in list(jobs._jobs.values()):
        jobs.discard(job)
    folders.close()


@pytest.fixture
def play(place: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Choose the scene that the child process plays."""
    real = jobs.command_for

    def choose(scene: str) -> None:
        def command(job: jobs.Job) -> list[str]:
            arguments = real(job)
            after = arguments.index("analysis") + 1
            return [sys.executable, str(MADE_UP), scene, *arguments[after:]]

        monkeypatch.setattr(jobs, "command_for", command)

    return choose


@pytest.fixture
def page(place: Path) -> AppTest:
    """Open the page for the first time."""
    return AppTest.from_file(str(APP), default_timeout=30).run()


def run_until_over(page: AppTest) -> AppTest:
    """Run the page again and again, as its timer does, until the analysis has ended."""
    ends = time.monotonic() + 30
    while any(button.key == "stop_job" for button in page.button):
        assert time.monotonic() < ends, "the analysis does not end"
        time.sleep(0.05)
        page.run()
    return page


def wait_over(job: jobs.Job) -> None:
    """Wait until a job has ended and its film has been dealt with."""
    ends = time.monotonic() + 30
    while not job.is_over or (job.process is not None and job.process.poll() is None):
        assert time.monotonic() < ends, "the job does not end"
        time.sleep(0.02)
    time.sleep(0.1)
