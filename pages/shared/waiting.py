"""The time while a film is analysed: what is happening, how far, how long still."""

import streamlit as st

from analysis.service import events
from pages.shared import firstlook, guard, jobs, session, words

_EVERY_S = 0.5


def show(job: jobs.Job) -> None:
    """Follow a running job, with a way to stop it."""
    _follow(job.id)
    firstlook.show(job.id)
    st.caption(words.waits_for_you(jobs.settings()))


@st.fragment(run_every=_EVERY_S)
@guard.kindly
def _follow(job_id: str) -> None:
    job = jobs.find(job_id)
    if job is None or job.is_over:
        st.rerun()
        return
    if job.state is jobs.State.WAITING:
        st.subheader("Your film is in line")
        st.progress(0.0, text=words.in_line(jobs.outlook(job)))
        if jobs.are_machines_away():
            st.warning(words.MACHINES_AWAY)
    else:
        st.subheader("Analysing your film")
        step = job.progress
        told = [words.STAGES.get(step.stage, "Working"), words.left(step.left_s)]
        st.progress(step.done, text=" · ".join(part for part in told if part))
    stop_button(job_id)


def stop_button(job_id: str) -> None:
    """Offer to end a job that waits or runs."""
    st.button("Stop", icon=":material/stop_circle:", on_click=_stop, args=(job_id,), key="stop_job")


def _stop(job_id: str) -> None:
    job = jobs.find(job_id)
    if job is not None:
        jobs.stop(job)


def show_refusal(job: jobs.Job) -> None:
    """Say why there is no result, and what can be done about it."""
    say = st.info if job.state is jobs.State.STOPPED else st.warning
    say(words.escape(words.state_sentence(job)))
    with st.container(horizontal=True):
        if job.can_be_tried_again:
            st.button("Try again", icon=":material/refresh:", on_click=_again, args=(job.id,))
        st.button("Choose another film", on_click=session.delete, key="another")
    if job.state is jobs.State.NOTHING:
        st.markdown("**How to film it so that it can be measured**")
        st.markdown("\n".join(f"- {line}" for line in words.FILMING_MORE))


def _again(job_id: str, person: int | None = None) -> None:
    job = jobs.find(job_id)
    if job is None or not (job.can_be_tried_again or job.can_measure_others):
        return
    try:
        session.begin(jobs.again(job, person=person, visitor=session.visitor()))
    except jobs.BusyError as error:
        st.warning(words.busy(error))
    except OSError:
        events.crash("job_not_started")
        st.error(words.NO_ROOM)


def measure_person(job_id: str, person: int) -> None:
    """Analyse the film once more, for the person with this number (from 1)."""
    _again(job_id, person)
