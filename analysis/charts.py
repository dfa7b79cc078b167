"""Angles over time as a chart: a pure function from a report to Vega-Lite.

Depth, ankle and lower back stand under each other on one time axis. Nothing in the
chart follows the moment on show: a chart that changes would be sent whole with every
click, so that the page draws that line itself.
"""

from dataclasses import dataclass
from typing import Final, Literal

import altair as alt
import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # it ships no type information

from analysis import chartparts
from analysis.chartparts import Layer, Report, Spec

Panel = Literal["depth", "ankle", "lumbar"]
PANELS: Final[tuple[Panel, ...]] = ("depth", "ankle", "lumbar")

# A phone shows about 360 points side by side; more than 2000 marks in all and the
# browser draws a picture instead of lines.
_MOST_POINTS: Final = 480
_HEIGHT_PX: Final = 150

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
        A report of schema 1; `chartparts.cut_out` leaves one rep of it.

    Returns
    -------
    dict
        Vega-Lite with three panels under each other, its tables under
        ``"datasets"``. Frames without a value leave a gap.
    """
    frames = _frames(report)
    panels = [_panel(report, frames, panel) for panel in PANELS]
    spec = chartparts.pickable(alt.vconcat(*panels, spacing=14))
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
    y_axis = alt.Axis(title=None, tickCount=4, grid=True, gridOpacity=0.4, **chartparts.INSIDE)
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
        band.mark_area(opacity=0.25, color=chartparts.CURVE, clip=True).encode(
            x="t:Q", y="low:Q", y2="high:Q"
        ),
        curve.mark_line(color=chartparts.CURVE, strokeWidth=2, clip=True).encode(x=x, y=y),
        *_onset_marks(report, is_named=is_first),
        _touch_layer(f"{chartparts.TOUCH}{panel}"),
    ]
    title = alt.TitleParams(kind.title, anchor="start", fontSize=13, offset=6)
    layered: Layer = alt.layer(*layers).properties(height=_HEIGHT_PX, title=title)
    return layered


def _frames(report: Report) -> pd.DataFrame:
    """Build a table of t and of each angle with its band; NaN where nothing was measured."""
    kinds = [_KINDS[panel].column for panel in PANELS]
    names = [f"{kind}{end}" for kind in kinds for end in ("_deg", "_sd_deg")]
    table = chartparts.columns(report, ["t", *names])
    step = max(1, -(-len(table) // _MOST_POINTS))
    thin = table.iloc[::step].reset_index(drop=True)
    for kind in kinds:
        thin[f"{kind}_band"] = (_BAND_SDS * thin.pop(f"{kind}_sd")).round(1)
    return thin


def _reps(report: Report) -> pd.DataFrame:
    reps = report.get("reps") or []
    table = {
        "start": [chartparts.number(rep.get("start_s")) for rep in reps],
        "end": [chartparts.number(rep.get("end_s")) for rep in reps],
        # In turn, since one rep may begin where the other ends.
        "shade": [_FAINT if index % 2 == 0 else 0.5 * _FAINT for index in range(len(reps))],
    }
    return pd.DataFrame(table, dtype=np.float64)


def _onsets(report: Report) -> pd.DataFrame:
    """Build a table of where the lower back begins to move, the first one with a name."""
    rows: list[dict[str, object]] = []
    for rep in report.get("reps") or []:
        wink = rep.get("wink") or {}
        mark = chartparts.ONSETS.get(wink.get("kind"))
        time_s = chartparts.number(wink.get("onset_s"))
        if mark is not None and np.isfinite(time_s):
            name, colour = mark
            rows.append({"t": time_s, "name": "" if rows else name, "colour": colour})
    return pd.DataFrame(rows, columns=["t", "name", "colour"])


def _rep_bands() -> Layer:
    bands: alt.Chart = (
        alt.Chart(alt.NamedData("reps"))
        .mark_rect(color=chartparts.GREY, clip=True)
        .encode(x="start:Q", x2="end:Q", opacity=alt.Opacity("shade:Q", scale=None, legend=None))
    )
    return bands


def _zero_line(report: Report, kind: _Kind) -> list[Layer]:
    """Mark 0, with its name at the right end: at the left stand the numbers of the axis."""
    _, end = time_domain(report)
    zero = alt.Chart(alt.InlineData(values=[{"t": end, "value": 0.0, "name": kind.zero}]))
    line = zero.mark_rule(color=chartparts.GREY, strokeDash=[5, 4]).encode(y="value:Q")
    if not kind.zero:
        return [line]
    name = zero.mark_text(
        align="right", baseline="bottom", dx=-3, dy=-2, color=chartparts.GREY, fontSize=11
    )
    return [line, name.encode(x="t:Q", y="value:Q", text="name:N")]


def _onset_marks(report: Report, *, is_named: bool) -> list[Layer]:
    """Mark where the tuck starts by an upright line, the first with its name at the top."""
    onsets = _onsets(report)
    if onsets.empty:
        return []
    base = alt.Chart(alt.InlineData(values=onsets.to_dict("records")))
    colour = alt.Color("colour:N", scale=None)
    line: alt.Chart = base.mark_rule(strokeWidth=2.0, strokeDash=[6, 3], clip=True).encode(
        x="t:Q", color=colour
    )
    if not is_named:
        return [line]
    start, end = time_domain(report)
    is_late = float(onsets["t"].iloc[0]) > start + _NAME_FITS * (end - start)
    name = base.mark_text(
        align="right" if is_late else "left",
        baseline="top",
        dx=-4 if is_late else 4,
        fontSize=11,
        fontWeight=600,
    )
    return [line, name.encode(x="t:Q", y=alt.value(2), text="name:N", color=colour)]


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
    times = [chartparts.number(row.get("t")) for row in report.get("frames") or []]
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
