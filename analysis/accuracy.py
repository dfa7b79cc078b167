"""How far off this app is: the table of errors that ships with it.

Measured by ``python -m analysis.calibration evaluate`` on rendered lifters that
training never saw; README and the About page show the same table.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from analysis.errors import MissingPartError

ACCURACY = Path(__file__).parent / "data" / "accuracy.json"

Row = Mapping[str, Any]
Part = Literal["all", "angles", "verdicts", "rest"]

_CLOTHES = {
    "fitted": "fitted shirt or none",
    "tee": "T-shirt",
    "loose": "loose shirt",
    "hoodie": "hoodie",
}
_HEAD = (
    "Clips",
    "how many",
    "depth",
    "ankle",
    "two-bowls angle",
    "knee past toes",
    "verdict given",
    "of these right",
    "false winks",
)
# Columns of each part of the table.
_PARTS = {
    "all": tuple(range(len(_HEAD))),
    "angles": (0, 2, 3, 4),
    "verdicts": (0, 6, 7, 8),
    "rest": (0, 1, 5),
}


def load_accuracy(path: Path = ACCURACY) -> tuple[Row, ...]:
    """Read the table of errors.

    Parameters
    ----------
    path : Path, optional

    Returns
    -------
    tuple of dict
        One row for all clips, then one for each group: "split", "group", "clips",
        "errors" (by quantity: mean_error, bias, given, within_2_sd), "told",
        "right_of_told" and "false_winks". Angles in degrees, lengths in
        centimetres, shares 0 to 1; None = nothing to say.

    Raises
    ------
    MissingPartError
        If the file is missing or broken.
    """
    try:
        return tuple(json.loads(path.read_text(encoding="utf-8"))["rows"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MissingPartError(
            "accuracy", f"The table of errors, {path.name}, cannot be read: install the app again."
        ) from error


def as_markdown(rows: Sequence[Row], *, part: Part = "all") -> str:
    """Lay the table of errors out for people.

    Parameters
    ----------
    rows : sequence of dict
        From :func:`load_accuracy`.
    part : {"all", "angles", "verdicts", "rest"}, optional
        Which columns: all are too wide for a phone.

    Returns
    -------
    str
        A Markdown table; mean errors in degrees and centimetres.
    """
    wanted = _PARTS[part]
    head = [_HEAD[k] for k in wanted]
    lines = [f"| {' | '.join(head)} |", "|---" + "|---:" * (len(head) - 1) + "|"]
    for row in rows:
        group = str(row["group"])
        cells = [
            _CLOTHES.get(group, group),
            str(row["clips"]),
            _mean(row, "depth_deg", "°"),
            _mean(row, "max_ankle_deg", "°"),
            _mean(row, "lumbar_deep_deg", "°"),
            _mean(row, "knee_past_toe_cm", " cm"),
            _share(row["told"]),
            _share(row["right_of_told"]),
            _share(row["false_winks"]),
        ]
        lines.append(f"| {' | '.join(cells[k] for k in wanted)} |")
    return "\n".join(lines)


def _mean(row: Row, name: str, unit: str) -> str:
    value = row["errors"].get(name, {}).get("mean_error")
    return "–" if value is None else f"{value:.1f}{unit}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f} %"
