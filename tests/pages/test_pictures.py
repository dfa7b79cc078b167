"""What is made to be sent on: the film with everything drawn into it."""

from pathlib import Path

import numpy as np
import pytest

from analysis.errors import UnreadableError
from analysis.video import FilmReader
from pages.shared import jobs, pictures, result
from tests.pages import made_up
from tests.pages.test_result import job

__all__ = ["job"]

# Where the two reps of the made-up film begin and end, with half a second of standing.
SET_S = (0.0, made_up.FRAMES / made_up.FPS)
SECOND_S = (made_up.STARTS_S[1] - 0.5, SET_S[1])


@pytest.fixture
def album(job: jobs.Job) -> pictures.Album:
    """Return the pictures of the made-up wink."""
    return pictures.Album(result.load(job))


@pytest.mark.parametrize(("rep", "span_s"), [(None, SET_S), (1, SECOND_S)], ids=["set", "rep"])
def test_film_holds_what_was_asked_for(
    album: pictures.Album, tmp_path: Path, rep: int | None, span_s: tuple[float, float]
) -> None:
    """As long as the set or the rep, at the pace of the original."""
    reps = album.result.report.reps
    path = tmp_path / "sent.mp4"
    path.write_bytes(album.film_mp4(None if rep is None else reps[rep]))
    with FilmReader(path) as film:
        times = [frame.time_s for frame in film.frames()]
        assert (film.meta.codec, film.meta.width_px) == ("h264", 540)
    assert len(times) == pytest.approx(made_up.FPS * (span_s[1] - span_s[0]), abs=1)
    assert np.diff(times) == pytest.approx(1 / made_up.FPS, abs=1e-3)


def test_film_shows_the_drawing_and_the_verdict(album: pictures.Album, tmp_path: Path) -> None:
    """Orange where the back tucks and nowhere else; the sentence below throughout."""
    path = tmp_path / "sent.mp4"
    path.write_bytes(album.film_mp4())
    with FilmReader(path) as film:
        shown = [frame.rgb().astype(int) for frame in film.frames()]
    orange = [((p[..., 0] > 190) & (p[..., 2] < 110) & (p[..., 1] < 160)).sum() for p in shown]
    bottom, standing = round(1.1 * made_up.FPS), 0
    assert orange[bottom] > 200
    assert orange[standing] == 0
    footer = shown[standing][-40:]
    assert np.median(footer) < 60
    assert (footer > 200).any()


def test_film_leaves_nothing_behind(album: pictures.Album, job: jobs.Job) -> None:
    """What is written on the way is gone, also when the result is deleted meanwhile."""
    before = sorted(job.folder.iterdir())
    assert album.film_mp4() == album.film_mp4()
    assert sorted(job.folder.iterdir()) == before
    (job.folder / jobs.PREVIEW).unlink()
    with pytest.raises(UnreadableError):
        album.film_mp4()
    assert sorted(job.folder.iterdir()) == [p for p in before if p.name != jobs.PREVIEW]
