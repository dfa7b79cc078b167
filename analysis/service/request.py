"""What a child is asked to do: one line from the server."""

import json
from dataclasses import asdict, dataclass
from typing import Any


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
    memory_mb : int
        On top of what the process at rest uses.
    cpu_s : int
        Seconds of computing, on all cores together.
    clip : dict, optional
        If the film is the preview of an earlier result: what that says of the film as
        it was uploaded, to be said again. No other preview is made then.
    """

    film: str
    out: str
    height_cm: float | None = None
    person: int | None = None
    memory_mb: int
    cpu_s: int
    clip: dict[str, Any] | None = None

    def to_line(self) -> str:
        """Write it as one line."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def from_line(cls, line: str) -> "Request":
        """Read it from one line."""
        return cls(**json.loads(line))
