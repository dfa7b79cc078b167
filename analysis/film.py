"""What a film is to those who look at it, and which of its frames are looked at.

Plain types and arithmetic on times; nothing here opens a file.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

# A rate this much over the wished one is left alone: 30 fps phone clips come
# in at 30.0 to 30.5, and thinning 32 to 16 would lose more than it saves.
_RATE_TOLERANCE: Final = 1.1

# Where nothing is thinned, frames closer than this share of the wished spacing
# still are: it keeps every frame of a jittery 30 fps clip (gaps of 15 to 60
# ms) but tames the 240 fps stretch inside an edited slow-motion clip.
_BURST_SHARE: Final = 0.4

WarningId = Literal["cut_off", "long_film", "damaged", "picture_changes"]

WARNING_TEXTS: Final[dict[WarningId, str]] = {
    "cut_off": (
        "The file ends early: only the first {read_s:.1f} seconds could be read. Please copy or "
        "upload the clip again."
    ),
    "long_film": (
        "The film is long: only its first {read_s:.0f} seconds were looked at. Trim it to the set."
    ),
    "damaged": (
        "Parts of the film are damaged and were left out. Please upload the clip as it came from "
        "the phone."
    ),
    "picture_changes": (
        "The picture changes its shape after {read_s:.1f} seconds; the rest was left out. Film the "
        "set in one go, without turning the phone."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoLimits:
    """How much of a film is accepted and read.

    Parameters
    ----------
    max_bytes : int
        Size on disk.
    max_pixels : int
        Pixels of one picture; the default takes 4K (4096 x 2160).
    max_frames_read : int
        Frames decoded before reading stops.
    max_analysed_s : float
        Seconds of film before reading stops.
    """

    max_bytes: int = 150 * 1024 * 1024
    max_pixels: int = 9_500_000
    max_frames_read: int = 12_000
    max_analysed_s: float = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoMeta:
    """What is known about a film.

    Parameters
    ----------
    duration_s : float
        Of what was read; before that the header's word, or NaN.
    fps : float
        Measured from the timestamps of the source, before thinning. NaN for a
        film of one frame.
    width_px, height_px : int
        Upright, after rotation, in square pixels.
    rotation_deg : int
        Counter-clockwise degrees applied to the stored pictures: 0, 90, 180
        or 270.
    filmed_on : str or None
        ISO date out of the container.
    codec, container : str
        Short names by FFmpeg, such as ``"h264"`` and ``"mov"``.
    """

    duration_s: float
    fps: float
    width_px: int
    height_px: int
    rotation_deg: int
    filmed_on: str | None
    codec: str
    container: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmWarning:
    """Something that the lifter should know about a film that was read.

    Parameters
    ----------
    id : str
        ``cut_off``, ``long_film``, ``damaged`` or ``picture_changes``.
    text : str
        One plain sentence.
    """

    id: WarningId
    text: str


class Picture(Protocol):
    """One picture of a film, not yet converted."""

    @property
    def index(self) -> int:
        """Which one it is, from 0."""
        ...

    @property
    def time_s(self) -> float:
        """Seconds from the first picture of the film."""
        ...

    def rgb(self, width_px: int | None = None, height_px: int | None = None) -> NDArray[np.uint8]:
        """Convert to RGB, upright, at the size asked for; see `analysis.frame.Frame.rgb`."""
        ...


class Film(Protocol):
    """What can be looked over from its start: a film as it came, a small one, or a photo."""

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the upright film."""
        ...

    def frames(self, *, max_fps: float = 30.0) -> Iterator[Picture]:
        """Stream the film from its start, thinned to about a wished rate."""
        ...


class KeptFilm(Film, Protocol):
    """A film of which pictures can be read in any order, by several threads at once."""

    @property
    def time_s(self) -> NDArray[np.float64]:
        """Times of all frames at about 30 a second, shape (T,)."""
        ...

    @property
    def kept_s(self) -> NDArray[np.float64]:
        """Times of the pictures to be had, shape (K,), the first and the last frame among them."""
        ...

    def pictures(self, which: Iterable[int]) -> Iterator[Picture]:
        """Read pictures, counted as in `kept_s`."""
        ...


