"""What is said of two clips beside each other; nothing here knows Streamlit."""

import math
from collections.abc import Sequence
from typing import Final

from analysis import compare
from analysis.compare import Caution, Changed, Difference, Name, Trend
from analysis.keepfile import Kept
from pages.shared import figures, labels

QUANTITIES: Final[dict[Name, str]] = {
    "onset_thigh_deg": "Tuck starts",
    "peak_deg": "Largest tuck",
    "depth_deg": "Deepest",
    "max_ankle_deg": "Ankle bend",
    "down_s": "Way down",
}
# For the table: what a larger and a smaller value is called.
_MORE_AND_LESS: Final[dict[Name, tuple[str, str]]] = {
    "onset_thigh_deg": ("higher", "deeper"),
    "peak_deg": ("larger", "smaller"),
    "depth_deg": ("less deep", "deeper"),
    "max_ankle_deg": ("more", "less"),
    "down_s": ("slower", "faster"),
}
CAUTIONS: Final[dict[Caution, str]] = {
    "same_clip": "This is the same clip twice.",
    "other_estimator": "The two were measured by different versions of this app, which may differ "
    "by themselves. Analyse the older film again to be sure.",
    "other_side": "One film shows your left side, the other your right.",
    "oblique": "At least one film is not square to you, so that small differences may come from "
    "the camera.",
}
SEVERAL: Final = (
    "More than one thing was changed between the two, so that nobody can tell which one did it. "
    "Change one thing at a time."
)

# Ready-made pairs: what to film, and what a difference points to.
EXPERIMENTS: Final[dict[Changed, tuple[str, str, str]]] = {
    "load": (
        "Without and with weight",
        "Film a slow set without a bar and one with your usual weight, as deep as each other.",
        "A tuck that comes with the weight only points to how well your trunk holds pressure, "
        "ribs to hips, and to the muscles of the lower back: worth training in the squat itself.",
    ),
    "tempo": (
        "Usual and slow",
        "Film your usual tempo, and a set with three seconds down and a pause at the bottom.",
        "A tuck that is gone when you go slowly points to control rather than to room in a joint: "
        "worth practising the last part of the way down.",
    ),
    "stance": (
        "Usual, and wider, toes out or heels raised",
        "Film your usual stance and one that differs in one thing. A thin plate under each heel "
        "will do for raised heels.",
        "A tuck that starts deeper, or is gone, points to room at the hip (wider, toes out) or at "
        "the ankle (heels raised): worth keeping that stance, or testing the ankle on the page "
        "Snapshot.",
    ),
    "shoes": (
        "Two pairs of shoes",
        "Film one set in each, with all else the same.",
        "A heel works as raised heels do: a tuck that starts deeper points to room at the ankle.",
    ),
    "date": (
        "Then and now",
        "Film the same set, the same way, some weeks later. Save each result to have it at hand.",
        "A tuck that starts deeper or is smaller says that what you train may be working.",
    ),
}


def headline(first: Kept, second: Kept) -> str:
    """Answer in one or two plain sentences what is different in the second clip."""
    change = compare.wink_change(first.report, second.report)
    found = {d.name: d for d in compare.differences(first.report, second.report)}
    one, two = conditions(first, second)
    if change == "appears":
        return f"{_upper(two)} the lower back tucks under; {one} it does not."
    if change == "goes":
        return f"{_upper(one)} the lower back tucks under; {two} it does not."
    if change == "none":
        return "No wink in either clip."
    if change == "unknown":
        return "These two clips cannot tell whether the wink has changed."
    return f"{_onset(found['onset_thigh_deg'], two)} {_size(found['peak_deg'])}".strip()


def _onset(found: Difference, two: str) -> str:
    if found.is_real is None:
        return "Both clips show a tuck, but not both show where it starts."
    if not found.is_real:
        return (
            f"No real difference in where the tuck starts: {abs(found.change):.0f}° lie within "
            f"the error of ± {_band(found):.0f}°."
        )
    place = _MORE_AND_LESS[found.name][found.change < 0]
    return (
        f"{_upper(two)} the tuck starts {abs(found.change):.0f}° {place}; "
        "that is more than the error of the measurement."
    )


