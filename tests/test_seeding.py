"""The picture of another lifter, and what is taken of what it leads to."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.seeding import HEIGHTS, LEG_FOUND, Legs, Stance, misfit, seed_picture
from analysis.view import Side
from tests.stick import SIDES, Lifter, squats

SIZE_PX = (480, 440)
LIFTER = Lifter(depth=squats([1.0]))


def stance_of(lifter: Lifter) -> Stance:
    """Where a made-up lifter stands."""
    legs = Legs.of(lifter.detection(0.0))
    return Stance(
        ankle_px=legs.ankle_px, leg_px=legs.leg_px / LEG_FOUND, faces_right=lifter.side == "right"
    )


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("height", HEIGHTS)
def test_seed_stands_where_the_lifter_stands(side: Side, height: float) -> None:
    """Its feet are at the lifter's, it looks the same way, and it is lower in a squat."""
    stance = stance_of(replace(LIFTER, side=side))
    seed = seed_picture(stance, height=height, size_px=SIZE_PX)
    assert seed.shape == (440, 480, 3)
    rows, columns = np.nonzero((np.abs(seed.astype(int) - 114) > 12).any(axis=2))
    assert (seed[0, 0] == 114).all()
    ground = rows.max() - stance.ankle_px[1]
    assert 0 < ground < 0.3 * stance.leg_px
    # Hands point forward, further than anything does backward.
    ahead, behind = columns.max() - stance.ankle_px[0], stance.ankle_px[0] - columns.min()
    assert (ahead > behind) == (side == "right")
    tallest = seed_picture(stance, height=1.0, size_px=SIZE_PX)
    top = np.nonzero((tallest != 114).any(axis=(1, 2)))[0].min()
    assert rows.min() >= top


def test_mirrored_stance_mirrors_the_seed() -> None:
    """To half a pixel."""
    right = stance_of(LIFTER)
    left = replace(right, ankle_px=np.array([479.0, 0.0]) - right.ankle_px * [1, -1])
    one = seed_picture(right, height=0.6, size_px=SIZE_PX).astype(float)
    other = seed_picture(replace(left, faces_right=False), height=0.6, size_px=SIZE_PX)
    assert np.abs(one - other[:, ::-1]).mean() < 1.5


@pytest.mark.parametrize("time_s", [0.0, 1.6, 2.2])
def test_lifter_fits_the_own_stance(time_s: float) -> None:
    """Standing and in the squat."""
    assert misfit(LIFTER.detection(time_s), stance_of(LIFTER)) < 0.9


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(Lifter(ankle_px=(300, 400)), id="stands-elsewhere"),
        pytest.param(Lifter(height_px=180), id="short-legs"),
        pytest.param(Lifter(height_px=420), id="long-legs"),
    ],
)
def test_others_do_not(other: Lifter) -> None:
    """Whoever stands elsewhere or has other legs is somebody else, or made up."""
    assert misfit(other.detection(0.0), stance_of(LIFTER)) > 1


def test_nor_does_a_thigh_without_a_shank() -> None:
    """Knees at the ankles, and the leg as long as ever."""
    whole = LIFTER.detection(0.0)
    xy = whole.xy_px.copy()
    xy[25:27] = xy[27:29] - [0, 5]
    assert misfit(replace(whole, xy_px=xy), stance_of(LIFTER)) > 1
