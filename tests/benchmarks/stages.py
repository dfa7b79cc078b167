"""Where the time of an analysis goes, stage by stage.

    python -m tests.benchmarks.stages [KIND]

Runs each stage alone, in one thread, on the pictures of a film of
`tests.benchmarks.clips` and prints processor time in milliseconds for each frame of the
film at 30 a second: comparable on a busy machine too.
"""

import itertools
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from analysis.model import ensure_model
from analysis.pose import MediaPipeModel
from tests.benchmarks.clips import ClipKind, make_clip
from tests.benchmarks.speed import FOLDER

_FRAMES = 90


def spent_ms(what: Callable[[], Any]) -> tuple[float, Any]:
    """Return the milliseconds of processor, of all threads, and the outcome."""
    start_s = time.process_time()
    out = what()
    return 1000 * (time.process_time() - start_s), out


def main() -> None:
    """Measure and print."""
    from analysis import draw
    from analysis.estimator import load_estimator
    from analysis.footage import take_footage
    from analysis.measure import measure, prepare
    from analysis.preview import PreviewWriter
    from analysis.silhouette import sample_silhouette
    from analysis.smallfilm import SmallFilm, small_size
    from analysis.tracking import scout
    from analysis.video import FilmReader

    kind = sys.argv[1] if len(sys.argv) > 1 else "1080p30-h264-15s"
    clip = make_clip(ClipKind.of(kind), FOLDER)
    model = MediaPipeModel(ensure_model())
    rows: list[tuple[str, float]] = []

    def note(name: str, ms: float, *, frames: float) -> None:
        rows.append((name, ms / frames))

    ms, reader = spent_ms(lambda: FilmReader(clip))
    rows.append(("open (once)", ms))
    ms, frames = spent_ms(lambda: list(itertools.islice(reader.frames(), _FRAMES)))
    note("decode", ms, frames=len(frames))
    size, matrix = small_size((reader.meta.width_px, reader.meta.height_px)), frames[0].matrix
    frames[0].yuv(*size, matrix=matrix)
    ms, pictures = spent_ms(lambda: [f.yuv(*size, matrix=matrix) for f in frames])
    note("make small", ms, frames=len(frames))
    with tempfile.TemporaryDirectory() as folder:

        def preview() -> None:
            target = Path(folder) / "p.mp4"
            with PreviewWriter(target, width_px=size[0], height_px=size[1]) as writer:
                for picture, frame in zip(pictures, frames, strict=True):
                    writer.add_picture(picture, frame.time_s)

        note("encode the preview", spent_ms(preview)[0], frames=len(frames))
    small = [f.rgb(height_px=512) for f in frames]
    note("convert", spent_ms(lambda: [f.rgb(height_px=512) for f in frames[::2]])[0], frames=90)
    with model.open(tracking=True, max_people=1, masks=True) as estimator:
        estimator.detect(small[0], time_s=0.0)
        ms, seen = spent_ms(
            lambda: [estimator.detect(s, time_s=1 + k / 15) for k, s in enumerate(small[::2])]
        )
    note("landmarks and mask", ms, frames=len(frames))
    masks = [(d[0].mask, d[0].xy_px) for d in seen if d and d[0].mask is not None]
    ms, _ = spent_ms(
        lambda: [sample_silhouette(m, xy, facing=1.0, body_px=300.0) for m, xy in masks]
    )
    note("outline", ms, frames=len(frames))
    with model.open(tracking=False, max_people=4, masks=False) as estimator:
        estimator.detect(small[0], time_s=0.0)
        ms, _ = spent_ms(lambda: [estimator.detect(s, time_s=0.0) for s in small[::10]])
    note("who is there", ms, frames=len(frames))
    reader.close()
    with FilmReader(clip) as whole, SmallFilm(whole) as film:
        scene = scout(film, model)
        footage = take_footage(film, model, scene)
    n = len(footage.track.time_s)
    estimator_ = load_estimator()
    ms, ready = spent_ms(lambda: prepare(footage))
    note("angles and features", ms, frames=n)
    ms, _ = spent_ms(lambda: estimator_.estimate(ready.network_input))
    note("estimator", ms, frames=n)
    note("estimator and two-bowls angle", spent_ms(lambda: measure(ready, estimator_))[0], frames=n)
    ms, _ = spent_ms(lambda: draw.to_jpeg(small[0]))
    rows.append(("a picture as JPEG (each)", ms))
    for name, each_ms in rows:
        print(f"{name:32} {each_ms:7.2f} ms")


if __name__ == "__main__":
    main()
