"""Cut stills out of rendered clips and keep what the app sees of them.

A lifter standing, and a moment of the lower part of a squat; each is shown to the stages for
photos, and the two are joined to a film of two moments as the page does it. The networks
learn from them what a photo lacks: the pose model has nothing before it to settle on.
"""

import zlib
from pathlib import Path
from typing import Any

import numpy as np

from analysis.calibration.collect import footage_arrays, truth_arrays
from analysis.errors import NothingUsableError
from analysis.photo import Photo
from analysis.pose import PoseModel
from analysis.snapshot import Seen, find_lifter
from analysis.still import join, why_unused
from analysis.video import read_frame_at

# Thigh angle over which the lifter stands, and share of the way down from which on a
# moment is the lower part of a squat.
_STANDS_DEG, _LOWER = 75.0, 0.6


def look_at(clip: Path, truth: dict[str, Any], model: PoseModel) -> dict[str, Any]:
    """Take what the app sees of a pair of stills, with the truth; for `collect.collect`.

    Raises
    ------
    NothingUsableError
        If the clip shows no such pair.
    """
    standing_s, squat_s = moments(truth, seed=zlib.crc32(clip.stem.encode()))
    upright, squat = (_seen(clip, t, model).footage(model) for t in (standing_s, squat_s))
    unused = why_unused(upright, squat)
    if unused:
        raise NothingUsableError("not_joined", unused)
    pair = join(upright, squat)
    when_s = np.full(len(pair.track.time_s), standing_s)
    when_s[-len(squat.track.time_s) :] = squat_s
    return {
        **footage_arrays(pair),
        **truth_arrays(truth, when_s),
        "n_squat": np.array(len(squat.track.time_s)),
    }


def moments(truth: dict[str, Any], *, seed: int) -> tuple[float, float]:
    """Draw a moment of standing and one of a squat.

    Parameters
    ----------
    truth : dict
        The truth file of a clip.
    seed : int

    Returns
    -------
    standing_s, squat_s : float

    Raises
    ------
    NothingUsableError
        If one of them is not in the clip.
    """
    rng = np.random.default_rng(seed)
    times_s = np.array([frame["t"] for frame in truth["frames"]])
    thigh_deg = np.array([frame["thigh_deg"] for frame in truth["frames"]])
    standing = times_s[thigh_deg > _STANDS_DEG]
    low_deg = thigh_deg.max() - _LOWER * (thigh_deg.max() - thigh_deg.min())
    squat = times_s[thigh_deg < low_deg]
    if not len(standing) or not len(squat):
        raise NothingUsableError("no_pair", "This clip does not show standing and a squat.")
    # Half of them at the bottom, where photos are taken.
    deepest = times_s[thigh_deg < thigh_deg.min() + 3.0]
    return float(rng.choice(standing)), float(rng.choice(deepest if rng.random() < 0.5 else squat))


def _seen(clip: Path, time_s: float, model: PoseModel) -> Seen:
    picture, _ = read_frame_at(clip, time_s)
    high, wide = picture.shape[:2]
    return find_lifter(Photo(picture=picture, width_px=wide, height_px=high), model)
