"""Private folders for films and results, and the promise that they go away.

Every server process has one folder of its own in the system's temporary place,
readable by nobody else, with one folder per job in it under a name that cannot
be guessed. The process holds a lock on its folder for as long as it lives, so
that a later process can tell a dead server's folder from one in use.
"""

import atexit
import fcntl
import os
import secrets
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import IO

PREFIX = "two-bowls-"

# A folder this young may belong to a server that has not locked it yet.
_YOUNG_S = 60.0

_guard = threading.Lock()
_root: Path | None = None
_held: IO[bytes] | None = None


def root() -> Path:
    """Folder of this server process, made at the first call."""
    global _root, _held
    with _guard:
        if _root is None or not _root.is_dir():
            _root = Path(tempfile.mkdtemp(prefix=PREFIX))  # mkdtemp gives mode 0700
            _held = (_root / ".lock").open("wb")
            fcntl.flock(_held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return _root


def new_folder() -> Path:
    """Make an empty folder for one job; its name is the job's secret id."""
    folder = root() / secrets.token_urlsafe(18)
    folder.mkdir(mode=0o700)
    return folder


def remove(folder: Path) -> None:
    """Delete a job's folder with everything in it; a missing one is fine."""
    shutil.rmtree(folder, ignore_errors=True)


def sweep() -> int:
    """Delete the folders of servers that have died; return how many."""
    removed = 0
    for folder in Path(tempfile.gettempdir()).glob(PREFIX + "*"):
        if folder != _root and _is_abandoned(folder):
            remove(folder)
            removed += 1
    return removed


def _is_abandoned(folder: Path) -> bool:
    """Tell whether the folder is ours, old enough, and locked by nobody."""
    try:
        about = folder.lstat()
        if about.st_uid != os.getuid() or not folder.is_dir() or folder.is_symlink():
            return False
        if time.time() - about.st_mtime < _YOUNG_S:
            return False
        with (folder / ".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # locked (in use), or gone in the meantime
        return False
    return True


def close() -> None:
    """Delete everything of this process; called when the server ends."""
    global _root, _held
    with _guard:
        if _root is not None:
            remove(_root)
        if _held is not None:
            _held.close()
        _root = _held = None


atexit.register(close)
