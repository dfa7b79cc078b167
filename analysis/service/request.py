"""What a child is asked to do: one line from the server."""

import json
from dataclasses import asdict, dataclass


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
    """

    film: str
    out: str
    height_cm: float | None = None
    person: int | None = None
    memory_mb: int
    cpu_s: int

    def to_line(self) -> str:
        """Write it as one line."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def from_line(cls, line: str) -> "Request":
        """Read it from one line."""
        return cls(**json.loads(line))
