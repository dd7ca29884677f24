"""Lesson 7, draw a digit: the way of a pen, the centre of mass, a shift, a turn."""

import numpy as np

from mnist_lab.exercises.exercise import Case, Exercise, Slip


def _stroke(seed: int, points: int) -> np.ndarray:
    steps = np.random.default_rng(seed).normal(0, 0.06, (points, 2))
    return np.clip(0.4 + np.cumsum(steps, axis=0), 0, 1).astype(np.float32)


def _lines(seed: int) -> list[Case]:
    back = np.array([[0.2, 0.3], [0.7, 0.9], [0.2, 0.3]], np.float32)
    return [
        Case("a stroke of many points", (_stroke(seed, 30),)),
        Case("a stroke of three points", (_stroke(seed + 1, 3),)),
        Case("a stroke that goes there and back", (back,)),
    ]


def _inked(seed: int) -> list[Case]:
    rng = np.random.default_rng(seed)
    cases = []
    for height, width in ((6, 8), (28, 28), (9, 5)):
        image = rng.integers(0, 256, (height, width)).astype(np.uint8)
        image[rng.random((height, width)) < 0.6] = 0
        image[-1, -1] = 250  # more ink on one side
        cases.append(Case(f"an image of {height} by {width}", (image,)))
    return cases


def _shifts(seed: int) -> list[Case]:
    rng = np.random.default_rng(seed)
    digits = rng.integers(1, 256, (3, 28, 28)).astype(np.uint8)
    return [
        Case("3 down and 5 to the right", (digits[0], 3, 5)),
        Case("7 down", (digits[1], 7, 0)),
        Case("2 to the right", (digits[2], 0, 2)),
    ]


def _turns(seed: int) -> list[Case]:
    return [
        Case("30 degrees", (_stroke(seed, 12), 30)),
        Case("a quarter turn", (_stroke(seed + 1, 5), 90)),
        Case("77 degrees", (_stroke(seed + 2, 20), 77)),
    ]


