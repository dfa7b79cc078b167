"""The command line: exit codes, one line of complaint, files, progress."""

import csv
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis import cli, model
from analysis.errors import MissingPartError
from analysis.firstlook import FirstLook
from analysis.video import FilmReader
from tests.stick import Lifter, StickModel, squats, write_film
from tests.test_report import check_contract, read_strictly

PROJECT = Path(__file__).parent.parent
LIFTER = Lifter(depth=squats([0.8]))
Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a film of three seconds and a half."""
    return write_film(tmp_path_factory.mktemp("film") / "clip.mp4", duration_s=3.5)


@pytest.fixture
def lifters(monkeypatch: pytest.MonkeyPatch) -> list[Lifter]:
    """Put a made-up model in the place of the real one; the list is who it sees."""
    seen = [LIFTER]
    monkeypatch.setattr(cli, "ensure_model", lambda: Path("made-up.task"))
    monkeypatch.setattr(cli, "MediaPipeModel", lambda path: StickModel(lifters=seen))
    return seen


def complaint(capture: Capture) -> str:
    """Return the one line on standard error; nothing may stand on standard output."""
    out, err = capture.readouterr()
    assert out == ""
    assert err.endswith("\n")
    (line,) = err.splitlines()
    assert line.strip()
    return line


def test_done(lifters: list[Lifter], film: Path, tmp_path: Path, capfd: Capture) -> None:
    """Everything asked for is written, and nothing is said."""
    names = {"report": "r.json", "csv": "r.csv", "overlay": "o.bin", "preview": "p.mp4"}
    paths = {key: tmp_path / name for key, name in names.items()}
    arguments = [str(film), "-o", str(paths["report"]), "--height-cm", "180"]
    for key in ("csv", "overlay", "preview"):
        arguments += [f"--{key}", str(paths[key])]
    assert cli.main(arguments) == 0
    assert capfd.readouterr() == ("", "")
    content = read_strictly(paths["report"])
    check_contract(content)
    assert len(content["reps"]) == 1
    assert content["scale"]["source"] == "height"
    with paths["csv"].open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with np.load(paths["overlay"]) as overlay:
        assert len(overlay["t_s"]) == len(rows) == len(content["frames"]) == 105
    with FilmReader(paths["preview"]) as reader:
        assert sum(1 for _ in reader.frames()) == 105


def test_first_look_is_there_before_the_report(
    lifters: list[Lifter], film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first picture and film check are written while the film is still looked at."""
    first, target = tmp_path / "first.json", tmp_path / "r.json"
    seen: list[float] = []
    write = cli.write_first_look

    def watched(look: FirstLook, path: Path) -> None:
        assert not target.exists()
        write(look, path)
        seen.append(json.loads(first.read_text())["seen_s"])

    monkeypatch.setattr(cli, "write_first_look", watched)
    assert cli.main([str(film), "-o", str(target), "--first", str(first)]) == 0
    assert seen == pytest.approx([0.0, 0.67, 1.67, 2.67], abs=0.05)


def test_only_the_report_is_written(lifters: list[Lifter], film: Path, tmp_path: Path) -> None:
    """What was not asked for does not appear, beside the film or anywhere near."""
    before = set(film.parent.iterdir())
    assert cli.main([str(film), "-o", str(tmp_path / "r.json")]) == 0
    assert [p.name for p in tmp_path.iterdir()] == ["r.json"]
    assert set(film.parent.iterdir()) == before


def test_progress_is_json_lines(
    lifters: list[Lifter], film: Path, tmp_path: Path, capfd: Capture
) -> None:
    """One JSON object a line, growing, from open to write, not a line for every frame."""
    assert cli.main([str(film), "-o", str(tmp_path / "r.json"), "--progress"]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    lines = [json.loads(line) for line in out.splitlines()]
    assert all(list(line) == ["stage", "done", "left_s"] for line in lines)
    done = [line["done"] for line in lines]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, 1)
    assert list(dict.fromkeys(line["stage"] for line in lines)) == [
        "open",
        "look",
        "measure",
        "write",
    ]
    assert len(lines) < 110


