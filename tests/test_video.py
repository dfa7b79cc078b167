"""Reading and writing film: times, orientation, thinning, formats, previews."""

import itertools
import math
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from analysis.film import Thinner, VideoLimits, measure_fps
from analysis.video import FilmReader
from tests.clips import (
    cut_in_half,
    even_times,
    grey,
    index_of,
    red_corner,
    textured,
    write_clip,
    write_with_cover,
    write_with_packet_times,
)

X265_QUIET = {"x265-params": "log-level=none", "crf": "8"}

# A phone at "30 fps" in a dim room: gaps of 23 to 47 ms, one frame missing.
JITTERY_S = [0.0, 0.033, 0.073, 0.1, 0.123, 0.17, 0.2, 0.267, 0.29, 0.337, 0.36, 0.4]


def read(path: Path, *, max_fps: float = 30.0) -> list[tuple[int, float]]:
    """Read a clip as (index by grey level, time)."""
    with FilmReader(path) as film:
        return [(index_of(frame.rgb()), frame.time_s) for frame in film.frames(max_fps=max_fps)]


@pytest.mark.parametrize(
    ("codec", "ending", "pix_fmt", "options", "name"),
    [
        pytest.param("libx264", "mp4", "yuv420p", {}, "h264", id="h264-mp4"),
        pytest.param("libx264", "avi", "yuv420p", {}, "h264", id="h264-avi-without-display-times"),
        pytest.param("libx264", "ts", "yuv420p", {}, "h264", id="h264-ts-late-start"),
        pytest.param("libx264", "mkv", "yuv420p", {}, "h264", id="h264-mkv"),
        pytest.param("libx265", "mov", "yuv420p10le", X265_QUIET, "hevc", id="hevc-10-bit"),
        pytest.param("libsvtav1", "mp4", "yuv420p", {"crf": "10"}, "av1", id="av1"),
        pytest.param("libvpx-vp9", "webm", "yuv420p", {}, "vp9", id="vp9"),
        pytest.param("libvpx", "webm", "yuv420p", {}, "vp8", id="vp8"),
        pytest.param("mjpeg", "avi", "yuvj420p", {"qmax": "2"}, "mjpeg", id="mjpeg-avi"),
        pytest.param("mpeg4", "avi", "yuv420p", {"qmax": "2"}, "mpeg4", id="mpeg4-avi"),
        pytest.param("mpeg2video", "ts", "yuv420p", {"qmax": "2"}, "mpeg2video", id="mpeg2-ts"),
        pytest.param("prores_ks", "mov", "yuv422p10le", {}, "prores", id="prores"),
    ],
)
def test_reads_what_phones_and_browsers_record(
    tmp_path: Path, codec: str, ending: str, pix_fmt: str, options: dict[str, str], name: str
) -> None:
    """Every frame comes out once, in order, at its time."""
    path = write_clip(
        tmp_path / f"clip.{ending}", codec=codec, pix_fmt=pix_fmt, codec_options=options
    )
    with FilmReader(path) as film:
        frames = [(index_of(frame.rgb()), frame.time_s) for frame in film.frames()]
        meta, warnings = film.meta, film.warnings
    assert [index for index, _ in frames] == list(range(30))
    # Matroska and WebM round to milliseconds.
    np.testing.assert_allclose([t for _, t in frames], even_times(30, fps=30), atol=6e-4)
    assert meta.codec == name
    assert meta.fps == pytest.approx(30, rel=2e-3)
    assert meta.duration_s == pytest.approx(1.0, abs=2e-3)
    assert (meta.width_px, meta.height_px, meta.rotation_deg) == (64, 48, 0)
    assert warnings == ()


@pytest.mark.parametrize(
    ("rotation_deg", "red_at"),
    [(0, (0, 0)), (90, (1, 0)), (180, (1, 1)), (270, (0, 1))],
    ids=lambda value: str(value),
)
@pytest.mark.parametrize("size_px", [None, (1, 1), (2, 1)], ids=["own", "small", "stretched"])
def test_turns_pictures_upright(
    tmp_path: Path, rotation_deg: int, red_at: tuple[int, int], size_px: tuple[int, int] | None
) -> None:
    """The red corner lands where a player shows it, at any size asked for."""
    path = write_clip(tmp_path / "clip.mp4", rotation_deg=rotation_deg, paint=red_corner)
    with FilmReader(path) as film:
        meta = film.meta
        frame = next(film.frames())
        upright = (48, 64) if rotation_deg in {90, 270} else (64, 48)
        assert (meta.width_px, meta.height_px) == upright
        assert meta.rotation_deg == rotation_deg
        asked = upright if size_px is None else (20 * size_px[0], 20 * size_px[1])
        rgb = frame.rgb(*asked) if size_px else frame.rgb()
    assert rgb.shape == (asked[1], asked[0], 3)
    assert rgb.dtype == np.uint8
    assert rgb.flags.c_contiguous
    corners = rgb[3 :: asked[1] - 7, 3 :: asked[0] - 7].astype(int)
    is_red = corners[..., 0] - corners[..., 1] > 100
    assert is_red.tolist() == [[(y, x) == red_at for x in (0, 1)] for y in (0, 1)]


