"""What a phone, bad light and a small file do to a picture, and writing the film."""

from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.calibration.sample import Film, Rng

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

#: Noise pictures made once per clip; each frame takes another, shifted and mirrored.
NOISE_PICTURES = 3


class Degrade:
    """The faults of one clip's film."""

    def __init__(self, film: Film, rng: Rng) -> None:
        self.film, self._rng = film, rng
        shape = (NOISE_PICTURES, film.height + 16, film.width + 16)
        grain = rng.normal(size=(*shape, 1)) + 0.5 * rng.normal(size=(*shape, 3))
        self._grain = (film.noise * grain).astype(np.float32)
        self._curves = self._tone()
        self._edge = self._vignette()

    def _tone(self) -> Bytes:
        """Return one curve per channel for gain, gamma and white balance, shape (1, 256, 3)."""
        x = np.linspace(0, 1, 256) ** 2.2
        columns = [
            255 * np.clip(x * self.film.gain * w, 0, 1) ** (self.film.gamma / 2.2)
            for w in self.film.white
        ]
        return np.stack(columns, -1)[None].astype(np.uint8)

    def _vignette(self) -> Floats | None:
        if self.film.vignette == 0:
            return None
        y = np.linspace(-1, 1, self.film.height)[:, None]
        x = np.linspace(-1, 1, self.film.width)[None]
        return (1 - self.film.vignette * 0.5 * (x**2 + y**2))[..., None].astype(np.float32)

    def __call__(self, picture: Bytes, speed_px: float) -> Bytes:
        """Return the frame as filmed.

        Parameters
        ----------
        picture : ndarray, shape (height, width, 4)
            From the renderer; alpha above 0 is lifter or things.
        speed_px : float
            Pixels that the lifter moves down from this frame to the next.
        """
        f = self.film
        image = np.ascontiguousarray(picture[..., :3])
        length = round(abs(speed_px) * f.motion_blur)
        if length >= 2:
            image = _smear(image, np.ascontiguousarray(picture[..., 3]), length)
        if f.shrink < 1:
            small = (max(int(f.width * f.shrink), 2), max(int(f.height * f.shrink), 2))
            image = _resized(image, small, cv2.INTER_AREA)
            image = _resized(image, (f.width, f.height), cv2.INTER_LINEAR)
        scale = max(f.width, f.height) / 768
        if f.blur * scale > 0.25:
            image = np.asarray(cv2.GaussianBlur(image, (0, 0), f.blur * scale), dtype=np.uint8)
        frame = np.asarray(cv2.LUT(image, self._curves), dtype=np.float32)
        if self._edge is not None:
            frame *= self._edge
        if f.sharpen:
            frame += f.sharpen * (frame - cv2.GaussianBlur(frame, (0, 0), 1.2))
        frame += self._noise() * (1.15 - 0.5 / 255 * frame)
        return np.clip(frame, 0, 255).astype(np.uint8)

    def _noise(self) -> Floats:
        k, dy, dx = (int(self._rng.integers(n)) for n in (NOISE_PICTURES, 16, 16))
        part = self._grain[k, dy : dy + self.film.height, dx : dx + self.film.width]
        return part[:, ::-1] if self._rng.random() < 0.5 else part


def _resized(image: Bytes, size: tuple[int, int], how: int) -> Bytes:
    return np.asarray(cv2.resize(image, size, interpolation=how), dtype=np.uint8)


def _smear(image: Bytes, alpha: Bytes, length: int) -> Bytes:
    """Blur what moves along the vertical; the room stays sharp."""
    on = (alpha > 30).astype(np.float32)
    soft = cv2.blur(on, (1, length))
    moved = cv2.blur(image.astype(np.float32) * on[..., None], (1, length))
    return np.clip(moved + image * (1 - soft[..., None]), 0, 255).astype(np.uint8)


class Writer:
    """An H.264 file that grows frame by frame; a context manager."""

    def __init__(self, path: Path, film: Film) -> None:
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "faststart"})
        stream = self._container.add_stream("libx264", rate=film.fps)
        stream.width, stream.height, stream.pix_fmt = film.width, film.height, "yuv420p"
        stream.options = {"crf": str(film.crf), "preset": "veryfast"}
        stream.codec_context.thread_count = 1
        stream.codec_context.time_base = Fraction(1, film.fps)
        self._stream = stream

    def __enter__(self) -> "Writer":
        """Return the writer itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the file."""
        if kind is None:
            self._container.mux(self._stream.encode(None))
        self._container.close()

    def add(self, frame: Bytes) -> None:
        """Append one RGB frame."""
        picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
        self._container.mux(self._stream.encode(picture))
