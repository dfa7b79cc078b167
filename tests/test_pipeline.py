"""The whole way from a film to a report, with a made-up lifter and with the real model."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis import measure, pipeline
from analysis.backlook import BackLooks
from analysis.estimator import load_estimator
from analysis.lumbar import Lumbar
from analysis.pipeline import Analysis, Progress, analyse
from analysis.pose import Landmark, MediaPipeModel
from analysis.video import FilmReader
from tests.backs import MadeUpBackNetwork
from tests.clips import even_times
from tests.legs import MadeUpNetwork
from tests.stick import SHANK, Lifter, NoCorrection, StickModel, squats, write_film
from tests.test_report import check_contract

SAMPLE = Path(__file__).parent.parent / "analysis" / "data" / "sample.mp4"
SIZE_PX = (480, 440)
FRAME_S = 1 / 30
BOTTOMS_S = [2.1, 5.6]
LIFTER = Lifter(depth=squats([1.0, 4.5]), tuck_deg=15.0)


@pytest.fixture(scope="module", autouse=True)
def no_correction() -> Iterator[None]:
    """Take the networks out: a stick figure is nothing that they were trained on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "load_estimator", NoCorrection)
        patch.setattr(pipeline, "load_back_networks", lambda: [MadeUpBackNetwork(sd_deg=1e3)])
        yield


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a film of seven seconds and a half."""
    return write_film(tmp_path_factory.mktemp("film") / "a.mp4", duration_s=7.5, size_px=SIZE_PX)


@pytest.fixture(scope="module")
def whole(film: Path) -> Analysis:
    """Analyse a lifter who squats twice, without anything in the way."""
    return analyse(film, model=StickModel(lifters=[LIFTER]), height_cm=180.0)


def report_of(film: Path, *lifters: Lifter, **options: Any) -> dict[str, Any]:  # noqa: ANN401
    """Analyse made-up lifters and return the report as it is written."""
    result = analyse(film, model=StickModel(lifters=lifters), **options)
    content = result.report.as_json()
    check_contract(content)
    return content


def curve(content: dict[str, Any], name: str) -> NDArray[np.float64]:
    """Return a curve of a report; null becomes NaN."""
    return np.array([np.nan if f[name] is None else f[name] for f in content["frames"]])


def note_ids(content: dict[str, Any]) -> list[str]:
    """Name the warnings of a report."""
    return [note["id"] for note in content["warnings"]]


def check_refused(result: Analysis, reason: str) -> None:
    """Check the report of a film that was read and holds nothing usable."""
    assert result.problem is not None
    assert result.problem.reason == reason
    assert result.problem.exit_code == 3
    content = result.report.as_json()
    check_contract(content)
    assert content["reps"] == []
    assert content["summary"] is None
    assert content["warnings"][0] == {"id": reason, "text": result.problem.text}


def test_repetitions(whole: Analysis) -> None:
    """As many as there are, each bottom within a frame, depth within two degrees."""
    content = whole.report.as_json()
    check_contract(content)
    assert whole.problem is None
    assert [r["bottom_s"] for r in content["reps"]] == pytest.approx(BOTTOMS_S, abs=FRAME_S)
    for rep, start_s in zip(content["reps"], (1.0, 4.5), strict=True):
        assert rep["depth_deg"] == pytest.approx(LIFTER.thigh_deg, abs=2)
        assert rep["max_ankle_deg"] == pytest.approx(LIFTER.ankle_deg, abs=2)
        assert not rep["partial"]
        assert not rep["heel_rise"]
        assert rep["standing_s"] <= rep["start_s"]
        assert start_s <= rep["start_s"] < start_s + 0.5


def test_curves_are_those_of_the_lifter(whole: Analysis) -> None:
    """Every frame is there, at its time, with its angles."""
    content = whole.report.as_json()
    times_s = curve(content, "t")
    np.testing.assert_allclose(times_s, even_times(225, fps=30), atol=1e-3)
    for name in ("thigh", "ankle", "trunk"):
        truth = [getattr(LIFTER, f"{name}_at")(t) for t in times_s]
        np.testing.assert_allclose(curve(content, f"{name}_deg"), truth, atol=0.5)
    assert (curve(content, "confidence") > 0.9).all()


def test_view_scale_and_standing(whole: Analysis) -> None:
    """The rest of what is known about the film."""
    content = whole.report.as_json()
    assert content["view"]["side"] == "right"
    assert content["view"]["use"] == "good"
    assert content["view"]["yaw_deg"] == pytest.approx(0, abs=1)
    assert content["scale"]["cm_per_px"] == pytest.approx(180 / LIFTER.height_px, rel=0.01)
    assert content["scale"]["source"] == "height"
    assert content["clip"] == {
        "duration_s": 7.5,
        "frames_read": 225,
        "fps": 30.0,
        "width": SIZE_PX[0],
        "height": SIZE_PX[1],
        "rotation_deg": 0,
        "filmed_on": None,
    }
    assert LIFTER.depth(content["standing"]["t_s"]) < 0.2
    past = 180 * (SHANK * np.sin(np.radians(LIFTER.ankle_deg)) - 0.11)
    for rep in content["reps"]:
        assert rep["max_knee_past_toe_cm"] == pytest.approx(past, abs=0.5)
    assert content["made_with"]["pose_model_sha"] == StickModel.sha256
    assert content["warnings"] == []


def test_overlay_lies_on_the_lifter(whole: Analysis) -> None:
    """Joints and back are in pixels of the preview, the back behind the trunk."""
    overlay = whole.overlay
    assert overlay is not None
    assert overlay.size_px == SIZE_PX
    assert overlay.joints_px.shape == (225, 13, 2)
    assert overlay.back_px.shape == (225, 24, 2)
    hips = np.array([LIFTER.xy_px(t)[Landmark.HIP + 1] for t in overlay.t_s])
    np.testing.assert_allclose(overlay.joints_px[:, 4], hips, atol=1.5)
    assert np.isfinite(overlay.back_px).mean() > 0.95
    trunk_x = overlay.joints_px[:, [1, 4], 0].mean(axis=1)
    assert (np.nanmean(overlay.back_px[..., 0], axis=1) < trunk_x).all()
    assert overlay.measured == 0
    assert overlay.people_px.shape == (1, 4)


def mirror_of(lifter: Lifter) -> Lifter:
    """Put a lifter on the other side of the picture, looking the other way."""
    x, y = lifter.ankle_px
    return replace(
        lifter,
        ankle_px=(SIZE_PX[0] - x, y),
        side="left" if lifter.side == "right" else "right",
    )


def without(content: Any, *names: str) -> Any:  # noqa: ANN401
    """Leave fields out of a report, at every level."""
    if isinstance(content, dict):
        return {k: without(v, *names) for k, v in content.items() if k not in names}
    if isinstance(content, list):
        return [without(v, *names) for v in content]
    return content


def flat(content: Any) -> list[Any]:  # noqa: ANN401
    """List the values of a report in their order."""
    if isinstance(content, dict):
        return [v for value in content.values() for v in flat(value)]
    if isinstance(content, list):
        return [v for value in content for v in flat(value)]
    return [content]


@pytest.mark.parametrize("yaw_deg", [0.0, 14.0, -26.0])
def test_mirror(film: Path, yaw_deg: float) -> None:
    """The mirrored film gives the same report but for the side of the body."""

    def uneven(time_s: float) -> float:
        return 0.96 * squats([1.0])(time_s) + squats([4.5])(time_s)

    lifter = replace(LIFTER, ankle_px=(230, 400), yaw_deg=yaw_deg, heel_deg=15.0, depth=uneven)
    one = report_of(film, lifter, height_cm=180.0)
    other = report_of(film, mirror_of(lifter), height_cm=180.0)
    assert (one["view"]["side"], other["view"]["side"]) == ("right", "left")
    for a, b in zip(*(flat(without(r, "side")) for r in (one, other)), strict=True):
        if isinstance(a, float) and isinstance(b, float):
            assert a == pytest.approx(b, abs=0.01)
        else:
            assert a == b
    angles = curve(one, "thigh_deg"), curve(other, "thigh_deg")
    np.testing.assert_allclose(*angles, atol=0.01)


@dataclass
class MadeUpBack:
    """Stands in for the estimator of the lower back, with a curve of our own."""

    flexion: Callable[[float], float]
    sd_deg: float = 2.0

    def __call__(self, time_s: NDArray[np.float64], *args: object, **options: object) -> Lumbar:
        """Return the curve at the times of the film."""
        angle = np.array([self.flexion(float(t)) for t in time_s])
        return Lumbar(
            angle_deg=angle,
            sd_deg=np.full(len(time_s), self.sd_deg),
            arch_deg=-2.0,
            arch_sd_deg=2.0,
            stand_off=0.01,
        )


def tucking(time_s: float) -> float:
    """Tuck in a straight line from 0.5 s before each bottom on, and back."""
    return max(0.0, *(20 - 40 * abs(time_s - bottom) for bottom in BOTTOMS_S))


def test_verdict_follows_the_back(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Onset, thigh angle there, peak and release come through to the report to the frame."""
    monkeypatch.setattr(pipeline, "look_at_back", lambda *_: BackLooks.none())
    monkeypatch.setattr(measure, "measure_lumbar", MadeUpBack(tucking))
    content = report_of(film, LIFTER, height_cm=180.0)
    for rep, bottom_s in zip(content["reps"], BOTTOMS_S, strict=True):
        wink = rep["wink"]
        assert wink["kind"] == "wink"
        assert wink["onset_s"] == pytest.approx(bottom_s - 0.375, abs=0.01)
        assert wink["release_s"] == pytest.approx(bottom_s + 0.375, abs=0.01)
        assert wink["peak_deg"] == pytest.approx(20, abs=0.5)
        assert wink["onset_thigh_deg"] == pytest.approx(LIFTER.thigh_at(wink["onset_s"]), abs=0.5)
    summary = content["summary"]
    assert summary["kind"] == "wink"
    assert summary["flagged_s"] == summary["onset_s"]
    assert summary["stop_at_thigh_deg"] == pytest.approx(summary["onset_thigh_deg"] + 5)
    hip = [180 / 300 * (400 + 0.039 * 300 - LIFTER.xy_px(t)[23, 1]) for t in np.arange(1, 2, 0.01)]
    thigh = [LIFTER.thigh_at(t) for t in np.arange(1, 2, 0.01)]
    stop_cm = np.interp(summary["stop_at_thigh_deg"], thigh[::-1], hip[::-1])
    # Feet are taken to be four centimetres thick; those of the made-up lifter are lines.
    assert summary["stop_at_hip_height_cm"] == pytest.approx(stop_cm + 4, abs=1)
    assert 6 < summary["stop_at_hip_height_cm"] - summary["box_height_cm"] < 20
    assert content["findings"][0]["id"] == "depth"
    np.testing.assert_allclose(
        curve(content, "lumbar_deg"), [tucking(t) for t in even_times(225, fps=30)], atol=0.05
    )


