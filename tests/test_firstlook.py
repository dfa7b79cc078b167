"""The first look: early, in the words of the film check, and never more than was seen."""

import json
from base64 import b64decode
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from analysis.firstlook import FirstLook, FirstLooker, write_first_look
from analysis.tracking import scout
from analysis.video import FilmReader
from tests.clips import Picture, write_clip
from tests.stick import Lifter, StickModel, squats, write_film

LIFTER = Lifter(depth=squats([1.0]))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a film of four seconds."""
    return write_film(tmp_path_factory.mktemp("film") / "a.mp4", duration_s=4.0)


def looks_at(film: Path, *lifters: Lifter) -> list[FirstLook]:
    """Return all that is told of a film on the way."""
    told: list[FirstLook] = []
    looker = FirstLooker(told.append)
    with FilmReader(film) as reader:
        looker.opened(reader)
        scout(reader, StickModel(lifters=lifters), on_look=looker.looked)
    return told


def ids(look: FirstLook) -> set[str]:
    """Name what a first look finds wrong."""
    return {note.id for note in look.notes}


def test_picture_comes_before_any_look(film: Path) -> None:
    """The first word needs no pose model, and holds the first picture, upright."""
    first, *later = looks_at(film, LIFTER)
    assert (first.seen_s, first.people, first.view) == (0.0, 0, None)
    assert first.picture.shape == (360, 393, 3)
    assert first.meta.fps == pytest.approx(30)
    assert first.notes == ()
    assert len(later) == 4
    assert [look.seen_s for look in later] == sorted(look.seen_s for look in later)


def test_a_lifter_from_the_side_is_in_order(film: Path) -> None:
    """One person, side-on, nothing to mend."""
    last = looks_at(film, LIFTER)[-1]
    assert (last.people, last.view, last.notes) == (1, "good", ())


def test_wrong_view_is_told_but_not_in_the_first_second(film: Path) -> None:
    """Who has just started the phone walks away from it, back or front to the camera."""
    looks = looks_at(film, replace(LIFTER, yaw_deg=88.0))
    assert [look.view for look in looks[:2]] == [None, None]
    assert looks[-1].view == "unusable"
    assert "front_view" in ids(looks[-1])
    assert "front_view" not in ids(looks[1])


@pytest.mark.parametrize(
    ("lifters", "expected"),
    [
        pytest.param([replace(LIFTER, ankle_px=(240, 438))], {"feet_cut"}, id="feet"),
        pytest.param([replace(LIFTER, height_px=150.0)], {"small"}, id="small"),
        pytest.param(
            [replace(LIFTER, ankle_px=(130, 400)), replace(LIFTER, ankle_px=(380, 400))],
            {"others"},
            id="two",
        ),
    ],
)
def test_faults_are_told_early(film: Path, lifters: list[Lifter], expected: set[str]) -> None:
    """What can be mended before the next set is told while the film is still looked at."""
    assert ids(looks_at(film, *lifters)[1]) == expected


def test_dark_film_is_told_at_once(tmp_path: Path) -> None:
    """Light needs no lifter."""

    def night(index: int, *, width_px: int, height_px: int) -> Picture:
        return np.full((height_px, width_px, 3), 20, np.uint8)

    told: list[FirstLook] = []
    with FilmReader(write_clip(tmp_path / "a.mp4", paint=night)) as reader:
        FirstLooker(told.append).opened(reader)
    assert ids(told[0]) == {"dark"}


def test_file_is_replaced_as_a_whole(film: Path, tmp_path: Path) -> None:
    """The file is JSON without NaN, holds a JPEG, and nothing is left beside it."""
    path = tmp_path / "first.json"
    for look in looks_at(film, LIFTER)[:2]:
        write_first_look(replace(look, meta=replace(look.meta, duration_s=float("nan"))), path)
        content = json.loads(path.read_text())
        assert content["clip"]["duration_s"] is None
        picture = cv2.imdecode(np.frombuffer(b64decode(content["picture_jpeg"]), np.uint8), 1)
        assert picture.shape == look.picture.shape
    assert content["seen_s"] == pytest.approx(0.67, abs=0.01)
    assert [p.name for p in tmp_path.iterdir()] == ["first.json"]
