"""The two-bowls angle: what comes of a first guess and its correction."""

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.estimator import OUTPUTS, Estimates
from analysis.features import Features
from analysis.lumbar import Lumbar, measure_lumbar

Floats = NDArray[np.float64]

TIMES_S = np.arange(0, 4, 1 / 30)
STANDING = TIMES_S < 1.0
EVERY = np.ones(len(TIMES_S), dtype=bool)
TRUNK = 0.6


def features(bulge: Floats) -> Features:
    """Make features of which only the back's outline matters."""
    n = len(bulge)
    return Features(
        moving=np.zeros((n, 3)),
        fixed=np.zeros(1),
        raw_deg={},
        leg_px=200.0,
        bulge=bulge,
        trunk=np.full(n, TRUNK),
        legs=np.zeros((n, 3, 2)),
        feet=np.zeros((n, 6, 2)),
        rough_back=0.2,
    )


def corrections(
    lumbar_deg: float, *, arch_deg: float = 0.0, sd_deg: float = 2.0, stand_off: float = 0.02
) -> Estimates:
    """Make networks that say the same in every frame."""
    value = np.zeros((len(TIMES_S), len(OUTPUTS)))
    value[:, OUTPUTS.index("lumbar_deg")] = lumbar_deg
    value[:, OUTPUTS.index("arch_deg")] = arch_deg
    value[:, OUTPUTS.index("stand_off")] = np.where(STANDING, stand_off, 0.1)
    return Estimates(value=value, sd=np.full(value.shape, sd_deg))


def tuck(peak_share: float) -> Floats:
    """Fill the hollow of the back out by a share of the trunk, and let go again."""
    moving = np.clip((TIMES_S - 1.2) / 2.4, 0, 1)
    return 0.03 - peak_share * TRUNK * np.sin(np.pi * moving) ** 2


def measured(bulge: Floats, said: Estimates, *, standing: NDArray[np.bool_] = STANDING) -> Lumbar:
    """Measure a made-up back."""
    return measure_lumbar(TIMES_S, features(bulge), said, standing=standing, usable=EVERY)


@pytest.mark.parametrize(("share", "peak_deg"), [(0.0, 0.0), (0.04, 14.0), (-0.03, -10.5)])
def test_a_back_that_fills_out_is_flexion(share: float, peak_deg: float) -> None:
    """3.5 degrees for each hundredth of the trunk, with its sign; standing is 0."""
    lumbar = measured(tuck(share), corrections(0.0))
    assert lumbar.angle_deg[np.abs(lumbar.angle_deg).argmax()] == pytest.approx(peak_deg, abs=0.5)
    np.testing.assert_allclose(lumbar.angle_deg[STANDING], 0.0, atol=0.3)


def test_a_constant_correction_is_taken_off_by_standing() -> None:
    """The angle is relative to standing, whatever the networks think of the whole film."""
    plain, shifted = (measured(tuck(0.04), corrections(c)) for c in (0.0, 5.0))
    np.testing.assert_allclose(shifted.angle_deg, plain.angle_deg, atol=1e-9)


def test_missing_outline_stays_missing() -> None:
    """A gap in the outline is a gap in the angle, and nowhere else."""
    bulge = tuck(0.04)
    bulge[50:70] = np.nan
    lumbar = measured(bulge, corrections(0.0))
    gone = np.zeros(len(bulge), dtype=bool)
    gone[50:70] = True
    np.testing.assert_array_equal(np.isnan(lumbar.angle_deg), gone)
    np.testing.assert_array_equal(np.isnan(lumbar.sd_deg), gone)


def test_without_standing_nothing_is_said() -> None:
    """There is nothing to compare with."""
    lumbar = measured(tuck(0.04), corrections(0.0), standing=~EVERY)
    assert np.isnan(lumbar.angle_deg).all()
    assert np.isnan(lumbar.arch_deg)


def test_arch_is_that_of_standing() -> None:
    """Half as much again as the networks say over the frames of standing, and its error with it."""
    lumbar = measured(tuck(0.0), corrections(0.0, arch_deg=-6.0, sd_deg=3.0))
    assert lumbar.arch_deg == -9.0
    assert lumbar.arch_sd_deg == 4.5


def test_stand_off_is_that_of_standing() -> None:
    """How far the shirt hangs off is told where the back is at rest."""
    assert measured(tuck(0.0), corrections(0.0, stand_off=0.04)).stand_off == 0.04
    assert np.isnan(measured(tuck(0.0), corrections(0.0), standing=~EVERY).stand_off)


def test_unknown_is_of_the_same_length_and_empty() -> None:
    """Nothing is said of a back behind a plate."""
    lumbar = measured(tuck(0.04), corrections(0.0))
    unknown = Lumbar.unknown(len(lumbar.angle_deg))
    assert np.isfinite(lumbar.angle_deg).any()
    assert unknown.angle_deg.shape == lumbar.angle_deg.shape
    assert np.isnan(unknown.angle_deg).all()
    assert np.isnan(unknown.sd_deg).all()
    assert np.isnan([unknown.arch_deg, unknown.arch_sd_deg]).all()