class Thinner:
    """Picks evenly spaced frames out of a faster film, by time.

    Parameters
    ----------
    fps : float
        Rate of the film; NaN picks as if it were slow enough.
    max_fps : float
        Wished rate, taken with ten per cent of tolerance.

    Notes
    -----
    Every n-th frame would drift where the camera dropped one, and "once a
    thirtieth of a second" beats against 50 fps (gaps of 20 and 40 ms in turn).
    So the wished spacing is a whole number of source intervals, counted in
    time from the frame kept last: 60 to 30, 50 to 25, 240 to 30.
    """

    def __init__(self, *, fps: float, max_fps: float) -> None:
        if not max_fps > 0:
            raise ValueError(f"max_fps must be positive, got {max_fps}")
        every = _every(fps, max_fps)
        # Half a source interval of slack absorbs jitter and rounded times.
        self._gap_s = (every - 0.5) / fps if every > 1 else _BURST_SHARE / max_fps
        self._kept_s = -math.inf

    def keep(self, time_s: float) -> bool:
        """Whether the frame at this time is one of the picked ones."""
        if time_s - self._kept_s < self._gap_s:
            return False
        self._kept_s = time_s
        return True


def pick_frames(
    times_s: NDArray[np.float64], is_needed: NDArray[np.bool_], *, fps: float, max_fps: float
) -> NDArray[np.bool_]:
    """Pick about evenly spaced frames out of a faster film, rather those that are decoded anyway.

    Parameters
    ----------
    times_s : ndarray, shape (T,)
        Seconds, increasing.
    is_needed : ndarray of bool, shape (T,)
        Frames that others are made of.
    fps, max_fps : float
        As for :class:`Thinner`.

    Returns
    -------
    ndarray of bool, shape (T,)
        The first frame, and the first of each wished interval after it, or the one
        behind it if only that is needed.
    """
    every = _every(fps, max_fps)
    interval, place = np.divmod(np.rint((times_s - times_s[0]) * fps).astype(int), every)
    first = np.flatnonzero(np.diff(interval, prepend=-1))
    behind = np.minimum(first + 1, len(times_s) - 1)
    is_near = (interval[behind] == interval[first]) & (place[behind] == 1)
    rather = is_near & is_needed[behind] & ~is_needed[first] & (first > 0)
    picked = np.zeros(len(times_s), dtype=bool)
    picked[np.where(rather, behind, first)] = True
    return picked


def thinned_fps(fps: float, *, max_fps: float) -> float:
    """Rate of the frames that a :class:`Thinner` picks; NaN for a film without a rate."""
    return fps / _every(fps, max_fps)


def _every(fps: float, max_fps: float) -> int:
    """Every how many frames one is picked."""
    return 1 if math.isnan(fps) else math.ceil(fps / (max_fps * _RATE_TOLERANCE) - 1e-9)


def measure_fps(times_s: NDArray[np.float64]) -> float:
    """Frame rate of a film from its timestamps; NaN for fewer than two.

    Notes
    -----
    The mean of the gaps near the median gap: Matroska rounds to milliseconds
    (16 and 17 for 60 fps), where the median alone is off by two per cent, and
    pauses in the film must not count.
    """
    gaps_s = np.diff(times_s)
    gaps_s = gaps_s[gaps_s > 0]
    if not gaps_s.size:
        return math.nan
    median_s = float(np.median(gaps_s))
    usual_s = gaps_s[(gaps_s > 0.5 * median_s) & (gaps_s < 1.5 * median_s)]
    return 1.0 / float(np.mean(usual_s))


def filmed_on(metadata: dict[str, str]) -> str | None:
    """Take the ISO date out of a container; None if absent or an unset clock's."""
    # Apple's own field is in local time; the standard one is in UTC.
    for key in ("com.apple.quicktime.creationdate", "creation_time"):
        try:
            date = datetime.fromisoformat(metadata.get(key, "")).date()
        except ValueError:
            continue
        if date.year >= 2000:  # 1904 and 1970 are what unset clocks write
            return date.isoformat()
    return None