EXERCISES = (
    Exercise(
        id="7.1",
        points=1,
        asks="a function that gives the length of a stroke",
        names=("my_length",),
        cases=_lines,
        solution="def my_length(stroke):\n"
        "    steps = stroke[1:] - stroke[:-1]\n"
        "    return np.sqrt((steps ** 2).sum(axis=1)).sum()",
        why="Each step is a small straight line, and its length is Pythagoras'. The stroke is as "
        "long as its steps together.",
        slips=(
            Slip(
                "def my_length(stroke):\n"
                "    step = stroke[-1] - stroke[0]\n"
                "    return np.sqrt((step ** 2).sum())",
                "This is how far its end is from its beginning. A 0 ends where it began, and is "
                "long all the same.",
            ),
            Slip(
                "def my_length(stroke):\n"
                "    steps = stroke[1:] - stroke[:-1]\n"
                "    return np.abs(steps).sum()",
                "Across and down are added as if the pen went around a corner at each step. The "
                "slanting way is shorter.",
                0.5,
            ),
            Slip(
                "def my_length(stroke):\n"
                "    steps = stroke[1:] - stroke[:-1]\n"
                "    return np.sqrt((steps ** 2).sum())",
                "The root is taken of everything together. Take it of each step, then add.",
                0.5,
            ),
            Slip(
                "def my_length(stroke):\n    return len(stroke)",
                "This counts its points. How far are they apart?",
            ),
        ),
        hints=(
            "A stroke is a chain of short straight lines. How long is one of them?",
            "`stroke[1:] - stroke[:-1]` gives all the steps, across and down. Pythagoras does the rest.",
            "Square, sum along `axis=1`, take the root, and sum what is left.",
        ),
    ),
    Exercise(
        id="7.2",
        points=2,
        asks="a function that gives the centre of mass of an image",
        names=("my_centre",),
        cases=_inked,
        solution="def my_centre(image):\n"
        "    ink = image.astype(float)\n"
        "    rows, columns = np.indices(image.shape)\n"
        "    return (rows * ink).sum() / ink.sum(), (columns * ink).sum() / ink.sum()",
        why="It is a mean of positions in which a bright pixel counts for more: positions times "
        "ink, divided by all the ink.",
        slips=(
            Slip(
                "def my_centre(image):\n"
                "    ink = image.astype(float)\n"
                "    rows, columns = np.indices(image.shape)\n"
                "    return (columns * ink).sum() / ink.sum(), (rows * ink).sum() / ink.sum()",
                "The two are swapped: the row comes first, as in `image[row, column]`.",
                0.5,
            ),
            Slip(
                "def my_centre(image):\n"
                "    rows, columns = np.nonzero(image)\n"
                "    return rows.mean(), columns.mean()",
                "Every pixel with ink counts alike. A bright one should weigh more than a dim one.",
                0.5,
            ),
            Slip(
                "def my_centre(image):\n"
                "    rows, columns = np.nonzero(image)\n"
                "    return (rows.min() + rows.max()) / 2, (columns.min() + columns.max()) / 2",
                "This is the middle of the box around the ink. A 7 has most of its ink at the top, "
                "and so its centre of mass.",
                0.25,
            ),
            Slip(
                "def my_centre(image):\n"
                "    ink = image.astype(float)\n"
                "    rows, columns = np.indices(image.shape)\n"
                "    return (rows * ink).mean(), (columns * ink).mean()",
                "The sum is divided by the number of pixels. Divide by what was summed over: the ink.",
                0.5,
            ),
            Slip(
                "def my_centre(image):\n"
                "    rows, columns = np.indices(image.shape)\n"
                "    return (rows * image).mean() / image.mean(), (columns * image).sum() / 255",
                "One of the two is divided by the ink, the other by 255. Both need the same.",
            ),
        ),
        hints=(
            "It is a mean of the rows, and a mean of the columns; but not every pixel counts alike.",
            "`rows, columns = np.indices(image.shape)` gives each pixel's row and column as two images.",
            "Multiply the rows by the ink, sum up, and divide by the sum of the ink.",
        ),
    ),
    Exercise(
        id="7.3",
        points=2,
        asks="a function that shifts a digit down and to the right, over an empty page",
        names=("my_shift",),
        cases=_shifts,
        solution="def my_shift(digit, down, right):\n"
        "    shifted = np.zeros_like(digit)\n"
        "    shifted[down:, right:] = digit[:28 - down, :28 - right]\n"
        "    return shifted",
        why="On an empty page, the lower right part is filled with the upper left part of the digit. "
        "What passes the edge is gone.",
        slips=(
            Slip(
                "def my_shift(digit, down, right):\n"
                "    return np.roll(digit, (down, right), axis=(0, 1))",
                "`np.roll` lets what leaves at the bottom come in again at the top. It should be gone.",
                0.5,
            ),
            Slip(
                "def my_shift(digit, down, right):\n"
                "    shifted = np.zeros_like(digit)\n"
                "    shifted[right:, down:] = digit[:28 - right, :28 - down]\n"
                "    return shifted",
                "It goes right where it should go down: rows come first.",
                0.5,
            ),
            Slip(
                "def my_shift(digit, down, right):\n"
                "    shifted = np.zeros_like(digit)\n"
                "    shifted[:28 - down, :28 - right] = digit[down:, right:]\n"
                "    return shifted",
                "It goes up and to the left.",
                0.5,
            ),
            Slip(
                "def my_shift(digit, down, right):\n"
                "    shifted = digit.copy()\n"
                "    shifted[down:, right:] = digit[:28 - down, :28 - right]\n"
                "    return shifted",
                "Where the digit has left, the old ink is still there. Begin with an empty page.",
                0.5,
            ),
        ),
        hints=(
            "Begin with an empty page of the same kind: `np.zeros_like(digit)`.",
            "Which part of the page will be filled, and with which part of the digit? Both have the "
            "same shape.",
            "`shifted[down:, right:] = ...`: as many rows and columns of the digit, from its upper left.",
        ),
    ),
    Exercise(
        id="7.4",
        points=2,
        asks="a function that turns a stroke clockwise about the middle of the pad",
        names=("my_turn",),
        cases=_turns,
        solution="def my_turn(stroke, degrees):\n"
        "    angle = np.radians(degrees)\n"
        "    x, y = stroke[:, 0] - 0.5, stroke[:, 1] - 0.5\n"
        "    across = np.cos(angle) * x - np.sin(angle) * y\n"
        "    down = np.sin(angle) * x + np.cos(angle) * y\n"
        "    return np.column_stack([across, down]) + 0.5",
        why="The middle is taken for the origin, turned about, and put back. As y goes down here, "
        "what textbooks call counterclockwise is clockwise.",
        slips=(
            Slip(
                "def my_turn(stroke, degrees):\n"
                "    angle = np.radians(degrees)\n"
                "    x, y = stroke[:, 0], stroke[:, 1]\n"
                "    across = np.cos(angle) * x - np.sin(angle) * y\n"
                "    down = np.sin(angle) * x + np.cos(angle) * y\n"
                "    return np.column_stack([across, down])",
                "It turns about the upper left corner, (0, 0), and leaves the pad. Where is the middle?",
                0.5,
            ),
            Slip(
                "def my_turn(stroke, degrees):\n"
                "    x, y = stroke[:, 0] - 0.5, stroke[:, 1] - 0.5\n"
                "    across = np.cos(degrees) * x - np.sin(degrees) * y\n"
                "    down = np.sin(degrees) * x + np.cos(degrees) * y\n"
                "    return np.column_stack([across, down]) + 0.5",
                "`np.cos` and `np.sin` count in radians: a whole turn is 2 pi, not 360.",
                0.5,
            ),
            Slip(
                "def my_turn(stroke, degrees):\n"
                "    angle = np.radians(degrees)\n"
                "    x, y = stroke[:, 0] - 0.5, stroke[:, 1] - 0.5\n"
                "    across = np.cos(angle) * x + np.sin(angle) * y\n"
                "    down = np.cos(angle) * y - np.sin(angle) * x\n"
                "    return np.column_stack([across, down]) + 0.5",
                "It turns the other way. On the pad y goes down, unlike in a textbook.",
                0.5,
            ),
            Slip(
                "def my_turn(stroke, degrees):\n"
                "    angle = np.radians(degrees)\n"
                "    x, y = stroke[:, 0] - 0.5, stroke[:, 1] - 0.5\n"
                "    across = np.cos(angle) * x - np.sin(angle) * y\n"
                "    down = np.sin(angle) * x + np.cos(angle) * y\n"
                "    return np.column_stack([across, down])",
                "It is turned about the middle, and then not put back there.",
                0.5,
            ),
        ),
        hints=(
            "Take the middle, (0.5, 0.5), for the origin first, and put it back at the end.",
            "The cell above turns a stroke by a quarter. Which cosine and sine are 0 and 1 there?",
            "x becomes cos x - sin y, and y becomes sin x + cos y; the angle in radians.",
        ),
    ),
)