@pytest.mark.parametrize(
    ("back", "kind"),
    [
        pytest.param(MadeUpBack(lambda t: 0.0), "none", id="rigid"),
        pytest.param(MadeUpBack(tucking, sd_deg=7.0), "cannot_tell", id="unsure"),
    ],
)
def test_no_wink_flags_the_deepest(
    film: Path, monkeypatch: pytest.MonkeyPatch, back: MadeUpBack, kind: str
) -> None:
    """Without a wink nothing is said about an onset, and the bottom is shown."""
    monkeypatch.setattr(pipeline, "look_at_back", lambda *_: BackLooks.none())
    monkeypatch.setattr(measure, "measure_lumbar", back)
    summary = report_of(film, LIFTER)["summary"]
    assert summary["kind"] == kind
    assert min(abs(summary["flagged_s"] - b) for b in BOTTOMS_S) < FRAME_S
    assert summary["onset_s"] is None
    assert summary["stop_at_thigh_deg"] is None


def test_without_a_height_there_are_no_centimetres(film: Path) -> None:
    """Null, and not pixels or 0."""
    content = report_of(film, LIFTER)
    assert content["scale"] == {"cm_per_px": None, "source": None}
    assert content["summary"]["stop_at_hip_height_cm"] is None
    assert content["summary"]["box_height_cm"] is None
    assert np.isnan(curve(content, "knee_past_toe_cm")).all()
    assert {rep["max_knee_past_toe_cm"] for rep in content["reps"]} == {None}


