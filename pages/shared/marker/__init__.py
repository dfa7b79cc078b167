"""A photo with points to drag, and the numbers that follow the finger.

The picture is sent once (`photo`); what changes is a mount of its own, as with the film.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import streamlit as st

_HERE: Final = Path(__file__).parent


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


_photo = st.components.v2.component("two_bowls_photo", js=_read("photo.js"))
_marker = st.components.v2.component(
    "two_bowls_marker", html=_read("marker.html"), css=_read("marker.css"), js=_read("marker.js")
)


def photo(photo_id: str, jpeg: bytes) -> None:
    """Send a picture to the browser, which keeps it.

    Parameters
    ----------
    photo_id : str
        The name by which `marker` finds it: letters and digits, see `snapstate.shown_as`.
    jpeg : bytes
        Not looked at here.
    """
    name = photo_id.encode("ascii")
    _photo(data=bytes([len(name)]) + name + jpeg, key=f"photo_{photo_id}")


def marker(
    photo_id: str, scene: Mapping[str, Any], *, key: str, on_moved: Callable[[], None]
) -> None:
    """Draw the picture with its points.

    Parameters
    ----------
    photo_id : str
    scene : mapping
        ``size`` (width and height in pixels of the photo), ``points`` (name, x and y), and
        ``base``: the figures for these points, from which the browser goes on while the
        finger moves. Without points the picture is only shown.
    key : str
        Where ``st.session_state[key].moved`` holds ``{"points": {name: [x, y]}, "n": count}``
        when the finger has let go.
    on_moved : callable
    """
    _marker(data={"id": photo_id, **scene}, key=key, on_moved_change=on_moved)
