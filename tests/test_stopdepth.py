"""The depth to stop at in centimetres, on curves and masks that are made up."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.pose import Landmark
from analysis.reps import Rep
from analysis.silhouette import N_RAYS, RAYS, rays_of, sample_silhouette
from analysis.stopdepth import StopDepth, seat_drop_cm, stop_depth
from analysis.wink import SetVerdict

Curve = NDArray[np.float64]
NAN = float("nan")

N = 41
TIMES_S = 0.1 * np.arange(N)
# Down over two seconds and up again over two; thigh from 80 to -20 and back.
REP = Rep(start=0, bottom=20, end=40, standing=0, is_partial=False)
THIGH_DEG = -20 + 100 * np.abs(TIMES_S - 2.0) / 2.0
# The hips are half a centimetre higher for each degree, and 40 at parallel.
HIP_CM = 40 + 0.5 * THIGH_DEG
VERDICT = SetVerdict(
    kind="wink",
    starts="at",
    onset_s=1.6,
    onset_thigh_deg=0.0,
    flagged_s=1.6,
    stop_at_thigh_deg=5.0,
)


def stop(
    verdict: SetVerdict = VERDICT,
    *,
    thigh_deg: Curve = THIGH_DEG,
    hip_cm: Curve = HIP_CM,
    drop_cm: Curve | float = 11.0,
) -> StopDepth:
    """Ask for the depth of the one repetition."""
    drop = np.broadcast_to(np.asarray(drop_cm, dtype=float), (N,))
    return stop_depth(
        verdict, [REP], time_s=TIMES_S, thigh_deg=thigh_deg, hip_cm=hip_cm, drop_cm=drop
    )


@pytest.mark.parametrize("stop_deg", [-15.0, 5.0, 7.3, 30.0, 60.0])
def test_heights(stop_deg: float) -> None:
    """The hips as high as they are at that angle, the box lower by the drop."""
    depth = stop(replace(VERDICT, stop_at_thigh_deg=stop_deg))
    assert depth.hip_height_cm == pytest.approx(40 + 0.5 * stop_deg)
    assert depth.box_height_cm == pytest.approx(40 + 0.5 * stop_deg - 11)


def test_way_up_does_not_count() -> None:
    """Hips that come up higher at the same angle change nothing."""
    hip_cm = HIP_CM.copy()
    hip_cm[REP.bottom + 1 :] += 20
    assert stop(hip_cm=hip_cm) == stop()


def test_repetition_of_the_onset_counts() -> None:
    """Not the one before it, whose hips were higher."""
    second = Rep(start=41, bottom=61, end=81, standing=41, is_partial=False)
    depth = stop_depth(
        replace(VERDICT, onset_s=1.6 + 4.1),
        [REP, second],
        time_s=0.1 * np.arange(82),
        thigh_deg=np.tile(THIGH_DEG, 2),
        hip_cm=np.concatenate([HIP_CM + 9, HIP_CM]),
        drop_cm=np.full(82, 11.0),
    )
    assert depth.hip_height_cm == pytest.approx(42.5)


def test_drop_is_taken_near_the_depth() -> None:
    """A hip landmark that strays with depth moves hips and drop, but not the box."""
    stray = np.where(np.abs(THIGH_DEG - 5) <= 10, 4.0, np.where(THIGH_DEG < -5, -6.0, 0.0))
    depth = stop(hip_cm=HIP_CM + stray, drop_cm=11 + stray)
    assert depth.hip_height_cm == pytest.approx(46.5)
    assert depth.box_height_cm == pytest.approx(stop().box_height_cm)


def test_steep_thigh_is_not_taken_for_the_seat() -> None:
    """High up, where the rays run along the thigh, the drop of lower frames serves."""
    drop_cm = np.where(THIGH_DEG > 36, 18.0, 11.0)
    depth = stop(replace(VERDICT, stop_at_thigh_deg=60.0), drop_cm=drop_cm)
    assert depth.box_height_cm == pytest.approx(70 - 11)


@pytest.mark.parametrize(
    "verdict",
    [
        pytest.param(replace(VERDICT, stop_at_thigh_deg=NAN, onset_s=NAN), id="no-wink"),
        pytest.param(replace(VERDICT, stop_at_thigh_deg=85.0), id="higher-than-the-film-shows"),
        pytest.param(replace(VERDICT, stop_at_thigh_deg=-25.0), id="deeper-than-the-film-shows"),
        pytest.param(replace(VERDICT, onset_s=9.0), id="onset-outside-all-repetitions"),
    ],
)
def test_nothing_to_stop_at(verdict: SetVerdict) -> None:
    """No height is made up."""
    depth = stop(verdict)
    assert np.isnan([depth.hip_height_cm, depth.box_height_cm]).all()


def test_no_scale() -> None:
    """Without centimetres there are none."""
    depth = stop(hip_cm=np.full(N, NAN), drop_cm=NAN)
    assert np.isnan([depth.hip_height_cm, depth.box_height_cm]).all()


def test_hidden_seat_keeps_the_hips() -> None:
    """Two frames are too few for the drop; the height of the hips is still told."""
    drop_cm = np.full(N, NAN)
    drop_cm[[15, 25]] = 11.0
    depth = stop(drop_cm=drop_cm)
    assert depth.hip_height_cm == pytest.approx(42.5)
    assert np.isnan(depth.box_height_cm)


def test_gaps_are_bridged() -> None:
    """A few frames without the lifter do not hide the depth."""
    thigh_deg, hip_cm = THIGH_DEG.copy(), HIP_CM.copy()
    thigh_deg[14] = hip_cm[16] = NAN
    assert stop(thigh_deg=thigh_deg, hip_cm=hip_cm).hip_height_cm == pytest.approx(42.5)


@pytest.mark.parametrize("facing", [1.0, -1.0])
@pytest.mark.parametrize("scale", [0.4, 0.25])
def test_drop_of_a_mask(facing: float, scale: float) -> None:
    """Out of a mask whose lower edge is known."""
    joints = np.full((33, 2), 120.0)
    joints[Landmark.SHOULDER : Landmark.SHOULDER + 2, 1] = 60
    joints[Landmark.HIP : Landmark.HIP + 2, 1] = 150
    mask = np.zeros((320, 240), np.float32)
    mask[40:190, 40:200] = 1.0  # Its lower edge is at 190.
    shape = sample_silhouette(mask, joints, facing=facing, body_px=250.0)
    drop = seat_drop_cm(shape.ray_px[None], scale_cm_per_px=scale)
    assert drop == pytest.approx(40 * scale, rel=0.01)


def rays(**turned_px: float) -> NDArray[np.float64]:
    """Make the rays of one frame, all missing but the two that point down."""
    all_px = np.full((1, N_RAYS), NAN)
    (group,) = (g for g in RAYS if g.name == "seat")
    order = np.argsort(np.abs(np.asarray(group.turn_deg) - 90))
    seat = np.arange(N_RAYS)[rays_of("seat")]
    all_px[0, seat[order[:2]]] = list(turned_px.values())
    return all_px


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        pytest.param(20.0, 20.0, 10.0, id="both"),
        pytest.param(20.0, NAN, 10.0, id="one"),
        pytest.param(NAN, NAN, NAN, id="none"),
        pytest.param(70.0, 70.0, NAN, id="shank"),
        pytest.param(4.0, 4.0, NAN, id="hole"),
    ],
)
def test_drop_of_rays(one: float, two: float, expected: float) -> None:
    """One ray is enough, and impossible ones do not count; the input stays as it is."""
    ray_px = rays(one=one, two=two)
    before = ray_px.copy()
    drop = seat_drop_cm(ray_px, scale_cm_per_px=0.5)
    assert drop == pytest.approx([expected], rel=0.01, nan_ok=True)
    np.testing.assert_array_equal(ray_px, before)
    assert np.isnan(seat_drop_cm(ray_px, scale_cm_per_px=NAN)).all()
