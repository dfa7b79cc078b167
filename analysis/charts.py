"""Angles over time as charts: pure functions from a report to an Altair chart.

Three charts share one time axis, so that they read as one figure when they stand
under each other, and each may be touched anywhere to pick the nearest moment (the
selection named ``PICK``, whose value holds ``t`` in seconds).
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import altair as alt
import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # it ships no type information

Panel = Literal["depth", "ankle", "lumbar"]
Report: TypeAlias = Mapping[str, Any]
Spec: TypeAlias = dict[str, Any]
Layer: TypeAlias = alt.Chart | alt.LayerChart

PANELS: Final[tuple[Panel, ...]] = ("depth", "ankle", "lumbar")
PICK: Final = "pick"

# Legible on the light and the dark page; the accent is the one of the app and
# stands for the onset alone. Blue against orange is safe for the colour-blind,
# and no mark is told apart by colour alone.
_CURVE: Final = "#4688B0"
_ACCENT: Final = "#DD6B20"
_GREY: Final = "#8C8378"

# A phone shows about 360 points; more only makes every click slower.
_MOST_POINTS: Final = 700
_HEIGHT_PX: Final = 190
# Width of the axis titles and labels, the same in each chart, so that the time
# axes stand exactly under each other.
_AXIS_PX: Final = 34
# Reports give one standard deviation; a band is two.
_BAND_SDS: Final = 2.0
_MOST_ROOM_DEG: Final = 12.0
# A name starts left of its line from this share of the time axis on.
_NAME_FITS: Final = 0.7
# Opacity of the rep on show and of the others.
_STRONG: Final = 0.20
_FAINT: Final = 0.09


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What is different between the charts."""

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


def angle_chart(report: Report, panel: Panel) -> Spec:
    """Draw one angle over time with its band of error.

    Building a chart takes Altair a tenth of a second, so that it is built once for
    a report; what changes with every click is put in by `at_moment`.

    Parameters
    ----------
    report : mapping
        A report of schema 1.
    panel : {"depth", "ankle", "lumbar"}

    Returns
    -------
    dict
        Vega-Lite, as wide as its container, its tables under ``"datasets"``. Frames
        without a value leave a gap.
    """
    kind = _KINDS[panel]
    frames = _frames(report, kind.column)
    x = alt.X(
        "t:Q",
        title="Time (seconds)" if panel == PANELS[-1] else None,
        scale=alt.Scale(domain=_time_domain(report), nice=False),
        axis=alt.Axis(grid=False, tickCount=6),
    )
    y_axis = alt.Axis(
        title=None, minExtent=_AXIS_PX, maxExtent=_AXIS_PX, tickCount=4, grid=True, gridOpacity=0.4
    )
    scale = alt.Scale(domain=_value_domain(frames, kind.least), nice=False, zero=False, clamp=True)
    y = alt.Y("value:Q", axis=y_axis, scale=scale)
    low = alt.Y("low:Q", axis=y_axis, scale=scale)
    curve = alt.Chart(alt.NamedData("frames"))
    layers: list[Layer] = [
        _rep_bands(),
        *_zero_line(),
        curve.mark_area(opacity=0.25, color=_CURVE, clip=True).encode(x=x, y=low, y2="high:Q"),
        curve.mark_line(color=_CURVE, strokeWidth=2, clip=True).encode(x=x, y=y),
        _rule("moment", _GREY, width=3.0, dash=(1, 0)),
        *_onset_marks(report, is_named=panel == PANELS[0]),
        _touch_layer(x),
    ]
    title = alt.TitleParams(kind.title, anchor="start", fontSize=13, offset=6)
    chart = alt.layer(*layers).properties(height=_HEIGHT_PX, width="container", title=title)
    spec: Spec = chart.to_dict()
    start, _ = _time_domain(report)
    spec["datasets"] = {
        "frames": frames,
        "reps": _reps(report),
        "onsets": _onsets(report),
        "zero": pd.DataFrame({"t": [start], "value": [0.0], "name": [kind.zero]}),
        "moment": _moment(None),
    }
    return spec


def at_moment(spec: Spec, *, moment_s: float | None, rep: int | None = None) -> Spec:
    """Mark the moment on show and stress a rep; a new chart, the old one is not changed.

    Parameters
    ----------
    spec : dict
        A chart of `angle_chart`.
    moment_s : float or None
        Time of the upright line; None or NaN for none.
    rep : int, optional
        Index of the rep to stress, counted from 0.
    """
    tables = dict(spec["datasets"])
    tables["moment"] = _moment(moment_s)
    tables["reps"] = tables["reps"].assign(
        strength=[_STRONG if index == rep else _FAINT for index in range(len(tables["reps"]))]
    )
    return {**copy.deepcopy({k: v for k, v in spec.items() if k != "datasets"}), "datasets": tables}


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


