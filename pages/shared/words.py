"""The sentences on the page: plain, short and kind, and never a diagnosis.

Nothing here knows Streamlit. Numbers that were not measured are told as a dash,
never as 0.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from analysis.service.settings import Settings
from pages.shared.jobs import BusyError, Job, Outlook, State
from pages.shared.result import Rep, Report, Summary

DASH: Final = "–"

# Within this much of level a thigh is called "at parallel": finer is not measured.
_LEVEL_DEG: Final = 2.5
_CM_PER_INCH: Final = 2.54
# Under this rate a fast squat moves too far from one picture to the next.
_SLOW_FPS: Final = 23.0

STAGES: Final = {
    "open": "Opening the film",
    "look": "Looking for the lifter",
    "measure": "Measuring each picture",
    "write": "Putting the result together",
}

KIND_NAMES: Final = {
    "wink": "Butt wink",
    "arch_to_neutral": "Arched to neutral",
    "none": "No wink",
    "cannot_tell": "Cannot tell",
}

FILMING_PICTURE: Final = (
    "On the left what the phone should see: the whole lifter from the side, head to feet, the "
    "phone upright at hip height. On the right from above: the phone 2 to 3 metres away, square "
    "to your side."
)

FILMING: Final = (
    "Square from the side, whole body and feet in the picture from the first to the last rep, "
    "shirt tucked in or tight."
)

FILMING_MORE: Final = (
    "Stand the phone on something: 2 to 3 metres away, level with your hips.",
    "Turn square to it, so that it sees one side of you and neither chest nor back.",
    "Stand still for a second before the first rep: everything is compared with how you stand.",
    "Keep plates, rack posts and arms from hiding your lower back if you can: small plates, or "
    "a slow set without a bar, show it best.",
    "Two films tell more than one: a slow set without a bar, and one with your usual weight.",
    "One to five reps are plenty. 1080p at 30 pictures a second is enough; 4K and slow motion "
    "only make the upload longer.",
)

UPLOADING: Final = (
    "The upload is the longest wait. Trim the film to the set in your gallery first: 10 seconds "
    "of 1080p at 30 pictures a second are about 20 MB, which takes a few seconds on wifi and "
    "about 3 minutes with one bar of signal."
)

UNREACHABLE: Final = (
    "Your result cannot be reached right now. It is not lost: load the page again in a minute."
)

NO_ROOM: Final = (
    "The server has no room for another film just now. Please try again in a few minutes."
)


def privacy(settings: Settings) -> str:
    """Say what becomes of a film and its result on this server."""
    return (
        "Your film is read on this server and deleted once it is measured. It stays for "
        f"{_span(settings.film_s)} only if several people are in it or the analysis broke off, so "
        f"that you can try again. The result is deleted after {_span(settings.keep_s)}, or at once "
        "with the button under it."
    )


def waits_for_you(settings: Settings) -> str:
    """Say that nobody has to keep the page open."""
    return (
        "You may lock the phone, close the page or switch to another app: the result waits for "
        f"you at this page's address for {_span(settings.keep_s)}."
    )


def in_line(outlook: Outlook) -> str:
    """Say where in line a film stands and how long it takes."""
    place = "Next in line" if not outlook.ahead else f"Place {outlook.ahead + 1} in line"
    running = "1 film is" if outlook.running == 1 else f"{outlook.running} films are"
    told = [place, f"{running} being analysed" if outlook.running else "", left(outlook.left_s)]
    return " · ".join(part for part in told if part)


def busy(error: BusyError) -> str:
    """Say why no film can be taken now, and when it can."""
    minutes = "a minute" if error.minutes <= 1 else f"{error.minutes} minutes"
    if error.own:
        return (
            "You have as many films in line as one visit can have. Wait for one of them, or stop "
            f"it; come back in about {minutes}."
        )
    return f"Many films are waiting just now. Please come back in about {minutes}."


def _span(time_s: float) -> str:
    """Write how long something is kept."""
    if time_s >= 1.5 * 3600:
        return f"{time_s / 3600:.0f} hours"
    minutes = max(1, round(time_s / 60))
    return "a minute" if minutes == 1 else f"{minutes} minutes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the film check; ``is_sure`` if it was measured to be good."""

    ok: bool
    is_sure: bool = False
    name: str
    text: str


