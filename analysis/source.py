"""An uploaded film, opened and checked: its packets and the pictures as they are stored.

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
import os
import stat
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from io import FileIO
from pathlib import Path
from typing import BinaryIO, Final

import av
import numpy as np
from av.container.input import InputContainer
from av.stream import Discard, Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from analysis.disposable import disposable
from analysis.errors import OverLimitError
from analysis.film import VideoLimits
from analysis.sniff import SENTENCES, ends_early, unreadable

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

# A packet says in its first bytes what it holds; no film has more packets than this in
# what is read of it.
_HEAD_BYTES, _MOST_PACKETS = 1024, 50_000

# A film whose shorter side has so many pixels is only looked at in half of its size or
# less (`analysis.smallfilm`). There nobody sees whether the edges of blocks were smoothed
# after decoding (49 dB at the least, at 1 Mbit/s too), which is a sixth of the work. The
# pictures from which all others are counted are smoothed, so that nothing adds up for long.
_SMOOTHED_BELOW_PX: Final = 1080

# Broken packets at the end of a film that count as "it ends early". One or two
# happen at the end of whole recordings.
_TRAILING_ERRORS: Final = 3


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


class Source:
    """An opened file with its one film stream, checked but not decoded.

    Parameters
    ----------
    path : Path
    limits : VideoLimits

    Attributes
    ----------
    container : InputContainer
    stream : VideoStream
    ends_early : bool
        Whether the file is shorter than its own header says.
    left_out : frozenset of int
        Times, in ticks, of packets that need not be decoded.
    is_broken, is_damaged, is_too_long : bool
        What decoding found out; of use when it is done.

    Raises
    ------
    UnreadableError
    OverLimitError
    """

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
        self.is_broken = False
        self.is_damaged = False
        self.is_too_long = False
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
        check_pixels(codec.width, codec.height, limits=limits)
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
                check_pixels(codec.width, codec.height, limits=self._limits)

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
            if min(codec.width, codec.height) >= _SMOOTHED_BELOW_PX:
                codec.options |= {"skip_loop_filter": "nokey"}
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


def time_of(picture: VideoFrame) -> float | None:
    """Presentation time as stored; old AVI files leave frames without one."""
    return picture.time


def check_pixels(width_px: int, height_px: int, *, limits: VideoLimits) -> None:
    """Raise `OverLimitError` for a picture that is too large."""
    if width_px * height_px > limits.max_pixels:
        raise OverLimitError("too_many_pixels", SENTENCES["too_many_pixels"])


def packet_times(source: Source, *, count: int | None = None) -> NDArray[np.float64]:
    """Presentation times of the packets, sorted, without repeats, as stored."""
    time_base = source.stream.time_base or Fraction(1, 1000)
    ticks = set()
    for packet in itertools.islice(source.packets(), count):
        tick = packet.pts if packet.pts is not None else packet.dts
        if tick is not None and not packet.is_discard:
            ticks.add(tick)
    return np.array(sorted(ticks), dtype=np.float64) * float(time_base)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
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


def survey(source: Source) -> Survey | None:
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
    return Survey(
        ticks=sorted_ticks,
        time_s=sorted_ticks * float(source.stream.time_base or Fraction(1, 1000)),
        is_needed=~np.array(spare)[order],
    )
