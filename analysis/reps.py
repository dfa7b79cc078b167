"""Repetitions: where the hips go down and come up again, and what is none.

Found by the height of the hips over the ankles. A repetition needs the knees to
bend: picking a bar up, a hinge or a deadlift lowers the hips by tipping the
trunk, and walking or unracking hardly lowers them at all.
"""

from dataclasses import dataclass, replace

import numpy as np
import scipy  # as a whole: its parts are loaded at first use, after the first picture is told
from numpy.typing import NDArray

from analysis.angles import Angles
from analysis.filtering import bridge, lowpass, runs

# Slow enough that a bounce at the bottom does not part a repetition in two.
_REP_CUTOFF_HZ = 2.5
# So little each frame is lower than the one before, as a share of the leg's length, that of
# two tops alike the first is taken, whatever the last bits of the filter say.
_TILT = 1e-9
# The hips must come down by this share of the leg's length and go up again as
# much: a quarter squat to 45 degrees lowers them by 0.2.
_LEAST_TRAVEL = 0.18
# A repetition begins and ends where the hips have left the top by this share of
# their travel.
_LEFT_TOP = 0.06
# The top is looked for within this time after this share of the way is done.
_MOST_OF_THE_WAY, _SOON_S = 0.7, 1.5
# Still at the bottom: within this share of the travel.
_AT_BOTTOM = 0.02
# The hips are down once they left the top by this share of the leg's length.
_DOWN = 0.12
# A hinge: trunk tipped by more than the first with the knees bent less than the
# second, or hands under the knees with the thigh still steep. On film, deadlifts
# and bars picked up end at trunk 70 to 78, knee 62 to 69, thigh 33 to 35 and hands
# 0.2 of a leg under the knee; the most tipped squats at trunk 68, knee 78, thigh 23.
_HINGE_TRUNK_DEG, _HINGE_KNEE_DEG = 55.0, 74.0
_HANDS_LOW_THIGH_DEG = 25.0
# The same with a plate before the legs, where the thigh is a guess (14 to 22 then): who is
# tipped so far with the hands so low, a share of the leg under the knee, lifts from the floor.
_LIFT_TRUNK_DEG, _LIFT_HANDS, _LIFT_THIGH_DEG = 60.0, 0.15, 10.0
# Thigh never lower than this is no squat (standing is 86).
_SHALLOWEST_THIGH_DEG = 50.0
# A way down (or up) shorter than this share of the other began before the film
# (or ends after it).
_WHOLE_WAY = 0.6
# Out of sight for no longer than this, seconds, hardly anybody has come up and gone down again:
# from one bottom to the next it is 1.0 s at least, and more than 1.2 in 255 of 265 pairs of
# rendered repetitions.
_MOST_HIDDEN_S = 1.2
# The slowest tempo sets go down and up in 10 to 12 s; longer is no repetition.
_LONGEST_REP_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rep:
    """One repetition; indices count the frames of the curves.

    Attributes
    ----------
    start, bottom, end : int
        First frame on the way down, deepest frame, last frame on the way up. The deepest
        is in the middle of the time out of sight, without a hip height, if the lifter was
        lost on the lowest part of the way.
    standing : int
        A frame of standing still before it, the one to compare with.
    is_partial : bool
        Begins before the film or ends after it.
    is_broken : bool
        The lifter was out of sight for a moment of it.
    """

    start: int
    bottom: int
    end: int
    standing: int
    is_partial: bool
    is_broken: bool = False


def find_reps(angles: Angles) -> tuple[Rep, ...]:
    """Find the repetitions of a film.

    Parameters
    ----------
    angles : Angles

    Returns
    -------
    tuple of Rep
        In the order of time, not overlapping.
    """
    height = bridge(angles.time_s, angles.hip_height, longest_s=_MOST_HIDDEN_S)
    reps = []
    for run in runs(np.isfinite(height)):
        if run.stop - run.start >= 8:
            reps += _reps_of_run(angles.time_s, height, run)
    return tuple(r for r in (_as_seen(angles, r) for r in reps) if _is_squat(angles, r))


