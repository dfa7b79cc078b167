"""Numbers as the page writes them: units, bands, and a dash for what is missing."""

import math

import pytest

from pages.shared import figures, result
from tests.pages import made_up

NAN = math.nan


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param(figures.depth(12.3), "12° above parallel", id="above"),
        pytest.param(figures.depth(-7.0), "7° below parallel", id="below"),
        pytest.param(figures.depth(-1.0), "at parallel", id="level"),
        pytest.param(figures.depth(NAN), "–", id="no-depth"),
        pytest.param(figures.degrees(-0.4), "0°", id="no-minus-zero"),
        pytest.param(figures.degrees(31.2, 1.6), "31 ± 3°", id="band-is-two-sd"),
        pytest.param(figures.degrees(31.2, NAN), "31°", id="no-band"),
        pytest.param(figures.degrees(NAN, 2.0), "–", id="no-angle"),
        pytest.param(figures.change(7.4, 1.7), "+7 ± 3°", id="tucked"),
        pytest.param(figures.change(-0.3), "0°", id="no-sign-at-zero"),
        pytest.param(figures.change(-6.0), "−6°", id="arched"),
        pytest.param(figures.change(NAN), "–", id="no-change-known"),
        pytest.param(figures.seconds(NAN), "–", id="no-time"),
        pytest.param(figures.seconds(0.0), "0.00 s", id="zero-is-a-time"),
        pytest.param(figures.length(NAN), "–", id="no-length"),
        pytest.param(figures.length(50.8), "51 cm (20 in)", id="inches"),
    ],
)
def test_numbers(written: str, expected: str) -> None:
    """Units, bands and dashes."""
    assert written == expected


def test_tempo_is_down_and_up() -> None:
    """Seconds of each way; a rep that is cut off, or whose bottom was not seen, has none."""
    raw = made_up.report("long")
    raw["reps"][1]["partial"] = True
    raw["reps"][2]["depth_deg"] = None
    whole, cut_off, bottomless = result.parse_report(raw).reps[:3]
    assert figures.tempo(whole) == "0.9/0.9"
    assert figures.tempo(cut_off) == figures.tempo(bottomless) == "–"
