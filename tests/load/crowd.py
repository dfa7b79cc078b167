"""A class uploads at once: whether all get their own result, and the page still answers.

    python -m tests.load.crowd [VISITORS]

Twelve clips of about 6 MB, each cut differently from the sample, are analysed one
by one; then as many visitors upload them within ten seconds to a server with default
settings, while a thirteenth opens the page every two seconds. Prints how long they
waited, how the results compare with those of the single runs, how fast the page
answered, and the largest memory (PSS) of the server and all its children.
"""

import json
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from analysis import keepfile
from analysis.label import Label
from analysis.service.job import REPORT, State
from analysis.service.runner import PROJECT, Runner
from analysis.service.settings import Settings
from tests.benchmarks.memory import family_pss_mb
from tests.load.server import Server
from tests.load.visitor import Visitor

SAMPLE = PROJECT / "analysis" / "data" / "sample.mp4"
WITHIN_S = 10.0
_LONGEST_S = 1800.0
_RATE = 12_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """How one visitor fared."""

    report: dict[str, Any]
    job_id: str
    uploaded_s: float
    total_s: float


def write_clip(path: Path, *, skip: int) -> None:
    """Enlarge the sample to what a phone records, without its first `skip` frames."""
    with av.open(str(SAMPLE)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 1080, 1920, "yuv420p"
        stream.bit_rate = _RATE
        stream.codec_context.time_base = Fraction(1, 30)
        rate = str(_RATE)
        stream.options = {"preset": "ultrafast", "nal-hrd": "cbr", "maxrate": rate,
                          "minrate": rate, "bufsize": rate}  # fmt: skip
        for index, frame in enumerate(source.decode(video=0)):
            if index >= skip:
                large = frame.reformat(width=1080, height=1920, format="yuv420p")
                large.pts, large.time_base = index - skip, Fraction(1, 30)
                target.mux(stream.encode(large))
        target.mux(stream.encode(None))


def alone(clips: list[Path], folder: Path) -> list[dict[str, Any]]:
    """Analyse clips one by one, as nobody else is there."""
    runner = Runner(Settings(data=folder / "alone"))
    runner.open()
    reports = []
    for clip in clips:
        with clip.open("rb") as film:
            job = runner.submit(upload=film)
        while not job.is_over:
            time.sleep(0.05)
        assert job.state is State.DONE, job
        reports.append(as_kept(json.loads((job.folder / REPORT).read_bytes())))
    runner.close()
    return reports


def as_kept(report: dict[str, Any]) -> dict[str, Any]:
    """Round a report as the file that visitors keep has it."""
    return dict(keepfile.read(keepfile.write(keepfile.keep(report, Label()))).report)


def visit(address: str, clip: Path, *, after_s: float) -> Visit:
    """Visit the page, upload a clip, wait, and download the report."""
    time.sleep(after_s)
    started = time.monotonic()
    visitor = Visitor(address)
    visitor.upload(clip.name, clip.read_bytes())
    uploaded_s = time.monotonic() - started
    visitor.wait_result(_LONGEST_S)
    total_s = time.monotonic() - started
    report = dict(keepfile.read(visitor.download("For Compare (JSON)")).report)
    return Visit(report=report, job_id=visitor.job_id, uploaded_s=uploaded_s, total_s=total_s)


class Watch:
    """Opens the page again and again and looks at the memory, until stopped."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._stop = threading.Event()
        self.answers_s: list[float] = []
        self.peak_mb = 0.0
        self._threads = [threading.Thread(target=t) for t in (self._open, self._weigh)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop it."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _open(self) -> None:
        while not self._stop.wait(2.0):
            started = time.monotonic()
            with urllib.request.urlopen(self._server.address, timeout=60) as page:
                page.read()
            Visitor(self._server.address).close()
            self.answers_s.append(time.monotonic() - started)

    def _weigh(self) -> None:
        while not self._stop.wait(0.25):
            self.peak_mb = max(self.peak_mb, family_pss_mb(self._server.process.pid))


def differences(got: dict[str, Any], expected: dict[str, Any]) -> str:
    """Say how a report compares with that of the single run."""
    if got == expected:
        return "the same"
    other = [key for key in expected if got.get(key) != expected[key]]
    return f"differs in {', '.join(other)}"


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clips = [folder / f"{index}.mp4" for index in range(count)]
        for index, clip in enumerate(clips):
            write_clip(clip, skip=index)
        sizes = [clip.stat().st_size / 1e6 for clip in clips]
        print(f"{count} clips of {min(sizes):.1f} to {max(sizes):.1f} MB")
        expected = alone(clips, folder)
        (folder / "server").mkdir()
        with Server(["streamlit", "run", "app.py"], folder / "server") as server:
            Visitor(server.address).close()
            time.sleep(5)
            print(f"server and spare child at rest: {family_pss_mb(server.process.pid):.0f} MB")
            watch = Watch(server)
            with ThreadPoolExecutor(count) as pool:
                pauses = [WITHIN_S * index / count for index in range(count)]
                visits = list(
                    pool.map(
                        lambda pair: visit(server.address, pair[0], after_s=pair[1]),
                        zip(clips, pauses, strict=True),
                    )
                )
            watch.stop()
    same = [differences(v.report, e) for v, e in zip(visits, expected, strict=True)]
    print(f"results as in the single run: {same.count('the same')} of {count}")
    for index, text in enumerate(same):
        if text != "the same":
            print(f"  clip {index}: {text}")
    print(f"different jobs: {len({v.job_id for v in visits})}")
    print(f"upload and first answer: at most {max(v.uploaded_s for v in visits):.1f} s")
    totals = sorted(v.total_s for v in visits)
    print(f"result after {totals[0]:.0f} to {totals[-1]:.0f} s")
    median, slowest = statistics.median(watch.answers_s), max(watch.answers_s)
    print(
        f"page for another visitor, {len(watch.answers_s)} times: median {median:.2f} s, "
        f"slowest {slowest:.2f} s"
    )
    print(f"peak memory of server and children: {watch.peak_mb:.0f} MB (PSS)")


if __name__ == "__main__":
    main()
