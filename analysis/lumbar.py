"""The two-bowls angle: pelvis against ribcage, with its error.

A first guess from the outline of the back, corrected by the networks of
:mod:`analysis.estimator`, which were shown lifters whose spine is known and
whose tuck has nothing to do with how deep they squat or how far they lean.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.estimator import Estimates
from analysis.features import Features
from analysis.filtering import lowpass

Curve = NDArray[np.float64]

# The networks play a hollow back down: of a standing arch they say less than half in the
# mean. That is right for the smallest error, but a verdict that tells coming back to neutral
# from going past it needs more of it, with its error grown alike. Of 1, 1.5, 2 and 2.5 this
# did best on test clips and on those of another renderer together.
_ARCH_GAIN = 1.5
# A tuck takes a fifth of a second and more; what is quicker is the mask.
_CUTOFF_HZ = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lumbar:
    """The two-bowls angle over a film.

    Attributes
    ----------
    angle_deg, sd_deg : ndarray, shape (T,)
        Flexion against standing, positive with the tailbone tucked, and its
        standard deviation; NaN where the outline does not show it.
    arch_deg, arch_sd_deg : float
        Lower back when standing: negative arched, 0 the body model's rest.
    stand_off : float
        How far the shirt hangs off the skin of the lower back, in leg lengths.
    """

    angle_deg: Curve
    sd_deg: Curve
    arch_deg: float
    arch_sd_deg: float
    stand_off: float

    @classmethod
    def unknown(cls, n_frames: int) -> "Lumbar":
        """Return what is said of a back that was not seen: nothing."""
        nothing = np.full(n_frames, np.nan)
        return cls(
            angle_deg=nothing,
            sd_deg=nothing,
            arch_deg=np.nan,
            arch_sd_deg=np.nan,
            stand_off=np.nan,
        )


def measure_lumbar(
    time_s: Curve,
    features: Features,
    estimates: Estimates,
    *,
    standing: NDArray[np.bool_],
    usable: NDArray[np.bool_],
) -> Lumbar:
    """Measure the two-bowls angle.

    Parameters
    ----------
    time_s : ndarray, shape (T,)
    features : Features
    estimates : Estimates
    standing : ndarray of bool, shape (T,)
        Frames of standing, which the angle is relative to.
    usable : ndarray of bool, shape (T,)
        Frames seen from the side.

    Returns
    -------
    Lumbar
        All NaN without a frame of standing in which the outline is seen.
    """
    seen = np.isfinite(features.bulge) & usable
    if not (seen & standing).any():
        return Lumbar.unknown(len(time_s))
    correction, sd = estimates.of("lumbar_deg")
    angle = lowpass(
        time_s,
        np.where(seen, features.first_guess_deg(standing) + correction, np.nan),
        cutoff_hz=_CUTOFF_HZ,
    )
    arch, arch_sd = estimates.of("arch_deg")
    stand_off, _ = estimates.of("stand_off")
    return Lumbar(
        angle_deg=angle - float(np.median(angle[seen & standing])),
        sd_deg=np.where(seen, sd, np.nan),
        arch_deg=_ARCH_GAIN * float(np.median(arch[standing])),
        arch_sd_deg=_ARCH_GAIN * float(np.median(arch_sd[standing])),
        stand_off=float(np.median(stand_off[standing])),
    )
