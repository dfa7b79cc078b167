"""Repetitions: how many, where the bottom is, and what is none."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from analysis.angles import Angles, measure_angles, smooth_joints
from analysis.pose import PoseTrack
from analysis.reps import Rep, find_reps
from tests.stick import Lifter, Motion, mirrored, squats, track_of

FRAME_S = 1 / 30


def film(motion: Motion, duration_s: float, **lifter: object) -> PoseTrack:
    """Film a lifter at 30 pictures a second."""
    times_s = np.arange(0, duration_s, FRAME_S)
    return track_of(Lifter(depth=motion, **lifter), times_s)  # type: ignore[arg-type]


def angles_of(track: PoseTrack, *, facing: float = 1.0) -> Angles:
    """Measure a film seen from the side throughout."""
    return measure_angles(
        track, smooth_joints(track), facing=facing, usable=np.ones(len(track.time_s), dtype=bool)
    )


def bottoms_s(track: PoseTrack, reps: Sequence[Rep]) -> list[float]:
    """When the deepest frames are."""
    return [float(track.time_s[r.bottom]) for r in reps]


def check_order(reps: Sequence[Rep], n_frames: int) -> None:
    """Every repetition lies in the film, in order, and they do not overlap."""
    for rep in reps:
        assert 0 <= rep.standing <= rep.start <= rep.bottom <= rep.end < n_frames
        assert rep.is_partial or rep.start < rep.bottom < rep.end
    for before, after in pairwise(reps):
        assert before.end <= after.start


@pytest.mark.parametrize("n", range(1, 13))
def test_sets(n: int) -> None:
    """Every squat of a set counts once, with its bottom within a frame and a half."""
    starts = [0.5 + 2.6 * k for k in range(n)]
    track = film(squats(starts), starts[-1] + 3.0)
    reps = find_reps(angles_of(track))
    assert bottoms_s(track, reps) == pytest.approx([s + 1.1 for s in starts], abs=0.05)
    assert not any(r.is_partial for r in reps)
    check_order(reps, len(track.time_s))


@pytest.mark.parametrize(
    ("down_s", "pause_s", "up_s"),
    [
        pytest.param(0.5, 0.0, 0.45, id="fast"),
        pytest.param(0.7, 0.0, 0.7, id="brisk"),
        pytest.param(1.2, 3.0, 0.9, id="pause-at-the-bottom"),
        pytest.param(5.0, 2.0, 4.0, id="tempo-5-2-4"),
        pytest.param(3.0, 0.0, 0.6, id="slow-down-fast-up"),
        pytest.param(0.6, 0.0, 3.5, id="grinder"),
    ],
)
def test_tempo(down_s: float, pause_s: float, up_s: float) -> None:
    """Slow, fast and paused repetitions; the bottom is the middle of what is nearly deepest."""
    starts = [1.0 + k * (down_s + pause_s + up_s + 0.8) for k in range(3)]
    motion = squats(starts, down_s=down_s, pause_s=pause_s, up_s=up_s)
    track = film(motion, starts[-1] + down_s + pause_s + up_s + 1.0)
    reps = find_reps(angles_of(track))
    middles = [s + down_s + pause_s / 2 for s in starts]
    assert bottoms_s(track, reps) == pytest.approx(middles, abs=0.15)
    for rep, start in zip(reps, starts, strict=True):
        assert start - 0.1 <= track.time_s[rep.start] < start + 0.5 * down_s
        end = start + down_s + pause_s + up_s
        assert end - 0.5 * up_s < track.time_s[rep.end] <= end + 0.1


@pytest.mark.parametrize("rest_s", [0.0, 0.3, 4.0])
def test_rest_at_the_top(rest_s: float) -> None:
    """Repetitions without a stop and with a long one are parted at the top."""
    starts = [1.0 + k * (2.2 + rest_s) for k in range(3)]
    track = film(squats(starts), starts[-1] + 3.2)
    reps = find_reps(angles_of(track))
    assert bottoms_s(track, reps) == pytest.approx([s + 1.1 for s in starts], abs=0.05)
    check_order(reps, len(track.time_s))
    for rep in reps:
        assert track.xy_px[rep.standing, 23, 1] == pytest.approx(track.xy_px[0, 23, 1], abs=3)


def test_bounce_does_not_part_a_repetition() -> None:
    """Down, a bounce of a quarter of the way at the bottom, and up: one."""

    def bouncing(time_s: float) -> float:
        whole = squats([1.0], pause_s=0.8)(time_s)
        since = time_s - 2.0
        return whole - 0.15 * np.sin(np.pi * since / 0.4) ** 2 if 0 < since < 0.8 else whole

    assert len(find_reps(angles_of(film(bouncing, 5.0)))) == 1


def test_grinding_does_not_part_a_repetition() -> None:
    """Standing still half-way up is one repetition."""

    def sticking(time_s: float) -> float:
        if time_s < 2.6:
            return squats([1.0])(time_s)
        return squats([1.0])(2.6) if time_s < 3.6 else squats([1.0])(time_s - 1.0)

    assert len(find_reps(angles_of(film(sticking, 6.0)))) == 1


@pytest.mark.parametrize(
    ("from_s", "to_s", "partial"),
    [
        pytest.param(1.75, 8.5, [True, False, False], id="starts-on-the-way-down"),
        pytest.param(2.15, 8.5, [True, False, False], id="starts-at-the-bottom"),
        pytest.param(0.0, 7.2, [False, False, True], id="ends-at-the-bottom"),
        pytest.param(0.0, 7.5, [False, False, True], id="ends-on-the-way-up"),
        pytest.param(2.15, 7.2, [True, False, True], id="both"),
        pytest.param(0.0, 8.5, [False, False, False], id="whole"),
    ],
)
def test_cut_off_by_the_film(from_s: float, to_s: float, partial: list[bool]) -> None:
    """What begins before the film or ends after it is listed as partial."""
    motion = squats([1.0, 3.5, 6.0])
    track = film(lambda t: motion(t + from_s), to_s - from_s)
    reps = find_reps(angles_of(track))
    assert [r.is_partial for r in reps] == partial
    check_order(reps, len(track.time_s))


@pytest.mark.parametrize(
    "lifter",
    [
        pytest.param({"thigh_deg": 60.0, "trunk_deg": 75.0, "ankle_deg": 0.0}, id="hinge"),
        pytest.param({"thigh_deg": 30.0, "trunk_deg": 75.0, "ankle_deg": 5.0}, id="good-morning"),
        pytest.param(
            {"thigh_deg": 34.0, "trunk_deg": 74.0, "ankle_deg": 10.0, "hands": "hanging"},
            id="deadlift",
        ),
        pytest.param(
            {"thigh_deg": 32.0, "trunk_deg": 52.0, "ankle_deg": 22.0, "hands": "hanging"},
            id="picking-up",
        ),
        pytest.param(
            {"thigh_deg": 15.0, "trunk_deg": 69.0, "ankle_deg": 18.0, "hands": "hanging"},
            id="lift-behind-plates",
        ),
        pytest.param({"thigh_deg": 65.0, "trunk_deg": 20.0, "ankle_deg": 12.0}, id="unracking"),
    ],
)
def test_no_squat(lifter: dict[str, object]) -> None:
    """Hips that come down by tipping the trunk, or hardly at all."""
    assert find_reps(angles_of(film(squats([1.0, 3.5]), 7.0, **lifter))) == ()


@pytest.mark.parametrize(
    "lifter",
    [
        pytest.param({"thigh_deg": -30.0, "ankle_deg": 38.0}, id="very-deep"),
        pytest.param({"thigh_deg": 20.0, "ankle_deg": 22.0}, id="high"),
        pytest.param({"thigh_deg": 40.0, "ankle_deg": 25.0, "trunk_deg": 25.0}, id="half"),
        pytest.param({"thigh_deg": 0.0, "trunk_deg": 62.0, "ankle_deg": 20.0}, id="low-bar"),
        pytest.param({"thigh_deg": -10.0, "hands": "hanging", "trunk_deg": 45.0}, id="low-hands"),
        pytest.param({"thigh_deg": 15.0, "trunk_deg": 66.0, "ankle_deg": 18.0}, id="tipped"),
    ],
)
def test_squats_of_all_kinds(lifter: dict[str, object]) -> None:
    """Deep, high and bent-over squats count."""
    assert len(find_reps(angles_of(film(squats([1.0, 3.5]), 7.0, **lifter)))) == 2


def test_walking_is_no_squat() -> None:
    """Walking out and back bobs the hips by a few per cent."""
    track = film(lambda t: 0.08 * np.sin(2 * np.pi * 1.8 * t) ** 2, 8.0, walk_px_per_s=40)
    assert find_reps(angles_of(track)) == ()


def test_standing_and_sitting_for_long_are_no_squats() -> None:
    """Nothing moves, or the lifter sits for half a minute."""
    assert find_reps(angles_of(film(squats([]), 5.0))) == ()
    assert find_reps(angles_of(film(squats([1.0], pause_s=25.0), 30.0))) == ()


def test_nothing_measured_is_no_squat() -> None:
    """Curves of NaN, and films of a few frames."""
    track = film(squats([1.0]), 4.0, is_there=lambda t: False)
    assert find_reps(angles_of(track)) == ()
    assert find_reps(angles_of(film(squats([0.0]), 0.2))) == ()
    assert find_reps(angles_of(film(squats([]), 0.0))) == ()


def test_gap_between_repetitions_costs_none() -> None:
    """Lost while standing between two: both are found, and whole."""
    track = film(squats([1.0, 5.0]), 8.5, is_there=lambda t: not 3.5 < t < 4.5)
    reps = find_reps(angles_of(track))
    assert bottoms_s(track, reps) == pytest.approx([2.1, 6.1], abs=0.05)
    assert not any(r.is_partial for r in reps)


def test_lost_on_the_way_up_is_partial() -> None:
    """A repetition whose end was not seen gets no verdict; the others do."""
    track = film(squats([1.0, 5.0]), 8.5, is_there=lambda t: not 2.3 < t < 3.8)
    reps = find_reps(angles_of(track))
    assert [r.is_partial for r in reps] == [True, False]


@pytest.mark.parametrize("hidden_s", [0.4, 0.7, 1.0])
def test_bottom_out_of_sight_is_one_repetition(hidden_s: float) -> None:
    """Down into a gap and up out of it: one squat, its bottom the middle of the gap."""
    away = (2.1 - hidden_s / 2, 2.1 + hidden_s / 2)
    track = film(squats([1.0, 5.0]), 8.5, is_there=lambda t: not away[0] < t < away[1])
    reps = find_reps(angles_of(track))
    assert bottoms_s(track, reps) == pytest.approx([2.1, 6.1], abs=0.05)
    assert not any(r.is_partial for r in reps)
    assert [r.is_broken for r in reps] == [True, False]
    check_order(reps, len(track.time_s))


@pytest.mark.parametrize("away_s", [(1.5, 1.9), (2.4, 2.8)], ids=["down", "up"])
def test_out_of_sight_on_the_way_is_one_repetition(away_s: tuple[float, float]) -> None:
    """Its bottom was seen, and is where it was seen."""
    track = film(squats([1.0, 5.0]), 8.5, is_there=lambda t: not away_s[0] < t < away_s[1])
    reps = find_reps(angles_of(track))
    assert bottoms_s(track, reps) == pytest.approx([2.1, 6.1], abs=0.05)
    assert not any(r.is_partial for r in reps)
    assert [r.is_broken for r in reps] == [True, False]


def test_long_out_of_sight_at_the_bottom_are_two_halves() -> None:
    """There is time for another squat in between, and nobody knows."""
    track = film(squats([1.0], pause_s=3.0), 8.5, is_there=lambda t: not 1.8 < t < 5.4)
    assert [r.is_partial for r in find_reps(angles_of(track))] == [True, True]


def test_up_and_down_again_out_of_sight_are_two_halves() -> None:
    """Lost at one bottom and found at the next, high in between: no squat of the two."""
    track = film(squats([1.0, 3.3]), 6.5, is_there=lambda t: not 2.2 < t < 4.3)
    assert [r.is_partial for r in find_reps(angles_of(track))] == [True, True]


@given(
    gaps=st.lists(st.tuples(st.integers(0, 269), st.integers(1, 40)), max_size=8),
    noise=st.sampled_from([0.0, 0.01, 0.05]),
)
def test_gaps_anywhere_keep_the_order(gaps: list[tuple[int, int]], noise: float) -> None:
    """Out of sight at any time and for any time, found squats lie in the film and in order."""
    angles = angles_of(film(squats([1.0, 3.6, 6.2]), 9.0))
    height = angles.hip_height + np.random.default_rng(0).normal(0, noise, 270)
    for first, length in gaps:
        height[first : first + length] = np.nan
    reps = find_reps(replace(angles, hip_height=height))
    check_order(reps, 270)
    for rep in reps:
        assert rep.is_broken == np.isnan(height[rep.start : rep.end + 1]).any()


def noisy(track: PoseTrack, *, seed: int) -> PoseTrack:
    """Add the tremble of a pose model: 1.5 pixels of a body of 300."""
    noise = np.random.default_rng(seed).normal(0, 1.5, track.xy_px.shape)
    return replace(track, xy_px=track.xy_px + noise)


@pytest.mark.parametrize("seed", range(4))
def test_tremble_changes_nothing(seed: int) -> None:
    """Landmarks that tremble give the same repetitions at the same times."""
    track = noisy(film(squats([1.0, 3.5, 6.0]), 9.0), seed=seed)
    assert bottoms_s(track, find_reps(angles_of(track))) == pytest.approx([2.1, 4.6, 7.1], abs=0.15)


@given(seed=st.integers(0, 1000), n=st.integers(1, 4))
@settings(max_examples=15)
def test_film_of_varying_rate(seed: int, n: int) -> None:
    """Frames 20 to 47 ms apart: times count, not frames."""
    steps: NDArray[np.float64] = np.random.default_rng(seed).uniform(0.020, 0.047, 600)
    starts = [0.8 + 2.6 * k for k in range(n)]
    times_s = np.cumsum(steps)
    times_s = times_s[times_s < starts[-1] + 3.0]
    track = track_of(Lifter(depth=squats(starts)), times_s)
    reps = find_reps(angles_of(track))
    assert bottoms_s(track, reps) == pytest.approx([s + 1.1 for s in starts], abs=0.08)
    check_order(reps, len(times_s))


def test_mirror_and_size() -> None:
    """The mirrored film, and the one filmed from further away, hold the same repetitions."""
    track = film(squats([1.0, 3.5]), 6.5)
    reps = find_reps(angles_of(track))
    assert len(reps) == 2
    assert find_reps(angles_of(mirrored(track, width_px=480), facing=-1.0)) == reps
    assert find_reps(angles_of(replace(track, xy_px=track.xy_px * 0.4 + 70))) == reps
