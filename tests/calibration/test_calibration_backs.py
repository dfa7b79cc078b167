"""Pictures of one back: what is cut out, which moments, and what training makes of them."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.backnet import REACH, SEEN, TRUNK_PX, BackNetwork, BackPlace
from analysis.calibration import backs

Array = NDArray[np.float64]
# Hips and shoulders of a trunk that leans, 100 pixels long, y down.
PLACE = BackPlace(
    hip=np.array([300.0, 400.0]),
    shoulder=np.array([360.0, 320.0]),
    trunk_px=100.0,
    facing=1.0,
)


def with_spot(x: float, y: float) -> NDArray[np.uint8]:
    """Draw a bright spot."""
    picture = np.full((600, 700, 3), 60, np.uint8)
    picture[int(y) - 3 : int(y) + 3, int(x) - 3 : int(x) + 3] = 250
    return picture


def test_the_cut_shows_the_trunk_upright() -> None:
    """The shoulder lies straight above the hip."""
    cut = backs._cut(with_spot(*PLACE.shoulder), PLACE)
    assert cut.shape == (255, 240, 3)
    rows, columns = np.nonzero(cut[..., 0] > 200)
    expected = backs.TRUNK_PX * (np.array([0.0, -1.0]) - backs.REACH[:2])
    np.testing.assert_allclose([columns.mean() + 0.5, rows.mean() + 0.5], expected, atol=1.0)


def test_moments_begin_with_standing_and_end_near_the_bottom() -> None:
    """However often it is drawn."""
    u = 0.5 - 0.5 * np.cos(np.linspace(0, 2 * np.pi, 60))
    u[:5] = 0.0
    track = SimpleNamespace(schedule=SimpleNamespace(u=u), thigh=85 - 90 * u)
    shown = SimpleNamespace(track=track)
    for seed in range(20):
        picked = backs._moments(shown, np.random.default_rng(seed))  # type: ignore[arg-type]
        assert (u[picked[: backs.STANDING]] < 0.01).all()
        assert (u[picked[backs.STANDING :]] >= 0.01).all()
        assert (track.thigh[picked[-4:]] < track.thigh.min() + 40).all()


def test_who_never_stands_is_left_out() -> None:
    """There is nothing to compare with."""
    track = SimpleNamespace(schedule=SimpleNamespace(u=np.full(9, 0.5)), thigh=np.zeros(9))
    shown = SimpleNamespace(track=track)
    assert backs._moments(shown, np.random.default_rng(0)) == []  # type: ignore[arg-type]


def body_of(number: int = 1) -> Any:  # noqa: ANN401
    """Make a body whose hip is a bright spot in every picture."""
    backtrain = pytest.importorskip("analysis.calibration.backtrain")
    wide, high = np.round(TRUNK_PX * (np.array(backs.REACH[2:]) - backs.REACH[:2])).astype(int)
    picture = np.full((high, wide, 3), 60, np.uint8)
    x, y = np.round(-TRUNK_PX * np.array(backs.REACH[:2])).astype(int)
    picture[y - 4 : y + 4, x - 4 : x + 4] = 250
    n = 10
    return backtrain.Body(
        pictures=(picture,) * n,
        points=np.zeros((n, len(backs.POINTS), 2)),
        lumbar_deg=np.array([2.0, 2.0, *range(3, 11)]),
        thigh_deg=np.full(n, 10.0),
        number=number,
        is_clear=True,
    )


def test_variations_keep_points_on_what_they_name() -> None:
    """Moved, turned, scaled, in other light: the hip is still where its point says."""
    backtrain = pytest.importorskip("analysis.calibration.backtrain")
    rng = np.random.default_rng(0)
    batch = backtrain.Batch.of([body_of(), body_of()], rng)
    pictures, points = batch.pictures.numpy(), batch.points.numpy()
    assert pictures.shape == (10, 3, 140, 120)
    assert points.shape == (10, len(backs.POINTS), 2)
    assert batch.change.shape == (2, 4)
    np.testing.assert_allclose(batch.arch.numpy(), 2.0 / 8.0)
    # Standing is the mean of its two pictures, 2 degrees; the others have 3 to 10.
    assert set(np.round(8 * batch.change.numpy().ravel()).tolist()) <= set(range(1, 9))
    bright = []
    for _ in range(10):
        batch = backtrain.Batch.of([body_of()], rng)
        for picture, there in zip(batch.pictures.numpy(), batch.points.numpy(), strict=True):
            x, y = (TRUNK_PX * (there[0] + np.array([0.75, 0.875]))).astype(int)
            bright.append(picture[:, y, x].mean() - np.median(picture))
    # Now and then something hides it.
    assert np.mean(np.array(bright) > 0.1) > 0.85


# torch warns of its own ways.
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
def test_a_network_that_is_written_says_what_it_said(tmp_path: Path) -> None:
    """OpenCV gets the same numbers out of the file as torch."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnxscript")
    from analysis.calibration import backtrain
    from analysis.cutout import as_input, cut_out

    torch.manual_seed(3)
    network, path = backtrain.Network().eval(), tmp_path / "back.onnx"
    backtrain.write(network, path)
    assert b".py" not in path.read_bytes()
    rng = np.random.default_rng(3)
    picture = rng.integers(0, 255, (600, 700, 3)).astype(np.uint8)
    standing = rng.normal(size=SEEN)
    cut = as_input(cut_out(picture, PLACE.to_back(), unit_px=TRUNK_PX, reach=REACH))
    with torch.no_grad():
        out = network(torch.tensor(cut), torch.tensor(standing[None], dtype=torch.float32))
    sight = BackNetwork(path)(picture, PLACE, standing=standing)
    np.testing.assert_allclose(sight.seen, out[0, :SEEN].numpy(), atol=1e-4)
    assert sight.change_deg == pytest.approx(8 * float(out[0, SEEN]), abs=1e-3)
    assert sight.change_sd_deg == pytest.approx(8 * float(np.exp(out[0, SEEN + 1] / 2)), rel=1e-3)


def test_training_keeps_some_bodies_back(capsys: pytest.CaptureFixture[str]) -> None:
    """And says of them how far off it is."""
    backtrain = pytest.importorskip("analysis.calibration.backtrain")
    rng = np.random.default_rng(0)
    bodies = [
        replace(body_of(number), lumbar_deg=number + rng.normal(0, 5, 10)) for number in range(34)
    ]
    network = backtrain.train(bodies, epochs=1)
    assert not network.training
    assert "1 of 1: all " in capsys.readouterr().out
