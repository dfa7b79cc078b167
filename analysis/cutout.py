"""Cutting a part of a body out of a picture, always alike for a network that looks at it."""

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]

# OpenCV's smoothing reaches this many standard deviations, and a pixel or two.
_SMOOTHED = 8.0


def cut_out(
    picture: Pixels,
    to_body: Floats,
    *,
    unit_px: float,
    reach: tuple[float, float, float, float],
    middle: Floats | None = None,
    scale: float = 1.0,
) -> Pixels:
    """Cut a part of a body out of a picture.

    Parameters
    ----------
    picture : ndarray of uint8, shape (H, W, 3)
    to_body : ndarray, shape (2, 3)
        Takes pixels of the picture (y down) to a length of the body as the unit.
    unit_px : float
        Pixels of the cut for that length.
    reach : (left, top, right, bottom)
        Sides of the cut in that length from its middle.
    middle : ndarray, shape (2,), optional
        Of the cut, in the units that `to_body` gives; otherwise their origin.
    scale : float, optional
        A length of the body in these units.

    Returns
    -------
    ndarray of uint8, shape (h, w, 3)
        Where the picture ends, its edge goes on.
    """
    left, top, right, bottom = reach
    size = (round((right - left) * unit_px), round((bottom - top) * unit_px))
    lay = to_body * (unit_px / scale)
    lay[:, 2] -= unit_px * np.array([left, top])
    if middle is not None:
        lay[:, 2] -= unit_px * middle / scale
    shrink = float(np.sqrt(abs(np.linalg.det(lay[:, :2]))))
    if shrink < 0.8:
        # What is shrunk is smoothed first, as far as it is shown.
        picture, start = _around(picture, lay, size, margin_px=_SMOOTHED * 0.4 / shrink)
        lay[:, 2] += lay[:, :2] @ start
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.4 / shrink), dtype=np.uint8)
    # Pixels count from the edge here, and from their middle in OpenCV.
    lay[:, 2] += lay[:, :2] @ [0.5, 0.5] - 0.5
    return np.asarray(
        cv2.warpAffine(picture, lay, size, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8
    )


def _around(
    picture: Pixels, lay: Floats, size: tuple[int, int], *, margin_px: float
) -> tuple[Pixels, Floats]:
    """Return what of a picture is shown, with a margin, and where in it that starts (x, y)."""
    corners = np.array([[0, 0], [size[0], 0], [0, size[1]], size], dtype=np.float64)
    seen = np.linalg.solve(lay[:, :2], (corners - lay[:, 2]).T).T
    high, wide = picture.shape[:2]
    # Something is left of a picture that is not shown at all: its edge goes on.
    first = np.clip(np.floor(seen.min(axis=0) - margin_px), 0, [wide - 1, high - 1]).astype(int)
    last = np.clip(np.ceil(seen.max(axis=0) + margin_px), first + 1, [wide, high]).astype(int)
    return picture[first[1] : last[1], first[0] : last[0]], first.astype(np.float64)


def as_input(cut: Pixels) -> NDArray[np.float32]:
    """Return a cut as a network gets it: one of a batch, colours first, 0 to 1."""
    return cut.astype(np.float32).transpose(2, 0, 1)[None] / np.float32(255)
