"""Finished results: small sets of named bytes under names that cannot be guessed.

Callers give and take bytes, never paths, with one exception (`ResultStore.local`)
for what a library can only read from disk. So a store behind a URL would need no
other callers, and a link that shows a result to somebody else is one more id.
"""

import json
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from analysis.service.ids import is_id, new_id
from analysis.service.private import private_folder, remove, size_bytes

# Of the parts of a result; no dot in front and no way out of the folder.
_NAME: Final = re.compile(r"[a-z]{1,20}\.[a-z0-9]{1,8}")
PUT: Final = ".put.json"
_UNDONE: Final = ".new-"


class StoreUnreachableError(OSError):
    """The place of the results cannot be read or written right now."""


class ResultStore:
    """Results in one folder, for a stated time and a total size.

    Parameters
    ----------
    folder : Path
        Made private when first used; several servers may share it.
    keep_s : float
        Seconds that a result lives, from when it was put in.
    max_bytes : int
        Size of all results together; beyond it the oldest go.
    clock : callable
        Seconds since 1970.
    on_gone : callable
        Is told the id of each result that goes, so that whoever shows it can stop.
    """

    def __init__(
        self,
        folder: Path,
        *,
        keep_s: float,
        max_bytes: int,
        clock: Callable[[], float] = time.time,
        on_gone: Callable[[str], None] = lambda result_id: None,
    ) -> None:
        self._folder = folder
        self._keep_s = keep_s
        self._max_bytes = max_bytes
        self._clock = clock
        self._on_gone = on_gone
        # What was there at the last sweep.
        self._seen: set[str] = set()
        self._lock = threading.Lock()

    def open(self) -> None:
        """Make the folder.

        Raises
        ------
        StoreUnreachableError
            If it cannot be made, or is somebody else's.
        """
        try:
            private_folder(self._folder)
        except OSError as error:
            raise StoreUnreachableError(str(error)) from error

    def put(
        self, result_id: str, files: Mapping[str, bytes | Path], *, sweeps: bool = True
    ) -> None:
        """Keep a result; it is there with all its parts or not at all.

        Parameters
        ----------
        result_id : str
            From `ids.new_id`; a result that is there already is replaced.
        files : mapping
            Bytes of each part, or the path of a file to copy.
        sweeps : bool
            Whether older results make room for it if need be.

        Raises
        ------
        StoreUnreachableError
            If it cannot be written, or is larger than the whole store.
        """
        self._check(result_id, *files)
        undone = self._folder / (_UNDONE + new_id())
        try:
            with self._lock:
                undone.mkdir(mode=0o700)
                for name, content in files.items():
                    if isinstance(content, Path):
                        shutil.copyfile(content, undone / name)
                    else:
                        (undone / name).write_bytes(content)
                (undone / PUT).write_text(json.dumps({"put_s": self._clock()}), encoding="utf-8")
                if size_bytes(undone) > self._max_bytes:
                    raise StoreUnreachableError("the result is larger than the whole store")
                target = self._folder / result_id
                if target.exists():
                    target.rename(self._folder / (_UNDONE + new_id()))
                undone.rename(target)
        except OSError as error:
            raise StoreUnreachableError(str(error)) from error
        finally:
            remove(undone)
        if sweeps:
            self.sweep(spare=result_id)

    def read(self, result_id: str, name: str) -> bytes | None:
        """Return a part of a result; None if there is none (any more).

        Raises
        ------
        StoreUnreachableError
            If nobody can tell whether there is one.
        """
        folder = self.local(result_id)
        if folder is None or not _NAME.fullmatch(name):
            return None
        try:
            return (folder / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreUnreachableError(str(error)) from error

    def local(self, result_id: str) -> Path | None:
        """Return a folder on this machine with the parts of a result; None if there is none.

        For what a library can only read from disk; nothing is written there.
        """
        if not is_id(result_id):
            return None
        folder = self._folder / result_id
        try:
            self._folder.stat()
            is_there = folder.is_dir() and not folder.is_symlink()
        except OSError as error:
            raise StoreUnreachableError(str(error)) from error
        return folder if is_there and not self._is_old(folder) else None

    def delete(self, result_id: str) -> None:
        """Delete a result with all its parts; a missing one is fine."""
        if is_id(result_id):
            self._remove(self._folder / result_id)

    def sweep(self, *, spare: str | None = None) -> int:
        """Delete what is too old, and the oldest of what is too much; return how many.

        Parameters
        ----------
        spare : str, optional
            A result that stays whatever the size: the one that was just put in.
        """
        gone = [folder for folder in self._folders() if self._is_old(folder)]
        for folder in gone:
            self._remove(folder)
        kept = sorted(self._folders(), key=self._put_s)
        sizes = [size_bytes(folder) for folder in kept]
        excess = sum(sizes) - self._max_bytes
        for folder, size in zip(kept, sizes, strict=True):
            if excess <= 0:
                break
            if folder.name != spare:
                self._remove(folder)
                gone.append(folder)
                excess -= size
        self._sweep_undone()
        self._tell_of_others()
        return len(gone)

    def _tell_of_others(self) -> None:
        """Tell of what another server has deleted since the last look."""
        if self._folder.is_dir():  # or it cannot be reached, and nothing is deleted
            there = {folder.name for folder in self._folders()}
            for result_id in self._seen - there:
                self._on_gone(result_id)
            self._seen = there

    def _remove(self, folder: Path) -> None:
        remove(folder)
        self._seen.discard(folder.name)
        self._on_gone(folder.name)

    def _sweep_undone(self) -> None:
        """Delete what a server left that died while it wrote."""
        for folder in self._folder.glob(_UNDONE + "*"):
            try:
                age_s = self._clock() - folder.stat().st_mtime
            except OSError:
                continue
            if age_s > 3600:
                remove(folder)

    def _folders(self) -> Iterator[Path]:
        return (path for path in list(self._folder.glob("*")) if is_id(path.name))

    def _is_old(self, folder: Path) -> bool:
        return self._clock() - self._put_s(folder) > self._keep_s

    def _put_s(self, folder: Path) -> float:
        try:
            return float(json.loads((folder / PUT).read_bytes())["put_s"])
        except (OSError, ValueError, TypeError, KeyError):
            return 0.0  # nobody knows since when: as good as too old

    def _check(self, result_id: str, *names: str) -> None:
        if not is_id(result_id):
            raise ValueError("expected an id of 24 characters")
        for name in names:
            if not _NAME.fullmatch(name):
                raise ValueError(f"expected a plain name such as report.json, got {name!r}")
