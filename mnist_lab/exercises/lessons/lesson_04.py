"""Lesson 4, train it: the loss, a step, how many steps, when to stop."""

import numpy as np

from mnist_lab.exercises.exercise import Case, Exercise, Misconception


def _guesses(seed: int) -> list[Case]:
    rng = np.random.default_rng(seed)
    rows = rng.dirichlet(np.ones(10), 3)
    order = rows.argsort(axis=1)
    return [
        Case("a guess that is wrong", (rows[0], int(order[0, 3]))),
        Case("one that is nearly right", (rows[1], int(order[1, 8]))),
        Case("one that is right", (rows[2], int(order[2, 9]))),
    ]


def _steps(seed: int) -> list[Case]:
    rng = np.random.default_rng(seed)
    up, down = rng.uniform(0.5, 3, 2)
    return [
        Case("a slope upwards", (float(rng.normal()), float(up), 0.1)),
        Case("a slope downwards", (float(rng.normal()), -float(down), 0.05)),
        Case("many weights at once", (rng.normal(size=4), rng.normal(size=4), 0.01)),
    ]


def _trainings(seed: int) -> list[Case]:
    extra = int(np.random.default_rng(seed).integers(1, 51))  # more, and filling up is right, too
    return [
        Case("a last batch that is not full", (64 * 12 + extra, 64, 5)),
        Case("batches that fit", (3200, 32, 3)),
        Case("fewer digits than a batch", (extra, 100, 2)),
    ]


def _histories(seed: int) -> list[Case]:
    rng = np.random.default_rng(seed)
    made = []
    for best, note in ((3, "best in the middle"), (0, "best at first"), (6, "best at the end")):
        losses = 0.2 + 0.1 * np.abs(np.arange(7) - best) + 0.01 * rng.random()
        made.append(Case(note, ([float(loss) for loss in losses],)))
    return made


EXERCISES = (
    Exercise(
        id="4.1",
        points=2,
        asks="a function that gives the loss of one guess",
        names=("my_loss",),
        cases=_guesses,
        solution="def my_loss(probabilities, label):\n    return -np.log(probabilities[label])",
        why="Only what the network gave to the truth counts. The logarithm makes confident "
        "mistakes expensive, and the minus turns it into a cost above 0.",
        misconceptions=(
            Misconception(
                "def my_loss(probabilities, label):\n    return -np.log(probabilities.max())",
                "This rewards being sure of anything. The loss asks what was given to the truth.",
            ),
            Misconception(
                "def my_loss(probabilities, label):\n    return np.log(probabilities[label])",
                "The sign is the other way round: a loss is 0 at best, and grows with the mistake.",
                0.5,
            ),
            Misconception(
                "def my_loss(probabilities, label):\n    return 1 - probabilities[label]",
                "That is a cost, but a mild one: between impossible and unlikely it sees little "
                "difference. The logarithm is missing.",
                0.25,
            ),
            Misconception(
                "def my_loss(probabilities, label):\n    return -np.log(probabilities).sum()",
                "You added up all ten. Nine of the ten probabilities play no part in it.",
            ),
        ),
        hints=(
            "How much probability did the network give to the label? Begin with that number.",
            "`probabilities[label]` is that number; its logarithm is 0 or below.",
            "`-np.log(...)` of it.",
        ),
    ),
    Exercise(
        id="4.2",
        points=1,
        asks="a function that takes one step of learning",
        names=("my_step",),
        cases=_steps,
        solution="def my_step(weight, slope, rate):\n    return weight - rate * slope",
        why="Where the loss rises to the right, go left, and the other way round: the minus. The "
        "rate says how far.",
        misconceptions=(
            Misconception(
                "def my_step(weight, slope, rate):\n    return weight + rate * slope",
                "This climbs: after the step the loss is larger.",
                0.5,
            ),
            Misconception(
                "def my_step(weight, slope, rate):\n    return weight - slope",
                "The direction is right, and the learning rate is left out.",
                0.5,
            ),
            Misconception(
                "def my_step(weight, slope, rate):\n    return -rate * slope",
                "This is the step itself. Where does one stand after it?",
                0.5,
            ),
        ),
        hints=(
            "You stand at `weight`, and want to go downhill.",
            "A positive slope rises to the right, so the step goes to the left.",
            "The length of the step is `rate * slope`.",
        ),
    ),
    Exercise(
        id="4.3",
        points=2,
        asks="a function that counts the steps of a training",
        names=("my_steps",),
        cases=_trainings,
        solution="def my_steps(digits, batch, epochs):\n    return int(np.ceil(digits / batch)) * epochs",
        why="What is left over at the end of an epoch is a batch as well, a small one, so the "
        "division is rounded up, by `np.ceil`, before it is multiplied by the epochs.",
        misconceptions=(
            Misconception(
                "def my_steps(digits, batch, epochs):\n    return digits // batch * epochs",
                "The digits left over at the end of each epoch make a batch, too.",
                0.5,
            ),
            Misconception(
                "def my_steps(digits, batch, epochs):\n    return -(-digits // batch)",
                "These are the steps of one epoch.",
                0.5,
            ),
            Misconception(
                "def my_steps(digits, batch, epochs):\n    return digits / batch * epochs",
                "There is no such thing as part of a step: an epoch has a whole number of them.",
                0.5,
            ),
            Misconception(
                "def my_steps(digits, batch, epochs):\n    return -(-digits * epochs // batch)",
                "A batch ends with its epoch: what is left over is not filled up from the next.",
                0.5,
            ),
        ),
        hints=(
            "How many batches has one epoch? Think of 130 digits in batches of 64.",
            "Round up, epoch by epoch: `np.ceil` does that, and `int` makes a whole number of it.",
            "Batches of one epoch, rounded up, times the epochs.",
        ),
    ),
    Exercise(
        id="4.4",
        points=1,
        asks="a function that finds the best epoch",
        names=("my_best_epoch",),
        cases=_histories,
        solution="def my_best_epoch(losses):\n    return int(np.argmin(losses)) + 1",
        why="The best epoch has the smallest validation loss. `np.argmin` gives its position "
        "counted from 0, and epochs are counted from 1.",
        misconceptions=(
            Misconception(
                "def my_best_epoch(losses):\n    return int(np.argmin(losses))",
                "Positions are counted from 0 and epochs from 1.",
                0.5,
            ),
            Misconception(
                "def my_best_epoch(losses):\n    return int(np.argmax(losses)) + 1",
                "This is the epoch with the largest loss; a loss should be small.",
            ),
            Misconception(
                "def my_best_epoch(losses):\n    return len(losses)",
                "This is the last epoch, whether or not it was the best.",
            ),
            Misconception(
                "def my_best_epoch(losses):\n    return min(losses)",
                "This is the smallest loss itself. In which epoch was it?",
                0.5,
            ),
        ),
        hints=(
            "Small is good. Where in the list is the smallest number?",
            "`np.argmin` gives a position. What is the position of the first epoch?",
            "Add what is missing between a position and the number of an epoch.",
        ),
    ),
)