@pytest.mark.parametrize(
    ("people", "reason"),
    [
        pytest.param([], "no_person", id="nobody"),
        pytest.param([replace(LIFTER, yaw_deg=88.0)], "front_view", id="front"),
        pytest.param([replace(LIFTER, depth=squats([]))], "no_squat", id="no-squat"),
    ],
)
def test_nothing_usable(
    lifters: list[Lifter],
    film: Path,
    tmp_path: Path,
    capfd: Capture,
    people: list[Lifter],
    reason: str,
) -> None:
    """Exit 3, one line, and the report is written all the same, with the reason."""
    lifters[:] = people
    target = tmp_path / "r.json"
    assert cli.main([str(film), "-o", str(target), "--csv", str(tmp_path / "r.csv")]) == 3
    line = complaint(capfd)
    content = read_strictly(target)
    check_contract(content)
    assert content["reps"] == []
    assert content["warnings"][0] == {"id": reason, "text": line}
    assert (tmp_path / "r.csv").is_file()


def test_person(lifters: list[Lifter], film: Path, tmp_path: Path, capfd: Capture) -> None:
    """People are counted from 1 at the left; a number too many is exit 3."""
    lifters[:] = [
        replace(LIFTER, ankle_px=(130, 400), height_px=280),
        replace(LIFTER, ankle_px=(350, 400), side="left", thigh_deg=10.0),
    ]
    target = tmp_path / "r.json"
    sides = []
    for number in ("1", "2"):
        assert cli.main([str(film), "-o", str(target), "--person", number]) == 0
        sides.append(read_strictly(target)["view"]["side"])
    assert sides == ["right", "left"]
    assert capfd.readouterr().err == ""
    assert cli.main([str(film), "-o", str(target), "--person", "3"]) == 3
    assert "number 3" in complaint(capfd)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("notes.mp4", b"These are my notes on squats.\n" * 50, id="text"),
        pytest.param("empty.mp4", b"", id="empty"),
        pytest.param("zeros.mov", bytes(5000), id="zeros"),
    ],
)
def test_unreadable(
    lifters: list[Lifter], tmp_path: Path, capfd: Capture, name: str, content: bytes
) -> None:
    """Exit 2, one line, and no report."""
    (tmp_path / name).write_bytes(content)
    target = tmp_path / "r.json"
    assert cli.main([str(tmp_path / name), "-o", str(target)]) == 2
    complaint(capfd)
    assert not target.exists()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        pytest.param([], "CLIP", id="nothing"),
        pytest.param(["CLIP"], "-o", id="no-output"),
        pytest.param(["CLIP", "-o"], "-o", id="output-without-name"),
        pytest.param(["-o", "r.json"], "CLIP", id="no-clip"),
        pytest.param(["CLIP", "-o", "r.json", "--fast"], "--fast", id="unknown"),
        pytest.param(["CLIP", "other.mp4", "-o", "r.json"], "other.mp4", id="two-clips"),
        pytest.param(["CLIP", "-o", "r.json", "--height-cm", "tall"], "100 and 250", id="tall"),
        pytest.param(["CLIP", "-o", "r.json", "--height-cm", "nan"], "100 and 250", id="nan"),
        pytest.param(["CLIP", "-o", "r.json", "--height-cm", "5.9"], "100 and 250", id="feet"),
        pytest.param(["CLIP", "-o", "r.json", "--person", "0"], "from 1", id="person-0"),
        pytest.param(["CLIP", "-o", "r.json", "--person", "me"], "from 1", id="person-word"),
        pytest.param(["model", "now"], "now", id="model-with-word"),
        pytest.param(["missing.mp4", "-o", "r.json"], "missing.mp4", id="no-such-file"),
        pytest.param(["FOLDER", "-o", "r.json"], "There is no file", id="folder"),
        pytest.param(["CLIP", "-o", "FOLDER"], "written", id="output-is-a-folder"),
        pytest.param(["CLIP", "-o", "FOLDER/no/r.json"], "written", id="output-nowhere"),
        pytest.param(["CLIP", "-o", "r.json", "--csv", "no/r.csv"], "written", id="csv-nowhere"),
    ],
)
def test_wrong_arguments(
    lifters: list[Lifter],
    film: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: Capture,
    arguments: list[str],
    word: str,
) -> None:
    """Exit 2 and one line that names what is wrong, before any work is done."""
    monkeypatch.chdir(tmp_path)
    words = {"CLIP": str(film), "FOLDER": str(tmp_path)}
    filled = [words.get(a, a.replace("FOLDER", str(tmp_path))) for a in arguments]
    assert cli.main(filled) == 2
    assert word in complaint(capfd)
    assert not Path("r.json").exists()


