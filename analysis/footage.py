"""What is taken from the frames as they go by; none of the frames is kept.

One pass over the small film follows the lifter, samples the silhouette, and looks at
the light and the tilt of the camera; in stretches, on all cores.
"""

import itertools
import math
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analysis.film import KeptFilm
from analysis.people import Sighting
from analysis.pose import CONFIDENCE, Detection, PoseModel, PoseTrack
from analysis.resample import between, between_pictures
from analysis.silhouette import Silhouette, sample_silhouette
from analysis.tracking import Follower, Scene, TrackedFrame
from analysis.view import Side, camera_roll_deg, facing_of, side_of, side_of_track

NAN = float("nan")

# A film is looked at in stretches of at most this length, seconds, cut at most this
# share of a stretch away from the even cut; a shorter film in one.
_STRETCH_S, _SHIFT = 6.0, 0.2
# Hips lower than the highest around by less than this share of the body's length are as
# good a place to cut; the one nearest to the even cut is taken.
_LEVEL = 0.02
_LEAST_PARTED_S = 3.0
# Hips this high over the ankles, as a share of the leg's length, are of somebody who
# stands, or is far from where backs round (parallel is at about 0.5, early winks begin
# at 0.7). They are read off between the looks, of which there are three a second, and
# must be so for a while before and after too; far from any look nothing is known.
_HIGH, _SLACK_S, _AROUND_S = 0.8, 0.1, 0.35
# Pictures before a stretch that the pose model sees only to find its way.
_RUN_IN = 4
# Each takes 60 MB.
_MOST_WORKERS = 4
# Light and tilt change slowly: one look in so many pictures.
_LOOK_EVERY = 15
_LIGHT_SIDE_PX = 32
# All lifters are shown to the pose model looking the same way, so that a mirrored film
# gives the mirrored result: those who show this side, as in a mirror.
_TURNED: Final[Side] = "right"
# Found in fewer frames than this, the lifter is looked for again with less
# confidence; the better of the two tracks is kept.
_FOUND_ENOUGH, _WORTH_IT = 0.9, 0.05
_LOW_CONFIDENCE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """One lifter over a film, as far as it is measured; arrays have shape (T, ...).

    Attributes
    ----------
    track : PoseTrack
        Landmarks in pixels of the film.
    side : {"left", "right"}
        The side of the body that the camera sees.
    body_px : float
        Length of the body in pixels of the film.
    ray_px : ndarray, shape (T, 100)
        Rays of the silhouette in pixels of the film, NaN = missing.
    back_px : ndarray, shape (T, 30, 2)
        Outline of the back in pixels of the film.
    patch : ndarray of uint8, shape (T, 40, 40)
        The mask around the hips.
    top_px : ndarray, shape (T,)
        Upper end of the silhouette, y down.
    brightness : float
        Mean of the pictures, 0 to 255.
    roll_deg : float
        Tilt of the camera, NaN = unknown.
    """

    track: PoseTrack
    side: Side
    body_px: float
    ray_px: NDArray[np.float64]
    back_px: NDArray[np.float64]
    patch: NDArray[np.uint8]
    top_px: NDArray[np.float64]
    brightness: float
    roll_deg: float


def take_footage(
    film: KeptFilm,
    model: PoseModel,
    scene: Scene,
    *,
    on_frame: Callable[[float], None] = lambda time_s: None,
    workers: int | None = None,
) -> Footage:
    """Run the film past the pose model, a second time if that went badly.

    Parameters
    ----------
    film : KeptFilm
    model : PoseModel
    scene : Scene
        From :func:`analysis.tracking.scout` on the same film.
    on_frame : callable, optional
        Is told how much of the film is done, in seconds; from any thread, one at a time.
    workers : int, optional
        Threads, of which the result does not depend; one for each core by default.

    Returns
    -------
    Footage
    """
    passing = partial(
        _pass, film, model, scene, on_frame=on_frame, workers=workers or usual_workers()
    )
    side = side_of(scene.person.sightings)
    footage = passing(side=side)
    if side_of_track(footage.track) != side:
        # A few looks at somebody half hidden can be wrong; all frames together decide.
        side = side_of_track(footage.track)
        footage = passing(side=side)
    # Who is found by seeds is looked for with little confidence from the start.
    if scene.stance is None and footage.track.found.mean() < _FOUND_ENOUGH:
        again = passing(side=side, confidence=_LOW_CONFIDENCE)
        if again.track.found.mean() > footage.track.found.mean() + _WORTH_IT:
            return again
    return footage


