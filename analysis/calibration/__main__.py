"""Command line: ``python -m analysis.calibration COMMAND``.

`rebuild` runs all that leads to the weights, in order: assets, render, collect, stills, train,
legs, train-legs, backs, train-backs, lunges, fit-ankle, evaluate, and then the demo of Compare,
which is measured with them.
"""

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from analysis.accuracy import ACCURACY
from analysis.backnet import WEIGHTS as BACK_WEIGHTS
from analysis.calibration import assets, batch
from analysis.estimator import WEIGHTS
from analysis.legnet import WEIGHTS as LEG_WEIGHTS
from analysis.lunge import WEIGHTS as ANKLE_WEIGHTS


def render(args: argparse.Namespace) -> int:
    """Render clips that are not there yet."""
    from analysis.calibration import clip

    splits = ["train", "test"] if args.split == "both" else [args.split]
    todo = batch.jobs(splits, args.n, args.start)
    return _render(args, todo, clip.make, clip.finished)


def lunges(args: argparse.Namespace) -> int:
    """Render photos of the ankle test that are not there yet."""
    from analysis.calibration import lunge

    todo = batch.jobs(["train"], args.train) + batch.jobs(["test"], args.test)
    return _render(args, todo, lunge.make, lunge.finished)


def legs(args: argparse.Namespace) -> int:
    """Render legs that are not there yet."""
    from analysis.calibration import legs

    return _render(args, batch.jobs(["train"], args.n), legs.make, legs.finished)


def train_legs(args: argparse.Namespace) -> int:
    """Train the network that looks at a leg and write it; prints its errors as it learns."""
    from analysis.calibration import legtrain

    legtrain.write(legtrain.train(legtrain.load(args.legs / "train")), args.out)
    return 0


def backs(args: argparse.Namespace) -> int:
    """Render backs that are not there yet."""
    from analysis.calibration import backs

    return _render(args, batch.jobs(["train"], args.n), backs.make, backs.finished)


def train_backs(args: argparse.Namespace) -> int:
    """Train the networks that look at a back and write them; prints their errors as they learn."""
    from analysis.calibration import backtrain

    found = backtrain.load(args.backs / "train")
    for seed, path in enumerate(BACK_WEIGHTS):
        backtrain.write(backtrain.train(found, seed=seed), args.out / path.name)
    return 0


def fit_ankle(args: argparse.Namespace) -> int:
    """Look at the training photos of the ankle test and write the correction that ships."""
    from analysis.calibration import lungefit

    photos = args.photos / "train"
    code = batch.run(batch.look_at_photos, sorted(photos.glob("*.jpg")), args.seen, args.workers)
    lungefit.write(lungefit.fit(args.seen, photos), args.out)
    return code


def test_ankle(args: argparse.Namespace) -> int:
    """Print the table of errors on the test photos of the ankle test."""
    from analysis.calibration import lungefit
    from analysis.model import ensure_model
    from analysis.pose import MediaPipeModel

    photos = sorted((args.photos / "test").glob("*.jpg"))
    model = MediaPipeModel(ensure_model())
    for line in lungefit.table([lungefit.measured(path, model) for path in photos]):
        print(line)
    return 0


def check(args: argparse.Namespace) -> int:
    """Print how well depth, lean and ankle tell the tuck; exit 1 at an R2 of 0.10 or more."""
    from analysis.calibration import independence

    reps = (
        independence.from_truth(args.rendered)
        if args.rendered
        else independence.from_draws(args.split, args.n)
    )
    print(independence.describe(reps))
    return int(independence.r_squared(reps) >= independence.LIMIT)


def sheet(args: argparse.Namespace) -> int:
    """Write a contact sheet of rendered clips."""
    from analysis.calibration import contact

    contact.write(args.clips, args.out, columns=args.columns)
    return 0


def collect(args: argparse.Namespace) -> int:
    """Run the app's first stages over rendered clips that were not collected yet."""
    return _look(args, batch.look)


def stills(args: argparse.Namespace) -> int:
    """Look at stills cut out of rendered clips that were not looked at yet."""
    return _look(args, batch.look_at_stills)


