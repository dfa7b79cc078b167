"""Single pictures of a rendered squat: what costs little where no film is needed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.calibration import camera, film, lifter, motion, scene, truth
from analysis.calibration.sample import Clip, draw, stream

Array = NDArray[np.float64]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Squat:
    """A squat that was drawn and moved, but not yet rendered.

    Attributes
    ----------
    clip : Clip
    person : Lifter
    track : Track
    view : View
    named : tuple of dict
        Per frame, points in the world by the names of the truth files.
    """

    clip: Clip
    person: lifter.Lifter
    track: motion.Track
    view: camera.View
    named: tuple[dict[str, Array], ...]

    @property
    def facing(self) -> float:
        """+1 where the lifter looks right, -1 left."""
        return 1.0 if self.clip.view == "right" else -1.0

    def drawn(self, i: int) -> dict[str, Array]:
        """Return where the points are in the picture of a frame, pixels, y down."""
        return {name: self.view.project(at[None], i)[0] for name, at in self.named[i].items()}

    def pictures(self, frames: Sequence[int], *, smeared: bool = False) -> Iterator[Bytes]:
        """Render some frames as they are filmed.

        Parameters
        ----------
        frames : sequence of int
        smeared : bool, optional
            Whether movement blurs them.

        Yields
        ------
        ndarray of uint8, shape (H, W, 3)
            RGB.
        """
        # Only here: what is drawn at random can be looked at without OpenGL.
        from analysis.calibration.render import Renderer

        clip = self.clip
        around = scene.surroundings(clip)
        degrade = film.Degrade(clip.film, stream(clip.split, clip.index, "grain"))
        hips = [self.view.project(p["hip_mid"][None], i)[0, 1] for i, p in enumerate(self.named)]
        speed = np.gradient(hips) if smeared else np.zeros(len(hips))
        with Renderer(clip, self.person, around, self.view) as renderer:
            for i in frames:
                posed = self.track.posed[i]
                gear = lifter.gear_transform(self.person, posed) if around.gear else None
                t = float(self.track.schedule.t[i])
                picture = renderer.picture(i, t, self.person.posed_vertices(posed), gear)
                yield degrade(picture, float(speed[i]))


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
    clip = draw(split, index)
    person = lifter.build(clip)
    mover = motion.Mover(person.skeleton, person.arms, clip)
    clip = motion.ease(clip, mover)
    mover.clip = clip
    track = motion.solve(clip, mover)
    return Squat(
        clip=clip,
        person=person,
        track=track,
        view=camera.place(clip, track),
        named=tuple(truth.points(person, posed) for posed in track.posed),
    )
