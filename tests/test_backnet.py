"""Where a trunk is, and what the network says of the sample, whose spine is known."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.backnet import SEEN, WEIGHTS, BackNetwork, BackPlace, load_back_networks
from analysis.video import FilmReader

Pixels = NDArray[np.uint8]
SAMPLE = Path(__file__).parent.parent / "analysis" / "data" / "sample.mp4"
# Hips and shoulders in pixels and the lumbar angle, of standing and of both bottoms.
TRUTH: dict[str, Any] = json.loads(
    (Path(__file__).parent / "data" / "sample_back.json").read_text("utf-8")
)
BOTTOMS = [47, 117]


@pytest.fixture(scope="module", params=range(len(WEIGHTS)))
def network(request: pytest.FixtureRequest) -> BackNetwork:
    """Open each network that ships."""
    return load_back_networks()[request.param]


@pytest.fixture(scope="module")
def frames() -> list[Pixels]:
    """Read the sample."""
    with FilmReader(SAMPLE) as reader:
        return [frame.rgb() for frame in reader.frames()]


def trunk(index: int) -> NDArray[np.float64]:
    """Return the middle of hips and of shoulders in a frame, shape (2, 2)."""
    at = {name: np.array(xy) for name, xy in TRUTH["frames"][str(index)].items()}
    return np.stack([at["hip_mid"], 0.5 * (at["shoulder_L"] + at["shoulder_R"])])


def place_of(index: int, picture: Pixels, *, is_mirrored: bool = False) -> BackPlace:
    """Say where the trunk is in a frame of the sample."""
    points = [trunk(k) for k in (0, index)]
    facing = 1.0 if TRUTH["view_side"] == "right" else -1.0
    if is_mirrored:
        points = [xy * [-1, 1] + [picture.shape[1], 0] for xy in points]
        facing = -facing
    standing, now = points
    return BackPlace(
        hip=now[0],
        shoulder=now[1],
        trunk_px=float(np.linalg.norm(standing[0] - standing[1])),
        facing=facing,
    )


@pytest.mark.parametrize(
    ("shoulder", "facing", "point", "expected"),
    [
        pytest.param((300, 200), 1.0, (300, 400), (0, 0), id="hip"),
        pytest.param((300, 200), 1.0, (300, 300), (0, -0.5), id="above"),
        pytest.param((300, 200), 1.0, (400, 400), (0.5, 0), id="front"),
        pytest.param((300, 200), -1.0, (200, 400), (0.5, 0), id="front-looking-left"),
        pytest.param((500, 400), 1.0, (400, 400), (0, -0.5), id="leaning-all-the-way"),
        pytest.param((500, 400), 1.0, (300, 500), (0.5, 0), id="front-leaning-all-the-way"),
    ],
)
def test_units_of_the_trunk(
    shoulder: tuple[float, float],
    facing: float,
    point: tuple[float, float],
    expected: tuple[float, float],
) -> None:
    """Trunk lengths from the hip, forward and down along the trunk."""
    place = BackPlace(
        hip=np.array([300.0, 400.0]),
        shoulder=np.array(shoulder, dtype=float),
        trunk_px=200.0,
        facing=facing,
    )
    assert place.to_back() @ [*point, 1.0] == pytest.approx(expected, abs=1e-9)


def change(network: BackNetwork, frames: list[Pixels], index: int) -> float:
    """Return what it says of a frame against the first."""
    stood = network(frames[0], place_of(0, frames[0]))
    seen = network(frames[index], place_of(index, frames[index]), standing=stood.seen)
    return seen.change_deg


@pytest.mark.parametrize("bottom", BOTTOMS)
def test_the_tuck_of_the_sample_is_seen(frames: list[Pixels], bottom: int) -> None:
    """Together within 5 degrees of the truth at the bottom, and each next to nothing standing."""
    networks = load_back_networks()
    truth = TRUTH["frames"][str(bottom)]["lumbar_deg"]
    before = frames[bottom].copy()
    assert truth > 10
    tucked = [change(network, frames, bottom) for network in networks]
    assert np.mean(tucked) == pytest.approx(truth, abs=5.0)
    stood = [change(network, frames, 0) for network in networks]
    assert stood == pytest.approx([0.0] * len(networks), abs=3.0)
    np.testing.assert_array_equal(frames[bottom], before)


def test_a_mirrored_back_is_the_same_back(network: BackNetwork, frames: list[Pixels]) -> None:
    """Left and right change places in the picture, and nothing else."""
    bottom = BOTTOMS[0]
    picture = frames[bottom]
    seen = network(picture, place_of(bottom, picture))
    mirrored = np.ascontiguousarray(picture[:, ::-1])
    other = network(mirrored, place_of(bottom, mirrored, is_mirrored=True))
    np.testing.assert_allclose(other.seen, seen.seen, atol=0.1 * np.abs(seen.seen).max())


def test_what_is_seen_does_not_hang_on_what_it_is_compared_with(
    network: BackNetwork, frames: list[Pixels]
) -> None:
    """So standing can be looked at first, and by itself."""
    place = place_of(0, frames[0])
    alone = network(frames[0], place)
    beside = network(frames[0], place, standing=np.ones(SEEN))
    np.testing.assert_allclose(beside.seen, alone.seen, atol=1e-5)
    assert beside.arch_deg == pytest.approx(alone.arch_deg, abs=1e-4)
    assert beside.change_deg != pytest.approx(alone.change_deg, abs=1e-3)
    assert min(alone.change_sd_deg, alone.arch_sd_deg) > 0


def test_the_same_network_has_the_same_name() -> None:
    """Reports name what they were made with."""
    names = [one.sha256 for one in load_back_networks()]
    assert names == [one.sha256 for one in load_back_networks()]
    assert len(set(names)) == 2
    assert {len(name) for name in names} == {64}


@pytest.mark.parametrize("path", WEIGHTS, ids=lambda path: path.stem)
@pytest.mark.parametrize("word", [b".py", b"site-packages", b"File "])
def test_the_file_does_not_say_where_it_was_made(path: Path, word: bytes) -> None:
    """It holds the network, and none of the lines of code that it came about by."""
    assert word not in path.read_bytes()
