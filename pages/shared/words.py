"""Sentences that several parts of the page use: plain, short and kind, and never a diagnosis.

Nothing here knows Streamlit, nor what a result holds.
"""

import re
from typing import Final

from analysis.service.settings import Settings
from pages.shared.jobs import BusyError, Job, Outlook, State

STAGES: Final = {
    "open": "Opening the film",
    "look": "Looking for the lifter",
    "measure": "Measuring each picture",
    "write": "Putting the result together",
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

MACHINES_AWAY: Final = (
    "The computers that analyse the films cannot be reached right now. Your film is not lost: it "
    "waits here and is analysed as soon as they are back."
)

NOT_SHARED: Final = (
    "There is nothing at this address, or not any more: shared links end by themselves, and who "
    "made one can delete it."
)

# With a space in front, since it follows a sentence.
MAY_BE_WIPED: Final = (
    " This server keeps it in a temporary place: a new start of the machine ends it sooner."
)

MEASURED: Final = (
    "Made by measuring a film, which is not a medical opinion. A wink does not mean that "
    "something is broken."
)

NO_ROOM: Final = (
    "The server has no room for another film just now. Please try again in a few minutes."
)


def privacy(settings: Settings) -> str:
    """Say what becomes of a film and its result on this server."""
    return (
        "Your film is read on this server and deleted once it is measured. Only if the analysis "
        f"breaks off it stays for {span(settings.film_s)}, so that you can try again. The result, "
        f"a small film among it, is deleted after {span(settings.keep_s)}, or at once with the "
        "button under it."
    )


def sharing(settings: Settings) -> str:
    """Say what a link shows, to whom, and for how long."""
    return (
        "Makes a copy of this result, with its small film, at an address that cannot be guessed. "
        "Whoever has the link can look at it and change nothing. It ends by itself after "
        f"{span(settings.share_s)}, or at once when you delete it."
    )


def waits_for_you(settings: Settings) -> str:
    """Say that nobody has to keep the page open."""
    return (
        "You may lock the phone, close the page or switch to another app: the result waits for "
        f"you at this page's address for {span(settings.keep_s)}."
    )


def in_line(outlook: Outlook) -> str:
    """Say where in line a film stands and how long it takes."""
    place = {None: "In line", 0: "Next in line"}.get(outlook.ahead, "")
    place = place or f"Place {(outlook.ahead or 0) + 1} in line"
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


def span(time_s: float) -> str:
    """Write how long something is kept."""
    if time_s >= 2 * 24 * 3600:
        return f"{time_s / (24 * 3600):.0f} days"
    if time_s >= 1.5 * 3600:
        return f"{time_s / 3600:.0f} hours"
    minutes = max(1, round(time_s / 60))
    return "a minute" if minutes == 1 else f"{minutes} minutes"


def escape(text: str) -> str:
    """Make text from a report safe to stand in Markdown: all of it is shown as it is."""
    flat = " ".join(text.split())
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~$:&^=@\"'/])", r"\\\1", flat)


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
