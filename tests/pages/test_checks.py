"""The film check: each warning stands with its topic."""

from pages.shared import checks, result
from tests.pages import made_up


def test_film_check_sorts_warnings() -> None:
    """A warning stands with its topic, an unknown one at the end, none twice."""
    raw = made_up.report("cannot_tell")
    raw["warnings"].append({"id": "cut_off", "text": "The file ends in the middle."})
    raw["view"] = {"use": "oblique", "reason": ""}
    raw["clip"]["fps"] = 15.0
    told = checks.film_check(result.parse_report(raw))
    by_name = {check.name: check for check in told}
    assert not by_name["View"].ok
    assert by_name["Feet"].ok
    assert by_name["Plate or rack in front"].text.startswith("A plate hides")
    assert by_name["Also"].text == "The file ends in the middle."
    assert not by_name["Frame rate"].ok
    assert len(told) == 6


def test_first_look_says_no_more_than_is_known() -> None:
    """Before anybody was looked for, only the file is spoken of."""
    look = made_up.first_look() | {"seen_s": 0.0, "people": 0, "view": None, "notes": []}
    assert [check.name for check in checks.first_look(look)] == ["Film"]
    look |= {"seen_s": 1.0, "clip": {"width": 640, "height": 480, "fps": None}}
    film, you = checks.first_look(look)
    assert film.text == "640 × 480."
    assert (you.name, you.ok) == ("You", False)


def test_first_look_puts_faults_in_their_place() -> None:
    """What is in order is short; each fault keeps its fix."""
    told = {check.name: check for check in checks.first_look(made_up.first_look())}
    assert told["Film"].text == "180 × 320, 30 pictures a second, 4 s long."
    assert (told["You"].ok, told["View"].ok, told["Size"].ok) == (True, True, False)
    assert "Come closer" in told["Size"].text
    others = {"notes": [{"id": "others", "text": "2 people are in the clip."}], "people": 2}
    told = {check.name: check for check in checks.first_look(made_up.first_look() | others)}
    assert told["You"].text == "2 people are in the clip."
    assert not told["You"].ok
