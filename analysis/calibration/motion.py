"""From the drawn numbers to exact poses: timing, the tuck, and the balance of the lean."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.arms import ArmPlan, load_centre
from analysis.calibration.sample import Clip, Motion, Rep, Rng, stream
from analysis.calibration.skeleton import Joints, Pose, Posed, Skeleton

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

#: What a hip can do without the tuck, and how far a trunk leans, degrees. Hip flexion of about
#: 120 to 140 with the knee bent is the textbook range (Kapandji, The Physiology of the Joints).
MAX_HIP_FLEXION = 142.0
MAX_LEAN = 60.0
MAX_SHANK = 46.0
#: Standing, the centre of mass is about 4 cm in front of the ankle (Winter 1995).
STANDING_BALANCE = 0.04
#: The balance is good enough within this, metres (about 0.1 degrees of lean).
BALANCED = 5e-4
#: Share of the descent by which lumbar extension on the way down is complete.
ARCH_COMPLETE = 0.45


def minimum_jerk(s: float | Array) -> Array:
    """Return 0 to 1 along the smoothest path, for s from 0 to 1."""
    x = np.clip(np.asarray(s, dtype=np.float64), 0, 1)
    result: Array = x**3 * (10 - 15 * x + 6 * x * x)
    return result


def smooth_noise(rng: Rng, t: Array, size: float, highest_hz: float = 1.2) -> Array:
    """Return a smooth wander with |x| <= size."""
    x = np.zeros(len(t))
    for _ in range(5):
        hz, phase = rng.uniform(0.15, highest_hz), rng.uniform(0, 2 * np.pi)
        x += rng.normal() * np.sin(2 * np.pi * hz * t + phase)
    return np.asarray(size * x / (np.abs(x).max() + 1e-9))


@dataclass(frozen=True, slots=True)
class Schedule:
    """Timing of a clip: per frame u (0 standing, 1 bottom), rep (-1 = none) and phase."""

    t: Array
    u: Array
    rep: Ints
    phase: list[str]
    #: Start, start of the bottom, end of the bottom, end; seconds of the clip, may lie outside.
    events: list[tuple[float, float, float, float]]

    @property
    def rising(self) -> list[bool]:
        """Tell per frame whether the lifter comes up."""
        return [p == "ascent" for p in self.phase]


def schedule(reps: list[Rep], motion: Motion, fps: int) -> Schedule:
    """Lay the reps along time; cut_start and cut_end take frames off the ends."""
    at, events = motion.lead - motion.cut_start, []
    for r in reps:
        a, b = at, at + r.down
        c = b + r.pause
        events.append((a, b, c, c + r.up))
        at = c + r.up + r.rest
    end = events[-1][3] + (motion.tail if motion.cut_end == 0 else -motion.cut_end)
    t = np.arange(max(round(end * fps), 8)) / fps
    u, rep, phase = np.zeros(len(t)), np.full(len(t), -1), np.full(len(t), "stand", dtype=object)
    for k, (a, b, c, d) in enumerate(events):
        down, low, up = (t >= a) & (t < b), (t >= b) & (t < c), (t >= c) & (t <= d)
        u[down] = minimum_jerk((t[down] - a) / (b - a))
        u[low] = 1
        u[up] = 1 - minimum_jerk((t[up] - c) / (d - c))
        for mask, name in ((down, "descent"), (low, "bottom"), (up, "ascent")):
            rep[mask], phase[mask] = k, name
    return Schedule(t, u, rep, [str(p) for p in phase], events)


def tuck_at(thigh: float, r: Rep, power: float, *, rising: bool) -> float:
    """Return the posterior tuck, degrees: 0 above its onset, r.tuck at the bottom."""
    onset = max(r.thigh + 6.0, r.onset + r.release_shift) if rising else r.onset
    share = float(np.clip((onset - thigh) / max(onset - r.thigh, 1e-6), 0, 1))
    return float(r.tuck * share**power)


def extension_at(thigh: float, motion: Motion) -> float:
    """Return the part of arched standing that is still there, degrees, <= 0."""
    if motion.ext == 0:
        return 0.0
    span = max(motion.ext_from - motion.ext_to, 1e-6)
    s = float(np.clip((motion.ext_from - thigh) / span, 0, 1))
    return -motion.ext * (1 - s * s * (3 - 2 * s))


# Segment masses as shares of body mass and centres along the segment (Winter, Biomechanics and
# Motor Control of Human Movement, table 4.1).
def centre_of_mass_y(p: Joints, load: tuple[float, Array] | None) -> float:
    """Return the fore-aft centre of mass of lifter and load, metres, + backward."""
    y = {k: float(x[1]) for k, x in p.items()}
    total, moment = 0.504, 0.0
    moment += 0.112 * 0.5 * (y["hip"] + y["L5S1"])
    moment += 0.163 * (0.5 * (y["L5S1"] + y["T12L1"]) - 0.02)
    moment += 0.160 * (0.45 * y["T12L1"] + 0.55 * y["neck"] - 0.02)
    moment += 0.069 * (y["head"] - 0.01)
    for s in "LR":
        moment += 0.0145 * 0.5 * (y["ankle" + s] + y["ball" + s])
        moment += 0.0433 * (0.567 * y["knee" + s] + 0.433 * y["ankle" + s])
        moment += 0.1416 * (0.567 * y["hip" + s] + 0.433 * y["knee" + s])
        moment += 0.0271 * (0.564 * y["shoulder" + s] + 0.436 * y["elbow" + s])
        moment += 0.0223 * 0.5 * (y["elbow" + s] + y["hand" + s])
        total += 0.0145 + 0.0433 + 0.1416 + 0.0271 + 0.0223
    if load is not None:
        total, moment = total + load[0], moment + load[0] * float(load[1][1])
    return moment / total


@dataclass(frozen=True, slots=True)
class Track:
    """Exact movement of a whole clip. Degrees per frame."""

    schedule: Schedule
    posed: list[Posed]
    thigh: Array
    shank: Array
    heel: Array
    rib: Array
    lumbar: Array
    tuck: Array
    extension: Array
    thoracic: Array


class Mover:
    """Poses one lifter: legs and lumbar angle as prescribed, lean by balance."""

    def __init__(self, skeleton: Skeleton, arms: ArmPlan, clip: Clip) -> None:
        self.skeleton, self.arms, self.clip = skeleton, arms, clip
        # Where the search starts: the last frame's lean, and metres per degree of it.
        self._lean, self._slope = 15.0, -0.005

    def balanced(self, q: Pose, offset: float = 0.0) -> Posed:
        """Return the pose whose ribcage lean puts the centre of mass where it is wanted."""
        m = self.clip.motion
        aim = -(STANDING_BALANCE * (1 - q.u) + m.balance * q.u) + offset
        lean, before = self._lean, None
        posed = self._try(q, lean)
        for _ in range(12):
            miss = self._com(posed) - aim
            if before is not None and lean != before[0]:
                slope = (miss - before[1]) / (lean - before[0])
                self._slope = slope if slope < -1e-3 else -0.005
            if abs(miss) < BALANCED:
                break
            before = (lean, miss)
            lean = float(np.clip(lean - np.clip(miss / self._slope, -12, 12), -25, 84))
            posed = self._try(q, lean)
        self._lean = lean
        return posed

    def _try(self, q: Pose, lean: float) -> Posed:
        m = self.clip.motion
        q.rib = np.radians(lean)
        q.head = np.radians(float(np.clip(m.head_gain * lean + m.head_offset, -18, 34)))
        return self.skeleton.pose(q, self.arms)

    def _com(self, posed: Posed) -> float:
        mass = self.clip.load.mass
        load = (mass, load_centre(self.arms, posed.points, posed.top)) if mass else None
        return centre_of_mass_y(posed.points, load)

    def pose(
        self, *, thigh: float, shank: float, lumbar: float, thoracic: float, heel: float, u: float
    ) -> Pose:
        """Return a pose from degrees, its lean still open."""
        m = self.clip.motion
        left, right = np.radians(m.toe_out)
        return Pose(
            thigh=np.radians(thigh),
            shank=np.radians(shank),
            lumbar=np.radians(lumbar),
            thoracic=np.radians(thoracic),
            heel_rise=np.radians(heel),
            rib=0.0,
            head=0.0,
            u=u,
            stance=m.stance,
            toe_out=(left, right),
            track=(left * m.knee_track[0], right * m.knee_track[1]),
        )


def ease(clip: Clip, mover: Mover) -> Clip:
    """Raise the squat until a hip can do it, looking only at what is not the tuck.

    The tuck itself would ease the hip; if it were counted, deep squats would be mostly winks.
    """
    m, reps, log = clip.motion, clip.reps, []
    for step in range(40):
        over = -99.0
        for r in reps:
            q = mover.pose(
                thigh=r.thigh,
                shank=r.shank,
                lumbar=m.lumbar_base,
                thoracic=m.thoracic_bottom,
                heel=m.heel_rise,
                u=1.0,
            )
            posed = mover.balanced(q)
            hip = 90 - r.thigh + float(np.degrees(posed.pelvis))
            over = max(over, hip - MAX_HIP_FLEXION, mover._lean - MAX_LEAN)
        log.append(round(over, 1))
        if over <= 0:
            break
        if step % 2 == 0 and max(r.shank for r in reps) < MAX_SHANK:
            reps = [replace(r, shank=r.shank + 2) for r in reps]
        else:
            reps = [replace(r, thigh=r.thigh + 2, onset=min(r.onset + 2, 72.0)) for r in reps]
    return replace(clip, reps=reps, feasibility=log)


def solve(clip: Clip, mover: Mover) -> Track:
    """Pose every frame of a clip."""
    m, plan = clip.motion, schedule(clip.reps, clip.motion, clip.film.fps)
    rng = stream(clip.split, clip.index, "sway")
    sway_shank, sway_thigh = (smooth_noise(rng, plan.t, m.sway * k) for k in (0.7, 0.3))
    noise = smooth_noise(rng, plan.t, m.lumbar_noise, 0.8)
    shift = smooth_noise(rng, plan.t, 0.012, 0.4)
    names = ("thigh", "shank", "heel", "rib", "lumbar", "tuck", "extension", "thoracic")
    out = {k: np.zeros(len(plan.t)) for k in names}
    posed = []
    for i, u in enumerate(plan.u):
        r = clip.reps[max(int(plan.rep[i]), 0)]
        thigh = m.stand_thigh + (r.thigh - m.stand_thigh) * u + sway_thigh[i] * 4 * u * (1 - u)
        early = float(u) ** m.ankle_early
        shank = m.stand_shank + (r.shank - m.stand_shank) * early + sway_shank[i] * (1 - u)
        tuck = tuck_at(thigh, r, m.tuck_power, rising=plan.phase[i] == "ascent")
        extension = extension_at(thigh, m)
        if m.ext == 0:
            extension -= r.arch * float(minimum_jerk(u / ARCH_COMPLETE))
        wander = noise[i] * (1 - min(1.0, tuck / 6))  # the modelled tuck stays exact
        lumbar = m.lumbar_base + extension + tuck + wander
        bend = float(minimum_jerk(u))
        thoracic = m.thoracic_stand + (m.thoracic_bottom - m.thoracic_stand) * bend
        heel = m.heel_rise * float(minimum_jerk((u - 0.55) / 0.45))
        q = mover.pose(
            thigh=thigh, shank=shank, lumbar=lumbar, thoracic=thoracic, heel=heel, u=float(u)
        )
        posed.append(mover.balanced(q, float(shift[i])))
        row = (thigh, shank, heel, mover._lean, lumbar, tuck, extension, thoracic)
        for name, x in zip(names, row, strict=True):
            out[name][i] = x
    return Track(plan, posed, **out)
