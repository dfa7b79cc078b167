"""Faults of every sort: one film may be lost to them, never another, and never a place."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analysis.service.job import PREVIEW, REPORT, State
from analysis.service.line import BusyError
from analysis.service.machines import ThisMachine
from analysis.service.runner import PROJECT
from tests.service.conftest import (
    PLAYED,
    Serve,
    child_pid,
    is_alive,
    left_behind,
    send,
    wait_for,
    wait_over,
)


def test_a_film_becomes_a_result(serve: Serve, tmp_path: Path) -> None:
    """The result is found by its id; the film and all that was on the way are gone."""
    runner = serve()
    job = send(runner, "wink", height_cm=172.5)
    assert wait_over(runner, job) is State.DONE
    found = runner.find(job.id)
    assert found is not None
    assert (found.state, found.height_cm, found.has_film) == (State.DONE, 172.5, False)
    assert (found.folder / REPORT).is_file()
    assert (found.folder / PREVIEW).is_file()
    assert left_behind(tmp_path / "data" / "spool") == []


@pytest.mark.parametrize(
    ("scene", "state", "said"),
    [
        ("refused", State.REFUSED, "This file is not a film that can be read."),
        ("nothing", State.NOTHING, "No squat was found in this film."),
        ("missing", State.MISSING, "The pose model is missing and could not be fetched."),
        ("crash", State.CRASHED, ""),
    ],
)
def test_other_ends(serve: Serve, tmp_path: Path, scene: str, state: State, said: str) -> None:
    """Each has its sentence; the film stays only where a second try can help."""
    runner = serve()
    job = send(runner, scene)
    assert wait_over(runner, job) is state
    assert job.message == said
    assert job.has_film is (state in (State.MISSING, State.CRASHED))
    assert (left_behind(tmp_path / "data" / "spool") == []) is not job.has_film


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_killed_child(serve: Serve, tmp_path: Path, share: float) -> None:
    """The page is told, the next film works, and so does the same one once more."""
    runner = serve()
    job, after = send(runner, "slow"), send(runner, "wink")
    wait_for(lambda: job.progress.done >= share)
    os.kill(child_pid(runner, job), signal.SIGKILL)
    assert wait_over(runner, job) is State.CRASHED
    assert wait_over(runner, after) is State.DONE
    retry = runner.again(job)
    assert retry.id != job.id
    assert wait_over(runner, retry) is State.DONE
    assert runner.find(job.id) is None
    assert left_behind(tmp_path / "data" / "spool") == []


@pytest.mark.parametrize(
    ("scene", "given", "state"),
    [
        pytest.param("hang", {"job_silent_s": 1.5}, State.LATE, id="hangs-without-a-word"),
        pytest.param("slow", {"job_s": 1.6}, State.LATE, id="takes-too-long"),
        pytest.param("spin", {"job_cpu_s": 1}, State.LATE, id="computes-for-ever"),
        pytest.param("greedy", {"job_memory_mb": 200}, State.TOO_LARGE, id="wants-all-memory"),
    ],
)
def test_a_child_over_a_limit(
    serve: Serve, tmp_path: Path, scene: str, given: dict[str, float], state: State
) -> None:
    """It is ended, told apart from a crash, and the next film works."""
    runner = serve(**given)
    job = send(runner, scene)
    assert wait_over(runner, job) is state
    after = send(runner, "nothing")
    assert wait_over(runner, after) is State.NOTHING


def test_a_child_cannot_pass_its_limits(serve: Serve) -> None:
    """What is within the limits of memory and computing is not ended (or all were)."""
    runner = serve(job_memory_mb=600, job_cpu_s=60)
    assert wait_over(runner, send(runner, "greedy")) is State.DONE


def test_cancel_ends_the_whole_family(serve: Serve) -> None:
    """A child's own children end with it."""
    runner = serve()
    job = send(runner, "family")
    wait_for(lambda: job.progress.stage.startswith("pid "))
    child, grandchild = child_pid(runner, job), int(job.progress.stage.split()[1])
    assert is_alive(grandchild)
    runner.stop(job.id)
    assert wait_over(runner, job) is State.STOPPED
    wait_for(lambda: not is_alive(child) and not is_alive(grandchild))


