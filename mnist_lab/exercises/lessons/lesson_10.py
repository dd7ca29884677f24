"""Lesson 10, find the digits: spans, overlap, a network that slides."""

import numpy as np

from mnist_lab.exercises.building import Task, activation, gives, layers, parameters, takes
from mnist_lab.exercises.exercise import Case, Cases, Exercise

# The course's network, its dense layers as convolutions.
SLIDING = Task(
    (
        takes(0, 0, 1),
        layers("Conv2D", "MaxPooling2D", "Conv2D", "Conv2D", "Conv2D", "Conv2D"),
        gives(1, 1, 10),
        activation("softmax"),
        parameters(90_170),
    )
)


def _columns(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    few = np.zeros(6, int)
    first = 1 + seed % 3
    few[first : first + 2] = rng.integers(1, 9, 2)
    yield Case("six columns", (few,))
    for count, first_ink, last_ink in ((20, True, False), (30, False, True), (40, False, False)):
        counts = np.where(rng.random(count) < 0.55, rng.integers(1, 2000, count), 0)
        counts[0], counts[-1] = 7 * first_ink, 5 * last_ink
        counts[count // 2 - 2 : count // 2 + 2] = 0, 1, 3, 0
        yield Case(f"{count} columns", (counts,))
    yield Case("columns without ink", (np.zeros(4 + seed % 7, int),))


def _boxes(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    top, left, side = (int(n) for n in rng.integers(2, 9, 3))
    one = [top, left, top + 2 * side, left + 2 * side]
    yield Case("two boxes as large", (one, [top + side, left, top + 3 * side, left + 2 * side]))
    yield Case("a box in the other", (one, [top + 1, left + 1, top + side, left + side]))
    yield Case("boxes apart, askew", (one, [n + 3 * side for n in one]))
    below = [top + 3 * side, left, top + 4 * side, left + side]
    yield Case("boxes apart, one below the other", (one, below))
    yield Case(
        "boxes apart, side by side", (one, [top, left + 3 * side, top + side, left + 5 * side])
    )
    for _ in range(7):  # more than half: the answers above are the same under many a seed
        corner, size = rng.integers(0, 9, (2, 2)), rng.integers(8, 20, (2, 2))
        pair = [[*map(int, c), *map(int, c + s)] for c, s in zip(corner, size, strict=True)]
        yield Case("two boxes that overlap", tuple(pair))


EXERCISES: tuple[Exercise, ...] = (
    Exercise.from_answers(
        id="10.1",
        points=3,
        asks="a function that finds the runs of columns with ink",
        target="my_spans(counts)",
        cases=_columns,
        answers="""
            1: A span begins where ink comes after none, and ends where none comes after ink; the 0
            put behind the last column ends the last one.
                spans, start = [], None
                for at, count in enumerate([*counts, 0]):
                    if count > 0 and start is None:
                        start = at
                    elif count == 0 and start is not None:
                        spans.append([start, at])
                        start = None
                return spans
            0.5: The end is the last column with ink. Wanted is the one after it, as a slice takes it.
                spans, start = [], None
                for at, count in enumerate([*counts, 0]):
                    if count > 0 and start is None:
                        start = at
                    elif count == 0 and start is not None:
                        spans.append([start, at - 1])
                        start = None
                return spans
            0.25: These are the runs without ink, the gaps.
                spans, start = [], None
                for at, count in enumerate([*counts, 1]):
                    if count == 0 and start is None:
                        start = at
                    elif count > 0 and start is not None:
                        spans.append([start, at])
                        start = None
                return spans
            0.25: These are single columns. Those that follow one another belong together.
                return [[at, at + 1] for at, count in enumerate(counts) if count > 0]
            0: This is one span, from the first ink to the last. Each gap ends one.
                ink = np.flatnonzero(counts)
                return [[ink[0], ink[-1] + 1]] if len(ink) else []
            0.5: The last run is lost if it goes to the edge: nothing comes behind it to end it.
                spans, start = [], None
                for at, count in enumerate(counts):
                    if count > 0 and start is None:
                        start = at
                    elif count == 0 and start is not None:
                        spans.append([start, at])
                        start = None
                return spans
            0: `return` inside the loop ends the function: only the first span is given.
                start = None
                for at, count in enumerate([*counts, 0]):
                    if count > 0 and start is None:
                        start = at
                    elif count == 0 and start is not None:
                        return [[start, at]]
                return []
        """,
        hints=(
            "Go through the columns, and keep in mind whether you are inside a span.",
            "`start = None` means outside. With ink and `start` None, a span begins.",
            "Without ink and inside, append `[start, at]`. What ends a span at the very edge? A 0 "
            "behind the last column.",
        ),
    ),
    Exercise.from_answers(
        id="10.2",
        points=2,
        asks="a function that gives the overlap of two boxes",
        target="my_overlap(one, other)",
        cases=_boxes,
        tolerance=1e-6,
        answers="""
            1: The area that both have, divided by the area of both together, in which what they share
            counts once: 1 for the same box, 0 for boxes apart.
                height = min(one[2], other[2]) - max(one[0], other[0])
                width = min(one[3], other[3]) - max(one[1], other[1])
                both = max(height, 0) * max(width, 0)
                areas = sum((b[2] - b[0]) * (b[3] - b[1]) for b in (one, other))
                return both / (areas - both)
            0.5: What they share is counted twice in the area of both together.
                height = min(one[2], other[2]) - max(one[0], other[0])
                width = min(one[3], other[3]) - max(one[1], other[1])
                both = max(height, 0) * max(width, 0)
                areas = sum((b[2] - b[0]) * (b[3] - b[1]) for b in (one, other))
                return both / areas
            0.5: Boxes that lie apart have a height or a width below 0 in common, and two of these
            make something above 0: nothing less than 0 can be shared.
                height = min(one[2], other[2]) - max(one[0], other[0])
                width = min(one[3], other[3]) - max(one[1], other[1])
                both = height * width
                areas = sum((b[2] - b[0]) * (b[3] - b[1]) for b in (one, other))
                return both / (areas - both)
            0: This is the area that both have. Which share of both together is it?
                height = min(one[2], other[2]) - max(one[0], other[0])
                width = min(one[3], other[3]) - max(one[1], other[1])
                return max(height, 0) * max(width, 0)
            0.25: This is the share of the first box alone: a small box in a large one overlaps it
            little.
                height = min(one[2], other[2]) - max(one[0], other[0])
                width = min(one[3], other[3]) - max(one[1], other[1])
                both = max(height, 0) * max(width, 0)
                return both / ((one[2] - one[0]) * (one[3] - one[1]))
            0: The box around both is larger than both together.
                height = max(one[2], other[2]) - min(one[0], other[0])
                width = max(one[3], other[3]) - min(one[1], other[1])
                areas = sum((b[2] - b[0]) * (b[3] - b[1]) for b in (one, other))
                return areas / (height * width)
            0: Whether they touch at all is one question. How much, is the one asked.
                apart = one[2] <= other[0] or other[2] <= one[0]
                return 0 if apart or one[3] <= other[1] or other[3] <= one[1] else 1
        """,
        hints=(
            "What both have is a box as well: it begins at the larger of both tops, and ends at the "
            "smaller of both bottoms.",
            "If its height or its width is below 0, they lie apart, and share nothing.",
            "The area of both together is one area plus the other, less what they share.",
        ),
    ),
    Exercise.from_answers(
        id="10.3",
        kind="build",
        points=3,
        asks="the course's network as convolutions only, for a picture of any size",
        target="my_sliding",
        task=SLIDING,
        answers="""
            1: A dense layer that looks at 13 by 13 places is a convolution with a window of 13 by 13;
            one that looks at a row of numbers is a convolution with a window of 1. Not a parameter
            more, and the picture may be of any size.
                import keras
                my_sliding = keras.Sequential([
                    keras.Input((None, None, 1)),
                    keras.layers.Conv2D(32, 3, activation="relu"),
                    keras.layers.MaxPooling2D(2),
                    keras.layers.Conv2D(16, 13, activation="relu"),
                    keras.layers.Conv2D(32, 1, activation="relu"),
                    keras.layers.Conv2D(64, 1, activation="relu"),
                    keras.layers.Conv2D(10, 1, activation="softmax"),
                ])
            0.25: It takes the shape (28, 28, 1); (0, 0, 1) is wanted.
                import keras
                my_sliding = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(32, 3, activation="relu"),
                    keras.layers.MaxPooling2D(2),
                    keras.layers.Conv2D(16, 13, activation="relu"),
                    keras.layers.Conv2D(32, 1, activation="relu"),
                    keras.layers.Conv2D(64, 1, activation="relu"),
                    keras.layers.Conv2D(10, 1, activation="softmax"),
                ])
            0: It takes the shape (28, 28, 1); (0, 0, 1) is wanted.
                import keras
                my_sliding = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(32, 3, activation="relu"),
                    keras.layers.MaxPooling2D(2),
                    keras.layers.Flatten(),
                    keras.layers.Dense(16, activation="relu"),
                    keras.layers.Dense(32, activation="relu"),
                    keras.layers.Dense(64, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                ])
            0.25: Its last layer, `Conv2D`, has the activation `none`; `softmax` is wanted.
                import keras
                my_sliding = keras.Sequential([
                    keras.Input((None, None, 1)),
                    keras.layers.Conv2D(32, 3, activation="relu"),
                    keras.layers.MaxPooling2D(2),
                    keras.layers.Conv2D(16, 13, activation="relu"),
                    keras.layers.Conv2D(32, 1, activation="relu"),
                    keras.layers.Conv2D(64, 1, activation="relu"),
                    keras.layers.Conv2D(10, 1),
                ])
            0.25: For a digit of 28 by 28 it gives the shape (13, 13, 10); (1, 1, 10) is wanted.
                import keras
                my_sliding = keras.Sequential([
                    keras.Input((None, None, 1)),
                    keras.layers.Conv2D(32, 3, activation="relu"),
                    keras.layers.MaxPooling2D(2),
                    keras.layers.Conv2D(16, 1, activation="relu"),
                    keras.layers.Conv2D(32, 1, activation="relu"),
                    keras.layers.Conv2D(64, 1, activation="relu"),
                    keras.layers.Conv2D(10, 1, activation="softmax"),
                ])
            0.25: No `Conv2D` stands where one is wanted. Its layers are `Conv2D`, `MaxPooling2D`,
            `Conv2D`, `Conv2D`.
                import keras
                my_sliding = keras.Sequential([
                    keras.Input((None, None, 1)),
                    keras.layers.Conv2D(32, 3, activation="relu"),
                    keras.layers.MaxPooling2D(2),
                    keras.layers.Conv2D(16, 13, activation="relu"),
                    keras.layers.Conv2D(10, 1, activation="softmax"),
                ])
        """,
        hints=(
            "What goes in is `keras.Input((None, None, 1))`: None stands for any number.",
            "Behind the pooling there were 13 by 13 places. `Flatten` and `Dense(16)` together are a "
            "`Conv2D` of 16 kernels, as large as that.",
            "Each further `Dense(n)` becomes a `Conv2D(n, 1)`, with the same activation.",
        ),
    ),
    Exercise.from_answers(
        id="10.4",
        kind="explain",
        points=1,
        asks="at which step a reading fails",
        target="my_reason",
        example="A 3 whose box holds half of it, and which is read as a 7: the box was wrong first.",
        answers="""
            1: The digit's own ink is cut off before any network of yours is asked; from half a digit
            nobody could read it. Look for the first step that goes wrong, not the last.
                my_reason = "b"
            0: The answer is wrong, but what it was asked about is not the digit any more.
                my_reason = "a"
            0: The polarity is right: ink is bright and paper dark in every picture behind it.
                my_reason = "c"
            0: The line is right: the digit stands where it belongs among the others.
                my_reason = "d"
            0: It was found: there is a box at its place. What is wrong with that box?
                my_reason = "e"
            0: More training would not bring back ink that was cut off before.
                my_reason = "f"
        """,
        hints=(
            "Go through the steps from the first to the last, and stop at the first that is wrong.",
            "Where is the first picture in which half of the digit is missing?",
        ),
    ),
)
