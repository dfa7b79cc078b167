"""The two clips of the demo: one lifter, of whom nothing but the stance and the tuck differs."""

from dataclasses import asdict

from analysis.calibration import demo


def test_same_lifter_in_two_stances() -> None:
    """Body, clothes, room, light and camera are the same."""
    clips = demo.specs()
    (usual, first), (wider, second) = clips.values()
    one, two = asdict(usual), asdict(wider)
    differing = {name for name in one if one[name] != two[name]}
    assert differing == {"motion", "reps"}
    moved = {name for name in one["motion"] if one["motion"][name] != two["motion"][name]}
    assert moved == {"stance", "toe_out"}
    for before, after in zip(one["reps"], two["reps"], strict=True):
        assert {name for name in before if before[name] != after[name]} == {"tuck", "onset"}
    assert first.stance == "usual"
    assert second.stance == "toes_out"


def test_what_is_bundled_is_these_two() -> None:
    """By name, as `shelf.demo` reads them."""
    assert {path.stem for path in demo.OUT.glob("*.json")} == set(demo.specs())
