"""Train the network of :mod:`analysis.legnet` on rendered legs and write it as ONNX.

Needs torch and onnx (see requirements-calibration.txt); running the app does not.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from analysis.calibration import convnet, legs
from analysis.calibration.convnet import Block, doubled
from analysis.cutout import cut_out
from analysis.legnet import REACH, RISE_UNIT_DEG, SHANK_PX

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]

# Channels from the whole picture (64 x 56 cells) to its coarsest (8 x 7).
_CHANNELS = (16, 32, 48, 64)
_WIDE, _HIGH = 64, 56
_EPOCHS, _BATCH, _RATE, _DECAY = 20, 32, 3e-3, 0.02
# One body in so many is kept back to see how good the network is.
_KEPT_BACK = 12
# An ankle test has one picture, a squat four.
_WEIGHT_LUNGE = 3.0
# A heel that rises by more is up, degrees.
_UP_DEG = 5.0
# Of the loss: points, where on the map they are, rise and `is_up` of the heel. Errors of the
# points count in proportion from this on (shank lengths), those of the rise in its unit.
_POINTS, _MAP, _RISE, _UP = 20.0, 0.15, 0.5, 0.3
_SMALL, _SMALL_RISE = 0.02, 0.2
# Width of the hill on the map that a point should make, cells.
_HILL = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One picture of a leg.

    Attributes
    ----------
    picture : ndarray of uint8, shape (280, 320, 3)
        RGB, as `legs` cuts it out.
    points : ndarray, shape (4, 2)
        Shank lengths from the ankle.
    heel_deg : float
    is_lunge : bool
    body : int
    """

    picture: Pixels
    points: Floats
    heel_deg: float
    is_lunge: bool
    body: int


def load(folder: Path) -> list[Leg]:
    """Read all pictures of a folder."""
    found = []
    for path in sorted(folder.glob("*_legs.json")):
        strip = cv2.imread(str(path.with_suffix(".jpg")))
        assert strip is not None
        rgb = cv2.cvtColor(strip, cv2.COLOR_BGR2RGB)
        rows = json.loads(path.read_text(encoding="utf-8"))
        for row, cut in zip(rows, np.split(rgb, len(rows), axis=1), strict=True):
            found.append(
                Leg(
                    picture=np.ascontiguousarray(cut, dtype=np.uint8),
                    points=np.array(row["points_px"]) / legs.SHANK_PX + legs.REACH[:2],
                    heel_deg=float(row["heel_deg"]),
                    is_lunge=bool(row["is_lunge"]),
                    body=int(path.stem.split("_")[1]),
                )
            )
    return found


