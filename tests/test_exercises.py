"""The exercises: what each answer gets, and that nothing a student writes breaks a check."""

import contextlib
import json
import re
import signal
import sys

import numpy as np
import pytest
from beginners import ANSWERS, EQUIVALENT
from mutants import mutants

from mnist_lab import exercises
from mnist_lab.exercises import ____, answers, student
from mnist_lab.exercises.cards import text_html
from mnist_lab.exercises.comparing import alike
from mnist_lab.exercises.exercise import names_set_by
from mnist_lab.exercises.marking import answers_of
from mnist_lab.grading.kernel import protocol

EVERY = exercises.all_exercises()
BY_ID = {exercise.id: exercise for exercise in EVERY}
PLAIN = [exercise for exercise in EVERY if not exercise.task]  # a model has its own tests


class Always:
    """Equal to everything, an array to nobody."""

    __hash__ = None

    def __eq__(self, _):
        return True

    def __repr__(self):
        raise RuntimeError


class Posing:
    """Calls itself an array."""

    def __array__(self, *_, **__):
        raise SystemExit


def raises(*_):
    raise ValueError(Always)


def generates(*_):
    yield 1


def prints(*_):
    print("1")


def never_ends(*_):
    while True:
        with contextlib.suppress(Exception):
            pass


can_be_stopped = pytest.mark.skipif(
    not hasattr(signal, "setitimer"), reason="this system cannot stop a student's loop"
)


FAILED = answers.Answer("error", message="ValueError: no")
JUNK = [
    None, "text", b"bytes", "7", Always(), Posing(), Always, object, np.nan, 1e999, 10**400, {}, [],
    [[1], [1, 2]], np.full((28, 28), np.nan), np.zeros((3, 0)), np.array([None, Always()]),
    np.array(["a"]), 1j, raises, generates, generates(), prints, lambda: 1, lambda *a: a,
    lambda *a: Always(), lambda *a: np.zeros((5, 4, 3)), lambda *a: sys.exit(), lambda *a: prints,
    np.zeros(3, "datetime64[s]"), range(3), {1, 2},
]  # fmt: skip


@pytest.fixture(autouse=True)
def record_of_its_own(monkeypatch):
    """No test knows what another has done."""
    monkeypatch.setattr(student, "_record", student._Record())


def answer(exercise, source):
    """What a student would hand to the check who wrote this."""
    names = dict(names_set_by("import numpy as np\n" + source))
    return [names[name] for name in exercise.names]


@pytest.mark.parametrize("exercise", EVERY, ids=lambda e: e.id)
def test_solution_is_right_whatever_the_inputs(exercise):
    """The solution gets full marks, with inputs from any seed."""
    for seed in (0, 1, 2**32 - 1):
        taken = exercises.take(exercise, answer(exercise, exercise.solution), seed=seed)
        found = exercises.mark(exercise, taken, seed=seed)
        assert (found.verdict, found.points) == ("right", exercise.points), found


@pytest.mark.parametrize(
    "exercise", [e for e in EVERY if not e.task or e.id in ANSWERS], ids=lambda e: e.id
)
def test_what_a_beginner_writes_is_right_whatever_the_inputs(exercise):
    """Loops and lists get full marks as well, here and in grading, and nothing else is said."""
    for seed in (0, 1, 5, 2**32 - 1):
        taken = exercises.take(exercise, answer(exercise, ANSWERS[exercise.id]), seed=seed)
        sent = protocol.load_answers(protocol.dump_answers(taken), len(exercise.notes))
        found = exercises.mark(exercise, sent, seed=seed)
        assert (found.verdict, found.points) == ("right", exercise.points), found
        assert not found.message or exercise.task  # a model is told how much it reads


@pytest.mark.parametrize("exercise", EVERY, ids=lambda e: e.id)
def test_each_misconception_gets_its_own_words(exercise):
    """A plausible wrong answer is told what is behind it, and never the answer."""
    assert len(exercise.misconceptions) >= 5
    for each in exercise.misconceptions:
        found = exercises.check(exercise.id, *answer(exercise, each.source))
        assert found.message == each.message and found.points == exercise.points * each.share
        assert found.verdict == ("partly right" if each.share else "wrong")
        answer_itself = exercise.solution.splitlines()[-1].split("=")[-1].strip()
        assert exercise.task or answer_itself not in each.message