def escape(text: str) -> str:
    """Make text from a report safe to stand in Markdown: all of it is shown as it is."""
    flat = " ".join(text.split())
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~$:&^=@\"'/])", r"\\\1", flat)


def degrees(value: float, sd: float = math.nan) -> str:
    """Write an angle, with its band of error (two standard deviations) if known."""
    if not math.isfinite(value):
        return DASH
    band = f" ± {2 * sd:.0f}°" if math.isfinite(sd) else "°"
    return f"{_whole(value)}{band}"


def depth(thigh_deg: float) -> str:
    """Write a thigh angle as a place relative to parallel."""
    if not math.isfinite(thigh_deg):
        return DASH
    if abs(thigh_deg) < _LEVEL_DEG:
        return "at parallel"
    return f"{abs(thigh_deg):.0f}° {'above' if thigh_deg > 0 else 'below'} parallel"


def seconds(time_s: float) -> str:
    """Write a time in the film."""
    return f"{time_s:.2f} s" if math.isfinite(time_s) else DASH


def length(cm: float) -> str:
    """Write a length in centimetres and inches."""
    if not math.isfinite(cm):
        return DASH
    return f"{cm:.0f} cm ({cm / _CM_PER_INCH:.0f} in)"


def change(value: float, sd: float = math.nan) -> str:
    """Write an angle against standing, with its sign and its band of error."""
    sign = "+" if value >= 0.5 else ""
    return DASH if not math.isfinite(value) else sign + degrees(value, sd)


def _whole(value: float) -> str:
    return "0" if abs(value) < 0.5 else f"{value:.0f}".replace("-", "−")


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
    return f"starting {depth(summary.onset_thigh_deg)}"


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
    told = depth(thigh_deg)
    return told if told.startswith("at") else f"at {told}"


def _heights(summary: Summary) -> str:
    told = []
    if math.isfinite(summary.box_height_cm):
        told.append(f"a box of {length(summary.box_height_cm)}")
    if math.isfinite(summary.stop_at_hip_height_cm):
        told.append(f"hip {length(summary.stop_at_hip_height_cm)} over the floor")
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


def tempo(rep: Rep) -> str:
    """Write how long a rep takes, down and up, in seconds."""
    if rep.partial:
        return DASH
    down, up = rep.bottom_s - rep.start_s, rep.end_s - rep.bottom_s
    return f"{down:.1f} / {up:.1f}" if math.isfinite(down + up) else DASH


MADE_BY: Final = "Two bowls: measured from a film, not a medical opinion."

NOT_IT: Final = (
    "What it is not: tight hamstrings, whose length hardly changes in a squat, or hip flexors, "
    "which get shorter on the way down. Stretching them will not move this."
)


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
    return degrees(largest.peak_deg, largest.peak_sd_deg)


def reasons(report: Report) -> list[str]:
    """List why there is no verdict, each reason once."""
    told = [rep.wink.why for rep in report.reps if rep.wink.kind == "cannot_tell"]
    return list(dict.fromkeys(sentence(why) for why in told if why))


def sentence(text: str) -> str:
    """Make a sentence of a reason that was written as a part of one."""
    flat = text.strip()
    if not flat:
        return ""
    return flat[0].upper() + flat[1:] + ("" if flat[-1] in ".!?" else ".")


def state_sentence(job: Job) -> str:
    """Say in one sentence why a job ended without a result."""
    own = job.message if _is_sentence(job.message) else ""
    return {
        State.REFUSED: own or "This file could not be read as a film.",
        State.NOTHING: own or "The film was read, but there is no squat in it to measure.",
        State.MISSING: own or "A part of the analysis is missing on this server.",
        State.LATE: "The analysis took too long and was ended.",
        State.STOPPED: "The analysis was stopped.",
        State.TOO_LARGE: "This film needs more memory than one film gets here. A shorter one, or "
        "one in 1080p instead of 4K, will work.",
        State.INTERRUPTED: "The server was started again in the middle of this film. Nothing is "
        "wrong with the film."
        if job.has_film
        else "The server was started again in the middle of this film. Please upload it again.",
        State.UNKEPT: "The film was measured, but the result cannot be saved just now. The server "
        "keeps trying: load the page again in a minute.",
    }.get(job.state, "Sorry, the analysis broke off in the middle of this film.")


