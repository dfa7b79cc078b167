"""Drawing: what is drawn where, and that nothing is drawn for a missing point."""

import numpy as np
import pytest

from analysis import draw

NAN = np.full(2, np.nan)


def lifter(*, mirror: bool = False) -> dict[str, draw.Points]:
    """Joints of a lifter who stands in a picture of 400 x 600 and faces right."""
    points = {
        "shoulder": (180.0, 150.0),
        "hip": (180.0, 300.0),
        "knee": (190.0, 420.0),
        "ankle": (180.0, 540.0),
        "heel": (165.0, 560.0),
        "toe": (240.0, 560.0),
    }
    return {name: np.array([400 - x if mirror else x, y]) for name, (x, y) in points.items()}


def picture(shade: int = 128) -> draw.RgbPicture:
    """Plain picture of one shade."""
    return np.full((600, 400, 3), shade, np.uint8)


def test_input_is_not_changed() -> None:
    """A new picture of the same shape comes back."""
    rgb = picture()
    back = np.array([[160.0, 150.0], [155.0, 300.0]])
    drawn = draw.annotate(rgb, lifter(), back, ["1.00 s"], flagged=True, tilt_deg=10.0)
    assert (rgb == 128).all()
    assert drawn.shape == rgb.shape
    assert drawn.dtype == np.uint8
    assert (drawn != rgb).any()


def test_nothing_known_draws_nothing() -> None:
    """Missing joints, a missing back and no text leave the picture as it was."""
    rgb = picture()
    drawn = draw.annotate(rgb, dict.fromkeys(lifter(), NAN), np.full((24, 2), np.nan))
    assert np.array_equal(drawn, rgb)
    assert np.array_equal(draw.annotate(rgb, {}, np.zeros((0, 2))), rgb)


def test_missing_joint_drops_its_lines_only() -> None:
    """Without a knee the trunk is still drawn, and no line runs to a corner."""
    joints = lifter() | {"knee": NAN}
    drawn = draw.annotate(picture(), joints, np.zeros((0, 2)))
    assert (drawn[225, 170:190] != 128).any()
    assert (drawn[360] == 128).all()
    assert (drawn[:100, :100] == 128).all()


@pytest.mark.parametrize("shade", [pytest.param(0, id="dark"), pytest.param(255, id="light")])
def test_legible_on_dark_and_light(shade: int) -> None:
    """Every line has a light core and a dark rim, so that one of them stands out."""
    drawn = draw.annotate(picture(shade), lifter(), np.zeros((0, 2)))
    row = drawn[225, 160:200].astype(int).sum(axis=1)
    contrast = abs(row - 3 * shade).max()
    assert contrast > 500


def test_accent_only_when_flagged() -> None:
    """The orange stands for the wink and nothing else."""
    back = np.array([[100.0, 150.0], [100.0, 300.0]])
    plain = draw.annotate(picture(), lifter(), back, tilt_deg=5.0)
    flagged = draw.annotate(picture(), lifter(), back, tilt_deg=5.0, flagged=True)
    assert tuple(flagged[225, 100]) == draw.ACCENT
    assert not (plain == np.array(draw.ACCENT)).all(axis=-1).any()


def test_gap_in_the_back_stays_a_gap() -> None:
    """A missing stretch of the outline is not bridged."""
    back = np.array([[100.0, 100.0], [100.0, 200.0], [np.nan] * 2, [100.0, 300.0], [100.0, 400.0]])
    drawn = draw.annotate(picture(), {}, back)
    assert (drawn[150, 95:106] != 128).any()
    assert (drawn[250, 95:106] == 128).all()
    assert (drawn[350, 95:106] != 128).any()


def _rim_slope(drawn: draw.RgbPicture) -> float:
    """How much lower the rim of the accent bowl lies on its right than on its left."""
    rows, columns = np.nonzero((drawn == np.array(draw.ACCENT)).all(axis=-1))
    left, right = columns < np.percentile(columns, 15), columns > np.percentile(columns, 85)
    return float(rows[right].min() - rows[left].min())


