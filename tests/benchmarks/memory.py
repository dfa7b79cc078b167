"""Peak memory of the analysis against the length of the film.

    python -m tests.benchmarks.memory

Loops the sample to films of 15 and 60 s, analyses each on the command line and
prints the peak of the proportional set size (PSS) of all its processes, and the
ratio. The frames are streamed, so it should stay near 1.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from analysis.preview import PreviewWriter
from analysis.video import FilmReader

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "analysis" / "data" / "sample.mp4"
LENGTHS_S = (15.0, 60.0)
_LOOK_EVERY_S = 0.1


def loop_sample(path: Path, *, length_s: float) -> None:
    """Write the sample over and over until the film is `length_s` seconds long."""
    time_s = 0.0
    with FilmReader(SAMPLE) as film:
        wide, high = film.meta.width_px, film.meta.height_px
        with PreviewWriter(path, width_px=wide, height_px=high) as writer:
            while time_s < length_s:
                for frame in film.frames():
                    writer.add(frame.rgb(), time_s)
                    time_s += 1 / 30
                    if time_s >= length_s:
                        break


def peak_pss_mb(command: list[str]) -> float:
    """Run a command and return the largest PSS of it and its children, in MB."""
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    peak = 0.0
    while child.poll() is None:
        peak = max(peak, family_pss_mb(child.pid))
        time.sleep(_LOOK_EVERY_S)
    if child.returncode:
        raise RuntimeError(f"exit {child.returncode}: {command}")
    return peak


def family_pss_mb(pid: int) -> float:
    """Proportional set size of a process and all its children, in MB."""
    return sum(map(_pss_mb, _family(pid)))


def _family(pid: int) -> list[int]:
    members = [pid]
    for member in members:
        for task in Path(f"/proc/{member}/task").glob("*/children"):
            try:
                members += [int(child) for child in task.read_text().split()]
            except OSError:
                continue
    return members


def _pss_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def main() -> None:
    """Measure and print."""
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        for length_s in LENGTHS_S:
            clip, out = Path(folder) / f"{length_s:.0f}.mp4", Path(folder) / "report.json"
            loop_sample(clip, length_s=length_s)
            preview = str(Path(folder) / "preview.mp4")
            command = [sys.executable, "-m", "analysis", str(clip), "-o", str(out)]
            peaks.append(peak_pss_mb([*command, "--preview", preview]))
            print(f"{length_s:4.0f} s film: peak {peaks[-1]:5.0f} MB")
    print(f"ratio {peaks[1] / peaks[0]:.3f}")


if __name__ == "__main__":
    main()