def test_gaps_are_null(film: Path) -> None:
    """Where the lifter is lost, every number is null and the confidence 0.

    Up to the pictures looked at before and after, which may be 0.14 s apart.
    """
    model = StickModel(lifters=[LIFTER], hidden=lambda t, confidence: 3.41 < t < 4.05)
    result = analyse(film, model=model, height_cm=180.0)
    content = result.report.as_json()
    times_s = curve(content, "t")
    gap = np.isnan(curve(content, "thigh_deg"))
    assert len(times_s) == 225
    assert gap[(times_s > 3.41) & (times_s < 4.05)].all()
    assert not gap[(times_s < 3.41 - 0.14) | (times_s > 4.05 + 0.14)].any()
    for name in ("thigh_sd_deg", "ankle_deg", "knee_deg", "trunk_deg", "lumbar_deg"):
        np.testing.assert_array_equal(np.isnan(curve(content, name)), gap, err_msg=name)
    assert (curve(content, "confidence")[gap] == 0).all()
    assert result.overlay is not None
    assert np.isnan(result.overlay.joints_px[gap]).all()
    assert [r["bottom_s"] for r in content["reps"]] == pytest.approx(BOTTOMS_S, abs=FRAME_S)


@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param(lambda t, confidence: False, id="one-pass"),
        pytest.param(lambda t, confidence: confidence > 0.3 and t > 2.5, id="two-passes"),
    ],
)
def test_progress_never_goes_back(film: Path, hidden: Callable[[float, float], bool]) -> None:
    """Told from look to write, growing, between 0 and 1, with a guess of the time left."""
    told: list[Progress] = []
    model = StickModel(lifters=[LIFTER], hidden=hidden)
    analyse(film, model=model, on_progress=told.append)
    done = [p.done for p in told]
    assert done == sorted(done)
    assert 0 <= done[0] < 0.05
    assert 0.9 < done[-1] <= 1
    stages = list(dict.fromkeys(p.stage for p in told))
    assert stages == ["look", "measure", "write"]
    assert all(p.left_s >= 0 for p in told if p.done > 0.05)