def _render(
    args: argparse.Namespace,
    todo: list[tuple[str, int]],
    make: Callable[[str, int, Path], str],
    is_finished: Callable[[Path, str, int], bool],
) -> int:
    assets.fetch()
    work = partial(batch.render, make=make, is_finished=is_finished)
    return batch.run(work, todo, args.out, args.workers)


def _look(args: argparse.Namespace, look: Callable[..., None]) -> int:
    return max(
        batch.run(look, sorted((args.clips / split).glob("*.mp4")), args.out / split, args.workers)
        for split in ("train", "test")
    )


def train(args: argparse.Namespace) -> int:
    """Train on the collected clips and stills, write the weights and print how good they are."""
    from analysis.calibration import dataset
    from analysis.calibration import train as training

    def clips(split: str) -> list[dataset.Sample]:
        found = (dataset.load_sample(p) for p in sorted((args.footage / split).glob("*.npz")))
        return [sample for sample in found if sample is not None]

    def stills(split: str) -> list[dataset.Sample]:
        found = sorted((args.stills / split).glob("*.npz"))
        return [sample for path in found for sample in dataset.load_stills(path)]

    estimator = training.train([*clips("train"), *stills("train")])
    training.write_weights(estimator, args.out)
    fair = [s for s in [*clips("test"), *stills("test")] if s.is_fair]
    for photos, name in enumerate(("Clips", "One still", "Pairs of stills")):
        samples = [s for s in fair if s.photos == photos]
        print(f"{name}: {len(samples)}")
        if samples:
            print(training.describe(estimator, samples))
    return 0


def evaluate(args: argparse.Namespace) -> int:
    """Analyse the test clips as the app does and write the table of errors that ships."""
    from analysis.calibration import evaluate as evaluation

    clips = args.clips / "test"
    code = batch.run(batch.report, sorted(clips.glob("*.mp4")), args.reports, args.workers)
    for row in evaluation.write(args.reports, clips, args.out):
        print(row)
    return code


def demo(args: argparse.Namespace) -> int:
    """Render, measure and save the two clips of the demo of Compare."""
    from analysis.calibration import demo as demonstration
    from analysis.model import ensure_model
    from analysis.pose import MediaPipeModel

    assets.fetch()
    for line in demonstration.make(MediaPipeModel(ensure_model()), args.out or demonstration.OUT):
        print(line)
    return 0


def rebuild(parser: argparse.ArgumentParser) -> int:
    """Run the steps that lead to the weights, each with its defaults; stop at the first to fail."""
    films = ("render", "collect", "stills", "train")
    looks = ("legs", "train-legs", "backs", "train-backs")
    for step in (*films, *looks, "lunges", "fit-ankle", "evaluate", "demo"):
        args = parser.parse_args([step])
        code = int(args.run(args))
        if code:
            return code
    return 0


