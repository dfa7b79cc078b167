"""A scheduler and workers on this machine, started by the commands of the README."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from analysis.service.runner import PROJECT

README = PROJECT / "README.md"
_START_S = 120
# What stands in the README for the address of the scheduler.
_ADDRESS = "127.0.0.1:8786"


def command_of(kind: str) -> list[str]:
    """Return the command of the README that starts a ``scheduler`` or a ``worker``."""
    text = README.read_text(encoding="utf-8")
    found = re.findall(rf"^\.venv/bin/python (-m dask {kind} .*)$", text, re.MULTILINE)
    assert len(found) == 1, f"the README should start one sort of {kind}"
    return [sys.executable, *found[0].split()]


class DaskCluster:
    """A running cluster; used in a ``with``.

    Parameters
    ----------
    folder : Path
        For the logs.
    workers : int
    flags : sequence of str
        More for every command, such as the certificates.
    protocol : str
    pinned : bool
        Whether each worker has a core of its own.
    environment : mapping, optional
        On top of this process's own.
    """

    def __init__(
        self,
        folder: Path,
        *,
        workers: int = 2,
        flags: tuple[str, ...] = (),
        protocol: str = "tcp",
        pinned: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._folder = folder
        self._flags = flags
        self._environment = {**os.environ, **(environment or {})}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.address = f"{protocol}://127.0.0.1:{self._port}"
        self._started = [self._start("scheduler", "scheduler.txt")]
        for core in range(workers):
            before = ["taskset", "-c", str(core)] if pinned else []
            self._started.append(self._start("worker", f"worker-{core}.txt", *before))
        self._workers = workers

    def __enter__(self) -> Self:
        try:
            with self.client() as client:
                client.wait_for_workers(self._workers, timeout=_START_S)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all."""
        for process in reversed(self._started):
            self._end(process)

    def lose_scheduler(self) -> None:
        """End the scheduler at once."""
        self._started[0].kill()

    def start_again(self) -> None:
        """Start all again, at the same address: workers end with their scheduler."""
        self.close()
        self._started = [
            self._start("scheduler", "scheduler.txt"),
            *(self._start("worker", f"worker-{core}.txt") for core in range(self._workers)),
        ]

    def client(self, **given: Any) -> Any:  # noqa: ANN401  # Dask has no types
        """Call the scheduler, to look at it."""
        from distributed import Client

        return Client(self.address, timeout=_START_S, set_as_default=False, **given)

    def log(self) -> str:
        """Return all that scheduler and workers have written so far."""
        return "\n".join(path.read_text() for path in sorted(self._folder.glob("*.txt")))

    def _start(self, kind: str, log: str, *before: str) -> "subprocess.Popen[bytes]":
        told = " ".join(command_of(kind))
        told = told.replace(f"tcp://{_ADDRESS}", self.address)
        told = told.replace("--port 8786", f"--port {self._port}")
        with (self._folder / log).open("ab") as out:
            return subprocess.Popen(
                [*before, *told.split(), *self._flags],
                cwd=PROJECT, env=self._environment, stdout=out, stderr=out, process_group=0,
            )  # fmt: skip

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
