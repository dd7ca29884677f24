"""What a card says to beginners: the mistakes they make, word by word, and Python's own errors."""

import math

import beginners
import numpy as np
import pytest

from mnist_lab import exercises
from mnist_lab.exercises import ____, student
from mnist_lab.exercises.errors import explain
from mnist_lab.exercises.surroundings import parameters_unread

COUNTS = [0] * 10
LABELS = np.array([3, 1, 3], np.uint8)


@pytest.fixture(autouse=True)
def record_of_its_own(monkeypatch):
    """No test knows what another has done."""
    monkeypatch.setattr(student, "_record", student._Record())


def function(source):
    """A function as a student types it, by its body; it takes what its exercise says."""
    name, _, body = source.partition("\n")
    head = exercises.find(name).solution.partition("\n")[0]
    space = {"np": np, "math": math}
    exec(f"{head}\n{body}", space)
    return name, space[exercises.find(name).names[0]]


# What beginners hand in, by the points that it earns and a part of what its card says.
MISTAKES = [
    (0.5, "counted from 0", "7.2\n return losses.index(min(losses))"),
    (0.5, "counted from 0", "7.2\n return np.argmin(losses)"),
    (0.25, "for the first time", """7.2
 for i in range(len(losses) - 1):
    if losses[i + 1] > losses[i]: return i + 1
 return len(losses)"""),
    (1, "Rows and columns are swapped", """8.2
 counts = np.zeros((10, 10))
 for label, answer in zip(labels, answers): counts[answer][label] += 1
 return counts"""),
    (0, "inside the loop", """8.2
 counts = [[0 for _ in range(10)] for _ in range(10)]
 for i in range(len(labels)):
    counts[labels[i]][answers[i]] += 1
    return counts"""),
    (0, "one and the same row", """8.2
 counts = [[0]*10]*10
 for i in range(len(labels)): counts[labels[i]][answers[i]] += 1
 return counts"""),
    (1, "sign is the other way", "3.6\n return math.log(probabilities[label])"),
    (0, "averaged all ten", "3.6\n return -sum(math.log(p) for p in probabilities) / 10"),
    (1, "rounded", "3.6\n return round(-math.log(probabilities[label]), 2)"),
    (1, "as Python's own are", "3.1\n return images / 255"),
    (1, "as Python's own are", "3.1\n return (images / 255).tolist()"),
    (1, "paint over the digit itself", "11.2\n digit[row:row+5, column:column+5] = 0\n return digit"),
    (1, "paint over the digit itself",
     "11.2\n new = digit\n new[row:row+5, column:column+5] = 0\n return new"),
    (1, "paint over the digit itself",
     "11.2\n new = digit[:]\n new[row:row+5, column:column+5] = 0\n return new"),
    (0, "number of its rows", """5.4
 out = []
 for r in range(0, len(picture), 2):
    row = []
    for c in range(0, len(picture), 2): row.append(max(picture[r, c], picture[r, c + 1],
        picture[r + 1, c], picture[r + 1, c + 1]))
    out.append(row)
 return out"""),
    (0, "MNIST alone",
     "2.5\n return images[:48000], labels[:48000], images[48000:], labels[48000:]"),
    (1, "one image too late", """2.5
 n = len(images) * 4 // 5
 return images[:n + 1], labels[:n + 1], images[n + 1:], labels[n + 1:]"""),
    (0, "numbers in it are not|not yet what was asked", """2.5
 order = np.random.permutation(len(images))
 n = len(images) * 4 // 5
 return images[order[:n]], labels[order[:n]], images[order[n:]], labels[order[n:]]"""),
    (1, "Ink may be faint", """9.3
 rows = [r for r in range(len(ink)) if (ink[r] > 127).any()]
 columns = [c for c in range(len(ink[0])) if (ink[:, c] > 127).any()]
 return ink[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]"""),
    (1, "not always the one on the diagonal",
     "8.3\n return [max(row) / sum(row) for row in confusion]"),
    (0.5, "counted from 0", "1.2\n return image[3:11, 9:17]"),
    (0, "inside the loop", """1.3
 counts = [0] * 10
 for label in labels:
    counts[label] += 1
    return counts"""),
    (0, "one and the same list", """3.4
 row = [0] * 10
 out = []
 for label in labels:
    row[label] = 1
    out.append(row)
 return out"""),
    (1, "squares the differences",
     "1.5\n return ((one.astype(float) - other) ** 2).mean() ** 0.5"),
    (0, "window of 3 alone", "5.1\n return size - 2"),
    (0.5, "paper lacks", "9.2\n return picture.astype(int) + 255 - paper"),
    (1, "`round`", """9.4
 w = digit.astype(int)
 total = w.sum()
 row = sum(r * w[r, :].sum() for r in range(28)) / total
 column = sum(c * w[:, c].sum() for c in range(28)) / total
 return int(14 - row), int(14 - column)"""),
    (0.5, "round like a clock", """9.4
 rows = [sum(digit[r, :]) for r in range(28)]
 columns = [sum(digit[:, c]) for c in range(28)]
 row = sum(r * int(rows[r]) for r in range(28)) / sum(int(n) for n in rows)
 column = sum(c * int(columns[c]) for c in range(28)) / sum(int(n) for n in columns)
 return round(14 - row), round(14 - column)"""),
    (1, "moves to the left", """7.4
 moved = np.zeros_like(images)
 moved[:, :, :-1] = images[:, :, 1:]
 return np.concatenate([images, moved]), np.concatenate([labels, labels])"""),
    (1, "missing at the end", "1.3\n return np.bincount(labels)"),
    (1, "missing at the end", "1.3\n return list(np.bincount(labels))"),
    (0, "whole numbers", "2.5\n n = len(images)/5*4\n return images[:n], labels[:n], images[n:], labels[n:]"),
    (1, "0 - 1 is 255", """3.4
 rows = np.zeros((len(labels), 10))
 for i in range(len(labels)): rows[i, labels[i] - 1] = 1
 return rows"""),
    (1, "0 - 1 is 255", """3.4
 rows = []
 for label in labels:
    row = [0] * 10
    row[label - 1] = 1
    rows.append(row)
 return rows"""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("points", "says", "source"), MISTAKES + beginners.MISTAKES, ids=lambda each: str(each)[:24]
)
def test_what_beginners_hand_in_gets_its_words(points, says, source):
    """A mistake keeps its name and its points however it is typed."""
    found = exercises.check(*function(source))
    assert found.points == points, found
    assert any(each in found.message for each in says.split("|")), found
    assert str(found.example)


VALUES = [
    ("1.1", (len(range(60_000)),), 0, "These are images"),
    ("1.1", ((60_000, 28, 28),), 0, "three numbers"),
    ("6.2", (208, 1000), 1, "The convolution is right"),
    ("6.2", (200, 1010), 1, "The dense layer is right"),
]


@pytest.mark.parametrize(("id", "values", "points", "says"), VALUES)
def test_values_that_beginners_hand_in_get_their_words(id, values, points, says):
    """A number that is not the right one is told what it is."""
    found = exercises.check(id, *values)
    assert found.points == points and says in found.message, found


RIGHT = [
    "3.3\n weight = weight - slope * rate\n return weight",
    "7.2\n return losses.index(min(losses)) + 1",
    "9.2\n return (picture / paper * 255).round().astype(np.uint8)",
    "9.2\n return (picture / paper * 255).astype(np.uint8)",
    """11.2
 new = [list(line) for line in digit]
 for r in range(row, row + 5):
    for c in range(column, column + 5): new[r][c] = 0
 return new""",
    "13.3\n return [writer in names for writer in writers]",
]


@pytest.mark.parametrize("source", RIGHT, ids=lambda each: each[:12])
def test_what_is_right_counts_however_it_is_written(source):
    """Loops, lists, Python's own numbers, other ways round."""
    found = exercises.check(*function(source))
    assert found.verdict == "right", found


def test_a_case_that_is_wrong_is_shown():
    """The input, what it gave and what is wanted stand on the card."""
    shown = repr(exercises.check("1.3", np.bincount))
    assert "For `labels = [4, 5, 4]` it gives `[0, 0, 0, 0, 2, 1]`; wanted is `[0, 0," in shown


def counts_outside(labels):
    for label in labels:
        COUNTS[label] += 1
    return COUNTS


def counts_through_a_helper(labels):
    return counts_outside(labels)


def counts_by_name(labels):
    global TOTAL  # noqa: PLW0603
    TOTAL = len(labels)
    return np.bincount(labels, minlength=10)


def test_a_check_leaves_the_notebook_as_it_was():
    """What a function changes outside is named, and put back, through helpers and by `global`."""
    for own in (counts_outside, counts_through_a_helper):
        found = exercises.check("1.3", own)
        assert COUNTS == [0] * 10 and found.points < 2
        assert ", its call number 2, it gives" in str(found.example)
        assert "changes `COUNTS`" in found.message and "Make it anew inside" in found.message
    found = exercises.check("1.3", counts_by_name)
    assert found.verdict == "right" and "also changes `TOTAL`" in found.message
    assert "TOTAL" not in globals()


def test_a_closure_an_array_and_the_luck_are_left_as_they_were():
    """A variable of an outer function, an array in place, the next random number."""
    seen, table = [], np.zeros(3)

    def own(labels):
        seen.append(len(labels))
        table[:] += np.random.random(3)  # noqa: NPY002
        return np.bincount(labels, minlength=10)

    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    exercises.check("1.3", own)
    assert (seen, table.tolist()) == ([], [0, 0, 0])
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


def takes_the_notebooks(images, of):  # noqa: ARG001
    return np.bincount(LABELS, minlength=10)[of]


def test_the_notebooks_own_variable_is_noticed():
    """Who never looks at what the function is given reads so, on a card that is not right."""
    assert parameters_unread(takes_the_notebooks) == ("images",)
    assert parameters_unread(len) == () == parameters_unread(lambda x: [x for _ in range(2)])
    found = exercises.check("1.3", lambda labels: np.bincount(LABELS, minlength=10))
    assert not found.points and "never looks at `labels`" in found.message


def test_a_blank_in_a_sum_is_still_a_blank():
    """`____ + 1` is not attempted, and no error with "Blank" in it."""
    assert exercises.check("1.1", ____ + 1).verdict == "not attempted"
    assert exercises.check("5.1", lambda size, window: size - ____).verdict == "not attempted"
    with pytest.raises(TypeError):
        list(____)


SLICE = [1, 2, 3]
ARRAY = np.arange(6).reshape(2, 3)
NOTHING = None
ERRORS = [
    ("SLICE[: 3 / 5]", "`//`"),
    ("range(3 / 1)", "`//`"),
    ("np.zeros(4 / 2)", "`//`"),
    ("SLICE[0, 1]", "np.array(table)"),
    ("SLICE[1.0]", "whole number"),
    ("ARRAY[1.0]", "whole number"),
    ("ARRAY[0, 0, 0]", "more positions"),
    ("np.zeros(10)[LABELS[0] - LABELS[0] - np.uint8(1)]", "position 255"),
    ("ARRAY[0, 3]", "There is no position 3 where there are 3"),
    ("SLICE[3]", "beyond the end"),
    ("unknown", "does not know `unknown`"),
    ("(lambda a: a)(1, 2)", "calls it with 2 things"),
    ("(lambda a, b: a)(1)", "too little"),
    ("NOTHING[0]", "None"),
    ("NOTHING + 1", "None"),
    ("SLICE * 0.5", "np.array"),
    ("SLICE - 1", "np.array"),
    ("'3' + SLICE", "np.array"),
    ("1 + {}", "cannot join"),
    ("len[SLICE]", "round ones call it"),
    ("LABELS[0][0]", "single number"),
    ("size[0]", "single number"),
    ("SLICE(0)", "Round brackets call"),
    ("[x for x in 3]", "range(n)"),
    ("ARRAY + np.zeros(2)", "(2,3), the other (2,)"),
    ("np.zeros(2).__setitem__(slice(None), np.zeros(3))", "the place for it (2,)"),
    ("ARRAY @ ARRAY", "columns on the left"),
    ("1 if ARRAY else 2", ".any()"),
    ("np.array([[1, 2], [3]])", "as long as"),
    ("ARRAY.reshape(4, 4)", "The 6 numbers"),
    ("ARRAY.sum(axis=2)", "There is no axis 2"),
    ("SLICE.mean()", "A list has no `mean`"),
    ("np.meen(ARRAY)", "There is no `meen`"),
    ("np.uint8(3) - 256", "`uint8` holds 0 to 255"),
    ("1 // 0", "divides by 0"),
    ("(lambda f: f(f))(lambda f: f(f))", "again and again"),
    ("[0 for a, b in [[1, 2, 3]]]", "more or fewer names"),
    ("{}['seven']", "print its keys"),
    ("(1, 2).__setitem__(0, 1) if 0 else exec('t = (1, 2); t[0] = 3')", "in place"),
    ("max([])", "nothing was left"),
    ("ARRAY[:, :0].max()", "nothing was left"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "says"), ERRORS)
def test_an_error_is_told_in_a_sentence(source, says):
    """What it means and where to look, and below it Python's own line."""
    found = exercises.check("5.1", eval(f"lambda size, window: {source}", globals()))
    sentence, line = found.message.split("\n")
    assert says in sentence, found.message
    assert line.startswith("`") and "Error: " in line
    assert f"<code>{line[1:8]}" in found._repr_html_()


def test_a_local_that_has_no_value_yet_is_told_too():
    """The one of the twenty that needs a function of its own."""

    found = exercises.check(*function("5.1\n places += 1\n return places"))
    assert "`places` is set somewhere" in found.message


def test_an_error_nobody_knows_is_left_as_it_is():
    """Python's own line alone."""
    assert explain("OddError: so it goes") == "OddError: so it goes"
