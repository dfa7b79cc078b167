"""Room, things, people and gear around the lifter, as pieces for the renderer.

Drawn for a camera on the lifter's left (+x); mirrored for the other side.
"""

import functools
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.calibration import mesh
from analysis.calibration.lifter import Lifter, build
from analysis.calibration.motion import Mover
from analysis.calibration.sample import (
    BAR_MODES,
    Clip,
    Cloth,
    Colour,
    Load,
    Rng,
    colour,
    draw,
    stream,
)

Array = NDArray[np.float64]
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

#: What the picture's alpha says is in front, 0 to 1.
BACKGROUND, TRUNK, ARM, THING = 0.0, 0.25, 0.6, 1.0
PATTERNS = {
    "shade": -1,
    "plain": 0,
    "heather": 1,
    "stripes": 2,
    "vertical": 3,
    "check": 4,
    "camo": 5,
    "block": 6,
    "dots": 7,
    "skin": 8,
    "wall": 10,
    "floor": 11,
    "other_wall": 12,
}
#: Texture edge, pixels, and what it spans on a wall or floor, metres.
TEXTURE = 512
WALL_SPAN = (8.0, 4.0)
FLOOR_SPAN = 3.0
#: People of a split, made once per process.
CROWD = 10_000_000


@dataclass(slots=True)
class Piece:
    """Triangles with one material.

    `rest` are the coordinates that patterns stick to; `speed` slides the piece along y.
    """

    v: Array
    faces: Ints
    colour: Colour
    second: Colour = (0.5, 0.5, 0.5)
    pattern: str = "plain"
    frequency: float = 1.0
    bump: float = 0.0
    layer: float = BACKGROUND
    tint: Array | None = None
    rest: Array | None = None
    speed: float = 0.0

    def attributes(self) -> Floats:
        """Return what does not move: rest, colour, second, material; shape (n, 13)."""
        n = len(self.v)
        first = np.tile(np.array(self.colour), (n, 1))
        if self.tint is not None:
            first = first * self.tint
        material = [PATTERNS[self.pattern], self.frequency, self.bump, self.layer]
        rest = self.v if self.rest is None else self.rest
        columns = [rest, first, np.tile(self.second, (n, 1)), np.tile(material, (n, 1))]
        return np.hstack(columns).astype(np.float32)


@dataclass(slots=True)
class Surroundings:
    """Everything but the lifter."""

    still: list[Piece]
    moving: list[Piece]
    textures: Floats
    clear: Colour
    gear: list[Piece] = field(default_factory=list)


def clothing_pieces(lifter: Lifter, clip: Clip) -> list[Piece]:
    """Return the lifter's parts as pieces, in the order of the lifter's vertices."""
    o = clip.outfit
    flat: dict[str, Colour] = {
        "skin": o.skin,
        "eyes": (1.0, 1.0, 1.0),
        "hair": o.hair_colour,
        "cap": o.cap,
        "shoe": o.shoe,
        "belt": o.belt_colour,
    }
    pieces = []
    for part in lifter.parts:
        if part.kind in ("shirt", "bottoms"):
            cloth: Cloth = o.shirt if part.kind == "shirt" else o.trousers
            piece = Piece(
                part.v,
                mesh.triangles(part.faces),
                cloth.colour,
                cloth.second,
                cloth.pattern,
                cloth.frequency,
                cloth.wrinkle,
            )
        else:
            pattern = "skin" if part.kind == "skin" else "plain"
            piece = Piece(
                part.v,
                mesh.triangles(part.faces),
                flat[part.kind],
                pattern=pattern,
                tint=part.tint,
            )
        pieces.append(piece)
    return pieces


def gear(clip: Clip) -> list[Piece]:
    """Return bar and plates, kettlebell or dumbbells about their own centre."""
    load, steel = clip.load, (0.35, 0.35, 0.36)
    shapes: list[tuple[tuple[Array, Ints], Colour]] = []
    if clip.arms in BAR_MODES:
        shapes = _barbell(load, steel)
    elif clip.arms == "goblet":
        r = load.dumbbell
        if clip.arm_variety < 0.5:
            shapes = [(mesh.cylinder((0, 0, 0), 0.018, 0.14, 2), steel)]
            shapes += [
                (mesh.cylinder((0, 0, s * 0.075), r, 0.07, 2), load.plate_colour) for s in (-1, 1)
            ]
        else:
            shapes = [
                (mesh.ellipsoid(np.array([0, -0.02, -0.06]), (r * 1.3,) * 3), load.plate_colour)
            ]
    return [Piece(v, mesh.triangles(f), c, load.second_colour, layer=THING) for (v, f), c in shapes]


