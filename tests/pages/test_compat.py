"""Streamlit's insides: what is freed, and that their absence costs nothing."""

from types import SimpleNamespace

import pytest
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string

from pages.shared import _compat

RECORD = UploadedFileRec(file_id="a", name="x.mp4", type="video/mp4", data=b"film")


@pytest.fixture
def uploaded() -> UploadedFile:
    """Return an uploaded file as the widget gives it."""
    return UploadedFile(RECORD, FileURLs())


def test_upload_is_freed(monkeypatch: pytest.MonkeyPatch, uploaded: UploadedFile) -> None:
    """The server's copy goes, another file stays."""
    store = MemoryUploadedFileManager("/upload")
    store.add_file("me", RECORD)
    store.add_file("me", RECORD._replace(file_id="b"))
    monkeypatch.setattr(_compat, "get_script_run_ctx", lambda: SimpleNamespace(session_id="me"))
    monkeypatch.setattr(_compat, "get_instance", lambda: SimpleNamespace(uploaded_file_mgr=store))
    assert _compat.free_upload(uploaded)
    assert [record.file_id for record in store.get_files("me", ["a", "b"])] == ["b"]


def test_a_browser_is_known_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the secret of its cookie, which is masked anew each time that it is set."""
    cookies = {"_streamlit_xsrf": generate_xsrf_token_string(b"secret", 1)}
    monkeypatch.setattr(_compat.st, "context", SimpleNamespace(cookies=cookies))
    assert _compat.browser_mark() == b"secret"
    first = cookies["_streamlit_xsrf"]
    cookies["_streamlit_xsrf"] = generate_xsrf_token_string(b"secret", 1)
    assert cookies["_streamlit_xsrf"] != first
    assert _compat.browser_mark() == b"secret"


@pytest.mark.parametrize("cookies", [{}, {"_streamlit_xsrf": "2|x"}, {"_streamlit_xsrf": ""}])
def test_a_browser_without_the_cookie(
    monkeypatch: pytest.MonkeyPatch, cookies: dict[str, str]
) -> None:
    """Whatever it sends, it is taken for a new one."""
    monkeypatch.setattr(_compat.st, "context", SimpleNamespace(cookies=cookies))
    assert _compat.browser_mark() is None


@pytest.mark.parametrize(
    "instance", [SimpleNamespace(), SimpleNamespace(uploaded_file_mgr=object())]
)
def test_another_streamlit_keeps_the_page_alive(
    monkeypatch: pytest.MonkeyPatch, uploaded: UploadedFile, instance: SimpleNamespace
) -> None:
    """Without the insides nothing is freed and nothing breaks."""
    monkeypatch.setattr(_compat, "get_script_run_ctx", lambda: SimpleNamespace(session_id="me"))
    monkeypatch.setattr(_compat, "get_instance", lambda: instance)
    assert not _compat.free_upload(uploaded)
    assert not _compat.drop_downloads("other")
    assert not _compat.run_again("other")
    monkeypatch.setattr(_compat, "get_script_run_ctx", lambda: None)
    assert not _compat.free_upload(uploaded)
