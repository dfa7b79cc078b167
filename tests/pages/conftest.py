"""A page whose analysis is played by `made_up.py`, in a temporary place of its own."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import jobs
from tests.pages import made_up

PLAYED = (sys.executable, "-m", "tests.pages.made_up")
APP = jobs.PROJECT / "app.py"

Play = Callable[[str], None]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Folder of films and results of a server of its own, whose children play scenes."""
    jobs.close()
    monkeypatch.setenv("TWO_BOWLS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TWO_BOWLS_GRACE_S", "0")
    monkeypatch.setattr(jobs, "WORKER", [*PLAYED, str(tmp_path / "scene")])
    yield tmp_path
    jobs.close()


@pytest.fixture
def play(place: Path) -> Play:
    """Choose the scene that the child processes play."""

    def choose(scene: str) -> None:
        assert scene in made_up.SCENES
        (place / "scene").write_text(scene)

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
    while not job.is_over:
        assert time.monotonic() < ends, "the job does not end"
        time.sleep(0.02)
