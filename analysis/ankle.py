"""The ankle test as numbers: four points on a leg, a scale, and what they say.

Nothing here looks at a picture. Where the points lie is found by :mod:`analysis.lunge` or
put right by hand; both end in an :class:`AnkleReading`. Pixels are those of the upright
photo, x right and y DOWN.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from analysis.geometry import lean_deg

Side = Literal["left", "right"]
ScaleSource = Literal["height", "plate", "shank", "foot"]
Point = tuple[float, float]

CM_PER_INCH: Final = 2.54
# A 45 cm plate: the diameter of all large plates (IWF and IPF rules).
PLATE_CM: Final = 45.0
# The coach's scale for the knee past the toes, inches: most get by, good from, good to.
ENOUGH_IN, GOOD_IN, PLENTY_IN = 3.5, 4.0, 5.0
# Weight-bearing dorsiflexion that studies call limited, and not limited, degrees.
LIMITED_DEG, FREE_DEG = 30.0, 35.0
# The smallest real change between two lunges, and how far left and right differ in two of
# three healthy people.
REAL_CHANGE_DEG, USUAL_DIFFERENCE_CM = 4.6, 1.5
# Foot line this much steeper than flat: the heel is up. Chosen on photos left out of the fit,
# as the least with false alarms in less than 5 of 100 of them.
HEEL_UP_DEG: Final = 5.5
# An ankle angle read by hand off a picture: standard error 1.65 between readings, so 2.3
# for one against the truth (MDC95 4.57 = 1.96 x 2.33; Kinovea).
BY_HAND_SD_DEG: Final = 2.3
# Knee and toe put down with a finger: 7 mm each.
BY_HAND_SD_CM: Final = 1.0
# Knee to ankle joint of a lifter of 1.70 m (0.246 of the height; Drillis and Contini 1966).
USUAL_SHANK_CM: Final = 42.0
# The shoe's tip lies so far before the longest toe (1 to 2 cm), and a heel of 1 cm over
# 24 cm of foot lets the shank lean further by so much.
SHOE_TIP_CM: Final = 1.5
SHOE_HEEL_DEG_PER_CM: Final = 2.4
# How well the sources of the scale are known, as a share.
SCALE_SD: Final[dict[ScaleSource, float]] = {
    "height": 0.035,
    "plate": 0.04,
    "shank": 0.05,
    "foot": 0.06,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LegPoints:
    """Knee and ankle joint, heel and tip of the longest toe of the leg in front, pixels."""

    knee: Point
    ankle: Point
    heel: Point
    toe: Point

    def __post_init__(self) -> None:
        for name in ("knee", "ankle", "heel", "toe"):
            point = getattr(self, name)
            if len(point) != 2 or not all(math.isfinite(x) for x in point):
                raise ValueError(f"{name}: expected two finite numbers, got {point}")

    def shank_deg(self, facing: float) -> float:
        """Lean of the shank as it is drawn, + knee forward."""
        return float(lean_deg(np.array(self.ankle), np.array(self.knee), facing=facing))

    def foot_deg(self, facing: float) -> float:
        """Slope of the line from heel to toe as it is drawn, + heel higher."""
        forward = (self.toe[0] - self.heel[0]) * facing
        return math.degrees(math.atan2(self.toe[1] - self.heel[1], forward))

    def past_toe_px(self, facing: float) -> float:
        """Knee forward of the toe as it is drawn."""
        return (self.knee[0] - self.toe[0]) * facing

    @property
    def shank_px(self) -> float:
        """Length from knee to ankle."""
        return math.dist(self.knee, self.ankle)

    @property
    def foot_px(self) -> float:
        """Length from heel to toe."""
        return math.dist(self.heel, self.toe)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Centimetres per pixel in the plane of the leg; NaN = not known."""

    cm_per_px: float = math.nan
    source: ScaleSource | None = None

    @property
    def sd_share(self) -> float:
        """Standard deviation as a share; 0 without a scale."""
        return 0.0 if self.source is None else SCALE_SD[self.source]


NO_SCALE: Final = Scale()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnkleReading:
    """One try of the ankle test.

    Attributes
    ----------
    side : {"left", "right"}
        The leg that is tested.
    facing : float
        +1 the lifter looks to the right of the photo, -1 to the left.
    shank_deg, heel_deg : float
        Lean of the shank against the floor's vertical and rise of the heel: perspective and
        tilt of the camera are out of them.
    past_toe_px : float
        Knee forward of the toe.
    angle_sd_deg, past_toe_sd_px : float
        Standard deviations, without that of the scale.
    points : LegPoints
    scale : Scale
    """

    side: Side
    facing: float
    shank_deg: float
    heel_deg: float
    past_toe_px: float
    angle_sd_deg: float
    past_toe_sd_px: float
    points: LegPoints
    scale: Scale = NO_SCALE

    @property
    def heel_up(self) -> bool:
        """Whether the heel has left the floor, so that the try does not count."""
        return self.heel_deg > HEEL_UP_DEG

    @property
    def ankle_deg(self) -> float:
        """Dorsiflexion: shank against the vertical, less the rise of the heel."""
        return self.shank_deg - (self.heel_deg if self.heel_up else 0.0)

    @property
    def past_toe_cm(self) -> float:
        """Knee forward of the toe; NaN without a scale."""
        return self.past_toe_px * self.scale.cm_per_px

    @property
    def past_toe_sd_cm(self) -> float:
        """Standard deviation of it, with that of the scale."""
        cm = self.past_toe_cm
        return math.hypot(self.past_toe_sd_px * self.scale.cm_per_px, cm * self.scale.sd_share)


