"""Angles as charts: pure functions from a report to an Altair chart.

`time_chart` stands depth, ankle and lower back under each other on one time axis;
`wink_map` draws the lower back against depth, a loop for each rep. Either may be
touched anywhere to pick the nearest moment (the selection named ``PICK``, whose
value holds ``t`` in seconds). Nothing in them follows the moment on show: a chart that
changes would be sent whole with every click, so that the page draws that line itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import altair as alt
import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # it ships no type information

Panel = Literal["depth", "ankle", "lumbar"]
Report: TypeAlias = Mapping[str, Any]
Spec: TypeAlias = dict[str, Any]
Layer: TypeAlias = alt.Chart | alt.LayerChart | alt.FacetChart

PANELS: Final[tuple[Panel, ...]] = ("depth", "ankle", "lumbar")
PICK: Final = "pick"

# Legible on the light and the dark page; the accent is the one of the app and
# stands for the onset alone. Blue against orange is safe for the colour-blind,
# and no mark is told apart by colour alone.
_CURVE: Final = "#4688B0"
_ACCENT: Final = "#DD6B20"
_GREY: Final = "#8C8378"

# A phone shows about 360 points side by side; more than 2000 marks in all and the
# browser draws a picture instead of lines.
_MOST_POINTS: Final = 480
_HEIGHT_PX: Final = 150
_MAP_HEIGHT_PX: Final = 280
# Start of the names of layers in which a touch picks.
_TOUCH: Final = "touch_"
# Axis labels stand inside: a phone has no room beside the curves, and panels under
# each other are made exactly as wide as the page.
_INSIDE: Final[dict[str, Any]] = {
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
# Reports give one standard deviation; a band is two.
_BAND_SDS: Final = 2.0
_MOST_ROOM_DEG: Final = 12.0
# A name starts left of its line from this share of the time axis on.
_NAME_FITS: Final = 0.7
# Opacity of the stretches of reps.
_FAINT: Final = 0.14


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What is different between the panels."""

    column: str
    title: str
    least: tuple[float, float]
    zero: str


_KINDS: Final[dict[Panel, _Kind]] = {
    "depth": _Kind(
        column="thigh",
        title="Thigh above parallel (degrees)",
        least=(-20.0, 90.0),
        zero="parallel",
    ),
    "ankle": _Kind(column="ankle", title="Ankle bend (degrees)", least=(-5.0, 40.0), zero=""),
    "lumbar": _Kind(
        column="lumbar",
        title="Lower back: + tucked, 0 as standing (degrees)",
        least=(-10.0, 20.0),
        zero="",
    ),
}


def time_chart(report: Report) -> Spec:
    """Draw three angles over time, each with its band of error.

    Building a chart takes Altair a tenth of a second, so that it is built once for
    a report.

    Parameters
    ----------
    report : mapping
        A report of schema 1.

    Returns
    -------
    dict
        Vega-Lite with three panels under each other, its tables under
        ``"datasets"``. Frames without a value leave a gap.
    """
    frames = _frames(report)
    panels = [_panel(report, frames, panel) for panel in PANELS]
    spec = _pickable(alt.vconcat(*panels, spacing=14))
    spec["datasets"] = {
        "frames": frames.astype(np.float32),
        "reps": _reps(report),
    }
    return spec


def _panel(report: Report, frames: pd.DataFrame, panel: Panel) -> Layer:
    kind = _KINDS[panel]
    is_last, is_first = panel == PANELS[-1], panel == PANELS[0]
    x = alt.X(
        "t:Q",
        title="Time (seconds)" if is_last else None,
        scale=alt.Scale(domain=time_domain(report), nice=False),
        axis=alt.Axis(grid=False, tickCount=6, labels=is_last, ticks=is_last),
    )
    y_axis = alt.Axis(title=None, tickCount=4, grid=True, gridOpacity=0.4, **_INSIDE)
    scale = alt.Scale(domain=_value_domain(frames, kind), nice=False, zero=False, clamp=True)
    y = alt.Y(f"{kind.column}:Q", axis=y_axis, scale=scale)
    # Axes and scales are told once, by the curve; the other layers share them.
    curve = alt.Chart(alt.NamedData("frames"))
    band = curve.transform_calculate(
        low=f"datum.{kind.column} - datum.{kind.column}_band",
        high=f"datum.{kind.column} + datum.{kind.column}_band",
    )
    layers: list[Layer] = [
        _rep_bands(),
        *_zero_line(report, kind),
        band.mark_area(opacity=0.25, color=_CURVE, clip=True).encode(
            x="t:Q", y="low:Q", y2="high:Q"
        ),
        curve.mark_line(color=_CURVE, strokeWidth=2, clip=True).encode(x=x, y=y),
        *_onset_marks(report, is_named=is_first),
        _touch_layer(f"{_TOUCH}{panel}"),
    ]
    title = alt.TitleParams(kind.title, anchor="start", fontSize=13, offset=6)
    layered: Layer = alt.layer(*layers).properties(height=_HEIGHT_PX, title=title)
    return layered


