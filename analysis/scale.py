"""Centimetres per pixel, from the lifter's own height."""

import numpy as np
from numpy.typing import NDArray

from analysis.angles import Curve
from analysis.pose import Landmark

# Ankle joint to ear over body height: eye 0.936 less ankle 0.039 (Drillis and
# Contini 1966); the ear canal lies level with the eye when looking straight ahead.
_EAR_OVER_ANKLE = 0.897
# Landmarks and posture: standing people measured this way scatter by so much.
SCALE_SD = 0.03


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
    span_px = float(np.nanmedian(ankles - ears)) if np.isfinite(ankles - ears).any() else np.nan
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
    """
    feet = joints_px[:, Landmark.HEEL : Landmark.TOE + 2, 1]
    hips = joints_px[:, Landmark.HIP : Landmark.HIP + 2, 1].mean(axis=1)
    seen = np.isfinite(feet).any(axis=1)
    if not seen.any():
        return np.full(len(joints_px), np.nan)
    floor = float(np.median(np.nanmax(feet[seen], axis=1)))
    return np.asarray((floor - hips) * scale_cm_per_px)
