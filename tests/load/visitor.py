"""A visitor without a browser: speaks Streamlit's protocol as the page's script does.

A dozen browsers would need more of two cores than the server under test. This sends
and reads the same messages, so that the server cannot tell the two apart.
"""

import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterable
from contextlib import ExitStack
from urllib.parse import parse_qs, urlparse

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

_LARGEST_MESSAGE = 64 << 20
_ANSWER_S = 120.0


class Visitor:
    """One tab of one browser.

    Parameters
    ----------
    address : str
        Of the server, such as ``http://127.0.0.1:8501``; it must run without the
        protection against forged requests (``--server.enableXsrfProtection false``).
    query : str
        What stands behind ``?`` in the link.
    """

    def __init__(self, address: str, *, query: str = "") -> None:
        self._address = address
        self._session_id = ""
        # Seconds between the runs of each part of the page that runs by itself.
        self._timers: dict[str, float] = {}
        self._script_hash = ""
        self._is_idle = False
        # Whether a part of the page is being run alone.
        self._is_part = False
        self._answer: ForwardMsg | None = None
        self.query = query
        self.elements: list[Element] = []
        self.media: set[str] = set()
        self._open = ExitStack()
        self._line: ClientConnection = self._open.enter_context(
            connect(
                address.replace("http", "ws") + "/_stcore/stream",
                subprotocols=[Subprotocol("streamlit")],
                max_size=_LARGEST_MESSAGE,
                open_timeout=60,
            )
        )
        self.rerun()

    @property
    def job_id(self) -> str:
        """Secret id in the link."""
        return parse_qs(self.query).get("job", [""])[0]

    @property
    def title(self) -> str:
        """Title of the page."""
        titles = [e.heading.body for e in self.elements if e.WhichOneof("type") == "heading"]
        return titles[0] if titles else ""

    @property
    def texts(self) -> list[str]:
        """All that stands on the page as text."""
        told = [e.alert.body for e in self.elements if e.WhichOneof("type") == "alert"]
        return [*told, *(e.progress.text for e in self.elements if e.HasField("progress"))]

    def close(self) -> None:
        """Close the tab."""
        self._open.close()

    def rerun(self, *states: tuple[str, str, object], fragment: str = "") -> None:
        """Have the page run, with states of widgets (id, field, value), and wait for it."""
        message = BackMsg()
        client = message.rerun_script
        client.query_string = self.query
        client.page_script_hash = self._script_hash
        client.fragment_id = fragment
        for widget_id, name, value in states:
            state = client.widget_states.widgets.add(id=widget_id)
            if name == "file_uploader_state_value":
                state.file_uploader_state_value.CopyFrom(value)
            else:
                setattr(state, name, value)
        self._is_part = bool(fragment)
        self._is_idle = False
        self._line.send(message.SerializeToString())
        ends = time.monotonic() + _ANSWER_S
        while not self._is_idle:
            self._listen(ends)

    def upload(self, name: str, content: bytes) -> None:
        """Choose a film in the page's field and send it."""
        field = next(e.file_uploader for e in self.elements if e.HasField("file_uploader"))
        request = BackMsg()
        request.file_urls_request.request_id = uuid.uuid4().hex
        request.file_urls_request.file_names.append(name)
        request.file_urls_request.session_id = self._session_id
        self._answer = None
        self._line.send(request.SerializeToString())
        ends = time.monotonic() + _ANSWER_S
        while self._answer is None:
            self._listen(ends)
        urls = self._answer.file_urls_response.file_urls[0]
        self._put(urls.upload_url, name, content)
        message = BackMsg()
        state = message.rerun_script.widget_states.widgets.add(id=field.id)
        state.file_uploader_state_value.uploaded_file_info.add(
            name=name, size=len(content), file_id=urls.file_id, file_urls=urls
        )
        self.rerun((field.id, "file_uploader_state_value", state.file_uploader_state_value))
        self._until_settled()

    def press(self, label: str) -> None:
        """Press a button."""
        button = next(
            e.button for e in self.elements if e.HasField("button") and e.button.label == label
        )
        self.rerun((button.id, "trigger_value", True))
        self._until_settled()

    def wait_result(self, longest_s: float) -> None:
        """Follow the work as the page's timer does, until there is a result or a refusal."""
        ends = time.monotonic() + longest_s
        while self.is_waiting:
            if time.monotonic() > ends:
                raise TimeoutError(f"no result after {longest_s:.0f} s: {self.title} {self.texts}")
            self._pause(max(self._timers.values(), default=0.5))
            for fragment in list(self._timers):
                if fragment in self._timers:  # or the page was sent anew without it
                    self.rerun(fragment=fragment)
            self._until_settled()

    @property
    def is_waiting(self) -> bool:
        """Whether the page shows the work and not its end."""
        return any(e.HasField("button") and e.button.label == "Stop" for e in self.elements)

    def download(self, label: str) -> bytes:
        """Fetch what a download button offers, made at this moment if it is not there yet."""
        button = next(
            e.download_button
            for e in self.elements
            if e.HasField("download_button") and e.download_button.label == label
        )
        is_made = not button.HasField("deferred_file_id")
        url = button.url if is_made else self._ask_for(button.deferred_file_id)
        self.media.add(url)
        with urllib.request.urlopen(self._address + url, timeout=60) as answer:
            content: bytes = answer.read()
        return content

    def _ask_for(self, file_id: str) -> str:
        """Have a file made, and return its address."""
        request = BackMsg()
        request.backend_operation_request.request_id = uuid.uuid4().hex
        request.backend_operation_request.session_id = self._session_id
        request.backend_operation_request.deferred_file.file_id = file_id
        self._answer = None
        self._line.send(request.SerializeToString())
        ends = time.monotonic() + _ANSWER_S
        while self._answer is None:
            self._listen(ends)
        return str(self._answer.backend_operation_response.deferred_file.url)

    def status_of(self, path: str) -> int:
        """Ask for an address and return the number of the answer."""
        try:
            with urllib.request.urlopen(self._address + path, timeout=60) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def read_on(self, time_s: float) -> None:
        """Look at the page for a while, as it comes."""
        self._pause(time_s)

    def _until_settled(self) -> None:
        """Read on while the server sends the page anew by itself."""
        while self._pause(0.3):
            pass

    def _pause(self, time_s: float) -> bool:
        """Read what comes for a while; tell whether the page was sent anew."""
        ends = time.monotonic() + time_s
        was_anew = False
        while (left_s := ends - time.monotonic()) > 0 or not self._is_idle:
            try:
                self._read(max(left_s, 0.05))
                was_anew = was_anew or not self._is_idle
            except TimeoutError:
                if self._is_idle:
                    break
        return was_anew

    def _listen(self, ends: float) -> None:
        self._read(max(0.01, ends - time.monotonic()))

    def _read(self, timeout_s: float) -> None:
        raw = self._line.recv(timeout=timeout_s)
        message = ForwardMsg.FromString(raw if isinstance(raw, bytes) else raw.encode())
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._session_id = message.new_session.initialize.session_id or self._session_id
            self._script_hash = message.new_session.page_script_hash
            self._is_idle = False
            if not self._is_part:
                self.elements = []
                self._timers = {}
        elif kind == "delta":
            self._note(message)
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            self._timers[message.auto_rerun.fragment_id] = message.auto_rerun.interval
        elif kind in ("file_urls_response", "backend_operation_response"):
            self._answer = message
        elif kind == "script_finished":
            self._is_part = False
            self._is_idle = message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN

    def _note(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        if message.delta.WhichOneof("type") != "new_element":
            return
        self.elements.append(element)
        self.media.update(_media_of(element))

    def _put(self, url: str, name: str, content: bytes) -> None:
        mark = uuid.uuid4().hex
        head = (
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
            "Content-Type: video/mp4\r\n\r\n"
        )
        body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
        request = urllib.request.Request(
            self._address + url if urlparse(url).scheme == "" else url,
            data=body,
            method="PUT",
            headers={"Content-Type": f"multipart/form-data; boundary={mark}"},
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            assert answer.status in (200, 204)


def _media_of(element: Element) -> Iterable[str]:
    """Addresses below ``/media`` that an element names."""
    kind = element.WhichOneof("type")
    if kind == "download_button" and element.download_button.url:
        yield element.download_button.url
    if kind == "imgs":
        yield from (image.url for image in element.imgs.imgs if image.url.startswith("/"))
