"""The page of photos, with made-up measurements behind it; bad input meets the real child."""

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from analysis.service.ids import for_log, new_id
from pages.shared import jobs
from tests import photos
from tests.pages.conftest import APP, Play, run_until_over
from tests.pages.made_up_photo import POINTS
from tests.pages.test_app import all_text, data_of, mounted, press_sample


@pytest.fixture
def snapshot(place: Path) -> AppTest:
    """Open the page of photos for the first time."""
    return AppTest.from_file(str(APP), default_timeout=30).switch_page("pages/1_Snapshot.py").run()


def field(page: AppTest, kind: str) -> Any:  # noqa: ANN401
    """Return the upload field of the photo on show."""
    return next(f for f in page.file_uploader if (f.key or "").startswith(f"{kind}_photo_"))


def send(page: AppTest, content: bytes, kind: str = "ankle") -> AppTest:
    """Upload a photo and wait for the end."""
    field(page, kind).upload("photo.jpg", content)
    return run_until_over(page.run())


def choose(page: AppTest, key: str, value: str) -> AppTest:
    """Choose a segment."""
    page.segmented_control(key=key).set_value(value)
    return page.run()


def table(page: AppTest) -> str:
    """Return what the tables say."""
    return "\n".join(str(t.value) for t in page.table)


def test_the_page_says_how_to_test(snapshot: AppTest) -> None:
    """Upload first, camera second, how to do it, and what it does not prove."""
    assert not snapshot.exception
    said = all_text(snapshot)
    assert "heel down" in said
    assert "does not prove" in said
    assert field(snapshot, "ankle")
    assert not mounted(snapshot)


def test_a_photo_gives_an_angle_and_points_to_drag(snapshot: AppTest) -> None:
    """The angle with its band, the verdict in degrees, the four points."""
    send(snapshot, b"left")
    assert not snapshot.exception
    assert "38 ± 4°" in snapshot.title[1].value
    assert "over 35" in all_text(snapshot).replace("\\", "")
    data = data_of(snapshot, "marker")
    assert {n: data["points"][n] for n in POINTS} == POINTS
    assert data["size"] == [900, 1200]


def test_height_gives_centimetres(snapshot: AppTest) -> None:
    """1000 px for a lifter of 180 cm: 60 px past the toe are 10.8 cm."""
    send(snapshot, b"left")
    snapshot.number_input(key="height_cm").set_value(180).run()
    assert "10.8 ±" in all_text(snapshot)
    assert "(4.3 ±" in all_text(snapshot)
    assert data_of(snapshot, "marker")["base"]["cm_per_px"] == pytest.approx(0.18)


def test_a_shoe_with_a_heel_takes_degrees_off(snapshot: AppTest) -> None:
    """About one centimetre of heel in a running shoe: 2.4 degrees."""
    send(snapshot, b"left")
    choose(snapshot, "shoe", "Running shoe")
    assert "35 ± 4°" in snapshot.title[1].value


def test_left_and_right_are_compared(snapshot: AppTest) -> None:
    """Two photos: a table, and which ankle bends further."""
    send(snapshot, b"left")
    send(snapshot, b"right")
    said = all_text(snapshot)
    assert "The left ankle bends further: 6 degrees" in said
    assert "Left" in table(snapshot)
    assert "1 of 3" in table(snapshot)


def test_any_id_of_a_photo_can_be_shown(monkeypatch: pytest.MonkeyPatch, snapshot: AppTest) -> None:
    """Two underscores in a row, as one id in fifty has at an end, are no name for a component."""
    monkeypatch.setattr("analysis.service.spool.new_id", lambda: "_a__b" + new_id()[5:])
    send(snapshot, b"left")
    assert "_a__b" in str(snapshot.query_params["photo"])
    assert data_of(snapshot, "marker")["size"] == [900, 1200]
    assert not snapshot.error


def test_a_raised_heel_does_not_count(snapshot: AppTest) -> None:
    """The try is shown and told, the best stays the one before."""
    send(snapshot, b"left")
    send(snapshot, b"heel")
    said = all_text(snapshot)
    assert "this try does not count" in said
    assert "38" in table(snapshot)
    assert "2 of 3" in table(snapshot)


