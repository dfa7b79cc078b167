"""A second look at one leg, as large as it is in the picture: where its joints are.

The pose model looks at 256 pixels around a whole person, of which 40 fall on a shank. A small
convolutional network, trained on rendered legs whose joints are known
(`analysis.calibration.legs`), gets the leg cut out, upright and looking right, and says where
knee, ankle, heel and the tip of the toes are, and whether the heel is up. OpenCV runs it.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.angles import unroll
from analysis.cutout import as_input, cut_out

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]

WEIGHTS: Final = Path(__file__).parent / "data" / "leg.onnx"
#: The points of a leg, in the order of all arrays.
POINTS: Final = ("knee", "ankle", "heel", "toe")
#: What the network gets: pixels per shank length, and what it is shown of the leg: left, top,
#: right and bottom in shank lengths from the ankle.
SHANK_PX: Final = 64.0
REACH: Final = (-0.7, -1.25, 1.3, 0.5)
#: Its unit of the heel's rise, degrees.
RISE_UNIT_DEG: Final = 15.0
# The shank that a look saw is not taken to be longer or shorter than the guess by more.
_MOST_GROWTH: Final = 1.6


@dataclass(frozen=True, slots=True, kw_only=True)
class LegPlace:
    """Where in a picture a leg is, as far as it is known.

    Attributes
    ----------
    ankle : ndarray, shape (2,)
        Pixels of the picture, y down.
    shank_px : float
    facing : float
        +1 the lifter looks right, -1 left.
    roll_deg : float
        Tilt of the camera, as `analysis.angles.unroll` takes it out.
    """

    ankle: Floats
    shank_px: float
    facing: float
    roll_deg: float = 0.0

    def to_leg(self) -> Floats:
        """Return what takes pixels of the picture to shank lengths from the ankle, (2, 3).

        There x points to where the lifter looks, y down to the ground.
        """
        upright = np.column_stack([unroll(axis, self.roll_deg) for axis in np.eye(2)])
        linear = np.diag([self.facing, 1.0]) @ upright / self.shank_px
        return np.column_stack([linear, -linear @ self.ankle])


@dataclass(frozen=True, slots=True, kw_only=True)
class LegSight:
    """What the network says of one leg.

    Attributes
    ----------
    points : ndarray, shape (4, 2)
        `POINTS` in shank lengths of the place that was given, from its ankle; x to where the
        lifter looks, y down.
    spread : ndarray, shape (4,)
        How far around each point it may lie by the network, shank lengths.
    rise_deg : float
        Rise of the heel.
    is_up : float
        0 to 1, how sure it is that the heel is up.
    """

    points: Floats
    spread: Floats
    rise_deg: float
    is_up: float


class LegModel(Protocol):
    """Whatever looks at a leg; `sha256` tells one from another."""

    @property
    def sha256(self) -> str:
        """What it was made with."""
        ...

    def __call__(self, picture: Pixels, place: LegPlace, *, looks: int = 2) -> LegSight:
        """Look at a leg."""
        ...


class LegNetwork:
    """The network that ships; one for each thread.

    Parameters
    ----------
    path : Path, optional
    """

    def __init__(self, path: Path = WEIGHTS) -> None:
        content = path.read_bytes()
        self._net = cv2.dnn.readNetFromONNX(np.frombuffer(content, np.uint8))
        self.sha256 = hashlib.sha256(content).hexdigest()

    def __call__(self, picture: Pixels, place: LegPlace, *, looks: int = 2) -> LegSight:
        """Look at a leg.

        Parameters
        ----------
        picture : ndarray of uint8, shape (H, W, 3)
            RGB.
        place : LegPlace
            Off by up to a fifth of the shank.
        looks : int, optional
            How often, each time but the first around what it saw the time before.

        Returns
        -------
        LegSight
        """
        to_leg, ankle, shank = place.to_leg(), np.zeros(2), 1.0
        for _ in range(looks):
            cut = cut_out(picture, to_leg, unit_px=SHANK_PX, reach=REACH, middle=ankle, scale=shank)
            self._net.setInput(as_input(cut))
            out = np.asarray(self._net.forward(), dtype=np.float64)[0]
            points = (out[:8].reshape(4, 2) + REACH[:2]) * shank + ankle
            spread = np.sqrt(np.maximum(out[8:12], 0.0)) * shank
            ankle = points[1]
            seen = float(np.linalg.norm(points[0] - points[1]))
            shank = min(max(seen, shank / _MOST_GROWTH), shank * _MOST_GROWTH)
        return LegSight(
            points=points,
            spread=spread,
            rise_deg=RISE_UNIT_DEG * float(out[12]),
            is_up=float(1.0 / (1.0 + np.exp(-out[13]))),
        )
