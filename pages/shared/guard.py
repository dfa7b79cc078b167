"""No traceback on the page: one kind sentence instead, and the error in the log."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

from analysis.service import events

P = ParamSpec("P")


def kindly(part: Callable[P, None]) -> Callable[P, None]:
    """Let a part of the page fail with a sentence.

    Streamlit's own ways to stop a run are no `Exception` and pass through.
    """

    @wraps(part)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            part(*args, **kwargs)
        except Exception:
            events.crash("page_error")
            st.error("Sorry, something went wrong here. Please load the page again.")

    return guarded
