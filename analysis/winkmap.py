"""The wink map: the lower back against depth, a loop for each rep."""

from typing import Final

import altair as alt
import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # it ships no type information

from analysis import chartparts
from analysis.chartparts import Layer, Report, Spec

_MAP_HEIGHT_PX: Final = 280


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
    loops, onsets = rep_loops(report), _map_onsets(report)
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
        axis=alt.Axis(tickCount=5, gridOpacity=0.4, **chartparts.INSIDE),
    )
    ways = alt.Scale(domain=["down", "up"], range=[[1, 0], [4, 4]])
    legend = alt.Legend(orient="top-left", title=None, symbolStrokeColor=chartparts.GREY)
    loop = alt.Chart(alt.NamedData("loops"))
    layers: list[Layer] = [
        *_map_lines(report),
        loop.mark_line(strokeWidth=2, color=chartparts.CURVE, clip=True).encode(
            x=x,
            y=y,
            detail="rep:N",
            order="t:Q",
            strokeDash=alt.StrokeDash("way:N", scale=ways, legend=legend),
            opacity=alt.Opacity("rep:O", scale=alt.Scale(range=[1.0, 0.45]), legend=None),
        ),
        _map_marks(onsets),
        alt.Chart(alt.NamedData("loops"), name=f"{chartparts.TOUCH}map")
        .mark_point(opacity=0, size=60)
        .encode(x=x, y=y, tooltip=alt.value(None)),
    ]
    title = alt.TitleParams("Lower back at each depth (degrees, + tucked)", anchor="start",
                            fontSize=13, offset=6)  # fmt: skip
    chart = alt.layer(*layers).properties(height=_MAP_HEIGHT_PX, width="container", title=title)
    spec = chartparts.pickable(chart)
    spec["datasets"] = {"loops": loops, "onsets": onsets}
    return spec


def _map_lines(report: Report) -> list[Layer]:
    """Mark parallel, standing, and the depth to stop at."""
    stop = chartparts.number((report.get("summary") or {}).get("stop_at_thigh_deg"))
    places = [{"thigh": 0.0, "name": "parallel", "colour": chartparts.GREY}]
    if np.isfinite(stop):
        places.append({"thigh": stop, "name": "stop here", "colour": chartparts.ACCENT})
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
    level = zero.mark_rule(color=chartparts.GREY, strokeDash=[2, 3]).encode(y="lumbar:Q")
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
    diamond = marks.mark_point(shape="diamond", filled=True, size=150, opacity=1, aria=False)
    name = marks.mark_text(align="right", dx=-8, dy=-16, fontSize=11, fontWeight=600)
    x, y, colour = "thigh:Q", "lumbar:Q", alt.Color("colour:N", scale=None)
    layer: Layer = alt.layer(
        diamond.encode(x=x, y=y, color=colour), name.encode(x=x, y=y, text="name:N", color=colour)
    )
    return layer


def rep_loops(report: Report) -> pd.DataFrame:
    """Build a table of the frames inside of whole reps, with the way of each."""
    table = chartparts.columns(report, ("t", "thigh_deg", "lumbar_deg"))
    parts = []
    for index, rep in enumerate(report.get("reps") or [], start=1):
        ends = [chartparts.number(rep.get(f"{name}_s")) for name in ("start", "bottom", "end")]
        if rep.get("partial") or not np.isfinite(ends).all():
            continue
        start, bottom, end = ends
        inside = table[(table["t"] >= start) & (table["t"] <= end)]
        if not (inside["t"] <= bottom).any():
            continue
        # The bottom belongs to both ways, so that they join.
        turn = inside.index[inside["t"] <= bottom].max()
        for way, rows in (("down", inside.loc[:turn]), ("up", inside.loc[turn:])):
            parts.append(rows.assign(rep=index, way=way))
    if not parts:
        return pd.DataFrame({"t": [], "thigh": [], "lumbar": [], "rep": [], "way": []})
    loops = pd.concat(parts, ignore_index=True)
    return loops[np.isfinite(loops["thigh"]) & np.isfinite(loops["lumbar"])]


def _map_onsets(report: Report) -> pd.DataFrame:
    table = chartparts.columns(report, ("t", "thigh_deg", "lumbar_deg"))
    rows: list[pd.DataFrame] = []
    for rep in report.get("reps") or []:
        wink = rep.get("wink") or {}
        time_s = chartparts.number(wink.get("onset_s"))
        mark = chartparts.ONSETS.get(wink.get("kind"))
        if mark is None or not np.isfinite(time_s):
            continue
        near = table.iloc[[int((table["t"] - time_s).abs().argmin())]]
        name, colour = mark
        rows.append(near.assign(name="" if rows else name, colour=colour))
    if not rows:
        return pd.DataFrame({"t": [], "thigh": [], "lumbar": [], "name": [], "colour": []})
    return pd.concat(rows, ignore_index=True)


def _map_domain(
    loops: pd.DataFrame, column: str, least: tuple[float, float]
) -> tuple[float, float]:
    values = loops[column].to_numpy(np.float64)
    low, high = (values.min(), values.max()) if values.size else least
    return min(least[0], float(low) - 2.0), max(least[1], float(high) + 2.0)
