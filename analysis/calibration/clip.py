"""Make one clip: draw, build, move, film, write. A finished clip is not made again."""

import json
import time
from pathlib import Path

import numpy as np

from analysis.calibration import film, truth
from analysis.calibration.sample import Clip, draw
from analysis.calibration.squat import moved


def name_of(split: str, index: int, kind: str) -> str:
    """Return a clip's file name without ending."""
    return f"{split}_{index:05d}_{kind}"


def finished(folder: Path, split: str, index: int) -> bool:
    """Tell whether a clip and its truth are there. The truth is written last."""
    return any(folder.glob(f"{split}_{index:05d}_*.json"))


def make(split: str, index: int, folder: Path) -> str:
    """Render one clip into a folder and return one line about it."""
    return render(draw(split, index), folder)


def render(spec: Clip, folder: Path, name: str = "") -> str:
    """Render a clip that was drawn, or made up, into a folder and return one line about it."""
    start = time.perf_counter()
    shown = moved(spec)
    spec, track, person, view = shown.clip, shown.track, shown.person, shown.view
    name = name or name_of(spec.split, spec.index, spec.kind)
    part = folder / f".{name}.part"
    built = time.perf_counter()
    hidden = []
    degrade, hips = shown.degrade(), shown.hips_px()
    speed = np.gradient(hips[:, 1])
    with film.Writer(part, spec.film) as writer:
        for i, (vertices, picture) in enumerate(shown.rendered(range(len(track.posed)))):
            axis = (hips[i], view.project(track.posed[i].points["T6"], i)[0])
            hidden.append(truth.back_hidden(person, vertices, view, i, picture, axis))
            writer.add(degrade(picture, float(speed[i])))
    rows = truth.frame_rows(spec, track, person, view, hidden)
    text = json.dumps(truth.truth(spec, track, person, view, rows, name), separators=(",", ":"))
    part.rename(folder / f"{name}.mp4")
    temporary = folder / f".{name}.json.part"
    temporary.write_text(text)
    temporary.rename(folder / f"{name}.json")
    total, each = time.perf_counter() - start, (time.perf_counter() - built) / len(rows)
    return f"{name} {len(rows)} frames {total:.1f} s, {1000 * each:.0f} ms a frame"
