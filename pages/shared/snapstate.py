"""Which photo and which tries belong to the visitor: the only file that knows the keys.

The secret id of the last photo stands in the link (``?photo=``), and with it where points were
dragged to, so that a page loaded again, as phones do, finds them. Everything else is kept in
the session alone.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Final, Literal

import streamlit as st
from streamlit.typing import UploadedFile

from analysis.ankle import AnkleReading
from analysis.service import events
from analysis.service.ids import for_log
from pages.shared import intake, jobs, session
from pages.shared.result import BrokenResultError
from pages.shared.snapresult import Snapshot, load

LINK: Final = "photo"
POINTS: Final = "points"
#: Points that can be dragged, in the order in which the link has them; the plate's may be missing.
DRAGGED: Final = ("knee", "ankle", "heel", "toe", "plate1", "plate2")
#: Tries that are kept for each leg.
MOST_TRIES: Final = 3
_JOB: Final = "photo_job"
_TRIES: Final = "ankle_tries"
_READ: Final = "photo_read"
_UPLOADS: Final = "photo_uploads"

Kind = Literal["ankle", "still"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try: what was measured, and what is shown after corrections by hand."""

    snapshot: Snapshot
    reading: AnkleReading


def job() -> jobs.Job | None:
    """Photo on show or being measured; one named by the link if the session is new."""
    job_id = st.session_state.get(_JOB) or st.query_params.get(LINK)
    if not job_id:
        return None
    try:
        found = jobs.find(job_id)
    except (OSError, ValueError):
        events.crash("job_not_looked_up")
        return None
    if found is None or found.photo is None:
        leave()
        return None
    st.session_state[_JOB] = found.id
    return found


def begin(kind: Kind, upload: IO[bytes], *, standing: IO[bytes] | None = None) -> None:
    """Have a photo measured, and one of the lifter standing with it; says so if it cannot be."""
    at = None
    stream = upload
    if standing is not None:
        first = upload.read()
        at, stream = len(first), io.BytesIO(first + standing.read())
    task = jobs.PhotoTask(kind=kind, standing_at=at or None)
    fresh = intake.started(
        lambda: jobs.start_photo(
            stream, task, height_cm=st.session_state.get("photo_height"), visitor=session.visitor()
        ),
        uploads=[one for one in (upload, standing) if isinstance(one, UploadedFile)],
        sorry="Sorry, the photo could not be measured. Please try again in a minute.",
    )
    if fresh is None:
        return
    st.session_state[_JOB] = fresh.id
    st.session_state[_UPLOADS] = uploads() + 1
    st.query_params.pop(POINTS, None)
    st.query_params[LINK] = fresh.id
    st.rerun()


def shown_as(photo_id: str) -> str:
    """Name of a photo in the browser and in keys: the secret id itself does not serve.

    It may hold two underscores in a row, which Streamlit does not take in a key.
    """
    return for_log(photo_id)


def leave() -> None:
    """Show no photo any more; tries that were measured stay."""
    st.session_state.pop(_JOB, None)
    st.query_params.pop(LINK, None)
    st.query_params.pop(POINTS, None)


def remember_points(points: dict[str, Sequence[float]]) -> None:
    """Write into the link where the points of the photo on show were dragged to."""
    places = [points[name] for name in DRAGGED if name in points]
    st.query_params[POINTS] = ".".join(str(round(value)) for place in places for value in place)


def remembered_points(photo_id: str) -> dict[str, tuple[float, float]]:
    """Read from the link where points were dragged to; empty for another photo, or nonsense."""
    if st.query_params.get(LINK) != photo_id:
        return {}
    written = st.query_params.get(POINTS, "").split(".")
    if len(written) not in (8, 12) or not all(p.isdecimal() and len(p) < 6 for p in written):
        return {}
    values = [float(part) for part in written]
    return dict(zip(DRAGGED, zip(values[::2], values[1::2], strict=True), strict=False))


def uploads() -> int:
    """Count the photos of this session, for fresh fields after each."""
    return int(st.session_state.get(_UPLOADS, 0))


def snapshot(done: jobs.Job) -> Snapshot | None:
    """Read a measured photo, once; None if it cannot be used."""
    known = st.session_state.get(_READ)
    if isinstance(known, Snapshot) and known.id == done.id:
        return known
    try:
        known = load(done)
    except BrokenResultError:
        events.crash("photo_not_usable")
        return None
    st.session_state[_READ] = known
    return known


def tries() -> list[Try]:
    """Return the tries of this visit, in the order they were made."""
    kept: list[Try] = st.session_state.setdefault(_TRIES, [])
    return kept


def keep(snapshot: Snapshot, reading: AnkleReading) -> None:
    """Keep a try, or what corrections made of it; the oldest of more than three goes."""
    made = Try(snapshot=snapshot, reading=reading)
    kept = tries()
    known = [t.snapshot.id for t in kept]
    if snapshot.id in known:
        kept[known.index(snapshot.id)] = made
        return
    kept.append(made)
    same = [t for t in kept if t.reading.side == reading.side]
    for old in same[:-MOST_TRIES]:
        kept.remove(old)
        _discard(old.snapshot.id)


def tested() -> list[AnkleReading]:
    """Return the tries of this visit, for the page of the clip."""
    return [t.reading for t in st.session_state.get(_TRIES, [])]


def delete_all() -> None:
    """Delete every photo of this visit with all that was measured on it."""
    current = st.session_state.get(_JOB)
    for photo_id in {*(t.snapshot.id for t in tries()), *([current] if current else [])}:
        _discard(photo_id)
    for key in (_TRIES, _READ):
        st.session_state.pop(key, None)
    leave()


def forget(photo_id: str) -> None:
    """Delete one try."""
    st.session_state[_TRIES] = [t for t in tries() if t.snapshot.id != photo_id]
    _discard(photo_id)
    if st.session_state.get(_JOB) == photo_id:
        leave()


def _discard(photo_id: str) -> None:
    found = jobs.find(photo_id)
    if found is not None:
        jobs.discard(found)
