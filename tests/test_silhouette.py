"""The shape of the lifter, sampled from masks whose edges are known."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.pose import Landmark
from analysis.silhouette import (
    N_RAYS,
    PATCH_SIDE,
    RAYS,
    Silhouette,
    ray_ends,
    rays_of,
    sample_silhouette,
)
from analysis.view import Side, facing_of
from tests.stick import SIDES, Lifter, squats, swap_sides

Mask = NDArray[np.float32]
Points = NDArray[np.float64]

WIDE, HIGH = 240, 300
BODY_PX = 250.0
STATIONS = np.array(RAYS[0].stations)


def at(*xy: float) -> Points:
    """Make a point."""
    return np.array(xy, dtype=np.float64)


def joints(shoulder: Points, hip: Points) -> Points:
    """Make landmarks of which only trunk matters; the legs hang straight down."""
    points = np.tile(hip, (33, 1))
    points[Landmark.SHOULDER : Landmark.SHOULDER + 2] = shoulder
    points[Landmark.KNEE : Landmark.KNEE + 2] = hip + at(0, 60)
    points[Landmark.ANKLE : Landmark.ANKLE + 2] = hip + at(0, 120)
    return points


def soft(inside_px: Points) -> Mask:
    """Turn a distance inside the edge into a mask with an edge two pixels wide."""
    return np.clip(0.5 + inside_px / 2, 0, 1).astype(np.float32)


def grid() -> tuple[Points, Points]:
    """Return x and y of the middle of every pixel, from the edge of the picture."""
    y, x = np.mgrid[0:HIGH, 0:WIDE] + 0.5
    return x, y


def slab(left: float, right: float) -> Mask:
    """Fill between two upright edges."""
    x, _ = grid()
    return soft(np.minimum(x - left, right - x))


def disc(centre: Points, radius: float) -> Mask:
    """Fill a circle."""
    x, y = grid()
    return soft(radius - np.hypot(x - centre[0], y - centre[1]))


def sampled(
    mask: Mask, shoulder: Points, hip: Points, *, facing: float = 1.0, body_px: float = BODY_PX
) -> Silhouette:
    """Sample a made-up mask."""
    return sample_silhouette(mask, joints(shoulder, hip), facing=facing, body_px=body_px)


@pytest.mark.parametrize("edge", [61.0, 61.25, 61.5, 61.9])
def test_straight_back(edge: float) -> None:
    """An upright back and front are found to a tenth of a pixel, at every station."""
    shape = sampled(slab(edge, 180), at(120, 60), at(120, 200))
    np.testing.assert_allclose(shape.back_px[:, 0], edge, atol=0.1)
    np.testing.assert_allclose(shape.back_px[:, 1], 60 + 140 * STATIONS, atol=1e-4)
    np.testing.assert_allclose(shape.ray_px[rays_of("back")], 120 - edge, atol=0.1)
    np.testing.assert_allclose(shape.ray_px[rays_of("front")], 60, atol=0.1)


@pytest.mark.parametrize("lean_deg", [-15, 0, 30, 50])
def test_round_back(lean_deg: float) -> None:
    """On a circle every point lies on the circle, behind the line of the trunk."""
    centre, radius = at(120.3, 150.7), 70.0
    along = at(-np.sin(np.radians(lean_deg)), np.cos(np.radians(lean_deg)))
    back = sampled(disc(centre, radius), centre - 50 * along, centre + 35 * along).back_px
    assert np.isfinite(back).all()
    np.testing.assert_allclose(np.hypot(*(back - centre).T), radius, atol=0.25)
    assert ((back - centre) @ at(along[1], -along[0]) < 0).all()


def test_seat_rays_go_round() -> None:
    """From the middle of a circle all rays of the seat are as long as its radius."""
    centre = at(120.0, 150.0)
    shape = sampled(disc(centre, 50.0), centre - [0, 90], centre)
    np.testing.assert_allclose(shape.ray_px[rays_of("seat")], 50, atol=0.2)


def test_rays_have_names() -> None:
    """The groups follow each other without a hole, and an unknown one is an error."""
    slices = [rays_of(group.name) for group in RAYS]
    assert slices[0].start == 0
    assert slices[-1].stop == N_RAYS
    assert all(a.stop == b.start for a, b in pairwise(slices))
    with pytest.raises(KeyError):
        rays_of("tail")


def test_size_does_not_matter() -> None:
    """A larger picture of the same back gives the same outline, larger."""
    _, x = np.mgrid[0:500, 0:500] + 0.5

    def outline(scale: float) -> Points:
        mask = soft(np.minimum(x - 30 * scale, 90 * scale - x))
        shoulder, hip = at(60, 30) * scale, at(50, 90) * scale
        return sampled(mask, shoulder, hip, body_px=100 * scale).back_px

    np.testing.assert_allclose(outline(3.0), outline(1.0) * 3, atol=0.4)


@pytest.mark.parametrize("side", SIDES)
def test_mirror(side: Side) -> None:
    """The mirrored lifter has the same rays, the same patch and the mirrored outline."""
    lifter = Lifter(ankle_px=(130, 280), height_px=250, side=side, depth=squats([0.0]))
    mask = lifter.mask(0.7, size_px=(WIDE, HIGH), zoom=1.0, offset_px=np.zeros(2))
    points = lifter.xy_px(0.7)
    turn, shift = at(-1, 1), at(WIDE, 0)
    one = sample_silhouette(mask, points, facing=facing_of(side), body_px=BODY_PX)
    mirror = np.ascontiguousarray(mask[:, ::-1])
    swapped = swap_sides(points, axis=0) * turn + shift
    other = sample_silhouette(mirror, swapped, facing=-facing_of(side), body_px=BODY_PX)
    assert np.isfinite(one.ray_px).mean() > 0.8
    np.testing.assert_allclose(other.ray_px, one.ray_px, atol=1e-2)
    np.testing.assert_allclose(other.back_px, one.back_px * turn + shift, atol=1e-2)
    assert np.abs(other.patch.astype(int) - one.patch).max() <= 2
    assert other.top_px == one.top_px


def test_hole_hides_the_stations_behind_it_only() -> None:
    """Where a ray starts outside the lifter nothing is made up; the others are kept."""
    mask = slab(60, 180)
    mask[120:140, 100:150] = 0.0
    back = sampled(mask, at(120, 60), at(120, 200)).back_px
    y = 60 + 140 * STATIONS
    in_hole = (y > 119.5) & (y < 139.5)
    np.testing.assert_array_equal(np.isnan(back[:, 0]), in_hole)
    np.testing.assert_allclose(back[~in_hole, 0], 60, atol=0.1)


@pytest.mark.parametrize(
    ("level", "x"),
    [
        pytest.param(1.0, 40.0, id="cut-by-the-picture"),
        pytest.param(1.0, 200.0, id="no-edge-in-reach"),
        pytest.param(0.0, 120.0, id="empty-mask"),
        pytest.param(1.0, -200.0, id="outside-the-picture"),
    ],
)
def test_nothing_is_made_up(level: float, x: float) -> None:
    """Without an edge of the lifter there is no outline, and no error."""
    mask = np.full((HIGH, WIDE), level, np.float32)
    shape = sampled(mask, at(x, 60), at(x, 200))
    assert np.isnan(shape.back_px).all()
    assert np.isnan(shape.ray_px[rays_of("back")]).all()


def test_picture_edge_is_not_the_back() -> None:
    """A lifter cut off by the left edge has no outline where cut off."""
    x, y = grid()
    mask = soft(np.minimum(x - (150 - y), 180 - x))  # a slanting back that leaves the picture
    back = sampled(mask, at(80, 60), at(80, 220)).back_px
    rows = 60 + 160 * STATIONS
    known = np.isfinite(back[:, 0])
    np.testing.assert_array_equal(known, (rows > 70.5) & (rows < 149))


def test_patch_shows_the_hips_looking_right() -> None:
    """What is in front of the hips lies on the right of the patch, whichever way one looks."""
    mask = np.zeros((HIGH, WIDE), np.float32)
    mask[150:200, 120:] = 1.0
    for facing, front in ((1.0, slice(20, None)), (-1.0, slice(None, 20))):
        patch = sampled(mask, at(120, 60), at(120, 175), facing=facing).patch
        assert patch.shape == (PATCH_SIDE, PATCH_SIDE)
        assert patch.dtype == np.uint8
        assert patch[18:22, front].mean() > 200
        assert patch.sum() == patch[:, front].sum()


def test_top_of_the_silhouette() -> None:
    """The first row of the lifter; a stray pixel above does not count."""
    mask = np.zeros((HIGH, WIDE), np.float32)
    assert np.isnan(sampled(mask, at(120, 60), at(120, 200)).top_px)
    mask[80:250, 100:150] = 1.0
    mask[20, 30:32] = 1.0
    assert sampled(mask, at(120, 60), at(120, 200)).top_px == 80


def test_frame_without_the_lifter() -> None:
    """It has the shapes of any other and nothing in them."""
    empty, full = Silhouette.empty(), sampled(slab(60, 180), at(120, 60), at(120, 200))
    for name in ("ray_px", "back_px", "patch"):
        assert getattr(empty, name).shape == getattr(full, name).shape
    assert np.isnan(empty.ray_px).all()
    assert np.isnan(empty.back_px).all()
    assert not empty.patch.any()


@pytest.mark.parametrize("facing", [1.0, -1.0])
def test_ray_ends_are_the_outline_that_was_sampled(facing: float) -> None:
    """Laid again over two frames from their lengths, the rays end where they did."""
    shoulder, hip = at(120, 60), at(110, 160)
    shape = sampled(slab(80, 160), shoulder, hip, facing=facing)
    points = np.stack([joints(shoulder, hip)] * 2)
    before = points.copy()
    ends = ray_ends(points, np.stack([shape.ray_px] * 2), facing=facing)
    assert ends.shape == (2, N_RAYS, 2)
    np.testing.assert_allclose(ends[1, rays_of("back")], shape.back_px, atol=1e-9)
    np.testing.assert_array_equal(np.isnan(ends[0, :, 0]), np.isnan(shape.ray_px))
    np.testing.assert_array_equal(points, before)


def test_input_is_not_changed() -> None:
    """Mask and joints are only read."""
    mask, points = slab(60, 180), joints(at(120, 60), at(120, 200))
    copies = mask.copy(), points.copy()
    sample_silhouette(mask, points, facing=-1.0, body_px=BODY_PX)
    np.testing.assert_array_equal(mask, copies[0])
    np.testing.assert_array_equal(points, copies[1])
