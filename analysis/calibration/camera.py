"""Where the camera stands, and the projection of points into its picture.

Camera axes: looks along -z, x right, y up. u = W/2 + f x / -z, v = H/2 - f y / -z (v DOWN).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.motion import Track, smooth_noise
from analysis.calibration.sample import Clip, stream

Array = NDArray[np.float64]

#: Angle of view of the longer side, degrees: a phone's main lens at its widest; a tele lens.
LONG_FOV_MOST, VFOV_LEAST = 68.0, 12.0
#: Share of the free width that the lifter may stand off the middle.
MOST_SIDEWAYS = 0.6
#: Least distance of the camera from the lifter, metres.
NEAREST = 1.5


@dataclass(frozen=True, slots=True)
class View:
    """A camera that does not move, and its hand shake."""

    location: Array
    target: Array
    focal_px: float
    width: int
    height: int
    #: World to camera without hand shake, shape (4, 4).
    still: Array
    #: World to camera, one per frame.
    matrices: list[Array]

    @property
    def vfov_deg(self) -> float:
        """Vertical angle of view."""
        return float(np.degrees(2 * np.arctan(self.height / 2 / self.focal_px)))

    def project(self, points: Array, i: int) -> Array:
        """Return pixels, shape (n, 2), x right, y DOWN, of world points in frame i."""
        m = self.matrices[i]
        p = np.atleast_2d(points) @ m[:3, :3].T + m[:3, 3]
        depth = np.maximum(-p[:, 2], 1e-3)
        return np.stack(
            [
                self.width / 2 + self.focal_px * p[:, 0] / depth,
                self.height / 2 - self.focal_px * p[:, 1] / depth,
            ],
            1,
        )


def look_at(location: Array, target: Array, roll_deg: float) -> Array:
    """Return the world-to-camera matrix, shape (4, 4)."""
    ahead = target - location
    ahead = ahead / np.linalg.norm(ahead)
    right = np.cross(ahead, [0.0, 0.0, 1.0])
    right = right / np.linalg.norm(right)
    c, s = np.cos(np.radians(roll_deg)), np.sin(np.radians(roll_deg))
    turn = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
    turn = turn @ np.stack([right, np.cross(right, ahead), -ahead])
    m = np.eye(4)
    m[:3, :3], m[:3, 3] = turn, -turn @ location
    return m


def _reach(track: Track) -> Array:
    """Return points that the lifter's outline passes through during the clip."""
    names = ("handL", "handR", "top", "hip", "shoulderL", "shoulderR", "ankleL", "kneeL", "ballL")
    rows = []
    for posed in track.posed[::3]:
        p = posed.points
        rows += [p[n] for n in names]
        rows += [p["hip"] + [0, 0.22, 0], p["ballL"] * [1, 1, 0] + [0, -0.12, 0]]
        rows += [p["ankleL"] * [1, 1, 0] + [0, 0.08, 0], p["top"] + [0, 0, 0.03]]
    return np.array(rows)


def place(clip: Clip, track: Track, reach: Array | None = None) -> View:
    """Stand the camera to the lifter's side and frame the whole movement, or the points given."""
    c, film = clip.camera, clip.film
    reach = _reach(track) if reach is None else reach
    middle = 0.5 * (reach.min(0) + reach.max(0)) * [0, 1, 1]
    side = 1.0 if clip.view == "left" else -1.0
    yaw, d = np.radians(c.yaw), max(c.distance, NEAREST)
    widest = max(film.width, film.height) / 2 / np.tan(np.radians(LONG_FOV_MOST / 2))
    aim, focal, location = middle, 1.0, middle
    for _ in range(4):
        # yaw + moves the camera toward the lifter's front (-y).
        at = [side * d * np.cos(yaw), middle[1] - d * np.sin(yaw), c.height]
        location = np.array(at)
        low, high = _extent(look_at(location, aim, c.roll), reach)
        span = high[1] - low[1]
        low[1], high[1] = low[1] + c.crop_feet * span, high[1] - c.crop_head * span
        size = np.maximum(high - low, 1e-3)
        focal = min(c.fill * film.height / size[1], 0.95 * film.width / size[0])
        if focal < widest:  # rather step back than use a wider lens
            d, focal = min(d * widest / focal, 9.0), widest
        focal = min(focal, film.height / 2 / np.tan(np.radians(VFOV_LEAST / 2)))
        aim = _aim(clip, location, aim, low, high, focal)
    still = look_at(location, aim, c.roll)
    return View(location, aim, focal, film.width, film.height, still, _shaken(clip, track, still))


def _extent(m: Array, points: Array) -> tuple[Array, Array]:
    """Least and greatest x and y at distance 1 in front of the camera."""
    p = points @ m[:3, :3].T + m[:3, 3]
    xy = p[:, :2] / -p[:, 2:]
    return xy.min(0), xy.max(0)


def _aim(clip: Clip, location: Array, aim: Array, low: Array, high: Array, focal: float) -> Array:
    """Return the point to look at so that the lifter stands where he is wanted."""
    c, film = clip.camera, clip.film
    room = np.array([film.width, film.height]) / focal
    free = np.maximum(room - (high - low), 0) / 2
    shift = np.array([MOST_SIDEWAYS * c.shift[0], c.shift[1]])
    if c.crop_feet or c.crop_head:  # the cropped end lies on the picture's edge
        shift[1] = -1.0 if c.crop_feet else 1.0
    centre = 0.5 * (low + high) + shift * free * [1, -1]
    m = look_at(location, aim, c.roll)
    ahead = m[:3, :3].T @ np.array([centre[0], centre[1], -1.0])
    return np.asarray(location + ahead * np.linalg.norm(aim - location))


def _shaken(clip: Clip, track: Track, m0: Array) -> list[Array]:
    """Turn the camera a little in each frame, as a hand does (degrees)."""
    t, size = track.schedule.t, clip.camera.shake
    if size == 0:
        return [m0] * len(t)
    rng = stream(clip.split, clip.index, "shake")
    turns = np.radians([smooth_noise(rng, t, size * k, 1.8) for k in (1.0, 1.0, 0.6)]).T
    out = []
    for a, b, c in turns:
        small = np.array([[1, -c, b], [c, 1, -a], [-b, a, 1]])
        u, _, vt = np.linalg.svd(small)
        m = m0.copy()
        m[:3] = (u @ vt) @ m0[:3]
        out.append(m)
    return out
