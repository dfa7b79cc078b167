"""The About page: what is measured, how far off, and what happens to a film."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis import accuracy
from tests.pages.conftest import APP


def about() -> AppTest:
    """Open the page as a visitor does, from the first one."""
    page = AppTest.from_file(str(APP), default_timeout=30).run()
    return page.switch_page("pages/3_About.py").run()


def text_of(page: AppTest) -> str:
    """Everything that is written on the page."""
    return "\n".join(str(e.value) for part in (page.markdown, page.caption) for e in part)


def test_the_page_shows_the_table_that_ships(place: Path) -> None:
    """The figures of the data file stand on the page, with what they do not cover."""
    page = about()
    assert not page.exception
    assert not page.error
    rows = accuracy.load_accuracy()
    for part in ("angles", "verdicts", "rest"):
        assert accuracy.as_markdown(rows, part=part) in text_of(page)
    assert "does not cover" in text_of(page)
    assert "not medical advice" in text_of(page)


def test_what_a_lifter_asks_is_answered(place: Path) -> None:
    """What it is, what it is not, why, how to film, and what is kept, with the host's times."""
    page = about()
    assert [part.value for part in page.subheader] == [
        "Two bowls",
        "A true wink, or an arch that goes",
        "What does not cause it",
        "What may",
        "How to film it",
        "How far off it is",
        "What is kept",
    ]
    text = text_of(page)
    for told in ("Tight hamstrings", "Tight hip flexors", "Too little ankle", "worth training"):
        assert told in text
    assert "deleted after 24 hours" in text
    assert "works for 7 days" in text
    assert "MediaPipe" in text
    names = [part.proto.component_name for part in page.get("bidi_component")]
    assert names == ["two_bowls_lifter"]


def test_without_the_table_the_rest_of_the_page_stands(
    place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A broken installation is one sentence and no traceback."""
    monkeypatch.setattr(accuracy.load_accuracy, "__defaults__", (tmp_path / "gone.json",))
    page = about()
    assert not page.exception
    assert page.error
    assert "not medical advice" in text_of(page)
