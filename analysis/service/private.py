"""Folders and files that nobody else on the machine can read."""

import os
import shutil
import stat
from pathlib import Path

from analysis.service.ids import new_id


def private_folder(path: Path) -> Path:
    """Make a folder with mode 0700, or take one that is ours already.

    Raises
    ------
    PermissionError
        If something else lies there, or the folder belongs to somebody else: below
        a shared place such as ``/tmp`` anybody could have put it there first.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    about = path.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid():
        raise PermissionError(f"expected a folder of our own at {path}")
    if stat.S_IMODE(about.st_mode) != 0o700:
        path.chmod(0o700)
    return path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it, not even after a crash."""
    part = path.with_name(f".{new_id()}")
    try:
        part.write_bytes(content)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def read_plain(path: Path, *, most_bytes: int) -> bytes | None:
    """Read a file that somebody else may have put there.

    Returns
    -------
    bytes or None
        None if there is none, if it is a link, a pipe or the like, or if it is larger.
    """
    try:
        # Not even opened through a link; a pipe without a writer would hold us for ever.
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    about = os.fstat(opened)
    if not stat.S_ISREG(about.st_mode) or about.st_size > most_bytes:
        os.close(opened)
        return None
    with os.fdopen(opened, "rb") as source:
        content = source.read(most_bytes + 1)
    return content if len(content) <= most_bytes else None


def remove(folder: Path) -> None:
    """Delete a folder with everything in it; a missing one is fine."""
    shutil.rmtree(folder, ignore_errors=True)


def size_bytes(folder: Path) -> int:
    """Size of all files below a folder; those that go meanwhile count nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            about = path.lstat()
        except OSError:
            continue
        if stat.S_ISREG(about.st_mode):
            total += about.st_size
    return total
