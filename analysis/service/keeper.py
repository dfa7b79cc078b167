"""What stays of a job when it is over, for how long, and what a dead server left."""

import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from analysis.service import events
from analysis.service.ids import for_log
from analysis.service.job import FIRST, PARTS, PHOTO_PARTS, Job, State
from analysis.service.private import private_folder, read_plain, remove
from analysis.service.settings import Settings
from analysis.service.spool import RECORD, Spool
from analysis.service.store import ResultStore, StoreUnreachableError

# A picture as wide as a phone and some lines of text have about 40 kB.
_FIRST_BYTES: Final = 1 << 20


class Keeper:
    """Moves jobs between spool and store, and deletes what has had its time.

    Parameters
    ----------
    settings : Settings
    clock : callable
        Seconds since 1970.
    on_gone : callable
        See `ResultStore`.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.time,
        on_gone: Callable[[str], None] = lambda job_id: None,
    ) -> None:
        self._settings = settings
        self.clock = clock
        self.store = ResultStore(
            settings.data / "results",
            keep_s=settings.keep_s,
            max_bytes=settings.store_bytes,
            clock=clock,
            on_gone=on_gone,
        )
        self.spool = Spool(settings.data / "spool", max_bytes=settings.spool_bytes, clock=clock)
        self._lock = threading.Lock()
        # Ended, but not in the store yet, with the state they should have there.
        self._unkept: dict[str, tuple[Job, State]] = {}

    def open(self) -> None:
        """Make the folders.

        Raises
        ------
        OSError
            If they cannot be made.
        """
        private_folder(self._settings.data)
        self.store.open()
        self.spool.open()

    def find(self, job_id: str) -> Job | None:
        """Return a job that is over; None if there is none (any more).

        Raises
        ------
        StoreUnreachableError
            If nobody can tell.
        """
        with self._lock:
            if job_id in self._unkept:
                return self._unkept[job_id][0]
        folder = self.store.local(job_id)
        record = self.store.read(job_id, RECORD)
        if folder is None or record is None:
            return None
        try:
            return Job.from_record(record, folder=folder, film=self.spool.film(job_id))
        except ValueError:
            return None

    def first_look(self, job_id: str) -> bytes | None:
        """Return what the child of a job has told of the film so far; None if nothing."""
        return read_plain(self.spool.out(job_id) / FIRST, most_bytes=_FIRST_BYTES)

    def finish(self, job: Job, state: State, *, renew: bool = True) -> None:
        """Keep what is to be kept of a job, delete the rest, and only then say that it is over.

        Parameters
        ----------
        job : Job
        state : State
            How it ended; if it was measured and the store cannot be written, the job
            is ``UNKEPT`` until a sweep has more luck.
        renew : bool
            Whether the time that its film may stay begins now.
        """
        is_kept = self._keep(job, state)
        shown = state if is_kept or state is not State.DONE else State.UNKEPT
        try:
            if job.wants_film(shown) and job.has_film:
                self.spool.note(job.id, job.record(shown), renew=renew)
                if is_kept:
                    remove(self.spool.out(job.id))
            elif is_kept:
                self.spool.remove(job.id)
        except OSError:
            events.crash("spool_error")
        with self._lock:
            if is_kept:
                self._unkept.pop(job.id, None)
                job.folder = self.store.local(job.id) or job.folder
            else:
                self._unkept[job.id] = (job, state)
            job.state = shown

    def _keep(self, job: Job, state: State) -> bool:
        """Put the result of a job into the store; False if that cannot be written now."""
        out = self.spool.out(job.id)
        parts: dict[str, bytes | Path] = {}
        if state is State.DONE:
            # Nothing but plain files of known names is taken from a child.
            names = PARTS if job.photo is None else PHOTO_PARTS
            parts = {name: out / name for name in names if _is_plain(out / name)}
        try:
            self.store.put(job.id, {RECORD: job.record(state), **parts})
        except StoreUnreachableError:
            events.crash("store_error")
            return False
        return True

    def discard(self, job_id: str) -> None:
        """Delete all that belongs to a job which does not run."""
        with self._lock:
            self._unkept.pop(job_id, None)
        self.spool.remove(job_id)
        self.store.delete(job_id)
        events.note("deleted", job=for_log(job_id))

    def sweep(self, active: Collection[str]) -> None:
        """Delete what has had its time.

        Parameters
        ----------
        active : collection of str
            Ids of the jobs that wait or run.
        """
        with self._lock:
            unkept = list(self._unkept.values())
        for job, state in unkept:
            self.finish(job, state, renew=False)  # perhaps it can be written by now
        self.store.sweep()
        for job_id in self.spool.ids():
            if job_id not in active and self.spool.age_s(job_id) > self._settings.film_s:
                self.spool.remove(job_id)
                with self._lock:
                    self._unkept.pop(job_id, None)

    def take_over(self) -> list[Job]:
        """Take over what dead servers left; return the jobs that still wait, oldest first.

        Those that were running are over: their film may have been what ended the
        server, so that it is for the visitor to try it once more.
        """
        found = [job for job in map(self._adopted, self.spool.adopt()) if job is not None]
        waiting = []
        for job in sorted(found, key=lambda job: job.asked_s):
            is_fresh = self.spool.age_s(job.id) <= self._settings.film_s
            if job.state is State.WAITING and is_fresh:
                waiting.append(job)
            elif self.store.local(job.id) is None:
                self.finish(job, State.INTERRUPTED, renew=False)
            events.note("taken_over", job=for_log(job.id), outcome=job.state)
        return waiting

    def _adopted(self, job_id: str) -> Job | None:
        """Read a job that a dead server left; what is none is deleted."""
        folder = self.spool.folder(job_id)
        try:
            record = (folder / RECORD).read_bytes()
            job = Job.from_record(record, folder=folder, film=self.spool.film(job_id))
        except (OSError, ValueError):
            self.spool.remove(job_id)
            return None
        if not job.is_over and self.store.local(job_id) is not None:
            # The server died between the result and the end of the job.
            self.spool.remove(job_id)
            return None
        return job


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
