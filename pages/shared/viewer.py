"""The picture on show, the ways to move through the film, and the charts beside it."""

import math

import numpy as np
import streamlit as st

from analysis import charts
from pages.shared import guard, pictures, session, words
from pages.shared.result import Rep, Result

_ALT = {
    "depth": "Thigh angle over time, zero at parallel",
    "ankle": "Ankle bend over time",
    "lumbar": "Lower back against standing over time, plus is tucked under",
}


@st.fragment
@guard.kindly
def show(result_id: str) -> None:
    """Draw the viewer; a fragment, so that a click redraws this part alone."""
    album = session.album()
    result = album.result
    if result.id != result_id:  # another film has been opened in the meantime
        st.rerun()
    rep = _pick_rep(result)
    picture, curves = st.columns([5, 7], gap="medium")
    with picture:
        moment_s = _picture(album, rep)
    with curves:
        _charts(album, moment_s, rep)
    if rep is not None and album.times_s.size:
        _strip(album, rep)


def _pick_rep(result: Result) -> Rep | None:
    reps = result.report.reps
    if not reps:
        return None
    chosen = st.segmented_control(
        "Rep",
        range(len(reps)),
        required=True,
        format_func=lambda index: words.rep_name(reps[index]),
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


def _picture(album: pictures.Album, rep: Rep | None) -> float:
    """Draw the picture at the chosen moment with its controls; return the moment."""
    times = album.times_s
    if not times.size:
        st.info("There is no picture of this film to show.")
        return math.nan
    last_s = math.ceil(float(times[-1]) * 100) / 100
    # The picture stands over the slider on the page but needs its value.
    place = st.container()
    chosen = st.slider(
        "Time in the film",
        min_value=0.0,
        max_value=max(last_s, 0.01),
        step=0.01,
        format="%.2f s",
        key=session.TIME,
        bind="query-params",
        on_change=session.release_chart,
    )
    index = int(np.argmin(np.abs(times - chosen)))
    moment_s = float(times[index])
    report = album.result.report
    place.image(
        album.jpeg(moment_s),
        width="stretch",
        alt=f"Picture at {words.seconds(moment_s)}, thigh "
        f"{words.depth(report.at(moment_s, 'thigh_deg'))}",
    )
    place.caption(_figures(album.result, moment_s))
    _steps(times, index)
    if rep is not None:
        _jumps(rep)
    return moment_s


def _figures(result: Result, moment_s: float) -> str:
    """Write the angles at a moment in one line."""
    at = result.report.at
    back = words.change(at(moment_s, "lumbar_deg"), at(moment_s, "lumbar_sd_deg"))
    return (
        f"Thigh {words.depth(at(moment_s, 'thigh_deg'))} · "
        f"ankle {words.degrees(at(moment_s, 'ankle_deg'))} · lower back {back}"
    )


def _steps(times: np.ndarray, index: int) -> None:
    with st.container(horizontal=True, gap="small"):
        for label, icon, step in (
            ("1 frame back", ":material/chevron_left:", -1),
            ("1 frame on", ":material/chevron_right:", +1),
        ):
            target = index + step
            st.button(
                label,
                icon=icon,
                icon_position="left" if step < 0 else "right",
                key=f"step_{step}",
                width="stretch",
                disabled=not 0 <= target < len(times),
                on_click=session.show,
                args=(float(times[min(max(target, 0), len(times) - 1)]),),
            )


def _jumps(rep: Rep) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        for moment in pictures.moments(rep):
            st.button(
                moment.button,
                key=f"jump_{moment.button}",
                width="stretch",
                disabled=not moment.is_known,
                on_click=session.show,
                args=(moment.time_s,),
            )


def _strip(album: pictures.Album, rep: Rep) -> None:
    """Draw the four moments of the rep side by side; it scrolls on a phone."""
    known = [moment for moment in pictures.moments(rep) if moment.is_known]
    if not known:
        return
    st.markdown(f"**Rep {rep.number}, moment by moment**")
    with st.container(horizontal=True, wrap=False, gap="small", key="strip"):
        for moment in known:
            with st.container(width=176, gap=None):
                depth = words.depth(album.result.report.at(moment.time_s, "thigh_deg"))
                st.image(
                    album.jpeg(moment.time_s, small=True),
                    width=176,
                    alt=f"{moment.name}, {words.seconds(moment.time_s)}",
                )
                st.caption(f"**{moment.name}** · {words.seconds(moment.time_s)}  \n{depth}")


def _charts(album: pictures.Album, moment_s: float, rep: Rep | None) -> None:
    if not album.result.report.frames["t"].size:
        return
    for panel in charts.PANELS:
        key = session.chart_key(panel)
        st.vega_lite_chart(
            album.chart(panel, moment_s=moment_s, rep=None if rep is None else rep.number - 1),
            width="stretch",
            key=key,
            on_select=lambda panel=panel: open_picked(panel),
            alt=_ALT[panel],
        )
    st.caption(
        "Touch a chart to see that moment above. Pale bands: two standard deviations of error; "
        "grey stretches: reps; upright grey line: the picture on show."
    )


def open_picked(panel: str) -> None:
    """Move to the moment that was touched in a chart; the callback of the charts."""
    state = st.session_state.get(session.chart_key(panel))
    time_s = charts.picked_time(state["selection"] if state else None)
    if time_s is not None:
        session.show(time_s)
        session.hold_chart(panel)
