"""The whole way from a film to a report; each stage has a module of its own."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

import analysis
from analysis import backlook, leglook
from analysis.angles import Angles, sure_of
from analysis.backlook import BackLooks, look_at_back
from analysis.backnet import BackModel, load_back_networks
from analysis.errors import NothingUsableError
from analysis.estimator import Estimator, joint_sha256, load_estimator
from analysis.filmcheck import FRONT, FilmFacts, check_film, doubt
from analysis.findings import find
from analysis.footage import Footage, take_footage
from analysis.leglook import LegLooks, look_at_leg
from analysis.legnet import LegModel, LegNetwork
from analysis.lumbar import Lumbar
from analysis.measure import Prepared, measure, prepare
from analysis.pose import Detection, Landmark, PoseModel, PoseTrack
from analysis.report import (
    DRAWN_BACK,
    JOINT_NAMES,
    ClipInfo,
    Frames,
    MadeWith,
    Note,
    Overlay,
    RepInfo,
    Report,
    ScaleInfo,
    StandingInfo,
    Summary,
    ViewInfo,
    drawn_joints,
)
from analysis.reps import Rep
from analysis.scale import SCALE_SD, cm_per_px, hip_height_cm
from analysis.smallfilm import SmallFilm, small_size
from analysis.stopdepth import seat_drop_cm, stop_depth
from analysis.tracking import Scene, scout
from analysis.video import FilmReader
from analysis.view import View
from analysis.wink import Evidence, judge_rep, judge_set

Stage = Literal["open", "look", "measure", "write"]
Curve = NDArray[np.float64]

# Where the stages end, as a share of the whole: decoding with the first look takes about
# as long as following the lifter.
_LOOK_ENDS, _MEASURE_ENDS = 0.45, 0.97
# Frames within so many degrees of the bottom count for the largest ankle angle and knee past
# toe, and of these the upper quarter: the very largest is the one that errs most. On 310
# repetitions of rendered lifters it is 2.1 degrees too large, the quarter 1.1.
_LOW_DEG, _MOST_PERCENTILE = 30.0, 75.0
# What a plate before head and trunk hides, of the joints that are drawn.
_UPPER = ("ear", "shoulder", "elbow", "wrist")
# Foot and knee landmarks wander by so much, centimetres.
_FOOT_SD_CM = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an analysis is: `done` of 1, about `left_s` seconds to go (NaN = unknown)."""

    stage: Stage
    done: float
    left_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """The result; `problem` says why there are no repetitions, if there are none."""

    report: Report
    overlay: Overlay | None
    problem: NothingUsableError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looks:
    """What the networks saw that look again."""

    leg: LegLooks
    back: BackLooks


class _Clock:
    """Turns time in the film to progress."""

    def __init__(self, on_progress: Callable[[Progress], None], *, duration_s: float) -> None:
        self._tell = on_progress
        self._duration_s = duration_s if np.isfinite(duration_s) and duration_s > 0 else 30.0
        self._started_s = time.monotonic()
        self._done = 0.0

    def tell(self, stage: Stage, *, at_s: float, begin: float, end: float) -> None:
        """Report a place in the film within a stage."""
        share = min(at_s / self._duration_s, 1.0)
        # A second pass over the film starts at its beginning again.
        done = self._done = max(self._done, begin + (end - begin) * share)
        spent_s = time.monotonic() - self._started_s
        left_s = spent_s * (1 - done) / done if done > 0.03 else float("nan")
        self._tell(Progress(stage=stage, done=done, left_s=left_s))


def shipped_sha256() -> str:
    """Return the checksum of the learned parts that ship, as reports of films state it."""
    backs = (back.sha256 for back in load_back_networks())
    return joint_sha256(load_estimator().sha256, LegNetwork().sha256, *backs)