def test_one_side_keeps_the_shape(tmp_path: Path) -> None:
    """Asked for a height alone, the width follows."""
    with FilmReader(write_clip(tmp_path / "clip.mp4", rotation_deg=90)) as film:
        frame = next(film.frames())
        assert frame.rgb(height_px=32).shape == (32, 24, 3)
        assert frame.rgb(width_px=24).shape == (32, 24, 3)


def test_pixels_that_are_not_square_are_stretched(tmp_path: Path) -> None:
    """Angles are wrong in anamorphic pixels, so the upright size has square ones."""
    path = write_clip(tmp_path / "clip.mp4", pixel_aspect=Fraction(4, 3), rotation_deg=90)
    with FilmReader(path) as film:
        assert (film.meta.width_px, film.meta.height_px) == (48, 85)
        assert next(film.frames()).rgb().shape == (85, 48, 3)


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_variable_rate_keeps_every_frame_and_its_time(tmp_path: Path, ending: str) -> None:
    """A jittery 30 fps clip is not thinned, and no time is made up."""
    frames = read(write_clip(tmp_path / f"clip.{ending}", times_s=JITTERY_S))
    assert [index for index, _ in frames] == list(range(len(JITTERY_S)))
    np.testing.assert_allclose([t for _, t in frames], JITTERY_S, atol=6e-4)


@pytest.mark.parametrize(
    ("fps", "max_fps", "every"),
    [
        (24, 30, 1),
        (30, 30, 1),
        (32, 30, 1),
        (48, 30, 2),
        (50, 30, 2),
        (59.94, 30, 2),
        (60, 30, 2),
        (120, 30, 4),
        (240, 30, 8),
        (30, 3, 10),
        (60, 3, 19),
        (25, 3, 8),
        (30, 15, 2),
        (30, 1000, 1),
    ],
)
def test_thinner_spaces_evenly(fps: float, max_fps: float, every: int) -> None:
    """Of an even film every n-th frame is kept, at the wished rate or under."""
    thinner = Thinner(fps=fps, max_fps=max_fps)
    kept = [index for index in range(200) if thinner.keep(index / fps)]
    assert kept == list(range(0, 200, every))
    assert fps / every <= 1.1 * max_fps


def test_thinner_stays_even_with_jitter_and_a_lost_frame() -> None:
    """60 fps with 3 ms of jitter and a gap: still about 33 ms between frames."""
    rng = np.random.default_rng(4)
    times_s = np.arange(300) / 60 + rng.uniform(-3e-3, 3e-3, 300)
    times_s = np.delete(times_s, 101)
    thinner = Thinner(fps=60, max_fps=30)
    gaps_s = np.diff([t for t in times_s if thinner.keep(t)])
    assert gaps_s.min() > 0.026
    assert gaps_s.max() < 0.057  # at the lost frame; 0.040 elsewhere
    assert np.sum(gaps_s > 0.041) <= 1


def test_thinner_tames_a_slow_motion_stretch() -> None:
    """In a 30 fps clip with one second at 240 fps the burst is thinned."""
    times_s = [*np.arange(60) / 30, *(2 + np.arange(240) / 240), *(3 + np.arange(60) / 30)]
    thinner = Thinner(fps=30, max_fps=30)
    kept = [t for t in times_s if thinner.keep(t)]
    assert sum(t < 2 for t in kept) == 60
    assert sum(t >= 3 for t in kept) == 60
    assert sum(2 <= t < 3 for t in kept) == 60


def test_thinner_refuses_no_rate() -> None:
    """A rate of nothing is a mistake of the caller."""
    with pytest.raises(ValueError, match="positive"):
        Thinner(fps=30, max_fps=0)


