"""What a second look at the back changes, and what it leaves alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.backlook import BackLooks, look_at_back, look_at_pictures, refined
from analysis.footage import take_footage
from analysis.lumbar import Lumbar
from analysis.measure import Prepared, prepare
from analysis.smallfilm import SmallFilm
from analysis.tracking import scout
from analysis.video import FilmReader
from tests.backs import MadeUpBackNetwork
from tests.stick import Lifter, StickModel, always, squats, standing_still, write_film

LIFTER = Lifter(depth=squats([1.0]))
TIME_S = np.arange(11) / 10
Curve = NDArray[np.float64]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make four seconds of film."""
    return write_film(tmp_path_factory.mktemp("film") / "a.mp4", duration_s=4)


def looked(
    film: Path, *networks: MadeUpBackNetwork, lifter: Lifter = LIFTER
) -> tuple[Prepared, BackLooks]:
    """Look at a film again."""
    model = StickModel(lifters=[lifter])
    with FilmReader(film) as reader, SmallFilm(reader) as small:
        ready = prepare(take_footage(small, model, scout(small, model)))
        return ready, look_at_back(small, ready, networks)


def lumbar_of(angle_deg: Curve, sd_deg: float = 4.0) -> Lumbar:
    """Make a curve of equal doubt."""
    return replace(
        Lumbar.unknown(len(angle_deg)),
        angle_deg=angle_deg,
        sd_deg=np.where(np.isfinite(angle_deg), sd_deg, np.nan),
        arch_deg=-5.0,
        arch_sd_deg=2.0,
    )


def looks_at(time_s: list[float], lumbar_deg: float, sd_deg: float = 1.1 * 4.0) -> BackLooks:
    """Make looks that all say the same, as sure as the curve if its doubt counts 1.1 times."""
    return BackLooks(
        time_s=np.array(time_s),
        lumbar_deg=np.full(len(time_s), lumbar_deg),
        sd_deg=np.full(len(time_s), sd_deg),
        arch_deg=-5.0,
        arch_sd_deg=2.0,
    )


def test_looks_lie_on_the_repetition(film: Path) -> None:
    """All the way down and up, several a second, the trunk being where the lifter has it."""
    network = MadeUpBackNetwork()
    ready, looks = looked(film, network)
    (rep,) = ready.reps
    start_s, end_s = ready.angles.time_s[[rep.start, rep.end]]
    assert start_s - 0.1 <= looks.time_s[0] < start_s + 0.2
    assert end_s - 0.2 < looks.time_s[-1] <= end_s + 0.1
    assert 0 < np.diff(looks.time_s).min() <= np.diff(looks.time_s).max() < 0.2
    on_the_way = network.places[-len(looks.time_s) :]
    truth = np.array([LIFTER.xy_px(t) for t in looks.time_s])
    np.testing.assert_allclose([p.hip for p in on_the_way], truth[:, 23:25].mean(axis=1), atol=3)
    shoulders = truth[:, 11:13].mean(axis=1)
    np.testing.assert_allclose([p.shoulder for p in on_the_way], shoulders, atol=3)


def test_standing_is_what_the_rest_is_compared_with(film: Path) -> None:
    """First it looks at that, and gives what it saw to all other looks."""
    network = MadeUpBackNetwork(change_deg=12.0)
    ready, looks = looked(film, network)
    alone = [standing is None for standing in network.compared]
    assert 1 <= sum(alone) <= 6
    assert all(alone[: sum(alone)])
    for standing in network.compared[sum(alone) :]:
        np.testing.assert_array_equal(standing, 0.5)
    assert looks.arch_deg == -3.0
    bottom_s = ready.angles.time_s[ready.reps[0].bottom]
    assert looks.lumbar_deg[np.abs(looks.time_s - bottom_s).argmin()] == pytest.approx(12.0)
    assert len({round(p.trunk_px, 6) for p in network.places}) == 1


def test_networks_take_turns_and_the_mean_counts(film: Path) -> None:
    """Both see standing, each every second moment, and what is said is between the two."""
    one, other = MadeUpBackNetwork(change_deg=10.0), MadeUpBackNetwork(change_deg=20.0, sd_deg=2.0)
    ready, looks = looked(film, one, other)
    on_the_way = [sum(at is not None for at in each.compared) for each in (one, other)]
    assert sum(on_the_way) == len(looks.time_s)
    assert on_the_way[0] - on_the_way[1] in (0, 1)
    assert len(one.compared) - on_the_way[0] == len(other.compared) - on_the_way[1] >= 1
    low = np.abs(looks.time_s - ready.angles.time_s[ready.reps[0].bottom]) < 0.2
    np.testing.assert_allclose(looks.lumbar_deg[low], 15.0)
    np.testing.assert_allclose(looks.sd_deg, looks.sd_deg[0])


def test_without_turns_all_look_at_everything(film: Path) -> None:
    """Of two photos the one of the squat is seen by both networks."""
    ready, _ = looked(film, MadeUpBackNetwork())
    one, other = MadeUpBackNetwork(change_deg=10.0), MadeUpBackNetwork(change_deg=20.0)
    picture = np.zeros((400, 300, 3), np.uint8)
    bottom_s = float(ready.angles.time_s[ready.reps[0].bottom])
    looks = look_at_pictures([(0.0, picture, 1.0)], [(bottom_s, picture, 1.0)], ready, [one, other])
    assert looks.lumbar_deg == pytest.approx([15.0])
    assert len(one.compared) == len(other.compared) == 2


