"""Shared: one result that a lifter shows to somebody else, to be looked at only."""

import streamlit as st

from analysis.service import events
from pages.shared import guard, jobs, links, sharing, words

LOGO = jobs.PROJECT / "pages" / "shared" / "assets" / "logo.svg"
WIDE_PX = 1180


@guard.kindly
def show() -> None:
    """Draw the result that the address names, or say that there is none."""
    try:
        shared = jobs.shares().find(st.query_params.get(links.ID))
    except (OSError, ValueError):
        events.crash("share_not_looked_up")
        st.warning(words.UNREACHABLE)
        return
    if shared is None:
        st.info(words.NOT_SHARED)
        return
    key = st.query_params.get(links.KEY)
    if key:
        sharing.offer_deletion(shared, key)
    sharing.show(shared)


st.set_page_config(page_title="Shared · Two bowls", page_icon=str(LOGO), layout="wide")
st.logo(str(LOGO), size="medium")

with st.container(horizontal_alignment="center"), st.container(width=WIDE_PX):
    show()
    with st.container(horizontal=True):
        st.page_link("app.py", label="Measure a clip of your own", icon=":material/movie:")
        st.page_link("pages/3_About.py", label="What a wink is", icon=":material/info:")
