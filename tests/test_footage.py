"""The pass over the film: what is taken from the frames as they go by."""

from pathlib import Path

import numpy as np
import pytest

from analysis import footage
from analysis.footage import take_footage
from analysis.tracking import scout
from analysis.video import FilmReader
from analysis.view import Side, side_of_track
from tests.stick import SIDES, Lifter, StickModel, squats, track_of, write_film


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a film of two seconds and a half."""
    return write_film(tmp_path_factory.mktemp("film") / "a.mp4", duration_s=2.5)


@pytest.mark.parametrize("side", SIDES)
def test_all_frames_tell_the_side(side: Side) -> None:
    """Feet and nose point forward, in every frame but those without the lifter."""
    lifter = Lifter(side=side, is_there=lambda t: t < 0.5)
    assert side_of_track(track_of(lifter, np.arange(0, 1, 0.1))) == side


@pytest.mark.parametrize("side", SIDES)
def test_a_side_mistaken_at_first_is_set_right(
    film: Path, side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outline of the back is looked for behind the lifter, not where a few looks say."""
    wrong = SIDES[1 - SIDES.index(side)]
    monkeypatch.setattr(footage, "side_of", lambda sightings: wrong)
    lifter = Lifter(side=side, depth=squats([0.3], down_s=0.8, up_s=0.8))
    model = StickModel(lifters=[lifter])
    with FilmReader(film) as reader:
        taken = take_footage(reader, model, scout(reader, model))
    assert taken.side == side
    hip_x = taken.track.xy_px[:, 23:25, 0].mean(axis=1)
    # The point level with the hips; higher up a leaning back is in front of them.
    behind = (taken.back_px[:, 22, 0] - hip_x) * (1 if side == "left" else -1)
    assert (behind > 0).mean() > 0.9
