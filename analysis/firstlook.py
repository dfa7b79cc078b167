"""What a film shows in its first seconds, told while the rest is still being looked at.

A lifter who stood the phone in the wrong place wants to know at once and not after the
whole analysis. The checks and their words are those of the film check at the end.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis import draw
from analysis.angles import leg_length_px
from analysis.film import VideoMeta
from analysis.filmcheck import FilmFacts, check_film
from analysis.people import Sighting, link, who_squats
from analysis.pose import Detection, Landmark, PoseTrack
from analysis.report import Note
from analysis.video import FilmReader
from analysis.view import Use, View, camera_roll_deg, judge_view, side_of, side_on

# Shorter side of the picture that is told, pixels: sharp enough on half a phone.
_PICTURE_PX = 360
# One word in so many looks: a second of film.
_TELL_EVERY = 3
# Sooner than this the lifter may still be walking away from the phone, seconds.
_VIEW_SURE_S = 2.0
# Feet outside the picture in more of the looks than this are worth a word.
_FEET_CUT = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstLook:
    """What is known of a film so far.

    Attributes
    ----------
    picture : ndarray, shape (H, W, 3), uint8
        The first picture, upright.
    meta : VideoMeta
    seen_s : float
        Seconds of film that were looked at for people; 0 before that.
    people : int
        How many were seen in that time.
    view : {"good", "oblique", "unusable"} or None
        None while it is too early to say.
    notes : tuple of Note
        What is wrong with the film, with the fix.
    """

    picture: NDArray[np.uint8]
    meta: VideoMeta
    seen_s: float
    people: int
    view: Use | None
    notes: tuple[Note, ...]


class FirstLooker:
    """Puts the first looks together; its methods are callbacks of `analysis.pipeline.analyse`.

    Parameters
    ----------
    tell : callable
        Is told when the film is open, and again after every second of it.
    """

    def __init__(self, tell: Callable[[FirstLook], None]) -> None:
        self._tell = tell
        self._looks: list[tuple[float, Sequence[Detection]]] = []

    def opened(self, reader: FilmReader) -> None:
        """Tell what the file itself and its first picture show."""
        self._meta = reader.meta
        wide, high = reader.meta.width_px, reader.meta.height_px
        scale = min(1.0, _PICTURE_PX / min(wide, high))
        self._picture = reader.first.rgb(max(1, round(wide * scale)), max(1, round(high * scale)))
        self._roll_deg = camera_roll_deg(self._picture)
        self._say()

    def looked(self, time_s: float, found: Sequence[Detection]) -> None:
        """Take a look of the first pass: the people in it, in pixels of the film."""
        self._looks.append((time_s, found))
        if len(self._looks) % _TELL_EVERY == 0:
            self._say()

    def _say(self) -> None:
        people = link(self._looks)
        chosen = who_squats(people)
        seen_s = self._looks[-1][0] if self._looks else 0.0
        lifter = people[chosen].sightings if chosen is not None else ()
        view = self._view(lifter, seen_s=seen_s)
        facts = FilmFacts(
            meta=self._meta,
            film_warnings=(),
            view=view or _UNKNOWN_VIEW,
            body_px=people[chosen].height_px if chosen is not None else float("inf"),
            brightness=float(self._picture.mean()),
            # What only the whole film tells counts as in order here.
            lost_share=0.0,
            trusted_share=1.0,
            plate_hides=False,
            feet_cut=self._feet_cut(lifter),
            n_people=len(people),
            starts_midway=False,
            ends_midway=False,
        )
        look = FirstLook(
            picture=self._picture,
            meta=self._meta,
            seen_s=seen_s,
            people=len(people),
            view=view.use if view else None,
            notes=check_film(facts),
        )
        self._tell(look)

    def _view(self, lifter: Sequence[Sighting], *, seen_s: float) -> View | None:
        if not lifter:
            return None
        track = PoseTrack(
            time_s=np.array([s.time_s for s in lifter]),
            xy_px=np.array([s.xy_px for s in lifter]),
            world_m=np.full((len(lifter), 33, 3), np.nan),
            visibility=np.array([s.visibility for s in lifter]),
        )
        side = side_of(lifter)
        usable = side_on(track, side=side, leg_px=leg_length_px(track))
        view = judge_view(track, side=side, usable=usable, roll_deg=self._roll_deg)
        return None if view.use != "good" and seen_s < _VIEW_SURE_S else view

    def _feet_cut(self, lifter: Sequence[Sighting]) -> bool:
        if not lifter:
            return False
        feet = np.array([s.xy_px[Landmark.HEEL : Landmark.TOE + 2] for s in lifter])
        edge = np.array([self._meta.width_px, self._meta.height_px])
        outside = ((feet < 0) | (feet > edge)).any(axis=(1, 2))
        return bool(outside.mean() > _FEET_CUT)


_UNKNOWN_VIEW = View(
    side="left", yaw_deg=float("nan"), roll_deg=float("nan"), use="good", reason=""
)


def write_first_look(look: FirstLook, path: Path) -> None:
    """Write a first look as JSON, the picture as base64 of a JPEG in it.

    Parameters
    ----------
    look : FirstLook
    path : Path
        Replaced as a whole: who reads it meanwhile finds the one before.
    """
    meta = look.meta
    content = {
        "seen_s": round(look.seen_s, 2),
        "clip": {
            "duration_s": meta.duration_s if np.isfinite(meta.duration_s) else None,
            "fps": meta.fps if np.isfinite(meta.fps) else None,
            "width": meta.width_px,
            "height": meta.height_px,
        },
        "people": look.people,
        "view": look.view,
        "notes": [{"id": note.id, "text": note.text} for note in look.notes],
        "picture_jpeg": b64encode(draw.to_jpeg(look.picture)).decode("ascii"),
    }
    beside = path.with_name(f"{path.name}.part")
    beside.write_text(json.dumps(content, allow_nan=False), encoding="utf-8")
    beside.replace(path)