def test_a_heel_that_stayed_down_counts(snapshot: AppTest) -> None:
    """Whoever was there knows better; then the whole lean of the shank is the ankle's."""
    send(snapshot, b"heel")
    assert "this try does not count" in all_text(snapshot)
    (stayed_down,) = (t for t in snapshot.toggle if t.label == "My heel stayed down")
    stayed_down.set_value(True).run()
    assert not snapshot.exception
    assert "this try does not count" not in all_text(snapshot)
    assert "44 ±" in snapshot.title[1].value
    assert "1 of 3" in table(snapshot)


def test_a_heel_that_is_down_is_not_asked_about(snapshot: AppTest) -> None:
    """Nothing to put right."""
    send(snapshot, b"left")
    assert not [t for t in snapshot.toggle if t.label == "My heel stayed down"]


def test_the_fourth_try_lets_the_first_go(snapshot: AppTest) -> None:
    """Three tries a leg are kept; what goes is deleted on the server too."""
    first = ""
    for k in range(4):
        send(snapshot, b"left %d" % k)
        first = first or snapshot.query_params["photo"]
    assert "3 of 3" in table(snapshot)
    assert jobs.find(first) is None


def test_points_moved_by_hand_change_the_figures(snapshot: AppTest) -> None:
    """What the browser tells after a drag; and the points on show are the moved ones."""
    send(snapshot, b"left")
    photo_id = snapshot.query_params["photo"]
    key = f"marker_{for_log(photo_id)}"
    moved = {**POINTS, "knee": [480.0, 760.0]}
    snapshot.session_state[key] = {"moved": {"points": moved, "n": 1}}
    snapshot.run()
    lean = [math.degrees(math.atan2(x - 300, 260)) for x in (420, 480)]
    shown = float(snapshot.title[1].value.split(" ")[0])
    assert shown == pytest.approx(37.6 + lean[1] - lean[0], abs=0.6)
    assert data_of(snapshot, "marker")["points"]["knee"] == [480.0, 760.0]


@pytest.mark.parametrize(
    "points",
    [
        pytest.param({"knee": ["a", "b"]}, id="letters"),
        pytest.param({**POINTS, "knee": [1]}, id="half"),
        pytest.param({**POINTS, "toe": [float("nan"), 2]}, id="nan"),
        pytest.param({**POINTS, "heel": None}, id="none"),
        pytest.param([1, 2], id="list"),
    ],
)
def test_garbage_from_the_browser_changes_nothing(snapshot: AppTest, points: object) -> None:
    """What cannot be points is as if nothing had been moved."""
    send(snapshot, b"left")
    key = f"marker_{for_log(snapshot.query_params['photo'])}"
    snapshot.session_state[key] = {"moved": {"points": points, "n": 1}}
    snapshot.run()
    assert not snapshot.exception
    assert "38 ± 4°" in snapshot.title[1].value


def test_delete_takes_everything_away(snapshot: AppTest) -> None:
    """Tries, link and results on the server."""
    send(snapshot, b"left")
    photo_id = snapshot.query_params["photo"]
    next(b for b in snapshot.button if b.key == "delete_photos").click().run()
    assert "photo" not in snapshot.query_params
    assert jobs.find(photo_id) is None
    assert not snapshot.table


def test_a_page_loaded_again_finds_its_photo(snapshot: AppTest, place: Path) -> None:
    """Phones drop the connection: the link shows the photo once more."""
    send(snapshot, b"right")
    photo_id = snapshot.query_params["photo"]
    again = AppTest.from_file(str(APP), default_timeout=30).switch_page("pages/1_Snapshot.py")
    again.query_params["photo"] = photo_id
    assert "31 ± 4°" in again.run().title[1].value


def test_a_still_alone_cannot_show_a_wink(snapshot: AppTest) -> None:
    """Depth and trunk, and what a clip would add."""
    choose(snapshot, "photo_kind", "Squat still")
    send(snapshot, b"still", "still")
    assert not snapshot.exception
    assert "12° below parallel" in snapshot.title[1].value
    assert "cannot show a wink" in all_text(snapshot)


