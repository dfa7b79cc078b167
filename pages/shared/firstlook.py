"""The first picture of a film and what is in order with it, while it is analysed."""

import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.shared import checks, guard, jobs, words

# Quicker than the progress: this is what the lifter waits for.
_EVERY_S = 0.3
_WIDTH_PX = 132


def read(written: bytes | None) -> Mapping[str, Any] | None:
    """Read what the analysis has written so far; None if there is nothing yet."""
    try:
        content = json.loads(written or b"")
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


@st.fragment(run_every=_EVERY_S)
@guard.kindly
def show(job_id: str) -> None:
    """Draw the picture and the checks as soon as they are there."""
    job = jobs.find(job_id)
    look = read(jobs.first_look(job)) if job is not None else None
    if look is None:
        return
    seen_s = float(look.get("seen_s") or 0.0)
    if seen_s:
        st.markdown(f"**The first {max(1, round(seen_s))} s of your film**")
    else:
        st.markdown("**Your film**")
    with st.container(horizontal=True, wrap=False, gap="small"):
        picture = b64decode(str(look["picture_jpeg"]))
        st.image(picture, width=_WIDTH_PX, alt="The first picture of your film")
        with st.container(gap="xsmall"):
            for check in checks.first_look(look):
                icon = ":material/check:" if check.ok else ":material/error:"
                st.markdown(f"{icon} **{check.name}.** {words.escape(check.text)}")