def usual_workers() -> int:
    """Threads for one film: as many as there are cores for this process, up to four."""
    return min(len(os.sched_getaffinity(0)), _MOST_WORKERS)


def worth_looking(kept_s: NDArray[np.float64], scene: Scene) -> NDArray[np.intp]:
    """Pick the pictures that the pose model gets.

    Parameters
    ----------
    kept_s : ndarray, shape (K,)
        Times of the pictures to be had.
    scene : Scene
        From :func:`analysis.tracking.scout`.

    Returns
    -------
    ndarray of int, shape (L,)
        All pictures of the lower part of squats, every second one of the rest; first
        and last are among them. All of a film that is shorter than a squat, or whose
        first look saw the lifter too seldom to tell.
    """
    last = len(kept_s) - 1
    if kept_s[-1] - kept_s[0] < _LEAST_PARTED_S or not scene.is_pinned:
        return np.arange(last + 1)
    seen_s = np.array([s.time_s for s in scene.person.sightings])
    is_seen = (np.abs(kept_s[:, None] - seen_s) < _AROUND_S).any(axis=1)
    around_s = kept_s[:, None] + np.array([-_SLACK_S, 0.0, _SLACK_S])
    heights = np.interp(around_s, seen_s, scene.person.hip_heights)
    is_high = is_seen & (heights.min(axis=1) >= _HIGH)
    picked = [0]
    for k in range(1, last + 1):
        if not is_high[k] or k - picked[-1] > 1 or k == last:
            picked.append(k)
    return np.array(picked)


