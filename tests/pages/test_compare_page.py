"""The Compare page: the example, files, bad files, and what is said of two clips."""

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis import keepfile
from analysis.keepfile import Kept
from analysis.label import Label
from analysis.pipeline import shipped_sha256
from pages.shared import differences, labels, shelf, words
from tests import saved
from tests.pages.conftest import APP

USUAL = Label(load_kg=60.0, stance="usual")
TOES = Label(load_kg=60.0, stance="toes_out")


@pytest.fixture
def page(place: Path) -> AppTest:
    """Open the page, as a link from the first page does."""
    found = AppTest.from_file(str(APP), default_timeout=60).run()
    return found.switch_page("pages/2_Compare.py").run()


def load(page: AppTest, *files: tuple[str, bytes]) -> AppTest:
    """Choose files in the field of the page."""
    field = page.file_uploader[0]
    for name, content in files:
        field.upload(name, content, "application/json")
    return page.run()


def said(page: AppTest) -> str:
    """All that stands on the page in Markdown."""
    return "\n".join(part.value for part in [*page.markdown, *page.caption, *page.info])


def pair(apart_deg: float, sd_deg: float) -> tuple[Kept, Kept]:
    """Two clips whose tucks start at other depths, with the labels of a stance test."""
    # Other days, so that even clips that measure alike are two.
    second = saved.kept(TOES, onset_deg=2.0 - apart_deg, sd_deg=sd_deg, day="2026-03-02")
    return saved.kept(USUAL, onset_deg=2.0, sd_deg=sd_deg, day="2026-03-01"), second


def test_newcomer_sees_an_example(page: AppTest) -> None:
    """Two bundled clips of one lifter, compared as any two are."""
    assert not page.exception
    assert not page.error
    text = said(page)
    assert "An example" in [part.value for part in page.subheader]
    assert words.escape(differences.headline(*shelf.demo())) in text
    assert len(page.get("vega_lite_chart")) == 2
    assert len(page.table) == 1
    assert len(page.image) == 2


def test_the_example_is_what_the_files_say() -> None:
    """Made by the real pipeline, under the size of a saved file, one lifter, two stances."""
    usual, toes_out = shelf.demo()
    for kept in (usual, toes_out):
        assert len(keepfile.write(kept)) < keepfile.MOST_BYTES
        assert kept.stills
        # Stale after a training: python -m analysis.calibration demo
        assert kept.report["made_with"]["estimator_sha"] == shipped_sha256()
    assert differences.changed(usual, toes_out) == ("stance",)
    assert not differences.cautions(usual, toes_out)


@pytest.mark.parametrize(
    ("apart_deg", "sd_deg", "is_real"),
    [(0, 1, False), (4, 1, True), (4, 3, False), (10, 3, True), (10, 6, False)],
)
def test_files_are_compared(page: AppTest, apart_deg: int, sd_deg: int, is_real: bool) -> None:
    """A difference is called one only if it is larger than the errors of both."""
    files = [(f"{k}.json", keepfile.write(kept)) for k, kept in enumerate(pair(apart_deg, sd_deg))]
    load(page, *files)
    assert not page.exception
    text = said(page)
    wanted = f"With toes out the tuck starts {apart_deg}° deeper; that is more than the error"
    assert (re.sub(r"\\", "", text).count(wanted) == 1) is is_real
    assert ("No real difference in where the tuck starts" in re.sub(r"\\", "", text)) is not is_real
    assert "An example" not in [part.value for part in page.subheader]


def test_zip_and_first_schema(page: AppTest) -> None:
    """All at once, or the report of the command line; the same one twice is one."""
    both = pair(10, 1)
    load(page, ("all.zip", keepfile.write_zip([("a.json", kept) for kept in both])))
    assert len(page.table) == 1
    load(page, ("a.json", keepfile.write(both[0])))
    assert len(page.table) == 1
    load(page, ("report.json", json.dumps(saved.report(kind="none")).encode()))
    assert len(page.button_group) >= 1
    assert not page.exception


