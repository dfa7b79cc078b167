"""The two-bowls angle, on outlines of the back whose bulge is made up.

Short on purpose: what is asked of any estimator over an outline, and no more.
"""

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.lumbar import Lumbar, measure_lumbar
from analysis.silhouette import RAYS

Floats = NDArray[np.float64]

STATIONS = np.array(RAYS[0].stations)
TIMES_S = np.arange(0, 4, 1 / 30)
STANDING = TIMES_S < 1.0
TRUNK_PX = 120.0
# One degree of flexion fills the hollow of the back by so much of the trunk's length.
FILL_PER_DEG = 1 / 320


def flexion(peak_deg: float) -> Floats:
    """Stand, tuck by an angle in two seconds, and come back."""
    moving = np.clip((TIMES_S - 1.2) / 2.4, 0, 1)
    return peak_deg * np.sin(np.pi * moving) ** 2


def backs(flexion_deg: Floats, *, hollow: float = 0.05, lean_deg: float = 0.0) -> Floats:
    """Make outlines (T, 30, 2) of a lifter at (200, 100) who looks right."""
    dent = hollow - flexion_deg[:, None] * FILL_PER_DEG
    shape = np.cos(np.clip((STATIONS - 0.48) / 0.32, -1, 1) * np.pi / 2) ** 2
    along = np.broadcast_to(STATIONS * TRUNK_PX, (len(flexion_deg), len(STATIONS)))
    behind = TRUNK_PX * (0.25 - dent * shape)
    turn = np.radians(lean_deg)
    x = 200 - behind * np.cos(turn) - along * np.sin(turn)
    y = 100 - behind * np.sin(turn) + along * np.cos(turn)
    return np.stack([x, y], axis=-1)


def measured(
    back_px: Floats, *, facing: float = 1.0, yaw_deg: float = 0.0, zoom: float = 1.0
) -> Lumbar:
    """Measure a made-up back; the joints only say how long the trunk is."""
    shoulder = np.full((len(TIMES_S), 2), 200.0)
    hip = shoulder + np.array([0.0, TRUNK_PX])
    return measure_lumbar(
        TIMES_S,
        back_px * zoom,
        shoulder * zoom,
        hip * zoom,
        standing=STANDING,
        facing=facing,
        yaw_deg=yaw_deg,
    )


@pytest.mark.parametrize("peak_deg", [-10.0, 0.0, 12.0, 30.0])
def test_known_bulge(peak_deg: float) -> None:
    """A back that fills out is flexion, one that hollows is not; standing is 0."""
    truth = flexion(peak_deg)
    lumbar = measured(backs(truth))
    np.testing.assert_allclose(lumbar.angle_deg, truth, atol=1.0 + 0.06 * abs(peak_deg))
    assert (lumbar.sd_deg > 0).all()


@pytest.mark.parametrize("lean_deg", [20.0, 60.0])
def test_leaning_is_not_flexion(lean_deg: float) -> None:
    """A rigid trunk that tips over has no flexion: the trap that other rules fall into."""
    rigid = np.zeros(len(TIMES_S))
    tipped = np.where(STANDING[:, None, None], backs(rigid), backs(rigid, lean_deg=lean_deg))
    assert np.abs(measured(tipped).angle_deg).max() < 0.5


def test_arch_has_a_sign() -> None:
    """A hollower back when standing is more arched, which is negative."""
    rigid = np.zeros(len(TIMES_S))
    hollow, flat = (measured(backs(rigid, hollow=h)).arch_deg for h in (0.09, 0.01))
    assert hollow < 0 < flat


def test_mirror_and_size() -> None:
    """The mirrored lifter and the one further away have the same angle."""
    back = backs(flexion(15.0))
    one = measured(back)
    mirror = measured(back * [-1, 1] + [400, 0], facing=-1.0)
    small = measured(back, zoom=0.3)
    for other in (mirror, small):
        np.testing.assert_allclose(other.angle_deg, one.angle_deg, atol=1e-6)
        assert other.arch_deg == pytest.approx(one.arch_deg)


def test_missing_outline_stays_missing() -> None:
    """Frames without the outline have no angle; the others keep theirs; nothing is changed."""
    back = backs(flexion(15.0))
    whole = measured(back).angle_deg
    back[70:90] = np.nan
    before = back.copy()
    lumbar = measured(back)
    gap = np.zeros(len(TIMES_S), dtype=bool)
    gap[70:90] = True
    np.testing.assert_array_equal(np.isnan(lumbar.angle_deg), gap)
    np.testing.assert_array_equal(np.isnan(lumbar.sd_deg), gap)
    np.testing.assert_allclose(lumbar.angle_deg[:60], whole[:60], atol=0.5)
    np.testing.assert_array_equal(back, before)


def test_nothing_to_compare_with() -> None:
    """Without the outline while standing there is no angle at all."""
    back = backs(flexion(15.0))
    back[STANDING] = np.nan
    lumbar = measured(back)
    assert np.isnan(lumbar.angle_deg).all()
    assert np.isnan(lumbar.arch_deg)


def test_turned_camera_and_torn_outline_widen_the_band() -> None:
    """What is less sure is said to be."""
    back = backs(flexion(15.0))
    sure = measured(back).sd_deg[0]
    torn = back + np.random.default_rng(0).normal(0, 3, back.shape)
    assert measured(back, yaw_deg=30.0).sd_deg[0] > sure + 3
    assert measured(back, yaw_deg=-30.0).sd_deg[0] > sure + 3
    assert measured(back, yaw_deg=np.nan).sd_deg[0] > sure + 10
    assert measured(torn).sd_deg[0] > sure + 1