class Network(nn.Module):
    """Four maps, whose centres are the points; what is seen there tells the heel's rise.

    Down to 8 x 7 cells and up again, what was seen on the way down added (Lin 2017); the
    centre of a map is its mean place (soft-argmax, Sun 2018).
    """

    def __init__(self) -> None:
        super().__init__()
        fine, one, two, coarse = _CHANNELS
        self.begin = nn.Sequential(Block(3, fine, size=5, stride=2), Block(fine, fine))
        self.down = nn.ModuleList(
            [
                nn.Sequential(Block(fine, one, stride=2), Block(one, one)),
                nn.Sequential(Block(one, two, stride=2), Block(two, two)),
                nn.Sequential(
                    Block(two, coarse, stride=2), Block(coarse, coarse), Block(coarse, coarse)
                ),
            ]
        )
        self.across = nn.ModuleList(
            [nn.Conv2d(coarse, two, 1), nn.Conv2d(two, one, 1), nn.Conv2d(one, one, 1)]
        )
        self.level = nn.Conv2d(fine, one, 1)
        self.up = nn.ModuleList([Block(two, two), Block(one, one), Block(one, one)])
        self.maps = nn.Conv2d(one, 4, 1)
        self.heel = nn.Sequential(nn.Linear(4 * one + 8, 32), nn.ReLU(), nn.Linear(32, 2))
        y, x = np.mgrid[:_HIGH, :_WIDE] + 0.5
        places = np.stack([x, y], axis=-1).reshape(-1, 2) * 2 / SHANK_PX
        self.register_buffer("places", torch.tensor(places, dtype=torch.float32))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return points (B, 4, 2), all 14 outputs (B, 14) and maps (B, 4, 3584).

        Points in shank lengths from the upper left corner.
        """
        fine = self.begin(x)
        one = self.down[0](fine)
        two = self.down[1](one)
        y = two + doubled(self.across[0](self.down[2](two)))
        y = one + doubled(self.across[1](self.up[0](y)))
        y = self.level(fine) + doubled(self.across[2](self.up[1](y)))
        y = self.up[2](y)
        maps = self.maps(y).flatten(2)
        share = torch.softmax(maps, dim=-1)
        points = share @ self.places
        spread = (share @ self.places**2 - points**2).sum(dim=-1)
        seen = (share @ y.flatten(2).transpose(1, 2)).flatten(1)
        shape = (points - points[:, 1:2]).flatten(1)
        heel = self.heel(torch.cat([seen, shape], dim=1))
        return points, torch.cat([points.flatten(1), spread, heel], dim=1), maps


def train(found: list[Leg], *, epochs: int = _EPOCHS, seed: int = 0) -> Network:
    """Train on all bodies but those kept back, and print how far off it is on these."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    known = [leg for leg in found if leg.body // 2 % _KEPT_BACK]
    other = [leg for leg in found if not leg.body // 2 % _KEPT_BACK]
    shown = [varied(leg, np.random.default_rng(k)) for k, leg in enumerate(other)]
    weight = np.array([_WEIGHT_LUNGE if leg.is_lunge else 1.0 for leg in known])
    network = Network()
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=_DECAY)
    n_batches = len(known) // _BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, _RATE, total_steps=epochs * n_batches, pct_start=0.15
    )
    for epoch in range(epochs):
        network.train()
        order = rng.choice(len(known), n_batches * _BATCH, p=weight / weight.sum())
        for batch in order.reshape(n_batches, _BATCH):
            pictures, points = zip(*(varied(known[i], rng) for i in batch), strict=True)
            heel_deg = np.array([known[i].heel_deg for i in batch])
            optimiser.zero_grad()
            _loss(network, np.stack(pictures), np.stack(points), heel_deg).backward()
            optimiser.step()
            schedule.step()
        network.eval()
        print(f"{epoch + 1} of {epochs}: {describe(network, other, shown)}", flush=True)
    return network


def _loss(network: Network, pictures: Floats, points: Floats, heel_deg: Floats) -> torch.Tensor:
    at, out, maps = network(torch.tensor(pictures, dtype=torch.float32))
    y = torch.tensor(points, dtype=torch.float32)
    rise = torch.tensor(heel_deg, dtype=torch.float32)
    away = ((network.places[None, None] - y[:, :, None]) ** 2).sum(dim=-1)
    hill = torch.softmax(-away / (2 * (_HILL * 2 / SHANK_PX) ** 2), dim=-1)
    on_map = -(hill * torch.log_softmax(maps, dim=-1)).sum(dim=-1).mean()
    return (
        _POINTS * functional.smooth_l1_loss(at, y, beta=_SMALL)
        + _MAP * on_map
        + _RISE * functional.smooth_l1_loss(out[:, 12], rise / RISE_UNIT_DEG, beta=_SMALL_RISE)
        + _UP * functional.binary_cross_entropy_with_logits(out[:, 13], (rise > _UP_DEG).float())
    )


