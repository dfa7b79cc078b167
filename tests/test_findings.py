"""What is said to be worth testing, on sets that are made up."""

import re
from dataclasses import fields, replace

import numpy as np
import pytest

from analysis.findings import find
from analysis.report import Finding, Frames, RepInfo, StandingInfo, Summary
from analysis.wink import Kind, Starts, Wink, judge_set

NAN = float("nan")
REP_S = 3.0
STANDING = StandingInfo(t_s=0.2, arch_deg=-2.0, arch_sd_deg=2.0)


def a_wink(peak_deg: float = 14.0, *, kind: Kind = "wink", onset_s: float = 0.9) -> Wink:
    """Make a verdict; a wink starts three degrees above parallel."""
    if kind != "wink":
        return Wink(kind=kind, peak_deg=peak_deg, peak_sd_deg=2.0)
    return Wink(
        kind="wink",
        onset_s=onset_s,
        onset_thigh_deg=3.0,
        onset_thigh_sd_deg=5.0,
        peak_deg=peak_deg,
        peak_sd_deg=2.0,
        release_s=onset_s + 1,
        starts="at",
    )


def a_rep(
    wink: Wink | None,
    *,
    number: int = 1,
    down_s: float = 1.2,
    depth_deg: float = -12.0,
    ankle_deg: float = 32.0,
    heel_rise: bool = False,
) -> RepInfo:
    """Make one repetition of three seconds; it is partial without a verdict."""
    start_s = REP_S * (number - 1)
    return RepInfo(
        start_s=start_s,
        standing_s=start_s,
        bottom_s=start_s + down_s,
        end_s=start_s + 2.6,
        partial=wink is None,
        depth_deg=depth_deg,
        depth_sd_deg=5.0,
        max_ankle_deg=ankle_deg,
        max_ankle_sd_deg=5.0,
        max_knee_past_toe_cm=NAN,
        max_knee_past_toe_sd_cm=NAN,
        heel_rise=heel_rise,
        wink=wink,
    )


def frames(*, seconds: float, ankle_later_deg: float = 32.0) -> Frames:
    """Make curves in which the ankle bends to 25 by the onset at 0.9 s of each repetition."""
    t = np.arange(0, seconds, 0.1)
    curves = {f.name: np.zeros(len(t)) for f in fields(Frames)}
    ankle = np.interp(t % REP_S, [0, 0.9, 1.2, 2.6], [2, 25, ankle_later_deg, 2])
    return Frames(**{**curves, "t": t, "ankle_deg": ankle})


def found(
    *reps: RepInfo,
    standing: StandingInfo = STANDING,
    ankle_later_deg: float = 32.0,
    **change: float | str | None,
) -> dict[str, Finding]:
    """Find what there is after these repetitions, judged as the pipeline judges them."""
    whole = [(r, r.wink) for r in reps if r.wink is not None]
    verdict = judge_set(
        [w for _, w in whole], bottoms=[(r.bottom_s, r.depth_deg) for r, _ in whole]
    )
    summary = Summary(
        kind=verdict.kind,
        starts=verdict.starts,
        onset_s=verdict.onset_s,
        onset_thigh_deg=verdict.onset_thigh_deg,
        flagged_s=verdict.flagged_s,
        stop_at_thigh_deg=verdict.stop_at_thigh_deg,
        stop_at_hip_height_cm=NAN,
        box_height_cm=NAN,
    )
    findings = find(
        summary=replace(summary, **change),  # type: ignore[arg-type]
        reps=reps,
        frames=frames(seconds=REP_S * len(reps), ankle_later_deg=ankle_later_deg),
        standing=standing,
    )
    assert len({f.id for f in findings}) == len(findings)
    return {f.id: f for f in findings}


def set_of(*peaks_deg: float) -> list[RepInfo]:
    """Make a set of winks of these sizes."""
    return [
        a_rep(a_wink(peak, onset_s=REP_S * k + 0.9), number=k + 1)
        for k, peak in enumerate(peaks_deg)
    ]


SETS = [
    pytest.param(set_of(14), id="one-wink"),
    pytest.param(set_of(9, 10, 18), id="growing"),
    pytest.param([a_rep(a_wink(kind="arch_to_neutral"), heel_rise=True)], id="arch"),
    pytest.param([a_rep(a_wink(2.0, kind="none"))], id="none"),
    pytest.param([a_rep(a_wink(), depth_deg=NAN, ankle_deg=NAN)], id="nothing-measured"),
]


def test_wink() -> None:
    """All contributors, what to do now first and what it is not last."""
    names = list(found(*set_of(14)))
    assert names[0] == "depth"
    assert names[-1] == "not_the_cause"
    assert set(names) == {"depth", "ankle", "lower_back", "bracing", "not_the_cause"}


