"""The line: who may join it, places in it, and how long it takes."""

from pathlib import Path

import pytest

from analysis.service.ids import new_id
from analysis.service.job import Job, Progress
from analysis.service.line import BusyError, Line
from analysis.service.settings import Settings


def job(visitor: str = "", left_s: float | None = None) -> Job:
    """Make a job of a visit."""
    name = new_id()
    return Job(
        folder=Path(name), film=Path("film"), owns_film=False, visitor=visitor,
        progress=Progress(left_s=left_s),
    )  # fmt: skip


def line(*, running: int, waiting: int, at_once: int = 1, **given: int) -> Line:
    """Make a line with so many films, each of which takes 10 s and has 4 s left."""
    made = Line(Settings(at_once=at_once, **given))
    made.remember(10.0)
    for _ in range(running):
        one = job("a", left_s=4.0)
        made.running[one.id] = one
    made.waiting.extend(job("b") for _ in range(waiting))
    return made


@pytest.mark.parametrize(
    ("at_once", "running", "place", "left_s"),
    [
        pytest.param(1, 1, 0, 14, id="next"),
        pytest.param(1, 1, 2, 34, id="third"),
        pytest.param(2, 2, 1, 14, id="second-of-two-places"),
        pytest.param(2, 2, 2, 24, id="third-of-two-places"),
        pytest.param(2, 1, 0, 10, id="a-free-place"),
    ],
)
def test_place_and_time(at_once: int, running: int, place: int, left_s: float) -> None:
    """The one that runs ends first, then those in front take their turns."""
    made = line(running=running, waiting=3, at_once=at_once)
    outlook = made.outlook(made.waiting[place])
    assert (outlook.ahead, outlook.running) == (place, running)
    assert outlook.left_s == pytest.approx(left_s)


def test_a_running_film_has_nobody_in_front() -> None:
    """And its time left is what its child says, or the usual one until it does."""
    made = line(running=1, waiting=2)
    one = next(iter(made.running.values()))
    assert (made.outlook(one).ahead, made.outlook(one).left_s) == (0, 4.0)
    one.progress = Progress()
    assert made.outlook(one).left_s == 10.0


def test_limit_of_a_visit() -> None:
    """Two for each visit, waiting or running; other visits are not touched by it."""
    made = line(running=1, waiting=2)
    with pytest.raises(BusyError) as caught:
        made.admit("b")
    assert caught.value.own
    made.admit("a")
    made.admit("c")
    made.admit("")


def test_limit_of_the_line() -> None:
    """The whole line has an end, and says when to come back."""
    made = line(running=1, waiting=12, queue=12, per_visit=100)
    with pytest.raises(BusyError) as caught:
        made.admit("c")
    assert not caught.value.own
    assert caught.value.minutes == 3  # 14 films of 10 s
    made.leave(made.waiting[3].id)
    made.admit("c")
    assert made.leave("unknown") is None
