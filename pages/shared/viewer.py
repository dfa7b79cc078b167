"""The film under the finger, the moments of a rep, and the charts beside them."""

import gzip
import math

import streamlit as st

from analysis import chartparts
from pages.shared import answers, guard, pictures, scrubber, session
from pages.shared.result import Rep

_FILM = "film"
_TIME = "time_chart"
_ALT = {
    "time": "Thigh, ankle and lower back over time, under each other",
    "map": "Lower back against depth, one loop for each rep, with where the tuck starts",
}


@st.fragment
@guard.kindly
def show(result_id: str) -> None:
    """Draw the viewer; a fragment, so that a click redraws this part alone."""
    album = session.album()
    if album.result.id != result_id:  # another film has been opened in the meantime
        st.rerun()
    picture, curves = st.columns([5, 7], gap="medium")
    with picture:
        _film(album)
        rep = _pick_rep(album)
    with curves:
        _charts(album, rep)


def _film(album: pictures.Album) -> None:
    if not album.times_s.size:
        st.info("There is no picture of this film to show.")
        return
    with st.container(gap=None):
        scene = album.scene()
        if scrubber.wants_plain(_FILM):
            scene = gzip.decompress(scene)
        scrubber.film(scene, key=_FILM, on_seen=see)
        scrubber.move(album.result.id, session.moment(), count=session.moves())


def see() -> None:
    """Note what the film shows now that the finger has let go; the component's callback."""
    seen = (st.session_state.get(_FILM) or {}).get("seen") or {}
    time_s = seen.get("t")
    if isinstance(time_s, int | float) and math.isfinite(time_s):
        session.seen(float(time_s))
        session.follow_rep(session.album().result.report, float(time_s))


def _pick_rep(album: pictures.Album) -> Rep | None:
    reps = album.result.report.reps
    if not reps:
        return None
    chosen = st.segmented_control(
        "Rep",
        range(len(reps)),
        required=True,
        format_func=lambda index: answers.rep_name(reps[index]),
        key=session.REP,
        on_change=_open_rep,
        wrap=False,
    )
    return reps[chosen or 0]


def _open_rep() -> None:
    reps = session.album().result.report.reps
    flagged = reps[st.session_state.get(session.REP) or 0].flagged_s
    if math.isfinite(flagged):
        session.show(flagged)


def _charts(album: pictures.Album, rep: Rep | None) -> None:
    if not album.result.report.frames["t"].size:
        return
    alone = rep.number - 1 if rep is not None and _is_alone(album) else None
    with st.container(gap=None, key=_TIME):
        span_s = album.span_s(alone)
        scrubber.rule(album.result.id, session.moment(), span_s=span_s, beside=_TIME)
        _chart("time", album.time_chart(alone))
    st.caption(
        "Touch a chart to take the film there. Pale bands: two standard deviations of error; "
        "grey stretches: reps; upright line: the picture on show."
    )
    if rep is not None:
        _chart("map", album.wink_map(alone))
        st.caption(
            "Each loop is one rep, the whole line on the way down. A flat loop is a steady back; "
            "one that climbs on the right tucks as it gets deep."
        )


def _is_alone(album: pictures.Album) -> bool:
    """Ask whether the charts show the chosen rep alone, which a long set needs."""
    if len(album.result.report.reps) < 2:
        return False
    return st.toggle("Charts of this rep only", key=session.ALONE, persist_state="session")


def _chart(name: str, spec: chartparts.Spec) -> None:
    st.vega_lite_chart(
        spec,
        width="stretch",
        key=session.chart_key(name),
        on_select=lambda: open_picked(name),
        alt=_ALT[name],
    )


def open_picked(name: str) -> None:
    """Move to the moment that was touched in a chart; the callback of the charts."""
    state = st.session_state.get(session.chart_key(name))
    time_s = chartparts.picked_time(state["selection"] if state else None)
    if time_s is not None:
        session.show(time_s)
        session.follow_rep(session.album().result.report, time_s)
        session.hold_chart(name)
