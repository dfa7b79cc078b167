"""A second look at the front leg, in the photo itself and as large as the leg is.

The pose model looks at 256 pixels around a whole person, of which 40 fall on a shank. Here
the leg is cut out of the photo, and the directions of the edges around its joints are counted
(histograms of oriented gradients; Dalal and Triggs 2005), of the colours and of the person
mask. `analysis.lunge` corrects its first guess by them.

Close-up pixels: x forward (the lifter looks right), y down, counted from the edge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.view import strongest_edges

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]

#: Close-up pixels per shank length, and what the close-up shows: left, top, right and bottom
#: in shank lengths from the ankle.
SHANK_PX: Final = 128.0
REACH: Final = (-1.0, -1.6, 1.6, 0.6)

# A cell of a patch, pixels a side, and the directions that are told apart in half a turn.
_CELL_PX: Final = 8
_DIRECTIONS: Final = 9
# What counts as much as a gradient and keeps even ground from being blown up (levels of 255,
# squared), and the most that one direction counts (0.2 in the paper, of four times the cells).
_EVEN, _MOST = 4.0, 0.6
_MIDDLE_PX: Final = 0.5
_BLUR_PX: Final = 1.0


@dataclass(frozen=True, slots=True)
class Patch:
    """A square around a point of the leg.

    Attributes
    ----------
    at : tuple of float
        Shares of knee, ankle, heel and toe in its middle.
    half : float
        Half its side, shank lengths.
    cells : int
        Cells a side.
    of_mask : bool
        Whether the person mask is looked at, and not the photo.
    """

    at: tuple[float, float, float, float]
    half: float
    cells: int
    of_mask: bool = False

    @property
    def n_features(self) -> int:
        """Length of its description."""
        return self.cells**2 * _DIRECTIONS


_KNEE, _ANKLE, _HEEL, _TOE = (
    (1.0, 0.0, 0.0, 0.0),
    (0.0, 1.0, 0.0, 0.0),
    (0.0, 0.0, 1.0, 0.0),
    (0.0, 0.0, 0.0, 1.0),
)


def _around(wide: float, cells: int, *, of_mask: bool = False) -> tuple[Patch, ...]:
    """Lay a patch around each point; around the knee, which is thicker, a quarter wider."""
    return tuple(
        Patch(at, wide * (1.25 if at == _KNEE else 1.0), cells, of_mask)
        for at in (_KNEE, _ANKLE, _HEEL, _TOE)
    )


#: What is described: the photo near each point; the outline near and wide, and around the
#: middles of shank and foot and the ball of the foot.
PATCHES: Final = (
    *_around(0.2, 4),
    *_around(0.35, 4, of_mask=True),
    *_around(0.2, 4, of_mask=True),
    *(
        Patch(at, 0.3, 4, of_mask=True)
        for at in ((0.5, 0.5, 0.0, 0.0), (0.0, 0.0, 0.5, 0.5), (0.0, 0.0, 0.3, 0.7))
    ),
)
N_FEATURES: Final = sum(patch.n_features for patch in PATCHES)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseUp:
    """The leg, cut out of a photo.

    Attributes
    ----------
    picture : ndarray of uint8, shape (282, 333, 3)
    mask : ndarray of uint8, shape (282, 333)
        How sure each pixel belongs to the lifter, 0 to 255.
    """

    picture: Pixels
    mask: Pixels


def to_close_up(ankle: Floats, *, shank_px: float, upright: Floats, facing: float) -> Floats:
    """Lay the close-up over a photo.

    Parameters
    ----------
    ankle : ndarray, shape (2,)
        Pixels of the photo.
    shank_px : float
    upright : ndarray, shape (2, 2)
        Takes the camera's tilt out of a column of x and y.
    facing : float
        +1 the lifter looks right.

    Returns
    -------
    ndarray, shape (2, 3)
        Takes pixels of the photo to those of the close-up.
    """
    linear = np.diag([facing, 1.0]) @ upright * (SHANK_PX / shank_px)
    start = -SHANK_PX * np.array(REACH[:2]) - linear @ ankle
    return np.column_stack([linear, start])


def take(
    picture: Pixels, masks: Sequence[tuple[NDArray[np.float32], Floats]], lay: Floats
) -> CloseUp:
    """Cut the leg out of a photo.

    Parameters
    ----------
    picture : ndarray of uint8, shape (H, W, 3)
    masks : sequence of (mask, to_mask)
        Person masks, 0 to 1, each with the (2, 3) that takes pixels of the photo to its own.
        Their mean counts.
    lay : ndarray, shape (2, 3)
        From :func:`to_close_up`.

    Returns
    -------
    CloseUp
    """
    left, top, right, bottom = REACH
    size = (round((right - left) * SHANK_PX), round((bottom - top) * SHANK_PX))
    seen = [
        _cut(
            np.round(255 * mask).astype(np.uint8),
            _chain(lay, _undo(to_mask)),
            size,
            cv2.BORDER_CONSTANT,
        )
        for mask, to_mask in masks
    ]
    return CloseUp(
        picture=_cut(picture, lay, size, cv2.BORDER_REPLICATE),
        mask=np.mean(seen, axis=0).astype(np.uint8) if seen else np.zeros(size[::-1], np.uint8),
    )


def describe(close_up: CloseUp, points: Floats, *, shank_px: float) -> Floats:
    """Count the directions of edges around the points of the leg.

    Parameters
    ----------
    close_up : CloseUp
    points : ndarray, shape (4, 2)
        Knee, ankle, heel and toe in close-up pixels, as far as they are known.
    shank_px : float
        Length of the shank in close-up pixels, likewise.

    Returns
    -------
    ndarray, shape (N_FEATURES,)
        0 to 0.6.
    """
    rows = []
    for patch in PATCHES:
        side = _CELL_PX * patch.cells
        scale = side / (2 * patch.half * shank_px)
        shift = side / 2 - scale * (np.array(patch.at) @ points)
        lay = np.column_stack([scale * np.eye(2), shift])
        source = close_up.mask if patch.of_mask else close_up.picture
        border = cv2.BORDER_CONSTANT if patch.of_mask else cv2.BORDER_REPLICATE
        rows.append(_histograms(_cut(source, lay, (side, side), border)).ravel())
    return np.concatenate(rows)


def _chain(second: Floats, first: Floats) -> Floats:
    return np.column_stack(
        [second[:, :2] @ first[:, :2], second[:, :2] @ first[:, 2] + second[:, 2]]
    )


def _undo(lay: Floats) -> Floats:
    back = np.linalg.inv(lay[:, :2])
    return np.column_stack([back, -back @ lay[:, 2]])


def _cut(picture: Pixels, lay: Floats, size: tuple[int, int], border: int) -> Pixels:
    """Resample a picture; what is shrunk is smoothed first. Pixels count from the edge."""
    scale = float(np.sqrt(abs(np.linalg.det(lay[:, :2]))))
    if scale < 0.8:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.4 / scale), dtype=np.uint8)
    from_middles = lay.copy()
    from_middles[:, 2] += lay[:, :2] @ [_MIDDLE_PX, _MIDDLE_PX] - _MIDDLE_PX
    how = cv2.INTER_LINEAR if scale < 1.2 else cv2.INTER_CUBIC
    return np.asarray(
        cv2.warpAffine(picture, from_middles, size, flags=how, borderMode=border), dtype=np.uint8
    )


def _histograms(patch: Pixels) -> Floats:
    """Directions of the edges in each cell, shape (rows, columns, 9)."""
    dx, dy = strongest_edges(patch, blur_px=_BLUR_PX)
    size = np.hypot(dx, dy)
    turn = (np.arctan2(dy, dx) % np.pi) / np.pi * _DIRECTIONS
    lower = np.floor(turn).astype(int)
    share = turn - lower
    planes = np.zeros((_DIRECTIONS, *size.shape), np.float32)
    row, column = np.indices(size.shape)
    planes[lower % _DIRECTIONS, row, column] = size * (1 - share)
    planes[(lower + 1) % _DIRECTIONS, row, column] = size * share
    cells = (size.shape[1] // _CELL_PX, size.shape[0] // _CELL_PX)
    counted = np.stack(
        [
            cv2.resize(
                cv2.GaussianBlur(plane, (0, 0), 0.35 * _CELL_PX),
                cells,
                interpolation=cv2.INTER_AREA,
            )
            for plane in planes
        ],
        axis=-1,
    )
    energy = cv2.GaussianBlur((counted**2).sum(axis=-1), (0, 0), 1.0)
    share_of_all = np.asarray(counted / np.sqrt(energy[..., None] + _EVEN), dtype=np.float64)
    return np.minimum(share_of_all, _MOST)
