"""Writing small films: times, colours, what browsers need, and looking into them again."""

from pathlib import Path

import av
import numpy as np
import pytest

from analysis.preview import PreviewWriter
from analysis.video import FilmReader, frame_times, read_frame_at
from tests.clips import even_times, grey, index_of, red_corner, write_clip
from tests.test_video import JITTERY_S, read


@pytest.fixture
def preview(tmp_path: Path) -> Path:
    """Write a jittery clip that starts at seven seconds."""
    path = tmp_path / "preview.mp4"
    with PreviewWriter(path, width_px=64, height_px=48) as writer:
        for index, time_s in enumerate(JITTERY_S):
            writer.add(grey(index), 7.0 + time_s)
    return path


def test_times_are_kept_from_zero(preview: Path) -> None:
    """The first frame is at 0, the others at their true distance."""
    np.testing.assert_allclose(frame_times(preview), JITTERY_S, atol=1e-5)
    assert [t for _, t in read(preview)] == pytest.approx(JITTERY_S, abs=1e-5)


@pytest.mark.parametrize(
    ("asked_s", "index"),
    [(0.0, 0), (-5.0, 0), (0.06, 2), (0.1, 3), (0.17, 5), (0.23, 6), (0.24, 7), (99.0, 11)],
)
def test_reads_the_nearest_frame(preview: Path, asked_s: float, index: int) -> None:
    """The frame nearest in time comes out, with its true time."""
    rgb, time_s = read_frame_at(preview, asked_s)
    assert index_of(rgb) == index
    assert time_s == pytest.approx(JITTERY_S[index], abs=1e-5)
    assert rgb.flags.c_contiguous


def test_every_frame_is_found_by_its_time(preview: Path) -> None:
    """Stepping through `frame_times` shows each frame once."""
    times_s = frame_times(preview)
    assert [index_of(read_frame_at(preview, t)[0]) for t in times_s] == list(range(12))


def test_browsers_can_start_and_scrub(tmp_path: Path) -> None:
    """H.264 in yuv420p, index in front, a key frame every ten frames."""
    path = tmp_path / "preview.mp4"
    with PreviewWriter(path, width_px=64, height_px=48) as writer:
        for index in range(40):
            writer.add(grey(index), index / 30)
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        keys = [n for n, p in enumerate(p for p in film.demux(stream) if p.size) if p.is_keyframe]
    assert keys == [0, 10, 20, 30]


def test_colours_come_back(tmp_path: Path) -> None:
    """The matrix that is used is the one that the file names."""
    path = tmp_path / "preview.mp4"
    colours = [(200, 40, 40), (40, 200, 40), (40, 40, 200)]
    with PreviewWriter(path, width_px=64, height_px=48) as writer:
        for index, colour in enumerate(colours):
            writer.add(np.full((48, 64, 3), colour, np.uint8), index / 30)
    for index, colour in enumerate(colours):
        rgb, _ = read_frame_at(path, index / 30)
        np.testing.assert_allclose(rgb.reshape(-1, 3).mean(axis=0), colour, atol=5)


@pytest.mark.parametrize("rotation_deg", [0, 90, 180, 270])
@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuvj420p"])
def test_frames_of_a_film_keep_colours_place_and_time(
    tmp_path: Path, rotation_deg: int, pix_fmt: str
) -> None:
    """The way without RGB gives the upright picture that `Frame.rgb` gives."""
    clip = write_clip(
        tmp_path / "clip.mp4", rotation_deg=rotation_deg, pix_fmt=pix_fmt, paint=red_corner
    )
    path = tmp_path / "preview.mp4"
    wide, high = (24, 32) if rotation_deg in {90, 270} else (32, 24)
    with FilmReader(clip) as film:
        matrix = film.first.matrix
        with PreviewWriter(path, width_px=wide, height_px=high, matrix=matrix) as writer:
            for frame in film.frames():
                writer.add_picture(frame.yuv(wide, high, matrix=matrix), frame.time_s)
    np.testing.assert_allclose(frame_times(path), frame_times(clip), atol=1e-5)
    shown = read_frame_at(path, 0.5)[0].astype(float)
    expected = frame.rgb(wide, high).astype(float)
    # Quarter by quarter: the corner in another place is far off, and red by the wrong
    # matrix by 19 levels; 6 are lost to compression.
    for rows in (slice(0, high // 2), slice(high // 2, high)):
        for columns in (slice(0, wide // 2), slice(wide // 2, wide)):
            np.testing.assert_allclose(
                shown[rows, columns].mean(axis=(0, 1)),
                expected[rows, columns].mean(axis=(0, 1)),
                atol=8,
            )


def test_a_failed_block_leaves_no_file(tmp_path: Path) -> None:
    """Half a preview is worse than none."""
    path = tmp_path / "preview.mp4"
    with (
        pytest.raises(ValueError, match="expected uint8"),
        PreviewWriter(path, width_px=64, height_px=48) as writer,
    ):
        writer.add(grey(0, width_px=32), 0.0)
    assert not path.exists()


@pytest.mark.parametrize("size_px", [(63, 48), (64, 47), (0, 48)])
def test_sizes_must_be_even(tmp_path: Path, size_px: tuple[int, int]) -> None:
    """Odd sizes have no place for the chroma."""
    with pytest.raises(ValueError, match="even"):
        PreviewWriter(tmp_path / "p.mp4", width_px=size_px[0], height_px=size_px[1])


def test_wrong_frames_are_refused(tmp_path: Path) -> None:
    """Another size, another type, or a time that stands still."""
    with PreviewWriter(tmp_path / "p.mp4", width_px=64, height_px=48) as writer:
        writer.add(grey(0), 1.0)
        with pytest.raises(ValueError, match="expected uint8"):
            writer.add(grey(0, width_px=32), 2.0)
        with pytest.raises(ValueError, match="expected uint8"):
            writer.add(grey(0).astype(np.float32), 2.0)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="increase"):
            writer.add(grey(0), 1.0)


def test_any_film_can_be_looked_into(tmp_path: Path) -> None:
    """Rotation and a late start are handled as in the reader."""
    late = [3 + time_s for time_s in even_times(30, fps=30)]
    path = write_clip(tmp_path / "clip.ts", times_s=late)
    rgb, time_s = read_frame_at(path, 0.5)
    assert (index_of(rgb), time_s) == (15, pytest.approx(0.5))
    turned = write_clip(tmp_path / "clip.mp4", rotation_deg=90)
    assert read_frame_at(turned, 0.5)[0].shape == (64, 48, 3)


@pytest.mark.parametrize("ending", ["mp4", "mkv", "avi", "ts"])
def test_frame_times_agree_with_the_reader(tmp_path: Path, ending: str) -> None:
    """Demuxing alone gives the times of decoding, B-frames or not."""
    path = write_clip(tmp_path / f"clip.{ending}")
    with FilmReader(path) as film:
        decoded_s = [frame.time_s for frame in film.frames(max_fps=1000)]
    np.testing.assert_allclose(frame_times(path), decoded_s, atol=1e-9)
