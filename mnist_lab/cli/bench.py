"""`mnist-lab bench`: speed and quality, beside something to compare with."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mnist_lab.cli.arguments import add_data, command, model_or_shipped, positive, seed
from mnist_lab.cli.console import DONE, make_console, say


def add_to(commands: Any) -> None:
    bench = command(commands, "bench", None, "measure speed, as ratios within one run")
    benches = bench.add_subparsers(title="benchmarks", metavar="WHAT", required=True)
    _add_run(benches)
    _add_stand_in(benches)
    _add_train(benches)
    _add_scans(benches)
    _add_pad(benches)
    _add_sheet(benches)
    _add_grade(benches)


def _add_run(benches: Any) -> None:
    run = command(
        benches, "run", _run, "time mnist-lab run beside its Keras calls in a bare script"
    )
    run.add_argument("--epochs", type=positive, default=5, metavar="N", help="default: 5")
    run.add_argument("--rounds", type=positive, default=3, metavar="N", help="default: 3")
    add_data(run)
    run.add_argument("--json", action="store_true", help="print it as JSON on stdout")


def _run(chosen: argparse.Namespace) -> int:
    from mnist_lab.bench.run import bench_run

    return _measure(chosen, bench_run, data=chosen.data, epochs=chosen.epochs, rounds=chosen.rounds)


def _add_stand_in(benches: Any) -> None:
    stand_in = command(
        benches, "stand-in", _stand_in, "read real MNIST after training on written digits"
    )
    add_data(stand_in)
    stand_in.add_argument("--json", action="store_true", help="print it as JSON on stdout")


def _stand_in(chosen: argparse.Namespace) -> int:
    from mnist_lab.bench.stand_in import bench_stand_in

    return _measure(chosen, bench_stand_in, data=chosen.data)


def _add_train(benches: Any) -> None:
    train = command(benches, "train", _train, "train by each recipe in turn: time and accuracy")
    train.add_argument("--seeds", type=positive, default=3, metavar="N", help="default: 3")
    train.add_argument(
        "--long",
        action="store_true",
        help="train by the strong recipe in float32, too, and a wider network for longer",
    )
    add_data(train)
    train.add_argument("--json", action="store_true", help="print it as JSON on stdout")


def _train(chosen: argparse.Namespace) -> int:
    from mnist_lab.bench.train import bench_train

    return _measure(chosen, bench_train, data=chosen.data, seeds=chosen.seeds, long=chosen.long)


def _add_scans(benches: Any) -> None:
    scans = command(
        benches, "scans", _scans, "read real pictures of handwriting, beside the naive way"
    )
    scans.add_argument("--labels", type=Path, metavar="FILE", help="a CSV list of the pictures")
    scans.add_argument(
        "--model", type=Path, metavar="M", help="a .keras file; default: the network that ships"
    )
    scans.add_argument(
        "--speed", action="store_true", help="time the reading, as ratios to plain OpenCV"
    )
    scans.add_argument("--json", action="store_true", help="print it as JSON on stdout")


def _scans(chosen: argparse.Namespace) -> int:
    from mnist_lab.arrays import DataError
    from mnist_lab.bench.scans import bench_scans, bench_speed

    console = make_console(chosen.json)
    found: dict[str, Any] = {}
    if not (chosen.speed or chosen.labels):
        raise DataError("bench scans needs --labels FILE, or --speed, or both")
    if chosen.labels:
        model = model_or_shipped(chosen.model)
        found = bench_scans(labels=chosen.labels, model=model, say=lambda line: say(console, line))
    if chosen.speed:
        found["speed"] = bench_speed(say=lambda line: say(console, line))
    if chosen.json:
        print(json.dumps(found, indent=1))
    return DONE


def _add_pad(benches: Any) -> None:
    pad = command(benches, "pad", _pad, "draw on the pad in a real JupyterLab: latency and traffic")
    pad.add_argument(
        "--strokes", type=positive, default=50, metavar="N", help="to draw; default: 50"
    )
    pad.add_argument("--json", action="store_true", help="print it as JSON on stdout")


def _pad(chosen: argparse.Namespace) -> int:
    from mnist_lab.bench.pad import bench_pad

    return _measure(chosen, bench_pad, strokes=chosen.strokes)


def _add_sheet(benches: Any) -> None:
    sheet = command(
        benches, "sheet", _sheet, "read photos of filled-in sheets that a program takes"
    )
    sheet.add_argument("--photos", type=positive, default=60, metavar="N", help="default: 60")
    sheet.add_argument("--seed", type=seed, default=0, metavar="N", help="default: 0")
    sheet.add_argument(
        "--hands", type=positive, metavar="N",
        help="instead, fine-tune the shipped network to so many hands: before and after",
    )  # fmt: skip
    sheet.add_argument("--json", action="store_true", help="print it as JSON on stdout")


def _sheet(chosen: argparse.Namespace) -> int:
    from mnist_lab.bench.sheet import bench_hands, bench_sheet

    if chosen.hands:
        return _measure(chosen, bench_hands, hands=chosen.hands)
    return _measure(chosen, bench_sheet, photos=chosen.photos, seed=chosen.seed)


def _add_grade(benches: Any) -> None:
    grade = command(
        benches, "grade", _grade, "grade a class, beside the bare execution of its notebooks"
    )
    grade.add_argument(
        "--notebook", type=Path, metavar="FILE",
        default=Path("notebooks") / "01_look_at_the_data.ipynb",
        help="the lesson; default: notebooks/01_look_at_the_data.ipynb",
    )  # fmt: skip
    grade.add_argument("--count", type=positive, default=30, metavar="N", help="default: 30")
    grade.add_argument("--rounds", type=positive, default=1, metavar="N", help="default: 1")
    grade.add_argument("--jobs", type=positive, default=2, metavar="N", help="default: 2")
    add_data(grade)
    grade.add_argument("--json", action="store_true", help="print it as JSON on stdout")


def _grade(chosen: argparse.Namespace) -> int:
    from mnist_lab.bench.grade import bench_grade

    return _measure(
        chosen, bench_grade, notebook=chosen.notebook, count=chosen.count, rounds=chosen.rounds,
        jobs=chosen.jobs, data=chosen.data,
    )  # fmt: skip


def _measure(chosen: argparse.Namespace, bench: Callable[..., dict[str, Any]], **how: Any) -> int:
    console = make_console(chosen.json)
    found = bench(say=lambda line: say(console, line), **how)
    if chosen.json:
        print(json.dumps(found, indent=1))
    return DONE
