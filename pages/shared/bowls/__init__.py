"""The two bowls on a lifter: a drawing that moves under the finger, without the server."""

from pathlib import Path
from typing import Final

import streamlit as st

_HERE: Final = Path(__file__).parent

_bowls = st.components.v2.component(
    "two_bowls_lifter",
    html=(_HERE / "bowls.html").read_text(encoding="utf-8"),
    css=(_HERE / "bowls.css").read_text(encoding="utf-8"),
    js=(_HERE / "bowls.js").read_text(encoding="utf-8"),
)


def show() -> None:
    """Draw a lifter from the side, from standing to the bottom, in three ways to squat."""
    _bowls(key="bowls")
