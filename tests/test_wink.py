"""The rules of the verdict, one by one, on curves that are made up."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.reps import Rep
from analysis.wink import (
    LOOSE,
    NO_STANDING,
    NOT_SEEN,
    SMALL_BAND,
    STOP_MARGIN_DEG,
    WIDE_BAND,
    Evidence,
    Kind,
    Wink,
    judge_rep,
    judge_set,
    starts_where,
)

Curve = NDArray[np.float64]

FRAME_S = 0.1
N = 41
TIMES_S = FRAME_S * np.arange(N)
# Down over two seconds and up again over two; thigh from 80 to -20 and back.
REP = Rep(start=0, bottom=20, end=40, standing=0, is_partial=False)
THIGH_DEG = -20 + 100 * np.abs(TIMES_S - 2.0) / 2.0


def tuck(
    peak_deg: float, *, from_s: float = 1.0, to_s: float = 3.0, level_deg: float = 0.0
) -> Curve:
    """Rise from the level in a straight line to the bottom at 2 s, and fall again."""
    corners = [0.0, from_s, 2.0, to_s, 4.0]
    return np.interp(TIMES_S, corners, [level_deg, level_deg, level_deg + peak_deg, level_deg, 0])


def evidence(
    lumbar_deg: Curve,
    *,
    sd_deg: float = 2.0,
    arch_deg: float = 0.0,
    thigh_deg: Curve = THIGH_DEG,
    doubt: str = "",
    stand_off: float = 0.01,
) -> Evidence:
    """Put curves together."""
    return Evidence(
        time_s=TIMES_S,
        thigh_deg=thigh_deg,
        thigh_sd_deg=np.where(np.isnan(thigh_deg), np.nan, 5.0),
        lumbar_deg=lumbar_deg,
        lumbar_sd_deg=np.where(np.isnan(lumbar_deg), np.nan, sd_deg),
        arch_deg=arch_deg,
        arch_sd_deg=2.0,
        doubt=doubt,
        stand_off=stand_off,
    )


def has_no_times(wink: Wink) -> bool:
    """Whether a verdict names no moment."""
    moments = [wink.onset_s, *wink.onset_interval_s, wink.onset_thigh_deg, wink.release_s]
    return bool(np.isnan(moments).all()) and wink.starts is None


@pytest.mark.parametrize("peak_deg", [-12.0, 0.0, 5.0, 7.9])
@pytest.mark.parametrize("sd_deg", [0.5, 3.9])
def test_under_eight_degrees_is_none(peak_deg: float, sd_deg: float) -> None:
    """A small change with a band under 8 is no wink, and no moment is named."""
    wink = judge_rep(evidence(tuck(peak_deg), sd_deg=sd_deg), REP)
    assert wink.kind == "none"
    assert wink.why == ""
    assert has_no_times(wink)
    assert wink.peak_sd_deg == pytest.approx(sd_deg)


@pytest.mark.parametrize("peak_deg", [0.0, 5.0, 8.0, 10.0, 15.9])
@pytest.mark.parametrize("sd_deg", [4.0, 6.0, 20.0])
def test_wide_band_cannot_tell(peak_deg: float, sd_deg: float) -> None:
    """With a band of 8 or more there is no verdict unless the change clears it; it says why."""
    wink = judge_rep(evidence(tuck(peak_deg), sd_deg=sd_deg), REP)
    assert wink.kind == "cannot_tell"
    assert wink.why
    assert has_no_times(wink)


@pytest.mark.parametrize(("peak_deg", "why"), [(9.0, SMALL_BAND), (19.9, WIDE_BAND)])
def test_a_band_of_eight_swallows_a_change(peak_deg: float, why: str) -> None:
    """A band of 12 degrees leaves a change of under 20 open, and says why."""
    wink = judge_rep(evidence(tuck(peak_deg), sd_deg=6.0), REP)
    assert (wink.kind, wink.why) == ("cannot_tell", why)
    assert has_no_times(wink)


def test_a_change_whose_whole_band_counts_is_a_wink() -> None:
    """Where all of the band is above the least change, its width does not matter."""
    assert judge_rep(evidence(tuck(20.1), sd_deg=6.0), REP).kind == "wink"


@pytest.mark.parametrize("peak_deg", [9.0, 19.9, 20.1, 40.0])
def test_what_is_wrong_with_the_film_is_the_reason(peak_deg: float) -> None:
    """Where the film is poor, that is why the band is wide, and nothing is called clear."""
    wink = judge_rep(evidence(tuck(peak_deg), sd_deg=6.0, doubt="too dark"), REP)
    assert (wink.kind, wink.why) == ("cannot_tell", "too dark")


@pytest.mark.parametrize(
    ("doubt", "why"),
    [pytest.param("", LOOSE, id="good-film"), pytest.param("dark", "dark", id="dark")],
)
def test_a_loose_top_is_the_reason(doubt: str, why: str) -> None:
    """Where the film is good and a shirt hangs off the back, that is why the band is wide."""
    wink = judge_rep(evidence(tuck(9.0), sd_deg=6.0, stand_off=0.05, doubt=doubt), REP)
    assert (wink.kind, wink.why) == ("cannot_tell", why)


def test_a_loose_top_with_a_narrow_band_is_judged() -> None:
    """A loose top alone is no reason against a verdict."""
    assert judge_rep(evidence(tuck(12.0), stand_off=0.05), REP).kind == "wink"


def test_a_poor_film_with_a_narrow_band_is_judged() -> None:
    """A doubt alone is no verdict."""
    assert judge_rep(evidence(tuck(20.0), sd_deg=2.0, doubt="too dark"), REP).kind == "wink"


@pytest.mark.parametrize(
    ("peak_deg", "kind"), [(7.99, "none"), (8.0, "wink"), (8.01, "wink"), (25.0, "wink")]
)
def test_eight_degrees_are_the_least(peak_deg: float, kind: Kind) -> None:
    """From 8 degrees on it is a wink."""
    assert judge_rep(evidence(tuck(peak_deg)), REP).kind == kind


@pytest.mark.parametrize("peak_deg", [10.0, 16.0, 24.0])
@pytest.mark.parametrize("level_deg", [0.0, -6.0, 4.0])
def test_onset_and_release_lie_between_frames(peak_deg: float, level_deg: float) -> None:
    """Five degrees above the level before the tuck, down and up, to the millisecond."""
    wink = judge_rep(evidence(tuck(peak_deg, level_deg=level_deg)), REP)
    # Rises from level by the peak within one second from 1.0 s on, falls until 3.0 s.
    assert wink.onset_s == pytest.approx(1.0 + 5 / peak_deg, abs=0.001)
    assert wink.release_s == pytest.approx(3.0 - 5 / peak_deg, abs=0.001)
    assert wink.peak_deg == pytest.approx(peak_deg)
    onset_thigh = -20 + 100 * (2.0 - wink.onset_s) / 2
    assert wink.onset_thigh_deg == pytest.approx(onset_thigh, abs=0.1)
    assert wink.onset_thigh_sd_deg == pytest.approx(5.0)


def test_level_is_the_lowest_before_the_rise() -> None:
    """A back that hollows on the way down first tucks against that."""
    lumbar = np.interp(TIMES_S, [0, 1.0, 2.0, 3.0, 4.0], [0, -6, 6, 0, 0])
    wink = judge_rep(evidence(lumbar), REP)
    assert wink.peak_deg == pytest.approx(12)
    assert wink.onset_s == pytest.approx(1.0 + 5 / 12, abs=0.001)


def test_low_after_the_tuck_is_no_level() -> None:
    """What comes after the tuck does not make it larger."""
    lumbar = np.interp(TIMES_S, [0, 1.0, 2.0, 3.0, 4.0], [0, 0, 6, -10, -10])
    assert judge_rep(evidence(lumbar), REP).kind == "none"


@pytest.mark.parametrize("hump_s", [1.0, 1.7, 2.3, 3.0])
def test_a_hump_on_the_way_is_no_tuck(hump_s: float) -> None:
    """A tuck is largest at the bottom: what comes and goes on the way is an arm or a shirt."""
    hump = np.where(np.isclose(TIMES_S, hump_s), 15.0, 0.0)
    assert judge_rep(evidence(hump), REP).kind == "none"
    assert judge_rep(evidence(tuck(12.0) + hump), REP).peak_deg == pytest.approx(12.0)


def test_onset_interval_is_one_deviation_each_way() -> None:
    """The onset could be where the curve passes one standard deviation less or more."""
    wink = judge_rep(evidence(tuck(20.0), sd_deg=2.0), REP)
    assert wink.onset_interval_s == pytest.approx((1.15, 1.35), abs=0.001)
    assert wink.onset_interval_s[0] < wink.onset_s < wink.onset_interval_s[1]


def test_onset_interval_ends_at_the_peak() -> None:
    """A tuck that hardly passes ends its interval where it is largest."""
    wink = judge_rep(evidence(tuck(8.5), sd_deg=3.9), REP)
    assert wink.onset_interval_s == pytest.approx((1.0 + 1.1 / 8.5, 2.0), abs=0.001)


def test_tuck_that_stays_has_no_release() -> None:
    """Who does not untuck before the end of the repetition has no release."""
    lumbar = np.interp(TIMES_S, [0, 1.0, 2.0, 4.0], [0, 0, 20, 15])
    wink = judge_rep(evidence(lumbar), REP)
    assert wink.kind == "wink"
    assert np.isnan(wink.release_s)


@pytest.mark.parametrize(
    ("thigh_deg", "expected"),
    [
        pytest.param(30.0, "above", id="far-above"),
        pytest.param(5.1, "above", id="just-above"),
        pytest.param(5.0, "at", id="upper-edge"),
        pytest.param(0.0, "at", id="parallel"),
        pytest.param(-5.0, "at", id="lower-edge"),
        pytest.param(-5.1, "below", id="just-below"),
        pytest.param(-20.0, "below", id="far-below"),
        pytest.param(np.nan, None, id="unknown"),
    ],
)
def test_starts(thigh_deg: float, expected: str | None) -> None:
    """More than five degrees from parallel is above or below, with the edges at."""
    assert starts_where(thigh_deg) == expected


@pytest.mark.parametrize(
    ("from_s", "expected"),
    [
        pytest.param(0.8, "above", id="early"),
        pytest.param(1.5, "at", id="middle"),
        pytest.param(1.75, "below", id="late"),
    ],
)
def test_starts_follows_the_onset(from_s: float, expected: str) -> None:
    """The verdict says where against parallel the tuck begins."""
    wink = judge_rep(evidence(tuck(20.0, from_s=from_s)), REP)
    assert wink.starts == expected
    assert wink.starts == starts_where(wink.onset_thigh_deg)


@pytest.mark.parametrize(
    ("arch_deg", "peak_deg", "kind"),
    [
        pytest.param(-15.0, 14.0, "arch_to_neutral", id="not-to-neutral"),
        pytest.param(-15.0, 19.0, "arch_to_neutral", id="hardly-past"),
        pytest.param(-15.0, 26.0, "wink", id="past"),
        pytest.param(-15.0, 6.0, "none", id="small-change"),
        pytest.param(-3.0, 14.0, "wink", id="hardly-arched"),
        pytest.param(8.0, 14.0, "wink", id="flexed"),
    ],
)
def test_arched_back(arch_deg: float, peak_deg: float, kind: Kind) -> None:
    """Who stands arched and only comes back to neutral does not wink."""
    assert judge_rep(evidence(tuck(peak_deg), arch_deg=arch_deg), REP).kind == kind


def test_arched_and_past_neutral_starts_there() -> None:
    """From an arch of 15 the onset is 20 above standing: neutral passed by 5."""
    wink = judge_rep(evidence(tuck(30.0), arch_deg=-15.0), REP)
    assert wink.onset_s == pytest.approx(1.0 + 20 / 30, abs=0.001)
    assert wink.release_s == pytest.approx(3.0 - 20 / 30, abs=0.001)


def test_no_standing_cannot_tell() -> None:
    """Without a back standing there is nothing to compare with."""
    wink = judge_rep(evidence(tuck(20.0), arch_deg=float("nan")), REP)
    assert (wink.kind, wink.why) == ("cannot_tell", NO_STANDING)


@pytest.mark.parametrize(
    ("hidden", "kind"),
    [
        pytest.param(slice(14, 30), "cannot_tell", id="plate-before-the-back"),
        pytest.param(slice(0, 41), "cannot_tell", id="never-seen"),
        pytest.param(slice(8, 11), "wink", id="moment"),
    ],
)
def test_hidden_back(hidden: slice, kind: Kind) -> None:
    """Hidden for long there is no verdict; a moment is bridged; the curve is left as it was."""
    lumbar = tuck(20.0)
    lumbar[hidden] = np.nan
    before = lumbar.copy()
    wink = judge_rep(evidence(lumbar), REP)
    assert wink.kind == kind
    assert wink.why == (NOT_SEEN if kind == "cannot_tell" else "")
    np.testing.assert_array_equal(lumbar, before)


@pytest.mark.parametrize("peak_deg", [5.0, 20.0])
def test_out_of_sight_for_a_moment_tells_nothing(peak_deg: float) -> None:
    """The tuck may be largest where nobody saw the lifter, and what is beside a gap is not sure."""
    wink = judge_rep(evidence(tuck(peak_deg)), replace(REP, is_broken=True))
    assert (wink.kind, wink.why) == ("cannot_tell", NOT_SEEN)


def test_thigh_unknown_at_the_onset() -> None:
    """Without a thigh angle the onset has a time and no place against parallel."""
    wink = judge_rep(evidence(tuck(20.0), thigh_deg=np.full(N, np.nan)), REP)
    assert wink.kind == "wink"
    assert np.isfinite(wink.onset_s)
    assert np.isnan(wink.onset_thigh_deg)
    assert wink.starts is None


@pytest.mark.parametrize("n_before", [1, 7])
def test_only_the_repetition_counts(n_before: int) -> None:
    """Whatever the curves do before and after the repetition, times are those of the film."""
    whole = evidence(tuck(20.0))
    alone = judge_rep(whole, REP)
    longer = Evidence(
        time_s=FRAME_S * np.arange(N + n_before + 5),
        **{
            name: np.pad(getattr(whole, name), (n_before, 5), constant_values=90)
            for name in ("thigh_deg", "thigh_sd_deg", "lumbar_deg", "lumbar_sd_deg")
        },
        arch_deg=0.0,
        arch_sd_deg=2.0,
    )
    moved = replace(REP, start=n_before, bottom=20 + n_before, end=40 + n_before)
    later = judge_rep(longer, moved)
    assert later.onset_s == pytest.approx(alone.onset_s + n_before * FRAME_S)
    assert later.release_s == pytest.approx(alone.release_s + n_before * FRAME_S)
    assert later.peak_deg == pytest.approx(alone.peak_deg)


def a_wink(onset_s: float, onset_thigh_deg: float) -> Wink:
    """Make a verdict of a repetition that winks."""
    return Wink(
        kind="wink",
        onset_s=onset_s,
        onset_thigh_deg=onset_thigh_deg,
        starts=starts_where(onset_thigh_deg),
    )


W, N_, C, A = (
    a_wink(3.0, -3.0),
    Wink(kind="none"),
    Wink(kind="cannot_tell", why=NOT_SEEN),
    Wink(kind="arch_to_neutral"),
)


@pytest.mark.parametrize(
    ("winks", "kind"),
    [
        pytest.param([W], "wink", id="one"),
        pytest.param([W, N_], "wink", id="half"),
        pytest.param([W, N_, N_], "none", id="third"),
        pytest.param([W, C, C, C], "wink", id="one-judged"),
        pytest.param([W, N_, C, C], "wink", id="half-of-judged"),
        pytest.param([C, C], "cannot_tell", id="none-judged"),
        pytest.param([N_, C, C], "none", id="one-judged-none"),
        pytest.param([A, A, N_], "arch_to_neutral", id="arched"),
        pytest.param([W, A, A], "arch_to_neutral", id="third-arched"),
        pytest.param([N_], "none", id="clean"),
    ],
)
def test_set(winks: list[Wink], kind: Kind) -> None:
    """The set winks if at least half of its judged repetitions do."""
    verdict = judge_set(winks, bottoms=[(float(k), -10.0) for k in range(len(winks))])
    assert verdict.kind == kind
    assert np.isnan(verdict.onset_s) == (kind != "wink")
    assert (verdict.starts is None) == (kind != "wink")


def test_set_takes_the_highest_onset() -> None:
    """Onset, flag and the angle to stop at are those of the earliest tuck on the way down."""
    winks = [a_wink(2.0, -8.0), a_wink(5.0, 12.0), N_, a_wink(11.0, 3.0)]
    verdict = judge_set(winks, bottoms=[(2.5, -20.0), (5.5, -10), (8.5, -30), (11.5, -15)])
    assert verdict.onset_s == verdict.flagged_s == 5.0
    assert verdict.onset_thigh_deg == 12.0
    assert verdict.starts == "above"
    assert verdict.stop_at_thigh_deg == 12.0 + STOP_MARGIN_DEG == 17.0


def test_without_a_wink_the_deepest_frame_is_flagged() -> None:
    """There is a picture to show in any case; an unknown depth is not the deepest."""
    bottoms = [(2.5, -5.0), (5.5, -12.0), (8.5, float("nan"))]
    verdict = judge_set([N_, N_, C], bottoms=bottoms)
    assert verdict.flagged_s == 5.5
    assert np.isnan(verdict.stop_at_thigh_deg)


def test_wink_without_a_depth_is_not_the_highest() -> None:
    """An onset without a thigh angle is used only if there is no other."""
    unknown = a_wink(2.0, float("nan"))
    bottoms = [(2.5, float("nan")), (5.5, -12.0)]
    assert judge_set([unknown, a_wink(5.0, -9.0)], bottoms=bottoms).flagged_s == 5.0
    assert judge_set([unknown], bottoms=bottoms[:1]).flagged_s == 2.0


def test_empty_set_is_refused() -> None:
    """There is no verdict on nothing."""
    with pytest.raises(ValueError, match="at least one"):
        judge_set([], bottoms=[])
