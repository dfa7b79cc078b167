"""What is drawn at random about a clip: a pure function of (split, index).

Tuck, depth, lean (through load, balance and ankle), ankle range and tempo are drawn apart from
each other, so that none of them tells the tuck. The kind of a clip is named afterwards, from what
was drawn; it never steers the draw of depth or ankle.
"""

import colorsys
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

Rng = np.random.Generator
T = TypeVar("T")
Colour = tuple[float, float, float]

#: Streams of random numbers that share nothing.
SPLIT_STREAM: dict[str, int] = {"train": 1, "test": 2}
#: Raised when a change to the code changes what a clip looks like.
VERSION = 2

SKINS: list[Colour] = [
    (0.72, 0.49, 0.38),
    (0.62, 0.40, 0.30),
    (0.50, 0.31, 0.22),
    (0.36, 0.21, 0.14),
    (0.20, 0.11, 0.075),
    (0.78, 0.56, 0.46),
    (0.12, 0.07, 0.05),
]
HAIRS: list[Colour] = [
    (0.02, 0.015, 0.012),
    (0.06, 0.03, 0.018),
    (0.14, 0.07, 0.03),
    (0.35, 0.22, 0.09),
    (0.18, 0.17, 0.16),
    (0.45, 0.42, 0.40),
    (0.30, 0.08, 0.03),
]
ARM_MODES = {
    "forward": 0.26,
    "bar": 0.20,
    "goblet": 0.10,
    "front_rack": 0.06,
    "crossed_front": 0.03,
    "crossed": 0.07,
    "clasped": 0.08,
    "hands_at_head": 0.06,
    "hips": 0.06,
    "hanging": 0.06,
}
BAR_MODES = ("bar", "front_rack", "crossed_front")
#: (width, height) and how often.
SIZES = {
    (432, 768): 0.30,
    (360, 640): 0.20,
    (270, 480): 0.08,
    (202, 360): 0.05,
    (540, 960): 0.05,
    (768, 432): 0.12,
    (640, 360): 0.14,
    (480, 270): 0.04,
    (480, 640): 0.02,
}
#: So many clips are filmed the way the app asks for (see as_advised); the rest is anything at all.
#: Where every clip was hard, three in ten taught nothing and ordinary film stayed rare.
ADVISED = 0.6
ADVISED_SIZES = {(432, 768): 0.55, (360, 640): 0.25, (640, 360): 0.12, (540, 960): 0.08}
ADVISED_RATES = {12: 0.55, 15: 0.35, 24: 0.07, 30: 0.03}
TOPS = {"fitted": 0.36, "tee": 0.30, "loose": 0.20, "hoodie": 0.14}
ADVISED_TOPS = {"fitted": 0.42, "tee": 0.40, "loose": 0.15, "hoodie": 0.03}
#: Stored frames a second and how often; low rates keep rendering cheap.
RATES = {10: 0.28, 12: 0.36, 15: 0.26, 20: 0.05, 24: 0.03, 30: 0.02}


@dataclass(slots=True)
class Body:
    """MakeHuman sliders, 0 to 1, and the stature in metres."""

    gender: float
    age: float
    muscle: float
    weight: float
    height: float
    proportions: float
    cup: float
    race: dict[str, float]
    stature_m: float
    detail: dict[str, float]


@dataclass(slots=True)
class Cloth:
    """Colours and pattern of one garment; see PATTERNS in render.py."""

    colour: Colour
    second: Colour
    pattern: str
    frequency: float
    wrinkle: float


@dataclass(slots=True)
class Outfit:
    """Clothes. Lengths in metres."""

    top: str
    #: 0.12 tank top, 0.5 T-shirt, 2 long sleeves (share of the upper arm; over 1 the forearm).
    sleeve: float
    #: Lower edge above the hip joint.
    hem: float
    #: 0 skin tight to 1 a wide hoodie.
    loose: float
    #: Stand-off of the shirt over the hollow of the back.
    bulge: float
    bottoms: str
    bottom_loose: float
    belt: float
    sole: float
    hair: str
    hairline: float
    shirt: Cloth
    trousers: Cloth
    skin: Colour
    hair_colour: Colour
    cap: Colour
    shoe: Colour
    belt_colour: Colour


