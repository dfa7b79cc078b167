"""Where a leg is, cutting it out, and what the network says of one whose joints are known."""

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.legnet import POINTS, WEIGHTS, LegNetwork, LegPlace
from analysis.photo import read_photo
from tests.photos import LUNGE

Pixels = NDArray[np.uint8]
TRUTH = json.loads(LUNGE.with_suffix(".json").read_text("utf-8"))
SIDE = TRUTH["side"][0].upper()
# Knee, ankle, heel and toe in pixels of the photo.
JOINTS = np.array(
    [TRUTH["points_px"][f"{name.replace('toe', 'toe_tip')}_{SIDE}"] for name in POINTS]
)
FACING = 1.0 if TRUTH["view_side"] == "right" else -1.0


@pytest.fixture(scope="module")
def network() -> LegNetwork:
    """Open the network that ships."""
    return LegNetwork()


@pytest.fixture(scope="module")
def photo() -> Pixels:
    """Read the photo of somebody who lunges."""
    return read_photo(LUNGE).picture


def place_of(joints: NDArray[np.float64], facing: float = FACING) -> LegPlace:
    """Say where the leg is."""
    shank_px = float(np.linalg.norm(joints[0] - joints[1]))
    return LegPlace(ankle=joints[1], shank_px=shank_px, facing=facing)


@pytest.mark.parametrize(
    ("facing", "roll_deg", "point", "expected"),
    [
        pytest.param(1.0, 0.0, (300, 500), (0, 0), id="ankle"),
        pytest.param(1.0, 0.0, (300, 400), (0, -1), id="above"),
        pytest.param(1.0, 0.0, (350, 500), (0.5, 0), id="ahead"),
        pytest.param(-1.0, 0.0, (250, 500), (0.5, 0), id="ahead-looking-left"),
        pytest.param(1.0, 90.0, (300, 400), (-1, 0), id="turned"),
    ],
)
def test_units_of_the_leg(
    facing: float, roll_deg: float, point: tuple[float, float], expected: tuple[float, float]
) -> None:
    """Shank lengths from the ankle, forward and down."""
    place = LegPlace(
        ankle=np.array([300.0, 500.0]), shank_px=100.0, facing=facing, roll_deg=roll_deg
    )
    assert place.to_leg() @ [*point, 1.0] == pytest.approx(expected, abs=1e-9)


def test_joints_of_a_rendered_leg_are_found(network: LegNetwork, photo: Pixels) -> None:
    """Within a twentieth of the shank, 2 cm, where each is; the photo is not changed."""
    before = photo.copy()
    place = place_of(JOINTS)
    seen = network(photo, place)
    truth = JOINTS @ place.to_leg()[:, :2].T + place.to_leg()[:, 2]
    assert np.abs(seen.points - truth).max() < 0.05
    assert (seen.spread > 0).all()
    assert (seen.is_up > 0.5) == (TRUTH["heel_deg"] > 5)
    np.testing.assert_array_equal(photo, before)


def test_a_mirrored_leg_is_the_same_leg(network: LegNetwork, photo: Pixels) -> None:
    """Left and right change places in the photo, and nothing else."""
    seen = network(photo, place_of(JOINTS))
    mirrored = np.ascontiguousarray(photo[:, ::-1])
    joints = JOINTS * [-1, 1] + [photo.shape[1], 0]
    other = network(mirrored, place_of(joints, -FACING))
    np.testing.assert_allclose(other.points, seen.points, atol=0.01)
    assert other.rise_deg == pytest.approx(seen.rise_deg, abs=0.5)


@pytest.mark.parametrize("off", [(0.12, 0.0), (-0.12, 0.05), (0.0, -0.12)])
def test_a_guess_that_is_off_leads_to_the_same_joints(
    network: LegNetwork, photo: Pixels, off: tuple[float, float]
) -> None:
    """The second look lies around what the first saw."""
    place = place_of(JOINTS)
    guess = LegPlace(
        ankle=place.ankle + np.array(off) * place.shank_px,
        shank_px=1.1 * place.shank_px,
        facing=FACING,
    )
    one, two = (
        network(photo, p).points * p.shank_px * [FACING, 1] + p.ankle for p in (place, guess)
    )
    np.testing.assert_allclose(one, two, atol=0.04 * place.shank_px)


def test_the_same_network_has_the_same_name() -> None:
    """Reports name what they were made with."""
    assert LegNetwork().sha256 == LegNetwork().sha256
    assert len(LegNetwork().sha256) == 64


@pytest.mark.parametrize("word", [b".py", b"site-packages", b"File "])
def test_the_file_does_not_say_where_it_was_made(word: bytes) -> None:
    """It holds the network, and none of the lines of code that it came about by."""
    assert word not in WEIGHTS.read_bytes()