def test_second_pass_finds_who_is_hard_to_see(film: Path) -> None:
    """Found in too few frames, the lifter is looked for again with less confidence."""
    model = StickModel(lifters=[LIFTER], hidden=lambda t, confidence: confidence > 0.3 and t > 2.5)
    result = analyse(film, model=model)
    # As many as there are threads.
    assert list(dict.fromkeys(e.confidence for e in model.opened)) == [0.5, 0.2]
    assert len(result.report.reps) == 2
    assert not any(e.is_open for e in model.opened)


def test_nobody(film: Path) -> None:
    """An empty room has a report that says so."""
    result = analyse(film, model=StickModel(lifters=[]))
    check_refused(result, "no_person")
    assert result.overlay is None


def test_front_view(film: Path) -> None:
    """Squats filmed from the front are refused, and not measured badly."""
    result = analyse(film, model=StickModel(lifters=[replace(LIFTER, yaw_deg=88.0)]))
    check_refused(result, "front_view")
    assert result.report.view.use == "unusable"


def test_no_squat(film: Path) -> None:
    """Who only stands there has curves and no repetition."""
    result = analyse(film, model=StickModel(lifters=[replace(LIFTER, depth=squats([]))]))
    check_refused(result, "no_squat")
    assert len(result.report.frames.t) == 225


def test_no_such_person(film: Path) -> None:
    """A number that nobody has."""
    result = analyse(film, model=StickModel(lifters=[LIFTER]), person=3)
    check_refused(result, "no_such_person")


def test_lost_in_the_second_look(film: Path) -> None:
    """Found at first and never again: refused without noise."""
    model = StickModel(lifters=[LIFTER], hidden=lambda t, confidence: True)
    result = analyse(film, model=model)
    assert result.problem is not None
    check_refused(result, result.problem.reason)


