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
