"""From where the camera looks at the lifter.

The side of the body and the turn of the camera away from square are decided
once for a film, from all frames together, so that they never flip.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.people import Sighting
from analysis.pose import Landmark, PoseTrack

Side = Literal["left", "right"]
Use = Literal["good", "oblique", "unusable"]

# Distance of the shoulder joints over the trunk's length (shoulder to hip),
# seen from the front: 0.259 H against 0.288 H less the part above the shoulder
# joint gives 0.7 to 0.75 (segment lengths of Drillis and Contini 1966).
_SHOULDERS_OVER_TRUNK = 0.72
# Up to here the angles in the picture are those of the movement within
# 1 - cos(20 degrees) = 6 percent; further round they are given with wider bands.
_GOOD_YAW_DEG = 20.0
# Both feet together, heel to toe across the picture, over the leg's length:
# 0.44 to 0.56 in side views and 0.02 in front views (measured on film).
_SIDE_ON_FEET = 0.25
# A film with fewer side-on frames than this share is a front or rear view.
_FEWEST_SIDE_ON = 0.2
# Edges whose tilt is counted: blur before, pixels; weaker ones are noise and stronger ones
# count no more, levels of 255 between two pixels; so far from upright or level, degrees, in so
# many bins to each side; and the sum of edges below which there are few.
_TILT_BLUR_PX = 1.5
_LEAST_EDGE, _STRONG_EDGE = 6.0, 30.0
_MOST_TILT_DEG, _TILT_BINS = 10.0, 20
_FEW_EDGES = 500.0


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How the camera stands to the lifter.

    Attributes
    ----------
    side : {"left", "right"}
        The side of the body that the camera sees.
    yaw_deg : float
        0 square to the plane of the squat, positive with the camera moved
        toward the lifter's front; NaN if it cannot be told.
    roll_deg : float
        Turn of the camera about its own axis: positive with the picture's
        verticals leaning to the right. NaN if nothing upright is in view.
    use : {"good", "oblique", "unusable"}
    reason : str
        Empty for a good view, otherwise what is wrong with it, in plain words.
    """

    side: Side
    yaw_deg: float
    roll_deg: float
    use: Use
    reason: str

    @property
    def facing(self) -> float:
        """+1 where the lifter looks to the right of the picture, -1 to the left."""
        return facing_of(self.side)

    @property
    def near(self) -> int:
        """Offset of the near side's landmarks: 0 left, 1 right."""
        return 0 if self.side == "left" else 1


def facing_of(side: Side) -> float:
    """Which way the lifter looks in the picture: who shows the right side looks right."""
    return 1.0 if side == "right" else -1.0


def side_of(sightings: Sequence[Sighting]) -> Side:
    """Decide which side of the body the camera sees.

    Parameters
    ----------
    sightings : sequence of Sighting
        All looks at the lifter. Feet point forward, and so does the nose from
        the ears; frames seen from the front add next to nothing.

    Returns
    -------
    {"left", "right"}
    """
    return _side(np.array([s.xy_px for s in sightings]))


def side_of_track(track: PoseTrack) -> Side:
    """Decide which side of the body the camera sees, from every frame.

    Parameters
    ----------
    track : PoseTrack

    Returns
    -------
    {"left", "right"}
        By the same rule as :func:`side_of`.
    """
    return _side(track.xy_px)


def _side(xy_px: NDArray[np.float64]) -> Side:
    toes = xy_px[:, Landmark.TOE : Landmark.TOE + 2, 0]
    heels = xy_px[:, Landmark.HEEL : Landmark.HEEL + 2, 0]
    ears = xy_px[:, Landmark.EAR : Landmark.EAR + 2, 0].mean(axis=1)
    forward = (toes - heels).sum(axis=1) + 2.0 * (xy_px[:, Landmark.NOSE, 0] - ears)
    return "right" if np.nansum(forward) > 0 else "left"


