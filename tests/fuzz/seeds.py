"""Films and photos to mutate: every container with every codec that it can hold."""

import io
import itertools
import os
import tempfile
from pathlib import Path

import av
import cv2
import numpy as np

from analysis.service.runner import PROJECT
from analysis.video import FilmReader
from tests.clips import even_times, grey, step_down, write_clip, write_sound

SAMPLE = PROJECT / "analysis" / "data" / "sample.mp4"

_QUIET = {"libx265": {"x265-params": "log-level=none"}}
_FILMS = (
    *((e, c) for e in ("mp4", "mov", "mkv") for c in ("libx264", "libx265")),
    ("mp4", "libsvtav1"),
    ("mkv", "libsvtav1"),
    ("mp4", "libvpx-vp9"),
    ("mkv", "libvpx-vp9"),
    ("webm", "libvpx-vp9"),
    ("webm", "libvpx"),
    ("webm", "libsvtav1"),
    ("avi", "libx264"),
    ("avi", "mjpeg"),
    ("avi", "mpeg4"),
    ("ts", "libx264"),
    ("ts", "mpeg2video"),
    ("3gp", "h263"),
)


def make_seeds() -> dict[str, bytes]:
    """Make all seeds, by a name that ends as the file would."""
    os.environ.setdefault("SVT_LOG", "1")  # errors only
    seeds: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for ending, codec in _FILMS:
            path = folder / f"clip.{ending}"
            write_clip(
                path,
                codec=codec,
                times_s=even_times(12, fps=30),
                # The sizes that H.263 knows are few.
                size_px=(176, 144) if codec == "h263" else (96, 64),
                pix_fmt="yuvj420p" if codec == "mjpeg" else "yuv420p",
                codec_options=_QUIET.get(codec, {}),
            )
            seeds[f"{codec}.{ending}"] = path.read_bytes()
        seeds["turned.mp4"] = write_clip(
            folder / "turned.mp4", times_s=even_times(12, fps=30), rotation_deg=90
        ).read_bytes()
        seeds["sound.mp4"] = write_sound(folder / "sound.mp4").read_bytes()
        for ending, codec in (("mp4", "libx264"), ("webm", "libvpx-vp9")):
            seeds[f"lifter.{ending}"] = _lifter(folder / f"lifter.{ending}", codec=codec)
    seeds |= _photos()
    # The photo that iPhones take is a picture of HEVC in the same boxes as a film.
    seeds["photo.heic"] = seeds["libx265.mp4"].replace(b"ftypisom", b"ftypheic", 1)
    return seeds


def _lifter(path: Path, *, codec: str) -> bytes:
    """Write the sample's first pictures, small: with a person the whole way is gone."""
    with FilmReader(SAMPLE) as film:
        frames = itertools.islice(film.frames(), 16)
        pictures = [frame.rgb(width_px=180, height_px=320) for frame in frames]
    return write_clip(
        path,
        codec=codec,
        times_s=even_times(len(pictures), fps=30),
        size_px=(180, 320),
        paint=lambda index, **size: pictures[index],
    ).read_bytes()


def _photos() -> dict[str, bytes]:
    picture = np.ascontiguousarray(grey(3, width_px=96, height_px=64)[..., ::-1])
    photos = {}
    for ending in ("jpg", "png"):
        done, content = cv2.imencode(f".{ending}", picture)
        assert done
        photos[f"photo.{ending}"] = content.tobytes()
    target = io.BytesIO()
    with av.open(target, "w", format="avif") as photo:
        stream = photo.add_stream("libsvtav1", rate=1)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        photo.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        photo.mux(stream.encode(None))
    step_down()
    photos["photo.avif"] = target.getvalue()
    return photos
