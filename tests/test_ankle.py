"""The ankle test as numbers: geometry, corrections by hand, scales, sentences."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import ankle
from analysis.ankle import AnkleReading, LegPoints, Scale


def leg(shank_deg: float, *, facing: float = 1.0, heel_deg: float = 0.0) -> LegPoints:
    """Make a leg of 400 px with a foot of 250 px, its ankle 60 px in front of the heel."""
    turn, rise = math.radians(shank_deg), math.radians(heel_deg)
    toe = (1000 + facing * 250 * math.cos(rise), 1500 + 250 * math.sin(rise))
    centre = (1000 + facing * 60, 1440.0)
    knee = (centre[0] + facing * 400 * math.sin(turn), centre[1] - 400 * math.cos(turn))
    return LegPoints(knee=knee, ankle=centre, heel=(1000.0, 1500.0), toe=toe)


def reading(points: LegPoints, *, facing: float = 1.0, cm_per_px: float = 0.1) -> AnkleReading:
    """Read a leg without any correction."""
    return AnkleReading(
        side="left",
        facing=facing,
        shank_deg=points.shank_deg(facing),
        heel_deg=points.foot_deg(facing),
        past_toe_px=points.past_toe_px(facing),
        angle_sd_deg=1.5,
        past_toe_sd_px=8.0,
        points=points,
        scale=Scale(cm_per_px=cm_per_px, source="height"),
    )


@given(st.floats(-20, 60), st.sampled_from([1.0, -1.0]))
def test_the_angle_is_that_of_the_drawing(shank_deg: float, facing: float) -> None:
    """Either way the lifter looks; with the foot flat nothing is taken off."""
    points = leg(shank_deg, facing=facing)
    found = reading(points, facing=facing)
    assert found.ankle_deg == pytest.approx(shank_deg)
    assert points.past_toe_px(facing) == pytest.approx(
        60 + 400 * math.sin(math.radians(shank_deg)) - 250
    )
    assert not found.heel_up


def test_a_raised_heel_is_taken_off_and_told() -> None:
    """40 degrees of shank with 12 of heel rise are 28 of ankle."""
    found = reading(leg(40.0, heel_deg=12.0))
    assert found.heel_up
    assert found.ankle_deg == pytest.approx(28.0)
    assert "does not count" in ankle.verdict(found)


def test_moved_points_change_the_reading_by_what_the_drawing_changed() -> None:
    """What the measurement knows of perspective stays in."""
    before = replace(reading(leg(30.0)), shank_deg=33.0, past_toe_px=20.0)
    after = ankle.with_points(before, leg(36.0))
    assert after.shank_deg == pytest.approx(39.0)
    moved_px = 400 * (math.sin(math.radians(36)) - math.sin(math.radians(30)))
    assert after.past_toe_px == pytest.approx(20.0 + moved_px)
    assert after.angle_sd_deg == ankle.BY_HAND_SD_DEG
    assert before.shank_deg == 33.0


def test_points_that_did_not_move_change_nothing() -> None:
    """Looking at the picture is no correction."""
    before = reading(leg(30.0))
    assert ankle.with_points(before, before.points) is before


def test_there_and_back_is_nothing_but_the_band() -> None:
    """Moved and put back: the same figures."""
    before = reading(leg(30.0))
    back = ankle.with_points(ankle.with_points(before, leg(41.0)), before.points)
    assert back.ankle_deg == pytest.approx(before.ankle_deg)
    assert back.past_toe_px == pytest.approx(before.past_toe_px)


def test_scales() -> None:
    """A plate of 45 cm, a shin, a foot; none without a source."""
    plate = ankle.plate_scale((100.0, 100.0), (400.0, 500.0))
    assert plate.cm_per_px == pytest.approx(45 / 500)
    points = leg(10.0)
    assert ankle.length_scale(points, 40.0, "shank").cm_per_px == pytest.approx(0.1)
    assert ankle.length_scale(points, 25.0, "foot").cm_per_px == pytest.approx(0.1)
    assert math.isnan(replace(reading(points), scale=ankle.NO_SCALE).past_toe_cm)
    with pytest.raises(ValueError, match="two ends"):
        ankle.plate_scale((1.0, 1.0), (2.0, 2.0))


def test_the_band_of_centimetres_holds_that_of_the_scale() -> None:
    """A worse scale, a wider band."""
    near = reading(leg(40.0))
    far = replace(near, scale=replace(near.scale, source="foot"))
    assert near.past_toe_cm == far.past_toe_cm
    assert 0 < near.past_toe_sd_cm < far.past_toe_sd_cm


def test_a_shoe_is_taken_out() -> None:
    """A heel of one centimetre is worth 2.4 degrees, a marked shoe tip 1.5 cm."""
    found = reading(leg(40.0))
    bare = ankle.barefoot(found, heel_drop_cm=1.0, by_hand=True)
    assert bare.ankle_deg == pytest.approx(40.0 - 2.4)
    assert bare.past_toe_cm == pytest.approx(found.past_toe_cm + 1.5)
    assert ankle.barefoot(found, heel_drop_cm=0.0, by_hand=False) == found


@pytest.mark.parametrize(
    ("inches", "told"),
    [
        pytest.param(6.0, "more than the 4 to 5", id="plenty"),
        pytest.param(4.5, "is good", id="good"),
        pytest.param(3.75, "get by with 3.5", id="enough"),
        pytest.param(1.5, "less than the 3.5", id="little"),
        pytest.param(-1.0, "1.0 inches short of the toes", id="short"),
    ],
)
def test_the_scale_of_inches(inches: float, told: str) -> None:
    """The coach's scale, in words."""
    found = replace(reading(leg(30.0)), past_toe_px=inches * 25.4)
    assert told in ankle.verdict(found)


def test_near_a_mark_the_verdict_says_so() -> None:
    """3.9 inches with a band of one are as good as 4."""
    found = replace(reading(leg(30.0)), past_toe_px=3.9 * 25.4)
    assert "within the error" in ankle.verdict(found)
    sure = replace(found, past_toe_px=1.0 * 25.4)
    assert "within the error" not in ankle.verdict(sure)


@pytest.mark.parametrize(
    ("shank_deg", "told"), [(24.0, "limited in"), (33.0, "between"), (41.0, "do not count")]
)
def test_the_scale_of_degrees_without_centimetres(shank_deg: float, told: str) -> None:
    """Under 30, between, over 35."""
    found = replace(reading(leg(shank_deg)), scale=ankle.NO_SCALE)
    assert told in ankle.verdict(found)
    assert "inches" not in ankle.verdict(found)


def test_the_best_try_is_the_largest_with_the_heel_down() -> None:
    """A larger angle with the heel up does not count."""
    low, high, up = (reading(leg(d)) for d in (30.0, 35.0, 55.0))
    up = replace(up, heel_deg=10.0)
    assert ankle.best([low, high, up]) == high
    assert ankle.best([up]) is None
    assert ankle.best([]) is None


def test_left_against_right() -> None:
    """Under 4.6 degrees and 1.5 cm they are alike; over it the better one is named."""
    alike = ankle.difference(reading(leg(34.0)), reading(leg(35.0)))
    apart = ankle.difference(reading(leg(30.0)), reading(leg(38.0)))
    assert "alike" in alike
    assert apart.startswith("The right ankle")
    assert "8 degrees" in apart


def test_points_have_to_be_numbers() -> None:
    """What comes from a browser is checked."""
    with pytest.raises(ValueError, match="knee"):
        LegPoints(knee=(math.nan, 1.0), ankle=(0.0, 0.0), heel=(0.0, 0.0), toe=(0.0, 0.0))
