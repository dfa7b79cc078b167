"""One frame of a film, converted when it is asked for: to RGB, or for a film of ours."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

RgbPicture = NDArray[np.uint8]


class Converter:
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
            # Shrunk in planes, which are put together afterwards: in three bytes a pixel odd
            # widths take three times as long, and even ones get coarser colours. (At their
            # own size pictures of some widths come out wrong in planes.)
            format="gbrp" if shrinks else "rgb24",
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
    _converter: Converter = field(repr=False)

    @classmethod
    def maker(cls, *, width_px: int, height_px: int) -> "Callable[[int, float, VideoFrame], Frame]":
        """Return what makes frames of pictures that are upright but of another size.

        Parameters
        ----------
        width_px, height_px : int
            Size that the frames are to speak of.
        """
        converter = Converter(width_px=width_px, height_px=height_px, quarter_turns=0)
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
