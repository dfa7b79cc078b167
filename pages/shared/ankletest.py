"""The ankle test on screen: the try on show, corrections, the scale, left against right."""

import contextlib
import math
from dataclasses import replace
from functools import partial
from typing import Any, Final

import streamlit as st

from analysis import ankle
from analysis.ankle import AnkleReading, LegPoints, Scale
from pages.shared import figures, intake, jobs, marker, snapshot, snapstate, snapwords, words
from pages.shared.snapresult import Snapshot
from pages.shared.snapstate import Try

_HEIGHT, _PLATE, _SHANK, _FOOT, _NONE = "Height", "45 cm plate", "Shin", "Foot", "None"
_SOURCES: Final = (_HEIGHT, _PLATE, _SHANK, _FOOT, _NONE)
# What is on the foot, and how much higher its heel is than its front, cm.
_SHOES: Final = {"Barefoot": 0.0, "Flat shoe": 0.0, "Running shoe": 1.0, "Lifting shoe": 2.0}
_LENGTH_CM: Final = {_SHANK: (25.0, 60.0), _FOOT: (15.0, 35.0)}


def show(job: jobs.Job | None) -> None:
    """Draw the ankle test."""
    done = None
    if job is not None and not job.is_over:
        snapshot.wait(job.id)
        return
    if job is not None and job.state is jobs.State.DONE:
        done = snapstate.snapshot(job)
    if job is not None and (done is None or done.reading is None):
        snapshot.refusal(job)
    elif done is not None:
        if done.id not in {t.snapshot.id for t in snapstate.tries()} and done.reading is not None:
            snapstate.keep(done, done.reading)
        _current(done.id)
    tries = snapstate.tries()
    if tries:
        summary(tries)
        st.markdown("**Next photo:** the other leg, or one more try (up to three for each leg).")
    else:
        st.markdown(snapwords.HOW_ANKLE)
    snapshot.intake("ankle", label="Photo of the ankle test")
    with st.expander("What it means, and what it does not", icon=":material/info:"):
        st.markdown("\n".join(f"- {line}" for line in snapwords.MEANING))
    if tries:
        st.button(
            "Delete all photos and figures",
            icon=":material/delete:",
            on_click=snapstate.delete_all,
            key="delete_photos",
        )


def _current(photo_id: str) -> None:
    """Draw the try on show with its points."""
    kept = next((t for t in snapstate.tries() if t.snapshot.id == photo_id), None)
    if kept is None or kept.snapshot.reading is None:
        return
    seen, auto = kept.snapshot, kept.snapshot.reading
    moved = _moved(seen.id)
    with st.container(key="ankle_photo"):
        picture_at = st.empty()
        reading = ankle.with_points(auto, _points(auto, moved))
        if reading.heel_up and _stayed_down(seen.id):
            reading = replace(reading, heel_deg=0.0)
        shoe = _shoe()
        scale = _scale(seen, _points(auto, moved), moved)
    reading = replace(reading, scale=scale or Scale())
    shown = ankle.barefoot(reading, heel_drop_cm=_SHOES[shoe], by_hand=_is_shod(shoe, auto, moved))
    snapstate.keep(seen, shown)
    with picture_at.container():
        _card(shown)
        _picture(seen, shown, moved, with_plate=scale is None or scale.source == "plate")
        st.caption(snapwords.DRAG)
        for note in seen.notes:
            st.caption(words.escape(note))


def _stayed_down(photo_id: str) -> bool:
    """Ask whoever was there: a shoe with a high heel can look like a heel that came up."""
    return st.toggle("My heel stayed down", key=f"down_{snapstate.shown_as(photo_id)}")


def _card(reading: AnkleReading) -> None:
    with st.container(border=True, gap="xsmall"):
        side = reading.side.capitalize()
        if reading.heel_up:
            st.badge("Heel up", color="orange", icon=":material/north:")
            st.markdown(
                f"**{side}: this try does not count, because the heel seems to have come up.** "
                "Press it down and try once more."
            )
            return
        st.badge(f"{side} ankle", color="gray", icon=":material/check:")
        st.title(f"{figures.degrees(reading.ankle_deg, reading.angle_sd_deg)}", anchor=False)
        st.markdown(f"**{past_toe(reading)}**")
        st.markdown(words.escape(ankle.verdict(reading)))


def past_toe(reading: AnkleReading) -> str:
    """Write how far the knee passes the toes, with its band, in both units."""
    cm, sd = reading.past_toe_cm, reading.past_toe_sd_cm
    if not math.isfinite(cm):
        return "Give a scale below for how far the knee passes the toes."
    inch = ankle.CM_PER_INCH
    where = "past" if cm >= 0 else "short of"
    return (
        f"Knee {abs(cm):.1f} ± {2 * sd:.1f} cm ({abs(cm) / inch:.1f} ± {2 * sd / inch:.1f} in) "
        f"{where} the toes"
    )


