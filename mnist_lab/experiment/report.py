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
from mnist_lab.experiment.trials import Trial, trials_to_dict
from mnist_lab.files import StrPath, write_text
from mnist_lab.html import render_template
from mnist_lab.images import invert
from mnist_lab.reading import boxed_page

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_SAMPLES = 20  # training digits shown
MAX_MISTAKES = 16  # shown
SHOWN_PAGE_SIDE = 560  # pixels of a page's longer side
MIN_CONFIDENCE = 0.5  # probability below which an answer on a page gets a question mark
WAY_NAMES = {"as_it_is": "as it is", "inverted": "inverted", "read": "properly read"}


def write_report(result: ExperimentResult, path: StrPath, *, pocket: str = "") -> None:
    """Write the record of an experiment as one HTML file that needs nothing else.

    `pocket` names the network's page for the pocket, where one lies beside the record.

    CannotWrite if `path` cannot be written.
    """
    page = render_report(result, pocket=pocket)
    write_text(path, page)


def render_report(result: ExperimentResult, *, pocket: str = "") -> str:
    """The record of an experiment as HTML text."""
    return render_template(
        "report.html",
        result=result,
        found=result.evaluation,
        last=result.history.iloc[-1],
        date=f"{datetime.now():%Y-%m-%d %H:%M}",
        place=_tilde(result.provenance.place),
        commonest=_commonest_mistake(result.evaluation.confusion),
        figures=_figures(result),
        trials=[_trial(trial) for trial in result.trials],
        pages=trials_to_dict(result.trials),
        count=_count,
        pocket=pocket,
    )


def _figures(result: ExperimentResult) -> dict[str, Markup]:
    from mnist_lab import plots

    found, train = result.evaluation, result.train
    first = list(map(str, train.labels[:MAX_SAMPLES]))
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


def _commonest_mistake(confusion: NDArray[np.int64]) -> tuple[int, int, int] | None:
    """What a digit was, what it was read as, and how often, if ever."""
    wrong = confusion - np.diag(np.diag(confusion))
    was, read = np.unravel_index(wrong.argmax(), wrong.shape)
    return (int(was), int(read), int(wrong.max())) if wrong.any() else None


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _tilde(place: str) -> str:
    home = str(Path.home())
    return "~" + place[len(home) :] if place.startswith(home) else place