@pytest.mark.parametrize(
    ("fps", "max_fps", "every"),
    [(60, 30, 2), (120, 30, 4), (50, 30, 2), (240, 30, 8), (30, 3, 10), (60, 3, 19)],
)
def test_fast_clips_are_thinned(tmp_path: Path, fps: float, max_fps: float, every: int) -> None:
    """Even frames come out, or those right behind, with their own times, counted from 0."""
    path = write_clip(tmp_path / "clip.mp4", times_s=even_times(60, fps=fps))
    with FilmReader(path) as film:
        frames = [(f.index, index_of(f.rgb()), f.time_s) for f in film.frames(max_fps=max_fps)]
        meta = film.meta
    indices = np.array([index for _, index, _ in frames])
    assert set(indices - np.arange(0, 60, every)) <= {0, 1}
    assert [count for count, _, _ in frames] == list(range(len(frames)))
    np.testing.assert_allclose([t for _, _, t in frames], indices / fps, atol=2e-5)
    assert meta.fps == pytest.approx(fps, rel=1e-3)
    assert meta.duration_s == pytest.approx(60 / fps, abs=1e-3)


@pytest.mark.parametrize(
    ("times_s", "expected"),
    [
        (np.arange(30) / 30, 30.0),
        (np.round(np.arange(300) / 60, 3), 60.0),
        (np.r_[np.arange(30) / 30, 9 + np.arange(30) / 30], 30.0),
        (np.array([0.0]), math.nan),
        (np.array([]), math.nan),
    ],
    ids=["even", "rounded-to-ms", "with-a-pause", "one", "none"],
)
def test_measure_fps(times_s: np.ndarray, expected: float) -> None:
    """The rate is that of the usual gaps."""
    assert measure_fps(times_s) == pytest.approx(expected, rel=1e-3, nan_ok=True)


def test_frames_starts_over(tmp_path: Path) -> None:
    """A second pass gives the same, also after a first one that stopped early."""
    path = write_clip(tmp_path / "clip.mp4")
    with FilmReader(path) as film:
        scout = [index_of(frame.rgb()) for frame in film.frames(max_fps=3)]
        some = [index_of(frame.rgb()) for frame in itertools.islice(film.frames(), 5)]
        all_of_it = [index_of(frame.rgb()) for frame in film.frames()]
        assert film.warnings == ()
    assert scout == [0, 10, 20]
    assert some == [0, 1, 2, 3, 4]
    assert all_of_it == list(range(30))


def test_frames_outlive_the_reader(tmp_path: Path) -> None:
    """A kept frame can be converted later, and is not overwritten by the next."""
    with FilmReader(write_clip(tmp_path / "clip.mp4")) as film:
        kept = list(film.frames())
    assert [index_of(frame.rgb()) for frame in kept] == list(range(30))


def test_repeated_times_are_dropped(tmp_path: Path) -> None:
    """Times increase strictly; of two frames at one time the first is kept."""
    path = write_with_packet_times(tmp_path / "clip.mkv", [0, 33, 33, 67, 100, 100, 100, 133])
    frames = read(path)
    assert [index for index, _ in frames] == [0, 1, 3, 4, 7]
    np.testing.assert_allclose([t for _, t in frames], [0, 0.033, 0.067, 0.1, 0.133])


def test_times_that_run_backward_are_dropped(tmp_path: Path) -> None:
    """Two transport streams in one file: the second starts over in time."""
    one = write_clip(tmp_path / "one.ts").read_bytes()
    both = tmp_path / "both.ts"
    both.write_bytes(one + one)
    times_s = [time_s for _, time_s in read(both)]
    assert len(times_s) >= 29
    assert np.all(np.diff(times_s) > 0)


def test_one_frame_is_a_short_film(tmp_path: Path) -> None:
    """No rate can be measured, and nothing breaks."""
    with FilmReader(write_clip(tmp_path / "clip.mp4", times_s=[0.0])) as film:
        assert [frame.time_s for frame in film.frames()] == [0.0]
        assert math.isnan(film.meta.fps)


def test_cover_art_is_not_the_film(tmp_path: Path) -> None:
    """The attached picture comes first in the file and is passed over."""
    path = write_with_cover(tmp_path / "clip.mp4")
    with av.open(str(path)) as film:
        assert len(film.streams.video) == 2  # or this test shows nothing
    with FilmReader(path) as film:
        assert (film.meta.width_px, film.meta.height_px) == (64, 48)
        assert [index_of(frame.rgb()) for frame in film.frames()] == list(range(10))


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"creation_time": "2024-05-01T22:30:00Z"}, "2024-05-01"),
        ({"creation_time": "1970-01-01T00:00:00Z"}, None),
        ({}, None),
    ],
    ids=["dated", "unset-clock", "absent"],
)
def test_filmed_on(tmp_path: Path, metadata: dict[str, str], expected: str | None) -> None:
    """The date comes from the container; the zero of a clock is no date."""
    with FilmReader(write_clip(tmp_path / "clip.mp4", metadata=metadata)) as film:
        assert film.meta.filmed_on == expected


