"""Lesson 7, draw a digit: the way of a pen, its pixels, a shift, a turn."""

import numpy as np

from mnist_lab.exercises.exercise import Case, Cases, Exercise


def _stroke(seed: int, points: int) -> np.ndarray:
    steps = np.random.default_rng(seed).normal(0, 0.06, (points, 2))
    return np.clip(0.4 + np.cumsum(steps, axis=0), 0, 1).astype(np.float32)


def _lines(seed: int) -> Cases:
    back = np.array([[0.2, 0.3], [0.7, 0.9], [0.2, 0.3]], np.float32)
    far = np.random.default_rng(seed).integers(1, 9) / 100
    bent = np.array([[0.1, 0.1], [0.1 + 3 * far, 0.1 + 4 * far], [0.1 + 3 * far, 0.1 + 3 * far]])
    yield Case("a stroke with a corner", (bent.round(2),))
    yield Case("a stroke that goes there and back", (back,))
    yield Case("a stroke of many points", (_stroke(seed, 30),))
    yield Case("a stroke of four points", (_stroke(seed + 1, 4),))


def _dotted(seed: int) -> Cases:
    row, column = np.random.default_rng(seed).permutation(12)[:2]
    few = ((np.array([[column, row], [row + 13, column + 9]]) + 0.7) / 28).round(2)
    yield Case("a stroke of two points", (few,))
    for points in (30, 8, 4):
        stroke = np.clip(_stroke(seed + points, points), 0.02, 0.95)
        yield Case(f"a stroke of {points} points", (stroke,))


def _shifts(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    digits = rng.integers(1, 256, (3, 28, 28)).astype(np.uint8)
    row, column = (int(n) for n in rng.permutation(9)[:2] + 6)
    dot = np.zeros((28, 28), np.uint8)
    dot[row, column] = dot[27, 27] = 255
    note = (
        f"a digit with dots in row {row}, column {column} and in the last corner, 3 down, 5 right,"
    )
    yield Case(note, (dot, 3, 5))
    yield Case("a digit of noise, 3 down and 4 to the right,", (digits[0], 3, 4))
    yield Case("a digit of noise, 7 down,", (digits[1], 7, 0))
    yield Case("a digit of noise, 2 to the right,", (digits[2], 0, 2))


def _turns(seed: int) -> Cases:
    x, y = np.random.default_rng(seed).permutation([0.1, 0.2, 0.3, 0.4])[:2]
    yield Case("one point, a quarter turn", (np.array([[x, y]]), 90))
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
            0.5: This is the mean length of a step. What are all of them together?
                steps = stroke[1:] - stroke[:-1]
                return np.sqrt((steps ** 2).sum(axis=1)).mean()
            0.25: The root is missing: the square of a length grows faster than the length.
                steps = stroke[1:] - stroke[:-1]
                return (steps ** 2).sum()
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
            0.5: There are 28 pixels from edge to edge, so a place is times 28. Times 27 the last
            row and column are never reached.
                image = np.zeros((28, 28), np.uint8)
                for x, y in stroke:
                    image[int(27 * y), int(27 * x)] = 255
                return image
            0: `return` ends the function at once: inside the loop only the first point is drawn. It
            belongs below the loop, as far left as `for`.
                image = np.zeros((28, 28), np.uint8)
                for x, y in stroke:
                    image[int(28 * y), int(28 * x)] = 255
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
            0.5: What leaves is gone, and the rest is cut out: the page must keep its 28 rows and
            columns.
                return digit[:28 - down, :28 - right]
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
            0: x and y have changed places: that mirrors the stroke, and the angle does nothing.
                return stroke[:, ::-1]
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
