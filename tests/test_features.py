"""The numbers that the estimator sees: the same for every camera, and honest about gaps."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.angles import leg_length_px, smooth_joints
from analysis.features import Features, make_features
from analysis.footage import Footage
from analysis.pose import Landmark
from analysis.silhouette import sample_silhouette
from analysis.view import facing_of
from tests.clips import even_times
from tests.stick import Lifter, squats, track_of

TIMES_S = np.array(even_times(75, fps=30))
SIZE_PX = (480, 440)
LIFTER = Lifter(depth=squats([0.5], down_s=0.8, up_s=0.8), tuck_deg=15.0)
STANDING = TIMES_S < 0.4


def footage_of(lifter: Lifter, *, zoom: float = 1.0) -> Footage:
    """Film a made-up lifter without any error."""
    track = track_of(lifter, TIMES_S)
    size = (round(SIZE_PX[0] * zoom), round(SIZE_PX[1] * zoom))
    shapes = [
        sample_silhouette(
            lifter.mask(float(t), size_px=size, zoom=1.0, offset_px=np.zeros(2)),
            lifter.xy_px(float(t)),
            facing=facing_of(lifter.side),
            body_px=lifter.height_px,
        )
        for t in TIMES_S
    ]
    return Footage(
        track=track,
        side=lifter.side,
        body_px=lifter.height_px,
        ray_px=np.array([s.ray_px for s in shapes]),
        back_px=np.array([s.back_px for s in shapes]),
        patch=np.array([s.patch for s in shapes]),
        top_px=np.array([s.top_px for s in shapes]),
        brightness=120.0,
        roll_deg=float("nan"),
    )


def features_of(footage: Footage) -> Features:
    """Make features as the pipeline does."""
    return make_features(
        footage,
        smooth_joints(footage.track),
        leg_px=leg_length_px(footage.track),
        yaw_deg=0.0,
    )


@pytest.fixture(scope="module")
def usual() -> Features:
    """Film the lifter as drawn."""
    return features_of(footage_of(LIFTER))


def check_close(a: NDArray[np.float64], b: NDArray[np.float64], *, atol: float) -> None:
    """Compare arrays that hold the same gaps nearly everywhere."""
    both = np.isfinite(a) & np.isfinite(b)
    assert both.mean() > 0.97 * np.isfinite(a).mean()
    assert np.median(np.abs(a - b)[both]) < atol / 5
    assert np.percentile(np.abs(a - b)[both], 98) < atol


def test_a_mirror_changes_nothing(usual: Features) -> None:
    """Who looks left has the features of who looks right."""
    x, y = LIFTER.ankle_px
    left = replace(LIFTER, side="left", ankle_px=(SIZE_PX[0] - x, y))
    check_close(features_of(footage_of(left)).moving, usual.moving, atol=0.02)


def test_place_and_size_change_nothing(usual: Features) -> None:
    """A larger picture of the same movement has the same features."""
    x, y = LIFTER.ankle_px
    large = replace(LIFTER, ankle_px=(2 * x + 30, 2 * y - 20), height_px=2 * LIFTER.height_px)
    check_close(features_of(footage_of(large, zoom=2.0)).moving, usual.moving, atol=0.05)


def test_the_first_guess_follows_the_tuck(usual: Features) -> None:
    """Flat while standing, near the tuck at the bottom, 0 without any standing."""
    guess = usual.first_guess_deg(STANDING)
    np.testing.assert_allclose(guess[STANDING], 0.0, atol=1.0)
    bottom = np.abs(TIMES_S - 1.4).argmin()
    assert guess[bottom] == pytest.approx(15.0, abs=4.0)
    rigid = features_of(footage_of(replace(LIFTER, tuck_deg=0.0))).first_guess_deg(STANDING)
    assert np.abs(rigid).max() < 5.0
    np.testing.assert_array_equal(usual.first_guess_deg(STANDING & ~STANDING), 0.0)


@pytest.mark.parametrize("point", [10, 12, 14])
def test_one_point_of_the_outline_does_not_move_the_first_guess(
    usual: Features, point: int
) -> None:
    """An arm that touches the back at the bottom shifts the outline there by a hand's width."""
    footage = footage_of(LIFTER)
    back_px = footage.back_px.copy()
    back_px[TIMES_S > 1.0, point, 0] -= 0.1 * leg_length_px(footage.track)
    guess = features_of(replace(footage, back_px=back_px)).first_guess_deg(STANDING)
    np.testing.assert_allclose(guess, usual.first_guess_deg(STANDING), atol=3.0)


def test_against_standing(usual: Features) -> None:
    """Now, less standing, standing, and what is fixed stand side by side."""
    laid = usual.against(STANDING)
    n = usual.moving.shape[1]
    assert laid.shape == (len(TIMES_S), 3 * n + 17 + len(usual.fixed))
    np.testing.assert_array_equal(laid[:, :n], usual.moving)
    np.testing.assert_allclose(laid[:, :n] - laid[:, 2 * n : 3 * n], laid[:, n : 2 * n])
    change = laid[STANDING, n : 2 * n]
    known = np.isfinite(change).any(axis=0)
    assert np.abs(np.nanmedian(change[:, known], axis=0)).max() < 1e-9


def on_the_ground(features: Features) -> NDArray[np.float64]:
    """Return drift of the feet (12), angles by the law of cosines (3), lengths (2)."""
    end = -len(features.fixed)
    return features.against(STANDING)[:, end - 17 : end]


def test_feet_that_stay_have_no_drift_and_agree_with_the_knee(usual: Features) -> None:
    """Without errors the law of cosines finds the knee where the landmarks have it."""
    ground = on_the_ground(usual)
    assert np.nanmax(np.abs(ground[:, :12])) < 0.02
    assert np.nanmedian(np.abs(30.0 * ground[:, 12:15])) < 1.0
    np.testing.assert_allclose(ground[:, 15:], 1.0, atol=0.03)


def test_an_ankle_that_slips_is_seen_and_leaves_the_knee_alone(usual: Features) -> None:
    """A landmark that drifts off while the lifter is deep shows as drift of the foot."""
    feet, legs = usual.feet.copy(), usual.legs.copy()
    deep = ~STANDING
    feet[deep, 0, 0] += 0.2
    legs[deep, 2, 0] += 0.2
    slipped = on_the_ground(replace(usual, feet=feet, legs=legs))
    np.testing.assert_allclose(slipped[deep, 0] - on_the_ground(usual)[deep, 0], 0.2, atol=1e-9)
    # Hip and knee are where they were, and the ankle is taken from standing.
    np.testing.assert_allclose(slipped[deep, 12:15], on_the_ground(usual)[deep, 12:15], atol=1e-9)
    assert usual.feet is not feet


def test_a_lost_lifter_is_a_gap() -> None:
    """Frames without the lifter are NaN in what comes of joints and rays; others are not."""
    footage = footage_of(LIFTER)
    gone = slice(30, 45)
    xy, rays = footage.track.xy_px.copy(), footage.ray_px.copy()
    xy[gone], rays[gone] = np.nan, np.nan
    before = xy.copy()
    holed = replace(footage, track=replace(footage.track, xy_px=xy), ray_px=rays)
    features = features_of(holed)
    assert np.isnan(features.raw_deg["thigh"][gone]).all()
    assert np.isfinite(features.raw_deg["thigh"][: gone.start]).all()
    assert np.isnan(features.moving[gone, int(Landmark.NOSE)]).all()
    np.testing.assert_array_equal(holed.track.xy_px, before)