def test_a_mirrored_display_matrix_does_not_crash(tmp_path: Path) -> None:
    """Mirroring is left as it is, and the frames still come."""
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.set_display_rotation(90, hflip=True)
        for index in range(3):
            film.mux(stream.encode(av.VideoFrame.from_ndarray(grey(index), format="rgb24")))
        film.mux(stream.encode(None))
    with FilmReader(path) as reader:
        assert [index_of(frame.rgb()) for frame in reader.frames()] == [0, 1, 2]


def test_time_limit_stops_with_a_warning(tmp_path: Path) -> None:
    """Only the first second of two is read, and the lifter hears it."""
    path = write_clip(tmp_path / "clip.mp4", times_s=even_times(60, fps=30))
    with FilmReader(path, limits=VideoLimits(max_analysed_s=1.0)) as film:
        times_s = [frame.time_s for frame in film.frames()]
        assert [warning.id for warning in film.warnings] == ["long_film"]
        assert film.meta.duration_s == pytest.approx(31 / 30)
    assert times_s[-1] == pytest.approx(1.0)


@pytest.mark.parametrize(("codec", "container"), [("libx264", "mp4"), ("libx265", "mp4")])
def test_what_is_left_out_changes_no_picture(tmp_path: Path, codec: str, container: str) -> None:
    """Of a film twice too fast fewer frames are decoded, and those handed out are the same."""
    path = write_clip(
        tmp_path / f"clip.{container}", times_s=even_times(60, fps=60), codec=codec,
        codec_options={"bf": "3"},
    )  # fmt: skip
    with FilmReader(path) as film:
        every = {f.time_s: f.rgb() for f in film.frames(max_fps=60)}
    with FilmReader(path) as film:
        some = {f.time_s: f.rgb() for f in film.frames()}
        assert len(film._source.left_out) > 15
    assert len(some) == 30
    for time_s, rgb in some.items():
        np.testing.assert_array_equal(rgb, every[time_s])


def test_frame_limit_counts_what_is_decoded(tmp_path: Path) -> None:
    """Twenty frames of 120 fps are decoded, five of them handed out."""
    times_s = even_times(60, fps=120)
    path = write_clip(tmp_path / "clip.mp4", times_s=times_s, codec_options={"bf": "0"})
    with FilmReader(path, limits=VideoLimits(max_frames_read=20)) as film:
        indices = [index_of(frame.rgb()) for frame in film.frames()]
        assert [warning.id for warning in film.warnings] == ["long_film"]
    assert indices == [0, 4, 8, 12, 16]


def test_a_film_as_long_as_the_limit_is_not_long(tmp_path: Path) -> None:
    """Limits are reached without a warning."""
    limits = VideoLimits(max_analysed_s=29 / 30, max_frames_read=30)
    with FilmReader(write_clip(tmp_path / "clip.mp4"), limits=limits) as film:
        assert sum(1 for _ in film.frames()) == 30
        assert film.warnings == ()


@pytest.mark.parametrize("seconds", [1, 36_000], ids=["short", "long"])
def test_a_header_that_lies_about_time_changes_nothing(tmp_path: Path, seconds: int) -> None:
    """The movie header says what it likes; all frames are read, no warning."""
    path = write_clip(tmp_path / "clip.mp4", times_s=even_times(60, fps=30))
    content = bytearray(path.read_bytes())
    field = content.index(b"mvhd") + 4 + 4 + 4 + 4 + 4  # version, two dates, time scale
    scale = int.from_bytes(content[field - 4 : field], "big")
    content[field : field + 4] = (seconds * scale).to_bytes(4, "big")
    path.write_bytes(content)
    with FilmReader(path) as film:
        assert sum(1 for _ in film.frames()) == 60
        assert film.meta.duration_s == pytest.approx(2.0)
        assert film.warnings == ()


