"""What the preview film costs: the analysis with it against the analysis without.

    python -m tests.benchmarks.preview [CLIP]

Analyses a film (the sample by default) with and without the preview in turn, in this
process, and prints the ratio of the processor times: on a busy machine they say more
than the clock. The aim is under 1.15.
"""

import sys
import tempfile
import time
from pathlib import Path

from analysis.model import ensure_model
from analysis.pipeline import analyse
from analysis.pose import MediaPipeModel
from tests.browser.films import SAMPLE

_TIMES = 5


def spent_s(clip: Path, model: MediaPipeModel, preview: Path | None) -> float:
    """Analyse once; return the seconds of processor, of all threads."""
    start_s = time.process_time()
    analyse(clip, model=model, preview=preview)
    return time.process_time() - start_s


def main() -> None:
    """Measure and print."""
    clip = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE
    model = MediaPipeModel(ensure_model())
    with tempfile.TemporaryDirectory() as folder:
        preview = Path(folder) / "preview.mp4"
        spent_s(clip, model, preview)  # the first run loads libraries
        bare, full = [], []
        for _ in range(_TIMES):
            bare.append(spent_s(clip, model, None))
            full.append(spent_s(clip, model, preview))
            print(f"{bare[-1]:5.2f} s of processor without, {full[-1]:5.2f} s with", flush=True)
        size_kb = preview.stat().st_size / 1000
    # The least of several runs is the one that others disturbed least.
    ratio = min(full) / min(bare)
    print(f"ratio {ratio:.3f}; the preview is {size_kb:.0f} kB")


if __name__ == "__main__":
    main()
