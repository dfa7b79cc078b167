"""From a film to the one person who is measured.

First a look at about three pictures a second over the whole film (who is
there, who squats, which part of the picture it happens in), then every frame
of that part of the picture, as large as the pose model can use it.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from analysis.errors import NothingUsableError
from analysis.film import Film, Picture
from analysis.people import Person, boxes_overlap, link, nearest, who_squats
from analysis.pose import CONFIDENCE, Detection, MediaPipeModel, PoseEstimator, PoseModel
from analysis.seeding import SEED_CONFIDENCE, Stance, best_seeded
from analysis.stance import find_stance, sightings_of, squatter

# Enough to see each repetition: a descent takes most of a second.
_LOOKS_PER_S = 3.0
# More heads than this are a class, and the lifter is among the largest.
_MAX_PEOPLE = 4
# The pose model looks at 256 pixels square around a person; pictures larger
# than this only cost time (12.5 ms at 640 against 15.7 at 1920, brief; and at 512
# 2 ms more than at 384 with the mask, which is as large as the picture).
_LOOK_LONG_SIDE_PX = 640
_WORK_LONG_SIDE_PX = 384
# Room around the person's own box, as a share of the body's length: the first
# look misses the ends of quick movements, and landmarks end before the skin does.
_MARGIN = 0.22
# In the second look the hips may be this share of the body's length away from
# where the first look expects them: less when others are near.
_REACH, _REACH_ALONE = 0.45, 0.9
# Below this share of pictures with a person, the first look is tried again
# with the picture shrunk into a frame and in enlarged parts.
_POOR = 0.3
_RETRY_PICTURES = 12
# A lifter seen in a smaller share of the looks between the first sighting and the
# last is not pinned down by them (a plate before the head does that): then the
# whole picture is searched, and the place is not checked.
_PINNED = 0.85
# Pictures that show where somebody stands whom the first look did not find.
_STANCE_PICTURES = 8
_GREY = 114


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A part of the upright picture, cut out at a scale of its own.

    Attributes
    ----------
    left_px, top_px, width_px, height_px : int
        In pixels of the scaled picture. May reach over its edges, which are
        then filled with grey.
    scale : float
        Scaled pixels per pixel of the upright film.
    """

    left_px: int
    top_px: int
    width_px: int
    height_px: int
    scale: float

    @classmethod
    def of_box(
        cls, box_px: NDArray[np.float64], *, long_side_px: int, within_px: tuple[int, int] | None
    ) -> "Region":
        """Lay a region over a box (left, top, right, bottom; pixels of the film).

        Parameters
        ----------
        box_px : ndarray, shape (4,)
        long_side_px : int
            What the longer side is scaled down to; nothing is scaled up.
        within_px : (width, height) or None
            Size of the picture that the region is kept inside of.
        """
        left, top, right, bottom = box_px
        if within_px is not None:
            left, top = max(left, 0.0), max(top, 0.0)
            right, bottom = min(right, within_px[0]), min(bottom, within_px[1])
        wide, high = max(right - left, 16.0), max(bottom - top, 16.0)
        scale = min(1.0, long_side_px / max(wide, high))
        return cls(
            left_px=round(left * scale),
            top_px=round(top * scale),
            width_px=max(16, round(wide * scale)),
            height_px=max(16, round(high * scale)),
            scale=scale,
        )

    def cut(
        self, frame: Picture, *, film_px: tuple[int, int], in_mirror: bool = False
    ) -> NDArray[np.uint8]:
        """Return the region as contiguous RGB, shape (height_px, width_px, 3)."""
        wide, high = (max(1, round(side * self.scale)) for side in film_px)
        picture = frame.rgb(width_px=wide, height_px=high)
        x0, y0 = max(self.left_px, 0), max(self.top_px, 0)
        x1, y1 = self.left_px + self.width_px, self.top_px + self.height_px
        inside = picture[y0:y1, x0:x1]
        if inside.shape[:2] != (self.height_px, self.width_px):
            padded = np.full((self.height_px, self.width_px, 3), _GREY, np.uint8)
            dx, dy = x0 - self.left_px, y0 - self.top_px
            padded[dy : dy + inside.shape[0], dx : dx + inside.shape[1]] = inside
            inside = padded
        return np.ascontiguousarray(inside[:, ::-1] if in_mirror else inside)

    def to_film(self, detection: Detection) -> Detection:
        """Move a detection from pixels of the region to pixels of the film."""
        return Detection(
            xy_px=self.points_to_film(detection.xy_px),
            world_m=detection.world_m,
            visibility=detection.visibility,
            mask=detection.mask,
        )

    def points_to_film(self, points_px: NDArray[np.float64]) -> NDArray[np.float64]:
        """Move points (..., 2) from the region to the film."""
        return np.asarray((points_px + np.array([self.left_px, self.top_px])) / self.scale)

    def points_from_film(self, points_px: NDArray[np.float64]) -> NDArray[np.float64]:
        """Move points (..., 2) from the film to the region."""
        return np.asarray(points_px * self.scale - np.array([self.left_px, self.top_px]))

    def stance_to_film(self, stance: Stance) -> Stance:
        """Move a stance from the region to the film."""
        ankle_px = self.points_to_film(stance.ankle_px)
        return replace(stance, ankle_px=ankle_px, leg_px=stance.leg_px / self.scale)

    def stance_from_film(self, stance: Stance) -> Stance:
        """Move a stance from the film to the region."""
        ankle_px = self.points_from_film(stance.ankle_px)
        return replace(stance, ankle_px=ankle_px, leg_px=stance.leg_px * self.scale)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the first look found.

    Attributes
    ----------
    people : tuple of Person
        From left to right.
    lifter : int
        Index of the one who is measured.
    film_px : (width, height)
        Size of the upright film.
    is_pinned : bool
        Whether the first look saw the lifter often enough to tell where the
        hips are in between.
    stance : Stance or None
        Where the lifter stands, in pixels of the film, if only seeds show it
        (`analysis.seeding`).
    work_px : int
        Longer side of the part of the picture that the pose model gets.
    """

    people: tuple[Person, ...]
    lifter: int
    film_px: tuple[int, int]
    is_pinned: bool
    stance: Stance | None = None
    work_px: int = _WORK_LONG_SIDE_PX

    @property
    def person(self) -> Person:
        """The one who is measured."""
        return self.people[self.lifter]

    @property
    def area_px(self) -> NDArray[np.float64]:
        """The lifter's box with room around it, in pixels of the film, shape (4,)."""
        if not self.is_pinned:
            return np.array([0.0, 0.0, *self.film_px])
        return self.person.box_px + _MARGIN * self.person.height_px * np.array([-1, -1, 1, 1])

    @property
    def region(self) -> Region:
        """The part of the picture in which the lifter moves."""
        return Region.of_box(self.area_px, long_side_px=self.work_px, within_px=self.film_px)

    @property
    def is_crowded(self) -> bool:
        """Whether somebody else comes into the lifter's part of the picture."""
        others = [p for k, p in enumerate(self.people) if k != self.lifter]
        return any(boxes_overlap(self.area_px, other.box_px) for other in others)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedFrame:
    """One frame of the second look.

    Attributes
    ----------
    frame : Picture
    detection : Detection or None
        The lifter in pixels of the film; its mask in pixels of the region.
    """

    frame: Picture
    detection: Detection | None


