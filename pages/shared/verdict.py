"""The answer on top, and what stands under the pictures."""

from collections.abc import Callable

import streamlit as st

from analysis import keepfile
from analysis.label import Label
from pages.shared import (
    answers,
    checks,
    figures,
    guard,
    jobs,
    session,
    shelf,
    waiting,
    words,
)
from pages.shared.result import Rep, Report, Result

_BADGES = {
    "wink": ("orange", ":material/south:"),
    "arch_to_neutral": ("blue", ":material/trending_flat:"),
    "none": ("green", ":material/check:"),
    "cannot_tell": ("gray", ":material/visibility_off:"),
}

# A narrow space at which no line is broken: a figure and its band stay together on a phone.
_HELD = "\u202f"


def card(report: Report) -> None:
    """Draw the verdict: is it a wink, where does it start, what to do now, how sure."""
    kind = report.summary.kind if report.reps else "cannot_tell"
    colour, icon = _BADGES[kind]
    with st.container(border=True, gap="xsmall"):
        st.badge(answers.KIND_NAMES[kind], color=colour, icon=icon)
        st.title(answers.verdict(report), anchor=False)
        st.markdown(f"**{answers.action(report)}**")
        if answers.how_sure(report):
            st.caption(answers.how_sure(report))
        if kind == "cannot_tell":
            _cannot_tell(report)


def meaning(report: Report) -> None:
    """Say what follows, and what this film cannot tell."""
    if answers.meaning(report):
        st.markdown(answers.meaning(report))
    with st.expander("What this film cannot tell", icon=":material/visibility_off:"):
        st.markdown("\n".join(f"- {line}" for line in answers.limits(report)))


def _cannot_tell(report: Report) -> None:
    for reason in answers.reasons(report):
        st.markdown(words.escape(reason))
    if report.reps:
        st.markdown("No verdict is better than a guess. Depth and ankle are still measured below.")
    with st.expander("How to film it so that it can be told", icon=":material/videocam:"):
        st.markdown("\n".join(f"- {line}" for line in words.FILMING_MORE[:4]))


def reps_table(report: Report) -> None:
    """Draw one row for each rep."""
    if not report.reps:
        return
    st.markdown("**Reps**")
    st.table(
        [_row(rep) for rep in report.reps],
        alt="Depth, ankle and lower back of each rep",
    )
    st.caption(
        "Degrees. Deepest, and Tuck at (where it starts): thigh above (+) or below (−) parallel. "
        "Ankle: the most it bends. Tuck: the most the lower back tucks. Tempo: seconds down/up. "
        "± is two standard deviations."
    )
    if any(rep.heel_rise for rep in report.reps):
        st.markdown(
            "The heel comes up in at least one rep. See whether it stays down with a "
            "slightly wider stance or toes turned out."
        )


def _row(rep: Rep) -> dict[str, str]:
    measured = {
        "Deepest": figures.degrees(rep.depth_deg, rep.depth_sd_deg),
        "Ankle": figures.degrees(rep.ankle_deg, rep.ankle_sd_deg),
        "Tuck at": figures.degrees(rep.wink.onset_thigh_deg, rep.wink.onset_thigh_sd_deg),
        "Tuck": answers.tuck(rep),
        "Tempo": figures.tempo(rep),
    }
    held = {name: text.replace(" ", _HELD) for name, text in measured.items()}
    return {"Rep": answers.rep_name(rep), **held}


def findings(report: Report) -> None:
    """Draw what may be worth testing, and what it is not."""
    is_told = report.summary.kind in ("wink", "arch_to_neutral")
    if not report.findings and not is_told:
        return
    st.markdown("**Worth testing**")
    for finding in report.findings:
        title = words.sentence(finding["title"].removeprefix("Worth testing: ")).removesuffix(".")
        with st.expander(words.escape(title)):
            st.markdown(words.escape(finding["evidence"]))
            st.markdown(f"**Try:** {words.escape(finding['try'])}")
    st.caption(answers.NOT_IT)


def film_check(report: Report) -> None:
    """Draw how well the film can be measured, in plain words."""
    told = checks.film_check(report)
    good = all(check.ok for check in told)
    title = "Film check: nothing in the way" if good else "Film check: could be better"
    with st.expander(title, expanded=not good, icon=":material/fact_check:"):
        for check in told:
            fine = ":material/check:" if check.is_sure else ":material/visibility:"
            icon = fine if check.ok else ":material/error:"
            st.markdown(f"{icon} **{check.name}.** {words.escape(check.text)}")


def person(job: jobs.Job, result: Result) -> None:
    """Show who was measured, with a way to choose somebody else."""
    overlay = result.overlay
    if overlay is None or not len(overlay.people_px):
        return
    count = len(overlay.people_px)
    title = "Who was measured" if count == 1 else f"{count} people in the film: is it you?"
    with st.expander(title, icon=":material/person_search:"):
        st.image(
            session.album().people_jpeg(), width=320, alt="The person measured, marked by a frame"
        )
        if count == 1:
            return
        others = [n for n in range(1, count + 1) if n - 1 != overlay.measured]
        if not job.can_measure_others:
            st.caption("The film is deleted already; upload it again to choose somebody else.")
            return
        st.markdown("That is not me. I am number:")
        with st.container(horizontal=True):
            for number in others:
                st.button(
                    str(number),
                    key=f"person_{number}",
                    on_click=waiting.measure_person,
                    args=(job.id, number),
                )


def downloads(result: Result, label: Label) -> None:
    """Offer the figures, the flagged picture and the film to keep."""
    st.markdown("**Keep it**")
    name = shelf.file_name(label, label.date or result.report.raw["clip"]["filmed_on"])
    with st.container(horizontal=True):
        _download("Table (CSV)", result.csv, "two-bowls.csv", "text/csv")
        kept = session.album().kept
        _download(
            "For Compare (JSON)",
            lambda: keepfile.write(kept(label)),
            name,
            "application/json",
            key="two-bowls.json",
        )
        if result.overlay is not None:
            _download("Picture (PNG)", session.album().flagged_png(), "two-bowls.png", "image/png")
    if result.overlay is not None:
        film_download(result.id)


@st.fragment
@guard.kindly
def film_download(result_id: str) -> None:
    """Offer the film with everything drawn into it, of the set or of one rep."""
    album = session.album()
    if album.result.id != result_id:  # another film has been opened in the meantime
        st.rerun()
    reps = album.result.report.reps
    rep: Rep | None = None
    if len(reps) > 1:
        chosen = st.segmented_control(
            "Film with the drawing",
            range(len(reps) + 1),
            default=0,
            required=True,
            format_func=lambda number: f"Rep {number}" if number else "Whole set",
            key="film_part",
            wrap=False,
        )
        rep = reps[chosen - 1] if chosen else None
    name = f"two-bowls-rep-{rep.number}.mp4" if rep else "two-bowls.mp4"
    _download("Film (MP4)", lambda: album.film_mp4(rep), name, "video/mp4", key="film_mp4")
    st.caption("The film is drawn when you ask for it, which takes a moment.")


def _download(
    label: str, data: bytes | Callable[[], bytes], name: str, mime: str, *, key: str = ""
) -> None:
    if data:
        st.download_button(
            label, data, name, mime, icon=":material/download:", on_click="ignore", key=key or name
        )
