"""One film from upload to result, and how it stands on disk."""

import json
import math
import re
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from analysis.service.request import PhotoTask

REPORT: Final = "report.json"
FRAMES: Final = "frames.csv"
OVERLAY: Final = "overlay.npz"
PREVIEW: Final = "preview.mp4"
# Of a photo: the small picture, written anew, and what the page needs beside the report.
PICTURE: Final = "photo.jpg"
PAGE: Final = "page.json"
# Written on the way, for the wait alone: it goes when the child has ended.
FIRST: Final = "first.json"
# What is kept of what a child leaves behind; anything else that lies there is not looked at.
PARTS: Final = (REPORT, FRAMES, OVERLAY, PREVIEW)
PHOTO_PARTS: Final = (REPORT, PICTURE, PAGE)


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
    TOO_LARGE = "too_large"  # more memory than one film gets
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"  # the server went down in the middle of it
    UNKEPT = "unkept"  # measured, but the result could not be written


BY_EXIT_CODE: Final = {
    0: State.DONE,
    2: State.REFUSED,
    3: State.NOTHING,
    4: State.MISSING,
    5: State.TOO_LARGE,
}
# Names and codecs that may stand in the log.
_PLAIN: Final = re.compile(r"[a-z0-9_]{1,20}")
# Ends after which the same film may well be measured in a second try.
WORTH_A_RETRY: Final = frozenset(
    {State.CRASHED, State.LATE, State.MISSING, State.INTERRUPTED, State.UNKEPT}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the child says it is; ``left_s`` is None while it cannot tell."""

    stage: str = "open"
    done: float = 0.0
    left_s: float | None = None


@dataclass(slots=True, kw_only=True)
class Job:
    """One film on its way from upload to result.

    Attributes
    ----------
    folder : Path
        In the spool while it waits and runs, in the store after it; the name is
        the job's secret id.
    film : Path
    owns_film : bool
        False for a film that came with the app: it is never deleted.
    height_cm, person : optional
        Body height, and which of the people seen, counted from 1.
    photo : PhotoTask, optional
        Given if it is a photo and no film.
    visitor : str
        The visit that asked for it; for the limit only, never on disk.
    asked_s : float
        When, in seconds since 1970.
    """

    folder: Path
    film: Path
    owns_film: bool
    height_cm: float | None = None
    person: int | None = None
    photo: PhotoTask | None = None
    visitor: str = ""
    asked_s: float = 0.0
    state: State = State.WAITING
    progress: Progress = field(default_factory=Progress)
    message: str = ""
    people: int = 1
    was_put_back: bool = False

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

    def wants_film(self, end: State) -> bool:
        """Whether somebody may want this film once more after such an end."""
        is_crowded = end is State.DONE and self.people > 1
        return self.owns_film and (end in WORTH_A_RETRY or is_crowded)

    def record(self, state: State) -> bytes:
        """Write what outlives the server, with the state that it is about to have."""
        return json.dumps(
            {
                "state": state,
                "message": self.message,
                "height_cm": self.height_cm,
                "person": self.person,
                "photo": None if self.photo is None else asdict(self.photo),
                "asked_s": self.asked_s,
                "film": None if self.owns_film else str(self.film),
            }
        ).encode()

    @classmethod
    def from_record(cls, record: bytes, *, folder: Path, film: Path) -> "Job":
        """Read a job back.

        Parameters
        ----------
        record : bytes
        folder : Path
        film : Path
            Where its film lies if it was an upload.

        Raises
        ------
        ValueError
            If that is no record of ours.
        """
        try:
            raw: dict[str, Any] = json.loads(record)
            own = raw["film"]
            return cls(
                folder=folder,
                film=film if own is None else Path(own),
                owns_film=own is None,
                height_cm=raw["height_cm"],
                person=raw["person"],
                photo=PhotoTask.from_raw(raw.get("photo")),
                asked_s=float(raw["asked_s"]),
                state=State(raw["state"]),
                message=str(raw["message"]),
            )
        except (TypeError, KeyError) as error:
            raise ValueError("expected the record of a job") from error


def parse_progress(line: str) -> Progress | None:
    """Read one line of the child's standard output; None if it is no progress."""
    step = _parsed(line)
    try:
        done, left = float(step["done"]), step.get("left_s")
        left_s = None if left is None else max(0.0, float(left))
        stage = str(step["stage"])
    except (ValueError, TypeError, KeyError):
        return None
    if not math.isfinite(done) or (left_s is not None and not math.isfinite(left_s)):
        return None
    return Progress(stage=stage, done=min(max(done, 0.0), 1.0), left_s=left_s)


def parse_facts(line: str) -> dict[str, str | int]:
    """Read what the child says about the film, such as its codec; plain short values only."""
    facts = _parsed(line).get("facts")
    if not isinstance(facts, dict):
        return {}
    return {
        key: value
        for key, value in facts.items()
        if _PLAIN.fullmatch(key) and (type(value) is int or _PLAIN.fullmatch(str(value)))
    }


def _parsed(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
