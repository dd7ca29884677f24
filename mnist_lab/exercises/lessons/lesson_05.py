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
    for size, window in zip(
        rng.integers(50, 900, 3).tolist(), rng.integers(2, 40, 3).tolist(), strict=True
    ):
        yield Case(f"a window of {window}", (size, window))


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


def _slides(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    few = rng.permutation(9)[:6].reshape(2, 3)
    yield Case("a window of 2", (few, rng.permutation([-1, 0, 1, 2]).reshape(2, 2)))
    tall = rng.integers(0, 100, (6, 4))
    yield Case("a tall picture", (tall, rng.permutation(9).reshape(3, 3) - 4))
    wide = rng.integers(0, 256, (5, 8)) / 255
    yield Case("a wide picture, scaled to 0 to 1,", (wide, rng.permutation(9).reshape(3, 3) - 3))
    yield Case("a window of 4", (rng.integers(0, 100, (7, 6)), rng.normal(size=(4, 4))))


def _many_kernels(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    few = rng.permutation(np.arange(1, 5)).reshape(1, 2, 2)
    kernels = rng.permutation([-1, 1, 2, 3]).reshape(1, 1, 2, 2)
    yield Case("two channels and two kernels", (few, kernels, rng.permutation([-20, 10])))
    for shape, size, count in (((6, 4, 1), 3, 3), ((4, 7, 3), 2, 4), ((6, 5, 2), 3, 2)):
        picture, kernels = rng.random(shape), rng.normal(size=(size, size, shape[-1], count))
        note = f"a picture of shape {shape} and {count} kernels of {size} by {size}"
        yield Case(note, (picture, kernels, rng.normal(size=count)))


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
        id="5.2",
        points=3,
        asks="a function that slides a kernel over a picture",
        target="my_slide(picture, kernel)",
        cases=_slides,
        pure=True,
        answers="""
            1: At each place the window is a slice of the picture, as large as the kernel; its
            products, added up, are one number of the answer.
                size = len(kernel)
                rows = picture.shape[0] - size + 1
                columns = picture.shape[1] - size + 1
                answers = np.zeros((rows, columns))
                for row in range(rows):
                    for column in range(columns):
                        window = picture[row : row + size, column : column + size]
                        answers[row, column] = (window * kernel).sum()
                return answers
            0: `return` ends the function at once: inside the loop only the first place gets its
            number. It belongs below both loops.
                size = len(kernel)
                rows = picture.shape[0] - size + 1
                columns = picture.shape[1] - size + 1
                answers = np.zeros((rows, columns))
                for row in range(rows):
                    for column in range(columns):
                        window = picture[row : row + size, column : column + size]
                        answers[row, column] = (window * kernel).sum()
                        return answers
            0: `return` ends the function at once: inside the outer loop only the first row is
            answered. It belongs below both loops.
                size = len(kernel)
                answers = []
                for row in range(picture.shape[0] - size + 1):
                    line = []
                    for column in range(picture.shape[1] - size + 1):
                        window = picture[row : row + size, column : column + size]
                        line.append((window * kernel).sum())
                    answers.append(line)
                    return answers
            0.5: The last place of each row and column is missing: the last window ends where the
            picture ends.
                size = len(kernel)
                rows = picture.shape[0] - size
                columns = picture.shape[1] - size
                answers = np.zeros((rows, columns))
                for row in range(rows):
                    for column in range(columns):
                        window = picture[row : row + size, column : column + size]
                        answers[row, column] = (window * kernel).sum()
                return answers
            0.5: That is right for a window of 3 alone. The kernel says how large the window is:
            what is `len(kernel)`?
                rows = picture.shape[0] - 2
                columns = picture.shape[1] - 2
                answers = np.zeros((rows, columns))
                for row in range(rows):
                    for column in range(columns):
                        window = picture[row : row + 3, column : column + 3]
                        answers[row, column] = (window * kernel).sum()
                return answers
            0.5: `len(picture)` is the number of its rows. A picture that is not square has another
            number of columns: `picture.shape[1]`.
                size = len(kernel)
                places = len(picture) - size + 1
                answers = np.zeros((places, places))
                for row in range(places):
                    for column in range(places):
                        window = picture[row : row + size, column : column + size]
                        answers[row, column] = (window * kernel).sum()
                return answers
            0.25: These are means. The window's answer is the sum of its products.
                size = len(kernel)
                rows = picture.shape[0] - size + 1
                columns = picture.shape[1] - size + 1
                answers = np.zeros((rows, columns))
                for row in range(rows):
                    for column in range(columns):
                        window = picture[row : row + size, column : column + size]
                        answers[row, column] = (window * kernel).mean()
                return answers
            0: The kernel plays no part in it: each pixel of the window must be multiplied by the
            weight at its place, before all are added up.
                size = len(kernel)
                rows = picture.shape[0] - size + 1
                columns = picture.shape[1] - size + 1
                answers = np.zeros((rows, columns))
                for row in range(rows):
                    for column in range(columns):
                        answers[row, column] = picture[row : row + size, column : column + size].sum()
                return answers
            0.25: Your windows lie side by side. The next one begins one pixel further on, not one
            window further.
                size = len(kernel)
                rows = picture.shape[0] // size
                columns = picture.shape[1] // size
                answers = np.zeros((rows, columns))
                for row in range(rows):
                    for column in range(columns):
                        top, left = row * size, column * size
                        window = picture[top : top + size, left : left + size]
                        answers[row, column] = (window * kernel).sum()
                return answers
            0.5: The kernel is turned upside down, as mathematics has it. A network lays it on the
            window as it is.
                size = len(kernel)
                rows = picture.shape[0] - size + 1
                columns = picture.shape[1] - size + 1
                answers = np.zeros((rows, columns))
                for row in range(rows):
                    for column in range(columns):
                        window = picture[row : row + size, column : column + size]
                        answers[row, column] = (window * kernel[::-1, ::-1]).sum()
                return answers
            0.5: Rows and columns are swapped in the answers: the number for a row further down
            belongs further down.
                size = len(kernel)
                rows = picture.shape[0] - size + 1
                columns = picture.shape[1] - size + 1
                answers = np.zeros((columns, rows))
                for row in range(rows):
                    for column in range(columns):
                        window = picture[row : row + size, column : column + size]
                        answers[column, row] = (window * kernel).sum()
                return answers
            0.5: The answers are cut to whole numbers, for the array that you fill holds nothing
            else: a picture from 0 to 1 loses nearly all.
                size = len(kernel)
                rows = picture.shape[0] - size + 1
                columns = picture.shape[1] - size + 1
                answers = np.zeros((rows, columns), int)
                for row in range(rows):
                    for column in range(columns):
                        window = picture[row : row + size, column : column + size]
                        answers[row, column] = (window * kernel).sum()
                return answers
            0: `[row] * n` is one and the same row n times: what is written into one is written
            into all. `np.zeros((rows, columns))` makes rows of their own.
                size = len(kernel)
                rows = picture.shape[0] - size + 1
                columns = picture.shape[1] - size + 1
                answers = [[0] * columns] * rows
                for row in range(rows):
                    for column in range(columns):
                        window = picture[row : row + size, column : column + size]
                        answers[row][column] = (window * kernel).sum()
                return answers
        """,
        hints=(
            "Two loops: one over the rows at which a window can begin, one over the columns. 5.1 "
            "says how many there are.",
            "Begin with `np.zeros((rows, columns))`, and fill in one number at each place.",
            "The window at a place is `picture[row : row + size, column : column + size]`, where "
            "`size` is `len(kernel)`.",
            "Its number is `(window * kernel).sum()`, as in the cells above.",
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
    Exercise.from_answers(
        id="5.5",
        points=4,
        asks="a function that gives the feature maps of many kernels",
        target="my_maps(picture, kernels, biases)",
        cases=_many_kernels,
        pure=True,
        answers="""
            1: A window goes through all channels, and so does a kernel: all their products are one
            sum. Each kernel adds its own bias, and has a map of its own.
                size, count = len(kernels), len(biases)
                rows = picture.shape[0] - size + 1
                columns = picture.shape[1] - size + 1
                maps = np.zeros((rows, columns, count))
                for row in range(rows):
                    for column in range(columns):
                        window = picture[row : row + size, column : column + size]
                        for n in range(count):
                            products = window * kernels[:, :, :, n]
                            maps[row, column, n] = products.sum() + biases[n]
                return maps
            0.5: The sums are right, and the bias is left out: each kernel adds its own.
                view = np.lib.stride_tricks.sliding_window_view
                windows = view(picture, kernels.shape[:2], axis=(0, 1))
                return np.einsum("rckij,ijkn->rcn", windows, kernels)
            0.5: The bias is added once for each channel. It is added once to the whole sum.
                view = np.lib.stride_tricks.sliding_window_view
                windows = view(picture, kernels.shape[:2], axis=(0, 1))
                sums = np.einsum("rckij,ijkn->rcn", windows, kernels)
                return sums + picture.shape[2] * biases
            0.5: The bias is added to each product. It is added once to the whole sum.
                view = np.lib.stride_tricks.sliding_window_view
                windows = view(picture, kernels.shape[:2], axis=(0, 1))
                sums = np.einsum("rckij,ijkn->rcn", windows, kernels)
                return sums + kernels[:, :, :, 0].size * biases
            0.25: Only the first channel is looked at. The products of all channels belong into the
            sum.
                view = np.lib.stride_tricks.sliding_window_view
                windows = view(picture[:, :, :1], kernels.shape[:2], axis=(0, 1))
                return np.einsum("rckij,ijkn->rcn", windows, kernels[:, :, :1]) + biases
            0.25: All maps are those of the first kernel. Number n belongs to kernel n, which is
            `kernels[:, :, :, n]`.
                view = np.lib.stride_tricks.sliding_window_view
                windows = view(picture, kernels.shape[:2], axis=(0, 1))
                sums = np.einsum("rckij,ijkn->rcn", windows, kernels)
                return sums[:, :, :1] + biases
            0.5: The first kernel's bias is added to all maps. Each kernel has one of its own.
                view = np.lib.stride_tricks.sliding_window_view
                windows = view(picture, kernels.shape[:2], axis=(0, 1))
                return np.einsum("rckij,ijkn->rcn", windows, kernels) + biases[0]
            0.25: The maps are added up into one. Each kernel keeps its own, along the last axis.
                view = np.lib.stride_tricks.sliding_window_view
                windows = view(picture, kernels.shape[:2], axis=(0, 1))
                return np.einsum("rckij,ijkn->rc", windows, kernels) + biases.sum()
            0.5: The maps are right, and their number stands first. It should be the last axis, as
            the channels of a picture are.
                view = np.lib.stride_tricks.sliding_window_view
                windows = view(picture, kernels.shape[:2], axis=(0, 1))
                maps = np.einsum("rckij,ijkn->rcn", windows, kernels) + biases
                return maps.transpose(2, 0, 1)
            0.5: What is below 0 is gone. ReLU comes after the maps, and is not asked for here.
                view = np.lib.stride_tricks.sliding_window_view
                windows = view(picture, kernels.shape[:2], axis=(0, 1))
                return np.maximum(np.einsum("rckij,ijkn->rcn", windows, kernels) + biases, 0)
            0: `return` ends the function at once: inside the loops only the first place gets its
            numbers. It belongs below all of them.
                size, count = len(kernels), len(biases)
                rows = picture.shape[0] - size + 1
                columns = picture.shape[1] - size + 1
                maps = np.zeros((rows, columns, count))
                for row in range(rows):
                    for column in range(columns):
                        window = picture[row : row + size, column : column + size]
                        for n in range(count):
                            products = window * kernels[:, :, :, n]
                            maps[row, column, n] = products.sum() + biases[n]
                        return maps
        """,
        hints=(
            "Begin with your function of 5.2. A third loop inside goes through the kernels.",
            "Kernel number n is `kernels[:, :, :, n]`: it has as many channels as the window, so "
            "that the two can be multiplied.",
            "The maps begin as `np.zeros((rows, columns, len(biases)))`.",
            "At a place, map n has the sum of all products of window and kernel, plus `biases[n]`.",
        ),
    ),
)