def wink_map(report: Report) -> Spec:
    """Draw the lower back against depth: down and up again, a loop for each rep.

    Parameters
    ----------
    report : mapping
        A report of schema 1.

    Returns
    -------
    dict
        Vega-Lite, as wide as its container, its tables under ``"datasets"``. Standing
        is on the left and deep on the right; the way down is a whole line, the way up
        a broken one, the onset of each rep a diamond, the depth to stop at a line.
    """
    loops, onsets = _loops(report), _map_onsets(report)
    x = alt.X(
        "thigh:Q",
        title="Thigh above parallel (degrees): deeper to the right",
        scale=alt.Scale(
            domain=_map_domain(loops, "thigh", (-20.0, 60.0)), reverse=True, nice=False
        ),
        axis=alt.Axis(grid=False, tickCount=6),
    )
    y = alt.Y(
        "lumbar:Q",
        title=None,
        scale=alt.Scale(domain=_map_domain(loops, "lumbar", (-8.0, 16.0)), nice=False, zero=False),
        axis=alt.Axis(tickCount=5, gridOpacity=0.4, **_INSIDE),
    )
    ways = alt.Scale(domain=["down", "up"], range=[[1, 0], [4, 4]])
    legend = alt.Legend(orient="top-left", title=None, symbolStrokeColor=_GREY)
    loop = alt.Chart(alt.NamedData("loops"))
    layers: list[Layer] = [
        *_map_lines(report),
        loop.mark_line(strokeWidth=2, color=_CURVE, clip=True).encode(
            x=x,
            y=y,
            detail="rep:N",
            order="t:Q",
            strokeDash=alt.StrokeDash("way:N", scale=ways, legend=legend),
            opacity=alt.Opacity("rep:O", scale=alt.Scale(range=[1.0, 0.45]), legend=None),
        ),
        _map_marks(onsets),
        alt.Chart(alt.NamedData("loops"), name=f"{_TOUCH}map")
        .mark_point(opacity=0, size=60)
        .encode(x=x, y=y, tooltip=alt.value(None)),
    ]
    title = alt.TitleParams("Lower back at each depth (degrees, + tucked)", anchor="start",
                            fontSize=13, offset=6)  # fmt: skip
    chart = alt.layer(*layers).properties(height=_MAP_HEIGHT_PX, width="container", title=title)
    spec = _pickable(chart)
    spec["datasets"] = {"loops": loops, "onsets": onsets}
    return spec


def _pickable(chart: alt.TopLevelMixin) -> Spec:
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
    own = [str(part["name"])] if str(part.get("name", "")).startswith(_TOUCH) else []
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


def _map_lines(report: Report) -> list[Layer]:
    """Mark parallel, standing, and the depth to stop at."""
    stop = _number((report.get("summary") or {}).get("stop_at_thigh_deg"))
    places = [{"thigh": 0.0, "name": "parallel", "colour": _GREY}]
    if np.isfinite(stop):
        places.append({"thigh": stop, "name": "stop here", "colour": _ACCENT})
    base = alt.Chart(alt.InlineData(values=places))
    # The axis runs to the left: what lies deeper stands further right.
    is_left = bool(np.isfinite(stop) and stop < 0)
    rule = base.mark_rule(strokeDash=[5, 4], strokeWidth=1.5).encode(
        x="thigh:Q", color=alt.Color("colour:N", scale=None)
    )
    # On the outer side of each line, so that the two names do not meet.
    names = [
        _map_name(base, "parallel", is_right=not is_left),
        _map_name(base, "stop here", is_right=is_left),
    ]
    zero = alt.Chart(alt.InlineData(values=[{"lumbar": 0.0}]))
    level = zero.mark_rule(color=_GREY, strokeDash=[2, 3]).encode(y="lumbar:Q")
    return [level, rule, *names]


