"""Exercises beside writing code: predict, explain, build and mend a model; and what runs on."""

import json
import linecache
import re
import runpy

import numpy as np
import pytest

from mnist_lab import exercises
from mnist_lab.exercises import Exercise, ____, marking, student
from mnist_lab.exercises.building import (
    Task,
    activation,
    layers,
    loss,
    output,
    parameters,
    quotes_nothing,
)
from mnist_lab.grading.kernel import protocol

PREDICT = Exercise.from_answers(
    id="1.1",
    kind="predict",
    points=1,
    asks="how often a program is right that always says 1",
    target="my_guess",
    ranges=((8, 14), (14, 100), (0, 8)),
    example="Of 20 balls in ten colours about two have the colour that you name.",
    hints=("How many digits are there?", "About one in ten is a 1."),
    answers="""
        1: About one digit in ten is a 1.
            my_guess = 11
        0.5: It would have to look at the digit to be right so often.
            my_guess = 50
        0.5: There are only ten digits: even blind it is right more often.
            my_guess = 1
    """,
)
EXPLAIN = Exercise.from_answers(
    id="1.1",
    kind="explain",
    points=1,
    asks="why two layers without a bend are one",
    target="my_reason",
    example="2 * (3 * x) is 6 * x: one number does what two did.",
    hints=("Put one sum into the other.", "What is 2 * (3 * x)?"),
    answers="""
        1: A weighted sum of weighted sums is one weighted sum.
            my_reason = "b"
        0: They have more numbers, and still draw a straight line.
            my_reason = "a"
        0: It trains as any other network does.
            my_reason = "c"
    """,
)
CHECKS = (
    layers("Conv2D", "MaxPooling2D", "Flatten", "Dense"),
    output(10),
    activation("softmax"),
    parameters(8 * 10 + 13 * 13 * 8 * 10 + 10),
    loss("sparse_categorical_crossentropy"),
)
BUILD = Exercise.from_answers(
    id="1.1",
    kind="build",
    points=4,
    asks="a small network",
    target="my_model",
    task=Task(CHECKS, accuracy=((0.9, 1), (0.5, 0.75), (0, 0.5)), count=60),
    hints=("Begin with `keras.Input`.", "Five layers."),
    answers="""
        1: A window, a smaller picture, one long row, ten answers.
            import keras
            my_model = keras.Sequential([
                keras.Input((28, 28, 1)),
                keras.layers.Conv2D(8, 3, activation="relu"),
                keras.layers.MaxPooling2D(),
                keras.layers.Flatten(),
                keras.layers.Dense(10, activation="softmax"),
            ])
            my_model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    """,
)


@pytest.fixture(autouse=True)
def record_of_its_own(monkeypatch):
    """No test knows what another has done."""
    monkeypatch.setattr(student, "_record", student._Record())


@pytest.fixture
def only(monkeypatch):
    """Let an exercise be the one that there is."""
    return lambda exercise: monkeypatch.setattr(student, "find", lambda _: exercise)


@pytest.mark.parametrize(
    ("guess", "verdict", "says"),
    [
        (10, "right", "one digit in ten"), (np.float32(11.4), "right", "one digit in ten"),
        (60, "partly right", "look at the digit"), ([5], "partly right", "only ten"),
        (-3, "wrong", "not the right one"), (____, "not attempted", "____"),
    ],
)  # fmt: skip
def test_a_prediction_is_told_what_it_says_of_ones_idea(only, guess, verdict, says):
    """A number within bounds; then the cell is run, and both are compared."""
    only(PREDICT)
    found = exercises.check("1.1", guess)
    shown = found.message if verdict != "right" else PREDICT.why
    assert found.verdict == verdict and says in shown, found
    assert verdict == "not attempted" or found.next_step == "Run the next cell, and compare."


@pytest.mark.parametrize("choice", ["b", "B", " b "])
def test_a_choice_counts_however_it_is_typed(only, choice):
    """Capitals and spaces make no difference."""
    only(EXPLAIN)
    assert exercises.check("1.1", choice).verdict == "right"


def test_a_choice_that_is_none_is_told_so(only):
    """The choices are named, not which is right; a wrong one is told what is wrong with it."""
    only(EXPLAIN)
    assert 'none of the choices: `"a"`, `"b"`, `"c"`' in exercises.check("1.1", "d").message
    assert "straight line" in exercises.check("1.1", "A").message