def main() -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="python -m analysis.calibration", description=__doc__)
    commands = parser.add_subparsers(required=True)
    whole = commands.add_parser("rebuild", help="everything, from the body data to the weights")
    whole.set_defaults(run=lambda _: rebuild(parser))
    fetch = commands.add_parser("assets", help="fetch the CC0 body data")
    fetch.set_defaults(run=lambda _: print(assets.fetch()) or 0)
    r = commands.add_parser("render", help="render clips that are not there yet")
    r.add_argument("--split", choices=["train", "test", "both"], default="both")
    r.add_argument("--n", type=int, default=1656)
    r.add_argument("--start", type=int, default=0)
    r.add_argument("--out", type=Path, default=assets.WORK / "clips")
    r.add_argument("--workers", type=int, default=2)
    r.set_defaults(run=render)
    p = commands.add_parser("lunges", help="render photos of the ankle test")
    p.add_argument("--train", type=int, default=770)
    p.add_argument("--test", type=int, default=60)
    p.add_argument("--out", type=Path, default=assets.WORK / "lunges")
    p.add_argument("--workers", type=int, default=2)
    p.set_defaults(run=lunges)
    g = commands.add_parser("legs", help="render legs, in squats and ankle tests")
    g.add_argument("--n", type=int, default=3700)
    g.add_argument("--out", type=Path, default=assets.WORK / "legs")
    g.add_argument("--workers", type=int, default=2)
    g.set_defaults(run=legs)
    n = commands.add_parser("train-legs", help="train the network that looks at a leg")
    n.add_argument("--legs", type=Path, default=assets.WORK / "legs")
    n.add_argument("--out", type=Path, default=LEG_WEIGHTS)
    n.set_defaults(run=train_legs)
    k = commands.add_parser("backs", help="render backs, standing and on the way down")
    k.add_argument("--n", type=int, default=7150)
    k.add_argument("--out", type=Path, default=assets.WORK / "backs")
    k.add_argument("--workers", type=int, default=2)
    k.set_defaults(run=backs)
    o = commands.add_parser("train-backs", help="train the networks that look at a back")
    o.add_argument("--backs", type=Path, default=assets.WORK / "backs")
    o.add_argument("--out", type=Path, default=BACK_WEIGHTS[0].parent)
    o.set_defaults(run=train_backs)
    a = commands.add_parser("fit-ankle", help="fit the correction of the ankle test")
    a.add_argument("--photos", type=Path, default=assets.WORK / "lunges")
    a.add_argument("--seen", type=Path, default=assets.WORK / "lunges" / "seen")
    a.add_argument("--out", type=Path, default=ANKLE_WEIGHTS)
    a.add_argument("--workers", type=int, default=2)
    a.set_defaults(run=fit_ankle)
    b = commands.add_parser("test-ankle", help="print the errors of the ankle test")
    b.add_argument("--photos", type=Path, default=assets.WORK / "lunges")
    b.set_defaults(run=test_ankle)
    f = commands.add_parser("collect", help="what the app sees of the rendered clips")
    f.add_argument("--clips", type=Path, default=assets.WORK / "clips")
    f.add_argument("--out", type=Path, default=assets.WORK / "footage")
    f.add_argument("--workers", type=int, default=2)
    f.set_defaults(run=collect)
    i = commands.add_parser("stills", help="what the app sees of stills cut out of them")
    i.add_argument("--clips", type=Path, default=assets.WORK / "clips")
    i.add_argument("--out", type=Path, default=assets.WORK / "stills")
    i.add_argument("--workers", type=int, default=2)
    i.set_defaults(run=stills)
    t = commands.add_parser("train", help="train the networks and write their weights")
    t.add_argument("--footage", type=Path, default=assets.WORK / "footage")
    t.add_argument("--stills", type=Path, default=assets.WORK / "stills")
    t.add_argument("--out", type=Path, default=WEIGHTS)
    t.set_defaults(run=train)
    e = commands.add_parser("evaluate", help="write the table of errors on the test clips")
    e.add_argument("--clips", type=Path, default=assets.WORK / "clips")
    e.add_argument("--reports", type=Path, default=assets.WORK / "reports")
    e.add_argument("--out", type=Path, default=ACCURACY)
    e.add_argument("--workers", type=int, default=2)
    e.set_defaults(run=evaluate)
    c = commands.add_parser("check", help="R2 of tuck on depth, lean and ankle")
    c.add_argument("--split", choices=["train", "test"], default="train")
    c.add_argument("--n", type=int, default=500)
    c.add_argument("--rendered", type=Path, help="take the reps of rendered clips instead")
    c.set_defaults(run=check)
    d = commands.add_parser("demo", help="the two saved results that Compare shows at first")
    d.add_argument("--out", type=Path)
    d.set_defaults(run=demo)
    s = commands.add_parser("sheet", help="a contact sheet to look at")
    s.add_argument("clips", type=Path, nargs="+")
    s.add_argument("--out", type=Path, required=True)
    s.add_argument("--columns", type=int, default=5)
    s.set_defaults(run=sheet)
    args = parser.parse_args()
    return int(args.run(args))


if __name__ == "__main__":
    sys.exit(main())
