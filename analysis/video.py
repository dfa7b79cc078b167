"""Film in: with `analysis.preview`, which writes, the only file that knows PyAV.

`FilmReader` streams the upright frames of an upload with their true times,
`read_frame_at` and `frame_times` look into the small film that the pages show.

Notes
-----
An upload is hostile until it is decoded. It is opened once by us, as a file
whose name FFmpeg never learns. Lists of files are kept out by the whitelist of
formats, and what they name by an empty one of protocols, since FFmpeg opens it
without asking; the external tracks of a MOV, for which it does ask, by a
callback that refuses. Limits hold for what is decoded, never for what a header
says.
"""

import itertools
import math
import os
import stat
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

import av
import numpy as np
from av.container.input import InputContainer
from av.stream import Discard, Disposition
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from analysis.disposable import disposable
from analysis.errors import OverLimitError
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
from analysis.sniff import SENTENCES, ends_early, unreadable

__all__ = [
    "FilmReader",
    "FilmWarning",
    "Frame",
    "RgbPicture",
    "VideoLimits",
    "VideoMeta",
    "frame_times",
    "read_frame_at",
]

RgbPicture = NDArray[np.uint8]

_FORMATS: Final = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts"

# What phones, cameras and browsers record, by canonical name: h264 and hevc
# (all phones), vp8, vp9 and av1 (browsers, screen recordings), mpeg4, h263 and
# mjpeg (old phones and cameras), mpeg2video (camcorders), prores (iPhone Pro).
# Everything else that FFmpeg can decode is attack surface and no squat.
_CODECS: Final = frozenset(
    {"h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "h263", "mjpeg", "mpeg2video", "prores"}
)
# The same by the names of their decoders, for FFmpeg's own probing.
_DECODERS: Final = ",".join(sorted(_CODECS | {"libdav1d"}))

# Python is asked for this much at a time; fewer calls, same memory as a frame.
_READ_BYTES: Final = 256 * 1024

# Ten seconds of a 60 fps film are plenty to know its rate.
_RATE_PACKETS: Final = 600

# A packet says in its first bytes what it holds; no film has more packets than this in
# what is read of it.
_HEAD_BYTES, _MOST_PACKETS = 1024, 50_000

# Broken packets at the end of a film that count as "it ends early". One or two
# happen at the end of whole recordings.
_TRAILING_ERRORS: Final = 3

# Pixels that are not square beyond this are a broken header, not a camera.
_MAX_PIXEL_ASPECT: Final = 2.5


# Spacing assumed for a film that has no times at all.
_DEFAULT_INTERVAL_S: Final = 1 / 30

# Screen recorders and calls change the size on the way; up to rounding to even
# sizes the shape stays, and only the shape matters for angles.
_SHAPE_TOLERANCE: Final = 0.02


class _Converter:
    """Turns stored pictures into upright RGB arrays.

    One scaler per size asked for: setting one up costs more than using it.
    """

    def __init__(self, *, width_px: int, height_px: int, quarter_turns: int) -> None:
        self._upright_px = (width_px, height_px)
        self._quarter_turns = quarter_turns
        self._scalers: dict[tuple[int, int], VideoReformatter] = {}
        self._film_scaler = VideoReformatter()

    def rgb(
        self, picture: VideoFrame, *, width_px: int | None = None, height_px: int | None = None
    ) -> RgbPicture:
        """Convert a picture; see `Frame.rgb`."""
        wide, high = self._upright_px
        if width_px is None and height_px is not None:
            width_px = max(1, round(wide * height_px / high))
        elif height_px is None and width_px is not None:
            height_px = max(1, round(high * width_px / wide))
        size = (width_px or wide, height_px or high)
        # Resized as stored and turned afterwards: far fewer pixels to turn.
        stored = size[::-1] if self._quarter_turns % 2 else size
        shrinks = stored[0] < picture.width or stored[1] < picture.height
        scaler = self._scalers.setdefault(size, VideoReformatter())
        scaled = scaler.reformat(
            picture,
            width=stored[0],
            height=stored[1],
            format="rgb24",
            # The mean over the pixels covered: no moire on shirts and racks.
            interpolation=Interpolation.AREA if shrinks else Interpolation.BILINEAR,
            threads=1,
        )
        array = np.asarray(scaled.to_ndarray(), dtype=np.uint8)
        return np.ascontiguousarray(np.rot90(array, self._quarter_turns))

    def yuv(
        self, picture: VideoFrame, *, width_px: int, height_px: int, matrix: Colorspace
    ) -> VideoFrame:
        """Convert a picture for a film of ours; see `Frame.yuv`."""
        turned = self._quarter_turns % 2 == 1
        wide, high = (height_px, width_px) if turned else (width_px, height_px)
        shrinks = wide < picture.width or high < picture.height
        scaled = self._film_scaler.reformat(
            picture,
            width=wide,
            height=high,
            format="yuv420p",
            src_colorspace=_matrix_of(picture),
            dst_colorspace=matrix,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.AREA if shrinks else Interpolation.BILINEAR,
            threads=1,
        )
        if not self._quarter_turns:
            return scaled
        # One plane of full size over two of half the size, row by row.
        flat = np.asarray(scaled.to_ndarray(), dtype=np.uint8)
        luma, chroma = flat[:high], flat[high:].reshape(2, high // 2, wide // 2)
        planes = [np.rot90(plane, self._quarter_turns).ravel() for plane in (luma, *chroma)]
        upright = np.concatenate(planes).reshape(-1, width_px)
        return VideoFrame.from_ndarray(upright, format="yuv420p")


def _matrix_of(picture: VideoFrame) -> Colorspace:
    """How the colours of a picture are stored; without a word by BT.601, as FFmpeg has it."""
    known = {int(matrix) for matrix in (Colorspace.ITU709, Colorspace.BT2020)}
    stored = int(picture.colorspace)
    return Colorspace(stored) if stored in known else Colorspace.ITU601


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame of a film, not yet converted.

    Parameters
    ----------
    index : int
        Counts the frames that were handed out, from 0.
    time_s : float
        Seconds from the first frame of the film; strictly increasing.
    """

    index: int
    time_s: float
    _picture: VideoFrame = field(repr=False)
    _converter: _Converter = field(repr=False)

    @classmethod
    def maker(cls, *, width_px: int, height_px: int) -> "Callable[[int, float, VideoFrame], Frame]":
        """Return what makes frames of pictures that are upright but of another size.

        Parameters
        ----------
        width_px, height_px : int
            Size that the frames are to speak of.
        """
        converter = _Converter(width_px=width_px, height_px=height_px, quarter_turns=0)
        return lambda index, time_s, picture: cls(
            index=index, time_s=time_s, _picture=picture, _converter=converter
        )

    def rgb(self, width_px: int | None = None, height_px: int | None = None) -> RgbPicture:
        """Convert to RGB, upright, at the size asked for.

        Parameters
        ----------
        width_px, height_px : int, optional
            Upright size. One alone keeps the shape of the picture; none keeps
            its size.

        Returns
        -------
        ndarray, shape (height_px, width_px, 3), uint8
            Contiguous.
        """
        return self._converter.rgb(self._picture, width_px=width_px, height_px=height_px)

    @property
    def matrix(self) -> Colorspace:
        """Matrix by which the colours are stored: BT.601, BT.709 or BT.2020."""
        return _matrix_of(self._picture)

    def yuv(self, width_px: int, height_px: int, *, matrix: Colorspace) -> VideoFrame:
        """Convert for `analysis.preview`: upright yuv420p, without the way over RGB.

        Parameters
        ----------
        width_px, height_px : int
            Upright size, both even.
        matrix : Colorspace
            Another one than that of the film costs as much as RGB would.
        """
        return self._converter.yuv(
            self._picture, width_px=width_px, height_px=height_px, matrix=matrix
        )


def _refuse_io(url: str, flags: int, options: dict[str, str]) -> BinaryIO:
    """Stand in for FFmpeg's opening of further files: there are none."""
    raise PermissionError("a film may not open other files")


def _open_regular(path: Path) -> FileIO:
    """Open a regular file for reading without ever waiting for it."""
    # O_NONBLOCK: a named pipe would otherwise hang the worker. By number and
    # not by name: FFmpeg then has no path against which to resolve another.
    # Windows has no such flag and needs another one.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    file = FileIO(descriptor)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        file.close()
        raise OSError("not a regular file")
    return file


class _Source:
    """An opened file with its one film stream, checked but not decoded."""

    def __init__(self, path: Path, *, limits: VideoLimits) -> None:
        try:
            self.file = _open_regular(path)
        except OSError as error:
            raise unreadable("no_file") from error
        try:
            self.ends_early = self._check_bytes(limits)
            self.container = self._open_container(limits, decoders=_DECODERS)
            try:
                self.stream = self._pick_stream(limits)
            except BaseException:
                self.container.close()
                raise
        except BaseException:
            self.file.close()
            raise
        self._limits = limits
        # What decoding found out; read by `FilmReader` when it is done.
        self.is_broken = False
        self.is_damaged = False
        self.is_too_long = False
        # Times, in ticks, of packets that need not be decoded.
        self.left_out: frozenset[int] = frozenset()
        self._attempts = 0
        self._errors_in_a_row = 0

    def _check_bytes(self, limits: VideoLimits) -> bool:
        size_bytes = os.fstat(self.file.fileno()).st_size
        if size_bytes > limits.max_bytes:
            text = SENTENCES["too_many_bytes"].format(limit_mb=limits.max_bytes // 1024**2)
            raise OverLimitError("too_many_bytes", text)
        return ends_early(self.file, size_bytes=size_bytes)

    def _open_container(self, limits: VideoLimits, *, decoders: str) -> InputContainer:
        self.file.seek(0)
        options = {
            "format_whitelist": _FORMATS,
            "codec_whitelist": decoders,
            # The file is handed over open; nothing else is to be reached.
            "protocol_whitelist": "none",
            "enable_drefs": "0",
            # Goes to the decoders that FFmpeg runs while it probes.
            "max_pixels": str(limits.max_pixels),
        }
        try:
            return av.open(
                self.file,
                mode="r",
                options=options,
                metadata_errors="replace",
                buffer_size=_READ_BYTES,
                io_open=_refuse_io,
            )
        except (av.FFmpegError, PermissionError, ValueError) as error:
            raise unreadable("broken_off" if self.ends_early else "not_video") from error

    def _pick_stream(self, limits: VideoLimits) -> VideoStream:
        """Take the first film stream; cover art is a photo, not a film."""
        streams = [
            stream
            for stream in self.container.streams.video
            if not stream.disposition & (Disposition.attached_pic | Disposition.still_image)
        ]
        if not streams:
            has_cover = bool(self.container.streams.video) and not self.container.streams.audio
            raise unreadable("still_picture" if has_cover else "no_picture")
        stream = streams[0]
        codec = stream.codec_context
        # No context at all: FFmpeg has no decoder for what the header names.
        name = "unknown" if codec is None else codec.codec.canonical_name
        if name not in _CODECS:
            raise unreadable("unknown_codec", codec=name)
        _check_pixels(codec.width, codec.height, limits=limits)
        for other in self.container.streams:
            if other.index != stream.index:
                other.discard = Discard.all
        return stream

    def check_declared_pixels(self) -> None:
        """Raise if it was its size that kept the film from being decoded.

        Some decoders, held back by ``max_pixels`` while FFmpeg probes, wipe
        the size that the container declares. With no decoder allowed it stays.
        """
        self.container.close()
        self.container = self._open_container(self._limits, decoders="none")
        for stream in self.container.streams.video:
            if stream.codec_context is not None:
                codec = stream.codec_context
                _check_pixels(codec.width, codec.height, limits=self._limits)

    def packets(self) -> "Iterator[av.Packet[VideoStream]]":
        """Yield the packets of the film; a file that breaks off just ends."""
        try:
            for packet in self.container.demux(self.stream):
                if packet.size:
                    yield packet
        except av.FFmpegError:
            self.is_broken = True

    def pictures(self) -> Generator[VideoFrame, None, None]:
        """Decode the film, skipping what is damaged, up to the frame limit."""
        codec = self.stream.codec_context
        if not codec.is_open:  # that is, unless this goes on after a seek
            codec.options = {"max_pixels": str(self._limits.max_pixels)}
            codec.thread_type = av.codec.context.ThreadType.AUTO
        # The None at the end makes the decoder give out what it still holds.
        for packet in itertools.chain(self.packets(), [None]):
            if packet is not None and packet.pts in self.left_out:
                continue
            for picture in self._decode(packet):
                if self._attempts >= self._limits.max_frames_read:
                    self.is_too_long = True
                    return
                self._attempts += 1
                if picture is None:
                    self._errors_in_a_row += 1
                    continue
                self.is_damaged = self.is_damaged or self._errors_in_a_row > 0
                self._errors_in_a_row = 0
                yield picture

    def _decode(self, packet: "av.Packet[VideoStream] | None") -> list[VideoFrame | None]:
        """Decode a packet; None stands for a picture that cannot be used."""
        # Transport streams mark packets after any gap, often whole ones.
        is_partial = packet is not None and packet.is_corrupt
        if is_partial and self.container.format.name != "mpegts":
            return [None]
        try:
            pictures = self.stream.decode(packet)
        except av.FFmpegError:
            return [None]
        for picture in pictures:
            # Those that come out at the end, without a packet, have no clock.
            picture.time_base = self.stream.time_base
            # AVI stores one time per packet, in the order of decoding. FFmpeg
            # turns it into a presentation time that jumps to and fro where
            # frames are reordered; as a plain clock it is right.
            if self.container.format.name == "avi":
                picture.pts = picture.dts
        return [None if picture.is_corrupt else picture for picture in pictures]

    @property
    def is_cut_off(self) -> bool:
        """Whether, read to its end, the film turned out to stop too early."""
        return self.is_broken or self.ends_early or self._errors_in_a_row >= _TRAILING_ERRORS

    def close(self) -> None:
        """Close the container and the file."""
        self.container.close()
        self.file.close()


def _time_of(picture: VideoFrame) -> float | None:
    """Presentation time as stored; old AVI files leave frames without one."""
    return picture.time


def _check_pixels(width_px: int, height_px: int, *, limits: VideoLimits) -> None:
    if width_px * height_px > limits.max_pixels:
        raise OverLimitError("too_many_pixels", SENTENCES["too_many_pixels"])


def _packet_times(source: _Source, *, count: int | None = None) -> NDArray[np.float64]:
    """Presentation times of the packets, sorted, without repeats, as stored."""
    time_base = source.stream.time_base or Fraction(1, 1000)
    ticks = set()
    for packet in itertools.islice(source.packets(), count):
        tick = packet.pts if packet.pts is not None else packet.dts
        if tick is not None and not packet.is_discard:
            ticks.add(tick)
    return np.array(sorted(ticks), dtype=np.float64) * float(time_base)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Survey:
    """The packets of a film with more pictures than are wanted, in the order of time.

    Attributes
    ----------
    ticks : ndarray of int, shape (T,)
        Presentation times.
    time_s : ndarray, shape (T,)
        The same in seconds.
    is_needed : ndarray of bool, shape (T,)
        Whether other pictures are made of it.
    """

    ticks: NDArray[np.int64]
    time_s: NDArray[np.float64]
    is_needed: NDArray[np.bool_]


def _survey(source: _Source) -> _Survey | None:
    """Look through all packets of a film; None if they have no clear times."""
    codec = source.stream.codec_context
    ticks, heads = [], []
    for packet in itertools.islice(source.packets(), _MOST_PACKETS):
        if packet.pts is None or packet.is_discard:
            return None
        ticks.append(packet.pts)
        heads.append(bytes(memoryview(packet)[:_HEAD_BYTES]))
    is_clear = len(set(ticks)) == len(ticks) < _MOST_PACKETS
    if source.container.format.name == "avi" or not is_clear:
        return None
    spare = disposable(heads, codec=codec.codec.canonical_name, extradata=codec.extradata)
    order = np.argsort(ticks)
    sorted_ticks = np.array(ticks)[order]
    return _Survey(
        ticks=sorted_ticks,
        time_s=sorted_ticks * float(source.stream.time_base or Fraction(1, 1000)),
        is_needed=~np.array(spare)[order],
    )


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

    _source: _Source
    _pictures: Generator[VideoFrame, None, None]
    _first: VideoFrame
    _meta: VideoMeta
    _converter: _Converter
    _warnings: list[FilmWarning]
    _is_used: bool

    def __init__(self, path: Path | str, *, limits: VideoLimits | None = None) -> None:
        self._path = Path(path)
        self._limits = limits or VideoLimits()
        source = _Source(self._path, limits=self._limits)
        try:
            self._fps = measure_fps(_packet_times(source, count=_RATE_PACKETS))
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
        survey = None
        if thinned_fps(self._fps, max_fps=max_fps) < self._fps:
            survey = self._look_through()
        if survey is None:
            thinner = Thinner(fps=self._fps, max_fps=max_fps)
            return lambda time_s, picture: thinner.keep(time_s)
        picked = pick_frames(survey.time_s, survey.is_needed, fps=self._fps, max_fps=max_fps)
        ticks = frozenset(survey.ticks[picked].tolist())
        self._source.left_out = frozenset(survey.ticks[~picked & ~survey.is_needed].tolist())
        return lambda time_s, picture: picture.pts in ticks

    def _look_through(self) -> _Survey | None:
        source = _Source(self._path, limits=self._limits)
        try:
            return _survey(source)
        finally:
            source.close()

    def _start(self) -> None:
        """Open the file and decode its first frame."""
        self._warnings = []
        self._is_used = False
        self._source = source = _Source(self._path, limits=self._limits)
        try:
            self._pictures = source.pictures()
            first = next(self._pictures, None)
            if first is None:
                source.check_declared_pixels()
                is_torn = source.ends_early or source.is_broken
                raise unreadable("broken_off" if is_torn else "no_frames")
            _check_pixels(first.width, first.height, limits=self._limits)
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
        start_s = _time_of(first) or 0.0
        last_s = -math.inf
        stopped_by: WarningId | None = None
        for picture in itertools.chain([first], self._pictures):
            stored_s = _time_of(picture)
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


def _converter(meta: VideoMeta) -> _Converter:
    return _Converter(
        width_px=meta.width_px,
        height_px=meta.height_px,
        quarter_turns=meta.rotation_deg // 90,
    )


def _describe(source: _Source, first: VideoFrame, *, fps: float) -> VideoMeta:
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
    source = _Source(Path(path), limits=VideoLimits())
    try:
        times_s = _packet_times(source)
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
    source = _Source(path, limits=VideoLimits())
    try:
        pictures = source.pictures()
        first = next(pictures, None)
        if first is None:
            return None
        start_s = _time_of(first) or 0.0
        target_s = start_s + time_s
        before = first
        if by_seeking and time_s > 0:
            tick = int(target_s / (source.stream.time_base or Fraction(1, 1000)))
            source.container.seek(tick, stream=source.stream)
            pictures = source.pictures()
            landed = next(pictures, None)
            # Transport streams seek by guessing, and may end up too late.
            if landed is None or (_time_of(landed) or math.inf) > target_s:
                return None
            before = landed
        nearest = _nearest(before, pictures, target_s=target_s)
        rgb = _converter(_describe(source, first, fps=math.nan)).rgb(nearest)
        return rgb, (_time_of(nearest) or start_s) - start_s
    finally:
        source.close()


def _nearest(before: VideoFrame, rest: Iterator[VideoFrame], *, target_s: float) -> VideoFrame:
    """Decode on until a time is reached; return the picture nearest to it."""
    nearest, distance_s = before, abs((_time_of(before) or 0.0) - target_s)
    for picture in rest if (_time_of(before) or 0.0) < target_s else ():
        time_s = _time_of(picture)
        if time_s is None:
            continue
        if abs(time_s - target_s) < distance_s:
            nearest, distance_s = picture, abs(time_s - target_s)
        if time_s >= target_s:
            break
    return nearest
