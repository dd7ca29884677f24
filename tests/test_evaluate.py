"""Measures, against scikit-learn's own and against their laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from mnist_lab import evaluate
from mnist_lab.arrays import ArrayError


def answers(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, count).astype(np.uint8)
    raw = rng.random((count, 10)) + 2 * np.eye(10)[labels] * rng.random((count, 1))
    return labels, (raw / raw.sum(1, keepdims=True)).astype(np.float32)


many = given(st.integers(1, 300), st.integers(0, 1000))


@many
@settings(max_examples=40)
def test_confusion_rows_sum_to_the_label_counts(count, seed):
    """Every digit is in the row of what it was; the diagonal is what was right."""
    labels, probabilities = answers(count, seed)
    table = evaluate.confusion(labels, probabilities)
    assert (table.sum(axis=1) == np.bincount(labels, minlength=10)).all()
    assert table.trace() / count == pytest.approx(evaluate.accuracy(labels, probabilities))


@many
@settings(max_examples=40)
def test_mistakes_are_the_wrong_answers_the_surest_first(count, seed):
    """Every wrong answer once, in falling confidence."""
    labels, probabilities = answers(count, seed)
    wrong = evaluate.mistakes(labels, probabilities)
    assert set(wrong) == set(np.flatnonzero(probabilities.argmax(1) != labels))
    assert (np.diff(probabilities[wrong].max(axis=1)) <= 0).all()


@many
@settings(max_examples=40)
def test_calibration_counts_every_answer_once(count, seed):
    """Bins hold all answers, and their weighted means give back the whole's."""
    labels, probabilities = answers(count, seed)
    found = evaluate.calibration(labels, probabilities)
    filled = found.count > 0
    right = (found.accuracy[filled] * found.count[filled]).sum() / count
    assert found.count.sum() == count
    assert right == pytest.approx(evaluate.accuracy(labels, probabilities))
    assert 0 <= found.error <= 1


def test_report_agrees_with_scikit_learn():
    """Per digit and averaged, the figures are scikit-learn's."""
    labels, probabilities = answers(400, 7)
    table = evaluate.report(labels, probabilities)
    read = probabilities.argmax(axis=1)
    assert table.loc["macro avg", "f1-score"] == pytest.approx(
        metrics.f1_score(labels, read, average="macro")
    )
    assert table["support"].iloc[:10].sum() == 400
    assert list(table.index) == [*map(str, range(10)), "macro avg", "weighted avg"]


def test_perfectly_sure_and_right_is_calibrated():
    """Error 0 when each answer is certain and right, 1 when each is certain and wrong."""
    labels = np.arange(10, dtype=np.uint8)
    sure = np.eye(10, dtype=np.float32)
    assert evaluate.calibration(labels, sure).error == 0
    assert evaluate.calibration(labels, sure[::-1].copy()).error == 1


def test_expected_calibration_error_by_hand():
    """Two bins by hand: 0.6 sure and half right, 0.9 sure and all right."""
    labels = np.array([0, 1, 0, 0], np.uint8)
    probabilities = np.full((4, 10), 0.0, np.float32)
    probabilities[:2, 0], probabilities[:2, 1] = 0.6, 0.4
    probabilities[2:, 0], probabilities[2:, 1] = 0.9, 0.1
    assert evaluate.calibration(labels, probabilities).error == pytest.approx(
        (0.1 * 2 + 0.1 * 2) / 4, abs=1e-6
    )


def test_answers_must_be_as_many_as_labels():
    """A row for each label, and at least one."""
    labels, probabilities = answers(5, 0)
    with pytest.raises(ArrayError, match="4 labels and 5 rows"):
        evaluate.accuracy(labels[:4], probabilities)
    with pytest.raises(ArrayError, match="at least one"):
        evaluate.evaluate(labels[:0], probabilities[:0])


@pytest.mark.parametrize("degrees", [0.3, 1.0, 2.5])
def test_temperature_undoes_being_too_sure(degrees):
    """Answers that tell the truth, cooled, are told to warm up by as much."""
    rng = np.random.default_rng(0)
    logits = 3 * rng.standard_normal((20_000, 10))
    honest = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (honest.cumsum(axis=1) > rng.random((20_000, 1))).argmax(axis=1).astype(np.uint8)
    told = np.exp(logits / degrees) / np.exp(logits / degrees).sum(axis=1, keepdims=True)
    assert evaluate.temperature(labels, told.astype(np.float32)) == pytest.approx(
        1 / degrees, rel=0.05
    )


@many
@settings(max_examples=20)
def test_no_temperature_is_better_than_the_one_found(count, seed):
    """On a fine grid no cross-entropy is lower."""
    labels, probabilities = answers(count, seed)
    grid = [*np.geomspace(0.1, 10, 50), evaluate.temperature(labels, probabilities)]
    at = [probabilities.astype(float) ** (1 / degrees) for degrees in grid]
    right = [p[np.arange(count), labels] / p.sum(axis=1) for p in at]
    *others, found = [metrics.log_loss([1] * count, r, labels=[0, 1]) for r in right]
    assert found <= min(others) + 1e-3


def test_labels_may_be_any_integers():
    """Labels as numpy makes them measure the same as uint8."""
    labels, probabilities = answers(50, 1)
    wide = labels.astype(np.int64)
    assert evaluate.accuracy(wide, probabilities) == evaluate.accuracy(labels, probabilities)
    assert (
        evaluate.confusion(wide, probabilities) == evaluate.confusion(labels, probabilities)
    ).all()


@given(st.integers(1, 300), st.floats(0, 1))
def test_accuracy_bounds_hold_the_accuracy(n, share):
    """The bounds lie around the accuracy, within 0 and 1, and closer the more digits there are."""
    labels = np.zeros(n, np.uint8)
    answers = np.eye(10, dtype=np.float32)[(np.arange(n) >= share * n).astype(int)]
    low, high = evaluate.accuracy_bounds(labels, answers)
    assert 0 <= low <= evaluate.accuracy(labels, answers) + 1e-9
    assert evaluate.accuracy(labels, answers) - 1e-9 <= high <= 1
    share = evaluate.accuracy(labels, answers)
    for bound in (low, high):  # Wilson: where the accuracy is 1.96 standard errors away
        assert abs(share - bound) == pytest.approx(
            1.96 * (bound * (1 - bound) / n) ** 0.5, abs=1e-4
        )
    more = evaluate.accuracy_bounds(np.tile(labels, 4), np.tile(answers, (4, 1)))
    assert more[1] - more[0] < high - low
