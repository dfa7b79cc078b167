"""One squat filmed in other ways gives one result: the real model and the real networks."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.estimator import WEIGHTS, load_estimator
from analysis.pipeline import analyse
from analysis.pose import MediaPipeModel
from tests.clips import TICK

pytestmark = pytest.mark.model

SAMPLE = Path(__file__).parent.parent / "analysis" / "data" / "sample.mp4"
SAMPLE_FPS = 30.0
Picture = NDArray[np.uint8]
Report = dict[str, Any]


def pictures() -> Iterator[tuple[float, Picture]]:
    """Yield time in seconds and RGB picture of each frame of the sample."""
    with av.open(str(SAMPLE)) as film:
        for frame in film.decode(video=0):
            assert frame.time is not None
            yield frame.time, np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)


def at_rate(fps: float) -> Callable[[float], list[float]]:
    """Say at which times a frame of the sample is shown in a film of another rate.

    The picture of a time is the latest one that the sample has: at a higher rate
    pictures are shown twice, as a phone does that is short of light.
    """

    def times_of(time_s: float) -> list[float]:
        first = np.ceil(round(time_s * fps, 6))
        last = np.ceil(round((time_s + 1 / SAMPLE_FPS) * fps, 6))
        return [float(k / fps) for k in np.arange(first, last)]

    return times_of


def write(
    path: Path,
    change: Callable[[Picture], Picture] = lambda rgb: rgb,
    times_of: Callable[[float], list[float]] = lambda time_s: [time_s],
    rotation_deg: int = 0,
) -> Path:
    """Write the sample again, with pictures changed, at other times or marked as turned."""
    with av.open(str(path), "w") as film:
        # One thread: with others x264 makes another film.
        stream = film.add_stream("libx264", rate=60, options={"crf": "16", "threads": "1"})
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = stream.time_base = TICK
        if rotation_deg:
            stream.set_display_rotation(rotation_deg)
        for k, (time_s, rgb) in enumerate(pictures()):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(change(rgb)), format="rgb24")
            if k == 0:
                stream.width, stream.height = picture.width, picture.height
            for shown_s in times_of(time_s):
                picture.pts, picture.time_base = round(Fraction(shown_s) / TICK), TICK
                film.mux(stream.encode(picture))
        film.mux(stream.encode(None))
    return path


def half(rgb: Picture) -> Picture:
    """Average squares of four pixels."""
    high, wide = rgb.shape[0] // 4 * 4, rgb.shape[1] // 4 * 4
    squares = rgb[:high, :wide].reshape(high // 2, 2, wide // 2, 2, 3)
    return np.asarray(squares.mean(axis=(1, 3)).round(), dtype=np.uint8)


@pytest.fixture(scope="module")
def report_of(pose_model: Path) -> Callable[[Path], Report]:
    """Return the analysis of a film as its report is written."""

    def run(film: Path) -> Report:
        result = analyse(
            film,
            model=MediaPipeModel(pose_model),
            estimator=load_estimator(WEIGHTS),
            height_cm=175.0,
        )
        assert result.problem is None
        return result.report.as_json()

    return run


@pytest.fixture(scope="module")
def as_filmed(
    report_of: Callable[[Path], Report], tmp_path_factory: pytest.TempPathFactory
) -> Report:
    """Analyse the sample, encoded the same way as what it is compared with."""
    return report_of(write(tmp_path_factory.mktemp("film") / "plain.mp4"))


@pytest.mark.parametrize(
    ("changes", "side", "slower_fps"),
    [
        pytest.param({"change": lambda rgb: rgb[:, ::-1]}, "right", SAMPLE_FPS, id="mirrored"),
        pytest.param({"change": half}, "left", SAMPLE_FPS, id="half-size"),
        pytest.param({"times_of": at_rate(15)}, "left", 15.0, id="15-fps"),
        pytest.param({"times_of": at_rate(24)}, "left", 24.0, id="24-fps"),
        pytest.param({"times_of": at_rate(60)}, "left", SAMPLE_FPS, id="60-fps"),
        pytest.param(
            {"change": lambda rgb: np.rot90(rgb, -1), "rotation_deg": 90},
            "left",
            SAMPLE_FPS,
            id="turned",
        ),
    ],
)
def test_same_squat_same_result(
    as_filmed: Report,
    report_of: Callable[[Path], Report],
    tmp_path: Path,
    changes: dict[str, Any],
    side: str,
    slower_fps: float,
) -> None:
    """Kinds are the same, onsets within a frame of the slower film, releases within 0.1 s.

    The pose model looks every 0.07 s, and coding the film anew moves a release by that.
    """
    frame_s, look_s = 1 / slower_fps, 0.1
    other = report_of(write(tmp_path / "other.mp4", **changes))
    assert as_filmed["view"]["side"] == "left"
    assert other["view"]["side"] == side
    assert other["summary"]["kind"] == as_filmed["summary"]["kind"] == "wink"
    assert len(other["reps"]) == len(as_filmed["reps"]) == 2
    for rep, same in zip(other["reps"], as_filmed["reps"], strict=True):
        wink, same_wink = rep["wink"], same["wink"]
        assert wink["kind"] == same_wink["kind"]
        assert wink["onset_s"] == pytest.approx(same_wink["onset_s"], abs=frame_s)
        assert wink["release_s"] == pytest.approx(same_wink["release_s"], abs=look_s)
        assert rep["depth_deg"] == pytest.approx(same["depth_deg"], abs=2.0)
        assert rep["max_ankle_deg"] == pytest.approx(same["max_ankle_deg"], abs=2.0)
