"""Clips that tests encode themselves, with known pictures at known times.

Every frame of a plain clip is one flat grey whose level says which frame it
is, so that a test can tell which frames came out. Stored red marks the top
left corner where orientation matters.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.stream import Disposition
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

# Neighbouring frames differ by three levels: more than any codec here loses.
_DARKEST, _STEP = 20, 3
MAX_FRAMES = 70

TICK = Fraction(1, 90_000)
# What AVI and these codecs know is frames by number, at 30 a second here.
FIXED_CLOCK = Fraction(1, 30)
_FIXED_CODECS = frozenset({"mpeg4", "h263", "mpeg2video"})


def grey(index: int, *, width_px: int = 64, height_px: int = 48) -> Picture:
    """Make the picture of a frame: flat, its level telling the index."""
    if index >= MAX_FRAMES:
        raise ValueError(f"only {MAX_FRAMES} levels can be told apart, got {index}")
    return np.full((height_px, width_px, 3), _DARKEST + _STEP * index, np.uint8)


def index_of(rgb: Picture) -> int:
    """Tell which frame a picture is, however it was turned or resized."""
    # Codecs and the way through YUV lose a level, rarely two, and win none.
    return round((float(rgb.mean()) - _DARKEST + 1) / _STEP)


def textured(index: int, *, width_px: int = 64, height_px: int = 48) -> Picture:
    """Make the picture of a frame with a grain that costs bytes to store."""
    half = np.random.default_rng(1).integers(0, 16, (height_px, width_px, 1))
    grain = half - half[:, ::-1]  # mean 0, so that the level still tells the index
    flat = grey(index, width_px=width_px, height_px=height_px)
    return (flat + grain).astype(np.uint8)


def red_corner(index: int, *, width_px: int = 64, height_px: int = 48) -> Picture:
    """Make a dark picture with a red quarter at the stored top left."""
    picture = np.full((height_px, width_px, 3), 40, np.uint8)
    picture[: height_px // 2, : width_px // 2] = (220, 20, 20)
    return picture


def even_times(n_frames: int, *, fps: float) -> list[float]:
    """List the times of a film of constant rate."""
    return [index / fps for index in range(n_frames)]


def write_clip(
    path: Path,
    *,
    times_s: Sequence[float] = (),
    codec: str = "libx264",
    size_px: tuple[int, int] = (64, 48),
    pix_fmt: str = "yuv420p",
    rotation_deg: int = 0,
    pixel_aspect: Fraction | None = None,
    metadata: dict[str, str] | None = None,
    codec_options: dict[str, str] | None = None,
    format_options: dict[str, str] | None = None,
    container: str | None = None,
    paint: Callable[..., Picture] = grey,
) -> Path:
    """Encode a clip and return its path.

    Parameters
    ----------
    path : Path
        Its ending chooses the container unless `container` does.
    times_s : sequence of float
        Presentation times; by default 30 frames at 30 a second.
    rotation_deg : int
        Counter-clockwise turn that a player is to apply.
    """
    times_s = times_s or even_times(30, fps=30)
    width_px, height_px = size_px
    with av.open(str(path), "w", format=container, options=format_options or {}) as film:
        film.metadata.update(metadata or {})
        stream = film.add_stream(codec, rate=30, options=codec_options or {})
        stream.width, stream.height, stream.pix_fmt = width_px, height_px, pix_fmt
        clock = FIXED_CLOCK if codec in _FIXED_CODECS or path.suffix == ".avi" else TICK
        stream.codec_context.time_base = stream.time_base = clock
        if pixel_aspect is not None:
            stream.codec_context.sample_aspect_ratio = pixel_aspect
        if rotation_deg:
            stream.set_display_rotation(rotation_deg)
        for index, time_s in enumerate(times_s):
            rgb = paint(index, width_px=width_px, height_px=height_px)
            picture = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            picture.pts, picture.time_base = round(time_s / clock), clock
            film.mux(stream.encode(picture))
        film.mux(stream.encode(None))
    step_down()
    return path


def step_down() -> None:
    """Leave the real-time priority into which libsvtav1 puts who encodes with it as root.

    What is started afterwards would inherit it, and the page, or a thread that somebody
    waits for, would get no turn at all.
    """
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def write_sound(path: Path, *, with_cover: bool = False) -> Path:
    """Encode half a second of silence, with a cover picture if wished."""
    with av.open(str(path), "w") as film:
        cover = film.add_stream("mjpeg", rate=1) if with_cover else None
        if cover is not None:
            cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"
            cover.disposition = Disposition.attached_pic
        stream = film.add_stream("aac", rate=44_100)
        if cover is not None:
            film.mux(cover.encode(av.VideoFrame.from_ndarray(grey(0), format="rgb24")))
            film.mux(cover.encode(None))
        for _ in range(22):
            sound = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp")
            sound.sample_rate = 44_100
            film.mux(stream.encode(sound))
        film.mux(stream.encode(None))
    return path


def write_with_cover(path: Path) -> Path:
    """Encode a clip whose first picture stream is cover art, in bright grey."""
    with av.open(str(path), "w") as film:
        cover = film.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 320, 320, "yuvj420p"
        cover.disposition = Disposition.attached_pic
        stream = film.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        art = np.full((320, 320, 3), 250, np.uint8)
        film.mux(cover.encode(av.VideoFrame.from_ndarray(art, format="rgb24")))
        film.mux(cover.encode(None))
        for index in range(10):
            film.mux(stream.encode(av.VideoFrame.from_ndarray(grey(index), format="rgb24")))
        film.mux(stream.encode(None))
    return path


def write_with_packet_times(path: Path, ticks_ms: Iterable[int]) -> Path:
    """Encode an MJPEG Matroska clip whose packets carry these very times.

    Matroska takes repeated times, which encoders and other muxers refuse.
    """
    with av.open(str(path), "w") as film:
        stream = film.add_stream("mjpeg", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
        for index, tick in enumerate(ticks_ms):
            for packet in stream.encode(av.VideoFrame.from_ndarray(grey(index), format="rgb24")):
                packet.pts = packet.dts = tick
                packet.time_base = Fraction(1, 1000)
                film.mux(packet)
    return path


def cut_in_half(path: Path, target: Path) -> Path:
    """Copy the first half of a file's bytes."""
    content = path.read_bytes()
    target.write_bytes(content[: len(content) // 2])
    return target


def box(kind: bytes, *payload: bytes) -> bytes:
    """Make an MP4 box."""
    content = b"".join(payload)
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def with_external_track(film: bytes, *, other_name: str) -> bytes:
    """Turn a MOV (index at the end) into one whose track lies in another file.

    The pictures are wiped and the data reference becomes an alias to
    `other_name` in the same folder, as FFmpeg's ``enable_drefs`` follows it.
    """
    path = f"/{other_name}".encode()
    alias = b"".join(
        (
            bytes(10),
            b"\x04disk".ljust(28, b"\0"),  # volume
            bytes(12),
            (bytes([len(other_name)]) + other_name.encode()).ljust(64, b"\0"),
            bytes(16),
            (1).to_bytes(2, "big") * 2,  # one level up from here, one down to there
            bytes(16),
            (2).to_bytes(2, "big") + len(path).to_bytes(2, "big") + path + bytes(len(path) % 2),
            b"\xff\xff\0\0",
        )
    )
    reference = box(b"alis", bytes(4), alias)
    new_dref = box(b"dref", bytes(4), (1).to_bytes(4, "big"), reference)
    index_at = film.rindex(b"moov") - 4
    media, index = film[:index_at], film[index_at:]
    media_at = media.index(b"mdat") + 4
    media = media[:media_at] + bytes(len(media) - media_at)
    return media + _swap_box(index, b"dref", new_dref)


def _swap_box(content: bytes, kind: bytes, new: bytes) -> bytes:
    """Replace a box wherever it lies, and grow every box around it."""
    result, at = [], 0
    while at < len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        name, payload = content[at + 4 : at + 8], content[at + 8 : at + length]
        if name == kind:
            result.append(new)
        elif name in {b"moov", b"trak", b"mdia", b"minf", b"dinf"}:
            result.append(box(name, _swap_box(payload, kind, new)))
        else:
            result.append(content[at : at + length])
        at += length
    return b"".join(result)