def _size(found: Difference) -> str:
    if not found.is_real:
        return ""
    return f"It is {abs(found.change):.0f}° {_MORE_AND_LESS[found.name][found.change < 0]}."


def conditions(first: Kept, second: Kept) -> tuple[str, str]:
    """Say how each of the two was made, by what differs between them."""
    what = changed(first, second)
    told = [", ".join(_condition(kept, part) for part in what[:2]) for kept in (first, second)]
    return (told[0], told[1]) if what else ("in clip A", "in clip B")


def changed(first: Kept, second: Kept) -> tuple[Changed, ...]:
    """List what was changed between two clips."""
    return compare.changed(first.label, second.label, days=(first.day, second.day))


def _condition(kept: Kept, what: Changed) -> str:
    label = kept.label
    if what == "load":
        return "without a weight" if label.load_kg == 0 else f"with {labels.load(label.load_kg)}"
    if what == "stance":
        return {
            "wider": "with a wider stance",
            "toes_out": "with toes out",
            "heels_raised": "with heels raised",
        }.get(label.stance or "", "in the usual stance")
    if what == "tempo":
        return "going slowly" if label.tempo == "slow" else "at the usual tempo"
    return f"in {label.shoes}" if what == "shoes" else f"on {labels.day(kept.day)}"


def row(found: Difference) -> dict[str, str]:
    """Write a line of the table: both values with their band, and the difference."""
    return {
        "Measured": QUANTITIES[found.name],
        "A": value(found.name, found.first.value, found.first.sd),
        "B": value(found.name, found.second.value, found.second.sd),
        "B against A": verdict(found),
    }


def verdict(found: Difference) -> str:
    """Write a difference, or that there is none."""
    if found.is_real is None:
        return figures.DASH
    if not found.is_real:
        return "no real difference"
    word = _MORE_AND_LESS[found.name][found.change < 0]
    return f"{_amount(found.name, abs(found.change))} {word}"


def value(name: Name, number: float, sd: float) -> str:
    """Write a value with its band of two standard deviations."""
    if not math.isfinite(number):
        return figures.DASH
    if name != "down_s":
        return figures.degrees(number, sd).replace(" ", "\u202f")
    return f"{number:.1f}\u202f±\u202f{2 * sd:.1f}\u202fs"


def _amount(name: Name, number: float) -> str:
    return f"{number:.1f} s" if name == "down_s" else f"{number:.0f}°"


def _band(found: Difference) -> float:
    return compare.REAL_SDS * found.sd


def trend(found: Trend) -> str:
    """Say in one sentence where a quantity goes over the days."""
    name = QUANTITIES[found.name].lower()
    slope = found.per_month
    band = compare.REAL_SDS * slope.sd
    if not found.is_real:
        return f"{_upper(name)}: no real change over these days, {_rate(slope.value, band)}."
    word = _MORE_AND_LESS[found.name][slope.value < 0]
    return f"{_upper(name)}: {word} from day to day, {_rate(slope.value, band)}."


def _rate(per_month: float, band: float) -> str:
    return f"{abs(per_month):.1f}° ± {band:.1f}° a month"


def advice(first: Kept, second: Kept) -> str:
    """Say what the difference points to; empty where nothing can be said."""
    what = changed(first, second)
    if len(what) != 1 or not _has_moved(first, second):
        return ""
    return EXPERIMENTS[what[0]][2]


def _has_moved(first: Kept, second: Kept) -> bool:
    if compare.wink_change(first.report, second.report) in ("appears", "goes"):
        return True
    found = compare.differences(first.report, second.report)
    return any(d.is_real for d in found if d.name in ("onset_thigh_deg", "peak_deg"))


def cautions(first: Kept, second: Kept) -> Sequence[str]:
    """List in sentences what makes the comparison less than it seems."""
    told = [CAUTIONS[each] for each in compare.cautions(first.report, second.report)]
    return [*told, SEVERAL] if len(changed(first, second)) > 1 else told


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]