def scout(
    film: Film,
    model: PoseModel,
    *,
    person: int | None = None,
    on_progress: Callable[[float], None] = lambda time_s: None,
    on_look: Callable[[float, list[Detection]], None] = lambda time_s, found: None,
) -> Scene:
    """Look over the film: who is there, and who squats.

    Parameters
    ----------
    film : Film
    model : PoseModel
    person : int, optional
        Index (from the left, from 0) of the person to measure; otherwise the
        one who squats.
    on_progress : callable, optional
        Is told the time in the film.
    on_look : callable, optional
        Is told the time of each picture and who was found in it.

    Returns
    -------
    Scene

    Raises
    ------
    NothingUsableError
        If nobody is in the film, or `person` is not there.
    """
    film_px = film.size_px
    whole = Region.of_box(
        np.array([0.0, 0.0, *film_px]), long_side_px=_LOOK_LONG_SIDE_PX, within_px=None
    )
    with model.open(tracking=False, max_people=_MAX_PEOPLE, masks=False) as estimator:
        looks = []
        for frame in film.frames(max_fps=_LOOKS_PER_S):
            on_progress(frame.time_s)
            looks.append((frame.time_s, _look(estimator, frame, [whole], film_px)))
            on_look(*looks[-1])
        n_looks = len(looks)
        if np.mean([bool(found) for _, found in looks]) < _POOR:
            looks = _look_harder(film, estimator, film_px, of=n_looks) or looks
    people = link(looks)
    chosen = who_squats(people) if person is None else person
    times_s = [time_s for time_s, _ in looks]
    is_pinned = bool(
        chosen is not None
        and 0 <= chosen < len(people)
        and _coverage(people[chosen], times_s) > _PINNED
    )
    if person is None and not is_pinned:
        seeded = _scout_seeded(film, model, whole, of=n_looks)
        if seeded is not None:
            return seeded
    if chosen is None:
        raise NothingUsableError(
            "no_person",
            "Nobody could be found in this film. Film from the side, with the whole body and "
            "both feet in the picture.",
        )
    if not 0 <= chosen < len(people):
        raise NothingUsableError(
            "no_such_person", f"There is no person number {chosen + 1} in this film."
        )
    return Scene(
        people=people,
        lifter=chosen,
        film_px=film_px,
        is_pinned=is_pinned,
    )


