"""The squat still on screen."""

import math

import streamlit as st

from pages.shared import figures, intake, jobs, marker, snapshot, snapstate, snapwords, words
from pages.shared.snapresult import Snapshot, number


def show(job: jobs.Job | None) -> None:
    """Draw the squat still."""
    if job is not None and not job.is_over:
        snapshot.wait(job.id)
        return
    done = None
    if job is not None:
        done = snapstate.snapshot(job) if job.state is jobs.State.DONE else None
        if done is None:
            snapshot.refusal(job)
    if done is not None:
        _result(done)
        st.markdown("**Another still**")
    else:
        st.markdown(snapwords.HOW_STILL)
    st.session_state["photo_height"] = intake.height()
    snapshot.intake("still", label="The bottom of your squat", with_standing=True)
    if done is not None:
        st.button(
            "Delete this photo and its figures",
            icon=":material/delete:",
            on_click=snapstate.delete_all,
            key="delete_photos",
        )


def _result(seen: Snapshot) -> None:
    report = seen.report
    with st.container(border=True, gap="xsmall"):
        st.badge("Squat still", color="gray", icon=":material/photo_camera:")
        st.title(f"{figures.depth(number(report, 'thigh_deg')).capitalize()}", anchor=False)
        st.markdown(words.escape(str(report.get("verdict") or "")))
    photo_id = snapstate.shown_as(seen.id)
    marker.photo(photo_id, seen.picture)
    marker.marker(
        photo_id,
        {"size": list(seen.size_px), "alt": "The squat with joints and back drawn over it"},
        key=f"still_{photo_id}",
        on_moved=lambda: None,
    )
    st.table([_row(seen)], alt="Depth, ankle, knee and trunk of the still")
    st.caption("Degrees; ± is two standard deviations. Depth: thigh above (+) or below (−) level.")
    change = number(report, "lumbar_change_deg")
    if math.isfinite(change):
        _change(change, number(report, "lumbar_change_sd_deg"))
    else:
        st.markdown(snapwords.ONE_STILL)
        st.page_link("app.py", label="Measure a clip", icon=":material/movie:")
    for note in report["warnings"]:
        if note.get("id") != "one_still":
            st.caption(words.escape(str(note.get("text", ""))))


def _row(seen: Snapshot) -> dict[str, str]:
    report = seen.report
    cm, sd = number(report, "knee_past_toe_cm"), number(report, "knee_past_toe_sd_cm")
    return {
        "Depth": figures.degrees(number(report, "thigh_deg"), seen.thigh_sd_deg),
        "Ankle": figures.degrees(number(report, "ankle_deg"), number(report, "ankle_sd_deg")),
        "Trunk lean": figures.degrees(number(report, "trunk_deg")),
        "Knee past toes": f"{cm:.0f} ± {2 * sd:.0f} cm" if math.isfinite(cm) else figures.DASH,
    }


def _change(change_deg: float, sd_deg: float) -> None:
    """Say how much the lower back has changed against standing, and what that is not."""
    told = figures.change(change_deg, sd_deg)
    band = 2 * sd_deg
    if abs(change_deg) < 8 and band < 8:
        text = "about as when you stand, within what a photo can tell."
    elif abs(change_deg) <= band:
        text = "a change that the error of two photos may well make up."
    elif change_deg > 0:
        text = "more tucked than when you stand."
    else:
        text = "more arched than when you stand."
    st.markdown(f"**Two-bowls angle against standing: {told}**, {text}")
    st.caption(
        "Two moments show how much, but not where it starts, nor whether an arch only came back "
        "to neutral. A clip shows that."
    )
    st.page_link("app.py", label="Measure a clip", icon=":material/movie:")
