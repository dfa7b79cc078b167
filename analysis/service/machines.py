"""Where films are analysed: on this machine, or on those of a cluster."""

from collections.abc import Callable, Sequence
from typing import Protocol

from analysis.service.child import worker_command
from analysis.service.errand import Attendant, End, Errand
from analysis.service.job import Progress, State
from analysis.service.nursery import Nursery
from analysis.service.settings import Settings


class LostError(Exception):
    """The machines were lost in the middle of a film, which is to be tried once more."""


class Work(Protocol):
    """An errand on its way."""

    def run(self) -> End:
        """Stay until it is over.

        Raises
        ------
        LostError
        """

    def end(self, cause: State) -> None:
        """End it by force."""


class Machines(Protocol):
    """Machines that take errands."""

    @property
    def places(self) -> int:
        """Films at the same time; 0 while the machines cannot be reached."""

    @property
    def trouble(self) -> str:
        """Why they cannot be reached, for the host; empty if they can."""

    def open(self) -> None:
        """Get ready."""

    def begin(self, errand: Errand, tell: Callable[[Progress], None]) -> Work | None:
        """Take an errand; None if no child can be started.

        Raises
        ------
        LostError
        """

    def close(self) -> None:
        """Let go of all that still runs."""


class ThisMachine:
    """Children of this process.

    Parameters
    ----------
    settings : Settings
    command : sequence of str, optional
        Of a child; tests play one.
    """

    trouble = ""

    def __init__(self, settings: Settings, *, command: Sequence[str] | None = None) -> None:
        self.places = settings.at_once
        self.nursery = Nursery(command or worker_command(settings.nice))

    def open(self) -> None:
        """See `Machines`."""
        self.nursery.open()

    def begin(self, errand: Errand, tell: Callable[[Progress], None]) -> Attendant | None:
        """See `Machines`."""
        child = self.nursery.take()
        return None if child is None else Attendant(child, errand, tell=tell)

    def close(self) -> None:
        """See `Machines`."""
        self.nursery.close()
