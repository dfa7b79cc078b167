"""Visitors beside each other on one server: each gets its own, and what is deleted is gone.

The analysis is played; `tests.load.crowd` takes the figures with the real one.
"""

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.load.server import Server
from tests.load.visitor import Visitor

SCENES = ("wink", "none", "cannot_tell", "arch_to_neutral")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start the app with a made-up analysis behind it."""
    with Server(["tests.browser.play"], tmp_path_factory.mktemp("server")) as running:
        yield running


def analysed(server: Server, scene: str) -> Visitor:
    """Visit, upload a film that names its scene, and wait for the result."""
    visitor = Visitor(server.address)
    visitor.upload("holiday-canary.mp4", f"scene: {scene}".encode())
    visitor.wait_result(60)
    return visitor


def kind_of(visitor: Visitor) -> str:
    """Verdict in the report that a visitor can download."""
    return str(json.loads(visitor.download("For Compare (JSON)"))["summary"]["kind"])


def test_each_gets_its_own(server: Server) -> None:
    """Four at once: four jobs, four verdicts, and nothing of the others on any page."""
    with ThreadPoolExecutor(len(SCENES)) as pool:
        visitors = list(pool.map(lambda scene: analysed(server, scene), SCENES))
    assert [kind_of(visitor) for visitor in visitors] == list(SCENES)
    assert len({visitor.job_id for visitor in visitors}) == len(SCENES)
    for visitor in visitors:
        sent = b"".join(element.SerializeToString() for element in visitor.elements)
        others = [other for other in visitors if other is not visitor]
        assert visitor.job_id.encode() in sent  # or this shows nothing
        assert not [other for other in others if other.job_id.encode() in sent]
        visitor.close()


def test_the_film_never_lies_at_an_address(server: Server) -> None:
    """Preview and pictures of people go through the component; /media has none of them."""
    visitor = analysed(server, "wink")
    assert visitor.media  # the downloads, which are fetched from there
    folder = server.folder / "data" / "results" / visitor.job_id
    preview = (folder / "preview.mp4").read_bytes()
    sent = b"".join(element.SerializeToString() for element in visitor.elements)
    assert preview[200:400] in sent
    for url in visitor.media:
        assert not url.endswith((".mp4", ".webm"))
    visitor.close()


def test_what_is_deleted_is_gone(tmp_path: Path) -> None:
    """Every address of a result is tried after the deletion: owner, second tab, bystander."""
    # A server of its own: equal results of other visits would have equal addresses.
    with Server(["tests.browser.play"], tmp_path) as server:
        visitor, bystander = analysed(server, "wink"), analysed(server, "none")
        second = Visitor(server.address, query=visitor.query)
        assert second.title == visitor.title
        job_id = visitor.job_id
        assert (kind_of(visitor), kind_of(bystander)) == ("wink", "none")
        own = sorted(u for u in visitor.media - bystander.media if visitor.status_of(u) == 200)
        assert {url.rsplit(".", 1)[1] for url in own} == {"json", "png"}  # the tables are equal
        visitor.press("Delete this and analyse another film")
        assert [visitor.status_of(url) for url in own] == [404] * len(own)
        assert not list(server.folder.rglob(f"*{job_id}*"))
        second.read_on(2)
        late = Visitor(server.address, query=f"job={job_id}")
        for each in (second, late):
            assert "has been deleted" in " ".join(each.texts)
        assert kind_of(bystander) == "none"
        for each in (visitor, second, bystander, late):
            each.close()


def test_nothing_of_a_visitor_is_logged(server: Server) -> None:
    """No name of a file, no id of a job, no session, no verdict."""
    visitor = analysed(server, "wink")
    log = server.log()
    assert '"outcome": "done"' in log
    for hidden in ("holiday-canary", visitor.job_id, "scene:", "tucks under"):
        assert hidden not in log
    visitor.close()


def test_a_server_stopped_in_the_middle(tmp_path: Path) -> None:
    """SIGTERM: the children end, and the next server finds the job at its link."""
    with Server(["tests.browser.play"], tmp_path, grace_s=0) as first:
        visitor = Visitor(first.address)
        visitor.upload("x.mp4", b"scene: hang")
        assert visitor.is_waiting
        job_id = visitor.job_id
        visitor.close()
    left = subprocess.run(["pgrep", "-f", str(tmp_path)], check=False, capture_output=True)
    assert left.stdout == b""
    with Server(["tests.browser.play"], tmp_path) as second:
        back = Visitor(second.address, query=f"job={job_id}")
        assert "started again in the middle" in " ".join(back.texts)
        back.close()
