"""Film in: `FilmReader` streams the upright frames of an upload with their true times.

`read_frame_at` and `frame_times` look into the small film that the pages show.
"""

import itertools
import math
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from analysis.film import (
    WARNING_TEXTS,
    FilmWarning,
    Thinner,
    VideoLimits,
    VideoMeta,
    WarningId,
    filmed_on,
    measure_fps,
    pick_frames,
    thinned_fps,
)
from analysis.frame import Converter, Frame, RgbPicture
from analysis.sniff import unreadable
from analysis.source import Source, Survey, check_pixels, packet_times, survey, time_of

# Ten seconds of a 60 fps film are plenty to know its rate.
_RATE_PACKETS: Final = 600

# Pixels that are not square beyond this are a broken header, not a camera.
_MAX_PIXEL_ASPECT: Final = 2.5

# Spacing assumed for a film that has no times at all.
_DEFAULT_INTERVAL_S: Final = 1 / 30

# Screen recorders and calls change the size on the way; up to rounding to even
# sizes the shape stays, and only the shape matters for angles.
_SHAPE_TOLERANCE: Final = 0.02


class FilmReader:
    """Reads a film frame by frame, upright and in time, never holding it all.

    Parameters
    ----------
    path : Path or str
        The upload; its name and ending play no part.
    limits : VideoLimits, optional
        How much is accepted and read.

    Raises
    ------
    UnreadableError
        On opening, if there is not one frame to read. The reasons are the
        keys of `analysis.sniff.SENTENCES`.
    OverLimitError
        Reasons ``too_many_bytes`` and ``too_many_pixels``.

    Notes
    -----
    `meta` is complete but for its duration once the reader is made, since the
    first frame is decoded then; the duration and `warnings` are complete when
    `frames` has run to its end. `frames` may be called again and starts over;
    an earlier iterator must not be used any more then.

    Examples
    --------
    >>> with FilmReader("squat.mp4") as film:  # doctest: +SKIP
    ...     for frame in film.frames():
    ...         rgb = frame.rgb(height_px=640)
    """

    _source: Source
    _pictures: Generator[VideoFrame, None, None]
    _first: VideoFrame
    _meta: VideoMeta
    _converter: Converter
    _warnings: list[FilmWarning]
    _is_used: bool

    def __init__(self, path: Path | str, *, limits: VideoLimits | None = None) -> None:
        self._path = Path(path)
        self._limits = limits or VideoLimits()
        source = Source(self._path, limits=self._limits)
        try:
            self._fps = measure_fps(packet_times(source, count=_RATE_PACKETS))
        finally:
            source.close()
        self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Frames that were kept stay usable."""
        # First what is halfway through the file, or it would wake up at exit.
        self._pictures.close()
        self._source.close()

    @property
    def meta(self) -> VideoMeta:
        """What is known about the film so far."""
        return self._meta

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the upright film."""
        return self._meta.width_px, self._meta.height_px

    @property
    def first(self) -> Frame:
        """The first frame, which is decoded on opening; `frames` gives it again."""
        return Frame(index=0, time_s=0.0, _picture=self._first, _converter=self._converter)

    @property
    def warnings(self) -> tuple[FilmWarning, ...]:
        """What went wrong on the way, in the order found."""
        return tuple(self._warnings)

    def frames(self, *, max_fps: float = 30.0) -> Iterator[Frame]:
        """Stream the film from its start, thinned to about a wished rate.

        Parameters
        ----------
        max_fps : float
            Films faster than this (and ten per cent) are thinned evenly,
            before any conversion. See `Thinner`.

        Yields
        ------
        Frame
            The first one has time 0; times increase strictly.
        """
        if self._is_used:
            self.close()
            self._start()
        self._is_used = True
        keep = self._thin(max_fps)
        kept = (shot for shot in self._timed_pictures() if keep(*shot))
        for index, (time_s, picture) in enumerate(kept):
            yield Frame(index=index, time_s=time_s, _picture=picture, _converter=self._converter)

    def _thin(self, max_fps: float) -> Callable[[float, VideoFrame], bool]:
        """Return what tells whether a picture is wanted; keep others from being decoded."""
        found = None
        if thinned_fps(self._fps, max_fps=max_fps) < self._fps:
            found = self._look_through()
        if found is None:
            thinner = Thinner(fps=self._fps, max_fps=max_fps)
            return lambda time_s, picture: thinner.keep(time_s)
        picked = pick_frames(found.time_s, found.is_needed, fps=self._fps, max_fps=max_fps)
        ticks = frozenset(found.ticks[picked].tolist())
        self._source.left_out = frozenset(found.ticks[~picked & ~found.is_needed].tolist())
        return lambda time_s, picture: picture.pts in ticks

    def _look_through(self) -> Survey | None:
        source = Source(self._path, limits=self._limits)
        try:
            return survey(source)
        finally:
            source.close()

    def _start(self) -> None:
        """Open the file and decode its first frame."""
        self._warnings = []
        self._is_used = False
        self._source = source = Source(self._path, limits=self._limits)
        try:
            self._pictures = source.pictures()
            first = next(self._pictures, None)
            if first is None:
                source.check_declared_pixels()
                is_torn = source.ends_early or source.is_broken
                raise unreadable("broken_off" if is_torn else "no_frames")
            check_pixels(first.width, first.height, limits=self._limits)
        except BaseException:
            source.close()
            raise
        self._first = first
        self._meta = _describe(source, first, fps=self._fps)
        self._converter = _converter(self._meta)

    def _timed_pictures(self) -> Iterator[tuple[float, VideoFrame]]:
        """Yield (time_s, picture) within the limits, then settle the warnings."""
        first = self._first
        interval_s = _DEFAULT_INTERVAL_S if math.isnan(self._fps) else 1 / self._fps
        start_s = time_of(first) or 0.0
        last_s = -math.inf
        stopped_by: WarningId | None = None
        for picture in itertools.chain([first], self._pictures):
            stored_s = time_of(picture)
            if picture is first:
                time_s = 0.0
            else:
                time_s = last_s + interval_s if stored_s is None else stored_s - start_s
            if time_s <= last_s:
                continue
            if time_s > self._limits.max_analysed_s:
                stopped_by = "long_film"
                break
            if not self._fits(picture):
                stopped_by = "picture_changes"
                break
            last_s = time_s
            yield time_s, picture
        self._settle(stopped_by=stopped_by, read_s=last_s + interval_s)

    def _fits(self, picture: VideoFrame) -> bool:
        """Whether a picture has the shape of the first one and a legal size."""
        first = self._first
        stretch = picture.width * first.height / (picture.height * first.width)
        is_legal = picture.width * picture.height <= self._limits.max_pixels
        return is_legal and abs(stretch - 1) < _SHAPE_TOLERANCE

    def _settle(self, *, stopped_by: WarningId | None, read_s: float) -> None:
        """Note the duration that was read and say what was left out."""
        self._meta = replace(self._meta, duration_s=read_s)
        if stopped_by is None and self._source.is_too_long:
            stopped_by = "long_film"
        if stopped_by is None and self._source.is_cut_off:
            stopped_by = "cut_off"
        if stopped_by is not None:
            self._warn(stopped_by, read_s=read_s)
        # The decoder gives out late what came before the end of a cut file, so
        # damage and the cut cannot be told apart there; the cut says enough.
        if self._source.is_damaged and stopped_by != "cut_off":
            self._warn("damaged", read_s=read_s)

    def _warn(self, warning_id: WarningId, *, read_s: float) -> None:
        text = WARNING_TEXTS[warning_id].format(read_s=read_s)
        self._warnings.append(FilmWarning(id=warning_id, text=text))


