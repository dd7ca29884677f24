"""How good a network is, and where it is wrong: accuracy, confusion, mistakes, calibration.

Every function takes labels, integers (n,) from 0 to 9, and probabilities, float32 (n, 10),
a row for each label and at least one; anything else is an ArrayError.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mnist_lab.arrays import ArrayError, Labels, Probabilities, check_labels, check_probabilities

DIGITS = range(10)
TEMPERATURES = 0.1, 10.0  # between which `temperature` looks for the best


@dataclass(frozen=True, eq=False)
class Calibration:
    """How sure the network was, against how often it was right, in bins from 0 to 1.

    `confidence` and `accuracy`, float64 (bins,), are the mean probability of the answer and the
    share of right answers, NaN where the bin is empty; `count`, int64 (bins,), is its answers.
    `error` is the expected calibration error: the mean of `|confidence - accuracy|`, by count.
    """

    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    count: NDArray[np.int64]
    error: float


@dataclass(frozen=True, eq=False)
class Evaluation:
    """All there is to say about a network's answers; the fields are what the functions give."""

    accuracy: float
    report: pd.DataFrame
    confusion: NDArray[np.int64]
    mistakes: NDArray[np.int64]
    calibration: Calibration


def evaluate(labels: Labels, probabilities: Probabilities) -> Evaluation:
    """Measure answers against labels in every way of this file."""
    return Evaluation(
        accuracy(labels, probabilities),
        report(labels, probabilities),
        confusion(labels, probabilities),
        mistakes(labels, probabilities),
        calibration(labels, probabilities),
    )


def accuracy(labels: Labels, probabilities: Probabilities) -> float:
    """Share of the answers that are right, 0 to 1."""
    labels, probabilities = _checked(labels, probabilities)
    return float((probabilities.argmax(axis=1) == labels).mean())


def accuracy_bounds(labels: Labels, probabilities: Probabilities) -> tuple[float, float]:
    """Confidence interval of the accuracy, at 95 %: two numbers from 0 to 1.

    A hundred digits say little: 96 right of 100 may be luck or bad luck.

    References
    ----------
    Wilson 1927, *Probable inference, the law of succession, and statistical inference*.
    """
    from scipy.stats import binomtest

    labels, probabilities = _checked(labels, probabilities)
    right = int((probabilities.argmax(axis=1) == labels).sum())
    interval = binomtest(right, len(labels)).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def confusion(labels: Labels, probabilities: Probabilities) -> NDArray[np.int64]:
    """Count how often each digit (row) was read as each digit (column): int64 (10, 10)."""
    from sklearn.metrics import confusion_matrix

    labels, probabilities = _checked(labels, probabilities)
    return confusion_matrix(labels, probabilities.argmax(axis=1), labels=list(DIGITS))


def report(labels: Labels, probabilities: Probabilities) -> pd.DataFrame:
    """Precision, recall, f1 (0 to 1) and support (a count) of each digit, and their averages.

    Rows '0' to '9', 'macro avg', 'weighted avg'; columns precision, recall, f1-score, support. A
    digit that never occurs, or was never answered, counts 0.
    """
    from sklearn.metrics import classification_report

    labels, probabilities = _checked(labels, probabilities)
    table = classification_report(
        labels, probabilities.argmax(axis=1), labels=list(DIGITS), output_dict=True, zero_division=0
    )
    rows = [str(digit) for digit in DIGITS] + ["macro avg", "weighted avg"]
    return pd.DataFrame(table).T.loc[rows].astype({"support": int})


def mistakes(labels: Labels, probabilities: Probabilities) -> NDArray[np.int64]:
    """Positions of the wrong answers, the most confident first: int64 (wrong,)."""
    labels, probabilities = _checked(labels, probabilities)
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    confidence = probabilities[wrong].max(axis=1)
    return wrong[np.argsort(-confidence, kind="stable")]


def calibration(labels: Labels, probabilities: Probabilities, *, bins: int = 10) -> Calibration:
    """Compare confidence with accuracy, in `bins` of equal width from 0 to 1.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger (2017), *On calibration of modern neural networks*.
    """
    labels, probabilities = _checked(labels, probabilities)
    sure = probabilities.max(axis=1).astype(float)
    right = (probabilities.argmax(axis=1) == labels).astype(float)
    bin_of = np.clip((sure * bins).astype(int), 0, bins - 1)
    count = np.bincount(bin_of, minlength=bins)
    with np.errstate(invalid="ignore"):  # an empty bin is 0 / 0, NaN
        confidence = np.bincount(bin_of, sure, bins) / count
        share = np.bincount(bin_of, right, bins) / count
    gap = np.nan_to_num(np.abs(confidence - share))
    return Calibration(confidence, share, count, float((gap * count).sum() / count.sum()))


def temperature(labels: Labels, probabilities: Probabilities) -> float:
    """Find the temperature, 0.1 to 10, that calibrates best: the least cross-entropy.

    Probabilities at temperature t are softmax(log(probabilities) / t): above 1 less sure,
    below 1 surer; the answers stay.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger (2017), as for `calibration`.
    """
    from scipy.optimize import minimize_scalar

    labels, probabilities = _checked(labels, probabilities)
    logits = np.log(np.maximum(probabilities, 1e-30).astype(float))
    at = np.arange(len(labels))

    def cross_entropy(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        return float((np.logaddexp.reduce(scaled, axis=1) - scaled[at, labels]).mean())

    best = minimize_scalar(cross_entropy, bounds=np.log(TEMPERATURES), method="bounded")
    return float(np.exp(best.x))


def _checked(labels: Labels, probabilities: Probabilities) -> tuple[Labels, Probabilities]:
    labels, probabilities = check_labels(labels), check_probabilities(probabilities)
    if len(labels) != len(probabilities) or not len(labels):
        raise ArrayError(
            f"expected one row of probabilities for each label and at least one, "
            f"got {len(labels)} labels and {len(probabilities)} rows"
        )
    return labels, probabilities
