"""Films a minute with one worker and with two.

    python -m tests.benchmarks.cluster [FILMS]

Starts the cluster of the README, each worker held to a core of its own, hands the same
films to one worker and then to two, and prints films a minute and the ratio. The
scheduler and this process share the cores with them, so that a little under 2 is to
be expected on two cores.
"""

import sys
import tempfile
import time
from pathlib import Path

from analysis.service.job import Job, State
from analysis.service.runner import PROJECT, Runner
from analysis.service.settings import Settings
from tests.service.dask_cluster import DaskCluster

SAMPLE = PROJECT / "analysis" / "data" / "sample.mp4"


def send(runner: Runner) -> Job:
    """Hand in the sample as somebody's film."""
    with SAMPLE.open("rb") as film:
        return runner.submit(upload=film)


def films_per_minute(folder: Path, *, workers: int, films: int) -> float:
    """Measure a cluster of so many workers, after one film for each to warm up."""
    folder.mkdir()
    with DaskCluster(folder, workers=workers, pinned=True) as cluster:
        settings = Settings(data=folder / "data", scheduler=cluster.address, grace_s=0)
        runner = Runner(settings)
        runner.open()
        try:
            while runner.dispatcher.machines.places < workers:
                time.sleep(0.1)
            _wait(runner, workers)
            started = time.monotonic()
            _wait(runner, films)
            return 60 * films / (time.monotonic() - started)
        finally:
            runner.close()


def _wait(runner: Runner, films: int) -> None:
    jobs = [send(runner) for _ in range(films)]
    while not all(job.is_over for job in jobs):
        time.sleep(0.05)
    assert all(job.state is State.DONE for job in jobs), [job.state for job in jobs]


def main() -> None:
    """Measure and print."""
    films = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    with tempfile.TemporaryDirectory() as name:
        rates = []
        for workers in (1, 2):
            rate = films_per_minute(Path(name) / str(workers), workers=workers, films=films)
            rates.append(rate)
            print(f"{workers} worker(s), a core each: {rate:.1f} films a minute", flush=True)
    print(f"ratio: {rates[1] / rates[0]:.2f}")


if __name__ == "__main__":
    main()
