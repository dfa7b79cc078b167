"""Train the network of :mod:`analysis.backnet` on rendered backs and write it as ONNX.

Needs torch and onnx (see requirements-calibration.txt); running the app does not.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from analysis.backnet import REACH, SEEN, TRUNK_PX, UNIT_DEG, BackPlace
from analysis.calibration import backs, convnet
from analysis.calibration.convnet import Block, doubled
from analysis.calibration.train import unlikely
from analysis.cutout import cut_out

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Pixels = NDArray[np.uint8]

# Pixels of the picture, and cells of the maps.
_WIDE, _HIGH = 120, 140
_CELL = 4
# Channels from half of the picture's pixels to a sixteenth.
_CHANNELS = (16, 32, 48, 64)
_POINTS = len(backs.POINTS)
_EPOCHS, _RATE, _DECAY, _DROP = 28, 3e-3, 0.03, 0.1
# Bodies at a time, and moments of each beside standing.
_BATCH, _MOMENTS = 16, 4
# One body in so many is kept back to see how good the network is.
_KEPT_BACK = 12
# Deep moments are what the verdict stands on.
_DEEP_DEG, _WEIGHT_DEEP, _WEIGHT_REST = 30.0, 1.3, 0.8
# Of the loss: arch of standing, points, and where on the maps they are; errors of points count
# in proportion from this on (trunk lengths).
_ARCH, _POINT, _MAP, _SMALL = 0.1, 15.0, 0.15, 0.03
# Width of the hill on the map that a point should make, cells.
_HILL = 1.2
# Where the pose model sees hips and shoulders of rendered lifters: further forward and higher
# than their joints, trunk lengths, and the trunk 6 % longer (a third of the test clips, to
# which both were fitted by eye). That much is each body's own, and that much each moment's.
_HIP, _SHOULDER, _LONGER = (0.045, -0.045), (0.0, -0.09), 0.06
_OWN_SD, _MOMENT_SD, _LONGER_SD = 0.045, 0.035, 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The pictures of one body, standing first.

    Attributes
    ----------
    pictures : tuple of ndarray of uint8, shape (h, w, 3)
        RGB at the scale that the network gets.
    points : ndarray, shape (N, 12, 2)
        Trunk lengths from the hip.
    lumbar_deg : ndarray, shape (N,)
        Against the body model's rest.
    thigh_deg : ndarray, shape (N,)
    number : int
    is_clear : bool
        Filmed as the app asks for, and without a bar.
    """

    pictures: tuple[Pixels, ...]
    points: Floats
    lumbar_deg: Floats
    thigh_deg: Floats
    number: int
    is_clear: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some bodies as they may be met; P pictures, of each body one standing and M moments.

    Attributes
    ----------
    pictures : Tensor, shape (P, 3, 140, 120)
    points : Tensor, shape (P, 12, 2)
        Trunk lengths from the middle of the picture.
    change : Tensor, shape (B, M)
        Lumbar flexion against standing, in units of the network.
    arch : Tensor, shape (B,)
        Standing, in units of the network.
    is_deep : Tensor, shape (B, M)
    """

    pictures: torch.Tensor
    points: torch.Tensor
    change: torch.Tensor
    arch: torch.Tensor
    is_deep: torch.Tensor

    @classmethod
    def of(cls, bodies: list[Body], rng: np.random.Generator) -> Self:
        """Vary some bodies."""
        pictures, points, change, arch, deep = [], [], [], [], []
        for body in bodies:
            standing = float(body.lumbar_deg[: backs.STANDING].mean())
            picks = [
                int(rng.integers(backs.STANDING)),
                *rng.choice(np.arange(backs.STANDING, len(body.pictures)), _MOMENTS, replace=False),
            ]
            light, places = Light.draw(rng), _places(len(picks), rng)
            for k, place in zip(picks, places, strict=True):
                cut, there = _seen(body.pictures[k], body.points[k], place, light, rng)
                pictures.append(cut)
                points.append(there)
            change.append((body.lumbar_deg[picks[1:]] - standing) / UNIT_DEG)
            arch.append(standing / UNIT_DEG)
            deep.append(body.thigh_deg[picks[1:]] < _DEEP_DEG)
        stacked = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)
        return cls(
            pictures=stacked.contiguous(memory_format=torch.channels_last),
            points=_tensor(points),
            change=_tensor(change),
            arch=_tensor(arch),
            is_deep=torch.tensor(np.stack(deep)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """How a film may be lit, focussed and grained; the same for all of its pictures."""

    table: Pixels
    blur_px: float
    shrink: float
    grain: float
    is_grey: bool

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Self:
        """Draw one."""
        gamma, gain = np.exp(rng.normal(0, 0.25)), np.exp(rng.normal(0, 0.12, 3))
        curve = np.linspace(0, 1, 256)[:, None] ** gamma * gain + rng.normal(0, 0.04)
        sharpness = rng.random()
        return cls(
            table=np.clip(255 * curve, 0, 255).astype(np.uint8)[None],
            blur_px=rng.uniform(0.4, 1.6) if sharpness < 0.25 else 0.0,
            shrink=rng.uniform(0.35, 0.8) if 0.25 <= sharpness < 0.4 else 1.0,
            grain=rng.uniform(0, 0.04) if rng.random() < 0.5 else 0.0,
            is_grey=bool(rng.random() < 0.15),
        )

    def soften(self, picture: Pixels) -> Pixels:
        """Take sharpness from a picture."""
        if self.blur_px:
            return np.asarray(cv2.GaussianBlur(picture, (0, 0), self.blur_px), np.uint8)
        if self.shrink < 1:
            size = (picture.shape[1], picture.shape[0])
            small = cv2.resize(
                picture, None, fx=self.shrink, fy=self.shrink, interpolation=cv2.INTER_AREA
            )
            return np.asarray(cv2.resize(small, size), np.uint8)
        return picture

    def shine(self, cut: Pixels, rng: np.random.Generator) -> Singles:
        """Light a cut; now and then something is before it."""
        x = np.asarray(cv2.LUT(cut, self.table), np.float32) / np.float32(255)
        if self.grain:
            x += np.float32(self.grain) * rng.standard_normal(x.shape, dtype=np.float32)
        if rng.random() < 0.12:
            high, wide = cut.shape[:2]
            across, down = int(rng.integers(8, 45)), int(rng.integers(8, 60))
            left, top = int(rng.integers(wide - across)), int(rng.integers(high - down))
            x[top : top + down, left : left + across] = rng.random(3)
        if self.is_grey:
            x[:] = x.mean(axis=-1, keepdims=True)
        return x


def load(folder: Path) -> list[Body]:
    """Read all bodies of a folder."""
    found = []
    shrink = TRUNK_PX / backs.TRUNK_PX
    for path in sorted(folder.glob("*_backs.json")):
        strip = cv2.imread(str(path.with_suffix(".jpg")))
        assert strip is not None
        small = cv2.resize(strip, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        facts = json.loads(path.read_text(encoding="utf-8"))
        rows = facts["rows"]
        cuts = np.split(cv2.cvtColor(small, cv2.COLOR_BGR2RGB), len(rows), axis=1)
        found.append(
            Body(
                pictures=tuple(np.ascontiguousarray(cut, dtype=np.uint8) for cut in cuts),
                points=np.array([row["points"] for row in rows]),
                lumbar_deg=np.array([row["lumbar_deg"] for row in rows]),
                thigh_deg=np.array([row["thigh_deg"] for row in rows]),
                number=int(path.stem.split("_")[1]),
                is_clear=bool(facts["advised"]) and facts["arms"] not in ("bar", "front_rack"),
            )
        )
    return found


def _places(count: int, rng: np.random.Generator) -> list[BackPlace]:
    """Draw where the pose model has the trunk in pictures of one body, pixels from its hip."""
    hip = rng.normal(_HIP, _OWN_SD)
    shoulder = np.array([0.0, -1.0]) + rng.normal(_SHOULDER, _OWN_SD)
    longer = float(np.exp(rng.normal(_LONGER, _LONGER_SD)))
    return [
        BackPlace(
            hip=TRUNK_PX * (hip + rng.normal(0, _MOMENT_SD, 2)),
            shoulder=TRUNK_PX * (shoulder + rng.normal(0, _MOMENT_SD, 2)),
            trunk_px=TRUNK_PX * longer,
            facing=1.0,
        )
        for _ in range(count)
    ]


def _seen(
    picture: Pixels, points: Floats, place: BackPlace, light: Light, rng: np.random.Generator
) -> tuple[Singles, Floats]:
    """Cut a back out where the pose model has it; points from the middle of the cut."""
    to_back = place.to_back()
    from_kept = to_back.copy()
    from_kept[:, 2] += TRUNK_PX * to_back[:, :2] @ np.array(backs.REACH[:2])
    cut = cut_out(light.soften(picture), from_kept, unit_px=TRUNK_PX, reach=REACH)
    there = TRUNK_PX * points @ to_back[:, :2].T + to_back[:, 2]
    middle = np.array([REACH[0] + REACH[2], REACH[1] + REACH[3]]) / 2
    return light.shine(cut, rng), there - middle


class Network(nn.Module):
    """Maps whose centres are points of the trunk; what is seen there tells the lumbar spine.

    Down to 8 x 9 cells and up again to a quarter of the pixels, what was seen on the way down
    added (Lin 2017); the centre of a map is its mean place (soft-argmax, Sun 2018). A picture
    becomes `SEEN` numbers, and those of two pictures the change between them.
    """

    def __init__(self) -> None:
        super().__init__()
        half, fine, middle, coarse = _CHANNELS
        self.fine = nn.Sequential(
            Block(3, half, size=5, stride=2), Block(half, fine, stride=2), Block(fine, fine)
        )
        self.middle = nn.Sequential(Block(fine, middle, stride=2), Block(middle, middle))
        self.coarse = nn.Sequential(
            Block(middle, coarse, stride=2), Block(coarse, coarse), Block(coarse, coarse)
        )
        self.across = nn.ModuleList([nn.Conv2d(coarse, middle, 1), nn.Conv2d(middle, fine, 1)])
        self.up = nn.ModuleList([Block(middle, middle), Block(fine, fine)])
        self.maps = nn.Conv2d(fine, _POINTS, 1)
        self.drop = nn.Dropout(_DROP)
        n_inputs = _POINTS * (fine + 2) + coarse
        self.gather = nn.Sequential(
            nn.Linear(n_inputs, 2 * SEEN), nn.SiLU(), nn.Linear(2 * SEEN, SEEN)
        )
        self.change = nn.Sequential(nn.Linear(3 * SEEN, 64), nn.SiLU(), nn.Linear(64, 2))
        self.arch = nn.Linear(SEEN, 2)
        y, x = np.mgrid[: _HIGH // _CELL, : _WIDE // _CELL] + 0.5
        places = np.stack([x * _CELL - _WIDE / 2, y * _CELL - _HIGH / 2], axis=-1)
        self.register_buffer("places", _tensor(places.reshape(-1, 2) / TRUNK_PX))

    def look(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return what is seen (B, 48), points (B, 12, 2) and maps (B, 12, 1050)."""
        fine = self.fine(x)
        middle = self.middle(fine)
        coarse = self.coarse(middle)
        y = self.up[0](_joined(middle, self.across[0](coarse)))
        y = self.up[1](_joined(fine, self.across[1](y)))
        maps = self.maps(y).flatten(2).float()
        share = torch.softmax(maps, dim=-1)
        points = share @ self.places
        there = (share @ y.flatten(2).transpose(1, 2).float()).flatten(1)
        shape = 4 * (points - points.mean(dim=1, keepdim=True)).flatten(1)
        seen = self.gather(
            torch.cat([self.drop(there), shape, coarse.mean(dim=(2, 3)).float()], dim=1)
        )
        return seen, points, maps

    def compare(self, seen: torch.Tensor, standing: torch.Tensor) -> torch.Tensor:
        """Return change and logarithm of its variance, (B, 2)."""
        out = self.change(torch.cat([seen, standing, seen - standing], dim=1))
        return torch.cat([out[:, :1], out[:, 1:].clamp(-4, 3)], dim=1)

    def forward(self, picture: torch.Tensor, standing: torch.Tensor) -> torch.Tensor:
        """Return what is seen, change and arch, each of these two with its log variance."""
        seen = self.look(picture)[0]
        return torch.cat([seen, self.compare(seen, standing), self._arch(seen)], dim=1)

    def of_bodies(
        self, batch: Batch
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return changes (B, M, 2), arch (B, 2), points and maps of a batch."""
        seen, points, maps = self.look(batch.pictures)
        each = seen.view(len(batch.arch), -1, SEEN)
        standing = each[:, :1].expand(-1, each.shape[1] - 1, -1).reshape(-1, SEEN)
        change = self.compare(each[:, 1:].reshape(-1, SEEN), standing)
        return change.view(*batch.change.shape, 2), self._arch(each[:, 0]), points, maps

    def _arch(self, seen: torch.Tensor) -> torch.Tensor:
        out = self.arch(seen)
        return torch.cat([out[:, :1], out[:, 1:].clamp(-4, 3)], dim=1)


def _joined(fine: torch.Tensor, coarse: torch.Tensor) -> torch.Tensor:
    """Add a map to one twice as fine, which may have a row or column less than twice as many."""
    return fine + doubled(coarse)[:, :, : fine.shape[2], : fine.shape[3]]


def train(found: list[Body], *, epochs: int = _EPOCHS, seed: int = 0) -> Network:
    """Train on all bodies but those kept back, and print how far off it is on these."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    known = [body for body in found if body.number % _KEPT_BACK]
    other = [body for body in found if not body.number % _KEPT_BACK]
    shown_rng = np.random.default_rng(1)
    shown = [Batch.of(other[k : k + _BATCH], shown_rng) for k in range(0, len(other), _BATCH)]
    network = Network()
    network.to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=_DECAY)
    n_batches = len(known) // _BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, _RATE, total_steps=epochs * n_batches, pct_start=0.15
    )
    for epoch in range(epochs):
        network.train()
        for order in rng.permutation(len(known))[: n_batches * _BATCH].reshape(n_batches, _BATCH):
            batch = Batch.of([known[i] for i in order], rng)
            optimiser.zero_grad()
            _loss(network, batch).backward()
            nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()
            schedule.step()
        network.eval()
        print(f"{epoch + 1} of {epochs}: {describe(network, other, shown)}", flush=True)
    return network


