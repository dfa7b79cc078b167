"""Pictures and charts of one result, made when they are first asked for."""

import math
import tempfile
import threading
from collections.abc import Callable
from functools import cached_property
from typing import Any, Final

import numpy as np

from analysis import chartparts, charts, draw, stills, video, winkmap
from analysis.keepfile import Kept, keep
from analysis.label import Label
from analysis.preview import PreviewWriter
from pages.shared import answers, figures
from pages.shared.result import Overlay, Rep, Result
from pages.shared.scrubber import scene

# Wide enough to be sharp on a phone and in half of a wide page.
_WIDTH_PX: Final = 720
# Of a film to send on: sharp on a phone, and still small. Even, for H.264.
_FILM_PX: Final = 540
# Sharper than the preview, since figures are written into it.
_FILM_CRF: Final = 21
# Seconds of standing before and after what is sent on.
_STANDING_S: Final = 0.5
# Drawing a film takes a whole core.
_one_film = threading.Lock()
# From ear to crown, as a share of the way from shoulder to ear.
_HEAD: Final = 0.7
# Of the picture that stands in for the film until it has come.
_POSTER_PX: Final = 480


class Album:
    """Annotated pictures and charts of one result; never shared between visitors."""

    def __init__(self, result: Result) -> None:
        self.result = result
        self._charts: dict[tuple[str, int | None], chartparts.Spec] = {}
        self._scene: bytes | None = None
        self._film: bytes | None = None
        self._png: bytes | None = None
        self._stills: list[stills.Still] | None = None
        overlay = result.overlay
        self._box = (0, 0, 1, 1)
        self._thigh_deg = np.zeros(0)
        if overlay is not None:
            self._thigh_deg = scene.thigh_deg(result.report, overlay.time_s)
            points = np.concatenate([overlay.joints_px, overlay.back_px, _heads(overlay)], axis=1)
            self._box = draw.crop_box(_without_outliers(points), overlay.size_px)

    @property
    def times_s(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Times of the pictures that can be shown; empty without a preview."""
        overlay = self.result.overlay
        return np.zeros(0) if overlay is None else overlay.time_s

    def scene(self) -> bytes:
        """All that the scrubber draws, packed; the same bytes each time."""
        if self._scene is None:
            flagged = self.result.report.flagged_s
            rgb, _ = video.read_frame_at(self._preview(), flagged if np.isfinite(flagged) else 0.0)
            poster, _ = draw.cut(rgb, self._box, width_px=_POSTER_PX)
            self._scene = scene.pack(self.result, box=self._box, poster=draw.to_jpeg(poster))
        return self._scene

    def film(self) -> bytes:
        """Preview film as it was written."""
        if self._film is None:
            self._film = bytes(self._preview().read_bytes())
        return self._film

    def flagged_png(self) -> bytes:
        """Annotated picture of the flagged moment with the verdict below it, to send on."""
        if self._png is None:
            flagged = self.result.report.flagged_s
            index = self._overlay().index_at(flagged if np.isfinite(flagged) else 0.0)
            picture = self._annotated(index, _WIDTH_PX)
            self._png = draw.to_png(draw.with_caption(picture, self._told()))
        return self._png

    def film_mp4(self, rep: Rep | None = None) -> bytes:
        """Film with everything drawn into it and the verdict below, to send on.

        Parameters
        ----------
        rep : Rep, optional
            The whole set without it.

        Notes
        -----
        Takes a hundredth of a second a picture: made when it is asked for, one at a time
        on this server. What is written on the way lies in the folder of the result and
        is gone with it at the latest.
        """
        preview = self._preview()
        start_s, end_s = self._span_s(rep)
        with (
            _one_film,
            tempfile.NamedTemporaryFile(suffix=".mp4", dir=preview.parent) as target,
            video.FilmReader(preview) as film,
        ):
            high = len(self._sent(film.first))
            with PreviewWriter(
                target.name, width_px=_FILM_PX, height_px=high, crf=_FILM_CRF
            ) as writer:
                for frame in film.frames():
                    if start_s <= frame.time_s <= end_s:
                        writer.add(self._sent(frame), frame.time_s)
            return target.read()

    def _sent(self, frame: video.Frame) -> draw.RgbPicture:
        """Draw one picture of the film to send on; of even height, as H.264 wants it."""
        index = self._overlay().index_at(frame.time_s)
        drawn = np.vstack([self._drawn(frame.rgb(), index, _FILM_PX), self._footer])
        return drawn[: len(drawn) // 2 * 2]

    @cached_property
    def _footer(self) -> draw.RgbPicture:
        """Verdict as it stands under every picture of that film."""
        return draw.with_caption(np.zeros((0, _FILM_PX, 3), np.uint8), self._told())

    def _span_s(self, rep: Rep | None) -> tuple[float, float]:
        """First and last moment of a film to keep, with a little standing on both sides."""
        reps = [rep] if rep is not None else list(self.result.report.reps)
        if not reps:
            return -math.inf, math.inf
        return reps[0].start_s - _STANDING_S, reps[-1].end_s + _STANDING_S

    def _told(self) -> list[str]:
        """Verdict for the picture that is sent to a coach."""
        report = self.result.report
        told = [answers.verdict(report), answers.action(report), answers.how_sure(report)]
        return [*[line.replace("\u202f", " ") for line in told if line], answers.MADE_BY]

    def kept(self, label: Label) -> Kept:
        """Return what is kept of this clip: figures, label and small pictures."""
        raw = self.result.report.raw
        if self._stills is None:
            self._stills = self._take_stills()
        return keep(raw, label, self._stills)

    def _take_stills(self) -> list[stills.Still]:
        overlay = self.result.overlay
        if overlay is None:
            return []
        drawing = stills.Drawing(
            time_s=overlay.time_s,
            joints_px=overlay.joints_px,
            joint_names=overlay.joint_names,
            back_px=overlay.back_px,
            box=self._box,
        )
        return stills.take(self.result.report.raw, drawing, self._preview())

    def people_jpeg(self) -> bytes:
        """Whole picture with everybody who was seen, the measured person marked."""
        overlay = self._overlay()
        rgb, _ = video.read_frame_at(self._preview(), overlay.people_time_s)
        return draw.to_jpeg(draw.mark_people(rgb, overlay.people_px, overlay.measured))

    def time_chart(self, rep: int | None = None) -> chartparts.Spec:
        """Angles over time, of one rep or of all; the same in every run."""
        return self._chart("time", charts.time_chart, rep)

    def wink_map(self, rep: int | None = None) -> chartparts.Spec:
        """Lower back against depth, a loop for one rep or for each."""
        return self._chart("map", winkmap.wink_map, rep)

    def span_s(self, rep: int | None = None) -> tuple[float, float]:
        """First and last time of the time chart."""
        return charts.time_domain(self._report_of(rep))

    def _chart(
        self, name: str, draw_it: Callable[[chartparts.Report], chartparts.Spec], rep: int | None
    ) -> chartparts.Spec:
        if (name, rep) not in self._charts:
            self._charts[name, rep] = draw_it(self._report_of(rep))
        return self._charts[name, rep]

    def _report_of(self, rep: int | None) -> chartparts.Report:
        raw = self.result.report.raw
        return raw if rep is None else chartparts.cut_out(raw, rep)

    def _annotated(self, index: int, width: int) -> draw.RgbPicture:
        rgb, _ = video.read_frame_at(self._preview(), float(self._overlay().time_s[index]))
        return self._drawn(rgb, index, width)

    def _drawn(self, rgb: draw.RgbPicture, index: int, width: int) -> draw.RgbPicture:
        """Cut the lifter out of a picture of the preview and draw what was measured."""
        overlay = self._overlay()
        time_s = float(overlay.time_s[index])
        report = self.result.report
        picture, scale = draw.cut(rgb, self._box, width_px=width)
        corner = np.array(self._box[:2], np.float64)
        joints = (overlay.joints_px[index] - corner) * scale
        texts = [figures.seconds(time_s), figures.depth(float(self._thigh_deg[index]))]
        is_tucked = scene.is_tucked(report, time_s)
        if is_tucked:
            texts.append("lower back tucked")
        return draw.annotate(
            picture,
            dict(zip(overlay.joint_names, joints, strict=True)),
            (overlay.back_px[index] - corner) * scale,
            [text for text in texts if text != figures.DASH],
            flagged=is_tucked,
            tilt_deg=self._tilt_deg(time_s),
        )

    def _tilt_deg(self, time_s: float) -> float:
        """Angle between the bowls; NaN where its band is too wide to be drawn honestly."""
        report = self.result.report
        band = 2 * report.at(time_s, "lumbar_sd_deg")
        return float("nan") if band >= scene.WIDEST_BAND_DEG else report.at(time_s, "lumbar_deg")

    def _overlay(self) -> Overlay:
        if self.result.overlay is None:
            raise ValueError("expected a result with pictures")
        return self.result.overlay

    def _preview(self) -> Any:  # noqa: ANN401  # a path, known whenever there is an overlay
        return self.result.preview


def _heads(overlay: Overlay) -> draw.Points:
    """Guess the top of the head, which is no joint, from ear and shoulder."""
    if not {"ear", "shoulder"} <= set(overlay.joint_names):
        return overlay.joints_px[:, :0]
    ear, shoulder = (
        overlay.joints_px[:, overlay.joint_names.index(n)] for n in ("ear", "shoulder")
    )
    return (ear + _HEAD * (ear - shoulder))[:, None]


def _without_outliers(points: draw.Points) -> draw.Points:
    """Drop the rare point that lies far off, so that one slip does not widen the picture."""
    flat = points.reshape(-1, 2)
    flat = flat[np.isfinite(flat).all(axis=1)]
    if len(flat) < 100:
        return flat
    low, high = np.percentile(flat, [0.5, 99.5], axis=0)
    return np.asarray(np.clip(flat, low, high), np.float64)