def _converter(meta: VideoMeta) -> Converter:
    return Converter(
        width_px=meta.width_px,
        height_px=meta.height_px,
        quarter_turns=meta.rotation_deg // 90,
    )


def _describe(source: Source, first: VideoFrame, *, fps: float) -> VideoMeta:
    """Collect what the header and the first frame say about a film."""
    container, stream = source.container, source.stream
    aspect = float(stream.sample_aspect_ratio or 1)
    if not 1 / _MAX_PIXEL_ASPECT < aspect < _MAX_PIXEL_ASPECT:
        aspect = 1.0
    # A display matrix may also mirror; that is rare and left as it is.
    quarter_turns = round(first.rotation / 90) % 4
    stored = (round(first.width * aspect), first.height)
    width_px, height_px = stored[::-1] if quarter_turns % 2 else stored
    ticks = container.duration
    return VideoMeta(
        duration_s=math.nan if ticks is None else ticks / av.time_base,
        fps=fps,
        width_px=width_px,
        height_px=height_px,
        rotation_deg=90 * quarter_turns,
        filmed_on=filmed_on(container.metadata),
        codec=stream.codec_context.codec.canonical_name,
        container=container.format.name.split(",")[0],
    )


def frame_times(path: Path | str) -> NDArray[np.float64]:
    """List the times of all frames of a film, without decoding it.

    Parameters
    ----------
    path : Path or str
        Meant for films of `analysis.preview`.

    Returns
    -------
    ndarray, shape (n_frames,), float64
        Seconds from the first frame, increasing.
    """
    source = Source(Path(path), limits=VideoLimits())
    try:
        times_s = packet_times(source)
    finally:
        source.close()
    return times_s - times_s[0] if times_s.size else times_s