def stretches(kept_s: NDArray[np.float64], sightings: Sequence[Sighting]) -> list[tuple[int, int]]:
    """Cut a film into stretches that are looked at by themselves.

    Parameters
    ----------
    kept_s : ndarray, shape (K,)
        Times of the pictures.
    sightings : sequence of Sighting
        Of the lifter. A stretch begins where the hips are high, if it can: upright
        people are found most surely.

    Returns
    -------
    list of (int, int)
        First picture and the one after the last; together all pictures. They depend on
        the film alone, so that the result does not depend on who looks at them.
    """
    length_s = float(kept_s[-1] - kept_s[0])
    # An even number: two cores are what most machines have.
    count = 2 * math.ceil(length_s / (2 * _STRETCH_S)) if length_s > _LEAST_PARTED_S else 1
    cuts = [0]
    # Of equal numbers of pictures, which are the work.
    for at_s in kept_s[np.linspace(0, len(kept_s) - 1, count + 1).round().astype(int)][1:-1]:
        near = [s for s in sightings if abs(s.time_s - at_s) < _SHIFT * length_s / count]
        top_px = min((s.hip_px[1] for s in near), default=0.0)
        upright_s = [s.time_s for s in near if s.hip_px[1] <= top_px + _LEVEL * s.height_px]
        cut_s = min(upright_s, key=lambda t: abs(t - at_s), default=at_s)
        cuts.append(int(np.searchsorted(kept_s, cut_s)))
    return list(itertools.pairwise([*cuts, len(kept_s)]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """What one frame leaves behind."""

    detection: Detection | None
    shape: Silhouette
    brightness: float
    roll_deg: float


def _pass(
    film: KeptFilm,
    model: PoseModel,
    scene: Scene,
    *,
    side: Side,
    on_frame: Callable[[float], None],
    workers: int,
    confidence: float = CONFIDENCE,
) -> Footage:
    looked = worth_looking(film.kept_s, scene)
    kept_s = film.kept_s[looked]
    taken: list[_Taken | None] = [None] * len(kept_s)
    parts = stretches(kept_s, scene.person.sightings)
    take = _Taker(scene, side=side)
    lock = threading.Lock()
    n_done = itertools.count(1)

    def work(mine: list[tuple[int, int]]) -> None:
        with Follower(model, scene, confidence=confidence, in_mirror=side == _TURNED) as follower:
            for begin, end in mine:
                run_in = max(begin - _RUN_IN, 0)
                seen_frames = follower.follow(film.pictures(looked[run_in:end]))
                for k, seen in enumerate(seen_frames, start=run_in):
                    if k < begin:
                        continue
                    taken[k] = take(seen, looks=k % _LOOK_EVERY == 0)
                    with lock:
                        on_frame(float(kept_s[-1]) * next(n_done) / len(kept_s))

    hands = _dealt_out(parts, hands=workers)
    with ThreadPoolExecutor(len(hands), "follow") as pool:
        for future in [pool.submit(work, mine) for mine in hands]:
            future.result()
    whole = [one for one in taken if one is not None]
    return _gather(film.time_s, kept_s, scene, whole, side=side)


def _dealt_out(parts: list[tuple[int, int]], *, hands: int) -> list[list[tuple[int, int]]]:
    """Give each thread its stretches: the longest first, to whoever has least to do.

    All are done at about the same time; and not who comes first decides, since MediaPipe
    keeps a trace of what it saw before.
    """
    dealt: list[list[tuple[int, int]]] = [[] for _ in range(min(hands, len(parts)))]
    for part in sorted(parts, key=lambda part: part[0] - part[1]):
        min(dealt, key=lambda mine: sum(end - begin for begin, end in mine)).append(part)
    return dealt


class _Taker:
    """Takes from a frame what is measured later."""

    def __init__(self, scene: Scene, *, side: Side) -> None:
        self._film_px, self._region = scene.film_px, scene.region
        self._facing = facing_of(side)
        self._body_px = scene.person.height_px * self._region.scale

    def __call__(self, seen: TrackedFrame, *, looks: bool) -> _Taken:
        light = roll_deg = NAN
        if looks:
            light = float(seen.frame.rgb(_LIGHT_SIDE_PX, _LIGHT_SIDE_PX).mean())
            roll_deg = camera_roll_deg(self._region.cut(seen.frame, film_px=self._film_px))
        return _Taken(
            # Without its mask: masks are large and are not needed any more.
            detection=seen.detection and replace(seen.detection, mask=None),
            shape=self._shape(seen.detection),
            brightness=light,
            roll_deg=roll_deg,
        )

    def _shape(self, detection: Detection | None) -> Silhouette:
        if detection is None or detection.mask is None:
            return Silhouette.empty()
        return sample_silhouette(
            detection.mask,
            self._region.points_from_film(detection.xy_px),
            facing=self._facing,
            body_px=self._body_px,
        )


def _gather(
    time_s: NDArray[np.float64],
    kept_s: NDArray[np.float64],
    scene: Scene,
    taken: list[_Taken],
    *,
    side: Side,
) -> Footage:
    """Put the frames together; between those looked at, curves are read off."""
    region = scene.region

    def spread(rows: Sequence[NDArray[np.float64] | float]) -> NDArray[np.float64]:
        return between(time_s, kept_s, np.array(rows, dtype=np.float64))

    shapes = [one.shape for one in taken]
    seen = PoseTrack.from_detections(kept_s.tolist(), [one.detection for one in taken])
    rolls = np.array([one.roll_deg for one in taken[::_LOOK_EVERY]])
    return Footage(
        track=PoseTrack(
            time_s=time_s,
            xy_px=between(time_s, kept_s, seen.xy_px),
            world_m=between(time_s, kept_s, seen.world_m),
            visibility=_visibility(time_s, seen),
        ),
        side=side,
        body_px=scene.person.height_px,
        ray_px=spread([s.ray_px for s in shapes]) / region.scale,
        back_px=region.points_to_film(spread([s.back_px for s in shapes])),
        patch=between_pictures(time_s, kept_s, np.array([s.patch for s in shapes])),
        top_px=region.points_to_film(
            spread([np.array([0.0, s.top_px]) for s in shapes]),
        )[:, 1],
        brightness=float(np.nanmean([one.brightness for one in taken[::_LOOK_EVERY]])),
        roll_deg=float(np.nanmedian(rolls)) if np.isfinite(rolls).mean() > 0.5 else NAN,
    )


def _visibility(time_s: NDArray[np.float64], seen: PoseTrack) -> NDArray[np.float64]:
    """Read off the visibilities; 0 where the landmarks are missing."""
    known = np.where(seen.found[:, None], seen.visibility, np.nan)
    return np.clip(np.nan_to_num(between(time_s, seen.time_s, known)), 0.0, 1.0)
