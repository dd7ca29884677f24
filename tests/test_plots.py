"""Plots, by what stands on their axes."""

from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from mnist_lab import plots
from mnist_lab.arrays import ArrayError
from mnist_lab.evaluate import calibration
from mnist_lab.network import Layer

DIGITS = np.random.default_rng(0).integers(0, 256, (7, 28, 28), np.uint8)


@pytest.fixture(autouse=True)
def close_figures():
    """No figure outlives its test."""
    yield
    plt.close("all")


def words(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_digits_stand_in_rows_under_their_titles():
    """Every digit once, every title once, as many columns as asked for."""
    ax = plots.show_digits(DIGITS[:7], list("abcdefg"), columns=3)
    assert len(ax.images) == 7 and words(ax) == list("abcdefg")
    assert len({image.get_extent()[0] for image in ax.images}) == 3


def test_no_digits_are_empty_axes():
    """Where there are no mistakes, there is nothing to draw, and no error."""
    assert not plots.show_digits(DIGITS[:0], []).images


@pytest.mark.parametrize("titles", [[], ["one"], list("abcd")])
def test_titles_are_as_many_as_digits(titles):
    """Too few or too many are said to be, with both numbers."""
    with pytest.raises(ArrayError, match=f"a title for each of 3 digits, got {len(titles)}"):
        plots.show_digits(DIGITS[:3], titles)


def test_curves_hold_both_splits():
    """Training and validation, each at its epochs, and a legend that names them."""
    epochs = pd.RangeIndex(1, 4, name="epoch")
    history = pd.DataFrame({"loss": [3, 2, 1], "val_loss": [3, 2.5, 2]}, index=epochs)
    ax = plots.show_curves(history, "loss")
    assert [list(line.get_ydata()) for line in ax.lines] == [[3, 2, 1], [3, 2.5, 2]]
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["training", "validation"]


def test_confusion_writes_every_count_that_is_not_zero():
    """The numbers on the axes are the numbers of the matrix."""
    matrix = np.diag(np.arange(10)) + 3 * np.eye(10, k=1, dtype=int)
    ax = plots.show_confusion(matrix)
    assert sorted(words(ax)) == sorted(str(n) for n in matrix.ravel() if n)
    assert ax.get_xlabel() == "read as" and ax.get_ylabel() == "it was"


def test_calibration_leaves_empty_bins_out():
    """A point for each bin with answers in it, its count beside it."""
    labels = np.arange(10, dtype=np.uint8)
    ax = plots.show_calibration(calibration(labels, np.eye(10, dtype=np.float32)))
    assert words(ax) == ["10"] and len(ax.lines[1].get_xdata()) == 1
    assert ax.get_legend().get_texts()[0].get_text() == "perfect calibration"


def test_probabilities_make_the_answer_stand_out():
    """Ten bars; only the highest is coloured."""
    ax = plots.show_probabilities(np.float32([0.05] * 7 + [0.55, 0.05, 0.05]))
    colors = [bar.get_facecolor() for bar in ax.patches]
    assert len(colors) == 10 and colors.count(colors[7]) == 1


def test_network_says_shapes_and_parameters():
    """Each layer's kind, shape and parameters can be read off the diagram."""
    layers = [Layer("Input", "", (28, 28, 1), 0), Layer("Dense", "10, softmax", (10,), 7850)]
    said = " ".join(words(plots.show_network(layers)))
    assert "28\u00d728\u00d71" in said and "7,850" in said and "softmax" in said


def test_plot_draws_on_the_axes_it_is_given():
    """`ax` is used and given back."""
    _, ax = plt.subplots()
    assert plots.show_image(DIGITS[0], title="seven", ax=ax) is ax
    assert ax.get_title() == "seven"


def test_a_digit_is_squares_and_a_page_is_smooth():
    """A digit's pixels can be counted; a page, shown smaller than it is, has no jagged lines."""
    digit, page = np.zeros((28, 28), np.uint8), np.zeros((1500, 1100), np.uint8)
    drawn = [plots.show_image(image).images[0].get_interpolation() for image in (digit, page)]
    assert drawn == ["none", "antialiased"]


IMAGE = np.full((60, 120), 200, np.uint8)


class Page:
    """What plots asks of a page reading."""

    image = IMAGE
    steps = tuple(
        SimpleNamespace(image=IMAGE, name=n, sentence=f"The {n}.") for n in ("cut", "ink")
    )

    def draw(self, ax, *, min_confidence):
        ax.imshow(self.image)
        ax.set_title(f"below {min_confidence}")


def test_page_draws_itself_on_axes_of_its_shape():
    """The page is given the axes, twice as wide as high, and what is doubtful."""
    ax = plots.show_page(Page(), min_confidence=0.9)
    width, height = ax.get_figure().get_size_inches()
    assert ax.get_title() == "below 0.9" and width == pytest.approx(2 * height)


def test_steps_stand_below_one_another_with_their_sentences():
    """A row for each step: its image, its name, its sentence."""
    ax = plots.show_steps(Page())
    assert words(ax) == ["cut", "The cut.", "ink", "The ink."]
    tops = [image.get_extent()[3] for image in ax.images]
    assert tops == sorted(tops) and len(tops) == 2


def test_saved_plot_is_a_picture_and_closed(tmp_path):
    """By a path's text; no figure is left open."""
    plots.save(plots.show_image(DIGITS[0]), str(tmp_path / "seven.png"))
    assert (tmp_path / "seven.png").read_bytes().startswith(b"\x89PNG")
    assert not plt.get_fignums()
