"""A result to keep: one file with the curves, the label and small pictures in it.

The file is JSON of schema 2: the report of schema 1 with the frames as columns, the
label filled in, and pictures beside them. Reports of schema 1, as the command line
writes them, are read as well. What is read is somebody's upload and taken for
hostile: it is parsed strictly, held against the schema of the reports and against
limits, and is either understood as a whole or refused with one sentence.
"""

import base64
import binascii
import hashlib
import io
import itertools
import json
import math
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any, Final

from jsonschema import Draft202012Validator

from analysis.label import Label
from analysis.report import Frames
from analysis.schema import parse_strictly, report_schema

SCHEMA: Final = 2
# Bytes of a file that is written.
MOST_BYTES: Final = 500_000
# Bytes of a file that is read: a report of schema 1 with 90 s of frames has 0.8 MB.
MOST_READ_BYTES: Final = 3_000_000
# Bytes and files of one zip.
MOST_ZIP_BYTES: Final = 20_000_000
MOST_IN_ZIP: Final = 40

COLUMNS: Final = tuple(Frames.__dataclass_fields__)
# 90 s at 30 frames a second, and room.
_MOST_FRAMES: Final = 4000
_MOST_REPS: Final = 200
_MOST_STILLS: Final = 24
_MOST_STILL_BYTES: Final = 60_000
_MOST_TEXT: Final = 2000
# Larger than any angle, length or time in a report.
_MOST_NUMBER: Final = 1e5
# Digits of the curves, well below their error; the time finer than a frame.
_DIGITS: Final = 2
_TIME_DIGITS: Final = 3
_JPEG_STARTS: Final = b"\xff\xd8\xff"
STILL_NAMES: Final = ("standing", "onset", "bottom", "release")

_NOT_OURS: Final = "This is not a result saved by Two Bowls, or it was changed on the way."
_TOO_LARGE: Final = "This file is too large for a saved result."


