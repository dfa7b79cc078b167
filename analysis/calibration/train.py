"""Train the networks of :mod:`analysis.estimator` and write their weights.

Needs torch (see requirements-calibration.txt); running the app does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from analysis.calibration.dataset import Sample
from analysis.estimator import LIMIT_SD, OUTPUTS, Estimates, Estimator
from analysis.filmcheck import TRUSTED

# Size of each output, so that all errors count alike: degrees, and leg lengths.
UNIT = np.array([8.0, 6.0, 6.0, 5.0, 0.06, 8.0, 0.02])
# Factors on the stated standard deviations, set by hand after looking at the share of
# truths within two of them. With these it is 79 to 91 percent over the deep frames of
# the fair test clips (lumbar 84, arch 79), and 93 for the lumbar angle on clips of
# another renderer.
WIDEN = np.array([1.0, 1.2, 1.3, 1.0, 1.1, 1.4, 1.0])
_HIDDEN = (160, 48)
_NETWORKS = 6
_EPOCHS, _BATCH, _RATE, _DECAY = 22, 512, 4e-3, 0.05
_DROP_INPUT, _DROP_HIDDEN, _NOISE = 0.15, 0.2, 0.15
# Deep frames are what the verdict stands on; standing is much the same everywhere.
_WEIGHT_DEEP, _WEIGHT_REST = 1.5, 0.7
# How far a frame's error counts in proportion to how sure the network was of it:
# 0 is maximum likelihood, 1 plain error (Seitzer 2022 recommends 0.5).
_BETA, _HUBER = 0.5, 1.5
# Frames too few to see a movement in, and backs hidden by more than this share.
_FEWEST_FRAMES, _MOST_HIDDEN = 20, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """Frames of all training clips in a row.

    Attributes
    ----------
    features : ndarray, shape (N, D)
    target : ndarray, shape (N, 7)
    weight : ndarray, shape (N,)
    """

    features: NDArray[np.float64]
    target: NDArray[np.float64]
    weight: NDArray[np.float64]


class _Network(nn.Module):
    def __init__(self, n_features: int) -> None:
        super().__init__()
        first, second = _HIDDEN
        self.layers = nn.ModuleList(
            [
                nn.Linear(n_features, first),
                nn.Linear(first, second),
                nn.Linear(second, 2 * len(OUTPUTS)),
            ]
        )
        self.drops = nn.ModuleList([nn.Dropout(_DROP_INPUT), nn.Dropout(_DROP_HIDDEN)])

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = nn.functional.silu(self.layers[0](self.drops[0](x)))
        x = nn.functional.silu(self.layers[1](self.drops[1](x)))
        out = self.layers[2](x)
        return out[:, : len(OUTPUTS)], out[:, len(OUTPUTS) :].clamp(-4, 3)


def train(samples: Sequence[Sample], *, seed: int = 0) -> Estimator:
    """Train all networks, each from other first weights and in another order.

    Parameters
    ----------
    samples : sequence of Sample
    seed : int, optional

    Returns
    -------
    Estimator
    """
    frames = gather(samples)
    mean = np.nanmean(frames.features, axis=0)
    spread = np.nanstd(frames.features, axis=0) + 1e-3
    networks = [_train_one(frames, mean, spread, seed=seed + k) for k in range(_NETWORKS)]
    layers = []
    for k in range(len(networks[0].layers)):
        weights = np.stack([n.layers[k].weight.detach().numpy().T for n in networks])
        bias = np.stack([n.layers[k].bias.detach().numpy()[None] for n in networks])
        layers.append((weights.astype(np.float64), bias.astype(np.float64)))
    return Estimator(
        mean=mean,
        spread=spread,
        layers=tuple(layers),
        unit=UNIT,
        widen=WIDEN,
        sha256="",
    )


def gather(samples: Sequence[Sample]) -> Frames:
    """Put the frames that teach something in a row.

    Parameters
    ----------
    samples : sequence of Sample

    Returns
    -------
    Frames
    """
    parts = []
    for sample in samples:
        if not _teaches(sample):
            continue
        keep = sample.usable & np.isfinite(sample.target[:, :4]).all(axis=1)
        keep &= sample.hidden < _MOST_HIDDEN
        weight = np.where(sample.deep, _WEIGHT_DEEP, _WEIGHT_REST)
        parts.append((sample.features[keep], sample.target[keep], weight[keep]))
    features, target, weight = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Frames(features=features, target=target, weight=weight)


def unlikely(value: torch.Tensor, log_variance: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Return the negative log likelihood of truths, each weighted by how sure was said.

    Large errors count in proportion, not squared.

    Parameters
    ----------
    value, log_variance, truth : Tensor
        Of one shape.

    Returns
    -------
    Tensor
        Of that shape.
    """
    error = nn.functional.huber_loss(value, truth, reduction="none", delta=_HUBER)
    likelihood = error * torch.exp(-log_variance) + 0.5 * log_variance
    return likelihood * torch.exp(_BETA * log_variance.detach())


