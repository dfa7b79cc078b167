"""What is said of a result: the answer, how sure it is, what follows, and what it is not."""

import math
from typing import Final

from pages.shared import figures, words
from pages.shared.result import Rep, Report, Summary

KIND_NAMES: Final = {
    "wink": "Butt wink",
    "arch_to_neutral": "Arched to neutral",
    "none": "No wink",
    "cannot_tell": "Cannot tell",
}


def verdict(report: Report) -> str:
    """Answer the lifter's question in one sentence."""
    judged = [rep for rep in report.reps if not rep.partial]
    summary = report.summary
    if not judged:
        return "There is no whole squat in this film that can be measured."
    if summary.kind == "wink":
        winks = sum(rep.wink.kind == "wink" for rep in judged)
        return f"Your lower back tucks under, {_starting(summary)}, in {_of(winks, len(judged))}."
    if summary.kind == "arch_to_neutral":
        return "Your back goes from arched to flat, and stops there: that is not a wink."
    if summary.kind == "none":
        return (
            "No wink in most of your reps."
            if _few_winks(report)
            else "No wink that this film can show."
        )
    return "This film cannot tell whether your lower back tucks under."


def _of(some: int, all_of: int) -> str:
    if all_of == 1:
        return "the one rep" if some else "none of one rep"
    if some == all_of == 2:
        return "both reps"
    return f"all {all_of} reps" if some == all_of else f"{some} of {all_of} reps"


def _starting(summary: Summary) -> str:
    if not math.isfinite(summary.onset_thigh_deg):
        return "at a depth that this film does not show"
    return f"starting {figures.depth(summary.onset_thigh_deg)}"


def action(report: Report) -> str:
    """Say in one sentence what to do now."""
    summary = report.summary
    if not any(not rep.partial for rep in report.reps):
        return "Film one whole set from the side, standing still before and after it."
    if summary.kind == "cannot_tell":
        return "Film it once more with the lower back in sight; how is told below."
    if summary.kind == "none":
        return "Carry on as you are. Film a heavier set or a deeper one to see if that holds."
    if summary.kind == "arch_to_neutral":
        return "You can keep this depth. Bracing so that the arch stays still is worth training."
    place = _place(summary.stop_at_thigh_deg)
    heights = _heights(summary) or ","
    return f"Stop {place} for now{heights} and train the part where it starts."


def _place(thigh_deg: float) -> str:
    if not math.isfinite(thigh_deg):
        return "a hand's width higher"
    told = figures.depth(thigh_deg)
    return told if told.startswith("at") else f"at {told}"


def _heights(summary: Summary) -> str:
    told = []
    if math.isfinite(summary.box_height_cm):
        told.append(f"a box of {figures.length(summary.box_height_cm)}")
    if math.isfinite(summary.stop_at_hip_height_cm):
        told.append(f"hip {figures.length(summary.stop_at_hip_height_cm)} over the floor")
    return f", {', '.join(told)}," if told else ""


def how_sure(report: Report) -> str:
    """Say how sure the answer is, in degrees where there is a number; may be empty."""
    summary = report.summary
    judged = [rep for rep in report.reps if not rep.partial]
    if summary.kind != "wink":
        untold = sum(rep.wink.kind == "cannot_tell" for rep in judged)
        if summary.kind == "cannot_tell" or not untold:
            return ""
        return f"{_of(untold, len(judged)).capitalize()} could not be told."
    flagged = [rep.wink for rep in judged if rep.wink.kind == "wink"]
    onset = min(flagged, key=lambda w: abs(w.onset_s - summary.onset_s), default=None)
    band = 2 * onset.onset_thigh_sd_deg if onset is not None else math.nan
    parts = [f"tucks by up to {size(report)}"] if size(report) else []
    if math.isfinite(band):
        parts.append(f"the depth is good to ±\u202f{band:.0f}°")
    return f"How sure: {', '.join(parts)}." if parts else ""


