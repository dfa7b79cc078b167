"""The links that this visit has made to show a result, with the secrets that delete them."""

import tempfile
from typing import Final
from urllib.parse import urlencode

import segno
import streamlit as st

from analysis.service import events
from analysis.service.shares import Made, ShareTooLargeError
from pages.shared import jobs

# Names in the address of the page Shared.
ID: Final = "id"
KEY: Final = "key"
PAGE: Final = "Shared"
# Links that one visit may make; who needs more can delete one.
MOST: Final = 10

_MADE: Final = "links"
_TROUBLE: Final = "links_trouble"
# Pixels of a square of the code, and how many of them are left free around it (ISO 18004).
_SCALE, _QUIET = 5, 4


def made(result_id: str) -> Made | None:
    """Link that this visit has made for a result; None if there is none."""
    found: dict[str, Made] = st.session_state.get(_MADE, {})
    return found.get(result_id)


def make(result_id: str, label: jobs.Said) -> None:
    """Make a link for a result; for callbacks. What is in the way is told by `trouble`."""
    found: dict[str, Made] = st.session_state.get(_MADE, {})
    if len(found) >= MOST:
        st.session_state[_TROUBLE] = f"One visit can have {MOST} links: delete one first."
        return
    try:
        job = jobs.find(result_id)
        if job is None or result_id in found:
            return
        fresh = jobs.shares().make(job.folder, label=label)
    except ShareTooLargeError:
        st.session_state[_TROUBLE] = "This result is too large for a link. Save the film instead."
        return
    except OSError:
        events.crash("share_not_made")
        st.session_state[_TROUBLE] = "The link could not be made. Please try again in a minute."
        return
    st.session_state[_MADE] = {**found, result_id: fresh}


def trouble() -> str:
    """Tell once what was in the way of a link."""
    return str(st.session_state.pop(_TROUBLE, ""))


def delete(result_id: str) -> None:
    """Delete the link of a result; for callbacks."""
    found: dict[str, Made] = dict(st.session_state.get(_MADE, {}))
    gone = found.pop(result_id, None)
    if gone is not None:
        jobs.shares().delete(gone.id, gone.secret)
    st.session_state[_MADE] = found


def address(**query: str) -> str:
    """Address of the page Shared as this browser would open it."""
    base = str(st.context.url or "").split("?")[0].rstrip("/")
    return f"{base}/{PAGE}?{urlencode(query)}"


def qr_svg(text: str) -> str:
    """Draw a QR code of a text, dark on light in the dark theme too: readers need that."""
    code = segno.make(text, error="m", micro=False)
    drawn: str = code.svg_data_uri(scale=_SCALE, border=_QUIET, dark="#14110D", light="#FFFFFF")
    return drawn


def is_kept_briefly() -> bool:
    """Whether what is shared by this server lies where a new start may wipe it."""
    settings = jobs.settings()
    return not settings.store_url and settings.shared.is_relative_to(tempfile.gettempdir())
