"""Run many cases and print how they ended; see the package."""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from analysis.service.runner import worker_command
from tests.clips import write_clip
from tests.fuzz.drive import CANARY, run_cases
from tests.fuzz.mutate import mutated
from tests.fuzz.seeds import make_seeds
from tests.service.tracing import can_trace, trace

_TELL_EVERY = 250


def trace_cases(cases: range, seeds: dict[str, bytes], folder: Path) -> bool:
    """Run cases in whole workers under strace; print what they touched, False for too much."""
    outside: Counter[str] = Counter()
    ports: Counter[int] = Counter()
    for case in cases:
        film = folder / "film"
        film.write_bytes(mutated(seeds, case)[1])
        seen = trace(folder, film, command=worker_command(10))
        outside.update(seen.outside(film=film, out=folder / "out"))
        ports.update(seen.connections)
    print(f"{len(cases)} traced: touched outside: {dict(outside) or 'nothing'}")
    print(f"called: {dict(ports) or 'nobody'}")
    return not outside and not ports


def main() -> int:
    """Run and print; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("cases", type=int, nargs="?", default=5000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--traced", type=int, default=50)
    args = parser.parse_args()
    seeds = make_seeds()
    states: Counter[str] = Counter()
    problems = []
    slowest_s = 0.0
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_clip(folder / CANARY)
        cases = range(args.first, args.first + args.cases)
        outcomes = run_cases(cases, seeds, folder, at_once=os.cpu_count() or 1)
        for count, outcome in enumerate(outcomes, start=1):
            states[outcome.state] += 1
            slowest_s = max(slowest_s, outcome.time_s)
            if outcome.problem:
                problems.append(outcome)
                print(f"case {outcome.case} ({outcome.seed}): {outcome.problem}", flush=True)
            if count % _TELL_EVERY == 0:
                print(f"{count} in {time.monotonic() - started:.0f} s", flush=True)
        ends = ", ".join(f"{count} {state}" for state, count in states.most_common())
        print(f"{args.cases} cases of {len(seeds)} seeds: {ends}")
        print(f"{len(problems)} with a problem; slowest {slowest_s:.1f} s")
        is_clean = not problems
        if args.traced:
            if not can_trace(folder):
                raise RuntimeError("strace cannot trace here")
            traced = range(args.first, args.first + args.traced)
            is_clean = trace_cases(traced, seeds, folder) and is_clean
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
