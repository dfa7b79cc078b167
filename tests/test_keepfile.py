"""Saved results: the same numbers again, and nothing else gets in."""

import io
import json
import random
import zipfile
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from analysis import compare, keepfile
from analysis.keepfile import KeepFileError, Kept, Still
from analysis.label import Label
from tests import saved
from tests.test_schema import CLIP

Json = dict[str, Any]
LABEL = Label(load_kg=40.0, stance="wider", note="<script>alert(1)</script> [a](b)")


def changed(change: Callable[[Json], object]) -> bytes:
    """Return a saved result with something done to it."""
    content = json.loads(keepfile.write(saved.kept(LABEL)))
    change(content)
    return json.dumps(content).encode()


def test_loads_again_to_the_same_numbers() -> None:
    """Report, label and pictures; a second time round too."""
    first = saved.kept(LABEL)
    data = keepfile.write(first)
    again = keepfile.read(data)
    assert again == first
    assert keepfile.write(again) == data
    assert again.digest == first.digest
    assert compare.measure(again.report) == compare.measure(saved.report())


def test_curves_are_kept_finer_than_their_error() -> None:
    """A hundredth of a degree and a thousandth of a second."""
    report = saved.report()
    for kept, row in zip(saved.kept().report["frames"], report["frames"], strict=True):
        assert kept["t"] == pytest.approx(row["t"], abs=0.00051)
        assert kept["thigh_deg"] == pytest.approx(row["thigh_deg"], abs=0.0051)
    assert saved.kept().report["frames"][11]["lumbar_deg"] is None


def test_columns_and_not_rows() -> None:
    """Names stand once in the file."""
    content = json.loads(keepfile.write(saved.kept()))
    assert content["schema"] == 2
    assert list(content["frames"]) == list(keepfile.COLUMNS)
    assert keepfile.write(saved.kept()).count(b"thigh_sd_deg") == 1 + 2  # and in two winks


def test_largest_clip_is_under_the_limit() -> None:
    """90 s at 30 pictures a second, with more pictures than there is room for."""
    rng = np.random.default_rng(5)
    report = saved.report()
    report["frames"] = [
        {name: float(-100 * rng.random() - 10) for name in keepfile.COLUMNS}
        | {"t": k / 30, "confidence": float(rng.random())}
        | {name: 10.0 + float(rng.random()) for name in keepfile.COLUMNS if "_sd_" in name}
        for k in range(2700)
    ]
    report["reps"] = report["reps"] * 20
    noise = random.Random(3)
    stills = [
        Still(name="bottom", rep=k + 1, t_s=1.0, jpeg=b"\xff\xd8\xff" + noise.randbytes(20_000))
        for k in range(40)
    ]
    kept = keepfile.keep(report, LABEL, stills)
    data = keepfile.write(kept)
    assert len(data) < keepfile.MOST_BYTES
    assert 3 < len(kept.stills) < 40
    assert [still.rep for still in kept.stills] == list(range(1, len(kept.stills) + 1))
    assert keepfile.read(data) == kept


@pytest.mark.parametrize("change", [{}, {"reps": [], "summary": None, "findings": []}])
def test_files_of_the_first_schema(change: Json) -> None:
    """What the command line writes: rows, no label, no pictures."""
    kept = keepfile.read(json.dumps(CLIP | change).encode())
    assert kept.report == CLIP | change
    assert kept.label.is_empty
    assert kept.stills == ()
    assert saved.parts(keepfile.read(keepfile.write(kept))) == saved.parts(kept)


def test_first_schema_of_a_made_up_clip_compares_alike() -> None:
    """The same figures, from rows or from columns."""
    report = saved.report()
    first = keepfile.read(json.dumps(report).encode())
    assert compare.measure(first.report) == compare.measure(saved.kept().report)


def test_newer_versions_are_named() -> None:
    """Not called broken."""
    with pytest.raises(KeepFileError, match="newer version"):
        keepfile.read(changed(lambda c: c.update(schema=3)))


