"""Which stores the settings name."""

import time
from collections.abc import Callable
from typing import Any

from analysis.service.settings import Settings
from analysis.service.store import ResultStore


def store_of(
    settings: Settings,
    *,
    clock: Callable[[], float] = time.time,
    on_gone: Callable[[str], None] = lambda result_id: None,
) -> ResultStore:
    """Return the store of the results: a folder, or a bucket behind a URL.

    Parameters
    ----------
    settings : Settings
    clock, on_gone : callable, optional
        See `ResultStore`.
    """
    limits = {"keep_s": settings.keep_s, "max_bytes": settings.store_bytes}
    return _store("results", settings, **limits, clock=clock, on_gone=on_gone)


def share_store_of(
    settings: Settings,
    *,
    clock: Callable[[], float] = time.time,
    on_gone: Callable[[str], None] = lambda share_id: None,
) -> ResultStore:
    """Return the store of the shared results, at the same place as that of the results.

    Parameters
    ----------
    settings : Settings
    clock, on_gone : callable, optional
        See `ResultStore`.
    """
    limits = {"keep_s": settings.share_s, "max_bytes": settings.share_bytes}
    return _store("shares", settings, **limits, clock=clock, on_gone=on_gone)


def _store(name: str, settings: Settings, **how: Any) -> ResultStore:  # noqa: ANN401
    if not settings.store_url:
        return ResultStore(settings.shared / name, **how)
    # Only then is fsspec needed.
    from analysis.service.urlstore import UrlStore

    copies = settings.data / "copies" / name
    return UrlStore(f"{settings.store_url.rstrip('/')}/{name}", copies=copies, **how)
