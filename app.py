"""Squat clip: film in, verdict and the picture where the lower back lets go out."""

import streamlit as st

from pages.shared import (
    ankleuse,
    guard,
    homescreen,
    intake,
    jobs,
    scrubber,
    session,
    verdict,
    viewer,
    waiting,
    words,
)

LOGO = jobs.PROJECT / "pages" / "shared" / "assets" / "logo.svg"
TEXT_PX = 720
WIDE_PX = 1180


@guard.kindly
def show(job: jobs.Job | None) -> None:
    """Draw what there is to see: the way in, the waiting, or the end."""
    if job is None:
        intake.show()
    elif not job.is_over:
        waiting.show(job)
    elif job.state is jobs.State.DONE:
        show_result(job)
    else:
        waiting.show_refusal(job)


def show_result(job: jobs.Job) -> None:
    """Draw the result, or one sentence if it cannot be used."""
    result = session.loaded(job)
    if result is None:
        jobs.spoil(job)
        waiting.show_refusal(job)
        return
    session.open_at_flagged(result)
    verdict.card(result.report)
    is_crowded = result.overlay is not None and len(result.overlay.people_px) > 1
    if is_crowded:
        verdict.person(job, result)
    viewer.show(result.id)
    verdict.meaning(result.report)
    verdict.reps_table(result.report)
    ankleuse.show(result.report)
    verdict.findings(result.report)
    verdict.film_check(result.report)
    if not is_crowded:
        verdict.person(job, result)
    verdict.downloads(result)
    st.divider()
    st.button(
        "Delete this and analyse another film",
        icon=":material/delete:",
        on_click=session.delete,
        key="delete",
    )
    st.caption(
        "Made by measuring a film, which is not a medical opinion. A wink does not mean that "
        f"something is broken. {words.privacy(jobs.settings())}"
    )
    if result.overlay is not None:
        # Last, so that on a slow line everything else is there before the film.
        scrubber.clip(result.id, session.album().film())


st.set_page_config(page_title="Two bowls", page_icon=str(LOGO), layout="wide")
st.logo(str(LOGO), size="medium")

current = session.job()
is_shown = current is not None and current.state is jobs.State.DONE
with (
    st.container(horizontal_alignment="center"),
    st.container(width=WIDE_PX if is_shown else TEXT_PX),
):
    if not is_shown:  # the answer is the title of a result
        st.title("Two bowls" if current else "Where does your lower back let go?", anchor=False)
    if session.was_deleted():
        st.info("That result has been deleted. Upload the film again to see it once more.")
    if session.is_unreachable():
        st.warning(words.UNREACHABLE)
    show(current)
    st.page_link(
        "pages/1_Snapshot.py",
        label="Test your ankles with one photo",
        icon=":material/photo_camera:",
    )
    if not is_shown:
        st.page_link(
            "pages/3_About.py",
            label="What a wink is, and how far off this is",
            icon=":material/info:",
        )
homescreen.offer("Two bowls", LOGO)
