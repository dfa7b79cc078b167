"""What a second look at the near leg changes, and what it leaves alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.angles import Angles
from analysis.footage import take_footage
from analysis.leglook import LegLooks, look_at_leg, look_at_pictures, refined
from analysis.legnet import LegPlace, LegSight
from analysis.measure import Prepared, prepare
from analysis.smallfilm import SmallFilm
from analysis.tracking import scout
from analysis.video import FilmReader
from tests.legs import MadeUpNetwork
from tests.stick import Lifter, StickModel, squats, write_film

LIFTER = Lifter(depth=squats([1.0]))
LEG_PX = 100.0


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make four seconds of film."""
    return write_film(tmp_path_factory.mktemp("film") / "a.mp4", duration_s=4)


def looked(
    film: Path, network: MadeUpNetwork, lifter: Lifter = LIFTER
) -> tuple[Prepared, LegLooks]:
    """Look at a film again."""
    model = StickModel(lifters=[lifter])
    with FilmReader(film) as reader, SmallFilm(reader) as small:
        ready = prepare(take_footage(small, model, scout(small, model)))
        return ready, look_at_leg(small, ready, network)


def angles_of(ankle_deg: NDArray[np.float64]) -> Angles:
    """Make curves that are 0 but for the ankle."""
    nothing = np.zeros(len(ankle_deg))
    names = Angles.__dataclass_fields__
    curves = dict.fromkeys(names, nothing) | {
        "time_s": np.arange(len(ankle_deg)) / 10,
        "ankle_deg": ankle_deg,
    }
    return Angles(**curves)


def test_looks_lie_around_the_bottom_and_at_both_ends(film: Path) -> None:
    """Three of the bottom, one of each end, the leg being where the lifter has it."""
    network = MadeUpNetwork()
    ready, looks = looked(film, network)
    (rep,) = ready.reps
    bottom_s = float(ready.angles.time_s[rep.bottom])
    near = np.abs(looks.time_s - bottom_s) < 0.2
    assert near.sum() == 3
    assert (~near).sum() == 2
    assert (np.diff(looks.time_s) > 0).all()
    truth = np.array([LIFTER.xy_px(t)[28] for t in looks.time_s])
    np.testing.assert_allclose([p.ankle for p in network.places], truth, atol=2.0)


def test_what_is_seen_is_given_in_angles_and_leg_lengths(film: Path) -> None:
    """The lean of the shank that the network sees, and knee less toe."""
    network = MadeUpNetwork()
    ready, looks = looked(film, network)
    lean = np.degrees(np.arctan2(0.5, 0.8))
    np.testing.assert_allclose(looks.ankle_deg, lean, atol=1e-6)
    shares = np.array([p.shank_px for p in network.places]) / ready.features.leg_px
    np.testing.assert_allclose(looks.past_toe, 0.1 * shares, atol=0.03)


def test_the_rise_of_the_heel_is_no_bend_of_the_ankle(film: Path) -> None:
    """It is taken off at the bottom, where the heel is up against standing, and said apart."""
    _, flat = looked(film, MadeUpNetwork())
    _, up = looked(film, MadeUpNetwork(rise_deg=12.0))
    np.testing.assert_allclose(up.heel_rise_deg, [0, 12, 12, 12, 0], atol=1e-6)
    np.testing.assert_allclose(up.ankle_deg, flat.ankle_deg - up.heel_rise_deg)
    assert up.is_heel_up(0.0, 4.0)
    assert not flat.is_heel_up(0.0, 4.0)
    assert not up.is_heel_up(9.0, 10.0)


def test_a_foot_that_only_looks_raised_is_not(film: Path) -> None:
    """A shoe of which the network says always that its heel is up, and whose line stays."""
    network = MadeUpNetwork()
    plain = network.__call__

    class HighShoe(MadeUpNetwork):
        def __call__(
            self, picture: NDArray[np.uint8], place: LegPlace, *, looks: int = 2
        ) -> LegSight:
            return replace(plain(picture, place, looks=looks), rise_deg=15.0, is_up=1.0)

    _, seen = looked(film, HighShoe())
    np.testing.assert_allclose(seen.heel_rise_deg, 0.0, atol=1e-6)
    assert not seen.is_heel_up(0.0, 4.0)


