"""Render and look at many clips in worker processes; what is finished is left alone."""

import multiprocessing
import multiprocessing.synchronize
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

# One core per worker, set before numpy loads in it: the workers are the parallelism.
os.environ.setdefault("OMP_NUM_THREADS", "1")

#: One clip in so many is a test clip when both splits are rendered.
TEST_EVERY = 6


def jobs(splits: Sequence[str], count: int, start: int = 0) -> list[tuple[str, int]]:
    """Return (split, index) in the order of rendering, the test clips mixed in.

    `count` clips are made in all. Each split counts its own clips from 0.
    """
    if len(splits) == 1:
        return [(splits[0], i) for i in range(start, start + count)]
    out = []
    for i in range(start, start + count):
        is_test = i % TEST_EVERY == TEST_EVERY - 1
        out.append(("test", i // TEST_EVERY) if is_test else ("train", i - i // TEST_EVERY))
    return out


def render(
    mine: list[tuple[str, int]],
    out: Path,
    lock: multiprocessing.synchronize.Lock,
    *,
    make: Callable[[str, int, Path], str],
    is_finished: Callable[[Path, str, int], bool],
) -> None:
    """Render some clips, photos or parts of bodies; one that fails is reported and left out."""
    import cv2

    cv2.setNumThreads(1)
    for split, index in mine:
        folder = out / split
        folder.mkdir(parents=True, exist_ok=True)
        if is_finished(folder, split, index):
            continue
        try:
            line = make(split, index, folder)
        except Exception as error:  # an odd one must not end an hour's run
            line = f"{split}_{index:05d} FAILED {error!r}"
        with lock:
            print(time.strftime("%H:%M:%S"), line, flush=True)


def look_at_photos(photos: list[Path], out: Path, lock: multiprocessing.synchronize.Lock) -> None:
    """Collect what the app sees of some photos of the ankle test."""
    from analysis.calibration.lungefit import look_at

    _collect(photos, out, lock, look_at)


def look(clips: list[Path], out: Path, lock: multiprocessing.synchronize.Lock) -> None:
    """Collect what the app sees of some clips."""
    from analysis.calibration.collect import look_at

    _collect(clips, out, lock, look_at)


def look_at_stills(clips: list[Path], out: Path, lock: multiprocessing.synchronize.Lock) -> None:
    """Collect what the app sees of stills cut out of some clips."""
    from analysis.calibration.stillcut import look_at

    _collect(clips, out, lock, look_at)


def _collect(
    found: list[Path],
    out: Path,
    lock: multiprocessing.synchronize.Lock,
    look_at: Callable[..., Any],
) -> None:
    import cv2

    from analysis.calibration.collect import collect
    from analysis.model import ensure_model
    from analysis.pose import MediaPipeModel

    cv2.setNumThreads(1)
    done = collect(found, out, MediaPipeModel(ensure_model()), look_at)
    with lock:
        print(time.strftime("%H:%M:%S"), f"{done} collected now, {len(found)} in all")


def report(clips: list[Path], out: Path, lock: multiprocessing.synchronize.Lock) -> None:
    """Analyse some clips as the app does."""
    import cv2

    from analysis.calibration.evaluate import report_clip
    from analysis.model import ensure_model
    from analysis.pose import MediaPipeModel

    cv2.setNumThreads(1)
    out.mkdir(parents=True, exist_ok=True)
    model = MediaPipeModel(ensure_model())
    for clip in clips:
        report_clip(clip, out / f"{clip.stem}.json", model)
    with lock:
        print(time.strftime("%H:%M:%S"), f"{len(clips)} clips reported")


def run(work_on: Callable[..., None], todo: Sequence[Any], out: Path, workers: int) -> int:
    """Share the work out among processes; returns the worst exit code."""
    spawn = multiprocessing.get_context("spawn")
    lock = spawn.Lock()
    started = [
        spawn.Process(target=work_on, args=(list(todo[k::workers]), out, lock))
        for k in range(workers)
    ]
    for process in started:
        process.start()
    for process in started:
        process.join()
    return max(abs(process.exitcode or 0) for process in started)