@dataclass(slots=True)
class Rep:
    """One repetition; seconds and degrees."""

    down: float
    pause: float
    up: float
    rest: float
    thigh: float
    shank: float
    #: Posterior tuck at the bottom, 0 = none, and the thigh angle where it starts.
    tuck: float
    onset: float
    #: How much higher (+) or lower the tuck lets go on the way up.
    release_shift: float
    #: Lumbar extension that comes in during the descent, as many lifters do.
    arch: float


@dataclass(slots=True)
class Motion:
    """Everything that moves, beside the reps. Degrees, metres, seconds."""

    lead: float
    tail: float
    #: Seconds cut off the start and the end: clips that begin or end inside a rep.
    cut_start: float
    cut_end: float
    lumbar_base: float
    lumbar_noise: float
    sway: float
    #: Arched standing that comes back to neutral between two thigh angles.
    ext: float
    ext_from: float
    ext_to: float
    thoracic_stand: float
    thoracic_bottom: float
    stand_thigh: float
    stand_shank: float
    ankle_early: float
    tuck_power: float
    heel_rise: float
    stance: tuple[float, float]
    toe_out: tuple[float, float]
    knee_track: tuple[float, float]
    #: Centre of mass in front of the ankle, metres.
    balance: float
    head_gain: float
    head_offset: float


@dataclass(slots=True)
class Load:
    """What is carried. Mass as a share of body mass, lengths in metres."""

    mass: float
    bar_drop: float
    grip: float
    plates: list[tuple[float, float]]
    plate_colour: Colour
    second_colour: Colour
    dumbbell: float


@dataclass(slots=True)
class Camera:
    """Where the camera is and how the lifter fills its picture."""

    yaw: float
    roll: float
    height: float
    distance: float
    #: Share of the picture's height (or width) that the lifter's way takes up.
    fill: float
    #: Where the lifter stands in the free space, -1 to 1.
    shift: tuple[float, float]
    #: Share of the lifter cut off below and above.
    crop_feet: float
    crop_head: float
    shake: float


@dataclass(slots=True)
class Scene:
    """Room, light, things and people around the lifter."""

    place: str
    wall_distance: float
    wall: Cloth
    floor: Cloth
    props: int
    rack: str
    posts: list[tuple[float, float, float]]
    people: list[dict[str, float]]
    key_elevation: float
    key_azimuth: float
    key: float
    fill: float
    ambient: float
    sky: Colour
    ground: Colour
    key_colour: Colour
    shadow: float
    shadow_soft: float
    exposure: float
    contrast: float


@dataclass(slots=True)
class Film:
    """What the camera and the file do to the picture."""

    width: int
    height: int
    fps: int
    noise: float
    blur: float
    motion_blur: float
    shrink: float
    crf: int
    gain: float
    gamma: float
    white: Colour
    vignette: float
    sharpen: float


@dataclass(slots=True)
class Clip:
    """The whole specification of one clip."""

    split: str
    index: int
    #: Filmed the way the app asks for.
    advised: bool
    kind: str
    shallow: bool
    arms: str
    arm_variety: float
    view: str
    body: Body
    outfit: Outfit
    motion: Motion
    reps: list[Rep]
    load: Load
    camera: Camera
    scene: Scene
    film: Film
    feasibility: list[float] = field(default_factory=list)
    version: int = VERSION


def stream(split: str, index: int, part: str = "") -> Rng:
    """Return the random stream of one clip, or of one part of its making."""
    return np.random.default_rng([SPLIT_STREAM[split], index, *part.encode()])


def pick(rng: Rng, table: dict[T, float]) -> T:
    """Draw a key with the weights given as values."""
    keys, p = list(table), np.array(list(table.values()))
    return keys[int(rng.choice(len(keys), p=p / p.sum()))]