def test_none_is_one_calm_line() -> None:
    """One finding, which asks for nothing."""
    result = found(a_rep(a_wink(3.0, kind="none")), a_rep(a_wink(5.0, kind="none"), number=2))
    assert list(result) == ["steady"]
    assert "5 degrees at most, down to 12 degrees below parallel" in result["steady"].evidence
    assert "Nothing needs to change" in result["steady"].try_


def test_none_names_the_odd_one_out() -> None:
    """One wink of three is not the set, but is not passed over."""
    quiet = a_wink(3.0, kind="none")
    result = found(a_rep(quiet), a_rep(a_wink(onset_s=3.9), number=2), a_rep(quiet, number=3))
    assert list(result) == ["steady"]
    assert "Only repetition 2 shows a tuck" in result["steady"].evidence


def test_cannot_tell_says_nothing() -> None:
    """The film check says how to film; so it is without any repetition."""
    assert found(a_rep(a_wink(kind="cannot_tell"))) == {}
    some = frames(seconds=1.0)
    assert find(summary=None, reps=(), frames=some, standing=STANDING) == ()
    partial = a_rep(None)
    assert find(summary=None, reps=(partial,), frames=some, standing=STANDING) == ()


def test_arch_to_neutral_is_no_wink() -> None:
    """It is said first, nobody is told to stop higher, and bracing may be trained."""
    standing = replace(STANDING, arch_deg=-14.0)
    result = found(a_rep(a_wink(12.0, kind="arch_to_neutral")), standing=standing)
    assert list(result) == ["arch", "bracing"]
    assert "not a wink" in result["arch"].title
    assert "14 degrees (give or take 4)" in result["arch"].evidence
    assert "by 12 degrees at most" in result["arch"].evidence
    assert "no need to stop higher" in result["arch"].try_
    assert not re.search(r"\btuck", " ".join(f.evidence + f.try_ for f in result.values()))


def test_depth_tells_where_and_how_far() -> None:
    """Where it starts, how far the set goes on, and the heights if there are any."""
    depth = found(*set_of(14), stop_at_hip_height_cm=45.0, box_height_cm=33.0)["depth"]
    assert "starts 3 degrees above parallel" in depth.evidence
    assert "12 degrees below parallel, 15 degrees further" in depth.evidence
    assert "Stop 8 degrees above parallel" in depth.try_
    assert "hips about 45 cm (18 inches)" in depth.try_
    assert "box of about 33 cm (13 inches)" in depth.try_
    assert "cm" not in found(*set_of(14))["depth"].try_


@pytest.mark.parametrize(
    ("starts", "words"),
    [("above", "take some weight off"), ("at", "small change"), ("below", "small change")],
)
def test_early_is_taken_more_seriously(starts: Starts, words: str) -> None:
    """At or under parallel only a small change is asked for."""
    assert words in found(*set_of(14), starts=starts)["depth"].try_


@pytest.mark.parametrize(
    ("thigh_deg", "words"),
    [(1.9, "at about parallel"), (-1.9, "at about parallel"), (-3.0, "3 degrees below parallel")],
)
def test_about_parallel(thigh_deg: float, words: str) -> None:
    """Angles next to parallel are not told to the degree."""
    assert f"starts {words}" in found(*set_of(14), onset_thigh_deg=thigh_deg)["depth"].evidence


@pytest.mark.parametrize(("depth_deg", "is_told"), [(2.0, True), (-9.0, False)])
def test_repetitions_that_stopped_higher(depth_deg: float, is_told: bool) -> None:
    """A repetition without a tuck counts for depth only where it was less deep."""
    quiet = a_rep(a_wink(2.0, kind="none"), number=2, depth_deg=depth_deg)
    evidence = found(*set_of(14), quiet)["depth"].evidence
    assert ("Repetition 2 was less deep and shows no tuck" in evidence) == is_told


@pytest.mark.parametrize(
    ("ankle_deg", "words", "comes_first"),
    [
        pytest.param(19.0, "Under 30 counts as limited in", True, id="limited"),
        pytest.param(21.0, "not exact enough to say which", False, id="perhaps-limited"),
        pytest.param(44.0, "not exact enough to say which", False, id="perhaps-free"),
        pytest.param(46.0, "Over 35 counts as free", False, id="free"),
    ],
)
def test_ankle_against_the_studies(
    ankle_deg: float,
    words: str,
    comes_first: bool,
) -> None:
    """The largest angle with its band, held against the two groups, as a lower bound."""
    result = found(a_rep(a_wink(), ankle_deg=ankle_deg))
    evidence = result["ankle"].evidence
    assert f"{ankle_deg:.0f} degrees (give or take 10)" in evidence
    assert words in evidence
    assert "not all that you have" in evidence
    assert "Studies disagree" in evidence
    # Otherwise nothing in this clip speaks, and the order is that of the module.
    strong = a_rep(a_wink(18.0), number=2, ankle_deg=ankle_deg)
    growing = found(a_rep(a_wink(9.0), ankle_deg=ankle_deg), strong)
    assert (list(growing)[1] == "ankle") == comes_first


