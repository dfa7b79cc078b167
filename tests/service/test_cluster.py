"""A cluster of two workers on this machine: the same results, and nothing lost."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from analysis.service.job import REPORT, Job, State
from analysis.service.runner import PROJECT, Runner
from analysis.service.settings import Settings
from tests.load.server import Server
from tests.load.visitor import Visitor
from tests.service.conftest import is_alive, left_behind
from tests.service.dask_cluster import README, DaskCluster

SAMPLE = PROJECT / "analysis" / "data" / "sample.mp4"
# Two real analyses at a time, on a machine that may be busy.
LONG_S = 300.0

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("pose_model")]

try:
    import distributed  # noqa: F401
except ImportError:
    # On CI requirements-dev.txt brings it, so that its absence is a fault there.
    if os.environ.get("CI") == "true":
        raise
    pytest.skip("distributed is not installed", allow_module_level=True)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """Start a scheduler and two workers as the README says."""
    with DaskCluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Runner]]:
    """Start app servers without a page, on one folder, and close them at the end."""
    runners = []

    def start(**given: Any) -> Runner:  # noqa: ANN401
        runner = Runner(Settings(**{"data": tmp_path / "data", "grace_s": 0, **given}))
        runner.open()
        runners.append(runner)
        return runner

    yield start
    for runner in runners:
        runner.close()


def cut_sample(path: Path, *, skip: int, frames: int = 90) -> None:
    """Write a part of the sample."""
    with av.open(str(SAMPLE)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 540, 960, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 30)
        for index, frame in enumerate(source.decode(video=0)):
            if skip <= index < skip + frames:
                small = frame.reformat(width=540, height=960, format="yuv420p")
                small.pts, small.time_base = index - skip, Fraction(1, 30)
                target.mux(stream.encode(small))
        target.mux(stream.encode(None))


def send(runner: Runner, film: Path) -> Job:
    """Upload a film."""
    with film.open("rb") as upload:
        return runner.submit(upload=upload)


def wait_for(condition: Callable[[], bool], cluster: DaskCluster | None = None) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + LONG_S
    while not condition():
        assert time.monotonic() < ends, cluster.log() if cluster else "it does not happen"
        time.sleep(0.05)


def report_of(job: Job) -> dict[str, Any]:
    """Read the report of a finished job."""
    content: dict[str, Any] = json.loads((job.folder / REPORT).read_bytes())
    return content


def worker_of(cluster: DaskCluster) -> int:
    """Find the process of the worker that has a task."""
    with cluster.client() as client:
        busy = [name for name, keys in client.processing().items() if keys]
        pids = client.run(os.getpid)
    assert len(busy) == 1
    return int(pids[busy[0]])


def children_of(pid: int) -> list[int]:
    """List the analyses that a worker has started."""
    told = subprocess.run(
        ["ps", "--ppid", str(pid), "-o", "pid=,args="], check=False, capture_output=True, text=True
    ).stdout
    return [int(line.split()[0]) for line in told.splitlines() if "analysis.service.worker" in line]


def busy_one(pids: list[int]) -> int:
    """Return the process that has a film open: the others wait for one."""

    def has_film(pid: int) -> bool:
        files = Path(f"/proc/{pid}/fd").glob("*")
        return any(file.readlink().name == "film" for file in files)

    return next(pid for pid in pids if has_film(pid))


def test_six_clips_are_measured_as_here(
    cluster: DaskCluster, serve: Callable[..., Runner], tmp_path: Path
) -> None:
    """Every report is the one of the local child; no film stays behind."""
    clips = [tmp_path / f"{n}.mp4" for n in range(6)]
    for n, clip in enumerate(clips):
        cut_sample(clip, skip=3 * n)
    here = serve(data=tmp_path / "here")
    expected = []
    for clip in clips:
        job = send(here, clip)
        wait_for(lambda job=job: job.is_over)  # type: ignore[misc]
        expected.append((job.state, report_of(job)))
    here.close()
    away = serve(scheduler=cluster.address)
    wait_for(lambda: away.dispatcher.machines.places == 2)
    jobs = [send(away, clip) for clip in clips]
    wait_for(lambda: all(job.is_over for job in jobs), cluster)
    assert [(job.state, report_of(job)) for job in jobs] == expected
    assert {state for state, _ in expected} == {State.DONE}
    assert all(job.progress.done == 1.0 or job.progress.done > 0 for job in jobs)
    assert left_behind(tmp_path / "data" / "spool") == []
    for job in jobs:  # paths hold the id that opens a result
        assert job.id not in cluster.log()


def test_a_worker_is_killed_in_mid_clip(
    cluster: DaskCluster, serve: Callable[..., Runner], tmp_path: Path
) -> None:
    """Its child goes with it, and the film is analysed by another one."""
    runner = serve(scheduler=cluster.address)
    job = send(runner, SAMPLE)
    wait_for(lambda: job.progress.done > 0.1, cluster)
    worker = worker_of(cluster)
    children = children_of(worker)
    assert children
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: not any(is_alive(pid) for pid in children))
    wait_for(lambda: job.is_over, cluster)
    assert job.state is State.DONE
    assert report_of(job)["reps"]
    assert left_behind(tmp_path / "data" / "spool") == []
    with cluster.client() as client:
        client.wait_for_workers(2, timeout=LONG_S)


@pytest.mark.parametrize("way", ["stop", "discard", "close"])
def test_cancel_ends_the_child_on_the_worker(
    cluster: DaskCluster, serve: Callable[..., Runner], tmp_path: Path, way: str
) -> None:
    """Also when the server goes; the worker is free for the next film."""
    runner = serve(scheduler=cluster.address)
    job = send(runner, SAMPLE)
    wait_for(lambda: job.progress.done > 0.1, cluster)
    child = busy_one(children_of(worker_of(cluster)))
    if way == "close":
        runner.close()
    else:
        getattr(runner, way)(job.id)
    wait_for(lambda: not is_alive(child), cluster)
    wait_for(lambda: job.is_over)
    if way == "close":
        assert job.state is State.INTERRUPTED
        return
    assert job.state is State.STOPPED
    wait_for(lambda: left_behind(tmp_path / "data" / "spool") == [])
    clip = tmp_path / "clip.mp4"
    cut_sample(clip, skip=0)
    after = send(runner, clip)
    wait_for(lambda: after.is_over, cluster)
    assert after.state is State.DONE


def test_the_scheduler_is_lost_in_mid_clip(serve: Callable[..., Runner], tmp_path: Path) -> None:
    """The film goes back in line, nobody loses it, and the next scheduler gets it."""
    logs = tmp_path / "logs"
    logs.mkdir()
    with DaskCluster(logs, workers=1) as cluster:
        runner = serve(scheduler=cluster.address)
        job = send(runner, SAMPLE)
        wait_for(lambda: job.progress.done > 0.1, cluster)
        children = children_of(worker_of(cluster))
        cluster.lose_scheduler()
        wait_for(lambda: not any(is_alive(pid) for pid in children))
        wait_for(lambda: job.state is State.WAITING and bool(runner.trouble), cluster)
        assert job.has_film
        cluster.start_again()
        wait_for(lambda: job.is_over, cluster)
        assert job.state is State.DONE


def test_two_app_servers(cluster: DaskCluster, tmp_path: Path) -> None:
    """A job that was started on one is followed, and its result opened, on the other."""
    shared = {"TWO_BOWLS_SCHEDULER": cluster.address, "TWO_BOWLS_STORE": str(tmp_path / "shared")}
    page = ["streamlit", "run", "app.py"]
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir()
    with (
        Server(page, folders[0], environment=shared) as first,
        Server(page, folders[1], environment=shared) as second,
    ):
        owner = Visitor(first.address)
        owner.upload("clip.mp4", SAMPLE.read_bytes())
        assert owner.is_waiting
        link = f"job={owner.job_id}"
        follower = Visitor(second.address, query=link)
        assert follower.is_waiting
        follower.wait_result(LONG_S)
        assert follower.title == Visitor(first.address, query=link).title
        report = json.loads(follower.download("For Compare (JSON)"))
        assert report["reps"]
        follower.press("Delete this and analyse another film")
        late = Visitor(first.address, query=link)
        assert "has been deleted" in " ".join(late.texts)


def test_films_travel_without_a_shared_folder(
    cluster: DaskCluster, serve: Callable[..., Runner], tmp_path: Path
) -> None:
    """With a URL as store the worker fetches the film and brings the result back."""
    place = tmp_path / "bucket"
    runner = serve(scheduler=cluster.address, store=f"file://{place}")
    clip = tmp_path / "clip.mp4"
    cut_sample(clip, skip=0)
    job = send(runner, clip)
    wait_for(lambda: job.is_over, cluster)
    assert job.state is State.DONE
    other = serve(scheduler=cluster.address, store=f"file://{place}", data=tmp_path / "other")
    found = other.find(job.id)
    assert found is not None
    assert report_of(found)["reps"]
    assert not list(place.rglob("film"))
    other.discard(job.id)
    assert runner.find(job.id) is None


def test_tls_with_one_secret(serve: Callable[..., Runner], tmp_path: Path) -> None:
    """Who has the key is let in, and nobody else."""
    readme = README.read_text(encoding="utf-8")
    make = re.search(r"^openssl req .*$", readme, re.MULTILINE)
    assert make is not None
    subprocess.run(make[0].split(), cwd=tmp_path, check=True, capture_output=True)
    told = re.findall(r"(DASK_DISTRIBUTED__COMM__\w+)=(\S+)", readme)
    environment = {name: text.replace("/etc/two-bowls", str(tmp_path)) for name, text in told}
    assert len(environment) == 9
    logs = tmp_path / "logs"
    logs.mkdir()
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from analysis.service.cluster import examine\n"
        "from analysis.service.settings import Settings\n"
        "settings = Settings(data=Path(sys.argv[1]), scheduler=sys.argv[2])\n"
        "ends = time.monotonic() + 100\n"
        "while True:\n"
        "    try:\n"
        "        print(examine(settings))\n"
        "        break\n"
        "    except OSError as error:\n"
        "        if time.monotonic() > ends:\n"
        "            sys.exit(str(error))\n"
    )
    data = tmp_path / "data"
    data.mkdir()
    cluster = DaskCluster(logs, workers=1, protocol="tls", environment=environment)
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, str(data), cluster.address],
            cwd=PROJECT, env={**os.environ, **environment}, capture_output=True, text=True,
        )  # fmt: skip
        assert "1 worker(s) that see the films" in done.stdout, done.stderr + cluster.log()
        from analysis.service.cluster import examine

        with pytest.raises(OSError, match="does not answer"):
            examine(Settings(data=data, scheduler=cluster.address))
        plain = cluster.address.replace("tls://", "tcp://")
        with pytest.raises(OSError, match="does not answer"):
            examine(Settings(data=data, scheduler=plain))
    finally:
        cluster.close()