@pytest.mark.parametrize(
    ("mirror", "sign"), [pytest.param(False, -1, id="right"), pytest.param(True, +1, id="left")]
)
def test_tuck_tips_the_lower_bowl_to_the_back(mirror: bool, sign: int) -> None:
    """A tuck raises the front of the pelvis and lowers its back, whichever way one faces."""
    none = np.zeros((0, 2))
    drawn = draw.annotate(picture(), lifter(mirror=mirror), none, flagged=True, tilt_deg=25.0)
    assert np.sign(_rim_slope(drawn)) == sign
    level = draw.annotate(picture(), lifter(mirror=mirror), none, flagged=True, tilt_deg=0.0)
    assert abs(_rim_slope(level)) <= 2


def test_crop_holds_all_points_with_room() -> None:
    """The box contains the points, lies in the picture, and is not too tall."""
    points = np.array([[200.0, 200.0], [260.0, 700.0], [np.nan, 5.0]])
    x0, y0, x1, y1 = draw.crop_box(points, (540, 960))
    assert 0 <= x0 < 200
    assert 260 < x1 <= 540
    assert 0 <= y0 < 200
    assert 700 < y1 <= 960
    assert (y1 - y0) / (x1 - x0) <= 1.26


def test_crop_without_points_is_the_whole_picture() -> None:
    """Nothing known, nothing cut away."""
    assert draw.crop_box(np.full((3, 2), np.nan), (540, 960)) == (0, 0, 540, 960)


def test_crop_slides_back_into_the_picture() -> None:
    """A lifter at the edge keeps the width of the box."""
    x0, _, x1, _ = draw.crop_box(np.array([[5.0, 100.0], [60.0, 600.0]]), (540, 960))
    assert x0 == 0
    assert x1 > 300


def test_cut_maps_points() -> None:
    """A white pixel is found where the scale says it lies."""
    rgb = np.zeros((100, 200, 3), np.uint8)
    rgb[40:44, 60:64] = 255
    part, scale = draw.cut(rgb, (50, 30, 150, 90), width_px=300)
    assert part.shape == (180, 300, 3)
    assert scale == pytest.approx(3.0)
    x, y = (np.array([62.0, 42.0]) - [50, 30]) * scale
    assert part[round(y), round(x)].min() > 200


def test_people_are_marked_apart() -> None:
    """The measured person has the stronger frame; unknown boxes are skipped."""
    boxes = np.array([[50.0, 100, 150, 500], [220, 100, 350, 500], [np.nan] * 4])
    rgb = picture()
    drawn = draw.mark_people(rgb, boxes, 1)
    assert (rgb == 128).all()
    first = (drawn[300, 40:60] != 128).any(axis=-1).sum()
    second = (drawn[300, 210:230] != 128).any(axis=-1).sum()
    assert 0 < first < second


def test_encodings() -> None:
    """JPEG and PNG start as they should."""
    assert draw.to_jpeg(picture()).startswith(b"\xff\xd8")
    assert draw.to_png(picture()).startswith(b"\x89PNG")


@pytest.mark.parametrize("shade", [pytest.param(0, id="dark"), pytest.param(255, id="light")])
def test_text_stands_on_a_dark_ground(shade: int) -> None:
    """White letters are read on a white wall too; text over the edge is cut off."""
    drawn = draw.annotate(picture(shade), {}, np.zeros((0, 2)), ["1.00 s", "x" * 200])
    corner = drawn[:100, :100].astype(int).sum(axis=-1)
    assert corner.max() > 700
    assert corner[30:50, 20:60].min() < 350


def test_caption_stands_below_the_picture() -> None:
    """The picture stays as it was, and long lines are wrapped rather than cut off."""
    rgb = picture()
    short = draw.with_caption(rgb, ["A verdict."])
    long = draw.with_caption(rgb, ["A verdict that takes far more words than one line holds. " * 3])
    assert np.array_equal(short[:600], rgb)
    assert short.shape[1] == long.shape[1] == 400
    assert long.shape[0] > short.shape[0] > 620
    assert (long[600:, -3:] < 40).all()
    assert long[600:].max() > 200
