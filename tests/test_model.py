"""Fetching, building and keeping the pose model."""

import hashlib
import multiprocessing
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from analysis import model
from analysis.bundle import DETECTOR_MEMBER, LANDMARKS_MEMBER, build_bundle
from analysis.errors import MissingPartError

BUNDLE = b"the bundle"


def part(name: str, content: bytes) -> model.Part:
    """Pin a content."""
    digest = hashlib.sha256(content).hexdigest()
    return model.Part(name=name, size_bytes=len(content), sha256=digest)


class FakePip:
    """Stands in for pip: puts a made-up wheel where the real one would go."""

    def __init__(self, wheel: bytes) -> None:
        self.wheel = wheel
        self.commands: list[Sequence[str]] = []

    def __call__(
        self, command: Sequence[str], **options: object
    ) -> subprocess.CompletedProcess[bytes]:
        """Do what ``subprocess.run`` is called for."""
        self.commands.append(command)
        folder = next(word for word in command if word.startswith("--dest="))
        Path(folder.removeprefix("--dest="), model.WHEEL.name).write_bytes(self.wheel)
        return subprocess.CompletedProcess(command, 0)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use an empty cache folder and no named model."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv(model.MODEL_ENV, raising=False)
    return tmp_path / "two-bowls"


@pytest.fixture
def fake_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakePip:
    """Pin a small made-up wheel and bundle, and serve the wheel."""
    path = tmp_path / "made-up.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(model.DETECTOR_PART.name, b"detector")
        archive.writestr(model.LANDMARKS_PART.name, b"landmarks")
    wheel = path.read_bytes()
    pip = FakePip(wheel)
    monkeypatch.setattr(model, "WHEEL", part(model.WHEEL.name, wheel))
    monkeypatch.setattr(model, "DETECTOR_PART", part(model.DETECTOR_PART.name, b"detector"))
    monkeypatch.setattr(model, "LANDMARKS_PART", part(model.LANDMARKS_PART.name, b"landmarks"))
    monkeypatch.setattr(model, "BUNDLE_SHA256", hashlib.sha256(BUNDLE).hexdigest())
    monkeypatch.setattr(model, "build_bundle", lambda *, detector, landmarks: BUNDLE)
    monkeypatch.setattr(subprocess, "run", pip)
    return pip


def reason_of(call: Callable[[], object]) -> str:
    """Call what must fail; return the reason, check that it is one line."""
    with pytest.raises(MissingPartError) as caught:
        call()
    assert "\n" not in caught.value.text
    assert caught.value.text.endswith(".")
    assert caught.value.exit_code == 4
    return caught.value.reason


def test_builds_once_and_keeps_it(cache: Path, fake_pip: FakePip) -> None:
    """The first call fetches, the second takes what is there."""
    path = model.ensure_model()
    assert path == cache / "pose_full.task"
    assert path.read_bytes() == BUNDLE
    assert model.ensure_model() == path
    assert len(fake_pip.commands) == 1
    assert sorted(p.name for p in cache.iterdir()) == ["pose_full.lock", "pose_full.task"]


def test_asks_pip_for_one_wheel_without_dependencies(cache: Path, fake_pip: FakePip) -> None:
    """Pip of this Python, by name and version, and nothing that runs code."""
    model.ensure_model()
    command = fake_pip.commands[0]
    assert list(command[:4]) == [sys.executable, "-m", "pip", "download"]
    assert {"--no-deps", "--only-binary=:all:", "mediapipe==0.10.21"} <= set(command)


@pytest.mark.parametrize("damaged", [b"", BUNDLE[:4], b"x" + BUNDLE[1:]])
def test_a_damaged_copy_is_rebuilt(cache: Path, fake_pip: FakePip, damaged: bytes) -> None:
    """Half a file or a flipped byte in the cache is noticed."""
    cache.mkdir()
    (cache / "pose_full.task").write_bytes(damaged)
    assert model.ensure_model().read_bytes() == BUNDLE
    assert len(fake_pip.commands) == 1


