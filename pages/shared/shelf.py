"""The clips of this visit that can be compared: measured here, or loaded from files.

They lie in the session alone and go with it.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from analysis import keepfile
from analysis.keepfile import Kept
from analysis.label import Label
from analysis.service import events
from pages.shared import jobs, labels

if TYPE_CHECKING:
    from pages.shared.pictures import Album

# Of about a megabyte each in the session.
MOST: Final = 24

_DEMO: Final = jobs.PROJECT / "analysis" / "data" / "compare"
_CLIPS: Final = "shelf"
_OF_JOB: Final = "shelf_of_job"
_WAITING: Final = "shelf_waiting"


class FullError(ValueError):
    """No more clips can be kept in this visit."""


def clips() -> dict[str, Kept]:
    """Clips of this visit, by their fingerprint, in the order of their days."""
    _take_up()
    found: dict[str, Kept] = st.session_state.get(_CLIPS, {})
    return dict(sorted(found.items(), key=lambda pair: pair[1].day or "9999"))


def add(kept: Kept) -> None:
    """Put a clip on the shelf; the same one twice is there once.

    Raises
    ------
    FullError
        If there is no room.
    """
    found: dict[str, Kept] = st.session_state.get(_CLIPS, {})
    if kept.digest not in found and len(found) >= MOST:
        raise FullError
    # Again with a label is a better one; again without is not.
    if kept.label.is_empty and kept.digest in found:
        kept = replace(kept, label=found[kept.digest].label)
    st.session_state[_CLIPS] = {**found, kept.digest: kept}


def note_job(album: "Album", label: Label) -> None:
    """Note that the clip of a job is of this visit; it is put on the shelf when that is seen.

    Taking its small pictures out of the film takes a moment that the result should
    not wait for.
    """
    done: dict[str, str] = st.session_state.get(_OF_JOB, {})
    waiting: dict[str, tuple[Album, Label]] = st.session_state.get(_WAITING, {})
    if album.result.id not in done:
        st.session_state[_WAITING] = {**waiting, album.result.id: (album, label)}


def _take_up() -> None:
    """Put what was noted on the shelf, once each; what is gone by now or too much is left."""
    waiting: dict[str, tuple[Album, Label]] = st.session_state.pop(_WAITING, {})
    for job_id, (album, label) in waiting.items():
        try:
            kept = album.kept(label)
            add(kept)
        except (OSError, ValueError):
            events.crash("clip_not_kept")
            continue
        done: dict[str, str] = st.session_state.get(_OF_JOB, {})
        st.session_state[_OF_JOB] = {**done, job_id: kept.digest}


def of_job(job_id: str) -> Kept | None:
    """Clip of a job as it stands on the shelf; None if it does not."""
    digest = st.session_state.get(_OF_JOB, {}).get(job_id)
    found: Kept | None = st.session_state.get(_CLIPS, {}).get(digest)
    return found


def relabel(digest: str, label: Label) -> None:
    """Say something else about a clip."""
    found: dict[str, Kept] = st.session_state.get(_CLIPS, {})
    if digest in found:
        st.session_state[_CLIPS] = {**found, digest: replace(found[digest], label=label)}


def remove(digest: str) -> None:
    """Take a clip off the shelf."""
    found: dict[str, Kept] = st.session_state.get(_CLIPS, {})
    st.session_state[_CLIPS] = {key: kept for key, kept in found.items() if key != digest}


def remove_of_job(job_id: str) -> None:
    """Take the clip of a job that is deleted off the shelf."""
    waiting = dict(st.session_state.get(_WAITING, {}))
    waiting.pop(job_id, None)
    st.session_state[_WAITING] = waiting
    kept = of_job(job_id)
    if kept is not None:
        remove(kept.digest)


def file_name(label: Label, day: str | None) -> str:
    """Name of the file of a clip: its day and what was said of it."""
    parts = [day or "", *labels.said(label)]
    text = "-".join("".join(c if c.isalnum() and c.isascii() else "-" for c in p) for p in parts)
    short = "-".join(part for part in text.lower().split("-") if part)[:60]
    return f"two-bowls-{short}.json" if short else "two-bowls.json"


@cache
def demo() -> tuple[Kept, ...]:
    """Return the two clips that came with the app: one lifter, two stances."""
    return tuple(_read(_DEMO / f"{name}.json") for name in ("usual", "toes-out"))


def _read(path: Path) -> Kept:
    return keepfile.read(path.read_bytes())
