"""The two clips of the demo of Compare: the same lifter, in two stances.

Rendered, then measured by the app itself; what is kept of them is what a lifter saves.
"""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from analysis import draw, stills
from analysis.calibration import clip, sample
from analysis.calibration.sample import Clip
from analysis.compare import REAL_SDS, differences
from analysis.keepfile import Still, keep, write
from analysis.label import Label
from analysis.pipeline import Analysis, analyse
from analysis.pose import PoseModel
from analysis.report import JOINT_NAMES

OUT: Final = Path(__file__).parent.parent / "data" / "compare"
# A lifter of the test clips in fitted clothes with the arms in front, who is measured well.
_LIFTER: Final = ("test", 73)
_FPS: Final = 15


def specs() -> dict[str, tuple[Clip, Label]]:
    """Return the clips by name, with their labels.

    In the wider one with the toes out the tuck starts deeper and is smaller.
    """
    base = sample.draw(*_LIFTER)
    base = replace(base, film=replace(base.film, fps=_FPS, width=432, height=768))
    usual = _stance(base, feet_m=0.16, toes_deg=8.0, onset_deg=16.0, tuck_deg=26.0)
    wider = _stance(base, feet_m=0.27, toes_deg=28.0, onset_deg=-3.0, tuck_deg=17.0)
    return {
        "usual": (usual, Label(load_kg=0, stance="usual", date="2026-03-02")),
        "toes-out": (wider, Label(load_kg=0, stance="toes_out", date="2026-03-02")),
    }


def _stance(
    base: Clip, *, feet_m: float, toes_deg: float, onset_deg: float, tuck_deg: float
) -> Clip:
    """Move the feet of a lifter, and where the tuck starts; all else stays."""
    rep = replace(
        base.reps[0], down=1.5, up=1.1, rest=0.5, thigh=-22.0, tuck=tuck_deg, onset=onset_deg
    )
    motion = replace(
        base.motion, stance=(feet_m, feet_m), toe_out=(toes_deg, toes_deg), lead=1.0, tail=0.6
    )
    return replace(base, motion=motion, reps=[rep, replace(rep, thigh=-20.0)])


def make(model: PoseModel, out: Path = OUT) -> list[str]:
    """Render, measure and save the clips of the demo.

    Parameters
    ----------
    model : PoseModel
    out : Path
        Where NAME.json goes.

    Returns
    -------
    list of str
        A line on each, and on each difference between them.
    """
    out.mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    reports = []
    with tempfile.TemporaryDirectory() as folder:
        for name, (spec, label) in specs().items():
            clip.render(spec, Path(folder), name)
            preview = Path(folder) / f"{name}-preview.mp4"
            found = analyse(
                Path(folder) / f"{name}.mp4",
                model=model,
                height_cm=100 * spec.body.stature_m,
                preview=preview,
            )
            kept = keep(found.report.as_json(), label, _pictures(found, preview))
            (out / f"{name}.json").write_bytes(write(kept))
            summary = found.report.summary
            lines.append(f"{name}: {summary}, {len(write(kept))} bytes")
            reports.append(kept.report)
    # An example in which nothing differs shows little: then another lifter is needed.
    for each in differences(*reports):
        told = f"{each.change:.1f} ± {REAL_SDS * each.sd:.1f}"
        lines.append(f"{each.name}: {told}{', a real difference' if each.is_real else ''}")
    return lines


def _pictures(found: Analysis, preview: Path) -> list[Still]:
    overlay = found.overlay
    if overlay is None:
        return []
    points = np.concatenate([overlay.joints_px, overlay.back_px], axis=1)
    drawing = stills.Drawing(
        time_s=overlay.t_s,
        joints_px=overlay.joints_px,
        joint_names=JOINT_NAMES,
        back_px=overlay.back_px,
        box=draw.crop_box(points, overlay.size_px),
    )
    return stills.take(found.report.as_json(), drawing, preview)
