"""A job on disk, and what a child may say about it."""

import json
import re
from pathlib import Path

import pytest

from analysis.service.child import last_sentence
from analysis.service.events import where_it_broke
from analysis.service.job import Job, Progress, State, parse_facts, parse_progress
from analysis.service.request import PhotoTask


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            '{"stage": "measure", "done": 0.5, "left_s": 3}',
            Progress(stage="measure", done=0.5, left_s=3.0),
            id="plain",
        ),
        pytest.param(
            '{"stage": "look", "done": 1.5, "left_s": null}',
            Progress(stage="look", done=1.0, left_s=None),
            id="over-the-end",
        ),
        pytest.param(
            '{"stage": "look", "done": -1, "left_s": -2}',
            Progress(stage="look", done=0.0, left_s=0.0),
            id="before-the-start",
        ),
        pytest.param('{"stage": "look", "done": NaN}', None, id="nan"),
        pytest.param('{"stage": "look", "done": 0.1, "left_s": Infinity}', None, id="endless"),
        pytest.param('{"facts": {"codec": "h264"}}', None, id="facts"),
        pytest.param("[1, 2]", None, id="list"),
        pytest.param('"text"', None, id="string"),
        pytest.param("WARNING: a library speaks", None, id="no-json"),
        pytest.param("", None, id="empty"),
    ],
)
def test_parse_progress(line: str, expected: Progress | None) -> None:
    """What is no progress is passed over; numbers are held to their ranges."""
    assert parse_progress(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param('{"facts": {"codec": "h264", "px": 9}}', {"codec": "h264", "px": 9}, id="ok"),
        pytest.param('{"facts": {"codec": "Anna Lifter"}}', {}, id="a-name"),
        pytest.param('{"facts": {"codec": ["h264"], "n": 1.5, "b": null}}', {}, id="other-types"),
        pytest.param('{"facts": {"<b>": 1}}', {}, id="markup"),
        pytest.param('{"facts": 7}', {}, id="no-facts"),
        pytest.param("no json", {}, id="no-json"),
    ],
)
def test_only_plain_facts_reach_the_log(line: str, expected: dict[str, object]) -> None:
    """A child that a film has taken over cannot write what it likes."""
    assert parse_facts(line) == expected


def test_our_sentence_is_the_last_line() -> None:
    """Libraries write to standard error too, before our sentence."""
    assert last_sentence("W0000 noise\nThe film is too long.\n\n") == "The film is too long."
    assert last_sentence("") == ""
    assert len(last_sentence("x" * 10_000)) == 300


def test_where_it_broke_tells_no_content() -> None:
    """Name, number and place of an error, not what it says."""
    try:
        Path("/nowhere/annas-film").read_bytes()
    except OSError:
        import traceback

        told = where_it_broke(traceback.format_exc())
    # pathlib is two files from Python 3.13 on.
    assert re.fullmatch(
        r"FileNotFoundError 2( (pathlib|_local|_abc)\.py:\d+)+ test_job\.py:\d+", told
    )
    assert "annas" not in told
    assert where_it_broke("no trace") == ""


def test_a_job_is_read_back(tmp_path: Path) -> None:
    """What outlives the server, and no word of who asked."""
    job = Job(
        folder=tmp_path / "a", film=tmp_path / "a" / "film", owns_film=True, height_cm=172.5,
        person=2, visitor="me", asked_s=12.0, message="No squat.",
    )  # fmt: skip
    record = job.record(State.NOTHING)
    assert b"me" not in record.replace(b"message", b"")
    back = Job.from_record(record, folder=job.folder, film=job.film)
    assert back.state is State.NOTHING
    assert (back.height_cm, back.person, back.message) == (172.5, 2, "No squat.")
    assert back.owns_film
    sample = Job(folder=tmp_path / "b", film=Path("sample.mp4"), owns_film=False)
    back = Job.from_record(sample.record(State.DONE), folder=sample.folder, film=tmp_path)
    assert (back.film, back.owns_film) == (Path("sample.mp4"), False)


@pytest.mark.parametrize("record", [b"", b"[]", b"{}", b"null", json.dumps({"state": 1}).encode()])
def test_what_is_no_record_is_refused(tmp_path: Path, record: bytes) -> None:
    """A file that was damaged cannot break the page."""
    with pytest.raises(ValueError, match=r"record|Expecting"):
        Job.from_record(record, folder=tmp_path, film=tmp_path)


def test_a_photo_comes_back_from_its_record_as_it_was(tmp_path: Path) -> None:
    """What is to be measured in it outlives the server."""
    task = PhotoTask(kind="still", standing_at=1234)
    job = Job(folder=tmp_path, film=tmp_path / "film", owns_film=True, photo=task)
    again = Job.from_record(job.record(State.WAITING), folder=tmp_path, film=tmp_path / "film")
    assert again.photo == task


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(7, id="number"),
        pytest.param({"kind": "squat"}, id="other-kind"),
        pytest.param({"kind": "ankle", "side": "both"}, id="other-side"),
        pytest.param({"kind": "still", "standing_at": -1}, id="before-the-start"),
        pytest.param({"kind": "still", "standing_at": True}, id="no-number"),
    ],
)
def test_what_is_no_task_of_a_photo_is_refused(raw: object) -> None:
    """A record that somebody has spoiled."""
    with pytest.raises(ValueError, match="expected"):
        PhotoTask.from_raw(raw)