def _is_sentence(text: str) -> bool:
    """Tell a sentence for people from what a library may have written last."""
    return bool(re.fullmatch(r"[A-Z0-9][^\n{}<>]{8,}[.!?]", text)) and "Traceback" not in text


def left(left_s: float | None) -> str:
    """Say how long it still takes."""
    if left_s is None:
        return ""
    if left_s < 1.5:
        return "nearly done"
    if left_s < 90:
        return f"about {left_s:.0f} seconds left"
    return f"about {left_s / 60:.0f} minutes left"


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
        return DASH
    return degrees(rep.wink.peak_deg, rep.wink.peak_sd_deg)


# What the film check looks at: a name, words in the ids of the warnings that
# belong to it, and what to look at oneself if none came. No warning is no proof
# that all is well, and is not shown as one.
_TOPICS: Final[Sequence[tuple[str, tuple[str, ...], str]]] = (
    (
        "Feet",
        ("feet", "foot", "heel", "shoe"),
        "Nothing noticed. Both feet should be in the picture all the time.",
    ),
    (
        "Plate or rack in front",
        ("plate", "rack", "arm", "hidden", "occlu"),
        "Nothing noticed. See in the pictures that nothing covers your lower back.",
    ),
    (
        "Loose shirt",
        ("shirt", "loose", "cloth", "hood"),
        "Nothing noticed. A loose shirt can still hide or fake a tuck: see that the line "
        "follows your back.",
    ),
)


_VIEW_MARKS: Final = ("view", "yaw", "oblique")


def film_check(report: Report) -> list[Check]:
    """Say in plain words how well this film can be measured."""
    checks = [_view_check(report)]
    told: set[str] = set()
    for name, marks, fine in _TOPICS:
        texts = [t for i, t in report.warnings if any(m in i for m in marks) and i not in told]
        told |= {i for i, _ in report.warnings if any(m in i for m in marks)}
        checks.append(Check(ok=not texts, name=name, text=" ".join(texts) or fine))
    rate = [(i, t) for i, t in report.warnings if "fps" in i or "rate" in i]
    checks.append(_rate_check(report, [text for _, text in rate]))
    told |= {i for i, _ in rate}
    view = {i for i, _ in report.warnings if any(mark in i for mark in _VIEW_MARKS)}
    checks += [
        Check(ok=False, name="Also", text=text)
        for i, text in report.warnings
        if i not in told and i not in view
    ]
    return checks


def _view_check(report: Report) -> Check:
    view = report.raw.get("view") or {}
    use: Literal["good", "oblique", "unusable"] | None = view.get("use")
    told = [t for i, t in report.warnings if any(mark in i for mark in _VIEW_MARKS)]
    reason = " ".join(told) or sentence(str(view.get("reason") or ""))
    side = (
        f" from your {view['side']}" if view.get("side") in ("left", "right") else " from the side"
    )
    if use == "good":
        return Check(ok=True, is_sure=True, name="View", text=f"Square to the camera, seen{side}.")
    if use == "oblique":
        text = "Not quite square to the camera, so every band of error is wider."
        return Check(ok=False, name="View", text=reason or text)
    return Check(ok=False, name="View", text=reason or "Not a view from the side.")


def _rate_check(report: Report, told: Sequence[str]) -> Check:
    fps = (report.raw.get("clip") or {}).get("fps")
    if told:
        return Check(ok=False, name="Frame rate", text=" ".join(told))
    if not isinstance(fps, int | float) or not math.isfinite(fps):
        return Check(ok=True, name="Frame rate", text=DASH)
    enough = fps >= _SLOW_FPS
    advice = "" if enough else " Film at 30 or more for a sharper moment."
    return Check(
        ok=enough, is_sure=enough, name="Frame rate", text=f"{fps:.0f} pictures a second.{advice}"
    )
