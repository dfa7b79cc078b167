"""The app as a host runs it, on a port of its own, with its log kept."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from analysis.service.runner import PROJECT

_START_S = 90.0


class Server:
    """A running server; used in a ``with``.

    Parameters
    ----------
    module : sequence of str
        What Python runs: ``["streamlit", "run", "app.py"]``, or one of the tests.
    folder : Path
        Where films, results and the log go.
    grace_s : float
        Seconds that it may take to finish films at its end.
    environment : mapping, optional
        More settings.
    """

    def __init__(
        self,
        module: Sequence[str],
        folder: Path,
        *,
        grace_s: float = 5,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", *module, "--server.address", "127.0.0.1"]
        command += ["--server.port", str(port), "--server.enableXsrfProtection", "false"]
        env = {
            **os.environ,
            "TWO_BOWLS_DATA": str(folder / "data"),
            "TWO_BOWLS_GRACE_S": str(grace_s),
            **(environment or {}),
        }
        with (folder / "log.txt").open("ab") as out:
            self.process = subprocess.Popen(command, cwd=PROJECT, stdout=out, stderr=out, env=env)

    def __enter__(self) -> Self:
        ends = time.monotonic() + _START_S
        while time.monotonic() < ends:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server has ended:\n{self.log()}")
            try:
                with urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=2):
                    return self
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self.process.kill()
        self.process.wait()
        raise TimeoutError("the server does not answer")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.terminate()
        self.process.wait(timeout=60)

    def log(self) -> str:
        """Return all that it has written so far."""
        return (self.folder / "log.txt").read_text(errors="replace")
