"""The command line: ``python -m analysis``.

Exit codes: 0 done; 2 unreadable or over a limit (also: wrong arguments); 3
readable, but nothing usable in it; 4 model or library missing. With 2, 3 and 4
there is exactly one line on standard error.
"""

import argparse
import json
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from analysis.errors import MissingPartError, TwoBowlsError, UnreadableError
from analysis.firstlook import FirstLooker, write_first_look
from analysis.model import ensure_model
from analysis.pipeline import Analysis, Progress, analyse
from analysis.pose import MediaPipeModel, PoseModel
from analysis.report import write_csv, write_overlay, write_report

# Progress is told at most once per this share of the way.
_TELL_EVERY = 0.01


class _OneLineParser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one line."""

    def error(self, message: str) -> NoReturn:
        raise UnreadableError("arguments", f"{message} (see python -m analysis --help)")


def main(argv: Sequence[str] | None = None, *, model: PoseModel | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; those of the process by default.
    model : PoseModel, optional
        The pose model, if it is loaded already.

    Returns
    -------
    int
        The exit code.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        command = _COMMANDS.get(arguments[0]) if arguments else None
        if command is None:
            return _clip(arguments, model)
        return command(arguments[1:], model)
    except TwoBowlsError as error:
        print(error.text, file=sys.stderr)
        return error.exit_code


def _model(arguments: Sequence[str], _: PoseModel | None) -> int:
    parser = _OneLineParser(
        prog="python -m analysis model", description="Fetch and build the pose model."
    )
    parser.parse_args(arguments)
    print(ensure_model())
    return 0


def _doctor(arguments: Sequence[str], _: PoseModel | None) -> int:
    from analysis.service.doctor import examine  # not needed to analyse a film

    parser = _OneLineParser(
        prog="python -m analysis doctor",
        description="Look whether everything is there that the app needs.",
    )
    parser.parse_args(arguments)
    wrong = 0
    for finding in examine():
        wrong += not finding.ok
        print(f"{'ok   ' if finding.ok else 'WRONG'} {finding.name}: {finding.text}", flush=True)
    if wrong:
        raise MissingPartError("doctor", f"{wrong} of these stand in the way.")
    return 0


def _ankle(arguments: Sequence[str], model: PoseModel | None) -> int:
    parser = _photo_parser("ankle", "Measure the ankle test in a photo from the side.")
    parser.add_argument("--side", choices=("left", "right"), help="the leg that is tested")
    return _photo("ankle", parser.parse_args(arguments), model)


def _still(arguments: Sequence[str], model: PoseModel | None) -> int:
    parser = _photo_parser("still", "Measure the bottom of a squat in a photo from the side.")
    parser.add_argument("--standing", type=Path, metavar="PHOTO2", help="the lifter standing")
    return _photo("still", parser.parse_args(arguments), model)


def _photo_parser(command: str, description: str) -> _OneLineParser:
    parser = _OneLineParser(prog=f"python -m analysis {command}", description=description)
    parser.add_argument("photo", type=Path, metavar="PHOTO", help="JPEG, PNG, WebP or HEIC")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="REPORT.json")
    parser.add_argument("--height-cm", type=_height_cm, metavar="H", help="barefoot body height")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="small picture (JPEG)")
    parser.add_argument("--page", type=Path, metavar="FILE", help="what the page needs (JSON)")
    return parser


def _photo(command: str, args: argparse.Namespace, model: PoseModel | None) -> int:
    from analysis import photocommand  # not needed to analyse a film

    for photo in filter(None, (args.photo, getattr(args, "standing", None))):
        if not photo.is_file():
            raise UnreadableError("no_file", f"There is no file {photo.name}.")
    for target in filter(None, (args.output, args.picture, args.page)):
        if target.is_dir() or not target.parent.is_dir():
            raise UnreadableError("no_folder", f"Nothing can be written to {target}.")
    with native_messages_dropped():
        run = photocommand.ankle if command == "ankle" else photocommand.still
        run(args, model or MediaPipeModel(ensure_model()))
    return 0


_COMMANDS: Mapping[str, Callable[[Sequence[str], PoseModel | None], int]] = {
    "model": _model,
    "doctor": _doctor,
    "ankle": _ankle,
    "still": _still,
}


def _clip(arguments: Sequence[str], model: PoseModel | None) -> int:
    args = _clip_parser().parse_args(arguments)
    if not args.clip.is_file():
        raise UnreadableError("no_file", f"There is no file {args.clip.name}.")
    # Said now and not after a minute of work.
    for target in (args.output, args.csv, args.overlay, args.preview, args.first):
        if target is not None and (target.is_dir() or not target.parent.is_dir()):
            raise UnreadableError("no_folder", f"Nothing can be written to {target}.")
    tell = _ProgressLines() if args.progress else lambda progress: None
    tell(Progress(stage="open", done=0.0, left_s=math.nan))
    watch: dict[str, Any] = {}
    if args.first is not None:
        looker = FirstLooker(lambda look: write_first_look(look, args.first))
        watch = {"on_open": looker.opened, "on_look": looker.looked}
    with native_messages_dropped():
        result = analyse(
            args.clip,
            model=model or MediaPipeModel(ensure_model()),
            height_cm=args.height_cm,
            person=None if args.person is None else args.person - 1,
            preview=args.preview,
            on_progress=tell,
            **watch,
        )
    _write(result, args)
    tell(Progress(stage="write", done=1.0, left_s=0.0))
    if result.problem is not None:
        raise result.problem
    return 0


def _clip_parser() -> argparse.ArgumentParser:
    parser = _OneLineParser(
        prog="python -m analysis",
        description="Measure the squats in a side-view film. "
        "Other commands: ankle, still, model, doctor.",
    )
    parser.add_argument("clip", type=Path, metavar="CLIP", help="the film")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="REPORT.json")
    parser.add_argument("--height-cm", type=_height_cm, metavar="H", help="barefoot body height")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="the curves as a table")
    parser.add_argument("--overlay", type=Path, metavar="FILE", help="points to draw (npz)")
    parser.add_argument("--preview", type=Path, metavar="FILE", help="small film to scrub (mp4)")
    parser.add_argument(
        "--first", type=Path, metavar="FILE", help="first picture and film check, early (JSON)"
    )
    parser.add_argument(
        "--person", type=_person, metavar="N", help="whom to measure, 1 = the leftmost"
    )
    parser.add_argument("--progress", action="store_true", help="tell the progress as JSON lines")
    return parser


def _height_cm(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 100 <= value <= 250:
        raise argparse.ArgumentTypeError("a body height is a number between 100 and 250 cm")
    return value


def _person(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("people are counted from 1")
    return int(text)


def _write(result: Analysis, args: argparse.Namespace) -> None:
    write_report(result.report, args.output)
    if args.csv is not None:
        write_csv(result.report, args.csv)
    if args.overlay is not None and result.overlay is not None:
        write_overlay(result.overlay, args.overlay)


class _ProgressLines:
    """Prints progress as JSON lines, not more often than is worth reading."""

    def __init__(self) -> None:
        self._last = ("", -1.0)

    def __call__(self, progress: Progress) -> None:
        stage, done = self._last
        if progress.stage == stage and progress.done - done < _TELL_EVERY:
            return
        self._last = (progress.stage, progress.done)
        left = None if math.isnan(progress.left_s) else round(progress.left_s, 1)
        line = {"stage": progress.stage, "done": round(progress.done, 3), "left_s": left}
        print(json.dumps(line), flush=True)


@contextmanager
def native_messages_dropped() -> Iterator[None]:
    """Send what native libraries write to standard error nowhere; Python still gets through.

    MediaPipe and FFmpeg chatter there, and a reader of our one line must find it.
    """
    saved = os.dup(2)
    python_stderr = sys.stderr
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        with os.fdopen(os.dup(saved), "w", encoding="utf-8") as sys.stderr:
            yield
    finally:
        sys.stderr = python_stderr
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)