def _barbell(load: Load, steel: Colour) -> list[tuple[tuple[Array, Ints], Colour]]:
    """Return a bar 2.2 m long; the sleeves begin 65 cm from its middle (IWF rules)."""
    shapes = [(mesh.cylinder((0, 0, 0), 0.014, 1.31, 0, 12), steel)]
    for s in (-1, 1):
        shapes.append((mesh.cylinder((s * 0.875, 0, 0), 0.025, 0.43, 0, 16), steel))
        shapes.append((mesh.cylinder((s * 0.655, 0, 0), 0.035, 0.02, 0, 16), steel))
        x = 0.668
        for radius, thick in load.plates:
            at = s * (x + thick / 2)
            shapes.append((mesh.cylinder((at, 0, 0), radius, thick, 0, 40), load.plate_colour))
            ring = s * (x + thick + 0.002)
            shapes.append(
                (mesh.cylinder((ring, 0, 0), 0.42 * radius, 0.004, 0, 32), load.second_colour)
            )
            x += thick + 0.006
    return shapes


@functools.lru_cache(maxsize=16)
def bystander(split: str, who: int) -> tuple[tuple[Piece, ...], float]:
    """Return another person of this split, standing, facing -y, and the body's height."""
    clip = draw(split, CROWD + who)
    clip.arms = ("hanging", "hips", "clasped", "hanging")[who % 4]
    lifter = build(clip)
    m = clip.motion
    mover = Mover(lifter.skeleton, lifter.arms, clip)
    clip.load.mass = 0.0
    q = mover.pose(
        thigh=m.stand_thigh, shank=m.stand_shank, lumbar=0.0, thoracic=4.0, heel=0.0, u=0.0
    )
    v = lifter.posed_vertices(mover.balanced(q)).astype(np.float64)
    pieces, at = [], 0
    for piece in clothing_pieces(lifter, clip):
        n = len(piece.v)
        piece.rest, piece.v = piece.v, v[at : at + n]
        at += n
        pieces.append(piece)
    return tuple(pieces), lifter.skeleton.head_top - lifter.skeleton.floor


def surroundings(clip: Clip) -> Surroundings:
    """Return room, things and people of a clip, seen from the lifter's left or right."""
    rng = stream(clip.split, clip.index, "room")
    s = clip.scene
    still = _room(clip, rng) + _rack(clip, rng)
    for _ in range(s.props):
        still.append(_prop(clip, rng))
    for x, y, width in s.posts:
        tone = colour(rng, "dark" if rng.random() < 0.5 else "any")
        v, f = mesh.box((x, y, 1.25), (width, width, 2.5))
        still.append(Piece(v, mesh.triangles(f), tone, layer=THING))
    moving: list[Piece] = []
    for person in s.people:
        for piece in _person(clip, person):
            (moving if piece.speed else still).append(piece)
    flip = 1.0 if clip.view == "left" else -1.0
    for piece in still + moving:
        if piece.pattern not in ("wall", "floor", "other_wall") and piece.rest is None:
            piece.rest = piece.v
        piece.v = piece.v * [flip, 1.0, 1.0]
        if flip < 0:
            piece.faces = piece.faces[:, ::-1]
    sky = (0.55, 0.68, 0.85) if s.place == "outdoor" else s.wall.colour
    return Surroundings(still, moving, _textures(clip, rng), sky, gear(clip))


def _person(clip: Clip, person: dict[str, float]) -> list[Piece]:
    pieces, _ = bystander(clip.split, int(person["who"]))
    a = np.radians(person["turn"])
    turn = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    move = np.array([person["x"], person["y"], 0.0])
    layer = THING if person["x"] > 0.2 else BACKGROUND
    out = []
    for p in pieces:
        out.append(
            Piece(
                p.v @ turn.T + move,
                p.faces,
                p.colour,
                p.second,
                p.pattern,
                p.frequency,
                p.bump,
                layer,
                p.tint,
                p.rest,
                person["speed"],
            )
        )
    return out


def _flat(
    corners: list[list[float]], coords: list[list[float]], pattern: str, tone: Colour
) -> Piece:
    rest = np.hstack([np.array(coords), np.zeros((4, 1))])
    return Piece(
        np.array(corners), np.array([[0, 1, 2], [0, 2, 3]]), tone, pattern=pattern, rest=rest
    )


