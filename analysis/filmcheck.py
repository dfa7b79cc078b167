"""What is wrong with the film, in words for the person who filmed it.

Each check looks at what was found in the film and returns a note with the way
to do better, or nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analysis.film import FilmWarning, VideoMeta
from analysis.report import Note
from analysis.view import View

# A body smaller than this in pixels leaves the back outline too coarse.
_SMALL_PX = 220.0
# Fewer pictures a second blur the moment at which the tuck starts.
_SLOW_FPS = 22.0
# Mean brightness, 0 to 255, under which outlines drown in noise.
_DARK = 55.0
# The outline of the back jitters by so much of the leg's length (hundredths) where
# something moves before it or nothing sets it off; clear film has 0.1 to 0.55.
_ROUGH = 0.8
# Share of frames without the lifter worth a word.
_LOST = 0.1
# Roll beyond this is set right, but worth a word.
_TILTED_DEG = 4.0

OBLIQUE = (
    "The camera is not square to you ({reason}), so the angles are less sure. Stand it level with "
    "your hips, straight to your side."
)
FRONT = (
    "This clip looks filmed from the front or from behind. Film from the side, so that the whole "
    "body is seen in profile."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmFacts:
    """What the checks look at.

    Attributes
    ----------
    meta : VideoMeta
    film_warnings : tuple of FilmWarning
    view : View
    body_px : float
        Length of the lifter's body in pixels of the film.
    brightness : float
        Mean of the pictures, 0 to 255.
    lost_share : float
        Share of the frames in which the lifter was not found.
    trusted_share : float
        Share of the found frames in which the joints make a possible body.
    plate_hides : bool
        Only the legs could be found.
    feet_cut : bool
        Feet outside the picture while standing.
    n_people : int
    starts_midway, ends_midway : bool
        The film begins or ends within a repetition.
    """

    meta: VideoMeta
    film_warnings: tuple[FilmWarning, ...]
    view: View
    body_px: float
    brightness: float
    lost_share: float
    trusted_share: float
    plate_hides: bool
    feet_cut: bool
    n_people: int
    starts_midway: bool
    ends_midway: bool


# Joints that make a possible body in fewer of the frames than this: something in
# front of the lifter, a plate most often, misleads the pose model.
TRUSTED = 0.85


def check_film(facts: FilmFacts) -> tuple[Note, ...]:
    """Collect the notes on a film.

    Parameters
    ----------
    facts : FilmFacts

    Returns
    -------
    tuple of Note
        The gravest first.
    """
    film = tuple(Note(id=w.id, text=w.text) for w in facts.film_warnings)
    return (*_view_notes(facts.view), *_lifter_notes(facts), *_picture_notes(facts), *film)


def doubt(
    view: View,
    *,
    trusted_share: float,
    rough_back: float,
    brightness: float,
    body_px: float,
    plate_hides: bool = False,
) -> str:
    """Say what is wrong with a film as a whole where the back cannot be judged.

    Parameters
    ----------
    view : View
    trusted_share : float
        Share of the frames in which the joints make a possible body.
    rough_back : float
        Jitter of the outline of the back, hundredths of the leg's length; NaN =
        nothing to tell.
    brightness : float
        Mean of the pictures, 0 to 255.
    body_px : float
        Length of the lifter's body in pixels of the film.
    plate_hides : bool, optional
        Only the legs could be found.

    Returns
    -------
    str
        The gravest fault with the way to film it better; empty if there is none.
    """
    if plate_hides or trusted_share < TRUSTED:
        return (
            "a plate, a post or something else in front of you hides part of your body; film a "
            "set without a bar, or with small plates"
        )
    if view.use != "good":
        return (
            "the camera stands too far from square to you; stand it level with your hips, straight "
            "to your side"
        )
    if brightness < _DARK:
        return "the picture is too dark to follow your back; film with more light"
    if body_px < _SMALL_PX:
        return "you are too small in the picture to see your back; put the camera closer to you"
    if np.nan_to_num(rough_back) > _ROUGH:
        return (
            "the outline of your back cannot be followed; clothes that stand out from the room, "
            "more light and nobody close behind you help"
        )
    return ""


def _view_notes(view: View) -> Iterator[Note]:
    if view.use == "unusable":
        yield Note(id="front_view", text=FRONT)
    elif view.use == "oblique":
        yield Note(id="oblique", text=OBLIQUE.format(reason=view.reason))
    if abs(np.nan_to_num(view.roll_deg)) > _TILTED_DEG:
        yield Note(
            id="tilted",
            text=f"The camera is tilted by about {abs(view.roll_deg):.0f} degrees. This was set "
            "right; a level camera measures better.",
        )


def _lifter_notes(facts: FilmFacts) -> Iterator[Note]:
    if facts.trusted_share < TRUSTED:
        yield Note(
            id="hidden",
            text="Something in front of you, such as a plate or a post, hides part of your body. "
            "Film a set without a bar, or with the camera a little higher and further back.",
        )
    elif facts.plate_hides:
        yield Note(
            id="hidden",
            text="A plate or something else hides your head and shoulders. Depth and ankles were "
            "measured by the legs; the back was not. Film a set without a bar, or with small "
            "plates.",
        )
    if facts.lost_share > _LOST:
        yield Note(
            id="lost",
            text=f"In {facts.lost_share:.0%} of the clip you could not be found. Keep the whole "
            "body in the picture and trim the clip to the set.",
        )
    if facts.feet_cut:
        yield Note(
            id="feet_cut",
            text="Your feet are not in the picture all the time, so the ankle angle is less sure. "
            "Move the camera back until they are.",
        )
    if facts.n_people > 1:
        yield Note(
            id="others",
            text=f"{facts.n_people} people are in the clip. The one who squats was measured.",
        )
    if facts.starts_midway:
        yield Note(
            id="starts_midway",
            text="The clip starts in the middle of a squat. Start filming while you stand.",
        )
    if facts.ends_midway:
        yield Note(
            id="ends_midway",
            text="The clip ends in the middle of a squat, which is left out. Stop filming once "
            "you stand again.",
        )


def _picture_notes(facts: FilmFacts) -> Iterator[Note]:
    if facts.body_px < _SMALL_PX:
        yield Note(
            id="small",
            text="You are small in the picture. Come closer, or film in a higher resolution.",
        )
    if facts.brightness < _DARK:
        yield Note(
            id="dark",
            text="The picture is dark, which blurs outlines. More light, or clothes that stand out "
            "from the wall, would help.",
        )
    if facts.meta.fps < _SLOW_FPS:
        yield Note(
            id="slow_film",
            text=f"The clip has only {facts.meta.fps:.0f} pictures a second. Film with 30.",
        )