def test_a_still_with_standing_gives_the_change(snapshot: AppTest) -> None:
    """Both photos travel as one upload, and the change of the two bowls is told."""
    choose(snapshot, "photo_kind", "Squat still")
    standing = next(f for f in snapshot.file_uploader if (f.key or "").startswith("standing_"))
    standing.upload("standing.jpg", b"standing")
    send(snapshot, b"still", "still")
    assert "+14 ± 6°" in all_text(snapshot)
    assert "cannot show a wink" not in all_text(snapshot)


def test_the_clip_page_says_how_much_of_the_tested_ankle_is_used(
    snapshot: AppTest, play: Play
) -> None:
    """A test kept in this visit, then a clip: so many of so many degrees."""
    play("wink")
    send(snapshot, b"right")
    snapshot.switch_page("app.py").run()
    press_sample(snapshot)
    assert "of 31 degrees" in all_text(snapshot)


def test_without_a_test_the_clip_page_says_nothing_of_it(page: AppTest, play: Play) -> None:
    """No test, no sentence."""
    play("wink")
    press_sample(page)
    assert "You use" not in all_text(page)


@pytest.fixture
def real(snapshot: AppTest, monkeypatch: pytest.MonkeyPatch, pose_model: Path) -> AppTest:
    """Put the real child behind the page."""
    jobs.close()
    monkeypatch.setattr(jobs, "WORKER", None)
    return snapshot


@pytest.mark.model
@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(lambda: b"three squats", "holds text and no photo", id="text"),
        pytest.param(lambda: b"", "is empty", id="empty"),
        pytest.param(photos.huge_png, "more than 64 megapixels", id="bomb"),
        pytest.param(photos.nobody, "Nobody could be found", id="nobody"),
        pytest.param(photos.two_people, "more than one person", id="two-people"),
    ],
)
def test_bad_input_gets_one_sentence_and_a_way_on(
    real: AppTest,
    content: Callable[[], bytes],
    told: str,
) -> None:
    """No traceback, and the upload field is there for another photo."""
    send(real, content())
    assert not real.exception
    (warning,) = real.warning
    assert told in str(warning.value).replace("\\", "")
    assert field(real, "ankle")


@pytest.mark.model
def test_a_real_lunge_is_measured_as_rendered(real: AppTest) -> None:
    """A rendered photo through the real child: within five degrees of its truth."""
    truth = json.loads(photos.LUNGE.with_suffix(".json").read_text(encoding="utf-8"))
    started = time.monotonic()
    send(real, photos.LUNGE.read_bytes())
    assert time.monotonic() - started < 60
    degrees = float(real.title[1].value.split(" ")[0])
    assert degrees == pytest.approx(truth["ankle_deg"], abs=5)


@pytest.mark.parametrize(
    ("points", "is_moved"),
    [
        pytest.param("480.760.300.1020.260.1080.420.1090", True, id="legs"),
        pytest.param("480.760.300.1020.260.1080.420.1090.1.2.3.4", True, id="plate-too"),
        pytest.param("480.760.300.1020", False, id="half"),
        pytest.param("480.760.300.1020.260.1080.420.-9", False, id="signs"),
        pytest.param("<b>.1.2.3.4.5.6.7", False, id="markup"),
        pytest.param("9" * 400 + ".1.2.3.4.5.6.7", False, id="far-too-large"),
    ],
)
def test_points_in_the_link_come_back(
    snapshot: AppTest, place: Path, points: str, *, is_moved: bool
) -> None:
    """A page loaded again shows them where they were dragged to; nonsense moves nothing."""
    send(snapshot, b"left")
    again = AppTest.from_file(str(APP), default_timeout=30).switch_page("pages/1_Snapshot.py")
    again.query_params["photo"] = snapshot.query_params["photo"]
    again.query_params["points"] = points
    again.run()
    assert not again.exception
    assert (data_of(again, "marker")["points"]["knee"][0] != POINTS["knee"][0]) is is_moved
    assert ("38 ± 4°" in again.title[1].value) is not is_moved