def _picture(
    seen: Snapshot, shown: AnkleReading, moved: dict[str, Any], *, with_plate: bool
) -> None:
    points: dict[str, tuple[float, float]] = {
        name: getattr(shown.points, name) for name in ("knee", "ankle", "heel", "toe")
    }
    if with_plate:
        points |= dict(zip(("plate1", "plate2"), _plate(seen, moved), strict=True))
    scale = shown.scale.cm_per_px
    base = {
        "facing": shown.facing,
        "shank": shown.shank_deg,
        "heel": shown.heel_deg,
        "past": shown.past_toe_px,
        "cm_per_px": scale if math.isfinite(scale) else None,
        "heel_up": ankle.HEEL_UP_DEG,
    }
    photo_id = snapstate.shown_as(seen.id)
    marker.photo(photo_id, seen.picture)
    marker.marker(
        photo_id,
        {
            "size": list(seen.size_px),
            "points": points,
            "base": base,
            "alt": "The photo with knee, ankle, heel and toe marked on the leg in front",
        },
        key=_key(seen.id),
        on_moved=partial(_remember, seen.id),
    )


def _key(photo_id: str) -> str:
    return f"marker_{snapstate.shown_as(photo_id)}"


def _moved(photo_id: str) -> dict[str, Any]:
    """Points that were dragged, by name; empty if none was."""
    return _told(photo_id) or snapstate.remembered_points(photo_id)


def _told(photo_id: str) -> dict[str, Any]:
    told = (st.session_state.get(_key(photo_id)) or {}).get("moved") or {}
    found = told.get("points")
    return found if isinstance(found, dict) else {}


def _remember(photo_id: str) -> None:
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        snapstate.remember_points(_told(photo_id))


def _points(auto: AnkleReading, moved: dict[str, Any]) -> LegPoints:
    """Points on show: where the finger has put them, or where they were found."""
    names = ("knee", "ankle", "heel", "toe")
    try:
        return LegPoints(**{n: (float(moved[n][0]), float(moved[n][1])) for n in names})
    except (KeyError, TypeError, ValueError, IndexError):
        return auto.points


def _plate(seen: Snapshot, moved: dict[str, Any]) -> tuple[tuple[float, float], ...]:
    """Two ends of the plate: where the finger has put them, or a place to start from."""
    wide, high = seen.size_px
    start = ((0.3 * wide, 0.9 * high), (0.6 * wide, 0.9 * high))
    try:
        return tuple((float(moved[n][0]), float(moved[n][1])) for n in ("plate1", "plate2"))
    except (KeyError, TypeError, ValueError, IndexError):
        return start


def _is_shod(shoe: str, auto: AnkleReading, moved: dict[str, Any]) -> bool:
    """Whether the toe point was put on the tip of a shoe by hand."""
    return shoe != "Barefoot" and _points(auto, moved).toe != auto.points.toe


def _shoe() -> str:
    chosen = st.segmented_control(
        "On the foot",
        list(_SHOES),
        default="Barefoot",
        required=True,
        key="shoe",
        persist_state="session",
    )
    return str(chosen or "Barefoot")


def _scale(seen: Snapshot, points: LegPoints, moved: dict[str, Any]) -> Scale | None:
    """Ask where the centimetres come from; None while that is not known."""
    chosen = st.segmented_control(
        "Centimetres from",
        list(_SOURCES),
        default=_HEIGHT,
        required=True,
        key="scale_source",
        persist_state="session",
    )
    if chosen == _NONE:
        return Scale()
    if chosen == _HEIGHT:
        height_cm = intake.height()
        return (
            Scale()
            if height_cm is None
            else Scale(cm_per_px=height_cm / seen.height_px, source="height")
        )
    if chosen == _PLATE:
        st.caption(snapwords.PLATE)
        has_plate = "plate1" in moved and "plate2" in moved
        try:
            return ankle.plate_scale(*_plate(seen, moved)) if has_plate else None
        except ValueError:
            return None
    low, high = _LENGTH_CM[chosen]
    hint = (
        "Shin: from the gap at the outside of the knee to the bone at the outside of the ankle, cm"
        if chosen == _SHANK
        else "Foot, barefoot: from the heel to the longest toe, cm"
    )
    length_cm = st.number_input(
        hint,
        low,
        high,
        value=None,
        step=0.5,
        format="%.1f",
        key=f"length_{chosen}",
        persist_state="session",
    )
    if length_cm is None or not low <= length_cm <= high:
        return Scale()
    return ankle.length_scale(points, float(length_cm), "shank" if chosen == _SHANK else "foot")


def summary(tries: list[Try]) -> None:
    """Draw the best of left and right, and how they compare."""
    best = {
        side: ankle.best([t.reading for t in tries if t.reading.side == side])
        for side in ("left", "right")
    }
    st.markdown("**Best of your tries**")
    st.table([_row(side, best[side], tries) for side in best], alt="Best try of each leg")
    left, right = best["left"], best["right"]
    if left is not None and right is not None:
        st.markdown(ankle.difference(left, right))
    if any(t.reading.heel_up for t in tries):
        st.caption("Tries with the heel up do not count.")


def _row(side: str, best: AnkleReading | None, tries: list[Try]) -> dict[str, str]:
    count = sum(t.reading.side == side for t in tries)
    cm = math.nan if best is None else best.past_toe_cm
    return {
        "Leg": side.capitalize(),
        "Ankle": figures.DASH
        if best is None
        else figures.degrees(best.ankle_deg, best.angle_sd_deg),
        "Past toes": figures.DASH
        if not math.isfinite(cm)
        else f"{cm:.1f} cm ({cm / ankle.CM_PER_INCH:.1f} in)",
        "Tries": f"{count} of {snapstate.MOST_TRIES}",
    }
