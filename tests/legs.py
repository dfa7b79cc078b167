"""A network that looks at no picture, for tests of what is made of its answers."""

import numpy as np
from numpy.typing import NDArray

from analysis.legnet import LegPlace, LegSight


class MadeUpNetwork:
    """Sees the leg of a stick figure where it is told to, and keeps where it looked.

    Of a repetition it gets five pictures, of which the three in the middle are of the bottom:
    there the heel is up by `rise_deg`, as the points have it and as the network has it.
    """

    sha256 = "made-up"

    def __init__(
        self,
        *,
        knee: tuple[float, float] = (0.5, -0.8),
        foot: float = 0.0,
        spread: float = 0.1,
        rise_deg: float = 0.0,
    ) -> None:
        self.points = np.array([knee, (0.0, 0.0), (-0.1, 0.1), (0.4, 0.15)])
        self.points += np.array([foot, 0.0])
        self.spread = np.full(4, spread)
        self.rise_deg = rise_deg
        self.places: list[LegPlace] = []

    def __call__(self, picture: NDArray[np.uint8], place: LegPlace, *, looks: int = 2) -> LegSight:
        """Look."""
        rise_deg = self.rise_deg if len(self.places) % 5 in (1, 2, 3) else 0.0
        self.places.append(place)
        points = self.points.copy()
        heel, toe = points[2:]
        turn = np.radians(rise_deg)
        # About the toe: the heel goes up.
        points[2] = toe + (heel - toe) @ [
            [np.cos(turn), np.sin(turn)],
            [-np.sin(turn), np.cos(turn)],
        ]
        return LegSight(points=points, spread=self.spread, rise_deg=rise_deg, is_up=0.0)