def varied(leg: Leg, rng: np.random.Generator) -> tuple[NDArray[np.float32], Floats]:
    """Show a leg as it may be met: not quite in place, in other light, blurred, half hidden.

    Returns
    -------
    (ndarray of shape (3, 112, 128), ndarray of shape (4, 2))
        Picture, 0 to 1, and points in shank lengths from its upper left corner.
    """
    far = 2.0 if rng.random() < 0.1 else 1.0
    ankle, shank = far * rng.normal(0, 0.07, 2), float(np.exp(rng.normal(0, 0.1)))
    turn = np.radians(rng.normal(0, 2.5))
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    source = leg.picture
    drawn = rng.random()
    if drawn < 0.25:
        source = np.asarray(cv2.GaussianBlur(source, (0, 0), rng.uniform(0.5, 2.2)), np.uint8)
    elif drawn < 0.35:
        share, size = rng.uniform(0.3, 0.7), (source.shape[1], source.shape[0])
        small = cv2.resize(source, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        source = np.asarray(cv2.resize(small, size), np.uint8)
    to_leg = turned @ np.column_stack([np.eye(2) / legs.SHANK_PX, legs.REACH[:2]])
    cut = cut_out(source, to_leg, unit_px=SHANK_PX, reach=REACH, middle=ankle, scale=shank)
    points = (leg.points @ turned.T - ankle) / shank - REACH[:2]
    return _in_other_light(cut, rng).transpose(2, 0, 1), points


def _in_other_light(cut: Pixels, rng: np.random.Generator) -> NDArray[np.float32]:
    high, wide = cut.shape[:2]
    x = (cut / 255.0) ** np.exp(rng.normal(0, 0.25))
    x = x * np.exp(rng.normal(0, 0.12, 3)) + rng.normal(0, 0.04)
    if rng.random() < 0.5:
        x += rng.normal(0, rng.uniform(0, 0.04), x.shape)
    if rng.random() < 0.25:
        across, down = int(rng.integers(6, 40)), int(rng.integers(6, 30))
        left, top = int(rng.integers(wide - across)), int(rng.integers(high - down))
        x[top : top + down, left : left + across] = rng.random(3)
    if rng.random() < 0.15:
        x[:] = x.mean(axis=-1, keepdims=True)
    return np.asarray(np.clip(x, 0, 1), dtype=np.float32)


def describe(
    network: Network, known: list[Leg], shown: list[tuple[NDArray[np.float32], Floats]]
) -> str:
    """Say how far off the network is; hundredths of a shank, degrees."""
    with torch.no_grad():
        parts = [
            network(torch.tensor(np.stack([picture for picture, _ in shown[k : k + 64]])))[1]
            for k in range(0, len(shown), 64)
        ]
    out = torch.cat(parts).numpy()
    truth = np.stack([points for _, points in shown])
    error = out[:, :8].reshape(-1, 4, 2) - truth
    past_toe = np.abs(error[:, 0, 0] - error[:, 3, 0])
    lunge = np.array([leg.is_lunge for leg in known])
    rise = np.array([leg.heel_deg for leg in known])
    up, told = rise > _UP_DEG, out[:, 13] > 0
    off = " ".join(f"{100 * e:.1f}" for e in np.abs(error).mean(axis=(0, 2)))
    return (
        f"points {off}, knee past toe {100 * past_toe.mean():.1f} "
        f"(lunges {100 * past_toe[lunge].mean():.1f}), rise of lunges "
        f"{np.abs(RISE_UNIT_DEG * out[lunge, 12] - rise[lunge]).mean():.1f} degrees, heel up "
        f"{(told & up & lunge).sum()} of {(up & lunge).sum()}, "
        f"false {(told & ~up & lunge).sum()} of {(~up & lunge).sum()}"
    )


class _Outputs(nn.Module):
    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.network(x)[1]


def write(network: Network, path: Path) -> None:
    """Write a network as OpenCV reads it."""
    example = torch.zeros(1, 3, 2 * _HIGH, 2 * _WIDE)
    convnet.write(_Outputs(network), [example], path, names=["x"])