def in_form(value, form):
    """An answer as another kind of the same numbers."""
    if isinstance(value, str) or value is None:
        return value
    try:
        array = np.asarray(value)
    except ValueError:  # parts of different shapes
        return type(value)(in_form(each, form) for each in value)
    if array.dtype.kind not in "biuf":
        return type(value)(in_form(each, form) for each in value)
    whole = array.dtype.kind != "f" or bool((array == array.round()).all())
    return {
        "list": array.tolist, "array": lambda: array, "tuple": lambda: tupled(array.tolist()),
        "array in array": lambda: list(array) if array.ndim else [array][0],
        "float": lambda: array.astype(float).tolist(), "float array": lambda: array.astype(float),
        "int": lambda: array.astype(np.int64).tolist() if whole else value,
        "int array": lambda: array.astype(np.int64) if whole else value,
    }[form]()  # fmt: skip


def tupled(value):
    return tuple(map(tupled, value)) if isinstance(value, list) else value


FORMS = ("list", "tuple", "array", "array in array", "float", "float array", "int", "int array")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("exercise", PLAIN, ids=lambda e: e.id)
def test_the_type_of_an_answer_makes_no_difference(exercise, form):
    """Each solution and each misconception gets its card in any form, but where the type is asked."""
    right = exercise.solution
    for source in (right, *(each.source for each in exercise.misconceptions)):
        values = answer(exercise, source)
        if exercise.cases:
            (own,) = values
            sent = [lambda *given, own=own: in_form(own(*given), form)]
        else:
            sent = [in_form(value, form) for value in values]
        expected, found = exercises.check(exercise.id, *values), exercises.check(exercise.id, *sent)
        if exercise.exact and source == right:
            typed = "float" in form or form in {"list", "tuple"}
            assert (found.verdict, found.points) == (
                ("partly right", exercise.points / 2) if typed else ("right", exercise.points)
            )
        else:
            same = (found.verdict, found.points, found.message)
            assert same == (expected.verdict, expected.points, expected.message), found


@pytest.mark.parametrize("exercise", [e for e in EVERY if not e.ranges], ids=lambda e: e.id)
def test_no_mechanical_change_of_a_solution_is_right(exercise):
    """One operator, bound, constant or axis that is another: some case tells it."""
    allowed = EQUIVALENT.get(exercise.id, [])
    for source in set(mutants(exercise.solution)):
        if any(each in source for each in allowed):
            continue
        with contextlib.suppress(ZeroDivisionError, ValueError):  # what cannot be made at all
            found = exercises.check(exercise.id, *answer(exercise, source))
            assert found.verdict != "right", source


@pytest.mark.parametrize("exercise", PLAIN, ids=lambda e: e.id)
def test_each_card_that_is_not_right_shows_an_example(exercise):
    """What it gave and what is wanted, for inputs that fit on a card, or a smaller one of the kind."""
    names = len(exercise.names)
    junk = [[value] * names for value in (3.25, raises, lambda *_: [1.5, 2], np.zeros((3, 0)))]
    known = [answer(exercise, each.source) for each in exercise.misconceptions]
    for values in (*known, *junk):
        found = exercises.check(exercise.id, *values)
        shown = str(found.example)
        assert shown and len(shown) < 900, found
        assert shown == exercise.example or re.search("wanted|what it was given", shown), shown
        assert text_html(shown) in found._repr_html_()


@pytest.mark.parametrize("exercise", [e for e in PLAIN if e.cases], ids=lambda e: e.id)
def test_a_crash_never_earns_more_than_a_wrong_number(exercise):
    """Who fails where a known wrong answer is wrong earns no more than that answer."""
    right = answers_of(exercise, exercise.solution)
    for each in exercise.misconceptions:
        mistaken = answers_of(exercise, each.source)
        crashed = [
            wanted if got.kind == "value" and alike(got.value, wanted.value) else FAILED
            for got, wanted in zip(mistaken, right, strict=True)
        ]
        if FAILED in crashed:
            found = exercises.mark(exercise, crashed)
            assert found.points <= exercise.points * each.share or not found.points, each.message