@pytest.mark.parametrize(("person", "bottoms_s"), [(None, [1.6, 4.6]), (0, [1.6, 4.6]), (1, [3.1])])
def test_person_is_chosen(film: Path, person: int | None, bottoms_s: list[float]) -> None:
    """The one asked for is measured, by default who squats most, and others are mentioned."""
    left = Lifter(ankle_px=(150, 400), height_px=280, depth=squats([0.5, 3.5]))
    right = Lifter(ankle_px=(350, 400), side="left", depth=squats([2.0]), thigh_deg=15.0)
    content = report_of(film, right, left, person=person)
    assert [r["bottom_s"] for r in content["reps"]] == pytest.approx(bottoms_s, abs=FRAME_S)
    lifter = right if person == 1 else left
    assert content["reps"][0]["depth_deg"] == pytest.approx(lifter.thigh_deg, abs=2)
    assert content["view"]["side"] == lifter.side
    assert "others" in note_ids(content)


def test_cut_off_repetitions_get_no_verdict(film: Path) -> None:
    """What the film cuts off is listed as partial, without a verdict, and mentioned."""
    content = report_of(film, replace(LIFTER, depth=squats([-1.2, 2.5, 6.2])))
    assert [rep["partial"] for rep in content["reps"]] == [True, False, True]
    assert [rep["wink"] is None for rep in content["reps"]] == [True, False, True]
    assert {"starts_midway", "ends_midway"} <= set(note_ids(content))
    assert content["summary"] is not None


def test_heel_rise(film: Path) -> None:
    """A heel that comes up is noticed, one that stays down is not."""
    for rise_deg in (20.0, 0.0):
        content = report_of(film, LIFTER, leg=MadeUpNetwork(rise_deg=rise_deg))
        assert [rep["heel_rise"] for rep in content["reps"]] == [rise_deg > 0] * 2


def test_the_back_is_looked_at_again(film: Path) -> None:
    """A network that is sure of itself and sees a rigid back takes the tuck out of the curve."""
    peaks = []
    for seen_deg in (0.0, 40.0):
        back = MadeUpBackNetwork(change_deg=seen_deg, sd_deg=0.5)
        content = report_of(film, LIFTER, estimator=NoCorrection(sd_deg=3.0), backs=[back])
        peaks.append(content["reps"][0]["wink"]["peak_deg"])
    assert peaks[0] < 8 < 20 < peaks[1]


def test_feet_outside_the_picture(film: Path) -> None:
    """Feet below the picture are mentioned."""
    content = report_of(film, replace(LIFTER, ankle_px=(240, 435)))
    assert "feet_cut" in note_ids(content)


def test_small_and_turned(film: Path) -> None:
    """What makes a film worse is said."""
    content = report_of(film, replace(LIFTER, height_px=190, yaw_deg=30.0))
    assert {"small", "oblique"} <= set(note_ids(content))
    assert content["view"]["use"] == "oblique"


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenLifter(Lifter):
    """Somebody whose knees the pose model loses on the way down, as behind a plate."""

    def body(self, time_s: float) -> NDArray[np.float64]:
        """Put the knees next to the hips when down."""
        body = super(HiddenLifter, self).body(time_s)
        if self.depth(time_s) > 0.3:
            knees, hips = slice(25, 27), slice(23, 25)
            body[knees] = body[hips] + 0.3 * (body[knees] - body[hips])
        return body


def test_joints_that_cannot_be_are_not_measured(film: Path) -> None:
    """Behind a plate repetitions are counted by the silhouette, and no angle is given."""
    hidden = HiddenLifter(depth=LIFTER.depth)
    content = report_of(film, hidden, height_cm=180.0)
    assert [r["bottom_s"] for r in content["reps"]] == pytest.approx(BOTTOMS_S, abs=0.1)
    assert "hidden" in note_ids(content)
    assert {rep["depth_deg"] for rep in content["reps"]} == {None}
    assert {rep["wink"]["kind"] for rep in content["reps"]} == {"cannot_tell"}
    assert np.isnan(curve(content, "thigh_deg")).all()
    assert content["summary"]["kind"] == "cannot_tell"


