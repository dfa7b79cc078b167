"""A child process from the server's side: start it, hand it a film, end it."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final

from analysis.service.request import Request

PROJECT: Final = Path(__file__).resolve().parents[2]

# From the environment of the server a child gets what Python, the libraries and the
# fetching of the model need, and no secret that a host may keep there.
_PASSED_ON: Final = re.compile(
    r"PATH|HOME|LANG|LC_\w+|TZ|TMPDIR|LD_LIBRARY_PATH|VIRTUAL_ENV|XDG_CACHE_HOME|TWO_BOWLS_\w+"
    r"|PYTHON\w*|PIP_\w+|SSL_CERT_\w+|\w+_proxy|\w+_PROXY"
)
_LINE_CHARS: Final = 300
# A decoder gone mad could write without end, into the memory of the server.
_PIECE_CHARS: Final = 2000
_TAIL_BYTES: Final = 20_000


def worker_command(nice: int) -> list[str]:
    """Return the command of a real child, which steps back by so much."""
    return [sys.executable, "-m", "analysis.service.worker", str(nice)]


class Child:
    """One child process, which analyses one film.

    Parameters
    ----------
    command : sequence of str
    folder : Path
        Where it starts: Python finds the app from there.

    Raises
    ------
    OSError
        If it cannot be started.
    """

    def __init__(self, command: Sequence[str], *, folder: Path) -> None:
        # Without a name, and gone with the last who holds it.
        self._complaint: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env={k: v for k, v in os.environ.items() if _PASSED_ON.fullmatch(k)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._complaint,
                # A group of its own, to be ended as one. Not a session of its own: Linux
                # weighs sessions against each other first (autogroup), where a child
                # however nice has as much of the machine as the whole server.
                process_group=0,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
        except BaseException:
            self._complaint.close()
            raise

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def hand(self, request: Request) -> None:
        """Give it its film.

        Raises
        ------
        OSError
            If it has ended in the meantime.
        """
        assert self._process.stdin is not None
        with self._process.stdin as line:
            line.write(request.to_line())

    def lines(self) -> Iterator[str]:
        """Return what it says, line by line until it ends; a line without end in pieces."""
        assert self._process.stdout is not None
        while line := self._process.stdout.readline(_PIECE_CHARS):
            yield line

    def wait(self) -> int:
        """Wait for the end and return the exit code, negative for a signal."""
        return self._process.wait()

    def kill(self) -> None:
        """End it at once, with everything that it started itself."""
        if self.is_alive:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End it and give back what it held here."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._complaint.close()

    def complaint(self) -> str:
        """Return the end of what it wrote to standard error."""
        size = self._complaint.seek(0, os.SEEK_END)
        self._complaint.seek(max(0, size - _TAIL_BYTES))
        return self._complaint.read().decode("utf-8", errors="replace")


def last_sentence(complaint: str) -> str:
    """Last line on standard error: ours, behind what the libraries wrote there."""
    said = [line.strip() for line in complaint.splitlines() if line.strip()]
    return said[-1][:_LINE_CHARS] if said else ""