def _room(clip: Clip, rng: Rng) -> list[Piece]:
    """Floor, back wall and sometimes a side wall."""
    s = clip.scene
    far, wide, high = -s.wall_distance, 12.0, 6.0
    if s.place == "outdoor":
        wide, high = 40.0, 14.0
    u, v = wide / WALL_SPAN[0], high / WALL_SPAN[1]
    if s.place == "outdoor":
        u, v = 2.5, 1.0
    start = float(rng.uniform(0, 1))
    wall = _flat(
        [[far, -wide, 0], [far, wide, 0], [far, wide, high], [far, -wide, high]],
        [[start, 0], [start + 2 * u, 0], [start + 2 * u, v], [start, v]],
        "wall",
        (1.0, 1.0, 1.0),
    )
    e = 14.0 / FLOOR_SPAN
    floor = _flat(
        [[-14, -14, 0], [14, -14, 0], [14, 14, 0], [-14, 14, 0]],
        [[-e, -e], [e, -e], [e, e], [-e, e]],
        "floor",
        (1.0, 1.0, 1.0),
    )
    pieces = [wall, floor]
    if s.place in ("home", "gym") and rng.random() < 0.4:
        y = float(rng.choice([-1, 1]) * rng.uniform(1.6, 4.0))
        k = 3.5 / WALL_SPAN[0]
        pieces.append(
            _flat(
                [[far, y, 0], [3.0, y, 0], [3.0, y, high], [far, y, high]],
                [[0, 0], [2 * k, 0], [2 * k, v], [0, v]],
                "other_wall",
                (1.0, 1.0, 1.0),
            )
        )
    if s.place == "home" and rng.random() < 0.6:
        v4, f4 = mesh.box((far + 0.01, 0.0, 0.05), (0.02, 24.0, 0.1))
        pieces.append(Piece(v4, mesh.triangles(f4), colour(rng, "light")))
    return pieces


def _prop(clip: Clip, rng: Rng) -> Piece:
    """Return a box, cylinder or lying plate beside or behind the lifter."""
    s = clip.scene
    tone = colour(rng, "dark" if rng.random() < 0.4 else "any")
    pattern = str(rng.choice(["plain", "heather", "check", "stripes", "dots"]))
    y = float(rng.choice([-1, 1]) * rng.uniform(0.2, 3.5))
    x = float(rng.uniform(-max(s.wall_distance - 0.2, 0.7), -0.6))
    if rng.random() < 0.12:  # something small on the floor, nearer than the lifter
        x, y = float(rng.uniform(0.5, 1.1)), float(rng.choice([-1, 1]) * rng.uniform(0.5, 1.4))
        v, f = mesh.box((x, y, 0.09), (0.2, 0.25, 0.18))
        return Piece(v, mesh.triangles(f), tone, layer=THING)
    if rng.random() < 0.5:
        size = (
            float(rng.uniform(0.1, 0.6)),
            float(rng.uniform(0.1, 1.4)),
            float(rng.uniform(0.15, 2.0)),
        )
        v, f = mesh.box((x, y, size[2] / 2), size)
    elif rng.random() < 0.5:
        r = float(rng.choice([0.225, 0.175, 0.3]))
        v, f = mesh.cylinder((x, y, r), r, 0.06, int(rng.choice([0, 1])))
    else:
        h = float(rng.uniform(0.2, 1.8))
        v, f = mesh.cylinder((x, y, h / 2), float(rng.uniform(0.03, 0.2)), h, 2)
    return Piece(v, mesh.triangles(f), tone, colour(rng), pattern, float(rng.uniform(0.5, 2)))


def _rack(clip: Clip, rng: Rng) -> list[Piece]:
    """Uprights with beams: in front of the lifter, around, or standing behind in the room."""
    kind = clip.scene.rack
    if kind == "none":
        return []
    tone, width = (
        colour(rng, "dark" if rng.random() < 0.6 else "any"),
        float(rng.uniform(0.05, 0.08)),
    )
    half, depth = float(rng.uniform(0.54, 0.62)), float(rng.uniform(0.5, 0.8))
    front = float(rng.uniform(-0.95, -0.5))
    xs, ys = [-half, half], [front]
    if kind == "around":
        ys = [front * 0.75, front * 0.75 + 2 * depth]
    if kind == "behind":
        far = max(clip.scene.wall_distance - 0.4, 1.3)
        xs, ys = [-far, -far + 0.9], [float(rng.uniform(-1.5, 0.5))]
        ys.append(ys[0] + 1.1)
    height = float(rng.uniform(1.7, 2.5))
    shapes = [((x, y, height / 2), (width, width, height)) for x in xs for y in ys]
    shapes += [((0.5 * (xs[0] + xs[1]), y, height), (xs[1] - xs[0], width, width)) for y in ys]
    if len(ys) == 2:
        middle, span = 0.5 * (ys[0] + ys[1]), ys[1] - ys[0]
        shapes += [((x, middle, height), (width, span, width)) for x in xs]
        if rng.random() < 0.6:
            z = float(rng.uniform(0.3, 0.85))
            shapes += [((x, middle, z), (width, span, width * 0.8)) for x in xs]
    pieces = []
    for centre, size in shapes:
        v, f = mesh.box(centre, size)
        layer = THING if centre[0] > 0.2 else BACKGROUND
        pieces.append(Piece(v, mesh.triangles(f), tone, layer=layer))
    return pieces


# ------------------------------------------------------------------ textures


