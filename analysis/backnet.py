"""A second look at the trunk, as large as it is in the picture: how far the lumbar spine bends.

The outline that `analysis.silhouette` follows is all that the estimator knows of the back. A
small convolutional network, trained on rendered trunks whose spine is known
(`analysis.calibration.backs`), gets the trunk cut out, upright and looking right: creases,
waistband and belly, too. It compares two pictures of one lifter, standing and later, and says
by how much the two bowls have turned against each other. OpenCV runs it.

Two such networks ship, trained apart and on different numbers of bodies: on the test clips
their mean is off by 4.6 degrees, either of them by 4.7 and 4.8.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.cutout import as_input, cut_out

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]

WEIGHTS: Final = tuple(Path(__file__).parent / "data" / f"back_{k}.onnx" for k in (1, 2))
#: What the network gets: pixels per trunk length, and what it is shown of the trunk: left, top,
#: right and bottom in trunk lengths from the hip, with the trunk upright.
TRUNK_PX: Final = 80.0
REACH: Final = (-0.8, -1.15, 0.7, 0.6)
#: In how many numbers it says what it sees, and its unit of angles, degrees.
SEEN: Final = 48
UNIT_DEG: Final = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BackPlace:
    """Where in a picture a trunk is.

    Attributes
    ----------
    hip, shoulder : ndarray, shape (2,)
        Middle of the hips and of the shoulders, pixels of the picture, y down.
    trunk_px : float
        From one to the other when standing.
    facing : float
        +1 the lifter looks right, -1 left.
    """

    hip: Floats
    shoulder: Floats
    trunk_px: float
    facing: float

    def to_back(self) -> Floats:
        """Return what takes pixels of the picture to trunk lengths from the hip, (2, 3).

        There y points from shoulder to hip, x to the lifter's front.
        """
        down = self.hip - self.shoulder
        down = down / np.linalg.norm(down)
        front = self.facing * np.array([down[1], -down[0]])
        linear = np.stack([front, down]) / self.trunk_px
        return np.column_stack([linear, -linear @ self.hip])


@dataclass(frozen=True, slots=True, kw_only=True)
class BackSight:
    """What the network says of one picture.

    Attributes
    ----------
    seen : ndarray, shape (48,)
        In its own terms; mean over pictures of standing is what others are compared with.
    change_deg, change_sd_deg : float
        Lumbar flexion against standing.
    arch_deg, arch_sd_deg : float
        Lumbar flexion against the body model's rest, of use of who stands.
    """

    seen: Floats
    change_deg: float
    change_sd_deg: float
    arch_deg: float
    arch_sd_deg: float


class BackModel(Protocol):
    """Whatever looks at a back; `sha256` tells one from another."""

    @property
    def sha256(self) -> str:
        """What it was made with."""
        ...

    def __call__(
        self, picture: Pixels, place: BackPlace, *, standing: Floats | None = None
    ) -> BackSight:
        """Look at a back."""
        ...


class BackNetwork:
    """A network as :mod:`analysis.calibration.backtrain` writes it; one for each thread.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        content = path.read_bytes()
        self._net = cv2.dnn.readNetFromONNX(np.frombuffer(content, np.uint8))
        self.sha256 = hashlib.sha256(content).hexdigest()

    def __call__(
        self, picture: Pixels, place: BackPlace, *, standing: Floats | None = None
    ) -> BackSight:
        """Look at a back.

        Parameters
        ----------
        picture : ndarray of uint8, shape (H, W, 3)
            RGB.
        place : BackPlace
        standing : ndarray, shape (48,), optional
            `BackSight.seen` of the same lifter standing; without it the change says nothing.

        Returns
        -------
        BackSight
        """
        cut = cut_out(picture, place.to_back(), unit_px=TRUNK_PX, reach=REACH)
        before = np.zeros(SEEN) if standing is None else standing
        self._net.setInput(as_input(cut), "picture")
        self._net.setInput(before.astype(np.float32)[None], "standing")
        out = np.asarray(self._net.forward(), dtype=np.float64)[0]
        change, change_log, arch, arch_log = out[SEEN:]
        return BackSight(
            seen=out[:SEEN],
            change_deg=UNIT_DEG * change,
            change_sd_deg=UNIT_DEG * float(np.exp(change_log / 2)),
            arch_deg=UNIT_DEG * arch,
            arch_sd_deg=UNIT_DEG * float(np.exp(arch_log / 2)),
        )


def load_back_networks() -> tuple[BackNetwork, ...]:
    """Open the networks that ship."""
    return tuple(map(BackNetwork, WEIGHTS))
