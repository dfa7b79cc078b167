"""What a child can no longer do, and what it still can."""

import platform
import subprocess
import sys

import pytest

from analysis.service.runner import PROJECT

CODE = """
import ctypes, os, socket, subprocess, sys, threading
from analysis.service.sandbox import shut_in
near = socket.create_server(("127.0.0.1", 0))
libc = ctypes.CDLL(None, use_errno=True)
def call(number):
    if libc.syscall(number, 0, None) < 0 and ctypes.get_errno() == 13:
        raise PermissionError
def tries():
    for name, act in {
        "inet": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        "inet6": lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM),
        "name": lambda: socket.getaddrinfo("example.org", 80),
        "start": lambda: subprocess.run(["true"], check=True),
        "unix": lambda: socket.socket(socket.AF_UNIX),
        "io_uring": lambda: call(425),
        "x32": lambda: call(0x40000000 | 39),
        "pair": lambda: socket.socketpair(),
        "file": lambda: open(os.devnull, "w").close(),
    }.items():
        try:
            act()
            print(name, "works")
        except (OSError, subprocess.SubprocessError) as error:
            print(name, "fails", type(error).__name__)
door = threading.Event()
early = threading.Thread(target=lambda: door.wait() and tries())
late = threading.Thread(target=tries)
if sys.argv[2] == "early":
    early.start()
if sys.argv[1] == "shut-in":
    assert shut_in()
if sys.argv[2] == "early":
    door.set()
    early.join()
else:
    late.start()
    late.join()
"""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"),
    reason="no filter for this machine",
)


def told(how: str, *, when: str) -> dict[str, str]:
    """Try everything in a process, in a thread that began before or after the door was shut."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, how, when],
        cwd=PROJECT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


@pytest.mark.parametrize("when", ["early", "late"])
def test_nobody_is_called_and_nothing_started(when: str) -> None:
    """Nor by the back doors; files and pairs of sockets work as ever."""
    assert told("shut-in", when=when) == {
        "inet": "fails PermissionError",
        "inet6": "fails PermissionError",
        "name": "fails gaierror",
        "start": "fails PermissionError",
        "unix": "fails PermissionError",
        "io_uring": "fails PermissionError",
        "x32": "fails PermissionError",
        "pair": "works",
        "file": "works",
    }


def test_outside_it_all_works() -> None:
    """Or the other test shows nothing."""
    open_door = told("open", when="late")
    assert all(open_door[name] == "works" for name in open_door if name not in ("inet6", "name"))
