"""Contact sheets: a strip of frames per clip, to be looked at before a long run."""

from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

ROW_PX, SHEET_PX, GAP_PX = 260, 2000, 6


def frames(path: Path, columns: int) -> list[Bytes]:
    """Return some frames of a film, evenly spaced, all of one height."""
    with av.open(str(path)) as film:
        decoded = [f.to_ndarray(format="rgb24") for f in film.decode(video=0)]
    chosen = [decoded[int(i)] for i in np.linspace(0, len(decoded) - 1, columns)]
    return [_scaled(np.asarray(image, dtype=np.uint8)) for image in chosen]


def _scaled(image: Bytes) -> Bytes:
    size = (max(round(image.shape[1] * ROW_PX / image.shape[0]), 1), ROW_PX)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _packed(strips: list[Bytes]) -> list[Bytes]:
    """Lay strips side by side into rows of at most SHEET_PX."""
    rows: list[list[Bytes]] = [[]]
    for strip in strips:
        if rows[-1] and sum(s.shape[1] for s in rows[-1]) + strip.shape[1] > SHEET_PX:
            rows.append([])
        rows[-1].append(np.pad(strip, ((0, GAP_PX), (0, GAP_PX), (0, 0))))
    return [np.hstack(row) for row in rows]


def write(clips: list[Path], out: Path, *, columns: int) -> None:
    """Write a PNG with some frames of each film, one strip after the other."""
    rows = _packed([np.hstack(frames(path, columns)) for path in clips])
    width = max(row.shape[1] for row in rows)
    padded = [np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0))) for row in rows]
    cv2.imwrite(str(out), np.vstack(padded)[..., ::-1])