@pytest.mark.parametrize("stage", ["waiting", "starting", "running", "over"])
@pytest.mark.parametrize("way", ["stop", "discard"])
def test_cancel_at_each_stage(serve: Serve, tmp_path: Path, stage: str, way: str) -> None:
    """Wherever it stands: the film goes, nobody else's does, the place is free again."""
    runner = serve()
    first = send(runner, "slow") if stage == "waiting" else None
    job = send(runner, "wink" if stage == "over" else "slow")
    if stage == "running":
        wait_for(lambda: job.progress.done > 0.1)
    if stage == "over":
        wait_over(runner, job)
    getattr(runner, way)(job.id)
    if stage == "waiting":
        assert runner.outlook(job).ahead == 0
        left = [Path(name).name for name in left_behind(tmp_path / "data" / "spool")]
        # Those of the first, which may have begun to write by now.
        assert (left.count("film"), left.count("job.json")) == (1, 1)
    wait_over(runner, job)
    found = runner.find(job.id)
    if way == "discard":
        assert found is None
        assert not list((tmp_path / "data" / "results").glob(job.id))
    else:
        assert found is not None
        assert found.state is (State.DONE if stage == "over" else State.STOPPED)
        assert not found.has_film
    if first is not None:
        assert wait_over(runner, first) is State.DONE
    assert wait_over(runner, send(runner, "wink")) is State.DONE
    assert left_behind(tmp_path / "data" / "spool") == []


def test_a_child_steps_back_within_the_session(serve: Serve) -> None:
    """Niceness counts within a session only; the group is the child's own, to end it by."""
    runner = serve()
    job = send(runner, "hang")
    wait_for(lambda: job.state is State.RUNNING)
    pid = child_pid(runner, job)
    assert os.getsid(pid) == os.getsid(0)
    assert os.getpgid(pid) == pid


def test_the_spare_is_killed(serve: Serve) -> None:
    """Nobody waits for a child that died while it had nothing to do."""
    runner = serve()
    machines = runner.dispatcher.machines
    assert isinstance(machines, ThisMachine)
    wait_for(lambda: machines.nursery.spare_pid is not None)
    pid = machines.nursery.spare_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert wait_over(runner, send(runner, "wink")) is State.DONE


def test_children_that_cannot_start(serve: Serve) -> None:
    """No thread dies in silence and leaves the page waiting for ever."""
    runner = serve(command=["/nonexistent/python"])
    job = send(runner, "wink")
    assert wait_over(runner, job) is State.CRASHED
    assert job.has_film


def test_the_store_is_unreachable_for_a_while(serve: Serve, tmp_path: Path) -> None:
    """The result is measured, waits on the way, and is there when the store is."""
    runner = serve()
    results, away = tmp_path / "data" / "results", tmp_path / "away"
    job = send(runner, "slow")
    wait_for(lambda: job.state is State.RUNNING)
    results.rename(away)
    assert wait_over(runner, job) is State.UNKEPT
    assert runner.find(job.id) is job
    assert job.has_film
    away.rename(results)
    runner.sweep()
    assert job.state is State.DONE
    found = runner.find(job.id)
    assert found is not None
    assert (found.folder / REPORT).is_file()
    assert left_behind(tmp_path / "data" / "spool") == []


def test_a_result_of_other_files_is_not_taken(serve: Serve) -> None:
    """From a child come the four known files and no link to anything else."""
    runner = serve()
    job = send(runner, "sly")
    assert wait_over(runner, job) is State.DONE
    assert {path.name for path in job.folder.iterdir()} == {".put.json", "job.json"}


def test_the_first_look_is_there_for_the_wait_alone(serve: Serve) -> None:
    """What the child tells on the way can be read while it runs, and goes with it."""
    runner = serve()
    job = send(runner, "hang")
    wait_for(lambda: job.progress.done > 0)
    told = runner.keeper.first_look(job.id)
    assert told is not None
    assert json.loads(told)["people"] == 1
    runner.stop(job.id)
    assert wait_over(runner, job) is State.STOPPED
    assert runner.keeper.first_look(job.id) is None


SERVER = """
import io, sys, time
from pathlib import Path
from analysis.service.runner import Runner
from analysis.service.settings import Settings
runner = Runner(Settings(data=Path(sys.argv[1])), command=sys.argv[2:])
runner.open()
jobs = [runner.submit(upload=io.BytesIO(f"scene: {s}".encode())) for s in ("wink", "slow", "none")]
ends = time.monotonic() + 20
while not (jobs[0].is_over and jobs[1].progress.done > 0.3):
    assert time.monotonic() < ends
    time.sleep(0.01)
print(*[job.id for job in jobs], runner.dispatcher.work_on(jobs[1].id).child.pid, flush=True)
{end}
"""


