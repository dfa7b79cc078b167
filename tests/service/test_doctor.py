"""The doctor: what is wrong is named, what is right is left as it is."""

import os
import sys
from pathlib import Path

import pytest

from analysis import cli
from analysis.service.doctor import examine
from analysis.service.ids import new_id
from analysis.service.store import ResultStore


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of films and results."""
    monkeypatch.setenv("TWO_BOWLS_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def wrong() -> dict[str, str]:
    """Examine this machine and return what is wrong."""
    return {finding.name: finding.text for finding in examine() if not finding.ok}


@pytest.mark.model
@pytest.mark.usefixtures("pose_model")
def test_a_healthy_machine(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Five things are looked at, all are well, and nothing is left behind."""
    assert cli.main(["doctor"]) == 0
    out, err = capsys.readouterr()
    names = [line.split()[1] for line in out.splitlines()]
    assert names == ["settings:", "libraries:", "model:", "spool:", "store:"]
    assert not err
    assert [path for path in data.rglob("*") if path.is_file()] == []


def test_what_is_wrong_is_named(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Model and store; the exit code is that of a missing part, with one line of error."""
    monkeypatch.setenv("TWO_BOWLS_MODEL", "/nowhere/pose.task")
    data.mkdir()
    (data / "results").write_text("in the way")
    assert set(wrong()) == {"model", "store"}
    assert cli.main(["doctor"]) == 4
    out, err = capsys.readouterr()
    assert out.count("WRONG") == 2
    assert err == "2 of these stand in the way.\n"


def test_bad_settings_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything else is tried with them."""
    monkeypatch.setenv("TWO_BOWLS_KEEP_H", "long")
    assert wrong() == {"settings": "TWO_BOWLS_KEEP_H: expected a number, got 'long'"}


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize(
    ("is_there", "told"),
    [(False, "Dask is not installed: pip install"), (True, "tcp://127.0.0.1:9 does not answer")],
)
def test_machines_that_are_away(monkeypatch: pytest.MonkeyPatch, is_there: bool, told: str) -> None:
    """The host reads whether Dask is missing or the address is dead."""
    monkeypatch.setenv("TWO_BOWLS_SCHEDULER", "tcp://127.0.0.1:9")
    if is_there:
        pytest.importorskip("distributed")
    else:
        monkeypatch.setitem(sys.modules, "distributed", None)
    assert told in wrong()["cluster"]


@pytest.mark.usefixtures("data")
def test_a_store_behind_a_url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Is tried too, and nothing is left behind; a library that it lacks is named."""
    pytest.importorskip("fsspec")
    monkeypatch.setenv("TWO_BOWLS_STORE", f"file://{tmp_path}/bucket")
    assert "store" not in wrong()
    assert [path for path in (tmp_path / "bucket").rglob("*") if path.is_file()] == []
    monkeypatch.setenv("TWO_BOWLS_STORE", "nowhere://gym")
    assert "nowhere://" in wrong()["store"]


def test_a_folder_of_somebody_else(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither spool nor store go where others may look."""
    data.mkdir()
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert {"spool", "store"} <= set(wrong())


def test_a_full_store_loses_nothing(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test writes among results that fill the store, and none of them goes."""
    monkeypatch.setenv("TWO_BOWLS_STORE_MB", "10")
    data.mkdir()
    store = ResultStore(data / "results", keep_s=3600, max_bytes=20 << 20)
    store.open()
    name = new_id()
    store.put(name, {"a.json": bytes(11 << 20)})
    assert "store" not in wrong()
    assert store.read(name, "a.json") is not None
