"""Made-up reports of known figures, for what compares, keeps and shares them."""

from typing import Any

from analysis.keepfile import Kept, Still, keep
from analysis.label import Label
from tests.pages import made_up

# The smallest JPEG there is to look at: a start, an end, and nothing between.
JPEG = b"\xff\xd8\xff\xe0" + bytes(200) + b"\xff\xd9"


def report(
    *, onset_deg: float = -8.0, sd_deg: float = 3.0, kind: str = "wink", day: str | None = None
) -> dict[str, Any]:
    """Return a report of schema 1 whose reps are all alike."""
    made: dict[str, Any] = made_up.report(kind)
    made["clip"]["filmed_on"] = day
    for rep in made["reps"]:
        wink = rep["wink"]
        if kind == "wink":
            wink["onset_thigh_deg"], wink["onset_thigh_sd_deg"] = onset_deg, sd_deg
        else:  # made-up arches have an onset, which real ones lack
            wink.update(dict.fromkeys(("onset_s", "onset_thigh_deg", "onset_thigh_sd_deg")))
            wink.update(onset_interval_s=[None, None], release_s=None, starts=None)
        wink["peak_sd_deg"] = sd_deg
    if kind == "wink":
        made["summary"]["onset_thigh_deg"] = onset_deg
    return made


def kept(label: Label | None = None, **figures: Any) -> Kept:  # noqa: ANN401
    """Return a clip to keep, with one picture."""
    still = Still(name="onset", rep=1, t_s=0.92, jpeg=JPEG)
    return keep(report(**figures), label or Label(), [still])


def parts(kept: Kept) -> tuple[Any, Any, Any]:
    """Return all of a clip in a form that compares: a label without a load (NaN) equals none."""
    return kept.report, kept.label.as_json(), kept.stills
