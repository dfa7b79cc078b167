"""How much of the tested ankle a squat uses, for the page of the clip."""

import math
from collections.abc import Sequence
from typing import Final

import streamlit as st

from analysis import ankle
from analysis.ankle import AnkleReading
from pages.shared import snapstate
from pages.shared.result import Report

# From this share on there is no room left that a film could tell from none.
_ALL_OF_IT: Final = 0.9


def show(report: Report) -> None:
    """Say how many of the tested degrees the squat uses, if a test was kept in this visit."""
    said = sentence(report, snapstate.tested())
    if said:
        st.markdown(said)


def sentence(report: Report, tests: Sequence[AnkleReading]) -> str:
    """Compare the largest ankle angle of a clip with the tested one.

    Parameters
    ----------
    report : Report
    tests : sequence of AnkleReading
        Of this visit.

    Returns
    -------
    str
        Empty without a test that counts, or without an ankle angle in the clip.
    """
    seen = (report.raw.get("view") or {}).get("side")
    # The leg that the camera sees; the other one if only that was tested.
    best = ankle.best([t for t in tests if t.side == seen]) or ankle.best(tests)
    used = [r.ankle_deg for r in report.reps if not r.partial and math.isfinite(r.ankle_deg)]
    if best is None or not used:
        return ""
    most, tested = max(used), best.ankle_deg
    told = f"**You use {most:.0f} of {tested:.0f} degrees** of your tested {best.side} ankle"
    if most > _ALL_OF_IT * tested:
        return (
            f"{told}, so there is hardly any room left. Whether that is why the back moves is "
            "worth testing: a slightly wider stance, or toes turned out, and film again."
        )
    return f"{told}, so this depth leaves room in the ankle."
