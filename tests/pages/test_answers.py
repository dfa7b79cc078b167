"""What is said of a result: every verdict has its sentences, and no number is made up."""

import pytest

from pages.shared import answers, result
from tests.pages import made_up


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
    assert answers.verdict(result.parse_report(made_up.report(scene))) == expected


@pytest.mark.parametrize("starts", ["above", "at", "below", ""])
def test_meaning_never_diagnoses(starts: str) -> None:
    """No word of injury or illness, whatever was found."""
    raw = made_up.report("wink")
    raw["summary"]["starts"] = starts
    said = answers.meaning(result.parse_report(raw)).lower()
    assert said
    assert not any(word in said for word in ("injur", "pain", "damage", "hernia", "danger"))


def test_reasons_are_told_once() -> None:
    """Two reps with the same reason give one line."""
    report = result.parse_report(made_up.report("cannot_tell"))
    assert answers.reasons(report) == ["A plate hides the lower back."]


def test_what_cannot_be_told_has_no_size() -> None:
    """No number stands where there is no verdict."""
    told, untold = (
        result.parse_report(made_up.report(scene)).reps[0] for scene in ("wink", "cannot_tell")
    )
    assert answers.tuck(told) == "18 ± 4°"
    assert answers.tuck(untold) == "–"


def test_a_single_wink_is_not_the_set() -> None:
    """A set without a verdict of wink is not told as one, nor is the odd rep hidden."""
    raw = made_up.report("none")
    raw["reps"] += made_up.report("none")["reps"]
    raw["reps"][0]["wink"] = made_up.report("wink")["reps"][0]["wink"]
    report = result.parse_report(raw)
    assert answers.verdict(report) == "No wink in most of your reps."
    assert answers.meaning(report).startswith("Only 1 of 4 reps shows a tuck")
    assert answers.size(report) == ""


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
    said = answers.action(result.parse_report(made_up.report(scene)))
    assert expected.removeprefix("Stop ") in said
    assert "nan" not in said
    assert said.endswith(".")


def test_heights_are_told_where_a_scale_is_known() -> None:
    """Hip height and box height stand in the sentence, in both units."""
    raw = made_up.report("wink")
    raw["summary"] |= {"stop_at_hip_height_cm": 49.2, "box_height_cm": 41.0}
    said = answers.action(result.parse_report(raw))
    assert "a box of 41 cm (16 in), hip 49 cm (19 in) over the floor, and" in said


def test_how_sure_is_told_in_degrees() -> None:
    """A wink has a size and a depth with bands; what is not judged has neither."""
    told, untold = (
        answers.how_sure(result.parse_report(made_up.report(s))) for s in ("wink", "cannot_tell")
    )
    assert "18 ± 4°" in told
    assert told.endswith("6°.")
    assert untold == ""


def test_limits_follow_the_film() -> None:
    """What a film lacks is told, and what it has is not."""
    raw = made_up.report("wink")
    few = answers.limits(result.parse_report(raw | {"scale": {"cm_per_px": 0.3}}))
    raw["reps"][1]["partial"] = True
    many = answers.limits(result.parse_report(raw | {"view": {"use": "oblique"}}))
    assert len(few) == 2
    assert len(many) == 5
