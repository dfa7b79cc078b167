"""The spool: films in private folders, and what a dead server left is found."""

import io
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from analysis.service import spool as spool_module
from analysis.service.ids import is_id, new_id
from analysis.service.private import write_whole
from analysis.service.spool import DISCARD, STOP, NoRoomError, Spool

PROJECT = Path(__file__).parents[2]

Open = Callable[..., Spool]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Open spools as servers do, all in one place, and close them at the end."""
    spools = []

    def open_spool(**given: Any) -> Spool:  # noqa: ANN401
        spool = Spool(tmp_path / "spool", **{"max_bytes": 10**6, **given})
        spool.open()
        spools.append(spool)
        return spool

    yield open_spool
    for spool in spools:
        spool.close()


def test_nothing_stays_of_a_job_that_ends_while_it_is_noted(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The removal waits for the note, and a note that comes later is refused."""
    spool = opened()
    job_id = spool.take_in(io.BytesIO(b"film"))
    ending = threading.Thread(target=spool.remove, args=(job_id,))

    def write_slowly(path: Path, content: bytes) -> None:
        ending.start()
        ending.join(timeout=0.2)
        write_whole(path, content)

    monkeypatch.setattr(spool_module, "write_whole", write_slowly)
    spool.note(job_id, b"{}")
    ending.join()
    assert spool.ids() == []
    monkeypatch.undo()
    with pytest.raises(FileNotFoundError):
        spool.note(job_id, b"{}")


def test_films_are_private(opened: Open, tmp_path: Path) -> None:
    """Nobody else on the machine may look at a film; its name is ours."""
    spool = opened()
    job_id = spool.take_in(io.BytesIO(b"film"))
    assert is_id(job_id)
    assert spool.film(job_id).read_bytes() == b"film"
    for path in (spool.folder(job_id), spool.out(job_id), tmp_path / "spool"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    spool.remove(job_id)
    assert spool.ids() == []
    with pytest.raises(ValueError, match="id"):
        spool.folder("../..")


def test_a_full_spool_takes_nothing(opened: Open) -> None:
    """And leaves nothing of what it did not take."""
    spool = opened(max_bytes=1000)
    kept = spool.take_in(io.BytesIO(bytes(800)))
    with pytest.raises(NoRoomError):
        spool.take_in(io.BytesIO(bytes(300)))
    assert spool.ids() == [kept]
    spool.take_in(io.BytesIO(bytes(200)))


def test_a_full_disk_takes_nothing(tmp_path: Path) -> None:
    """The system's own refusal in the middle of a film ends in the same words."""
    code = (
        "import io, resource, sys\n"
        "from pathlib import Path\n"
        "from analysis.service.spool import NoRoomError, Spool\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
        "spool = Spool(Path(sys.argv[1]), max_bytes=10**9)\n"
        "spool.open()\n"
        "try:\n"
        "    spool.take_in(io.BytesIO(bytes(3 << 20)))\n"
        "except NoRoomError:\n"
        "    print(spool.ids())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "spool")],
        cwd=PROJECT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout == "[]\n"


def test_age_counts_from_the_last_note(opened: Open) -> None:
    """A note begins the time anew, or keeps it."""
    now_s = 1_000_000.0
    spool = opened(clock=lambda: now_s)
    job_id = spool.new()
    spool.note(job_id, b"{}")
    now_s += 50
    assert spool.age_s(job_id) == 50
    spool.note(job_id, b"[]", renew=False)
    assert spool.age_s(job_id) == 50
    spool.note(job_id, b"[]")
    assert spool.age_s(job_id) == 0
    assert spool.age_s(new_id()) == float("inf")


def test_jobs_of_dead_servers_are_taken_over(opened: Open, tmp_path: Path) -> None:
    """Those of a living one are left alone until it dies, and other folders always."""
    place = tmp_path / "spool"
    other, job_id = _other_server(place)
    mine = opened()
    (place / "notes").mkdir()
    try:
        assert mine.adopt() == []
    finally:
        other.kill()
        other.wait()
    assert mine.adopt() == [job_id]
    assert mine.film(job_id).read_bytes() == b"film"
    assert mine.adopt() == []
    assert sorted(p.name for p in place.iterdir()) == sorted(
        ["notes", mine.folder("a" * 24).parent.name]
    )


def _other_server(place: Path) -> tuple["subprocess.Popen[str]", str]:
    code = (
        "import io, sys, time\n"
        "from pathlib import Path\n"
        "from analysis.service.spool import Spool\n"
        "spool = Spool(Path(sys.argv[1]), max_bytes=10**6)\n"
        "spool.open()\n"
        "print(spool.take_in(io.BytesIO(b'film')), flush=True)\n"
        "time.sleep(60)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(place)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    with child.stdout as said:
        return child, said.readline().strip()


def test_servers_ask_each_other(opened: Open) -> None:
    """A job of another server is found, and what is asked of it arrives there, once."""
    mine, other = opened(), opened()
    job_id = other.new()
    assert mine.elsewhere(job_id) == other.folder(job_id)
    assert other.elsewhere(job_id) is None
    for nothing in ("", "..", "*", new_id()):
        assert mine.elsewhere(nothing) is None
        mine.ask(nothing, STOP)
    mine.ask(job_id, STOP)
    mine.ask(job_id, DISCARD)
    assert mine.asked() == []
    assert sorted(other.asked()) == [(job_id, DISCARD), (job_id, STOP)]
    assert other.asked() == []
    assert other.ids() == [job_id]


def test_what_was_asked_of_a_dead_server_is_done_by_the_next(opened: Open) -> None:
    """The job moves on with what is asked of it."""
    mine, other = opened(), opened()
    job_id = other.new()
    mine.ask(job_id, DISCARD)
    other.close()
    assert mine.adopt() == [job_id]
    assert mine.asked() == [(job_id, DISCARD)]


def test_an_orderly_end(opened: Open, tmp_path: Path) -> None:
    """Empty, the folder goes; with a job in it, the next server finds it."""
    place = tmp_path / "spool"
    opened().close()
    assert list(place.iterdir()) == []
    first = opened()
    job_id = first.take_in(io.BytesIO(b"film"))
    first.close()
    assert opened().adopt() == [job_id]
