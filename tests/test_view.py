"""From where the camera looks: side, turn with sign, front views refused, tilt."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.angles import leg_length_px
from analysis.people import Sighting
from analysis.pose import PoseTrack
from analysis.view import (
    Side,
    View,
    camera_roll_deg,
    edge_tilts,
    facing_of,
    judge_view,
    side_of,
    side_on,
)
from tests.stick import SIDES, Lifter, mirrored, squats, track_of

TIMES_S = np.arange(0, 4, 1 / 30)
SQUAT = squats([1.0])


def track(**lifter: object) -> PoseTrack:
    """Film a lifter who squats once."""
    return track_of(Lifter(depth=SQUAT, **lifter), TIMES_S)  # type: ignore[arg-type]


def sightings_of(film: PoseTrack) -> list[Sighting]:
    """Look at a film three times a second."""
    return [
        Sighting(time_s=t, xy_px=xy, visibility=v)
        for t, xy, v in zip(film.time_s, film.xy_px, film.visibility, strict=True)
    ][::10]


def judged(film: PoseTrack, *, side: Side, roll_deg: float = np.nan) -> View:
    """Judge a film as the pipeline does."""
    usable = side_on(film, side=side, leg_px=leg_length_px(film))
    return judge_view(film, side=side, usable=usable, roll_deg=roll_deg)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("yaw_deg", [-40, 0, 40])
def test_side(side: Side, yaw_deg: float) -> None:
    """The side that the camera sees; who looks right shows the right one."""
    assert side_of(sightings_of(track(side=side, yaw_deg=yaw_deg))) == side
    assert facing_of(side) == (1.0 if side == "right" else -1.0)


@pytest.mark.parametrize("side", SIDES)
def test_walking_up_from_the_front_does_not_turn_the_side(side: Side) -> None:
    """Front views before the set add next to nothing to the decision."""
    front = sightings_of(track(side="left" if side == "right" else "right", yaw_deg=88))
    assert side_of(front * 3 + sightings_of(track(side=side))) == side


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("yaw_deg", "use", "word"),
    [
        pytest.param(0, "good", "", id="square"),
        pytest.param(12, "good", "", id="little-front"),
        pytest.param(-12, "good", "", id="little-back"),
        pytest.param(30, "oblique", "front", id="front"),
        pytest.param(-30, "oblique", "back", id="back"),
    ],
)
def test_yaw_has_a_sign(side: Side, yaw_deg: float, use: str, word: str) -> None:
    """Positive is the camera moved toward the lifter's front, on either side."""
    view = judged(track(side=side, yaw_deg=yaw_deg), side=side)
    assert view.yaw_deg == pytest.approx(yaw_deg, abs=1)
    assert view.use == use
    assert word in view.reason
    assert bool(view.reason) == (use != "good")
    assert view.near == (0 if side == "left" else 1)


@pytest.mark.parametrize("yaw_deg", [80, 90, -80])
def test_front_and_back_are_refused(yaw_deg: float) -> None:
    """From the front there is no profile to measure."""
    view = judged(track(yaw_deg=yaw_deg), side="right")
    assert view.use == "unusable"
    assert "front" in view.reason


def test_turning_away_for_a_while_costs_those_frames_only() -> None:
    """Frames seen from the front are marked; a single bad one changes nothing."""
    side_view, front_view = track(), track(yaw_deg=85)
    away = TIMES_S > 2.7
    away[20] = True
    xy = np.where(away[:, None, None], front_view.xy_px, side_view.xy_px)
    film = PoseTrack(
        time_s=TIMES_S,
        xy_px=xy,
        world_m=side_view.world_m,
        visibility=side_view.visibility,
    )
    usable = side_on(film, side="right", leg_px=leg_length_px(film))
    assert usable[TIMES_S < 2.6].all()
    assert not usable[TIMES_S > 2.8].any()
    assert judge_view(film, side="right", usable=usable).use == "good"


def test_lost_frames_are_not_side_on() -> None:
    """A frame without the lifter is no view at all."""
    film = track(is_there=lambda t: not 1.0 < t < 1.5)
    usable = side_on(film, side="right", leg_px=leg_length_px(film))
    np.testing.assert_array_equal(usable, film.found)


