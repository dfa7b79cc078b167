"""The parts of the Compare page: clips, files, differences, pictures, trend."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Final

import streamlit as st
from streamlit.typing import UploadedFile

from analysis import compare, comparecharts, keepfile
from analysis.compare import LEAST_DAYS, Name
from analysis.comparecharts import MOST
from analysis.keepfile import KeepFileError, Kept, Still
from pages.shared import _compat, answers, differences, guard, labels, shelf, words

_ROUND: Final = "files_round"
_TROUBLES: Final = "files_troubles"
_TREND_TITLES: Final[dict[Name, str]] = {
    "onset_thigh_deg": "Tuck starts: thigh above parallel (degrees)",
    "peak_deg": "Largest tuck (degrees)",
    "depth_deg": "Deepest: thigh above parallel (degrees)",
    "max_ankle_deg": "Ankle bend (degrees)",
}
_LETTERS: Final = "ABCD"
# MB; a zip of all clips of a visit has about ten.
_MOST_MB: Final = 20


def load_files() -> None:
    """Offer to load saved results, several at once."""
    number = int(st.session_state.get(_ROUND, 0))
    files = st.file_uploader(
        "Saved results (JSON, or a zip of them)",
        accept_multiple_files=True,
        max_upload_size=_MOST_MB,
        key=f"files_{number}",
        help="The files that this app saves under a result, or the reports of its command line.",
    )
    if files:
        st.session_state[_TROUBLES] = [trouble for file in files for trouble in _load(file)]
        st.session_state[_ROUND] = number + 1
        st.rerun()
    for trouble in st.session_state.pop(_TROUBLES, []):
        st.warning(trouble)


def _load(file: UploadedFile) -> list[str]:
    """Put what is in a file on the shelf; return what was in the way, in sentences."""
    # Said with the name, which is the visitor's own and shown as plain text.
    name = words.escape(file.name[:60])
    try:
        for kept in keepfile.read_all(file.getvalue()):
            shelf.add(kept)
    except KeepFileError as error:
        return [f"{name}: {error}"]
    except shelf.FullError:
        return [f"{name}: no more than {shelf.MOST} clips can be compared at a time."]
    finally:
        _compat.free_upload(file)
    return []


def on_the_shelf(clips: Mapping[str, Kept]) -> None:
    """List the clips of this visit, each with its label, a way to change it and to save it."""
    # What is downloaded is bound here: a download that is made when it is asked for runs
    # outside of the session.
    files: list[tuple[str, Kept]] = []
    for digest, kept in clips.items():
        with st.expander(words.escape(titled(kept)), icon=":material/movie:"):
            st.caption(_verdict(kept))
            named = replace(kept, label=labels.ask(f"shelf_{digest}", kept.label))
            if named.label.as_json() != kept.label.as_json():
                # The comparison above was drawn with the other label.
                shelf.relabel(digest, named.label)
                st.rerun()
            files.append((shelf.file_name(named.label, named.day), named))
            with st.container(horizontal=True):
                st.download_button(
                    "Save",
                    partial(keepfile.write, named),
                    files[-1][0],
                    "application/json",
                    icon=":material/download:",
                    on_click="ignore",
                    key=f"save_{digest}",
                )
                st.button(
                    "Take off",
                    icon=":material/close:",
                    on_click=shelf.remove,
                    args=(digest,),
                    key=f"remove_{digest}",
                )
    if len(files) > 1:
        st.download_button(
            "Save all (zip)",
            partial(keepfile.write_zip, files),
            "two-bowls.zip",
            "application/zip",
            icon=":material/folder_zip:",
            on_click="ignore",
            key="save_all",
        )


def titled(kept: Kept) -> str:
    """Name a clip with its day; plain text."""
    name, day = labels.name(kept), labels.day(kept.day)
    return name if not day or day == name else f"{name} · {day}"


def _verdict(kept: Kept) -> str:
    kind = (kept.report["summary"] or {}).get("kind", "cannot_tell")
    note = f" · {words.escape(kept.label.note)}" if kept.label.note else ""
    return f"{answers.KIND_NAMES[kind]}{note}"


def choose(clips: Mapping[str, Kept]) -> list[Kept]:
    """Let the visitor choose which clips to lay beside each other."""
    if len(clips) == 2:
        return list(clips.values())
    chosen = st.pills(
        "Compare (the earliest chosen is A)",
        list(clips),
        selection_mode="multi",
        default=list(clips)[:2],
        format_func=lambda digest: words.escape(titled(clips[digest])),
        key="chosen",
    )
    found = [kept for digest, kept in clips.items() if digest in chosen]
    if len(found) > MOST:
        st.caption(f"The first {MOST} of them are shown.")
    return found[:MOST]


def show(chosen: Sequence[Kept]) -> None:
    """Draw two to four clips against each other: answer, charts, figures, pictures."""
    first = chosen[0]
    for letter, kept in zip(_LETTERS, chosen, strict=False):
        st.markdown(f"**{letter}** {words.escape(titled(kept))} · {_verdict(kept)}")
    for letter, other in zip(_LETTERS[1:], chosen[1:], strict=False):
        _answer(letter, first, other, is_only=len(chosen) == 2)
    _charts(chosen)
    for letter, other in zip(_LETTERS[1:], chosen[1:], strict=False):
        _table(letter, first, other)
    st.caption(
        "Degrees are thigh above (+) or below (−) parallel, or bend; means of the whole reps. "
        "± is two standard deviations. A difference counts only above two standard deviations "
        "of the difference, which holds the errors of both clips."
    )
    _pictures(chosen)


def _answer(letter: str, first: Kept, other: Kept, *, is_only: bool) -> None:
    told = words.escape(differences.headline(first, other))
    with st.container(border=True, gap="xsmall"):
        if not is_only:
            st.caption(f"{letter} against A")
        st.markdown(f"**{told}**")
        advice = differences.advice(first, other)
        if advice:
            st.markdown(advice)
        for caution in differences.cautions(first, other):
            st.markdown(f":material/error: {caution}")


@guard.kindly
def _charts(chosen: Sequence[Kept]) -> None:
    # What A and B are stands above; in the chart there is no room for it.
    named = [(letter, kept.report) for letter, kept in zip(_LETTERS, chosen, strict=False)]
    st.vega_lite_chart(
        comparecharts.descent_chart(named),
        width="stretch",
        alt="Lower back at each depth on the way down, a line for each clip",
        key="descent_chart",
    )
    st.caption(
        "Each line is the mean way down of a clip, the pale band two standard deviations of "
        "error. A diamond is where the tuck starts, its bar how sure that place is."
    )
    with st.expander("All reps, down and up", icon=":material/all_inclusive:"):
        st.vega_lite_chart(
            comparecharts.map_chart(named),
            width="stretch",
            alt="The wink maps of the clips over each other",
            key="map_chart",
        )


@guard.kindly
def _table(letter: str, first: Kept, other: Kept) -> None:
    rows = [differences.row(d) for d in compare.differences(first.report, other.report)]
    if letter != "B":
        rows = [{name.replace("B", letter, 1): text for name, text in row.items()} for row in rows]
    st.table(rows, alt=f"Figures of clip A and clip {letter} and their difference")


@guard.kindly
def _pictures(chosen: Sequence[Kept]) -> None:
    """Draw the flagged pictures of the clips side by side, on a phone too."""
    shown = [(k, _flagged(kept)) for k, kept in enumerate(chosen)]
    known = [(k, still) for k, still in shown if still is not None]
    if not known:
        return
    with st.container(horizontal=True, gap="small", wrap=False):
        for k, still in known:
            with st.container(width=165, gap="xsmall"):
                st.image(_as_link(still), width=165, alt=f"Clip {_LETTERS[k]}, {still.name}")
                st.caption(f"{_LETTERS[k]}, {_MOMENTS[still.name]}")


_MOMENTS: Final = {
    "onset": "where the tuck starts",
    "bottom": "deepest",
    "standing": "standing",
    "release": "tuck lets go",
}


def _flagged(kept: Kept) -> Still | None:
    """Picture of the flagged moment: the first one, since they are kept in that order."""
    return kept.stills[0] if kept.stills else None


def _as_link(still: Still) -> str:
    """Hand a picture of a stranger to the browser as it is: nothing is decoded here."""
    return f"data:image/jpeg;base64,{base64.b64encode(still.jpeg).decode('ascii')}"


@guard.kindly
def trends(clips: Sequence[Kept]) -> None:
    """Draw what changes over three days and more."""
    dated = [(kept.day, kept.report) for kept in clips]
    found = [compare.trend(name, dated) for name in _TREND_TITLES]
    known = [trend for trend in found if trend is not None]
    if not known:
        return
    st.subheader("Over time", anchor=False)
    made_by = [kept.report["made_with"]["estimator_sha"] for kept in clips]
    if any(one != other for one, other in pairwise(made_by)):
        st.markdown(f":material/error: {differences.CAUTIONS['other_estimator']}")
    for trend in known:
        st.markdown(differences.trend(trend))
        st.vega_lite_chart(
            comparecharts.trend_chart(trend, _TREND_TITLES[trend.name]),
            width="stretch",
            alt=f"{_TREND_TITLES[trend.name]} over days, with bars of error",
            key=f"trend_{trend.name}",
        )
    st.caption(
        f"From {LEAST_DAYS} days on. Bars are two standard deviations; the slope is that of the "
        "line through them, each weighed by its error."
    )


def experiments() -> None:
    """Explain which pair of clips points to what."""
    st.subheader("What to film", anchor=False)
    st.markdown(
        "Change one thing, leave all else, film again. What differs is worth testing; it is no "
        "proof of a cause."
    )
    for title, how, points_to in differences.EXPERIMENTS.values():
        with st.expander(title):
            st.markdown(how)
            st.markdown(points_to)
