"""What a lifter says at the upload is with the result, the saved file and the next upload."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from analysis.label import Label
from pages.shared import jobs, labels
from tests.pages.conftest import Play, run_until_over
from tests.saved import report


def upload_with_label(page: AppTest, play: Play) -> AppTest:
    """Name a set and upload its film."""
    play("wink")
    page.number_input(key="label_load").set_value(60.0)
    page.text_input(key="label_shoes").set_value("flat <b>")
    page.button_group(key="label_stance").set_value("toes_out")
    page.run()
    page.file_uploader(key="film_0").upload("x.mp4", b"film").run()
    return run_until_over(page)


def test_label_is_with_the_result_on_compare(page: AppTest, play: Play) -> None:
    """Without another question."""
    upload_with_label(page, play)
    assert not page.exception
    page.switch_page("pages/2_Compare.py").run()
    assert not page.exception
    (kept,) = page.session_state["shelf"].values()
    assert kept.label.load_kg == 60.0
    assert kept.label.shoes == "flat <b>"
    assert kept.label.stance == "toes_out"
    assert kept.stills
    assert len(kept.label.date or "") == len("2026-11-02")


def test_label_outlives_the_server(page: AppTest, play: Play, place: Path) -> None:
    """It lies with the job, and is handed on when the film is measured again."""
    upload_with_label(page, play)
    job_id = page.query_params["job"]
    jobs.close()
    found = jobs.find(job_id)
    assert found is not None
    assert found.label is not None
    assert found.label["load_kg"] == 60.0


def test_label_is_remembered_for_the_next_upload(page: AppTest, play: Play) -> None:
    """In this visit."""
    upload_with_label(page, play)
    page.button(key="delete").click().run()
    assert page.number_input(key="label_load").value == 60.0
    assert page.text_input(key="label_shoes").value == "flat <b>"


def test_sample_has_no_label_of_the_lifter(page: AppTest, play: Play) -> None:
    """It is not their squat."""
    play("wink")
    page.number_input(key="label_load").set_value(60.0).run()
    page.button(key="sample").click().run()
    run_until_over(page)
    page.switch_page("pages/2_Compare.py").run()
    (kept,) = page.session_state["shelf"].values()
    assert kept.label.as_json() | {"date": None} == Label().as_json()


def test_day_is_the_lifters_the_films_or_todays(tmp_path: Path) -> None:
    """In this order; a label that is none is no error."""
    job = jobs.Job(folder=tmp_path, film=tmp_path, owns_film=True, asked_s=1_790_000_000.0)
    assert labels.of_job(job, report()).date is not None
    assert labels.of_job(job, report(day="2026-10-01")).date is None
    job.label = Label(date="2026-11-02").as_json()
    assert labels.of_job(job, report(day="2026-10-01")).date == "2026-11-02"
    job.label = {"broken": 1}
    assert labels.of_job(job, report(day="2026-10-01")).is_empty
