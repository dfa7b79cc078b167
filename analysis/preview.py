"""Writing the small films that browsers play and scrub: the only file that encodes.

A preview is written while a film is analysed, frame by frame; a film to send on is made
of pictures that were drawn.
"""

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av
import numpy as np
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from analysis.frame import RgbPicture

# The clock of MPEG systems: every usual frame rate is a whole number of ticks.
_TICK: Final = Fraction(1, 90_000)
_GROUP: Final = 10
# Code points of ITU-T H.273 for matrix, primaries and transfer.
_H273: Final = {Colorspace.ITU709: 1, Colorspace.ITU601: 6}
# Small enough for one bar of signal; what is written into a picture needs a little more.
_CRF: Final = 31


class PreviewWriter:
    """Writes a small H.264 film that browsers play and scrub quickly.

    Parameters
    ----------
    path : Path or str
        Where to write the MP4. Removed again if the ``with`` block fails.
    width_px, height_px : int
        Even: the chroma planes of yuv420p have half the size.
    crf : int
        Quality by x264's own scale: 0 loses nothing, 6 more halve the bytes.
    matrix : Colorspace
        Of the pictures: BT.709 or BT.601.

    Notes
    -----
    Times are kept as they are, to a 90000th of a second; the first frame gets
    time 0. A group of ten pictures without B-frames means that a browser or
    `read_frame_at` decodes ten small pictures at most for any frame.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        width_px: int,
        height_px: int,
        crf: int = _CRF,
        matrix: Colorspace = Colorspace.ITU709,
    ) -> None:
        if width_px % 2 or height_px % 2 or min(width_px, height_px) < 2:
            raise ValueError(f"size must be even and positive, got {width_px} x {height_px}")
        self._path = Path(path)
        self._shape = (height_px, width_px, 3)
        self._scaler = VideoReformatter()
        self._start_s: float | None = None
        self._last_tick = -1
        self._container = av.open(
            str(self._path), mode="w", format="mp4", options={"movflags": "+faststart"}
        )
        self._stream = self._container.add_stream(
            "libx264",
            rate=30,
            options={
                # The quickest way, with what makes its films small (CABAC) and clean
                # (deblocking), in one thread, since others decode meanwhile: as good and as
                # small as "veryfast" at a third of the work.
                "preset": "ultrafast",
                "x264-params": "cabac=1:no-deblock=0:deblock=0,0:threads=1",
                "crf": str(crf),
                "g": str(_GROUP),
                "sc_threshold": "0",
                "bf": "0",
            },
        )
        self._stream.width, self._stream.height = width_px, height_px
        self._stream.pix_fmt = "yuv420p"
        self._stream.time_base = self._stream.codec_context.time_base = _TICK
        self._stream.color_range = ColorRange.MPEG
        self._tag(matrix)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
            return
        self._container.close()
        self._path.unlink(missing_ok=True)

    def add(self, rgb: RgbPicture, time_s: float) -> None:
        """Append a frame.

        Parameters
        ----------
        rgb : ndarray, shape (height_px, width_px, 3), uint8
        time_s : float
            On any clock; must be later than the frame before.
        """
        if rgb.shape != self._shape or rgb.dtype != np.uint8:
            raise ValueError(f"expected uint8 {self._shape}, got {rgb.dtype} {rgb.shape}")
        picture = self._scaler.reformat(
            VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24"),
            format="yuv420p",
            dst_colorspace=self._matrix,
            dst_color_range=ColorRange.MPEG,
            threads=1,
        )
        self._encode(picture, time_s)

    def add_picture(self, picture: VideoFrame, time_s: float) -> None:
        """Append a picture that is of the right size, format and matrix already.

        Parameters
        ----------
        picture : VideoFrame
            yuv420p, see `analysis.frame.Frame.yuv`; gets the time of this film.
        time_s : float
            As for `add`.
        """
        self._encode(picture, time_s)

    def _tag(self, matrix: Colorspace) -> None:
        """Name the colours: untagged films are guessed at by size, by each browser its own way."""
        self._matrix = matrix
        code = _H273[matrix]
        self._stream.colorspace = code
        self._stream.color_primaries = code
        self._stream.color_trc = code

    def _encode(self, picture: VideoFrame, time_s: float) -> None:
        if self._start_s is None:
            self._start_s = time_s
        tick = round((time_s - self._start_s) / _TICK)
        if tick <= self._last_tick:
            raise ValueError(f"time_s must increase, got {time_s}")
        self._last_tick = tick
        picture.pts, picture.time_base = tick, _TICK
        # What kind of picture it was in another film is of no matter in this one.
        picture.pict_type = PictureType.NONE
        self._container.mux(self._stream.encode(picture))

    def close(self) -> None:
        """Finish the file."""
        self._container.mux(self._stream.encode(None))
        self._container.close()
