"""Files that a child may have put there to lead the server astray."""

import os
from pathlib import Path

import pytest

from analysis.service.private import read_plain


def test_a_plain_file_is_read(tmp_path: Path) -> None:
    """Up to the size that is expected."""
    path = tmp_path / "first.json"
    path.write_bytes(b"12345")
    assert read_plain(path, most_bytes=5) == b"12345"
    assert read_plain(path, most_bytes=4) is None


@pytest.mark.parametrize("kind", ["nothing", "link", "folder", "pipe"])
def test_what_is_no_plain_file_is_not_read(tmp_path: Path, kind: str) -> None:
    """Nobody else's file through a link, and no wait for a pipe that stays empty."""
    path = tmp_path / "first.json"
    if kind == "link":
        (tmp_path / "other").write_bytes(b"secret")
        path.symlink_to(tmp_path / "other")
    if kind == "folder":
        path.mkdir()
    if kind == "pipe":
        os.mkfifo(path)
    assert read_plain(path, most_bytes=100) is None
