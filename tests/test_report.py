"""The experiment and the record it leaves."""

import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from mnist_lab.data import load_demonstration
from mnist_lab.evaluate import evaluate
from mnist_lab.experiment import render_report, run_experiment, try_pages
from mnist_lab.experiment.run import _try_pages
from mnist_lab.progress import Progress


class Heard(Progress):
    """Keeps the lines it is told."""

    def __init__(self):
        self.lines = []

    def say(self, line):
        self.lines.append(line)


@pytest.fixture(scope="module")
def found(small_folder):
    """One short experiment on a few hundred digits."""
    return run_experiment(data=str(small_folder), epochs=1)[0]


@pytest.fixture(scope="module")
def as_seed(small_folder):
    """The same, validated on the test part."""
    return run_experiment(data=small_folder, epochs=1, validate_on_test=True)[0]


def test_figures_agree_with_each_other(found):
    """Accuracy, confusion, report and mistakes tell one story, in plain JSON."""
    figures = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    matrix = np.array(figures["confusion_matrix"])
    assert figures["test_accuracy"] == pytest.approx(matrix.trace() / matrix.sum())
    assert len(figures["mistakes"]) == matrix.sum() - matrix.trace()
    assert figures["data"]["test"] == matrix.sum() == 360
    assert (figures["data"]["train"], figures["data"]["validation"]) == (512 - 85, 85)
    assert figures["network"]["parameters"] == 90_170
    assert figures["history"]["epoch"] == [1]
    support = [row["support"] for row in figures["classification_report"].values()]
    assert support[:10] == matrix.sum(axis=1).tolist()


def test_digits_held_back_are_of_the_training_part_and_not_learnt_from(found, small):
    """What the curves measure is neither learnt from nor the test part; none is lost."""
    whole = sorted(digit.tobytes() for digit in small[0].images)
    parts = found.train.images, found.validation.images
    assert sorted(digit.tobytes() for part in parts for digit in part) == whole
    assert found.validation.provenance and not found.validated_on_test
    assert (found.test.images == small[1].images).all()


def test_loss_on_the_test_part_is_the_one_keras_computes(as_seed, found):
    """Where the test part is validated on, its loss is the last val_loss; else it is not."""
    assert as_seed.validated_on_test and as_seed.validation is as_seed.test
    assert len(as_seed.train) == 512
    last = as_seed.to_dict()["history"]["val_loss"][-1]
    assert as_seed.to_dict()["test_loss"] == pytest.approx(last, rel=1e-4)
    assert found.test_loss != pytest.approx(found.history["val_loss"].iloc[-1], rel=1e-4)


def test_report_says_what_was_validated_on(found, as_seed):
    """The digits held back, or the test part, and that this is a leak."""
    assert "Validation: 85 training digits held back." in render_report(found)
    assert "leak" not in render_report(found)
    page = render_report(as_seed)
    assert "Validation: the test part." in page and "as many a first program does" in page
    assert "a leak" in page


def test_sample_is_read_before_and_after_inversion(found):
    """The sample is a test digit dark on white, one that inversion puts right if there is one."""
    sample = found.sample
    digits = found.test.images
    assert any((255 - sample.scan == digit).all() for digit in digits)
    assert sample.scan[0, 0] == 255
    assert sample.counted == len(digits)
    if sample.accuracy_before < sample.accuracy_after == 1:
        assert sample.after.argmax() == sample.label


class Outline(HTMLParser):
    """Headings, and every address the page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.fetched: list[str] = []
        self._in_heading = False

    def handle_starttag(self, tag, attrs):
        self._in_heading = tag in ("h2", "h3")
        for name, value in attrs:
            if name in ("src", "href", "xlink:href") and not value.startswith(("#", "data:")):
                self.fetched.append(value)

    def handle_data(self, data):
        if self._in_heading and data.strip():
            self.headings.append(data.strip())
        self._in_heading = False


def test_report_is_the_laboratory_record_and_fetches_nothing(found):
    """Every part of the record is there, in order, with no address outside the page."""
    outline = Outline()
    page = render_report(found)
    outline.feed(page)
    assert outline.fetched == [] and "@import" not in page and "url(http" not in page
    assert outline.headings == [
        "Aim",
        "Problem and data",
        "The network",
        "Design steps",
        "Output",
        "Learning curves",
        "Classification report",
        "Confusion matrix",
        "The worst mistakes",
        "Calibration",
        "A new sample, before and after inversion",
        "Result",
        "Environment",
    ]


def test_report_says_what_was_found(found):
    """The figures in the text are the run's, and the data's notice is on the page."""
    text = re.sub(r"<[^>]+>", "", render_report(found))
    assert f"{found.evaluation.accuracy:.2%}" in text
    assert "these are not MNIST's own bytes" in html.unescape(text)
    assert "90,170" in text and found.environment["keras"] in text
    assert "1 epoch," in text or "1 epoch " in text


def test_report_shows_each_page_as_it_was_read(found, project):
    """The truth, what each way answered with what is right marked, and the shares in words."""
    pages = load_demonstration(project / "data" / "pages")
    sure = np.eye(10, dtype=np.float32)[np.arange(1000) % 10]
    trials = [
        replace(
            trial,
            answers={
                "as_it_is": "_" * len(trial.truth),
                "inverted": trial.truth[0] + "_" * (len(trial.truth) - 1),
                "read": trial.truth,
            },
        )
        for trial in try_pages(pages, lambda digits: sure[: len(digits)])
    ]
    page = render_report(replace(found, trials=trials))
    digits = sum(len(trial.truth) for trial in trials)
    assert page.count('<section class="trial">') == page.count('role="img"') == len(pages)
    assert page.count("<b>") == digits + len(pages)
    said = f"0.0% right cut out as they are, {len(pages) / digits:.1%} inverted and 100.0% properly"
    assert page.count(said) == 2
    assert "Whole pages" not in render_report(found)


def test_missing_pages_are_said_in_a_line_and_a_run_goes_on(tmp_path):
    """No folder, no trials, one line that names it; the figures say that there are none."""
    heard = Heard()
    assert _try_pages(tmp_path / "none", lambda digits: digits, heard) == []
    [line] = heard.lines
    assert "No demonstration pages are read" in line and "none" in line and "\n" not in line


def test_report_has_words_for_no_mistakes(found):
    """A perfect run still makes a page, which says so."""
    sure = np.eye(10, dtype=np.float32)[found.test.labels]
    perfect = replace(found, probabilities=sure, evaluation=evaluate(found.test.labels, sure))
    assert "every test digit was read right" in render_report(perfect)
