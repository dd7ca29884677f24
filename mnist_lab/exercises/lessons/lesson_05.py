"""Lesson 5, what is a convolution: a window, kernels, pooling, channels."""

from typing import Any

import numpy as np

from mnist_lab.exercises.comparing import to_numbers
from mnist_lab.exercises.exercise import Case, Cases, Exercise, Mark


def _sizes(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    large, small = (int(n) for n in rng.integers(20, 200, 2))
    few = int(rng.integers(5, 30))
    yield Case("a window of 2", (few, 2))
    yield Case("a window as large as the picture", (few + 1, few + 1))
    yield Case("a window of 3", (large, 3))
    yield Case("a window of 7", (small, 7))


FLAT = [np.eye(3, dtype=int)[[column] * 3] * 9 for column in range(3)]


DARK_ABOVE = [np.repeat([[0], [0], [9]], 3, axis=1), np.repeat([[0], [9], [9]], 3, axis=1)]


NO_EDGE = "It does not find the edge yet: lay it on the piece below, and add up the nine products."


def _find_edges(answers: list[Any]) -> Mark | None:
    """Right is every kernel that answers as was asked, whatever its numbers are."""
    kernel = to_numbers(answers[0])
    if kernel is None or kernel.shape != (3, 3) or not np.isfinite(kernel).all():
        return None
    least = max(float(np.abs(kernel).max()), 1e-12) * 1e-5
    for pictures, wanted in ((FLAT, "0"), (DARK_ABOVE, "a number above 0")):
        for picture in pictures:
            answer = float((kernel * picture).sum())
            if abs(answer) > least if wanted == "0" else answer <= least:
                given = f"For the piece `{picture.tolist()}` it gives {answer:.4g}"
                return Mark(0, NO_EDGE, f"{given}; wanted is {wanted}.")
    return Mark(1)


def _pictures(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    wide = rng.permutation(8).reshape(2, 4)
    if wide[0, 0] == wide[:, :2].max():  # the upper left one is never the largest
        wide[0, :2] = wide[0, 1::-1]
    yield Case("a wide picture", (wide,))
    yield Case("one with numbers below 0", (rng.permutation(8).reshape(4, 2) - 9,))
    yield Case("a square picture", (rng.integers(0, 100, (6, 6)),))
    yield Case("a tall one", (rng.integers(-100, 100, (10, 4)),))


EXERCISES: tuple[Exercise, ...] = (
    Exercise.from_answers(
        id="5.1",
        points=1,
        asks="a function that says how many places a window has",
        target="my_places(size, window)",
        cases=_sizes,
        answers="""
            1: The window starts at 0, and its last start is `size - window`: one more than that
            many places. 28 rows and a window of 3 give 26.
                return size - window + 1
            0.5: One place is missing: try a window as large as the picture, which has just one.
                return size - window
            0: That is right for a window of 3 alone. What would a window of 5 have?
                return size - 2
            0: Two are missing: its first start is 0, and its last one is `size - window`.
                return size - window - 1
            0: The window must not stick out of the picture, so there are fewer places.
                return size
            0: The window moves on by one pixel, not by its own length.
                return size // window
        """,
        hints=(
            "Draw five squares in a row, and slide a window of three over them. Count.",
            "5 and 3 gave 3 places. What would 5 and 5 give, and 5 and 4?",
            "Take the window from the size; the place where it begins counts, too.",
        ),
    ),
    Exercise.from_answers(
        id="5.3",
        points=2,
        asks="a kernel that finds edges between dark above and bright below",
        target="my_kernel",
        judge=_find_edges,
        example="On `[[0, 0, 0], [0, 0, 0], [9, 9, 9]]` three rows of three must give more than 0.",
        answers="""
            1: The bright row below counts for, the row above against. Where both are alike they
            cancel, whatever goes on from left to right.
                my_kernel = np.array([[-1, -1, -1], [0, 0, 0], [1, 1, 1]])
            0: This one finds edges between left and right, as the kernel above did.
                my_kernel = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])
            0.5: It finds the right edges with the wrong sign: dark above and bright below should
            give a number above 0.
                my_kernel = np.array([[1, 1, 1], [0, 0, 0], [-1, -1, -1]])
            0: It also answers where all is equally bright: what the lower row adds, something must
            take away.
                my_kernel = np.array([[0, 0, 0], [0, 0, 0], [1, 1, 1]])
            0: This adds up all nine: it blurs, and finds nothing.
                my_kernel = np.ones((3, 3))
            0: These are all 0, and so is every answer.
                my_kernel = np.zeros((3, 3))
            0: It looks both ways at once: it also answers where it is dark on the left and bright
            on the right.
                my_kernel = np.array([[-1, -1, 0], [-1, 0, 1], [0, 1, 1]])
        """,
        hints=(
            "The kernel above had its numbers below 0 on the left. Where should they be now?",
            "Turn that kernel by a quarter, and see to it that its bottom row is the positive one.",
            "Three rows of three: one number three times, then zeros, then its opposite three times.",
        ),
    ),
    Exercise.from_answers(
        id="5.4",
        points=2,
        asks="a function that pools by the largest of four",
        target="my_pool(picture)",
        cases=_pictures,
        answers="""
            1: `[::2, ::2]` has the upper left number of each square of four, and three more slices
            have the others. `np.maximum` keeps the larger, place by place.
                upper = np.maximum(picture[::2, ::2], picture[::2, 1::2])
                lower = np.maximum(picture[1::2, ::2], picture[1::2, 1::2])
                return np.maximum(upper, lower)
            0: You keep the upper left one of each four, whether it is the largest or not.
                return picture[::2, ::2]
            0.5: This is the mean of each four, another kind of pooling. Keep the largest.
                return (picture[::2, ::2] + picture[::2, 1::2]
                        + picture[1::2, ::2] + picture[1::2, 1::2]) / 4
            0.5: Your squares overlap: the next one should begin two further on, not one.
                upper = np.maximum(picture[:-1, :-1], picture[:-1, 1:])
                lower = np.maximum(picture[1:, :-1], picture[1:, 1:])
                return np.maximum(upper, lower)
            0.5: You pooled the rows only: there are still as many columns as before.
                return np.maximum(picture[::2], picture[1::2])
            0: `len(picture)` is the number of its rows. A picture that is not square has another
            number of columns: `picture.shape[1]`.
                pooled = []
                for r in range(0, len(picture), 2):
                    row = []
                    for c in range(0, len(picture), 2):
                        row.append(picture[r : r + 2, c : c + 2].max())
                    pooled.append(row)
                return pooled
            0.5: Your largest begins at 0, and so it stays where all four are below 0. Begin with
            one of the four.
                pooled = np.zeros((picture.shape[0] // 2, picture.shape[1] // 2), int)
                for r in range(picture.shape[0]):
                    for c in range(picture.shape[1]):
                        pooled[r // 2, c // 2] = max(pooled[r // 2, c // 2], picture[r, c])
                return pooled
            0: This is the largest number of the whole picture. Each square of four has its own.
                return picture.max()
        """,
        hints=(
            "`picture[::2, ::2]` takes every second row and column. Which three slices have the "
            "other numbers of each square?",
            "`np.maximum(a, b)` compares two arrays place by place. You need it three times.",
            "The four slices begin at 0 or 1 for the rows, and at 0 or 1 for the columns.",
        ),
    ),
)
