"""What the two halves of the photo page share: taking a photo in, waiting, refusing."""

from typing import Final

import streamlit as st
from streamlit.typing import UploadedFile

from pages.shared import guard, jobs, session, snapstate, snapwords, waiting, words
from pages.shared.snapstate import Kind

# As in `intake`: a type for the pickers of phones, endings for files without one.
_TYPES: Final = ["image", "jpg", "jpeg", "png", "webp", "heic", "heif"]
_EVERY_S: Final = 0.4
# Of one photo (`analysis.photo.MAX_BYTES`).
_MOST_MB: Final = 40


def intake(kind: Kind, *, label: str, with_standing: bool = False) -> None:
    """Take a photo from gallery or camera app first, and from the browser's camera second."""
    busy = jobs.why_busy(session.visitor())
    if busy is not None:
        st.warning(words.busy(busy))
    count = snapstate.uploads()
    standing: UploadedFile | None = None
    if with_standing:
        standing = st.file_uploader(
            "You standing, from the same side (optional, first)",
            type=_TYPES,
            max_upload_size=_MOST_MB,
            key=f"standing_photo_{count}",
            disabled=busy is not None,
        )
    photo = st.file_uploader(
        label,
        type=_TYPES,
        max_upload_size=_MOST_MB,
        key=f"{kind}_photo_{count}",
        help=f"JPEG, PNG, WebP or HEIC as phones make them, up to {_MOST_MB} MB.",
        disabled=busy is not None,
    )
    if st.toggle("Use the camera in this page instead", key=f"{kind}_camera_on"):
        st.caption("It may open the front camera; a photo from your camera app is sharper.")
        taken = st.camera_input(
            "Camera", key=f"{kind}_camera_{count}", label_visibility="collapsed"
        )
        photo = photo or taken
    if photo is not None:
        snapstate.begin(kind, photo, standing=standing)
    st.caption(snapwords.privacy(jobs.settings()))


@st.fragment(run_every=_EVERY_S)
@guard.kindly
def wait(job_id: str) -> None:
    """Wait for a photo, which takes a second or two."""
    job = jobs.find(job_id)
    if job is None or job.is_over:
        st.rerun()
        return
    if job.state is jobs.State.WAITING:
        st.progress(0.0, text=words.in_line(jobs.outlook(job)))
    else:
        st.progress(0.5, text="Measuring the photo")
    waiting.stop_button(job_id)


def refusal(job: jobs.Job) -> None:
    """Say why a photo could not be measured; the way on is the field below."""
    say = st.info if job.state is jobs.State.STOPPED else st.warning
    say(words.escape(snapwords.state_sentence(job)))
