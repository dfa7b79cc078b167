"""Sentences for all pages: nothing that a report or a library could smuggle in."""

from pathlib import Path

import pytest

from pages.shared import jobs, words


def test_escape_leaves_no_markup() -> None:
    """Links, directives, maths and lines of their own are all plain text."""
    raw = "[x](http://a.b) :red[y] $z$ <b> `c` **d**\n# e"
    shown = words.escape(raw)
    assert "\n" not in shown
    assert "](" not in shown
    assert r"\:red\[" in shown
    assert shown.replace("\\", "") == raw.replace("\n", " ")


@pytest.mark.parametrize(
    ("message", "is_shown"),
    [
        pytest.param("This film is longer than 90 seconds.", True, id="ours"),
        pytest.param("W0000 00:00 inference_feedback_manager.cc:114]", False, id="a-library"),
        pytest.param("ValueError: {'x': 1}", False, id="an-error"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_only_sentences_reach_the_page(message: str, is_shown: bool) -> None:
    """What a library wrote last is not for the visitor."""
    job = jobs.Job(folder=Path("a"), film=Path("b"), owns_film=False)
    job.state, job.message = jobs.State.REFUSED, message
    said = words.state_sentence(job)
    assert (said == message) is is_shown
    assert said.endswith(".")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the camera stands too far", "The camera stands too far."),
        ("Already one.", "Already one."),
        (" ", ""),
    ],
)
def test_reasons_become_sentences(text: str, expected: str) -> None:
    """What an analysis wrote as a part of a sentence is shown as a whole one."""
    assert words.sentence(text) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param(words.left(None), "", id="unknown-rest"),
        pytest.param(words.left(12.2), "about 12 seconds left", id="seconds"),
        pytest.param(words.left(130.0), "about 2 minutes left", id="minutes"),
    ],
)
def test_rest_of_the_wait(written: str, expected: str) -> None:
    """Rough times in words, and nothing where nothing is known."""
    assert written == expected
