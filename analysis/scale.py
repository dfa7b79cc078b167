"""Centimetres per pixel, from the lifter's own height."""

import numpy as np
from numpy.typing import NDArray

from analysis.angles import Curve
from analysis.pose import Landmark

# Ankle joint to ear over body height: eye 0.936 less ankle 0.039 (Drillis and
# Contini 1966); the ear canal lies level with the eye when looking straight ahead.
_EAR_OVER_ANKLE = 0.897
# Nobody stands taller than straight: of the frames of standing the tallest tenth
# counts, so that a sway, a nod or the first bend of the knees does not shorten the
# lifter (mean error on 22 rendered lifters 1.9 percent, with the median frame 2.7).
_TALLEST_PERCENTILE = 90.0
# Landmarks and posture: 38 rendered lifters measured this way scatter by so much.
SCALE_SD = 0.04
# The lower of heel and toe landmark lies so far over the floor: half the height of a
# shoe's toe, and the sole under it (4.0 +- 2.6 on 38 rendered lifters in shoes).
_FOOT_OVER_FLOOR_CM = 4.0


def cm_per_px(
    joints_px: NDArray[np.float64], *, standing: NDArray[np.bool_], height_cm: float | None
) -> float:
    """Scale of the picture in the plane of the lifter.

    Parameters
    ----------
    joints_px : ndarray, shape (T, 33, 2)
        Smoothed landmarks, y down.
    standing : ndarray of bool, shape (T,)
        Frames of standing upright.
    height_cm : float or None
        Barefoot body height.

    Returns
    -------
    float
        NaN without a height or without a frame of standing.
    """
    if height_cm is None or not standing.any():
        return float("nan")
    ears = joints_px[standing, Landmark.EAR : Landmark.EAR + 2, 1].mean(axis=1)
    ankles = joints_px[standing, Landmark.ANKLE : Landmark.ANKLE + 2, 1].mean(axis=1)
    spans = (ankles - ears)[np.isfinite(ankles - ears)]
    span_px = float(np.percentile(spans, _TALLEST_PERCENTILE)) if len(spans) else np.nan
    return _EAR_OVER_ANKLE * height_cm / span_px if span_px > 0 else float("nan")


def hip_height_cm(joints_px: NDArray[np.float64], scale_cm_per_px: float) -> Curve:
    """Height of the hip joint centre over the floor.

    Parameters
    ----------
    joints_px : ndarray, shape (T, 33, 2)
    scale_cm_per_px : float

    Returns
    -------
    ndarray, shape (T,)
        Centimetres; the floor is where heels and toes are in all frames
        together, so that a rising heel does not lift it.

    Notes
    -----
    Left and right foot are averaged as left and right hip are: seen from above the
    hips the near foot stands lower in the picture than the middle of the body.
    """
    feet = joints_px[:, Landmark.HEEL : Landmark.TOE + 2, 1].reshape(-1, 2, 2)
    hips = joints_px[:, Landmark.HIP : Landmark.HIP + 2, 1].mean(axis=1)
    # Axes are frame, heel or toe, left or right.
    lowest = feet.max(axis=1).mean(axis=1)
    lowest = lowest[np.isfinite(lowest)]
    if not len(lowest):
        return np.full(len(joints_px), np.nan)
    floor = float(np.median(lowest))
    return np.asarray((floor - hips) * scale_cm_per_px + _FOOT_OVER_FLOOR_CM)
