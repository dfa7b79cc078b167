"""The app on a phone's home screen: its name and its icon."""

from pathlib import Path
from typing import Final

import streamlit as st

# Ground of the logo; without it iPhones fill the round corners with black.
_GROUND: Final = "#5B5045"

_mark = st.components.v2.component(
    "two_bowls_homescreen",
    js=Path(__file__).with_name("homescreen.js").read_text(encoding="utf-8"),
)


def offer(name: str, logo: Path) -> None:
    """Tell the browser name and icon, for who adds the page to the home screen.

    Parameters
    ----------
    name : str
        Short enough for a line under an icon.
    logo : Path
        An SVG, drawn to a picture in the browser.
    """
    data = {"name": name, "svg": logo.read_text(encoding="utf-8"), "ground": _GROUND}
    _mark(data=data, key="homescreen")
