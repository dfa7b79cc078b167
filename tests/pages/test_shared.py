"""Making a link, what the other one sees at it, and deleting it."""

from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from streamlit.testing.v1 import AppTest

from analysis.service.ids import is_id, new_id
from analysis.service.settings import Settings
from analysis.service.shares import Made
from pages.shared import jobs, links
from tests.pages.conftest import APP, Play, run_until_over


@pytest.fixture
def shared(page: AppTest, play: Play) -> AppTest:
    """Open a page with a result and make a link for it."""
    play("wink")
    page.button(key="sample").click().run()
    run_until_over(page)
    page.button(key="make_link").click().run()
    assert not page.exception
    return page


def made(page: AppTest) -> Made:
    """Link of the page."""
    found: dict[str, Made] = page.session_state["links"]
    (only,) = found.values()
    return only


def opened(**query: str) -> AppTest:
    """Open the page Shared in a session of its own, which knows nothing."""
    other = AppTest.from_file(str(APP), default_timeout=60).run()
    for name, value in query.items():
        other.query_params[name] = value
    return other.switch_page("pages/4_Shared.py").run()


def text(page: AppTest) -> str:
    """All that is said on a page."""
    parts = [*page.title, *page.markdown, *page.caption, *page.info, *page.warning]
    return "\n".join(part.value for part in parts)


def test_link_and_code_on_the_makers_page(shared: AppTest) -> None:
    """With the time, the way to delete it, and where the server may lose it."""
    link, for_later = (part.value for part in shared.code)
    query = parse_qs(urlparse(link).query)
    assert is_id(query["id"][0])
    assert set(query) == {"id"}
    assert parse_qs(urlparse(for_later).query) == {
        "id": [made(shared).id],
        "key": [made(shared).secret],
    }
    assert "The link works until" in text(shared)
    assert "temporary place" in text(shared)


def test_link_shows_the_result_and_changes_nothing(shared: AppTest) -> None:
    """Verdict, charts and reps; no button that deletes, names or measures anything."""
    other = opened(id=made(shared).id)
    assert not other.exception
    assert not other.error
    assert "Your lower back tucks under" in text(other)
    assert len(other.get("vega_lite_chart")) == 2
    assert not other.button
    assert not other.file_uploader
    assert not other.text_input
    assert not other.get("download_button")
    assert "links" not in other.session_state


def test_link_does_not_open_the_job(shared: AppTest) -> None:
    """Its id is another than the one that opens, and deletes, the result itself."""
    share_id = made(shared).id
    assert jobs.find(share_id) is None
    job_id = shared.query_params["job"]
    assert jobs.find(job_id) is not None
    assert "There is nothing at this address" in text(opened(id=job_id))


@pytest.mark.parametrize(
    "name", ["", "../results", "/etc/passwd", "a\x00b", "ａｂｃ", "A" * 24, "%2e%2e%2f"]
)
def test_other_addresses_show_nothing(shared: AppTest, name: str) -> None:
    """One kind sentence and a way on."""
    other = opened(id=name)
    assert not other.exception
    assert "There is nothing at this address" in text(other)
    assert not other.get("vega_lite_chart")


def test_gone_after_deletion(shared: AppTest) -> None:
    """By the maker's button; the page offers to make a new one."""
    share_id = made(shared).id
    shared.button(key="delete_link").click().run()
    assert "There is nothing at this address" in text(opened(id=share_id))
    assert shared.button(key="make_link")
    assert not list((jobs.settings().data / "shares").glob(share_id))


def test_deleted_with_the_second_secret(shared: AppTest) -> None:
    """Of the address that the maker has kept; another secret deletes nothing."""
    share = made(shared)
    wrong = opened(id=share.id, key=new_id())
    wrong.button(key="delete_shared").click().run()
    assert "tucks under" in text(opened(id=share.id))
    right = opened(id=share.id, key=share.secret)
    right.button(key="delete_shared").click().run()
    assert not right.exception
    assert "There is nothing at this address" in text(right)
    assert "There is nothing at this address" in text(opened(id=share.id))


def test_gone_with_the_result(shared: AppTest) -> None:
    """Whoever deletes the result in the same visit means the link as well."""
    share_id = made(shared).id
    shared.button(key="delete").click().run()
    assert "There is nothing at this address" in text(opened(id=share_id))


def test_gone_after_its_time(
    place: Path, play: Play, monkeypatch: pytest.MonkeyPatch, page: AppTest
) -> None:
    """The host's seven days, by a clock that is set forward."""
    play("wink")
    page.button(key="sample").click().run()
    run_until_over(page)
    page.button(key="make_link").click().run()
    share_id = made(page).id
    store = jobs.shares()._store
    now = store._clock()
    monkeypatch.setattr(store, "_clock", lambda: now + 7 * 24 * 3600 - 60)
    assert "tucks under" in text(opened(id=share_id))
    monkeypatch.setattr(store, "_clock", lambda: now + 7 * 24 * 3600 + 60)
    assert "There is nothing at this address" in text(opened(id=share_id))


def test_no_room_for_a_link_is_said(
    page: AppTest, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence, and the page goes on."""
    play("wink")
    page.button(key="sample").click().run()
    run_until_over(page)
    monkeypatch.setattr("analysis.service.shares.MOST_BYTES", 10)
    page.button(key="make_link").click().run()
    assert not page.exception
    assert "too large for a link" in text(page)
    monkeypatch.setattr(links, "MOST", 0)
    page.button(key="make_link").click().run()
    assert "delete one first" in text(page)


def test_code_is_drawn_dark_on_light() -> None:
    """As an SVG that needs nothing from the network."""
    drawn = links.qr_svg("https://example.org/Shared?id=" + new_id())
    assert drawn.startswith("data:image/svg+xml")
    assert "%23fff" in drawn.lower()


@pytest.mark.parametrize(
    ("data", "store", "is_brief"),
    [
        pytest.param("tmp/two-bowls", "", True, id="temporary"),
        pytest.param("srv/two-bowls", "", False, id="own-folder"),
        pytest.param("tmp/two-bowls", "srv/two-bowls", False, id="shared-folder"),
        pytest.param("tmp/two-bowls", "s3://gym/two-bowls", False, id="bucket"),
    ],
)
def test_where_a_new_start_may_wipe_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data: str, store: str, is_brief: bool
) -> None:
    """What counts is where the links lie, which need not be the server's own folder."""
    place = store if not store or "://" in store else str(tmp_path / store)
    settings = Settings(data=tmp_path / data, store=place)
    monkeypatch.setattr(links.jobs, "settings", lambda: settings)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    assert links.is_kept_briefly() is is_brief
