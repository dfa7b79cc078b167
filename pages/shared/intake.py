"""Taking a film in: upload or sample, and body height if wanted."""

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.typing import UploadedFile

from analysis.label import Label
from analysis.service import events
from pages.shared import _compat, jobs, labels, scrubber, session, words

_PICTURE = jobs.PROJECT / "pages" / "shared" / "assets" / "filming.svg"
# MB; the limit of the server and of the film reader.
_MOST_MB = 150
SAMPLE = jobs.PROJECT / "analysis" / "data" / "sample.mp4"

# The type "video" suits the pickers of phones. The endings are for films that a
# browser knows no type of, as they come from cloud folders. With a type among
# them Streamlit raises nothing about endings: other files are turned away in the
# browser, and what a film really is shows when it is decoded.
_TYPES = ["video", "mp4", "mov", "m4v", "webm", "mkv", "3gp", "avi", "mts", "m2ts", "ts"]

_CM = "cm"
_FEET = "feet and inches"
_CM_PER_INCH = 2.54
# Barefoot heights that are taken; outside of it is a slip of the finger.
_HEIGHT_CM = (100.0, 230.0)


def show() -> None:
    """Draw the first page: how to film, upload, sample, height."""
    st.markdown(
        "Upload a squat filmed from the side. You get the picture where your lower back starts "
        "to tuck under, how deep you were, and the depth to stop at."
    )
    st.image(str(_PICTURE), width=420, alt=words.FILMING_PICTURE)
    st.caption(words.FILMING)
    height_cm = height()
    with st.expander("About this set, to compare it later (optional)", icon=":material/label:"):
        label = labels.ask("label")
    # Said before the upload, which is the longest wait of all.
    busy = jobs.why_busy(session.visitor())
    if busy is not None:
        st.warning(words.busy(busy))
    elif jobs.are_machines_away():
        st.warning(words.MACHINES_AWAY)
    uploaded = st.file_uploader(
        "Your film",
        type=_TYPES,
        key=f"film_{session.upload_number()}",
        help=f"A film of up to {_MOST_MB} MB, as phones and cameras make them (MP4, MOV, WebM and "
        "others). Its first 90 seconds are analysed.",
        disabled=busy is not None,
    )
    scrubber.upload_meter(_MOST_MB)
    if st.button(
        "Try the sample clip",
        icon=":material/play_circle:",
        width="stretch",
        key="sample",
        disabled=busy is not None,
    ):
        _start(None, height_cm, Label())
    if uploaded is not None:
        _start(uploaded, height_cm, label)
    st.caption(words.UPLOADING)
    with st.expander("How to film it well", icon=":material/videocam:"):
        st.markdown("\n".join(f"- {line}" for line in words.FILMING_MORE))
    st.caption(words.privacy(jobs.settings()))


def _start(uploaded: UploadedFile | None, height_cm: float | None, label: Label) -> None:
    visitor, said = session.visitor(), label.as_json()

    def start() -> jobs.Job:
        if uploaded is None:
            return jobs.start(SAMPLE, height_cm=height_cm, visitor=visitor)
        return jobs.start_upload(uploaded, height_cm=height_cm, visitor=visitor, label=said)

    job = started(
        start,
        uploads=[] if uploaded is None else [uploaded],
        sorry="Sorry, the analysis could not be started. Please try again in a minute.",
    )
    if job is not None:
        session.begin(job)
        st.rerun()


def started(
    start: Callable[[], jobs.Job], *, uploads: Sequence[UploadedFile], sorry: str
) -> jobs.Job | None:
    """Start a job, and say so in one sentence if that cannot be.

    Parameters
    ----------
    start : callable
    uploads : sequence of UploadedFile
        Their bytes leave the server's memory in any case.
    sorry : str
        Said where nothing better is known.
    """
    try:
        return start()
    except jobs.BusyError as error:
        st.warning(words.busy(error))
    except jobs.NoRoomError:
        events.crash("spool_full")
        st.error(words.NO_ROOM)
    except Exception:
        # Whatever it is (no memory for a process): one kind sentence.
        events.crash("job_not_started")
        st.error(sorry)
    finally:
        for upload in uploads:
            _compat.free_upload(upload)
    return None


def height() -> float | None:
    """Ask for the body height; None if it is not given."""
    with st.expander("Body height, for centimetres (optional)", icon=":material/height:"):
        unit = st.segmented_control(
            "Unit",
            [_CM, _FEET],
            default=_CM,
            required=True,
            key="height_unit",
            label_visibility="collapsed",
            persist_state="session",
        )
        if unit == _FEET:
            height_cm = _feet_and_inches()
        else:
            height_cm = st.number_input(
                "Barefoot height in cm",
                min_value=_HEIGHT_CM[0],
                max_value=_HEIGHT_CM[1],
                value=None,
                step=1.0,
                format="%.0f",
                placeholder="such as 172",
                key="height_cm",
                persist_state="session",
            )
        if height_cm is None:
            return None
        # Limits of a number field hold in the browser only.
        if not _HEIGHT_CM[0] <= height_cm <= _HEIGHT_CM[1]:
            st.warning("A height between 100 and 230 cm is needed; it is left out for now.")
            return None
        return float(height_cm)


def _feet_and_inches() -> float | None:
    with st.container(horizontal=True):
        feet = st.number_input(
            "Feet", min_value=3, max_value=7, value=None, key="feet", persist_state="session"
        )
        inches = st.number_input(
            "Inches",
            min_value=0.0,
            max_value=11.5,
            value=0.0,
            step=0.5,
            format="%.1f",
            key="inches",
            persist_state="session",
        )
    return None if feet is None else (12 * feet + inches) * _CM_PER_INCH
