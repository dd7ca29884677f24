"""Lesson 4, train it: the loss, a step, how many steps, when to stop."""

import numpy as np

from mnist_lab.exercises.exercise import Case, Cases, Exercise


def _guesses(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    row = rng.permutation([0.5, 0.2, 0.1, 0.06, 0.05, 0.04, 0.02, 0.01, 0.01, 0.01])
    rows = rng.dirichlet(np.ones(10), 3)
    order = rows.argsort(axis=1)
    yield Case("a guess that is nearly right", (row, int(row.argsort()[-2])))
    yield Case("a guess that is wrong", (rows[0], int(order[0, 3])))
    yield Case("another that is nearly right", (rows[1], int(order[1, 8])))
    yield Case("one that is right", (rows[2], int(order[2, 9])))


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


def _trainings(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    few, more = (int(n) for n in rng.integers(3, 20, 2))
    yield Case("a last batch that is not full", (128 + few, 64, 2))
    yield Case("batches that fit", (32 * more, 32, 3))
    yield Case("fewer digits than a batch", (few, 100, 2))
    yield Case("a last batch that is nearly full", (64 * more + 50, 64, 5))


def _histories(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    a, b, c, d, e, f = (int(n) / 100 for n in np.cumsum(rng.integers(1, 5, 6)) + 10)
    yield Case("losses that rise once before the best", ([f, d, e, b, c],))
    yield Case("losses that are best at first", ([a, c, b, d],))
    yield Case("losses that are best at the end", ([e, b, d, c, a],))
    yield Case("losses that rise twice before the best", ([d, c, f, b, e, a, c, b],))


EXERCISES = (
    Exercise.from_answers(
        id="4.1",
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
    Exercise.from_answers(
        id="4.2",
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
        id="4.3",
        points=2,
        asks="a function that counts the steps of a training",
        target="my_steps(digits, batch, epochs)",
        cases=_trainings,
        answers="""
            1: What is left over at the end of an epoch is a batch as well, a small one, so the
            division is rounded up, by `np.ceil`, before it is multiplied by the epochs.
                return int(np.ceil(digits / batch)) * epochs
            0.5: The digits left over at the end of each epoch make a batch, too.
                return digits // batch * epochs
            0.5: These are the steps of one epoch.
                return -(-digits // batch)
            0.5: There is no such thing as part of a step: an epoch has a whole number of them.
                return digits / batch * epochs
            0.5: One batch too many where they fit exactly: then nothing is left over.
                return (digits // batch + 1) * epochs
            0.5: `round` rounds to the nearest number. A batch of two digits is a batch, too: round
            up.
                return round(digits / batch) * epochs
            0.5: A batch ends with its epoch: what is left over is not filled up from the next.
                return -(-digits * epochs // batch)
        """,
        hints=(
            "How many batches has one epoch? Think of 130 digits in batches of 64.",
            "Round up, epoch by epoch: `np.ceil` does that, and `int` makes a whole number of it.",
            "Batches of one epoch, rounded up, times the epochs.",
        ),
    ),
    Exercise.from_answers(
        id="4.4",
        points=1,
        asks="a function that finds the best epoch",
        target="my_best_epoch(losses)",
        cases=_histories,
        answers="""
            1: The best epoch has the smallest validation loss. `np.argmin` gives its position
            counted from 0, and epochs are counted from 1.
                return int(np.argmin(losses)) + 1
            0.5: Positions are counted from 0 and epochs from 1.
                return int(np.argmin(losses))
            0: This is the epoch with the largest loss; a loss should be small.
                return int(np.argmax(losses)) + 1
            0: This is the last epoch, whether or not it was the best.
                return len(losses)
            0.5: This is the smallest loss itself. In which epoch was it?
                return min(losses)
            0.25: It stops where the loss rises for the first time. It may fall again, below what it
            was: look at all of them.
                for epoch in range(1, len(losses)):
                    if losses[epoch] > losses[epoch - 1]:
                        return epoch
                return len(losses)
            0: A 0 is left over: the smallest number was looked for among the epochs' numbers, not
            among the losses.
                return min(range(len(losses)))
        """,
        hints=(
            "Small is good. Where in the list is the smallest number?",
            "`np.argmin` gives a position. What is the position of the first epoch?",
            "Add what is missing between a position and the number of an epoch.",
        ),
    ),
)