@pytest.mark.parametrize("exercise", EVERY, ids=lambda e: e.id)
def test_blank_is_not_attempted(exercise):
    """____ says so, also where a function gives it back, and no points are lost or won."""
    function = exercise.cases is not None
    blank = [____, (lambda *_: ____), lambda *_: np.abs(____ + 1) / 2, lambda *_: ____.mean()]
    for value in blank if function else [____, [____], ____ * 28, 28 * -____]:
        found = exercises.check(exercise.id, *[value] * len(exercise.names))
        assert (found.verdict, found.points) == ("not attempted", 0)


@pytest.mark.parametrize("exercise", EVERY, ids=lambda e: e.id)
def test_junk_gets_a_card(exercise, capsys):
    """Whatever a student hands over: no points, a reason, no exception, nothing printed."""
    for junk in JUNK:
        found = exercises.check(exercise.id, *[junk] * len(exercise.names))
        assert found.verdict in {"wrong", "raised an error"} and not found.points, junk
        assert len(found.message) > 10 and "\n" not in repr(found) and "0x7" not in repr(found)
        assert found.verdict in found._repr_html_()
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("exercise", EVERY, ids=lambda e: e.id)
def test_exercise_is_whole(exercise):
    """An id of its own, points, names that begin with my_, two hints or more, a reason."""
    assert [e.id for e in EVERY].count(exercise.id) == 1 and exercise.points >= 1
    assert all(name.startswith("my_") for name in exercise.names)
    assert len(exercise.hints) >= 2 and exercise.why and exercise.asks
    assert all(0 <= each.share < 1 for each in exercise.misconceptions)
    assert exercise.cases is None or len(exercise.names) == 1


@pytest.mark.parametrize("exercise", [e for e in PLAIN if e.cases], ids=lambda e: e.id)
def test_constant_does_not_pass(exercise):
    """A function that gives back what was right for one call earns nothing."""
    right = answers_of(exercise, exercise.solution)[0].value
    found = exercises.check(exercise.id, lambda *_: right)
    others = answers_of(exercise, exercise.solution, seed=1)
    assert not found.points
    assert not all(alike(each.value, right) for each in others)


def numbers_of(arguments):
    """All that a call is given, as one row of numbers; words by their letters."""
    try:
        return np.concatenate([np.ravel(np.asarray(each, float)) for each in arguments])
    except ValueError:
        return np.frombuffer(repr(arguments).encode(), np.uint8).astype(float)


def by_heart(known, arguments):
    """The answer to the public call that is the same, if there is one."""
    asked = numbers_of(arguments)
    same = (answer for call, answer in known if np.array_equal(numbers_of(call), asked))
    return next(same, None)


def nearest(known, arguments):
    """The answer to the public call whose numbers are nearest, of those with as many."""
    asked = numbers_of(arguments)
    like = [(numbers_of(call), answer) for call, answer in known]
    like = [(np.abs(call - asked).sum(), at, answer)
            for at, (call, answer) in enumerate(like) if call.shape == asked.shape]  # fmt: skip
    return min(like)[2] if like else known[0][1]


def in_order(known, _):
    """The public answers one after another, whatever is asked; the first one last."""
    known.append(known.pop(0))
    return known[-1][1]


@pytest.mark.parametrize("attack", [by_heart, nearest, in_order])
@pytest.mark.parametrize(
    "exercise", [e for e in EVERY if e.cases and not e.task], ids=lambda e: e.id
)
def test_no_table_of_public_answers_earns_a_point(exercise, attack):
    """By heart, the nearest, one after another: hidden cases are others, whatever the secret."""
    calls = [case.arguments for case in exercise.cases(0)]
    right = [each.value for each in answers_of(exercise, exercise.solution)]
    for seed in (1, 2, 77, 12345, 2**31 - 1):
        known = list(zip(calls, right, strict=True))
        found = exercises.take(exercise, [lambda *a, known=known: attack(known, a)], seed=seed)
        assert not exercises.mark(exercise, found, seed=seed).points, seed


def test_error_of_the_student_is_told():
    """What the code raised stands in the card; too long is an error, too."""
    assert "ZeroDivisionError" in repr(exercises.check("1.5", lambda a, b: 1 / 0))


@can_be_stopped
@pytest.mark.parametrize("exercise", [e for e in EVERY if e.cases], ids=lambda e: e.id)
def test_endless_answer_is_stopped(exercise, monkeypatch):
    """A loop without end costs its time limit, also if it catches what it can."""
    monkeypatch.setattr(answers, "TIME_LIMIT", 0.05)
    found = exercises.check(exercise.id, never_ends)
    assert (found.verdict, found.message) == ("raised an error", exercises.TOO_LONG)


