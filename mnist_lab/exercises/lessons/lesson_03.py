"""Lesson 3, one neuron learns: scale, slope, step, one-hot, softmax, loss."""

import numpy as np

from mnist_lab.exercises.exercise import Case, Cases, Exercise
from mnist_lab.exercises.inputs import make_images, make_labels


def _images(seed: int) -> Cases:
    level = 17 * (3 + seed % 12)
    grey = np.full((1, 28, 28), level, np.uint8)
    yield Case(f"a single image, all {level}, of shape (1, 28, 28),", (grey,))
    yield Case("5 images of noise, of shape (5, 28, 28),", (make_images(seed, 5),))
    yield Case("3 darker images", (make_images(seed + 1, 3) // 2,))


def _steps(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    up, down = (round(float(slope), 1) for slope in rng.uniform(1.5, 4, 2))
    for note, slope, rate in (
        ("a slope upwards", up, 0.1),
        ("a slope downwards", -down, 0.1),
        ("a steep slope upwards, and a small rate", 10 * up, 0.02),
        ("a steep slope downwards, and a small rate", -10 * down, 0.05),
    ):
        yield Case(note, (round(float(rng.normal()), 1) + 3.0, slope, rate))
    many = rng.normal(size=3).round(1), rng.permutation([-2.0, 1.0, 3.0]) + seed % 7 / 10
    yield Case("three weights and three slopes", (*many, 0.5))


def _nudges(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    for note, rises, nudge in (
        ("a loss that rises", True, 0.5),
        ("a loss that falls", False, 0.5),
        ("a small nudge, and a loss that falls", False, 0.01),
        ("a nudge to the left", True, -0.1),
    ):
        before = round(float(rng.uniform(1, 4)), 2)
        change = round(float(rng.uniform(0.2, 0.9)), 2) * abs(nudge)
        yield Case(note, (before, before + change if rises else before - change, nudge))


def _sums(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    few = np.zeros((2, 3))
    few[0, seed % 3], few[1, (seed + 1) % 3] = 1 + seed % 5 / 10, -2 - seed % 4 / 10
    yield Case("two rows of three", (few,))
    yield Case("a row of ten", (rng.normal(0, 2, (1, 10)).round(2),))
    yield Case("five rows of ten", (rng.normal(0, 1.5, (5, 10)).round(2),))
    yield Case("ten rows of ten", (rng.normal(0, 1, (10, 10)).round(2),))


def _labels(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    yield Case("two labels", (rng.permutation(np.arange(1, 9))[:2].astype(np.uint8),))
    yield Case("the labels 0 and another", (np.array([0, 1 + seed % 8], np.uint8),))
    yield Case("labels without a 9", (make_labels(seed + 1, 20, without=(9,)),))
    yield Case("labels in which every digit occurs", (make_labels(seed, 25),))


def _guesses(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    row = rng.permutation([0.5, 0.2, 0.1, 0.06, 0.05, 0.04, 0.02, 0.01, 0.01, 0.01])
    rows = rng.dirichlet(np.ones(10), 3)
    order = rows.argsort(axis=1)
    yield Case("a guess that is nearly right", (row, int(row.argsort()[-2])))
    yield Case("a guess that is wrong", (rows[0], int(order[0, 3])))
    yield Case("another that is nearly right", (rows[1], int(order[1, 8])))
    yield Case("one that is right", (rows[2], int(order[2, 9])))


EXERCISES: tuple[Exercise, ...] = (
    Exercise.from_answers(
        id="3.1",
        points=2,
        asks="a function that scales images to float32 from 0 to 1",
        target="my_scale(images)",
        cases=_images,
        exact=True,
        answers="""
            1: 255 is the brightest a pixel can be, so white becomes exactly 1. Dividing by a
            `float32` keeps the result `float32`, half the size of numpy's usual `float64`.
                return images / np.float32(255)
            0.5: The numbers are right, but they are `float64`, as Python's own are, and twice as
            large as a network needs.
                return images / 255
            0: `//` throws away what is behind the point: only pure white stays above 0.
                return images // 255
            0.5: You divide by the brightest pixel that happens to be there, so a dark image and a
            bright one come out alike. Divide by the same number always.
                return (images / images.max()).astype(np.float32)
            0.5: White becomes a little less than 1: the largest of 256 levels is not 256.
                return images / np.float32(256)
            0.25: The range has not changed: white is still 255.
                return images.astype(np.float32)
            0.5: Black is white now, and white is black. Scaling keeps dark what is dark.
                return 1 - images / np.float32(255)
        """,
        hints=(
            "The same number for every image, and the type of the result matters.",
            "Look at how the cell above kept the result `float32`.",
            "Divide by `np.float32(...)`, with the brightest level a pixel can have.",
        ),
    ),
    Exercise.from_answers(
        id="3.2",
        points=1,
        asks="a function that gives the slope of a loss from a nudge",
        target="my_slope(before, after, nudge)",
        cases=_nudges,
        tolerance=1e-6,
        answers="""
            1: How much the loss has changed, for each unit by which the weight has.
                return (after - before) / nudge
            0.5: The sign is the other way round: where the loss has grown, the slope goes up, and
            is above 0.
                return (before - after) / nudge
            0.5: That is how much the loss has changed. How much is it for each unit of the weight?
                return after - before
            0.25: Upside down: this is how far the weight moves for each unit of the loss.
                return nudge / (after - before)
            0.25: A nudge of a thousandth makes the change a thousandth as large: to undo that,
            divide.
                return (after - before) * nudge
            0: This is the loss for each unit of the weight. The slope asks for the change of it.
                return after / nudge
            0.5: A slope has a sign: it says whether the loss rises or falls.
                return abs(after - before) / abs(nudge)
            0: Brackets are missing: `/` comes before `-`, so only `before` is divided.
                return after - before / nudge
        """,
        hints=(
            "How much has the loss changed? And how much would that be for a nudge of 1?",
            "A nudge of 0.5 that changes the loss by 2 is a slope of 4.",
            "The change, in brackets, divided by the nudge.",
        ),
    ),
    Exercise.from_answers(
        id="3.3",
        points=1,
        asks="a function that takes one step of learning",
        target="my_step(weight, slope, rate)",
        cases=_steps,
        answers="""
            1: Where the loss rises to the right, go left, and the other way round: the minus. The
            rate says how far.
                return weight - rate * slope
            0.5: This climbs: after the step the loss is larger.
                return weight + rate * slope
            0.5: The direction is right, and the learning rate is left out.
                return weight - slope
            0.5: This is the step itself. Where does one stand after it?
                return -rate * slope
            0.25: Every step is as long as the rate, and goes down. The slope says where to, and how
            steep it is.
                return weight - rate
            0.25: It always goes to the left. Where the slope is below 0, downhill is to the right.
                return weight - rate * abs(slope)
            0.5: Right for one weight. `if` asks one question, and of many slopes each would answer
            for itself: one subtraction does for all, whatever their sign.
                if slope < 0:
                    return weight + rate * -slope
                return weight - rate * slope
            0.5: The direction is right, and every step is as long as the rate: a steep slope should
            make a long one.
                return weight - rate * np.sign(slope)
        """,
        hints=(
            "You stand at `weight`, and want to go downhill.",
            "A positive slope rises to the right, so the step goes to the left.",
            "The length of the step is `rate * slope`.",
        ),
    ),
    Exercise.from_answers(
        id="3.4",
        points=2,
        asks="a function that makes labels one-hot",
        target="my_one_hot(labels)",
        cases=_labels,
        answers="""
            1: Row 7 of the table `np.eye(10)` is the one-hot of 7. The labels, in square brackets,
            pick a row each, in their order.
                return np.eye(10)[labels]
            0.5: Every 1 stands one place too far left: positions are counted from 0, and 0 is a
            digit, too. (Labels are `uint8`, where 0 - 1 is 255.)
                return np.eye(10)[labels - 1]
            0.5: Every 1 stands one place too far left: positions are counted from 0, and 0 is a
            digit, too. (Labels are `uint8`, where 0 - 1 is 255.)
                return np.eye(10)[labels.astype(int) - 1]
            0: All the rows are one and the same list, changed again and again. Begin a new row for
            each label.
                row = [0] * 10
                rows = []
                for label in labels:
                    row[label] = 1
                    rows.append(row)
                return rows
            0: `return` ends the function at once: inside the loop only the first label gets its
            row.
                for label in labels:
                    return [np.eye(10)[label]]
            0: One row for all the labels says which digits occur. Each label needs a row of its
            own.
                row = np.zeros(10)
                row[labels] = 1
                return row
            0.5: There are only as many columns as the largest label needs. Ten are needed, even if
            no 9 occurs.
                return np.eye(labels.max() + 1)[labels]
            0.5: Rows and columns are swapped: a row belongs to a label, a column to a digit.
                return np.eye(10)[labels].T
            0.5: The label itself stands in its place, so 0 is lost and 9 counts nine times. Put a 1
            there.
                return np.eye(10)[labels] * labels[:, np.newaxis]
        """,
        hints=(
            "Look at `np.eye(10)`. What does its row 7 remind you of?",
            "A list of positions in square brackets picks rows: `table[[2, 0]]` is row 2, then "
            "row 0.",
            "Pick rows of `np.eye(10)`, with the labels as positions.",
        ),
    ),
    Exercise.from_answers(
        id="3.5",
        points=2,
        asks="a function that makes probabilities of each row of sums",
        target="my_softmax(sums)",
        cases=_sums,
        tolerance=1e-6,
        answers="""
            1: All powers are above 0, and divided by their row's total they are 1 together.
                powers = np.exp(sums)
                return powers / powers.sum(axis=1, keepdims=True)
            0.25: You divide by the total of the whole table. Each row is a guess of its own, and
            must be 1 together.
                powers = np.exp(sums)
                return powers / powers.sum()
            0.25: The totals lie in a row, so each divides a column, where they fit at all. With
            `keepdims` they stay a column, and each divides its own row.
                powers = np.exp(sums)
                return powers / powers.sum(axis=1)
            0.25: These are columns that are 1 together. A row is a guess.
                powers = np.exp(sums)
                return powers / powers.sum(axis=0)
            0.25: Sums may be below 0, or be 0 together, and a probability may not: raise e to each
            first.
                return sums / sums.sum(axis=1, keepdims=True)
            0: The powers are there; now each row must be 1 together.
                return np.exp(sums)
            0.25: This is the sigmoid: each number for itself. Ten probabilities of which one must be
            the truth are 1 together.
                return 1 / (1 + np.exp(-sums))
            0.5: The order is turned round: the smallest sum gets the largest probability.
                powers = np.exp(-sums)
                return powers / powers.sum(axis=1, keepdims=True)
            0.25: This says which is largest, and forgets by how much.
                return np.eye(sums.shape[1])[sums.argmax(axis=1)]
            0.25: Only the first row is answered: `return` inside the loop ends the function.
                for row in sums:
                    return [np.exp(row) / np.exp(row).sum()]
        """,
        hints=(
            "Two steps: `np.exp` of everything, then divide each row by its total.",
            "`axis=1` sums along each row. What shape must the totals have to divide the rows?",
            "`powers.sum(axis=1, keepdims=True)` is a column of totals.",
        ),
    ),
    Exercise.from_answers(
        id="3.6",
        points=2,
        asks="a function that gives the loss of one guess",
        target="my_loss(probabilities, label)",
        cases=_guesses,
        answers="""
            1: Only what the network gave to the truth counts. The logarithm makes confident
            mistakes expensive, and the minus turns it into a cost above 0.
                return -np.log(probabilities[label])
            0: This rewards being sure of anything. The loss asks what was given to the truth.
                return -np.log(probabilities.max())
            0.5: The sign is the other way round: a loss is 0 at best, and grows with the mistake.
                return np.log(probabilities[label])
            0.25: That is a cost, but a mild one: between impossible and unlikely it sees little
            difference. The logarithm is missing.
                return 1 - probabilities[label]
            0: You added up all ten. Nine of the ten probabilities play no part in it.
                return -np.log(probabilities).sum()
            0: You averaged all ten. Nine of the ten probabilities play no part in it.
                return -np.log(probabilities).mean()
            0.5: It is rounded: a step of learning lives on the places that are cut off.
                return round(float(-np.log(probabilities[label])), 2)
            0.5: It is rounded to a whole number: a step of learning lives on what is cut off.
                return round(float(-np.log(probabilities[label])))
            0.5: This logarithm counts in powers of 10. The loss takes the natural one, `np.log`.
                return -np.log10(probabilities[label])
        """,
        hints=(
            "How much probability did the network give to the label? Begin with that number.",
            "`probabilities[label]` is that number; its logarithm is 0 or below.",
            "`-np.log(...)` of it.",
        ),
    ),
)
