"""Take a student's answer out as plain data: this runs their code, and nothing in it gets out."""

import contextlib
import io
import re
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from mnist_lab.exercises.exercise import Exercise
from mnist_lab.exercises.models import Reader, is_model
from mnist_lab.exercises.surroundings import Surroundings, parameters_unread, same

TIME_LIMIT = 10.0  # seconds, for all the calls of one check
TOO_LONG = f"It took longer than {TIME_LIMIT:g} seconds, and was stopped."
MAX_NUMBERS = 10_000_000  # in an answer
MAX_DEPTH = 4  # of lists in lists
MAX_CHARACTERS = 1000  # of a text
MAX_MESSAGE_CHARACTERS = 300  # of an error's text

# A value; not attempted; the code raised an error; not plain data.
Kind = Literal["value", "blank", "error", "refused"]


class Blank:
    """What stands in an exercise until somebody has attempted it; `____ + 1` is as blank as it."""

    __iter__ = None  # a loop over it ends at once

    def __repr__(self) -> str:
        return "____"

    def _still_blank(self, *_: Any, **__: Any) -> "Blank":
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __matmul__ = _still_blank
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __pow__ = _still_blank
    __neg__ = __lt__ = __le__ = __gt__ = __ge__ = __getitem__ = __array_ufunc__ = _still_blank


BLANK = Blank()


@dataclass(frozen=True, eq=False)
class Answer:
    """One part of an answer, as plain data.

    Plain are None, bool, int, float, str, an array of numbers, and a list or dict of these; a
    list of numbers is an array.
    """

    kind: Kind
    value: Any = None
    message: str = ""  # the error, or what was refused and why
    printed: bool = False  # something, on the way
    changed: tuple[str, ...] = ()  # arguments, by their numbers from 0, and variables outside
    unread: tuple[str, ...] = ()  # parameters that the function never looks at


class _Refused(Exception):
    """A value is not plain data."""


class _Blank(Exception):
    """There is a blank in it."""


class _TooLong(BaseException):
    """The time is over; not an Exception, so that a student's `except` lets it pass."""


class _Sink(io.TextIOBase):
    """Swallows what is printed, and remembers that something was."""

    used = False

    def write(self, text: str) -> int:
        self.used = True
        return len(text)


def take(exercise: Exercise, values: Sequence[Any], *, seed: int = 0) -> list[Answer]:
    """Take a student's answer out of what stands in the exercise's names.

    Gives an Answer for each name; where a function is asked for, one for each case that the
    seed makes.
    """
    calls = [case.arguments for case in exercise.cases(seed)] if exercise.cases else []
    return take_from(exercise.names, values, calls)


def take_from(
    names: Sequence[str], values: Sequence[Any], calls: Sequence[Sequence[Any]]
) -> list[Answer]:
    """Take an answer out without knowing the exercise.

    Gives an Answer for each name; where a function is asked for, one for each of `calls`, which
    are the arguments to call it with.
    """
    try:
        with _within(TIME_LIMIT):
            if calls:
                return _calls(names[0], values[0], calls)
            return [_answer(lambda same: same, value) for value in values]
    except _TooLong:
        return [Answer("error", message=TOO_LONG)] * (len(calls) or len(values))


def _calls(name: str, function: Any, calls: Sequence[Sequence[Any]]) -> list[Answer]:
    if isinstance(function, Blank):
        return [Answer("blank")] * len(calls)
    if isinstance(function, np.ndarray) or not callable(function):
        message = f"`{name}` must be a function. Hand over the function itself, without calling it."
        return [Answer("refused", message=message)] * len(calls)
    if is_model(function):
        function = Reader(function)
    around, unread = Surroundings(function), parameters_unread(function)
    try:
        answers = [_call(function, deepcopy(list(each))) for each in calls]
    finally:
        outside = around.put_back()
    return [replace(a, changed=a.changed + outside, unread=unread) for a in answers]


