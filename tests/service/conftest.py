"""A runner of its own in a temporary place, whose children play scenes."""

import io
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from analysis.service.errand import Attendant
from analysis.service.job import Job, State
from analysis.service.runner import Runner
from analysis.service.settings import Settings

PLAYED = (sys.executable, "-m", "tests.pages.made_up", "no file")
# On a busy machine a played child takes a second to start.
LONG_S = 20.0

Serve = Callable[..., Runner]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start runners, all on one folder, and close them at the end."""
    runners = []

    def start(*, command: Any = PLAYED, clock: Any = time.time, **given: Any) -> Runner:  # noqa: ANN401
        settings = Settings(data=tmp_path / "data", **{"grace_s": 0, **given})
        runner = Runner(settings, command=command, clock=clock)
        runner.open()
        runners.append(runner)
        return runner

    yield start
    for runner in runners:
        runner.close()


def send(runner: Runner, scene: str, **given: Any) -> Job:  # noqa: ANN401
    """Upload a film that names its scene."""
    return runner.submit(upload=io.BytesIO(f"scene: {scene}".encode()), **given)


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + LONG_S
    while not condition():
        assert time.monotonic() < ends, "it does not happen"
        time.sleep(0.01)


def wait_over(runner: Runner, job: Job) -> State:
    """Wait until a job is over and its child has been let go; return how it ended."""
    wait_for(lambda: job.is_over and not runner.dispatcher.has(job.id))
    return job.state


def child_pid(runner: Runner, job: Job) -> int:
    """Process that analyses a job."""
    wait_for(lambda: runner.dispatcher.work_on(job.id) is not None)
    work = runner.dispatcher.work_on(job.id)
    assert isinstance(work, Attendant)
    return work.child.pid


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie waits for its parent, but runs no more."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def left_behind(folder: Path) -> list[str]:
    """Names of the files below a spool that are there for a job."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.name != ".lock" and path.is_file()
    )
