"""How deep to go: the thigh angle to stop at, told as a height of the hips and of a box.

Both heights are read off the film and not off a model of the body: the hips where
the thigh passed that angle on the way down, and under them the lower edge of the
silhouette.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.reps import Rep
from analysis.silhouette import RAYS, rays_of
from analysis.wink import SetVerdict

Curve = NDArray[np.float64]

# Rays from the hip that point down within this many degrees. The two of them end
# under the hip joint, where a box would touch. Further back the seat curves up;
# further forward is the thigh, which on a low squat comes to lie on the shank.
_DOWN_WITHIN_DEG = 7.0
# The drop is taken from frames with the thigh so near the depth to stop at, because
# the hip landmark strays with depth (by up to 4 cm). It strays in the drop by as
# much as in the hip height and so leaves the height of the box.
_NEAR_DEG = 10.0
# With the thigh steeper than this a ray straight down runs along it. The drop itself
# hardly depends on depth: on 20 rendered bodies, whose surface is known, it changed by
# 1 cm in the mean between 35 degrees above and 25 below parallel.
_STEEPEST_DEG = 25.0
# 10 to 15 cm on those bodies, in clothes and not sat down; sitting height and leg length
# of Drillis and Contini (1966) leave 0.05 of the height, 7 to 10 cm, on a hard seat. Far
# outside of that the ray ended in a hole of the mask or ran on into the shank.
_POSSIBLE_DROP_CM = (6.0, 20.0)
_FEWEST_FRAMES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class StopDepth:
    """Heights over the floor at the depth to stop at, centimetres; NaN = not measured.

    Attributes
    ----------
    hip_height_cm : float
        Hip joint centre.
    box_height_cm : float
        Underside of the seat.
    """

    hip_height_cm: float
    box_height_cm: float


def seat_drop_cm(ray_px: NDArray[np.float64], *, scale_cm_per_px: float) -> Curve:
    """Distance from the hip joint straight down to the underside of the seat.

    Parameters
    ----------
    ray_px : ndarray, shape (T, 100)
        Rays of the silhouette in pixels of the film.
    scale_cm_per_px : float

    Returns
    -------
    ndarray, shape (T,)
        Centimetres; NaN where neither ray has an end or the drop is impossible.
        Standing, it means nothing: the rays run down the leg.
    """
    (group,) = (g for g in RAYS if g.name == "seat")
    turn_deg = np.asarray(group.turn_deg)
    down = np.abs(turn_deg - 90.0) < _DOWN_WITHIN_DEG
    reach = ray_px[:, rays_of("seat")][:, down] * np.sin(np.radians(turn_deg[down]))
    drop = _mean(reach) * scale_cm_per_px
    least, most = _POSSIBLE_DROP_CM
    return np.where((drop > least) & (drop < most), drop, np.nan)


def stop_depth(
    verdict: SetVerdict,
    reps: Sequence[Rep],
    *,
    time_s: Curve,
    thigh_deg: Curve,
    hip_cm: Curve,
    drop_cm: Curve,
) -> StopDepth:
    """Tell the depth to stop at in centimetres.

    Parameters
    ----------
    verdict : SetVerdict
    reps : sequence of Rep
        The whole repetitions.
    time_s, thigh_deg, hip_cm, drop_cm : ndarray, shape (T,)
        Curves of the film; the last from :func:`seat_drop_cm`.

    Returns
    -------
    StopDepth
        Both are NaN for a set that is no wink and for a film without a scale.
    """
    stop_deg, nan = verdict.stop_at_thigh_deg, float("nan")
    flagged = [r for r in reps if time_s[r.start] <= verdict.onset_s <= time_s[r.end]]
    if np.isnan(stop_deg) or not flagged:
        return StopDepth(hip_height_cm=nan, box_height_cm=nan)
    down = slice(flagged[0].start, flagged[0].bottom + 1)
    hip = _passing(thigh_deg[down], hip_cm[down], stop_deg)
    return StopDepth(
        hip_height_cm=hip, box_height_cm=hip - _drop_at(reps, thigh_deg, drop_cm, stop_deg)
    )


def _drop_at(reps: Sequence[Rep], thigh_deg: Curve, drop_cm: Curve, stop_deg: float) -> float:
    """Median drop over the frames of all repetitions that are about so deep."""
    moving = np.zeros(len(thigh_deg), dtype=bool)
    for rep in reps:
        moving[rep.start : rep.end + 1] = True
    near = np.abs(thigh_deg - min(stop_deg, _STEEPEST_DEG)) <= _NEAR_DEG
    drops = drop_cm[moving & near & np.isfinite(drop_cm)]
    return float(np.median(drops)) if len(drops) >= _FEWEST_FRAMES else float("nan")


def _passing(thigh_deg: Curve, height_cm: Curve, stop_deg: float) -> float:
    """Height at which the thigh passes an angle on the way down, between frames."""
    known = np.isfinite(thigh_deg) & np.isfinite(height_cm)
    thigh, height = thigh_deg[known], height_cm[known]
    if len(thigh) < 2 or not thigh.min() <= stop_deg <= thigh.max():
        return float("nan")
    order = np.argsort(thigh, kind="stable")
    return float(np.interp(stop_deg, thigh[order], height[order]))


def _mean(rays: NDArray[np.float64]) -> Curve:
    """Mean over the rays that have an end; NaN where none has."""
    seen = np.isfinite(rays)
    count = seen.sum(axis=1)
    total = np.where(seen, rays, 0.0).sum(axis=1)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))
