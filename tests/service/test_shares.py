"""Shared results: found by their id for a time, deleted by a second secret, and no way around."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.service import shares as shares_module
from analysis.service.ids import is_id, new_id
from analysis.service.job import FRAMES, OVERLAY, PREVIEW, REPORT
from analysis.service.keeper import Keeper
from analysis.service.settings import Settings
from analysis.service.shares import Shares, ShareTooLargeError
from analysis.service.store import ResultStore
from tests.service.test_store import Clock

WEEK_S = 7 * 24 * 3600.0


@pytest.fixture
def clock() -> Clock:
    """Time of the store."""
    return Clock()


@pytest.fixture
def result(tmp_path: Path) -> Path:
    """Folder of a result, with what is shown and what is not."""
    folder = tmp_path / "result"
    folder.mkdir()
    for name in (REPORT, OVERLAY, PREVIEW, FRAMES, "record.json"):
        (folder / name).write_text(name)
    return folder


@pytest.fixture
def shares(tmp_path: Path, clock: Clock) -> Shares:
    """Shares for a week, below a folder with a secret beside it."""
    (tmp_path / "secret.json").write_text("secret")
    store = ResultStore(tmp_path / "shares", keep_s=WEEK_S, max_bytes=1_000_000, clock=clock)
    opened = Shares(store, keep_s=WEEK_S, clock=clock)
    opened.open()
    return opened


def test_a_share_shows_what_is_shown(shares: Shares, result: Path, clock: Clock) -> None:
    """Report, overlay, preview and label; neither table nor record, and a copy."""
    made = shares.make(result, label={"note": "<b>"})
    found = shares.find(made.id)
    assert found is not None
    assert found.label == {"note": "<b>"}
    assert found.ends_s == made.ends_s == clock.now_s + WEEK_S
    assert {REPORT, OVERLAY, PREVIEW} <= {path.name for path in found.folder.iterdir()}
    assert not (found.folder / FRAMES).exists()
    assert not (found.folder / "record.json").exists()
    (result / REPORT).write_text("other")
    assert (found.folder / REPORT).read_text() == REPORT


def test_ids_and_secrets_cannot_be_guessed(shares: Shares, result: Path) -> None:
    """24 characters of 64 are 144 bits; all of them differ, and the secret is nowhere on disk."""
    made = [shares.make(result) for _ in range(20)]
    names = [name for each in made for name in (each.id, each.secret)]
    assert len(set(names)) == 40
    assert all(is_id(name) and 6 * len(name) >= 128 for name in names)
    for each in made:
        found = shares.find(each.id)
        assert found is not None
        for path in found.folder.iterdir():
            assert each.secret.encode() not in path.read_bytes()


def test_gone_after_its_time(shares: Shares, result: Path, clock: Clock, tmp_path: Path) -> None:
    """Not shown a second later, and off the disk with the next sweep."""
    made = shares.make(result)
    clock.now_s += WEEK_S
    assert shares.find(made.id) is not None
    clock.now_s += 1
    assert shares.find(made.id) is None
    assert not shares.delete(made.id, made.secret)
    shares.sweep()
    assert list((tmp_path / "shares").iterdir()) == []


def test_the_servers_own_sweep_ends_it(result: Path, clock: Clock, tmp_path: Path) -> None:
    """Nobody has to look for it; the time is the host's, and another than that of results."""
    settings_ = Settings(data=tmp_path / "data", share_days=2, keep_h=1)
    keeper = Keeper(settings_, clock=clock)
    keeper.open()
    made = keeper.shares.make(result)
    clock.now_s += 2 * 24 * 3600 - 1
    keeper.sweep(())
    assert keeper.shares.find(made.id) is not None
    clock.now_s += 2
    keeper.sweep(())
    keeper.spool.close()
    assert list((tmp_path / "data" / "shares").iterdir()) == []


def test_deleted_by_the_second_secret_alone(shares: Shares, result: Path, tmp_path: Path) -> None:
    """Not by the id, by another secret, or by none."""
    made, other = shares.make(result), shares.make(result)
    for wrong in (made.id, other.secret, other.id, "", None, 7, made.secret[:-1], new_id()):
        assert not shares.delete(made.id, wrong)
    assert shares.find(made.id) is not None
    assert shares.delete(made.id, made.secret)
    assert shares.find(made.id) is None
    assert not shares.delete(made.id, made.secret)
    assert shares.find(other.id) is not None
    assert [path.name for path in (tmp_path / "shares").iterdir()] == [other.id]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "../secret",
        "../../../../etc/passwd",
        "/etc/passwd",
        "../secret.json\x00aaaaaaaaaa",
        "\x00" * 24,
        "aaaaaaaaaaaaaaaaaaaaaaa/",
        "../shares/aaaaaaaaaaaaaa",
        "…/ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕ",
        "%2e%2e%2fsecret%2ejson%00",
        "A" * 25,
        None,
        7,
        ["a"],
    ],
    ids=repr,
)
def test_tricks_read_nothing(
    shares: Shares, result: Path, name: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such names do not even reach the store."""
    shares.make(result)

    def fail(*args: object) -> None:
        pytest.fail("the store was asked")

    monkeypatch.setattr(shares._store, "read", fail)
    monkeypatch.setattr(shares._store, "local", fail)
    monkeypatch.setattr(shares._store, "delete", fail)
    assert shares.find(name) is None
    assert not shares.delete(name, new_id())


@settings(max_examples=150)
@given(st.text(max_size=40))
def test_any_text_but_an_id_of_ours_finds_nothing(text: str) -> None:
    """No error, and nothing read."""
    shares = Shares(ResultStore(Path("/nonexistent"), keep_s=1.0, max_bytes=1), keep_s=1.0)
    if not is_id(text):
        assert shares.find(text) is None
        assert not shares.delete(text, text)


def test_one_share_is_no_way_to_another(shares: Shares, result: Path) -> None:
    """There is nothing to list them with, and no file of one names another."""
    made, other = shares.make(result), shares.make(result)
    found = shares.find(made.id)
    assert found is not None
    assert not [name for name in vars(Shares) if "list" in name or name == "__iter__"]
    for path in found.folder.iterdir():
        assert other.id.encode() not in path.read_bytes()


def test_sizes_are_capped(
    shares: Shares, result: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each, and of all: the oldest go."""
    (result / PREVIEW).write_bytes(bytes(400_000))
    made = []
    for _ in range(4):
        clock.now_s += 1
        made.append(shares.make(result))
    assert [shares.find(each.id) is not None for each in made] == [False, False, True, True]
    monkeypatch.setattr(shares_module, "MOST_BYTES", 400_000)
    with pytest.raises(ShareTooLargeError):
        shares.make(result)


def test_broken_or_linked_parts(shares: Shares, result: Path, tmp_path: Path) -> None:
    """A link in a result's folder is not followed; a share without its record is none."""
    (result / PREVIEW).unlink()
    (result / PREVIEW).symlink_to(tmp_path / "secret.json")
    made = shares.make(result)
    found = shares.find(made.id)
    assert found is not None
    assert not (found.folder / PREVIEW).exists()
    for content in ("", "[]", "{}", json.dumps({"secret_sha256": "", "label": 1, "made_s": "x"})):
        (found.folder / "share.json").write_text(content)
        assert shares.find(made.id) is None
        assert not shares.delete(made.id, made.secret)
