"""What a run found, as one self-contained page: the laboratory record."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from mnist_lab import plots
from mnist_lab.data import demonstration
from mnist_lab.experiment import Run
from mnist_lab.files import atomic_write
from mnist_lab.html import render as render_html
from mnist_lab.reading import boxed_page

SAMPLES = 20  # training digits shown
WORST = 16  # mistakes shown
PAGE = 560  # pixels of a page's longer side
DOUBTFUL = 0.5  # probability below which an answer on a page gets a question mark
WAYS = {"as_it_is": "as it is", "inverted": "inverted", "read": "properly read"}


def write_report(run: Run, path: Path) -> None:
    """Write the record of a run as one HTML file that needs nothing else.

    Raises
    ------
    CannotWrite
        `path` cannot be written.
    """
    page = render(run)
    with atomic_write(path) as temporary:
        temporary.write_text(page, encoding="utf-8")


def render(run: Run) -> str:
    """The record of a run as HTML text."""
    trials = [_trial(trial) for trial in run.trials]
    return render_html("report.html", figures=_figures(run), trials=trials, **_words(run))


def _words(run: Run) -> dict[str, Any]:
    found, last, sample = run.evaluation, run.history.iloc[-1], run.sample
    right = len(run.test) - len(found.mistakes)
    return {
        "date": f"{datetime.now():%Y-%m-%d %H:%M}",
        "notice": run.provenance.notice,
        "accuracy": f"{found.accuracy:.2%}",
        "calibration_error": f"{found.calibration.error:.2%}",
        "parameters": f"{run.parameters:,}",
        "train_seconds": f"{run.seconds['train']:.1f}",
        "test_count": f"{len(run.test):,}",
        "data_line": (
            f"{run.provenance.name}: {len(run.train):,} digits to learn from and "
            f"{len(run.test):,} to test on"
        ),
        "epochs": _count(run.epochs, "epoch"),
        "batch_size": run.batch_size,
        "seed": run.seed,
        "loss_words": (
            f"{last['loss']:.3f} on the training part and {last['val_loss']:.3f} on the test "
            "part after the last epoch"
        ),
        "accuracy_words": (
            f"{last['accuracy']:.2%} on the training part and {last['val_accuracy']:.2%} on the "
            "test part after the last epoch"
        ),
        "report": [
            {
                "name": name,
                "mean": name == "macro avg",
                "precision": f"{row['precision']:.3f}",
                "recall": f"{row['recall']:.3f}",
                "f1": f"{row['f1-score']:.3f}",
                "support": f"{int(row['support']):,}",
            }
            for name, row in found.report.iterrows()
        ],
        "confusion_words": _commonest(found.confusion),
        "sample_words": (
            f"Of the first {sample.counted:,} test digits turned dark on white, it read "
            f"{sample.accuracy_before:.1%} right as they were and {sample.accuracy_after:.1%} "
            "once inverted (each grey level taken from 255)."
        ),
        "sample_caption": (
            f"A {sample.label}: as scanned it is read as {_answer(sample.before)}, inverted as "
            f"{_answer(sample.after)}. The sample is the first test digit, where there is one, "
            "that inversion puts right."
        ),
        "result": (
            f"After {_count(run.epochs, 'epoch')} on {len(run.train):,} digits, the network of "
            f"{run.parameters:,} parameters read {right:,} of {len(run.test):,} test digits "
            f"right: an accuracy of {found.accuracy:.2%}, a macro-averaged f1 of "
            f"{found.report.loc['macro avg', 'f1-score']:.3f} and an expected calibration error "
            f"of {found.calibration.error:.2%}. Dark on white, as a scanner gives them, it read "
            f"{sample.accuracy_before:.1%}; inverted, {sample.accuracy_after:.1%}."
            + (f" {_pages_words(run)}" if run.trials else "")
        ),
        "pages_words": _pages_words(run),
        "facts": [
            ("data from", _tilde(run.provenance.place)),
            ("verified", "yes, MNIST's own bytes" if run.provenance.verified else "no"),
            *run.environment.items(),
            *((f"seconds to {name}", f"{value:.1f}") for name, value in run.seconds.items()),
        ],
    }


def _figures(run: Run) -> dict[str, Markup]:
    found = run.evaluation
    worst = found.mistakes[:WORST]
    first = run.train.labels[:SAMPLES]
    figures = {
        "samples": _svg(plots.show_digits(run.train.images[:SAMPLES], [f"{n}" for n in first])),
        "network": _svg(plots.show_network(run.layers)),
        "loss": _svg(plots.show_curves(run.history, "loss")),
        "accuracy": _svg(plots.show_curves(run.history, "accuracy")),
        "confusion": _svg(plots.show_confusion(found.confusion)),
        "calibration": _svg(plots.show_calibration(found.calibration)),
        "sample": _svg(_sample(run)),
    }
    if len(worst):
        titles = [
            f"was {run.test.labels[at]}, read {run.probabilities[at].argmax()}\n"
            f"{run.probabilities[at].max():.1%} sure"
            for at in worst
        ]
        figures["mistakes"] = _svg(
            plots.show_digits(run.test.images[worst], titles, columns=8, spacing=46)
        )
    return figures


def _sample(run: Run) -> Figure:
    sample = run.sample
    figure, axes = plt.subplots(1, 4, figsize=(8.4, 2.2), layout="constrained")
    plots.show_image(sample.scan, title="as scanned", ax=axes[0])
    plots.show_probabilities(sample.before, ax=axes[1])
    plots.show_image(255 - sample.scan, title="inverted", ax=axes[2])
    plots.show_probabilities(sample.after, ax=axes[3])
    return figure


def _pages_words(run: Run) -> str:
    """One sentence on how much of the demonstration pages was read right in each way."""
    share = demonstration.share_right(run.trials)
    digits = sum(len(trial.truth) for trial in run.trials)
    made_up = sum(trial.made_up for trial in run.trials)
    marks = _count(made_up, "mark") if made_up else "no mark"
    return (
        f"Of {_count(digits, 'digit')} on {_count(len(run.trials), 'demonstration page')}, it read "
        f"{share['as_it_is']:.1%} right cut out as they are, {share['inverted']:.1%} inverted and "
        f"{share['read']:.1%} properly read, with {marks} taken for a digit that is none."
    )


def _trial(trial: demonstration.Trial) -> dict[str, Any]:
    """A page as the template shows it: each way's answers, character by character."""
    count = len(trial.truth)
    return {
        "made": trial.page.made[:1].upper() + trial.page.made[1:],
        "rows": trial.page.rows,
        "boxed": boxed_page(trial.reading, min_confidence=DOUBTFUL, max_side=PAGE),
        "ways": [
            {
                "name": name,
                "right": f"{trial.right(way)} of {count}",
                "rows": [
                    [(a, a == b) for a, b in zip(answers, truth, strict=True)]
                    for answers, truth in zip(trial.rows(way), trial.page.rows, strict=True)
                ],
            }
            for way, name in WAYS.items()
        ],
    }


def _svg(drawn: Any) -> Markup:
    """A figure as SVG to put into a page, and out of memory."""
    figure = drawn if isinstance(drawn, Figure) else drawn.figure
    text = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "mnist_lab"}):
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    svg = text.getvalue()
    return Markup(svg[svg.index("<svg") :].replace("<svg ", '<svg aria-hidden="true" ', 1))  # noqa: S704


def _commonest(confusion: np.ndarray) -> str:
    wrong = confusion - np.diag(np.diag(confusion))
    if not wrong.any():
        return "There are none."
    was, read = np.unravel_index(wrong.argmax(), wrong.shape)
    return f"The commonest, {_count(int(wrong.max()), 'time')}, is a {was} read as a {read}."


def _answer(probabilities: np.ndarray) -> str:
    return f"{probabilities.argmax()} ({probabilities.max():.1%} sure)"


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _tilde(place: str) -> str:
    home = str(Path.home())
    return "~" + place[len(home) :] if place.startswith(home) else place
