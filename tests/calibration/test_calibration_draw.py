"""What is drawn at random: the same each time, all kinds, and no tuck that depth gives away."""

from collections import Counter
from dataclasses import asdict

import numpy as np
import pytest

from analysis.calibration import batch, independence, sample


def test_a_clip_is_a_pure_function_of_split_and_index() -> None:
    """Drawing twice gives the same; another split or index gives another."""
    assert asdict(sample.draw("train", 7)) == asdict(sample.draw("train", 7))
    assert asdict(sample.draw("train", 7)) != asdict(sample.draw("test", 7))
    assert sample.draw("train", 7).body != sample.draw("train", 8).body


@pytest.mark.parametrize("split", ["train", "test"])
def test_depth_lean_and_ankle_do_not_tell_the_tuck(split: str) -> None:
    """The linear regression of issue 3 explains less than a tenth."""
    reps = independence.from_draws(split, 150)

    assert independence.r_squared(reps) < independence.LIMIT
    assert 0.35 < (reps.tuck == 0).mean() < 0.65


def test_regression_finds_a_tuck_that_depth_tells() -> None:
    """The check itself fails where it should."""
    angles = np.random.default_rng(0).normal(size=(50, 3))
    reps = independence.Reps(angles, 3 - 2 * angles[:, 0], [])

    assert independence.r_squared(reps) == pytest.approx(1.0)


def test_every_kind_is_drawn_and_at_every_depth() -> None:
    """Winks and rigid squats both reach from high to very deep; tucks reach from 4 to 35."""
    clips = [sample.draw("train", i) for i in range(400)]
    kinds = Counter(c.kind for c in clips)
    depth = {
        tucks: [r.thigh for c in clips for r in c.reps if (r.tuck > 0) == tucks]
        for tucks in (True, False)
    }
    peaks = [r.tuck for c in clips for r in c.reps if r.tuck > 0]

    assert set(kinds) == {
        *("neutral", "rigid_deep", "wink", "early_wink", "late_wink", "rounding"),
        *("extension_to_neutral", "arch_past_neutral"),
    }
    for thighs in depth.values():
        assert min(thighs) < -30
        assert max(thighs) > 35
    assert min(peaks) < 6
    assert max(peaks) > 32


def test_a_set_may_tire_into_a_wink() -> None:
    """Some clips hold a rep without a tuck before one with it."""
    clips = [sample.draw("train", i) for i in range(200)]

    assert any(c.reps[0].tuck == 0 < c.reps[-1].tuck for c in clips)


def test_looks_reach_all_that_is_asked_for() -> None:
    """Loads, racks, people, cuts, tilted and oblique cameras and poor film all occur."""
    clips = [sample.draw("train", i) for i in range(400)]

    assert {c.arms for c in clips} == set(sample.ARM_MODES)
    assert {c.outfit.top for c in clips} == {"fitted", "tee", "loose", "hoodie"}
    assert {c.scene.rack for c in clips} == {"none", "behind", "around", "front"}
    assert {c.outfit.hair for c in clips} >= {"long", "pony", "bald"}
    assert any(c.scene.people for c in clips)
    assert any(c.scene.posts for c in clips)
    assert any(c.motion.cut_start for c in clips)
    assert any(c.motion.cut_start and c.motion.cut_end and len(c.reps) == 1 for c in clips)
    assert any(c.camera.crop_feet for c in clips)
    assert max(abs(c.camera.yaw) for c in clips) > 28
    assert max(abs(c.camera.roll) for c in clips) > 4
    assert min(c.film.width for c in clips) == 202


def test_jobs_mix_the_test_clips_in_without_a_gap() -> None:
    """Every sixth clip is a test clip; each split counts from 0."""
    jobs = batch.jobs(["train", "test"], 24)

    assert [i for s, i in jobs if s == "test"] == list(range(4))
    assert [i for s, i in jobs if s == "train"] == list(range(20))
    assert batch.jobs(["test"], 2, 5) == [("test", 5), ("test", 6)]
