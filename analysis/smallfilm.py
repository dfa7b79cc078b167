"""A film, decoded once, as small pictures: what all that follows looks at.

Decoding is the dearest part of a large film. So it is done once: each picture is made
small and goes to the preview; 15 of them a second, which the pose model may get, are
kept as a JPEG in a file without a name, from which they are read in any order.
"""

import os
import queue
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av
import numpy as np
from av.codec.context import ThreadType
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from analysis.film import KeptFilm, Thinner, VideoMeta, thinned_fps
from analysis.frame import Frame
from analysis.preview import PreviewWriter
from analysis.video import FilmReader

#: A picture: seconds, RGB, and its size as a share of the film's.
Shown = tuple[float, NDArray[np.uint8], float]

# Shorter side of the small pictures, pixels: the pose model looks at 256 pixels around
# the lifter, who mostly fills half of the picture or more.
_SIDE_PX: Final = 540
# Squats hold nothing of use above 6 Hz (`analysis.filtering`), which 12 pictures a
# second carry. The pose model may get a few more, and of films of any rate as many, so
# that none is measured more coarsely than another.
_KEPT_PER_S: Final = 15.0
# Fineness of the pictures by FFmpeg's scale, 2 being the finest but one: nobody sees a
# difference to the original. A picture of grain, which has no small JPEG, is made
# coarser: 90 s stay under the largest file a worker may write.
_FINEST, _COARSEST = "2", "31"
_MOST_BITS: Final = 12_000_000
_TICK: Final = Fraction(1, 90_000)
# Pictures that may wait for a thread that is behind.
_BACKLOG: Final = 4


@dataclass(frozen=True, slots=True)
class _Kept:
    """Where a picture that was kept lies."""

    index: int
    time_s: float
    begin: int
    size: int


def small_size(film_px: tuple[int, int]) -> tuple[int, int]:
    """Size of the small pictures: the shorter side 540 pixels or less, both sides even.

    Parameters
    ----------
    film_px : (width, height)

    Returns
    -------
    (width, height)
    """
    scale = min(1.0, _SIDE_PX / min(film_px))
    wide, high = (max(2, 2 * round(side * scale / 2)) for side in film_px)
    return wide, high


def small_pictures(film: KeptFilm, which: Iterable[int]) -> Iterator[Shown]:
    """Read pictures that were kept, at the size at which they were.

    Parameters
    ----------
    film : KeptFilm
    which : iterable of int
        Counted as in `KeptFilm.kept_s`.

    Yields
    ------
    (float, ndarray of uint8, shape (H, W, 3), float)
        Seconds, RGB, and its size as a share of the film's.
    """
    wide, high = small_size(film.size_px)
    for frame in film.pictures(which):
        yield frame.time_s, frame.rgb(wide, high), wide / film.size_px[0]


