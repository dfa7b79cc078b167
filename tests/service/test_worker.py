"""The real child: its limits, its end, and what it touches."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analysis.service.job import BY_EXIT_CODE, FIRST, PARTS, PHOTO_PARTS, State
from analysis.service.request import PhotoTask, Request
from analysis.service.runner import PROJECT, worker_command
from tests import photos
from tests.clips import with_external_track, write_clip
from tests.service.conftest import is_alive, wait_for
from tests.service.tracing import can_trace, trace

SAMPLE = PROJECT / "analysis" / "data" / "sample.mp4"
CANARY = "canary.mov"

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("pose_model")]


def start(*, nice: int = 0) -> "subprocess.Popen[str]":
    """Start a child as the runner does."""
    return subprocess.Popen(
        worker_command(nice), cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip


def ask(film: Path, out: Path, *, memory_mb: int = 1200) -> str:
    """Write a request."""
    return Request(film=str(film), out=str(out), memory_mb=memory_mb, cpu_s=300).to_line()


def test_a_child_measures_and_tells(tmp_path: Path) -> None:
    """All parts of a result, progress to the end, and what the log wants to know."""
    child = start()
    said, _ = child.communicate(ask(SAMPLE, tmp_path))
    assert child.returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {*PARTS, FIRST}
    lines = [json.loads(line) for line in said.splitlines()]
    assert lines[0] == {"stage": "open", "done": 0.0, "left_s": None}
    assert {"stage": "write", "done": 1.0, "left_s": 0.0} in lines
    facts = {k: v for line in lines for k, v in line.get("facts", {}).items()}
    assert facts == {"codec": "h264", "container": "mov", "px": 540 * 960}


def test_a_child_measures_a_photo(tmp_path: Path) -> None:
    """Report, page and picture; nothing else stays."""
    request = Request(
        film=str(photos.LUNGE), out=str(tmp_path), photo=PhotoTask(kind="ankle"),
        memory_mb=1200, cpu_s=300,
    )  # fmt: skip
    child = start()
    child.communicate(request.to_line())
    assert child.returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == set(PHOTO_PARTS)


def test_a_child_takes_two_photos_of_one_upload_apart(tmp_path: Path) -> None:
    """Squat and standing one behind the other; the copies are gone after it."""
    squat, upright = (photos.encoded(photos.from_sample(deepest=deep)) for deep in (True, False))
    upload, out = tmp_path / "film", tmp_path / "out"
    upload.write_bytes(squat + upright)
    out.mkdir()
    task = PhotoTask(kind="still", standing_at=len(squat))
    request = Request(film=str(upload), out=str(out), photo=task, memory_mb=1200, cpu_s=300)
    child = start()
    child.communicate(request.to_line())
    assert child.returncode == 0
    assert {path.name for path in out.iterdir()} == set(PHOTO_PARTS)
    assert json.loads((out / "report.json").read_text())["lumbar_change_deg"] is not None


def test_a_child_steps_back_and_holds_limits(tmp_path: Path) -> None:
    """Lower priority from the start; memory, computing and files once there is a film."""
    child = start(nice=5)
    try:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(ask(SAMPLE, tmp_path))
        child.stdin.flush()
        child.stdout.readline()
        child.stdout.readline()  # the first words about the film come after the limits
        assert os.getpriority(os.PRIO_PROCESS, child.pid) >= 5
        text = Path(f"/proc/{child.pid}/limits").read_text()
        limits = {line[:26].strip(): line[26:].split()[0] for line in text.splitlines()[1:]}
        assert 1200 << 20 < int(limits["Max data size"]) < 2500 << 20
        assert 300 <= int(limits["Max cpu time"]) <= 310
        assert limits["Max core file size"] == "0"
        assert limits["Max file size"] == str(256 << 20)
        assert Path(f"/proc/{child.pid}/oom_score_adj").read_text().strip() == "600"
    finally:
        child.kill()
        child.communicate()


def test_too_little_memory_ends_one_child(tmp_path: Path) -> None:
    """A real film over the limit: an exit code or the system's signal, no result."""
    child = start()
    child.communicate(ask(SAMPLE, tmp_path, memory_mb=120))
    assert BY_EXIT_CODE.get(child.returncode, State.CRASHED) in (State.TOO_LARGE, State.CRASHED)
    assert not (tmp_path / "report.json").exists()


