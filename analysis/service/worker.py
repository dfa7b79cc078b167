"""The child that analyses one film: ``python -m analysis.service.worker``.

It steps back behind the server, loads everything (so late are the imports for that
reason) and then waits for one line on standard input, the `Request` as JSON, so that
a film need not wait for the start. It holds itself to the limits in it, does what
``python -m analysis`` does, and ends. One child never
sees two films: what one of them did to the memory ends with it.

Standard output tells the progress as JSON lines, and ``{"facts": {...}}`` about the
film. Exit codes as on the command line, and 5 if the film needs too much memory.
"""

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from analysis.errors import TwoBowlsError
from analysis.service.job import FIRST, FRAMES, OVERLAY, PAGE, PICTURE, PREVIEW, REPORT
from analysis.service.request import PhotoTask, Request
from analysis.service.sandbox import shut_in

if TYPE_CHECKING:
    from analysis.pose import PoseModel

TOO_MUCH_MEMORY: Final = 5

# The largest file a child may write, bytes; a preview of 90 s has about 12 MB.
_LARGEST_FILE: Final = 256 << 20
_OPEN_FILES: Final = 512
# From <sys/prctl.h>.
_PR_SET_PDEATHSIG: Final = 1
# Rather this process than the server, should the machine run out of memory.
_OOM_SCORE: Final = "600"


def settle(nice: int) -> None:
    """Step back behind the server, and end when it ends."""
    os.nice(nice)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would hold the film
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE, encoding="ascii")
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def warm_up() -> "PoseModel | None":
    """Load and open all that an analysis needs; what is missing is told when there is a film."""
    with contextlib.suppress(TwoBowlsError, ImportError):
        import scipy.ndimage
        import scipy.signal  # noqa: F401

        from analysis.cli import native_messages_dropped
        from analysis.model import ensure_model
        from analysis.pose import MediaPipeModel
        from analysis.tracking import open_ahead

        model = MediaPipeModel(ensure_model())
        with native_messages_dropped():
            open_ahead(model)
        return model
    return None


def limit(request: Request) -> None:
    """Hold this process to the limits of a request, for good."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = int(usage.ru_utime + usage.ru_stime) + request.cpu_s
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    # Not the address space, of which libraries reserve more than they use, but
    # what was allocated.
    data = _allocated_bytes() + (request.memory_mb << 20)
    resource.setrlimit(resource.RLIMIT_DATA, (data, data))


def _allocated_bytes() -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) << 10
    raise OSError("expected VmData in /proc/self/status")


def run(request: Request, model: "PoseModel | None") -> int:
    """Do what the request says; return the exit code."""
    from analysis import cli

    if request.photo is not None:
        return _run_photo(request, request.photo, model)
    out = Path(request.out)
    command = [request.film, "-o", str(out / REPORT), "--csv", str(out / FRAMES)]
    command += ["--overlay", str(out / OVERLAY), "--first", str(out / FIRST), "--progress"]
    if request.clip is None:
        command += ["--preview", str(out / PREVIEW)]
    if request.height_cm is not None:
        command += ["--height-cm", f"{request.height_cm:g}"]
    if request.person is not None:
        command += ["--person", str(request.person)]
    try:
        _tell_film(Path(request.film))
        code = cli.main(command, model=model)
        if request.clip is not None:
            _name_clip(out / REPORT, request.clip)
    except MemoryError:
        return TOO_MUCH_MEMORY
    return code


def _run_photo(request: Request, task: PhotoTask, model: "PoseModel | None") -> int:
    """Measure a photo, or two that came as one upload."""
    from analysis import cli

    out, photo = Path(request.out), Path(request.film)
    parts: list[Path] = []
    command = ["-o", str(out / REPORT), "--picture", str(out / PICTURE), "--page", str(out / PAGE)]
    if task.standing_at is not None:
        content = photo.read_bytes()
        parts = [out / "squat.part", out / "standing.part"]
        parts[0].write_bytes(content[: task.standing_at])
        parts[1].write_bytes(content[task.standing_at :])
        photo = parts[0]
        command += ["--standing", str(parts[1])]
    if task.side is not None:
        command += ["--side", task.side]
    if request.height_cm is not None:
        command += ["--height-cm", f"{request.height_cm:g}"]
    try:
        return cli.main([task.kind, str(photo), *command], model=model)
    except MemoryError:
        return TOO_MUCH_MEMORY
    finally:
        for part in parts:
            part.unlink(missing_ok=True)


def _tell_film(path: Path) -> None:
    """Tell what sort of film it is; the analysis will say what is wrong with it."""
    from analysis.video import FilmReader

    with contextlib.suppress(TwoBowlsError), FilmReader(path) as film:
        meta = film.meta
        _tell(codec=meta.codec, container=meta.container, px=meta.width_px * meta.height_px)


def _name_clip(report: Path, clip: dict[str, Any]) -> None:
    """Say of the film what was said when it was uploaded; what was read is that of now."""
    if report.is_file():
        told = json.loads(report.read_bytes())
        told["clip"] = clip | {"frames_read": told["clip"]["frames_read"]}
        report.write_text(json.dumps(told, allow_nan=False), encoding="utf-8")


def _tell(**facts: str | int) -> None:
    _say({"facts": facts})


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main(argv: Sequence[str] | None = None) -> int:
    """Wait for one film and analyse it.

    Parameters
    ----------
    argv : sequence of str, optional
        One number: by how much to step back behind the server.
    """
    settle(int((sys.argv[1:] if argv is None else argv)[0]))
    model = warm_up()
    line = sys.stdin.readline()
    if not line:  # the server has no film any more
        return 0
    request = Request.from_line(line)
    # From here on an end of this process is the film's doing.
    _say({"stage": "open", "done": 0.0, "left_s": None})
    limit(request)
    shut_in()
    return run(request, model)


if __name__ == "__main__":
    # Without the teardown of the libraries, which takes a while and may crash after
    # all is done.
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
