"""Curves between the moments at which they were measured."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.resample import between, between_pictures

KNOWN_S = np.array([0.0, 0.07, 0.13, 0.2, 0.27, 0.33])
ASKED_S = np.arange(0.0, 0.331, 0.033)


def test_known_moments_stay_as_they_are() -> None:
    """To the last bit, missing ones too."""
    values = np.random.default_rng(0).normal(size=(6, 4))
    values[2, 1] = np.nan
    np.testing.assert_array_equal(between(KNOWN_S, KNOWN_S, values), values)


@given(slope=st.floats(-100, 100), start=st.floats(-100, 100))
def test_straight_lines_stay_straight(slope: float, start: float) -> None:
    """Steady movement passes unchanged, evenly spaced or not."""
    told = between(ASKED_S, KNOWN_S, start + slope * KNOWN_S)
    np.testing.assert_allclose(told, start + slope * ASKED_S, atol=1e-9)


def test_movement_of_people_passes() -> None:
    """Three times a second, which is fast for a squat, at 15 pictures a second."""
    known, asked = np.arange(0, 2, 1 / 15), np.arange(1 / 15, 1.8, 1 / 60)
    told = between(asked, known, np.sin(2 * np.pi * 3 * known))
    assert np.abs(told - np.sin(2 * np.pi * 3 * asked)).max() < 0.1


def test_gaps_stay_gaps() -> None:
    """Nothing is made up on either side of a missing moment; beyond it nothing changes."""
    values = np.arange(6.0)
    values[2] = np.nan
    told = between(ASKED_S, KNOWN_S, values)
    in_gap = (KNOWN_S[1] < ASKED_S) & (KNOWN_S[3] > ASKED_S)
    assert np.isnan(told[in_gap]).all()
    assert np.isfinite(told[~in_gap]).all()


def test_input_is_not_changed() -> None:
    """The curves that were measured are left alone."""
    values = np.arange(6.0)
    between(ASKED_S, KNOWN_S, values)
    np.testing.assert_array_equal(values, np.arange(6.0))


@pytest.mark.parametrize("shape", [(), (3,), (3, 2)])
def test_one_moment_and_two(shape: tuple[int, ...]) -> None:
    """Films of a frame or two are films."""
    one = np.ones((1, *shape))
    assert between(np.zeros(1), np.zeros(1), one).shape == (1, *shape)
    two = np.stack([np.zeros(shape), np.ones(shape)])
    middle = between(np.array([0.5]), np.array([0.0, 1.0]), two)
    np.testing.assert_allclose(middle, np.full((1, *shape), 0.5))


def test_pictures_are_blended() -> None:
    """Half of one and half of the next in the middle."""
    pictures = np.array([np.zeros((2, 2)), np.full((2, 2), 200)], np.uint8)
    told = between_pictures(np.array([0.0, 0.05, 0.1]), np.array([0.0, 0.1]), pictures)
    assert told.dtype == np.uint8
    np.testing.assert_array_equal(told[:, 0, 0], [0, 100, 200])