@pytest.mark.parametrize("wrong", ["size", "content", "detector", "landmarks", "bundle"])
def test_every_checksum_counts(
    cache: Path, fake_pip: FakePip, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    """A change anywhere on the way is refused, and nothing is kept."""
    wheel = fake_pip.wheel
    if wrong == "size":
        fake_pip.wheel = wheel + b"\0"
    elif wrong == "content":
        fake_pip.wheel = wheel[:-1] + b"\1"
    elif wrong == "detector":
        monkeypatch.setattr(model, "DETECTOR_PART", part(model.DETECTOR_PART.name, b"detectoR"))
    elif wrong == "landmarks":
        monkeypatch.setattr(model, "LANDMARKS_PART", part(model.LANDMARKS_PART.name, b"landmark"))
    else:
        monkeypatch.setattr(model, "build_bundle", lambda *, detector, landmarks: b"another")
    assert reason_of(model.ensure_model) == "model_checksum"
    assert not (cache / "pose_full.task").exists()
    assert not list(cache.glob("*.part"))


@pytest.mark.parametrize(
    "failure",
    [
        subprocess.CalledProcessError(1, "pip"),
        subprocess.TimeoutExpired("pip", 600),
        FileNotFoundError("no python"),
    ],
    ids=["pip-fails", "pip-hangs", "no-pip"],
)
def test_without_a_network_one_line_says_what_to_do(
    cache: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    """However pip fails, the lifter hears of the command and the variable."""

    def run(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(subprocess, "run", run)
    assert reason_of(model.ensure_model) == "model_no_network"
    with pytest.raises(MissingPartError, match=r"python -m analysis model.*TWO_BOWLS_MODEL"):
        model.ensure_model()


def test_real_pip_without_an_index_says_the_same(
    cache: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The real pip, told to use no index, fails quietly."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    assert reason_of(model.ensure_model) == "model_no_network"
    assert capfd.readouterr() == ("", "")


def test_a_cache_that_cannot_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake_pip: FakePip
) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "taken").write_text("a file")
    monkeypatch.delenv(model.MODEL_ENV, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "taken"))
    assert reason_of(model.ensure_model) == "model_folder"


class TestNamedModel:
    """``TWO_BOWLS_MODEL`` names a bundle."""

    def test_it_is_taken(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A bundle of any origin, without a look at the cache or the network."""
        path = tmp_path / "mine.task"
        with zipfile.ZipFile(path, "w") as bundle:
            bundle.writestr(DETECTOR_MEMBER, b"")
            bundle.writestr(LANDMARKS_MEMBER, b"")
        monkeypatch.setenv(model.MODEL_ENV, str(path))
        monkeypatch.setattr(subprocess, "run", None)
        assert model.ensure_model() == path

    @pytest.mark.parametrize("content", [None, b"", b"no zip", "other-zip"])
    def test_what_is_no_bundle_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | str | None
    ) -> None:
        """Missing, empty, another kind of file, or a zip of other things."""
        path = tmp_path / "mine.task"
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif content is not None:
            with zipfile.ZipFile(path, "w") as bundle:
                bundle.writestr(DETECTOR_MEMBER, b"")
        monkeypatch.setenv(model.MODEL_ENV, str(path))
        assert reason_of(model.ensure_model) == "model_env"


def test_the_cache_folder_follows_the_standard(monkeypatch: pytest.MonkeyPatch) -> None:
    """XDG_CACHE_HOME, unless it is relative; else the home folder."""
    monkeypatch.setenv("HOME", "/home/lifter")
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache/x")
    assert model.cache_folder() == Path("/var/cache/x/two-bowls")
    for unusable in ("", "relative/folder"):
        monkeypatch.setenv("XDG_CACHE_HOME", unusable)
        assert model.cache_folder() == Path("/home/lifter/.cache/two-bowls")


def _ensure_slowly(log: Path, start: float) -> None:
    """Run in a child: build with a delay, and write down that it was built."""

    def fetch() -> bytes:
        with log.open("a") as file:
            file.write("built\n")
        time.sleep(0.5)
        return BUNDLE

    model._fetch_and_build = fetch
    model.BUNDLE_SHA256 = hashlib.sha256(BUNDLE).hexdigest()
    time.sleep(max(0.0, start - time.time()))
    assert model.ensure_model().read_bytes() == BUNDLE


def test_of_two_processes_one_builds(cache: Path, tmp_path: Path) -> None:
    """Both end with the whole file; the second waited instead of fetching."""
    log = tmp_path / "log.txt"
    context = multiprocessing.get_context("spawn")
    start = time.time() + 1.5  # both are up by then
    children = [context.Process(target=_ensure_slowly, args=(log, start)) for _ in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join(timeout=60)
    assert [child.exitcode for child in children] == [0, 0]
    assert log.read_text() == "built\n"
    assert not list(cache.glob("*.part"))


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (
            ImportError("libGL.so.1: cannot open shared object file: No such file or directory"),
            "libGL.so.1",
        ),
        (OSError("libEGL.so.1: cannot open shared object file: No such file"), "libEGL.so.1"),
    ],
    ids=["opencv", "mediapipe"],
)
def test_a_missing_system_library_is_named(error: ImportError | OSError, named: str) -> None:
    """The line names the library and the packages of packages.txt."""
    found = model.missing_library(error)
    assert found.reason == "library"
    assert named in found.text
    packages = (Path(model.__file__).parents[1] / "packages.txt").read_text().split()
    assert packages
    assert all(package in found.text for package in packages)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without mediapipe installed, pip is the way on and not apt."""
    monkeypatch.setattr(model.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingPartError, match=r"'mediapipe'.*requirements\.txt"):
        model.require_libraries()


def test_libraries_are_loaded_for_real(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loader's own complaint about a shared object reaches the lifter."""
    model.require_libraries()

    def cannot_load(path: str) -> None:
        raise OSError("libGLESv2.so.2: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(model.ctypes, "CDLL", cannot_load)
    with pytest.raises(MissingPartError, match=r"libGLESv2\.so\.2.*apt-get install"):
        model.require_libraries()


@pytest.mark.model
def test_the_real_bundle_is_what_is_pinned(pose_model: Path) -> None:
    """Two stored networks, the detector untouched, each described once."""
    assert model.model_sha256(pose_model) == model.BUNDLE_SHA256
    with zipfile.ZipFile(pose_model) as bundle:
        assert bundle.namelist() == [DETECTOR_MEMBER, LANDMARKS_MEMBER]
        # Uncompressed: the landmarker maps the members where they lie.
        assert {info.compress_type for info in bundle.infolist()} == {zipfile.ZIP_STORED}
        model.DETECTOR_PART.check(bundle.read(DETECTOR_MEMBER))
        for member in bundle.namelist():
            content = bundle.read(member)
            assert content[4:8] == b"TFL3"
            assert content.count(b"TFLITE_METADATA") == 1
            assert content.count(b"M001") == 1


@pytest.mark.model
def test_the_real_model_finds_the_lifter(pose_model: Path) -> None:
    """On the sample the joints lie where the rendered skeleton has them."""
    model.require_libraries()
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

    from analysis.video import FilmReader

    sample = Path(model.__file__).parent / "data" / "sample.mp4"
    with FilmReader(sample) as film:
        rgb = next(film.frames()).rgb()
    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_buffer=pose_model.read_bytes()),
        output_segmentation_masks=True,
    )
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        found = landmarker.detect(mp.Image(image_format=mp.ImageFormat.SRGB, data=rgb))
    assert len(found.pose_landmarks) == 1
    height_px, width_px, _ = rgb.shape
    joints_px = [
        (mark.x * width_px, mark.y * height_px)
        for mark in (found.pose_landmarks[0][index] for index in (24, 26, 28))
    ]
    # Hip, knee and ankle on the right, of the rendered skeleton at time 0.
    truth_px = [(325.8, 490.5), (314.8, 607.4), (321.7, 742.5)]
    np.testing.assert_allclose(joints_px, truth_px, atol=30)
    assert found.segmentation_masks[0].numpy_view().shape[:2] == (height_px, width_px)


def test_a_bundle_of_rubbish_is_not_built() -> None:
    """What is no TFLite file fails loudly instead of making a bundle."""
    with pytest.raises(Exception, match=r".+"):
        build_bundle(detector=b"\xff" * 64, landmarks=b"\xff" * 64)
