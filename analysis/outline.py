"""The outline of the back, out of the person mask.

From points on the line shoulder to hip, and on beyond the hip to the seat,
rays go out backwards, square to that line; where a ray leaves the mask is the
skin (or the shirt). All of it in the pixels of the mask, y down.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

N_POINTS = 24
# Where the rays start: 0 shoulder joint, 1 hip joint, beyond it the seat.
STATIONS = np.linspace(0.05, 1.30, N_POINTS)
# Rays end here, as a share of the trunk's length: no back is thicker.
_RAY_LENGTH = 0.8
_RAY_SAMPLES = 96
# A row of the mask that is narrower than this is a stray.
_LEAST_WIDTH_PX = 3
# The mask says person above this.
_EDGE = 0.5


def back_outline(
    mask: NDArray[np.float32],
    shoulder_px: NDArray[np.float64],
    hip_px: NDArray[np.float64],
    *,
    facing: float,
) -> NDArray[np.float64]:
    """Find the outline of the back from the shoulder to the seat.

    Parameters
    ----------
    mask : ndarray of float32, shape (H, W)
        How sure each pixel belongs to the lifter, 0 to 1.
    shoulder_px, hip_px : ndarray, shape (2,)
        Joint centres in pixels of the mask, y down.
    facing : float
        +1 lifter looks right, -1 left.

    Returns
    -------
    ndarray, shape (24, 2)
        Points of the outline in pixels of the mask, at :data:`STATIONS`; NaN
        where a ray starts outside the lifter or does not leave them inside the
        picture.
    """
    axis = hip_px - shoulder_px
    length = float(np.hypot(*axis))
    if not np.isfinite(length) or length < 1.0:
        return np.full((N_POINTS, 2), np.nan)
    square = np.array([-axis[1], axis[0]]) / length
    backward = -square if square[0] * facing > 0 else square
    reach = np.linspace(0.0, _RAY_LENGTH * length, _RAY_SAMPLES)
    starts = shoulder_px + STATIONS[:, None] * axis
    rays = starts[:, None, :] + reach[None, :, None] * backward
    levels = np.asarray(
        cv2.remap(
            mask,
            rays[..., 0].astype(np.float32),
            rays[..., 1].astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=-1.0,
        ),
        dtype=np.float32,
    )
    distance = _first_exit(levels, reach)
    return np.asarray(starts + distance[:, None] * backward)


def _first_exit(levels: NDArray[np.float32], reach: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far along each ray the mask ends, between samples; NaN if it does not."""
    outside = levels < _EDGE
    exits = outside.argmax(axis=1)
    rows = np.arange(len(levels))
    after, before = levels[rows, exits], levels[rows, np.maximum(exits - 1, 0)]
    # A level under 0 is the edge of the picture and not of the lifter.
    valid = (exits > 0) & outside.any(axis=1) & (after >= 0)
    share = np.where(valid, (before - _EDGE) / np.maximum(before - after, 1e-6), np.nan)
    return np.asarray(reach[np.maximum(exits - 1, 0)] + share * (reach[1] - reach[0]))


def silhouette_top(mask: NDArray[np.float32]) -> float:
    """Find the upper end of the lifter, with whatever is held up there.

    Parameters
    ----------
    mask : ndarray of float32, shape (H, W)

    Returns
    -------
    float
        Row in pixels of the mask, y down; NaN where the mask is empty. Stray
        pixels do not count: the row must be three pixels wide.
    """
    rows = np.flatnonzero((mask > _EDGE).sum(axis=1) >= _LEAST_WIDTH_PX)
    return float(rows[0]) if len(rows) else float("nan")
