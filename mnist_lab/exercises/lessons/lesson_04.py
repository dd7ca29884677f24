"""Lesson 4, train it: the loss, a step, how many steps, when to stop."""

import numpy as np

from mnist_lab.exercises.exercise import Case, Cases, Exercise


def _guesses(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    rows = rng.dirichlet(np.ones(10), 3)
    order = rows.argsort(axis=1)
    yield Case("a guess that is wrong", (rows[0], int(order[0, 3])))
    yield Case("one that is nearly right", (rows[1], int(order[1, 8])))
    yield Case("one that is right", (rows[2], int(order[2, 9])))


def _steps(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    up, down = rng.uniform(0.5, 3, 2)
    yield Case("a slope upwards", (float(rng.normal()), float(up), 0.1))
    yield Case("a slope downwards", (float(rng.normal()), -float(down), 0.05))
    yield Case("many weights at once", (rng.normal(size=4), rng.normal(size=4), 0.01))


def _trainings(seed: int) -> Cases:
    extra = int(np.random.default_rng(seed).integers(1, 51))  # more, and filling up is right, too
    yield Case("a last batch that is not full", (64 * 12 + extra, 64, 5))
    yield Case("batches that fit", (3200, 32, 3))
    yield Case("fewer digits than a batch", (extra, 100, 2))


def _histories(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    for best, note in ((3, "best in the middle"), (0, "best at first"), (6, "best at the end")):
        losses = 0.2 + 0.1 * np.abs(np.arange(7) - best) + 0.01 * rng.random()
        yield Case(note, (losses.tolist(),))


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
        """,
        hints=(
            "Small is good. Where in the list is the smallest number?",
            "`np.argmin` gives a position. What is the position of the first epoch?",
            "Add what is missing between a position and the number of an epoch.",
        ),
    ),
)