@pytest.mark.parametrize("end", ["killed", "stopped"])
def test_a_server_that_is_started_again(serve: Serve, tmp_path: Path, end: str) -> None:
    """Finished results are there, what waited is done, what ran can be run again."""
    code = SERVER.replace("{end}", "time.sleep(60)" if end == "killed" else "runner.close(0)")
    server = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "data"), *PLAYED],
        cwd=PROJECT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert server.stdout is not None
    with server.stdout as said:
        finished, running, waiting, pid = said.readline().split()
    if end == "killed":
        server.kill()
    server.wait(timeout=30)
    wait_for(lambda: not is_alive(int(pid)))
    runner = serve()
    done, broken, late = (runner.find(job_id) for job_id in (finished, running, waiting))
    assert done is not None
    assert done.state is State.DONE
    assert (done.folder / REPORT).is_file()
    assert broken is not None
    assert broken.state is State.INTERRUPTED
    assert broken.has_film
    assert late is not None
    assert wait_over(runner, late) is State.DONE
    assert wait_over(runner, runner.again(broken)) is State.DONE
    assert left_behind(tmp_path / "data" / "spool") == []


def test_a_stopping_server_lets_films_finish(serve: Serve, tmp_path: Path) -> None:
    """Within its grace; it starts nothing more, and what waited is there for the next."""
    runner = serve()
    running, waiting = send(runner, "slow"), send(runner, "wink")
    wait_for(lambda: running.state is State.RUNNING)
    runner.close(grace_s=30)
    assert running.state is State.DONE
    assert waiting.state is State.WAITING
    later = serve()
    found = later.find(waiting.id)
    assert found is not None
    assert wait_over(later, found) is State.DONE


def test_time_runs_out(serve: Serve, tmp_path: Path) -> None:
    """The film of a broken-off analysis goes after half an hour, a result after a day."""
    now_s = time.time()
    runner = serve(clock=lambda: now_s)
    broken, done = send(runner, "crash"), send(runner, "none")
    assert wait_over(runner, broken) is State.CRASHED
    assert wait_over(runner, done) is State.DONE
    now_s += 30 * 60
    runner.sweep()
    assert broken.has_film
    now_s += 1
    runner.sweep()
    assert left_behind(tmp_path / "data" / "spool") == []
    assert runner.find(done.id) is not None
    now_s += 24 * 3600
    runner.sweep()
    assert runner.find(done.id) is None
    assert list((tmp_path / "data" / "results").iterdir()) == []


def test_somebody_else_is_measured_in_the_preview(serve: Serve, tmp_path: Path) -> None:
    """The film is deleted at once; the small one that stays is measured, and stays as it is."""
    runner = serve()
    first = send(runner, "two_people", height_cm=172.0)
    assert wait_over(runner, first) is State.DONE
    assert left_behind(tmp_path / "data" / "spool") == []
    assert first.can_measure_others
    assert not first.has_film
    preview = (first.folder / PREVIEW).read_bytes()
    clip = json.loads((first.folder / REPORT).read_bytes())["clip"]
    second = runner.again(first, person=2)
    assert (second.clip, second.person, second.height_cm) == (clip, 2, 172.0)
    assert wait_over(runner, second) is State.DONE
    assert runner.find(first.id) is None
    assert left_behind(tmp_path / "data" / "spool") == []
    assert (second.folder / PREVIEW).read_bytes() == preview
    found = runner.find(second.id)
    assert found is not None
    third = runner.again(found, person=1)
    assert wait_over(runner, third) is State.DONE
    assert (third.folder / PREVIEW).read_bytes() == preview


def test_a_film_that_waited_too_long_for_a_server_goes(serve: Serve, tmp_path: Path) -> None:
    """Nothing outlives its time because the server was down."""
    first = serve()
    running, waiting = send(first, "hang"), send(first, "wink")
    wait_for(lambda: running.progress.done > 0.1)
    first.close(grace_s=0)
    now_s = time.time() + 3600
    later = serve(clock=lambda: now_s)
    later.sweep()
    for job in (running, waiting):
        found = later.find(job.id)
        assert found is not None
        assert found.state is State.INTERRUPTED
        assert not found.has_film
    assert left_behind(tmp_path / "data" / "spool") == []