@pytest.fixture(scope="module")
def keras():
    """Keras, which takes its time."""
    import keras

    return keras


def built(keras, *layers, loss="sparse_categorical_crossentropy"):
    model = keras.Sequential([keras.Input((28, 28, 1)), *layers])
    if loss:
        model.compile(optimizer="adam", loss=loss)
    return model


def whole(keras, *, last="softmax", loss="sparse_categorical_crossentropy", kernels=8):
    make = keras.layers
    return built(
        keras, make.Conv2D(kernels, 3, activation="relu"), make.MaxPooling2D(),
        make.Dropout(0.1), make.Flatten(), make.Dense(10, activation=last), loss=loss,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("make", "points", "says"),
    [
        (whole, 2, "reads [0-9.]+% of 60 digits"),
        (lambda keras: whole(keras, last=None), 1, "activation `none`; `softmax` is wanted"),
        (lambda keras: whole(keras, loss=""), 1, "not compiled yet"),
        (lambda keras: whole(keras, loss="mse"), 1, "Its loss is `mse`"),
        (lambda keras: whole(keras, kernels=4), 1, r"`Conv2D 40`, .*`Dense 6,770`"),
        (lambda keras: built(keras, keras.layers.Flatten(), keras.layers.Dense(5)), 0,
         "No `Conv2D` stands where one is wanted"),
        (lambda _: "my_model", 0, "must be a Keras model"),
        (lambda _: (lambda digits: digits), 0, "must be a Keras model"),
        (lambda _: (lambda digits: {"layers": [{}], "loss": 3}), 0, "must be a Keras model"),
        (lambda keras: keras.Sequential([keras.Input((5,)), keras.layers.Dense(10)]), 0,
         "do not fit into the shape"),
    ],
    ids=["untrained", "linear", "not compiled", "mse", "kernels", "dense", "text", "function",
         "dict", "input"],
)  # fmt: skip
def test_a_model_is_asked_for_one_thing_after_another(only, keras, make, points, says):
    """The first thing that is wrong is named, with what it has and what is wanted."""
    only(BUILD)
    found = exercises.check("1.1", make(keras))
    assert found.points == points and re.search(says, found.message), found


def test_a_model_without_an_input_is_built_by_being_shown_digits(only, keras):
    """Nobody has to name the shape of the input."""
    only(BUILD)
    late = keras.Sequential([type(e).from_config(e.get_config()) for e in whole(keras).layers])
    late.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    assert "of 60 digits" in exercises.check("1.1", late).message
    of_any_size = keras.Sequential([keras.Input((None, None, 1)), keras.layers.Conv2D(8, 3)])
    assert "No `MaxPooling2D`" in exercises.check("1.1", of_any_size).message


class Oracle:
    """Answers as if it read: it has a model's layers and knows the labels."""

    def __init__(self, model, labels, share):
        self.model, self.labels, self.share = model, labels, share

    def __getattr__(self, name):
        return getattr(self.model, name)

    def __call__(self, digits, **_):
        right = len(digits) * self.share
        labels = np.where(np.arange(len(digits)) < right, self.labels, (self.labels + 1) % 10)
        return np.eye(10)[labels]


@pytest.mark.parametrize(
    ("share", "points"), [(1, 4), (51 / 60, 4), (0.8, 3), (27 / 60, 3), (26 / 60, 2), (0, 2)]
)
def test_points_follow_the_digits_that_it_reads(only, keras, share, points):
    """In the notebook as in grading, where the digits are others; the message tells no other word.

    On the stand-in, which is harder to read, 6 points less than on MNIST are wanted.
    """
    only(BUILD)
    for seed in (0, 7):
        _, labels = BUILD.task._digits(seed)
        taken = exercises.take(BUILD, [Oracle(whole(keras), labels, share)], seed=seed)
        sent = protocol.load_answers(protocol.dump_answers(taken), 1)
        found = exercises.mark(BUILD, sent, seed=seed)
        assert found.points == points and f"{share:.1%} of 60" in found.message, found
        assert quotes_nothing(found.message)
    assert not quotes_nothing("Its loss is `mse`")
    assert (BUILD.task._digits(0)[0] != BUILD.task._digits(7)[0]).any()