@pytest.mark.parametrize(
    ("ending", "codec", "format_options"),
    [
        pytest.param("mp4", "libx264", {"movflags": "faststart"}, id="mp4-index-in-front"),
        pytest.param("mp4", "libx264", {"movflags": "frag_keyframe+empty_moov"}, id="fragments"),
        pytest.param("mkv", "libx264", {}, id="mkv"),
        pytest.param("webm", "libvpx-vp9", {}, id="webm"),
        pytest.param("avi", "mjpeg", {}, id="avi"),
    ],
)
def test_half_a_file_gives_its_first_part(
    tmp_path: Path, ending: str, codec: str, format_options: dict[str, str]
) -> None:
    """What can be read is read, and the lifter hears that the rest is missing."""
    whole = write_clip(
        tmp_path / f"whole.{ending}",
        codec=codec,
        pix_fmt="yuvj420p" if codec == "mjpeg" else "yuv420p",
        times_s=even_times(60, fps=30),
        codec_options={"g": "10"},
        format_options=format_options,
        # Large pictures: the index in front must not be half of the file.
        size_px=(160, 120),
        paint=textured,
    )
    half = cut_in_half(whole, tmp_path / f"half.{ending}")
    with FilmReader(half) as film:
        frames = [(index_of(frame.rgb()), frame.time_s) for frame in film.frames()]
        warnings = film.warnings
    indices = [index for index, _ in frames]
    # The last picture may come without the ones that hang on it.
    assert indices[:-1] == list(range(len(indices) - 1))
    assert 5 <= len(indices) < 55
    assert all(time_s == pytest.approx(index / 30, abs=6e-4) for index, time_s in frames)
    assert [warning.id for warning in warnings] == ["cut_off"]
    assert f"{(indices[-1] + 1) / 30:.1f} seconds" in warnings[0].text


@pytest.mark.parametrize(("codec", "ending"), [("mjpeg", "avi"), ("libx264", "mp4")])
def test_damage_in_the_middle_is_skipped(tmp_path: Path, codec: str, ending: str) -> None:
    """After a torn stretch the film goes on at its right time."""
    path = write_clip(
        tmp_path / f"clip.{ending}",
        codec=codec,
        pix_fmt="yuvj420p" if codec == "mjpeg" else "yuv420p",
        times_s=even_times(60, fps=30),
        codec_options={"g": "10"},
    )
    with av.open(str(path)) as film:
        torn = [(p.pos, p.size) for p in film.demux(video=0) if p.size][20:23]
    content = bytearray(path.read_bytes())
    for position, size in torn:
        content[position : position + size] = b"\xff" * size
    path.write_bytes(content)
    with FilmReader(path) as film:
        frames = [(index_of(frame.rgb()), frame.time_s) for frame in film.frames()]
        warnings = film.warnings
    assert [warning.id for warning in warnings] == ["damaged"]
    assert 40 <= len(frames) < 60
    sound = [(index, time_s) for index, time_s in frames if time_s < 0.6 or time_s > 1.05]
    assert len(sound) >= 40
    assert all(time_s == pytest.approx(index / 30) for index, time_s in sound)


def test_pictures_that_were_patched_up_are_left_out(tmp_path: Path) -> None:
    """The H.264 decoder paints over a torn edge and says so; no pose from that."""
    path = write_clip(
        tmp_path / "clip.mp4",
        times_s=even_times(60, fps=30),
        codec_options={"g": "10", "bf": "0"},
        size_px=(160, 120),
        paint=textured,
    )
    with av.open(str(path)) as film:
        packets = [(p.pos, p.size) for p in film.demux(video=0) if p.size]
    content = bytearray(path.read_bytes())
    for position, size in (packets[20], packets[24]):
        content[position + size - 8 : position + size] = b"\x5a\xa5" * 4
    path.write_bytes(content)
    with FilmReader(path) as film:
        indices = [round(frame.time_s * 30) for frame in film.frames()]
        assert [warning.id for warning in film.warnings] == ["damaged"]
    assert indices == [index for index in range(60) if index not in {20, 24}]


def test_a_change_of_shape_ends_the_film(tmp_path: Path) -> None:
    """Angles before and after a change of shape do not go together."""
    first = write_clip(tmp_path / "a.ts", size_px=(64, 48)).read_bytes()
    late = [2 + time_s for time_s in even_times(30, fps=30)]
    second = write_clip(tmp_path / "b.ts", size_px=(48, 64), times_s=late).read_bytes()
    path = tmp_path / "both.ts"
    path.write_bytes(first + second)
    with FilmReader(path) as film:
        times_s = [frame.time_s for frame in film.frames()]
        assert [warning.id for warning in film.warnings] == ["picture_changes"]
    assert times_s[-1] < 1.01
