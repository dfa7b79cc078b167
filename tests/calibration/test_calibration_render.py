"""Bodies and whole clips; skipped where the shape data or the graphics library is absent."""

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis.calibration import assets, lifter, sample
from analysis.calibration.motion import Mover, solve

pytestmark = pytest.mark.skipif(not assets.present(), reason="shape data not fetched")


@pytest.mark.parametrize("index", [0, 3])
def test_a_dressed_body_is_sane(index: int) -> None:
    """Stature as drawn, weights whole, clothes within reach of the body, the back found."""
    clip = sample.draw("train", index)
    body = lifter.build(clip)
    tall = body.skeleton.head_top - body.skeleton.floor - clip.outfit.sole

    assert tall == pytest.approx(clip.body.stature_m, abs=1e-6)
    assert np.isfinite(body.v).all()
    assert body.weights.sum(1) == pytest.approx(1, abs=1e-4)
    assert np.abs(body.v[:, 0]).max() < 0.8
    assert 0 <= body.stand_off_cm < 15
    assert all(len(band) > 3 for band in body.bands)


def test_posed_vertices_stay_near_the_joints() -> None:
    """No vertex flies off in a deep squat."""
    clip = sample.draw("train", 2)
    body = lifter.build(clip)
    track = solve(clip, Mover(body.skeleton, body.arms, clip))
    deepest = int(np.argmin(track.thigh))
    v = body.posed_vertices(track.posed[deepest])
    joints = np.array(list(track.posed[deepest].points.values()))
    distance = np.linalg.norm(v[:, None] - joints[None], axis=2).min(1)

    assert distance.max() < 0.35


@pytest.mark.skipif(importlib.util.find_spec("moderngl") is None, reason="moderngl is absent")
def test_a_whole_clip_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Film and truth agree in length; the lifter is drawn where the truth says; no second make."""
    from analysis.calibration import clip as clips

    spec = sample.draw("train", 1)
    spec.reps = [replace(spec.reps[0], down=0.5, pause=0.1, up=0.4)]
    spec.motion = replace(spec.motion, lead=0.1, tail=0.1, cut_start=0.0, cut_end=0.0)
    spec.film = replace(spec.film, width=202, height=360, fps=10)
    monkeypatch.setattr(clips, "draw", lambda split, index: spec)

    clips.make("train", 1, tmp_path)
    [path] = tmp_path.glob("*.json")
    written = json.loads(path.read_text())

    assert clips.finished(tmp_path, "train", 1)
    assert path.with_suffix(".mp4").stat().st_size > 1000
    assert written["meta"]["n_frames"] == len(written["frames"])
    for frame in written["frames"]:
        hip, knee = (np.array(frame["joints3d"][k]) for k in ("hip_L", "knee_L"))
        up, forward = hip[2] - knee[2], hip[1] - knee[1]
        assert np.degrees(np.arctan2(up, forward)) == pytest.approx(frame["thigh_deg"], abs=0.1)
        assert 0 <= frame["back_hidden"] <= 1
