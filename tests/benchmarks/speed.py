"""The whole analysis against the loop that a lifter would otherwise run.

    python -m tests.benchmarks.speed [KIND ...] [--times N] [--clips FOLDER]

Prints the table of the README. Each KIND is a film of `tests.benchmarks.clips`, such as
``1080p30-h264-15s``; the films are made at first use and kept in the folder.

The plain loop reads every frame with OpenCV at full size and gives it to MediaPipe
(VIDEO mode, masks on). Ours is the whole analysis, report, overlay and preview included.
They take turns, each in a process of its own with everything loaded, as the process is
that waits for a film; *cold* counts the start of that process too. Beside them stand two
floors: decoding alone, at 30 pictures a second, and the pose network alone on each of
them, on all cores. Ratios are medians of the turns, the spread in brackets.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.clips import ROOT, ClipKind, make_clip
from tests.benchmarks.memory import peak_pss_mb

KINDS = (
    "1080p30-h264-5s", "1080p30-h264-15s", "1080p30-h264-60s", "1080p60-h264-15s",
    "1080p120-h264-15s", "720p30-h264-15s", "4k30-h264-15s", "1080p30-hevc-15s", "4k30-hevc-15s",
)  # fmt: skip
FOLDER = Path(tempfile.gettempdir()) / "two-bowls-benchmark"
_HEAD = (
    "| film | plain loop | ours | times as fast | decoding | network | over the larger floor "
    "| cold | memory |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|"
)


def plain_loop(clip: Path) -> float:
    """Return the seconds that the plain loop takes, its landmarker made before."""
    import cv2
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

    from analysis.model import ensure_model

    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_buffer=ensure_model().read_bytes()),
        running_mode=vision.RunningMode.VIDEO,
        output_segmentation_masks=True,
    )
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        start_s = time.perf_counter()
        film = cv2.VideoCapture(str(clip))
        fps, index, found = film.get(cv2.CAP_PROP_FPS), 0, 0
        while True:
            is_there, bgr = film.read()
            if not is_there:
                break
            picture = mp.Image(
                image_format=mp.ImageFormat.SRGB, data=cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
            )
            seen = landmarker.detect_for_video(picture, round(index * 1000 / fps))
            found += bool(seen.pose_landmarks)
            index += 1
        film.release()
        spent_s = time.perf_counter() - start_s
    assert found > 0.9 * index, "nobody was found: not what is to be measured"
    return spent_s


def ours(clip: Path) -> float:
    """Return the seconds of the command that a worker runs, everything loaded."""
    from analysis import cli
    from analysis.service.worker import warm_up

    model = warm_up()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        command = [str(clip), "-o", str(out / "r.json"), "--csv", str(out / "f.csv")]
        command += ["--overlay", str(out / "o.npz"), "--preview", str(out / "p.mp4")]
        command += ["--first", str(out / "first.json"), "--height-cm", "175"]
        start_s = time.perf_counter()
        code = cli.main(command, model=model)
        spent_s = time.perf_counter() - start_s
        assert code == 0, f"exit {code}"
        assert json.loads((out / "r.json").read_text())["reps"], "no repetition was found"
    return spent_s


def decoding(clip: Path) -> float:
    """Return the seconds that decoding takes, thinned to 30 a second."""
    from analysis.video import FilmReader

    start_s = time.perf_counter()
    with FilmReader(clip) as film:
        for _ in film.frames():
            pass
    return time.perf_counter() - start_s


def network(clip: Path) -> float:
    """Return the seconds of the pose network on every frame, on all cores."""
    from analysis.footage import usual_workers
    from analysis.model import ensure_model
    from analysis.pose import MediaPipeModel
    from analysis.video import FilmReader

    model = MediaPipeModel(ensure_model())
    with FilmReader(clip) as film:
        # Enough pictures to know what one costs.
        shots = []
        total = 0
        for frame in film.frames():
            total += 1
            if len(shots) < 60:
                shots.append((frame.time_s, frame.rgb(height_px=512)))
    cores = usual_workers()

    def follow(_: int) -> None:
        with model.open(tracking=True, max_people=1, masks=True) as estimator:
            estimator.detect(shots[0][1], time_s=0.0)
            ready.append(time.perf_counter())
            for time_s, rgb in shots:
                estimator.detect(rgb, time_s=time_s + 1.0)

    ready: list[float] = []
    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(follow, range(cores)))
    spent_s = time.perf_counter() - statistics.mean(ready)
    return spent_s * total / (cores * len(shots))


WAYS: dict[str, Callable[[Path], float]] = {
    "plain": plain_loop, "ours": ours, "decoding": decoding, "network": network,
}  # fmt: skip


@dataclass(slots=True)
class Turns:
    """What the runs of one film gave, seconds."""

    warm: dict[str, list[float]] = field(default_factory=lambda: {way: [] for way in WAYS})
    cold: list[float] = field(default_factory=list)
    memory_mb: float = 0.0

    def ratio(self, above: Callable[[int], float], below: Callable[[int], float]) -> str:
        """Median and spread of a ratio over the turns."""
        ratios = [above(k) / below(k) for k in range(len(self.cold))]
        return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"

    def row(self, name: str) -> str:
        """Line of the table."""
        median = {way: statistics.median(spent) for way, spent in self.warm.items()}
        floor = max(("decoding", "network"), key=lambda way: median[way])
        faster = self.ratio(lambda k: self.warm["plain"][k], lambda k: self.warm["ours"][k])
        over = self.ratio(lambda k: self.warm["ours"][k], lambda k: self.warm[floor][k])
        return (
            f"| {name} | {median['plain']:.1f} s | {median['ours']:.1f} s | {faster} "
            f"| {median['decoding']:.1f} s | {median['network']:.1f} s | {over} "
            f"| {statistics.median(self.cold):.1f} s | {self.memory_mb:.0f} MB |"
        )


def run(way: str, clip: Path) -> tuple[float, float]:
    """Measure one way in a process of its own; return its seconds, and those of the process."""
    start_s = time.perf_counter()
    command = [sys.executable, "-m", "tests.benchmarks.speed", "--once", way, str(clip)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{way} {clip.name}: {done.stderr[-1000:]}")
    return float(done.stdout.split()[-1]), time.perf_counter() - start_s


def measure(clip: Path, *, times: int) -> Turns:
    """Let all ways take turns on a film."""
    turns = Turns()
    for _ in range(times):
        for way in WAYS:
            warm_s, cold_s = run(way, clip)
            turns.warm[way].append(warm_s)
            if way == "ours":
                turns.cold.append(cold_s)
    turns.memory_mb = peak_pss_mb(
        [sys.executable, "-m", "tests.benchmarks.speed", "--once", "ours", str(clip)]
    )
    return turns


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.speed", description=__doc__)
    parser.add_argument("kinds", nargs="*", default=KINDS, metavar="KIND")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--clips", type=Path, default=FOLDER, metavar="FOLDER")
    parser.add_argument("--once", nargs=2, metavar=("WAY", "CLIP"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.once:
        print(WAYS[args.once[0]](Path(args.once[1])))
        return
    clips = {kind: make_clip(ClipKind.of(kind), args.clips) for kind in args.kinds}
    print(_HEAD, flush=True)
    ours_s = {}
    for kind, clip in clips.items():
        turns = measure(clip, times=args.times)
        ours_s[kind] = statistics.median(turns.warm["ours"])
        print(turns.row(kind), flush=True)
    if {"1080p30-h264-15s", "1080p30-h264-60s"} <= ours_s.keys():
        ratio = ours_s["1080p30-h264-60s"] / ours_s["1080p30-h264-15s"]
        print(f"\nThe film of 60 s takes {ratio:.2f} times as long as that of 15 s.")


if __name__ == "__main__":
    main()
