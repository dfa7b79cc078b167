"""Where children come from: one always waits with everything loaded.

All children of a nursery are started by one thread, which lives as long as the nursery:
Linux ends them when the thread that started them ends, also by a kill of the process.
"""

import threading
import time
from collections.abc import Sequence
from typing import Final

from analysis.service import events
from analysis.service.child import PROJECT, Child

# How often it is seen whether the one that waits is still alive.
_LOOK_S: Final = 0.25
# One that cannot start, or ends while it waits, is not replaced at once.
_PAUSE_S: Final = 5.0


class Nursery:
    """Starts children and keeps a spare one.

    Parameters
    ----------
    command : sequence of str
        Of a child.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        # Guards what follows, and is notified of every change.
        self._changed = threading.Condition()
        self._spare: Child | None = None
        self._takers = 0
        self._failures = 0
        self._is_closing = False
        self._due_s = 0.0
        self._thread = threading.Thread(target=self._serve, daemon=True, name="nursery")

    def open(self) -> None:
        """Begin to keep a spare one."""
        self._thread.start()

    @property
    def spare_pid(self) -> int | None:
        """Number of the process that waits; None while there is none."""
        with self._changed:
            return self._spare.pid if self._spare else None

    def take(self) -> Child | None:
        """Take the child that waits, or wait for one; None if none can be started."""
        with self._changed:
            failures = self._failures
            self._takers += 1
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: self._has_spare() or self._is_closing or self._failures > failures
            )
            self._takers -= 1
            child = self._spare if self._has_spare() else None
            if child is not None:
                self._spare = None
            self._changed.notify_all()
            return child

    def close(self) -> None:
        """End the spare child, and with the thread all others that still run."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _has_spare(self) -> bool:
        return self._spare is not None and self._spare.is_alive

    def _serve(self) -> None:
        """Keep a child ready; the body of the thread."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._is_closing or self._is_due(), _LOOK_S)
                if self._is_closing:
                    break
                if not self._is_due():
                    continue
                dead, self._spare = self._spare, None
            if dead is not None:
                dead.close()
            child = self._start()
            with self._changed:
                self._due_s = time.monotonic() + _PAUSE_S
                self._spare = child
                self._failures += child is None
                self._changed.notify_all()
        if self._spare is not None:
            self._spare.close()

    def _is_due(self) -> bool:
        return not self._has_spare() and bool(self._takers or time.monotonic() >= self._due_s)

    def _start(self) -> Child | None:
        try:
            return Child(self._command, folder=PROJECT)
        except OSError:
            events.crash("child_cannot_start")
            return None