def open_ahead(model: MediaPipeModel) -> None:
    """Open what the first look at a film needs, before there is a film.

    Those that follow the lifter are opened later: all at once they take much memory, and
    after the first one they open quickly.
    """
    model.open_ahead(tracking=False, max_people=_MAX_PEOPLE, masks=False)


class Follower:
    """Finds the lifter in the frames of one stretch of film after another.

    Parameters
    ----------
    model : PoseModel
    scene : Scene
        From :func:`scout` on the same film.
    confidence : float, optional
        How sure the pose model must be of a person. Less than its default helps
        where a plate hides the head; the place is checked in any case.
    in_mirror : bool, optional
        Whether to show the pose model the mirror image, which it does not see as the
        mirror of what it sees in the picture: where a joint lies differs by centimetres.
        What is found is turned back.

    Notes
    -----
    Use it in a ``with``, and in one thread. What it finds in a stretch does not
    depend on the stretches before.
    """

    def __init__(
        self,
        model: PoseModel,
        scene: Scene,
        *,
        confidence: float = CONFIDENCE,
        in_mirror: bool = False,
    ) -> None:
        self._scene = scene
        # Seeds are turned instead.
        self._in_mirror = in_mirror and scene.stance is None
        self._region = scene.region
        self._hip_at = scene.person.hips()
        max_people = min(_MAX_PEOPLE, len(scene.people)) if scene.is_crowded else 1
        reach = _REACH if scene.is_crowded else _REACH_ALONE
        self._reach_px = reach * scene.person.height_px
        if not scene.is_pinned:
            self._reach_px, max_people = np.inf, 1
        self._stance = scene.stance and self._region.stance_from_film(scene.stance)
        self._height_at = scene.person.heights()
        if self._stance is not None:
            max_people, confidence = 1, SEED_CONFIDENCE
        self._estimator = model.open(
            tracking=True, max_people=max_people, masks=True, confidence=confidence
        )

    def __enter__(self) -> Self:
        self._estimator.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._estimator.__exit__(kind, error, trace)

    def follow(self, frames: Iterable[Picture]) -> Iterator[TrackedFrame]:
        """Find the lifter in every frame of a stretch.

        Parameters
        ----------
        frames : iterable of Picture
            In the order of time.

        Yields
        ------
        TrackedFrame
            A frame whose only people are others has no detection: a gap is honest,
            a mixture is not.
        """
        self._estimator.forget()
        for frame in frames:
            rgb = self._region.cut(frame, film_px=self._scene.film_px, in_mirror=self._in_mirror)
            yield TrackedFrame(frame=frame, detection=self._find(rgb, frame.time_s))

    def _find(self, rgb: NDArray[np.uint8], time_s: float) -> Detection | None:
        if self._stance is not None:
            near = float(self._height_at(time_s))
            one = best_seeded(self._estimator, rgb, self._stance, time_s=time_s, near=near)
            return one and self._region.to_film(one)
        found = self._estimator.detect(rgb, time_s=time_s)
        if self._in_mirror:
            found = [one.mirrored(self._region.width_px) for one in found]
        return nearest(
            [self._region.to_film(d) for d in found],
            self._hip_at(time_s),
            reach_px=self._reach_px,
        )


