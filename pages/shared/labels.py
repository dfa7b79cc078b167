"""What a lifter says about a clip, in words and as fields."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

import streamlit as st

from analysis.keepfile import Kept
from analysis.label import MOST_KG, MOST_NOTE, MOST_SHOES, STANCES, TEMPOS, Label, Stance, Tempo
from pages.shared.jobs import Job

STANCE_NAMES: Final[dict[Stance, str]] = {
    "usual": "usual stance",
    "wider": "wider stance",
    "toes_out": "toes out",
    "heels_raised": "heels raised",
}
TEMPO_NAMES: Final[dict[Tempo, str]] = {"usual": "usual tempo", "slow": "slow"}


def said(label: Label) -> list[str]:
    """List what was said, in words; all of it plain text."""
    told = []
    if math.isfinite(label.load_kg):
        told.append(load(label.load_kg))
    if label.stance is not None:
        told.append(STANCE_NAMES[label.stance])
    if label.tempo is not None:
        told.append(TEMPO_NAMES[label.tempo])
    if label.shoes:
        told.append(label.shoes)
    return told


def of_job(job: Job, report: Mapping[str, Any]) -> Label:
    """Label of the film of a job, with the day of its upload if film and lifter name none."""
    try:
        label = Label.from_json(job.label)
    except ValueError:
        label = Label()
    if label.date or report["clip"]["filmed_on"]:
        return label
    return replace(label, date=date.fromtimestamp(job.asked_s).isoformat())


def said_in(raw: Mapping[str, Any] | None) -> str:
    """Write in one line what stands in a label; plain text, empty if it is none."""
    try:
        label = Label.from_json(raw)
    except ValueError:
        return ""
    told = [*said(label), day(label.date), label.note]
    return ", ".join(part for part in told if part)


def name(kept: Kept) -> str:
    """Name a clip by what was said of it, else by its day; plain text."""
    told = said(kept.label)
    if told:
        text = ", ".join(told)
        return text[0].upper() + text[1:]
    return day(kept.day) or "Clip without a label"


def load(load_kg: float) -> str:
    """Write a weight."""
    return "bodyweight" if load_kg == 0 else f"{load_kg:g} kg"


def day(iso: str | None) -> str:
    """Write a day; empty if there is none, or what stands in the file is no day."""
    try:
        found = date.fromisoformat(iso or "")
    except ValueError:
        return ""
    return f"{found.day} {found:%B} {found.year}"


def ask(prefix: str, known: Label | None = None) -> Label:
    """Draw the fields and return what they hold.

    Parameters
    ----------
    prefix : str
        Of the keys, since several clips may be named on one page.
    known : Label, optional
        What the fields hold at first.
    """
    known = known or Label()
    load_kg = st.number_input(
        "Weight on you in kg (0 for bodyweight)",
        min_value=0.0,
        max_value=MOST_KG,
        value=None if math.isnan(known.load_kg) else known.load_kg,
        step=2.5,
        format="%.1f",
        placeholder="such as 60",
        key=f"{prefix}_load",
        persist_state="session",
    )
    stance = st.pills(
        "Stance",
        STANCES,
        default=known.stance,
        format_func=lambda each: STANCE_NAMES[each].removesuffix(" stance").capitalize(),
        key=f"{prefix}_stance",
        persist_state="session",
    )
    tempo = st.pills(
        "Tempo",
        TEMPOS,
        default=known.tempo,
        format_func=lambda each: TEMPO_NAMES[each].removesuffix(" tempo").capitalize(),
        key=f"{prefix}_tempo",
        persist_state="session",
    )
    shoes = st.text_input(
        "Shoes",
        value=known.shoes,
        max_chars=MOST_SHOES,
        placeholder="such as flat, or barefoot",
        key=f"{prefix}_shoes",
        persist_state="session",
    )
    note = st.text_input(
        "Note", value=known.note, max_chars=MOST_NOTE, key=f"{prefix}_note", persist_state="session"
    )
    filmed = st.date_input(
        "Day, if it was not today",
        value=date.fromisoformat(known.date) if known.date else None,
        min_value=date(2000, 1, 1),
        help="Without it the day in the film is taken, or else today.",
        key=f"{prefix}_date",
        persist_state="session",
    )
    return Label(
        # Limits of a field hold in the browser only.
        load_kg=load_kg if load_kg is not None and 0 <= load_kg <= MOST_KG else math.nan,
        stance=stance,
        tempo=tempo,
        shoes=" ".join(shoes.split())[:MOST_SHOES],
        note=" ".join(note.split())[:MOST_NOTE],
        date=filmed.isoformat() if isinstance(filmed, date) else None,
    )
