"""One child process per film: start it, follow it, stop it, forget it.

The analysis never runs inside the page, so that a crash in a film decoder ends
one child and not the server. Jobs live outside Streamlit's sessions and are found
by their secret id: a phone that drops its connection, or a page that is loaded
again, finds its result. Everything of a job is deleted ``KEEP_S`` after it ended.
"""

import contextlib
import json
import logging
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from pages.shared import folders

_log = logging.getLogger(__name__)

PROJECT = Path(__file__).resolve().parents[2]

# Seconds that a result (and a film still needed) is kept after the job ended.
KEEP_S = 30 * 60.0
# Seconds after which a job is ended by force; a 90 s film takes well under a tenth.
LONGEST_S = 10 * 60.0
# Films analysed at once: each takes two cores and about half a gigabyte.
AT_ONCE = 2

FILM = "film"
REPORT = "report.json"
FRAMES = "frames.csv"
OVERLAY = "overlay.npz"
PREVIEW = "preview.mp4"
FIRST = "first.json"

_COPY_BYTES = 1 << 20
_LINE_CHARS = 300
_TAIL_CHARS = 2000


class State(StrEnum):
    """Where a job stands; all but the first two are ends."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    NOTHING = "nothing"  # readable, but nothing usable in it
    REFUSED = "refused"  # unreadable or over a limit
    MISSING = "missing"  # the model or a library is missing
    CRASHED = "crashed"
    LATE = "late"
    STOPPED = "stopped"


_BY_EXIT_CODE = {0: State.DONE, 2: State.REFUSED, 3: State.NOTHING, 4: State.MISSING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the child says it is; ``left_s`` is None while it cannot tell."""

    stage: str = "open"
    done: float = 0.0
    left_s: float | None = None


@dataclass(slots=True, kw_only=True)
class Job:
    """One film on its way from upload to result."""

    folder: Path
    film: Path
    owns_film: bool
    height_cm: float | None = None
    person: int | None = None
    state: State = State.WAITING
    progress: Progress = field(default_factory=Progress)
    message: str = ""
    process: subprocess.Popen[str] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def id(self) -> str:
        """Secret name of the job, as it stands in the link."""
        return self.folder.name

    @property
    def is_over(self) -> bool:
        """Whether the child has ended, in whatever way."""
        return self.state not in (State.WAITING, State.RUNNING)

    @property
    def has_film(self) -> bool:
        """Whether the film is still there to be analysed once more."""
        return self.film.is_file()


_jobs: dict[str, Job] = {}
_slots = threading.BoundedSemaphore(AT_ONCE)


def command_for(job: Job) -> list[str]:
    """Arguments of the child process that analyses a job's film."""
    command = [sys.executable, "-m", "analysis", str(job.film)]
    command += ["-o", str(job.folder / REPORT), "--csv", str(job.folder / FRAMES)]
    command += ["--overlay", str(job.folder / OVERLAY), "--preview", str(job.folder / PREVIEW)]
    command += ["--first", str(job.folder / FIRST), "--progress"]
    if job.height_cm is not None:
        command += ["--height-cm", f"{job.height_cm:g}"]
    if job.person is not None:
        command += ["--person", str(job.person)]
    return command


def spool(source: IO[bytes]) -> Path:
    """Write an upload to a folder of its own, under a name that we choose."""
    folders.sweep()
    folder = folders.new_folder()
    source.seek(0)
    with (folder / FILM).open("wb") as target:
        while chunk := source.read(_COPY_BYTES):
            target.write(chunk)
    return folder


def start(
    film: Path,
    *,
    folder: Path | None = None,
    height_cm: float | None = None,
    person: int | None = None,
    tidy: Callable[[Job], bool] = lambda job: True,
) -> Job:
    """Analyse a film in a child process of its own.

    Parameters
    ----------
    film : Path
        What to analyse.
    folder : Path, optional
        Where the film was spooled to; it is the job's from now on. Without it
        the film is not ours and is never deleted.
    height_cm, person : optional
        Body height, and which of the people seen, counted from 1.
    tidy : callable
        Asked when the job has ended well: may the uploaded film be deleted?
    """
    owns_film = folder is not None
    if folder is None:
        folders.sweep()
        folder = folders.new_folder()
    job = Job(folder=folder, film=film, owns_film=owns_film, height_cm=height_cm, person=person)
    _jobs[job.id] = job
    threading.Thread(target=_follow, args=(job, tidy), daemon=True, name="film-job").start()
    return job


