"""The film under the finger: components of our own, without a build step.

What is large (the preview film, the points drawn over it) is sent once and never
changes; what changes with a click is a mount of its own, which is a few bytes.
A component sends its script with every message, so that this one has next to none.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import streamlit as st

_HERE: Final = Path(__file__).parent

# Scripts are joined in this order into one, since nothing is imported in the browser.
_SCRIPTS: Final = ("film.js", "paint.js", "timeline.js", "strip.js", "touch.js", "scrubber.js")


def _read(*names: str) -> str:
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


_scrubber = st.components.v2.component(
    "two_bowls_scrubber",
    html=_read("scrubber.html"),
    css=_read("scrubber.css"),
    js=_read(*_SCRIPTS),
)
_move = st.components.v2.component("two_bowls_move", js=_read("move.js"))
_clip = st.components.v2.component("two_bowls_clip", js=_read("clip.js"))
_rule = st.components.v2.component(
    "two_bowls_rule", html=_read("rule.html"), css=_read("rule.css"), js=_read("rule.js")
)
_meter = st.components.v2.component(
    "two_bowls_meter", html=_read("meter.html"), css=_read("meter.css"), js=_read("meter.js")
)


def film(scene: bytes, *, key: str, on_seen: Callable[[], None]) -> None:
    """Draw the film with its timeline.

    Parameters
    ----------
    scene : bytes
        From `scene.pack`; the same bytes in every run. Unpacked if `wants_plain`.
    key : str
        Where ``st.session_state[key].seen`` holds the moment on show,
        ``{"t": seconds, "n": count}``, when the finger has let go.
    on_seen : callable
        Called when that has changed.
    """
    _scrubber(data=scene, key=key, on_seen_change=on_seen, on_plain_change=lambda: None)


def wants_plain(key: str) -> bool:
    """Tell whether the browser has said that it cannot unpack gzip."""
    return bool((st.session_state.get(key) or {}).get("plain"))


def move(result_id: str, time_s: float, *, count: int) -> None:
    """Take the film to a moment; a new `count` says that the wish is a new one."""
    _move(data={"id": result_id, "t": time_s, "n": count}, key="film_move")


def rule(result_id: str, time_s: float, *, span_s: tuple[float, float], beside: str) -> None:
    """Draw the upright line of the moment on show over a time chart.

    Parameters
    ----------
    result_id : str
    time_s : float
    span_s : tuple of float
        First and last time of the chart, which is as wide as its container.
    beside : str
        Key of the container that holds this and the chart.
    """
    first, last = span_s
    data = {"id": result_id, "t": time_s, "from": first, "to": last, "beside": beside}
    _rule(data=data, key=f"rule_{beside}")


def clip(result_id: str, preview: bytes) -> None:
    """Send the preview film to the browser, which keeps it.

    On a slow line all that was sent before is shown first: this belongs at the
    end of the page.
    """
    name = result_id.encode("ascii")
    _clip(data=bytes([len(name)]) + name + preview, key="film_clip")


def upload_meter(most_mb: int) -> None:
    """Tell how large the chosen film is and how long its upload takes, while it runs."""
    _meter(data={"most_mb": most_mb}, key="upload_meter")
