"""What a child gives up before it looks at a film: calling anybody, and starting anything.

A film made to break a decoder may get it to run code of its own. Under Linux's filter
of system calls (seccomp) that code reaches no network and starts no program, and the
same goes for the metrics of libraries. Needs no rights and works in containers; where
the system has no such filter the limits of `analysis.service.worker` still hold.
"""

import ctypes
import errno
import platform
import struct
import sys
from collections.abc import Iterator
from typing import Final

# From <sys/prctl.h> and <linux/seccomp.h>.
_PR_SET_NO_NEW_PRIVS: Final = 38
_SET_MODE_FILTER: Final = 1
_FOR_ALL_THREADS: Final = 1
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000 | errno.EACCES

# From <linux/bpf_common.h>: load a word, compare it (equal; equal or more), return.
_LOAD: Final = 0x20
_IF_EQUAL: Final = 0x15
_IF_LEAST: Final = 0x35
_RETURN: Final = 0x06
# Where `struct seccomp_data` holds number and machine.
_NUMBER_AT, _MACHINE_AT = 0, 4

# Numbers from here on are the same calls under other names (x32).
_X32: Final = 0x40000000
# By machine: its mark in <linux/audit.h>; the numbers of socket, execve, execveat and
# io_uring_setup, which opens and calls without a call of the system for each; and the
# number of seccomp itself.
_MACHINES: Final = {
    "x86_64": (0xC000003E, (41, 59, 322, 425), 317),
    "aarch64": (0xC00000B7, (198, 221, 281, 425), 277),
}


class _Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def shut_in() -> bool:
    """Let this process, with all its threads, call nobody and start nothing, for good.

    Returns
    -------
    bool
        False if this system has no such filter.
    """
    machine = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None:
        return False
    mark, refused, seccomp = machine
    code = b"".join(_filter(mark, refused))
    program = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    # What the pose model waits with has threads already.
    return not libc.syscall(seccomp, _SET_MODE_FILTER, _FOR_ALL_THREADS, ctypes.byref(program))


def _filter(mark: int, refused: tuple[int, ...]) -> Iterator[bytes]:
    """Write the filter; a jump counts the steps that are passed over."""
    last = len(refused) + 5  # the step that refuses
    yield _step(_LOAD, _MACHINE_AT)
    yield _step(_IF_EQUAL, mark, if_not=last - 2)  # 32-bit calls have other numbers
    yield _step(_LOAD, _NUMBER_AT)
    yield _step(_IF_LEAST, _X32, if_so=last - 4)
    for at, number in enumerate(refused, start=4):
        yield _step(_IF_EQUAL, number, if_so=last - at - 1)
    yield _step(_RETURN, _ALLOW)
    yield _step(_RETURN, _REFUSE)


def _step(code: int, value: int, *, if_so: int = 0, if_not: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_so, if_not, value)
