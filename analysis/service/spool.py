"""Films on their way: one private folder for each job, all below one for this server.

A server process holds a lock on its folder for as long as it lives, so that a later
one can tell a dead server's folder from one in use, and takes over what lies there.
"""

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from analysis.service.ids import is_id, new_id
from analysis.service.private import private_folder, remove, size_bytes, write_whole

FILM: Final = "film"
RECORD: Final = "job.json"
OUT: Final = "out"
_LOCK: Final = ".lock"
# What another server asks of the one that has a job: an empty file, named by the job.
STOP: Final = ".stop"
DISCARD: Final = ".discard"

_COPY_BYTES: Final = 1 << 20


class NoRoomError(OSError):
    """There is no room for one more film just now."""


class Spool:
    """Folders of the jobs of one server process.

    Parameters
    ----------
    folder : Path
        Made private; shared by all server processes of this user.
    max_bytes : int
        Size of what lies in this process's part.
    clock : callable
        Seconds since 1970; the files carry its time.
    """

    def __init__(
        self, folder: Path, *, max_bytes: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._clock = clock
        self._mine = folder / new_id()
        self._held: IO[bytes] | None = None
        # A note that is written while its folder is being removed would stay, alone.
        self._changing = threading.Lock()

    def open(self) -> None:
        """Make the folder of this process and lock it."""
        private_folder(self._folder)
        private_folder(self._mine)
        self._held = (self._mine / _LOCK).open("wb")
        fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def close(self) -> None:
        """Give the folder up: empty it goes, with jobs in it the next server takes it over."""
        if self._held is None:
            return
        if not self.ids():
            remove(self._mine)
        self._held.close()
        self._held = None

    def new(self) -> str:
        """Make an empty folder; its name is the secret id of a job."""
        job_id = new_id()
        (self._mine / job_id).mkdir(mode=0o700)
        (self._mine / job_id / OUT).mkdir(mode=0o700)
        return job_id

    def take_in(self, source: IO[bytes]) -> str:
        """Write an upload to a folder of its own, under a name that we choose.

        Raises
        ------
        NoRoomError
            If the spool or the disk is full; nothing of the film stays.
        """
        taken = size_bytes(self._mine)
        job_id = self.new()
        try:
            source.seek(0)
            with self.film(job_id).open("wb") as target:
                while chunk := source.read(_COPY_BYTES):
                    taken += len(chunk)
                    if taken > self._max_bytes:
                        raise NoRoomError("the spool is full")
                    target.write(chunk)
        except BaseException as error:
            self.remove(job_id)
            if isinstance(error, OSError):
                raise NoRoomError(str(error)) from error
            raise
        return job_id

    def folder(self, job_id: str) -> Path:
        """Folder of a job."""
        if not is_id(job_id):
            raise ValueError("expected an id of 24 characters")
        return self._mine / job_id

    def film(self, job_id: str) -> Path:
        """Film of a job, whether it is there or not."""
        return self.folder(job_id) / FILM

    def out(self, job_id: str) -> Path:
        """Where the child of a job may write."""
        return self.folder(job_id) / OUT

    def note(self, job_id: str, record: bytes, *, renew: bool = True) -> None:
        """Write down how a job stands.

        Parameters
        ----------
        job_id : str
        record : bytes
        renew : bool
            Whether the time that its film may stay begins anew.

        Raises
        ------
        OSError
            If the job has no folder (any more).
        """
        path = self.folder(job_id) / RECORD
        with self._changing:
            time_s = self._clock() if renew else path.stat().st_mtime
            write_whole(path, record)
            os.utime(path, (time_s, time_s))

    def age_s(self, job_id: str) -> float:
        """Seconds since a job was noted, or since its folder was made."""
        folder = self.folder(job_id)
        try:
            noted = folder / RECORD
            return self._clock() - (noted if noted.exists() else folder).stat().st_mtime
        except OSError:  # gone in the meantime
            return float("inf")

    def ids(self) -> list[str]:
        """Jobs that have a folder here."""
        try:
            return [path.name for path in self._mine.iterdir() if is_id(path.name)]
        except OSError:
            return []

    def elsewhere(self, job_id: str) -> Path | None:
        """Return the folder that another server has for a job; None if there is none."""
        if not is_id(job_id):
            return None
        found = self._folder.glob(f"*/{job_id}")
        return next((path for path in found if path.parent != self._mine), None)

    def ask(self, job_id: str, what: str) -> None:
        """Ask the server that has a job to stop or discard it; nobody has it, nothing happens."""
        folder = self.elsewhere(job_id)
        if folder is not None:
            with contextlib.suppress(OSError):  # it may be over in this very moment
                folder.with_name(job_id + what).touch()

    def asked(self) -> list[tuple[str, str]]:
        """Return what other servers have asked of this one, once: ids, and what to do."""
        try:
            notes = [p for p in self._mine.iterdir() if p.suffix in (STOP, DISCARD)]
        except OSError:  # the next look may have more luck
            return []
        for note in notes:
            note.unlink(missing_ok=True)
        return [(note.stem, note.suffix) for note in notes if is_id(note.stem)]

    def remove(self, job_id: str) -> None:
        """Delete the folder of a job; a missing one is fine."""
        folder = self.folder(job_id)
        with self._changing:
            remove(folder)

    def adopt(self) -> list[str]:
        """Take over the jobs of servers that have died; return their ids."""
        adopted = []
        for other in list(self._folder.iterdir()):
            if other == self._mine or not is_id(other.name):
                continue
            try:
                with (other / _LOCK).open("ab") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    adopted += self._move_in(other)
                    remove(other)
            except OSError:  # in use, or gone in the meantime
                continue
        return adopted

    def _move_in(self, other: Path) -> list[str]:
        moved = []
        for path in list(other.iterdir()):
            if path.name != _LOCK:
                path.rename(self._mine / path.name)
            if is_id(path.name):
                moved.append(path.name)
        return moved
