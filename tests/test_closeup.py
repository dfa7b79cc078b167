"""The close-up of a leg: where it lies on the photo, and what the edges in it say."""

import numpy as np
import pytest

from analysis import closeup
from analysis.closeup import CloseUp, describe, take, to_close_up

POINTS = np.array([[195.0, 100.0], [128.0, 205.0], [100.0, 220.0], [170.0, 225.0]])


def blank(grey: int = 90) -> CloseUp:
    """Make a close-up of nothing."""
    left, top, right, bottom = closeup.REACH
    size = (round((bottom - top) * closeup.SHANK_PX), round((right - left) * closeup.SHANK_PX))
    return CloseUp(picture=np.full((*size, 3), grey, np.uint8), mask=np.zeros(size, np.uint8))


def with_a_bar(close: CloseUp) -> CloseUp:
    """Put a bright upright bar next to the knee."""
    picture = close.picture.copy()
    picture[60:140, 200:210] = 250
    return CloseUp(picture=picture, mask=close.mask)


@pytest.mark.parametrize("facing", [1.0, -1.0])
def test_the_ankle_lies_where_the_reach_says(facing: float) -> None:
    """The ankle at its place; a shank further forward, and as much down, 128 pixels away."""
    lay = to_close_up(np.array([300.0, 500.0]), shank_px=160.0, upright=np.eye(2), facing=facing)
    ankle = lay[:, :2] @ [300.0, 500.0] + lay[:, 2]
    assert ankle == pytest.approx(-closeup.SHANK_PX * np.array(closeup.REACH[:2]))
    further = lay[:, :2] @ [300.0 + 160.0 * facing, 660.0] + lay[:, 2]
    assert further - ankle == pytest.approx(np.array([128.0, 128.0]))


def test_the_same_is_seen_in_the_mirror() -> None:
    """A mirrored photo of a lifter who looks the other way gives the same close-up."""
    rng = np.random.default_rng(3)
    picture = np.kron(rng.integers(0, 255, (30, 40, 3)), np.ones((16, 16, 1))).astype(np.uint8)
    mirror = np.ascontiguousarray(picture[:, ::-1])
    wide = picture.shape[1]
    ankle = np.array([300.0, 300.0])
    lays = (
        to_close_up(at, shank_px=150.0, upright=np.eye(2), facing=facing)
        for at, facing in ((ankle, 1.0), (np.array([wide - 300.0, 300.0]), -1.0))
    )
    one, two = (take(p, [], lay).picture for p, lay in zip((picture, mirror), lays, strict=True))
    assert np.abs(one.astype(int) - two.astype(int)).max() <= 2


def test_the_mask_comes_from_its_own_pixels() -> None:
    """A mask at half the size of the photo lies over the leg as the photo does."""
    picture = np.zeros((600, 600, 3), np.uint8)
    picture[200:400, 250:350] = 255
    mask = np.zeros((300, 300), np.float32)
    mask[100:200, 125:175] = 1.0
    to_mask = np.column_stack([0.5 * np.eye(2), np.zeros(2)])
    lay = to_close_up(np.array([300.0, 400.0]), shank_px=160.0, upright=np.eye(2), facing=1.0)
    close = take(picture, [(mask, to_mask)], lay)
    assert np.mean((close.mask > 127) == (close.picture[..., 0] > 127)) > 0.99


def test_even_ground_says_nothing() -> None:
    """Without an edge all features are 0, dark or bright."""
    for grey in (0, 90, 255):
        assert not describe(blank(grey), POINTS, shank_px=124.0).any()


def test_an_edge_is_told_by_its_direction() -> None:
    """An upright bar fills the first direction, across it, and leaves the others."""
    told = describe(with_a_bar(blank()), POINTS, shank_px=124.0)
    assert told.shape == (closeup.N_FEATURES,)
    assert told.max() <= 0.6
    knee = told[: closeup.PATCHES[0].n_features].reshape(-1, 9).sum(axis=0)
    # The ends of the bar are short and lie flat.
    assert knee[0] + knee[-1] > 3 * knee[4]


def test_light_hardly_matters_and_place_does() -> None:
    """Half the light changes little; other points change much. Nothing is written to."""
    close = with_a_bar(blank())
    before = close.picture.copy()
    one = describe(close, POINTS, shank_px=124.0)
    dark = CloseUp(picture=close.picture // 2, mask=close.mask)
    darker = describe(dark, POINTS, shank_px=124.0)
    moved = describe(close, POINTS + [[6.0, 0.0]] * 4, shank_px=124.0)
    assert np.array_equal(close.picture, before)
    assert np.abs(darker - one).sum() < 0.3 * np.abs(moved - one).sum()
