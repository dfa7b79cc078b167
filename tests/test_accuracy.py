"""The table of errors that ships: readable, and the same wherever it is shown."""

import json
from pathlib import Path

import pytest

from analysis.accuracy import ACCURACY, as_markdown, load_accuracy
from analysis.errors import MissingPartError
from analysis.pipeline import shipped_sha256

ROW = {
    "split": "clothes",
    "group": "tee",
    "clips": 12,
    "errors": {
        "depth_deg": {"mean_error": 2.04},
        "max_ankle_deg": {"mean_error": None},
        "knee_past_toe_cm": {"mean_error": 1.25},
    },
    "told": 0.9,
    "right_of_told": 0.847,
    "false_winks": None,
}


def test_a_row_is_laid_out_with_units_and_gaps_stay_gaps() -> None:
    """Known figures; what was not measured is a dash and never 0."""
    head, rule, row = as_markdown([ROW]).splitlines()
    assert row == "| T-shirt | 12 | 2.0° | – | – | 1.2 cm | 90 % | 85 % | – |"
    assert head.count("|") == rule.count("|") == row.count("|")


def test_the_parts_hold_every_column_between_them() -> None:
    """Nothing is lost where the table is cut for a phone; the name of the row is in both."""
    names = ("angles", "verdicts", "rest")
    parts = [as_markdown([ROW], part=name).splitlines()[2] for name in names]
    assert parts == [
        "| T-shirt | 2.0° | – | – |",
        "| T-shirt | 90 % | 85 % | – |",
        "| T-shirt | 12 | 1.2 cm |",
    ]


@pytest.mark.parametrize("content", [None, "no json", "{}", "[]"])
def test_a_missing_or_broken_table_is_one_sentence(tmp_path: Path, content: str | None) -> None:
    """The page says what to do instead of failing."""
    path = tmp_path / "accuracy.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(MissingPartError, match=r"^The table of errors.*\.$"):
        load_accuracy(path)


def test_the_table_that_ships_is_that_of_the_weights_that_ship() -> None:
    """Weights are not changed without measuring again."""
    assert json.loads(ACCURACY.read_text())["estimator_sha"] == shipped_sha256()


def test_readme_shows_the_table_that_ships() -> None:
    """README and data cannot drift apart."""
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    assert as_markdown(load_accuracy()) in readme
