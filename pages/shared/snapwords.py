"""Sentences of the page of photos: plain, short and kind, and never a diagnosis."""

from typing import Final

from analysis.service.settings import Settings
from pages.shared import words
from pages.shared.jobs import Job, State

HOW_ANKLE: Final = (
    "Kneel or stand with one foot in front. Drive that knee forward over the toes as far as it "
    "goes **with the heel down**, and have the photo taken (or use the timer) square from that "
    "side, phone level with the knee, whole body in the picture."
)

HOW_STILL: Final = (
    "A photo of the bottom of your squat, square from the side, whole body in the picture. With "
    "one of you standing beside it you also get how much the lower back has changed."
)

MEANING: Final = (
    "Why it matters: out of ankle range, the body finds the missing depth in the lower back. "
    "4 to 5 inches past the toes is good, most people get by with 3.5, and it is individual.",
    "Worth trying: a slightly wider stance, or toes turned out a little. Then film a set again "
    "and see whether the tuck starts lower.",
    "What it does not prove: that your ankles are why you wink. Studies disagree: one finds more "
    "movement of pelvis and lower back with stiff ankles, another with supple ones.",
)

ONE_STILL: Final = (
    "**One still cannot show a wink.** It takes a second moment to compare with: a photo of you "
    "standing gives the change, and a clip shows at which depth it starts."
)

DRAG: Final = (
    "Does a point sit wrong, as under loose trousers? Drag it: the middle of the knee and the "
    "ankle joint, the back of the heel, the tip of the longest toe."
)

PLATE: Final = "Drag the two blue points to opposite edges of the plate, as far apart as they go."


def privacy(settings: Settings) -> str:
    """Say what becomes of a photo on this server."""
    return words.privacy(settings).replace("Your film is", "Your photo is")


def state_sentence(job: Job) -> str:
    """Say in one sentence why a photo could not be measured."""
    own = words.state_sentence(job)
    return {
        State.REFUSED: own.replace("read as a film", "read as a photo"),
        State.NOTHING: own.replace(
            "The film was read, but there is no squat in it to measure.",
            "The photo was read, but there is nothing in it to measure.",
        ),
        State.TOO_LARGE: "This photo needs more memory than one gets here. Please take it in the "
        "usual mode of your camera.",
        State.LATE: "The measurement took too long and was ended.",
        State.STOPPED: "The measurement was stopped.",
        State.INTERRUPTED: "The server was started again in the middle of this photo. Please "
        "choose it again.",
        State.MISSING: own,
    }.get(job.state, "Sorry, the measurement broke off in the middle of this photo.")
