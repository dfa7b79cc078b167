"""How well a film can be measured, in plain words, with the fix for each fault."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from pages.shared import figures, words
from pages.shared.result import Report

# Under this rate a fast squat moves too far from one picture to the next.
_SLOW_FPS: Final = 23.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the film check; ``is_sure`` if it was measured to be good."""

    ok: bool
    is_sure: bool = False
    name: str
    text: str


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

# What the faults of a first look are about.
_FIRST_NAMES: Final = {
    "front_view": "View",
    "oblique": "View",
    "tilted": "Camera",
    "feet_cut": "Feet",
    "small": "Size",
    "dark": "Light",
}


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
    reason = " ".join(told) or words.sentence(str(view.get("reason") or ""))
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
        return Check(ok=True, name="Frame rate", text=figures.DASH)
    enough = fps >= _SLOW_FPS
    advice = "" if enough else " Film at 30 or more for a sharper moment."
    return Check(
        ok=enough, is_sure=enough, name="Frame rate", text=f"{fps:.0f} pictures a second.{advice}"
    )


def first_look(look: Mapping[str, Any]) -> list[Check]:
    """Say what the first seconds of a film show; what is not known yet is not said."""
    notes = {str(note["id"]): str(note["text"]) for note in look.get("notes") or []}
    told = [_file_check(look.get("clip") or {}, notes.pop("slow_film", ""))]
    seen_s, people = float(look.get("seen_s") or 0.0), int(look.get("people") or 0)
    if people:
        others = notes.pop("others", "")
        told.append(Check(ok=not others, name="You", text=others or "Found in the picture."))
    elif seen_s:
        told.append(Check(ok=False, name="You", text="Nobody is found in the picture so far."))
    if look.get("view") == "good":
        told.append(Check(ok=True, name="View", text="From the side."))
    told += [
        Check(ok=False, name=_FIRST_NAMES.get(name, "Also"), text=text)
        for name, text in notes.items()
    ]
    return told


def _file_check(clip: Mapping[str, Any], slow: str) -> Check:
    fps, duration_s = clip.get("fps"), clip.get("duration_s")
    parts = [f"{clip.get('width')} × {clip.get('height')}"]
    if isinstance(fps, int | float):
        parts.append(f"{fps:.0f} pictures a second")
    if isinstance(duration_s, int | float):
        parts.append(f"{duration_s:.0f} s long")
    return Check(ok=not slow, name="Film", text=slow or f"{', '.join(parts)}.")
