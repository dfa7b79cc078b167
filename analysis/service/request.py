"""What a child is asked to do: one line from the server."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoTask:
    """What is to be measured in a photo.

    Attributes
    ----------
    kind : {"ankle", "still"}
    side : {"left", "right"}, optional
        The leg that is tested.
    standing_at : int, optional
        Where in the upload a second photo begins, of the lifter standing; bytes.
    """

    kind: Literal["ankle", "still"]
    side: Literal["left", "right"] | None = None
    standing_at: int | None = None

    @classmethod
    def from_raw(cls, raw: object) -> "PhotoTask | None":
        """Read a task back; None stays None.

        Raises
        ------
        ValueError
            If that is no task.
        """
        if raw is None:
            return None
        if not isinstance(raw, dict):
            raise ValueError(f"expected a task, got {type(raw).__name__}")
        at = raw.get("standing_at")
        is_place = at is None or (type(at) is int and at > 0)
        kind, side = raw.get("kind"), raw.get("side")
        if kind not in ("ankle", "still") or side not in ("left", "right", None) or not is_place:
            raise ValueError("expected the task of a photo")
        return cls(kind=kind, side=side, standing_at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a child is to do, and what it may use.

    Attributes
    ----------
    film : str
        Path of the film.
    out : str
        Folder for the results; nothing else is written.
    height_cm, person : optional
        As on the command line.
    photo : PhotoTask, optional
        Given if it is a photo and no film.
    memory_mb : int
        On top of what the process at rest uses.
    cpu_s : int
        Seconds of computing, on all cores together.
    """

    film: str
    out: str
    height_cm: float | None = None
    person: int | None = None
    photo: PhotoTask | None = None
    memory_mb: int
    cpu_s: int

    def to_line(self) -> str:
        """Write it as one line."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def from_line(cls, line: str) -> "Request":
        """Read it from one line."""
        raw: dict[str, Any] = json.loads(line)
        return cls(**{**raw, "photo": PhotoTask.from_raw(raw.get("photo"))})
