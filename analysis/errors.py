"""Everything that can go wrong in a way a lifter has to be told about.

::

    TwoBowlsError
    ├── UnreadableError     exit 2: the file cannot be read as film or photo
    │   └── OverLimitError  exit 2: it could be read, but is larger than allowed
    ├── NothingUsableError  exit 3: readable, but there is nothing to measure
    └── MissingPartError    exit 4: the pose model or a library is missing

Each carries one plain sentence for the person who uploaded the film, and an
``id`` by which a page or a test knows the case without reading the sentence.
"""

from typing import ClassVar


class TwoBowlsError(Exception):
    """Base of all errors with a sentence for the user.

    Parameters
    ----------
    reason : str
        Short machine name of the case, such as ``"no_person"``.
    text : str
        One plain sentence, ended with a full stop.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text


class UnreadableError(TwoBowlsError):
    """The file is not film (or a photo) that can be read."""

    exit_code = 2


class OverLimitError(UnreadableError):
    """The file is larger, longer or wider than what is accepted."""


class NothingUsableError(TwoBowlsError):
    """The film was read, but holds nothing that can be measured."""

    exit_code = 3


class MissingPartError(TwoBowlsError):
    """The pose model or a library that the analysis needs is missing."""

    exit_code = 4
