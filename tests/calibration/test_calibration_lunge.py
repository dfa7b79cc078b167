"""The rendered lunge: bone lengths, feet and knees on the floor, and what is drawn."""

import numpy as np
import pytest

from analysis.calibration import independence, lunge
from analysis.calibration.lunge import KNEELING_KNEE, LungingSkeleton
from analysis.calibration.skeleton import Posed, average_skeleton


def posed(index: int, shank_deg: float = 35.0) -> tuple[lunge.Lunge, LungingSkeleton, Posed]:
    """Pose a drawn lunge on the average skeleton."""
    clip, drawn = lunge.draw_lunge("train", index)
    skeleton = average_skeleton()
    arms = independence.average_arms(skeleton, clip)
    lunging = LungingSkeleton(skeleton, drawn)
    return drawn, lunging, lunging.pose(lunge._angles(drawn, shank_deg), arms)


@pytest.mark.parametrize("index", range(12))
def test_bones_keep_their_lengths(index: int) -> None:
    """Thigh and shank of both legs are as long as they are."""
    _, skeleton, found = posed(index)
    p = found.points
    for side in "LR":
        thigh = np.linalg.norm(p["hip" + side] - p["knee" + side])
        shank = np.linalg.norm(p["knee" + side] - p["ankle" + side])
        assert thigh == pytest.approx(skeleton.thigh, abs=2e-3)
        assert shank == pytest.approx(skeleton.shank, abs=2e-3)


@pytest.mark.parametrize("index", range(12))
def test_the_front_shank_leans_as_asked_and_the_other_leg_is_behind(index: int) -> None:
    """The prescribed angle to a tenth of a degree; the rear foot is at the back (+y)."""
    drawn, _, found = posed(index, 35.0)
    p, side = found.points, drawn.front
    rear = "R" if side == "L" else "L"
    _, back, up = p["knee" + side] - p["ankle" + side]
    assert np.degrees(np.arctan2(-back, up)) == pytest.approx(35.0, abs=0.1)
    assert p["ankle" + rear][1] > p["ankle" + side][1] + 0.2


@pytest.mark.parametrize("index", range(12))
def test_who_kneels_kneels_on_the_floor(index: int) -> None:
    """The rear knee lies on the floor, or both feet stand on it."""
    drawn, _, found = posed(index)
    rear = "R" if drawn.front == "L" else "L"
    high = found.points["knee" + rear][2]
    if drawn.is_kneeling:
        assert high == pytest.approx(KNEELING_KNEE)
    else:
        assert high > KNEELING_KNEE


def test_draws_are_the_same_each_time_and_differ_between_splits() -> None:
    """Seeded; training and test photos share nothing."""
    assert lunge.draw_lunge("train", 3) == lunge.draw_lunge("train", 3)
    assert lunge.draw_lunge("train", 3)[1] != lunge.draw_lunge("test", 3)[1]


def test_every_sort_of_lunge_is_drawn() -> None:
    """Kneeling and standing, heel up and down, both legs, shoes and bare feet, 0 to 16 cm."""
    drawn = [lunge.draw_lunge("train", k)[1] for k in range(80)]
    for of in ("is_kneeling", "is_barefoot"):
        assert {getattr(one, of) for one in drawn} == {True, False}
    assert {one.front for one in drawn} == {"L", "R"}
    up = [one.heel_deg for one in drawn if one.heel_deg]
    assert 0.1 < len(up) / len(drawn) < 0.5
    assert min(up) >= 7
    past = [one.past_toe for one in drawn]
    assert min(past) < 0.02
    assert max(past) > 0.14


def test_how_far_the_knee_goes_has_nothing_to_do_with_the_pose() -> None:
    """Past the toes as often kneeling as standing, heel up as heel down."""
    drawn = [lunge.draw_lunge("train", k)[1] for k in range(300)]
    past = np.array([one.past_toe for one in drawn])
    for of in ("is_kneeling", "is_barefoot"):
        flag = np.array([float(getattr(one, of)) for one in drawn])
        assert abs(np.corrcoef(past, flag)[0, 1]) < 0.15
    heel = np.array([float(one.heel_deg > 0) for one in drawn])
    assert abs(np.corrcoef(past, heel)[0, 1]) < 0.15


def test_barefoot_has_no_sole() -> None:
    """A sole of nothing stands for no shoe."""
    for k in range(20):
        clip, drawn = lunge.draw_lunge("train", k)
        assert (clip.outfit.sole == 0) == drawn.is_barefoot
