"""Lesson 4, a network by hand: the bend, forward, and blame back."""

import numpy as np

from mnist_lab.exercises.exercise import Case, Cases, Exercise


def _sums(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    few = np.array([[1.0 + seed % 9, -2.0 - seed % 7], [-0.5 - seed % 5, 3.0 + seed % 11]])
    yield Case("two rows of two sums", (few,))
    yield Case("a row of eight sums", (rng.normal(0, 2, (1, 8)).round(1),))
    yield Case("four rows of three sums", (rng.normal(0, 0.5, (4, 3)).round(2),))
    yield Case("sums of which none is above 0", (-rng.integers(1, 9, (3, 2)).astype(float),))


def _layers(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    a, b, c = (int(n) for n in rng.permutation(np.arange(1, 10))[:3])
    yield Case("a digit of two numbers", (np.array([[a, b]]), np.array([[c, -1.0]])))
    for count, inputs, outputs in ((2, 3, 1), (4, 2, 3), (5, 3, 2)):
        pair = rng.normal(size=(count, inputs)), rng.normal(size=(count, outputs))
        note = f"{count} digits, {inputs} inputs and {outputs} neurons"
        yield Case(note, tuple(each.round(1) for each in pair))


def _behind(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    a, b, c = (int(n) for n in rng.permutation(np.arange(2, 10))[:3])
    few = np.array([[1.0 * a]]), np.array([[2.0 * b], [-1.0 * c]]), np.array([[0.0, 1.5]])
    yield Case("one digit, two hidden neurons of which the first is asleep", few)
    for count, before, after in ((2, 3, 2), (4, 2, 3), (3, 4, 2)):
        hidden = np.maximum(rng.normal(size=(count, before)), 0).round(1)
        hidden[0, 0], hidden[-1, -1] = 0, 0.7
        note = f"{count} digits, {before} neurons before and {after} behind"
        blame = rng.normal(size=(count, after)).round(1)
        yield Case(note, (blame, rng.normal(size=(before, after)).round(1), hidden))


EXERCISES: tuple[Exercise, ...] = (
    Exercise.from_answers(
        id="4.1",
        kind="explain",
        points=1,
        asks="why two layers without a bend are no better than one",
        target="my_reason",
        example="3 * (2 * x) is 6 * x, whatever x is: one number does what two did.",
        answers="""
            1: Sums of sums are sums: whatever two layers of weights do, one layer of other weights
            does as well. Only a bend between them makes a difference.
                my_reason = "b"
            0: It has more weights to find, and finds them; that makes it slower, not worse.
                my_reason = "a"
            0: What a layer sees need not be pixels: the second one learns from what the first gives.
                my_reason = "c"
            0: Numbers of any size can be learnt from, if they are scaled; that is not what is missing.
                my_reason = "d"
            0: More digits do not help: both do the same with each digit, however many there are.
                my_reason = "e"
            0: Softmax is there in both, behind the last layer; it does not help the layer before.
                my_reason = "f"
        """,
        hints=(
            "Look at the numbers above: what did the two layers do to each input in all?",
            "Multiply by 2, then by 3. Which single number does the same?",
        ),
    ),
    Exercise.from_answers(
        id="4.2",
        points=1,
        asks="a function that gives the ReLU of sums",
        target="my_relu(sums)",
        cases=_sums,
        pure=True,
        answers="""
            1: What is below 0 becomes 0, everything else stays as it is.
                return np.maximum(sums, 0)
            0.25: `np.max` gives the one largest number of all. `np.maximum` compares place by place.
                return np.max(sums)
            0.25: This is the other half: what is above 0 has become 0.
                return np.minimum(sums, 0)
            0.25: A sum below 0 becomes 0, not its size without the sign.
                return abs(sums)
            0.25: This says where the sums are above 0. How large they are is lost.
                return (sums > 0).astype(float)
            0.25: What is below 0 is gone altogether: the shape must stay as it is.
                return sums[sums > 0]
            0.25: This is the sigmoid, which bends at both ends.
                return 1 / (1 + np.exp(-sums))
            0.5: What is above 1 is cut off as well. ReLU has one bend only, at 0.
                return np.clip(sums, 0, 1)
            0.5: It changes `sums` itself, which whoever calls it may still need: work on a copy.
                sums[sums < 0] = 0
                return sums
        """,
        hints=(
            "For each number: itself if it is above 0, else 0.",
            "Which numpy function compares two things place by place and takes the larger?",
            "`np.maximum(sums, ...)`.",
        ),
    ),
    Exercise.from_answers(
        id="4.3",
        points=2,
        asks="what two hidden neurons and the output give",
        target="my_hidden, my_output",
        example="With the inputs 2 and 1 the hidden neurons give 3 and 1, and the output is 5.",
        answers="""
            1: 0.5 * 1 + 2 * 3 is 6.5; 1 * 1 - 1 * 3 is -2, which ReLU makes 0; and 2 * 6.5 - 1 * 0
            is 13.
                my_hidden, my_output = [6.5, 0], 13
            0.5: The second sum is below 0: what does ReLU make of it, before it goes on?
                my_hidden, my_output = [6.5, -2], 15
            0.5: The hidden neurons are right. On the way to the output each counts with its weight.
                my_hidden, my_output = [6.5, 0], 6.5
            0.25: The two inputs have changed places: the upper one is 1.
                my_hidden, my_output = [3.5, 2], 5
            0.25: Follow the arrows: each hidden neuron adds up the two that end at it.
                my_hidden, my_output = [3.5, 0], 7
            0.25: The weights are left out: each arrow multiplies what goes along it.
                my_hidden, my_output = [4, 4], 8
            0.5: The second sum is below 0, and ReLU does not take its sign away: what does it make of
            -2?
                my_hidden, my_output = [6.5, 2], 11
        """,
        hints=(
            "Begin with the upper hidden neuron: two arrows end at it.",
            "0.5 * 1 + 2 * 3 for the upper one. The lower one's sum is below 0.",
            "The output is 2 times the upper one minus 1 times the lower one, after ReLU.",
        ),
    ),
    Exercise.from_answers(
        id="4.4",
        points=2,
        asks="a function that gives the slopes of a layer's weights",
        target="my_gradient(inputs, blame)",
        cases=_layers,
        tolerance=1e-6,
        answers="""
            1: Each weight is blamed for what came in along it, times the blame of where it ends,
            averaged over the digits.
                return inputs.T @ blame / len(inputs)
            0.5: This is the sum over the digits. With the mean, a step is as long for 10 digits as
            for 100.
                return inputs.T @ blame
            0.25: The sides have changed: a row is to belong to an input, a column to a neuron.
                return blame.T @ inputs / len(inputs)
            0: `*` multiplies place by place. `@`, with the inputs on their side, adds up over the
            digits.
                return inputs * blame / len(inputs)
            0: The inner numbers of the shapes must be the same, and those are the digits: lay the
            inputs on their side first.
                return inputs @ blame / len(inputs)
            0.5: That is the number of inputs of a digit. The mean is over the digits, which are the
            rows.
                return inputs.T @ blame / inputs.shape[1]
            0.5: The direction is turned round already. A gradient points uphill; the step goes
            against it.
                return -inputs.T @ blame / len(inputs)
            0.25: This is the mean blame of each neuron, the slope of its bias. A weight's blame also
            depends on what came in.
                return blame.mean(axis=0)
        """,
        hints=(
            "In lesson 3 it was `rows.T @ wrong / len(rows)`.",
            "What was `rows` there is `inputs` here, and `wrong` is `blame`.",
        ),
    ),
    Exercise.from_answers(
        id="4.5",
        points=2,
        asks="a function that sends blame back to the layer before",
        target="my_blame(blame, weights, hidden)",
        cases=_behind,
        tolerance=1e-6,
        answers="""
            1: Back along the same weights, to each neuron from all that it spoke to; and none to who
            was asleep, for a nudge of it would have changed nothing.
                return (blame @ weights.T) * (hidden > 0)
            0.5: A neuron that gave 0 gets blame as well. ReLU let nothing of it through, so that a
            nudge of its sum changes nothing.
                return blame @ weights.T
            0.25: The blame is multiplied by how much each neuron gave. It only matters whether it was
            awake.
                return (blame @ weights.T) * hidden
            0.25: Turned round: the blame goes to those that were asleep.
                return (blame @ weights.T) * (hidden <= 0)
            0.25: Blame may well be below 0: it says that a neuron gave too little. What must be above
            0 is what the neuron gave.
                return np.maximum(blame @ weights.T, 0)
            0: The weights must be laid on their side, for the blame goes along them the other way.
                return (blame @ weights) * (hidden > 0)
            0: `*` multiplies place by place. A neuron gets blame from all that it spoke to: `@` adds
            up.
                return blame * weights.T * (hidden > 0)
            0.25: Who was awake is all that this says. How much blame comes back, and from whom?
                return (hidden > 0).astype(float)
        """,
        hints=(
            "Forward it was `hidden @ weights`. Backward, the blame goes along the same weights.",
            "`.T` lays the weights on their side, so that each hidden neuron has a column.",
            "Then times `(hidden > 0)`: True counts as 1, False as 0.",
        ),
    ),
)
