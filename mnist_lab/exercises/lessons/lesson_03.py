"""Lesson 3, build a CNN: sizes, kernels, pooling, parameters."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mnist_lab.exercises.exercise import Case, Exercise, Mark, Misconception
from mnist_lab.exercises.marking import to_numbers


def _sizes(seed: int) -> list[Case]:
    rng = np.random.default_rng(seed)
    large, small = (int(n) for n in rng.integers(20, 200, 2))
    return [
        Case("a window of 3", (large, 3)),
        Case("a window of 7", (small, 7)),
        Case("a window as large as the picture", (small + 1, small + 1)),
    ]


def _pictures(seed: int) -> list[Case]:
    rng = np.random.default_rng(seed)
    return [
        Case("a square picture", (rng.integers(0, 100, (6, 6)),)),
        Case("a wide one", (rng.integers(0, 100, (4, 10)),)),
        Case("one with numbers below 0", (rng.integers(-100, 0, (8, 2)),)),
    ]


def _find_edges(answers: list[Any], _: Sequence[Case]) -> Mark | None:
    """Right is every kernel that answers as was asked, whatever its numbers are."""
    kernel = to_numbers(answers[0])
    if kernel is None or kernel.shape != (3, 3) or not np.isfinite(kernel).all():
        return None
    scale = max(float(np.abs(kernel).max()), 1e-12) * 1e-6
    if np.abs(kernel.sum(axis=0)).max() > scale:  # each column: 0 where rows are all alike
        return None
    rows = kernel.sum(axis=1)
    return Mark(1) if rows[2] > scale and rows[1] + rows[2] > scale else None


EXERCISES = (
    Exercise(
        id="3.1",
        points=1,
        asks="a function that says how many places a window has",
        names=("my_places",),
        cases=_sizes,
        solution="def my_places(size, window):\n    return size - window + 1",
        why="The window starts at 0, and its last start is `size - window`: one more than that "
        "many places. 28 rows and a window of 3 give 26.",
        misconceptions=(
            Misconception(
                "def my_places(size, window):\n    return size - window",
                "One place is missing: try a window as large as the picture, which has just one.",
                0.5,
            ),
            Misconception(
                "def my_places(size, window):\n    return size",
                "The window must not stick out of the picture, so there are fewer places.",
            ),
            Misconception(
                "def my_places(size, window):\n    return size // window",
                "The window moves on by one pixel, not by its own length.",
            ),
        ),
        hints=(
            "Draw five squares in a row, and slide a window of three over them. Count.",
            "5 and 3 gave 3 places. What would 5 and 5 give, and 5 and 4?",
            "Take the window from the size; the place where it begins counts, too.",
        ),
    ),
    Exercise(
        id="3.2",
        points=2,
        asks="a kernel that finds edges between dark above and bright below",
        names=("my_kernel",),
        judge=_find_edges,
        solution="my_kernel = np.array([[-1, -1, -1], [0, 0, 0], [1, 1, 1]])",
        why="The bright row below counts for, the row above against. Where both are alike they "
        "cancel, whatever goes on from left to right.",
        misconceptions=(
            Misconception(
                "my_kernel = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])",
                "This one finds edges between left and right, as the kernel above did.",
            ),
            Misconception(
                "my_kernel = np.array([[1, 1, 1], [0, 0, 0], [-1, -1, -1]])",
                "It finds the right edges with the wrong sign: dark above and bright below should "
                "give a number above 0.",
                0.5,
            ),
            Misconception(
                "my_kernel = np.array([[0, 0, 0], [0, 0, 0], [1, 1, 1]])",
                "It also answers where all is equally bright: what the lower row adds, something "
                "must take away.",
            ),
            Misconception(
                "my_kernel = np.ones((3, 3))", "This adds up all nine: it blurs, and finds nothing."
            ),
        ),
        hints=(
            "The kernel above had its numbers below 0 on the left. Where should they be now?",
            "Turn that kernel by a quarter, and see to it that its bottom row is the positive one.",
            "Three rows of three: one number three times, then zeros, then its opposite three times.",
        ),
    ),
    Exercise(
        id="3.3",
        points=2,
        asks="a function that pools by the largest of four",
        names=("my_pool",),
        cases=_pictures,
        solution="def my_pool(picture):\n"
        "    upper = np.maximum(picture[::2, ::2], picture[::2, 1::2])\n"
        "    lower = np.maximum(picture[1::2, ::2], picture[1::2, 1::2])\n"
        "    return np.maximum(upper, lower)",
        why="`[::2, ::2]` has the upper left number of each square of four, and three more slices "
        "have the others. `np.maximum` keeps the larger, place by place.",
        misconceptions=(
            Misconception(
                "def my_pool(picture):\n    return picture[::2, ::2]",
                "You keep the upper left one of each four, whether it is the largest or not.",
            ),
            Misconception(
                "def my_pool(picture):\n"
                "    return (picture[::2, ::2] + picture[::2, 1::2]\n"
                "            + picture[1::2, ::2] + picture[1::2, 1::2]) / 4",
                "This is the mean of each four, another kind of pooling. Keep the largest.",
                0.5,
            ),
            Misconception(
                "def my_pool(picture):\n"
                "    upper = np.maximum(picture[:-1, :-1], picture[:-1, 1:])\n"
                "    lower = np.maximum(picture[1:, :-1], picture[1:, 1:])\n"
                "    return np.maximum(upper, lower)",
                "Your squares overlap: the next one should begin two further on, not one.",
                0.5,
            ),
            Misconception(
                "def my_pool(picture):\n    return np.maximum(picture[::2], picture[1::2])",
                "You pooled the rows only: there are still as many columns as before.",
                0.5,
            ),
        ),
        hints=(
            "`picture[::2, ::2]` takes every second row and column. Which three slices have the "
            "other numbers of each square?",
            "`np.maximum(a, b)` compares two arrays place by place. You need it three times.",
            "The four slices begin at 0 or 1 for the rows, and at 0 or 1 for the columns.",
        ),
    ),
    Exercise(
        id="3.4",
        points=2,
        asks="how many parameters two layers have",
        names=("my_convolution", "my_dense"),
        solution="my_convolution = 8 * (5 * 5 + 1)\nmy_dense = 10 * (100 + 1)",
        why="Each of the 8 kernels has 25 weights and a bias. Each of the 10 neurons has a weight "
        "for each of the 100 numbers, and a bias.",
        misconceptions=(
            Misconception(
                "my_convolution = 8 * 5 * 5\nmy_dense = 10 * 100",
                "You counted the weights. Each kernel and each neuron also has a bias of its own.",
                0.5,
            ),
            Misconception(
                "my_convolution = 8 * 5 * 5 + 1\nmy_dense = 10 * 100 + 1",
                "One bias for the whole layer is too few: each kernel and each neuron has its own.",
                0.5,
            ),
            Misconception(
                "my_convolution = 8 * 24 * 24 * (5 * 5 + 1)\nmy_dense = 10 * (100 + 1)",
                "The convolution uses the same weights everywhere: they count once, not once for "
                "each place.",
                0.5,
            ),
        ),
        hints=(
            "Compare with the two lines above, which gave 320 and 86,544.",
            "Begin with one kernel and one neuron: how many weights, and what else?",
            "One kernel has 5 x 5 weights and one bias; one neuron has 100 weights and one bias.",
        ),
    ),
)
