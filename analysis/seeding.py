"""A lifter whose head and shoulders a plate hides, found by showing somebody else first.

The pose model finds a person by head and shoulders, then reads the joints out of a square
around the person; while it follows somebody, the square comes from the picture before. So
a picture of another lifter, put in the same place and posture, leads it to the legs of one
whose head nobody sees. Who squats stands on the spot: the ankles fix the place for the
whole film, and whatever is found elsewhere or with other legs is not taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.pose import Detection, Landmark, PoseEstimator

Picture = NDArray[np.uint8]
Points = NDArray[np.float64]

# The lifter of the sample clip on grey, 220 pixels wide each, in some postures: hips over
# ankles as a share of the leg, and where the middle of the ankles is in it, pixels. A leg
# is 110 pixels long. `python -m analysis.calibration.seeds` makes them.
_SEEDS: Final = Path(__file__).parent / "data" / "seeds.png"
_WIDE_PX, _LEG_PX, _GREY = 220, 110.0, 114
HEIGHTS: Final = (1.0, 0.8, 0.6, 0.4, 0.28)
_ANKLES_PX: Final = (
    (112.4, 249.9),
    (92.9, 228.2),
    (91.3, 206.0),
    (92.1, 183.8),
    (96.3, 170.8),
)
# The seed is smaller than the lifter and stands a little lower, so that the square leaves
# out most of the plate, which the pose model takes for the head: with 0.8 and 0.1 of the
# leg the thigh is off by 3 degrees (median), with 0.95 and 0 by 4 to 6 (7 films).
_SIZE, _LOWER = 0.8, 0.1
# A presence that a plate leaves is low; what is found is checked by its place.
SEED_CONFIDENCE: Final = 0.1
# The legs that are found are so much shorter than true ones (0.85 to 0.93, 7 films).
LEG_FOUND: Final = 0.88
# What is not taken, shares of the leg's length: ankles so far from where they stand, and
# legs so short or long. And how many times longer thigh or shank may seem than the other.
# Hips that the model puts into the plate make a short leg with a shorter thigh (0.5 to 0.8
# and 0.5 to 0.65; right ones 0.85 to 1.05 and 0.7 to 1.05; 5 films at the bottom).
_ANKLE_REACH, _LEG_RANGE, _MOST_UNLIKE = 0.2, (0.8, 1.25), 1.5
# A misfit under which no other posture is tried.
_GOOD_FIT = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Stance:
    """Where a lifter stands.

    Attributes
    ----------
    ankle_px : ndarray, shape (2,)
        Middle of the ankles.
    leg_px : float
        Length of the leg.
    faces_right : bool
    """

    ankle_px: Points
    leg_px: float
    faces_right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Legs:
    """What a detection says of the legs; middles of left and right, pixels."""

    ankle_px: Points
    leg_px: float
    height: float
    thigh_over_shank: float
    seen: float

    @classmethod
    def of(cls, detection: Detection) -> "Legs":
        """Read them off."""
        hip, knee, ankle = (
            detection.xy_px[i : i + 2].mean(axis=0)
            for i in (Landmark.HIP, Landmark.KNEE, Landmark.ANKLE)
        )
        thigh, shank = float(np.hypot(*(hip - knee))), float(np.hypot(*(knee - ankle)))
        leg = max(thigh + shank, 1e-6)
        pairs = detection.visibility[Landmark.KNEE : Landmark.ANKLE + 2].reshape(2, 2)
        return cls(
            ankle_px=ankle,
            leg_px=leg,
            height=float(ankle[1] - hip[1]) / leg,
            thigh_over_shank=thigh / max(shank, 1e-6),
            seen=float(pairs.max(axis=1).min()),
        )


def misfit(detection: Detection, stance: Stance) -> float:
    """Return how badly a detection fits a stance: under 1 it is taken.

    Parameters
    ----------
    detection : Detection
    stance : Stance
        In the same pixels.

    Returns
    -------
    float
    """
    legs = Legs.of(detection)
    away = float(np.hypot(*(legs.ankle_px - stance.ankle_px))) / stance.leg_px
    length = legs.leg_px / (LEG_FOUND * stance.leg_px)
    shortest, longest = _LEG_RANGE
    stretch = (length - 1) / (longest - 1) if length > 1 else (1 - length) / (1 - shortest)
    unlike = abs(np.log(max(legs.thigh_over_shank, 1e-6))) / np.log(_MOST_UNLIKE)
    return float(max(away / _ANKLE_REACH, stretch, unlike))


def detect_seeded(
    estimator: PoseEstimator,
    rgb: Picture,
    stance: Stance,
    *,
    time_s: float,
    heights: Sequence[float],
) -> list[Detection]:
    """Look at a picture once for each of some postures.

    Parameters
    ----------
    estimator : PoseEstimator
        One that follows.
    rgb : ndarray of uint8, shape (H, W, 3)
    stance : Stance
        In pixels of this picture.
    time_s : float
        Of the picture.
    heights : sequence of float
        Hips over ankles, as a share of the leg.

    Returns
    -------
    list of Detection
        Those that were found, at most one for each posture.
    """
    found: list[Detection] = []
    for height in heights:
        seed = seed_picture(stance, height=height, size_px=(rgb.shape[1], rgb.shape[0]))
        estimator.pause()
        estimator.detect(seed, time_s=time_s)
        estimator.pause()
        found.extend(estimator.detect(rgb, time_s=time_s))
    return found


def best_seeded(
    estimator: PoseEstimator, rgb: Picture, stance: Stance, *, time_s: float, near: float
) -> Detection | None:
    """Look at a picture in the posture that is expected, and in others while that fails.

    Parameters
    ----------
    estimator, rgb, stance, time_s
        As in :func:`detect_seeded`.
    near : float
        Height at which the hips are expected, as a share of the leg.

    Returns
    -------
    Detection or None
    """
    best, fit = None, 1.0
    for height in sorted(HEIGHTS, key=lambda h: abs(h - near)):
        for one in detect_seeded(estimator, rgb, stance, time_s=time_s, heights=[height]):
            if misfit(one, stance) < fit:
                best, fit = one, misfit(one, stance)
        if fit < _GOOD_FIT:
            break
    return best


def seed_picture(stance: Stance, *, height: float, size_px: tuple[int, int]) -> Picture:
    """Draw the other lifter.

    Parameters
    ----------
    stance : Stance
    height : float
        Hips over ankles, as a share of the leg; the next posture there is is taken.
    size_px : (width, height)

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
    """
    which = int(np.abs(np.array(HEIGHTS) - height).argmin())
    x, y = _ANKLES_PX[which]
    seed = _postures()[which]
    if stance.faces_right:
        seed, x = np.ascontiguousarray(seed[:, ::-1]), _WIDE_PX - x
    zoom = _SIZE * stance.leg_px / _LEG_PX
    lower = np.array([0, _LOWER * stance.leg_px])
    left, top = stance.ankle_px + lower - zoom * np.array([x, y])
    place = np.array([[zoom, 0, left], [0, zoom, top]])
    return np.asarray(cv2.warpAffine(seed, place, size_px, borderValue=(_GREY,) * 3), np.uint8)


@cache
def _postures() -> tuple[Picture, ...]:
    strip = cv2.imread(str(_SEEDS))
    if strip is None:
        raise FileNotFoundError(_SEEDS)
    strip = cv2.cvtColor(strip, cv2.COLOR_BGR2RGB)
    parts = np.split(strip, strip.shape[1] // _WIDE_PX, axis=1)
    return tuple(np.ascontiguousarray(part) for part in parts)