def _uniform(rng: Rng, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def _chance(rng: Rng, p: float) -> bool:
    return bool(rng.random() < p)


def colour(rng: Rng, tone: str = "any") -> Colour:
    """Draw a linear colour: dark, light, grey or any."""
    saturation = (
        _uniform(rng, 0.0, 0.25)
        if tone == "grey" or _chance(rng, 0.35)
        else _uniform(rng, 0.2, 0.95)
    )
    value = {"dark": (0.012, 0.12), "light": (0.45, 0.9)}.get(tone, (0.03, 0.85))
    return colorsys.hsv_to_rgb(_uniform(rng, 0, 1), saturation, _uniform(rng, *value) ** 1.2)


def _near(rng: Rng, c: Colour, spread: float = 0.35) -> Colour:
    """Draw a colour close to another, for clothes that hardly differ from the wall."""
    r, g, b = (float(np.clip(x * (1 + rng.uniform(-spread, spread)), 0.004, 0.95)) for x in c)
    return (r, g, b)


def _muted(rng: Rng, c: Colour) -> Colour:
    """Draw a wall or floor colour: most are nearly grey."""
    grey, keep = sum(c) / 3, _uniform(rng, 0.0, 0.3) if _chance(rng, 0.8) else 0.9
    r, g, b = (grey + keep * (x - grey) for x in c)
    return (r, g, b)


def draw_body(rng: Rng) -> Body:
    """Draw a body: sex, build, proportions of legs and trunk."""
    male = _chance(rng, 0.5)
    mean, sd, low, high = (1.76, 0.07, 1.60, 1.96) if male else (1.65, 0.065, 1.48, 1.82)
    detail: dict[str, float] = {}
    for path, most in {
        "legs/upperlegs-height": 0.8,
        "legs/lowerlegs-height": 0.8,
        "buttocks/buttocks-volume": 1.0,
        "torso/torso-scale-vert": 0.6,
        "torso/torso-scale-depth": 0.5,
        "hip/hip-scale-depth": 0.5,
        "hip/hip-scale-vert": 0.3,
        "stomach/stomach-tone": 0.6,
        "torso/torso-vshape": 0.6,
        "torso/torso-muscle-dorsi": 0.7,
        "stomach/stomach-pregnant": 0.25,
        "neck/neck-scale-vert": 0.4,
    }.items():
        x = _uniform(rng, -most, most)
        detail[f"{path}-{'incr' if x > 0 else 'decr'}"] = abs(x)
    return Body(
        gender=_uniform(rng, 0.85, 1.0) if male else _uniform(rng, 0.0, 0.12),
        age=float(rng.choice([0.5, 0.5, 0.55, 0.65, 0.75])),
        muscle=_uniform(rng, 0.25, 0.95),
        weight=_uniform(rng, 0.2, 0.92),
        height=_uniform(rng, 0.3, 0.75),
        proportions=_uniform(rng, 0.3, 0.85),
        cup=_uniform(rng, 0.15, 0.65),
        race=dict(
            zip(("caucasian", "african", "asian"), rng.dirichlet([0.6] * 3).tolist(), strict=True)
        ),
        stature_m=float(np.clip(rng.normal(mean, sd), low, high)),
        detail=detail,
    )


def _cloth(rng: Rng, base: Colour, patterns: dict[str, float], wrinkle: float) -> Cloth:
    return Cloth(
        colour=base,
        second=colour(rng),
        pattern=pick(rng, patterns),
        frequency=_uniform(rng, 0.5, 1.6),
        wrinkle=wrinkle,
    )


_SHIRT_PATTERNS = {
    "plain": 0.42,
    "heather": 0.16,
    "stripes": 0.10,
    "vertical": 0.05,
    "check": 0.07,
    "camo": 0.08,
    "block": 0.07,
    "dots": 0.05,
}
_LEG_PATTERNS = {"plain": 0.66, "heather": 0.16, "camo": 0.08, "vertical": 0.06, "block": 0.04}


def draw_outfit(rng: Rng, body: Body, wall: Colour, tops: dict[str, float]) -> Outfit:
    """Draw clothes, hair and shoes; one clip in six is dark on dark or much like its wall."""
    male = body.gender > 0.5
    top = pick(rng, tops)
    loose = {"fitted": (0.03, 0.22), "tee": (0.3, 0.6), "loose": (0.6, 1.0), "hoodie": (0.7, 1.15)}
    bottoms = pick(
        rng,
        {"shorts": 0.42, "tights_short": 0.18, "leggings": 0.18, "joggers": 0.22}
        if male
        else {"shorts": 0.2, "tights_short": 0.2, "leggings": 0.42, "joggers": 0.18},
    )
    bulge = {"fitted": 0.0, "tee": 0.02, "loose": 0.05, "hoodie": 0.06}[top]
    camouflage = _chance(rng, 0.16)
    tone = pick(rng, {"any": 0.6, "dark": 0.28, "light": 0.12})
    shirt = _near(rng, wall) if camouflage else colour(rng, tone)
    leg_tone = pick(rng, {"any": 0.35, "dark": 0.6, "light": 0.05})
    legs = _near(rng, shirt) if _chance(rng, 0.2) else colour(rng, leg_tone)
    skin = SKINS[int(rng.integers(len(SKINS)))]
    hair = pick(
        rng,
        {"short": 0.4, "buzz": 0.2, "cap": 0.13, "medium": 0.08, "bald": 0.12, "long": 0.07}
        if male
        else {"pony": 0.3, "bun": 0.2, "long": 0.22, "short": 0.1, "medium": 0.12, "cap": 0.06},
    )
    l_top = _uniform(rng, *loose[top])
    return Outfit(
        top=top,
        sleeve=2.0
        if top == "hoodie" or _chance(rng, 0.12)
        else float(rng.choice([0.5, 0.55, 0.45, 0.7, 0.12])),
        hem=_uniform(rng, -0.05, 0.06) if top in ("loose", "hoodie") else _uniform(rng, 0.02, 0.10),
        loose=l_top,
        bulge=_uniform(rng, 0, bulge),
        bottoms=bottoms,
        bottom_loose=_uniform(rng, 0.4, 1.0) if bottoms in ("shorts", "joggers") else 0.0,
        belt=_uniform(rng, 0.07, 0.11) if _chance(rng, 0.12) else 0.0,
        sole=_uniform(rng, 0.008, 0.032),
        hair=hair,
        hairline=_uniform(rng, 0.76, 0.84),
        shirt=_cloth(rng, shirt, _SHIRT_PATTERNS, min(1.0, 0.15 + l_top)),
        trousers=_cloth(rng, legs, _LEG_PATTERNS, 0.6 if bottoms in ("shorts", "joggers") else 0.1),
        skin=_near(rng, skin, 0.15),
        hair_colour=HAIRS[int(rng.integers(len(HAIRS)))],
        cap=colour(rng),
        shoe=colour(rng),
        belt_colour=colour(rng, "dark") if _chance(rng, 0.7) else colour(rng),
    )


def draw_depth(rng: Rng) -> float:
    """Draw the thigh angle at the bottom: most near parallel, some very deep, some high."""
    where = rng.random()
    if where < 0.62:
        return _uniform(rng, -28, 12)
    if where < 0.84:
        return _uniform(rng, 5, 48)
    return _uniform(rng, -36, -18)


def draw_reps(rng: Rng, *, tucks: bool) -> list[Rep]:
    """Draw depth, ankle, tempo and tuck of each rep, each on its own."""
    count = int(rng.choice([1, 1, 1, 1, 2, 2, 2, 3]))
    thigh, shank = draw_depth(rng), _uniform(rng, 6, 46)
    peak = _uniform(rng, 4, 36)
    # Not faster than a spine tucks: at most about 2.2 degrees of tuck per degree of thigh.
    least = max(8.0, 0.66 * peak)
    gap = _uniform(rng, least, 65 if _chance(rng, 0.55) else max(least + 5, 28))
    down = _uniform(rng, 0.55, 2.1) * (1.0, 0.75, 0.6)[count - 1]
    up = _uniform(rng, 0.5, 1.6) * (1.0, 0.75, 0.6)[count - 1]
    fresh_until = int(rng.integers(1, count + 1)) if count > 1 and _chance(rng, 0.4) else 0
    arch = _uniform(rng, 3, 12) if _chance(rng, 0.35) else 0.0
    shift = _uniform(rng, -10, 10) if _chance(rng, 0.5) else 0.0
    late = not tucks and count > 1 and _chance(rng, 0.15)
    reps = []
    for k in range(count):
        depth = thigh + _uniform(rng, -3, 3)
        tuck = peak * _uniform(rng, 0.75, 1.0)
        bends = (tucks and k >= min(fresh_until, count - 1)) or (late and k == count - 1)
        reps.append(
            Rep(
                down=down * _uniform(rng, 0.9, 1.1),
                pause=float(rng.choice([0.0, 0.08, 0.15, 0.3, 0.7])),
                up=up * _uniform(rng, 0.9, 1.1),
                rest=_uniform(rng, 0.08, 0.4),
                thigh=depth,
                shank=shank + _uniform(rng, -1.5, 1.5),
                tuck=tuck if bends else 0.0,
                onset=min(depth + gap, 72.0),
                release_shift=shift,
                arch=arch * _uniform(rng, 0.8, 1.0),
            )
        )
    return reps


def draw_motion(rng: Rng, reps: list[Rep]) -> Motion:
    """Draw posture, asymmetry, timing; arched standing in a fifth of the clips."""
    tucks, lowest = any(r.tuck > 0 for r in reps), min(r.thigh for r in reps)
    arched = _chance(rng, 0.2)
    ext_to = max((r.onset for r in reps if r.tuck > 0), default=lowest + _uniform(rng, 0, 20))
    rounds = rng.random()
    rounding = (
        _uniform(rng, 0, 6)
        if rounds < 0.62
        else _uniform(rng, 6, 20)
        if rounds < 0.84
        else _uniform(rng, 20, 36)
    )
    slouch = _uniform(rng, -5, 12)
    stance, toe, track = (
        _uniform(rng, 0.10, 0.23),
        _uniform(rng, 0, 34),
        _uniform(rng, 0.75, 1.12),
    )
    first = reps[0]
    cut = rng.random()
    lead = _uniform(rng, 0.35, 1.1)
    return Motion(
        lead=lead,
        tail=_uniform(rng, 0.2, 0.6),
        cut_start=0.0
        if cut > 0.12
        else lead + _uniform(rng, 0.2, 0.7 if len(reps) == 1 else 1.1) * first.down,
        cut_end=_uniform(rng, 0.2, 0.8) * reps[-1].up if _chance(rng, 0.06) else 0.0,
        lumbar_base=float(np.clip(rng.normal(0, 3.2), -8, 8)),
        lumbar_noise=_uniform(rng, 0.2, 0.9) if tucks else _uniform(rng, 0.3, 2.0),
        sway=_uniform(rng, 0.15, 0.9),
        ext=_uniform(rng, 8, 20) if arched else 0.0,
        ext_from=min(max(ext_to + _uniform(rng, 12, 45), 25.0), 84.0),
        ext_to=ext_to,
        thoracic_stand=slouch,
        thoracic_bottom=slouch + rounding,
        stand_thigh=_uniform(rng, 82, 87.5),
        stand_shank=_uniform(rng, 0.5, 6),
        ankle_early=_uniform(rng, 0.6, 1.15),
        tuck_power=_uniform(rng, 1.0, 1.7),
        heel_rise=_uniform(rng, 6, 16) if _chance(rng, 0.08) else 0.0,
        stance=(stance, stance),
        toe_out=(toe + _uniform(rng, -4, 4), toe + _uniform(rng, -4, 4)),
        knee_track=(track + _uniform(rng, -0.08, 0.08), track + _uniform(rng, -0.08, 0.08)),
        balance=_uniform(rng, 0.0, 0.10),
        head_gain=_uniform(rng, 0.0, 0.7),
        head_offset=_uniform(rng, -14, 14),
    )


def draw_load(rng: Rng, arms: str) -> Load:
    """Draw bar, plates and dumbbells."""
    mass = {
        "bar": _uniform(rng, 0.25, 1.3),
        "front_rack": _uniform(rng, 0.25, 0.9),
        "crossed_front": _uniform(rng, 0.25, 0.7),
        "goblet": _uniform(rng, 0.1, 0.35),
        "hanging": _uniform(rng, 0.1, 0.5) if _chance(rng, 0.5) else 0.0,
    }.get(arms, 0.0)
    radius = float(rng.choice([0.225, 0.225, 0.225, 0.175, 0.125, 0.0]))
    bumper = _chance(rng, 0.5)
    plates = [(radius, 0.075 if bumper else 0.04)] * (int(rng.integers(1, 4)) if radius else 0)
    if radius and _chance(rng, 0.4):
        plates.append((float(rng.choice([0.11, 0.14])), 0.03))
    return Load(
        mass=mass,
        bar_drop=_uniform(rng, -0.01, 0.07),
        grip=_uniform(rng, 0.28, 0.46),
        plates=plates,
        plate_colour=colour(rng, "dark") if _chance(rng, 0.6) else colour(rng),
        second_colour=colour(rng),
        dumbbell=_uniform(rng, 0.05, 0.10),
    )


def draw_camera(rng: Rng, film: Film, *, barbell: bool) -> Camera:
    """Draw the view: most within 12 degrees of square, some far off, low, near or small."""
    wide = film.width > film.height
    yaw = (
        float(np.clip(rng.normal(0, 6), -14, 14)) if _chance(rng, 0.75) else _uniform(rng, -35, 35)
    )
    crop = rng.random()
    small = _chance(rng, 0.2 if wide else 0.1)
    return Camera(
        yaw=yaw,
        roll=float(np.clip(rng.normal(0, 1.2), -6, 6))
        if _chance(rng, 0.8)
        else _uniform(rng, -6, 6),
        height=_uniform(rng, 0.4, 1.65) if _chance(rng, 0.4) else _uniform(rng, 0.75, 1.25),
        distance=_uniform(rng, 2.2 if barbell else 1.6, 6.0)
        if _chance(rng, 0.5)
        else _uniform(rng, 2.2, 3.8),
        fill=_uniform(rng, 0.36, 0.6) if small else _uniform(rng, 0.6, 0.95),
        shift=(_uniform(rng, -0.8, 0.8), _uniform(rng, -0.7, 0.7)),
        crop_feet=_uniform(rng, 0.02, 0.12) if crop < 0.07 else 0.0,
        crop_head=_uniform(rng, 0.02, 0.14) if 0.07 <= crop < 0.14 else 0.0,
        shake=_uniform(rng, 0.05, 0.5) if _chance(rng, 0.35) else 0.0,
    )


def draw_scene(rng: Rng, *, barbell: bool) -> Scene:
    """Draw room, light, rack, posts and people."""
    place = pick(rng, {"gym": 0.45, "home": 0.33, "outdoor": 0.12, "bare": 0.10})
    dark = _chance(rng, 0.2)
    wall = _muted(rng, colour(rng, "dark" if dark else "any"))
    floor = _muted(rng, colour(rng, "dark" if _chance(rng, 0.35) else "any"))
    rack = "none"
    if place == "gym" or barbell:
        rack = pick(rng, {"none": 0.35, "behind": 0.25, "around": 0.25, "front": 0.15})
    posts = []
    if _chance(rng, 0.16):
        for _ in range(int(rng.integers(1, 3))):
            posts.append(
                (_uniform(rng, 0.55, 1.1), _uniform(rng, -0.55, 0.65), _uniform(rng, 0.03, 0.09))
            )
    people = []
    for _ in range(int(rng.choice([0, 0, 0, 1, 1, 2]))):
        people.append(
            {
                "who": float(rng.integers(8)),
                "x": _uniform(rng, -2.6, -0.9),
                "y": float(rng.choice([-1, 1])) * _uniform(rng, 0.4, 2.2),
                "turn": _uniform(rng, 0, 360),
                "speed": float(rng.choice([-1, 1])) * _uniform(rng, 0.1, 0.6)
                if _chance(rng, 0.4)
                else 0.0,
            }
        )
    if people and _chance(rng, 0.12):  # one who stands or walks between camera and lifter
        people[0]["x"] = _uniform(rng, 0.7, 1.0)
        people[0]["y"] = float(rng.choice([-1, 1])) * _uniform(rng, 0.4, 1.0)
    soft = _chance(rng, 0.5)
    warm = _uniform(rng, -1, 1)
    return Scene(
        place=place,
        wall_distance=_uniform(rng, 0.8, 3.2) if place != "outdoor" else _uniform(rng, 6, 12),
        wall=_cloth(rng, wall, {"texture": 1.0}, 0.0),
        floor=_cloth(rng, floor, {"texture": 1.0}, 0.0),
        props=int(rng.integers(0, 12)),
        rack=rack,
        posts=posts,
        people=people,
        key_elevation=_uniform(rng, 60, 88) if soft else _uniform(rng, 20, 70),
        key_azimuth=_uniform(rng, -100, 100),
        key=_uniform(rng, 0.2, 0.6) if soft else _uniform(rng, 0.5, 1.2),
        fill=_uniform(rng, 0.0, 0.35),
        ambient=_uniform(rng, 0.6, 1.1) if soft else _uniform(rng, 0.35, 0.8),
        sky=(1.0, float(1 + 0.04 * warm), float(1 + 0.12 * warm)),
        ground=_near(rng, (0.5, 0.46, 0.42), 0.5),
        key_colour=(float(1 + 0.1 * warm), 1.0, float(1 - 0.15 * warm)),
        shadow=_uniform(rng, 0.3, 1.0),
        shadow_soft=_uniform(rng, 3, 9) if soft else _uniform(rng, 0.7, 3),
        exposure=_uniform(rng, 1.0, 1.9),
        contrast=_uniform(rng, 0.9, 1.15),
    )


def draw_film(rng: Rng) -> Film:
    """Draw picture size, rate, noise, blur and compression; a quarter is poor film."""
    width, height = pick(rng, SIZES)
    poor = _chance(rng, 0.25)
    dark = _chance(rng, 0.09)
    return Film(
        width=width,
        height=height,
        fps=pick(rng, RATES),
        noise=_uniform(rng, 5, 14) if poor or dark else _uniform(rng, 0.5, 4),
        blur=_uniform(rng, 0.6, 1.4) if poor else _uniform(rng, 0.2, 0.6),
        motion_blur=_uniform(rng, 0.3, 1.0) if _chance(rng, 0.25) else 0.0,
        shrink=_uniform(rng, 0.4, 0.8) if poor and _chance(rng, 0.5) else 1.0,
        crf=int(rng.integers(28, 37)) if poor else int(rng.integers(18, 28)),
        gain=_uniform(rng, 0.25, 0.6) if dark else _uniform(rng, 0.85, 1.15),
        gamma=_uniform(rng, 0.85, 1.2),
        white=(
            _uniform(rng, 0.92, 1.08),
            _uniform(rng, 0.96, 1.04),
            _uniform(rng, 0.92, 1.08),
        ),
        vignette=_uniform(rng, 0, 0.35) if _chance(rng, 0.3) else 0.0,
        sharpen=_uniform(rng, 0.2, 0.8) if _chance(rng, 0.3) else 0.0,
    )


def name_kind(reps: list[Rep], motion: Motion) -> str:
    """Name a clip after what was drawn, in the words of the truth files."""
    tucked = [r for r in reps if r.tuck > 0]
    if tucked:
        if motion.ext:
            return "arch_past_neutral"
        onset = max(r.onset for r in tucked)
        return "early_wink" if onset > 27 else "late_wink" if onset < -2 else "wink"
    if motion.ext:
        return "extension_to_neutral"
    if motion.thoracic_bottom - motion.thoracic_stand > 20:
        return "rounding"
    return "rigid_deep" if min(r.thigh for r in reps) < -8 else "neutral"


def draw(split: str, index: int) -> Clip:
    """Draw one clip. Depth and ankle may still be eased by motion.ease, blind to the tuck."""
    rng = stream(split, index)
    film = draw_film(stream(split, index, "film"))
    arms = pick(rng, ARM_MODES)
    barbell = arms in BAR_MODES
    scene = draw_scene(stream(split, index, "scene"), barbell=barbell)
    body = draw_body(stream(split, index, "body"))
    reps = draw_reps(stream(split, index, "reps"), tucks=_chance(rng, 0.56))
    motion = draw_motion(stream(split, index, "motion"), reps)
    end = stream(split, index, "end")
    if motion.cut_start and _chance(end, 0.6):  # mostly no standing is left at all
        motion.cut_end = _uniform(end, 0.3, 0.8) * reps[-1].up
    advised = _chance(stream(split, index, "advised"), ADVISED)
    clip = Clip(
        split=split,
        index=index,
        advised=advised,
        kind=name_kind(reps, motion),
        shallow=min(r.thigh for r in reps) > 5,
        arms=arms,
        arm_variety=_uniform(rng, 0, 1),
        view="left" if _chance(rng, 0.5) else "right",
        body=body,
        outfit=draw_outfit(
            stream(split, index, "outfit"),
            body,
            scene.wall.colour,
            ADVISED_TOPS if advised else TOPS,
        ),
        motion=motion,
        reps=reps,
        load=draw_load(stream(split, index, "load"), arms),
        camera=draw_camera(stream(split, index, "camera"), film, barbell=barbell),
        scene=scene,
        film=film,
    )
    return as_advised(clip) if advised else clip


def as_advised(clip: Clip) -> Clip:
    """Film a clip the way the app asks for: square, whole body, light, nothing in between.

    Body, movement, load, room and colours stay as they were drawn.
    """
    rng = stream(clip.split, clip.index, "as advised")
    width, height = pick(rng, ADVISED_SIZES)
    film = replace(
        clip.film,
        width=width,
        height=height,
        fps=pick(rng, ADVISED_RATES),
        noise=_uniform(rng, 0.5, 4),
        blur=_uniform(rng, 0.2, 0.6),
        motion_blur=_uniform(rng, 0.2, 0.6) if _chance(rng, 0.2) else 0.0,
        shrink=1.0,
        crf=int(rng.integers(18, 29)),
        gain=_uniform(rng, 0.8, 1.15),
    )
    camera = replace(
        clip.camera,
        yaw=float(np.clip(rng.normal(0, 6), -14, 14)),
        roll=float(np.clip(rng.normal(0, 1), -3, 3)),
        height=_uniform(rng, 0.7, 1.3),
        distance=_uniform(rng, 2.2, 4.2),
        fill=_uniform(rng, 0.6, 0.95),
        crop_feet=0.0,
        crop_head=0.0,
    )
    scene = replace(
        clip.scene,
        rack="behind" if clip.scene.rack != "none" else "none",
        posts=[],
        people=[p for p in clip.scene.people if p["x"] < 0],
    )
    motion = replace(clip.motion, cut_start=0.0, cut_end=0.0)
    return replace(clip, film=film, camera=camera, scene=scene, motion=motion)