def analyse(
    path: Path,
    *,
    model: PoseModel,
    estimator: Estimator | None = None,
    leg: LegModel | None = None,
    backs: Sequence[BackModel] = (),
    height_cm: float | None = None,
    person: int | None = None,
    preview: Path | None = None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    on_open: Callable[[FilmReader], None] = lambda reader: None,
    on_look: Callable[[float, list[Detection]], None] = lambda time_s, found: None,
) -> Analysis:
    """Analyse a film.

    Parameters
    ----------
    path : Path
        The film.
    model : PoseModel
    estimator : Estimator, optional
        The learned part; the one that ships by default.
    leg : LegModel, optional
        What looks at the near leg again; the one that ships by default.
    backs : sequence of BackModel, optional
        What look at the back again; those that ship by default.
    height_cm : float, optional
        Barefoot body height, for centimetres.
    person : int, optional
        Whom to measure, counted from 0 at the left; otherwise the one who squats.
    preview : Path, optional
        Where to write the small film for the pages.
    on_progress : callable, optional
        Is told how far the analysis is.
    on_open, on_look : callable, optional
        Are told when the film is open, and each look of the first pass; see
        `analysis.firstlook`.

    Returns
    -------
    Analysis
        Also for a film in which there is nothing to measure: `problem` is set then.

    Raises
    ------
    UnreadableError
        If the file is no film that can be read, or over a limit.
    MissingPartError
        If the pose model or a library is missing.
    """
    estimator = estimator or load_estimator()
    leg, backs = leg or LegNetwork(), backs or load_back_networks()
    made_with = MadeWith(
        app=analysis.__version__,
        estimator_sha=joint_sha256(estimator.sha256, leg.sha256, *(back.sha256 for back in backs)),
        pose_model_sha=model.sha256,
    )
    with FilmReader(path) as reader, SmallFilm(reader, preview=preview) as film:
        on_open(reader)
        clock = _Clock(on_progress, duration_s=min(reader.meta.duration_s, 90.0))
        try:
            scene = scout(
                film,
                model,
                person=person,
                on_progress=lambda t: clock.tell("look", at_s=t, begin=0.0, end=_LOOK_ENDS),
                on_look=on_look,
            )
        except NothingUsableError as problem:
            return Analysis(
                report=_empty_report(reader, made_with, problem), overlay=None, problem=problem
            )
        footage = take_footage(
            film,
            model,
            scene,
            on_frame=lambda t: clock.tell("measure", at_s=t, begin=_LOOK_ENDS, end=_MEASURE_ENDS),
        )
        ready = prepare(footage)
        # The back of a hidden trunk is not looked at: nothing is said of it.
        hidden = scene.stance is not None
        looks = _Looks(
            leg=look_at_leg(film, ready, leg),
            back=BackLooks.none() if hidden else look_at_back(film, ready, backs),
        )
        on_progress(Progress(stage="write", done=_MEASURE_ENDS, left_s=0.0))
        return _measure(
            reader,
            scene,
            footage,
            ready,
            looks,
            estimator,
            made_with=made_with,
            height_cm=height_cm,
        )


def _measure(
    reader: FilmReader,
    scene: Scene,
    footage: Footage,
    ready: Prepared,
    looks: _Looks,
    estimator: Estimator,
    *,
    made_with: MadeWith,
    height_cm: float | None,
) -> Analysis:
    """Turn the footage into the report: angles, repetitions, verdicts."""
    track = footage.track
    view, reps, joints = ready.view, ready.reps, ready.joints_px
    measured = measure(ready, estimator)
    angles = leglook.refined(measured.angles, looks.leg, leg_px=ready.features.leg_px)
    lumbar = backlook.refined(measured.lumbar, track.time_s, looks.back)
    plate_hides = scene.stance is not None
    if plate_hides:
        # The back of a hidden trunk is a guess.
        angles, lumbar = sure_of(angles), Lumbar.unknown(len(track.time_s))
    scale = cm_per_px(joints, standing=ready.upright, height_cm=height_cm)
    evidence = Evidence(
        time_s=track.time_s,
        thigh_deg=angles.thigh_deg,
        thigh_sd_deg=angles.thigh_sd_deg,
        lumbar_deg=lumbar.angle_deg,
        lumbar_sd_deg=lumbar.sd_deg,
        arch_deg=lumbar.arch_deg,
        arch_sd_deg=lumbar.arch_sd_deg,
        stand_off=lumbar.stand_off,
        doubt=doubt(
            view,
            trusted_share=ready.trusted_share,
            rough_back=ready.features.rough_back,
            brightness=footage.brightness,
            body_px=footage.body_px,
            plate_hides=plate_hides,
        ),
    )
    infos = tuple(_rep_info(angles, looks.leg, evidence, rep, scale=scale) for rep in reps)
    facts = FilmFacts(
        meta=reader.meta,
        film_warnings=reader.warnings,
        view=view,
        body_px=scene.person.height_px,
        brightness=footage.brightness,
        lost_share=_lost_share(track, scene),
        trusted_share=ready.trusted_share,
        plate_hides=plate_hides,
        feet_cut=_feet_cut(joints, ready.standing, scene.film_px),
        n_people=len(scene.people),
        starts_midway=any(r.is_partial and r.start == 0 for r in reps),
        ends_midway=any(r.is_partial and r.end >= len(track.time_s) - 2 for r in reps),
    )
    notes = check_film(facts)
    problem = _problem(view, infos)
    if problem is not None and problem.reason not in {n.id for n in notes}:
        notes = (Note(id=problem.reason, text=problem.text), *notes)
    frames = _frames(angles, lumbar, scale=scale)
    standing_info = _standing_info(track.time_s, ready.standing, lumbar)
    hip_cm = hip_height_cm(joints, scale)
    summary = _summary(angles, footage, hip_cm, reps, infos, scale=scale)
    report = Report(
        made_with=made_with,
        clip=_clip_info(reader, len(track.time_s)),
        view=ViewInfo(side=view.side, yaw_deg=view.yaw_deg, use=view.use, reason=view.reason),
        scale=ScaleInfo(cm_per_px=scale, source=None if np.isnan(scale) else "height"),
        standing=standing_info,
        frames=frames,
        reps=infos,
        summary=summary,
        findings=find(summary=summary, reps=infos, frames=frames, standing=standing_info),
        warnings=notes,
    )
    return Analysis(
        report=report, overlay=_overlay(scene, joints, footage, near=view.near), problem=problem
    )