class KeepFileError(ValueError):
    """A file that cannot be taken; its text is one sentence for the lifter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """One small picture of a clip.

    Attributes
    ----------
    name : str
        One of `STILL_NAMES`.
    rep : int
        Number of the rep, from 1.
    t_s : float
    jpeg : bytes
    """

    name: str
    rep: int
    t_s: float
    jpeg: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """All that is kept of one clip.

    Attributes
    ----------
    report : mapping
        Of schema 1, as :meth:`analysis.report.Report.as_json` lays it out, its
        frames rounded as they stand in the file.
    label : Label
    stills : tuple of Still
    """

    report: Mapping[str, Any]
    label: Label
    stills: tuple[Still, ...] = ()

    @property
    def day(self) -> str | None:
        """Day of the clip: what the lifter says, else what the film says."""
        filmed_on = self.report["clip"]["filmed_on"]
        return self.label.date or (str(filmed_on) if filmed_on else None)

    @property
    def digest(self) -> str:
        """Fingerprint of what was measured; the label may change without it."""
        content = {name: self.report[name] for name in ("clip", "frames", "reps", "made_with")}
        text = json.dumps(content, sort_keys=True, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def keep(report: Mapping[str, Any], label: Label, stills: Iterable[Still] = ()) -> Kept:
    """Make what is kept of a clip.

    Parameters
    ----------
    report : mapping
        Of schema 1.
    label : Label
    stills : iterable of Still
        The most important first: those that make the file too large are left out.

    Returns
    -------
    Kept
        Writing and reading it changes nothing.
    """
    columns = {name: [_rounded(name, row[name]) for row in report["frames"]] for name in COLUMNS}
    kept = Kept(report={**report, "label": None, "frames": _rows(columns)}, label=label)
    room = MOST_BYTES - len(write(kept))
    taken: list[Still] = []
    for still in stills:
        # Base64 takes four bytes for three; the rest is its name and place.
        room -= 4 * -(-len(still.jpeg) // 3) + 80
        if room < 0 or len(taken) == _MOST_STILLS:
            break
        if len(still.jpeg) <= _MOST_STILL_BYTES:
            taken.append(still)
    return replace(kept, stills=tuple(taken))


def write(kept: Kept) -> bytes:
    """Write the file.

    Parameters
    ----------
    kept : Kept

    Returns
    -------
    bytes
        JSON of schema 2, under `MOST_BYTES` if `kept` was made by `keep`.
    """
    content = {
        **kept.report,
        "schema": SCHEMA,
        "label": kept.label.as_json(),
        "frames": {name: [row[name] for row in kept.report["frames"]] for name in COLUMNS},
        "stills": [
            {
                "name": still.name,
                "rep": still.rep,
                "t_s": still.t_s,
                "jpeg": base64.b64encode(still.jpeg).decode("ascii"),
            }
            for still in kept.stills
        ],
    }
    return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()


def read(data: bytes) -> Kept:
    """Read one saved result of any schema.

    Parameters
    ----------
    data : bytes
        From anybody.

    Returns
    -------
    Kept

    Raises
    ------
    KeepFileError
        If it is anything else; its text is one sentence.
    """
    if len(data) > MOST_READ_BYTES:
        raise KeepFileError(_TOO_LARGE)
    try:
        raw = parse_strictly(data.decode("utf-8"))
    # Nesting without end is a RecursionError, a whole number of a thousand digits a ValueError.
    except (ValueError, RecursionError) as error:
        raise KeepFileError(_NOT_OURS) from error
    schema = raw.get("schema")
    if type(schema) is int and schema > SCHEMA:
        raise KeepFileError("This result was saved by a newer version of Two Bowls.")
    try:
        return _from_second(raw) if schema == SCHEMA else _from_first(raw)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise KeepFileError(_NOT_OURS) from error


def write_zip(kept: Sequence[tuple[str, Kept]]) -> bytes:
    """Put saved results into one zip.

    Parameters
    ----------
    kept : sequence of (name, Kept)
        Names of files; a name that comes twice gets a number.
    """
    target = io.BytesIO()
    used: dict[str, int] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, each in kept:
            used[name] = used.get(name, 0) + 1
            stem = name.removesuffix(".json")
            again = f"-{used[name]}" if used[name] > 1 else ""
            archive.writestr(f"{stem}{again}.json", write(each))
    return target.getvalue()


def read_all(data: bytes) -> list[Kept]:
    """Read a saved result, or a zip of them.

    Parameters
    ----------
    data : bytes
        From anybody.

    Returns
    -------
    list of Kept

    Raises
    ------
    KeepFileError
        If anything in it is none.
    """
    if not data.startswith(b"PK"):
        return [read(data)]
    if len(data) > MOST_ZIP_BYTES:
        raise KeepFileError(_TOO_LARGE)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            if len(members) > MOST_IN_ZIP:
                raise KeepFileError(f"This zip holds more than {MOST_IN_ZIP} files.")
            return [read(_member(archive, member)) for member in members]
    except KeepFileError:
        raise
    # What a broken, encrypted or oddly packed archive raises.
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError) as error:
        raise KeepFileError("This zip cannot be opened: save it anew, or unpack it.") from error
    except Exception as error:  # zlib.error and its kin have no common parent
        raise KeepFileError("This zip cannot be opened: save it anew, or unpack it.") from error


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Unpack one file, and never more than is allowed, whatever the zip says of its size."""
    with archive.open(member) as source:
        return source.read(MOST_READ_BYTES + 1)


def _from_first(raw: Mapping[str, Any]) -> Kept:
    """Read a report of schema 1: frames as rows, no label, no pictures."""
    rows = raw["frames"]
    if not isinstance(rows, list) or len(rows) > _MOST_FRAMES:
        raise ValueError("frames: expected a list that is not too long")
    for row in rows:
        if not isinstance(row, dict) or set(row) != set(COLUMNS):
            raise ValueError("frames: expected rows with their columns")
    columns = {name: [row[name] for row in rows] for name in COLUMNS}
    return Kept(report=_checked(raw, columns), label=Label())


def _from_second(raw: Mapping[str, Any]) -> Kept:
    columns, stills = raw["frames"], raw["stills"]
    if not isinstance(columns, dict) or set(columns) != set(COLUMNS):
        raise ValueError("frames: expected its columns")
    if not isinstance(stills, list) or len(stills) > _MOST_STILLS:
        raise ValueError("stills: expected a list that is not too long")
    first = {name: value for name, value in raw.items() if name != "stills"}
    report = _checked({**first, "schema": 1, "label": None}, columns)
    label = Label.from_json(raw["label"])
    return Kept(report=report, label=label, stills=tuple(_still(still) for still in stills))