@pytest.mark.usefixtures("keras")
def test_the_kits_own_model_is_built_as_asked():
    """The solution passes each check."""
    (answer,) = marking.answers_of(BUILD, BUILD.solution)
    assert [check(answer.value) for check in CHECKS] == [""] * len(CHECKS)


def my_places(size, window):
    return size - window + 1


@pytest.mark.parametrize(
    ("own", "line"),
    [
        (my_places, "5.1: your own my_places.\n"),
        (lambda size, window: size, "5.1: yours is not right yet; here is the kit's my_places.\n"),
        (lambda size, window: ____, "5.1: yours is not there yet; here is the kit's my_places.\n"),
        (____, "5.1: yours is not there yet; here is the kit's my_places.\n"),
        (lambda size, window: 1 / 0, "5.1: yours is not right yet; here is the kit's my_places.\n"),
    ],
)
def test_what_one_writes_is_what_runs(capsys, own, line):
    """A function that is right is used, else the kit's; a line says which."""
    places = exercises.use("5.1", own)
    assert places(28, 3) == 26 and capsys.readouterr().out == line
    assert (places is own) == ("your own" in line)


def test_values_are_used_too_and_the_kits_cannot_be_spoilt():
    """One value as itself, two as two; what is changed in one is not in the next."""
    assert exercises.use("6.2", 208, ____) == [208, 1010]
    kernel = exercises.use("5.3", ____)
    kernel[:] = 0
    assert exercises.use("5.3", ____)[2].tolist() == [1, 1, 1]


def test_using_leaves_no_trace(tmp_path):
    """It is no check: nothing is earned."""
    exercises.keep_progress(tmp_path / "progress.json")
    exercises.use("5.1", my_places)
    assert "lesson 5: 0 of" in repr(exercises.progress())


# What a student may write in one lesson, for another to run on: with a module, a function of their
# own, another name, values.
KEPT = [
    ("5.1", "def my_places(size, window):\n    return size - window + 1\nanswer = my_places"),
    ("5.1", "my_places = lambda size, window: size - window + 1\nanswer = my_places"),
    ("5.1", """
import operator as op
def less(a, b): return op.sub(a, b)
def places(size, window): return less(size, window) + 1
answer = places"""),
    ("5.3", "answer = [[-1, -1, -1], [0, 0, 0], [1, 1, 1]]"),
]  # fmt: skip


@pytest.mark.parametrize(("id", "source"), KEPT)
def test_a_later_lesson_runs_on_what_was_right(tmp_path, capsys, id, source):
    """In another notebook, another kernel, `use` gives what `check` last called right."""
    path = tmp_path / "cell.py"
    path.write_text(source)
    space = runpy.run_path(str(path))
    keep = tmp_path / "progress.json"
    exercises.keep_progress(keep)
    linecache.clearcache()
    assert exercises.check(id, space["answer"]).verdict == "right"
    exercises.keep_progress(keep)  # as in another kernel: all is read anew
    found = exercises.use(id)
    assert "your own" in capsys.readouterr().out
    assert found(28, 3) == 26 if callable(found) else found[2].tolist() == [1, 1, 1]


@pytest.mark.parametrize("text", ["", "1 / 0", "my_places = 3", "def my_places(", "x = 1"])
def test_what_was_kept_and_spoilt_gives_the_kits(tmp_path, capsys, text):
    """A text that nobody kept, or that somebody changed, is not there yet or not right."""
    path = tmp_path / "progress.json"
    path.write_text(json.dumps({"5.1": {"points": 1, "own": text}}))
    exercises.keep_progress(path)
    assert exercises.use("5.1")(28, 3) == 26
    assert "here is the kit's my_places, from lesson 5.\n" in capsys.readouterr().out


@pytest.mark.parametrize(("id", "values"), [("9.99", (1,)), ("6.2", (1,))])
def test_using_nothing_is_an_error(id, values):
    """A typing error in the id, or a value that is missing, is told at once."""
    with pytest.raises(LookupError, match=r"no exercise '9.99'|my_convolution, my_dense"):
        exercises.use(id, *values)
