"""Who runs when: jobs that wait are given to machines as these have room.

All that changes while the server runs stands here behind one lock: the line, what runs,
and what has been asked of it.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from analysis.service import events
from analysis.service.errand import End, Errand
from analysis.service.ids import for_log
from analysis.service.job import Job, Progress, State
from analysis.service.keeper import Keeper
from analysis.service.line import Line, Outlook
from analysis.service.machines import LostError, Machines, Work
from analysis.service.request import Request
from analysis.service.settings import Settings
from analysis.service.spool import DISCARD

_SWEEP_S: Final = 30.0
# How often it is seen what other servers ask, and whether machines are there again.
_LOOK_S: Final = 0.25
# How often the progress is written down for other servers.
_NOTE_S: Final = 1.0


@dataclass(slots=True, kw_only=True)
class _Run:
    """A job that is being analysed."""

    job: Job
    started_s: float
    work: Work | None = None
    # Why it is being ended by force, if it is.
    cause: State | None = None
    is_discarded: bool = False
    noted: Progress | None = None


class Dispatcher:
    """Gives jobs to machines in turn.

    Parameters
    ----------
    settings : Settings
    keeper : Keeper
        Open.
    machines : Machines
    """

    def __init__(self, settings: Settings, keeper: Keeper, machines: Machines) -> None:
        self.machines = machines
        self._settings = settings
        self._keeper = keeper
        # Guards what follows, and is notified of every change.
        self._changed = threading.Condition()
        self._line = Line(settings)
        self._runs: dict[str, _Run] = {}
        self._is_closing = False
        self._threads: list[threading.Thread] = []
        # For the thread that serves alone.
        self._sweep_due_s = self._note_due_s = 0.0

    def open(self, waiting: Iterable[Job]) -> None:
        """Begin to work, with jobs that wait already."""
        self.machines.open()
        self._line.waiting.extend(waiting)
        self._start_thread(self._serve)

    def close(self, grace_s: float) -> tuple[int, int]:
        """Let running films finish for so many seconds, hand the rest back, and end.

        Returns
        -------
        (interrupted, waiting)
            How many films each.
        """
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._runs, timeout=grace_s)
            left = list(self._runs.values())
            waiting = len(self._line.waiting)
        for run in left:
            self._end_by_force(run, State.INTERRUPTED)
        for thread in self._threads:
            thread.join(timeout=5)
        self.machines.close()
        return len(left), waiting

    def admit(self, visitor: str) -> None:
        """See whether one more film can be taken; raises `BusyError`."""
        with self._changed:
            self._line.admit(visitor)

    def line_up(self, job: Job) -> int:
        """Put a job in line; return how many wait. Raises `BusyError`."""
        with self._changed:
            self._line.admit(job.visitor)
            self._line.waiting.append(job)
            self._changed.notify_all()
            return len(self._line.waiting)

    def find(self, job_id: str) -> Job | None:
        """Return a job that waits or runs."""
        with self._changed:
            return self._line.find(job_id)

    def work_on(self, job_id: str) -> Work | None:
        """Return the work on a job; None if there is none (yet, or any more)."""
        with self._changed:
            run = self._runs.get(job_id)
            return None if run is None else run.work

    def has(self, job_id: str) -> bool:
        """Whether a job waits, runs, or is just being put away."""
        with self._changed:
            return job_id in self._line.ids or job_id in self._runs

    def outlook(self, job: Job) -> Outlook:
        """Tell where in line a job stands and how long it still takes."""
        with self._changed:
            return self._line.outlook(job)

    def stop(self, job_id: str) -> bool:
        """End a job that waits or runs; False if it does neither."""
        with self._changed:
            waiting = self._line.leave(job_id)
            run = self._runs.get(job_id)
        if waiting is not None:
            self._keeper.finish(waiting, State.STOPPED)
        if run is not None:
            self._end_by_force(run, State.STOPPED)
        return not (waiting is None and run is None)

    def discard(self, job_id: str) -> None:
        """Stop a job and delete all that belongs to it, now."""
        with self._changed:
            waiting = self._line.leave(job_id)
            run = self._runs.get(job_id)
            if run is not None:
                run.is_discarded = True
                # From now on nobody finds it; its folder goes when its child lets go.
                self._line.running.pop(job_id, None)
        if waiting is not None:
            waiting.state = State.STOPPED
        if run is not None:
            self._end_by_force(run, State.STOPPED)
        else:
            self._keeper.discard(job_id)

    def sweep(self) -> None:
        """Delete what has had its time, and take over what dead servers left."""
        waiting = self._keeper.take_over()
        longest_s, now_s = self._settings.keep_s, self._keeper.clock()
        with self._changed:
            self._line.waiting.extend(waiting)
            late = [job for job in self._line.waiting if now_s - job.asked_s > longest_s]
            for job in late:
                self._line.leave(job.id)
            active = self._line.ids | set(self._runs)
        for job in late:  # the machines have been away for as long as a result is kept
            self._keeper.finish(job, State.LATE)
        self._keeper.sweep(active)

    # What follows runs in the threads of this object.

    def _start_thread(self, body: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=body, args=args, daemon=True, name=body.__name__)
        with self._changed:
            self._threads = [*filter(threading.Thread.is_alive, self._threads), thread]
            thread.start()

    def _serve(self) -> None:
        """Start films as long as the server runs; the body of a thread."""
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._is_closing or self._line.can_start, timeout=_LOOK_S
                )
                if self._is_closing:
                    break
            try:
                self._heed_others()
                self._start_waiting()
                self._note_progress()
                self._sweep_in_time()
            except Exception:
                # This thread must outlive whatever it meets.
                events.crash("queue_error")

    def _heed_others(self) -> None:
        """Do what other servers have asked of this one; see what machines there are."""
        for job_id, what in self._keeper.spool.asked():
            if what == DISCARD:
                self.discard(job_id)
            else:
                self.stop(job_id)
        with self._changed:
            self._line.places = self.machines.places

    def _start_waiting(self) -> None:
        while True:
            with self._changed:
                if self._is_closing or not self._line.can_start:
                    break
                job = self._line.waiting.popleft()
                run = self._runs[job.id] = _Run(job=job, started_s=time.monotonic())
                self._line.running[job.id] = job
                job.state = State.RUNNING
            self._start_thread(self._follow, run)

    def _note_progress(self) -> None:
        now = time.monotonic()
        if now < self._note_due_s:
            return
        self._note_due_s = now + _NOTE_S
        with self._changed:
            runs = [run for run in self._runs.values() if run.noted is not run.job.progress]
        for run in runs:
            run.noted = run.job.progress
            with contextlib.suppress(OSError):  # it may be over in this very moment
                self._keeper.note(run.job, State.RUNNING)

    def _sweep_in_time(self) -> None:
        now = time.monotonic()
        if now >= self._sweep_due_s:
            self._sweep_due_s = now + _SWEEP_S
            self.sweep()

    def _end_by_force(self, run: _Run, cause: State) -> None:
        with self._changed:
            run.cause = run.cause or cause
            work = run.work
        if work is not None:
            work.end(run.cause)

    def _follow(self, run: _Run) -> None:
        """Stay with a job from start to end; the body of the job's thread."""
        state, facts = State.CRASHED, {}
        try:
            end = self._analyse(run)
            state, facts = end.state, end.facts
            run.job.message, run.job.out = end.message, end.out
            if state is State.WAITING:
                # Its child died before it had seen the film: once may be chance.
                state = State.CRASHED if run.job.was_put_back else state
                run.job.was_put_back = True
        except LostError:
            state = run.cause or State.WAITING
        except Exception:
            events.crash("follow_error")
        finally:
            self._settle(run, state, facts)

    def _analyse(self, run: _Run) -> End:
        job = run.job

        def tell(step: Progress) -> None:
            job.progress = step

        self._keeper.note(job, State.RUNNING)
        work = self.machines.begin(self._errand(job), tell)
        if work is None:
            return End(state=State.CRASHED)
        with self._changed:
            run.work, cause = work, run.cause
        if cause is not None:
            work.end(cause)
        return work.run()

    def _errand(self, job: Job) -> Errand:
        settings = self._settings
        return Errand(
            request=Request(
                film=str(job.film),
                out=str(self._keeper.spool.out(job.id)),
                height_cm=job.height_cm,
                person=job.person,
                photo=job.photo,
                memory_mb=settings.job_memory_mb,
                cpu_s=settings.job_cpu_s,
                clip=job.clip,
            ),
            name=for_log(job.id),
            job_s=settings.job_s,
            silent_s=settings.job_silent_s,
            nice=settings.nice,
        )

    def _settle(self, run: _Run, state: State, facts: Mapping[str, str | int]) -> None:
        job, ran_s = run.job, time.monotonic() - run.started_s
        size_mb = job.size_mb
        try:
            if run.is_discarded:
                self._keeper.discard(job.id)
                job.state = State.STOPPED
            elif state is State.WAITING:
                self._keeper.note(job, state)
            else:
                self._keeper.finish(job, state)
        finally:
            with self._changed:
                self._runs.pop(job.id, None)
                self._line.running.pop(job.id, None)
                if state is State.WAITING and not run.is_discarded:
                    job.state = state
                    self._line.waiting.appendleft(job)
                if state is State.DONE:
                    self._line.remember(ran_s)
                self._changed.notify_all()
        if run.is_discarded:  # since the first look; what was kept goes too
            self._keeper.discard(job.id)
        events.note(
            "ended",
            job=for_log(job.id),
            outcome=job.state,
            waited_s=round(max(0.0, self._keeper.clock() - job.asked_s - ran_s), 1),
            ran_s=round(ran_s, 1),
            mb=size_mb,
            **{name: facts.get(name) for name in ("codec", "container", "px")},
        )