def test_limits_of_visit_and_line(serve: Serve, tmp_path: Path) -> None:
    """Over a limit nothing is spooled, and a place that becomes free can be taken."""
    runner = serve(per_visit=2, queue=2)
    running = send(runner, "hang", visitor="a")
    wait_for(lambda: running.state is State.RUNNING)
    waiting = send(runner, "wink", visitor="a")
    with pytest.raises(BusyError) as caught:
        send(runner, "wink", visitor="a")
    assert caught.value.own
    send(runner, "wink", visitor="b")
    with pytest.raises(BusyError) as caught:
        send(runner, "wink", visitor="c")
    assert not caught.value.own
    assert len(runner.keeper.spool.ids()) == 3
    runner.stop(waiting.id)
    send(runner, "wink", visitor="c")


def test_a_second_try_over_the_limit_loses_nothing(serve: Serve) -> None:
    """The film of a broken job stays where it is."""
    runner = serve(per_visit=1)
    broken = send(runner, "crash", visitor="a")
    assert wait_over(runner, broken) is State.CRASHED
    send(runner, "hang", visitor="a")
    with pytest.raises(BusyError):
        runner.again(broken, visitor="a")
    assert broken.has_film


def test_the_log_tells_all_but_whose(
    serve: Serve, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Outcome, times, size and codec; no id that opens a result, no path, no content."""
    caplog.set_level("INFO")
    runner = serve()
    good, bad = send(runner, "wink"), send(runner, "crash")
    assert wait_over(runner, good) is State.DONE
    assert wait_over(runner, bad) is State.CRASHED
    (tmp_path / "data" / "results").rename(tmp_path / "away")
    unkept = send(runner, "none")
    assert wait_over(runner, unkept) is State.UNKEPT
    (tmp_path / "away").rename(tmp_path / "data" / "results")
    wait_for(lambda: caplog.text.count('"event": "ended"') == 3)
    for told in ('"outcome": "done"', '"codec": "h264"', '"ran_s"', '"mb"', "store_error"):
        assert told in caplog.text
    for hidden in (good.id, bad.id, unkept.id, str(tmp_path), "scene"):
        assert hidden not in caplog.text


def test_a_job_of_another_server(serve: Serve, tmp_path: Path) -> None:
    """It is found with its progress, stopped, and deleted, from the server beside it."""
    owner, other = serve(), serve()
    job, waiting = send(owner, "hang"), send(owner, "wink")
    wait_for(lambda: job.progress.done > 0.3)
    wait_for(lambda: (found := other.find(job.id)) is not None and found.progress.done > 0.3)
    found = other.find(job.id)
    assert found is not None
    assert (found.state, found.is_elsewhere) == (State.RUNNING, True)
    assert other.keeper.first_look(job.id) is not None
    later = other.find(waiting.id)
    assert later is not None
    assert (later.state, other.outlook(later).ahead) == (State.WAITING, None)
    other.sweep()
    other.stop(job.id)
    assert wait_over(owner, job) is State.STOPPED
    wait_for(lambda: (found := other.find(job.id)) is not None and found.state is State.STOPPED)
    assert wait_over(owner, waiting) is State.DONE
    last = send(owner, "hang")
    wait_for(lambda: last.progress.done > 0.3)
    other.discard(last.id)
    wait_for(lambda: owner.find(last.id) is None and other.find(last.id) is None)
    wait_for(lambda: left_behind(tmp_path / "data" / "spool") == [])
    assert owner.find(waiting.id) is not None


def test_a_film_of_another_server_is_tried_again(serve: Serve, tmp_path: Path) -> None:
    """Whoever the visitor comes back to has the film."""
    owner, other = serve(), serve()
    broken = send(owner, "crash")
    assert wait_over(owner, broken) is State.CRASHED
    found = other.find(broken.id)
    assert found is not None
    assert found.can_be_tried_again
    assert wait_over(other, other.again(found)) is State.CRASHED
    wait_for(lambda: owner.find(broken.id) is None)


def test_ids_that_are_none_find_nothing(serve: Serve) -> None:
    """Whatever stands in a link."""
    runner = serve()
    for text in ("", "..", "../spool", "a" * 24, "a" * 10_000, None, 7):
        assert runner.find(text) is None
    runner.discard("../spool")
    assert runner.keeper.spool.take_in(io.BytesIO(b"film"))
