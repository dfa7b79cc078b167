"""Which job and which result belong to the visitor: the only file that knows the keys.

The job's secret id stands in the link (``?job=``), so that a page loaded again,
as phones do, finds its result. Everything else is kept in the session alone: films
and pictures of people never go into a cache that visitors share.
"""

import importlib
import math
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from analysis.service import events
from analysis.service.ids import for_log, new_id
from pages.shared import _compat, jobs, links, result, shelf, tabs

if TYPE_CHECKING:
    from pages.shared import pictures

LINK = "job"
TIME = "t"
REP = "rep"
ALONE = "alone"
_JOB = "job_id"
_RESULT = "result"
_PICTURES = "pictures"
_SHOWN = "shown"
_GONE = "gone"
_UNREACHABLE = "unreachable"
_VISITOR = "visitor"
_BY_LINK = "by_link"
_UPLOADS = "uploads"
_PICKED = "picked_chart"
_ROUNDS = "chart_rounds"
_MOVES = "film_moves"


def job() -> jobs.Job | None:
    """Job of this visitor; one named by the link if the session is new."""
    job_id = st.session_state.get(_JOB)
    if not job_id:
        job_id = st.query_params.get(LINK)
        st.session_state[_BY_LINK] = True
    if not job_id:
        return None
    try:
        found = jobs.find(job_id)
    except (OSError, ValueError):
        # Nobody can tell whether it is there, so that the link is kept.
        events.crash("job_not_looked_up")
        st.session_state[_UNREACHABLE] = True
        return None
    if found is None:
        forget()
        st.session_state[_GONE] = True
        return None
    st.session_state[_JOB] = found.id
    tabs.note(found.id)
    return found


def was_deleted() -> bool:
    """Tell once that a result which the link named is gone."""
    return bool(st.session_state.pop(_GONE, False))


def is_unreachable() -> bool:
    """Tell once that a result may well be there, but cannot be reached right now."""
    return bool(st.session_state.pop(_UNREACHABLE, False))


def visitor() -> str:
    """Name this visit, for the limit of films at a time; known to nobody else.

    All tabs of a browser are one visit, and so is a page that is loaded again.
    """
    if _VISITOR not in st.session_state:
        mark = _compat.browser_mark()
        st.session_state[_VISITOR] = new_id() if mark is None else for_log(mark.hex())
    return str(st.session_state[_VISITOR])


def begin(fresh: jobs.Job) -> None:
    """Make a job the one on show."""
    forget()
    st.session_state[_JOB] = fresh.id
    st.session_state[_BY_LINK] = False
    st.query_params[LINK] = fresh.id


def forget() -> None:
    """Show no job any more; the job itself is not touched."""
    for key in (_JOB, _RESULT, _PICTURES, _SHOWN, TIME, REP, ALONE):
        st.session_state.pop(key, None)
    tabs.note(None)
    st.query_params.pop(LINK, None)
    st.query_params.pop(TIME, None)
    st.session_state[_UPLOADS] = upload_number() + 1


def delete() -> None:
    """Delete the job on show with all that belongs to it."""
    found = job()
    if found is not None:
        shelf.remove_of_job(found.id)
        links.delete(found.id)
        jobs.discard(found)
    forget()


def upload_number() -> int:
    """Count the films of this session, for a fresh upload field after each."""
    return int(st.session_state.get(_UPLOADS, 0))


def loaded(done: jobs.Job) -> result.Result | None:
    """Read the result of a job, once; None if it cannot be used."""
    return loaded_from(done.id, done.folder)


def loaded_from(result_id: str, folder: Path) -> result.Result | None:
    """Read the result of this id in a folder, once; None if it cannot be used."""
    known = st.session_state.get(_RESULT)
    if isinstance(known, result.Result) and known.id == result_id:
        return known
    try:
        known = result.load_folder(result_id, folder)
    except result.BrokenResultError:
        events.crash("result_not_usable")
        return None
    from pages.shared import pictures  # see `load_ahead`

    st.session_state[_RESULT] = known
    st.session_state[_PICTURES] = pictures.Album(known)
    return known


@cache
def load_ahead() -> None:
    """Load what results are drawn with, while the first visitor reads.

    Altair, with Pandas behind it, and OpenCV take longer to load than all the rest: the
    way in does not need them.
    """
    threading.Thread(
        target=importlib.import_module, args=("pages.shared.pictures",), daemon=True
    ).start()


def album() -> "pictures.Album":
    """Pictures and charts of the result on show, made once each."""
    kept: pictures.Album = st.session_state[_PICTURES]
    return kept


def open_at_flagged(shown: result.Result) -> None:
    """Choose moment and rep when a result is first shown, unless the link did."""
    if st.session_state.get(_SHOWN) == shown.id:
        return
    wanted = st.query_params.get(TIME, "") if st.session_state.get(_BY_LINK) else ""
    st.session_state[_SHOWN] = shown.id
    try:
        time_s = float(wanted)
    except ValueError:
        time_s = math.nan
    if not math.isfinite(time_s):
        time_s = shown.report.flagged_s
    st.session_state[TIME] = time_s if math.isfinite(time_s) else 0.0
    st.session_state[_MOVES] = moves() + 1
    follow_rep(shown.report, st.session_state[TIME])


def moment() -> float:
    """Moment on show, in seconds of the film."""
    return float(st.session_state.get(TIME, 0.0))


def moves() -> int:
    """How often the page, not the finger, has moved the film."""
    return int(st.session_state.get(_MOVES, 0))


def show(time_s: float) -> None:
    """Take the film to a moment; for callbacks."""
    st.session_state[_MOVES] = moves() + 1
    _note(time_s)


def seen(time_s: float) -> None:
    """Note the moment that the finger has chosen; for callbacks."""
    _note(time_s)
    release_charts()


def _note(time_s: float) -> None:
    st.session_state[TIME] = float(time_s)
    st.query_params[TIME] = f"{time_s:.2f}"


def follow_rep(report: result.Report, time_s: float) -> None:
    """Choose the rep of a moment; between two reps the one chosen stays."""
    inside = [i for i, rep in enumerate(report.reps) if rep.start_s <= time_s <= rep.end_s]
    if inside:
        st.session_state[REP] = inside[0]
    elif not 0 <= (st.session_state.get(REP) or 0) < len(report.reps):
        st.session_state[REP] = 0


def chart_key(panel: str) -> str:
    """Key of a chart, another one each time that its selection is to be forgotten."""
    return f"chart_{panel}_{st.session_state.get(_ROUNDS, {}).get(panel, 0)}"


def hold_chart(panel: str) -> None:
    """Remember a chart that has a place picked."""
    st.session_state[_PICKED] = {*st.session_state.get(_PICKED, ()), panel}


def release_charts() -> None:
    """Forget what is picked in the charts, since the finger has moved on.

    A chart tells nothing when the same place is touched twice. Without this a
    touch would do nothing after a drag away from the moment picked before. Not
    done when another chart is touched: a chart with a new key is sent again whole.
    """
    rounds = dict(st.session_state.get(_ROUNDS, {}))
    for panel in st.session_state.pop(_PICKED, ()):
        rounds[panel] = rounds.get(panel, 0) + 1
    st.session_state[_ROUNDS] = rounds
