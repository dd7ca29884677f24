"""Lesson 13, your own handwriting: least readable, held back, bounds, changes."""

import numpy as np

from mnist_lab.exercises.exercise import Case, Cases, Exercise
from mnist_lab.exercises.inputs import make_labels


def _read(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    one, other = (int(n) for n in rng.permutation(10)[:2])
    few = np.zeros((3, 10))
    few[:, one], few[:, other] = (0.9, 0.7, 0.4), (0.1, 0.3, 0.6)
    yield Case("2 of 3 digits", (np.array([other, one, other], np.uint8), few, 2))
    for count, n in ((40, 5), (30, 3), (60, 10)):
        rows = rng.dirichlet(np.full(10, 0.3), count).astype(np.float32)
        labels = rows.argmax(axis=1).astype(np.uint8)
        labels[::6] = (labels[::6] + 3) % 10
        yield Case(f"{n} of {count} digits", (labels, rows, n))


def _writers(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    names = np.array(["ada", "emmy", "grace", "maryam", "sofia"])
    one, other, third = rng.permutation(names)[:3]
    yield Case("4 digits", (np.array([one, other, one, third]), [str(other), str(one)]))
    for count, chosen in ((30, [1, 3]), (20, [4]), (40, [0, 2, 3])):
        writers = rng.permutation(np.resize(names, count))
        yield Case(f"{len(chosen)} of 5 writers", (writers, list(map(str, names[chosen]))))


def _tuned(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    few = rng.integers(1, 9, 6).astype(np.uint8)  # right, wrong still, and some of each change
    mended = 1 + seed % 3
    before, after = (np.array([0, 1, 0, 0, 0, 0], np.uint8) for _ in range(2))
    before[2 : 2 + mended], after[2 + mended :] = 1, 1
    yield Case("6 digits", (few, few + before, few + after))
    for count in (50, 40, 60):
        mended, broken = (int(n) for n in rng.permutation(12)[:2])
        labels = make_labels(seed + count, count)
        before, after = labels.copy(), labels.copy()
        wrong = rng.permutation(count)
        stay = mended + 3  # three stay wrong
        for answers, at in ((before, wrong[:stay]), (after, wrong[mended : stay + broken])):
            answers[at] = (labels[at] + 1 + rng.integers(0, 8, len(at))) % 10
        yield Case(f"{count} digits", (labels, before, after))


def _counts(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    yield Case("a few of a hundred wrong", (int(rng.integers(81, 97)), 100))
    yield Case("half of them right", (int(rng.integers(180, 220)), 400))
    yield Case("nearly all of many right", (int(rng.integers(9_700, 9_960)), 10_000))
    yield Case("all of a few right", (10 + seed % 9, 10 + seed % 9))
    yield Case("nearly all of a few right", (20 + seed % 9, 21 + seed % 9))
    yield Case("hardly any of a few right", (1, 11 + seed % 9))
    for total in (900, 3_000, 7_000):
        yield Case("some of many right", (int(rng.integers(total // 3, total * 4 // 5)), total))


EXERCISES: tuple[Exercise, ...] = (
    Exercise.from_answers(
        id="13.1",
        points=2,
        asks="a function that gives the bounds of a share",
        target="my_bounds(right, count)",
        cases=_counts,
        tolerance=1e-6,
        answers="""
            1: The more digits, the narrower: four times as many halve the distance. And a share is
            never below 0 or above 1.
                share = right / count
                width = 2 * np.sqrt(share * (1 - share) / count)
                return max(0, share - width), min(1, share + width)
            0.5: Without the 2 the bounds hold the true share only two times of three.
                share = right / count
                width = np.sqrt(share * (1 - share) / count)
                return max(0, share - width), min(1, share + width)
            0.5: A share is never above 1, nor below 0: cut the bounds off there.
                share = right / count
                width = 2 * np.sqrt(share * (1 - share) / count)
                return share - width, share + width
            0.25: How many digits there were is left out of the width: a thousand say more than ten.
                share = right / count
                width = 2 * np.sqrt(share * (1 - share))
                return max(0, share - width), min(1, share + width)
            0.25: The root is missing.
                share = right / count
                width = 2 * share * (1 - share) / count
                return max(0, share - width), min(1, share + width)
            0.25: This is the width alone. Between which two shares does the true one lie?
                share = right / count
                width = 2 * np.sqrt(share * (1 - share) / count)
                return width
            0: These are counts. A share goes from 0 to 1.
                width = 2 * np.sqrt(right * (count - right) / count)
                return right - width, right + width
        """,
        hints=(
            "First the share: `right / count`.",
            "The width is twice the root of share · (1 - share) / count.",
            "Return two numbers, with `max(0, ...)` and `min(1, ...)` around them.",
        ),
    ),
    Exercise.from_answers(
        id="13.2",
        points=2,
        asks="a function that finds the least readable digits",
        target="my_least_readable(labels, probabilities, n)",
        cases=_read,
        answers="""
            1: `probabilities[rows, labels]` takes one number from each row: what the network gave
            to the digit that it was. `argsort` puts the positions of the smallest first.
                believed = probabilities[np.arange(len(labels)), labels]
                return believed.argsort()[:n]
            0.5: This is where the network was least sure of its answer. A digit of which it was
            sure and wrong is harder to read still: ask what it gave to the true one.
                return probabilities.max(axis=1).argsort()[:n]
            0.5: These are the most readable. `argsort` begins with the smallest already.
                believed = probabilities[np.arange(len(labels)), labels]
                return believed.argsort()[::-1][:n]
            0.5: These are probabilities. Positions are wanted, so that one can look at the digits.
                believed = probabilities[np.arange(len(labels)), labels]
                return np.sort(believed)[:n]
            0.5: These are positions among the mistakes. After a mask the counting starts anew.
                wrong = probabilities.argmax(axis=1) != labels
                believed = probabilities[np.arange(len(labels)), labels]
                return believed[wrong].argsort()[:n]
            0: These are the first mistakes in the list. A mistake may have been a close one, and
            the order should be that of readability.
                return np.flatnonzero(probabilities.argmax(axis=1) != labels)[:n]
        """,
        hints=(
            "A digit is readable when the network gives much to what it really is. Where in its row "
            "does that number stand?",
            "`probabilities[np.arange(len(labels)), labels]` takes one number from each row.",
            "`argsort()` gives positions, those of the smallest numbers first.",
        ),
    ),
    Exercise.from_answers(
        id="13.3",
        points=1,
        asks="a function that marks the digits of the people who are held back",
        target="my_held_back(writers, names)",
        cases=_writers,
        answers="""
            1: A digit is held back when its writer is: all digits of a person go to the same side.
                return np.isin(writers, names)
            0.5: This marks everybody else's digits.
                return ~np.isin(writers, names)
            0: Only the first of the names is held back.
                return writers == names[0]
            0: Every fifth digit, whoever wrote it: the same hands are then on both sides, and the
            test asks for what has been learnt.
                return np.arange(len(writers)) % 5 == 0
            0: These are positions. True or False is wanted for each digit.
                return np.flatnonzero(np.isin(writers, names))
            0: This has one answer for each name. One for each digit is wanted.
                return np.array([name in writers for name in names])
            0: `return` ends the function at once: inside the loop only the first digit is marked.
                for writer in writers:
                    return [writer in names]
        """,
        hints=(
            "The answer is as long as `writers`: True where that digit's writer is among the names.",
            "A loop does it: `[writer in names for writer in writers]`.",
            "Numpy has a function for it: look up `np.isin`.",
        ),
    ),
    Exercise.from_answers(
        id="13.4",
        points=2,
        asks="a function that counts what fine-tuning mended and what it broke",
        target="my_changes(labels, before, after)",
        cases=_tuned,
        answers="""
            1: A digit is mended when it was wrong and is right, and broken when it was right and is
            wrong. What was wrong and stays wrong is neither.
                mended = (before != labels) & (after == labels)
                broken = (before == labels) & (after != labels)
                return mended.sum(), broken.sum()
            0: These are the mistakes before and after. A network may mend five and break five, and
            make as many as it did.
                return (before != labels).sum(), (after != labels).sum()
            0.5: The two numbers are swapped: what was mended comes first.
                mended = (before != labels) & (after == labels)
                broken = (before == labels) & (after != labels)
                return broken.sum(), mended.sum()
            0: This counts whether the answer changed. Whether it was right, only the labels say.
                return (before != after).sum(), (before == after).sum()
            0: These are the right answers after and before. What was right both times is neither
            mended nor broken.
                return (after == labels).sum(), (before == labels).sum()
            0: This is the difference of the two. What was mended and what was broken hide each
            other in it.
                gained = (after == labels).sum() - (before == labels).sum()
                return max(gained, 0), max(-gained, 0)
            0: `return` ends the function at once: inside the loop only the first digit is counted.
            It belongs below the loop, as far left as `for`.
                mended = broken = 0
                for i in range(len(labels)):
                    mended += before[i] != labels[i] and after[i] == labels[i]
                    broken += before[i] == labels[i] and after[i] != labels[i]
                    return mended, broken
        """,
        hints=(
            "There are four kinds of digits: right or wrong before, right or wrong after. Which two "
            "are asked for?",
            "`(before != labels) & (after == labels)` is True where a digit was mended.",
            "Swap the two comparisons for what was broken, and `.sum()` both.",
        ),
    ),
)
