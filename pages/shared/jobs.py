"""The server's one runner, as the pages use it.

A job lives outside Streamlit's sessions and is found by the secret id in the link,
so that a phone that drops its connection, a page that is loaded again and a server
that was started anew all find the result. See `analysis.service`.
"""

import atexit
import gc
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, TypeAlias

from analysis.service import events
from analysis.service.job import (
    FRAMES,
    OVERLAY,
    PAGE,
    PICTURE,
    PREVIEW,
    REPORT,
    WORTH_A_RETRY,
    Job,
    Progress,
    State,
)
from analysis.service.line import BusyError, Outlook
from analysis.service.request import PhotoTask
from analysis.service.runner import Runner
from analysis.service.settings import Settings
from analysis.service.shares import Shares
from analysis.service.spool import FILM, NoRoomError
from analysis.service.store import StoreUnreachableError
from pages.shared import tabs

__all__ = [
    "FILM",
    "FRAMES",
    "OVERLAY",
    "PAGE",
    "PICTURE",
    "PREVIEW",
    "REPORT",
    "WORTH_A_RETRY",
    "BusyError",
    "Job",
    "NoRoomError",
    "Outlook",
    "PhotoTask",
    "Progress",
    "State",
    "StoreUnreachableError",
]

# A label as it stands in files; see `analysis.label`.
Said: TypeAlias = Mapping[str, Any] | None

PROJECT = Path(__file__).resolve().parents[2]

# Command of the child; None is the real one. Tests play another.
WORKER: Sequence[str] | None = None

_guard = threading.Lock()
_runner: Runner | None = None


def runner() -> Runner:
    """Return the runner of this server, made and opened at the first call.

    Raises
    ------
    SettingsError
        If the environment holds a setting that cannot be used.
    OSError
        If its folders cannot be made.
    """
    global _runner
    with _guard:
        if _runner is None:
            events.show()
            fresh = Runner(Settings.from_environment(), command=WORKER, on_gone=tabs.close)
            fresh.open()
            _runner = fresh
            # Streamlit collects garbage after each run of a page or of a part of it, and
            # looks at every object of every library for that. They are here to stay.
            gc.freeze()
        return _runner


def close() -> None:
    """Let running films finish for a while and hand the rest to the next server."""
    global _runner
    with _guard:
        if _runner is not None:
            _runner.close()
        _runner = None


atexit.register(close)


def settings() -> Settings:
    """Return what the host has set, whether the runner can work or not."""
    return Settings.from_environment() if _runner is None else _runner.settings


def why_busy(visitor: str) -> BusyError | None:
    """Tell why no film of this visit can be taken now; None if one can."""
    try:
        runner().admit(visitor)
    except BusyError as error:
        return error
    return None


def are_machines_away() -> bool:
    """Whether no film can be analysed just now, so that all wait."""
    return bool(runner().trouble)


def start(
    film: Path, *, height_cm: float | None = None, visitor: str = "", label: Said = None
) -> Job:
    """Analyse a film that came with the app."""
    return runner().submit(film, height_cm=height_cm, visitor=visitor, label=label)


def start_upload(
    upload: IO[bytes], *, height_cm: float | None = None, visitor: str = "", label: Said = None
) -> Job:
    """Analyse somebody's film; see `Runner.submit` for what may be in the way."""
    return runner().submit(upload=upload, height_cm=height_cm, visitor=visitor, label=label)


def start_photo(
    upload: IO[bytes], task: PhotoTask, *, height_cm: float | None = None, visitor: str = ""
) -> Job:
    """Measure somebody's photo, in a child process as films are."""
    return runner().submit(upload=upload, photo=task, height_cm=height_cm, visitor=visitor)


def again(job: Job, *, person: int | None = None, visitor: str = "") -> Job:
    """Analyse the same film once more, for another person or after a crash."""
    return runner().again(job, person=person, visitor=visitor)


def find(job_id: str | None) -> Job | None:
    """Job of this id, or None if there is none (any more)."""
    return runner().find(job_id)


def first_look(job: Job) -> bytes | None:
    """Return what a job that runs has told of its film so far; None if nothing."""
    return runner().keeper.first_look(job.id)


def outlook(job: Job) -> Outlook:
    """Where in line a job stands."""
    return runner().outlook(job)


def stop(job: Job) -> None:
    """End a job wherever it stands."""
    runner().stop(job.id)


def discard(job: Job) -> None:
    """Stop a job and delete all that belongs to it."""
    runner().discard(job.id)


def shares() -> Shares:
    """Results that are shown to others by a link."""
    return runner().keeper.shares


def spoil(job: Job) -> None:
    """Note that the result of a job cannot be used."""
    runner().spoil(job)
