"""The store: what goes in comes out for a time, and nothing else is ever read."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.service.ids import for_log, is_id, new_id
from analysis.service.store import ResultStore, StoreUnreachableError

HOUR_S = 3600.0


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now_s = 1_000_000.0

    def __call__(self) -> float:
        """Tell the time, in seconds."""
        return self.now_s


Make = Callable[..., ResultStore]


@pytest.fixture
def clock() -> Clock:
    """Time of the store."""
    return Clock()


@pytest.fixture
def make(tmp_path: Path, clock: Clock) -> Make:
    """Open a store of one megabyte and one hour, below a folder with a secret beside it."""
    (tmp_path / "secret.json").write_text("secret")

    def open_store(**given: float) -> ResultStore:
        store = ResultStore(
            tmp_path / "results",
            **{"keep_s": HOUR_S, "max_bytes": 1_000_000, **given},  # type: ignore[arg-type]
            clock=clock,
        )
        store.open()
        return store

    return open_store


def test_what_goes_in_comes_out(make: Make, tmp_path: Path) -> None:
    """Bytes and files, by name, also for a server started later; nothing but private."""
    film = tmp_path / "small.mp4"
    film.write_bytes(b"film")
    name = new_id()
    make().put(name, {"report.json": b"{}", "preview.mp4": film})
    later = make()
    assert later.read(name, "report.json") == b"{}"
    assert later.read(name, "preview.mp4") == b"film"
    assert later.read(name, "other.json") is None
    assert later.read(new_id(), "report.json") is None
    folder = later.local(name)
    assert folder is not None
    for path in (folder, folder.parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_put_again_replaces_all(make: Make) -> None:
    """No part of the old result stays."""
    store, name = make(), new_id()
    store.put(name, {"a.json": b"1", "b.json": b"2"})
    store.put(name, {"a.json": b"3"})
    assert store.read(name, "a.json") == b"3"
    assert store.read(name, "b.json") is None


def test_delete(make: Make) -> None:
    """A deleted result is gone; deleting it again is fine."""
    store, name, other = make(), new_id(), new_id()
    store.put(name, {"a.json": b"1"})
    store.put(other, {"a.json": b"2"})
    store.delete(name)
    store.delete(name)
    assert store.local(name) is None
    assert store.read(other, "a.json") == b"2"


def test_time_runs_out(make: Make, clock: Clock, tmp_path: Path) -> None:
    """Nothing is shown a second too long, whether it has been swept or not."""
    store, name = make(), new_id()
    store.put(name, {"a.json": b"1"})
    clock.now_s += HOUR_S
    assert store.sweep() == 0
    assert store.read(name, "a.json") == b"1"
    clock.now_s += 1
    assert store.read(name, "a.json") is None
    assert (tmp_path / "results" / name).exists()
    assert store.sweep() == 1
    assert not (tmp_path / "results" / name).exists()


def test_the_oldest_go_when_it_is_full(make: Make, clock: Clock) -> None:
    """The total size holds, and what was just put in stays."""
    store = make(max_bytes=2500)
    names = [new_id() for _ in range(3)]
    for name in names:
        store.put(name, {"a.json": bytes(1000)})
        clock.now_s += 1
    assert [store.read(name, "a.json") is not None for name in names] == [False, True, True]


def test_whoever_shows_it_is_told(tmp_path: Path, clock: Clock) -> None:
    """Of each result that goes: by hand, in time, or to make room."""
    gone: list[str] = []
    store = ResultStore(
        tmp_path / "results", keep_s=HOUR_S, max_bytes=2500, clock=clock, on_gone=gone.append
    )
    store.open()
    names = [new_id() for _ in range(4)]
    for name in names[:3]:
        store.put(name, {"a.json": bytes(1000)})
        clock.now_s += 1
    assert gone == names[:1]
    store.delete(names[1])
    assert gone == names[:2]
    clock.now_s += HOUR_S
    store.sweep()
    assert gone == names[:3]


def test_what_another_server_deletes_is_told(tmp_path: Path, clock: Clock) -> None:
    """With the next sweep, once; a store that is away is not an empty one."""
    gone: list[str] = []
    store, other = (
        ResultStore(tmp_path / "results", keep_s=HOUR_S, max_bytes=10**6, clock=clock, on_gone=told)
        for told in (gone.append, lambda result_id: None)
    )
    store.open()
    name = new_id()
    store.put(name, {"a.json": b"1"})
    (tmp_path / "results").rename(tmp_path / "away")
    store.sweep()
    assert gone == []
    (tmp_path / "away").rename(tmp_path / "results")
    other.delete(name)
    store.sweep()
    store.sweep()
    assert gone == [name]


def test_what_is_larger_than_the_store_is_refused(make: Make) -> None:
    """And does not push out what is there."""
    store, name, large = make(max_bytes=2500), new_id(), new_id()
    store.put(name, {"a.json": bytes(1000)})
    with pytest.raises(StoreUnreachableError):
        store.put(large, {"a.json": bytes(3000)})
    assert store.local(large) is None
    assert store.read(name, "a.json") == bytes(1000)


def test_a_broken_put_leaves_nothing(make: Make, tmp_path: Path) -> None:
    """A part that cannot be read: no half result, no left-over."""
    store, name = make(), new_id()
    with pytest.raises(StoreUnreachableError):
        store.put(name, {"a.json": b"1", "b.json": tmp_path / "missing"})
    assert store.local(name) is None
    assert list((tmp_path / "results").iterdir()) == []


def test_what_a_dead_server_left_is_swept(make: Make, clock: Clock, tmp_path: Path) -> None:
    """A half-written result goes an hour later; a folder without a time counts as old."""
    store = make()
    undone = tmp_path / "results" / f".new-{new_id()}"
    undone.mkdir()
    timeless = tmp_path / "results" / new_id()
    timeless.mkdir()
    (timeless / "a.json").write_text("1")
    assert store.read(timeless.name, "a.json") is None
    os.utime(undone, (clock.now_s, clock.now_s))
    store.sweep()
    assert undone.exists()
    assert not timeless.exists()
    clock.now_s += 2 * HOUR_S
    store.sweep()
    assert not undone.exists()


@settings(deadline=None)
@given(text=st.text() | st.sampled_from(["../secret", "..", "/etc", "a/../..", "\0", ""]))
def test_no_path_leads_out(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever stands in a link: only our own names and plain parts reach the disk."""
    place = tmp_path_factory.getbasetemp() / "paths"
    store = ResultStore(place / "results", keep_s=HOUR_S, max_bytes=10**6)
    store.open()
    (place / "secret.json").write_text("secret")
    name = new_id()
    store.put(name, {"a.json": b"1"})
    assert store.read(text, "secret.json") is None
    assert store.read(name, text) is None
    assert store.local(text) is None
    store.delete(text)
    assert (place / "secret.json").exists()
    assert store.read(name, "a.json") == b"1"
    with pytest.raises(ValueError, match="expected"):
        store.put(text, {"a.json": b"1"})
    with pytest.raises(ValueError, match="expected"):
        store.put(new_id(), {f"../{text}": b"1"})


