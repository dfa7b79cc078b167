"""A small report for the tests of the charts."""

from typing import Any

import numpy as np


def report(count: int = 60) -> dict[str, Any]:
    """Small report with a gap, two reps and one wink."""
    times = np.arange(count) / 30
    frames = [
        {
            "t": float(t),
            "thigh_deg": 80.0 - t,
            "thigh_sd_deg": 2.0,
            "ankle_deg": 10.0,
            "ankle_sd_deg": 1.0,
            "lumbar_deg": None if 10 <= i < 13 else float(i),
            "lumbar_sd_deg": None if 10 <= i < 13 else 2.0,
        }
        for i, t in enumerate(times)
    ]
    wink = {"kind": "wink", "onset_s": 0.6}
    none = {"kind": "none", "onset_s": None}
    reps = [
        {"start_s": 0.2, "end_s": 0.9, "wink": wink},
        {"start_s": 1.0, "end_s": 1.8, "wink": none},
    ]
    return {"frames": frames, "reps": reps}


def without_tables(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a chart without the tables beside it."""
    return {name: value for name, value in spec.items() if name != "datasets"}
