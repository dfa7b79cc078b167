"""What counts as a difference between two clips, and what does not."""

import math
from copy import deepcopy

import numpy as np
import pytest

from analysis import compare
from analysis.compare import Difference, Estimate
from analysis.label import Label
from tests import saved


def onset(first: dict[str, object], second: dict[str, object]) -> Difference:
    """Difference of the depths where the tuck starts."""
    return next(d for d in compare.differences(first, second) if d.name == "onset_thigh_deg")


@pytest.mark.parametrize(
    ("apart_deg", "sd_deg", "is_real"),
    [
        (0, 1, False), (0, 3, False), (0, 6, False),
        (4, 1, True), (4, 3, False), (4, 6, False),
        (10, 1, True), (10, 3, True), (10, 6, False),
    ],
)  # fmt: skip
def test_real_is_above_two_standard_deviations(
    apart_deg: float, sd_deg: float, is_real: bool
) -> None:
    """Of the difference: for equal errors these are 2.8, 8.5 and 17 degrees."""
    first = saved.report(onset_deg=2.0, sd_deg=sd_deg)
    second = saved.report(onset_deg=2.0 - apart_deg, sd_deg=sd_deg)
    found = onset(first, second)
    assert found.change == pytest.approx(-apart_deg)
    assert found.sd == pytest.approx(math.sqrt(2) * sd_deg)
    assert found.is_real is is_real
    assert onset(second, first).is_real is is_real


def test_exactly_two_is_not_above() -> None:
    """The border belongs to chance."""
    edge = Difference(
        name="down_s", first=Estimate(value=0, sd=0.3), second=Estimate(value=1, sd=0.4)
    )
    assert edge.sd == pytest.approx(0.5)
    assert edge.is_real is False


def test_same_clip_twice() -> None:
    """No difference at all, and it is said that it is the same one."""
    first, second = saved.report(), saved.report()
    found = compare.differences(first, second)
    assert len(found) == len(compare.NAMES)
    assert [d.change for d in found] == [0.0] * len(found)
    assert not any(d.is_real for d in found)
    assert compare.cautions(first, second) == ("same_clip",)
    second["frames"][3]["thigh_deg"] += 1.0
    assert compare.cautions(first, second) == ()


@pytest.mark.parametrize("part", ["estimator_sha", "pose_model_sha"])
def test_other_estimators_are_marked(part: str) -> None:
    """Reports made by different ones are not compared silently."""
    first, second = saved.report(), saved.report(onset_deg=1.0)
    second["frames"][3]["thigh_deg"] += 1.0
    second["made_with"][part] = "another"
    assert compare.cautions(first, second) == ("other_estimator",)
    second["made_with"] = {**first["made_with"], "app": "newer"}
    assert compare.cautions(first, second) == ()


def test_views_are_marked() -> None:
    """Another side, and a slant."""
    first, second = saved.report(), saved.report(kind="none")
    second["view"] = {"side": "left", "yaw_deg": 14.0, "use": "oblique", "reason": "slant"}
    assert compare.cautions(first, second) == ("other_side", "oblique")


def test_scatter_of_the_reps_counts() -> None:
    """Two reps that differ by 8 degrees say less than two that agree."""
    first, second = saved.report(sd_deg=1.0), saved.report(onset_deg=-14.0, sd_deg=1.0)
    assert onset(first, second).is_real
    for k, rep in enumerate(second["reps"]):
        rep["wink"]["onset_thigh_deg"] = -14.0 + (4.0 if k else -4.0)
    found = onset(first, second)
    assert found.second.value == pytest.approx(-14.0)
    assert found.second.sd == pytest.approx(math.hypot(1.0, 4.0))
    assert found.is_real is False


def test_reps_of_one_film_do_not_average_their_error_out() -> None:
    """What is wrong with a film is wrong in all of its reps."""
    many, one = saved.report(sd_deg=3.0), saved.report(sd_deg=3.0)
    one["reps"] = one["reps"][:1]
    assert compare.measure(many)["onset_thigh_deg"] == compare.measure(one)["onset_thigh_deg"]


def test_what_is_missing_is_no_difference() -> None:
    """No onset without a wink, no ankle without a measure, nothing of cut-off reps."""
    first, second = saved.report(), saved.report(kind="none")
    for rep in second["reps"]:
        rep["max_ankle_deg"] = rep["max_ankle_sd_deg"] = None
    found = {d.name: d for d in compare.differences(first, second)}
    assert math.isnan(found["onset_thigh_deg"].change)
    assert found["onset_thigh_deg"].is_real is None
    assert found["max_ankle_deg"].is_real is None
    assert found["peak_deg"].is_real is True
    for rep in second["reps"]:
        rep.update(partial=True, wink=None)
    second["summary"] = None
    assert not any(d.second.is_known for d in compare.differences(first, second))