def again(job: Job, *, person: int | None, tidy: Callable[[Job], bool]) -> Job:
    """Analyse the same film once more, for another person or after a crash."""
    folder: Path | None = None
    film = job.film
    if job.owns_film:
        folder = folders.new_folder()
        film = job.film.replace(folder / FILM)
    fresh = start(film, folder=folder, height_cm=job.height_cm, person=person, tidy=tidy)
    discard(job)
    return fresh


def find(job_id: str | None) -> Job | None:
    """Job of this id, or None if there is none (any more)."""
    return _jobs.get(job_id) if job_id else None


def stop(job: Job) -> None:
    """End the child, with everything that it started itself."""
    with job.lock:
        if not job.is_over:
            job.state = State.STOPPED
        _kill(job)


def discard(job: Job) -> None:
    """Stop a job and delete all that belongs to it."""
    stop(job)
    _jobs.pop(job.id, None)
    folders.remove(job.folder)


def _kill(job: Job) -> None:
    if job.process is not None and job.process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(job.process.pid, signal.SIGKILL)


def _follow(job: Job, tidy: Callable[[Job], bool]) -> None:
    """Run the child from start to end; the body of the job's thread."""
    try:
        with _slots:
            _run(job)
        may_delete = job.state in (State.REFUSED, State.STOPPED) or (
            job.state in (State.DONE, State.NOTHING) and tidy(job)
        )
        if job.owns_film and may_delete:
            job.film.unlink(missing_ok=True)
    except Exception:
        # Whatever it was must end as a state of the job: nobody else would see it.
        _log.exception("a job could not be run")
        job.state = State.CRASHED
    last_call = threading.Timer(KEEP_S, discard, args=(job,))
    last_call.daemon = True
    last_call.start()


def _run(job: Job) -> None:
    complaint = job.folder / "stderr.txt"
    with job.lock:
        if job.is_over:  # stopped while it waited
            return
        job.process = _spawn(job, complaint)
        job.state = State.RUNNING
    ends = time.monotonic() + LONGEST_S
    watchdog = threading.Timer(LONGEST_S, _kill, args=(job,))
    watchdog.daemon = True
    watchdog.start()
    try:
        _read_progress(job)
        code = job.process.wait()
    finally:
        watchdog.cancel()
    with job.lock:
        if job.state is State.RUNNING:
            late = code < 0 and time.monotonic() >= ends
            job.state = State.LATE if late else _BY_EXIT_CODE.get(code, State.CRASHED)
    if job.state in (State.REFUSED, State.NOTHING, State.MISSING):
        job.message = last_sentence(complaint)
    if job.state is State.CRASHED:
        # The child knows no name but those we gave, so that this tells nothing of the visitor.
        _log.warning("the analysis ended with code %d: %s", code, _tail(complaint))


def _spawn(job: Job, complaint: Path) -> subprocess.Popen[str]:
    with complaint.open("wb") as stderr:
        return subprocess.Popen(
            command_for(job),
            cwd=PROJECT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,  # a process group of its own, to stop as one
            text=True,
            encoding="utf-8",
            errors="replace",
        )


def _read_progress(job: Job) -> None:
    assert job.process is not None
    assert job.process.stdout is not None
    with job.process.stdout as lines:
        for line in lines:
            step = parse_progress(line)
            if step is not None:
                job.progress = step


def parse_progress(line: str) -> Progress | None:
    """Read one line of the child's standard output; None if it is no progress."""
    try:
        step: Any = json.loads(line)
        done, left = float(step["done"]), step.get("left_s")
        left_s = None if left is None else max(0.0, float(left))
        stage = str(step["stage"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    if not math.isfinite(done) or (left_s is not None and not math.isfinite(left_s)):
        return None
    return Progress(stage=stage, done=min(max(done, 0.0), 1.0), left_s=left_s)


def _tail(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")[-_TAIL_CHARS:]


def last_sentence(path: Path) -> str:
    """Last line on standard error: ours, behind what the libraries wrote there."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    said = [line.strip() for line in lines if line.strip()]
    return said[-1][:_LINE_CHARS] if said else ""