def test_nobody_is_unusable() -> None:
    """A film in which the lifter was never found has no view."""
    film = track(is_there=lambda t: False)
    view = judged(film, side="left")
    assert view.use == "unusable"
    assert np.isnan(view.yaw_deg)


def test_mirror_keeps_the_turn() -> None:
    """The mirrored film shows the other side, with the same turn and use."""
    film = track(yaw_deg=25)
    other = mirrored(film, width_px=480)
    assert side_of(sightings_of(other)) == "left"
    one, two = judged(film, side="right"), judged(other, side="left")
    assert two.yaw_deg == pytest.approx(one.yaw_deg)
    assert (two.use, two.reason) == (one.use, one.reason)


def room(roll_deg: float, *, n_posts: int = 5, size_px: int = 400) -> NDArray[np.uint8]:
    """Draw upright posts, leaning to the right by an angle."""
    picture = np.full((size_px, size_px, 3), 200, np.uint8)
    shift = np.tan(np.radians(roll_deg)) * size_px
    for x in np.linspace(60, size_px - 60, n_posts):
        ends = (round(x - shift / 2), size_px), (round(x + shift / 2), 0)
        cv2.line(picture, *ends, (30, 30, 30), 5, cv2.LINE_AA)
    return picture


@pytest.mark.parametrize("roll_deg", [-6, -3, 0, 2, 4.5, 6])
def test_roll_from_drawn_posts(roll_deg: float) -> None:
    """Positive with the picture's verticals leaning to the right."""
    picture = room(roll_deg)
    assert camera_roll_deg(picture) == pytest.approx(roll_deg, abs=0.7)
    mirror = np.ascontiguousarray(picture[:, ::-1])
    assert camera_roll_deg(mirror) == pytest.approx(-roll_deg, abs=0.7)


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(np.full((300, 300, 3), 90, np.uint8), id="bare-wall"),
        pytest.param(room(0, n_posts=1)[:, :200], id="one-post"),
        pytest.param(room(30), id="stairs"),
        pytest.param(np.ascontiguousarray(room(0).transpose(1, 0, 2)), id="level-lines"),
    ],
)
def test_no_roll_without_upright_lines(picture: NDArray[np.uint8]) -> None:
    """Nothing upright in view: nothing is claimed."""
    assert np.isnan(camera_roll_deg(np.ascontiguousarray(picture)))


def test_no_roll_where_lines_disagree() -> None:
    """Lines that lean every way do not make a tilted camera."""
    picture = np.full((400, 400, 3), 200, np.uint8)
    for k, lean in enumerate(np.linspace(-7.5, 7.5, 6)):
        x, shift = 50 + 60 * k, np.tan(np.radians(lean)) * 200
        cv2.line(picture, (round(x - shift), 400), (round(x + shift), 0), (0, 0, 0), 5)
    assert np.isnan(camera_roll_deg(picture))


@pytest.mark.parametrize("roll_deg", [-6, -3, 2, 4.5, 6])
def test_edges_say_the_roll_too(roll_deg: float) -> None:
    """The upright edges of posts lie in the bins of their tilt; a mirror changes the sign."""
    picture = room(roll_deg)
    tilts = edge_tilts(picture)
    upright = tilts[:20]
    at = int(np.argmax(np.abs(upright)))
    assert 0.5 * at + 0.25 == pytest.approx(abs(roll_deg), abs=0.75)
    assert np.sign(upright[at]) == np.sign(roll_deg)
    mirror = edge_tilts(np.ascontiguousarray(picture[:, ::-1]))
    assert mirror == pytest.approx(-tilts, abs=0.02)


def test_edges_of_a_tilted_room_and_of_one_turned_on_its_side_agree() -> None:
    """Level edges are counted as upright ones are, with the same sign."""
    upright = edge_tilts(room(4.0))[:20]
    level = edge_tilts(np.ascontiguousarray(np.rot90(room(4.0))))[20:]
    assert level == pytest.approx(upright, abs=0.05)


def test_a_blank_wall_says_nothing_of_the_roll() -> None:
    """No edges, no tilt."""
    assert not edge_tilts(np.full((200, 300, 3), 128, np.uint8)).any()
