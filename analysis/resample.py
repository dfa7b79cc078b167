"""Curves at moments between those at which they were measured."""

import numpy as np
from numpy.typing import NDArray


def between(
    time_s: NDArray[np.float64], known_s: NDArray[np.float64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Read curves off at other moments, by cubic pieces through what is known.

    Parameters
    ----------
    time_s : ndarray, shape (T,)
        Moments asked for, within those known.
    known_s : ndarray, shape (K,)
        Seconds, strictly increasing.
    values : ndarray, shape (K, ...)
        One curve or several; NaN = missing.

    Returns
    -------
    ndarray, shape (T, ...)
        At a known moment exactly what is known there. NaN between two moments of
        which one is missing: nothing is made up inside a gap.

    Notes
    -----
    Catmull-Rom: the slope at a moment is that from the one before to the one after.
    Beside a gap the piece is a straight line.
    """
    if len(known_s) < 2:
        return np.repeat(values, len(time_s), axis=0)
    at = np.clip(np.searchsorted(known_s, time_s, side="right") - 1, 0, len(known_s) - 2)
    gap_s = known_s[at + 1] - known_s[at]

    def across(per_moment: NDArray[np.float64]) -> NDArray[np.float64]:
        return per_moment.reshape(-1, *(1,) * (values.ndim - 1))

    u = across((time_s - known_s[at]) / gap_s)
    left, right = values[at], values[at + 1]
    slope = np.gradient(values, known_s, axis=0) if len(known_s) > 2 else np.zeros_like(values)
    rise = right - left
    # How far the slopes at both ends differ from the straight line.
    bend_left, bend_right = slope[at] * across(gap_s) - rise, slope[at + 1] * across(gap_s) - rise
    bend = u * (1 - u) * ((1 - u) * bend_left - u * bend_right)
    inside = left + u * rise + np.nan_to_num(bend)
    return np.asarray(np.where(u <= 0, left, np.where(u >= 1, right, inside)))


def between_pictures(
    time_s: NDArray[np.float64], known_s: NDArray[np.float64], pictures: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Blend pictures at other moments; see :func:`between`.

    Parameters
    ----------
    time_s, known_s : ndarray, shapes (T,) and (K,)
    pictures : ndarray of uint8, shape (K, ...)

    Returns
    -------
    ndarray of uint8, shape (T, ...)
    """
    if len(known_s) < 2:
        return np.repeat(pictures, len(time_s), axis=0)
    at = np.clip(np.searchsorted(known_s, time_s, side="right") - 1, 0, len(known_s) - 2)
    share = np.clip((time_s - known_s[at]) / (known_s[at + 1] - known_s[at]), 0.0, 1.0)
    # A frame at a time: as floats all of them together would be large.
    blended = np.empty((len(time_s), *pictures.shape[1:]), np.uint8)
    for row, (k, u) in enumerate(zip(at, share, strict=True)):
        blended[row] = np.round(pictures[k] * (1 - u) + pictures[k + 1] * u)
    return blended
