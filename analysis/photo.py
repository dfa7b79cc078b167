"""Reading a photo: JPEG, PNG, WebP and HEIC, upright, with limits on what is decoded.

The only file that uses Pillow. Like films, photos are hostile until decoded: this is done
in the child process of `analysis.service` alone. Size and kind are looked at before a
single pixel is unpacked.
"""

import contextlib
import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError, WebPImagePlugin

from analysis.errors import OverLimitError, UnreadableError

#: Reason id -> the one sentence for the lifter.
SENTENCES: Final[dict[str, str]] = {
    "no_file": "The photo could not be opened. Please choose it again.",
    "empty_file": "This file is empty. Please choose the photo again.",
    "too_many_bytes": "This file is larger than {limit} MB. Please choose a photo.",
    "too_many_pixels": (
        "This picture has more than {limit} megapixels. Please take the photo in the usual "
        "mode of your camera."
    ),
    "too_small": (
        "This picture is too small to measure. Please choose the photo as it came from the phone."
    ),
    "film": "This is a film and not a photo. The page for a squat clip measures films.",
    "text_file": "This file holds text and no photo. Please choose the photo itself.",
    "not_photo": (
        "This file could not be read as a photo. Please choose a JPEG, PNG, WebP or HEIC as it "
        "came from the phone."
    ),
    "broken_off": (
        "This photo is not complete: its upload or copy broke off. Please choose it again."
    ),
}

# Above what phones write: 48 megapixels as HEIC or JPEG have up to 25 MB.
MAX_BYTES: Final = 40 << 20
# The large mode of phones (48 to 50 megapixels), 200 MB unpacked, and some room.
MAX_PIXELS: Final = 64_000_000
# Kept of it; the pose model looks at 256 pixels around a person.
WORK_LONG_SIDE_PX: Final = 1600
_LEAST_SIDE_PX: Final = 160
# WebP is loaded by being named here. A JPEG with a second picture in it (MPO), as many
# phones write them, is read as a JPEG.
_FORMATS: Final = ("JPEG", "PNG", WebPImagePlugin.WebPImageFile.format, "HEIF")
# EXIF orientations that lay the picture on its side.
_ORIENTATION_TAG: Final = 0x0112
_ON_ITS_SIDE: Final = frozenset({5, 6, 7, 8})
# What Pillow's readers raise at broken files.
_BROKEN: Final = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError,
    RuntimeError, AttributeError, struct.error, zlib.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """One upright photo.

    Attributes
    ----------
    picture : ndarray of uint8, shape (H, W, 3)
        RGB, its longer side 1600 pixels or less.
    width_px, height_px : int
        Of the upright photo as it was taken.
    """

    picture: NDArray[np.uint8]
    width_px: int
    height_px: int

    def rgb(self, width_px: int | None = None, height_px: int | None = None) -> NDArray[np.uint8]:
        """Return the picture at a size, as a frame of a film does; (height_px, width_px, 3)."""
        high, wide = self.picture.shape[:2]
        size = (width_px or wide, height_px or high)
        if size == (wide, high):
            return self.picture
        resized = Image.fromarray(self.picture).resize(
            size, Image.Resampling.LANCZOS, reducing_gap=3.0
        )
        return np.ascontiguousarray(resized)

    def jpeg(self, long_side_px: int) -> bytes:
        """Write the picture anew, without anything else that stood in the file."""
        image = Image.fromarray(self.picture)
        image.thumbnail((long_side_px, long_side_px), Image.Resampling.LANCZOS)
        target = io.BytesIO()
        image.save(target, "JPEG", quality=85)
        return target.getvalue()


def read_photo(path: Path) -> Photo:
    """Read a photo.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Photo

    Raises
    ------
    UnreadableError
        If it is no photo that can be read; `OverLimitError` if it is too large.
    """
    content = _read(path)
    _refuse_others(content)
    try:
        with _strictly(), Image.open(io.BytesIO(content), formats=_openers()) as image:
            return _decode(image)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except UnidentifiedImageError as error:
        raise _unreadable("not_photo") from error
    except UnreadableError:
        raise
    except _BROKEN as error:
        raise _unreadable("broken_off") from error


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _unreadable("no_file") from error
    if not content:
        raise _unreadable("empty_file")
    if len(content) > MAX_BYTES:
        text = SENTENCES["too_many_bytes"].format(limit=MAX_BYTES >> 20)
        raise OverLimitError("too_many_bytes", text)
    return content


def _refuse_others(content: bytes) -> None:
    """Tell films and text from photos that are broken."""
    is_box = content[4:8] == b"ftyp"
    if is_box and content[8:11] not in (b"hei", b"hev", b"mif", b"msf"):
        raise _unreadable("not_photo" if content[8:11] == b"avi" else "film")
    if content.startswith((b"\x1a\x45\xdf\xa3", b"RIFF")) and content[8:12] != b"WEBP":
        raise _unreadable("film")
    head = content[:2048]
    if all(byte >= 32 or byte in b"\t\r\n\f" for byte in head) and b"\x7f" not in head:
        with contextlib.suppress(UnicodeDecodeError):
            head[: max(1, len(head) - 3)].decode("utf-8")
            raise _unreadable("text_file")


def _openers() -> tuple[str, ...]:
    """Return the readers to try; the one for HEIC is loaded here."""
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)
    return _FORMATS


@contextlib.contextmanager
def _strictly() -> Iterator[None]:
    """Let Pillow refuse bombs rather than warn of them, and say nothing of odd headers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            yield
        except Image.DecompressionBombWarning as error:
            raise _too_many_pixels() from error


def _decode(image: Image.Image) -> Photo:
    wide, high = image.size
    if wide * high > MAX_PIXELS:
        raise _too_many_pixels()
    if min(wide, high) < _LEAST_SIDE_PX:
        raise _unreadable("too_small")
    if image.getexif().get(_ORIENTATION_TAG) in _ON_ITS_SIDE:
        wide, high = high, wide
    # Shrunk while it is unpacked, where the format can.
    image.draft("RGB", (WORK_LONG_SIDE_PX, WORK_LONG_SIDE_PX))
    image.load()
    small = _as_rgb(image)
    small.thumbnail(
        (WORK_LONG_SIDE_PX, WORK_LONG_SIDE_PX), Image.Resampling.LANCZOS, reducing_gap=3.0
    )
    upright = ImageOps.exif_transpose(small)
    return Photo(
        picture=np.ascontiguousarray(np.asarray(upright, dtype=np.uint8)),
        width_px=wide,
        height_px=high,
    )


def _as_rgb(image: Image.Image) -> Image.Image:
    """Return the picture in red, green and blue; what is see-through comes out white."""
    if image.mode.startswith("I;16"):
        grey = (np.asarray(image) >> 8).astype(np.uint8)
        return Image.fromarray(np.repeat(grey[..., None], 3, axis=2))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        ground = Image.new("RGBA", image.size, "white")
        flat = Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")
        flat.info["exif"] = image.info.get("exif", b"")
        return flat
    return image if image.mode == "RGB" else image.convert("RGB")


def _unreadable(reason: str) -> UnreadableError:
    return UnreadableError(reason, SENTENCES[reason])


def _too_many_pixels() -> OverLimitError:
    text = SENTENCES["too_many_pixels"].format(limit=MAX_PIXELS // 1_000_000)
    return OverLimitError("too_many_pixels", text)