def _loss(network: Network, batch: Batch) -> torch.Tensor:
    # Half precision is what makes it bearable without a GPU.
    with torch.autocast("cpu", dtype=torch.bfloat16):
        change, arch, points, maps = network.of_bodies(batch)
    weight = torch.where(batch.is_deep, _WEIGHT_DEEP, _WEIGHT_REST)
    away = ((network.places[None, None] - batch.points[:, :, None]) ** 2).sum(dim=-1)
    hill = torch.softmax(-away / (2 * (_HILL * _CELL / TRUNK_PX) ** 2), dim=-1)
    on_map = -(hill * torch.log_softmax(maps, dim=-1)).sum(dim=-1).mean()
    return (
        (_unlikely(change, batch.change) * weight).mean()
        + _ARCH * _unlikely(arch, batch.arch).mean()
        + _POINT * functional.smooth_l1_loss(points, batch.points, beta=_SMALL)
        + _MAP * on_map
    )


def _unlikely(said: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    value, log_variance = said.float().unbind(dim=-1)
    return unlikely(value, log_variance, truth)


def describe(network: Network, known: list[Body], shown: list[Batch]) -> str:
    """Say how far off the network is in deep moments; degrees, and hundredths of the trunk."""
    with torch.no_grad():
        said = [network.of_bodies(batch) for batch in shown]
    change = torch.cat([c for c, _, _, _ in said]).numpy()
    truth = torch.cat([batch.change for batch in shown]).numpy()
    deep = torch.cat([batch.is_deep for batch in shown]).numpy()
    clear = deep & np.array([body.is_clear for body in known])[:, None]
    error, sd = UNIT_DEG * (change[..., 0] - truth), UNIT_DEG * np.exp(change[..., 1] / 2)
    arch = torch.cat([a[:, 0] for _, a, _, _ in said]).numpy()
    stood = torch.cat([batch.arch for batch in shown]).numpy()
    off = [(p - batch.points).abs().mean() for (_, _, p, _), batch in zip(said, shown, strict=True)]

    def line(name: str, rows: NDArray[np.bool_]) -> str:
        return (
            f"{name} {np.abs(error[rows]).mean():.2f} (nothing said "
            f"{UNIT_DEG * np.abs(truth[rows]).mean():.2f}), bias {error[rows].mean():.2f}, "
            f"r {np.corrcoef(change[..., 0][rows], truth[rows])[0, 1]:.2f}, within 2 sd "
            f"{(np.abs(error[rows]) < 2 * sd[rows]).mean():.2f}, sd {np.median(sd[rows]):.1f}"
        )

    return (
        f"{line('all', deep)}; {line('clear', clear)}; arch r "
        f"{np.corrcoef(arch, stood)[0, 1]:.2f}, points {100 * float(np.mean(off)):.2f}"
    )


def _tensor(values: object) -> torch.Tensor:
    return torch.tensor(np.asarray(values), dtype=torch.float32)


def write(network: Network, path: Path) -> None:
    """Write a network as OpenCV reads it."""
    examples = [torch.zeros(1, 3, _HIGH, _WIDE), torch.zeros(1, SEEN)]
    plain = network.to(memory_format=torch.contiguous_format)
    convnet.write(plain, examples, path, names=["picture", "standing"])
