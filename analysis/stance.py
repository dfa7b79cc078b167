"""Where a lifter stands whom the first look did not see: tried out, and kept if it holds.

A stance is right if what the pose model finds from it lies where it says, in all pictures:
ankles that stay, legs of one length, hips that go down and up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.people import Person, Sighting
from analysis.pose import Detection, Landmark, PoseEstimator
from analysis.seeding import HEIGHTS, LEG_FOUND, Legs, Stance, best_seeded, detect_seeded, misfit

Picture = NDArray[np.uint8]
View = tuple[float, Picture]

# Guesses: length of the leg and height of the ankles, shares of the picture's height. From
# a leg guessed too long by half the right one is found, from one too short one shorter
# still (7 films).
_LEGS: Final = (0.25, 0.35, 0.48)
_ANKLES: Final = (0.65, 0.75, 0.85, 0.93)
# Pictures to try a guess on; how many guesses go on in each round after that, and how
# much longer than found the leg may be.
_FEW = 4
_ROUNDS: Final = ((2, (1.0, 1.3)), (1, (1.0, 1.2)))
# Postures that find a lifter at the top and at the bottom.
_POSTURES: Final = (1.0, 0.6, 0.4)
# Legs that the model believes in less than this say nothing of the stance.
_SEEN = 0.4
# Hips of somebody who squats move by this share of the leg at least.
_TRAVEL = 0.2
# Pictures without colours, so small that noise is gone, to see where something moves.
# Changes less than this, grey levels, are noise.
_SMALL_PX, _STILL = 64, 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """A stance, and how sure the model is of legs that fit it, in the mean of the pictures."""

    stance: Stance
    score: float


def find_stance(
    estimator: PoseEstimator, views: Sequence[View], *, guesses: Iterable[Stance] = ()
) -> Stance | None:
    """Find where the lifter stands.

    Parameters
    ----------
    estimator : PoseEstimator
        One that follows.
    views : sequence of (time_s, rgb)
        Pictures of the same part of the film, spread over it.
    guesses : iterable of Stance, optional
        To try beside those over all of the picture.

    Returns
    -------
    Stance or None
    """
    few = [views[k] for k in np.linspace(0, len(views) - 1, _FEW).round().astype(int)]
    tried = [
        one
        for guess in (*guesses, *_guesses(views))
        if (one := _better(estimator, few, guess, heights=HEIGHTS[:1])) is not None
    ]
    for many, longer in _ROUNDS:
        best = sorted(tried, key=lambda one: -one.score)[:many]
        again = [
            replace(one.stance, leg_px=grow * one.stance.leg_px) for one in best for grow in longer
        ]
        bettered = [_better(estimator, views, one, heights=_POSTURES) for one in again]
        tried = [one for one in bettered if one is not None]
    best = sorted(tried, key=lambda one: -one.score)
    return best[0].stance if best and best[0].score > 0 else None


def sightings_of(
    estimator: PoseEstimator, views: Iterable[View], stance: Stance
) -> list[tuple[float, Detection | None]]:
    """Look for the lifter in every picture.

    Parameters
    ----------
    estimator : PoseEstimator
        One that follows.
    views : iterable of (time_s, rgb)
    stance : Stance
        In pixels of these pictures.

    Returns
    -------
    list of (time_s, Detection or None)
        For every picture the one that fits, if there is one.
    """
    seen: list[tuple[float, Detection | None]] = []
    near = 1.0
    for time_s, rgb in views:
        one = best_seeded(estimator, rgb, stance, time_s=time_s, near=near)
        seen.append((time_s, one))
        if one is not None:
            near = Legs.of(one).height
    return seen


def squatter(seen: Sequence[tuple[float, Detection]]) -> Person | None:
    """Return the person of these sightings, if it is one who squats."""
    person = Person(
        sightings=tuple(
            Sighting(time_s=t, xy_px=one.xy_px, visibility=one.visibility) for t, one in seen
        )
    )
    return person if seen and person.squats_s() else None


def _better(
    estimator: PoseEstimator, views: Sequence[View], guess: Stance, *, heights: Sequence[float]
) -> _Tried | None:
    """Look from a stance, and return the one that what was found speaks for."""
    found = [
        [
            one
            for one in detect_seeded(estimator, rgb, guess, time_s=t, heights=heights)
            if Legs.of(one).seen > _SEEN
        ]
        for t, rgb in views
    ]
    everyone = [one for ones in found for one in ones]
    if len(everyone) < 2:
        return None
    legs = [Legs.of(one) for one in everyone]
    feet = np.array([one.xy_px[Landmark.HEEL :, 0] for one in everyone])
    stance = Stance(
        ankle_px=np.median([one.ankle_px for one in legs], axis=0),
        leg_px=float(np.percentile([one.leg_px for one in legs], 75)) / LEG_FOUND,
        # Toes forward of heels.
        faces_right=bool((feet[:, 2:] - feet[:, :2]).sum() > 0),
    )
    fitting = [one for one in everyone if misfit(one, stance) < 1]
    hips = [one.xy_px[Landmark.HIP : Landmark.HIP + 2, 1].mean() for one in fitting]
    moves = bool(hips) and np.ptp(hips) > _TRAVEL * stance.leg_px
    sure = [
        max((Legs.of(one).seen for one in ones if misfit(one, stance) < 1), default=0.0)
        for ones in found
    ]
    score = float(np.mean(sure))
    return _Tried(stance=stance, score=score if moves else score - 1)


def _guesses(views: Sequence[View]) -> list[Stance]:
    """Spread guesses over the height of the picture, where most of it moves."""
    high, wide = views[0][1].shape[:2]
    size = (_SMALL_PX, max(1, round(_SMALL_PX * high / wide)))
    small = [
        cv2.resize(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA)
        for _, rgb in views
    ]
    moved = np.abs(np.diff(np.array(small, dtype=np.float64), axis=0)).mean(axis=(0, 1))
    far = np.cumsum(np.maximum(moved - np.median(moved), _STILL))
    middle = (np.searchsorted(far, far[-1] / 2) + 0.5) / _SMALL_PX * wide
    return [
        Stance(ankle_px=np.array([middle, ankle * high]), leg_px=leg * high, faces_right=False)
        for leg in _LEGS
        for ankle in _ANKLES
    ]