HUGE = 10**5
HOSTILE: dict[str, Callable[[Json], object]] = {
    "schema-text": lambda c: c.update(schema="2"),
    "schema-true": lambda c: c.update(schema=True),
    "no-schema": lambda c: c.pop("schema"),
    "no-frames": lambda c: c.pop("frames"),
    "frames-rows": lambda c: c.update(frames=[]),
    "frames-huge": lambda c: c["frames"].update({n: [0.0] * HUGE for n in c["frames"]}),
    "one-column-longer": lambda c: c["frames"]["t"].append(99.0),
    "one-column-more": lambda c: c["frames"].update(extra=[]),
    "one-column-less": lambda c: c["frames"].pop("knee_deg"),
    "column-of-text": lambda c: c["frames"].update(t="x" * len(c["frames"]["t"])),
    "value-text": lambda c: c["frames"]["thigh_deg"].__setitem__(3, "8"),
    "value-true": lambda c: c["frames"]["thigh_deg"].__setitem__(3, True),
    "value-list": lambda c: c["frames"]["thigh_deg"].__setitem__(3, [1]),
    "value-huge": lambda c: c["frames"]["thigh_deg"].__setitem__(3, 1e300),
    "sd-negative": lambda c: c["frames"]["thigh_sd_deg"].__setitem__(3, -1),
    "time-missing": lambda c: c["frames"]["t"].__setitem__(3, None),
    "time-back": lambda c: c["frames"]["t"].__setitem__(3, 99.0),
    "reps-many": lambda c: c.update(reps=c["reps"] * 200),
    "reps-number": lambda c: c.update(reps=7),
    "warnings-many": lambda c: c.update(warnings=[{"id": "a", "text": "b"}] * HUGE),
    "text-long": lambda c: c["view"].update(reason="x" * HUGE),
    "whole-number-huge": lambda c: c["clip"].update(width=10**400),
    "day": lambda c: c["clip"].update(filmed_on="yesterday"),
    "rep-backwards": lambda c: c["reps"][0].update(bottom_s=0.0),
    "kind": lambda c: c["summary"].update(kind="doomed"),
    "label-list": lambda c: c.update(label=[]),
    "label-null-field": lambda c: c["label"].update(shoes=None),
    "label-long": lambda c: c["label"].update(note="x" * 1000),
    "label-more": lambda c: c["label"].update(more=1),
    "stills-many": lambda c: c.update(stills=c["stills"] * 100),
    "still-svg": lambda c: c["stills"][0].update(jpeg="PHN2Zz4="),
    "still-not-base64": lambda c: c["stills"][0].update(jpeg="/9j/<>"),
    "still-name": lambda c: c["stills"][0].update(name="<img>"),
    "still-rep": lambda c: c["stills"][0].update(rep=0),
    "still-large": lambda c: c["stills"][0].update(jpeg="/9j/" + "A" * 100_000),
    "still-number": lambda c: c.update(stills=[3]),
    "extra": lambda c: c.update(extra={}),
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_get_one_sentence(change: Callable[[Json], object]) -> None:
    """Whatever is wrong with them."""
    keepfile.read(changed(lambda c: None))
    refused(changed(change))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"schema": 1}',
        b'{"schema": 2}',
        b'{"schema": ' + b"9" * 5000 + b"}",
        b"\x89PNG\r\n",
        b"PK\x03\x04 no zip",
    ],
    ids=lambda data: repr(data[:12]),
)
def test_other_files_get_one_sentence(data: bytes) -> None:
    """Pictures, nesting without end, half a file."""
    refused(data)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize("schema", [1, 2])
def test_nan_is_refused(number: str, schema: int) -> None:
    """Python's own reader would take it."""
    data = keepfile.write(saved.kept()) if schema == 2 else json.dumps(CLIP).encode()
    name = b'"yaw_deg":4.0' if schema == 2 else b'"yaw_deg": -3.5'
    assert name in data
    refused(data.replace(name, b'"yaw_deg": ' + number.encode()))


def test_too_large_is_not_even_parsed() -> None:
    """Three megabytes."""
    with pytest.raises(KeepFileError, match="too large"):
        keepfile.read(b" " * (keepfile.MOST_READ_BYTES + 1))


def refused(data: bytes) -> None:
    """Read what cannot be read: one plain sentence, without anything of the file in it."""
    with pytest.raises(KeepFileError) as caught:
        keepfile.read_all(data)
    text = str(caught.value)
    assert text.endswith(".")
    assert text.count("\n") == 0
    assert len(text) < 100


def test_zip_of_all_loads_again() -> None:
    """Each file by itself, two of one name apart."""
    both: list[tuple[str, Kept]] = [
        ("a.json", saved.kept(LABEL)),
        ("a.json", saved.kept(onset_deg=3.0)),
    ]
    data = keepfile.write_zip(both)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["a.json", "a-2.json"]
    again = keepfile.read_all(data)
    assert [saved.parts(kept) for kept in again] == [saved.parts(kept) for _, kept in both]


def test_hostile_zips() -> None:
    """A bomb is not unpacked further than a file may be large; crowds are refused."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../a.json", b" " * 50_000_000)
    assert len(target.getvalue()) < 100_000
    with pytest.raises(KeepFileError, match="too large"):
        keepfile.read_all(target.getvalue())
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for k in range(keepfile.MOST_IN_ZIP + 1):
            archive.writestr(f"{k}.json", b"{}")
    with pytest.raises(KeepFileError, match="more than"):
        keepfile.read_all(target.getvalue())


def test_broken_zips() -> None:
    """Read, or refused with one sentence; never another error."""
    whole = keepfile.write_zip([("a.json", saved.kept())])
    rng = random.Random(7)
    for _ in range(60):
        broken = bytearray(whole)
        for _ in range(8):
            broken[rng.randrange(4, len(broken))] = rng.randrange(256)
        with suppress(KeepFileError):
            keepfile.read_all(bytes(broken))


def test_day_is_what_the_lifter_says_or_the_film() -> None:
    """In this order."""
    assert saved.kept().day is None
    assert saved.kept(day="2026-10-01").day == "2026-10-01"
    assert saved.kept(Label(date="2026-11-02"), day="2026-10-01").day == "2026-11-02"
