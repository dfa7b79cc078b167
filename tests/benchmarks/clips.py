"""Films for the benchmarks, as large and fast as phones make them, out of the sample.

One squat of the sample is played a little slower, so that it lasts three seconds, and
encoded once with grain as of a sensor; longer films repeat its packets. Of 15 s, that
is five repetitions, 86 % of the frames show somebody moving.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "analysis" / "data" / "sample.mp4"

# The first squat of the sample with its standing before and after, seconds.
_BEGIN_S, _END_S = 0.35, 2.76
# What it is stretched to.
_REP_S = 3
# Standard deviation of the grain, grey levels: a phone indoors.
_GRAIN = 1.5
# Bits a pixel at 30 pictures a second: 8 Mbit/s at 1080p, half of what phones write and
# twice what messengers leave. HEVC needs half.
_BITS = {"h264": 0.13, "hevc": 0.065}
# Shorter side of the picture.
_SIDES = {"720p": 720, "1080p": 1080, "4k": 2160}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipKind:
    """What sort of film to make: an upright one, 9 to 16.

    Attributes
    ----------
    size : {"720p", "1080p", "4k"}
    codec : {"h264", "hevc"}
        HEVC with 10 bits, as phones film HDR.
    fps : int
    length_s : int
    """

    size: str = "1080p"
    codec: str = "h264"
    fps: int = 30
    length_s: int = 15

    @property
    def name(self) -> str:
        """Short name, such as ``1080p30-h264-15s``."""
        return f"{self.size}{self.fps}-{self.codec}-{self.length_s}s"

    @classmethod
    def of(cls, name: str) -> "ClipKind":
        """Return the kind that has a name."""
        picture, codec, length = name.split("-")
        size = next(size for size in _SIDES if picture.startswith(size))
        return cls(
            size=size,
            codec=codec,
            fps=int(picture.removeprefix(size)),
            length_s=int(length.removesuffix("s")),
        )


def make_clip(kind: ClipKind, folder: Path) -> Path:
    """Return the film of a kind, made if it is not there.

    Parameters
    ----------
    kind : ClipKind
    folder : Path
        Is made too.
    """
    path = folder / f"{kind.name}.mp4"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    once = folder / f"{kind.size}{kind.fps}-{kind.codec}-once.mp4"
    if not once.exists():
        _encode(kind, once.with_suffix(".part"))
        once.with_suffix(".part").rename(once)
    part = path.with_suffix(".part")
    _repeat(once, part, length_s=kind.length_s)
    return part.rename(path)


def _encode(kind: ClipKind, path: Path) -> None:
    """Encode one repetition in groups of a second that stand alone."""
    wide = _SIDES[kind.size]
    high = wide * 16 // 9
    with av.open(str(path), "w", format="mp4") as target:
        is_hevc = kind.codec == "hevc"
        stream = target.add_stream("libx265" if is_hevc else "libx264", rate=kind.fps)
        stream.width, stream.height = wide, high
        stream.pix_fmt = "yuv420p10le" if is_hevc else "yuv420p"
        # Twice the pictures do not take twice the bits: they differ less.
        stream.bit_rate = round(_BITS[kind.codec] * wide * high * 30 * (kind.fps / 30) ** 0.6)
        stream.codec_context.time_base = Fraction(1, kind.fps)
        stream.options = {
            "preset": "ultrafast" if is_hevc else "veryfast",
            "g": str(kind.fps),
            "sc_threshold": "0",
        }
        if is_hevc:
            stream.options |= {
                "tag": "hvc1",
                "x265-params": f"open-gop=0:keyint={kind.fps}:bframes=3:log-level=error",
            }
        for index, luma_chroma in enumerate(_pictures(kind.fps, wide, high)):
            picture = av.VideoFrame.from_ndarray(luma_chroma, format="yuv420p")
            picture = picture.reformat(format=stream.pix_fmt)
            picture.pts, picture.time_base = index, Fraction(1, kind.fps)
            target.mux(stream.encode(picture))
        target.mux(stream.encode(None))


def _pictures(fps: int, wide: int, high: int) -> Iterator[NDArray[np.uint8]]:
    """Give the pictures of the repetition as planes of yuv420p, between the sample's blended."""
    with av.open(str(SAMPLE)) as source:
        times, pictures = zip(
            *((picture.time, picture) for picture in source.decode(video=0)), strict=True
        )
        planes = [
            picture.reformat(width=wide, height=high, format="yuv420p").to_ndarray()
            for picture, time_s in zip(pictures, times, strict=True)
            if _BEGIN_S <= time_s <= _END_S
        ]
    random = np.random.default_rng(9)
    grain = np.round(random.normal(0.0, _GRAIN, (high + 64, wide + 64))).astype(np.int16)
    for place in np.arange(fps * _REP_S) / (fps * _REP_S) * (len(planes) - 1):
        index, share = int(place), place % 1.0
        after = planes[min(index + 1, len(planes) - 1)]
        mixed = np.asarray(cv2.addWeighted(planes[index], 1 - share, after, share, 0.0))
        x, y = random.integers(0, 64, 2)
        luma = mixed[:high]
        cv2.add(luma, grain[y : y + high, x : x + wide], dst=luma, dtype=cv2.CV_8U)
        yield mixed


def _repeat(once: Path, path: Path, *, length_s: int) -> None:
    """Write the packets of one repetition over and over; groups of a second are whole."""
    with av.open(str(path), "w", format="mp4") as target:
        stream = None
        for turn in itertools.count():
            with av.open(str(once)) as source:
                film = source.streams.video[0]
                stream = stream or target.add_stream_from_template(film)
                shift = round(turn * _REP_S / film.time_base)
                end = round(length_s / film.time_base)
                for packet in source.demux(film):
                    if packet.dts is None:
                        continue
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    if packet.pts >= end and packet.is_keyframe:
                        return
                    packet.stream = stream
                    target.mux(packet)
