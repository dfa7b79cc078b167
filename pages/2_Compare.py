"""Compare: two or more clips against each other, from this visit or from saved files."""

import streamlit as st

from pages.shared import comparing, guard, jobs, shelf

LOGO = jobs.PROJECT / "pages" / "shared" / "assets" / "logo.svg"
WIDE_PX = 860


@guard.kindly
def show() -> None:
    """Draw the clips, and what differs between them; an example for who has none yet."""
    clips = shelf.clips()
    if len(clips) > 1:
        chosen = comparing.choose(clips)
        if len(chosen) > 1:
            comparing.show(chosen)
        else:
            st.info("Choose two clips or more.")
        comparing.trends(list(clips.values()))
        st.subheader("Your clips", anchor=False)
    elif clips:
        st.info("One clip is here. Measure or load one more to compare it with.")
    comparing.on_the_shelf(clips)
    comparing.load_files()
    st.caption(
        "Your clips lie in this visit alone and go with it: save them to have them next month. "
        "Files that you load are not kept on the server."
    )
    if len(clips) < 2:
        st.subheader("An example", anchor=False)
        st.markdown("The same lifter, drawn by a computer, in two stances.")
        comparing.show(shelf.demo())
    comparing.experiments()


st.set_page_config(page_title="Compare · Two bowls", page_icon=str(LOGO), layout="wide")
st.logo(str(LOGO), size="medium")

with st.container(horizontal_alignment="center"), st.container(width=WIDE_PX):
    st.title("Compare two clips", anchor=False)
    with st.container(horizontal=True):
        st.page_link("app.py", label="Measure a clip", icon=":material/movie:")
        st.page_link(
            "pages/1_Snapshot.py", label="Test your ankles", icon=":material/photo_camera:"
        )
        st.page_link("pages/3_About.py", label="About", icon=":material/info:")
    st.markdown("Change one thing, film again, and see whether it changed your lower back.")
    show()
