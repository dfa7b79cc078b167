"""The film that is decoded once: its pictures and their times, in any order."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.smallfilm import SmallFilm
from analysis.video import FilmReader, frame_times
from tests.clips import even_times, index_of, red_corner, write_clip


def run(film: SmallFilm, *, max_fps: float = 3.0) -> list[tuple[int, float]]:
    """Run the film past; return index and time of the pictures given."""
    return [(frame.index, frame.time_s) for frame in film.frames(max_fps=max_fps)]


@pytest.mark.parametrize("fps", [10, 15, 20, 24, 25, 30, 60, 120])
def test_what_is_kept(tmp_path: Path, fps: int) -> None:
    """All times at 30 a second; of the pictures those nearest to 15 a second, and the last."""
    # No frame that could be left out: which of the others are taken shifts the even ones.
    times_s = even_times(min(2 * fps + 2, 66), fps=fps)
    clip = write_clip(tmp_path / "a.mp4", times_s=times_s, codec_options={"bf": "0"})
    with FilmReader(clip) as reader, SmallFilm(reader) as film:
        run(film)
        with FilmReader(clip) as other:
            times = np.array([frame.time_s for frame in other.frames()])
        np.testing.assert_array_equal(film.time_s, times)
        due_s = np.arange(0, times[-1] + 1e-6, 1 / 15)
        nearest_s = times[np.abs(times - due_s[:, None]).argmin(axis=1)]
        wanted_s = np.unique([*nearest_s, times[-1]])
        np.testing.assert_array_equal(film.kept_s, times if fps <= 15 else wanted_s)
        assert film.meta.duration_s == pytest.approx(len(times_s) / fps)


def test_a_thin_film_is_looked_over_as_before(tmp_path: Path) -> None:
    """Three looks a second, at the same pictures as a reader would give."""
    clip = write_clip(tmp_path / "a.mp4", times_s=even_times(60, fps=30))
    with FilmReader(clip) as reader:
        expected = [frame.time_s for frame in reader.frames(max_fps=3.0)]
    with FilmReader(clip) as reader, SmallFilm(reader) as film:
        looks_s = [time_s for _, time_s in run(film)]
        # A picture earlier or later: of a faster film, those are taken that cost less.
        np.testing.assert_allclose(looks_s, expected, rtol=0, atol=1 / 29)
        again = run(film)
    assert len(again) == pytest.approx(len(expected), abs=1)


def test_stretches_in_any_order_and_at_once(tmp_path: Path) -> None:
    """Each gives its own pictures, whoever else reads."""
    clip = write_clip(tmp_path / "a.mp4", times_s=even_times(60, fps=15))
    with FilmReader(clip) as reader, SmallFilm(reader) as film:
        run(film)

        def seen(part: tuple[int, int]) -> list[tuple[int, int, float]]:
            return [(f.index, index_of(f.rgb()), f.time_s) for f in film.pictures(range(*part))]

        parts = [(40, 60), (0, 1), (29, 31), (7, 45), (59, 60)]
        with ThreadPoolExecutor(3) as pool:
            found = list(pool.map(seen, parts))
    for (begin, end), given in zip(parts, found, strict=True):
        wanted = range(begin, end)
        assert [index for index, _, _ in given] == list(wanted)
        assert [shown for _, shown, _ in given] == list(wanted)
        np.testing.assert_allclose([t for *_, t in given], np.arange(begin, end) / 15, atol=1e-4)


def test_late_pictures_are_as_sharp_as_early_ones(tmp_path: Path) -> None:
    """No budget of bits runs dry, however much moves: 6 s of grain that is never the same."""

    def restless(index: int, *, width_px: int, height_px: int) -> NDArray[np.uint8]:
        grain = np.random.default_rng(index).normal(128, 60, (height_px, width_px, 3))
        return np.asarray(cv2.GaussianBlur(grain, (0, 0), 1.5).clip(0, 255), dtype=np.uint8)

    clip = write_clip(
        tmp_path / "a.mp4",
        times_s=even_times(180, fps=30),
        size_px=(480, 270),
        codec_options={"crf": "4", "preset": "ultrafast"},
        paint=restless,
    )
    with FilmReader(clip) as reader, SmallFilm(reader) as film:
        run(film)
        with FilmReader(clip) as other:
            wanted = {f.index: f.rgb().astype(float) for f in other.frames()}
        off = [
            float(np.abs(f.rgb() - wanted[f.index]).mean())
            for f in film.pictures(range(len(film.kept_s)))
        ]
    assert max(off) < min(3.0, 1.1 * off[0])


def test_blocks_of_large_films_leave_no_trace(tmp_path: Path) -> None:
    """Their edges are not smoothed at full size; in half of it that is not seen."""

    def moving(index: int, *, width_px: int, height_px: int) -> NDArray[np.uint8]:
        y, x = np.mgrid[:height_px, :width_px]
        waves = np.sin((x + 3 * index) / 40) * np.cos((y - 2 * index) / 55)
        grain = np.random.default_rng(index).normal(0, 3, waves.shape)
        return np.repeat((128 + 90 * waves + grain).astype(np.uint8)[..., None], 3, axis=2)

    clip = write_clip(
        tmp_path / "a.mp4",
        times_s=even_times(24, fps=30),
        size_px=(1920, 1080),
        codec_options={"crf": "32", "preset": "veryfast", "g": "300"},
        paint=moving,
    )
    with av.open(str(clip)) as whole:
        shrink = {"width": 960, "height": 540, "interpolation": "AREA"}
        plain = [f.reformat(format="rgb24", **shrink).to_ndarray() for f in whole.decode(video=0)]
    with FilmReader(clip) as reader, SmallFilm(reader) as film:
        run(film)
        for frame in film.pictures(range(1, len(film.kept_s))):
            off = frame.rgb(height_px=540).astype(float) - plain[frame.index]
            assert 20 * np.log10(255 / np.sqrt((off**2).mean())) > 40


@pytest.mark.parametrize("rotation_deg", [0, 90, 180, 270])
def test_pictures_are_upright_and_keep_their_colours(tmp_path: Path, rotation_deg: int) -> None:
    """What the pose model sees is what a reader would show it."""
    clip = write_clip(tmp_path / "a.mp4", rotation_deg=rotation_deg, paint=red_corner)
    with FilmReader(clip) as reader, SmallFilm(reader) as film:
        expected = reader.first.rgb().astype(float)
        run(film)
        shown = next(film.pictures([4])).rgb().astype(float)
    assert shown.shape == expected.shape
    assert np.abs(shown - expected).mean() < 3


def test_large_films_become_small(tmp_path: Path) -> None:
    """Frames speak of the size of the film, however small they are kept."""
    clip = write_clip(tmp_path / "a.mp4", size_px=(1920, 1080), times_s=even_times(6, fps=30))
    with FilmReader(clip) as reader, SmallFilm(reader) as film:
        run(film)
        assert next(film.pictures([0])).rgb(height_px=270).shape == (270, 480, 3)


def test_the_preview_is_made_on_the_way(tmp_path: Path) -> None:
    """It has every picture at its time."""
    clip = write_clip(tmp_path / "a.mp4", times_s=even_times(31, fps=30))
    preview = tmp_path / "p.mp4"
    with FilmReader(clip) as reader, SmallFilm(reader, preview=preview) as film:
        run(film)
        np.testing.assert_allclose(frame_times(preview), film.time_s, atol=1e-4)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mp4", "p.mp4"]


def test_a_preview_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """What fails in a thread reaches who asked, and leaves no thread behind."""
    clip = write_clip(tmp_path / "a.mp4")
    before = threading.active_count()
    (tmp_path / "p.mp4").mkdir()
    with (
        pytest.raises(OSError, match="directory"),
        FilmReader(clip) as reader,
        SmallFilm(reader, preview=tmp_path / "p.mp4") as film,
    ):
        run(film)
    assert threading.active_count() == before


def test_who_stops_looking_stops_all(tmp_path: Path) -> None:
    """No thread goes on with a film that nobody wants."""
    clip = write_clip(tmp_path / "a.mp4", times_s=even_times(60, fps=30))
    before = threading.active_count()
    with FilmReader(clip) as reader, SmallFilm(reader) as film:
        looks = film.frames(max_fps=30.0)
        assert len(list(itertools.islice(looks, 3))) == 3
        looks.close()  # type: ignore[attr-defined]
        assert threading.active_count() == before


def noise(index: int, *, width_px: int, height_px: int) -> NDArray[np.uint8]:
    """Make a picture that cannot be compressed."""
    random = np.random.default_rng(index)
    return random.integers(0, 256, (height_px, width_px, 3)).astype(np.uint8)


def test_noise_stays_under_the_largest_file(tmp_path: Path) -> None:
    """Whatever is filmed, 90 s of it fit into what a worker may write."""
    times_s = even_times(60, fps=15)
    clip = write_clip(
        tmp_path / "a.mp4",
        size_px=(540, 540),
        times_s=times_s,
        paint=noise,
        codec_options={"preset": "ultrafast", "crf": "20"},
    )
    with FilmReader(clip) as reader, SmallFilm(reader) as film:
        run(film)
        size = film._file.seek(0, 2)
    assert size / times_s[-1] * 90 < 256 << 20