def _map_name(base: alt.Chart, name: str, *, is_right: bool) -> Layer:
    text = base.transform_filter(f"datum.name == '{name}'").mark_text(
        align="left" if is_right else "right",
        baseline="top",
        dx=4 if is_right else -4,
        fontSize=11,
        fontWeight=600,
    )
    named: Layer = text.encode(
        x="thigh:Q",
        y=alt.value(2),
        text="name:N",
        color=alt.Color("colour:N", scale=None),
    )
    return named


def _map_marks(onsets: pd.DataFrame) -> Layer:
    marks = alt.Chart(alt.NamedData("onsets"))
    diamond = marks.mark_point(
        shape="diamond", filled=True, size=150, color=_ACCENT, opacity=1, aria=False
    )
    name = marks.mark_text(align="right", dx=-8, dy=-16, color=_ACCENT, fontSize=11, fontWeight=600)
    x, y = "thigh:Q", "lumbar:Q"
    layer: Layer = alt.layer(diamond.encode(x=x, y=y), name.encode(x=x, y=y, text="name:N"))
    return layer


def _loops(report: Report) -> pd.DataFrame:
    """Build a table of the frames inside of whole reps, with the way of each."""
    table = _columns(report, ("t", "thigh_deg", "lumbar_deg"))
    parts = []
    for index, rep in enumerate(report.get("reps") or [], start=1):
        start, bottom, end = (_number(rep.get(f"{n}_s")) for n in ("start", "bottom", "end"))
        if rep.get("partial") or not np.isfinite([start, bottom, end]).all():
            continue
        inside = table[(table["t"] >= start) & (table["t"] <= end)]
        # The bottom belongs to both ways, so that they join.
        turn = inside.index[inside["t"] <= bottom].max()
        for way, rows in (("down", inside.loc[:turn]), ("up", inside.loc[turn:])):
            parts.append(rows.assign(rep=index, way=way))
    if not parts:
        return pd.DataFrame({"t": [], "thigh": [], "lumbar": [], "rep": [], "way": []})
    loops = pd.concat(parts, ignore_index=True)
    return loops[np.isfinite(loops["thigh"]) & np.isfinite(loops["lumbar"])]


def _map_onsets(report: Report) -> pd.DataFrame:
    table = _columns(report, ("t", "thigh_deg", "lumbar_deg"))
    rows: list[pd.DataFrame] = []
    for rep in report.get("reps") or []:
        wink = rep.get("wink") or {}
        time_s = _number(wink.get("onset_s"))
        if wink.get("kind") not in ("wink", "arch_to_neutral") or not np.isfinite(time_s):
            continue
        near = table.iloc[[int((table["t"] - time_s).abs().argmin())]]
        rows.append(near.assign(name="" if rows else "tuck starts"))
    if not rows:
        return pd.DataFrame({"t": [], "thigh": [], "lumbar": [], "name": []})
    return pd.concat(rows, ignore_index=True)


def _map_domain(
    loops: pd.DataFrame, column: str, least: tuple[float, float]
) -> tuple[float, float]:
    values = loops[column].to_numpy(np.float64)
    low, high = (values.min(), values.max()) if values.size else least
    return min(least[0], float(low) - 2.0), max(least[1], float(high) + 2.0)


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
    known = _number(time_s)
    return known if np.isfinite(known) else None


def _columns(report: Report, names: Sequence[str]) -> pd.DataFrame:
    """Build a table of columns of the frames, without ``_deg``; NaN where not measured."""
    rows = report.get("frames") or []
    columns = {
        name.removesuffix("_deg"): np.array([_number(row.get(name)) for row in rows], np.float64)
        for name in names
    }
    return pd.DataFrame(columns).round({"t": 3, "thigh": 1, "lumbar": 1, "ankle": 1})