def _call(function: Any, arguments: list[Any]) -> Answer:
    """Call a function with arguments of its own, and see whether it changes them."""
    before = deepcopy(arguments)
    answer = _answer(function, *arguments)
    pairs = enumerate(zip(arguments, before, strict=True))
    changed = tuple(str(at) for at, (now, then) in pairs if not same(now, then))
    return replace(answer, changed=changed)


def _answer(function: Callable[..., Any], *arguments: Any) -> Answer:
    sink = _Sink()
    try:
        with (
            contextlib.redirect_stdout(sink),
            contextlib.redirect_stderr(sink),
            warnings.catch_warnings(action="ignore"),
        ):
            value = to_plain_data(function(*arguments))
        return Answer("value", value, printed=sink.used)
    except _Blank:
        return Answer("blank")
    except _Refused as refused:
        return Answer("refused", message=str(refused))
    except _TooLong:
        raise
    except BaseException as error:  # noqa: BLE001  whatever it is, the student gets a card
        message = _describe_error(error)
        return Answer("blank") if "'Blank' object" in message else Answer("error", message=message)


def to_plain_data(value: Any, *, depth: int = 0) -> Any:
    """Give a value as plain data: nothing in it can act when it is compared or printed.

    Arrays of numbers (also pandas' and Keras') become numpy arrays of their own, and so do lists
    and tuples of numbers; other tuples become lists; numbers and texts become Python's own.
    _Refused if it is something else, too large or too deep; _Blank if there is a blank in it.
    """
    if isinstance(value, Blank):
        raise _Blank
    kind = type(value)
    if value is None or kind in {bool, int, float}:
        return value
    if kind is str:
        return value[:MAX_CHARACTERS]
    if kind in {list, tuple, dict}:
        if depth == MAX_DEPTH or len(value) > MAX_NUMBERS:
            raise _Refused("It is a list that is too long, or lists in lists too deep.")
        if kind is dict:
            return {str(key): to_plain_data(each, depth=depth + 1) for key, each in value.items()}
        return _as_array([to_plain_data(each, depth=depth + 1) for each in value])
    if isinstance(value, np.ndarray | np.generic) or hasattr(value, "__array__"):
        return _array(value)
    name = _clean(kind.__name__)
    what = "a generator" if name == "generator" else f"an object of the type `{name}`"
    raise _Refused(f"It is {what}. Give numbers, an array, or a list of them.")


def _as_array(values: list[Any]) -> Any:
    """A list of numbers, or of rows of them, as an array; any other list as it is."""
    try:
        array = np.asarray(values)
    except (ValueError, TypeError, OverflowError):  # uneven rows
        return values
    return array if array.size and array.dtype.kind in "biuf" else values


def _array(value: Any) -> Any:
    array = np.array(value, subok=False)
    if array.dtype.kind == "O" and any(isinstance(each, Blank) for each in array.flat):
        raise _Blank
    if array.dtype.kind == "U" and array.ndim == 0:
        return str(array)[:MAX_CHARACTERS]
    if array.dtype.kind not in "biuf":
        raise _Refused(f"It is an array of {array.dtype}. Give an array of numbers.")
    if array.size > MAX_NUMBERS:
        raise _Refused(f"It is an array of {array.size:,} numbers, far more than asked for.")
    return array


def _describe_error(error: BaseException) -> str:
    try:
        text = str(error)
    except BaseException:  # noqa: BLE001  even this is the student's code
        text = ""
    return _clean(f"{type(error).__name__}: {text or 'no reason given'}")


def _clean(text: str) -> str:
    """One line, not too long, without what differs from run to run."""
    text = re.sub(r"0x[0-9a-fA-F]{4,}", "0x...", " ".join(text.split()))
    return text if len(text) <= MAX_MESSAGE_CHARACTERS else f"{text[:MAX_MESSAGE_CHARACTERS]} ..."


@contextlib.contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Stop what takes longer, where the system can: not on Windows, nor in a thread."""
    main = threading.current_thread() is threading.main_thread()
    if not (main and hasattr(signal, "setitimer")):
        yield
        return

    def stop(*_: Any) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)  # and each second after, if it is caught
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
