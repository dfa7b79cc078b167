"""About: what a wink is, how far off the measurement is, what is kept of a film."""

import streamlit as st

from analysis.accuracy import as_markdown, load_accuracy
from pages.shared import about, guard, jobs, words

LOGO = jobs.PROJECT / "pages" / "shared" / "assets" / "logo.svg"
TEXT_PX = 720


@guard.kindly
def accuracy() -> None:
    """Show the table of errors."""
    st.markdown(about.ACCURACY_BEFORE)
    rows = load_accuracy()
    st.markdown(as_markdown(rows, part="angles"))
    st.markdown(as_markdown(rows, part="verdicts"))
    st.markdown(as_markdown(rows, part="rest"))
    st.markdown(about.ACCURACY_AFTER)


st.set_page_config(page_title="About Two bowls", page_icon=str(LOGO), layout="wide")
st.logo(str(LOGO), size="medium")

with st.container(horizontal_alignment="center"), st.container(width=TEXT_PX):
    st.title("About Two bowls", anchor=False)
    st.page_link("app.py", label="Measure a clip", icon=":material/movie:")
    st.page_link("pages/1_Snapshot.py", label="Test your ankles", icon=":material/photo_camera:")
    st.subheader("Two bowls", anchor=False)
    st.markdown(about.WHAT_A_WINK_IS)
    st.subheader("How far off it is", anchor=False)
    accuracy()
    st.subheader("What is kept", anchor=False)
    st.markdown(words.privacy(jobs.settings()))
    st.caption(about.NOT_MEDICAL)