def _scout_seeded(film: Film, model: PoseModel, whole: Region, *, of: int) -> Scene | None:
    """Look again, showing the pose model another lifter first; None if that fails as well.

    `of` is the number of looks; too few show no squat.
    """
    if of < _STANCE_PICTURES:
        return None
    few = np.linspace(0, of - 1, _STANCE_PICTURES).round().astype(int).tolist()

    def views(which: Container[int]) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        for k, frame in enumerate(film.frames(max_fps=_LOOKS_PER_S)):
            if k in which:
                yield frame.time_s, whole.cut(frame, film_px=film.size_px)

    with model.open(
        tracking=True, max_people=1, masks=False, confidence=SEED_CONFIDENCE
    ) as estimator:
        estimator.forget()
        stance = find_stance(estimator, list(views(few)))
        if stance is None:
            return None
        seen = sightings_of(estimator, views(range(2 * of)), stance)
    looked_s = [time_s for time_s, _ in seen]
    person = squatter([(time_s, whole.to_film(one)) for time_s, one in seen if one is not None])
    if person is None or _coverage(person, looked_s) <= _PINNED:
        return None
    return Scene(
        people=(person,),
        lifter=0,
        film_px=film.size_px,
        is_pinned=True,
        stance=whole.stance_to_film(stance),
    )


def _coverage(person: Person, look_times_s: list[float]) -> float:
    """Share of the looks between the first and the last sighting that saw the person."""
    first, last = person.sightings[0].time_s, person.sightings[-1].time_s
    return len(person.sightings) / sum(first <= t <= last for t in look_times_s)


def _look(
    estimator: PoseEstimator, frame: Picture, regions: list[Region], film_px: tuple[int, int]
) -> list[Detection]:
    return [
        region.to_film(detection)
        for region in regions
        for detection in estimator.detect(region.cut(frame, film_px=film_px), time_s=frame.time_s)
    ]


def _look_harder(
    film: Film, estimator: PoseEstimator, film_px: tuple[int, int], *, of: int
) -> list[tuple[float, list[Detection]]]:
    """Look at a few pictures again: framed in grey, and in enlarged parts.

    The frame helps where head or feet are cut off, the parts where the person
    is small. Whichever way of looking finds people most often is kept, alone,
    so that one person is not seen twice.
    """
    wide, high = film_px
    side = min(film_px)
    starts = np.linspace(0, max(film_px) - side, 3)
    along_x = wide >= high
    ways = [
        [np.array([-0.25 * wide, -0.25 * high, 1.25 * wide, 1.25 * high])],
        [
            np.array([s, 0, s + side, side]) if along_x else np.array([0, s, side, s + side])
            for s in starts
        ],
    ]
    regions = [
        [Region.of_box(b, long_side_px=_LOOK_LONG_SIDE_PX, within_px=None) for b in boxes]
        for boxes in ways
    ]
    found: list[list[tuple[float, list[Detection]]]] = [[] for _ in ways]
    every = max(1, of // _RETRY_PICTURES)
    for k, frame in enumerate(film.frames(max_fps=_LOOKS_PER_S)):
        if k % every == 0:
            for looks, way in zip(found, regions, strict=True):
                looks.append((frame.time_s, _look(estimator, frame, way, film_px)))
    return max(found, key=lambda looks: sum(bool(d) for _, d in looks))
