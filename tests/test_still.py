"""A squat still through the real model: the sample's bottom, alone and with standing beside it."""

from pathlib import Path

import numpy as np
import pytest

from analysis.errors import NothingUsableError
from analysis.estimator import load_estimator
from analysis.photo import Photo
from analysis.pose import MediaPipeModel
from analysis.snapshot import Seen, find_lifter
from analysis.still import Still, measure_still
from tests.photos import SAMPLE_TRUTH, Picture, from_sample

pytestmark = pytest.mark.model


def as_photo(picture: Picture, *, zoom: int = 1) -> Photo:
    """Make a photo, as if the phone had written it `zoom` times as large."""
    high, wide = picture.shape[:2]
    return Photo(picture=picture, width_px=zoom * wide, height_px=zoom * high)


@pytest.fixture(scope="module")
def model(pose_model: Path) -> MediaPipeModel:
    """Open the real model."""
    return MediaPipeModel(pose_model)


@pytest.fixture(scope="module")
def bottom(model: MediaPipeModel) -> Seen:
    """Find the sample's lifter at the bottom."""
    return find_lifter(as_photo(from_sample(deepest=True)), model)


@pytest.fixture(scope="module")
def standing(model: MediaPipeModel) -> Seen:
    """Find the sample's lifter standing, in a photo of half the size."""
    picture = np.ascontiguousarray(from_sample(deepest=False)[::2, ::2])
    return find_lifter(as_photo(picture), model)


@pytest.fixture(scope="module")
def both(model: MediaPipeModel, bottom: Seen, standing: Seen) -> Still:
    """Measure the bottom against standing."""
    return measure_still(bottom, model, load_estimator(), standing=standing, height_cm=172.0)


def test_depth_ankle_and_trunk_of_one_still(model: MediaPipeModel, bottom: Seen) -> None:
    """Without standing: angles within 8 degrees, no change of the back, no heel."""
    found = measure_still(bottom, model, load_estimator(), height_cm=172.0)
    assert found.thigh_deg == pytest.approx(SAMPLE_TRUTH["thigh_deg"], abs=8)
    assert found.ankle_deg == pytest.approx(SAMPLE_TRUTH["ankle_deg"], abs=8)
    assert found.trunk_deg == pytest.approx(SAMPLE_TRUTH["trunk_deg"], abs=8)
    assert np.isnan(found.lumbar_change_deg)
    assert found.heel_up is None
    assert found.scale.source == "height"
    assert found.standing_unused == ""


def test_with_standing_the_change_of_the_back_is_given(both: Still) -> None:
    """Of another size, the standing photo is brought to that of the squat."""
    assert both.lumbar_change_deg == pytest.approx(SAMPLE_TRUTH["lumbar_deg"], abs=8)
    assert both.lumbar_change_sd_deg > 0
    assert both.thigh_deg == pytest.approx(SAMPLE_TRUTH["thigh_deg"], abs=6)
    assert both.heel_up is False


def test_points_are_those_of_the_photo_as_it_was_taken(
    model: MediaPipeModel, bottom: Seen, both: Still
) -> None:
    """A photo four times as large has points four times as far out."""
    large = Seen(photo=as_photo(bottom.photo.picture, zoom=4), scene=bottom.scene)
    found = measure_still(large, model, load_estimator(), height_cm=172.0)
    assert np.array(found.points.knee) / 4 == pytest.approx(np.array(both.points.knee), abs=3)
    assert found.scale.cm_per_px * 4 == pytest.approx(both.scale.cm_per_px, rel=0.15)


def test_the_other_side_is_not_compared(
    model: MediaPipeModel, bottom: Seen, standing: Seen
) -> None:
    """A standing photo from the other side is told and left out."""
    picture = np.ascontiguousarray(standing.photo.picture[:, ::-1])
    other = find_lifter(as_photo(picture), model)
    found = measure_still(bottom, model, load_estimator(), standing=other)
    assert "other side" in found.standing_unused
    assert np.isnan(found.lumbar_change_deg)


def test_who_stands_does_not_squat(model: MediaPipeModel, standing: Seen) -> None:
    """A photo of standing is no still of a squat."""
    with pytest.raises(NothingUsableError) as caught:
        measure_still(standing, model, load_estimator())
    assert caught.value.reason == "no_squat"
