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

import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from analysis.service import events
from analysis.service.child import PROJECT, worker_command
from analysis.service.dispatch import Dispatcher
from analysis.service.ids import for_log, is_id
from analysis.service.job import PREVIEW, REPORT, Job, State
from analysis.service.keeper import Keeper
from analysis.service.line import Outlook
from analysis.service.machines import Machines, ThisMachine
from analysis.service.request import PhotoTask
from analysis.service.settings import Settings
from analysis.service.spool import STOP

__all__ = ["PROJECT", "Runner", "worker_command"]


class Runner:
    """Takes films in, analyses them in turn and keeps the results.

    Parameters
    ----------
    settings : Settings
    command : sequence of str, optional
        Of a child on this machine; tests play one.
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
        self.dispatcher = Dispatcher(settings, self.keeper, _machines_of(settings, command))
        self._is_closed = False

    def open(self) -> None:
        """Make the folders, take over what a dead server left, and begin to work.

        Raises
        ------
        OSError
            If the folders cannot be made.
        """
        self.keeper.open()
        self.dispatcher.open(self.keeper.take_over())
        events.note("server_started", at_once=self.settings.at_once)

    def close(self, grace_s: float | None = None) -> None:
        """Let running films finish for a while, hand the rest back, and end.

        Parameters
        ----------
        grace_s : float, optional
            Seconds; those of the settings by default.
        """
        if self._is_closed:
            return
        self._is_closed = True
        grace_s = self.settings.grace_s if grace_s is None else grace_s
        interrupted, waiting = self.dispatcher.close(grace_s)
        self.keeper.spool.close()
        events.note("server_stopped", interrupted=interrupted, waiting=waiting)

    @property
    def trouble(self) -> str:
        """Why no film can be analysed just now, for the host; films wait as long. Or empty."""
        return self.dispatcher.machines.trouble

    def admit(self, visitor: str) -> None:
        """See whether one more film can be taken.

        Raises
        ------
        BusyError
        """
        self.dispatcher.admit(visitor)

    def submit(
        self,
        film: Path | None = None,
        *,
        upload: IO[bytes] | None = None,
        height_cm: float | None = None,
        photo: PhotoTask | None = None,
        visitor: str = "",
        label: Mapping[str, Any] | None = None,
    ) -> Job:
        """Put a film, or a photo, in line.

        Parameters
        ----------
        film : Path, optional
            A film that came with the app; never deleted.
        upload : binary file, optional
            Somebody's film; written to the spool.
        height_cm, photo, visitor, label : optional
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
                label=label,
            )
        )

    def again(self, job: Job, *, person: int | None = None, visitor: str = "") -> Job:
        """Analyse the same film once more, after a crash or for another person.

        The film of a result is deleted: others in it are measured in the preview.

        Raises
        ------
        BusyError
            Over a limit; the job stays as it is then.
        FileNotFoundError
            If neither film nor preview is there.
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
            clip=job.clip,
            label=job.label,
        )
        try:
            if job.owns_film and job.has_film:
                job.film.rename(fresh.film)
            elif job.owns_film:
                fresh.clip = self._take_preview(job.id, fresh.film)
        except OSError:
            spool.remove(job_id)
            raise
        self._line_up(fresh)
        self.discard(job.id)
        return fresh

    def _take_preview(self, job_id: str, film: Path) -> dict[str, Any]:
        """Copy the preview of a result to where a film lies; return what is said of the film."""
        store = self.keeper.store
        report, preview = store.read(job_id, REPORT), store.read(job_id, PREVIEW)
        if report is None or preview is None:
            raise FileNotFoundError("expected a result with a preview")
        film.write_bytes(preview)
        clip: dict[str, Any] = json.loads(report)["clip"]
        return clip

    def _line_up(self, job: Job) -> Job:
        job.asked_s = self.keeper.clock()
        size_mb = job.size_mb
        try:
            self.keeper.note(job, State.WAITING)
            waiting = self.dispatcher.line_up(job)
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
        return self.dispatcher.find(job_id) or self.keeper.find(job_id)

    def outlook(self, job: Job) -> Outlook:
        """Tell where in line a job stands and how long it still takes."""
        return self.dispatcher.outlook(job)

    def stop(self, job_id: str) -> None:
        """End a job wherever it stands; its film goes."""
        if not self.dispatcher.stop(job_id):
            self.keeper.spool.ask(job_id, STOP)

    def discard(self, job_id: str) -> None:
        """Stop a job and delete all that belongs to it, now."""
        if is_id(job_id):
            self.dispatcher.discard(job_id)

    def spoil(self, job: Job) -> None:
        """Note that the result of a job cannot be used."""
        self.keeper.finish(job, State.CRASHED)

    def sweep(self) -> None:
        """Delete what has had its time, and take over what dead servers left."""
        self.dispatcher.sweep()


def _machines_of(settings: Settings, command: Sequence[str] | None) -> Machines:
    if not settings.scheduler:
        return ThisMachine(settings, command=command)
    # Nothing of Dask is loaded without need.
    from analysis.service.cluster import Cluster

    return Cluster(settings)
