"""What an experiment found, as one self-contained page: the laboratory record."""

import io
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from mnist_lab.arrays import Digits
from mnist_lab.experiment.result import ExperimentResult, InversionSample
from mnist_lab.experiment.trials import Trial, share_right
from mnist_lab.files import StrPath, atomic_write
from mnist_lab.html import render
from mnist_lab.images import invert
from mnist_lab.reading import boxed_page

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_SAMPLES = 20  # training digits shown
MAX_MISTAKES = 16  # shown
SHOWN_PAGE_SIDE = 560  # pixels of a page's longer side
MIN_CONFIDENCE = 0.5  # probability below which an answer on a page gets a question mark
WAY_NAMES = {"as_it_is": "as it is", "inverted": "inverted", "read": "properly read"}
LEAK = (
    "the test part, as the seed program does: whatever is chosen by these curves is chosen by "
    "the test digits, a leak, and the test accuracy no longer speaks of digits never seen"
)


def write_report(result: ExperimentResult, path: StrPath) -> None:
    """Write the record of an experiment as one HTML file that needs nothing else.

    Raises
    ------
    CannotWrite
        `path` cannot be written.
    """
    page = render_report(result)
    with atomic_write(path) as draft:
        draft.write_text(page, encoding="utf-8")


def render_report(result: ExperimentResult) -> str:
    """The record of an experiment as HTML text."""
    trials = [_trial(trial) for trial in result.trials]
    return render("report.html", figures=_figures(result), trials=trials, **_words(result))


def _words(result: ExperimentResult) -> dict[str, Any]:
    found, last, sample = result.evaluation, result.history.iloc[-1], result.sample
    right = len(result.test) - len(found.mistakes)
    held_back = f"{len(result.validation):,} training digits held back"
    measured = "the test part" if result.validated_on_test else held_back
    return {
        "date": f"{datetime.now():%Y-%m-%d %H:%M}",
        "notice": result.provenance.notice,
        "accuracy": f"{found.accuracy:.2%}",
        "calibration_error": f"{found.calibration.error:.2%}",
        "parameters": f"{result.parameters:,}",
        "train_seconds": f"{result.seconds['train']:.1f}",
        "test_count": f"{len(result.test):,}",
        "data_line": (
            f"{result.provenance.name}: {len(result.train):,} digits to learn from"
            + ("" if result.validated_on_test else f", {len(result.validation):,} held back")
            + f" and {len(result.test):,} to test on"
        ),
        "validation": LEAK if result.validated_on_test else held_back,
        "curves_words": f"Validation: {measured}.",
        "epochs": _count(result.epochs, "epoch"),
        "batch_size": result.batch_size,
        "seed": result.seed,
        "loss_words": (
            f"{last['loss']:.3f} in training and {last['val_loss']:.3f} in validation after the "
            f"last epoch; {result.test_loss:.3f} on the test part"
        ),
        "accuracy_words": (
            f"{last['accuracy']:.2%} in training and {last['val_accuracy']:.2%} in validation "
            f"after the last epoch; {found.accuracy:.2%} on the test part"
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
            f"After {_count(result.epochs, 'epoch')} on {len(result.train):,} digits, the network "
            f"of {result.parameters:,} parameters read {right:,} of {len(result.test):,} test "
            f"digits right: an accuracy of {found.accuracy:.2%}, a macro-averaged f1 of "
            f"{found.report.loc['macro avg', 'f1-score']:.3f} and an expected calibration error "
            f"of {found.calibration.error:.2%}. Dark on white, as a scanner gives them, it read "
            f"{sample.accuracy_before:.1%}; inverted, {sample.accuracy_after:.1%}."
            + (f" {_pages_words(result)}" if result.trials else "")
        ),
        "pages_words": _pages_words(result),
        "facts": [
            ("data from", _tilde(result.provenance.place)),
            ("verified", "yes, MNIST's own bytes" if result.provenance.verified else "no"),
            *result.environment.items(),
            *((f"seconds to {name}", f"{value:.1f}") for name, value in result.seconds.items()),
        ],
    }