def _as_seen(angles: Angles, rep: Rep) -> Rep:
    """Say whether it was seen all the time, and put a bottom that was not in mid-gap."""
    height = angles.hip_height[rep.start : rep.end + 1]
    hidden = np.isnan(height)
    if not hidden.any():
        return rep
    lowest = np.nanmin(height)
    beside = scipy.ndimage.binary_dilation(hidden) & ~hidden
    bottom = _deepest(angles.time_s, angles.hip_height, rep.start, rep.end)
    if height[beside].min() <= lowest + _AT_BOTTOM * (np.nanmax(height) - lowest):
        bottom = rep.start + int(np.flatnonzero(hidden)[hidden.sum() // 2])
    return replace(rep, bottom=bottom, is_broken=True)


def _reps_of_run(
    all_s: NDArray[np.float64], all_heights: NDArray[np.float64], run: slice
) -> list[Rep]:
    time_s, height = all_s[run], all_heights[run]
    slow = lowpass(time_s, height, cutoff_hz=_REP_CUTOFF_HZ) - _TILT * np.arange(len(height))
    top = float(np.percentile(slow, 95))
    # The film may begin or end at the bottom: stand before it and after it.
    edged = np.concatenate([[top], slow, [top]])
    valleys, about = scipy.signal.find_peaks(-edged, prominence=_LEAST_TRAVEL)
    reps = []
    for valley, left, right in zip(
        valleys - 1, about["left_bases"], about["right_bases"], strict=True
    ):
        reps.append(_bound(time_s, height, slow, int(valley), int(left) - 1, int(right) - 1))
    first = run.start
    return [
        replace(
            r,
            start=r.start + first,
            bottom=r.bottom + first,
            end=r.end + first,
            standing=r.standing + first,
        )
        for r in _without_overlap(reps, slow)
    ]


def _bound(
    time_s: NDArray[np.float64],
    height: NDArray[np.float64],
    slow: NDArray[np.float64],
    valley: int,
    left: int,
    right: int,
) -> Rep:
    """Find where the descent begins and the ascent ends around a valley."""
    before = slow[max(left, 0) : valley + 1]
    after = slow[valley : min(right, len(slow) - 1) + 1]
    travel_down, travel_up = before.max() - slow[valley], after.max() - slow[valley]
    step_s = float(np.median(np.diff(time_s)))
    start = valley - _way_to_top(before[::-1], step_s=step_s)
    end = valley + _way_to_top(after, step_s=step_s)
    shorter, longer = sorted((float(travel_down), float(travel_up)))
    return Rep(
        start=start,
        bottom=_deepest(time_s, height, start, end),
        end=end,
        standing=_stillest_before(slow, max(left, 0), start),
        is_partial=shorter < max(_LEAST_TRAVEL, _WHOLE_WAY * longer),
    )


def _way_to_top(rising: NDArray[np.float64], *, step_s: float) -> int:
    """Count the frames from a valley until the hips are up.

    The top is the highest point soon after most of the way is done, not the
    highest of all: a lifter who steps closer to the camera or goes on tiptoe
    long before the repetition must not make it begin there.
    """
    travel = rising.max() - rising[0]
    most = int(np.argmax(rising >= rising[0] + _MOST_OF_THE_WAY * travel))
    near = rising[: most + max(1, round(_SOON_S / step_s))]
    return int(np.argmax(near >= near.max() - _LEFT_TOP * travel))


def _deepest(time_s: NDArray[np.float64], height: NDArray[np.float64], start: int, end: int) -> int:
    """Middle of the stretch in which the hips are deepest (a pause has no one deepest frame)."""
    part = height[start : end + 1]
    low = np.nanmin(part)
    near = part <= low + _AT_BOTTOM * (np.nanmax(part) - low)
    labels, _ = scipy.ndimage.label(near)
    group = np.flatnonzero(labels == labels[int(np.nanargmin(part))])
    middle_s = time_s[start + group].mean()
    return start + int(group[np.abs(time_s[start + group] - middle_s).argmin()])


def _stillest_before(slow: NDArray[np.float64], left: int, start: int) -> int:
    """Return the highest frame between the last repetition and this one."""
    return left + int(np.argmax(slow[left : start + 1]))


def _without_overlap(reps: list[Rep], slow: NDArray[np.float64]) -> list[Rep]:
    """Cut repetitions that share a top at the highest frame between their bottoms."""
    cut = sorted(reps, key=lambda r: r.bottom)
    for k in range(len(cut) - 1):
        a, b = cut[k], cut[k + 1]
        if a.end > b.start:
            top = a.bottom + int(np.argmax(slow[a.bottom : b.bottom + 1]))
            cut[k] = replace(a, end=min(a.end, top))
            cut[k + 1] = replace(b, start=max(b.start, top), standing=max(b.standing, top))
    return cut


def _is_squat(angles: Angles, rep: Rep) -> bool:
    """Whether the knees did it, and not the trunk.

    Judged over all frames in which the hips are down, so that a plate that
    passes the knee and throws the landmarks for a moment decides nothing.
    """
    whole = slice(rep.start, rep.end + 1)
    if angles.time_s[rep.end] - angles.time_s[rep.start] > _LONGEST_REP_S:
        return False
    height = angles.hip_height[whole]
    down = height < np.nanmax(height) - _DOWN

    def most(curve: NDArray[np.float64], percentile: float) -> float:
        part = curve[whole][down]
        return float(np.nanpercentile(part, percentile)) if np.isfinite(part).any() else np.nan

    thigh = most(angles.thigh_deg, 10)
    if thigh > _SHALLOWEST_THIGH_DEG:
        return False
    trunk, hands = most(angles.trunk_deg, 90), most(angles.hands_below_knee, 90)
    if trunk > _HINGE_TRUNK_DEG and most(angles.knee_deg, 90) < _HINGE_KNEE_DEG:
        return False
    if trunk > _LIFT_TRUNK_DEG and hands > _LIFT_HANDS and thigh > _LIFT_THIGH_DEG:
        return False
    return not (hands > 0.0 and thigh > _HANDS_LOW_THIGH_DEG)
