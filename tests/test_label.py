"""What a lifter says about a clip."""

import math
from typing import Any

import pytest

from analysis.label import MOST_NOTE, Label

SAID = Label(
    load_kg=60.0,
    stance="toes_out",
    tempo="slow",
    shoes="flat",
    note="<b>felt</b> *easy*",
    date="2026-11-02",
)


@pytest.mark.parametrize("label", [Label(), SAID, Label(load_kg=0.0)])
def test_written_and_read_again(label: Label) -> None:
    """Nothing is lost, and nothing said is not bodyweight."""
    assert Label.from_json(label.as_json()).as_json() == label.as_json()
    assert label.is_empty == (label.as_json() == Label().as_json())
    assert (label.as_json()["load_kg"] is None) == math.isnan(label.load_kg)


def test_no_label() -> None:
    """Reports of schema 1 have none."""
    assert Label.from_json(None).is_empty


@pytest.mark.parametrize(
    "change",
    [
        {"load_kg": -1},
        {"load_kg": 1e9},
        {"load_kg": True},
        {"load_kg": "60"},
        {"stance": "sumo"},
        {"stance": ["wider"]},
        {"tempo": 3},
        {"shoes": None},
        {"shoes": "x" * 100},
        {"note": {"a": 1}},
        {"note": "x" * (MOST_NOTE + 1)},
        {"date": "yesterday"},
        {"date": "1904-01-01"},
        {"date": 20260101},
        {"more": 1},
    ],
    ids=str,
)
def test_what_is_no_label(change: dict[str, Any]) -> None:
    """One sort of error for whatever is wrong."""
    with pytest.raises(ValueError, match=r"."):
        Label.from_json(SAID.as_json() | change)
    for name in SAID.as_json():
        with pytest.raises(ValueError, match="six"):
            Label.from_json({k: v for k, v in SAID.as_json().items() if k != name})