def test_first_word_that_is_no_command_is_a_clip(
    lifters: list[Lifter],
    film: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: Capture,
) -> None:
    """Also one that looks like a command."""
    monkeypatch.chdir(tmp_path)
    Path("models").write_bytes(film.read_bytes())
    assert cli.main(["models", "-o", "r.json"]) == 0
    assert len(read_strictly(Path("r.json"))["reps"]) == 1
    assert cli.main(["squash", "-o", "r.json"]) == 2
    assert "no file squash" in complaint(capfd)


def test_model_prints_its_path(monkeypatch: pytest.MonkeyPatch, capfd: Capture) -> None:
    """One line, so that scripts can take it."""
    monkeypatch.setattr(cli, "ensure_model", lambda: Path("some/where.task"))
    assert cli.main(["model"]) == 0
    assert capfd.readouterr() == (f"{Path('some/where.task')}\n", "")


@pytest.mark.parametrize("arguments", [["model"], ["CLIP", "-o", "r.json"]])
def test_missing_part(
    film: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: Capture,
    arguments: list[str],
) -> None:
    """Exit 4 and one line that says what to do."""

    def missing() -> Path:
        raise MissingPartError("model_no_network", "The pose model is not on this machine.")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "ensure_model", missing)
    assert cli.main([str(film) if a == "CLIP" else a for a in arguments]) == 4
    assert complaint(capfd) == "The pose model is not on this machine."
    assert not Path("r.json").exists()


def test_native_chatter_is_dropped(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
) -> None:
    """What libraries write past Python is not in the way of the one line."""

    class Chatterbox(StickModel):
        def open(self, **options: object) -> object:
            os.write(2, b"I0000 00:00:00 graph started\n")
            return super().open(**options)  # type: ignore[arg-type]

    monkeypatch.setattr(cli, "ensure_model", lambda: Path("made-up.task"))
    monkeypatch.setattr(cli, "MediaPipeModel", lambda path: Chatterbox(lifters=[]))
    assert cli.main([str(film), "-o", str(tmp_path / "r.json")]) == 3
    assert "Nobody" in complaint(capfd)


def test_help_is_no_error(capfd: Capture) -> None:
    """The help goes to standard output."""
    with pytest.raises(SystemExit) as caught:
        cli.main(["--help"])
    assert caught.value.code == 0
    assert "--height-cm" in capfd.readouterr().out


@pytest.fixture
def hollow_model(tmp_path: Path) -> Path:
    """Make a file that passes for a pose bundle until somebody opens it."""
    path = tmp_path / "hollow.task"
    with zipfile.ZipFile(path, "w") as bundle:
        for name in (model.DETECTOR_MEMBER, model.LANDMARKS_MEMBER):
            bundle.writestr(name, b"")
    return path


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(b"These are my notes on squats.\n" * 50, "notes.txt", id="text"),
        pytest.param(b"", "empty.mp4", id="empty"),
    ],
)
def test_as_a_process(tmp_path: Path, hollow_model: Path, content: bytes, name: str) -> None:
    """The real thing: ``python -m analysis`` on what is no film."""
    clip, target = tmp_path / name, tmp_path / "r.json"
    clip.write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-m", "analysis", str(clip), "-o", str(target)],
        cwd=PROJECT,
        env=os.environ | {model.MODEL_ENV: str(hollow_model)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not target.exists()
