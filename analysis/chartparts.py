"""What the charts share: colours, the touch that picks a moment, tables out of a report.

A chart may be touched anywhere to pick the nearest moment (the selection named
``PICK``, whose value holds ``t`` in seconds).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import altair as alt
import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # it ships no type information

Report: TypeAlias = Mapping[str, Any]
Spec: TypeAlias = dict[str, Any]
Layer: TypeAlias = alt.Chart | alt.LayerChart | alt.FacetChart
PICK: Final = "pick"

# Legible on the light and the dark page; the accent is the one of the app and
# stands for the onset alone. Blue against orange is safe for the colour-blind,
# and no mark is told apart by colour alone.
CURVE: Final = "#4688B0"
ACCENT: Final = "#DD6B20"
GREY: Final = "#8C8378"

# What stands at an onset, by the kind of the rep: an arch that goes is no wink, and has
# neither its name nor its colour.
ONSETS: Final[dict[object, tuple[str, str]]] = {
    "wink": ("tuck starts", ACCENT),
    "arch_to_neutral": ("arch goes", GREY),
}

# Standing that is shown before and after a rep that stands alone, seconds.
_ROOM_S: Final = 0.3

# Start of the names of layers in which a touch picks.
TOUCH: Final = "touch_"

# Axis labels stand inside: a phone has no room beside the curves, and panels under
# each other are made exactly as wide as the page.
INSIDE: Final[dict[str, Any]] = {
    "orient": "left",
    "labelAlign": "left",
    "labelBaseline": "bottom",
    "labelPadding": -3,
    "labelOffset": -1,
    "ticks": False,
    "domain": False,
    "minExtent": 0,
    "maxExtent": 0,
}


def pickable(chart: alt.TopLevelMixin) -> Spec:
    """Turn a chart into Vega-Lite in whose named layers the nearest point is picked.

    Altair would tie the selection to the first layer, which holds no frames. Small
    constant tables go back to where they are used.
    """
    spec: Spec = chart.to_dict()
    spec.pop("$schema", None)
    spec.pop("config", None)
    tables = spec.pop("datasets", {})
    select = {"type": "point", "nearest": True, "on": "click", "fields": ["t"],
              "toggle": False, "clear": "pointerdown"}  # fmt: skip
    spec["params"] = [{"name": PICK, "select": select, "views": _names(spec)}]
    spec["padding"] = {"left": 0, "right": 0, "top": 4}
    _put_back(spec, tables)
    return spec


def _names(part: object) -> list[str]:
    """List the layers to touch, under the names that Altair has given them."""
    if isinstance(part, list):
        return [name for item in part for name in _names(item)]
    if not isinstance(part, dict):
        return []
    own = [str(part["name"])] if str(part.get("name", "")).startswith(TOUCH) else []
    return own + [name for value in part.values() for name in _names(value)]


def _put_back(part: object, tables: Mapping[str, Any]) -> None:
    if isinstance(part, list):
        for item in part:
            _put_back(item, tables)
    elif isinstance(part, dict):
        data = part.get("data")
        if isinstance(data, dict) and data.get("name") in tables:
            part["data"] = {"values": tables[data["name"]]}
        for value in part.values():
            _put_back(value, tables)


def picked_time(selection: object) -> float | None:
    """Time that was touched, from the selection state of a chart.

    Parameters
    ----------
    selection : object
        What the page got back, such as ``{"pick": [{"t": 2.6}]}``.

    Returns
    -------
    float or None
        Seconds; None if nothing is picked or the state is of another shape.
    """
    if not isinstance(selection, Mapping):
        return None
    points = selection.get(PICK)
    if not isinstance(points, Sequence) or not points or not isinstance(points[0], Mapping):
        return None
    time_s = points[0].get("t")
    known = number(time_s)
    return known if np.isfinite(known) else None


def cut_out(report: Report, rep: int) -> Report:
    """Leave one rep of a report, with a little standing on both sides.

    In a long set a rep is a few pixels wide: alone it can be read again.

    Parameters
    ----------
    report : mapping
        A report of schema 1.
    rep : int
        Index of the rep, from 0.

    Returns
    -------
    mapping
        The same report with the frames around that rep, and that rep, only.
    """
    chosen = report["reps"][rep]
    start, end = number(chosen.get("start_s")) - _ROOM_S, number(chosen.get("end_s")) + _ROOM_S
    frames = [row for row in report["frames"] if start <= number(row.get("t")) <= end]
    return {**report, "frames": frames, "reps": [chosen]}


def columns(report: Report, names: Sequence[str]) -> pd.DataFrame:
    """Build a table of columns of the frames, without ``_deg``; NaN where not measured."""
    rows = report.get("frames") or []
    columns = {
        name.removesuffix("_deg"): np.array([number(row.get(name)) for row in rows], np.float64)
        for name in names
    }
    return pd.DataFrame(columns).round({"t": 3, "thigh": 1, "lumbar": 1, "ankle": 1})


def number(value: object) -> float:
    """Read a number of a report; NaN where it is null or no number."""
    return float(value) if isinstance(value, int | float) else float("nan")
