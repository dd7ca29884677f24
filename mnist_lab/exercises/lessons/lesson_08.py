"""Lesson 8, measure it: answers, confusion, recall, the surest mistake."""

import numpy as np

from mnist_lab.exercises.exercise import Case, Cases, Exercise
from mnist_lab.exercises.inputs import make_labels


def _rows(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    few = np.zeros((2, 10), np.float32)
    for row, (first, second, third) in enumerate(rng.permutation(10)[:6].reshape(2, 3)):
        few[row, [first, second, third]] = 0.45, 0.3, 0.25
    yield Case("two rows", (few,))
    for count in (12, 10, 7):
        yield Case(f"{count} rows", (rng.dirichlet(np.full(10, 0.3), count).astype(np.float32),))


def _read(seed: int, count: int, wrong: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = make_labels(seed, count)
    answers = labels.copy()
    answers[:wrong] = (labels[:wrong] + rng.integers(1, 10, wrong)) % 10
    return labels, answers


def _answered(seed: int) -> Cases:
    labels, answers = _read(seed + 1, 40, 9)
    one, other = np.random.default_rng(seed).permutation(9)[:2]
    few = np.array([one, one, other], np.uint8), np.array([one, one, one], np.uint8)
    yield Case("three answers", few)
    yield Case("many answers", _read(seed, 200, 40))
    yield Case("few answers", (labels, answers))
    yield Case("answers among which there is no 9", (labels, np.minimum(answers, 8)))


def _matrices(seed: int) -> Cases:
    one, other = (int(n) for n in np.random.default_rng(seed).permutation(10)[:2])
    simple = np.diag(np.full(10, 4))
    simple[one, [one, other]] = 1, 3
    note = f"four of each digit, all right but three of the {one}s, which were read as {other},"
    yield Case(note, (simple,))
    for at, (count, wrong) in enumerate(((150, 40), (90, 70), (400, 300))):
        labels, answers = _read(seed + at, count, wrong)
        matrix = np.zeros((10, 10), int)
        np.add.at(matrix, (labels, answers), 1)
        yield Case(f"a matrix of {count} answers", (matrix,))


def _surest(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    a, b, c, d = (int(n) for n in rng.permutation(10)[:4])
    few = np.zeros((4, 10))
    few[0, [a, b]] = 0.9, 0.1  # right
    few[1, [b, d]] = 0.6, 0.4  # the first mistake
    few[2, [c, d]] = 0.8, 0.2  # the surest one
    few[3, [d, b]] = 0.7, 0.3  # one that gives nothing to the truth
    labels, order = np.array([a, d, d, a], np.uint8), rng.permutation(4)
    yield Case("four digits", (labels[order], few[order]))
    for count in (97, 83, 101, 89, 107):
        rows = rng.dirichlet(np.full(10, 0.2), count).astype(np.float32)
        labels = rows.argmax(axis=1).astype(np.uint8)
        order = rows.max(axis=1).argsort()
        wrong = order[[2, count // 2, count - 8]]  # the surest of all are right
        labels[wrong] = (labels[wrong] + 1) % 10
        if wrong[-1] == wrong.min():  # the surest mistake is never the first
            rows, labels = rows[::-1], labels[::-1]
        yield Case(f"{count} digits", (labels, rows))


EXERCISES: tuple[Exercise, ...] = (
    Exercise.from_answers(
        id="8.1",
        points=1,
        asks="a function that gives the answers for rows of probabilities",
        target="my_answers(probabilities)",
        cases=_rows,
        answers="""
            1: In each row the position of the largest probability is the digit, and `axis=1` goes
            along the rows.
                return probabilities.argmax(axis=1)
            0.5: These are ten positions, one for each column: which picture looks most like a 0, a
            1, and so on.
                return probabilities.argmax(axis=0)
            0.5: This is how sure the network is, not what it says.
                return probabilities.max(axis=1)
            0: One number for the whole table: tell `argmax` to stay within each row.
                return probabilities.argmax()
            0: Rounding gives ten numbers a row still, and none of them is 1 where the network is
            unsure.
                return probabilities.round()
            0: `return` ends the function at once: inside the loop only the first row is answered.
                for row in probabilities:
                    return [row.argmax()]
            0: This is the least probable digit of each row.
                return probabilities.argmin(axis=1)
        """,
        hints=(
            "It is done for a single row in the cell above.",
            "Give `argmax` an `axis`, so that it gives one position for each row.",
            "`axis=0` goes down the columns, so it must be the other one.",
        ),
    ),
    Exercise.from_answers(
        id="8.2",
        points=2,
        asks="a function that counts the confusion matrix",
        target="my_confusion(labels, answers)",
        cases=_answered,
        answers="""
            1: Each digit adds 1 to one place: its row is what it was, its column what was answered.
                counts = np.zeros((10, 10), int)
                for label, answer in zip(labels, answers):
                    counts[label, answer] += 1
                return counts
            0.5: Rows and columns are swapped: a row should be what the digit was.
                counts = np.zeros((10, 10), int)
                for label, answer in zip(labels, answers):
                    counts[answer, label] += 1
                return counts
            0: Each place is 1 at most, however often it happened. That is also what `counts[labels,
            answers] += 1` does, which takes each place once.
                counts = np.zeros((10, 10), int)
                for label, answer in zip(labels, answers):
                    counts[label, answer] = 1
                return counts
            0: `return` ends the function at once: inside the loop only the first pair is counted. It
            belongs below the loop, as far left as `for`.
                counts = np.zeros((10, 10), int)
                for label, answer in zip(labels, answers):
                    counts[label, answer] += 1
                    return counts
            0: `[row] * 10` is ten times one and the same row: what is counted in one is counted in
            all. `np.zeros((10, 10), int)` makes ten of them.
                counts = [[0] * 10] * 10
                for label, answer in zip(labels, answers):
                    counts[label][answer] += 1
                return counts
            0: Only the right answers are counted. The mistakes belong beside the diagonal.
                counts = np.zeros((10, 10), int)
                for label, answer in zip(labels, answers):
                    counts[label, answer] += label == answer
                return counts
            0.5: Only the mistakes are counted. The right answers belong on the diagonal.
                counts = np.zeros((10, 10), int)
                for label, answer in zip(labels, answers):
                    counts[label, answer] += label != answer
                return counts
        """,
        hints=(
            "Begin with a table of zeros, ten by ten, and go through labels and answers together.",
            "`for label, answer in zip(labels, answers):` gives both. Which place does a pair "
            "belong to?",
            "`counts[row, column] += 1`, where the row is what it was.",
        ),
    ),
    Exercise.from_answers(
        id="8.3",
        points=2,
        asks="a function that gives the recall of each digit",
        target="my_recall(confusion)",
        cases=_matrices,
        answers="""
            1: The diagonal has the right answers, and a row has all the digits of its kind.
                return confusion.diagonal() / confusion.sum(axis=1)
            0.5: This is the precision: of all that were read as a 7, how many were one. Recall asks
            of all that were a 7.
                return confusion.diagonal() / confusion.sum(axis=0)
            0: You divide by all digits together. Each digit should be compared with its own kind.
                return confusion.diagonal() / confusion.sum()
            0: This is the accuracy, one number for all. Recall is a number for each digit.
                return confusion.trace() / confusion.sum()
            0.25: These are counts. A share is wanted, from 0 to 1.
                return confusion.diagonal()
            0.5: The largest number of a row is not always the one on the diagonal: a digit may be
            read as another more often than as itself.
                return confusion.max(axis=1) / confusion.sum(axis=1)
            0.5: This is the share that was missed; the share that was found is asked for.
                return 1 - confusion.diagonal() / confusion.sum(axis=1)
        """,
        hints=(
            "Of all the 7s, how many were found? Which row or column holds all the 7s?",
            "`confusion.diagonal()` are those found. Divide each by the sum of its row, for a row "
            "is what the digits were.",
            "`confusion.sum(axis=...)` gives ten sums: which axis goes along the rows?",
        ),
    ),
    Exercise.from_answers(
        id="8.4",
        points=2,
        asks="a function that finds the surest mistake",
        target="my_surest_mistake(labels, probabilities)",
        cases=_surest,
        answers="""
            1: Where the answer is right, how sure it was is set to 0, so that only mistakes can
            win. The position is then one in the whole list.
                wrong = probabilities.argmax(axis=1) != labels
                sure = np.where(wrong, probabilities.max(axis=1), 0)
                return int(sure.argmax())
            0: This is the surest answer of all, and it is right. Only mistakes should count.
                return int(probabilities.max(axis=1).argmax())
            0.5: The position is one among the mistakes. After a mask the counting starts anew;
            which digit of all was it?
                wrong = probabilities.argmax(axis=1) != labels
                return int(probabilities[wrong].max(axis=1).argmax())
            0.5: This says how sure it was. Which digit was it?
                wrong = probabilities.argmax(axis=1) != labels
                return np.where(wrong, probabilities.max(axis=1), 0).max()
            0.25: This is the digit to which it gave least of what it should have: a mistake, and
            not always the one of which it was surest.
                return int(probabilities[np.arange(len(labels)), labels].argmin())
            0.25: This is the first mistake in the list, not the surest.
                wrong = probabilities.argmax(axis=1) != labels
                return int(wrong.argmax())
        """,
        hints=(
            "Two conditions: the answer is wrong, and the largest probability is as large as can be.",
            "A mask changes the positions. `np.where(condition, a, b)` keeps them: what could `b` be?",
            "Let the sureness be 0 where the answer is right, then look for the largest.",
        ),
    ),
)