def _frames(report: Report) -> pd.DataFrame:
    """Build a table of t and of each angle with its band; NaN where nothing was measured."""
    kinds = [_KINDS[panel].column for panel in PANELS]
    names = [f"{kind}{end}" for kind in kinds for end in ("_deg", "_sd_deg")]
    table = _columns(report, ["t", *names])
    step = max(1, -(-len(table) // _MOST_POINTS))
    thin = table.iloc[::step].reset_index(drop=True)
    for kind in kinds:
        thin[f"{kind}_band"] = (_BAND_SDS * thin.pop(f"{kind}_sd")).round(1)
    return thin


def _reps(report: Report) -> pd.DataFrame:
    reps = report.get("reps") or []
    table = {
        "start": [_number(rep.get("start_s")) for rep in reps],
        "end": [_number(rep.get("end_s")) for rep in reps],
    }
    return pd.DataFrame(table, dtype=np.float64)


def _onsets(report: Report) -> pd.DataFrame:
    winks = [rep.get("wink") or {} for rep in report.get("reps") or []]
    told = [wink for wink in winks if wink.get("kind") in ("wink", "arch_to_neutral")]
    times = np.array([_number(wink.get("onset_s")) for wink in told], np.float64)
    times = times[np.isfinite(times)]
    names = ["tuck starts", *[""] * len(times)][: len(times)]  # names would cover each other
    return pd.DataFrame({"t": times, "name": pd.Series(names, dtype=str)})


def _rep_bands() -> Layer:
    bands: alt.Chart = (
        alt.Chart(alt.NamedData("reps"))
        .mark_rect(color=_GREY, opacity=_FAINT, clip=True)
        .encode(x="start:Q", x2="end:Q")
    )
    return bands


def _zero_line(report: Report, kind: _Kind) -> list[Layer]:
    start, _ = time_domain(report)
    zero = alt.Chart(alt.InlineData(values=[{"t": start, "value": 0.0, "name": kind.zero}]))
    line = zero.mark_rule(color=_GREY, strokeDash=[5, 4]).encode(y="value:Q")
    if not kind.zero:
        return [line]
    name = zero.mark_text(align="left", baseline="top", dx=3, dy=4, color=_GREY, fontSize=11)
    return [line, name.encode(x="t:Q", y="value:Q", text="name:N")]


def _onset_marks(report: Report, *, is_named: bool) -> list[Layer]:
    """Mark where the tuck starts by an upright line, the first with its name at the top."""
    onsets = _onsets(report)
    if onsets.empty:
        return []
    base = alt.Chart(alt.InlineData(values=onsets.to_dict("records")))
    line: alt.Chart = base.mark_rule(
        strokeWidth=2.0, strokeDash=[6, 3], color=_ACCENT, clip=True
    ).encode(x="t:Q")
    if not is_named:
        return [line]
    start, end = time_domain(report)
    is_late = float(onsets["t"].iloc[0]) > start + _NAME_FITS * (end - start)
    name = base.mark_text(
        align="right" if is_late else "left",
        baseline="top",
        dx=-4 if is_late else 4,
        color=_ACCENT,
        fontSize=11,
        fontWeight=600,
    )
    return [line, name.encode(x="t:Q", y=alt.value(2), text="name:N")]


def _touch_layer(name: str) -> Layer:
    """Lay invisible points over the panel, of which the nearest is picked."""
    chart: alt.Chart = (
        alt.Chart(alt.NamedData("frames"), name=name)
        .mark_point(opacity=0, size=60)
        .encode(x="t:Q", y=alt.value(_HEIGHT_PX / 2), tooltip=alt.value(None))
    )
    return chart


def time_domain(report: Report) -> tuple[float, float]:
    """Return the first and the last time of the time chart, in seconds."""
    times = [_number(row.get("t")) for row in report.get("frames") or []]
    known = [t for t in times if np.isfinite(t)]
    return (min(known), max(known)) if len(known) > 1 else (0.0, 1.0)


def _value_domain(frames: pd.DataFrame, kind: _Kind) -> tuple[float, float]:
    """Choose the range of values: what is common for the angle, or more if needed."""
    values = frames[kind.column].to_numpy(np.float64)
    band = np.nan_to_num(frames[f"{kind.column}_band"].to_numpy(np.float64))
    known = np.isfinite(values)
    if not known.any():
        return kind.least
    values, band = values[known], band[known]
    # Room for the band of error, but not so much that it flattens the curve.
    low = max(float((values - band).min()), float(values.min()) - _MOST_ROOM_DEG)
    high = min(float((values + band).max()), float(values.max()) + _MOST_ROOM_DEG)
    return min(kind.least[0], low - 1.0), max(kind.least[1], high + 1.0)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")
