"""From the curves to the verdict on a repetition and on the set.

The rules are those of the project's measuring brief: onset is where the
two-bowls angle passes five degrees above its level before the tuck, a change
under eight degrees is no wink, and what the band of error swallows is not told.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.reps import Rep

Curve = NDArray[np.float64]
Kind = Literal["wink", "arch_to_neutral", "none", "cannot_tell"]
Starts = Literal["above", "at", "below"]

# Degrees above the level before the tuck at which it has begun.
ONSET_DEG = 5.0
# A change smaller than this is none, or too small to tell (evidence: the smallest
# real change with sensors on the skin is up to 6).
LEAST_CHANGE_DEG = 8.0
# A band is two standard deviations.
BAND = 2.0
# Parallel is 0 with joint centres; within this it counts as at parallel.
_AT_PARALLEL_DEG = 5.0
# Thigh angle that the lifter should keep above the onset.
STOP_MARGIN_DEG = 5.0
# A standing back counts as arched from here on. Of 144 test clips filmed as asked for,
# this takes 8 for arched of the 104 lifters who stand within 5 degrees of the body model's
# rest, and finds 12 of the 26 arched by more than 8; with -10 it is 5, and 11, and three more
# of the 102 sets without a wink are taken for one.
_ARCHED_DEG = -9.0
# The tuck is largest at the bottom, so its peak is looked for only in the last tenth of the
# time down and the first of the time up: earlier humps of the curve are arms that pass before
# the trunk and shirts that settle. In fifths, two more of those 102 sets are taken for a wink.
_UPPER_PART = 0.9
# A shirt that hangs off the lower back by this share of the leg, 2.5 cm: of the same
# clips, this finds 16 of the 24 hoodies and loose shirts, and takes 2 of 47 T-shirts and
# none of 50 fitted ones for one.
_LOOSE = 0.03
# The outline must be seen in this share of the frames of the lower half.
_SEEN_SHARE = 0.7

NOT_SEEN = "an arm, a post or the edge of the picture hides your lower back; film it in full view"
NO_STANDING = (
    "the clip does not show you standing, so there is nothing to compare with; start it a second "
    "before the first rep"
)
WIDE_BAND = (
    "the outline of your back is not clear enough; a tight or tucked-in shirt that stands out from "
    "the wall shows it best"
)
LOOSE = (
    "your top seems to hang off your lower back, which hides what the back does; tuck it in, or "
    "wear a tight one"
)
SMALL_BAND = (
    "the change is about as large as the error of the measurement; a tight shirt and a camera "
    "square to you make the error smaller"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wink:
    """The verdict on one repetition; NaN = not given."""

    kind: Kind
    why: str = ""
    onset_s: float = float("nan")
    onset_interval_s: tuple[float, float] = (float("nan"), float("nan"))
    onset_thigh_deg: float = float("nan")
    onset_thigh_sd_deg: float = float("nan")
    peak_deg: float = float("nan")
    peak_sd_deg: float = float("nan")
    release_s: float = float("nan")
    starts: Starts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetVerdict:
    """The verdict on the set; NaN = not given."""

    kind: Kind
    starts: Starts | None
    onset_s: float
    onset_thigh_deg: float
    flagged_s: float
    stop_at_thigh_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The curves that a verdict stands on; arrays have shape (T,).

    Attributes
    ----------
    time_s, thigh_deg, thigh_sd_deg, lumbar_deg, lumbar_sd_deg : ndarray
    arch_deg, arch_sd_deg : float
        The lower back when standing, negative arched.
    doubt : str
        What is wrong with the film as a whole, which is then the reason for a wide
        band or for curves that are missing; empty for a good film.
    stand_off : float
        How far the shirt hangs off the lower back, in leg lengths; NaN = not known.
    """

    time_s: Curve
    thigh_deg: Curve
    thigh_sd_deg: Curve
    lumbar_deg: Curve
    lumbar_sd_deg: Curve
    arch_deg: float
    arch_sd_deg: float
    doubt: str = ""
    stand_off: float = float("nan")


def judge_rep(evidence: Evidence, rep: Rep) -> Wink:
    """Judge one whole repetition.

    Parameters
    ----------
    evidence : Evidence
    rep : Rep

    Returns
    -------
    Wink
    """
    whole = slice(rep.start, rep.end + 1)
    lumbar, sd = evidence.lumbar_deg[whole], evidence.lumbar_sd_deg[whole]
    if np.isnan(evidence.arch_deg):
        return Wink(kind="cannot_tell", why=evidence.doubt or NO_STANDING)
    if np.isfinite(lumbar).mean() < _SEEN_SHARE or rep.is_broken:
        return Wink(kind="cannot_tell", why=evidence.doubt or NOT_SEEN)
    lumbar = _filled(evidence.time_s[whole], lumbar)
    top = _peak(lumbar, rep)
    before = int(np.argmin(lumbar[: top + 1]))
    level = float(lumbar[before])
    change = float(lumbar[top]) - level
    peak_sd = float(np.nanmedian(sd))
    band = BAND * peak_sd
    # A band of 8 degrees can swallow a change that counts, unless the film is good and
    # the change is so large that all of its band counts too.
    is_clear = change - band >= LEAST_CHANGE_DEG and not evidence.doubt
    if band >= LEAST_CHANGE_DEG and not is_clear:
        why = evidence.doubt or _why_unsure(evidence, change, band)
        return Wink(kind="cannot_tell", why=why, peak_deg=change, peak_sd_deg=peak_sd)
    if change < LEAST_CHANGE_DEG:
        return Wink(kind="none", peak_deg=change, peak_sd_deg=peak_sd)
    return _judge_change(evidence, rep, lumbar, before=before, top=top, peak_sd=peak_sd)


