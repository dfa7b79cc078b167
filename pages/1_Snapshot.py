"""Snapshot: the ankle test, and a still of the bottom of a squat."""

import streamlit as st

from pages.shared import ankletest, guard, jobs, snapstate, squatstill

LOGO = jobs.PROJECT / "pages" / "shared" / "assets" / "logo.svg"
TEXT_PX = 720
ANKLE, STILL = "Ankle test", "Squat still"


@guard.kindly
def show() -> None:
    """Draw the half that was chosen."""
    job = snapstate.job()
    first = STILL if job is not None and job.photo and job.photo.kind == "still" else ANKLE
    chosen = st.segmented_control(
        "What to measure",
        [ANKLE, STILL],
        default=first,
        required=True,
        key="photo_kind",
        label_visibility="collapsed",
    )
    mine = job if job is not None and job.photo and _is(job.photo.kind, chosen) else None
    (ankletest if chosen == ANKLE else squatstill).show(mine)


def _is(kind: str, chosen: str | None) -> bool:
    return (kind == "ankle") == (chosen == ANKLE)


st.set_page_config(page_title="Ankle test and squat still", page_icon=str(LOGO), layout="wide")
st.logo(str(LOGO), size="medium")

with st.container(horizontal_alignment="center"), st.container(width=TEXT_PX):
    st.title("How far do your ankles bend?", anchor=False)
    with st.container(horizontal=True):
        st.page_link("app.py", label="Measure a clip", icon=":material/movie:")
        st.page_link("pages/2_Compare.py", label="Compare two clips", icon=":material/compare:")
        st.page_link("pages/3_About.py", label="About", icon=":material/info:")
    show()