def limits(report: Report) -> list[str]:
    """List what this film cannot tell, and what a film would need to tell it."""
    told = ["Why it happens. A film shows when and how much; the causes below are for testing."]
    if not math.isfinite(_scale(report)):
        told.append("Centimetres and a box height. Give your body height before the upload.")
    view = (report.raw.get("view") or {}).get("use")
    if view != "good":
        told.append("Fine angles, since you stand at a slant. Turn square to the phone next time.")
    if any(rep.partial for rep in report.reps):
        told.append("The rep that is cut off. Start filming before you unrack or step in.")
    told.append("Movement under about 8°. A shirt tucked in or tight to the body shows the most.")
    return told


def _scale(report: Report) -> float:
    scale = (report.raw.get("scale") or {}).get("cm_per_px")
    return float(scale) if isinstance(scale, int | float) else math.nan


def meaning(report: Report) -> str:
    """Say in a sentence or two what follows from the verdict."""
    summary = report.summary
    if not any(not rep.partial for rep in report.reps):
        return ""
    if summary.kind == "wink":
        return {
            "above": "It starts well before parallel. Nothing to fear, but worth your work: "
            "squat less deep or lighter for now, and train the part where it starts.",
            "at": "It starts about at parallel, so a small change is enough: stop just above "
            "that depth while you train it.",
            "below": "It starts only below parallel. You can squat to parallel with a steady "
            "back; stop just above the place where it starts when the bar is heavy.",
        }.get(summary.starts, "Stopping just above the place where it starts is enough for now.")
    if summary.kind == "arch_to_neutral":
        return (
            "You stand with an arched lower back. On the way down the arch goes, but your back "
            "does not round past neutral. Holding it steadier can still be worth training."
        )
    if summary.kind == "none":
        few = _few_winks(report)
        return few or (
            "Your lower back stays about as it is when you stand. A change of less than about "
            "8° is too small to be seen on a film, so this is no promise of no movement at all."
        )
    return ""


def _few_winks(report: Report) -> str:
    judged = [rep for rep in report.reps if not rep.partial]
    winks = sum(rep.wink.kind == "wink" for rep in judged)
    if not winks:
        return ""
    verb = "shows" if winks == 1 else "show"
    return (
        f"Only {_of(winks, len(judged))} {verb} a tuck, which is too few to call it the way you "
        "squat. See in the pictures what was different there: deeper, faster, or the last one?"
    )


def size(report: Report) -> str:
    """Write the largest tuck of the set, with its band; empty unless the set is a wink."""
    if report.summary.kind != "wink":
        return ""
    winks = [rep.wink for rep in report.reps if rep.wink.kind == "wink" and not rep.partial]
    known = [wink for wink in winks if math.isfinite(wink.peak_deg)]
    if not known:
        return ""
    largest = max(known, key=lambda wink: wink.peak_deg)
    return figures.degrees(largest.peak_deg, largest.peak_sd_deg)


def reasons(report: Report) -> list[str]:
    """List why there is no verdict, each reason once."""
    told = [rep.wink.why for rep in report.reps if rep.wink.kind == "cannot_tell"]
    return list(dict.fromkeys(words.sentence(why) for why in told if why))


def rep_name(rep: Rep) -> str:
    """Name a rep for the picker, such as ``1 · wink``."""
    return f"{rep.number} · {kind_word(rep)}"


def kind_word(rep: Rep) -> str:
    """Name what was found in a rep."""
    if rep.partial:
        return "cut off"
    return KIND_NAMES[rep.wink.kind].removeprefix("Butt ").lower()


def tuck(rep: Rep) -> str:
    """Write the most that the lower back tucks in a rep; a dash where it cannot be told."""
    if rep.partial or rep.wink.kind == "cannot_tell":
        return figures.DASH
    return figures.degrees(rep.wink.peak_deg, rep.wink.peak_sd_deg)


MADE_BY: Final = "Two bowls: measured from a film, not a medical opinion."

NOT_IT: Final = (
    "What it is not: tight hamstrings, whose length hardly changes in a squat, or hip flexors, "
    "which get shorter on the way down. Stretching them will not move this."
)
