"""The learned part: from features to angles, each with its standard deviation.

A handful of small networks, trained on rendered lifters whose joints are known
exactly (`analysis.calibration`), look at the same features. What they agree on
is the angle, what they disagree on widens its standard deviation. The weights
are a few arrays in a file, and numpy is all it takes to use them.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WEIGHTS = Path(__file__).parent / "data" / "estimator.npz"
# What the networks give, in this order. Thigh to knee past toe are corrections of
# what the landmarks say; stand-off is the shirt over the skin of the lower back.
# Lengths are in leg lengths.
OUTPUTS = (
    "lumbar_deg",
    "thigh_deg",
    "ankle_deg",
    "trunk_deg",
    "knee_past_toe",
    "arch_deg",
    "stand_off",
)
# Features further than this from the mean of the training set are drawn in.
LIMIT_SD = 4.0
# Frames estimated at a time: the networks' copies of the features would otherwise
# grow with the film (45 MB for a minute).
_BLOCK = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """What the networks say of a film; arrays have shape (T, 7), see :data:`OUTPUTS`.

    Attributes
    ----------
    value, sd : ndarray
    """

    value: NDArray[np.float64]
    sd: NDArray[np.float64]

    def of(self, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return value and standard deviation of one output, each of shape (T,)."""
        column = OUTPUTS.index(name)
        return self.value[:, column], self.sd[:, column]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimator:
    """The networks.

    Attributes
    ----------
    mean, spread : ndarray, shape (D,)
        Of the features in the training set; missing features count as the mean.
    layers : tuple of (weights, bias)
        One pair for each layer, with a leading axis for the networks:
        (K, in, out) and (K, 1, out).
    unit : ndarray, shape (7,)
        Size of the outputs.
    widen : ndarray, shape (7,)
        Factor on the standard deviations that makes them true on clips that
        training did not see.
    sha256 : str
        Names the weights in reports.
    """

    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    layers: tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...]
    unit: NDArray[np.float64]
    widen: NDArray[np.float64]
    sha256: str

    def estimate(self, features: NDArray[np.float64]) -> Estimates:
        """Estimate all angles of a film.

        Parameters
        ----------
        features : ndarray, shape (T, D)
            From :meth:`analysis.features.Features.against`; NaN = missing.

        Returns
        -------
        Estimates

        Raises
        ------
        ValueError
            If the features are not those that the networks were trained on.
        """
        if features.shape[1] != len(self.mean):
            raise ValueError(f"expected {len(self.mean)} features, got {features.shape[1]}")
        blocks = range(0, max(len(features), 1), _BLOCK)
        parts = [self._estimate_block(features[k : k + _BLOCK]) for k in blocks]
        return Estimates(
            value=np.concatenate([value for value, _ in parts]),
            sd=np.concatenate([sd for _, sd in parts]),
        )

    def _estimate_block(
        self, features: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        z = np.clip(np.nan_to_num((features - self.mean) / self.spread), -LIMIT_SD, LIMIT_SD)
        signal = np.broadcast_to(z, (len(self.layers[0][0]), *z.shape))
        for weights, bias in self.layers[:-1]:
            signal = _silu(signal @ weights + bias)
        weights, bias = self.layers[-1]
        out = signal @ weights + bias
        n = len(OUTPUTS)
        value, log_variance = out[..., :n], np.clip(out[..., n:], -4.0, 3.0)
        variance = np.exp(log_variance).mean(axis=0) + value.var(axis=0)
        return value.mean(axis=0) * self.unit, np.sqrt(variance) * self.unit * self.widen


def joint_sha256(*parts: str) -> str:
    """Return one checksum for several learned parts, in their order."""
    return hashlib.sha256("".join(parts).encode("ascii")).hexdigest()


@cache
def load_estimator(path: Path = WEIGHTS) -> Estimator:
    """Read the weights.

    Parameters
    ----------
    path : Path, optional

    Returns
    -------
    Estimator
    """
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name].astype(np.float64) for name in file.files}
    depth = sum(name.startswith("weights_") for name in arrays)
    return Estimator(
        mean=arrays["mean"],
        spread=arrays["spread"],
        layers=tuple((arrays[f"weights_{k}"], arrays[f"bias_{k}"]) for k in range(depth)),
        unit=arrays["unit"],
        widen=arrays["widen"],
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def _silu(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(x / (1.0 + np.exp(-x)))
