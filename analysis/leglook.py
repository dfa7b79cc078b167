"""A second look at the near leg in a few pictures of a film.

At the begin, the bottom and the end of each repetition the network of `analysis.legnet` says
where knee, ankle and toes are. By how much the curves differ from it there is read off in
between, and most of that is taken out of them: what one errs in the other mostly does not.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analysis.angles import Angles, unroll
from analysis.film import KeptFilm
from analysis.geometry import lean_deg
from analysis.legnet import LegModel, LegPlace, LegSight
from analysis.measure import Prepared
from analysis.pose import Landmark
from analysis.smallfilm import Shown, small_pictures

Curve = NDArray[np.float64]

_LEG: Final = (Landmark.KNEE, Landmark.ANKLE, Landmark.HEEL, Landmark.TOE)
# Pictures looked at around each bottom, seconds.
_AROUND_S: Final = (-0.1, 0.0, 0.1)
# Shank as a share of the leg, between hip and ankle.
_SHANK: Final = (0.42, 0.62)
# A look whose network spreads a point over more than this (19 of 20 rendered legs: less; an
# empty picture: 0.28), or sees the foot this far from where the pose model has it, sees
# another leg, or none; shank lengths.
_MOST_SPREAD: Final = 0.2
_MOST_APART: Final = 0.3
# Feet stay where they are for this long; looks from as far off say together where toes are.
_STEADY_S: Final = 5.0
# Hips this high over the ankles, as a share of the leg's length, are of somebody who stands.
_HIGH: Final = 0.85
# Rise of the heel worth reporting, degrees: of 41 heels that came up on rendered lifters 29
# do by so much, of 436 that stayed down 3.
_HEEL_UP_DEG: Final = 4.0
# Share of the difference that is taken out of the curves: on 64 repetitions of 50 rendered
# lifters that no network had seen, the best for ankle and knee past toe both.
_SHARE: Final = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class LegLooks:
    """What the network saw of the near leg, arrays (K,) in time.

    Attributes
    ----------
    time_s : ndarray
    past_toe : ndarray
        Knee forward of the toe, in leg lengths.
    ankle_deg : ndarray
        Dorsiflexion: lean of the shank less the rise of the heel.
    heel_rise_deg : ndarray
        Turn of the foot's line against standing, as far as the network sees the heel up, too;
        NaN where nobody stands.
    """

    time_s: Curve
    past_toe: Curve
    ankle_deg: Curve
    heel_rise_deg: Curve

    def is_heel_up(self, begin_s: float, end_s: float) -> bool:
        """Whether the heel is up between two moments; not where nothing was seen of it."""
        between = (self.time_s > begin_s) & (self.time_s < end_s)
        return bool(between.any() and np.median(self.heel_rise_deg[between]) > _HEEL_UP_DEG)


def look_at_leg(film: KeptFilm, ready: Prepared, network: LegModel) -> LegLooks:
    """Look at the near leg in a film again.

    Parameters
    ----------
    film : KeptFilm
    ready : Prepared
        The same film, for where the leg is about.
    network : LegModel

    Returns
    -------
    LegLooks
        Empty for a film without a repetition.
    """
    pictures = small_pictures(film, _moments(film.kept_s, ready))
    return look_at_pictures(pictures, ready, network, looks=1, steady_s=_STEADY_S)


def look_at_pictures(
    pictures: Iterable[Shown],
    ready: Prepared,
    network: LegModel,
    *,
    looks: int = 2,
    steady_s: float = 0.0,
) -> LegLooks:
    """Look at the near leg in some pictures.

    Parameters
    ----------
    pictures : iterable of (float, ndarray of uint8 of shape (H, W, 3), float)
        Each with its time, in time, and its size as a share of that in `ready`.
    ready : Prepared
        Of the film or photo that they are from.
    network : LegModel
    looks : int, optional
        At each, see `LegModel`.
    steady_s : float, optional
        The camera and the feet stay where they are for so long.

    Returns
    -------
    LegLooks
        Of those that show the leg.
    """
    rows = []
    for time_s, picture, shrink in pictures:
        points_px = _points_px(ready, time_s)
        if not np.isfinite(points_px).all():
            continue
        place = _place(ready, points_px)
        seen = network(picture, _shrunk(place, shrink), looks=looks)
        if not _is_this_leg(seen, place, points_px):
            continue
        # From the edge of the picture, so that looks can be compared.
        start = unroll(place.ankle, place.roll_deg) * [place.facing, 1.0]
        knee, ankle, heel, toe = (start + seen.points * place.shank_px) / ready.features.leg_px
        lean = float(lean_deg(ankle, knee, facing=1.0))
        slope = float(np.degrees(np.arctan2(toe[1] - heel[1], toe[0] - heel[0])))
        rows.append((time_s, knee[0], toe[0], lean, slope, seen.rise_deg))
    times_s, knee_x, toe_x, lean_at, slope_at, rise = np.array(rows).reshape(-1, 6).T
    rise_deg = np.minimum(_against_standing(ready, times_s, slope_at), rise).clip(0.0)
    return LegLooks(
        time_s=times_s,
        past_toe=knee_x - _steady(times_s, toe_x, steady_s),
        ankle_deg=lean_at - np.nan_to_num(rise_deg),
        heel_rise_deg=rise_deg,
    )


def _against_standing(ready: Prepared, time_s: Curve, curve: Curve) -> Curve:
    """Return a curve less what it is where the hips are high."""
    heights = np.interp(time_s, ready.angles.time_s, ready.angles.hip_height)
    high = heights > _HIGH
    return curve - (np.median(curve[high]) if high.any() else np.nan)


def refined(angles: Angles, looks: LegLooks, *, leg_px: float) -> Angles:
    """Bring the angles of shank and knee closer to what the network saw.

    Parameters
    ----------
    angles : Angles
        From `analysis.measure.measure`.
    looks : LegLooks
    leg_px : float
        Length of the leg.

    Returns
    -------
    Angles
        With ankle, knee and knee past toe changed; NaN stays NaN.
    """
    ankle_deg = _drawn_to(angles.time_s, angles.ankle_deg, looks.time_s, looks.ankle_deg)
    past_toe = _drawn_to(
        angles.time_s, angles.knee_past_toe_px / leg_px, looks.time_s, looks.past_toe
    )
    return replace(
        angles,
        ankle_deg=ankle_deg,
        # Thigh, shank and knee make a triangle with the horizontal.
        knee_deg=angles.knee_deg + ankle_deg - angles.ankle_deg,
        knee_past_toe_px=past_toe * leg_px,
    )


def _drawn_to(time_s: Curve, curve: Curve, seen_s: Curve, seen: Curve) -> Curve:
    """Move a curve towards what was seen of it now and then, and evenly in between."""
    off = seen - np.interp(seen_s, time_s, curve)
    known = np.isfinite(off)
    if not known.any():
        return curve
    return curve + _SHARE * np.interp(time_s, seen_s[known], off[known])


def _moments(kept_s: Curve, ready: Prepared) -> list[int]:
    """Pick pictures in time: of the ends of each repetition, and around its bottom."""
    time_s, wanted_s = ready.angles.time_s, []
    for rep in ready.reps:
        wanted_s += [float(time_s[rep.start]), float(time_s[rep.end])]
        wanted_s += [float(time_s[rep.bottom]) + around_s for around_s in _AROUND_S]
    return sorted({int(np.abs(kept_s - t).argmin()) for t in wanted_s})


def _points_px(ready: Prepared, at_s: float) -> Curve:
    """Knee, ankle, heel and toe of the near leg by the pose model, shape (4, 2)."""
    frame = int(np.abs(ready.angles.time_s - at_s).argmin())
    return ready.joints_px[frame, [i + ready.view.near for i in _LEG]]


def _place(ready: Prepared, points_px: Curve) -> LegPlace:
    knee, ankle = points_px[:2]
    shortest, longest = (share * ready.features.leg_px for share in _SHANK)
    return LegPlace(
        ankle=ankle,
        shank_px=float(np.clip(np.linalg.norm(knee - ankle), shortest, longest)),
        facing=ready.view.facing,
        roll_deg=float(np.nan_to_num(ready.view.roll_deg)),
    )


def _is_this_leg(seen: LegSight, place: LegPlace, points_px: Curve) -> bool:
    """Whether the network is sure, and sees the foot where the pose model does."""
    to_leg = place.to_leg()
    apart = seen.points - (points_px @ to_leg[:, :2].T + to_leg[:, 2])
    foot = np.linalg.norm(apart[1:], axis=1).max()
    return bool(seen.spread.max() < _MOST_SPREAD and foot < _MOST_APART)


def _shrunk(place: LegPlace, by: float) -> LegPlace:
    return replace(place, ankle=place.ankle * by, shank_px=place.shank_px * by)


def _steady(time_s: Curve, curve: Curve, reach_s: float) -> Curve:
    """Median over the looks around each."""
    near = np.abs(time_s[:, None] - time_s) <= reach_s
    return np.array([np.median(curve[row]) for row in near])