def test_a_link_in_the_store_is_not_followed(make: Make, tmp_path: Path) -> None:
    """A symbolic link under one of our names leads nowhere."""
    store, name = make(), new_id()
    (tmp_path / ".put.json").write_text(json.dumps({"put_s": 10**9}))
    (tmp_path / "results" / name).symlink_to(tmp_path)
    assert store.read(name, "secret.json") is None


def test_an_unreachable_store_says_so(make: Make, tmp_path: Path) -> None:
    """Gone is not the same as deleted."""
    store, name = make(), new_id()
    store.put(name, {"a.json": b"1"})
    (tmp_path / "results").rename(tmp_path / "away")
    with pytest.raises(StoreUnreachableError):
        store.read(name, "a.json")
    with pytest.raises(StoreUnreachableError):
        store.put(new_id(), {"a.json": b"1"})
    (tmp_path / "away").rename(tmp_path / "results")
    assert store.read(name, "a.json") == b"1"


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_place_that_is_not_ours_is_refused(tmp_path: Path, kind: str) -> None:
    """Nobody can lay a trap below a shared temporary place."""
    place = tmp_path / "results"
    if kind == "file":
        place.write_text("")
    else:
        (tmp_path / "trap").mkdir()
        place.symlink_to(tmp_path / "trap")
    store = ResultStore(place, keep_s=HOUR_S, max_bytes=10**6)
    with pytest.raises(StoreUnreachableError):
        store.open()


def test_ids_cannot_be_guessed() -> None:
    """128 bits at least, never twice, and the log holds no way to one."""
    names = {new_id() for _ in range(1000)}
    assert len(names) == 1000
    assert all(is_id(name) for name in names)
    assert 64 ** len(names.pop()) >= 2**128
    name = new_id()
    assert for_log(name) == for_log(name)
    assert name[:6] not in for_log(name)
    assert not any(is_id(text) for text in ("", name[:-1], name + "a", name[:-1] + "/", None, 7))