@pytest.mark.parametrize(
    "times_s",
    [
        pytest.param(even_times(270, fps=60), id="60-fps"),
        pytest.param(even_times(68, fps=15), id="15-fps"),
        pytest.param(
            np.cumsum(np.random.default_rng(3).uniform(0.02, 0.047, 140)).tolist(), id="vfr"
        ),
    ],
)
def test_rates(tmp_path: Path, times_s: list[float]) -> None:
    """Times are those of the film's clock, whatever its rate."""
    film = write_film(tmp_path / "b.mp4", times_s=times_s, size_px=SIZE_PX)
    start_s = times_s[0]  # a film begins at its first frame
    content = report_of(film, replace(LIFTER, depth=squats([1.0])))
    assert [r["bottom_s"] for r in content["reps"]] == pytest.approx([2.1], abs=0.07)
    assert content["frames"][0]["t"] == 0
    assert content["clip"]["duration_s"] == pytest.approx(times_s[-1] - start_s, abs=0.1)


def test_large_film_is_measured_as_well(tmp_path: Path) -> None:
    """Pictures that are scaled down on the way give the same angles and a smaller preview."""
    film = write_film(tmp_path / "c.mp4", times_s=even_times(60, fps=15), size_px=(1280, 1080))
    lifter = Lifter(ankle_px=(640, 1000), height_px=800, depth=squats([1.0]))
    preview = tmp_path / "preview.mp4"
    result = analyse(film, model=StickModel(lifters=[lifter]), preview=preview)
    assert [r.depth_deg for r in result.report.reps] == pytest.approx([lifter.thigh_deg], abs=2)
    assert result.overlay is not None
    assert result.overlay.size_px == (640, 540)
    hips = np.array([lifter.xy_px(t)[Landmark.HIP + 1] / 2 for t in result.overlay.t_s])
    np.testing.assert_allclose(result.overlay.joints_px[:, 4], hips, atol=2)
    with FilmReader(preview) as reader:
        assert (reader.meta.width_px, reader.meta.height_px) == (640, 540)
        times = [frame.time_s for frame in reader.frames()]
    np.testing.assert_allclose(times, result.overlay.t_s, atol=0.002)


@pytest.mark.parametrize(
    ("film_px", "expected"),
    [
        pytest.param((1080, 1920), (540, 960), id="portrait"),
        pytest.param((3840, 2160), (960, 540), id="4k"),
        pytest.param((320, 240), (320, 240), id="small"),
        pytest.param((321, 241), (320, 240), id="odd"),
        pytest.param((1, 1), (2, 2), id="tiny"),
    ],
)
def test_preview_size(film_px: tuple[int, int], expected: tuple[int, int]) -> None:
    """The shorter side at most 540, both even, nothing enlarged."""
    wide, high = pipeline.small_size(film_px)
    assert abs(wide - expected[0]) <= 2
    assert abs(high - expected[1]) <= 2
    assert wide % 2 == high % 2 == 0
    assert min(wide, high) <= 540


@pytest.mark.model
def test_sample_with_the_real_model(pose_model: Path) -> None:
    """The sample: two repetitions, looking left, a tuck late and of about 14 degrees."""
    result = analyse(
        SAMPLE,
        model=MediaPipeModel(pose_model),
        estimator=load_estimator(),
        height_cm=175.0,
    )
    assert result.problem is None
    content = result.report.as_json()
    check_contract(content)
    first, second = content["reps"]
    assert 1.47 <= first["bottom_s"] <= 2.02
    assert 3.78 <= second["bottom_s"] <= 4.18
    assert not first["partial"]
    assert not second["partial"]
    assert content["view"]["side"] == "left"
    assert content["view"]["use"] == "good"
    assert content["summary"]["kind"] == "wink"
    assert len(content["frames"]) == 160


def test_depth_that_may_be_anything_is_not_told(film: Path) -> None:
    """Networks that are not sure of the thigh: repetitions are counted, no angle is given."""
    model = StickModel(lifters=[LIFTER])
    result = pipeline.analyse(film, model=model, estimator=NoCorrection(sd_deg=9.0), height_cm=175)
    content = result.report.as_json()
    check_contract(content)
    assert len(content["reps"]) == len(BOTTOMS_S)
    for rep in content["reps"]:
        assert rep["depth_deg"] is None
        assert rep["max_ankle_deg"] is None
        assert rep["max_knee_past_toe_cm"] is None
    assert all(frame["thigh_deg"] is None for frame in content["frames"])
