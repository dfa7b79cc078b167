"""The line of films: who may join it, and what somebody in it wants to know."""

import math
import statistics
from collections import deque
from dataclasses import dataclass
from typing import Final

from analysis.service.job import Job
from analysis.service.settings import Settings

# Seconds for a film until some have been analysed here (a phone's 10 s, two cores).
_TYPICAL_S: Final = 20.0
# So many films are remembered for that.
_REMEMBERED: Final = 20


class BusyError(Exception):
    """No film can be taken now.

    Attributes
    ----------
    own : bool
        Whether it is this visit that has too many films, and not the server.
    minutes : int
        After about how many minutes it is worth another try.
    """

    def __init__(self, *, own: bool, minutes: int) -> None:
        super().__init__("too many films")
        self.own = own
        self.minutes = minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a waiting visitor wants to know.

    Attributes
    ----------
    ahead : int or None
        Films that wait in front; None if another server knows.
    running : int
        Films that are being analysed.
    left_s : float
        Seconds until the result is there, roughly.
    """

    ahead: int | None
    running: int
    left_s: float | None


class Line:
    """Jobs that wait, oldest first, and those that run; whoever holds it locks it.

    Parameters
    ----------
    settings : Settings
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ran_s: deque[float] = deque(maxlen=_REMEMBERED)
        # Films at the same time; of a cluster, as many as it has room for by now.
        self.places = settings.at_once
        self.waiting: deque[Job] = deque()
        self.running: dict[str, Job] = {}

    @property
    def ids(self) -> set[str]:
        """Ids of all jobs in it."""
        return {job.id for job in self.waiting} | set(self.running)

    @property
    def can_start(self) -> bool:
        """Whether somebody waits and there is a place."""
        return bool(self.waiting) and len(self.running) < self.places

    @property
    def _at_once(self) -> int:
        """Films at the same time, for a guess at the time they take."""
        return self.places or self._settings.at_once

    def admit(self, visitor: str) -> None:
        """See whether one more film of a visit can be taken.

        Raises
        ------
        BusyError
        """
        active = [*self.waiting, *self.running.values()]
        rounds = (len(active) + 1) / self._at_once
        minutes = math.ceil(rounds * self.typical_s() / 60)
        if visitor and sum(job.visitor == visitor for job in active) >= self._settings.per_visit:
            raise BusyError(own=True, minutes=minutes)
        if len(self.waiting) >= self._settings.queue:
            raise BusyError(own=False, minutes=minutes)

    def find(self, job_id: str) -> Job | None:
        """Return a job that waits or runs."""
        if job_id in self.running:
            return self.running[job_id]
        return next((job for job in self.waiting if job.id == job_id), None)

    def leave(self, job_id: str) -> Job | None:
        """Take a job out that waits; None if it does not wait (any more)."""
        job = next((job for job in self.waiting if job.id == job_id), None)
        if job is not None:
            self.waiting.remove(job)
        return job

    def outlook(self, job: Job) -> Outlook:
        """Tell where a job stands and how long it still takes."""
        if job.is_elsewhere:
            return Outlook(ahead=None, running=0, left_s=job.progress.left_s)
        places = [each.id for each in self.waiting]
        if job.id not in places:
            return Outlook(ahead=0, running=len(self.running), left_s=self._left_s(job))
        ahead = places.index(job.id)
        lefts = sorted(map(self._left_s, self.running.values()))
        until_free_s = lefts[0] if len(lefts) >= self._at_once else 0.0
        rounds = ahead // self._at_once + 1
        left_s = until_free_s + rounds * self.typical_s()
        return Outlook(ahead=ahead, running=len(self.running), left_s=left_s)

    def remember(self, ran_s: float) -> None:
        """Note how long a film took."""
        self._ran_s.append(ran_s)

    def typical_s(self) -> float:
        """Seconds that a film takes here."""
        return statistics.median(self._ran_s) if self._ran_s else _TYPICAL_S

    def _left_s(self, job: Job) -> float:
        return self.typical_s() if job.progress.left_s is None else job.progress.left_s
