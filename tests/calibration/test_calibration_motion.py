"""Exact movement: angles are what was prescribed, and balance and tuck are what they say."""

import numpy as np
import pytest
from bodies import plain_clip, solved

from analysis.calibration import motion, truth
from analysis.calibration.arms import load_centre
from analysis.calibration.sample import Rep
from analysis.calibration.skeleton import average_skeleton, turn_x, two_bones


def rep(**changes: float) -> Rep:
    """Return a rep to parallel with a tuck of 20 degrees that starts at 30."""
    given = {
        **{"down": 1.0, "pause": 0.2, "up": 0.8, "rest": 0.1, "thigh": 0.0, "shank": 30.0},
        **{"tuck": 20.0, "onset": 30.0, "release_shift": 0.0, "arch": 0.0},
        **changes,
    }
    return Rep(**given)


@pytest.mark.parametrize(
    ("s", "value"), [(-1.0, 0.0), (0.0, 0.0), (0.5, 0.5), (1.0, 1.0), (2.0, 1.0)]
)
def test_minimum_jerk(s: float, value: float) -> None:
    """Known values, flat outside 0 to 1."""
    assert float(motion.minimum_jerk(s)) == pytest.approx(value)


@pytest.mark.parametrize(("thigh", "tuck"), [(80, 0), (30, 0), (15, 10), (0, 20), (-5, 20)])
def test_tuck_grows_from_its_onset_to_the_bottom(thigh: float, tuck: float) -> None:
    """With power 1 the tuck is a straight line in the thigh angle."""
    assert motion.tuck_at(thigh, rep(), 1.0, rising=False) == pytest.approx(tuck)


def test_release_may_come_later_than_the_onset() -> None:
    """On the way up the tuck lets go at another thigh angle, and is whole at the bottom."""
    late = rep(release_shift=10.0)

    assert motion.tuck_at(35, late, 1.0, rising=True) > 0
    assert motion.tuck_at(35, late, 1.0, rising=False) == 0
    assert motion.tuck_at(0, late, 1.0, rising=True) == pytest.approx(20)


def test_schedule_is_cut_at_its_start() -> None:
    """A clip that begins in mid-rep starts with u above 0, and its rep starts before 0 s."""
    clip = plain_clip()
    clip.reps, clip.motion.lead = [rep()], 0.5
    clip.motion.cut_start = 1.0
    plan = motion.schedule(clip.reps, clip.motion, 20)

    assert plan.u[0] == pytest.approx(0.5, abs=0.05)
    assert plan.events[0] == pytest.approx((-0.5, 0.5, 0.7, 1.5))
    assert plan.phase[0] == "descent"


@pytest.mark.parametrize("index", range(6))
def test_joints_show_exactly_the_prescribed_angles(index: int) -> None:
    """Thigh, shank and lumbar angles read off the joints are those of the track."""
    track, _ = solved(plain_clip(index))
    for i in (0, len(track.rib) // 2, len(track.rib) - 1):
        posed = track.posed[i]
        for side in "LR":
            p = posed.points
            thigh = truth.thigh_angle(p["knee" + side], p["hip" + side])
            assert thigh == pytest.approx(track.thigh[i], abs=1e-6)
            shank = truth.lean_angle(p["ankle" + side], p["knee" + side])
            assert shank == pytest.approx(track.shank[i], abs=0.05)
        lumbar = track.rib[i] - np.degrees(posed.pelvis)
        assert lumbar == pytest.approx(track.lumbar[i], abs=1e-9)


@pytest.mark.parametrize("index", range(6))
def test_lumbar_angle_is_the_sum_of_its_parts(index: int) -> None:
    """Without noise: resting arch, extension and tuck add up, frame by frame."""
    clip = plain_clip(index)
    track, _ = solved(clip)

    parts = clip.motion.lumbar_base + track.extension + track.tuck
    assert track.lumbar == pytest.approx(parts)


def test_centre_of_mass_stays_over_the_foot() -> None:
    """The lean that balance gives puts the centre of mass where it was asked for."""
    clip = plain_clip(3)
    clip = motion.ease(clip, solved(clip)[1])
    track, mover = solved(clip)
    for i in range(0, len(track.rib), 7):
        posed, u = track.posed[i], track.schedule.u[i]
        load = (clip.load.mass, load_centre(mover.arms, posed.points, posed.top))
        y = motion.centre_of_mass_y(posed.points, load if clip.load.mass else None)
        wanted = -(motion.STANDING_BALANCE * (1 - u) + clip.motion.balance * u)
        assert y == pytest.approx(wanted, abs=0.013 + motion.BALANCED)  # sway is 1.2 cm


def test_even_legs_make_a_mirrored_lifter() -> None:
    """With both legs alike, right is left with x turned round."""
    clip = plain_clip(1, stance=(0.15, 0.15), toe_out=(12.0, 12.0), knee_track=(1.0, 1.0))
    track, _ = solved(clip)
    p = track.posed[len(track.posed) // 2].points
    for name in ("hip", "knee", "ankle", "ball", "shoulder"):
        assert p[name + "L"] * [-1, 1, 1] == pytest.approx(p[name + "R"], abs=1e-9)


def test_easing_does_not_look_at_the_tuck() -> None:
    """Depth and ankle come out the same whether or not the lifter tucks."""
    clip = plain_clip(5)
    low = {"thigh": -35.0, "shank": 12.0}
    eased = []
    for tuck in (0.0, 30.0):
        clip.reps = [rep(tuck=tuck, **low)]
        _, mover = solved(clip)
        eased.append(motion.ease(clip, mover).reps[0])

    assert (eased[0].thigh, eased[0].shank) == (eased[1].thigh, eased[1].shank)
    assert eased[0].shank > 12


def test_two_bones_keep_their_lengths() -> None:
    """Elbow and wrist of a reach that is possible, and of one that is too far."""
    root, pole = np.zeros(3), np.array([0.0, 0.0, -1.0])
    for target in (np.array([0.3, 0.2, 0.0]), np.array([5.0, 0.0, 0.0])):
        elbow, wrist = two_bones(root, target, 0.3, 0.25, pole)
        assert np.linalg.norm(elbow) == pytest.approx(0.3)
        assert np.linalg.norm(wrist - elbow) == pytest.approx(0.25, rel=1e-3)


def test_positive_turn_leans_forward() -> None:
    """A positive turn about x takes the top to -y, where the lifter faces."""
    top = turn_x(np.radians(30)) @ np.array([0.0, 0.0, 1.0])

    assert truth.lean_angle(np.zeros(3), top) == pytest.approx(30)


def test_average_skeleton_has_the_size_of_a_person() -> None:
    """Bone lengths of a person of 1.70 m."""
    skeleton = average_skeleton()

    assert skeleton.head_top - skeleton.floor == pytest.approx(1.72, abs=0.01)
    assert skeleton.thigh == pytest.approx(0.40, abs=0.02)
    assert skeleton.shank == pytest.approx(0.42, abs=0.02)