def _frames(report: Report, column: str) -> pd.DataFrame:
    """Build a table of t, value, low and high; NaN where nothing was measured."""
    rows = report.get("frames") or []
    step = max(1, -(-len(rows) // _MOST_POINTS))
    names = ("t", f"{column}_deg", f"{column}_sd_deg")
    columns = [
        np.array([_number(row.get(name)) for row in rows[::step]], np.float64) for name in names
    ]
    t, value, sd = columns
    band = _BAND_SDS * sd
    return pd.DataFrame(
        {
            "t": np.round(t, 3),
            "value": np.round(value, 1),
            "low": np.round(value - band, 1),
            "high": np.round(value + band, 1),
        }
    )


def _reps(report: Report) -> pd.DataFrame:
    reps = report.get("reps") or []
    table = {
        "start": [_number(rep.get("start_s")) for rep in reps],
        "end": [_number(rep.get("end_s")) for rep in reps],
        "strength": [_FAINT] * len(reps),
    }
    return pd.DataFrame(table, dtype=np.float64)


def _onsets(report: Report) -> pd.DataFrame:
    winks = [rep.get("wink") or {} for rep in report.get("reps") or []]
    told = [wink for wink in winks if wink.get("kind") in ("wink", "arch_to_neutral")]
    times = np.array([_number(wink.get("onset_s")) for wink in told], np.float64)
    times = times[np.isfinite(times)]
    names = ["tuck starts", *[""] * len(times)][: len(times)]  # names would cover each other
    return pd.DataFrame({"t": times, "name": pd.Series(names, dtype=str)})


def _moment(moment_s: float | None) -> pd.DataFrame:
    times = [] if moment_s is None or not np.isfinite(moment_s) else [moment_s]
    return pd.DataFrame({"t": np.array(times, np.float64)})


def _rep_bands() -> Layer:
    bands: alt.Chart = (
        alt.Chart(alt.NamedData("reps"))
        .mark_rect(color=_GREY, clip=True)
        .encode(x="start:Q", x2="end:Q", opacity=alt.Opacity("strength:Q", scale=None, legend=None))
    )
    return bands


def _zero_line() -> list[Layer]:
    zero = alt.Chart(alt.NamedData("zero"))
    name = zero.mark_text(align="left", baseline="top", dx=3, dy=4, color=_GREY, fontSize=11)
    return [
        zero.mark_rule(color=_GREY, strokeDash=[5, 4]).encode(y="value:Q"),
        name.encode(x="t:Q", y="value:Q", text="name:N"),
    ]


def _onset_marks(report: Report, *, is_named: bool) -> list[Layer]:
    """Mark where the tuck starts by an upright line, the first with its name at the top."""
    line = _rule("onsets", _ACCENT, width=2.0, dash=(6, 3))
    times = _onsets(report)["t"]
    if not is_named or times.empty:
        return [line]
    start, end = _time_domain(report)
    is_late = float(times.iloc[0]) > start + _NAME_FITS * (end - start)
    name = (
        alt.Chart(alt.NamedData("onsets"))
        .mark_text(
            align="right" if is_late else "left",
            baseline="top",
            dx=-4 if is_late else 4,
            color=_ACCENT,
            fontSize=11,
            fontWeight=600,
        )
        .encode(x="t:Q", y=alt.value(2), text="name:N")
    )
    return [line, name]


def _rule(name: str, colour: str, *, width: float, dash: tuple[int, int]) -> Layer:
    rule: alt.Chart = (
        alt.Chart(alt.NamedData(name))
        .mark_rule(strokeWidth=width, strokeDash=list(dash), color=colour, clip=True)
        .encode(x="t:Q")
    )
    return rule


def _touch_layer(x: alt.X) -> Layer:
    """Lay invisible points over the chart, of which the nearest is picked."""
    pick = alt.selection_point(
        name=PICK, nearest=True, on="click", fields=["t"], toggle=False, clear="pointerdown"
    )
    chart: alt.Chart = (
        alt.Chart(alt.NamedData("frames"))
        .mark_point(opacity=0, size=60)
        .encode(x=x, y=alt.value(_HEIGHT_PX / 2), tooltip=alt.value(None))
        .add_params(pick)
    )
    return chart


def _time_domain(report: Report) -> tuple[float, float]:
    times = [_number(row.get("t")) for row in report.get("frames") or []]
    known = [t for t in times if np.isfinite(t)]
    return (min(known), max(known)) if len(known) > 1 else (0.0, 1.0)


def _value_domain(frames: pd.DataFrame, least: tuple[float, float]) -> tuple[float, float]:
    """Choose the range of values: what is common for the angle, or more if needed."""
    values = frames["value"].to_numpy(np.float64)
    values = values[np.isfinite(values)]
    if not values.size:
        return least
    band = frames[["low", "high"]].to_numpy(np.float64)
    band = band[np.isfinite(band)]
    # Room for the band of error, but not so much that it flattens the curve.
    low = max(band.min(initial=values.min()), values.min() - _MOST_ROOM_DEG)
    high = min(band.max(initial=values.max()), values.max() + _MOST_ROOM_DEG)
    return min(least[0], float(low) - 1.0), max(least[1], float(high) + 1.0)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")
