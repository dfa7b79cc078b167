"""What the system saw a child open, by strace."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from analysis.model import cache_folder
from analysis.service.request import Request
from analysis.service.runner import PROJECT

STRACE = shutil.which("strace")

# Calls that read or change a file; those that only ask about one are not looked at.
_CALL = re.compile(
    r"(?P<call>open|openat|openat2|creat|unlink|unlinkat|rename|renameat|renameat2|mkdir|mkdirat"
    r"|symlink|symlinkat|link|linkat|execve|truncate|chmod|fchmodat)\("
    r"(?:AT_FDCWD, |\d+, )?\"(?P<path>[^\"]*)\"(?P<rest>.*)\) += (?P<result>-?\d+)"
)
_ADDRESS = re.compile(r"(?:connect|sendto|sendmsg|sendmmsg)\(.*sa_family=AF_INET6?.*htons\((\d+)\)")
# What the libraries read of the machine itself.
_OF_THE_SYSTEM = ("/sys/", "/proc/", "/usr/lib", "/usr/share/", "/usr/local/lib", "/lib", "/etc/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What a child did once it had its film."""

    opened: frozenset[str]
    changed: frozenset[str]
    ports: frozenset[int]
    code: int

    def outside(self, *, film: Path, out: Path) -> list[str]:
        """List what it touched beyond its own film, its own result, the app and the model."""
        python = {sys.prefix, sys.base_prefix, str(Path(sys.prefix).resolve())}
        app = (str(PROJECT), *python, *_OF_THE_SYSTEM, "/dev/urandom")
        model = os.environ.get("TWO_BOWLS_MODEL") or str(cache_folder())
        read = [
            path
            for path in self.opened - self.changed
            if path != str(film) and not path.startswith((str(out), model, *app))
        ]
        written = [p for p in self.changed if not p.startswith(str(out)) and p != "/dev/null"]
        return sorted(path for path in [*read, *written] if path != "/dev/null")

    @property
    def connections(self) -> list[int]:
        """Ports called, of whatever address."""
        return sorted(self.ports)


def can_trace(folder: Path) -> bool:
    """Whether strace is there and may trace."""
    if STRACE is None:
        return False
    command = [STRACE, "-f", "-qq", "-o", str(folder / "probe"), "true"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def trace(folder: Path, film: Path, *, command: list[str]) -> Trace:
    """Run a child under strace on one film; its result goes to ``folder / "out"``."""
    out, log = folder / "out", folder / "trace.log"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    request = Request(film=str(film), out=str(out), memory_mb=1200, cpu_s=300)
    flags = ["-f", "-qq", "-s", "4096", "-e", "trace=%file,%network", "-o", str(log)]
    done = subprocess.run(
        [str(STRACE), *flags, *command], cwd=PROJECT, check=False, capture_output=True, text=True,
        input=request.to_line(),
    )  # fmt: skip
    lines = log.read_text(errors="replace").splitlines()
    first = next(index for index, line in enumerate(lines) if f'"{film}"' in line)
    return _read(lines[first:], done.returncode)


def _read(lines: list[str], code: int) -> Trace:
    opened, changed, ports = set(), set(), set()
    for line in lines:
        address = _ADDRESS.search(line)
        if address:
            ports.add(int(address[1]))
        call = _CALL.search(line)
        if call is None or int(call["result"]) < 0:
            continue
        opened.add(call["path"])
        is_read = call["call"].startswith("open") and not re.search(
            r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_TMPFILE", call["rest"]
        )
        if not is_read:
            changed.add(call["path"])
    return Trace(
        opened=frozenset(opened), changed=frozenset(changed), ports=frozenset(ports), code=code
    )
