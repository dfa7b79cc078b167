"""The first look as the page reads it: nothing there yet is no error."""

import json

import pytest

from pages.shared import firstlook
from tests.pages import made_up


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(None, id="not-there-yet"),
        pytest.param(b"", id="empty"),
        pytest.param(b'{"seen_s": 1', id="half"),
        pytest.param(b"[1]", id="other-shape"),
    ],
)
def test_what_cannot_be_read_is_nothing_yet(written: bytes | None) -> None:
    """The page waits for the next one."""
    assert firstlook.read(written) is None


def test_what_was_written_is_read() -> None:
    """All of it, as it stands."""
    assert firstlook.read(json.dumps(made_up.first_look()).encode()) == made_up.first_look()
