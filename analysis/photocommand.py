"""``python -m analysis ankle`` and ``still``: from a photo to its report."""

import json
import math
from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import analysis
from analysis import draw, photoreport
from analysis.backnet import load_back_networks
from analysis.errors import NothingUsableError
from analysis.estimator import joint_sha256, load_estimator
from analysis.legnet import LegNetwork
from analysis.lunge import OBLIQUE_YAW_DEG, Lunge, load_correction, measure_lunge
from analysis.photo import Photo, read_photo
from analysis.pose import PoseModel
from analysis.report import DRAWN_BACK, JOINT_NAMES, MadeWith, Note, ViewInfo, clean, drawn_joints
from analysis.snapshot import find_lifter
from analysis.still import Still, measure_still

# Longer side of the picture that pages show, pixels.
_PICTURE_PX = 1280

_FAR_LEG = Note(
    id="far_leg",
    text="The leg in front is the one away from the camera, which is less exact. Take the photo "
    "from the side of the leg in front.",
)
_OBLIQUE = Note(
    id="oblique",
    text="The photo is taken a little from the front or from behind, which makes the band wider. "
    "Hold the phone square to the leg.",
)
_ONE_STILL = Note(
    id="one_still",
    text="One still cannot show a wink: it needs a photo of you standing beside it, or better a "
    "clip, which shows where it starts.",
)


def ankle(args: Namespace, model: PoseModel) -> None:
    """Measure an ankle test and write its report.

    Raises
    ------
    TwoBowlsError
    """
    photo = read_photo(args.photo)
    network = LegNetwork()
    made_with = _made_with(joint_sha256(load_correction().sha256, network.sha256), model)
    _write_picture(photo, args.picture)

    def work() -> photoreport.PhotoReport:
        lunge = measure_lunge(
            find_lifter(photo, model),
            model,
            height_cm=args.height_cm,
            side=args.side,
            network=network,
        )
        if args.page is not None:
            _write_page(args.page, _ankle_page(lunge))
        return photoreport.ankle_report(
            lunge.reading,
            made_with=made_with,
            photo=photo,
            view=_ankle_view(lunge),
            warnings=_ankle_notes(lunge),
        )

    _report(work, photoreport.PhotoReport, made_with, photo, args.output)


def still(args: Namespace, model: PoseModel) -> None:
    """Measure a squat still and write its report.

    Raises
    ------
    TwoBowlsError
    """
    photo = read_photo(args.photo)
    upright = None if args.standing is None else read_photo(args.standing)
    estimator, leg, backs = load_estimator(), LegNetwork(), load_back_networks()
    looks = (leg.sha256, *(back.sha256 for back in backs))
    made_with = _made_with(joint_sha256(estimator.sha256, *looks), model)
    _write_picture(photo, args.picture)

    def work() -> photoreport.StillReport:
        found = measure_still(
            find_lifter(photo, model),
            model,
            estimator,
            standing=None if upright is None else find_lifter(upright, model),
            height_cm=args.height_cm,
            leg=leg,
            backs=backs,
        )
        if args.picture is not None:
            args.picture.write_bytes(_drawn(photo, found))
        if args.page is not None:
            _write_page(args.page, {"thigh_sd_deg": found.thigh_sd_deg})
        return _still_report(found, made_with, photo)

    _report(work, photoreport.StillReport, made_with, photo, args.output)


def _report(
    work: Callable[[], photoreport.PhotoReport],
    kind: type[photoreport.PhotoReport],
    made_with: MadeWith,
    photo: Photo,
    path: Path,
) -> None:
    """Write the report, also of a photo in which there is nothing to measure."""
    try:
        report = work()
    except NothingUsableError as error:
        note = Note(id=error.reason, text=error.text)
        nothing = photoreport.empty(made_with, photo, note, reason=error.reason)
        photoreport.write_photo_report(kind(**nothing), path)
        raise
    photoreport.write_photo_report(report, path)


def _made_with(sha256: str, model: PoseModel) -> MadeWith:
    return MadeWith(app=analysis.__version__, estimator_sha=sha256, pose_model_sha=model.sha256)


def _write_picture(photo: Photo, path: Path | None) -> None:
    if path is not None:
        path.write_bytes(photo.jpeg(_PICTURE_PX))


def _write_page(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(clean(content), allow_nan=False), encoding="utf-8")


def _ankle_page(lunge: Lunge) -> dict[str, Any]:
    """Return what the page needs to follow points that are moved by hand."""
    content = asdict(lunge.reading)
    return {**content, "yaw_deg": lunge.yaw_deg, "height_px": lunge.height_px}


def _ankle_view(lunge: Lunge) -> ViewInfo:
    is_oblique = abs(lunge.yaw_deg) > OBLIQUE_YAW_DEG
    where = "front" if lunge.yaw_deg > 0 else "back"
    return ViewInfo(
        side="right" if lunge.reading.facing > 0 else "left",
        yaw_deg=lunge.yaw_deg,
        use="oblique" if is_oblique else "good",
        reason=f"the camera stands too far toward the lifter's {where}" if is_oblique else "",
    )


def _ankle_notes(lunge: Lunge) -> tuple[Note, ...]:
    notes = []
    if not lunge.is_near:
        notes.append(_FAR_LEG)
    if abs(lunge.yaw_deg) > OBLIQUE_YAW_DEG:
        notes.append(_OBLIQUE)
    if lunge.reading.heel_up:
        notes.append(Note(id="heel_up", text="The heel came up, so this try does not count."))
    return tuple(notes)


def _still_report(found: Still, made_with: MadeWith, photo: Photo) -> photoreport.StillReport:
    view = found.view
    notes = []
    if found.standing_unused:
        notes.append(Note(id="standing_unused", text=found.standing_unused))
    if math.isnan(found.lumbar_change_deg):
        notes.append(_ONE_STILL)
    if view.use == "oblique":
        notes.append(_OBLIQUE)
    return photoreport.StillReport(
        made_with=made_with,
        width=photo.width_px,
        height=photo.height_px,
        view=ViewInfo(side=view.side, yaw_deg=view.yaw_deg, use=view.use, reason=view.reason),
        scale=found.scale,
        side=view.side,
        ankle_deg=found.ankle_deg,
        ankle_sd_deg=found.ankle_sd_deg,
        knee_past_toe_cm=found.past_toe_cm,
        knee_past_toe_sd_cm=found.past_toe_sd_cm,
        heel_up=found.heel_up,
        points_px=asdict(found.points),
        verdict=_depth_sentence(found.thigh_deg, found.thigh_sd_deg),
        warnings=tuple(notes),
        thigh_deg=found.thigh_deg,
        trunk_deg=found.trunk_deg,
        lumbar_change_deg=found.lumbar_change_deg,
        lumbar_change_sd_deg=found.lumbar_change_sd_deg,
    )


def _depth_sentence(thigh_deg: float, sd_deg: float) -> str:
    band = f"give or take {2 * sd_deg:.0f}"
    if abs(thigh_deg) < 2.5:
        return f"The thigh is level: at parallel, {band} degrees."
    where = "above" if thigh_deg > 0 else "below"
    return f"The thigh is {abs(thigh_deg):.0f} degrees {where} parallel, {band}."


def _drawn(photo: Photo, found: Still) -> bytes:
    """Draw skeleton and back over the picture."""
    joints = found.joints_px[drawn_joints(found.view.near)]
    picture = draw.annotate(
        photo.picture,
        dict(zip(JOINT_NAMES, joints, strict=True)),
        found.back_px[DRAWN_BACK],
        tilt_deg=found.lumbar_change_deg,
    )
    return draw.to_jpeg(picture)
