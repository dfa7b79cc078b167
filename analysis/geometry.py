"""Angles of body segments in the picture plane.

Pixels have x to the right and y DOWN. ``facing`` is +1 where the lifter looks
to the right of the picture and -1 where to the left, so that "forward" means
the same for both. Nothing here changes its input; NaN in gives NaN out.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def thigh_angle_deg(hip_px: Floats, knee_px: Floats, *, facing: float) -> Floats:
    """Thigh against the horizontal: the depth of a squat.

    Parameters
    ----------
    hip_px, knee_px : ndarray, shape (..., 2)
        Joint centres in pixels, y down.
    facing : float
        +1 lifter looks right, -1 left.

    Returns
    -------
    ndarray, shape (...)
        Degrees: about 86 standing, 0 with hip and knee level, negative with
        the hip lower than the knee.
    """
    forward, down = _components(hip_px, knee_px, facing)
    return np.asarray(np.degrees(np.arctan2(down, forward)))


def lean_deg(lower_px: Floats, upper_px: Floats, *, facing: float) -> Floats:
    """Lean of a segment against the vertical, as for the trunk or the shank.

    Parameters
    ----------
    lower_px, upper_px : ndarray, shape (..., 2)
        The lower and the upper end, pixels, y down.
    facing : float
        +1 lifter looks right, -1 left.

    Returns
    -------
    ndarray, shape (...)
        Degrees, 0 upright, positive with the upper end forward of the lower.
    """
    forward, down = _components(lower_px, upper_px, facing)
    return np.asarray(np.degrees(np.arctan2(forward, -down)))


def flexion_deg(proximal_px: Floats, vertex_px: Floats, distal_px: Floats) -> Floats:
    """How far a joint is bent out of the straight line.

    Parameters
    ----------
    proximal_px, vertex_px, distal_px : ndarray, shape (..., 2)
        For the knee: hip, knee, ankle.

    Returns
    -------
    ndarray, shape (...)
        Degrees in [0, 180]; 0 is a straight joint.

    Notes
    -----
    ``atan2`` of cross and dot product, which stays exact near 0 and 180 where
    ``arccos`` does not.
    """
    inward, outward = vertex_px - proximal_px, distal_px - vertex_px
    cross = inward[..., 0] * outward[..., 1] - inward[..., 1] * outward[..., 0]
    dot = np.sum(inward * outward, axis=-1)
    return np.asarray(np.degrees(np.arctan2(np.abs(cross), dot)))


def length_px(a_px: Floats, b_px: Floats) -> Floats:
    """Distance between two points.

    Parameters
    ----------
    a_px, b_px : ndarray, shape (..., 2)

    Returns
    -------
    ndarray, shape (...)
    """
    return np.asarray(np.hypot(b_px[..., 0] - a_px[..., 0], b_px[..., 1] - a_px[..., 1]))


def _components(start_px: Floats, end_px: Floats, facing: float) -> tuple[Floats, Floats]:
    """Return the forward and the downward part of the way from start to end."""
    if start_px.shape[-1] != 2 or end_px.shape[-1] != 2:
        raise ValueError(f"points must be (..., 2), got shapes {start_px.shape} and {end_px.shape}")
    step = end_px - start_px
    return step[..., 0] * facing, step[..., 1]
