"""Makes up the results of an analysis from a formula: a stick figure that squats.

Used by the tests in place of the real child, with the same files, lines and exit
codes. Run as a script it waits for one line, as `analysis.service.worker` does, and
plays the scene that the film asks for (``scene: none``) or else the one that the file
names which is its argument (one of `SCENES`).
"""

import argparse
import base64
import csv
import itertools
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.service.request import Request
from tests.pages import made_up_photo

SCENES = (
    "wink",
    "arch_to_neutral",
    "none",
    "cannot_tell",
    "two_people",
    "long",
    "nothing",
    "refused",
    "missing",
    "crash",
    "hang",
    "slow",
    "family",
    "spin",
    "greedy",
    "sly",
    "garbage",
)
# Seconds that the scene "slow" takes.
SLOW_S = 2.0

JOINTS = (
    "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel", "toe",
    "far_hip", "far_knee", "far_ankle", "far_toe",
)  # fmt: skip
MISSING = np.iinfo(np.int16).min
SIZE_PX = (180, 320)
FPS = 30
FRAMES = 120
# Two reps of 1.8 s, the first from 0.2 s on; in a long set as many as a gym knows.
STARTS_S = (0.2, 2.0)
REP_S = 1.8
LONG_REPS = 14


def starts_s(scene: str) -> tuple[float, ...]:
    """When the reps of a scene begin."""
    if scene == "long":
        return tuple(STARTS_S[0] + REP_S * k for k in range(LONG_REPS))
    return STARTS_S


def count(scene: str) -> int:
    """How many pictures the film of a scene has."""
    return FRAMES + round((len(starts_s(scene)) - len(STARTS_S)) * REP_S * FPS)


def squat(time_s: float) -> float:
    """How deep the figure is at a time: 0 standing, 1 at the bottom.

    The same in every scene: a short film ends just as the third rep begins.
    """
    since = time_s - STARTS_S[0]
    if since < 0 or since > LONG_REPS * REP_S:
        return 0.0
    return math.sin(math.pi * since / REP_S) ** 2


def angles(time_s: float, scene: str) -> dict[str, float]:
    """Angles of the figure at a time, in degrees."""
    deep = squat(time_s)
    tuck = 18.0 * max(0.0, deep - 0.7) / 0.3
    if scene == "arch_to_neutral":
        tuck = 10.0 * deep
    if scene in ("none", "cannot_tell"):
        tuck = 2.0 * deep
    return {
        "thigh_deg": 84 - 98 * deep,
        "ankle_deg": 3 + 29 * deep,
        "knee_deg": 6 + 120 * deep,
        "trunk_deg": 8 + 34 * deep,
        "lumbar_deg": tuck,
    }


def joints(time_s: float) -> dict[str, tuple[float, float]]:
    """Joints of a stick figure that faces right, in pixels of the preview."""
    now = angles(time_s, "wink")
    ankle = (80.0, 280.0)
    bend, thigh, lean = (math.radians(now[k]) for k in ("ankle_deg", "thigh_deg", "trunk_deg"))
    knee = (ankle[0] + 62 * math.sin(bend), ankle[1] - 62 * math.cos(bend))
    hip = (knee[0] - 60 * math.cos(thigh), knee[1] - 60 * math.sin(thigh))
    shoulder = (hip[0] + 76 * math.sin(lean), hip[1] - 76 * math.cos(lean))
    near = {
        "ear": (shoulder[0] + 4, shoulder[1] - 28),
        "shoulder": shoulder,
        "elbow": (shoulder[0] + 28, shoulder[1] + 6),
        "wrist": (shoulder[0] + 56, shoulder[1] + 4),
        "hip": hip,
        "knee": knee,
        "ankle": ankle,
        "heel": (72.0, 292.0),
        "toe": (108.0, 292.0),
    }
    far = {"far_" + k: (near[k][0] + 4, near[k][1] - 3) for k in ("hip", "knee", "ankle", "toe")}
    return near | far


def report(scene: str) -> dict[str, Any]:
    """Report of schema 1 for a scene, with the gaps and nulls that a real one has."""
    times = [i / FPS for i in range(count(scene))]
    frames = [
        {
            "t": t,
            **angles(t, scene),
            "thigh_sd_deg": 2.0,
            "ankle_sd_deg": 1.5,
            "lumbar_sd_deg": 6.0 if scene == "cannot_tell" else 2.0,
            "knee_past_toe_cm": None,
            "confidence": 0.9,
        }
        for t in times
    ]
    for frame in frames[10:13]:
        frame["lumbar_deg"] = frame["lumbar_sd_deg"] = None
    known = ("arch_to_neutral", "none", "cannot_tell", "nothing")
    kind = scene if scene in known else "wink"
    reps = [] if scene == "nothing" else [_rep(start, kind) for start in starts_s(scene)]
    is_wink = kind == "wink"
    first = reps[0]["wink"] if reps else {}
    return {
        "schema": 1,
        "made_with": {"app": "test", "estimator_sha": "", "pose_model_sha": ""},
        "clip": {
            "duration_s": count(scene) / FPS, "frames_read": count(scene), "fps": 30.0,
            "width": SIZE_PX[0], "height": SIZE_PX[1], "rotation_deg": 0, "filmed_on": None,
        },
        "label": None,
        "view": {"side": "right", "yaw_deg": 4.0, "use": "good", "reason": ""},
        "scale": {"cm_per_px": None, "source": None},
        "standing": {"t_s": 0.1, "arch_deg": -12.0, "arch_sd_deg": 5.0},
        "frames": frames,
        "reps": reps,
        "summary": {
            "kind": kind if reps else "cannot_tell",
            "starts": "below" if is_wink else None,
            "onset_s": first.get("onset_s"),
            "onset_thigh_deg": first.get("onset_thigh_deg"),
            "flagged_s": first.get("onset_s") or (reps[0]["bottom_s"] if reps else None),
            "stop_at_thigh_deg": first["onset_thigh_deg"] + 5 if is_wink else None,
            "stop_at_hip_height_cm": None,
            "box_height_cm": None,
        },
        "findings": [],
        "warnings": _warnings(scene),
    }  # fmt: skip