def _noise(rng: Rng, coarse: int, size: float) -> Array:
    """Soft noise in all channels, shape (TEXTURE, TEXTURE, 3)."""
    k = rng.normal(size=(coarse, coarse, 1)) + 0.3 * rng.normal(size=(coarse, coarse, 3))
    soft = cv2.resize(k.astype(np.float32), (TEXTURE, TEXTURE), interpolation=cv2.INTER_CUBIC)
    return np.asarray(size * soft, dtype=np.float64)


def _tiles(rng: Rng, image: Array, second: Colour) -> Array:
    """Draw bricks, planks, tiles or panels with joints."""
    rows, columns = int(rng.integers(2, 40)), int(rng.integers(1, 16))
    joint, stagger = int(rng.integers(1, 4)), rng.random() < 0.5
    h, w = TEXTURE // rows, TEXTURE // columns
    for r in range(rows + 1):
        for c in range(-1, columns + 1):
            x = c * w + (w // 2 if stagger and r % 2 else 0)
            x0 = max(x, 0)
            if x + w > x0:
                image[r * h : (r + 1) * h, x0 : x + w] *= rng.uniform(0.85, 1.15)
                image[r * h : (r + 1) * h, x0 : x0 + joint] = second
        image[r * h : r * h + joint] = second
    return image


def _pictures(rng: Rng, image: Array, count: int) -> Array:
    """Draw posters, windows, doors, shelves and hung plates."""
    for _ in range(count):
        x, y = int(rng.integers(0, TEXTURE)), int(rng.integers(0, TEXTURE))
        w, h = int(rng.integers(8, 120)), int(rng.integers(8, 260))
        tone = [float(a) for a in colour(rng)]
        if rng.random() < 0.75:
            cv2.rectangle(image, (x, y), (x + w, y + h), tone, -1)
            if rng.random() < 0.5:
                cv2.rectangle(image, (x, y), (x + w, y + h), [float(a) for a in colour(rng)], 3)
        else:
            cv2.circle(image, (x, y), max(w // 3, 4), tone, -1)
    return image


def _texture(rng: Rng, cloth: Cloth, *, pictures: int) -> Array:
    image = np.ones((TEXTURE, TEXTURE, 3)) * np.array(cloth.colour)
    if rng.random() < 0.5:
        tone = tuple(float(a * rng.uniform(0.4, 1.4)) for a in cloth.colour)
        image = _tiles(rng, image, (tone[0], tone[1], tone[2]))
    elif rng.random() < 0.3:
        period, axis = int(rng.integers(16, 128)), int(rng.integers(0, 2))
        band = (np.arange(TEXTURE) // period) % 2 == 1
        if axis:
            image[:, band] = cloth.second
        else:
            image[band] = cloth.second
    image = _pictures(rng, image, pictures)
    image = image * (1 + _noise(rng, int(rng.integers(3, 12)), rng.uniform(0.02, 0.2)))
    return np.asarray(image * (1 + _noise(rng, 128, rng.uniform(0.0, 0.12))))


def _landscape(rng: Rng) -> Array:
    """Sky over far trees or houses, upside up (row 0 is the ground)."""
    rows = np.linspace(0, 1, TEXTURE)[:, None, None]
    image = np.ones((TEXTURE, TEXTURE, 1)) * (
        np.array([0.75, 0.8, 0.85]) * (1 - rows) + np.array([0.25, 0.45, 0.85]) * rows
    )
    for _ in range(int(rng.integers(5, 60))):
        x, h = int(rng.integers(0, TEXTURE)), int(rng.integers(20, 260))
        tone = np.array([0.1, 0.2, 0.06]) * rng.uniform(0.4, 2.0, 3)
        if rng.random() < 0.6:
            axes = (int(rng.integers(10, 60)), h // 2)
            cv2.ellipse(image, (x, h // 2), axes, 0, 0, 360, tone.tolist(), -1)
        else:
            grey = (np.ones(3) * rng.uniform(0.1, 0.7)).tolist()
            cv2.rectangle(image, (x, 0), (x + int(rng.integers(10, 90)), h), grey, -1)
    return np.asarray(image * (1 + _noise(rng, 64, 0.12)))


def _textures(clip: Clip, rng: Rng) -> Floats:
    """Return wall, floor and side wall, shape (3, TEXTURE, TEXTURE, 3), linear light 0 to 1."""
    s = clip.scene
    bare = s.place == "bare"
    wall = _texture(rng, s.wall, pictures=0 if bare else int(rng.integers(0, 16)))
    if s.place == "outdoor":
        wall = _landscape(rng)
    floor = _texture(rng, s.floor, pictures=int(rng.integers(0, 3)))
    other = _texture(rng, s.wall, pictures=0 if bare else int(rng.integers(0, 8)))
    return np.clip(np.stack([wall, floor, other]), 0, 1).astype(np.float32)
