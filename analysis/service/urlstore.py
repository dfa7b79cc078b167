"""Finished results behind a URL, for servers that share no folder."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from analysis.service.bucket import Bucket, bucket_of
from analysis.service.ids import is_id, new_id
from analysis.service.private import private_folder, remove
from analysis.service.store import PUT, ResultStore, StoreUnreachableError

# After so long what has no list of its parts was left by a server that died.
_UNDONE_S: Final = 3600.0


class UrlStore(ResultStore):
    """Results in a bucket, which knows no renaming: the list of the parts is written last.

    Each put writes its parts under new names and then one small object that lists
    them, in one go as all object stores do. Until then the result is not there, or is
    still the one before.

    Parameters
    ----------
    url : str
        As fsspec knows it; all below it is the store's.
    copies : Path
        Folder of this server for what a library can only read from disk.
    keep_s, max_bytes, clock, on_gone
        See `ResultStore`.
    """

    def __init__(
        self,
        url: str,
        *,
        copies: Path,
        keep_s: float,
        max_bytes: int,
        clock: Callable[[], float] = time.time,
        on_gone: Callable[[str], None] = lambda result_id: None,
    ) -> None:
        super().__init__(copies, keep_s=keep_s, max_bytes=max_bytes, clock=clock, on_gone=on_gone)
        self._url = url
        self._opened: Bucket | None = None
        self._copying = threading.Lock()
        # Lists of the parts, so that a sweep need not read them all each time.
        self._known: dict[str, dict[str, Any]] = {}
        self._undone_since_s: dict[str, float] = {}

    @property
    def _bucket(self) -> Bucket:
        if self._opened is None:
            self._opened = bucket_of(self._url)
        return self._opened

    def open(self) -> None:
        """See `ResultStore`; copies of an earlier server are deleted."""
        remove(self._folder)
        super().open()

    def put(
        self, result_id: str, files: Mapping[str, bytes | Path], *, sweeps: bool = True
    ) -> None:
        """See `ResultStore`."""
        self._check(result_id, *files)
        mark = new_id()
        before = self._list_of(result_id)
        try:
            size = sum(
                self._put_part(f"{result_id}/{mark}/{name}", content)
                for name, content in files.items()
            )
            if size > self._max_bytes:
                raise StoreUnreachableError("the result is larger than the whole store")
        except OSError as error:
            self._bucket.remove(f"{result_id}/{mark}")
            raise StoreUnreachableError(str(error)) from error
        told = {"put_s": self._clock(), "bytes": size, "mark": mark, "parts": sorted(files)}
        self._bucket.write(f"{result_id}/{PUT}", json.dumps(told).encode())
        self._known[result_id] = told
        if before is not None:
            self._bucket.remove(f"{result_id}/{before['mark']}")
        if sweeps:
            self.sweep(spare=result_id)

    def _put_part(self, name: str, content: bytes | Path) -> int:
        """Write a part and return its size."""
        if isinstance(content, Path):
            self._bucket.send(content, name)
            return content.stat().st_size
        self._bucket.write(name, content)
        return len(content)

    def read(self, result_id: str, name: str) -> bytes | None:
        """See `ResultStore`."""
        told = self._list_of(result_id)
        if told is None or name not in told["parts"] or self._is_over(told):
            return None
        return self._bucket.read(f"{result_id}/{told['mark']}/{name}")

    def local(self, result_id: str) -> Path | None:
        """See `ResultStore`; the parts are fetched if they are not here yet."""
        told = self._list_of(result_id)
        if told is None or self._is_over(told):
            return None
        with self._copying:
            folder = self._folder / result_id
            if not (folder / told["mark"]).is_file():
                remove(folder)
                private_folder(folder)
                try:
                    for name in told["parts"]:
                        self._bucket.fetch(f"{result_id}/{told['mark']}/{name}", folder / name)
                except FileNotFoundError:  # deleted in this very moment
                    remove(folder)
                    return None
                (folder / told["mark"]).touch()
        return folder

    def delete(self, result_id: str) -> None:
        """See `ResultStore`."""
        if is_id(result_id):
            self._bucket.remove(f"{result_id}/{PUT}")  # from here on nobody finds it
            self._bucket.remove(result_id)
            self._forget(result_id)

    def sweep(self, *, spare: str | None = None) -> int:
        """See `ResultStore`."""
        names = self._bucket.names()
        ids = {name.split("/", 1)[0] for name in names}
        listed = {i for i in ids if is_id(i) and f"{i}/{PUT}" in names}
        found = ((i, self._known.get(i) or self._list_of(i)) for i in listed)
        told = {i: each for i, each in found if each is not None}
        kept = sorted(told.items(), key=lambda pair: float(pair[1]["put_s"]))
        gone = [i for i, each in kept if self._is_over(each)]
        kept = [(i, each) for i, each in kept if i not in gone]
        excess = sum(int(each["bytes"]) for _, each in kept) - self._max_bytes
        for result_id, each in kept:
            if excess > 0 and result_id != spare:
                gone.append(result_id)
                excess -= int(each["bytes"])
        for result_id in gone:
            self.delete(result_id)
        # What another server has deleted must not stay here.
        for result_id in [i for i in self._known if i not in told]:
            self._forget(result_id)
        self._sweep_parts(ids - set(told))
        return len(gone)

    def _sweep_parts(self, undone: set[str]) -> None:
        now = self._clock()
        self._undone_since_s = {i: self._undone_since_s.get(i, now) for i in undone}
        for result_id, since_s in self._undone_since_s.items():
            if now - since_s > _UNDONE_S:
                self._bucket.remove(result_id)

    def _list_of(self, result_id: str) -> dict[str, Any] | None:
        """Read the list of the parts of a result; None if there is none."""
        if not is_id(result_id):
            return None
        raw = self._bucket.read(f"{result_id}/{PUT}")
        try:
            told = json.loads(raw or b"")
            told["put_s"], told["bytes"] = float(told["put_s"]), int(told["bytes"])
            told["mark"], told["parts"] = str(told["mark"]), list(told["parts"])
        except (ValueError, TypeError, KeyError):
            return None
        self._known[result_id] = told
        return dict(told)

    def _is_over(self, told: Mapping[str, Any]) -> bool:
        return self._clock() - float(told["put_s"]) > self._keep_s

    def _forget(self, result_id: str) -> None:
        self._known.pop(result_id, None)
        remove(self._folder / result_id)
        self._on_gone(result_id)
