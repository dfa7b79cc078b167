"""The schema of the reports, and reading a report as strictly as it is written."""

import json
import math
from pathlib import Path
from typing import Any, Literal, NoReturn

ReportKind = Literal["clip", "ankle", "still"]

SCHEMA_PATH = Path(__file__).parent / "data" / "report.schema.json"


def report_schema(kind: ReportKind) -> dict[str, Any]:
    """Return the JSON schema (2020-12) of one of the reports.

    Parameters
    ----------
    kind : {"clip", "ankle", "still"}
        The file describes all three at once; a schema for one says of a wrong
        report what is wrong with it.

    Returns
    -------
    dict
    """
    whole = json.loads(SCHEMA_PATH.read_text("utf-8"))
    return {
        "$schema": whole["$schema"],
        "$ref": f"#/$defs/{kind}_report",
        "$defs": whole["$defs"],
    }


def parse_strictly(text: str) -> dict[str, Any]:
    """Parse the text of a report.

    Parameters
    ----------
    text : str

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        If it is no JSON object. NaN and infinite numbers are none, though
        :func:`json.loads` takes them, and a schema cannot refuse them either:
        every comparison with NaN is false.
    """
    content = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    if not isinstance(content, dict):
        raise ValueError(f"expected a JSON object, got {type(content).__name__}")
    return content


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits} is too large for a number")
    return value
