"""The command line: parse, call one function, print."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from mnist_lab import __version__

if TYPE_CHECKING:
    from rich.console import Console

    from mnist_lab.experiment import Run
    from mnist_lab.grading.one import Result
    from mnist_lab.grading.submissions import Submission

DONE, CANNOT, USAGE, LOW, INTERRUPTED = 0, 1, 2, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status: one of DONE to INTERRUPTED."""
    parser = build_parser()
    chosen = parser.parse_args(arguments)
    os.environ.setdefault("MPLBACKEND", "agg")  # no window, wherever this runs
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A file name may not fit the terminal; a log should show each line as it comes.
            stream.reconfigure(errors="replace", line_buffering=True)
    try:
        return chosen.do(chosen)
    except BrokenPipeError:  # the reader (head, less) has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return CANNOT
    except KeyboardInterrupt:
        print("\nmnist-lab: stopped; nothing half-written was left behind", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        from mnist_lab.arrays import MnistLabError  # here, for --help must not load numpy

        if not isinstance(error, MnistLabError):
            raise
        print(f"mnist-lab: {error}", file=sys.stderr)
        return CANNOT


def build_parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    parser = argparse.ArgumentParser(
        prog="mnist-lab",
        description="Learn how a neural network reads handwriting, and try it on your own.",
        epilog="Exit status: 0 done, 1 cannot, 2 usage, 3 below --min-score.",
    )
    parser.add_argument("--version", action="version", version=f"mnist-lab {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    run = _command(commands, "run", _run, "the whole experiment: train, measure, write the report")
    run.add_argument("--epochs", type=_positive, default=5, metavar="N", help="default: 5")
    run.add_argument("--seed", type=_seed, default=0, metavar="N", help="default: 0")
    _add_data(run)
    run.add_argument(
        "--out", type=Path, metavar="DIR", help="where the report goes; default: runs/DATE_TIME"
    )
    run.add_argument("--json", action="store_true", help="print every figure as JSON on stdout")

    _add_train(commands)

    weights = _command(commands, "weights", _weights, "say what the network that ships is")
    weights.add_argument(
        "--make", type=Path, metavar="DIR", help="make it again, from real MNIST; minutes"
    )
    _add_data(weights)
    weights.add_argument(
        "--labels", type=Path, metavar="FILE", help="with --make: pictures to measure it on"
    )
    weights.add_argument("--json", action="store_true", help="print the card as JSON on stdout")

    data = _command(commands, "data", _data, "say where MNIST was found and whether it verifies")
    _add_data(data)
    which = data.add_mutually_exclusive_group()
    which.add_argument(
        "--download", action="store_true", help="fetch MNIST into --data, or this user's cache"
    )
    which.add_argument(
        "--stand-in", action="store_true", help="use the digits written by a program, on purpose"
    )
    data.add_argument("--json", action="store_true", help="print it as JSON on stdout")

    write = _command(commands, "write", _write, "write digits in a hand of your choice")
    what = write.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "digits", nargs="?", metavar="DIGITS", help="what to write, / for a new line: 2026/314"
    )
    what.add_argument(
        "--variants", action="store_true", help="draw every way of writing each digit instead"
    )
    write.add_argument("--hand", type=_seed, default=0, metavar="N", help="whose; default: 0")
    write.add_argument("--seed", type=_seed, default=0, metavar="N", help="default: 0")
    write.add_argument(
        "--look",
        choices=["ink", "scan", "photo"],
        default="ink",
        help="how to see it; default: ink",
    )
    write.add_argument("--out", type=Path, metavar="FILE", required=True, help="a .png to write")

    _add_read(commands)

    _add_sheet(commands)

    _add_course(commands)

    _add_grade(commands)

    _add_bench(commands)
    return parser


def _add_read(commands: Any) -> None:
    read = _command(commands, "read", _read, "read pictures of handwritten digits")
    read.add_argument("files", nargs="+", metavar="FILE", help="pictures, folders of them or globs")
    read.add_argument(
        "--model", type=Path, metavar="M", help="a .keras file; default: the network that ships"
    )
    read.add_argument("--single", action="store_true", help="each picture holds one digit")
    read.add_argument(
        "--min-confidence",
        type=_share,
        default=0.5,
        metavar="P",
        help="below it an answer gets a question mark; default: 0.5",
    )
    read.add_argument(
        "--overlay", type=Path, metavar="DIR", help="write each picture with boxes and answers"
    )
    read.add_argument(
        "--explain",
        type=Path,
        metavar="DIR",
        help="write a page that explains each reading, step by step",
    )
    read.add_argument("--json", action="store_true", help="print it as JSON on stdout")


def _add_sheet(commands: Any) -> None:
    sheet = _command(
        commands, "sheet", None, "your own handwriting: print a page, write, scan, measure"
    )
    parts = sheet.add_subparsers(title="what to do", metavar="WHAT", required=True)
    make = _command(parts, "make", _sheet_make, "make a page with 100 boxes, to print as a PDF")
    make.add_argument(
        "--copies", type=_positive, default=1, metavar="N",
        help="pages, each with a number and an order of its own; default: 1",
    )  # fmt: skip
    make.add_argument("--paper", choices=["A4", "Letter"], default="A4", help="default: A4")
    make.add_argument(
        "--order", choices=["mixed", "rows"], default="mixed",
        help="of the digits: mixed, or a row of each; default: mixed",
    )  # fmt: skip
    make.add_argument(
        "--number", type=_seed, metavar="N", help="of the first page; default: by chance"
    )
    make.add_argument("--name", default="", help="to print on it; default: nothing personal")
    make.add_argument(
        "--out", type=Path, default=Path("sheet.pdf"), metavar="FILE", help="default: sheet.pdf"
    )
    read = _command(parts, "read", _sheet_read, "read scans or photos of pages that are filled in")
    read.add_argument("files", nargs="+", metavar="SCAN", help="pictures, PDFs, folders or globs")
    read.add_argument(
        "--out", type=Path, required=True, metavar="FILE",
        help="an .npz to write; beside it appears an .html that shows every box",
    )  # fmt: skip
    read.add_argument(
        "--writer", default="", metavar="NAME",
        help="who wrote them all; default: each page is by another",
    )  # fmt: skip
    read.add_argument(
        "--drop", type=_numbers, default=(), metavar="N,N",
        help="leave these boxes out, by their numbers on that page",
    )  # fmt: skip
    merge = _command(
        parts, "merge", _sheet_merge, "make one data set of many people's, split by writer"
    )
    merge.add_argument("files", nargs="+", type=Path, metavar="NPZ", help="what sheet read wrote")
    merge.add_argument("--out", type=Path, required=True, metavar="FILE", help="an .npz to write")
    measure = _command(
        parts, "measure", _sheet_measure, "say how well a network reads these digits"
    )
    measure.add_argument("file", type=Path, metavar="NPZ", help="what sheet read or merge wrote")
    measure.add_argument(
        "--model", type=Path, metavar="M", help="a .keras file; default: the network that ships"
    )
    measure.add_argument(
        "--out", type=Path, metavar="FILE", help="the page; default: NPZ's name with -measure.html"
    )
    measure.add_argument("--json", action="store_true", help="print it as JSON on stdout")


def _add_course(commands: Any) -> None:
    course = _command(commands, "course", None, "the notebooks: fill them in, run them, check them")
    parts = course.add_subparsers(title="what to do", metavar="WHAT", required=True)
    solve = _command(
        parts, "solve", _course_solve, "write the notebooks with every blank filled in"
    )
    run = _command(parts, "run", _course_run, "run the notebooks and write them as HTML")
    lint = _command(parts, "lint", _course_lint, "check how the notebooks are written")
    for each in (solve, run, lint):
        each.add_argument(
            "notebooks", nargs="?", type=Path, default=Path("notebooks"), metavar="NOTEBOOKS",
            help="their folder, or one of them; default: notebooks",
        )  # fmt: skip
    solve.add_argument("--out", type=Path, metavar="DIR", required=True, help="where they go")
    run.add_argument(
        "--out", type=Path, metavar="DIR", default=Path("runs") / "course",
        help="where the HTML goes; default: runs/course",
    )  # fmt: skip
    which = run.add_mutually_exclusive_group()
    which.add_argument(
        "--solved", action="store_true", help="fill in every blank; every check must be right"
    )
    which.add_argument(
        "--save", action="store_true", help="keep the outputs in the notebooks themselves"
    )


def _add_grade(commands: Any) -> None:
    grade = _command(commands, "grade", _grade, "rerun submissions, mark them, write a gradebook")
    grade.add_argument(
        "submissions", type=Path, metavar="SUBMISSIONS",
        help="a folder with a folder or a notebook per student, a zip of it, or one notebook",
    )  # fmt: skip
    grade.add_argument(
        "--out", type=Path, metavar="DIR", required=True, help="where the gradebook goes"
    )
    grade.add_argument(
        "--jobs", type=_positive, default=2, metavar="N", help="kernels at a time; default: 2"
    )
    grade.add_argument(
        "--timeout", type=_positive, default=120, metavar="S",
        help="seconds for one cell; a notebook gets five times as many; default: 120",
    )  # fmt: skip
    grade.add_argument(
        "--memory",
        type=_positive,
        default=2048,
        metavar="MB",
        help="for each kernel; default: 2048",
    )
    grade.add_argument(
        "--secret-file", type=Path, metavar="F", help="what hidden inputs are made from"
    )
    grade.add_argument(
        "--require-sandbox", action="store_true", help="run nothing where bubblewrap does not work"
    )
    grade.add_argument(
        "--only", type=_exercises, default=(), metavar="3.2,3.4", help="grade these exercises alone"
    )
    grade.add_argument(
        "--format", choices=["canvas", "moodle"], help="also write the file that these import"
    )
    grade.add_argument(
        "--min-score", type=_percent, default=0.0, metavar="P",
        help="exit with 3 if a submission has less than P percent of the points",
    )  # fmt: skip
    grade.add_argument(
        "--similarity", action="store_true", help="also list answers that are suspiciously equal"
    )
    grade.add_argument(
        "--cluster", metavar="ADDRESS", help="grade on the Dask cluster with this scheduler"
    )
    _add_data(grade)


def _add_train(commands: Any) -> None:
    train = _command(commands, "train", _train, "train a network by a recipe, and save it")
    train.add_argument(
        "--recipe",
        choices=["course", "fast", "strong"],
        default="course",
        help="which network, and how it learns; default: course",
    )
    train.add_argument("--epochs", type=_positive, metavar="N", help="default: the recipe's")
    train.add_argument("--seed", type=_seed, default=0, metavar="N", help="default: 0")
    _add_data(train)
    train.add_argument(
        "--out", type=Path, metavar="FILE", help="a .keras file; default: runs/RECIPE-SEED.keras"
    )
    train.add_argument(
        "--resume", action="store_true", help="go on with a training that was stopped"
    )


def _add_bench(commands: Any) -> None:
    bench = _command(commands, "bench", None, "measure speed, as ratios within one run")
    benches = bench.add_subparsers(title="benchmarks", metavar="WHAT", required=True)
    bench_run = _command(
        benches, "run", _bench_run, "time mnist-lab run beside its Keras calls in a bare script"
    )
    bench_run.add_argument("--epochs", type=_positive, default=5, metavar="N", help="default: 5")
    bench_run.add_argument("--rounds", type=_positive, default=3, metavar="N", help="default: 3")
    _add_data(bench_run)
    bench_run.add_argument("--json", action="store_true", help="print it as JSON on stdout")
    stand_in = _command(
        benches, "stand-in", _bench_stand_in, "read real MNIST after training on written digits"
    )
    _add_data(stand_in)
    stand_in.add_argument("--json", action="store_true", help="print it as JSON on stdout")
    bench_train = _command(
        benches, "train", _bench_train, "train by each recipe in turn: time and accuracy"
    )
    bench_train.add_argument("--seeds", type=_positive, default=3, metavar="N", help="default: 3")
    bench_train.add_argument(
        "--long", action="store_true", help="train the strong one ten times as long, too"
    )
    _add_data(bench_train)
    bench_train.add_argument("--json", action="store_true", help="print it as JSON on stdout")
    scans = _command(
        benches, "scans", _bench_scans, "read real pictures of handwriting, beside the naive way"
    )
    scans.add_argument("--labels", type=Path, metavar="FILE", help="a CSV list of the pictures")
    scans.add_argument(
        "--model", type=Path, metavar="M", help="a .keras file; default: the network that ships"
    )
    scans.add_argument(
        "--speed", action="store_true", help="time the reading, as ratios to plain OpenCV"
    )
    scans.add_argument("--json", action="store_true", help="print it as JSON on stdout")
    bench_pad = _command(
        benches, "pad", _bench_pad, "draw on the pad in a real JupyterLab: latency and traffic"
    )
    bench_pad.add_argument(
        "--strokes", type=_positive, default=50, metavar="N", help="to draw; default: 50"
    )
    bench_pad.add_argument("--json", action="store_true", help="print it as JSON on stdout")
    _add_bench_sheet(benches)
    _add_bench_grade(benches)


def _add_bench_sheet(benches: Any) -> None:
    sheet = _command(
        benches, "sheet", _bench_sheet, "read photos of filled-in sheets that a program takes"
    )
    sheet.add_argument("--photos", type=_positive, default=60, metavar="N", help="default: 60")
    sheet.add_argument("--seed", type=_seed, default=0, metavar="N", help="default: 0")
    sheet.add_argument(
        "--hands", type=_positive, metavar="N",
        help="instead, fine-tune the shipped network to so many hands: before and after",
    )  # fmt: skip
    sheet.add_argument("--json", action="store_true", help="print it as JSON on stdout")


def _numbers(text: str) -> tuple[int, ...]:
    parts = text.replace(",", " ").split()
    if not parts or not all(part.isdecimal() and int(part) for part in parts):
        raise argparse.ArgumentTypeError(f"expected numbers from 1, as 3,17, got {text!r}")
    return tuple(int(part) for part in parts)


def _add_bench_grade(benches: Any) -> None:
    grade = _command(
        benches, "grade", _bench_grade, "grade a class, beside the bare execution of its notebooks"
    )
    grade.add_argument(
        "--notebook", type=Path, metavar="FILE",
        default=Path("notebooks") / "01_look_at_the_data.ipynb",
        help="the lesson; default: notebooks/01_look_at_the_data.ipynb",
    )  # fmt: skip
    grade.add_argument("--count", type=_positive, default=30, metavar="N", help="default: 30")
    grade.add_argument("--rounds", type=_positive, default=1, metavar="N", help="default: 1")
    grade.add_argument("--jobs", type=_positive, default=2, metavar="N", help="default: 2")
    _add_data(grade)
    grade.add_argument("--json", action="store_true", help="print it as JSON on stdout")


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, got {text!r}")
    return value


def _percent(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 100, got {text!r}")
    return value


def _command(commands: Any, name: str, do: Any, help: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".")
    parser.set_defaults(do=do)
    return parser


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        metavar="DIR",
        help="folder with the MNIST files, an .npz file, or the word stand-in; "
        "default: MNIST_LAB_DATA, else the usual places, else a download",
    )


def _exercises(text: str) -> tuple[str, ...]:
    from mnist_lab.exercises import every

    named = tuple(part.strip() for part in text.split(",") if part.strip())
    unknown = set(named) - {exercise.id for exercise in every()}
    if unknown or not named:
        raise argparse.ArgumentTypeError(f"expected exercises such as 3.2,3.4, got {text!r}")
    return named


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got {text!r}")
    return int(text)


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(
            f"expected a whole number from 0 to 2**32 - 1, got {text!r}"
        )
    return int(text)


def _run(chosen: argparse.Namespace) -> int:
    from mnist_lab.files import appear

    folder = chosen.out or Path("runs") / f"{datetime.now():%Y-%m-%d_%H%M%S}"
    with appear(folder / "run.json") as draft:  # fails now, not after the training
        console = _console(chosen.json)
        found = _experiment(chosen, console, folder)
        figures = json.dumps(found.figures(), indent=1, allow_nan=False)
        draft.write_text(figures, encoding="utf-8")
    if chosen.json:
        print(figures)
    _print_summary(console, found, folder)
    return DONE


def _experiment(chosen: argparse.Namespace, console: "Console", folder: Path) -> "Run":
    from mnist_lab.demonstration import pages_folder
    from mnist_lab.experiment import run
    from mnist_lab.files import appear

    with _Screen(console, chosen.epochs) as screen:
        found, model = run(
            watcher=screen,
            data=chosen.data,
            epochs=chosen.epochs,
            seed=chosen.seed,
            pages=pages_folder(),
        )
        screen.say("Writing the report ...")
        from mnist_lab.report import write_report

        write_report(found, folder / "report.html")
        with appear(folder / "model.keras") as path:
            model.save(path)
    return found


def _train(chosen: argparse.Namespace) -> int:
    from mnist_lab.mnist import load_mnist
    from mnist_lab.training import Stopped, train

    console = _console(quiet_stdout=False)
    out = chosen.out or Path("runs") / f"{chosen.recipe}-{chosen.seed}.keras"
    learn, test = load_mnist(chosen.data, say=lambda line: _say(console, line))
    _say(console, "Starting TensorFlow ...")
    from mnist_lab import network
    from mnist_lab.evaluate import accuracy

    epochs = chosen.epochs or network.RECIPES[chosen.recipe].epochs
    try:
        with _Screen(console, epochs) as screen:
            done = train(
                chosen.recipe, learn, out=out, seed=chosen.seed, epochs=epochs,
                resume=chosen.resume, on_step=screen.step, on_epoch=screen.epoch,
            )  # fmt: skip
    except Stopped as stopped:
        print(f"mnist-lab: {stopped}", file=sys.stderr)
        return INTERRUPTED
    answers = network.predict_probabilities(network.load_model(out), test.images)
    _say(
        console, f"test accuracy {accuracy(test.labels, answers):.2%}, of epoch {done.best}: {out}"
    )
    return DONE


def _weights(chosen: argparse.Namespace) -> int:
    from mnist_lab import shipping
    from mnist_lab.arrays import DataError

    console = _console(chosen.json)
    if chosen.make:
        if not chosen.labels:
            raise DataError("weights --make needs --labels FILE, pictures to measure it on")
        with _Screen(console, shipping.EPOCHS) as screen:
            card = shipping.make(
                chosen.make, data=chosen.data, labels=chosen.labels, say=screen.say,
                on_step=screen.step, on_epoch=screen.epoch,
            )  # fmt: skip
    else:
        card = shipping.card()
    if chosen.json:
        print(json.dumps(card, indent=1))
    else:
        _say(console, shipping.in_words(card))
    return DONE


def _data(chosen: argparse.Namespace) -> int:
    from mnist_lab import mnist

    console = _console(chosen.json)
    if chosen.stand_in:
        chosen.data = mnist.STAND_IN
    if chosen.download:
        folder = Path(chosen.data) if chosen.data else None
        chosen.data = str(mnist.download(folder))
    lines: list[str] = []
    train, test = mnist.load_mnist(chosen.data, say=lines.append)
    origin = train.provenance
    assert origin
    for line in lines:
        _say(console, line)
    if chosen.json:
        from dataclasses import asdict

        print(json.dumps({**asdict(origin), "train": len(train), "test": len(test)}, indent=1))
        return DONE
    for name, digest in origin.sha256.items():
        mark = "verified" if mnist.SHA256[name] == digest else "not MNIST's"
        console.print(f"  {name:<24} sha256 {digest[:16]}...  {mark}", highlight=False)
    return DONE


def _write(chosen: argparse.Namespace) -> int:
    from functools import partial

    from mnist_lab import handwriting, paper
    from mnist_lab.images import invert, save_image

    if chosen.variants:
        save_image(invert(handwriting.draw_variants(seed=chosen.seed)), chosen.out)
    else:
        hand = partial(handwriting.write_strokes, writer=handwriting.Writer(chosen.hand))
        page = paper.lay_out(chosen.digits.replace("/", "\n"), hand, seed=chosen.seed)
        looks: dict[str, dict[str, Any]] = {
            "ink": {"paper": paper.Paper(grain=0), "camera": paper.Camera()},
            "scan": {"camera": paper.SCANNER},
            "photo": {"paper": paper.SQUARED, "camera": paper.PHONE},
        }
        picture, _ = paper.photograph(page, seed=chosen.seed, **looks[chosen.look])
        save_image(picture, chosen.out)
    print(chosen.out)
    return DONE


def _measure(chosen: argparse.Namespace, bench: Callable[..., dict[str, Any]], **how: Any) -> int:
    console = _console(chosen.json)
    found = bench(say=lambda line: _say(console, line), **how)
    if chosen.json:
        print(json.dumps(found, indent=1))
    return DONE


def _bench_run(chosen: argparse.Namespace) -> int:
    from mnist_lab.bench.run import bench_run

    return _measure(chosen, bench_run, data=chosen.data, epochs=chosen.epochs, rounds=chosen.rounds)


def _bench_stand_in(chosen: argparse.Namespace) -> int:
    from mnist_lab.bench.stand_in import bench_stand_in

    return _measure(chosen, bench_stand_in, data=chosen.data)


def _bench_train(chosen: argparse.Namespace) -> int:
    from mnist_lab.bench.train import bench_train

    return _measure(chosen, bench_train, data=chosen.data, seeds=chosen.seeds, long=chosen.long)


def _bench_grade(chosen: argparse.Namespace) -> int:
    from mnist_lab.bench.grade import bench_grade

    return _measure(
        chosen, bench_grade, notebook=chosen.notebook, count=chosen.count, rounds=chosen.rounds,
        jobs=chosen.jobs, data=chosen.data,
    )  # fmt: skip


def _bench_pad(chosen: argparse.Namespace) -> int:
    from mnist_lab.bench.pad import bench_pad

    return _measure(chosen, bench_pad, strokes=chosen.strokes)


def _course_solve(chosen: argparse.Namespace) -> int:
    from mnist_lab import course

    for path in course.solve(chosen.notebooks, chosen.out):
        print(path)
    return DONE


def _course_run(chosen: argparse.Namespace) -> int:
    from mnist_lab import course

    failures = course.run(
        chosen.notebooks, chosen.out, solved=chosen.solved, save=chosen.save, say=print
    )
    for failure in failures:
        print(f"mnist-lab: {failure.notebook}: {failure.says}", file=sys.stderr)
    return CANNOT if failures else DONE


def _course_lint(chosen: argparse.Namespace) -> int:
    from mnist_lab.course_lint import lint

    broken = lint(chosen.notebooks)
    for line in broken:
        print(line)
    return CANNOT if broken else DONE


def _grade(chosen: argparse.Namespace) -> int:
    from mnist_lab.arrays import DataError
    from mnist_lab.grading import batch, cluster, gradebook, pages, sandbox
    from mnist_lab.grading.ledger import open_ledger
    from mnist_lab.grading.one import Options
    from mnist_lab.grading.submissions import collect

    console = _console(quiet_stdout=False)
    try:
        secret = chosen.secret_file.read_bytes().strip() if chosen.secret_file else b""
    except OSError as error:
        raise DataError(f"{chosen.secret_file}: cannot be read ({error.strerror})") from None
    if chosen.secret_file and not secret:
        _say(console, f"{chosen.secret_file} is empty: one is made up and kept in {chosen.out}")
    if not sandbox.has_sandbox(required=chosen.require_sandbox):
        _say(console, sandbox.unprotected())
    options = Options(
        secret=secret, only=chosen.only, timeout=chosen.timeout, memory=chosen.memory,
        data=chosen.data, require_sandbox=chosen.require_sandbox,
    )  # fmt: skip
    with collect(chosen.submissions) as found, open_ledger(chosen.out) as ledger:
        screen = _Class(console, len(found))
        workers = cluster.cluster(chosen.cluster) if chosen.cluster else batch.threads(chosen.jobs)
        try:
            with screen:
                results = batch.grade_all(found, options, ledger, workers=workers, watcher=screen)
        except KeyboardInterrupt:
            says = f"stopped; {screen.done} of {len(found)} are kept, and the same command goes on"
            print(f"\nmnist-lab: {says}", file=sys.stderr)
            return INTERRUPTED
        if chosen.similarity:
            _show_alike(console, found, chosen.out / "similarity.csv")
    exercises = gradebook.asked_for(results, chosen.only)
    of = sum(exercise.points for exercise in exercises)
    gradebook.write_all(results, exercises, chosen.out, form=chosen.format)
    pages.write_pages(results, exercises, chosen.out)
    if os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as file:
            file.write(gradebook.summary(results, exercises))
    console.print(f"The gradebook, of {of} points: {chosen.out.resolve()}", highlight=False,
                  markup=False, soft_wrap=True)  # fmt: skip
    failed = [result for result in results if result.status == "failed"]
    for result in failed:
        print(f"mnist-lab: {result.student}: {result.notes[0]}", file=sys.stderr)
    least = chosen.min_score / 100
    low = [
        r for r in results if gradebook.total_of(r, exercises) < least * of or (least and not of)
    ]
    if low:
        names = ", ".join(each.student for each in low[:5]) + ", ..." * (len(low) > 5)
        print(f"mnist-lab: below {chosen.min_score:g} %: {names}", file=sys.stderr)
    return CANNOT if failed else LOW if low else DONE


def _show_alike(console: "Console", submissions: "list[Submission]", path: Path) -> None:
    from mnist_lab.grading import similarity

    found = similarity.compare(submissions)
    similarity.write_csv(found, path)
    pairs = [each for each in found if each.other != similarity.SOLUTION]
    for each in pairs[:10]:
        _say(console, f"the same: {each.student} and {each.other}, {', '.join(each.exercises)}")
    _say(console, f"Pairs with the same answers: {len(pairs)}; {len(found) - len(pairs)} students "
                  f"with the published solution's: {path.resolve()}")  # fmt: skip


class _Class:
    """Show on a terminal how far a class is graded: a line for each, and a bar with the rest."""

    def __init__(self, console: "Console", total: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        self._console = console
        self._room = max(0, console.width - 58)  # for names, beside what matters more
        bar = [BarColumn(20)] if self._room else []
        self._progress = Progress(
            TextColumn("grading"), *bar, MofNCompleteColumn(),
            TextColumn("{task.fields[left]}"), TextColumn("{task.fields[now]}", style="dim"),
            console=console, transient=True, refresh_per_second=4,
            disable=not console.is_interactive,
        )  # fmt: skip
        self._task = self._progress.add_task("grading", total=total, left="", now="")
        self._began, self._total, self.done, self._fresh = time.monotonic(), total, 0, 0
        self._under_way: list[str] = []

    def __enter__(self) -> Self:
        self._progress.__enter__()
        return self

    def __exit__(self, *stop: Any) -> None:  # noqa: PYI036
        self._progress.__exit__(*stop)

    def started(self, student: str) -> None:
        self._under_way.append(student)
        self._show()

    def ended(self, result: "Result", done: int, total: int) -> None:
        self.done = done
        how = f"{result.seconds:.0f} s" if result.student in self._under_way else "known"
        if how != "known":
            self._fresh += 1
            self._under_way.remove(result.student)
        line = f"{done}/{total}  {result.student}  {result.points:g} points, {result.status}, {how}"
        left = self._left()
        if left and not self._console.is_interactive:
            line += f"; {left}"
        _say(self._console, line)
        self._show()

    def _left(self) -> str:
        """How long the rest will take, at the pace so far."""
        rest = self._total - self.done
        if not self._fresh or not rest:
            return ""
        minutes = (time.monotonic() - self._began) / self._fresh * rest / 60
        return f"about {minutes:.0f} min left" if minutes >= 1.5 else "about a minute left"

    def _show(self) -> None:
        now = ", ".join(self._under_way[:4])[: self._room]
        self._progress.update(self._task, completed=self.done, left=self._left(), now=now)


def _read(chosen: argparse.Namespace) -> int:
    from mnist_lab import explain, reader

    model = _model(chosen.model)
    failed = False
    printed: list[dict[str, Any]] = []
    for found in reader.read_files(chosen.files, model, single=chosen.single):
        failed = failed or found.error is not None
        if found.error:
            print(f"mnist-lab: {found.error}", file=sys.stderr)
        if chosen.json:
            printed.append(found.as_json())
        elif not found.error:
            print(found.as_text(chosen.min_confidence))
        if chosen.overlay:
            reader.write_overlay(found, chosen.overlay, min_confidence=chosen.min_confidence)
        if chosen.explain and not found.error:
            page = chosen.explain / f"{found.place}.html"
            explain.write_explanation(found, page, min_confidence=chosen.min_confidence)
    if chosen.json:
        print(json.dumps(printed, indent=1, allow_nan=False))
    return CANNOT if failed else DONE


def _sheet_make(chosen: argparse.Namespace) -> int:
    from mnist_lab import sheet

    first = sheet.new_number() if chosen.number is None else chosen.number
    sheets = sheet.some_sheets(first, chosen.copies, order=chosen.order)
    sheet.write_pdf(sheets, chosen.out, paper=chosen.paper, name=chosen.name)
    numbers = f"sheet {sheets[0].number:05d}"
    if len(sheets) > 1:
        numbers = f"{len(sheets)} sheets, {sheets[0].number:05d} to {sheets[-1].number:05d}"
    print(f"{chosen.out}: {numbers}")
    return DONE


def _sheet_read(chosen: argparse.Namespace) -> int:
    from mnist_lab import collection, sheet_reader, sheet_report
    from mnist_lab.arrays import DataError

    if chosen.out.suffix != ".npz":
        raise DataError(f"expected --out with a name that ends in .npz, got {chosen.out}")
    scans = []
    for scanned in sheet_reader.read_files(chosen.files):
        scans.append(scanned)
        if scanned.page is not None:
            print(scanned.in_words())
        else:
            print(f"mnist-lab: {scanned.error}", file=sys.stderr)
    pages = [scanned.page for scanned in scans if scanned.page is not None]
    if not pages:
        raise DataError("no sheet was read")
    own = sheet_reader.gather(pages, writer=chosen.writer, drop=chosen.drop)
    contact = chosen.out.with_suffix(".html")
    sheet_report.write_contact(scans, contact)
    collection.save(own, chosen.out)
    print(f"{chosen.out}: {own.in_words()}")
    print(f"{contact}: look for slips of the pen, and leave them out with --drop")
    if len(pages) > 1 and not chosen.writer:
        print("each page counts as another writer's; if all are by one hand, add --writer NAME")
    return CANNOT if len(pages) < len(scans) else DONE


def _sheet_merge(chosen: argparse.Namespace) -> int:
    from mnist_lab import collection

    whole = collection.merge(chosen.files)
    collection.save(whole, chosen.out)
    print(f"{chosen.out}: {whole.in_words()}")
    return DONE


def _sheet_measure(chosen: argparse.Namespace) -> int:
    from mnist_lab import collection, network, sheet_report

    own = collection.load(chosen.file)
    answers = network.predict_probabilities(_model(chosen.model), own.images)
    found = sheet_report.figures(own, answers)
    page = chosen.out or chosen.file.with_name(f"{chosen.file.stem}-measure.html")
    which = chosen.model.name if chosen.model else "the network that ships with the kit"
    sheet_report.write_measure(own, answers, page, name=chosen.file.name, network=which)
    if chosen.json:
        print(json.dumps(found, indent=1))
    else:
        print(
            f"{found['accuracy']:.1%} of {found['digits']} digits read right "
            f"(between {found['accuracy_low']:.0%} and {found['accuracy_high']:.0%}): {page}"
        )
    return DONE


def _bench_sheet(chosen: argparse.Namespace) -> int:
    from mnist_lab.bench.sheet import bench_hands, bench_sheet

    if chosen.hands:
        return _measure(chosen, bench_hands, hands=chosen.hands)
    return _measure(chosen, bench_sheet, photos=chosen.photos, seed=chosen.seed)


def _bench_scans(chosen: argparse.Namespace) -> int:
    from mnist_lab.arrays import DataError
    from mnist_lab.bench.scans import bench_scans, bench_speed

    console = _console(chosen.json)
    found: dict[str, Any] = {}
    if not (chosen.speed or chosen.labels):
        raise DataError("bench scans needs --labels FILE, or --speed, or both")
    if chosen.labels:
        model = _model(chosen.model)
        found = bench_scans(labels=chosen.labels, model=model, say=lambda line: _say(console, line))
    if chosen.speed:
        found["speed"] = bench_speed(say=lambda line: _say(console, line))
    if chosen.json:
        print(json.dumps(found, indent=1))
    return DONE


def _model(path: Path | None) -> Any:
    """The network of a file, or the one that ships."""
    from mnist_lab import network

    return network.load_model(path) if path else network.shipped()


def _console(quiet_stdout: bool) -> "Console":
    """A console on stdout, or on stderr when stdout is for JSON; plain unless a terminal."""
    from rich.console import Console

    console = Console(stderr=quiet_stdout)
    console.soft_wrap = not console.is_terminal  # a log's lines stay whole
    return console


def _say(console: "Console", line: str) -> None:
    """Print a line; one in capitals is a notice that must not be overlooked."""
    if line.startswith("THIS IS NOT MNIST"):
        from rich.panel import Panel

        console.print(Panel(line, style="bold red", border_style="bold red"), soft_wrap=False)
    else:
        console.print(line, highlight=False, markup=False)


def _print_summary(console: "Console", run: "Run", folder: Path) -> None:
    from rich.table import Table

    from mnist_lab import demonstration

    found, last = run.evaluation, run.history.iloc[-1]
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column()
    right = len(run.test) - len(found.mistakes)
    table.add_row(
        "test accuracy", f"[bold]{found.accuracy:.2%}[/]  ({right:,} of {len(run.test):,})"
    )
    table.add_row("training accuracy", f"{last['accuracy']:.2%}")
    table.add_row("macro f1", f"{found.report.loc['macro avg', 'f1-score']:.4f}")
    table.add_row("calibration error", f"{found.calibration.error:.2%}")
    table.add_row("a scan as it is", f"{run.sample.accuracy_before:.1%} right")
    table.add_row("the scan inverted", f"{run.sample.accuracy_after:.1%} right")
    if run.trials:
        share = demonstration.share_right(run.trials)
        table.add_row("pages as they are", f"{share['as_it_is']:.1%} of their digits right")
        table.add_row("pages inverted", f"{share['inverted']:.1%} right")
        table.add_row("pages properly read", f"{share['read']:.1%} right")
    table.add_row("training took", f"{run.seconds['train']:.1f} s")
    if console.is_terminal:
        console.print()
    console.print(table)
    if run.provenance.notice:
        console.print()
        _say(console, run.provenance.notice)
    where = (folder / "report.html").resolve()
    console.print(f"\nThe report: {where}", highlight=False, markup=False, soft_wrap=True)


class _Screen:
    """Show a run on a terminal: lines as they come, and a bar while it trains."""

    def __init__(self, console: "Console", epochs: int) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._console, self._epochs = console, epochs
        self._progress = Progress(
            TextColumn("training"), BarColumn(), TextColumn("{task.percentage:.0f}%"),
            TimeRemainingColumn(), console=console, transient=True, refresh_per_second=4,
            disable=not console.is_interactive,  # or it leaves an empty line in a log
        )  # fmt: skip
        self._task = self._progress.add_task("training", total=None, visible=False)

    def __enter__(self) -> Self:
        self._progress.__enter__()
        return self

    def __exit__(self, *stop: Any) -> None:  # noqa: PYI036
        self._progress.__exit__(*stop)

    def say(self, line: str) -> None:
        _say(self._console, line)

    def step(self, done: int, total: int) -> None:
        self._progress.update(self._task, completed=done, total=total, visible=done < total)

    def epoch(self, number: int, figures: dict[str, float]) -> None:
        self.say(
            f"epoch {number}/{self._epochs}  "
            f"loss {figures['loss']:.4f}  accuracy {figures['accuracy']:.4f}  "
            f"validation loss {figures['val_loss']:.4f}  accuracy {figures['val_accuracy']:.4f}"
        )
