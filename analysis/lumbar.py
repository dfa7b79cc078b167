"""The two-bowls angle: pelvis against ribcage, out of the outline of the back.

When the lumbar spine flexes, the outline of the back between shoulder blade and
seat fills out: seen against the chord from the upper back to the seat, its
middle moves backwards by an amount that grows with the flexion. How far the
trunk leans or how deep the hips are does not move it, which is what sets this
apart from rules on trunk, hip or thigh angles.

Notes
-----
First version: one length, one slope. `bulge` is the distance of the outline at
50 percent of the way shoulder-hip from the chord between 15 and 110 percent, in
percent of the standing trunk's length (positive toward the chest).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.filtering import lowpass, without_spikes
from analysis.geometry import length_px
from analysis.silhouette import RAYS

Curve = NDArray[np.float64]

# The three stations of the outline (share of the way from shoulder to hip).
_STATIONS = np.array(RAYS[0].stations)
_UPPER, _MIDDLE, _SEAT = (int(np.abs(_STATIONS - s).argmin()) for s in (0.15, 0.5, 1.1))
# Degrees of lumbar flexion per percent of bulge, and the scatter about it: least
# squares through zero over the deep frames of 20 rendered lifters without a bar,
# whose flexion is known exactly.
_DEG_PER_PERCENT = -3.2
_SD_DEG = 3.4
# Arch when standing: the bulge of a back in the body model's rest, and degrees per
# percent, from the same lifters standing.
_REST_PERCENT, _ARCH_DEG_PER_PERCENT, _ARCH_SD_DEG = 4.8, -1.9, 4.5
# Turned this far, the camera sees the outline of the back's corner and not of its
# middle; half a degree of flexion is then not known per degree of turn beyond it.
_FREE_YAW_DEG, _SD_PER_YAW = 12.0, 0.5
# A mask that breaks for a few frames throws the bulge far off and back.
_SPIKE_WINDOW_S = 0.3
# Scatter of the bulge from frame to frame that a good mask has, in percent; more
# than that comes from a shirt, a plate or a poor mask, and is added in full.
_STEADY_PERCENT = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Lumbar:
    """The two-bowls angle over a film.

    Attributes
    ----------
    angle_deg, sd_deg : ndarray, shape (T,)
        Flexion against standing, positive with the tailbone tucked, and its
        standard deviation; NaN where the outline does not show it.
    arch_deg, arch_sd_deg : float
        Lower back when standing: negative arched, 0 the body model's rest.
    """

    angle_deg: Curve
    sd_deg: Curve
    arch_deg: float
    arch_sd_deg: float


def measure_lumbar(
    time_s: Curve,
    back_px: NDArray[np.float64],
    shoulder_px: NDArray[np.float64],
    hip_px: NDArray[np.float64],
    *,
    standing: NDArray[np.bool_],
    facing: float,
    yaw_deg: float,
) -> Lumbar:
    """Measure the two-bowls angle.

    Parameters
    ----------
    time_s : ndarray, shape (T,)
    back_px : ndarray, shape (T, 30, 2)
        Outline of the back, from :mod:`analysis.silhouette`.
    shoulder_px, hip_px : ndarray, shape (T, 2)
        Same pixels, y down.
    standing : ndarray of bool, shape (T,)
        Frames of standing, which the angle is relative to.
    facing : float
        +1 lifter looks right, -1 left.
    yaw_deg : float
        Turn of the camera; NaN counts as turned far.

    Returns
    -------
    Lumbar
        All NaN without a frame of standing in which the outline is seen.
    """
    trunk_px = length_px(hip_px, shoulder_px)
    usual_px = float(np.nanmedian(trunk_px[standing])) if standing.any() else np.nan
    raw = _bulge_px(back_px, facing=facing) / usual_px * 100.0
    bulge = lowpass(time_s, without_spikes(time_s, raw, window_s=_SPIKE_WINDOW_S))
    seen = np.isfinite(bulge)
    if not (seen & standing).any():
        empty = np.full(len(time_s), np.nan)
        return Lumbar(angle_deg=empty, sd_deg=empty, arch_deg=np.nan, arch_sd_deg=np.nan)
    base = float(np.nanmedian(bulge[standing]))
    angle = _DEG_PER_PERCENT * (bulge - base)
    sd = np.hypot(np.hypot(_SD_DEG, _turned_sd_deg(yaw_deg)), _unsteady_sd_deg(raw, bulge))
    return Lumbar(
        angle_deg=angle,
        sd_deg=np.where(seen, sd, np.nan),
        arch_deg=_ARCH_DEG_PER_PERCENT * (base - _REST_PERCENT),
        arch_sd_deg=float(np.hypot(_ARCH_SD_DEG, _turned_sd_deg(yaw_deg))),
    )


def _bulge_px(back_px: NDArray[np.float64], *, facing: float) -> Curve:
    """Distance of the middle of the back from its chord, positive toward the chest."""
    upper, middle, seat = (back_px[:, k] for k in (_UPPER, _MIDDLE, _SEAT))
    chord = seat - upper
    away = middle - upper
    cross = chord[:, 0] * away[:, 1] - chord[:, 1] * away[:, 0]
    return np.asarray(-facing * cross / np.hypot(chord[:, 0], chord[:, 1]))


def _turned_sd_deg(yaw_deg: float) -> float:
    turned = 90.0 if np.isnan(yaw_deg) else abs(yaw_deg)
    return _SD_PER_YAW * max(0.0, turned - _FREE_YAW_DEG)


def _unsteady_sd_deg(raw: Curve, smooth: Curve) -> float:
    scatter = float(np.nanstd(raw - smooth))
    return abs(_DEG_PER_PERCENT) * max(0.0, scatter - _STEADY_PERCENT)
