"""Photos: formats, orientation, limits, and files that are none."""

import contextlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from analysis import photo
from analysis.errors import OverLimitError, UnreadableError
from tests import photos
from tests.photos import Picture, encoded, oriented, quarters


def read(content: bytes, folder: Path) -> photo.Photo:
    """Read a photo from its bytes."""
    path = folder / "upload"
    path.write_bytes(content)
    return photo.read_photo(path)


def corners(picture: Picture) -> list[int]:
    """Return the strongest colour in each quarter, row by row; 3 for black."""
    high, wide = picture.shape[:2]
    spots = [(y, x) for y in (high // 4, 3 * high // 4) for x in (wide // 4, 3 * wide // 4)]
    return [int(picture[s].argmax()) if picture[s].max() > 100 else 3 for s in spots]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_every_format_of_phones_is_read(kind: str, tmp_path: Path) -> None:
    """Size and colours come out as they went in."""
    content = encoded(quarters(), kind)
    seen = read(content, tmp_path)
    assert (seen.width_px, seen.height_px) == (400, 300)
    assert seen.picture.shape == (300, 400, 3)
    assert seen.picture.flags["C_CONTIGUOUS"]
    assert corners(seen.picture) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("orientation", "size", "expected"),
    [
        pytest.param(1, (400, 300), [0, 1, 2, 3], id="as-it-is"),
        pytest.param(3, (400, 300), [3, 2, 1, 0], id="upside-down"),
        pytest.param(6, (300, 400), [2, 0, 3, 1], id="turned-right"),
        pytest.param(8, (300, 400), [1, 3, 0, 2], id="turned-left"),
        pytest.param(2, (400, 300), [1, 0, 3, 2], id="mirrored"),
    ],
)
def test_exif_orientation_is_applied(
    orientation: int, size: tuple[int, int], expected: list[int], tmp_path: Path
) -> None:
    """A phone held upright writes a picture on its side and says so."""
    seen = read(oriented(quarters(), orientation), tmp_path)
    assert (seen.width_px, seen.height_px) == size
    assert seen.picture.shape[:2] == size[::-1]
    assert corners(seen.picture) == expected


def test_exif_does_not_turn_a_heic_once_more(tmp_path: Path) -> None:
    """HEIC is turned by a box of its own, which its reader applies; EXIF only repeats it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    seen = read(encoded(quarters(), "HEIF", exif=exif), tmp_path)
    assert (seen.width_px, seen.height_px) == (400, 300)
    assert corners(seen.picture) == [0, 1, 2, 3]


def test_a_large_photo_is_shrunk_and_its_size_kept(tmp_path: Path) -> None:
    """12 megapixels come down to 1600 pixels; points are still given in those of the photo."""
    seen = read(encoded(quarters(4000, 3000)), tmp_path)
    assert (seen.width_px, seen.height_px) == (4000, 3000)
    assert max(seen.picture.shape) == photo.WORK_LONG_SIDE_PX
    assert corners(seen.picture) == [0, 1, 2, 3]


def test_a_large_photo_on_its_side_keeps_its_upright_size(tmp_path: Path) -> None:
    """Shrinking and turning go together."""
    seen = read(oriented(quarters(4000, 3000), 6), tmp_path)
    assert (seen.width_px, seen.height_px) == (3000, 4000)
    assert seen.picture.shape == (1600, 1200, 3)


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "I;16", "CMYK"])
def test_odd_colour_modes_come_out_as_rgb(mode: str, tmp_path: Path) -> None:
    """Grey, see-through, palette, 16 bit and printers' colours."""
    grey = np.full((200, 300), 200, np.uint8)
    if mode == "I;16":
        image = Image.fromarray(grey.astype(np.uint16) * 257)
    else:
        image = Image.fromarray(grey).convert("RGB").convert(mode)
    path = tmp_path / "upload"
    image.save(path, "JPEG" if mode == "CMYK" else "PNG")
    seen = photo.read_photo(path)
    assert seen.picture.shape == (200, 300, 3)
    assert abs(int(seen.picture[100, 150].mean()) - 200) < 12


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "empty_file", id="empty"),
        pytest.param(b"three squats and a wink, I think", "text_file", id="text"),
        pytest.param(b"\x00\x01\x02\x03" * 200, "not_photo", id="noise"),
        pytest.param(b"GIF89a" + bytes(300), "not_photo", id="gif"),
        pytest.param(b"%PDF-1.7\n\x80\x81" + bytes(300), "not_photo", id="pdf"),
        pytest.param(b"\x00\x00\x00\x18ftypmp42" + bytes(300), "film", id="film"),
        pytest.param(encoded(quarters())[:900], "broken_off", id="half-a-jpeg"),
        pytest.param(encoded(quarters(), "PNG")[:300], "broken_off", id="half-a-png"),
        pytest.param(encoded(quarters(100, 80)), "too_small", id="small"),
    ],
)
def test_what_is_no_photo_is_told_apart(content: bytes, reason: str, tmp_path: Path) -> None:
    """Each gets its own sentence."""
    with pytest.raises(UnreadableError) as caught:
        read(content, tmp_path)
    assert caught.value.reason == reason
    assert caught.value.text.endswith(".")


def test_a_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """30,000 by 30,000 pixels in a kilobyte: nothing is decoded."""

    def unpack(*args: object) -> None:
        pytest.fail("a pixel was unpacked")

    monkeypatch.setattr(Image.Image, "load", unpack)
    with pytest.raises(OverLimitError) as caught:
        read(photos.huge_png(), tmp_path)
    assert caught.value.reason == "too_many_pixels"


def test_a_picture_under_pillows_limit_and_over_ours_is_refused(tmp_path: Path) -> None:
    """65 megapixels would not alarm Pillow."""
    with pytest.raises(OverLimitError):
        read(photos.huge_png(8200, 8000), tmp_path)


def test_too_many_bytes_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file over the limit is refused by its size."""
    monkeypatch.setattr(photo, "MAX_BYTES", 1 << 20)
    with pytest.raises(OverLimitError) as caught:
        read(encoded(quarters()) + bytes(1 << 20), tmp_path)
    assert "1 MB" in caught.value.text


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """A photo that cannot be opened."""
    with pytest.raises(UnreadableError) as caught:
        photo.read_photo(tmp_path / "none")
    assert caught.value.reason == "no_file"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_flipped_bytes_never_raise_anything_else(kind: str, tmp_path: Path) -> None:
    """Sixty broken copies of a photo: read, or refused with a sentence."""
    rng = np.random.default_rng(1)
    whole = np.frombuffer(encoded(quarters(240, 200), kind), np.uint8)
    for _ in range(60):
        broken = whole.copy()
        places = rng.integers(0, len(broken), rng.integers(1, 12))
        broken[places] = rng.integers(0, 256, len(places))
        with contextlib.suppress(UnreadableError):
            read(broken.tobytes(), tmp_path)


def test_sizes_asked_for_and_the_jpeg_that_is_kept(tmp_path: Path) -> None:
    """The picture serves like a frame of a film, and is written anew without its EXIF."""
    seen = read(oriented(quarters(), 6), tmp_path)
    assert seen.rgb(150, 200).shape == (200, 150, 3)
    assert seen.rgb() is seen.picture
    small = read(seen.jpeg(240), tmp_path)
    assert small.picture.shape == (240, 180, 3)
    assert corners(small.picture) == [2, 0, 3, 1]
    assert b"Exif" not in seen.jpeg(240)