@pytest.mark.parametrize("side", ["left", "right"])
def test_front_is_where_the_lifter_looks(film: Path, side: str) -> None:
    """Both ways."""
    network = MadeUpBackNetwork()
    looked(film, network, lifter=replace(LIFTER, side=side))
    assert {p.facing for p in network.places} == {1.0 if side == "right" else -1.0}


@pytest.mark.parametrize(
    "lifter",
    [
        pytest.param(Lifter(depth=standing_still), id="no-repetition"),
        pytest.param(Lifter(depth=lambda time_s: 1.0, is_there=always), id="no-standing"),
    ],
)
def test_nothing_to_compare_means_no_looks(film: Path, lifter: Lifter) -> None:
    """Nothing is said then."""
    _, looks = looked(film, MadeUpBackNetwork(), lifter=lifter)
    assert len(looks.time_s) == len(looks.lumbar_deg) == len(looks.sd_deg) == 0
    assert np.isnan(looks.arch_deg)


def test_equal_doubt_meets_half_way() -> None:
    """With less doubt, and a twentieth larger, as both play it down; a gap stays."""
    angle_deg = np.linspace(0, 20, 11)
    angle_deg[4] = np.nan
    lumbar = lumbar_of(angle_deg)
    before = angle_deg.copy()
    after = refined(lumbar, TIME_S, looks_at([0.5], 10.0 + 8.0))
    np.testing.assert_allclose(after.angle_deg, 1.05 * (before + 4.0))
    assert (after.sd_deg[np.isfinite(before)] < 4.0).all()
    np.testing.assert_array_equal(np.isnan(after.angle_deg), np.isnan(before))
    np.testing.assert_array_equal(angle_deg, before)


def test_who_is_surer_counts_for_more() -> None:
    """A network that sees better moves the curve further, one that sees nothing leaves it."""
    lumbar = lumbar_of(np.zeros(11))
    moved = [
        refined(lumbar, TIME_S, looks_at([0.2, 0.8], 10.0, sd_deg=sd)).angle_deg[5]
        for sd in (2.0, 4.0, 8.0)
    ]
    assert 10.5 >= moved[0] > moved[1] > moved[2] >= 0.0
    blind = refined(lumbar, TIME_S, looks_at([0.2, 0.8], 10.0, sd_deg=100.0))
    np.testing.assert_allclose(blind.angle_deg, 0.0, atol=0.5)
    assert (blind.sd_deg <= 4.0 + 1e-9).all()


def test_passing_doubt_does_not_bend_the_curve() -> None:
    """One share for the whole film: what differs evenly is moved evenly."""
    angle_deg = 10 * np.sin(9 * TIME_S)
    looks = replace(looks_at([0.2, 0.8], 0.0), lumbar_deg=angle_deg[[2, 8]] + 6.0)
    doubts = (np.array([1.0, 8.0]), np.array([8.0, 1.0]))
    moved = [
        refined(lumbar_of(angle_deg), TIME_S, replace(looks, sd_deg=sd_deg)) for sd_deg in doubts
    ]
    np.testing.assert_allclose(moved[0].angle_deg, moved[1].angle_deg)
    np.testing.assert_allclose(np.diff(moved[0].angle_deg), 1.05 * np.diff(angle_deg), atol=1e-9)
    assert moved[0].sd_deg[2] < moved[0].sd_deg[8]


def test_standing_arch_is_drawn_together_too() -> None:
    """Half way at equal doubt, three tenths larger, and unknown if one is."""
    lumbar = lumbar_of(np.zeros(11))
    after = refined(lumbar, TIME_S, replace(looks_at([0.5], 0.0), arch_deg=-9.0))
    assert after.arch_deg == pytest.approx(1.3 * -7.0)
    assert 1.3 * 1.0 < after.arch_sd_deg < 1.3 * 2.0
    surer = replace(looks_at([0.5], 0.0), arch_deg=-9.0, arch_sd_deg=1.0)
    assert refined(lumbar, TIME_S, surer).arch_deg == pytest.approx(1.3 * -9.0)
    unknown = replace(lumbar, arch_deg=np.nan, arch_sd_deg=np.nan)
    assert np.isnan(refined(unknown, TIME_S, surer).arch_deg)


def test_between_looks_the_curve_keeps_its_shape() -> None:
    """The difference goes evenly from one look to the next, and beyond the last stays.

    All of it is a twentieth larger then.
    """
    angle_deg = 10 * np.sin(9 * TIME_S)
    looks = replace(looks_at([0.2, 0.8], 0.0), lumbar_deg=angle_deg[[2, 8]] + [4.0, 8.0])
    moved = refined(lumbar_of(angle_deg), TIME_S, looks).angle_deg / 1.05 - angle_deg
    np.testing.assert_allclose(moved[[0, 2, 5, 8, 10]], [2.0, 2.0, 3.0, 4.0, 4.0])


@pytest.mark.parametrize(
    ("lumbar", "looks"),
    [
        pytest.param(lumbar_of(np.zeros(11)), looks_at([], 0.0), id="no-looks"),
        pytest.param(Lumbar.unknown(11), looks_at([0.5], 9.0), id="no-curve"),
    ],
)
def test_nothing_seen_changes_nothing(lumbar: Lumbar, looks: BackLooks) -> None:
    """The curve stays as it is."""
    assert refined(lumbar, TIME_S, looks) is lumbar