class SmallFilm:
    """Small pictures of a film, upright and in time.

    Parameters
    ----------
    reader : FilmReader
        The film; is read to its end by the first call of `frames`.
    preview : Path, optional
        Where that call writes the film for the pages.

    Notes
    -----
    Use it in a ``with``. The first call of `frames` must run to its end before
    `pictures` and the attributes of time are of use.
    """

    def __init__(self, reader: FilmReader, *, preview: Path | None = None) -> None:
        self._reader = reader
        self._preview = preview
        self._size = small_size(reader.size_px)
        matrix = reader.first.matrix
        # No preview has the colours of BT.2020 (see `PreviewWriter`).
        self._matrix = Colorspace.ITU709 if matrix is Colorspace.BT2020 else matrix
        # Nobody can open what has no name, and it is gone with this process.
        folder = None if preview is None else preview.parent
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115
        self._times: list[float] = []
        self._kept: list[_Kept] = []
        self._is_whole = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    @property
    def meta(self) -> VideoMeta:
        """What is known about the film so far; sizes are those of the film itself."""
        return self._reader.meta

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the upright film itself."""
        return self._reader.size_px

    @property
    def time_s(self) -> NDArray[np.float64]:
        """Times of all frames at about 30 a second, shape (T,)."""
        return np.array(self._times)

    @property
    def kept_s(self) -> NDArray[np.float64]:
        """Times of those that were kept, shape (K,); first and last frame are among them."""
        return np.array([kept.time_s for kept in self._kept])

    def frames(self, *, max_fps: float = 30.0) -> Iterator[Frame]:
        """Stream the film from its start, thinned to a few pictures a second.

        Parameters
        ----------
        max_fps : float
            See `FilmReader.frames`.

        Yields
        ------
        Frame
        """
        if not self._is_whole:
            yield from self._record(max_fps)
            return
        thinner = Thinner(fps=1 / float(np.diff(self.kept_s).mean()), max_fps=max_fps)
        yield from self.pictures(k for k, t in enumerate(self.kept_s) if thinner.keep(float(t)))

    def pictures(self, which: Iterable[int]) -> Iterator[Frame]:
        """Read pictures that were kept; may be done in several threads at once.

        Parameters
        ----------
        which : iterable of int
            Counted as in `kept_s`.

        Yields
        ------
        Frame
            Its index counts all frames, as in `time_s`.
        """
        decoder = av.CodecContext.create("mjpeg", "r")
        assert isinstance(decoder, VideoCodecContext)
        decoder.thread_type, decoder.thread_count = ThreadType.NONE, 1
        give = self._framer()
        for kept in map(self._kept.__getitem__, which):
            data = os.pread(self._file.fileno(), kept.size, kept.begin)
            (picture,) = decoder.decode(av.Packet(data))
            picture.colorspace = self._matrix
            yield give(kept.index, kept.time_s, picture)

    def _framer(self) -> Callable[[int, float, VideoFrame], Frame]:
        """Return what makes frames, with scalers that no other thread uses."""
        wide, high = self.size_px
        return Frame.maker(width_px=wide, height_px=high)

    def _record(self, max_fps: float) -> Iterator[Frame]:
        """Run the film past once, in a thread of its own, and give the pictures asked for."""
        shots: queue.Queue[Frame | None] = queue.Queue(_BACKLOG)
        stop = threading.Event()
        with ThreadPoolExecutor(1, "shrink") as pool:
            done = pool.submit(self._shrink, shots, stop, max_fps)
            try:
                while (frame := shots.get()) is not None:
                    yield frame
            finally:
                stop.set()
            done.result()
        self._is_whole = True

    def _shrink(
        self, shots: "queue.Queue[Frame | None]", stop: threading.Event, max_fps: float
    ) -> None:
        try:
            with ExitStack() as stack:
                writer = None
                if self._preview is not None:
                    wide, high = self._size
                    writer = stack.enter_context(
                        PreviewWriter(
                            self._preview, width_px=wide, height_px=high, matrix=self._matrix
                        )
                    )
                self._shrink_all(shots, stop, max_fps, writer)
        finally:
            _hand_over(shots, None, stop)

    def _shrink_all(
        self,
        shots: "queue.Queue[Frame | None]",
        stop: threading.Event,
        max_fps: float,
        writer: PreviewWriter | None,
    ) -> None:
        fps = thinned_fps(self.meta.fps, max_fps=30.0)
        thinner = Thinner(fps=fps, max_fps=max_fps)
        give = self._framer()
        with _Lane() as keeping, _Lane() as previewing:
            keeper = _Keeper(self._file.fileno(), self._kept, size=self._size, interval_s=1 / fps)

            def shrink(frame: Frame) -> None:
                picture = frame.yuv(*self._size, matrix=self._matrix)
                picture.pts, picture.time_base = round(frame.time_s / _TICK), _TICK
                # What kind of picture it was in the film is of no matter in another.
                picture.pict_type = PictureType.NONE
                self._times.append(frame.time_s)
                keeping.do(partial(keeper.add, picture, frame.index, frame.time_s))
                if writer is not None:
                    previewing.do(partial(writer.add_picture, picture, frame.time_s))
                if thinner.keep(frame.time_s):
                    _hand_over(shots, give(frame.index, frame.time_s, picture), stop)

            # In a thread of its own, so that decoding need not wait for it.
            with _Lane() as shrinking:
                for frame in self._reader.frames():
                    shrinking.do(partial(shrink, frame))
                    if stop.is_set():
                        return
            keeping.do(keeper.finish)


def _hand_over(
    shots: "queue.Queue[Frame | None]", frame: Frame | None, stop: threading.Event
) -> None:
    """Wait for room in the queue, unless nobody empties it any more."""
    while not stop.is_set():
        try:
            shots.put(frame, timeout=0.1)
        except queue.Full:
            continue
        return


class _Lane:
    """A thread that does one thing after the other; who hands in too much waits."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1)
        self._room = threading.BoundedSemaphore(_BACKLOG)
        self._error: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=True)
        if kind is None and self._error is not None:
            raise self._error

    def do(self, job: Callable[[], None]) -> None:
        """Hand in; raises what an earlier job raised."""
        self._room.acquire()
        if self._error is not None:
            self._room.release()
            raise self._error
        self._pool.submit(self._run, job)

    def _run(self, job: Callable[[], None]) -> None:
        try:
            if self._error is None:
                job()
        except BaseException as error:  # told to who hands in
            self._error = error
        finally:
            self._room.release()


