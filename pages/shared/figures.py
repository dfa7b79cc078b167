"""Numbers as the page writes them: with their band, and a dash for what is missing."""

import math
from typing import Final

from pages.shared.result import Rep

DASH: Final = "–"

# Within this much of level a thigh is called "at parallel": finer is not measured.
_LEVEL_DEG: Final = 2.5

_CM_PER_INCH: Final = 2.54


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


def tempo(rep: Rep) -> str:
    """Write how long a rep takes, down and up, in seconds.

    Where the depth is not known the bottom was not seen, and when it was is a guess.
    """
    if rep.partial or not math.isfinite(rep.depth_deg):
        return DASH
    down, up = rep.bottom_s - rep.start_s, rep.end_s - rep.bottom_s
    return f"{down:.1f}/{up:.1f}" if math.isfinite(down + up) else DASH
