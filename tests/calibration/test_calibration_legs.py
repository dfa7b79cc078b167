"""Pictures of one leg: what is cut out, which moments, and what training makes of them."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.calibration import legs

Array = NDArray[np.float64]
# Knee, ankle, heel and toe of a right leg that looks right, shank 100 pixels, y down.
DRAWN = {
    "knee_R": np.array([340.0, 308.0]),
    "ankle_R": np.array([300.0, 400.0]),
    "heel_R": np.array([285.0, 410.0]),
    "toe_tip_R": np.array([345.0, 415.0]),
}


def with_spots(drawn: dict[str, Array]) -> NDArray[np.uint8]:
    """Draw a bright spot at each joint."""
    picture = np.full((600, 700, 3), 60, np.uint8)
    for x, y in drawn.values():
        picture[int(y) - 3 : int(y) + 3, int(x) - 3 : int(x) + 3] = 250
    return picture


@pytest.mark.parametrize("facing", [1.0, -1.0])
@pytest.mark.parametrize("roll_deg", [0.0, 4.0])
def test_points_lie_on_the_joints_that_the_cut_shows(facing: float, roll_deg: float) -> None:
    """Whichever way the lifter looks and however the camera is tilted."""
    drawn = {name: at * [facing, 1] + [0 if facing > 0 else 700, 0] for name, at in DRAWN.items()}
    row, cut = legs._cut(with_spots(drawn), drawn, "R", facing=facing, roll_deg=roll_deg)
    assert cut.shape == (280, 320, 3)
    points = np.array(row["points_px"])
    for x, y in points.astype(int):
        assert cut[y, x].min() > 150
    np.testing.assert_allclose(points[1], -legs.SHANK_PX * np.array(legs.REACH[:2]))
    assert (points[[0, 3], 0] > points[1, 0]).all()
    assert np.linalg.norm(points[0] - points[1]) == pytest.approx(legs.SHANK_PX)


def test_moments_are_of_standing_and_of_the_bottom() -> None:
    """However often it is drawn, both are there."""
    thigh_deg = 40 + 45 * np.cos(np.linspace(0, 2 * np.pi, 60))
    for seed in range(20):
        picked = thigh_deg[legs._moments(thigh_deg, np.random.default_rng(seed))]
        assert picked.max() > 75
        assert picked.min() < 20
        assert 2 <= len(picked) <= 4


def test_variations_keep_points_on_the_joints() -> None:
    """Moved, turned, scaled, in other light: a joint is still where its point says."""
    legtrain = pytest.importorskip("analysis.calibration.legtrain")
    row, cut = legs._cut(with_spots(DRAWN), DRAWN, "R", facing=1.0, roll_deg=0.0)
    points = np.array(row["points_px"]) / legs.SHANK_PX + legs.REACH[:2]
    leg = legtrain.Leg(picture=cut, points=points, heel_deg=0.0, is_lunge=True, body=1)
    bright = []
    for seed in range(40):
        picture, there = legtrain.varied(leg, np.random.default_rng(seed))
        assert picture.shape == (3, 112, 128)
        assert 0 <= picture.min() <= picture.max() <= 1
        x, y = (there[0] * legtrain.SHANK_PX).astype(int)
        bright.append(picture[:, y, x].mean() - np.median(picture))
    # Now and then something hides it, or it is blurred away.
    assert np.mean(np.array(bright) > 0.1) > 0.8
    np.testing.assert_array_equal(leg.points, points)


# torch warns of its own ways.
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
def test_a_network_that_is_written_says_what_it_said(tmp_path: Path) -> None:
    """OpenCV gets the same numbers out of the file as torch."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnxscript")
    from analysis.calibration import legtrain
    from analysis.cutout import as_input, cut_out
    from analysis.legnet import REACH, SHANK_PX, LegNetwork, LegPlace

    torch.manual_seed(3)
    network, path = legtrain.Network().eval(), tmp_path / "leg.onnx"
    legtrain.write(network, path)
    assert b".py" not in path.read_bytes()
    picture = np.random.default_rng(3).integers(0, 255, (200, 200, 3)).astype(np.uint8)
    place = LegPlace(ankle=np.array([90.0, 120.0]), shank_px=64.0, facing=1.0)
    cut = as_input(cut_out(picture, place.to_leg(), unit_px=SHANK_PX, reach=REACH))
    with torch.no_grad():
        _, out, _ = network(torch.tensor(cut))
    opened = LegNetwork(path)._net
    opened.setInput(cut)
    np.testing.assert_allclose(opened.forward(), out.numpy(), atol=1e-4)
