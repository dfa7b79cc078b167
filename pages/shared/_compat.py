"""Every use of what Streamlit does not promise to keep, tried on 1.67.

Each function works without the internals too, only less well, so that a newer
Streamlit costs memory or comfort and not the page.
"""

import logging

import streamlit as st
from streamlit.runtime import get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.typing import UploadedFile

_log = logging.getLogger(__name__)


def free_upload(uploaded: UploadedFile) -> bool:
    """Drop the server's own copy of an uploaded file from memory.

    Streamlit keeps the bytes until the session ends. Once the film is on disk
    that is only a second copy of up to 150 MB.

    Returns
    -------
    bool
        False if this Streamlit has no such store; nothing else changes then.
    """
    try:
        context = get_script_run_ctx()
        if context is None:
            return False
        get_instance().uploaded_file_mgr.remove_file(context.session_id, uploaded.file_id)
    except (AttributeError, RuntimeError):
        _log.info("this Streamlit keeps uploads until the session ends")
        return False
    return True


def session_id() -> str | None:
    """Name of the session whose page runs in this thread; None if there is none."""
    context = get_script_run_ctx(suppress_warning=True)
    return None if context is None else str(context.session_id)


def browser_mark() -> bytes | None:
    """Return what is the same in every tab of a browser, also after the page is loaded again.

    It is the secret of the cookie that Streamlit sets against forged uploads: random,
    gone with the browser, and of no use for anything that is kept.

    Returns
    -------
    bytes or None
        None for a browser that takes no cookies, a host that has switched the
        protection off, or a Streamlit that does it in another way.
    """
    try:
        from streamlit.web.server.starlette.starlette_app_utils import decode_xsrf_token_string

        # The secret is masked anew each time that the cookie is sent.
        secret, _ = decode_xsrf_token_string(st.context.cookies.get("_streamlit_xsrf", ""))
    except (ImportError, AttributeError, TypeError):
        _log.info("this Streamlit has another cookie: limits start anew with each page")
        return None
    return secret or None


def drop_downloads(tab: str) -> bool:
    """Take away what the page of a session offers below ``/media``.

    Returns
    -------
    bool
        False if this Streamlit keeps it in another way: until the page runs again.
    """
    try:
        files = get_instance().media_file_mgr
        files.clear_session_refs(tab)
        # Downloads are marked at the first call and deleted at the second.
        files.remove_orphaned_files()
        files.remove_orphaned_files()
    except (AttributeError, RuntimeError):
        _log.info("this Streamlit keeps downloads until the page runs again")
        return False
    return True


def run_again(tab: str) -> bool:
    """Have the page of another session run again, if somebody looks at it.

    Returns
    -------
    bool
        False if nobody does, or this Streamlit cannot; it runs with the next touch then.
    """
    try:
        found = get_instance()._session_mgr.get_active_session_info(tab)
        if found is None:
            return False
        # As it stands there: without its state the first page would run in its place.
        state = type(found.session._client_state)()
        state.CopyFrom(found.session._client_state)
        state.ClearField("fragment_id")
        found.session._event_loop.call_soon_threadsafe(found.session.request_rerun, state)
    except (AttributeError, RuntimeError):
        _log.info("this Streamlit runs a page again only when it is touched")
        return False
    return True
