"""A small part of the fuzzing, and that it would notice."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.service.job import State
from analysis.service.runner import PROJECT
from tests.fuzz import drive
from tests.fuzz.mutate import mutated
from tests.fuzz.seeds import make_seeds
from tests.service.tracing import can_trace

CASES, TRACED = 78, 2


@pytest.fixture(scope="module")
def seeds() -> dict[str, bytes]:
    """Return the films and photos that are mutated."""
    return make_seeds()


def test_cases_are_the_same_each_time(seeds: dict[str, bytes]) -> None:
    """A number makes its case again; nearly all differ from their seeds."""
    again = make_seeds()
    assert sorted(seeds) == sorted(again)
    assert {ending for name in seeds for ending in [name.rsplit(".", 1)[1]]} >= {
        "mp4", "mov", "webm", "mkv", "avi", "heic", "jpg", "png",
    }  # fmt: skip
    cases = [mutated(seeds, case) for case in range(200)]
    assert cases == [mutated(seeds, case) for case in range(200)]
    assert len({content for _, content in cases}) > 190
    assert sum(content == seeds[name] for name, content in cases) < 10


@pytest.mark.model
@pytest.mark.usefixtures("pose_model")
def test_mutated_files_end_in_a_result_or_a_sentence(tmp_path: Path) -> None:
    """None crashes, hangs or leaves its place; some are refused and some are read."""
    traced = TRACED if can_trace(tmp_path) or os.environ.get("CI") == "true" else 0
    # A process of its own: children are forked from it, which wants no other threads.
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", str(CASES), "--traced", str(traced)],
        cwd=PROJECT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert f"{CASES} cases" in done.stdout
    assert f"{State.REFUSED}" in done.stdout
    assert f"{State.NOTHING}" in done.stdout
    assert not traced or "touched outside: nothing" in done.stdout


@pytest.mark.parametrize(
    ("code", "complaint", "is_late", "state"),
    [
        pytest.param(-11, "", False, State.CRASHED, id="crash"),
        pytest.param(1, "KeyError: 'x'\n", False, State.CRASHED, id="traceback"),
        pytest.param(-9, "", True, State.LATE, id="hang"),
        pytest.param(2, "{'a': 1}\n", False, State.REFUSED, id="no-sentence"),
        pytest.param(2, "", False, State.REFUSED, id="silence"),
        pytest.param(2, "This is not a film.\n", False, State.REFUSED, id="fine"),
    ],
)
def test_bad_ends_are_noticed(
    tmp_path: Path, code: int, complaint: str, is_late: bool, state: State
) -> None:
    """What is no result and no sentence counts as a problem."""
    place = tmp_path / "7"
    (place / "out").mkdir(parents=True)
    (place / "stderr").write_text(complaint)
    started = drive._Started(case=7, seed="x.mp4", folder=place, pid=0, at_s=0.0, is_late=is_late)
    outcome = drive._judge(started, code, 1.0)
    assert outcome.state is state
    assert bool(outcome.problem) is (complaint != "This is not a film.\n")
    assert not place.exists()
