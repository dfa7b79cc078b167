"""What may lie behind a tuck and is worth testing, with what this film shows of it.

Nothing here is a cause and nothing a diagnosis. Each finding says in plain words
what the clip shows, what no clip can show, and what to try. Studies disagree on
ankles, and no study ties one film to one cause: the reader tests, the film compares.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.report import Finding, Frames, RepInfo, StandingInfo, Summary
from analysis.wink import BAND, LEAST_CHANGE_DEG, Starts, Wink

# Ankle bend with the knee driven over the toes and the heel down: under the first
# counts as limited, over the second as free (the groups of the studies on squats).
_ANKLE_LIMITED_DEG, _ANKLE_FREE_DEG = 30.0, 35.0
# Smallest real change of an ankle angle that is read off film (MDC95 4.57 by hand in
# Kinovea, 4.6 in the lunge test).
_ANKLE_CHANGE_DEG = 4.6
# Descents are compared only if the slowest takes this many times as long as the
# quickest: between two film frames less is chance.
_SLOWER = 1.25
# Ends of repetitions this far apart count as different depths: the scatter of the
# bottom within a set whose depth is the same.
_DEPTH_CHANGE_DEG = 5.0
# Closer to parallel than this is said as "about parallel".
_ABOUT_PARALLEL_DEG = 2.0
_CM_PER_INCH = 2.54
# What stopping short means, by where the tuck starts.
_HOW_MUCH: dict[Starts | None, str] = {
    "above": " The tuck comes early, so take some weight off first.",
    "at": " That is a small change.",
    "below": " That is a small change.",
    None: "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Set:
    """What all findings look at.

    Attributes
    ----------
    whole : tuple of (number, RepInfo, Wink)
        Whole repetitions with a verdict on their back, counted as the report does.
    moved : str
        The movement of the back in words, "the tuck" for a wink.
    """

    summary: Summary
    frames: Frames
    standing: StandingInfo
    whole: tuple[tuple[int, RepInfo, Wink], ...]
    moved: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A finding; `speaks` if this clip itself gives a reason to test it early."""

    finding: Finding
    speaks: bool


def find(
    *,
    summary: Summary | None,
    reps: Sequence[RepInfo],
    frames: Frames,
    standing: StandingInfo,
) -> tuple[Finding, ...]:
    """Collect what is worth testing after this clip.

    Parameters
    ----------
    summary : Summary or None
    reps : sequence of RepInfo
    frames : Frames
    standing : StandingInfo
        As they stand in the report.

    Returns
    -------
    tuple of Finding
        What the clip speaks for comes first. One calm line for a set without a
        wink; nothing where there is no verdict, since the film check then says
        how to film.
    """
    whole = tuple(
        (number, rep, rep.wink)
        for number, rep in enumerate(reps, start=1)
        if rep.wink is not None and rep.wink.kind != "cannot_tell"
    )
    if summary is None or summary.kind == "cannot_tell" or not whole:
        return ()
    moved = "the tuck" if summary.kind == "wink" else "the movement"
    of = _Set(summary=summary, frames=frames, standing=standing, whole=whole, moved=moved)
    if summary.kind == "none":
        return (_steady(of),)
    others = sorted((_ankle(of), _lower_back(of), _bracing(of)), key=lambda c: not c.speaks)
    if summary.kind == "wink":
        return (_depth(of), *(c.finding for c in others), _not_the_cause())
    spoken = [c.finding for c in others if c.speaks or c.finding.id == "bracing"]
    return (_arch(of), *spoken)


def _steady(of: _Set) -> Finding:
    winking = [number for number, _, wink in of.whole if wink.kind == "wink"]
    quiet = [(rep, wink) for _, rep, wink in of.whole if wink.kind == "none"]
    most = max([0.0, *(w.peak_deg for _, w in quiet if np.isfinite(w.peak_deg))])
    deepest = min((r.depth_deg for r, _ in quiet if np.isfinite(r.depth_deg)), default=np.nan)
    evidence = [f"Your lower back moved by {_degrees(most)} at most{_down_to(deepest)}."]
    evidence.append(
        f"Under {LEAST_CHANGE_DEG:.0f} degrees a film cannot tell that from a back that stays "
        "still."
    )
    advice = "Nothing needs to change. Film again when the weight or the depth goes up."
    if winking:
        shows = "shows" if len(winking) == 1 else "show"
        evidence.append(f"Only {_numbered(winking)} {shows} a tuck.")
        advice = "Nothing needs to change, but look at the odd one out, and film the next set too."
    return Finding(
        id="steady",
        title="No tuck to work on in this set",
        evidence=" ".join(evidence),
        try_=advice,
    )


def _arch(of: _Set) -> Finding:
    peaks = [w.peak_deg for _, _, w in of.whole if w.kind == "arch_to_neutral"]
    arch, sd = abs(of.standing.arch_deg), of.standing.arch_sd_deg
    return Finding(
        id="arch",
        title="From arched to neutral: not a wink",
        evidence=(
            f"You stand with the lower back arched by about {_degrees(arch)}{_band(sd)}, and it "
            f"comes back to about neutral on the way down (by {_degrees(max(peaks))} at most). It "
            "does not round past neutral. The film cannot show whether you arch on purpose."
        ),
        try_=(
            "Worth testing: begin with the ribs stacked over the hips instead of arched, and film "
            "the same set again. There is no need to stop higher."
        ),
    )


