"""A network that looks at no back, for tests of what is made of its answers."""

import numpy as np
from numpy.typing import NDArray

from analysis.backnet import SEEN, BackPlace, BackSight


class MadeUpBackNetwork:
    """Sees so much flexion of who leans forward, and less of who leans less.

    Keeps where it looked, and what it was given to compare with.
    """

    sha256 = "made-up"

    def __init__(self, *, change_deg: float = 0.0, sd_deg: float = 4.0) -> None:
        self.change_deg = change_deg
        self.sd_deg = sd_deg
        self.places: list[BackPlace] = []
        self.compared: list[NDArray[np.float64] | None] = []

    def __call__(
        self,
        picture: NDArray[np.uint8],
        place: BackPlace,
        *,
        standing: NDArray[np.float64] | None = None,
    ) -> BackSight:
        """Look."""
        self.places.append(place)
        self.compared.append(standing)
        # The further the trunk leans, up to 30 degrees.
        lean = abs(place.hip[0] - place.shoulder[0]) / place.trunk_px
        return BackSight(
            seen=np.full(SEEN, 0.5),
            change_deg=self.change_deg * min(lean / 0.5, 1.0),
            change_sd_deg=self.sd_deg,
            arch_deg=-3.0,
            arch_sd_deg=2.0,
        )
