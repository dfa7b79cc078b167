"""Angles of segments: known values, what must not change them, what must stay missing."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from analysis.geometry import flexion_deg, lean_deg, length_px, thigh_angle_deg

Points = NDArray[np.float64]

coordinates = st.floats(-2000, 2000)
points = st.tuples(coordinates, coordinates).map(np.array)
facings = st.sampled_from([1.0, -1.0])


def at(*xy: float) -> Points:
    """Make a point."""
    return np.array(xy, dtype=np.float64)


def apart(*some: Points) -> bool:
    """Whether neighbouring points are far enough apart to have a direction."""
    return all(np.hypot(*(b - a)) > 1.0 for a, b in pairwise(some))


def turn_between(a_deg: Points, b_deg: Points) -> float:
    """Smallest turn between two directions, degrees."""
    return abs(float((a_deg - b_deg + 180) % 360 - 180))


@pytest.mark.parametrize(
    ("hip", "knee", "expected_deg"),
    [
        pytest.param(at(100, 200), at(100, 300), 90, id="upright"),
        pytest.param(at(0, 300), at(100, 300), 0, id="level"),
        pytest.param(at(0, 400), at(100, 300), -45, id="hip-lower"),
        pytest.param(at(0, 200), at(100, 300), 45, id="hip-higher"),
        pytest.param(at(0, 300 - 100 * np.sqrt(3)), at(100, 300), 60, id="sixty"),
        pytest.param(at(120, 200), at(100, 300), 101.31, id="hip-before-knee"),
    ],
)
def test_thigh(hip: Points, knee: Points, expected_deg: float) -> None:
    """Thigh against the horizontal, y down, for a lifter who looks right."""
    assert thigh_angle_deg(hip, knee, facing=1.0) == pytest.approx(expected_deg, abs=0.01)


@pytest.mark.parametrize(
    ("lower", "upper", "expected_deg"),
    [
        pytest.param(at(50, 300), at(50, 100), 0, id="upright"),
        pytest.param(at(0, 300), at(100, 200), 45, id="forward"),
        pytest.param(at(0, 300), at(-100, 200), -45, id="backward"),
        pytest.param(at(0, 300), at(200, 300), 90, id="level"),
        pytest.param(at(0, 300), at(100, 400), 135, id="below-level"),
    ],
)
def test_lean(lower: Points, upper: Points, expected_deg: float) -> None:
    """Trunk or shank against the vertical, forward positive."""
    assert lean_deg(lower, upper, facing=1.0) == pytest.approx(expected_deg)


@pytest.mark.parametrize(
    ("distal", "expected_deg"),
    [
        pytest.param(at(0, 200), 0, id="straight"),
        pytest.param(at(100, 100), 90, id="square"),
        pytest.param(at(-100, 100), 90, id="square-other-way"),
        pytest.param(at(100, 200), 45, id="half"),
        pytest.param(at(0, 0), 180, id="folded"),
        pytest.param(at(1e-7, 200), 5.73e-8, id="nearly-straight"),
    ],
)
def test_flexion(distal: Points, expected_deg: float) -> None:
    """Bend of a joint at (0, 100) below (0, 0); exact near 0 too."""
    bend = flexion_deg(at(0, 0), at(0, 100), distal)
    assert bend == pytest.approx(expected_deg, rel=1e-3, abs=1e-12)


def test_length() -> None:
    """Three, four, five."""
    assert length_px(at(1, 1), at(4, 5)) == 5.0


@given(a=points, b=points, shift=points, scale=st.floats(0.1, 10), facing=facings)
def test_segment_angles_ignore_place_and_size(
    a: Points, b: Points, shift: Points, scale: float, facing: float
) -> None:
    """Where the lifter stands and how large does not matter."""
    assume(apart(a, b))
    for angle in (thigh_angle_deg, lean_deg):
        moved = angle(a * scale + shift, b * scale + shift, facing=facing)
        assert turn_between(moved, angle(a, b, facing=facing)) < 1e-6


@given(a=points, b=points)
def test_mirror_swaps_facing(a: Points, b: Points) -> None:
    """The mirror image of a lifter who looks the other way has the same angles."""
    assume(apart(a, b))
    mirror = np.array([-1.0, 1.0])
    for angle in (thigh_angle_deg, lean_deg):
        one, other = angle(a, b, facing=1.0), angle(a * mirror, b * mirror, facing=-1.0)
        assert turn_between(one, other) < 1e-9


@given(a=points, b=points, c=points, turn=st.floats(-np.pi, np.pi), shift=points)
def test_flexion_ignores_turn_and_mirror(
    a: Points, b: Points, c: Points, turn: float, shift: Points
) -> None:
    """A joint is bent as far however the picture is turned, and from either end."""
    assume(apart(a, b, c))
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    bend = flexion_deg(a, b, c)
    assert flexion_deg(*(p @ turned.T + shift for p in (a, b, c))) == pytest.approx(bend, abs=1e-4)
    assert flexion_deg(*(p * [-1, 1] for p in (a, b, c))) == pytest.approx(bend, abs=1e-9)
    assert flexion_deg(c, b, a) == pytest.approx(bend, abs=1e-9)
    assert 0 <= bend <= 180


def test_missing_stays_missing_only_there() -> None:
    """One missing joint in one frame costs that frame, and nothing is written to the input."""
    rng = np.random.default_rng(3)
    a, b, c = rng.uniform(0, 500, (3, 10, 2))
    b[4, 0] = np.nan
    copies = a.copy(), b.copy(), c.copy()
    curves = (
        thigh_angle_deg(a, b, facing=-1.0),
        lean_deg(a, b, facing=1.0),
        flexion_deg(a, b, c),
        length_px(a, b),
    )
    for curve in curves:
        assert curve.shape == (10,)
        assert np.flatnonzero(np.isnan(curve)).tolist() == [4]
    for now, before in zip((a, b, c), copies, strict=True):
        np.testing.assert_array_equal(now, before)


def test_points_in_space_are_refused() -> None:
    """Three numbers are not a point of a picture."""
    with pytest.raises(ValueError, match=r"\(\.\.\., 2\)"):
        thigh_angle_deg(np.zeros((4, 3)), np.zeros((4, 3)), facing=1.0)