def _depth(of: _Set) -> Finding:
    onset, kept = of.summary.onset_thigh_deg, []
    winking = [(n, r) for n, r, w in of.whole if w.kind == "wink" and np.isfinite(r.depth_deg)]
    evidence = [f"The tuck starts {_where(onset)}."] if np.isfinite(onset) else []
    if winking:
        deepest = min(r.depth_deg for _, r in winking)
        further = f", {_degrees(onset - deepest)} further" if onset - deepest >= 1 else ""
        evidence.append(f"The deepest repetition goes on to {_where(deepest)}{further}.")
        usual = float(np.median([r.depth_deg for _, r in winking]))
        kept = [n for n, r, w in of.whole if w.kind == "none" and _is_higher(r, usual)]
    if kept:
        less = "was less deep and shows" if len(kept) == 1 else "were less deep and show"
        evidence.append(f"{_numbered(kept).capitalize()} {less} no tuck.")
    evidence.append("The film cannot show how deep you would hold with less weight.")
    return Finding(
        id="depth",
        title="Worth testing: stop above the tuck",
        evidence=" ".join(evidence),
        try_=_stop_advice(of.summary),
    )


def _stop_advice(summary: Summary) -> str:
    heights = []
    if np.isfinite(summary.stop_at_hip_height_cm):
        heights.append(f"hips about {_length(summary.stop_at_hip_height_cm)} over the floor")
    if np.isfinite(summary.box_height_cm):
        heights.append(f"a box of about {_length(summary.box_height_cm)}")
    is_known = np.isfinite(summary.stop_at_thigh_deg)
    stop = f"Stop {_where(summary.stop_at_thigh_deg) if is_known else 'just above the tuck'}"
    stop += f": {', or '.join(heights)}" if heights else ""
    return (
        f"{stop}. See whether the back holds there.{_HOW_MUCH[summary.starts]} Nobody has to go "
        "all the way down under load; the depth can come back as the control does."
    )


def _ankle(of: _Set) -> _Candidate:
    bends = [(r.max_ankle_deg, r, n) for n, r, _ in of.whole if np.isfinite(r.max_ankle_deg)]
    heels = [n for n, r, _ in of.whole if r.heel_rise]
    evidence, is_small = [], False
    if bends:
        most, rep, number = max(bends, key=lambda b: b[0])
        band = BAND * rep.max_ankle_sd_deg
        is_small = most + band < _ANKLE_LIMITED_DEG
        evidence.append(
            f"Your ankle bends to {_degrees(most)}{_band(rep.max_ankle_sd_deg)} at most, in "
            f"{_numbered([number])}. {_ankle_reading(most - band, most + band)}"
        )
        evidence += _ankle_at_onset(of)
    if heels:
        evidence.append(f"Your heels seem to come up in {_numbered(heels)}.")
    evidence.append(
        "A squat shows the bend that you used and not all that you have. Studies disagree on how "
        "ankles and a tuck go together."
    )
    return _Candidate(
        speaks=is_small or bool(heels),
        finding=Finding(
            id="ankle",
            title="Worth testing: ankle range",
            evidence=" ".join(evidence),
            try_=(
                "With the heel down, drive the knee over the toes, left and right. 4 to 5 inches "
                "(10 to 13 cm) past the toes is good, most people manage with 3.5 (9 cm), and "
                "everybody is built differently. Then film a set with a slightly wider stance or "
                "the toes turned out a little, and compare."
            ),
        ),
    )


def _ankle_reading(least_deg: float, most_deg: float) -> str:
    """Hold the band of the largest bend against the two groups of the studies."""
    test = "in a test with the knee driven over the toes"
    if most_deg < _ANKLE_LIMITED_DEG:
        return f"Under {_ANKLE_LIMITED_DEG:.0f} counts as limited {test}."
    if least_deg > _ANKLE_FREE_DEG:
        return f"Over {_ANKLE_FREE_DEG:.0f} counts as free {test}, so other things come first."
    return (
        f"Under {_ANKLE_LIMITED_DEG:.0f} counts as limited and over {_ANKLE_FREE_DEG:.0f} as free "
        f"{test}; this film is not exact enough to say which."
    )


def _ankle_at_onset(of: _Set) -> list[str]:
    """Say whether the ankle bent on after the tuck began, in the flagged repetition."""
    when, t, ankle = of.summary.onset_s, of.frames.t, of.frames.ankle_deg
    flagged = [(n, r) for n, r, _ in of.whole if r.start_s <= when <= r.end_s]
    known = np.isfinite(ankle)
    if not flagged or not known.any():
        return []
    number, rep = flagged[0]
    after = ankle[known & (t >= when) & (t <= rep.end_s)]
    if not len(after):
        return []
    further = float(after.max() - np.interp(when, t[known], ankle[known]))
    if further < _ANKLE_CHANGE_DEG:
        return [f"In {_numbered([number])} it hardly bent further once the tuck had begun."]
    return [f"In {_numbered([number])} it bent {_degrees(further)} further after the tuck began."]


