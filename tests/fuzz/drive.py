"""Run cases through the real worker, and judge how each ended."""

import importlib
import json
import os
import re
import shutil
import signal
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis.model import ensure_model
from analysis.pose import MediaPipeModel
from analysis.service import events, sandbox, worker
from analysis.service.child import last_sentence
from analysis.service.job import BY_EXIT_CODE, REPORT, State
from analysis.service.request import Request
from tests.fuzz.mutate import mutated

# A tiny film takes under a second; this is what counts as a hang, for which a real
# server waits longer.
LIMIT_S = 60.0
MEMORY_MB = 1200
CANARY = "canary.mov"
_SENTENCE = re.compile(r"[A-Z0-9][^\n{}<>]{8,}[.!?]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a case ended.

    Attributes
    ----------
    state : State
        As the page would be told.
    problem : str
        What is wrong with such an end; empty if nothing is.
    """

    case: int
    seed: str
    state: State
    code: int
    time_s: float
    problem: str


def run_cases(
    cases: Iterable[int], seeds: dict[str, bytes], folder: Path, *, at_once: int = 1
) -> Iterator[Outcome]:
    """Run cases, each in a child forked from this process, which has all loaded.

    The child does what the worker does from the moment that it is given its film;
    only its start is saved, which would be most of the time.

    Parameters
    ----------
    cases : iterable of int
    seeds : dict
        From `seeds.make_seeds`.
    folder : Path
        Holds the films, and the canary beside them.
    at_once : int
    """
    # Nothing is opened ahead: its threads would not live on in a fork.
    importlib.import_module("mediapipe.tasks.python.vision")
    model = MediaPipeModel(ensure_model())
    running: dict[int, _Started] = {}
    todo = iter(cases)
    is_done = False
    while running or not is_done:
        while not is_done and len(running) < at_once:
            case = next(todo, None)
            if case is None:
                is_done = True
                break
            started = _start(case, seeds, folder, model)
            running[started.pid] = started
        for pid, started in list(running.items()):
            found, status = os.waitpid(pid, os.WNOHANG)
            took_s = time.monotonic() - started.at_s
            if found:
                del running[pid]
                yield _judge(started, os.waitstatus_to_exitcode(status), took_s)
            elif took_s > LIMIT_S and not started.is_late:
                started.is_late = True
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)


@dataclass(slots=True, kw_only=True)
class _Started:
    case: int
    seed: str
    folder: Path
    pid: int
    at_s: float
    is_late: bool = False


def _start(case: int, seeds: dict[str, bytes], folder: Path, model: MediaPipeModel) -> _Started:
    seed, content = mutated(seeds, case)
    place = folder / str(case)
    (place / "out").mkdir(parents=True)
    (place / "film").write_bytes(content)
    request = Request(
        film=str(place / "film"), out=str(place / "out"), memory_mb=MEMORY_MB, cpu_s=120
    )
    pid = os.fork()
    if pid == 0:
        _be_the_worker(request, place, model)
    return _Started(case=case, seed=seed, folder=place, pid=pid, at_s=time.monotonic())


def _be_the_worker(request: Request, place: Path, model: MediaPipeModel) -> None:
    """Do the worker's part and end; never returns."""
    code = 1
    try:
        for number, name in ((1, "stdout"), (2, "stderr")):
            target = os.open(place / name, os.O_WRONLY | os.O_CREAT, 0o600)
            os.dup2(target, number)
        os.chdir(place)
        worker.limit(request)
        sandbox.shut_in()
        code = worker.run(request, model)
    except BaseException:
        import traceback

        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(code)


def _judge(started: _Started, code: int, time_s: float) -> Outcome:
    complaint = (started.folder / "stderr").read_text(errors="replace")
    state = BY_EXIT_CODE.get(code, State.CRASHED)
    problem = ""
    if started.is_late or code == -signal.SIGXCPU:
        state, problem = State.LATE, f"hangs for {time_s:.0f} s"
    elif state is State.CRASHED:
        problem = f"ends with {code} {events.where_it_broke(complaint)}"
    elif state is State.DONE:
        json.loads((started.folder / "out" / REPORT).read_bytes())
    elif state is not State.TOO_LARGE and not _SENTENCE.fullmatch(last_sentence(complaint)):
        problem = f"no sentence: {last_sentence(complaint)!r}"
    left = {path.name for path in started.folder.iterdir()} - {"film", "out", "stdout", "stderr"}
    if left:
        problem = f"writes {left}"
    shutil.rmtree(started.folder)
    return Outcome(
        case=started.case, seed=started.seed, state=state, code=code, time_s=time_s,
        problem=problem,
    )  # fmt: skip
