"""Who is who in a film, and who of them squats."""

from collections.abc import Sequence

import numpy as np
import pytest

from analysis.people import Person, boxes_overlap, link, nearest, who_squats
from analysis.pose import Detection
from tests.stick import Lifter, squats

LOOKS_S = np.arange(0, 8, 1 / 3)
WIDE_PX = 900.0

TWO_SQUATS = squats([1.0, 4.0])


def seen(
    lifters: Sequence[Lifter], *, times_s: Sequence[float] = tuple(LOOKS_S), seed: int = 0
) -> list[tuple[float, list[Detection]]]:
    """Look at made-up people, in an order that changes from look to look."""
    rng = np.random.default_rng(seed)
    looks = []
    for time_s in times_s:
        found = [one.detection(time_s) for one in lifters if one.is_there(time_s)]
        looks.append((float(time_s), [found[k] for k in rng.permutation(len(found))]))
    return looks


def people_of(*lifters: Lifter, seed: int = 0) -> tuple[Person, ...]:
    """Link the looks at made-up people."""
    return link(seen(lifters, seed=seed))


def stands_at(person: Person) -> float:
    """Where a person's ankles are across the picture, in the middle of the looks."""
    middle = person.sightings[len(person.sightings) // 2]
    return float(middle.xy_px[27:29, 0].mean())


@pytest.mark.parametrize("seed", range(5))
def test_two_people_are_never_mixed(seed: int) -> None:
    """Every sighting of a person is of the same one, whatever order they come in."""
    one = Lifter(ankle_px=(250, 400), depth=TWO_SQUATS)
    other = Lifter(ankle_px=(450, 410), depth=squats([2.5, 5.5]), height_px=280, side="left")
    people = people_of(one, other, seed=seed)
    assert len(people) == 2
    for person, truth in zip(people, (one, other), strict=True):
        assert len(person.sightings) == len(LOOKS_S)
        for sighting in person.sightings:
            np.testing.assert_array_equal(sighting.xy_px, truth.xy_px(sighting.time_s))


@pytest.mark.parametrize(
    "places",
    [
        pytest.param((100, 400, 700), id="as-they-come"),
        pytest.param((700, 100, 400), id="mixed"),
        pytest.param((700, 400, 100), id="backwards"),
    ],
)
def test_numbered_from_the_left(places: tuple[int, ...]) -> None:
    """Person 1 is the leftmost."""
    people = people_of(*(Lifter(ankle_px=(x, 400)) for x in places))
    assert [stands_at(p) for p in people] == [100, 400, 700]


def test_passer_by_is_dropped() -> None:
    """Somebody seen in a look or two is not asked about."""
    lifter = Lifter(ankle_px=(250, 400), depth=TWO_SQUATS)
    passer = Lifter(ankle_px=(700, 400), is_there=lambda t: 3.0 < t < 3.9)
    people = people_of(lifter, passer)
    assert [stands_at(p) for p in people] == [250]


@pytest.mark.parametrize("seed", range(4))
def test_passer_by_who_walks_through_takes_nothing(seed: int) -> None:
    """A walker who crosses the picture gets none of the lifter's sightings."""
    lifter = Lifter(ankle_px=(450, 400), depth=TWO_SQUATS)
    walker = Lifter(ankle_px=(0, 380), walk_px_per_s=130, height_px=260)
    for person in people_of(lifter, walker, seed=seed):
        if stands_at(person) == 450:
            assert all(abs(s.xy_px[27:29, 0].mean() - 450) < 1 for s in person.sightings)
            break
    else:
        pytest.fail("the lifter was lost")


def test_nobody() -> None:
    """No looks and empty looks make no people, and nobody squats."""
    assert link([]) == ()
    assert link([(t, []) for t in LOOKS_S]) == ()
    assert who_squats(()) is None


def test_out_of_sight_for_a_moment_is_the_same_person() -> None:
    """Two seconds behind a post do not make a second person."""
    lifter = Lifter(depth=TWO_SQUATS, is_there=lambda t: not 3.2 < t < 4.0)
    (person,) = people_of(lifter)
    assert len(person.sightings) == sum(not 3.2 < t < 4.0 for t in LOOKS_S)


def test_who_comes_after_is_somebody_else() -> None:
    """Somebody who stands elsewhere a moment later is not the one who left."""
    first = Lifter(ankle_px=(150, 400), is_there=lambda t: t < 3.5)
    second = Lifter(ankle_px=(600, 400), is_there=lambda t: t > 3.7)
    assert [stands_at(p) for p in people_of(first, second)] == [150, 600]


def test_one_body_seen_twice_is_one() -> None:
    """Two detections over one body in one look count once, and the surer one stays."""
    lifter = Lifter(depth=TWO_SQUATS)
    looks = []
    for time_s, (sure,) in seen([lifter]):
        unsure = Detection(
            xy_px=sure.xy_px + 5, world_m=sure.world_m, visibility=sure.visibility / 2
        )
        looks.append((time_s, [unsure, sure]))
    (person,) = link(looks)
    assert all(s.visibility.max() == 0.95 for s in person.sightings)


@pytest.mark.parametrize("first_is_squatter", [True, False])
def test_who_squats_is_measured(first_is_squatter: bool) -> None:
    """A large one who stands and talks loses to a small one who squats."""
    places = (200, 700) if first_is_squatter else (700, 200)
    squatter = Lifter(ankle_px=(places[0], 400), height_px=180, depth=TWO_SQUATS)
    talker = Lifter(ankle_px=(places[1], 400), height_px=380)
    people = people_of(squatter, talker)
    chosen = who_squats(people)
    assert chosen is not None
    assert stands_at(people[chosen]) == places[0]


@pytest.mark.parametrize(
    ("small", "large", "expected"),
    [
        pytest.param([1.0, 4.0], [1.0, 4.0], "large", id="mirror-at-once"),
        pytest.param([1.0, 4.0], [1.7, 4.7], "large", id="together"),
        pytest.param([0.7], [4.5], "small", id="who-squats-first"),
        pytest.param([1.0, 4.0], [1.0], "small", id="more-squats"),
        pytest.param([], [], "large", id="nobody-squats"),
    ],
)
def test_ties(small: list[float], large: list[float], expected: str) -> None:
    """Most squats first, then who begins, then size: the one in the mirror is smaller."""
    lifters = {
        "small": Lifter(ankle_px=(650, 330), height_px=220, side="left", depth=squats(small)),
        "large": Lifter(ankle_px=(250, 400), height_px=320, depth=squats(large)),
    }
    people = people_of(*lifters.values())
    chosen = who_squats(people)
    assert chosen is not None
    assert stands_at(people[chosen]) == lifters[expected].ankle_px[0]


def test_squats_are_counted_roughly() -> None:
    """Down between two times up, at about the bottoms."""
    (person,) = people_of(Lifter(depth=squats([0.7, 3.0, 5.4], down_s=0.8, up_s=0.8)))
    assert person.squats_s() == pytest.approx([1.6, 3.9, 6.3], abs=0.6)
    assert person.travel > 0.3


def test_hips_are_expected_between_looks() -> None:
    """The way of the hips between two looks is a straight line."""
    lifter = Lifter(depth=TWO_SQUATS)
    (person,) = people_of(lifter)
    a, b = person.sightings[4], person.sightings[5]
    middle = person.hips()((a.time_s + b.time_s) / 2)
    np.testing.assert_allclose(middle, (a.hip_px + b.hip_px) / 2)


def test_body_is_as_long_squatting_as_standing() -> None:
    """The length goes along the body, not up and down."""
    (person,) = people_of(Lifter(depth=TWO_SQUATS))
    lengths = [s.height_px for s in person.sightings]
    assert max(lengths) - min(lengths) < 0.01 * person.height_px


def test_nearest_takes_no_one_else() -> None:
    """Whoever is out of reach is somebody else, and a gap is honest."""
    near, far = (Lifter(ankle_px=(x, 400)).detection(0.0) for x in (300, 500))
    expected = near.xy_px[23:25].mean(axis=0)
    assert nearest([far, near], expected, reach_px=100) is near
    assert nearest([far], expected, reach_px=100) is None
    assert nearest([], expected, reach_px=np.inf) is None


@pytest.mark.parametrize(
    ("b", "expected"),
    [
        pytest.param((5, 5, 15, 15), True, id="corner"),
        pytest.param((2, 2, 3, 3), True, id="inside"),
        pytest.param((10, 0, 20, 10), False, id="touching"),
        pytest.param((0, 11, 10, 20), False, id="below"),
    ],
)
def test_boxes(b: tuple[int, ...], expected: bool) -> None:
    """Boxes overlap if they share area, whichever comes first."""
    one, other = np.array([0.0, 0, 10, 10]), np.array(b, dtype=float)
    assert boxes_overlap(one, other) is expected
    assert boxes_overlap(other, one) is expected


def test_mirror_turns_the_order_round() -> None:
    """The mirrored film has the same people from right to left."""
    lifters = [
        Lifter(ankle_px=(150, 400), depth=squats([2.0]), side="right"),
        Lifter(ankle_px=(420, 380), depth=TWO_SQUATS, side="left", height_px=250),
        Lifter(ankle_px=(720, 400), side="right"),
    ]
    mirror = [
        Lifter(
            ankle_px=(WIDE_PX - one.ankle_px[0], one.ankle_px[1]),
            depth=one.depth,
            height_px=one.height_px,
            side="left" if one.side == "right" else "right",
        )
        for one in lifters
    ]
    people, other = people_of(*lifters), people_of(*mirror)
    assert [stands_at(p) for p in people] == [WIDE_PX - stands_at(p) for p in reversed(other)]
    assert who_squats(people) == 1
    assert who_squats(other) == 1


def test_height_between_looks_is_read_off() -> None:
    """Hips over ankles: standing 1, lower in the squat, half way between two looks."""
    (person,) = people_of(Lifter(depth=TWO_SQUATS))
    height = person.heights()
    assert height(0.0) == pytest.approx(1.0, abs=0.03)
    assert height(2.0) < 0.6
    one, other = (height(s.time_s) for s in person.sightings[4:6])
    between = (person.sightings[4].time_s + person.sightings[5].time_s) / 2
    assert height(between) == pytest.approx((one + other) / 2)
