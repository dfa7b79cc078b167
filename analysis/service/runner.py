"""The queue, and the children that work it off: one process for each film.

A film decoder that crashes, hangs or wants too much ends one child, and the next
film works. One child more than needed waits with everything loaded, so that nobody
waits for the start.

Notes
-----
`pebble.ProcessPool` and `multiprocessing` were looked at and not taken. Their fresh
processes import what ``sys.modules["__main__"]`` names, which under Streamlit is the
page itself; a fork of the server, with its threads and all its films, is no choice;
and a pool uses a process for many films, where here each film has a process of its own,
whose memory limit counts from the start of that film.
"""

import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from analysis.service import events
from analysis.service.child import Child, last_sentence
from analysis.service.ids import for_log, is_id
from analysis.service.job import BY_EXIT_CODE, Job, State, parse_facts, parse_progress
from analysis.service.keeper import Keeper
from analysis.service.line import Line, Outlook
from analysis.service.request import PhotoTask, Request
from analysis.service.settings import Settings

PROJECT: Final = Path(__file__).resolve().parents[2]

_SWEEP_S: Final = 30.0
# How often the limits of what runs are looked at.
_LOOK_S: Final = 0.25
# A child that cannot start, or ends while it waits, is not replaced at once.
_SPARE_PAUSE_S: Final = 5.0
# The signal by which the system ends who has computed for too long.
_SIGXCPU: Final = 24


def worker_command(nice: int) -> list[str]:
    """Return the command of a real child."""
    return [sys.executable, "-m", "analysis.service.worker", str(nice)]


@dataclass(slots=True, kw_only=True)
class _Run:
    """A job with its child."""

    job: Job
    child: Child
    started_s: float
    heard_s: float
    facts: dict[str, str | int] = field(default_factory=dict)
    # Why it is being ended by force, if it is.
    cause: State | None = None
    has_spoken: bool = False
    is_discarded: bool = False