def write_weights(estimator: Estimator, path: Path) -> None:
    """Write the weights as numbers of half precision.

    Parameters
    ----------
    estimator : Estimator
    path : Path
    """
    arrays: dict[str, Any] = {
        "mean": estimator.mean.astype(np.float32),
        "spread": estimator.spread.astype(np.float32),
        "unit": estimator.unit.astype(np.float32),
        "widen": estimator.widen.astype(np.float32),
    }
    for k, (weights, bias) in enumerate(estimator.layers):
        arrays[f"weights_{k}"] = weights.astype(np.float16)
        arrays[f"bias_{k}"] = bias.astype(np.float16)
    np.savez_compressed(path, **arrays)


def describe(estimator: Estimator, samples: Sequence[Sample]) -> str:
    """Say how far off the estimates are in deep frames, one line for each output.

    Parameters
    ----------
    estimator : Estimator
    samples : sequence of Sample

    Returns
    -------
    str
    """
    errors, before, inside = [], [], []
    for sample in samples:
        deep = sample.usable & sample.deep & np.isfinite(sample.target[:, :4]).all(axis=1)
        said: Estimates = estimator.estimate(sample.features[deep].astype(np.float64))
        error = said.value - sample.target[deep]
        errors.append(error)
        inside.append(np.abs(error) <= 2 * said.sd)
        before.append(sample.target[deep])
    rows = []
    for k, name in enumerate(OUTPUTS):
        error = np.concatenate(errors)[:, k]
        old = np.concatenate(before)[:, k]
        rows.append(
            f"{name:14} mean error {np.nanmean(np.abs(error)):6.3f} "
            f"(uncorrected {np.nanmean(np.abs(old)):6.3f}) bias {np.nanmean(error):6.3f} "
            f"within 2 sd {np.concatenate(inside)[:, k].mean():.2f}"
        )
    return "\n".join(rows)


def _teaches(sample: Sample) -> bool:
    return (
        sample.side_right
        # What the app would not measure teaches nothing: joints that are anywhere.
        and sample.trusted > TRUSTED
        and (sample.is_still or len(sample.usable) >= _FEWEST_FRAMES)
    )


def _train_one(
    frames: Frames, mean: NDArray[np.float64], spread: NDArray[np.float64], *, seed: int
) -> _Network:
    torch.manual_seed(seed)
    z = np.clip(np.nan_to_num((frames.features - mean) / spread), -LIMIT_SD, LIMIT_SD)
    x = torch.tensor(z, dtype=torch.float32)
    y = torch.tensor(np.nan_to_num(frames.target) / UNIT, dtype=torch.float32)
    known = torch.tensor(np.isfinite(frames.target), dtype=torch.float32)
    w = torch.tensor(frames.weight / frames.weight.mean(), dtype=torch.float32)
    network = _Network(x.shape[1])
    optimiser = torch.optim.AdamW(network.parameters(), lr=_RATE / 2, weight_decay=_DECAY)
    steps = _EPOCHS * (len(x) // _BATCH + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=steps)
    for _ in range(_EPOCHS):
        for batch in torch.randperm(len(x)).split(_BATCH):
            noisy = x[batch] + _NOISE * torch.randn(len(batch), x.shape[1])
            value, log_variance = network(noisy)
            loss = unlikely(value, log_variance, y[batch]) * known[batch]
            loss = (loss.sum(dim=1) * w[batch]).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    network.eval()
    return network