def test_a_child_ends_with_its_server() -> None:
    """A server that is killed leaves no child behind, not even a busy one."""
    code = (
        "import subprocess, sys, time\n"
        "from analysis.service.runner import worker_command\n"
        "child = subprocess.Popen(worker_command(0), stdin=subprocess.PIPE)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", code], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    with server.stdout as said:
        pid = int(said.readline())
    # Stopped, so that it cannot notice the end of its standard input by itself.
    time.sleep(2)
    os.kill(pid, signal.SIGSTOP)
    server.kill()
    server.wait()
    wait_for(lambda: not is_alive(pid))


def test_no_film_is_no_error() -> None:
    """A server that ends in an orderly way closes the line."""
    child = start()
    child.communicate("")
    assert child.returncode == 0


@pytest.fixture
def traced(tmp_path: Path) -> Path:
    """Folder with a canary beside the film; strace must work on CI."""
    if not can_trace(tmp_path):
        if os.environ.get("CI") == "true":
            pytest.fail("strace cannot trace here")
        pytest.skip("strace cannot trace here")
    write_clip(tmp_path / CANARY)
    return tmp_path


@pytest.mark.parametrize("kind", ["sample", "external-track", "playlist"])
def test_a_child_touches_its_own_film_and_result_alone(traced: Path, kind: str) -> None:
    """Seen by the system: no other file is read, none written, nobody is called."""
    film = traced / "film"
    film.write_bytes(
        {
            "sample": SAMPLE.read_bytes(),
            "external-track": with_external_track(
                (traced / CANARY).read_bytes(), other_name=CANARY
            ),
            "playlist": f"ffconcat version 1.0\nfile {CANARY}\n".encode(),
        }[kind]
    )
    seen = trace(traced, film, command=worker_command(0))
    assert seen.code == (0 if kind == "sample" else 2)
    assert str(film) in seen.opened  # or the trace shows nothing
    assert any(path.startswith(str(traced / "out")) for path in seen.changed) is (kind == "sample")
    assert seen.outside(film=film, out=traced / "out") == []
    assert seen.connections == []


def test_the_trace_would_show_it(traced: Path) -> None:
    """A child that reads the canary, writes beside its result and calls somebody is seen."""
    code = (
        "import json, socket, sys\n"
        "from pathlib import Path\n"
        "film = Path(json.loads(sys.stdin.readline())['film'])\n"
        "film.read_bytes(); film.with_name('canary.mov').read_bytes()\n"
        "film.with_name('mine').write_text('')\n"
        "try:\n"
        "    socket.create_connection(('127.0.0.1', 9), timeout=1)\n"
        "except OSError:\n"
        "    pass\n"
    )
    film = traced / "film"
    film.write_bytes(b"film")
    seen = trace(traced, film, command=[sys.executable, "-c", code])
    assert seen.outside(film=film, out=traced / "out") == [
        str(traced / CANARY),
        str(traced / "mine"),
    ]
    assert seen.connections == [9]


def test_a_preview_is_measured_for_the_film(tmp_path: Path) -> None:
    """No preview of a preview; the report says of the film what it said of the upload."""
    clip = {"duration_s": 5.3, "frames_read": 1, "fps": 30.0, "width": 1080, "height": 1920,
            "rotation_deg": 90, "filmed_on": "2026-11-02"}  # fmt: skip
    request = Request(film=str(SAMPLE), out=str(tmp_path), memory_mb=1200, cpu_s=300, clip=clip)
    child = start()
    child.communicate(request.to_line())
    assert child.returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {*PARTS, FIRST} - {"preview.mp4"}
    report = json.loads((tmp_path / "report.json").read_bytes())
    assert report["clip"] == clip | {"frames_read": len(report["frames"])}