def _checked(raw: Mapping[str, Any], columns: Mapping[str, Any]) -> dict[str, Any]:
    """Hold a report against schema and limits, the frames apart: they are too many for it."""
    # Limits first: the schema takes long over what is long.
    rest = {name: value for name, value in raw.items() if name != "frames"}
    _check_limits(rest)
    rest["frames"] = []
    error = next(_validator().iter_errors(rest), None)
    if error is not None:
        raise ValueError(error.json_path)
    # What a schema cannot say.
    if rest["clip"]["filmed_on"] is not None:
        date.fromisoformat(rest["clip"]["filmed_on"])
    if any(not rep["start_s"] <= rep["bottom_s"] <= rep["end_s"] for rep in rest["reps"]):
        raise ValueError("reps: expected start, bottom and end in this order")
    _check_columns(columns)
    rest["frames"] = _rows(columns)
    return {name: rest[name] for name in raw}  # in the order of the file


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(report_schema("clip"))


def _check_limits(value: object) -> None:
    """Refuse what no report of ours holds: long lists, long texts, huge numbers."""
    if isinstance(value, dict | list):
        if len(value) > _MOST_REPS:
            raise ValueError("expected shorter lists")
        for item in value.values() if isinstance(value, dict) else value:
            _check_limits(item)
    elif isinstance(value, str) and len(value) > _MOST_TEXT:
        raise ValueError("expected shorter texts")
    elif isinstance(value, int | float) and abs(value) > _MOST_NUMBER:
        raise ValueError("expected smaller numbers")


def _check_columns(columns: Mapping[str, Any]) -> None:
    count = len(columns["t"])
    if count > _MOST_FRAMES:
        raise ValueError("frames: expected fewer")
    for name, column in columns.items():
        if not isinstance(column, list) or len(column) != count:
            raise ValueError(f"{name}: expected as many values as there are frames")
        low = 0.0 if name == "t" or name == "confidence" or "_sd_" in name else -_MOST_NUMBER
        high = 1.0 if name == "confidence" else _MOST_NUMBER
        for value in column:
            if value is None and name != "t":
                continue
            # Not isinstance: a bool is an int.
            if type(value) not in (int, float) or not low <= value <= high:
                raise ValueError(f"{name}: expected numbers")
    times = columns["t"]
    if any(late < early for early, late in itertools.pairwise(times)):
        raise ValueError("t: expected times that grow")


def _still(raw: Mapping[str, Any]) -> Still:
    if not isinstance(raw, dict) or set(raw) != {"name", "rep", "t_s", "jpeg"}:
        raise ValueError("stills: expected pictures with their fields")
    name, rep, t_s = raw["name"], raw["rep"], raw["t_s"]
    if name not in STILL_NAMES or type(rep) is not int or not 1 <= rep <= _MOST_REPS:
        raise ValueError("stills: expected a name and a rep")
    if type(t_s) not in (int, float) or not 0 <= t_s <= _MOST_NUMBER:
        raise ValueError("stills: expected a time")
    if not isinstance(raw["jpeg"], str):
        raise ValueError("stills: expected base64")
    try:
        jpeg = base64.b64decode(raw["jpeg"], validate=True)
    except binascii.Error as error:
        raise ValueError("stills: expected base64") from error
    if not jpeg.startswith(_JPEG_STARTS) or len(jpeg) > _MOST_STILL_BYTES:
        raise ValueError("stills: expected small JPEGs")
    return Still(name=name, rep=rep, t_s=float(t_s), jpeg=jpeg)


def _rows(columns: Mapping[str, Sequence[float | None]]) -> list[dict[str, float | None]]:
    each = zip(*(columns[name] for name in COLUMNS), strict=True)
    return [dict(zip(COLUMNS, row, strict=True)) for row in each]


def _rounded(name: str, value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), _TIME_DIGITS if name == "t" else _DIGITS)
