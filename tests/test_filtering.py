"""The low-pass filter: what it keeps, what it takes out, and gaps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from analysis.filtering import bridge, lowpass, runs

Curve = NDArray[np.float64]

T = np.arange(0, 6, 1 / 30)
# Edges have a transient that is not what is looked at here.
INNER = slice(30, -30)


def jittery_times(*, seed: int = 5, n: int = 180) -> Curve:
    """Make the times of a phone film: 27 to 40 ms apart."""
    return np.cumsum(np.random.default_rng(seed).uniform(0.027, 0.040, n))


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        pytest.param([], [], id="empty"),
        pytest.param([0, 0], [], id="none"),
        pytest.param([1, 1, 1], [slice(0, 3)], id="all"),
        pytest.param([0, 1, 1, 0, 1], [slice(1, 3), slice(4, 5)], id="two"),
        pytest.param([1, 0, 0, 1], [slice(0, 1), slice(3, 4)], id="ends"),
    ],
)
def test_runs(flags: list[int], expected: list[slice]) -> None:
    """Stretches of true, in order."""
    assert runs(np.array(flags, dtype=bool)) == expected


@given(level=st.floats(-1e4, 1e4), n=st.integers(1, 90), seed=st.integers(0, 50))
def test_constant_and_length_are_kept(level: float, n: int, seed: int) -> None:
    """A joint that does not move is left where it is, to the last frame."""
    smooth = lowpass(jittery_times(seed=seed, n=n), np.full(n, level))
    assert smooth.shape == (n,)
    np.testing.assert_allclose(smooth, level, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    "time_s", [pytest.param(T, id="even"), pytest.param(jittery_times(), id="vfr")]
)
def test_slow_movement_is_not_shifted(time_s: Curve) -> None:
    """A movement of one a second passes whole, with its peaks where they were."""
    wave = np.sin(2 * np.pi * time_s)
    smooth = lowpass(time_s, wave)
    np.testing.assert_allclose(smooth[INNER], wave[INNER], atol=0.02)
    ahead = np.cos(2 * np.pi * time_s)  # what a shift would add
    assert abs(np.mean(smooth[INNER] * ahead[INNER])) < 0.005


@pytest.mark.parametrize(
    "time_s", [pytest.param(T, id="even"), pytest.param(jittery_times(), id="vfr")]
)
def test_trembling_is_taken_out(time_s: Curve) -> None:
    """Twelve a second is tremble and error, and next to nothing of it passes."""
    smooth = lowpass(time_s, np.sin(2 * np.pi * 12 * time_s))
    assert smooth[INNER].std() < 0.1 * np.sqrt(0.5)


def test_cutoff_is_half_of_the_power() -> None:
    """At the cut-off a wave run forth and back comes out at half its height."""
    smooth = lowpass(T, np.sin(2 * np.pi * 6.0 * T))
    assert np.abs(smooth[INNER]).max() == pytest.approx(0.5, abs=0.05)


def test_gap_stays_and_parts_the_sides() -> None:
    """Missing frames stay missing, and what lies across a gap changes nothing."""
    rng = np.random.default_rng(1)
    left, right = rng.normal(0, 1, 60), rng.normal(0, 1, 60)
    values = np.concatenate([left, np.full(5, np.nan), right])
    other = np.concatenate([left, np.full(5, np.nan), right * 1000])
    time_s = np.arange(125) / 30
    smooth = lowpass(time_s, values)
    np.testing.assert_array_equal(np.isnan(smooth), np.isnan(values))
    np.testing.assert_array_equal(smooth[:60], lowpass(time_s, other)[:60])


def test_several_curves_are_filtered_apart() -> None:
    """Landmarks (T, 33, 2) come out as each of their curves alone; the input stays."""
    rng = np.random.default_rng(2)
    values = rng.normal(0, 1, (180, 3, 2))
    values[40:50, 1, 0] = np.nan
    before = values.copy()
    smooth = lowpass(T, values)
    assert smooth.shape == values.shape
    np.testing.assert_array_equal(values, before)
    np.testing.assert_array_equal(smooth[:, 1, 0], lowpass(T, values[:, 1, 0]))
    np.testing.assert_array_equal(np.isnan(smooth), np.isnan(values))


@pytest.mark.parametrize(
    ("time_s", "why"),
    [
        pytest.param(T[:7], "no room", id="short"),
        pytest.param(np.arange(40) / 10, "ten a second hold nothing above 6 Hz", id="slow-film"),
    ],
)
def test_left_alone(time_s: Curve, why: str) -> None:
    """Too short or too slow to be filtered: the values come out as they are."""
    values = np.random.default_rng(4).normal(0, 1, len(time_s))
    np.testing.assert_array_equal(lowpass(time_s, values), values)


def test_shift_in_time_and_scale() -> None:
    """A filter is linear and does not know what time it is."""
    values = np.random.default_rng(6).normal(0, 1, len(T))
    smooth = lowpass(T, values)
    np.testing.assert_allclose(lowpass(T, 3 * values + 7), 3 * smooth + 7, atol=1e-9)
    np.testing.assert_allclose(lowpass(T + 0.5, values), smooth, atol=1e-6)


def test_bridge_is_straight_and_stays_inside() -> None:
    """Gaps up to the length given are filled; longer ones, begin and end stay; the input too."""
    nan = np.nan
    time_s = 0.1 * np.arange(10)
    values = np.array([nan, 0.0, nan, 2.0, 3.0, nan, nan, nan, 7.0, nan])
    before = values.copy()
    np.testing.assert_allclose(
        bridge(time_s, values, longest_s=0.2), [nan, 0, 1, 2, 3, nan, nan, nan, 7, nan]
    )
    np.testing.assert_allclose(bridge(time_s, values), [nan, 0, 1, 2, 3, 4, 5, 6, 7, nan])
    both = bridge(time_s, np.stack([values, -values], axis=1))
    np.testing.assert_allclose(both[:, 1], -both[:, 0])
    np.testing.assert_array_equal(values, before)
