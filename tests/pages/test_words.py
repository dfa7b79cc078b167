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
        ("wink", "Your lower back tucks under, starting 8° below parallel, in both reps."),
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


@pytest.mark.parametrize(
    ("scene", "expected"),
    [
        ("wink", "Stop 3° below parallel"),
        ("none", "Carry on"),
        ("cannot_tell", "Film it once more"),
        ("arch_to_neutral", "keep this depth"),
        ("nothing", "Film one whole set"),
    ],
)
def test_every_verdict_says_what_to_do_now(scene: str, expected: str) -> None:
    """One sentence, and no number that was not measured."""
    said = words.action(result.parse_report(made_up.report(scene)))
    assert expected.removeprefix("Stop ") in said
    assert "nan" not in said
    assert said.endswith(".")


def test_heights_are_told_where_a_scale_is_known() -> None:
    """Hip height and box height stand in the sentence, in both units."""
    raw = made_up.report("wink")
    raw["summary"] |= {"stop_at_hip_height_cm": 49.2, "box_height_cm": 41.0}
    said = words.action(result.parse_report(raw))
    assert "a box of 41 cm (16 in), hip 49 cm (19 in) over the floor, and" in said


def test_how_sure_is_told_in_degrees() -> None:
    """A wink has a size and a depth with bands; what is not judged has neither."""
    told, untold = (
        words.how_sure(result.parse_report(made_up.report(s))) for s in ("wink", "cannot_tell")
    )
    assert "18 ± 4°" in told
    assert told.endswith("6°.")
    assert untold == ""


def test_tempo_is_down_and_up() -> None:
    """Seconds of each way; a rep that is cut off has none."""
    raw = made_up.report("wink")
    raw["reps"][1]["partial"] = True
    first, second = result.parse_report(raw).reps
    assert words.tempo(first) == "0.9 / 0.9"
    assert words.tempo(second) == "–"


def test_limits_follow_the_film() -> None:
    """What a film lacks is told, and what it has is not."""
    raw = made_up.report("wink")
    few = words.limits(result.parse_report(raw | {"scale": {"cm_per_px": 0.3}}))
    raw["reps"][1]["partial"] = True
    many = words.limits(result.parse_report(raw | {"view": {"use": "oblique"}}))
    assert len(few) == 2
    assert len(many) == 5