def _warnings(scene: str) -> list[dict[str, str]]:
    if scene == "nothing":
        return [{"id": "no_squat", "text": "No squat was found in this film."}]
    if scene == "cannot_tell":
        return [{"id": "plate_in_front", "text": "A plate hides the lower back [at the bottom]."}]
    return []


def _rep(start_s: float, kind: str) -> dict[str, Any]:
    onset = {"wink": 0.72, "arch_to_neutral": 0.5}.get(kind)
    return {
        "start_s": start_s,
        "standing_s": start_s,
        "bottom_s": start_s + REP_S / 2,
        "end_s": start_s + REP_S,
        "partial": False,
        "depth_deg": -14.0,
        "depth_sd_deg": 2.0,
        "max_ankle_deg": 32.0,
        "max_ankle_sd_deg": 1.5,
        "max_knee_past_toe_cm": None,
        "max_knee_past_toe_sd_cm": None,
        "heel_rise": False,
        "wink": {
            "kind": kind,
            "why": "A plate hides the lower back." if kind == "cannot_tell" else "",
            "onset_s": None if onset is None else start_s + onset,
            "onset_interval_s": None if onset is None else [start_s + 0.65, start_s + 0.8],
            "onset_thigh_deg": None if onset is None else -8.0,
            "onset_thigh_sd_deg": None if onset is None else 3.0,
            "peak_deg": 18.0 if kind == "wink" else 2.0,
            "peak_sd_deg": 2.0,
            "release_s": None if onset is None else start_s + REP_S - onset,
            "starts": "below" if kind == "wink" else None,
        },
    }


def write_overlay(path: Path, *, people: int, measured: int, frames: int = FRAMES) -> None:
    """Write the overlay file, with one joint and one back missing on purpose."""
    all_joints = np.zeros((frames, len(JOINTS), 2), np.int16)
    back = np.zeros((frames, 24, 2), np.int16)
    for index in range(frames):
        now = joints(index / FPS)
        all_joints[index] = np.rint([now[name] for name in JOINTS])
        ends = np.array([now["shoulder"], now["hip"]]) - [14, 0]
        back[index] = np.rint(np.linspace(ends[0], ends[1], 24))
    all_joints[5, JOINTS.index("wrist")] = MISSING
    back[6] = MISSING
    boxes = [[30 + 8 * n, 60, 150, 300] for n in range(people)]
    np.savez(
        path,
        t_s=np.arange(frames) / FPS,
        joints_px=all_joints,
        back_px=back,
        joint_names=np.array(JOINTS),
        size_px=np.array(SIZE_PX),
        people_px=np.array(boxes, np.int16).reshape(-1, 4),
        people_t_s=np.array(0.1),
        measured=np.array(measured),
    )


def write_preview(path: Path, *, frames: int = FRAMES) -> None:
    """Encode the stick figure, one picture for each entry of the overlay."""
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=FPS)
        stream.width, stream.height = SIZE_PX
        stream.pix_fmt = "yuv420p"
        stream.codec_context.gop_size = 6
        stream.codec_context.time_base = Fraction(1, FPS)
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(_picture(index / FPS), format="rgb24")
            frame.pts = index
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))


def _picture(time_s: float) -> NDArray[np.uint8]:
    width, height = SIZE_PX
    picture = np.full((height, width, 3), (150, 145, 138), np.uint8)
    now = joints(time_s)
    chain = ("ear", "shoulder", "hip", "knee", "ankle", "toe")
    for first, second in itertools.pairwise(chain):
        for share in np.linspace(0, 1, 40):
            x = now[first][0] * (1 - share) + now[second][0] * share
            y = now[first][1] * (1 - share) + now[second][1] * share
            picture[int(y) - 6 : int(y) + 6, int(x) - 6 : int(x) + 6] = (70, 84, 96)
    return picture


