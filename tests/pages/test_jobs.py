"""Jobs and their folders: stopping, cleaning up, and what the child may say."""

import io
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pages.shared import folders, jobs
from tests.pages.conftest import Play, wait_over


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            '{"stage": "measure", "done": 0.5, "left_s": 3}',
            jobs.Progress(stage="measure", done=0.5, left_s=3.0),
            id="plain",
        ),
        pytest.param(
            '{"stage": "look", "done": 1.5, "left_s": null}',
            jobs.Progress(stage="look", done=1.0, left_s=None),
            id="over-the-end",
        ),
        pytest.param('{"stage": "look", "done": -1, "left_s": -2}',
            jobs.Progress(stage="look", done=0.0, left_s=0.0), id="before-the-start"),
        pytest.param('{"stage": "look", "done": NaN}', None, id="nan"),
        pytest.param('{"stage": "look", "done": 0.1, "left_s": Infinity}', None, id="endless"),
        pytest.param("[1, 2]", None, id="list"),
        pytest.param('"text"', None, id="string"),
        pytest.param("WARNING: a library speaks", None, id="no-json"),
        pytest.param("", None, id="empty"),
    ],
)  # fmt: skip
def test_parse_progress(line: str, expected: jobs.Progress | None) -> None:
    """Only well-formed progress counts; everything else on the line is passed over."""
    assert jobs.parse_progress(line) == expected


def test_our_sentence_is_the_last_line(tmp_path: Path) -> None:
    """Libraries write to standard error too, before our sentence."""
    path = tmp_path / "stderr"
    path.write_text("W0000 noise\nThe film is too long.\n\n")
    assert jobs.last_sentence(path) == "The film is too long."
    path.write_text("")
    assert jobs.last_sentence(path) == ""


def test_folders_are_private(place: Path) -> None:
    """Nobody else on the machine may look at a film; names cannot be guessed."""
    folder = jobs.spool(io.BytesIO(b"film"))
    assert (folder / jobs.FILM).read_bytes() == b"film"
    for path in (folder, folder.parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert len(folder.name) >= 24
    assert folder.parent.parent == place


def test_sweep_takes_dead_servers_only(place: Path) -> None:
    """A dead server's folder goes; those in use, young or of another sort stay."""
    old = time.time() - 3600
    mine = folders.root()
    dead, young, other = place / "two-bowls-dead", place / "two-bowls-young", place / "other"
    for folder in (dead, young, other):
        folder.mkdir()
    for folder in (dead, other, mine):
        os.utime(folder, (old, old))
    in_use = _other_server(place)
    os.utime(in_use[1], (old, old))
    try:
        assert folders.sweep() == 1
        assert not dead.exists()
        assert young.exists()
        assert other.exists()
        assert mine.exists()
        assert in_use[1].exists()
    finally:
        in_use[0].kill()
        in_use[0].wait()
    os.utime(in_use[1], (old, old))
    assert folders.sweep() == 1
    assert not in_use[1].exists()


def _other_server(place: Path) -> tuple["subprocess.Popen[str]", Path]:
    code = (
        "import tempfile, time; from pages.shared import folders;"
        f"tempfile.tempdir = {str(place)!r}; print(folders.root(), flush=True); time.sleep(60)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code], cwd=jobs.PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    with child.stdout as said:
        return child, Path(said.readline().strip())


def test_folder_goes_with_the_server(place: Path) -> None:
    """An orderly end of the server leaves nothing behind."""
    code = (
        f"import tempfile; tempfile.tempdir = {str(place)!r};"
        "from pages.shared import folders; folders.new_folder()"
    )
    subprocess.run([sys.executable, "-c", code], cwd=jobs.PROJECT, check=True)
    assert list(place.glob("two-bowls-*")) == []


def test_stop_kills_the_whole_group(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child's own children end with it."""
    code = (
        "import subprocess, sys, json; p = subprocess.Popen([sys.executable, '-c', "
        "'import time; time.sleep(60)']);"
        "print(json.dumps({'stage': str(p.pid), 'done': 0.1}), flush=True); p.wait()"
    )
    monkeypatch.setattr(jobs, "command_for", lambda job: [sys.executable, "-c", code])
    job = jobs.start(Path("film"))
    ends = time.monotonic() + 10
    while job.progress.done == 0.0:
        assert time.monotonic() < ends
        time.sleep(0.02)
    grandchild = int(job.progress.stage)
    jobs.stop(job)
    wait_over(job)
    assert job.state is jobs.State.STOPPED
    while _is_alive(grandchild):
        assert time.monotonic() < ends
        time.sleep(0.02)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"  # a zombie waits for its new parent, but runs no more


def test_job_that_takes_too_long(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that hangs is ended, and that is told apart from a crash."""
    monkeypatch.setattr(jobs, "LONGEST_S", 1.0)
    play("hang")
    job = jobs.start(Path("film"))
    wait_over(job)
    assert job.state is jobs.State.LATE


def test_result_is_deleted_in_time(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to press anything for a result to go away."""
    monkeypatch.setattr(jobs, "KEEP_S", 0.5)
    play("nothing")
    job = jobs.start(Path("film"))
    ends = time.monotonic() + 20
    while job.folder.exists() or jobs.find(job.id):
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_command_names_what_was_asked_for(place: Path) -> None:
    """Height and person are passed on, and nothing of the visitor's own names."""
    job = jobs.Job(folder=place / "a", film=place / "a" / "film", owns_film=True)
    assert "--person" not in jobs.command_for(job)
    job.person, job.height_cm = 2, 172.5
    command = jobs.command_for(job)
    assert command[command.index("--person") + 1] == "2"
    assert command[command.index("--height-cm") + 1] == "172.5"


def test_a_command_that_cannot_start_is_a_crash(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No thread dies in silence and leaves the page waiting for ever."""
    monkeypatch.setattr(jobs, "command_for", lambda job: ["/nonexistent/python"])
    job = jobs.start(Path("film"))
    wait_over(job)
    assert job.state is jobs.State.CRASHED
