"""Every use of what Streamlit does not promise to keep, tried on 1.67.

Each function works without the internals too, only less well, so that a newer
Streamlit costs memory or comfort and not the page.
"""

import logging

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
