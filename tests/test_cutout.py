"""What is cut out of a picture, and where it lies in the cut."""

import numpy as np
import pytest

from analysis.cutout import as_input, cut_out

UNIT_PX, REACH = 64.0, (-0.7, -1.25, 1.3, 0.5)


@pytest.mark.parametrize("length_px", [30.0, 64.0, 200.0])
@pytest.mark.parametrize("facing", [1.0, -1.0])
def test_cut_shows_a_spot_where_it_should(length_px: float, facing: float) -> None:
    """Half a length ahead of the middle lies there, however large the body is in the picture."""
    picture = np.full((700, 900, 3), 90, np.uint8)
    x, y = 420 + int(facing * 0.5 * length_px), 400
    half = int(0.1 * length_px)
    picture[y - half : y + half, x - half : x + half] = 250
    before = picture.copy()
    linear = np.diag([facing, 1.0]) / length_px
    to_body = np.column_stack([linear, -linear @ [420.0, 400.0]])
    cut = cut_out(picture, to_body, unit_px=UNIT_PX, reach=REACH)
    assert cut.shape == (112, 128, 3)
    rows, columns = np.nonzero(cut[..., 0] > 170)
    found = np.array([columns.mean(), rows.mean()]) + 0.5
    np.testing.assert_allclose(found, UNIT_PX * (np.array([0.5, 0]) - REACH[:2]), atol=1.2)
    np.testing.assert_array_equal(picture, before)


def test_middle_and_scale_are_in_units_of_the_body() -> None:
    """Cutting around another place at another scale is cutting with that place as the body's."""
    picture = np.random.default_rng(0).integers(0, 255, (300, 400, 3)).astype(np.uint8)
    linear = np.eye(2) / 80.0
    at_ankle = np.column_stack([linear, -linear @ [200.0, 150.0]])
    at_knee = np.column_stack([linear / 1.25, -linear / 1.25 @ [216.0, 70.0]])
    moved = cut_out(
        picture, at_ankle, unit_px=UNIT_PX, reach=REACH, middle=np.array([0.2, -1.0]), scale=1.25
    )
    np.testing.assert_array_equal(moved, cut_out(picture, at_knee, unit_px=UNIT_PX, reach=REACH))


def test_beyond_the_edge_the_picture_goes_on() -> None:
    """Nothing black comes in that was never filmed."""
    picture = np.full((40, 40, 3), 200, np.uint8)
    to_body = np.column_stack([np.eye(2) / 40, [0.0, 0.0]])
    assert (cut_out(picture, to_body, unit_px=UNIT_PX, reach=REACH) == 200).all()


def test_a_network_gets_colours_first_and_from_0_to_1() -> None:
    """As it was trained."""
    cut = np.zeros((4, 6, 3), np.uint8)
    cut[1, 2] = [255, 0, 51]
    given = as_input(cut)
    assert given.shape == (1, 3, 4, 6)
    np.testing.assert_allclose(given[0, :, 1, 2], [1.0, 0.0, 0.2])
