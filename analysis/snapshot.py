"""From a photo to one lifter: the way of the clips, for a film of a few equal pictures.

The pose model settles on a person over some pictures, and everything behind it was made
for films. So a photo is shown to the same stages several times; nothing is measured twice.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analysis.errors import NothingUsableError
from analysis.footage import Footage, take_footage
from analysis.photo import Photo
from analysis.pose import CONFIDENCE, Detection, PoseEstimator, PoseModel
from analysis.tracking import Follower, Scene, scout

# Looks for people, and pictures to settle on one: the landmarks of the fourth and the
# fifth differ by less than a pixel.
_LOOKS, _PICTURES = 3, 5
_LOOK_FPS, _FPS = 3.0, 15.0
_LOW_CONFIDENCE: Final = 0.15
# Hips this close, as a share of the body's length, are one person's.
_SAME: Final = 0.25
# A second person nearly as large may be the one who was meant.
_AS_LARGE = 0.75
# Longer side of what the pose model gets. A photo has time for a finer mask than the
# pictures of a film, and the ankle test was fitted on it.
_WORK_PX = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class _Still:
    """One showing of a photo; as far as it is used, a frame of a film."""

    index: int
    time_s: float
    photo: Photo

    def rgb(self, width_px: int | None = None, height_px: int | None = None) -> NDArray[np.uint8]:
        return self.photo.rgb(width_px, height_px)


class PhotoReader:
    """A photo that reads like a film.

    Parameters
    ----------
    photo : Photo
    """

    def __init__(self, photo: Photo) -> None:
        self._photo = photo

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the photo as it is measured."""
        high, wide = self._photo.picture.shape[:2]
        return wide, high

    @property
    def time_s(self) -> NDArray[np.float64]:
        """Times of the showings, shape (5,)."""
        return np.arange(_PICTURES) / _FPS

    @property
    def kept_s(self) -> NDArray[np.float64]:
        """Times of those that the pose model gets: all."""
        return self.time_s

    def frames(self, *, max_fps: float = 30.0) -> Iterator[_Still]:
        """Show the photo a few times, to look for people."""
        return (self._show(index, index / _LOOK_FPS) for index in range(_LOOKS))

    def pictures(self, which: Iterable[int]) -> Iterator[_Still]:
        """Show the photo a few times, to settle on one person."""
        return (self._show(index, index / _FPS) for index in which)

    def _show(self, index: int, time_s: float) -> _Still:
        return _Still(index=index, time_s=time_s, photo=self._photo)


class _LessSure:
    """The pose model, content with less: people who kneel often score low."""

    def __init__(self, model: PoseModel) -> None:
        self._model = model

    @property
    def sha256(self) -> str:
        return self._model.sha256

    def open(
        self, *, tracking: bool, max_people: int, masks: bool, confidence: float = CONFIDENCE
    ) -> PoseEstimator:
        return self._model.open(
            tracking=tracking,
            max_people=max_people,
            masks=masks,
            confidence=min(confidence, _LOW_CONFIDENCE),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The lifter in a photo; pixels are those of ``photo.picture``.

    Attributes
    ----------
    photo : Photo
    scene : Scene
    """

    photo: Photo
    scene: Scene

    @property
    def to_photo(self) -> float:
        """Pixels of the photo as it was taken for each pixel of the picture."""
        return float(self.photo.width_px / self.photo.picture.shape[1])

    def mirrored(self, model: PoseModel) -> "Seen | None":
        """Look at the photo in a mirror, as a second opinion; None if it shows nobody there."""
        picture = np.ascontiguousarray(self.photo.picture[:, ::-1])
        wide, size = picture.shape[1], self.scene.person.height_px
        try:
            other = find_lifter(replace(self.photo, picture=picture), model)
        except NothingUsableError:
            return None
        hip, there = (s.scene.person.sightings[0].hip_px for s in (self, other))
        apart = float(np.hypot(wide - there[0] - hip[0], there[1] - hip[1]))
        return other if apart < _SAME * size else None

    def footage(self, model: PoseModel) -> Footage:
        """Take what the stages behind want to know, over a few equal frames."""
        return take_footage(self._reader(), model, self.scene)

    def detection(self, model: PoseModel) -> Detection:
        """Return the lifter with the mask, which is in pixels of the scene's region.

        Raises
        ------
        NothingUsableError
            If the pose model loses the lifter at the second look.
        """
        last = None
        for how in (model, _LessSure(model)):
            with Follower(how, self.scene) as follower:
                pictures = self._reader().pictures(range(_PICTURES))
                found = [seen.detection for seen in follower.follow(pictures)]
            last = last or next((d for d in reversed(found) if d is not None), None)
            if last is not None:
                break
        if last is None:
            raise no_person()
        return last

    def _reader(self) -> PhotoReader:
        return PhotoReader(self.photo)


def find_lifter(photo: Photo, model: PoseModel) -> Seen:
    """Find the one person in a photo who is to be measured.

    Parameters
    ----------
    photo : Photo
    model : PoseModel

    Returns
    -------
    Seen
        The largest person; people further back do not matter.

    Raises
    ------
    NothingUsableError
        With the reason ``no_person`` or ``two_people``.
    """
    reader = PhotoReader(photo)
    try:
        scene = scout(reader, model)
    except NothingUsableError:
        try:
            scene = scout(reader, _LessSure(model))
        except NothingUsableError as error:
            raise no_person() from error
    sizes = np.array([person.height_px for person in scene.people])
    order = np.argsort(-sizes)
    if len(order) > 1 and sizes[order[1]] > _AS_LARGE * sizes[order[0]]:
        raise NothingUsableError(
            "two_people",
            "There is more than one person in this photo. Please take it with nobody else "
            "close by.",
        )
    return Seen(photo=photo, scene=replace(scene, lifter=int(order[0]), work_px=_WORK_PX))


def no_person() -> NothingUsableError:
    """Make the error for a photo without a person."""
    return NothingUsableError(
        "no_person",
        "Nobody could be found in this photo. Take it from the side, with the whole body and "
        "both feet in the picture.",
    )
