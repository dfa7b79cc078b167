"""Who is in the film, and who of them squats.

A quick first look at a few pictures a second finds the people and follows each
by the place of the hips. The one who squats is then measured frame by frame;
nobody else's joints can get into the curves, because the second look takes
only what lies where this person was seen.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from analysis.pose import Detection, Landmark

# Two sightings belong to one person if the hips moved by less than this share
# of the body's height between two looks a third of a second apart. A jump squat
# moves them by about 0.4; two people side by side stand about 0.5 apart.
_REACH = 0.45
# A person may be out of sight this long and still be the same one.
_LOST_AFTER_S = 3.0
# Who walks is expected further on, at the speed of so many steps between looks, but
# not for longer than this.
_USUAL_STEPS, _WALKS_ON_S = 4, 1.0
# Hips closer than this share of the body's height are one body seen twice.
_SAME_BODY = 0.15
# Two tracks over one place that are seen together in less than this share of the
# looks are one body on which the model keeps changing its mind, as behind a plate.
_TOGETHER = 0.5
# Squats that begin within this time of each other are done together.
_TOGETHER_S = 1.5
# Landmarks the model believes in less than this do not count for the box.
_VISIBLE = 0.3
# Passers-by: seen in fewer looks than this, or in under a fifth of all.
_FEWEST_SIGHTINGS = 3
# Hip height over the ankles, as a share of the leg's length, from which on a
# body is up, and under which it is down. Standing is about 1, parallel about 0.5.
_UP, _DOWN = 0.85, 0.70


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One person in one picture of the first look, in pixels of the upright film."""

    time_s: float
    xy_px: NDArray[np.float64]
    visibility: NDArray[np.float64]

    @property
    def hip_px(self) -> NDArray[np.float64]:
        """Middle of the hips, shape (2,)."""
        return np.asarray(self.xy_px[Landmark.HIP : Landmark.HIP + 2].mean(axis=0))

    @property
    def box_px(self) -> NDArray[np.float64]:
        """Left, top, right, bottom of what is in sight, shape (4,)."""
        seen = self.xy_px[self.visibility > _VISIBLE]
        points = seen if len(seen) else self.xy_px
        return np.concatenate([points.min(axis=0), points.max(axis=0)])

    @property
    def height_px(self) -> float:
        """Length of the body from the nose over hip and knee to the ankle, in pixels.

        Along the body and not up and down, so that it holds for a squatter too.
        """
        mid = [
            self.xy_px[Landmark.NOSE],
            *(
                self.xy_px[i : i + 2].mean(axis=0)
                for i in (Landmark.SHOULDER, Landmark.HIP, Landmark.KNEE, Landmark.ANKLE)
            ),
        ]
        return float(np.sum(np.hypot(*np.diff(mid, axis=0).T)))

    @property
    def leg_heights_px(self) -> tuple[float, float]:
        """Height of the hips over the ankles, and the length of the leg."""
        hip, knee, ankle = (
            self.xy_px[i : i + 2].mean(axis=0)
            for i in (Landmark.HIP, Landmark.KNEE, Landmark.ANKLE)
        )
        leg = float(np.hypot(*(hip - knee)) + np.hypot(*(knee - ankle)))
        return float(ankle[1] - hip[1]), leg


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """All sightings of one person, in the order of time."""

    sightings: tuple[Sighting, ...]

    @property
    def box_px(self) -> NDArray[np.float64]:
        """Left, top, right, bottom of everything this person covers, shape (4,)."""
        boxes = np.array([s.box_px for s in self.sightings])
        return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])

    @property
    def height_px(self) -> float:
        """Median length of the body in pixels."""
        return float(np.median([s.height_px for s in self.sightings]))

    def hips(self) -> Callable[[float], NDArray[np.float64]]:
        """Return what tells where the middle of the hips, shape (2,), is expected at a time."""
        times = np.array([s.time_s for s in self.sightings])
        x_px, y_px = np.array([s.hip_px for s in self.sightings]).T
        return lambda t: np.array([np.interp(t, times, x_px), np.interp(t, times, y_px)])

    def heights(self) -> Callable[[float], float]:
        """Return what tells the height of the hips, a share of the leg, at a time."""
        times, heights = np.array([s.time_s for s in self.sightings]), self.hip_heights
        return lambda t: float(np.interp(t, times, heights))

    @property
    def hip_heights(self) -> NDArray[np.float64]:
        """Hips over ankles as a share of the leg's length, one for each sighting."""
        heights, legs = np.array([s.leg_heights_px for s in self.sightings]).T
        return np.asarray(heights / max(float(np.percentile(legs, 90)), 1.0))

    @property
    def travel(self) -> float:
        """Range of the hip height, as a share of the leg's length."""
        low, high = np.percentile(self.hip_heights, [5, 95])
        return float(high - low)

    def squats_s(self) -> list[float]:
        """Return when this person was down between two times up, roughly, in seconds."""
        heights = self.hip_heights
        state = np.where(heights > _UP, 1, np.where(heights < _DOWN, -1, 0))
        known = np.flatnonzero(state)
        turns = [i for n, i in enumerate(known) if n == 0 or state[i] != state[known[n - 1]]]
        steps = zip(turns, turns[1:], turns[2:], strict=False)
        return [
            self.sightings[b].time_s
            for a, b, c in steps
            if (state[a], state[b], state[c]) == (1, -1, 1)
        ]


