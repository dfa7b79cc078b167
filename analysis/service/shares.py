"""Results that a lifter shows to somebody else, by a link that nobody can guess.

A share is a copy of what was measured and of the small preview film. It lives in
the one sort of store that results have, under an id of its own: who has the link sees
this one result and no other, and can change nothing. Who made it holds a second
secret, of which only a fingerprint is kept here, and can delete it before its time.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from analysis.service import events
from analysis.service.ids import for_log, is_id, new_id
from analysis.service.job import OVERLAY, PREVIEW, REPORT
from analysis.service.store import ResultStore

# What of a result may be shown; its table and its record stay where they are.
SHOWN: Final = (REPORT, OVERLAY, PREVIEW)
# 90 s of preview have about 9 MB.
MOST_BYTES: Final = 30 << 20

_ABOUT: Final = "share.json"


class ShareTooLargeError(ValueError):
    """A result is too large to be shared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A share that was made: the id for the link, and the secret that deletes it."""

    id: str
    secret: str
    ends_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A share that was found.

    Attributes
    ----------
    id : str
    folder : Path
        Its parts; to be read only.
    label : mapping or None
        What the lifter said of the clip, as it was handed in.
    ends_s : float
        When it goes, in seconds since 1970.
    """

    id: str
    folder: Path
    label: Mapping[str, Any] | None
    ends_s: float


class Shares:
    """The shared results of a server; there is no way to list them.

    Parameters
    ----------
    store : ResultStore
        Of its own, apart from the results: it keeps the time and the size of all.
    keep_s : float
        Seconds that the store keeps a share.
    clock : callable
        Seconds since 1970.
    """

    def __init__(
        self, store: ResultStore, *, keep_s: float, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._keep_s = keep_s
        self._clock = clock

    def open(self) -> None:
        """Make the place.

        Raises
        ------
        StoreUnreachableError
        """
        self._store.open()

    def make(self, result: Path, *, label: Mapping[str, Any] | None = None) -> Made:
        """Share a result.

        Parameters
        ----------
        result : Path
            Its folder.
        label : mapping, optional

        Returns
        -------
        Made

        Raises
        ------
        ShareTooLargeError
        StoreUnreachableError
            If it cannot be written.
        """
        parts = {name: result / name for name in SHOWN if _is_plain(result / name)}
        if sum(path.stat().st_size for path in parts.values()) > MOST_BYTES:
            raise ShareTooLargeError
        share_id, secret = new_id(), new_id()
        made_s = self._clock()
        about = {"secret_sha256": _fingerprint(secret), "label": label, "made_s": made_s}
        self._store.put(share_id, {_ABOUT: json.dumps(about).encode(), **parts})
        events.note("shared", share=for_log(share_id))
        return Made(id=share_id, secret=secret, ends_s=made_s + self._keep_s)

    def find(self, share_id: object) -> Shared | None:
        """Return a share; None if there is none (any more), or that is no id.

        Raises
        ------
        StoreUnreachableError
            If nobody can tell.
        """
        about = self._about(share_id)
        folder = self._store.local(share_id) if about and isinstance(share_id, str) else None
        if about is None or folder is None:
            return None
        return Shared(
            id=folder.name,
            folder=folder,
            label=about["label"],
            ends_s=about["made_s"] + self._keep_s,
        )

    def delete(self, share_id: object, secret: object) -> bool:
        """Delete a share if the secret is the one of its maker.

        Returns
        -------
        bool
            Whether it is gone now; False if it was not there, too.
        """
        about = self._about(share_id)
        if about is None or not isinstance(share_id, str) or not is_id(secret):
            return False
        if not hmac.compare_digest(about["secret_sha256"], _fingerprint(str(secret))):
            return False
        self._store.delete(share_id)
        events.note("unshared", share=for_log(share_id))
        return True

    def sweep(self) -> None:
        """Delete the shares that have had their time."""
        self._store.sweep()

    def _about(self, share_id: object) -> dict[str, Any] | None:
        # Nothing but an id of ours reaches the store, and by it the disk.
        if not isinstance(share_id, str) or not is_id(share_id):
            return None
        content = self._store.read(share_id, _ABOUT)
        if content is None:
            return None
        try:
            about = json.loads(content)
            return {
                "secret_sha256": str(about["secret_sha256"]),
                "label": about["label"],
                "made_s": float(about["made_s"]),
            }
        except (ValueError, TypeError, KeyError):
            return None


def _fingerprint(secret: str) -> str:
    # The secret has 144 random bits, so that a slow hash would add nothing.
    return hashlib.sha256(secret.encode()).hexdigest()


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
