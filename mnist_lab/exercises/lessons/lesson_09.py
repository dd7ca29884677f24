"""Lesson 9, read a scan: bright ink, even light, the crop, the way to the middle."""

import numpy as np

from mnist_lab.exercises.exercise import Case, Cases, Exercise


def _strokes(seed: int, shape: tuple[int, int]) -> np.ndarray:
    """True where there is ink: a few straight strokes on less than a third of a picture."""
    rng = np.random.default_rng(seed)
    ink = np.zeros(shape, bool)
    top, left = rng.integers(2, 6, 2)
    ink[top : shape[0] - 4, left + 2 : left + 4] = True
    ink[top : top + 2, left : shape[1] - 5] = True
    return ink


def _papers(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    corner = np.full((2, 4), 250 - seed % 40, np.uint8)
    corner[0, 0] = 10 + seed % 40
    yield Case("white paper with ink in its corner", (corner,))
    yield Case("a blackboard with chalk in its corner", (255 - corner,))
    for at, note, paper, pen in (
        (0, "a pen on white paper", 240, 20),
        (1, "chalk on a blackboard", 40, 210),
        (2, "a pencil on grey paper", 180, 90),
        (3, "white paint on black", 5, 250),
    ):
        shape = tuple(rng.integers(20, 30, 2))
        levels = np.where(_strokes(seed + at, shape), pen, paper) + rng.integers(-5, 6, shape)
        yield Case(note, (levels.astype(np.uint8),))


def _lights(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    light = np.uint8(200 + seed % 20), np.uint8(100 + seed % 20)
    few = np.array([light, light])
    yield Case("a picture of four pixels", (few // [[1, 1], [2, 4]], few))
    for note, low, high in (("a shadow", 90, 220), ("poor light", 60, 110)):
        paper = np.sort(rng.integers(low, high, (6, 9)), axis=1).astype(np.uint8)
        share = rng.uniform(0.2, 1, paper.shape)
        share[:2] = 1  # bare
        yield Case(note, ((paper * share).astype(np.uint8), paper))


def _inks(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    few = np.zeros((3, 4), np.uint8)
    few[[0, 1], [1, 2]] = rng.integers(1, 100, 2)
    yield Case("faint ink", (few,))
    for note, shape, gap in (
        ("ink in the middle", (20, 24), False),
        ("a wide picture", (14, 30), False),
        ("ink in two parts", (26, 20), True),
    ):
        ink = np.zeros(shape, np.uint8)
        top, left = rng.integers(2, 5, 2)
        bottom, right = shape[0] - rng.integers(3, 6), shape[1] - rng.integers(4, 7)
        ink[top:bottom, left:right] = rng.integers(1, 256, (bottom - top, right - left))
        if gap:
            ink[top + 3 : top + 6] = 0
        yield Case(note, (ink,))


def _off_centre(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    row, column = (int(n) for n in rng.permutation(12)[:2] + 1)
    dots = np.zeros((28, 28), np.uint8)
    dots[row, column] = 200
    yield Case(f"a single bright dot in row {row}, column {column},", (dots,))
    dots = dots.copy()
    dots[row + 3, column + 3] = 50
    note = f"a dot of 200 in row {row}, column {column}, and one of 50 three rows and columns on,"
    yield Case(note, (dots,))
    for note, top, left in (
        ("ink too high and to the right", rng.integers(0, 4), rng.integers(9, 13)),
        ("ink too low and to the left", rng.integers(8, 12), rng.integers(0, 5)),
        ("ink too high and to the left", rng.integers(0, 4), rng.integers(0, 5)),
        *(("ink anywhere", *place) for place in rng.integers(0, (13, 17), (4, 2))),
    ):
        digit = np.zeros((28, 28), np.uint8)
        digit[top : top + 16, left : left + 12] = rng.integers(1, 60, (16, 12))
        digit[top : top + 3, left : left + 3] = 255  # so that its weight is not in its middle
        digit[top + 12 : top + 16, left + 1 : left + 12] = 200
        yield Case(note, (digit,))


EXERCISES: tuple[Exercise, ...] = (
    Exercise.from_answers(
        id="9.1",
        points=2,
        asks="a function that gives bright ink on dark, whatever the paper is",
        target="my_bright_ink(picture)",
        cases=_papers,
        answers="""
            1: Ink covers little of a picture, so the median, the level in the middle of all sorted
            ones, is a level of the paper. Bright paper is turned round, dark paper stays.
                if np.median(picture) > 127:
                    return 255 - picture
                return picture
            0: You turn every picture round. On a blackboard the ink is bright already.
                return 255 - picture
            0: You turn no picture round: ink on white paper is still dark.
                return picture
            0: It is the other way: you turn the blackboard round, and leave the white paper.
                if np.median(picture) > 127:
                    return picture
                return 255 - picture
            0.5: The first pixel need not be paper: there may be ink in the corner.
                if picture[0, 0] > 127:
                    return 255 - picture
                return picture
            0.5: A minus alone does not turn it round: in `uint8` it goes round like a clock, and 0
            stays 0, though it should become 255.
                if np.median(picture) > 127:
                    return -picture
                return picture
        """,
        hints=(
            "Is the paper bright or dark? Most of the pixels are paper.",
            "`np.median(picture)` gives the level that stands in the middle when all are sorted.",
            "Compare the median with 127, and turn the picture round only if the paper is bright.",
        ),
    ),
    Exercise.from_answers(
        id="9.2",
        points=2,
        asks="a function that evens out the light, given the paper's brightness",
        target="my_even_light(picture, paper)",
        cases=_lights,
        tolerance=0.999,  # rounded to whole levels is right, too
        answers="""
            1: `picture / paper` is the share of the light that comes back: 1 where the paper is
            bare, in the sun and in the shadow. Dividing first makes it a float, so nothing
            overflows.
                return picture / paper * 255
            0.5: The idea is right, but 255 times a `uint8` does not fit into `uint8`, and goes
            round like a clock: change the order of the two.
                return 255 * picture / paper
            0.5: These are shares from 0 to 1; bare paper should come out as 255.
                return picture / paper
            0.25: What the paper lacks is added everywhere alike, also where there is ink. In half
            the light ink is half as bright, too: ask for a share.
                return picture.astype(int) + 255 - paper
            0: `//` throws away what is behind the point: only bare paper stays above 0.
                return picture // paper * 255
            0: It is upside down: ink would come out brighter than paper.
                return paper / picture * 255
            0: A difference is smaller in the shadow, where there is less light to lose. Ask for a
            share; and `uint8` cannot go below 0.
                return picture - paper
        """,
        hints=(
            "What share of the light comes back from bare paper, and from ink?",
            "The share is the picture by the paper, place by place.",
            "Divide first, which gives floats, and then bring 1 to 255.",
        ),
    ),
    Exercise.from_answers(
        id="9.3",
        points=2,
        asks="a function that cuts the ink out of a picture",
        target="my_crop(ink)",
        cases=_inks,
        answers="""
            1: The first and the last row with ink bound it above and below, columns left and right.
            A slice stops before its second number, hence the `+ 1`.
                rows = np.flatnonzero(ink.any(axis=1))
                columns = np.flatnonzero(ink.any(axis=0))
                return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            0.5: The last row and the last column of the ink are missing: a slice stops before its
            second number.
                rows = np.flatnonzero(ink.any(axis=1))
                columns = np.flatnonzero(ink.any(axis=0))
                return ink[rows[0] : rows[-1], columns[0] : columns[-1]]
            0.5: This also takes out empty rows between two parts of the ink, and so moves them
            together. Keep everything from the first to the last.
                return ink[ink.any(axis=1)][:, ink.any(axis=0)]
            0.5: Above and below is right; there is still empty space on the left and right.
                rows = np.flatnonzero(ink.any(axis=1))
                return ink[rows[0] : rows[-1] + 1]
            0.5: Ink may be faint: all that is above 0 is ink, not only what is above 127.
                rows = np.flatnonzero((ink > 127).any(axis=1))
                columns = np.flatnonzero((ink > 127).any(axis=0))
                return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            0.5: Left and right is right; there is still empty space above and below.
                columns = np.flatnonzero(ink.any(axis=0))
                return ink[:, columns[0] : columns[-1] + 1]
            0: A mask gives its pixels in one long row; the picture's rows and columns are lost.
                return ink[ink > 0]
        """,
        hints=(
            "Which rows have ink? You have just seen how to ask all of them at once.",
            "`np.flatnonzero` gives the positions of True: you need the first and the last one.",
            "Do the same with `axis=0` for the columns, and cut with two slices.",
        ),
    ),
    Exercise.from_answers(
        id="9.4",
        points=2,
        asks="how far a digit must move so that its centre of mass is in the middle",
        target="my_way(digit)",
        cases=_off_centre,
        answers="""
            1: The sums over the columns say how much ink each row has, and weigh the mean of the
            rows. From there to 14 is the way, in whole pixels.
                row = np.average(np.arange(28), weights=digit.sum(axis=1))
                column = np.average(np.arange(28), weights=digit.sum(axis=0))
                return round(14 - row), round(14 - column)
            0.5: The length is right, and the direction is turned round: what is too high must go
            down, which is a number above 0.
                row = np.average(np.arange(28), weights=digit.sum(axis=1))
                column = np.average(np.arange(28), weights=digit.sum(axis=0))
                return round(row - 14), round(column - 14)
            0.5: Rows and columns have changed places: `sum(axis=1)` has a number for each row.
                row = np.average(np.arange(28), weights=digit.sum(axis=0))
                column = np.average(np.arange(28), weights=digit.sum(axis=1))
                return round(14 - row), round(14 - column)
            0.5: Right, but for one thing: a picture can only move by whole pixels.
                row = np.average(np.arange(28), weights=digit.sum(axis=1))
                column = np.average(np.arange(28), weights=digit.sum(axis=0))
                return 14 - row, 14 - column
            0.5: `int` cuts off what is behind the point, so 3.8 becomes 3. The nearest whole number
            is asked for: `round`.
                row = np.average(np.arange(28), weights=digit.sum(axis=1))
                column = np.average(np.arange(28), weights=digit.sum(axis=0))
                return int(14 - row), int(14 - column)
            0.25: Pixels are `uint8`, and Python's `sum` keeps them so: their sum goes round like a
            clock after 255. `digit.sum(axis=1)` takes larger numbers, and so does `astype(int)`.
                rows = [sum(digit[at]) for at in range(28)]
                columns = [sum(digit[:, at]) for at in range(28)]
                row = sum(at * int(ink) for at, ink in enumerate(rows)) / sum(map(int, rows))
                column = sum(at * int(ink) for at, ink in enumerate(columns)) / sum(map(int, columns))
                return round(14 - row), round(14 - column)
            0: This is where the centre of mass is, not how far it must go.
                row = np.average(np.arange(28), weights=digit.sum(axis=1))
                column = np.average(np.arange(28), weights=digit.sum(axis=0))
                return round(row), round(column)
            0.5: You count each pixel of ink alike; a bright one has more weight than a grey one.
                rows, columns = np.nonzero(digit)
                return round(14 - rows.mean()), round(14 - columns.mean())
        """,
        hints=(
            "Where is the centre of mass now? You need its row and its column.",
            "`digit.sum(axis=1)` says how much ink each row has: these are the weights.",
            "From the centre of mass to 14, rounded; first the rows, then the columns.",
        ),
    ),
)
