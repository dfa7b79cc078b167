"""Photos made for the tests: of nobody, of the sample's lifter, of two, and broken ones."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pillow_heif import register_heif_opener

from analysis.video import FilmReader

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "analysis" / "data" / "sample.mp4"
#: A rendered lunge and its truth; made by `python -m analysis.calibration lunges`.
LUNGE = Path(__file__).parent / "data" / "lunge.jpg"

Picture = NDArray[np.uint8]

register_heif_opener()


def quarters(wide: int = 400, high: int = 300) -> Picture:
    """Make a picture whose upper left quarter is red, upper right green, lower left blue."""
    picture = np.zeros((high, wide, 3), np.uint8)
    picture[: high // 2, : wide // 2, 0] = 220
    picture[: high // 2, wide // 2 :, 1] = 220
    picture[high // 2 :, : wide // 2, 2] = 220
    return picture


def encoded(picture: Picture, kind: str = "JPEG", **how: object) -> bytes:
    """Write a picture; `how` goes to Pillow."""
    target = io.BytesIO()
    Image.fromarray(picture).save(target, kind, **how)
    return target.getvalue()


def oriented(picture: Picture, orientation: int) -> bytes:
    """Write a JPEG that says in its EXIF how it is to be turned."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(picture, exif=exif)


def nobody() -> bytes:
    """Make a photo of a wall."""
    rng = np.random.default_rng(6)
    return encoded(rng.integers(90, 130, (480, 360, 3)).astype(np.uint8))


def huge_png(wide: int = 30_000, high: int = 30_000) -> bytes:
    """Make a PNG of a few bytes that unpacks to gigabytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        whole = kind + content
        return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))

    header = struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def from_sample(*, deepest: bool) -> Picture:
    """Cut the sample's standing or bottom out of it."""
    with FilmReader(SAMPLE) as reader:
        frames = [frame.rgb() for frame in reader.frames()]
    return frames[SAMPLE_BOTTOM if deepest else 3]


#: Frame of the sample in which the lifter is lowest, and the truth of it, degrees.
SAMPLE_BOTTOM = 117
SAMPLE_TRUTH = {"thigh_deg": -21.7, "ankle_deg": 30.7, "trunk_deg": 20.2, "lumbar_deg": 14.7}


def two_people() -> bytes:
    """Make a photo of the sample's lifter twice, side by side."""
    one = from_sample(deepest=True)
    return encoded(np.hstack([one, one]))
