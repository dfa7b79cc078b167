"""The first look as the page reads it: nothing there yet is no error."""

import json
from pathlib import Path

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
def test_what_cannot_be_read_is_nothing_yet(tmp_path: Path, written: bytes | None) -> None:
    """The page waits for the next one."""
    path = tmp_path / "first.json"
    if written is not None:
        path.write_bytes(written)
    assert firstlook.read(path) is None


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """All of it, as it stands."""
    path = tmp_path / "first.json"
    path.write_text(json.dumps(made_up.first_look()))
    assert firstlook.read(path) == made_up.first_look()
