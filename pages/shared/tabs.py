"""Which tab shows which job, so that a deleted one leaves them all.

Streamlit keeps what a page offers to download, at an address that needs no session,
until that page runs again. A second tab, or a phone that sleeps, would keep a
deleted result reachable for as long as it likes.
"""

import threading
from collections import OrderedDict
from typing import Final

from pages.shared import _compat

# More tabs than a server has memory for; the oldest are forgotten first.
_MOST: Final = 10_000

_lock = threading.Lock()
_shown: OrderedDict[str, str] = OrderedDict()


def note(job_id: str | None) -> None:
    """Note what the tab that runs now shows; None for nothing."""
    session_id = _compat.session_id()
    if session_id is None:
        return
    with _lock:
        _shown.pop(session_id, None)
        if job_id is not None:
            _shown[session_id] = job_id
        if len(_shown) > _MOST:
            _shown.popitem(last=False)


def close(job_id: str) -> None:
    """Take a job that is gone off every other tab that shows it."""
    own = _compat.session_id()
    with _lock:
        others = [tab for tab, shown in _shown.items() if shown == job_id and tab != own]
        for tab in others:
            del _shown[tab]
    for tab in others:
        _compat.drop_downloads(tab)
        _compat.run_again(tab)
