"""Lesson 7, draw a digit: the way of a pen, its pixels, a shift, a turn."""

import numpy as np

from mnist_lab.exercises.exercise import Case, Cases, Exercise


def _stroke(seed: int, points: int) -> np.ndarray:
    steps = np.random.default_rng(seed).normal(0, 0.06, (points, 2))
    return np.clip(0.4 + np.cumsum(steps, axis=0), 0, 1).astype(np.float32)


def _lines(seed: int) -> Cases:
    back = np.array([[0.2, 0.3], [0.7, 0.9], [0.2, 0.3]], np.float32)
    yield Case("a stroke of many points", (_stroke(seed, 30),))
    yield Case("a stroke of three points", (_stroke(seed + 1, 3),))
    yield Case("a stroke that goes there and back", (back,))


def _dotted(seed: int) -> Cases:
    for points in (30, 8, 4):
        stroke = np.clip(_stroke(seed + points, points), 0.02, 0.95)
        yield Case(f"a stroke of {points} points", (stroke,))


def _shifts(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    digits = rng.integers(1, 256, (3, 28, 28)).astype(np.uint8)
    yield Case("3 down and 5 to the right", (digits[0], 3, 5))
    yield Case("7 down", (digits[1], 7, 0))
    yield Case("2 to the right", (digits[2], 0, 2))


def _turns(seed: int) -> Cases:
    yield Case("30 degrees", (_stroke(seed, 12), 30))
    yield Case("a quarter turn", (_stroke(seed + 1, 5), 90))
    yield Case("77 degrees", (_stroke(seed + 2, 20), 77))


EXERCISES = (
    Exercise.from_answers(
        id="7.1",
        points=1,
        asks="a function that gives the length of a stroke",
        target="my_length(stroke)",
        cases=_lines,
        answers="""
            1: Each step is a small straight line, and its length is Pythagoras'. The stroke is as
            long as its steps together.
                steps = stroke[1:] - stroke[:-1]
                return np.sqrt((steps ** 2).sum(axis=1)).sum()
            0: This is how far its end is from its beginning. A 0 ends where it began, and is long
            all the same.
                step = stroke[-1] - stroke[0]
                return np.sqrt((step ** 2).sum())
            0.5: Across and down are added as if the pen went around a corner at each step. The
            slanting way is shorter.
                steps = stroke[1:] - stroke[:-1]
                return np.abs(steps).sum()
            0.5: The root is taken of everything together. Take it of each step, then add.
                steps = stroke[1:] - stroke[:-1]
                return np.sqrt((steps ** 2).sum())
            0: This counts its points. How far are they apart?
                return len(stroke)
        """,
        hints=(
            "A stroke is a chain of short straight lines. How long is one of them?",
            "`stroke[1:] - stroke[:-1]` gives all the steps, across and down. Pythagoras does the rest.",
            "Square, sum along `axis=1`, take the root, and sum what is left.",
        ),
    ),
    Exercise.from_answers(
        id="7.2",
        points=2,
        asks="a function that draws the points of a stroke as pixels",
        target="my_dots(stroke)",
        cases=_dotted,
        answers="""
            1: Times 28, a place becomes a row and a column, and `int` cuts off what is behind the
            point. The row comes first, and the row is y.
                image = np.zeros((28, 28), np.uint8)
                for x, y in stroke:
                    image[int(28 * y), int(28 * x)] = 255
                return image
            0.5: Your digit lies on its side: an image wants its row first, and x is not the row.
                image = np.zeros((28, 28), np.uint8)
                for x, y in stroke:
                    image[int(28 * x), int(28 * y)] = 255
                return image
            0.5: `round` goes to the nearest line of the grid. A point belongs to the pixel in which
            it lies, so what is behind the decimal point is cut off.
                image = np.zeros((28, 28), np.uint8)
                for x, y in stroke:
                    image[round(28 * y), round(28 * x)] = 255
                return image
            0.5: The places are right, and the ink is nearly black: 1 of 255.
                image = np.zeros((28, 28), np.uint8)
                for x, y in stroke:
                    image[int(28 * y), int(28 * x)] = 1
                return image
            0: x and y run from 0 to 1, so all your points end in the first pixel. How many pixels
            are there from edge to edge?
                image = np.zeros((28, 28), np.uint8)
                for x, y in stroke:
                    image[int(y), int(x)] = 255
                return image
        """,
        hints=(
            "Begin with an image of zeros, and go through the points: `for x, y in stroke:`.",
            "The cell above has the row and the column of one point. Which of x and y is the row?",
            "`image[row, column] = 255`, where both are made with `int` and 28.",
        ),
    ),
    Exercise.from_answers(
        id="7.3",
        points=2,
        asks="a function that shifts a digit down and to the right, over an empty page",
        target="my_shift(digit, down, right)",
        cases=_shifts,
        answers="""
            1: On an empty page, the lower right part is filled with the upper left part of the
            digit. What passes the edge is gone.
                shifted = np.zeros_like(digit)
                shifted[down:, right:] = digit[:28 - down, :28 - right]
                return shifted
            0.5: `np.roll` lets what leaves at the bottom come in again at the top. It should be
            gone.
                return np.roll(digit, (down, right), axis=(0, 1))
            0.5: It goes right where it should go down: rows come first.
                shifted = np.zeros_like(digit)
                shifted[right:, down:] = digit[:28 - right, :28 - down]
                return shifted
            0.5: It goes up and to the left.
                shifted = np.zeros_like(digit)
                shifted[:28 - down, :28 - right] = digit[down:, right:]
                return shifted
            0.5: Where the digit has left, the old ink is still there. Begin with an empty page.
                shifted = digit.copy()
                shifted[down:, right:] = digit[:28 - down, :28 - right]
                return shifted
        """,
        hints=(
            "Begin with an empty page of the same kind: `np.zeros_like(digit)`.",
            "Which part of the page will be filled, and with which part of the digit? Both have the "
            "same shape.",
            "`shifted[down:, right:] = ...`: as many rows and columns of the digit, from its upper left.",
        ),
    ),
    Exercise.from_answers(
        id="7.4",
        points=2,
        asks="a function that turns a stroke clockwise about the middle of the pad",
        target="my_turn(stroke, degrees)",
        cases=_turns,
        answers="""
            1: The middle is taken for the origin, turned about, and put back. As y goes down here,
            what textbooks call counterclockwise is clockwise.
                angle = np.radians(degrees)
                x, y = stroke[:, 0] - 0.5, stroke[:, 1] - 0.5
                across = np.cos(angle) * x - np.sin(angle) * y
                down = np.sin(angle) * x + np.cos(angle) * y
                return np.column_stack([across, down]) + 0.5
            0.5: It turns about the upper left corner, (0, 0), and leaves the pad. Where is the
            middle?
                angle = np.radians(degrees)
                x, y = stroke[:, 0], stroke[:, 1]
                across = np.cos(angle) * x - np.sin(angle) * y
                down = np.sin(angle) * x + np.cos(angle) * y
                return np.column_stack([across, down])
            0.5: `np.cos` and `np.sin` count in radians: a whole turn is 2 pi, not 360.
                x, y = stroke[:, 0] - 0.5, stroke[:, 1] - 0.5
                across = np.cos(degrees) * x - np.sin(degrees) * y
                down = np.sin(degrees) * x + np.cos(degrees) * y
                return np.column_stack([across, down]) + 0.5
            0.5: It turns the other way. On the pad y goes down, unlike in a textbook.
                angle = np.radians(degrees)
                x, y = stroke[:, 0] - 0.5, stroke[:, 1] - 0.5
                across = np.cos(angle) * x + np.sin(angle) * y
                down = np.cos(angle) * y - np.sin(angle) * x
                return np.column_stack([across, down]) + 0.5
            0.5: It is turned about the middle, and then not put back there.
                angle = np.radians(degrees)
                x, y = stroke[:, 0] - 0.5, stroke[:, 1] - 0.5
                across = np.cos(angle) * x - np.sin(angle) * y
                down = np.sin(angle) * x + np.cos(angle) * y
                return np.column_stack([across, down])
        """,
        hints=(
            "Take the middle, (0.5, 0.5), for the origin first, and put it back at the end.",
            "`quarter`, further up, turns by 90 degrees. Which of its numbers is the cosine of 90 "
            "degrees, and which the sine?",
            "x becomes `cos * x - sin * y`, and y becomes `sin * x + cos * y`; `np.radians` makes "
            "radians of degrees.",
        ),
    ),
)