def _figures(result: ExperimentResult) -> dict[str, Markup]:
    from mnist_lab import plots

    found, train = result.evaluation, result.train
    first = [f"{label}" for label in train.labels[:MAX_SAMPLES]]
    figures = {
        "samples": _svg(plots.show_digits(Digits(train.images[:MAX_SAMPLES]), first)),
        "network": _svg(plots.show_network(result.layers)),
        "loss": _svg(plots.show_curves(result.history, "loss")),
        "accuracy": _svg(plots.show_curves(result.history, "accuracy")),
        "confusion": _svg(plots.show_confusion(found.confusion)),
        "calibration": _svg(plots.show_calibration(found.calibration)),
        "sample": _svg(_draw_sample(result.sample)),
    }
    worst = found.mistakes[:MAX_MISTAKES]
    if len(worst):
        titles = [
            f"was {result.test.labels[at]}, read {result.probabilities[at].argmax()}\n"
            f"{result.probabilities[at].max():.1%} sure"
            for at in worst
        ]
        digits = Digits(result.test.images[worst])
        figures["mistakes"] = _svg(plots.show_digits(digits, titles, columns=8, spacing=46))
    return figures


def _draw_sample(sample: InversionSample) -> "Figure":
    import matplotlib.pyplot as plt

    from mnist_lab import plots

    figure, axes = plt.subplots(1, 4, figsize=(8.4, 2.2), layout="constrained")
    plots.show_image(sample.scan, title="as scanned", ax=axes[0])
    plots.show_probabilities(sample.before, ax=axes[1])
    plots.show_image(invert(sample.scan), title="inverted", ax=axes[2])
    plots.show_probabilities(sample.after, ax=axes[3])
    return figure


def _pages_words(result: ExperimentResult) -> str:
    """One sentence on how much of the demonstration pages was read right in each way."""
    share = share_right(result.trials)
    digits = _count(sum(len(trial.truth) for trial in result.trials), "digit")
    pages = _count(len(result.trials), "demonstration page")
    false_positives = sum(trial.false_positives for trial in result.trials)
    marks = _count(false_positives, "mark") if false_positives else "no mark"
    return (
        f"Of {digits} on {pages}, it read {share['as_it_is']:.1%} right cut out as they are, "
        f"{share['inverted']:.1%} inverted and {share['read']:.1%} properly read, with {marks} "
        "taken for a digit that is none."
    )


def _trial(trial: Trial) -> dict[str, Any]:
    """A page as the template shows it: each way's answers, character by character."""
    count = len(trial.truth)
    return {
        "made": trial.page.made[:1].upper() + trial.page.made[1:],
        "rows": trial.page.rows,
        "boxed": boxed_page(trial.reading, min_confidence=MIN_CONFIDENCE, max_side=SHOWN_PAGE_SIDE),
        "ways": [
            {
                "name": name,
                "right": f"{trial.right(way)} of {count}",
                "rows": [
                    [(a, a == b) for a, b in zip(answers, truth, strict=True)]
                    for answers, truth in zip(trial.rows(way), trial.page.rows, strict=True)
                ],
            }
            for way, name in WAY_NAMES.items()
        ],
    }


def _svg(drawn: Any) -> Markup:
    """A figure as SVG to put into a page, and out of memory."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    figure = getattr(drawn, "figure", drawn)  # of axes, or the figure itself
    text = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "mnist_lab"}):
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    svg = text.getvalue()
    return Markup(svg[svg.index("<svg") :].replace("<svg ", '<svg aria-hidden="true" ', 1))  # noqa: S704


def _commonest(confusion: NDArray[np.int64]) -> str:
    wrong = confusion - np.diag(np.diag(confusion))
    if not wrong.any():
        return "There are none."
    was, read = np.unravel_index(wrong.argmax(), wrong.shape)
    return f"The commonest, {_count(int(wrong.max()), 'time')}, is a {was} read as a {read}."


def _answer(probabilities: NDArray[np.float32]) -> str:
    return f"{probabilities.argmax()} ({probabilities.max():.1%} sure)"


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _tilde(place: str) -> str:
    home = str(Path.home())
    return "~" + place[len(home) :] if place.startswith(home) else place
