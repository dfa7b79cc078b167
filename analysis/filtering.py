"""Smoothing of curves without shifting them in time.

Missing stretches (NaN) stay missing: each stretch between two gaps is filtered
by itself, and nothing is made up inside a gap but by :func:`bridge`.
"""

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import scipy  # as a whole: its parts are loaded at first use, after the first picture is told
from numpy.typing import NDArray

# Human movement of this kind holds nothing of use above 6 Hz; zero-phase
# Butterworth of order 4 at 6 Hz is the default of the field (order 2, run
# forth and back).
CUTOFF_HZ = 6.0
_ORDER = 2
# Below this many samples a filter run has no room; the stretch is left as it is.
_SHORTEST_RUN = 8
# Differences of times are exact to this, seconds.
_ROUNDING_S = 1e-9


def lowpass(
    time_s: NDArray[np.float64], values: NDArray[np.float64], *, cutoff_hz: float = CUTOFF_HZ
) -> NDArray[np.float64]:
    """Zero-phase low-pass filter over time.

    Parameters
    ----------
    time_s : ndarray, shape (T,)
        Seconds, strictly increasing. The spacing may vary (phone film does).
    values : ndarray, shape (T,) or (T, ...)
        One curve or several; NaN = missing.
    cutoff_hz : float, optional
        Where the filter lets half of the power through.

    Returns
    -------
    ndarray, shape of `values`
        NaN exactly where `values` is NaN.

    Notes
    -----
    Filters assume even spacing, so each stretch is put on an even grid of its
    own median spacing, filtered there, and read off again at `time_s`. A film
    too slow for `cutoff_hz` is not filtered.
    """
    flat = values.reshape(len(values), -1).astype(np.float64, copy=True)
    for run, columns in _runs_of_columns(np.isfinite(flat)):
        flat[run, columns] = _lowpass_run(time_s[run], flat[run, columns], cutoff_hz)
    return flat.reshape(values.shape)


def without_spikes(
    time_s: NDArray[np.float64], values: NDArray[np.float64], *, window_s: float
) -> NDArray[np.float64]:
    """Take away what is shorter than half of a window, by a running median.

    Parameters
    ----------
    time_s : ndarray, shape (T,)
        Seconds, strictly increasing.
    values : ndarray, shape (T,) or (T, ...)
        One curve or several; NaN = missing.
    window_s : float
        Length of the window.

    Returns
    -------
    ndarray, shape of `values`
        NaN exactly where `values` is NaN; steady movement passes unchanged.
    """
    flat = values.reshape(len(values), -1).astype(np.float64, copy=True)
    if len(time_s) < 3:
        return flat.reshape(values.shape)
    half = max(1, round(window_s / float(np.median(np.diff(time_s))) / 2))
    # Curve by curve: for one dimension scipy has a quicker way.
    for curve in flat.T:
        for run in runs(np.isfinite(curve)):
            curve[run] = scipy.ndimage.median_filter(curve[run], size=2 * half + 1, mode="nearest")
    return flat.reshape(values.shape)


def bridge(
    time_s: NDArray[np.float64], values: NDArray[np.float64], *, longest_s: float = np.inf
) -> NDArray[np.float64]:
    """Fill gaps inside of curves by straight lines.

    Parameters
    ----------
    time_s : ndarray, shape (T,)
        Seconds, strictly increasing.
    values : ndarray, shape (T,) or (T, ...)
        One curve or several; NaN = missing.
    longest_s : float, optional
        A gap that is longer from the sample before it to the one after it stays.

    Returns
    -------
    ndarray, shape of `values`
        What is missing before the first sample and after the last stays missing.
    """
    flat = values.reshape(len(values), math.prod(values.shape[1:])).astype(np.float64, copy=True)
    for curve in flat.T:
        for gap in runs(np.isnan(curve)):
            inner = gap.start > 0 and gap.stop < len(curve)
            if inner and time_s[gap.stop] - time_s[gap.start - 1] <= longest_s + _ROUNDING_S:
                ends = [gap.start - 1, gap.stop]
                curve[gap] = np.interp(time_s[gap], time_s[ends], curve[ends])
    return flat.reshape(values.shape)


def runs(flags: NDArray[np.bool_]) -> list[slice]:
    """Return the stretches in which `flags` is true, in order."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _runs_of_columns(known: NDArray[np.bool_]) -> Iterator[tuple[slice, NDArray[np.intp]]]:
    """Yield the runs of all columns, those together that are known in the same rows.

    Mostly all are known all the time, and one call of the filter does for them.
    """
    alike: dict[bytes, list[int]] = {}
    for k, column in enumerate(np.ascontiguousarray(known.T)):
        alike.setdefault(column.tobytes(), []).append(k)
    for columns in alike.values():
        for run in runs(known[:, columns[0]]):
            yield run, np.array(columns)


def _lowpass_run(
    time_s: NDArray[np.float64], curves: NDArray[np.float64], cutoff_hz: float
) -> NDArray[np.float64]:
    """Filter curves without gaps, shape (T, N)."""
    if len(curves) < _SHORTEST_RUN:
        return curves
    step_s = float(np.median(np.diff(time_s)))
    if cutoff_hz * step_s >= 0.45:  # too near to half of the sampling rate
        return curves
    even_s = np.arange(time_s[0], time_s[-1] + step_s / 2, step_s)
    sections = _sections(cutoff_hz, step_s)
    pad = min(3 * (2 * len(sections) + 1), len(even_s) - 1)
    even = scipy.signal.sosfiltfilt(sections, _linear(even_s, time_s, curves), axis=0, padlen=pad)
    return _linear(time_s, even_s, even)


@lru_cache(maxsize=64)
def _sections(cutoff_hz: float, step_s: float) -> NDArray[np.float64]:
    """Design the filter, which takes longer than to use it."""
    return np.asarray(scipy.signal.butter(_ORDER, cutoff_hz, fs=1 / step_s, output="sos"))


def _linear(
    at_s: NDArray[np.float64], known_s: NDArray[np.float64], curves: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Read curves (K, N) off at other moments by straight lines; `numpy.interp` takes but one."""
    place = np.interp(at_s, known_s, np.arange(len(known_s)))
    before = np.minimum(place.astype(np.intp), len(known_s) - 2)
    share = (place - before)[:, None]
    return np.asarray(curves[before] * (1 - share) + curves[before + 1] * share)