@pytest.mark.parametrize("side", ["left", "right"])
def test_forward_is_where_the_lifter_looks(film: Path, side: str) -> None:
    """Both ways the knee that is seen ahead of the toe is past it."""
    lifter = replace(LIFTER, side=side)
    network = MadeUpNetwork(knee=(0.9, -0.6))
    _, looks = looked(film, network, lifter)
    assert (looks.past_toe > 0.1).all()
    assert {p.facing for p in network.places} == {1.0 if side == "right" else -1.0}


def test_toes_of_different_photos_are_not_taken_together(film: Path) -> None:
    """In a film feet stay where they are; photos are taken from anywhere."""
    ready, _ = looked(film, MadeUpNetwork())
    (rep,) = ready.reps
    picture = np.zeros((480, 480, 3), np.uint8)

    class Moved(MadeUpNetwork):
        """Sees the toes further ahead in every picture."""

        def __call__(
            self, picture: NDArray[np.uint8], place: LegPlace, *, looks: int = 2
        ) -> LegSight:
            self.points[3] += np.array([0.05, 0.0])
            return super().__call__(picture, place, looks=looks)

    pictures = [(float(ready.angles.time_s[i]), picture, 1.0) for i in (0, rep.bottom)]
    apart = look_at_pictures(pictures, ready, Moved())
    together = look_at_pictures(pictures, ready, Moved(), steady_s=10.0)
    moved = apart.past_toe - together.past_toe
    assert moved[0] == pytest.approx(-moved[1])
    assert moved[0] > 0.01


@pytest.mark.parametrize(
    "network",
    [
        pytest.param(MadeUpNetwork(spread=0.6), id="not-sure"),
        pytest.param(MadeUpNetwork(foot=0.5), id="elsewhere"),
    ],
)
def test_another_leg_or_none_does_not_count(film: Path, network: MadeUpNetwork) -> None:
    """Pictures in which the leg cannot be made out say nothing."""
    _, looks = looked(film, network)
    assert len(looks.time_s) == 0


def test_a_film_without_a_squat_is_not_looked_at(film: Path) -> None:
    """There is nothing to look for."""
    network = MadeUpNetwork()
    _, looks = looked(film, network, Lifter())
    assert len(looks.time_s) == 0
    assert not network.places


def looks_at(time_s: list[float], ankle_deg: list[float]) -> LegLooks:
    """Make looks that see the ankle bend so far."""
    nothing = np.zeros(len(time_s))
    return LegLooks(
        time_s=np.array(time_s),
        past_toe=nothing,
        ankle_deg=np.array(ankle_deg),
        heel_rise_deg=nothing,
    )


def test_curves_go_part_of_the_way_to_what_was_seen() -> None:
    """A difference that is the same everywhere moves the whole curve, and the knee with it."""
    ankle_deg = np.linspace(0, 30, 11)
    ankle_deg[4] = np.nan
    before = ankle_deg.copy()
    angles = angles_of(ankle_deg)
    after = refined(angles, looks_at([0.2, 0.8], [6 + 8, 24 + 8]), leg_px=LEG_PX)
    moved = after.ankle_deg - before
    np.testing.assert_allclose(moved[np.isfinite(before)], moved[0])
    assert 2 < moved[0] < 8
    np.testing.assert_allclose(after.knee_deg[5:], moved[5:])
    assert np.isnan(after.ankle_deg[4])
    np.testing.assert_array_equal(angles.ankle_deg, before)
    np.testing.assert_array_equal(after.thigh_deg, angles.thigh_deg)


@pytest.mark.parametrize(
    "looks",
    [
        pytest.param(looks_at([], []), id="no-looks"),
        pytest.param(looks_at([0.4], [50.0]), id="where-the-curve-is-missing"),
    ],
)
def test_nothing_seen_changes_nothing(looks: LegLooks) -> None:
    """The curves stay as they are."""
    ankle_deg = np.linspace(0, 30, 11)
    ankle_deg[4] = np.nan
    angles = angles_of(ankle_deg)
    after = refined(angles, looks, leg_px=LEG_PX)
    np.testing.assert_array_equal(after.ankle_deg, angles.ankle_deg)