class Runner:
    """Takes films in, analyses them in turn and keeps the results.

    Parameters
    ----------
    settings : Settings
    command : sequence of str, optional
        Of a child; tests play one.
    clock : callable
        Seconds since 1970, for what is kept.
    on_gone : callable
        Is told the id of each job whose result goes, by hand or in time.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        command: Sequence[str] | None = None,
        clock: Callable[[], float] = time.time,
        on_gone: Callable[[str], None] = lambda job_id: None,
    ) -> None:
        self.settings = settings
        self.keeper = Keeper(settings, clock=clock, on_gone=on_gone)
        self._command = list(command or worker_command(settings.nice))
        # Guards what follows, and is notified of every change.
        self._changed = threading.Condition()
        self._line = Line(settings)
        self._runs: dict[str, _Run] = {}
        self._is_closing = False
        # For the thread that starts the children alone.
        self._spare: Child | None = None
        self._spare_due_s = 0.0
        self._sweep_due_s = 0.0
        self._threads: list[threading.Thread] = []

    def open(self) -> None:
        """Make the folders, take over what a dead server left, and begin to work.

        Raises
        ------
        OSError
            If the folders cannot be made.
        """
        self.keeper.open()
        self._line.waiting.extend(self.keeper.take_over())
        # All children are started by this one thread: they end when it ends.
        self._start_thread(self._serve)
        events.note("server_started", at_once=self.settings.at_once)

    def close(self, grace_s: float | None = None) -> None:
        """Let running films finish for a while, hand the rest back, and end.

        Parameters
        ----------
        grace_s : float, optional
            Seconds; those of the settings by default.
        """
        grace_s = self.settings.grace_s if grace_s is None else grace_s
        with self._changed:
            if self._is_closing:
                return
            self._is_closing = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._runs, timeout=grace_s)
            left = list(self._runs.values())
            waiting = len(self._line.waiting)
        for run in left:
            self._end_by_force(run, State.INTERRUPTED)
        for thread in self._threads:
            thread.join(timeout=5)
        self.keeper.spool.close()
        events.note("server_stopped", interrupted=len(left), waiting=waiting)

    def admit(self, visitor: str) -> None:
        """See whether one more film can be taken.

        Raises
        ------
        BusyError
        """
        with self._changed:
            self._line.admit(visitor)

    def submit(
        self,
        film: Path | None = None,
        *,
        upload: IO[bytes] | None = None,
        height_cm: float | None = None,
        photo: PhotoTask | None = None,
        visitor: str = "",
    ) -> Job:
        """Put a film, or a photo, in line.

        Parameters
        ----------
        film : Path, optional
            A film that came with the app; never deleted.
        upload : binary file, optional
            Somebody's film; written to the spool.
        height_cm, photo, visitor : optional
            See `Job`.

        Raises
        ------
        BusyError
            Over a limit.
        NoRoomError
            The disk or the spool is full.
        """
        self.admit(visitor)
        spool = self.keeper.spool
        job_id = spool.new() if upload is None else spool.take_in(upload)
        return self._line_up(
            Job(
                folder=spool.folder(job_id),
                film=film or spool.film(job_id),
                owns_film=film is None,
                height_cm=height_cm,
                photo=photo,
                visitor=visitor,
            )
        )

    def again(self, job: Job, *, person: int | None = None, visitor: str = "") -> Job:
        """Analyse the same film once more, for another person or after a crash.

        Raises
        ------
        BusyError
            Over a limit; the job stays as it is then.
        FileNotFoundError
            If its film is gone.
        """
        self.admit(visitor)
        spool = self.keeper.spool
        job_id = spool.new()
        fresh = Job(
            folder=spool.folder(job_id),
            film=spool.film(job_id) if job.owns_film else job.film,
            owns_film=job.owns_film,
            height_cm=job.height_cm,
            person=person or job.person,
            photo=job.photo,
            visitor=visitor,
        )
        if job.owns_film:
            try:
                job.film.rename(fresh.film)
            except OSError:
                spool.remove(job_id)
                raise
        self._line_up(fresh)
        self.discard(job.id)
        return fresh

    def _line_up(self, job: Job) -> Job:
        job.asked_s = self.keeper.clock()
        size_mb = _size_mb(job)
        try:
            self.keeper.spool.note(job.id, job.record(State.WAITING))
            with self._changed:
                self._line.admit(job.visitor)
                self._line.waiting.append(job)
                waiting = len(self._line.waiting)
                self._changed.notify_all()
        except BaseException:
            self.keeper.spool.remove(job.id)
            raise
        events.note("queued", job=for_log(job.id), mb=size_mb, waiting=waiting)
        return job

    def find(self, job_id: object) -> Job | None:
        """Return the job of this id; None if there is none (any more).

        Raises
        ------
        StoreUnreachableError
            If nobody can tell.
        """
        if not isinstance(job_id, str) or not is_id(job_id):
            return None
        with self._changed:
            active = self._line.find(job_id)
        return active or self.keeper.find(job_id)

    def outlook(self, job: Job) -> Outlook:
        """Tell where in line a job stands and how long it still takes."""
        with self._changed:
            return self._line.outlook(job)

    def stop(self, job_id: str) -> None:
        """End a job wherever it stands; its film goes."""
        with self._changed:
            waiting = self._line.leave(job_id)
            run = self._runs.get(job_id)
        if waiting is not None:
            self.keeper.finish(waiting, State.STOPPED)
        if run is not None:
            self._end_by_force(run, State.STOPPED)

    def discard(self, job_id: str) -> None:
        """Stop a job and delete all that belongs to it, now."""
        if not is_id(job_id):
            return
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
            self.keeper.discard(job_id)

    def spoil(self, job: Job) -> None:
        """Note that the result of a job cannot be used."""
        self.keeper.finish(job, State.CRASHED)

    def sweep(self) -> None:
        """Delete what has had its time, and take over what dead servers left."""
        waiting = self.keeper.take_over()
        with self._changed:
            self._line.waiting.extend(waiting)
            active = self._line.ids | set(self._runs)
        self.keeper.sweep(active)

    # What follows runs in the threads of this object.

    def _start_thread(self, body: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=body, args=args, daemon=True, name=body.__name__)
        with self._changed:
            self._threads = [*filter(threading.Thread.is_alive, self._threads), thread]
            thread.start()

    def _serve(self) -> None:
        """Start children as long as the server runs; the body of a thread."""
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._is_closing or self._line.can_start, timeout=_LOOK_S
                )
                if self._is_closing and not self._runs:
                    break
            try:
                self._end_overdue()
                if not self._is_closing:
                    self._start_waiting()
                    self._keep_spare()
                    self._sweep_in_time()
            except Exception:
                # This thread must outlive whatever it meets.
                events.crash("queue_error")
            if self._is_closing:
                time.sleep(_LOOK_S)
        if self._spare is not None:
            self._spare.close()
            self._spare = None

    def _start_waiting(self) -> None:
        while self._line.can_start:
            child, self._spare = self._spare, None
            if child is None or not child.is_alive:
                child = self._fresh_child(child)
            with self._changed:
                # All may have been cancelled while the child was started.
                job = self._line.waiting.popleft() if self._line.waiting else None
                if job is not None and child is not None:
                    now = time.monotonic()
                    run = _Run(job=job, child=child, started_s=now, heard_s=now)
                    self._runs[job.id] = run
                    self._line.running[job.id] = job
                    job.state = State.RUNNING
            if job is None:
                self._spare = child
            elif child is None:
                self.keeper.finish(job, State.CRASHED)
            else:
                self._begin(run)

    def _fresh_child(self, dead: Child | None = None) -> Child | None:
        if dead is not None:
            dead.close()
        try:
            return Child(self._command, folder=PROJECT)
        except OSError:
            events.crash("child_cannot_start")
            return None

    def _begin(self, run: _Run) -> None:
        job, spool = run.job, self.keeper.spool
        request = Request(
            film=str(job.film),
            out=str(spool.out(job.id)),
            height_cm=job.height_cm,
            person=job.person,
            photo=job.photo,
            memory_mb=self.settings.job_memory_mb,
            cpu_s=self.settings.job_cpu_s,
        )
        try:
            spool.note(job.id, job.record(State.RUNNING))
            run.child.hand(request)
        except OSError:
            events.crash("child_not_reached")
            run.child.kill()
        self._start_thread(self._follow, run)

    def _keep_spare(self) -> None:
        is_dead = self._spare is not None and not self._spare.is_alive
        now = time.monotonic()
        if (self._spare is None or is_dead) and now >= self._spare_due_s:
            self._spare_due_s = now + _SPARE_PAUSE_S
            self._spare = self._fresh_child(self._spare)

    def _sweep_in_time(self) -> None:
        now = time.monotonic()
        if now >= self._sweep_due_s:
            self._sweep_due_s = now + _SWEEP_S
            self.sweep()

    def _end_overdue(self) -> None:
        now = time.monotonic()
        with self._changed:
            runs = list(self._runs.values())
        for run in runs:
            is_late = now - run.started_s > self.settings.job_s
            if is_late or now - run.heard_s > self.settings.job_silent_s:
                self._end_by_force(run, State.LATE)

    def _end_by_force(self, run: _Run, cause: State) -> None:
        with self._changed:
            run.cause = run.cause or cause
        run.child.kill()

    def _follow(self, run: _Run) -> None:
        """Listen to a child from start to end; the body of the job's thread."""
        state = State.CRASHED
        try:
            for line in run.child.lines():
                run.facts |= parse_facts(line)
                step = parse_progress(line)
                run.has_spoken = True
                if step is not None:
                    run.job.progress = step
                    run.heard_s = time.monotonic()
            state = self._judge(run, run.child.wait())
        except Exception:
            events.crash("follow_error")
        finally:
            run.child.close()
            self._settle(run, state)

    def _judge(self, run: _Run, code: int) -> State:
        state = BY_EXIT_CODE.get(code, State.CRASHED)
        if not (code in BY_EXIT_CODE or run.has_spoken or run.cause or run.job.was_put_back):
            return State.WAITING  # it died before it had seen the film
        if code < 0:  # ended by a signal: ours, the system's limit, or a crash
            state = run.cause or (State.LATE if code == -_SIGXCPU else State.CRASHED)
        complaint = run.child.complaint()
        if state in (State.REFUSED, State.NOTHING, State.MISSING):
            run.job.message = last_sentence(complaint)
        if state is State.CRASHED:
            where = events.where_it_broke(complaint)
            events.warn("child_broke", job=for_log(run.job.id), code=code, where=where)
        run.job.people = int(run.facts.get("people", 1))
        return state

    def _settle(self, run: _Run, state: State) -> None:
        job, ran_s = run.job, time.monotonic() - run.started_s
        size_mb = _size_mb(job)
        try:
            if run.is_discarded:
                self.keeper.discard(job.id)
                job.state = State.STOPPED
            elif state is not State.WAITING:
                self.keeper.finish(job, state)
        finally:
            with self._changed:
                self._runs.pop(job.id, None)
                self._line.running.pop(job.id, None)
                if state is State.WAITING and not run.is_discarded:
                    job.state, job.was_put_back = state, True
                    self._line.waiting.appendleft(job)
                if state is State.DONE:
                    self._line.remember(ran_s)
                self._changed.notify_all()
        if run.is_discarded:  # since the first look; what was kept goes too
            self.keeper.discard(job.id)
        events.note(
            "ended",
            job=for_log(job.id),
            outcome=job.state,
            waited_s=round(max(0.0, self.keeper.clock() - job.asked_s - ran_s), 1),
            ran_s=round(ran_s, 1),
            mb=size_mb,
            **{name: run.facts.get(name) for name in ("codec", "container", "px")},
        )


def _size_mb(job: Job) -> float:
    try:
        return round(job.film.stat().st_size / 1e6, 2)
    except OSError:
        return 0.0