def side_on(track: PoseTrack, *, side: Side, leg_px: float) -> NDArray[np.bool_]:
    """Mark the frames in which the lifter stands side-on to the camera.

    Parameters
    ----------
    track : PoseTrack
    side : {"left", "right"}
    leg_px : float
        Length of the leg in pixels.

    Returns
    -------
    ndarray of bool, shape (T,)
        By the length of the feet across the picture, as the median over about
        a second, so that one bad frame changes nothing. Frames without the
        lifter are False.
    """
    toes = track.xy_px[:, Landmark.TOE : Landmark.TOE + 2, 0]
    heels = track.xy_px[:, Landmark.HEEL : Landmark.HEEL + 2, 0]
    feet = (toes - heels).sum(axis=1) * facing_of(side) / leg_px
    half = max(1, int(0.5 / _frame_step_s(track.time_s)))
    padded = np.concatenate([np.full(half, np.nan), feet, np.full(half, np.nan)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    steady = np.full(len(feet), np.nan)
    some = np.isfinite(windows).any(axis=1)
    steady[some] = np.nanmedian(windows[some], axis=1)
    return np.asarray(track.found & (np.nan_to_num(steady) > _SIDE_ON_FEET))


def judge_view(
    track: PoseTrack, *, side: Side, usable: NDArray[np.bool_], roll_deg: float = np.nan
) -> View:
    """Say how the camera stands, and what that means for the measurement.

    Parameters
    ----------
    track : PoseTrack
    side : {"left", "right"}
    usable : ndarray of bool, shape (T,)
        Side-on frames, from :func:`side_on`.
    roll_deg : float, optional
        From :func:`camera_roll_deg`.

    Returns
    -------
    View

    Notes
    -----
    Yaw is the arcsine of the distance between the shoulders across the picture
    over its value seen from the front. It is coarse (a few degrees) and blind
    to a twisted trunk, which is why it only sorts films into three drawers.
    """
    yaw = _yaw_deg(track, side=side, frames=usable if usable.any() else track.found)
    found = int(track.found.sum())
    if found == 0 or usable.sum() < _FEWEST_SIDE_ON * found:
        return View(
            side=side,
            yaw_deg=yaw,
            roll_deg=roll_deg,
            use="unusable",
            reason="the lifter is filmed from the front or from behind",
        )
    if abs(yaw) > _GOOD_YAW_DEG:
        where = "front" if yaw > 0 else "back"
        return View(
            side=side,
            yaw_deg=yaw,
            roll_deg=roll_deg,
            use="oblique",
            reason=f"the camera stands too far toward the lifter's {where}",
        )
    return View(side=side, yaw_deg=yaw, roll_deg=roll_deg, use="good", reason="")


def camera_roll_deg(rgb: NDArray[np.uint8]) -> float:
    """Estimate how far the camera is tilted sideways, from upright lines in the picture.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        An upright picture of the film.

    Returns
    -------
    float
        Degrees, positive with verticals leaning to the right; NaN where fewer
        than four long upright lines agree within a degree and a half.

    Notes
    -----
    Door frames, racks, walls and mirrors are upright in most rooms. The median
    of the line directions, weighted by length, stands for the room.
    """
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    shortest = max(20.0, 0.15 * grey.shape[0])
    lines = cv2.HoughLinesP(
        cv2.Canny(grey, 60, 160), 1, np.pi / 720, 50, minLineLength=shortest, maxLineGap=4
    )
    if lines is None:
        return float("nan")
    x0, y0, x1, y1 = np.reshape(lines, (-1, 4)).T.astype(float)
    down = np.where(y1 >= y0, 1.0, -1.0)
    lean = np.degrees(np.arctan2(-(x1 - x0) * down, np.abs(y1 - y0)))
    length = np.hypot(x1 - x0, y1 - y0)
    upright = np.abs(lean) < 8.0
    lean, length = lean[upright], length[upright]
    if len(lean) == 0:
        return float("nan")
    order = np.argsort(lean)
    cumulative = np.cumsum(length[order])
    middle = float(lean[order][np.searchsorted(cumulative, cumulative[-1] / 2)])
    agree = np.abs(lean - middle) < 1.5
    if agree.sum() < 4 or length[agree].sum() < 0.5 * length.sum():
        return float("nan")
    return middle


def edge_tilts(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Say to which side the upright and the level edges of a picture lean.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)

    Returns
    -------
    ndarray, shape (40,)
        How much more edges lean to the right than to the left by 0 to 10 degrees, in steps of
        half a degree; upright ones first, then level ones. The mirrored picture gives the
        same with the other sign.

    Notes
    -----
    Unlike :func:`camera_roll_deg` it needs no long lines: where few edges agree the numbers
    are small.
    """
    dx, dy = _strongest_edges(rgb)
    size = np.hypot(dx, dy)
    found = []
    for along, across in ((dx, dy), (dy, -dx)):
        lean = np.degrees(np.arctan(across / np.where(along == 0, 1e-6, along)))
        counts = (size > _LEAST_EDGE) & (np.abs(lean) < _MOST_TILT_DEG)
        lean, weight = lean[counts], np.minimum(size[counts], _STRONG_EDGE)
        # What does not lean counts half on each side, so that a mirror changes nothing else.
        left, right = (
            np.histogram(
                np.abs(lean),
                bins=_TILT_BINS,
                range=(0.0, _MOST_TILT_DEG),
                weights=weight * (0.5 + 0.5 * side * np.sign(lean)),
            )[0]
            for side in (-1, 1)
        )
        bins = np.concatenate([left[::-1], right])
        level = cv2.GaussianBlur(bins[None], (0, 0), 1.0)[0]
        share = np.sqrt(level / (level.sum() + _FEW_EDGES))
        found.append((share - share[::-1])[_TILT_BINS:])
    return np.concatenate(found)


def _strongest_edges(
    rgb: NDArray[np.uint8],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return how a picture changes across and down, of its colours the one that does most."""
    smooth = cv2.GaussianBlur(rgb, (0, 0), _TILT_BLUR_PX).astype(np.float32)
    dx, dy = (cv2.Sobel(smooth, cv2.CV_32F, *way, ksize=1) for way in ((1, 0), (0, 1)))
    strongest = np.argmax(dx**2 + dy**2, axis=2)[..., None]
    dx, dy = (np.take_along_axis(d, strongest, 2)[..., 0] for d in (dx, dy))
    return np.asarray(dx, dtype=np.float32), np.asarray(dy, dtype=np.float32)


def _yaw_deg(track: PoseTrack, *, side: Side, frames: NDArray[np.bool_]) -> float:
    if not frames.any():
        return float("nan")
    near, facing = (0, -1.0) if side == "left" else (1, 1.0)
    shoulders = track.xy_px[frames, Landmark.SHOULDER : Landmark.SHOULDER + 2]
    hips = track.xy_px[frames, Landmark.HIP : Landmark.HIP + 2]
    trunk = float(np.nanmedian(np.hypot(*(shoulders - hips).mean(axis=1).T)))
    across = (shoulders[:, 1 - near, 0] - shoulders[:, near, 0]) * facing
    share = float(np.nanmedian(across)) / max(trunk, 1.0) / _SHOULDERS_OVER_TRUNK
    return float(np.degrees(np.arcsin(np.clip(share, -1.0, 1.0))))


def _frame_step_s(time_s: NDArray[np.float64]) -> float:
    return float(np.median(np.diff(time_s))) if len(time_s) > 1 else 1.0
