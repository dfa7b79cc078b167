"""Showing a result to somebody else: the maker's side, and what the other one sees."""

import math
import time

import streamlit as st

from analysis.service.shares import Made, Shared
from pages.shared import guard, jobs, labels, links, scrubber, session, tabs, verdict, viewer, words


@guard.kindly
def offer(result_id: str, label: jobs.Said) -> None:
    """Let the lifter make a link, show it, and delete it."""
    st.markdown("**Show it to somebody**")
    trouble = links.trouble()
    if trouble:
        st.warning(trouble)
    made = links.made(result_id)
    if made is None:
        st.caption(words.sharing(jobs.settings()))
        st.button(
            "Make a link",
            icon=":material/link:",
            on_click=links.make,
            args=(result_id, label),
            key="make_link",
        )
        return
    _show_link(result_id, made)


def _show_link(result_id: str, made: Made) -> None:
    link = links.address(**{links.ID: made.id})
    st.code(link, language=None, wrap_lines=True)
    st.image(links.qr_svg(link), width=220, alt="QR code of the link")
    st.caption(
        f"Let your coach point a phone at it. The link works until {_when(made.ends_s)}."
        f"{words.MAY_BE_WIPED if links.is_kept_briefly() else ''}"
    )
    st.button(
        "Delete the link",
        icon=":material/link_off:",
        on_click=links.delete,
        args=(result_id,),
        key="delete_link",
    )
    with st.expander("To delete it later, from anywhere", icon=":material/key:"):
        st.markdown("Keep this address for yourself: whoever has it can delete the link.")
        st.code(
            links.address(**{links.ID: made.id, links.KEY: made.secret}),
            language=None,
            wrap_lines=True,
        )


def show(shared: Shared) -> None:
    """Draw a shared result to be looked at: no button in it changes anything."""
    result = session.loaded_from(shared.id, shared.folder)
    if result is None:
        st.info(words.NOT_SHARED)
        return
    tabs.note(shared.id)
    session.open_at_flagged(result)
    verdict.card(result.report)
    told = labels.said_in(shared.label)
    if told:
        st.markdown(words.escape(told))
    viewer.show(result.id)
    verdict.meaning(result.report)
    verdict.reps_table(result.report)
    verdict.findings(result.report)
    verdict.film_check(result.report)
    st.caption(f"Shared by the lifter until {_when(shared.ends_s)}. {words.MEASURED}")
    if result.overlay is not None:
        scrubber.clip(result.id, session.album().film())


def offer_deletion(shared: Shared, key: str) -> None:
    """Offer the maker, who has the second secret, to delete the link."""
    st.button(
        "Delete this link",
        icon=":material/link_off:",
        on_click=_delete,
        args=(shared.id, key),
        key="delete_shared",
    )


def _delete(share_id: str, key: str) -> None:
    jobs.shares().delete(share_id, key)
    session.forget()


def _when(time_s: float) -> str:
    """Write a day, as the server's clock has it; finer than a day is never promised."""
    if not math.isfinite(time_s):
        return "soon"
    left_h = (time_s - time.time()) / 3600
    if left_h < 36:
        return f"about {max(1, round(left_h))} hours from now"
    then = time.gmtime(time_s)
    return f"{then.tm_mday} {time.strftime('%B %Y', then)}"
