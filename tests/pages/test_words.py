"""The sentences: a dash for what is missing, and nothing that a report could smuggle in."""

import math
from pathlib import Path

import pytest

from pages.shared import jobs, result, words
from tests.pages import made_up

NAN = math.nan


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param(words.depth(12.3), "12° above parallel", id="above"),
        pytest.param(words.depth(-7.0), "7° below parallel", id="below"),
        pytest.param(words.depth(-1.0), "at parallel", id="level"),
        pytest.param(words.depth(NAN), "–", id="no-depth"),
        pytest.param(words.degrees(-0.4), "0°", id="no-minus-zero"),
        pytest.param(words.degrees(31.2, 1.6), "31 ± 3°", id="band-is-two-sd"),
        pytest.param(words.degrees(31.2, NAN), "31°", id="no-band"),
        pytest.param(words.degrees(NAN, 2.0), "–", id="no-angle"),
        pytest.param(words.change(7.4, 1.7), "+7 ± 3°", id="tucked"),
        pytest.param(words.change(-0.3), "0°", id="no-sign-at-zero"),
        pytest.param(words.change(-6.0), "−6°", id="arched"),
        pytest.param(words.change(NAN), "–", id="no-change-known"),
        pytest.param(words.seconds(NAN), "–", id="no-time"),
        pytest.param(words.seconds(0.0), "0.00 s", id="zero-is-a-time"),
        pytest.param(words.length(NAN), "–", id="no-length"),
        pytest.param(words.length(50.8), "51 cm (20 in)", id="inches"),
        pytest.param(words.left(None), "", id="unknown-rest"),
        pytest.param(words.left(12.2), "about 12 seconds left", id="seconds"),
        pytest.param(words.left(130.0), "about 2 minutes left", id="minutes"),
    ],
)
def test_numbers(written: str, expected: str) -> None:
    """Units, bands and dashes."""
    assert written == expected


def test_escape_leaves_no_markup() -> None:
    """Links, directives, maths and lines of their own are all plain text."""
    raw = "[x](http://a.b) :red[y] $z$ <b> `c` **d**\n# e"
    shown = words.escape(raw)
    assert "\n" not in shown
    assert "](" not in shown
    assert r"\:red\[" in shown
    assert shown.replace("\\", "") == raw.replace("\n", " ")


@pytest.mark.parametrize(
    ("scene", "expected"),
    [
        ("wink", "Your lower back tucks under in both reps, starting 8° below parallel."),
        ("none", "No wink that this film can show."),
        ("nothing", "There is no whole squat in this film that can be measured."),
    ],
)
def test_verdict(scene: str, expected: str) -> None:
    """One sentence for each kind."""
    assert words.verdict(result.parse_report(made_up.report(scene))) == expected


@pytest.mark.parametrize("starts", ["above", "at", "below", ""])
def test_meaning_never_diagnoses(starts: str) -> None:
    """No word of injury or illness, whatever was found."""
    raw = made_up.report("wink")
    raw["summary"]["starts"] = starts
    said = words.meaning(result.parse_report(raw)).lower()
    assert said
    assert not any(word in said for word in ("injur", "pain", "damage", "hernia", "danger"))


def test_reasons_are_told_once() -> None:
    """Two reps with the same reason give one line."""
    report = result.parse_report(made_up.report("cannot_tell"))
    assert words.reasons(report) == ["A plate hides the lower back."]


def test_film_check_sorts_warnings() -> None:
    """A warning stands with its topic, an unknown one at the end, none twice."""
    raw = made_up.report("cannot_tell")
    raw["warnings"].append({"id": "cut_off", "text": "The file ends in the middle."})
    raw["view"] = {"use": "oblique", "reason": ""}
    raw["clip"]["fps"] = 15.0
    checks = words.film_check(result.parse_report(raw))
    by_name = {check.name: check for check in checks}
    assert not by_name["View"].ok
    assert by_name["Feet"].ok
    assert by_name["Plate or rack in front"].text.startswith("A plate hides")
    assert by_name["Also"].text == "The file ends in the middle."
    assert not by_name["Frame rate"].ok
    assert len(checks) == 6


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


def test_what_cannot_be_told_has_no_size() -> None:
    """No number stands where there is no verdict."""
    told, untold = (
        result.parse_report(made_up.report(scene)).reps[0] for scene in ("wink", "cannot_tell")
    )
    assert words.tuck(told) == "18 ± 4°"
    assert words.tuck(untold) == "–"


def test_a_single_wink_is_not_the_set() -> None:
    """A set without a verdict of wink is not told as one, nor is the odd rep hidden."""
    raw = made_up.report("none")
    raw["reps"] += made_up.report("none")["reps"]
    raw["reps"][0]["wink"] = made_up.report("wink")["reps"][0]["wink"]
    report = result.parse_report(raw)
    assert words.verdict(report) == "No wink in most of your reps."
    assert words.meaning(report).startswith("Only 1 of 4 reps shows a tuck")
    assert words.size(report) == ""