@pytest.mark.parametrize(
    ("kinds", "sd_deg", "change"),
    [
        (("none", "wink"), 2.0, "appears"),
        (("wink", "none"), 2.0, "goes"),
        (("none", "wink"), 6.0, "unknown"),
        (("wink", "wink"), 2.0, "stays"),
        (("none", "arch_to_neutral"), 2.0, "none"),
        (("cannot_tell", "wink"), 2.0, "unknown"),
    ],
)
def test_whether_a_wink_comes_or_goes(kinds: tuple[str, str], sd_deg: float, change: str) -> None:
    """Only if the size of the tuck differs by more than its error."""
    first, second = (saved.report(kind=kind, sd_deg=sd_deg) for kind in kinds)
    assert compare.wink_change(first, second) == change


def test_what_the_labels_say() -> None:
    """Unsaid is usual for stance and tempo, and unknown for load, shoes and day."""
    plain = Label()
    assert compare.changed(plain, plain) == ()
    assert compare.changed(plain, Label(stance="usual", tempo="usual")) == ()
    assert compare.changed(plain, Label(stance="wider")) == ("stance",)
    assert compare.changed(plain, Label(tempo="slow")) == ("tempo",)
    assert compare.changed(plain, Label(load_kg=60, shoes="flat")) == ()
    assert compare.changed(Label(load_kg=0), Label(load_kg=60)) == ("load",)
    assert compare.changed(Label(shoes="Flat"), Label(shoes="flat")) == ()
    assert compare.changed(Label(shoes="flat"), Label(shoes="heel")) == ("shoes",)
    assert compare.changed(plain, plain, days=("2026-10-01", "2026-11-01")) == ("date",)
    assert compare.changed(plain, plain, days=("2026-11-01", "2026-11-03")) == ()
    assert compare.changed(plain, plain, days=(None, "2026-11-03")) == ()


def test_curve_of_the_way_down() -> None:
    """Made-up reps tuck by 18 degrees at the bottom and by nothing above parallel."""
    curve = compare.descent(saved.report())
    assert curve.thigh_deg[0] > curve.thigh_deg[-1]
    parallel = curve.lumbar_deg[curve.thigh_deg == 40.0]
    assert parallel == pytest.approx(0.0, abs=0.1)
    deep = curve.lumbar_deg[curve.thigh_deg == -12.0]
    assert deep == pytest.approx(18.0 * ((96 / 98) - 0.7) / 0.3, abs=0.5)
    assert np.isnan(curve.lumbar_deg[curve.thigh_deg < -14.0]).all()
    assert np.nanmax(curve.lumbar_sd_deg) == pytest.approx(2.0)


def test_curve_of_nothing() -> None:
    """No whole rep, no curve."""
    nothing = saved.report()
    for rep in nothing["reps"]:
        rep["partial"] = True
    assert np.isnan(compare.descent(nothing).lumbar_deg).all()
    unseen = saved.report()
    for row in unseen["frames"]:
        row["lumbar_deg"] = None
    assert np.isnan(compare.descent(unseen).lumbar_deg).all()


def test_trend_over_days() -> None:
    """Three days are needed; the slope is per month and has an error."""
    days = ["2026-08-01", "2026-08-31", "2026-09-30"]
    clips = [
        (day, saved.report(onset_deg=10.0 - 6.0 * k, sd_deg=2.0)) for k, day in enumerate(days)
    ]
    found = compare.trend("onset_thigh_deg", clips[::-1])
    assert found is not None
    assert [value.value for value in found.values] == [10.0, 4.0, -2.0]
    assert found.per_month.value == pytest.approx(-6.0)
    assert found.per_month.sd == pytest.approx(2.0 / math.sqrt(2))
    assert found.is_real
    assert compare.trend("onset_thigh_deg", clips[:2]) is None
    assert compare.trend("onset_thigh_deg", [(days[0], report) for _, report in clips]) is None
    assert compare.trend("onset_thigh_deg", [(None, report) for _, report in clips]) is None
    wide = [(day, saved.report(onset_deg=10.0 - k, sd_deg=6.0)) for k, day in enumerate(days)]
    flat = compare.trend("onset_thigh_deg", wide)
    assert flat is not None
    assert not flat.is_real


def test_reports_are_left_as_they_are() -> None:
    """Comparing changes nothing."""
    first, second = saved.report(), saved.report(kind="none")
    before = deepcopy([first, second])
    compare.differences(first, second)
    compare.descent(first)
    compare.cautions(first, second)
    assert [first, second] == before
