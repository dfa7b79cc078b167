"""A squat that was drawn and moved, and its pictures: all of them, or a few without a film."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.calibration import camera, film, lifter, motion, scene, truth
from analysis.calibration.sample import Clip, draw, stream

Array = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Squat:
    """A squat, not yet rendered.

    Attributes
    ----------
    clip : Clip
        As drawn, but raised to what a hip can do.
    person : Lifter
    track : Track
    view : View
    """

    clip: Clip
    person: lifter.Lifter
    track: motion.Track
    view: camera.View

    @property
    def facing(self) -> float:
        """+1 where the lifter looks right, -1 left."""
        return 1.0 if self.clip.view == "right" else -1.0

    def hips_px(self) -> Array:
        """Return where the middle of the hips is in all pictures, shape (T, 2), y down."""
        posed = enumerate(self.track.posed)
        return np.array([self.view.project(p.points["hip"], i)[0] for i, p in posed])

    def named(self, i: int) -> dict[str, Array]:
        """Return points of a frame in the world, by the names of the truth files."""
        return truth.points(self.person, self.track.posed[i])

    def drawn(self, i: int) -> dict[str, Array]:
        """Return where these are in the picture of the frame, pixels, y down."""
        return {name: self.view.project(at[None], i)[0] for name, at in self.named(i).items()}

    def rendered(self, frames: Iterable[int]) -> Iterator[tuple[Floats, Bytes]]:
        """Render some frames.

        Parameters
        ----------
        frames : iterable of int

        Yields
        ------
        (ndarray, ndarray of uint8, shape (H, W, 4))
            Vertices of the lifter in the world, and the picture without the faults of a film.
        """
        # Only here: what is drawn at random can be looked at without OpenGL.
        from analysis.calibration.render import Renderer

        around = scene.surroundings(self.clip)
        with Renderer(self.clip, self.person, around, self.view) as renderer:
            for i in frames:
                posed = self.track.posed[i]
                vertices = self.person.posed_vertices(posed)
                gear = lifter.gear_transform(self.person, posed) if around.gear else None
                t = float(self.track.schedule.t[i])
                yield vertices, renderer.picture(i, t, vertices, gear)

    def pictures(self, frames: list[int], *, smeared: bool = False) -> Iterator[Bytes]:
        """Render some frames as they are filmed.

        Parameters
        ----------
        frames : list of int
        smeared : bool, optional
            Whether movement blurs them.

        Yields
        ------
        ndarray of uint8, shape (H, W, 3)
            RGB.
        """
        degrade = self.degrade()
        speed = np.gradient(self.hips_px()[:, 1]) if smeared else np.zeros(len(self.track.posed))
        for i, (_, picture) in zip(frames, self.rendered(frames), strict=True):
            yield degrade(picture, float(speed[i]))

    def degrade(self) -> film.Degrade:
        """Return the faults of its film, from the first picture on."""
        clip = self.clip
        return film.Degrade(clip.film, stream(clip.split, clip.index, "grain"))


def squat(split: str, index: int) -> Squat:
    """Draw a clip and move its lifter.

    Parameters
    ----------
    split : str
    index : int

    Returns
    -------
    Squat
    """
    return moved(draw(split, index))


def moved(clip: Clip) -> Squat:
    """Move the lifter of a clip that was drawn, or made up.

    Parameters
    ----------
    clip : Clip

    Returns
    -------
    Squat
    """
    person = lifter.build(clip)
    mover = motion.Mover(person.skeleton, person.arms, clip)
    clip = motion.ease(clip, mover)
    mover.clip = clip
    track = motion.solve(clip, mover)
    return Squat(clip=clip, person=person, track=track, view=camera.place(clip, track))
