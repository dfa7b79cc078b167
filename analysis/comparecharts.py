"""Charts of several clips together: pure functions from reports to Vega-Lite.

Clips are told apart by colour and by the way of their line, for the colour-blind.
"""

from collections.abc import Sequence
from typing import Any, Final

import altair as alt
import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # it ships no type information

from analysis import chartparts, winkmap
from analysis.chartparts import Layer, Report, Spec
from analysis.compare import Trend, descent, measure

# More lines than this lie on each other on a phone.
MOST: Final = 4

# Blue, ochre, purple, grey: apart for every common colour-blindness, and legible on the
# light and the dark page. Orange is the onset's alone.
COLOURS: Final = (chartparts.CURVE, "#B08A1E", "#9670B5", chartparts.GREY)
_DASHES: Final = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3])
_BAND_SDS: Final = 2.0
_HEIGHT_PX: Final = 320
_TREND_PX: Final = 180

Clips = Sequence[tuple[str, Report]]


def descent_chart(clips: Clips) -> Spec:
    """Draw the lower back at each depth on the way down, a line with its band for each clip.

    Parameters
    ----------
    clips : sequence of (name, report)
        At most `MOST`, reports of schema 1.

    Returns
    -------
    dict
        Vega-Lite, as wide as its container. Deep is on the right; a diamond with a bar
        stands where a tuck starts in the mean, with two standard deviations.
    """
    curves, onsets = _curves(clips), _onsets(clips)
    x = _depth_axis(curves["thigh"])
    y = alt.Y(
        "lumbar:Q",
        title=None,
        scale=alt.Scale(domain=_span(curves, onsets), nice=False, zero=False, clamp=True),
        axis=alt.Axis(tickCount=5, gridOpacity=0.4, **chartparts.INSIDE),
    )
    names = [name for name, _ in clips]
    curve = alt.Chart(alt.NamedData("curves"))
    band = curve.mark_area(opacity=0.16, clip=True).encode(
        x=x, y=alt.Y("low:Q"), y2="high:Q", color=_colour(names)
    )
    line = curve.mark_line(strokeWidth=2.5, clip=True).encode(
        x=x, y=y, color=_colour(names), strokeDash=_dash(names), order="order:Q"
    )
    mark = alt.Chart(alt.NamedData("onsets"))
    bar = mark.mark_rule(strokeWidth=2).encode(
        x="low:Q", x2="high:Q", y="lumbar:Q", color=_colour(names)
    )
    diamond = mark.mark_point(
        shape="diamond", filled=True, size=150, opacity=1, color=chartparts.ACCENT, aria=False
    ).encode(x="thigh:Q", y="lumbar:Q")
    layers: list[Layer] = [*_zero_lines(), band, line, bar, diamond]
    return _spec(
        alt.layer(*layers).properties(height=_HEIGHT_PX, width="container", title=_title(
            "Lower back at each depth, going down (degrees)")),
        curves=curves,
        onsets=onsets,
    )  # fmt: skip


def map_chart(clips: Clips) -> Spec:
    """Lay the wink maps of several clips over each other: a loop for each rep.

    Parameters
    ----------
    clips : sequence of (name, report)

    Returns
    -------
    dict
        Vega-Lite, as wide as its container.
    """
    parts = [winkmap.rep_loops(report).assign(clip=name) for name, report in clips]
    loops = pd.concat(parts, ignore_index=True)
    names = [name for name, _ in clips]
    y = alt.Y(
        "lumbar:Q",
        title=None,
        scale=alt.Scale(nice=False, zero=False),
        axis=alt.Axis(tickCount=5, gridOpacity=0.4, **chartparts.INSIDE),
    )
    loop: alt.Chart = (
        alt.Chart(alt.NamedData("loops"))
        .mark_line(strokeWidth=1.6, opacity=0.8, clip=True)
        .encode(
            x=_depth_axis(loops["thigh"]),
            y=y,
            detail=["rep:N", "way:N"],
            order="t:Q",
            color=_colour(names),
            strokeDash=_dash(names),
        )
    )
    chart = alt.layer(*_zero_lines(), loop).properties(
        height=_HEIGHT_PX,
        width="container",
        title=_title("Wink maps: down and up again (degrees, + tucked)"),
    )
    return _spec(chart, loops=loops)


def trend_chart(trend: Trend, title: str) -> Spec:
    """Draw a quantity over days with bars of two standard deviations.

    Parameters
    ----------
    trend : Trend
    title : str
        With the unit in it.

    Returns
    -------
    dict
        Vega-Lite, as wide as its container.
    """
    pairs = zip(trend.days, trend.values, strict=True)
    table = [
        {
            "day": day.isoformat(),
            "value": round(estimate.value, 2),
            "low": round(estimate.value - _BAND_SDS * estimate.sd, 2),
            "high": round(estimate.value + _BAND_SDS * estimate.sd, 2),
        }
        for day, estimate in pairs
    ]
    base = alt.Chart(alt.InlineData(values=table))
    x = alt.X(
        "day:T",
        title=None,
        axis=alt.Axis(format="%-d %b", tickCount=4, grid=False, labelFlush=True),
        scale=alt.Scale(padding=16),
    )
    y = alt.Y(
        "value:Q",
        title=None,
        scale=alt.Scale(zero=False),
        axis=alt.Axis(tickCount=4, gridOpacity=0.4, **chartparts.INSIDE),
    )
    layers: list[Layer] = [
        base.mark_line(color=chartparts.GREY, strokeDash=[4, 3]).encode(x=x, y=y),
        base.mark_rule(color=chartparts.CURVE, strokeWidth=2).encode(x=x, y="low:Q", y2="high:Q"),
        base.mark_point(color=chartparts.CURVE, filled=True, size=90, opacity=1).encode(x=x, y=y),
    ]
    chart = alt.layer(*layers).properties(height=_TREND_PX, width="container", title=_title(title))
    return _spec(chart)


