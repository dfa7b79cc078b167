"""What the person mask of one frame says about the shape of the lifter.

Rays go out from the lines between the joints; where a ray leaves the mask is
skin or cloth. They are laid out by a table, so that the whole set of a frame is
one sampling of the mask. Beside them a small upright picture of the mask around
the hips is kept. Both are mirrored to a lifter who looks to the right.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.pose import Landmark

Points = NDArray[np.float64]

# Samples along a ray, and where the mask is taken to end.
_SAMPLES = 72
_EDGE = 0.5
# What a sample outside the picture says: so low that even one a thirtieth of a
# pixel over the edge is not taken for the edge of the lifter.
_BEYOND = -1000.0
# Middle of the first pixel, counted from the edge of the picture.
_MIDDLE_PX = 0.5
# The picture of the mask: pixels a side, and its side over the body's length.
PATCH_SIDE = 40
_PATCH_SPAN = 0.85
# A row of the mask that is narrower than this is a stray.
_LEAST_WIDTH_PX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RayGroup:
    """Rays that start on the line between two joints.

    Attributes
    ----------
    name : str
    start, end : Landmark
        The line; left and right joints are averaged.
    stations : tuple of float
        Where on the line the rays start: 0 at `start`, 1 at `end`.
    turn_deg : tuple of float or float
        Direction. A single number is taken against the line: +90 square to it
        on the left when walking from start to end with the lifter looking
        right. A tuple holds one direction in the picture for each ray: 0
        straight back, positive downward.
    reach : float
        Length of the rays over the body's length.
    """

    name: str
    start: Landmark
    end: Landmark
    stations: tuple[float, ...]
    turn_deg: float | tuple[float, ...]
    reach: float


def _spread(first: float, last: float, count: int) -> tuple[float, ...]:
    return tuple(np.linspace(first, last, count).tolist())


# Walking down from shoulder to hip with the lifter looking right (y down), -90
# points back and +90 forward.
RAYS = (
    RayGroup(
        name="back",
        start=Landmark.SHOULDER,
        end=Landmark.HIP,
        stations=_spread(-0.10, 1.35, 30),
        turn_deg=-90.0,
        reach=0.40,
    ),
    RayGroup(
        name="front",
        start=Landmark.SHOULDER,
        end=Landmark.HIP,
        stations=_spread(0.0, 1.0, 10),
        turn_deg=90.0,
        reach=0.35,
    ),
    RayGroup(
        name="seat",
        start=Landmark.HIP,
        end=Landmark.KNEE,
        stations=(0.0,) * 24,
        turn_deg=_spread(-80.0, 110.0, 24),
        reach=0.40,
    ),
    RayGroup(
        name="thigh_over",
        start=Landmark.HIP,
        end=Landmark.KNEE,
        stations=_spread(0.2, 1.1, 7),
        turn_deg=90.0,
        reach=0.25,
    ),
    RayGroup(
        name="thigh_under",
        start=Landmark.HIP,
        end=Landmark.KNEE,
        stations=_spread(0.2, 1.1, 7),
        turn_deg=-90.0,
        reach=0.25,
    ),
    RayGroup(
        name="shank_front",
        start=Landmark.KNEE,
        end=Landmark.ANKLE,
        stations=_spread(-0.1, 1.0, 7),
        turn_deg=90.0,
        reach=0.20,
    ),
    RayGroup(
        name="shank_back",
        start=Landmark.KNEE,
        end=Landmark.ANKLE,
        stations=_spread(-0.1, 1.0, 7),
        turn_deg=-90.0,
        reach=0.20,
    ),
    RayGroup(
        name="toes",
        start=Landmark.ANKLE,
        end=Landmark.TOE,
        stations=_spread(0.2, 0.8, 5),
        turn_deg=(180.0,) * 5,
        reach=0.25,
    ),
    RayGroup(
        name="heel",
        start=Landmark.ANKLE,
        end=Landmark.HEEL,
        stations=_spread(0.2, 0.8, 3),
        turn_deg=(0.0,) * 3,
        reach=0.20,
    ),
)
N_RAYS = sum(len(group.stations) for group in RAYS)
_REACH = np.concatenate([np.full(len(group.stations), group.reach) for group in RAYS])


def rays_of(name: str) -> slice:
    """Return where the rays of a group stand among all."""
    begin = 0
    for group in RAYS:
        end = begin + len(group.stations)
        if group.name == name:
            return slice(begin, end)
        begin = end
    raise KeyError(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silhouette:
    """The shape of the lifter in one frame, in pixels of the mask.

    Attributes
    ----------
    ray_px : ndarray, shape (100,)
        How far each ray of :data:`RAYS` runs inside the mask; NaN where it
        starts outside or does not leave the mask inside the picture.
    back_px : ndarray, shape (30, 2)
        Ends of the rays of the group "back": the outline of the back.
    patch : ndarray of uint8, shape (40, 40)
        The mask around the hips, upright, the lifter looking right.
    top_px : float
        Row of the upper end of the lifter and of what is held up there.
    """

    ray_px: NDArray[np.float64]
    back_px: Points
    patch: NDArray[np.uint8]
    top_px: float

    @classmethod
    def empty(cls) -> "Silhouette":
        """Return the silhouette of a frame without the lifter."""
        return cls(
            ray_px=np.full(N_RAYS, np.nan),
            back_px=np.full((len(RAYS[0].stations), 2), np.nan),
            patch=np.zeros((PATCH_SIDE, PATCH_SIDE), np.uint8),
            top_px=float("nan"),
        )


def sample_silhouette(
    mask: NDArray[np.float32], joints_px: Points, *, facing: float, body_px: float
) -> Silhouette:
    """Sample the mask of one frame.

    Parameters
    ----------
    mask : ndarray of float32, shape (H, W)
        How sure each pixel belongs to the lifter, 0 to 1.
    joints_px : ndarray, shape (33, 2)
        Landmarks in pixels of the mask, x right, y down, counted from the edge of
        the picture as the pose model does: the first pixel lies from 0 to 1.
    facing : float
        +1 lifter looks right, -1 left.
    body_px : float
        Length of the body in pixels of the mask, one number for the film.

    Returns
    -------
    Silhouette
    """
    # Sampling counts from the middle of the first pixel. Left out, a mirrored film
    # gives another outline, by a degree or two of flexion in a small picture.
    middles = _middles(joints_px - _MIDDLE_PX)
    starts, directions = _lay_rays(middles, facing=facing)
    distance = _exits(mask, starts, directions, _REACH * body_px)
    ends = starts + distance[:, None] * directions
    rows = np.flatnonzero((mask > _EDGE).sum(axis=1) >= _LEAST_WIDTH_PX)
    return Silhouette(
        ray_px=distance,
        back_px=ends[rays_of("back")] + _MIDDLE_PX,
        patch=_patch(mask, middles[Landmark.HIP], facing=facing, body_px=body_px),
        top_px=float(rows[0]) if len(rows) else float("nan"),
    )


def ray_ends(xy_px: Points, ray_px: NDArray[np.float64], *, facing: float) -> NDArray[np.float64]:
    """Say where the rays leave the lifter: points of the outline.

    Parameters
    ----------
    xy_px : ndarray, shape (T, 33, 2)
        Landmarks that the rays were laid from, pixels, y down.
    ray_px : ndarray, shape (T, 100)
        Lengths of the rays, in the same pixels; NaN = missing.
    facing : float
        +1 lifter looks right, -1 left.

    Returns
    -------
    ndarray, shape (T, 100, 2)
    """
    starts, directions = _lay_rays(_middles(xy_px), facing=facing)
    return np.asarray(starts + ray_px[..., None] * directions)


def _middles(xy_px: Points) -> dict[Landmark, Points]:
    return {i: xy_px[..., i : i + 2, :].mean(axis=-2) for i in Landmark if i is not Landmark.NOSE}


def _lay_rays(middles: dict[Landmark, Points], *, facing: float) -> tuple[Points, Points]:
    """Return where the rays start and which way they go, each of shape (..., 100, 2)."""
    starts, directions = [], []
    for group in RAYS:
        begin = middles[group.start][..., None, :]
        line = middles[group.end][..., None, :] - begin
        stations = np.array(group.stations)[:, None]
        starts.append(begin + stations * line)
        if isinstance(group.turn_deg, tuple):
            turn = np.radians(group.turn_deg)
            way = np.stack([-facing * np.cos(turn), np.sin(turn)], axis=1)
        else:
            unit = line / np.maximum(np.linalg.norm(line, axis=-1, keepdims=True), 1e-6)
            across = np.stack([unit[..., 1], -unit[..., 0]], axis=-1)
            way = across * facing * np.sign(group.turn_deg)
        directions.append(np.broadcast_to(way, starts[-1].shape))
    return np.concatenate(starts, axis=-2), np.concatenate(directions, axis=-2)


def _exits(
    mask: NDArray[np.float32], starts: Points, directions: Points, reach: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how far along each ray the mask ends, between samples; NaN if it does not."""
    steps = np.linspace(0.0, 1.0, _SAMPLES)
    rays = starts[:, None] + (reach[:, None] * steps)[..., None] * directions[:, None]
    levels = np.asarray(
        cv2.remap(
            mask,
            rays[..., 0].astype(np.float32),
            rays[..., 1].astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=_BEYOND,
        ),
        dtype=np.float32,
    )
    outside = levels < _EDGE
    exits = outside.argmax(axis=1)
    rows = np.arange(len(levels))
    after, before = levels[rows, exits], levels[rows, np.maximum(exits - 1, 0)]
    # A level under 0 is the edge of the picture and not of the lifter.
    valid = (exits > 0) & outside.any(axis=1) & (after >= 0)
    share = np.where(valid, (before - _EDGE) / np.maximum(before - after, 1e-6), np.nan)
    return np.asarray(reach * (steps[np.maximum(exits - 1, 0)] + share * steps[1]))


def _patch(
    mask: NDArray[np.float32], hip_px: Points, *, facing: float, body_px: float
) -> NDArray[np.uint8]:
    step = _PATCH_SPAN * body_px / PATCH_SIDE
    half = (PATCH_SIDE - 1) / 2
    # Output pixel (u, v) looks at hip + step * (facing * (u - half), v - half).
    look = np.array(
        [
            [facing * step, 0.0, hip_px[0] - facing * step * half],
            [0.0, step, hip_px[1] - step * half],
        ]
    )
    patch = cv2.warpAffine(
        mask,
        look,
        (PATCH_SIDE, PATCH_SIDE),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0.0,
    )
    return np.asarray(np.clip(patch * 255.0, 0, 255), dtype=np.uint8)
