"""One film in the hands of one child, from the request to the end of the child.

The same here and on a machine of a cluster: whoever calls `Attendant.run` has started a
child, and gets back how it ended.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from analysis.service import events
from analysis.service.child import Child, last_sentence
from analysis.service.ids import new_id
from analysis.service.job import BY_EXIT_CODE, Progress, State, parse_facts, parse_progress
from analysis.service.private import private_folder
from analysis.service.request import Request

# How often the limits are looked at.
_LOOK_S: Final = 0.25
# The signal by which the system ends who has computed for too long.
_SIGXCPU: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What is asked of a child, and how long it may take.

    Attributes
    ----------
    request : Request
        Its ``out`` is the folder in which the child gets one of its own. Not shown in
        a log: paths hold the secret id of the job.
    name : str
        The job's name for the log.
    job_s, silent_s : float
        Seconds by the clock, and seconds without progress, after which it is ended.
    nice : int
        By how much the child steps back.
    """

    request: Request = field(repr=False)
    name: str
    job_s: float
    silent_s: float
    nice: int


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How an errand ended.

    Attributes
    ----------
    state : State
        ``WAITING`` for a child that died before it had seen the film.
    message : str
        What the child says to people, if it says anything.
    facts : dict
        What it says of the film, for the log.
    out : str
        The folder that holds what it wrote.
    """

    state: State
    message: str = ""
    facts: dict[str, str | int] = field(default_factory=dict)
    out: str = field(default="", repr=False)


class Attendant:
    """Hands a child its film, listens to it, and ends it when it is over a limit.

    Parameters
    ----------
    child : Child
        Waits for its film; it is closed at the end.
    errand : Errand
    tell : callable
        Is told the progress.
    is_unwanted : callable
        Is asked now and then whether nobody waits for the result any more.
    """

    def __init__(
        self,
        child: Child,
        errand: Errand,
        *,
        tell: Callable[[Progress], None],
        is_unwanted: Callable[[], bool] = lambda: False,
    ) -> None:
        self.child = child
        self._errand = errand
        self._tell = tell
        self._is_unwanted = is_unwanted
        self._out = Path(errand.request.out) / new_id()
        self._facts: dict[str, str | int] = {}
        self._cause: State | None = None
        # Since when the child has its film: from its first word on.
        self._since_s: float | None = None
        self._heard_s = time.monotonic()
        self._is_over = threading.Event()

    def end(self, cause: State) -> None:
        """End the child by force; the first cause counts."""
        self._cause = self._cause or cause
        self.child.kill()

    def run(self) -> End:
        """Stay until the child has ended."""
        watch = threading.Thread(target=self._watch, daemon=True, name="watch")
        watch.start()
        try:
            self._hand()
            self._listen()
            return self._judge(self.child.wait())
        finally:
            self._is_over.set()
            watch.join()
            self.child.close()

    def _hand(self) -> None:
        # A folder for each child: one that was given up, but does not know it yet,
        # cannot get into the result of the next.
        try:
            private_folder(self._out)
            self.child.hand(replace(self._errand.request, out=str(self._out)))
        except OSError:
            events.crash("child_not_reached")
            self.child.kill()

    def _listen(self) -> None:
        for line in self.child.lines():
            self._facts |= parse_facts(line)
            step = parse_progress(line)
            self._since_s = self._since_s or time.monotonic()
            if step is not None:
                self._heard_s = time.monotonic()
                self._tell(step)

    def _watch(self) -> None:
        """See to the limits; the body of a thread."""
        errand = self._errand
        while not self._is_over.wait(_LOOK_S):
            now = time.monotonic()
            is_late = now - (self._since_s or now) > errand.job_s
            if is_late or now - self._heard_s > errand.silent_s:
                self.end(State.LATE)
            elif self._is_unwanted():
                self.end(State.STOPPED)

    def _judge(self, code: int) -> End:
        state = BY_EXIT_CODE.get(code, State.CRASHED)
        if not (code in BY_EXIT_CODE or self._since_s or self._cause):
            return End(state=State.WAITING)
        if code < 0:  # ended by a signal: ours, the system's limit, or a crash
            state = self._cause or (State.LATE if code == -_SIGXCPU else State.CRASHED)
        complaint = self.child.complaint()
        message = ""
        if state in (State.REFUSED, State.NOTHING, State.MISSING):
            message = last_sentence(complaint)
        if state is State.CRASHED:
            where = events.where_it_broke(complaint)
            events.warn("child_broke", job=self._errand.name, code=code, where=where)
        return End(state=state, message=message, facts=self._facts, out=str(self._out))