def _spec(chart: alt.LayerChart | alt.FacetChart, **tables: pd.DataFrame) -> Spec:
    spec: Spec = chart.to_dict()
    spec.pop("$schema", None)
    spec.pop("config", None)
    spec["padding"] = {"left": 0, "right": 4, "top": 4}
    if tables:
        spec["datasets"] = {**spec.get("datasets", {}), **tables}
    return spec


def _curves(clips: Clips) -> pd.DataFrame:
    parts = []
    for name, report in clips:
        curve = descent(report)
        band = _BAND_SDS * curve.lumbar_sd_deg
        table = pd.DataFrame(
            {
                "clip": name,
                "order": np.arange(len(curve.thigh_deg)),
                "thigh": curve.thigh_deg,
                "lumbar": curve.lumbar_deg.round(1),
                "low": (curve.lumbar_deg - band).round(1),
                "high": (curve.lumbar_deg + band).round(1),
            }
        )
        parts.append(table[np.isfinite(table["lumbar"])])
    return pd.concat(parts, ignore_index=True)


def _onsets(clips: Clips) -> pd.DataFrame:
    """Build a table of where tucks start in the mean, on the height of the curve there."""
    rows: list[dict[str, Any]] = []
    for name, report in clips:
        onset = measure(report)["onset_thigh_deg"]
        curve = descent(report)
        known = np.isfinite(curve.lumbar_deg)
        if not onset.is_known or not known.any():
            continue
        height = np.interp(-onset.value, -curve.thigh_deg[known], curve.lumbar_deg[known])
        band = _BAND_SDS * onset.sd
        rows.append(
            {
                "clip": name,
                "thigh": round(onset.value, 1),
                "low": round(onset.value - band, 1),
                "high": round(onset.value + band, 1),
                "lumbar": round(float(height), 1),
            }
        )
    return pd.DataFrame(rows, columns=["clip", "thigh", "low", "high", "lumbar"])


def _depth_axis(thigh: "pd.Series[float]") -> alt.X:
    low, high = (float(thigh.min()), float(thigh.max())) if len(thigh) else (-20.0, 60.0)
    return alt.X(
        "thigh:Q",
        title="Thigh above parallel (degrees): deeper to the right",
        scale=alt.Scale(
            domain=(min(-20.0, low - 2), max(60.0, high + 2)), reverse=True, nice=False
        ),
        axis=alt.Axis(grid=False, tickCount=6),
    )


def _span(curves: pd.DataFrame, onsets: pd.DataFrame) -> tuple[float, float]:
    """Choose the heights: all of the lines, and so much of their bands as does not flatten them."""
    values = np.concatenate([curves["lumbar"], onsets["lumbar"], [-8.0, 16.0]])
    return float(np.min(values)) - 4.0, float(np.max(values)) + 6.0


def _zero_lines() -> list[Layer]:
    """Mark parallel and standing."""
    parallel = alt.Chart(alt.InlineData(values=[{"thigh": 0.0, "name": "parallel"}]))
    standing = alt.Chart(alt.InlineData(values=[{"lumbar": 0.0}]))
    return [
        standing.mark_rule(color=chartparts.GREY, strokeDash=[2, 3]).encode(y="lumbar:Q"),
        parallel.mark_rule(color=chartparts.GREY, strokeDash=[5, 4]).encode(x="thigh:Q"),
        parallel.mark_text(
            align="right", baseline="top", dx=-4, color=chartparts.GREY, fontSize=11
        ).encode(x="thigh:Q", y=alt.value(2), text="name:N"),
    ]


def _colour(names: Sequence[str]) -> alt.Color:
    scale = alt.Scale(domain=list(names), range=list(COLOURS[: len(names)]))
    return alt.Color("clip:N", scale=scale, legend=_legend())


def _dash(names: Sequence[str]) -> alt.StrokeDash:
    scale = alt.Scale(domain=list(names), range=list(_DASHES[: len(names)]))
    return alt.StrokeDash("clip:N", scale=scale, legend=_legend())


def _legend() -> alt.Legend:
    return alt.Legend(
        orient="top",
        direction="horizontal",
        title=None,
        symbolType="stroke",
        symbolSize=500,
        symbolOpacity=1,
        symbolStrokeWidth=2.5,
    )


def _title(text: str) -> alt.TitleParams:
    return alt.TitleParams(text, anchor="start", fontSize=13, offset=6)
