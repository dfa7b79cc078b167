"""What is said of two clips, whatever stands in their files."""

import json
import random
from typing import Any

import pytest

from analysis import compare, comparecharts, keepfile
from analysis.keepfile import KeepFileError, Kept
from analysis.label import Label
from pages.shared import differences, shelf
from tests import saved

Leaf = tuple[Any, Any]
NUMBERS = [None, 0, 0.0, 1.5, 3.7, -90.0, 99999.0]
OTHERS = [None, 1.5, "", "x", "2026-01-01", [], True, False]


def leaves(part: Any) -> list[Leaf]:  # noqa: ANN401
    """List the places of a file that hold a value."""
    found: list[Leaf] = []
    for key, value in part.items() if isinstance(part, dict) else enumerate(part):
        if isinstance(value, dict | list) and value:
            found += leaves(value)
        else:
            found.append((part, key))
    return found


def mutated(seed: int) -> bytes:
    """Return a saved result with a few values changed for others that may pass."""
    rng = random.Random(seed)
    kinds = ["wink", "none", "cannot_tell"]
    kept = saved.kept(kind=rng.choice(kinds), sd_deg=rng.choice([1.0, 6.0]))
    content = json.loads(keepfile.write(kept))
    content["stills"] = []
    if rng.random() < 0.3:
        content["frames"] = {name: column[:1] for name, column in content["frames"].items()}
    # The frames are many: the report around them is where things can go wrong.
    around = {name: value for name, value in content.items() if name != "frames"}
    for part, key in rng.sample(leaves(around), 2):
        is_number = type(part[key]) in (int, float)
        part[key] = rng.choice(NUMBERS if is_number else OTHERS)
    return json.dumps(content | around).encode()


@pytest.mark.parametrize("first_seed", range(0, 60, 15))
def test_whatever_is_read_can_be_compared(first_seed: int) -> None:
    """Files that pass the checks raise nothing further on; most of the mutated ones do not."""
    plain = saved.kept(onset_deg=3.0)
    passed = 0
    for seed in range(first_seed, first_seed + 15):
        try:
            kept = keepfile.read(mutated(seed))
        except KeepFileError:
            continue
        passed += 1
        for one, two in ((plain, kept), (kept, plain), (kept, kept)):
            say_all(one, two)
        comparecharts.descent_chart([("A", plain.report), ("B", kept.report)])
        comparecharts.map_chart([("A", kept.report), ("B", kept.report)])
        assert shelf.file_name(kept.label, kept.day).endswith(".json")
    assert 0 < passed < 15


def say_all(one: Kept, two: Kept) -> None:
    """Say all that is said of two clips."""
    assert differences.headline(one, two).endswith(".")
    differences.advice(one, two)
    differences.cautions(one, two)
    for found in compare.differences(one.report, two.report):
        assert all(differences.row(found).values())


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (
            (Label(stance="usual"), Label(stance="toes_out")),
            "With toes out the tuck starts 7° deeper; that is more than the error of the "
            "measurement.",
        ),
        ((Label(), Label(stance="heels_raised")), "With heels raised the tuck starts 7° deeper"),
        ((Label(load_kg=0), Label(load_kg=60)), "With 60 kg the tuck starts 7° deeper"),
        ((Label(load_kg=60), Label(load_kg=0)), "Without a weight the tuck starts 7° deeper"),
        ((Label(), Label(tempo="slow")), "Going slowly the tuck starts 7° deeper"),
        ((Label(date="2026-10-01"), Label(date="2026-11-02")), "On 2 November 2026 the tuck"),
        ((Label(), Label()), "In clip B the tuck starts 7° deeper"),
    ],
)
def test_sentence_names_what_was_changed(labels: tuple[Label, Label], sentence: str) -> None:
    """The one thing that the labels say is different."""
    first = saved.kept(labels[0], onset_deg=2.0, sd_deg=1.0)
    second = saved.kept(labels[1], onset_deg=-5.0, sd_deg=1.0)
    assert differences.headline(first, second).startswith(sentence)
    higher = differences.headline(second, first)
    assert "7° higher" in higher


@pytest.mark.parametrize(
    ("kinds", "sentence"),
    [
        (("none", "wink"), "With 60 kg the lower back tucks under; without a weight it does not."),
        (("wink", "none"), "Without a weight the lower back tucks under; with 60 kg it does not."),
        (("none", "none"), "No wink in either clip."),
        (("wink", "cannot_tell"), "These two clips cannot tell whether the wink has changed."),
    ],
)
def test_winks_that_come_and_go(kinds: tuple[str, str], sentence: str) -> None:
    """Under load only, or without it only."""
    first = saved.kept(Label(load_kg=0), kind=kinds[0], sd_deg=1.0)
    second = saved.kept(Label(load_kg=60), kind=kinds[1], sd_deg=1.0)
    assert differences.headline(first, second) == sentence
    is_told = "does not" in sentence
    assert bool(differences.advice(first, second)) is is_told
    if is_told:
        assert differences.advice(first, second) == differences.EXPERIMENTS["load"][2]


def test_several_changes_point_to_nothing() -> None:
    """And it is said why."""
    first = saved.kept(Label(load_kg=0), onset_deg=2.0, sd_deg=1.0)
    second = saved.kept(Label(load_kg=60, stance="wider"), onset_deg=-8.0, sd_deg=1.0)
    assert differences.advice(first, second) == ""
    assert differences.SEVERAL in differences.cautions(first, second)


def test_no_advice_without_a_difference() -> None:
    """What lies within the error points to nothing."""
    first = saved.kept(Label(), onset_deg=2.0, sd_deg=3.0)
    second = saved.kept(Label(stance="wider"), onset_deg=-2.0, sd_deg=3.0)
    assert "No real difference" in differences.headline(first, second)
    assert differences.advice(first, second) == ""