def _lower_back(of: _Set) -> _Candidate:
    peaks = [(n, w) for n, _, w in of.whole if np.isfinite(w.peak_deg)]
    grows = False
    if len(peaks) < 2:
        shown = f"From one repetition nobody can see whether {of.moved} grows as you tire."
    else:
        (_, first), (_, last) = peaks[0], peaks[-1]
        change = last.peak_deg - first.peak_deg
        grows = change > _error_of_difference(first, last)
        numbers = f"from {first.peak_deg:.0f} to {_degrees(last.peak_deg)}"
        if grows:
            shown = (
                f"{of.moved.capitalize()} grows over the set, {numbers}, by more than the error "
                "of the film. Tiring is one way to read that."
            )
        elif -change > _error_of_difference(first, last):
            shown = f"{of.moved.capitalize()} gets smaller over the set, {numbers}."
        else:
            shown = (
                f"{of.moved.capitalize()} changes over the set by no more than the error of the "
                f"film ({numbers})."
            )
    return _Candidate(
        speaks=grows,
        finding=Finding(
            id="lower_back",
            title="Worth testing: strength of the lower back",
            evidence=f"{shown} The film shows when a back moves, not how strong it is.",
            try_=(
                "Squat light with a hold of two seconds just above the depth where your back "
                "starts to move, and add weight only while it holds still there. Film it again "
                "after a few weeks."
            ),
        ),
    )


def _bracing(of: _Set) -> _Candidate:
    ways = [(r.bottom_s - r.start_s, w) for _, r, w in of.whole if np.isfinite(w.peak_deg)]
    speaks, evidence = False, []
    if ways:
        (quick_s, quick), (slow_s, slow) = min(ways, key=_seconds), max(ways, key=_seconds)
        if slow_s < _SLOWER * quick_s:
            typical = float(np.median([s for s, _ in ways]))
            evidence.append(
                f"You come down in about {typical:.1f} s"
                + (" each time, so slow and fast cannot be compared." if len(ways) > 1 else ".")
            )
        else:
            speaks = quick.peak_deg - slow.peak_deg > _error_of_difference(quick, slow)
            evidence.append(
                f"You come down in {quick_s:.1f} to {slow_s:.1f} s, and the back moves by "
                f"{_degrees(quick.peak_deg)} in the quickest and {_degrees(slow.peak_deg)} in the "
                "slowest, "
                + ("more than the error apart." if speaks else "which is no clear difference.")
            )
    evidence.append("The film cannot show the pressure in your trunk or the weight that you lift.")
    return _Candidate(
        speaks=speaks,
        finding=Finding(
            id="bracing",
            title="Worth testing: bracing from ribs to hips",
            evidence=" ".join(evidence),
            try_=(
                "Film a slow squat without weight, staying braced at the bottom, and compare. If "
                f"{of.moved} is there only with weight or only when fast, bracing is worth "
                "training."
            ),
        ),
    )


def _not_the_cause() -> Finding:
    return Finding(
        id="not_the_cause",
        title="Not the hamstrings, not the hip flexors",
        evidence=(
            "Hamstrings hardly change their length in a squat, since the hips stretch them while "
            "the knees let them go. Hip flexors get shorter on the way down."
        ),
        try_="No need to stretch them for this.",
    )


def _seconds(way: tuple[float, Wink]) -> float:
    return way[0]


def _error_of_difference(one: Wink, other: Wink) -> float:
    return BAND * float(np.hypot(one.peak_sd_deg, other.peak_sd_deg))


def _is_higher(rep: RepInfo, usual_deg: float) -> bool:
    return bool(rep.depth_deg - usual_deg > _DEPTH_CHANGE_DEG)


def _where(thigh_deg: float) -> str:
    """Put a thigh angle in words."""
    if abs(thigh_deg) < _ABOUT_PARALLEL_DEG:
        return "at about parallel"
    side = "above" if thigh_deg > 0 else "below"
    return f"{_degrees(abs(thigh_deg))} {side} parallel"


def _down_to(thigh_deg: float) -> str:
    return "" if np.isnan(thigh_deg) else f", down to {_where(thigh_deg).removeprefix('at ')}"


def _degrees(value: float) -> str:
    return "1 degree" if round(value) == 1 else f"{value:.0f} degrees"


def _band(sd_deg: float) -> str:
    return "" if np.isnan(sd_deg) else f" (give or take {BAND * sd_deg:.0f})"


def _length(cm: float) -> str:
    return f"{cm:.0f} cm ({cm / _CM_PER_INCH:.0f} inches)"


def _numbered(numbers: Sequence[int]) -> str:
    """List repetitions: "repetitions 1, 2 and 4"."""
    *before, last = (str(n) for n in numbers)
    if not before:
        return f"repetition {last}"
    return f"repetitions {', '.join(before)} and {last}"