def judge_set(winks: Sequence[Wink], *, bottoms: Sequence[tuple[float, float]]) -> SetVerdict:
    """Judge the set from its whole repetitions.

    Parameters
    ----------
    winks : sequence of Wink
    bottoms : sequence of (time_s, thigh_deg)
        The deepest frame of each repetition, in the same order.

    Returns
    -------
    SetVerdict

    Raises
    ------
    ValueError
        If there is no repetition.
    """
    if not winks:
        raise ValueError("a set needs at least one repetition")
    judged = [w for w in winks if w.kind != "cannot_tell"]
    winking = [w for w in judged if w.kind == "wink"]
    if judged and 2 * len(winking) >= len(judged) and winking:
        highest = max(winking, key=lambda w: np.nan_to_num(w.onset_thigh_deg, nan=-np.inf))
        return SetVerdict(
            kind="wink",
            starts=highest.starts,
            onset_s=highest.onset_s,
            onset_thigh_deg=highest.onset_thigh_deg,
            flagged_s=highest.onset_s,
            stop_at_thigh_deg=highest.onset_thigh_deg + STOP_MARGIN_DEG,
        )
    rest: list[Kind] = [w.kind for w in judged if w.kind != "wink"]
    counts = Counter(rest).most_common(1)
    kind: Kind = counts[0][0] if counts else "cannot_tell"
    deepest_s = min(bottoms, key=lambda b: np.nan_to_num(b[1], nan=np.inf))[0]
    nan = float("nan")
    return SetVerdict(
        kind=kind,
        starts=None,
        onset_s=nan,
        onset_thigh_deg=nan,
        flagged_s=deepest_s,
        stop_at_thigh_deg=nan,
    )


def starts_where(thigh_deg: float) -> Starts | None:
    """Say where an onset lies against parallel; None without a thigh angle."""
    if np.isnan(thigh_deg):
        return None
    if thigh_deg > _AT_PARALLEL_DEG:
        return "above"
    return "below" if thigh_deg < -_AT_PARALLEL_DEG else "at"


def _why_unsure(evidence: Evidence, change: float, band: float) -> str:
    """Say why the band is wide in a film that is good as a whole."""
    if evidence.stand_off > _LOOSE:
        return LOOSE
    return SMALL_BAND if change < band else WIDE_BAND


def _judge_change(
    evidence: Evidence, rep: Rep, lumbar: Curve, *, before: int, top: int, peak_sd: float
) -> Wink:
    """Tell a wink from a way back to neutral, and find where it begins and ends."""
    whole = slice(rep.start, rep.end + 1)
    time_s, thigh = evidence.time_s[whole], evidence.thigh_deg[whole]
    level, change = float(lumbar[before]), float(lumbar[top] - lumbar[before])
    is_arched = evidence.arch_deg < _ARCHED_DEG
    past_neutral = evidence.arch_deg + float(lumbar[top])
    if is_arched and past_neutral < ONSET_DEG:
        return Wink(kind="arch_to_neutral", peak_deg=change, peak_sd_deg=peak_sd)
    # Who stands arched and goes past neutral starts to wink where neutral is passed.
    start = max(level, -evidence.arch_deg) if is_arched else level
    threshold = start + ONSET_DEG
    onset_s = _crossing_s(time_s[before : top + 1], lumbar[before : top + 1], threshold)
    interval = tuple(
        _crossing_s(time_s[before : top + 1], lumbar[before : top + 1], threshold + shift)
        for shift in (-peak_sd, peak_sd)
    )
    after = slice(top, None)
    release_s = _crossing_s(time_s[after][::-1], lumbar[after][::-1], threshold)
    onset_thigh = _at(time_s, thigh, onset_s)
    return Wink(
        kind="wink",
        onset_s=onset_s,
        onset_interval_s=(_or(interval[0], time_s[before]), _or(interval[1], time_s[top])),
        onset_thigh_deg=onset_thigh,
        onset_thigh_sd_deg=_at(time_s, evidence.thigh_sd_deg[whole], onset_s),
        peak_deg=float(lumbar[top]) - start,
        peak_sd_deg=peak_sd,
        release_s=release_s,
        starts=starts_where(onset_thigh),
    )


def _filled(time_s: Curve, curve: Curve) -> Curve:
    known = np.isfinite(curve)
    return np.asarray(np.interp(time_s, time_s[known], curve[known]))


def _peak(lumbar: Curve, rep: Rep) -> int:
    """Return where the tuck is largest, in the lower part of the way down and up."""
    down, up = rep.bottom - rep.start, rep.end - rep.bottom
    first = round(_UPPER_PART * down)
    last = len(lumbar) - round(_UPPER_PART * up)
    return first + int(np.argmax(lumbar[first : max(last, first + 1)]))


def _crossing_s(time_s: Curve, curve: Curve, threshold: float) -> float:
    """Return the last upward passing of a threshold before the end, between frames."""
    below = np.flatnonzero(curve < threshold)
    if len(below) == 0 or below[-1] + 1 >= len(curve):
        return float("nan")
    k = int(below[-1])
    share = (threshold - curve[k]) / (curve[k + 1] - curve[k])
    return float(time_s[k] + share * (time_s[k + 1] - time_s[k]))


def _at(time_s: Curve, curve: Curve, when_s: float) -> float:
    known = np.isfinite(curve)
    if np.isnan(when_s) or not known.any():
        return float("nan")
    return float(np.interp(when_s, time_s[known], curve[known]))


def _or(value: float, otherwise: float) -> float:
    return float(otherwise) if np.isnan(value) else value
