"""Named bytes behind a URL: the only file that imports fsspec.

Objects are written and read whole, as object stores do it; there is no renaming and no
locking in it, because they have neither.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analysis.errors import MissingPartError
from analysis.service.store import StoreUnreachableError


class Bucket:
    """Objects below one URL.

    Parameters
    ----------
    fs : fsspec.AbstractFileSystem
    root : str
        As that file system writes it.
    """

    def __init__(self, fs: Any, root: str) -> None:  # noqa: ANN401  # fsspec has no types
        self._fs = fs
        self._root = root.rstrip("/")
        # Only disks know folders that must be there first.
        kinds = {fs.protocol} if isinstance(fs.protocol, str) else set(fs.protocol)
        self._has_folders = bool(kinds & {"file", "local", "sftp", "hdfs"})

    def write(self, name: str, content: bytes) -> None:
        """Write an object; what was there is replaced."""
        with _told():
            self._make_room(name)
            self._fs.pipe_file(self._path(name), content)

    def send(self, path: Path, name: str) -> None:
        """Write an object from a file."""
        with _told():
            self._make_room(name)
            self._fs.put_file(str(path), self._path(name))

    def read(self, name: str) -> bytes | None:
        """Read an object; None if there is none."""
        try:
            with _told():
                content: bytes = self._fs.cat_file(self._path(name))
        except FileNotFoundError:
            return None
        return content

    def fetch(self, name: str, path: Path) -> None:
        """Copy an object to a file; raises `FileNotFoundError` if there is none."""
        with _told():
            self._fs.get_file(self._path(name), str(path))

    def names(self) -> list[str]:
        """Names of all objects."""
        try:
            with _told():
                self._fs.invalidate_cache()
                found = self._fs.find(self._root)
        except FileNotFoundError:
            return []
        return sorted(str(path)[len(self._root) + 1 :] for path in found)

    def remove(self, name: str = "") -> None:
        """Delete an object, or all below a name; missing ones are fine."""
        try:
            with _told():
                self._fs.invalidate_cache()
                self._fs.rm(self._path(name), recursive=True)
        except FileNotFoundError:
            pass

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}" if name else self._root

    def _make_room(self, name: str) -> None:
        if self._has_folders:
            self._fs.makedirs(self._path(name).rsplit("/", 1)[0], exist_ok=True)


def bucket_of(url: str) -> Bucket:
    """Open what is behind a URL such as ``s3://gym/two-bowls``.

    Raises
    ------
    MissingPartError
        If fsspec, or what it needs for this sort of URL, is not installed.
    StoreUnreachableError
    """
    try:
        from fsspec.core import url_to_fs

        with _told():
            fs, root = url_to_fs(url)
    except (ImportError, ValueError) as error:
        kind = url.split("://", 1)[0]
        raise MissingPartError(
            "fsspec",
            f"A store at {kind}:// needs a library that is not installed: fsspec from "
            "requirements-cluster.txt, and what it wants for such a place.",
        ) from error
    return Bucket(fs, str(root))


@contextmanager
def _told() -> Iterator[None]:
    """Say in one word that a place cannot be reached; each has errors of its own."""
    try:
        yield
    except (FileNotFoundError, ImportError, ValueError):
        raise
    except Exception as error:
        raise StoreUnreachableError(type(error).__name__) from error
