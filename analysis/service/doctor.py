"""What is wrong with this machine: ``python -m analysis doctor``."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from analysis.errors import MissingPartError
from analysis.model import ensure_model, require_libraries
from analysis.service.ids import new_id
from analysis.service.private import private_folder
from analysis.service.settings import Settings, SettingsError
from analysis.service.spool import Spool
from analysis.service.store import StoreUnreachableError
from analysis.service.stores import store_of

# Room for the largest film and its result, bytes.
_LEAST_FREE: Final = 400 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of what was looked at."""

    ok: bool
    name: str
    text: str


def examine() -> Iterator[Finding]:
    """Look at settings, libraries, model, spool and store, one after the other.

    Nothing of a running server is touched: what is written for a test has a name of
    its own and is deleted again.
    """
    try:
        settings = Settings.from_environment()
    except SettingsError as error:
        yield Finding(ok=False, name="settings", text=str(error))
        return
    yield Finding(ok=True, name="settings", text=f"{settings.at_once} film(s) at once")
    yield _try("libraries", _libraries)
    yield _try("model", lambda: str(ensure_model()))
    yield _try("spool", lambda: _spool(settings))
    yield _try("store", lambda: _store(settings))
    if settings.scheduler:
        yield _try("cluster", lambda: _cluster(settings))


def _try(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(ok=True, name=name, text=look())
    except MissingPartError as error:
        return Finding(ok=False, name=name, text=error.text)
    except OSError as error:
        return Finding(ok=False, name=name, text=str(error))


def _libraries() -> str:
    require_libraries()
    return "OpenCV and mediapipe load"


def _spool(settings: Settings) -> str:
    private_folder(settings.data)
    folder = private_folder(settings.shared) / "spool"
    spool = Spool(folder, max_bytes=settings.spool_bytes)
    spool.open()
    try:
        job_id = spool.new()
        spool.film(job_id).write_bytes(b"film")
        spool.remove(job_id)
    finally:
        spool.close()
    free = shutil.disk_usage(folder).free
    if free < _LEAST_FREE:
        raise OSError(f"only {free >> 20} MB free at {folder}, {_LEAST_FREE >> 20} are needed")
    return f"{folder}, {free >> 20} MB free"


def _store(settings: Settings) -> str:
    place = settings.store_url or settings.shared / "results"
    # With copies of its own: those of a server that runs are left alone.
    with TemporaryDirectory() as copies:
        store = store_of(
            replace(settings, data=Path(copies), store=settings.store_url or str(settings.shared))
        )
        store.open()
        name = new_id()
        try:
            # Into a store that is full this would push out the oldest result.
            store.put(name, {"test.json": b"{}"}, sweeps=False)
            if store.read(name, "test.json") != b"{}":
                raise StoreUnreachableError(f"what was written to {place} cannot be read")
        finally:
            store.delete(name)
    return f"{place}, results are kept for {settings.keep_h:g} h"


def _cluster(settings: Settings) -> str:
    from analysis.service import cluster

    return cluster.examine(settings)
