"""Which store the settings name."""

import time
from collections.abc import Callable

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
    folder, keep_s, max_bytes = settings.shared / "results", settings.keep_s, settings.store_bytes
    if not settings.store_url:
        return ResultStore(folder, keep_s=keep_s, max_bytes=max_bytes, clock=clock, on_gone=on_gone)
    # Only then is fsspec needed.
    from analysis.service.urlstore import UrlStore

    return UrlStore(
        settings.store_url,
        copies=settings.data / "copies",
        keep_s=keep_s,
        max_bytes=max_bytes,
        clock=clock,
        on_gone=on_gone,
    )
