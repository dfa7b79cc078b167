"""The page as a visitor meets it, with a made-up analysis behind it."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import jobs
from tests.pages.conftest import Play, run_until_over


def press_sample(page: AppTest) -> AppTest:
    """Press the sample button and wait for the end."""
    button = next(b for b in page.button if b.label == "Try the sample clip")
    return run_until_over(button.click().run())


def mounted(page: AppTest) -> list[str]:
    """Names of our own components on the page, in order."""
    names = [part.proto.component_name for part in page.get("bidi_component")]
    return [name.removeprefix("two_bowls_") for name in names]


def data_of(page: AppTest, name: str) -> dict[str, Any]:
    """Return what a component of our own was given."""
    part = page.get("bidi_component")[mounted(page).index(name)]
    data: dict[str, Any] = json.loads(part.proto.json)
    return data


def wish(page: AppTest) -> dict[str, Any]:
    """Where the page wants the film to be."""
    return data_of(page, "move")


def all_text(page: AppTest) -> str:
    """Everything that is written on the page."""
    parts = [page.title, page.subheader, page.markdown, page.caption]
    parts += [page.warning, page.info, page.error]
    return "\n".join(str(element.value) for part in parts for element in part)


def test_empty_page_asks_for_a_film(page: AppTest) -> None:
    """A visitor sees the upload field and the sample, and nothing of a result."""
    assert not page.exception
    assert page.file_uploader(key="film_0")
    assert any(b.label == "Try the sample clip" for b in page.button)
    assert not page.get("vega_lite_chart")
    assert not page.error


def test_sample_gives_a_verdict(page: AppTest, play: Play) -> None:
    """The whole way: verdict, picture at the onset, charts, strip, table, downloads."""
    play("wink")
    press_sample(page)
    assert not page.exception
    assert "tucks under, starting 8° below parallel, in both reps" in page.title[0].value
    assert page.session_state["t"] == pytest.approx(0.92)
    time, wink_map = (json.loads(c.proto.spec) for c in page.get("vega_lite_chart"))
    assert [panel["title"]["text"] for panel in time["vconcat"]] == [
        "Thigh above parallel (degrees)",
        "Ankle bend (degrees)",
        "Lower back: + tucked, 0 as standing (degrees)",
    ]
    assert "each depth" in wink_map["title"]["text"]
    assert mounted(page) == ["scrubber", "move", "rule", "clip", "homescreen"]
    assert {b.label for b in page.get("download_button")} == {
        "Table (CSV)",
        "For Compare (JSON)",
        "Picture (PNG)",
        "Film (MP4)",
    }
    assert "nan" not in all_text(page).lower().replace("scanning", "")


@pytest.mark.parametrize(
    ("scene", "said", "unsaid"),
    [
        pytest.param("none", "No wink that this film can show", "tucks under in", id="none"),
        pytest.param("cannot_tell", "cannot tell whether", "No wink", id="cannot-tell"),
        pytest.param("arch_to_neutral", "not a wink", "cannot tell", id="arch"),
    ],
)
def test_other_verdicts(page: AppTest, play: Play, scene: str, said: str, unsaid: str) -> None:
    """Each kind of answer has its own sentence."""
    play(scene)
    press_sample(page)
    assert not page.exception
    assert said in page.title[0].value
    assert unsaid not in page.title[0].value


def test_report_text_cannot_become_markup(page: AppTest, play: Play) -> None:
    """What a report says is shown as it stands."""
    play("cannot_tell")
    press_sample(page)
    assert r"\[at the bottom\]" in all_text(page)


def test_rep_picker_and_link_move_the_film(page: AppTest, play: Play) -> None:
    """Another rep takes the film to its flag, with a wish that is new to the scrubber."""
    play("wink")
    press_sample(page)
    before = wish(page)
    assert before["t"] == pytest.approx(0.92)
    picker = page.get("button_group")[0]
    picker.set_value(1).run()
    assert not page.exception
    after = wish(page)
    assert after["t"] == pytest.approx(2.72)
    assert after["n"] > before["n"]
    assert page.query_params["t"] == "2.72"


def test_charts_of_one_rep(page: AppTest, play: Play) -> None:
    """In a long set the rep on show can be looked at alone, in both charts."""
    play("long")
    press_sample(page)
    page.get("button_group")[0].set_value(5).run()
    whole = data_of(page, "rule")
    page.toggle(key="alone").set_value(True).run()
    assert not page.exception
    alone = data_of(page, "rule")
    assert whole["to"] - whole["from"] > 20
    assert alone["to"] - alone["from"] == pytest.approx(1.8 + 2 * 0.3, abs=0.1)
    assert alone["from"] < alone["t"] < alone["to"]
    page.get("button_group")[0].set_value(6).run()
    assert data_of(page, "rule")["from"] == pytest.approx(alone["from"] + 1.8, abs=0.1)


def test_what_the_finger_chose_is_followed(page: AppTest, play: Play) -> None:
    """A moment told by the scrubber chooses the rep and moves the line, not the film."""
    play("wink")
    press_sample(page)
    before = wish(page)
    page.session_state["t"] = 2.5
    page.run()
    assert wish(page) == before | {"t": 2.5}


@pytest.mark.parametrize(
    ("scene", "said", "can_retry"),
    [
        pytest.param("refused", "not a film", False, id="corrupt"),
        pytest.param("nothing", "No squat was found", False, id="nobody"),
        pytest.param("missing", "model is missing", True, id="no-model"),
        pytest.param("crash", "broke off", True, id="killed"),
        pytest.param("garbage", "broke off", True, id="broken-report"),
    ],
)
def test_failures_are_one_sentence(
    page: AppTest, play: Play, scene: str, said: str, can_retry: bool
) -> None:
    """A film that does not work ends in a plain sentence and a way on."""
    play(scene)
    press_sample(page)
    assert not page.exception
    assert len(page.warning) == 1
    assert said in page.warning[0].value
    assert "library" not in page.warning[0].value
    assert "Traceback" not in all_text(page)
    assert any(b.label == "Try again" for b in page.button) is can_retry
    page.button(key="another").click().run()
    assert page.file_uploader


def test_try_again_after_a_crash(page: AppTest, play: Play) -> None:
    """The second try runs the same film anew."""
    play("crash")
    press_sample(page)
    play("wink")
    next(b for b in page.button if b.label == "Try again").click().run()
    run_until_over(page)
    assert "tucks under" in page.title[0].value


def test_upload_is_analysed_and_deleted(page: AppTest, play: Play) -> None:
    """The film leaves the disk when it is measured; the result stays."""
    play("wink")
    page.file_uploader(key="film_0").upload("holiday.mp4", b"film").run()
    run_until_over(page)
    job = jobs.find(page.session_state["job_id"])
    assert job is not None
    assert not any(b.key == "stop_job" for b in page.button)
    _wait_for(lambda: not job.has_film)
    assert (job.folder / jobs.REPORT).is_file()
    assert "holiday" not in str(job.film)


def test_first_look_stands_there_while_the_film_is_measured(page: AppTest, play: Play) -> None:
    """The first picture and the film check come before the result."""
    play("hang")
    page.file_uploader(key="film_0").upload("x.mp4", b"film").run()
    job = jobs.find(page.session_state["job_id"])
    assert job is not None
    _wait_for(lambda: job.progress.done > 0)
    page.run()
    assert not page.exception
    assert len(page.get("image")) == 1
    assert "The first 3 s of your film" in all_text(page)
    assert "You are small in the picture" in all_text(page)


def test_stop_ends_the_child(page: AppTest, play: Play) -> None:
    """Stop kills the child process and deletes the film."""
    play("hang")
    page.file_uploader(key="film_0").upload("x.mp4", b"film").run()
    job = jobs.find(page.session_state["job_id"])
    assert job is not None
    _wait_for(lambda: job.progress.done > 0)
    page.button(key="stop_job").click().run()
    run_until_over(page)
    assert "stopped" in page.info[0].value
    _wait_for(lambda: not job.has_film)


def test_that_is_not_me(page: AppTest, play: Play) -> None:
    """With two people in the film the other one can be measured."""
    play("two_people")
    page.file_uploader(key="film_0").upload("x.mp4", b"film").run()
    run_until_over(page)
    first = page.session_state["job_id"]
    page.button(key="person_2").click().run()
    run_until_over(page)
    job = jobs.find(page.session_state["job_id"])
    assert job is not None
    assert job.person == 2
    assert not job.has_film
    assert jobs.find(first) is None
    assert page.button(key="person_1")


def test_delete_removes_everything(page: AppTest, play: Play) -> None:
    """The button under the result leaves no file behind."""
    play("wink")
    press_sample(page)
    job = jobs.find(page.session_state["job_id"])
    assert job is not None
    page.button(key="delete").click().run()
    assert not job.folder.exists()
    assert jobs.find(job.id) is None
    assert page.file_uploader(key="film_2")


def test_link_of_another_tab_finds_the_result(page: AppTest, play: Play) -> None:
    """A page loaded again shows the same result, and a dead link says so."""
    play("wink")
    press_sample(page)
    again = AppTest.from_file(str(jobs.PROJECT / "app.py"), default_timeout=30)
    again.query_params["job"] = page.session_state["job_id"]
    again.run()
    assert "tucks under" in again.title[0].value
    again.query_params["job"] = "not-a-job"
    fresh = AppTest.from_file(str(jobs.PROJECT / "app.py"), default_timeout=30)
    fresh.query_params["job"] = "not-a-job"
    fresh.run()
    assert "has been deleted" in fresh.info[0].value
    assert not fresh.exception


@pytest.mark.parametrize(
    ("unit", "entries", "height_cm"),
    [
        pytest.param("cm", {"height_cm": 172.0}, 172.0, id="cm"),
        pytest.param("feet and inches", {"feet": 5, "inches": 8.0}, 172.72, id="feet"),
        pytest.param("cm", {}, None, id="left-out"),
    ],
)
def test_body_height_reaches_the_analysis(
    page: AppTest, play: Play, unit: str, entries: dict[str, float], height_cm: float | None
) -> None:
    """Height is passed on in centimetres, and only if it was given."""
    play("wink")
    page.session_state["height_unit"] = unit
    page.run()
    for key, value in entries.items():
        page.number_input(key=key).set_value(value)
    press_sample(page)
    job = jobs.find(page.session_state["job_id"])
    assert job is not None
    assert job.height_cm == (None if height_cm is None else pytest.approx(height_cm))


def _wait_for(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)
