"""Fetch and build the pose model, once per machine.

The mediapipe wheel that the app runs on holds no model, but an older wheel of
the same project (Apache-2.0) holds the two bare networks. It is taken from the
package index by pip, so that whatever index, mirror or proxy the installation
used serves here too, and `analysis.bundle` makes a Tasks bundle of them.
Everything is checked against pinned sizes and SHA-256 sums on the way.
"""

import contextlib
import ctypes
import hashlib
import importlib
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from analysis.bundle import DETECTOR_MEMBER, LANDMARKS_MEMBER, build_bundle
from analysis.errors import MissingPartError

MODEL_ENV: Final = "TWO_BOWLS_MODEL"

# The bundle as `build_bundle` makes it with flatbuffers 25.12.19; older ones lay
# out the same content in other bytes.
BUNDLE_SHA256: Final = "962c6e3c3e37c0831d93a1e6f5705630404dfc33326bc8a943784d9562eb13d4"

# pip waits this long for one answer, and this long in all (35 MB at 1 Mbit/s
# take five minutes).
_PIP_ANSWER_S: Final = 30
_PIP_TOTAL_S: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A file that is taken as it is or not at all.

    Parameters
    ----------
    name : str
        Of a wheel, or of a member in it.
    size_bytes : int
    sha256 : str
    """

    name: str
    size_bytes: int
    sha256: str

    def check(self, content: bytes) -> bytes:
        """Return the content, or raise MissingPartError if it is another."""
        if len(content) != self.size_bytes or _sha256(content) != self.sha256:
            raise _wrong_model()
        return content


_REQUIREMENT: Final = "mediapipe==0.10.21"
# One wheel for every machine: only the two networks are taken out of it.
_WHEEL_TAGS: Final = (
    "--implementation=cp",
    "--python-version=3.11",
    "--abi=cp311",
    "--platform=manylinux_2_28_x86_64",
)
WHEEL: Final = Part(
    name="mediapipe-0.10.21-cp311-cp311-manylinux_2_28_x86_64.whl",
    size_bytes=35_622_638,
    sha256="05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3",
)
DETECTOR_PART: Final = Part(
    name="mediapipe/modules/pose_detection/pose_detection.tflite",
    size_bytes=2_959_046,
    sha256="9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
)
LANDMARKS_PART: Final = Part(
    name="mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
    size_bytes=6_440_512,
    sha256="e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _wrong_model() -> MissingPartError:
    return MissingPartError(
        "model_checksum",
        "The pose model that was fetched or built is not the expected one: run "
        f"`pip install -r requirements.txt` and then `python -m analysis model`, or set {MODEL_ENV}"
        " to a ready .task file.",
    )


def _cannot_fetch() -> MissingPartError:
    return MissingPartError(
        "model_no_network",
        "The pose model is not on this machine and could not be fetched: run "
        f"`python -m analysis model` once with a network, or set {MODEL_ENV} to a ready .task "
        "file.",
    )


def model_sha256(path: Path) -> str:
    """Return the SHA-256 of a model file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cache_folder() -> Path:
    """Return the folder in which the model is kept; it may not exist yet."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification says that relative paths are to be ignored.
    if Path(base).is_absolute():
        return Path(base) / "two-bowls"
    try:
        return Path.home() / ".cache" / "two-bowls"
    except RuntimeError:  # a container whose user has no home
        return Path(tempfile.gettempdir()) / "two-bowls"


def ensure_model() -> Path:
    """Return the path of the pose bundle, fetching and building it if needed.

    Returns
    -------
    Path
        A complete bundle: the one that ``TWO_BOWLS_MODEL`` names, or the one
        in the cache folder, whose checksum is looked at every time.

    Raises
    ------
    MissingPartError
        With the reason ``model_env``, ``model_no_network``,
        ``model_checksum`` or ``model_folder``.

    Notes
    -----
    Safe to be called by several processes at once: the second waits for the
    first and takes what it built. The file appears whole or not at all.
    """
    named = os.environ.get(MODEL_ENV)
    if named:
        return _named_model(Path(named).expanduser())
    path = cache_folder() / "pose_full.task"
    if _is_intact(path):
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _only_one(path.with_suffix(".lock")):
            # Another process may have built it while this one waited.
            if not _is_intact(path):
                _write_whole(path, _fetch_and_build())
    except OSError as error:
        raise MissingPartError(
            "model_folder",
            f"The pose model could not be kept in {path.parent}: make that folder writable, or set "
            f"{MODEL_ENV} to a ready .task file.",
        ) from error
    return path


def _named_model(path: Path) -> Path:
    """Look whether the file that the environment names is a pose bundle."""
    try:
        with zipfile.ZipFile(path) as bundle:
            is_pose = {DETECTOR_MEMBER, LANDMARKS_MEMBER} <= set(bundle.namelist())
    except (OSError, zipfile.BadZipFile):
        is_pose = False
    if not is_pose:
        raise MissingPartError("model_env", f"{MODEL_ENV} does not name a readable pose model.")
    return path


def _is_intact(path: Path) -> bool:
    try:
        return model_sha256(path) == BUNDLE_SHA256
    except OSError:
        return False


@contextlib.contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Let one process at a time into the block; the others wait."""
    with path.open("wb") as lock:
        if sys.platform != "win32":
            import fcntl

            # Given back by the system when the file closes, even after a crash.
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it."""
    # In the same folder: a rename is atomic only within one file system.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _fetch_and_build() -> bytes:
    """Download the wheel, take the networks out and make the bundle."""
    with tempfile.TemporaryDirectory(prefix="two-bowls-") as folder:
        _download(Path(folder))
        wheel = Path(folder, WHEEL.name)
        if not wheel.is_file() or wheel.stat().st_size != WHEEL.size_bytes:
            raise _wrong_model()
        if model_sha256(wheel) != WHEEL.sha256:
            raise _wrong_model()
        with zipfile.ZipFile(wheel) as archive:
            detector = DETECTOR_PART.check(archive.read(DETECTOR_PART.name))
            landmarks = LANDMARKS_PART.check(archive.read(LANDMARKS_PART.name))
    bundle = build_bundle(detector=detector, landmarks=landmarks)
    if _sha256(bundle) != BUNDLE_SHA256:
        raise _wrong_model()
    return bundle


def _download(folder: Path) -> None:
    """Let pip put the one wheel into a folder."""
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-input"),
        *("--disable-pip-version-check", "--no-deps", "--only-binary=:all:"),
        *(f"--timeout={_PIP_ANSWER_S}", "--retries=2", f"--dest={folder}"),
        *_WHEEL_TAGS,
        _REQUIREMENT,
    ]
    try:
        subprocess.run(
            command,
            check=True,
            stdin=subprocess.DEVNULL,
            # What pip has to say is many lines; the user gets one.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PIP_TOTAL_S,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise _cannot_fetch() from error


def require_libraries() -> None:
    """Load the native parts of OpenCV and mediapipe, or say what is missing.

    Raises
    ------
    MissingPartError
        Reason ``library``, with the name of the library and the command that
        installs the system packages of ``packages.txt``.

    Notes
    -----
    mediapipe itself is not imported: it loads its shared object only when the
    first landmarker is made, far from any place that could explain the error.
    """
    try:
        importlib.import_module("cv2")
        package = importlib.util.find_spec("mediapipe")
        if package is None or not package.submodule_search_locations:
            raise ImportError("No module named 'mediapipe'")
        folder = Path(package.submodule_search_locations[0], "tasks", "c")
        for shared in sorted(folder.glob("libmediapipe.*")):
            ctypes.CDLL(str(shared))
    except (ImportError, OSError) as error:
        raise missing_library(error) from error


def missing_library(error: ImportError | OSError) -> MissingPartError:
    """Turn the loader's complaint into one line that says what to install."""
    named = re.search(r"(lib[\w.+-]+\.so[\w.]*): cannot open shared object", str(error))
    if named is None:
        return MissingPartError(
            "library",
            f"A part of the app is missing ({error}): run `pip install -r requirements.txt`.",
        )
    return MissingPartError(
        "library",
        f"The system library {named[1]} is missing: run "
        f"`sudo apt-get install {' '.join(_system_packages())}`.",
    )


def _system_packages() -> list[str]:
    """Read the packages.txt that Streamlit Community Cloud installs from."""
    try:
        return (Path(__file__).parent.parent / "packages.txt").read_text("utf-8").split()
    except OSError:
        return ["libgl1", "libglib2.0-0", "libegl1", "libgles2"]