def _standing_info(time_s: Curve, standing: NDArray[np.bool_], lumbar: Lumbar) -> StandingInfo:
    moments = time_s[standing]
    return StandingInfo(
        t_s=float(moments[len(moments) // 2]) if len(moments) else float("nan"),
        arch_deg=lumbar.arch_deg,
        arch_sd_deg=lumbar.arch_sd_deg,
    )


def _rep_info(
    angles: Angles, looks: LegLooks, evidence: Evidence, rep: Rep, *, scale: float
) -> RepInfo:
    whole = slice(rep.start, rep.end + 1)
    deepest = slice(max(rep.bottom - 1, 0), rep.bottom + 2)
    depth_deg = _median(angles.thigh_deg[deepest])
    # The largest is that near the bottom: without the bottom it is not known.
    low = angles.thigh_deg[whole] < depth_deg + _LOW_DEG
    ankle, past_toe = angles.ankle_deg[whole][low], angles.knee_past_toe_px[whole][low] * scale
    return RepInfo(
        start_s=float(angles.time_s[rep.start]),
        standing_s=float(angles.time_s[rep.standing]),
        bottom_s=float(angles.time_s[rep.bottom]),
        end_s=float(angles.time_s[rep.end]),
        partial=rep.is_partial,
        depth_deg=depth_deg,
        depth_sd_deg=_median(angles.thigh_sd_deg[deepest]),
        max_ankle_deg=_most(ankle),
        max_ankle_sd_deg=_median(angles.ankle_sd_deg[whole][low]),
        max_knee_past_toe_cm=_most(past_toe),
        max_knee_past_toe_sd_cm=float(np.hypot(_FOOT_SD_CM, SCALE_SD * abs(_most(past_toe)))),
        heel_rise=looks.is_heel_up(*angles.time_s[[rep.start, rep.end]].tolist()),
        wink=None if rep.is_partial else judge_rep(evidence, rep),
    )


def _median(curve: Curve) -> float:
    return float(np.nanmedian(curve)) if np.isfinite(curve).any() else float("nan")


def _most(curve: Curve) -> float:
    known = curve[np.isfinite(curve)]
    return float(np.percentile(known, _MOST_PERCENTILE)) if len(known) else float("nan")


def _lost_share(track: PoseTrack, scene: Scene) -> float:
    """Share of frames without the lifter, between coming into sight and leaving it."""
    first, last = scene.person.sightings[0].time_s, scene.person.sightings[-1].time_s
    there = (track.time_s >= first) & (track.time_s <= last)
    return float(1.0 - track.found[there].mean()) if there.any() else 1.0


def _feet_cut(
    joints: NDArray[np.float64], standing: NDArray[np.bool_], film_px: tuple[int, int]
) -> bool:
    frames = standing if standing.any() else np.isfinite(joints[:, 0, 0])
    feet = joints[frames, Landmark.HEEL : Landmark.TOE + 2]
    outside = (feet < 0).any(axis=-1) | (feet > np.array(film_px)).any(axis=-1)
    return bool(outside.mean() > 0.25) if outside.size else False


def _problem(view: View, reps: tuple[RepInfo, ...]) -> NothingUsableError | None:
    if view.use == "unusable":
        return NothingUsableError("front_view", FRONT)
    if not reps:
        return NothingUsableError(
            "no_squat",
            "No squat was found in this clip. Film one set from the side, standing before the "
            "first and after the last repetition.",
        )
    return None


def _summary(
    angles: Angles,
    footage: Footage,
    hip_cm: Curve,
    reps: tuple[Rep, ...],
    infos: tuple[RepInfo, ...],
    *,
    scale: float,
) -> Summary | None:
    whole = [(r, i, i.wink) for r, i in zip(reps, infos, strict=True) if i.wink is not None]
    if not whole:
        return None
    verdict = judge_set(
        [wink for _, _, wink in whole], bottoms=[(i.bottom_s, i.depth_deg) for _, i, _ in whole]
    )
    stop = stop_depth(
        verdict,
        [rep for rep, _, _ in whole],
        time_s=angles.time_s,
        thigh_deg=angles.thigh_deg,
        hip_cm=hip_cm,
        drop_cm=seat_drop_cm(footage.ray_px, scale_cm_per_px=scale),
    )
    return Summary(
        kind=verdict.kind,
        starts=verdict.starts,
        onset_s=verdict.onset_s,
        onset_thigh_deg=verdict.onset_thigh_deg,
        flagged_s=verdict.flagged_s,
        stop_at_thigh_deg=verdict.stop_at_thigh_deg,
        stop_at_hip_height_cm=stop.hip_height_cm,
        box_height_cm=stop.box_height_cm,
    )


def _frames(angles: Angles, lumbar: Lumbar, *, scale: float) -> Frames:
    return Frames(
        t=angles.time_s,
        thigh_deg=angles.thigh_deg,
        thigh_sd_deg=angles.thigh_sd_deg,
        ankle_deg=angles.ankle_deg,
        ankle_sd_deg=angles.ankle_sd_deg,
        knee_deg=angles.knee_deg,
        trunk_deg=angles.trunk_deg,
        lumbar_deg=lumbar.angle_deg,
        lumbar_sd_deg=lumbar.sd_deg,
        knee_past_toe_cm=angles.knee_past_toe_px * scale,
        confidence=angles.confidence,
    )


def _overlay(scene: Scene, joints: NDArray[np.float64], footage: Footage, *, near: int) -> Overlay:
    size = small_size(scene.film_px)
    shrink = np.array(size) / np.array(scene.film_px)
    first_s = scene.person.sightings[0].time_s
    boxes = [min(p.sightings, key=lambda s: abs(s.time_s - first_s)).box_px for p in scene.people]
    drawn, back = joints[:, drawn_joints(near)] * shrink, footage.back_px[:, DRAWN_BACK] * shrink
    if scene.stance is not None:
        # Where head, arms and back are behind the plate is a guess, and is not drawn over it.
        drawn[:, [JOINT_NAMES.index(name) for name in _UPPER]] = np.nan
        back[:] = np.nan
    return Overlay(
        t_s=footage.track.time_s,
        joints_px=drawn,
        back_px=back,
        size_px=size,
        people_px=np.array(boxes) * np.tile(shrink, 2),
        people_t_s=first_s,
        measured=scene.lifter,
    )


def _clip_info(reader: FilmReader, frames_read: int) -> ClipInfo:
    meta = reader.meta
    return ClipInfo(
        duration_s=meta.duration_s,
        frames_read=frames_read,
        fps=meta.fps,
        width=meta.width_px,
        height=meta.height_px,
        rotation_deg=meta.rotation_deg,
        filmed_on=meta.filmed_on,
    )


def _empty_report(reader: FilmReader, made_with: MadeWith, problem: NothingUsableError) -> Report:
    nothing = np.empty(0)
    nan = float("nan")
    return Report(
        made_with=made_with,
        clip=_clip_info(reader, 0),
        view=ViewInfo(side=None, yaw_deg=nan, use="unusable", reason=problem.text),
        scale=ScaleInfo(cm_per_px=nan, source=None),
        standing=StandingInfo(t_s=nan, arch_deg=nan, arch_sd_deg=nan),
        frames=Frames(**dict.fromkeys(Frames.__dataclass_fields__, nothing)),
        reps=(),
        summary=None,
        warnings=(
            Note(id=problem.reason, text=problem.text),
            *(Note(id=w.id, text=w.text) for w in reader.warnings),
        ),
    )