def write_all(scene: str, args: argparse.Namespace) -> None:
    """Write every file that the page asked for."""
    people = 2 if scene == "two_people" else 1
    args.o.write_text(json.dumps(report(scene), allow_nan=False))
    frames = count(scene)
    write_overlay(args.overlay, people=people, measured=(args.person or 1) - 1, frames=frames)
    write_preview(args.preview, frames=frames)
    with args.csv.open("w", newline="") as target:
        rows = csv.writer(target)
        rows.writerow(["t (s)", "thigh (deg)"])
        rows.writerows([f["t"], f["thigh_deg"]] for f in report(scene)["frames"])


def first_look() -> dict[str, Any]:
    """Make what is told of the film on the way: one fault, and all else in order."""
    done, jpeg = cv2.imencode(".jpg", _picture(0.0))
    assert done
    return {
        "seen_s": 2.67,
        "clip": {"duration_s": 4.0, "fps": 30.0, "width": SIZE_PX[0], "height": SIZE_PX[1]},
        "people": 1,
        "view": "good",
        "notes": [{"id": "small", "text": "You are small in the picture. Come closer."}],
        "picture_jpeg": base64.b64encode(jpeg.tobytes()).decode("ascii"),
    }


def say(stage: str, done: float, left_s: float | None) -> None:
    """Write one line of progress."""
    sys.stdout.write(json.dumps({"stage": stage, "done": done, "left_s": left_s}) + "\n")
    sys.stdout.flush()


def hang(request: Request) -> int:
    """Say nothing any more."""
    time.sleep(600)
    return 1


def crash(request: Request) -> int:
    """Die as a decoder with a bug does."""
    os.kill(os.getpid(), signal.SIGSEGV)
    return 1


def have_a_family(request: Request) -> int:
    """Start a process of its own, and wait for it."""
    grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    say(f"pid {grandchild.pid}", 0.5, None)
    return grandchild.wait()


def spin(request: Request) -> int:
    """Compute for ever, under the limits of a real child."""
    from analysis.service import worker  # takes a second, which the other scenes save

    worker.limit(request)
    while True:
        pass


def be_greedy(request: Request) -> int:
    """Take 400 MB, under the limits of a real child."""
    from analysis.service import worker

    worker.limit(request)
    try:
        return 0 if bytearray(400 << 20) else 1
    except MemoryError:
        return worker.TOO_MUCH_MEMORY


def be_sly(request: Request) -> int:
    """Leave other things than a child should."""
    out = Path(request.out)
    (out / "report.json").symlink_to("/etc/passwd")
    (out / "first.json").unlink()
    (out / "first.json").symlink_to("/etc/passwd")
    (out / "frames.csv").mkdir()
    (out / "other.json").write_text("{}")
    return 0


def write_garbage(request: Request) -> int:
    """Leave a report that is none."""
    (Path(request.out) / "report.json").write_text('{"schema": 1, "reps": 7}')
    return 0


BREAKING: Mapping[str, Callable[[Request], int]] = {
    "hang": hang,
    "crash": crash,
    "family": have_a_family,
    "spin": spin,
    "greedy": be_greedy,
    "sly": be_sly,
    "garbage": write_garbage,
}
SENTENCES = {
    "refused": (2, "This file is not a film that can be read."),
    "missing": (4, "The pose model is missing and could not be fetched."),
    "nothing": (3, "No squat was found in this film."),
}


def scene_of(film: Path, named: Path) -> str:
    """Name of the scene to play for a film."""
    try:
        found = re.match(rb"scene: (\w+)", film.read_bytes()[:40])
    except OSError:
        found = None
    if found:
        return found[1].decode("ascii")
    return named.read_text() if named.is_file() else "wink"


def main() -> int:
    """Wait for a film and play a scene."""
    line = sys.stdin.readline()
    if not line:
        return 0
    request = json.loads(line)
    if request.get("photo"):
        say("open", 0.0, None)
        return made_up_photo.make(request)
    scene = scene_of(Path(request["film"]), Path(sys.argv[1]))
    out = Path(request["out"])
    args = argparse.Namespace(
        o=out / "report.json",
        csv=out / "frames.csv",
        overlay=out / "overlay.npz",
        preview=out / "preview.mp4",
        first=out / "first.json",
        person=request["person"],
    )
    say("open", 0.0, None)
    sys.stdout.write("a library says something that is not progress\n")
    sys.stderr.write("W0000 a library warns of something\n")
    if scene not in ("refused", "missing"):
        args.first.write_text(json.dumps(first_look()))
    if scene == "slow":
        for step in range(1, 100):
            say("measure", step / 100, (100 - step) * SLOW_S / 100)
            time.sleep(SLOW_S / 100)
    say("measure", 0.4, 3.0)
    if scene in BREAKING:
        return BREAKING[scene](Request(**request))
    if scene in SENTENCES and scene != "nothing":
        code, text = SENTENCES[scene]
        sys.stderr.write(text + "\n")
        return code
    write_all(scene, args)
    people = 2 if scene == "two_people" else 1
    sys.stdout.write(json.dumps({"facts": {"codec": "h264", "people": people}}) + "\n")
    say("write", 1.0, 0.0)
    if scene == "nothing":
        sys.stderr.write(SENTENCES["nothing"][1] + "\n")
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