def with_points(reading: AnkleReading, points: LegPoints) -> AnkleReading:
    """Return the reading after points were moved by hand.

    Parameters
    ----------
    reading : AnkleReading
    points : LegPoints

    Returns
    -------
    AnkleReading
        Changed by what the drawing changed, so that what the measurement knows of
        perspective and tilt stays in; with the error of reading by hand.
    """
    if points == reading.points:
        return reading
    old, facing = reading.points, reading.facing
    return replace(
        reading,
        shank_deg=reading.shank_deg + points.shank_deg(facing) - old.shank_deg(facing),
        heel_deg=reading.heel_deg + points.foot_deg(facing) - old.foot_deg(facing),
        past_toe_px=reading.past_toe_px + points.past_toe_px(facing) - old.past_toe_px(facing),
        angle_sd_deg=BY_HAND_SD_DEG,
        past_toe_sd_px=BY_HAND_SD_CM * points.shank_px / USUAL_SHANK_CM,
        points=points,
    )


def plate_scale(first: Point, second: Point) -> Scale:
    """Scale from the two ends of the diameter of a 45 cm plate.

    Raises
    ------
    ValueError
        If the two are too close to be a plate.
    """
    apart_px = math.dist(first, second)
    if not apart_px >= 10:
        raise ValueError(f"expected two ends of a plate, got {apart_px:.0f} px between them")
    return Scale(cm_per_px=PLATE_CM / apart_px, source="plate")


def length_scale(points: LegPoints, length_cm: float, source: Literal["shank", "foot"]) -> Scale:
    """Scale from the lifter's own shank or foot, which was measured once."""
    px = points.shank_px if source == "shank" else points.foot_px
    return Scale(cm_per_px=length_cm / px, source=source)


def barefoot(reading: AnkleReading, *, heel_drop_cm: float, by_hand: bool) -> AnkleReading:
    """Take a shoe out of the figures: its heel, and its tip if that was marked by hand.

    Parameters
    ----------
    reading : AnkleReading
    heel_drop_cm : float
        How much higher the shoe's heel is than its front.
    by_hand : bool
        Whether the toe point was put on the tip of the shoe; found by itself it is the toe.
    """
    tip_px = SHOE_TIP_CM / reading.scale.cm_per_px if by_hand and reading.scale.source else 0.0
    return replace(
        reading,
        shank_deg=reading.shank_deg - SHOE_HEEL_DEG_PER_CM * heel_drop_cm,
        past_toe_px=reading.past_toe_px + tip_px,
    )


def verdict(reading: AnkleReading) -> str:
    """Say in plain words where a try stands, on the scale of inches and of degrees.

    Parameters
    ----------
    reading : AnkleReading

    Returns
    -------
    str
        One or two sentences.
    """
    if reading.heel_up:
        return "The heel came up, so this try does not count."
    degrees = _degrees_sentence(reading)
    inches = reading.past_toe_cm / CM_PER_INCH
    if not math.isfinite(inches):
        return degrees
    return f"{_inches_sentence(inches, 2 * reading.past_toe_sd_cm / CM_PER_INCH)} {degrees}"


def _inches_sentence(inches: float, band: float) -> str:
    where = f"{abs(inches):.1f} inches {'past' if inches >= 0 else 'short of'} the toes"
    if inches > PLENTY_IN:
        text = f"{where} is more than the 4 to 5 inches that are called good."
    elif inches >= GOOD_IN:
        text = f"{where} is good: 4 to 5 inches are."
    elif inches >= ENOUGH_IN:
        text = f"{where} is a little under the good 4 to 5; most people get by with 3.5."
    else:
        text = f"{where} is less than the 3.5 inches that most people get by with."
    is_close = any(abs(inches - mark) < band for mark in (ENOUGH_IN, GOOD_IN))
    return text[:-1] + ", within the error of the photo." if is_close else text


def _degrees_sentence(reading: AnkleReading) -> str:
    angle = reading.ankle_deg
    if angle < LIMITED_DEG:
        return f"{angle:.0f} degrees count as limited in studies (under 30)."
    if angle > FREE_DEG:
        return f"{angle:.0f} degrees do not count as limited in studies (over 35)."
    return f"{angle:.0f} degrees lie between limited (under 30) and free (over 35) in studies."


def best(tries: Sequence[AnkleReading]) -> AnkleReading | None:
    """Return the try with the largest ankle angle among those with the heel down."""
    counted = [t for t in tries if not t.heel_up]
    return max(counted, key=lambda t: t.ankle_deg, default=None)


def difference(left: AnkleReading, right: AnkleReading) -> str:
    """Say in one sentence how left and right compare, against the smallest real difference."""
    apart_deg = left.ankle_deg - right.ankle_deg
    apart_cm = left.past_toe_cm - right.past_toe_cm
    told = f"{abs(apart_deg):.0f} degrees"
    if math.isfinite(apart_cm):
        told += f" and {abs(apart_cm):.1f} cm"
    is_large = abs(apart_deg) > REAL_CHANGE_DEG or abs(apart_cm) > USUAL_DIFFERENCE_CM
    if not is_large:
        return f"Left and right are alike: {told} apart, which is within what a test can tell."
    more = "left" if (apart_deg if abs(apart_deg) > REAL_CHANGE_DEG else apart_cm) > 0 else "right"
    return (
        f"The {more} ankle bends further: {told} apart. Up to {REAL_CHANGE_DEG} degrees or "
        f"{USUAL_DIFFERENCE_CM} cm would be no real difference."
    )