def test_several_estimators_are_marked(page: AppTest) -> None:
    """In a sentence."""
    first, second = pair(10, 1)
    other = {**second.report, "made_with": {**second.report["made_with"], "estimator_sha": "x"}}
    second = keepfile.keep(other, second.label)
    load(page, ("a.json", keepfile.write(first)), ("b.json", keepfile.write(second)))
    assert "different versions of this app" in said(page)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"\x89PNG", b"[" * 10_000, b'{"schema": 2, "frames": NaN}', b"PK??"]
)
def test_bad_files_get_one_sentence(page: AppTest, content: bytes) -> None:
    """And the page goes on."""
    good = keepfile.write(pair(10, 1)[0])
    load(page, ("<script>.json", content), ("good.json", good))
    assert not page.exception
    assert len(page.warning) == 1
    assert page.warning[0].value.endswith(".")
    assert "<script>" not in page.warning[0].value
    assert "One clip is here" in said(page)


def test_script_in_labels_is_shown_as_it_is(page: AppTest) -> None:
    """Neither HTML nor Markdown of a stranger's label is drawn."""
    evil = Label(shoes="<script>x</script>", note="[a](javascript:alert) **b**")
    load(
        page,
        ("a.json", keepfile.write(saved.kept(evil))),
        ("b.json", keepfile.write(saved.kept(onset_deg=2.0))),
    )
    assert not page.exception
    text = said(page) + "".join(part.label for part in page.expander)
    assert "<script>" not in text
    assert "](javascript" not in text
    assert "**b**" not in text
    assert all(not part.allow_html for part in page.markdown)


def test_labels_can_be_changed_here(page: AppTest) -> None:
    """And the comparison follows."""
    first, second = (saved.kept(onset_deg=2.0, sd_deg=1.0), saved.kept(onset_deg=-8.0, sd_deg=1.0))
    load(page, ("a.json", keepfile.write(first)), ("b.json", keepfile.write(second)))
    assert "In clip B the tuck starts" in said(page)
    page.number_input(key=f"shelf_{first.digest}_load").set_value(0.0)
    page.number_input(key=f"shelf_{second.digest}_load").set_value(60.0)
    page.run()
    assert "With 60 kg the tuck starts" in said(page)


def test_three_days_make_a_trend(page: AppTest) -> None:
    """With a chart for each quantity."""
    days = ["2026-08-01", "2026-08-31", "2026-09-30"]
    files = [
        (f"{k}.json", keepfile.write(saved.kept(onset_deg=10.0 - 6 * k, sd_deg=1.0, day=day)))
        for k, day in enumerate(days)
    ]
    load(page, *files[:2])
    assert "Over time" not in [part.value for part in page.subheader]
    load(page, files[2])
    assert "Over time" in [part.value for part in page.subheader]
    assert "Tuck starts: deeper from day to day, 6.0° ± 1.4° a month." in said(page)


def test_names_of_files_are_plain() -> None:
    """Whatever stands in a label."""
    assert shelf.file_name(Label(), None) == "two-bowls.json"
    kept = saved.kept(Label(load_kg=60, shoes="../..\x00/é <b>", date="2026-11-02"))
    name = shelf.file_name(kept.label, kept.day)
    assert name == "two-bowls-2026-11-02-60-kg-b.json"
    with zipfile.ZipFile(io.BytesIO(keepfile.write_zip([(name, kept)]))) as both:
        assert both.namelist() == [name]


def test_words_of_labels() -> None:
    """Plain, and a day that is none is left out."""
    assert labels.name(saved.kept(TOES)) == "60 kg, toes out"
    assert labels.name(saved.kept(Label(load_kg=0, tempo="slow"))) == "Bodyweight, slow"
    assert labels.name(saved.kept(day="2026-11-02")) == "2 November 2026"
    assert labels.name(saved.kept()) == "Clip without a label"
    assert labels.day("not a day") == ""