def link(looks: Iterable[tuple[float, Sequence[Detection]]]) -> tuple[Person, ...]:
    """Put single detections together to people.

    Parameters
    ----------
    looks : iterable of (time_s, detections)
        In the order of time; pixels of the upright film.

    Returns
    -------
    tuple of Person
        From left to right as they stand when first seen. Passers-by, seen in
        fewer than three looks, are left out, unless nobody else is there.
    """
    open_tracks: list[list[Sighting]] = []
    n_looks = 0
    for time_s, detections in looks:
        n_looks += 1
        fresh = _without_doubles([_sighting(time_s, d) for d in detections])
        _extend(open_tracks, fresh)
    fewest = max(_FEWEST_SIGHTINGS, n_looks / 5)
    merged = _merge_split_bodies(open_tracks)
    people = [Person(sightings=tuple(t)) for t in merged if len(t) >= fewest]
    return tuple(sorted(people, key=lambda p: float(p.sightings[0].hip_px[0])))


def who_squats(people: Sequence[Person]) -> int | None:
    """Return the index of the person to measure, None if there is nobody.

    Parameters
    ----------
    people : sequence of Person

    Returns
    -------
    int or None
        The one with the most whole squats; among equals the one who squats
        first, and of two who squat together (one of them in a mirror, say) the
        larger. Where nobody goes down and up, the one whose hips travel most.
    """
    if not people:
        return None
    squats = [p.squats_s() for p in people]
    most = max(len(s) for s in squats)
    if most == 0:
        return int(np.argmax([p.travel * p.height_px**0.5 for p in people]))
    able = [k for k, s in enumerate(squats) if len(s) == most]
    first_s = min(squats[k][0] for k in able)
    together = [k for k in able if squats[k][0] - first_s < _TOGETHER_S]
    return max(together, key=lambda k: people[k].height_px)


def nearest(
    detections: Sequence[Detection], expected_hip_px: NDArray[np.float64], *, reach_px: float
) -> Detection | None:
    """Return the detection whose hips are nearest to where they are expected.

    Parameters
    ----------
    detections : sequence of Detection
    expected_hip_px : ndarray, shape (2,)
    reach_px : float
        Further away than this is somebody else.

    Returns
    -------
    Detection or None
    """
    best, best_px = None, reach_px
    for detection in detections:
        hip = detection.xy_px[Landmark.HIP : Landmark.HIP + 2].mean(axis=0)
        away = float(np.hypot(*(hip - expected_hip_px)))
        if away < best_px:
            best, best_px = detection, away
    return best


def boxes_overlap(a_px: NDArray[np.float64], b_px: NDArray[np.float64]) -> bool:
    """Whether two boxes (left, top, right, bottom) share some area."""
    return bool(np.all(a_px[:2] < b_px[2:]) and np.all(b_px[:2] < a_px[2:]))


def _sighting(time_s: float, detection: Detection) -> Sighting:
    return Sighting(time_s=time_s, xy_px=detection.xy_px, visibility=detection.visibility)


def _without_doubles(sightings: list[Sighting]) -> list[Sighting]:
    kept: list[Sighting] = []
    for s in sorted(sightings, key=lambda s: -float(s.visibility.mean())):
        if all(
            np.hypot(*(s.hip_px - k.hip_px)) > _SAME_BODY * max(s.height_px, k.height_px)
            for k in kept
        ):
            kept.append(s)
    return kept


def _merge_split_bodies(tracks: list[list[Sighting]]) -> list[list[Sighting]]:
    """Join tracks that share one place and take turns in time."""
    merged: list[list[Sighting]] = []
    for track in sorted(tracks, key=len, reverse=True):
        home = next((m for m in merged if _is_one_body(m, track)), None)
        if home is None:
            merged.append(list(track))
        else:
            taken = {s.time_s for s in home}
            home.extend(s for s in track if s.time_s not in taken)
            home.sort(key=lambda s: s.time_s)
    return merged


def _is_one_body(a: list[Sighting], b: list[Sighting]) -> bool:
    together = len({s.time_s for s in a} & {s.time_s for s in b})
    if together > _TOGETHER * min(len(a), len(b)):
        return False
    box_a, box_b = Person(sightings=tuple(a)).box_px, Person(sightings=tuple(b)).box_px
    return boxes_overlap(box_a, box_b)


def _extend(tracks: list[list[Sighting]], fresh: list[Sighting]) -> None:
    """Give each fresh sighting to the track it continues, or start a new one."""
    alive = [t for t in tracks if fresh and fresh[0].time_s - t[-1].time_s <= _LOST_AFTER_S]
    taken: set[int] = set()
    if alive:
        away = np.array(
            [
                [
                    np.hypot(*(s.hip_px - _expected_hip_px(t, s.time_s)))
                    / max(t[-1].height_px, 1.0)
                    for s in fresh
                ]
                for t in alive
            ]
        )
        for row, column in zip(*linear_sum_assignment(away), strict=True):
            if away[row, column] < _REACH:
                alive[row].append(fresh[column])
                taken.add(int(column))
    tracks.extend([s] for k, s in enumerate(fresh) if k not in taken)


def _expected_hip_px(track: list[Sighting], time_s: float) -> NDArray[np.float64]:
    """Return where a track goes on: across the picture at its usual speed.

    Without the speed, who walks past somebody else swaps places with them. The
    median over the last steps leaves out the hips that swing back and forth in a
    squat; up and down nobody moves on steadily.
    """
    last = track[-1]
    steps = track[-_USUAL_STEPS - 1 :]
    if len(steps) < 2:
        return last.hip_px
    x, t = np.array([(s.hip_px[0], s.time_s) for s in steps]).T
    speed_px_s = float(np.median(np.diff(x) / np.diff(t)))
    walked_px = speed_px_s * min(time_s - last.time_s, _WALKS_ON_S)
    return np.asarray(last.hip_px + np.array([walked_px, 0.0]))
