"""The learned part: arrays in, angles and their standard deviations out."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis.estimator import OUTPUTS, WEIGHTS, Estimator, load_estimator

N = len(OUTPUTS)


def two_networks() -> Estimator:
    """Make two networks of one hidden unit over two features, small enough to work by hand."""
    first = np.array([[[1.0], [0.0]], [[1.0], [0.0]]])
    second = np.zeros((2, 1, 2 * N))
    second[0, 0, 0], second[1, 0, 0] = 1.0, 3.0
    return Estimator(
        mean=np.array([10.0, 0.0]),
        spread=np.array([2.0, 1.0]),
        layers=((first, np.zeros((2, 1, 1))), (second, np.zeros((2, 1, 2 * N)))),
        unit=np.full(N, 8.0),
        widen=np.full(N, 0.5),
        sha256="made up",
    )


def silu(x: float) -> float:
    """Return x times the logistic function of x."""
    return float(x / (1 + np.exp(-x)))


def test_known_values() -> None:
    """The value is the mean of the networks, their disagreement goes into the deviation."""
    said = two_networks().estimate(np.array([[12.0, 5.0]]))
    value, sd = said.of("lumbar_deg")
    assert value[0] == pytest.approx(2.0 * silu(1.0) * 8.0)
    assert sd[0] == pytest.approx(np.sqrt(1.0 + silu(1.0) ** 2) * 8.0 * 0.5)
    other, other_sd = said.of("arch_deg")
    assert other[0] == 0.0
    assert other_sd[0] == pytest.approx(4.0)


def test_missing_features_count_as_the_mean() -> None:
    """NaN must not spread, and says the same as the mean of the training set."""
    networks = two_networks()
    missing = networks.estimate(np.array([[np.nan, np.nan]]))
    usual = networks.estimate(np.array([[10.0, 0.0]]))
    np.testing.assert_array_equal(missing.value, usual.value)


def test_far_features_are_drawn_in() -> None:
    """What training never saw counts as the edge of what it saw."""
    networks = two_networks()
    edge = networks.estimate(np.array([[10.0 + 4 * 2.0, 0.0]]))
    beyond = networks.estimate(np.array([[1e6, 0.0]]))
    np.testing.assert_array_equal(beyond.value, edge.value)


def test_frames_do_not_touch_each_other() -> None:
    """Each frame is estimated by itself, and the input is left alone."""
    frames = np.random.default_rng(0).normal(10, 3, (5, 2))
    before = frames.copy()
    networks = two_networks()
    whole = networks.estimate(frames)
    np.testing.assert_allclose(networks.estimate(frames[2:3]).value, whole.value[2:3])
    np.testing.assert_array_equal(frames, before)


def test_other_features_are_refused() -> None:
    """Weights and features belong together."""
    with pytest.raises(ValueError, match="expected 2 features, got 3"):
        two_networks().estimate(np.zeros((1, 3)))


def test_the_weights_that_ship() -> None:
    """They load, are small, and their name changes with them."""
    shipped = load_estimator()
    assert WEIGHTS.stat().st_size < 3_000_000
    assert len(shipped.sha256) == 64
    assert shipped.unit.shape == shipped.widen.shape == (N,)
    assert (shipped.widen > 0).all()
    assert all(np.isfinite(w).all() and np.isfinite(b).all() for w, b in shipped.layers)


def test_sha_names_the_file(tmp_path: Path) -> None:
    """A changed file has another name in the report."""
    copy = tmp_path / "weights.npz"
    shipped = load_estimator()
    arrays = dict(np.load(WEIGHTS))
    arrays["widen"] = arrays["widen"] * 2
    np.savez_compressed(copy, **arrays)
    changed = load_estimator(copy)
    assert changed.sha256 != shipped.sha256
    frame = np.zeros((1, len(shipped.mean)))
    np.testing.assert_allclose(changed.estimate(frame).sd, 2 * shipped.estimate(frame).sd)
    same = replace(changed, widen=shipped.widen)
    np.testing.assert_allclose(same.estimate(frame).sd, shipped.estimate(frame).sd)
