"""The notes on a film: each for its reason, none for a good one."""

from dataclasses import replace

import pytest

from analysis.film import FilmWarning, VideoMeta
from analysis.filmcheck import FilmFacts, check_film, doubt
from analysis.view import View

VIEW = View(side="left", yaw_deg=3.0, roll_deg=float("nan"), use="good", reason="")
META = VideoMeta(
    duration_s=20.0,
    fps=30.0,
    width_px=720,
    height_px=1280,
    rotation_deg=90,
    filmed_on=None,
    codec="h264",
    container="mov",
)
GOOD = FilmFacts(
    meta=META,
    film_warnings=(),
    view=VIEW,
    body_px=600.0,
    brightness=120.0,
    lost_share=0.02,
    trusted_share=0.99,
    plate_hides=False,
    feet_cut=False,
    n_people=1,
    starts_midway=False,
    ends_midway=False,
)
CUT_OFF = FilmWarning(id="cut_off", text="The file ends early.")


def ids(facts: FilmFacts) -> list[str]:
    """Name the notes on a film."""
    return [note.id for note in check_film(facts)]


def test_good_film() -> None:
    """Nothing is said about a film with nothing wrong."""
    assert check_film(GOOD) == ()


@pytest.mark.parametrize(
    ("changes", "expected", "word"),
    [
        pytest.param({"view": replace(VIEW, use="unusable")}, "front_view", "side", id="front"),
        pytest.param(
            {"view": replace(VIEW, use="oblique", reason="too far to the back")},
            "oblique",
            "too far to the back",
            id="oblique",
        ),
        pytest.param({"view": replace(VIEW, roll_deg=-6.2)}, "tilted", "about 6 deg", id="tilted"),
        pytest.param({"trusted_share": 0.5}, "hidden", "plate", id="hidden"),
        pytest.param({"plate_hides": True}, "hidden", "by the legs", id="head-hidden"),
        pytest.param({"lost_share": 0.25}, "lost", "25%", id="lost"),
        pytest.param({"feet_cut": True}, "feet_cut", "feet", id="feet"),
        pytest.param({"n_people": 3}, "others", "3 people", id="others"),
        pytest.param({"starts_midway": True}, "starts_midway", "starts", id="starts-midway"),
        pytest.param({"ends_midway": True}, "ends_midway", "ends", id="ends-midway"),
        pytest.param({"body_px": 150.0}, "small", "closer", id="small"),
        pytest.param({"brightness": 30.0}, "dark", "light", id="dark"),
        pytest.param({"meta": replace(META, fps=15.2)}, "slow_film", "15 pictures", id="slow"),
        pytest.param({"film_warnings": (CUT_OFF,)}, "cut_off", "ends early", id="film"),
    ],
)
def test_each_has_its_note(changes: dict[str, object], expected: str, word: str) -> None:
    """One thing wrong makes one note, in a plain sentence that says what to do."""
    (note,) = check_film(replace(GOOD, **changes))  # type: ignore[arg-type]
    assert note.id == expected
    assert word in note.text
    assert note.text.endswith(".")
    assert "\n" not in note.text


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"view": replace(VIEW, roll_deg=3.0)}, id="little-tilt"),
        pytest.param({"lost_share": 0.09}, id="hardly-lost"),
        pytest.param({"meta": replace(META, fps=float("nan"))}, id="unknown-rate"),
        pytest.param({"meta": replace(META, fps=24.0)}, id="cinema"),
    ],
)
def test_good_enough(changes: dict[str, object]) -> None:
    """What does not harm is not mentioned."""
    assert ids(replace(GOOD, **changes)) == []  # type: ignore[arg-type]


def test_gravest_first() -> None:
    """The view comes before the lifter, the lifter before the picture, the file last."""
    bad = replace(
        GOOD,
        view=replace(VIEW, use="unusable"),
        lost_share=0.5,
        brightness=10.0,
        film_warnings=(CUT_OFF,),
    )
    assert ids(bad) == ["front_view", "lost", "dark", "cut_off"]


CLEAR = {"trusted_share": 0.99, "rough_back": 0.3, "brightness": 120.0, "body_px": 500.0}


@pytest.mark.parametrize(
    ("view", "changes", "word"),
    [
        pytest.param(VIEW, {"trusted_share": 0.7}, "plate", id="plate"),
        pytest.param(replace(VIEW, use="oblique"), {}, "square", id="oblique"),
        pytest.param(VIEW, {"brightness": 40.0}, "light", id="dark"),
        pytest.param(VIEW, {"body_px": 200.0}, "small", id="small"),
        pytest.param(VIEW, {"rough_back": 1.2}, "stand out", id="rough"),
        pytest.param(
            replace(VIEW, use="oblique"),
            {"trusted_share": 0.7, "brightness": 40.0},
            "plate",
            id="gravest-first",
        ),
    ],
)
def test_doubt_names_the_fault_and_the_way_on(
    view: View, changes: dict[str, float], word: str
) -> None:
    """Each fault of a film has words of its own, the gravest first."""
    assert word in doubt(view, **{**CLEAR, **changes})


@pytest.mark.parametrize("rough", [0.3, float("nan")])
def test_a_good_film_leaves_no_doubt(rough: float) -> None:
    """What was not measured is no fault."""
    assert doubt(VIEW, **{**CLEAR, "rough_back": rough}) == ""