def test_what_is_taken_is_plain():
    """Tuples become lists, pandas' and numpy's kinds arrays of their own; the rest is refused."""
    import pandas as pd

    class Mine(np.ndarray):
        pass

    assert type(answers.to_plain_data(np.zeros(2).view(Mine))) is np.ndarray
    assert type(answers.to_plain_data(pd.Series([1, 2]))) is np.ndarray
    assert answers.to_plain_data((1, (2.0, "a"))) == [1, [2.0, "a"]]
    assert type(answers.to_plain_data([[1, 2], (np.uint8(3), 4.5)])) is np.ndarray
    with pytest.raises(answers._Refused, match="generator"):
        answers.to_plain_data(generates())


def test_inputs_are_the_students_to_spoil():
    """A function that writes into its inputs is judged on what it gives, and told."""

    def spoils(one, other):
        difference = np.abs(one.astype(int) - other).mean()
        one[:] = other[:] = 0
        return difference

    found = exercises.check("1.5", spoils)
    assert found.verdict == "right" and "changes `one`" in found.message


def test_hints_say_more_each_time_and_stay_at_the_last():
    """Each call shows the next hint, then the last again, which names the way to the solution."""
    hints = BY_ID["1.1"].hints
    for at in [*range(len(hints)), len(hints) - 1]:
        shown = repr(exercises.hint("1.1"))
        assert shown.startswith(f"Hint {at + 1} of {len(hints)} for exercise 1.1. {hints[at]}")
        assert ('solution("1.1")' in shown) == (at == len(hints) - 1)
    assert BY_ID["1.1"].solution in repr(exercises.solution("1.1"))


def test_unknown_exercise_or_missing_answer_gets_a_card():
    """A typing error in the id, or nothing to check, is told kindly."""
    assert "There is no exercise" in repr(exercises.check("9.99", 1))
    assert "There is no exercise" in repr(exercises.hint(7)) + repr(exercises.solution("x"))
    assert 'check("1.1", my_numbers)' in repr(exercises.check("1.1"))


def test_progress_survives_a_restart_and_its_loss(tmp_path):
    """It is kept beside the notebooks, the best counts, and deleting it does no harm."""
    place = tmp_path / "progress.json"
    exercises.keep_progress(place)
    exercises.check("1.1", 60_000 * 784)
    exercises.check("1.1", 3)
    student._record = student._Record()
    exercises.keep_progress(place)
    assert "lesson 1: 1 of" in repr(exercises.progress())
    for damage in (place.unlink, lambda: place.write_text('{"1.1": 3, "2.1": {"points": "x"'),
                   lambda: place.write_text('{"1.1": 3, "2.1": {"points": "x"}}')):  # fmt: skip
        damage()
        exercises.keep_progress(place)
        assert "lesson 1: 0 of" in repr(exercises.progress())
    exercises.check("1.1", 60_000 * 784)
    assert json.loads(place.read_text())["1.1"]["points"] == 1


def test_progress_without_a_place_to_keep_it(tmp_path):
    """Where nothing can be written it lasts as long as the kernel, and says so."""
    (tmp_path / "file").write_text("")
    exercises.keep_progress(tmp_path / "file" / "progress.json")
    exercises.check("1.1", 60_000 * 784)
    shown = exercises.progress()
    assert "lesson 1: 1 of" in repr(shown)
    assert "cannot be written" in repr(shown) and "cannot be written" in shown._repr_html_()
    exercises.keep_progress(tmp_path / "progress.json")
    exercises.check("1.1", 60_000 * 784)
    assert "cannot be written" not in repr(exercises.progress())


def test_not_attempted_leaves_nothing(tmp_path):
    """Running a notebook as it stands writes no progress."""
    exercises.keep_progress(tmp_path / "progress.json")
    exercises.check("1.1", ____)
    assert not list(tmp_path.iterdir())


def test_card_says_it_in_words_and_shows_markup_as_text():
    """The verdict is read out; a student's text cannot become part of the page."""
    found = exercises.check("1.2", lambda image: exec("raise ValueError('<script>`x`')"))
    shown = found._repr_html_()
    assert 'aria-label="Exercise 1.2: raised an error."' in shown and "<script>" not in shown
    assert found._repr_mimebundle_()["text/plain"] == "0.0"
