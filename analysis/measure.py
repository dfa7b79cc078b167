"""From footage to curves and repetitions: the stages between the film and the verdict.

The pipeline and the calibration both come this way, so that the networks are
trained on exactly what they will get.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.angles import (
    Angles,
    corrected,
    leg_length_px,
    measure_angles,
    smooth_joints,
    standing_frames,
    trusted_share,
    unroll,
    without,
)
from analysis.estimator import Estimator
from analysis.features import Features, make_features
from analysis.filmcheck import TRUSTED
from analysis.filtering import bridge
from analysis.footage import Footage
from analysis.lumbar import Lumbar, measure_lumbar
from analysis.reps import Rep, find_reps
from analysis.view import View, judge_view, side_on

Curve = NDArray[np.float64]

# Standing this long before and after a repetition is what it is compared with.
_STANDING_REACH_S = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What the landmarks and the outline say, before the networks; arrays (T, ...).

    Attributes
    ----------
    view : View
    usable : ndarray of bool, shape (T,)
        Frames seen from the side.
    joints_px : ndarray, shape (T, 33, 2)
        Smoothed landmarks in pixels of the film.
    angles : Angles
        As the landmarks have them.
    trusted_share : float
        Share of the usable frames in which the joints make a possible body.
    reps : tuple of Rep
    standing : ndarray of bool, shape (T,)
        Frames of standing upright.
    upright : ndarray of bool, shape (T,)
        The same, and none where the joints cannot be trusted.
    baseline : ndarray of bool, shape (T,)
        Those of them that the repetitions are compared with.
    features : Features
    """

    view: View
    usable: NDArray[np.bool_]
    joints_px: NDArray[np.float64]
    angles: Angles
    trusted_share: float
    reps: tuple[Rep, ...]
    standing: NDArray[np.bool_]
    upright: NDArray[np.bool_]
    baseline: NDArray[np.bool_]
    features: Features

    @property
    def network_input(self) -> NDArray[np.float64]:
        """What the estimator looks at, shape (T, D)."""
        return self.features.against(self.baseline)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The curves of a film: corrected angles and the two-bowls angle."""

    angles: Angles
    lumbar: Lumbar


def prepare(footage: Footage) -> Prepared:
    """Take the footage as far as it goes without the networks.

    Parameters
    ----------
    footage : Footage

    Returns
    -------
    Prepared
    """
    track = footage.track
    leg_px = leg_length_px(track)
    usable = side_on(track, side=footage.side, leg_px=leg_px)
    view = judge_view(track, side=footage.side, usable=usable, roll_deg=footage.roll_deg)
    joints = smooth_joints(track)
    angles = measure_angles(
        track,
        joints,
        facing=view.facing,
        usable=usable,
        yaw_deg=view.yaw_deg,
        roll_deg=view.roll_deg,
    )
    trusted = trusted_share(angles, usable)
    if trusted < TRUSTED:
        angles = _by_silhouette(angles, footage)
    reps = () if view.use == "unusable" else find_reps(angles)
    standing = standing_frames(angles, usable)
    # Joints that make no possible body tell nothing of standing.
    upright = standing & (trusted >= TRUSTED)
    features = make_features(
        footage,
        unroll(joints, float(np.nan_to_num(view.roll_deg))),
        leg_px=leg_px,
        yaw_deg=view.yaw_deg,
    )
    return Prepared(
        view=view,
        usable=usable,
        joints_px=joints,
        angles=angles,
        trusted_share=trusted,
        reps=reps,
        standing=standing,
        upright=upright,
        baseline=_around(track.time_s, upright, reps),
        features=features,
    )


def measure(prepared: Prepared, estimator: Estimator) -> Measured:
    """Let the networks correct the angles and measure the two-bowls angle.

    Parameters
    ----------
    prepared : Prepared
    estimator : Estimator

    Returns
    -------
    Measured
    """
    estimates = estimator.estimate(prepared.network_input)
    lumbar = measure_lumbar(
        prepared.angles.time_s,
        prepared.features,
        estimates,
        standing=prepared.baseline,
        usable=prepared.usable,
    )
    return Measured(angles=corrected(prepared.angles, prepared.features, estimates), lumbar=lumbar)


def _by_silhouette(angles: Angles, footage: Footage) -> Angles:
    """Take the height of the body from its silhouette where the joints cannot be trusted.

    With a plate before the head the pose model puts the joints anywhere, but
    the mask still follows lifter and plate together, and its upper end goes
    down and up with the hips. Angles of such a clip are not given at all.
    """
    leg_px = leg_length_px(footage.track)
    missing = np.full(len(angles.time_s), np.nan)
    top = footage.top_px
    drop = top - np.nanpercentile(top, 5) if np.isfinite(top).any() else missing
    return replace(
        without(angles, np.ones(len(missing), dtype=bool)),
        hip_height=bridge(angles.time_s, 1.0 - drop / leg_px),
        hands_below_knee=missing,
        confidence=np.zeros(len(angles.time_s)),
    )


def _around(time_s: Curve, standing: NDArray[np.bool_], reps: tuple[Rep, ...]) -> NDArray[np.bool_]:
    """Keep the standing right before and after repetitions, if there is any.

    Later the lifter may stand with hands on the hips or turn away, which changes
    the outline of the back.
    """
    near = np.zeros(len(time_s), dtype=bool)
    for rep in reps:
        start, end = time_s[rep.start], time_s[rep.end]
        near |= (time_s > start - _STANDING_REACH_S) & (time_s < end + _STANDING_REACH_S)
    return standing & near if (standing & near).any() else standing