class _Keeper:
    """Writes the pictures that are kept."""

    def __init__(
        self, descriptor: int, kept: list[_Kept], *, size: tuple[int, int], interval_s: float
    ) -> None:
        self._descriptor = descriptor
        self._kept = kept
        self._begin = 0
        self._due_s = 0.0
        # A picture that comes half an interval before the time is the nearest to it.
        self._slack_s = interval_s / 2
        self._left_out: tuple[VideoFrame, int, float] | None = None
        encoder = av.CodecContext.create("mjpeg", "w")
        assert isinstance(encoder, VideoCodecContext)
        encoder.width, encoder.height = size
        encoder.pix_fmt = "yuv420p"
        encoder.color_range = ColorRange.MPEG
        encoder.time_base = _TICK
        encoder.framerate = Fraction(round(_KEPT_PER_S))
        encoder.bit_rate = _MOST_BITS
        # More threads would make other pictures.
        encoder.thread_count = 1
        encoder.options = {
            "qmin": _FINEST,
            "qmax": _COARSEST,
            "maxrate": str(_MOST_BITS),
            "bufsize": str(_MOST_BITS),
            # Tables made for each picture would save a tenth of the bytes.
            "huffman": "default",
            # Colours as they are, which is a range that JPEG does not know.
            "strict": "unofficial",
        }
        self._encoder = encoder

    def add(self, picture: VideoFrame, index: int, time_s: float) -> None:
        """Keep a picture if one is due."""
        if time_s + self._slack_s < self._due_s:
            self._left_out = (picture, index, time_s)
            return
        self._keep(picture, index, time_s)

    def finish(self) -> None:
        """Keep the last picture in any case: nothing can be said after the last that is kept."""
        if self._left_out is not None:
            self._keep(*self._left_out)

    def _keep(self, picture: VideoFrame, index: int, time_s: float) -> None:
        self._left_out = None
        # After a gap no crowd of them.
        self._due_s = max(self._due_s + 1 / _KEPT_PER_S, time_s + 0.5 / _KEPT_PER_S)
        for packet in self._encoder.encode(picture):
            data = bytes(packet)
            if os.pwrite(self._descriptor, data, self._begin) != len(data):
                raise OSError("no room for the small film")
            self._kept.append(_Kept(index, time_s, self._begin, len(data)))
            self._begin += len(data)
