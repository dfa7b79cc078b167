"""Stills cut out of rendered clips: which moments, what is kept, and how it is read again."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.calibration import stillcut
from analysis.calibration.collect import TRUTHS, collect
from analysis.calibration.dataset import load_stills
from analysis.errors import NothingUsableError
from tests.stick import Lifter, StickModel, squats, write_film

FPS, LENGTH_S = 30, 6.0


def truth_of(lifter: Lifter) -> dict[str, Any]:
    """Write the truth of a stick figure's film as the calibration does."""
    times_s = np.arange(0, LENGTH_S, 1 / FPS)
    blank = dict.fromkeys(TRUTHS, 0.0)
    frames = [
        blank | {"t": float(t), "thigh_deg": 86.0 - 90.0 * float(lifter.depth(t))} for t in times_s
    ]
    meta = {
        "arms": "forward",
        "view_side": lifter.side,
        "body": {"thigh_cm": 42.0, "shank_cm": 41.0},
        "standing_baseline": {"lumbar_flexion_deg": 0.0},
    }
    return {"meta": meta, "frames": frames}


def test_one_moment_stands_and_the_other_is_low() -> None:
    """Whatever is drawn; and half of the time it is the bottom."""
    lifter = Lifter(depth=squats([1.5]))
    truth = truth_of(lifter)
    drawn = [stillcut.moments(truth, seed=seed) for seed in range(60)]
    assert max(lifter.depth(standing) for standing, _ in drawn) < 0.13
    depths = [lifter.depth(squat) for _, squat in drawn]
    assert min(depths) > 0.55
    assert 0.3 < np.mean(np.array(depths) > 0.96) < 0.9
    assert stillcut.moments(truth, seed=3) == stillcut.moments(truth, seed=3)


def test_a_clip_without_standing_gives_none() -> None:
    """There is nothing to compare with."""
    truth = truth_of(Lifter(depth=lambda t: 0.5 + 0.1 * np.sin(t)))
    with pytest.raises(NothingUsableError):
        stillcut.moments(truth, seed=0)


def test_a_pair_is_read_as_two_samples(tmp_path: Path) -> None:
    """Both photos against each other, and that of the squat by itself, each with the truth."""
    lifter = Lifter(depth=squats([1.5]))
    film = write_film(tmp_path / "a.mp4", duration_s=LENGTH_S)
    film.with_suffix(".json").write_text(json.dumps(truth_of(lifter)), encoding="utf-8")
    real = stillcut._seen

    def seen(clip: Path, time_s: float, model: object) -> Held:
        still = StickModel(lifters=[lifter_at(lifter, time_s)])
        return Held(real(clip, time_s, still), still)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stillcut, "_seen", seen)
        done = collect([film], tmp_path / "out", StickModel(lifters=[lifter]), stillcut.look_at)
    assert done == 1
    both, alone = load_stills(tmp_path / "out" / "a.npz")
    assert both.is_still
    assert alone.is_still
    assert len(both.usable) == 11
    assert len(alone.usable) == 5
    np.testing.assert_array_equal(both.target[-5:, 1], alone.target[:, 1])
    assert both.deep[-5:].all()
    assert not both.deep[:5].any()


class Held:
    """A photo whose lifter is seen by a model of its own."""

    def __init__(self, seen: Any, model: StickModel) -> None:  # noqa: ANN401
        self._seen, self._model = seen, model

    def footage(self, model: object) -> Any:  # noqa: ANN401
        """Take the footage, with the model that holds the lifter still."""
        return self._seen.footage(self._model)


def lifter_at(lifter: Lifter, time_s: float) -> Lifter:
    """Hold a lifter at a moment."""
    depth = float(lifter.depth(time_s))
    return Lifter(side=lifter.side, depth=lambda t: depth + 0 * t)
