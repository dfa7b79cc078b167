"""A second look at the back in some pictures of a film.

Standing and on the way down and up the networks of `analysis.backnet` say how far the lumbar
spine bends; in a film they take turns. That is drawn together with what the outline says, each
counting by how sure it is: their errors go together only in part.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from analysis.backnet import BackModel, BackPlace, BackSight
from analysis.film import KeptFilm
from analysis.lumbar import Lumbar
from analysis.measure import Prepared
from analysis.pose import Landmark
from analysis.smallfilm import Shown, small_pictures

Curve = NDArray[np.float64]

_HIPS: Final = [Landmark.HIP, Landmark.HIP + 1]
_SHOULDERS: Final = [Landmark.SHOULDER, Landmark.SHOULDER + 1]
# Pictures of standing that others are compared with.
_STANDING: Final = 6
# Of a repetition all pictures are looked at with the hips lower than this, as a share of the
# leg's length, and every second one above. On 251 rendered clips every second one everywhere
# leads to 24 false winks instead of 18, and all of them to no fewer.
_LOW: Final = 0.75
_EVERY: Final = 2
# Correlation of the errors of outline and network: 0.6 over the deep frames of the same clips
# with an earlier network; of 0.3, 0.5 and 0.7 chosen on 46 clips that nothing had seen.
_TOGETHER: Final = 0.5
# The networks are a little surer than they say: with 0.9 instead of 1 times what they state the
# verdict of more of these clips is right (28 for 24 of 34); with 0.8 fewer than 80 % of the
# curves of test clips lie within two standard deviations.
_SURER: Final = 0.9
# How much of the doubt that the outline states counts when the share of each is found: angle,
# onset and peaks are off by less on all three sets of the table in
# `analysis/calibration/README.md`, and fewer sets are taken for a wink.
_OUTLINE_DOUBT: Final = 1.1
# Outline and network each play down what they are unsure of, and drawn together they do so
# twice. So much larger the mean peak of a wink is 1.8 degrees too small on clips of another
# renderer and 1.5 too large on fresh ones of our own, by the same table. A standing arch is
# played down more, and of 1.15, 1.3 and 1.5 this did best.
_GROWN: Final = 1.05
_ARCH_GROWN: Final = 1.3


@dataclass(frozen=True, slots=True, kw_only=True)
class BackLooks:
    """What the networks saw of the back, arrays (K,) in time.

    Attributes
    ----------
    time_s : ndarray
    lumbar_deg, sd_deg : ndarray
        Flexion against standing and its standard deviation.
    arch_deg, arch_sd_deg : float
        Lower back when standing: negative arched; NaN if nobody stands.
    """

    time_s: Curve
    lumbar_deg: Curve
    sd_deg: Curve
    arch_deg: float
    arch_sd_deg: float

    @classmethod
    def none(cls) -> Self:
        """Return what is seen of nobody."""
        nothing, nan = np.empty(0), float("nan")
        return cls(
            time_s=nothing, lumbar_deg=nothing, sd_deg=nothing, arch_deg=nan, arch_sd_deg=nan
        )


def look_at_back(film: KeptFilm, ready: Prepared, networks: Sequence[BackModel]) -> BackLooks:
    """Look at the back in a film again.

    Parameters
    ----------
    film : KeptFilm
    ready : Prepared
        The same film, for where the trunk is about and when the lifter stands.
    networks : sequence of BackModel
        Take turns on the way down and up.

    Returns
    -------
    BackLooks
        Empty for a film without a repetition or without standing.
    """
    standing = _upright(film.kept_s, ready)
    on_the_way = _moments(film.kept_s, ready) if len(standing) else standing
    turns = [on_the_way[k :: len(networks)] for k in range(len(networks))]
    stood, *shown = (small_pictures(film, which.tolist()) for which in (standing, *turns))
    return _look(stood, shown, ready, networks)


def look_at_pictures(
    standing: Iterable[Shown],
    pictures: Sequence[Shown],
    ready: Prepared,
    networks: Sequence[BackModel],
) -> BackLooks:
    """Look at the back in some pictures, with all networks.

    Parameters
    ----------
    standing, pictures : of (float, ndarray of uint8 of shape (H, W, 3), float)
        Of standing, and those that are compared with it. Each with its time, in time, and its
        size as a share of that in `ready`.
    ready : Prepared
        Of the photos that they are from.
    networks : sequence of BackModel

    Returns
    -------
    BackLooks
        Mean of the networks, of the pictures that show the trunk; empty without standing.
    """
    return _look(standing, [pictures] * len(networks), ready, networks)


def _look(
    standing: Iterable[Shown],
    shown: Sequence[Iterable[Shown]],
    ready: Prepared,
    networks: Sequence[BackModel],
) -> BackLooks:
    """Show each network standing, and pictures of its own, all at once."""
    place = _Trunk(ready)
    stood = [
        [network(picture, at) for network in networks]
        for time_s, picture, shrink in standing
        if (at := place(time_s, shrink)) is not None
    ]
    if not stood:
        return BackLooks.none()

    def compare(
        network: BackModel, pictures: Iterable[Shown], before: tuple[BackSight, ...]
    ) -> list[tuple[float, BackSight]]:
        standing = np.mean([sight.seen for sight in before], axis=0)
        return [
            (time_s, network(picture, at, standing=standing))
            for time_s, picture, shrink in pictures
            if (at := place(time_s, shrink)) is not None
        ]

    with ThreadPoolExecutor(len(networks), "back") as pool:
        seen = list(pool.map(compare, networks, shown, zip(*stood, strict=True)))
    at_s = np.unique([time_s for own in seen for time_s, _ in own])
    return BackLooks(
        time_s=at_s,
        lumbar_deg=_mean(at_s, seen, lambda sight: sight.change_deg),
        sd_deg=_SURER * _mean(at_s, seen, lambda sight: sight.change_sd_deg),
        arch_deg=float(np.mean([sight.arch_deg for of in stood for sight in of])),
        arch_sd_deg=_SURER * float(np.mean([sight.arch_sd_deg for of in stood for sight in of])),
    )


def _mean(
    at_s: Curve, seen: list[list[tuple[float, BackSight]]], what: Callable[[BackSight], float]
) -> Curve:
    """Mean of what the networks say at some times, each read off between its own looks."""
    curves = [
        np.interp(at_s, [t for t, _ in own], [what(sight) for _, sight in own])
        for own in seen
        if own
    ]
    return np.asarray(np.mean(curves, axis=0) if curves else np.empty(0), dtype=np.float64)


def refined(lumbar: Lumbar, time_s: Curve, looks: BackLooks) -> Lumbar:
    """Draw together what outline and network say of the two-bowls angle and the standing arch.

    Parameters
    ----------
    lumbar : Lumbar
        By the outline.
    time_s : ndarray, shape (T,)
    looks : BackLooks

    Returns
    -------
    Lumbar
        NaN stays NaN.
    """
    known = np.isfinite(lumbar.angle_deg)
    if not known.any() or not len(looks.time_s):
        return lumbar
    angle, sd = (
        np.interp(looks.time_s, time_s[known], curve[known])
        for curve in (lumbar.angle_deg, lumbar.sd_deg)
    )
    # One share for the whole film: a share that changes with time bends the curve.
    share = float(_share(_OUTLINE_DOUBT * sd, looks.sd_deg).mean())
    shift = share * (looks.lumbar_deg - angle)
    arch_sd = np.array(lumbar.arch_sd_deg)
    arch_share = float(_share(arch_sd, np.array(looks.arch_sd_deg)))
    return replace(
        lumbar,
        angle_deg=_GROWN * (lumbar.angle_deg + np.interp(time_s, looks.time_s, shift)),
        sd_deg=lumbar.sd_deg
        * np.interp(time_s, looks.time_s, _common_sd(sd, looks.sd_deg, share) / sd),
        arch_deg=_ARCH_GROWN
        * float(lumbar.arch_deg + arch_share * (looks.arch_deg - lumbar.arch_deg)),
        arch_sd_deg=_ARCH_GROWN
        * float(_common_sd(arch_sd, np.array(looks.arch_sd_deg), arch_share)),
    )


def _share(one_sd: Curve, other_sd: Curve) -> Curve:
    """Return the share of the other in the mean of two that errs least."""
    common = _TOGETHER * one_sd * other_sd
    share = (one_sd**2 - common) / (one_sd**2 + other_sd**2 - 2 * common)
    return share.clip(0.0, 1.0)


def _common_sd(one_sd: Curve, other_sd: Curve, share: float) -> Curve:
    """Return the standard deviation of the mean of two with such a share of the other."""
    one, other = (1 - share) * one_sd, share * other_sd
    return np.asarray(np.sqrt(one**2 + other**2 + 2 * _TOGETHER * one * other))


class _Trunk:
    """Where the trunk is in a picture, by the pose model."""

    def __init__(self, ready: Prepared) -> None:
        joints = ready.joints_px
        self._time_s = ready.angles.time_s
        self._facing = ready.view.facing
        self._hip = joints[:, _HIPS].mean(axis=1)
        self._shoulder = joints[:, _SHOULDERS].mean(axis=1)
        length = np.linalg.norm(self._hip - self._shoulder, axis=1)[ready.baseline]
        known = length[np.isfinite(length)]
        self._length_px = float(np.median(known)) if len(known) else float("nan")

    def __call__(self, time_s: float, shrink: float) -> BackPlace | None:
        """Return the place at a time, in a picture of that share of the size; None if unknown."""
        k = int(np.abs(self._time_s - time_s).argmin())
        hip, shoulder = self._hip[k], self._shoulder[k]
        if not (np.isfinite([*hip, *shoulder, self._length_px]).all() and (hip != shoulder).any()):
            return None
        return BackPlace(
            hip=hip * shrink,
            shoulder=shoulder * shrink,
            trunk_px=self._length_px * shrink,
            facing=self._facing,
        )


def _upright(kept_s: Curve, ready: Prepared) -> NDArray[np.intp]:
    """Pick some pictures of standing, evenly."""
    time_s = ready.angles.time_s[ready.baseline]
    if not ready.reps or not len(time_s):
        return np.empty(0, dtype=np.intp)
    gap_s = 0.5 * float(np.median(np.diff(kept_s))) if len(kept_s) > 1 else np.inf
    near = np.abs(kept_s[:, None] - time_s).min(axis=1) <= gap_s
    shown = np.flatnonzero(near)
    spread = np.linspace(0, len(shown) - 1, min(_STANDING, len(shown)))
    return shown[np.rint(spread).astype(np.intp)]


def _moments(kept_s: Curve, ready: Prepared) -> NDArray[np.intp]:
    """Pick pictures of all repetitions, in time."""
    time_s = ready.angles.time_s
    is_low = np.interp(kept_s, time_s, ready.angles.hip_height) < _LOW
    wanted = np.zeros(len(kept_s), dtype=bool)
    for rep in ready.reps:
        start_s, end_s = time_s[[rep.start, rep.end]]
        within = (kept_s >= start_s) & (kept_s <= end_s)
        wanted |= within & is_low
        wanted[np.flatnonzero(within)[::_EVERY]] = True
    return np.flatnonzero(wanted)
