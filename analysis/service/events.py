"""One log line for each thing that happened, as JSON, without anything of a visitor.

The id of a job opens its result, so that only a fingerprint of it is written
(`ids.for_log`). Of an error stand its name and its place: what it says may hold a
path, or what was in a film.
"""

import json
import logging
import re
import sys
import traceback
from typing import Final

_log: Final = logging.getLogger("two_bowls")


def show() -> None:
    """Write the events to standard error; called once by a server."""
    if not _log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        _log.addHandler(handler)
        _log.setLevel(logging.INFO)


def note(event: str, **facts: str | float | None) -> None:
    """Write one line."""
    _log.info("%s", json.dumps({"event": event, **facts}))


def warn(event: str, **facts: str | float | None) -> None:
    """Write one line that the host should look at."""
    _log.warning("%s", json.dumps({"event": event, **facts}))


def crash(event: str) -> None:
    """Write one line about the error that is being handled."""
    _log.error("%s", json.dumps({"event": event, "where": where_it_broke(traceback.format_exc())}))


def where_it_broke(trace: str) -> str:
    """Find the error's name, its number if the system gave one, and its place.

    Parameters
    ----------
    trace : str
        A traceback, with anything around it.

    Returns
    -------
    str
        Such as ``OSError 28 spool.py:93 runner.py:211``; empty if there is none.
    """
    names = re.findall(r"^(?:\w+\.)*(\w*(?:Error|Exception|Interrupt))\b", trace, re.MULTILINE)
    numbers = re.findall(r"^\w+: \[Errno (\d+)\]", trace, re.MULTILINE)
    places = re.findall(r'File "[^"]*?([\w.]+\.py)", line (\d+)', trace)
    last = [f"{file}:{line}" for file, line in places[:-4:-1]]
    return " ".join([*names[-1:], *numbers[-1:], *last])
