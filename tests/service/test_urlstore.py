"""Results behind a URL: what the folder promises holds there too."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.errors import MissingPartError
from analysis.service.bucket import bucket_of
from analysis.service.ids import new_id
from analysis.service.store import PUT, StoreUnreachableError
from analysis.service.urlstore import UrlStore
from tests.service.test_store import HOUR_S, Clock

pytest.importorskip("fsspec")

Make = Callable[..., UrlStore]
_names = itertools.count()


@pytest.fixture
def clock() -> Clock:
    """Time of the stores."""
    return Clock()


@pytest.fixture(params=["memory", "file"])
def make(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Make:
    """Open stores of one megabyte and one hour in one place, each server with its copies."""
    memory = f"memory://two-bowls-{next(_names)}"
    url = memory if request.param == "memory" else f"file://{tmp_path}/bucket"

    def open_store(**given: object) -> UrlStore:
        store = UrlStore(
            url,
            copies=tmp_path / f"copies-{next(_names)}",
            **{"keep_s": HOUR_S, "max_bytes": 1_000_000, "clock": clock, **given},  # type: ignore[arg-type]
        )
        store.open()
        return store

    return open_store


def test_what_goes_in_comes_out_at_every_server(make: Make, tmp_path: Path) -> None:
    """Bytes and files, as bytes and as a private folder of copies."""
    film = tmp_path / "small.mp4"
    film.write_bytes(b"film")
    name = new_id()
    make().put(name, {"report.json": b"{}", "preview.mp4": film})
    other = make()
    assert other.read(name, "report.json") == b"{}"
    assert other.read(name, "preview.mp4") == b"film"
    assert other.read(name, "other.json") is None
    assert other.read(name, "../secret.json") is None
    assert other.read(new_id(), "report.json") is None
    assert other.read("..", "report.json") is None
    folder = other.local(name)
    assert folder is not None
    assert (folder / "preview.mp4").read_bytes() == b"film"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert other.local(new_id()) is None


def test_put_again_replaces_all(make: Make) -> None:
    """Also in the copy that another server has; the old parts go."""
    store, other, name = make(), make(), new_id()
    store.put(name, {"a.json": b"1", "b.json": b"2"})
    assert other.local(name) is not None
    store.put(name, {"a.json": b"3"})
    assert (other.read(name, "a.json"), other.read(name, "b.json")) == (b"3", None)
    folder = other.local(name)
    assert folder is not None
    assert not (folder / "b.json").exists()
    assert len(store._bucket.names()) == 2


def test_a_result_is_there_with_all_its_parts_or_not_at_all(make: Make, tmp_path: Path) -> None:
    """Until the list of the parts is written nobody finds any; what is there stays."""
    store, name, fresh = make(), new_id(), new_id()
    store.put(name, {"a.json": b"1"})
    for each in (name, fresh):
        with pytest.raises(StoreUnreachableError):
            store.put(each, {"a.json": b"2", "b.json": tmp_path / "missing"})
    assert make().read(name, "a.json") == b"1"
    assert make().read(fresh, "a.json") is None
    assert make().local(fresh) is None
    assert len(store._bucket.names()) == 2


def test_what_a_dead_server_left_is_swept(make: Make, clock: Clock) -> None:
    """Parts without a list go after an hour, and not while they are being written."""
    store = make()
    store._bucket.write(f"{new_id()}/{new_id()}/a.json", b"1")
    store._bucket.write(f"{new_id()}/{PUT}", b"no list")
    store.sweep()
    clock.now_s += HOUR_S
    store.sweep()
    assert [name for name in store._bucket.names() if name.endswith("a.json")]
    clock.now_s += 1
    store.sweep()
    assert store._bucket.names() == []


def test_time_and_size_hold(make: Make, clock: Clock) -> None:
    """Nothing is shown a second too long; beyond the size the oldest go."""
    gone: list[str] = []
    store = make(max_bytes=2500, on_gone=gone.append)
    names = [new_id() for _ in range(3)]
    for name in names:
        store.put(name, {"a.json": bytes(1000)})
        clock.now_s += 1
    assert [store.read(name, "a.json") is not None for name in names] == [False, True, True]
    assert gone == names[:1]
    with pytest.raises(StoreUnreachableError):
        store.put(new_id(), {"a.json": bytes(3000)})
    clock.now_s += HOUR_S
    assert store.read(names[1], "a.json") is None
    assert store.local(names[1]) is None
    assert store.sweep() == 2
    assert store._bucket.names() == []


def test_what_is_deleted_is_gone_everywhere(make: Make) -> None:
    """At once for whoever asks; the copy of another server goes with its next sweep."""
    gone: list[str] = []
    store, other, name = make(), make(on_gone=gone.append), new_id()
    store.put(name, {"a.json": b"1"})
    folder = other.local(name)
    assert folder is not None
    store.delete(name)
    store.delete(name)
    assert other.read(name, "a.json") is None
    assert other.local(name) is None
    other.sweep()
    assert not folder.exists()
    assert gone == [name]
    assert store._bucket.names() == []


def test_copies_of_an_earlier_server_are_deleted(make: Make, tmp_path: Path) -> None:
    """A server that was killed leaves no results on its disk."""
    store, name = make(), new_id()
    store.put(name, {"a.json": b"1"})
    folder = store.local(name)
    assert folder is not None
    store.open()
    assert not folder.exists()


def test_a_place_that_cannot_be_reached(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the library raises is one sort of error for us, without what it says."""
    store, name = make(), new_id()
    store.put(name, {"a.json": b"1"})

    def fail(*args: object, **given: object) -> None:
        raise RuntimeError("bucket gym of Anna")

    for call in ("cat_file", "pipe_file", "find"):
        monkeypatch.setattr(store._bucket._fs, call, fail)
    for attempt in (
        lambda: store.read(name, "a.json"),
        lambda: store.put(new_id(), {"a.json": b"1"}),
        store.sweep,
    ):
        with pytest.raises(StoreUnreachableError, match="RuntimeError"):
            attempt()


def test_a_missing_library_is_named() -> None:
    """One sentence for the host."""
    with pytest.raises(MissingPartError) as caught:
        bucket_of("nowhere://gym/two-bowls")
    assert "nowhere://" in caught.value.text
