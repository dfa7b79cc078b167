"""What a visitor sees of queue, limits, restarts and faults."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import jobs
from tests.pages.conftest import APP, Play, run_until_over
from tests.pages.test_app import all_text, press_sample


def opened(job_id: str = "") -> AppTest:
    """Open the page in a tab of its own, at the link of a job if there is one."""
    tab = AppTest.from_file(str(APP), default_timeout=30)
    if job_id:
        tab.query_params["job"] = job_id
    return tab.run()


def upload(tab: AppTest, scene: str) -> str:
    """Upload a film that names its scene; return the id of its job."""
    field = next(iter(tab.file_uploader))
    field.upload("holiday.mp4", f"scene: {scene}".encode()).run()
    return str(tab.session_state["job_id"])


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)


def is_running(job_id: str) -> bool:
    """Whether the child of a job has said something."""
    job = jobs.find(job_id)
    return job is not None and job.progress.done > 0


def test_place_in_line_is_told(page: AppTest) -> None:
    """The second film waits behind the first and says so, with the time left."""
    first = upload(page, "hang")
    wait_for(lambda: is_running(first))
    second = opened()
    upload(second, "wink")
    text = second.get("progress")[0].proto.text
    assert text.startswith("Next in line · 1 film is being analysed · about ")
    third = opened()
    upload(third, "wink")
    assert third.get("progress")[0].proto.text.startswith("Place 2 in line")
    page.button(key="stop_job").click().run()
    assert "tucks under" in run_until_over(second).title[0].value


def test_a_closed_browser_finds_its_job_at_the_link(page: AppTest) -> None:
    """In the middle of the work, and when it is done; the link stands in the address."""
    job_id = upload(page, "slow")
    assert page.query_params["job"] == job_id
    wait_for(lambda: is_running(job_id))
    again = opened(job_id)
    assert again.get("progress")[0].proto.value > 0
    assert "tucks under" in run_until_over(again).title[0].value
    assert "tucks under" in opened(job_id).title[0].value


def test_two_tabs_of_one_job(page: AppTest) -> None:
    """Both follow it, what one stops is stopped in both, what one deletes is gone in both."""
    job_id = upload(page, "hang")
    wait_for(lambda: is_running(job_id))
    other = opened(job_id)
    other.button(key="stop_job").click().run()
    run_until_over(other)
    page.run()
    for tab in (page, other):
        assert "stopped" in tab.info[0].value
    other.button(key="another").click().run()
    page.run()
    assert "has been deleted" in page.info[0].value
    assert page.file_uploader
    assert not page.exception


def test_after_a_restart(page: AppTest) -> None:
    """What was finished is there; what was interrupted says so and can be run again."""
    finished = upload(page, "none")
    run_until_over(page)
    second = opened()
    broken = upload(second, "slow")
    wait_for(lambda: is_running(broken))
    jobs.close()
    tab = opened(finished)
    assert "No wink" in tab.title[0].value
    tab = opened(broken)
    assert "started again in the middle" in tab.warning[0].value
    next(b for b in tab.button if b.label == "Try again").click().run()
    assert "tucks under" in run_until_over(tab).title[0].value


def test_a_visit_has_its_limit(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With two films in line the upload is closed, and the page says when to come back."""
    job_id = upload(page, "hang")
    visitor = page.session_state["visitor"]
    jobs.start(Path("film"), visitor=visitor)
    page.session_state["job_id"] = None
    page.query_params.clear()
    page.run()
    assert "as many films in line as one visit can have" in page.warning[0].value
    assert "come back in about" in page.warning[0].value
    assert page.file_uploader[0].proto.disabled
    assert not opened().file_uploader[0].proto.disabled
    job = jobs.find(job_id)
    assert job is not None
    jobs.discard(job)


def test_a_full_line_says_when_to_come_back(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the upload, which is the longest wait."""
    monkeypatch.setenv("TWO_BOWLS_QUEUE", "1")
    first = upload(opened(), "hang")
    wait_for(lambda: is_running(first))
    upload(opened(), "wink")
    page = opened()
    assert "Please come back in about" in page.warning[0].value
    assert page.file_uploader[0].proto.disabled
    assert page.button(key="sample").disabled


def test_a_full_spool(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence, and nothing of the film stays."""
    monkeypatch.setenv("TWO_BOWLS_SPOOL_MB", "1")
    page = opened()
    page.file_uploader[0].upload("x.mp4", bytes(2 << 20)).run()
    assert "no room for another film" in page.error[0].value
    assert not page.exception
    assert not list((place / "data" / "spool").rglob("film"))


def test_an_unreachable_store(page: AppTest, place: Path, play: Play) -> None:
    """It is not told to be deleted, and it is there when the store is."""
    play("wink")
    press_sample(page)
    job_id = page.session_state["job_id"]
    results, away = place / "data" / "results", place / "away"
    results.rename(away)
    tab = opened(job_id)
    assert "It is not lost" in tab.warning[0].value
    assert tab.query_params["job"] == job_id
    assert not tab.exception
    away.rename(results)
    assert "tucks under" in tab.run().title[0].value


@pytest.mark.parametrize("fault", ["no Dask", "nobody there"])
def test_machines_that_are_away(place: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """One sentence before the upload and after it; the film waits and is not lost."""
    monkeypatch.setenv("TWO_BOWLS_SCHEDULER", "tcp://127.0.0.1:9")
    if fault == "no Dask":
        monkeypatch.setitem(sys.modules, "distributed", None)
    else:
        pytest.importorskip("distributed")
    wait_for(lambda: jobs.are_machines_away())
    page = opened()
    assert "cannot be reached right now" in page.warning[0].value
    job_id = upload(page, "wink")
    assert "it waits here" in page.warning[0].value
    assert not page.exception
    job = jobs.find(job_id)
    assert job is not None
    assert job.state is jobs.State.WAITING
    assert job.has_film
    jobs.close()
    # The host has taken the setting back: the film is analysed here.
    monkeypatch.delenv("TWO_BOWLS_SCHEDULER")
    assert "tucks under" in run_until_over(opened(job_id)).title[0].value


def test_bad_settings_are_one_sentence(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The visitor reads that it does not work, the host reads why in the doctor."""
    monkeypatch.setenv("TWO_BOWLS_AT_ONCE", "many")
    page = opened()
    assert "something went wrong" in page.error[0].value
    assert not page.exception
    assert "TWO_BOWLS" not in all_text(page)


def test_another_visit_reaches_nothing(page: AppTest, place: Path, play: Play) -> None:
    """Nothing of one session is in the state of another, and no guess finds it."""
    play("wink")
    press_sample(page)
    job_id = page.session_state["job_id"]
    other = opened()
    upload(other, "none")
    run_until_over(other)
    mine, theirs = page.session_state, other.session_state
    assert mine["visitor"] != theirs["visitor"]
    assert mine["job_id"] != theirs["job_id"]
    assert mine["result"].json != theirs["result"].json
    assert mine["pictures"] is not theirs["pictures"]
    assert job_id not in str({key: theirs[key] for key in ("job_id", "visitor", "shown")})
    for guess in (job_id[:-1], job_id.swapcase(), job_id + "/", f"../{job_id}", "*"):
        assert "has been deleted" in opened(guess).info[0].value
    page.button(key="delete").click().run()
    assert "has been deleted" in opened(job_id).info[0].value
    assert not list(place.rglob(f"*{job_id}*"))
    assert "No wink" in other.run().title[0].value