def test_heels_put_the_ankle_first() -> None:
    """Heels that come up are named, and speak for testing the ankle early."""
    reps = [replace(r, heel_rise=k > 0) for k, r in enumerate(set_of(9, 9, 18))]
    result = found(*reps)
    assert "heels seem to come up in repetitions 2 and 3" in result["ankle"].evidence
    assert list(result)[1] == "ankle"
    assert "heels" not in found(*set_of(9, 9, 18))["ankle"].evidence


@pytest.mark.parametrize(
    ("later_deg", "words"), [(27.0, "hardly bent further"), (33.0, "bent 8 degrees further")]
)
def test_ankle_when_the_tuck_begins(later_deg: float, words: str) -> None:
    """Whether it bent on after the onset, with a gap in the curve."""
    assert words in found(*set_of(14), ankle_later_deg=later_deg)["ankle"].evidence


@pytest.mark.parametrize(
    ("peaks_deg", "words"),
    [
        pytest.param((14,), "From one repetition", id="one"),
        pytest.param((9, 11, 18), "grows over the set, from 9 to 18 degrees", id="grows"),
        pytest.param((12, 14, 15), "no more than the error", id="same"),
        pytest.param((20, 14, 9), "gets smaller", id="shrinks"),
    ],
)
def test_change_over_the_set(peaks_deg: tuple[float, ...], words: str) -> None:
    """Only growth beyond the error counts, and then it is the first thing to train."""
    result = found(*set_of(*peaks_deg))
    assert words in result["lower_back"].evidence
    assert (list(result)[1] == "lower_back") == (peaks_deg[-1] > peaks_deg[0] + 6)


@pytest.mark.parametrize(
    ("downs_s", "peaks_deg", "words"),
    [
        pytest.param((1.2,), (14,), "come down in about 1.2 s.", id="one"),
        pytest.param((1.2, 1.3), (14, 14), "cannot be compared", id="alike"),
        pytest.param((0.8, 1.6), (18, 9), "18 degrees in the quickest and 9", id="fast"),
        pytest.param((0.8, 1.6), (12, 11), "no clear difference", id="no-matter"),
    ],
)
def test_tempo(downs_s: tuple[float, ...], peaks_deg: tuple[float, ...], words: str) -> None:
    """Fast and slow descents are compared where there are both."""
    reps = [
        replace(rep, bottom_s=rep.start_s + down_s)
        for rep, down_s in zip(set_of(*peaks_deg), downs_s, strict=True)
    ]
    result = found(*reps)
    assert words in result["bracing"].evidence
    assert (list(result)[1] == "bracing") == ("in the quickest and 9" in words)


def test_partial_repetitions_keep_the_numbers() -> None:
    """Repetitions are counted as everywhere else, cut-off ones included."""
    rep = a_rep(a_wink(onset_s=3.9), number=2, heel_rise=True)
    assert "heels seem to come up in repetition 2" in found(a_rep(None), rep)["ankle"].evidence


@pytest.mark.parametrize("reps", SETS)
def test_tone(reps: list[RepInfo]) -> None:
    """Plain sentences that promise nothing: no cause, no diagnosis, no missing number."""
    for finding in found(*reps).values():
        text = f"{finding.title}. {finding.evidence} {finding.try_}"
        assert not re.search(
            r"this is why|because|caus|diagnos|injur|hurt|weak|damage|must|\bnan\b|wrong",
            text,
            flags=re.IGNORECASE,
        ), text
        assert "  " not in text
        for sentence in (finding.evidence, finding.try_):
            assert sentence[0].isupper()
            assert sentence.endswith(".")
            assert len(sentence) < 420
        if finding.id in {"depth", "ankle", "lower_back", "bracing"}:
            assert finding.title.startswith("Worth testing")
            assert re.search(r"cannot show|not how strong|not all that you have", finding.evidence)


def test_nothing_measured_makes_nothing_up() -> None:
    """Without ankle and depth the findings are still there, without their numbers."""
    rep = a_rep(replace(a_wink(), onset_thigh_deg=NAN, starts=None), depth_deg=NAN, ankle_deg=NAN)
    result = found(rep, stop_at_thigh_deg=NAN)
    assert "degrees" not in result["depth"].evidence
    assert "Your ankle bends" not in result["ankle"].evidence
    assert result["depth"].try_.startswith("Stop just above the tuck. See")