def read_frame_at(path: Path | str, time_s: float) -> tuple[RgbPicture, float]:
    """Read the frame nearest to a time.

    Parameters
    ----------
    path : Path or str
        Meant for films of `analysis.preview`, whose short groups of pictures
        make this a matter of milliseconds; any film works.
    time_s : float
        Seconds from the first frame. Beyond the ends: the first or last one.

    Returns
    -------
    rgb : ndarray, shape (height_px, width_px, 3), uint8
        Upright, contiguous.
    time_s : float
        The true time of that frame.
    """
    try:
        found = _frame_at(Path(path), time_s, by_seeking=True)
    except av.FFmpegError:  # no index to seek by
        found = None
    if found is None:
        found = _frame_at(Path(path), time_s, by_seeking=False)
    if found is None:
        raise unreadable("no_frames")
    return found


def _frame_at(path: Path, time_s: float, *, by_seeking: bool) -> tuple[RgbPicture, float] | None:
    """Look for the frame nearest to a time; None if seeking overshot it."""
    source = Source(path, limits=VideoLimits())
    try:
        pictures = source.pictures()
        first = next(pictures, None)
        if first is None:
            return None
        start_s = time_of(first) or 0.0
        target_s = start_s + time_s
        before = first
        if by_seeking and time_s > 0:
            tick = int(target_s / (source.stream.time_base or Fraction(1, 1000)))
            source.container.seek(tick, stream=source.stream)
            pictures = source.pictures()
            landed = next(pictures, None)
            # Transport streams seek by guessing, and may end up too late.
            if landed is None or (time_of(landed) or math.inf) > target_s:
                return None
            before = landed
        nearest = _nearest(before, pictures, target_s=target_s)
        rgb = _converter(_describe(source, first, fps=math.nan)).rgb(nearest)
        return rgb, (time_of(nearest) or start_s) - start_s
    finally:
        source.close()


def _nearest(before: VideoFrame, rest: Iterator[VideoFrame], *, target_s: float) -> VideoFrame:
    """Decode on until a time is reached; return the picture nearest to it."""
    nearest, distance_s = before, abs((time_of(before) or 0.0) - target_s)
    for picture in rest if (time_of(before) or 0.0) < target_s else ():
        time_s = time_of(picture)
        if time_s is None:
            continue
        if abs(time_s - target_s) < distance_s:
            nearest, distance_s = picture, abs(time_s - target_s)
        if time_s >= target_s:
            break
    return nearest
