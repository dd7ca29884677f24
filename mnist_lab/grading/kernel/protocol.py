"""Plain data to text and back: what goes into a student's kernel, and what comes out of it.

The text is JSON. An array is its dtype, its shape and its bytes; nothing in the text can act
when it is read, and what is read is bounded in size.
"""

import json
import math
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_lab.exercises import Answer

MAX_TEXT_CHARS = 1_000_000
MAX_REPLY_CHARS = 3 * MAX_TEXT_CHARS
MAX_ITEMS = 20_000  # in the lists of one text
MAX_SEPARATORS = 300_000  # brackets and commas of a text; each is an object of 100 bytes or more
MAX_STRING_CHARS = 1000  # of a string in it
MAX_NAME_CHARS = 50  # of what a call has changed or not read
MAX_MESSAGE_DEPTH = 8
DTYPES = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
          "float16", "float32", "float64")  # fmt: skip


class ProtocolError(ValueError):
    """A text is not what it should be."""


def dump(value: Any) -> str:
    """Plain data, with arrays and tuples in it, as a text."""
    return json.dumps(_pack(value), separators=(",", ":"))


def load(text: str, *, texts: bool = False) -> Any:
    """What a text says: None, bool, int, float, str, arrays, and lists and dicts of these.

    ProtocolError if it says something else, or too much. Arrays of text are read with `texts`
    alone: a hostile one would take much memory.
    """
    if not isinstance(text, str) or len(text) > MAX_TEXT_CHARS:
        raise ProtocolError("too large")
    try:
        return _Reader(texts=texts).unpack(json.loads(text))
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise ProtocolError(str(error)[:100]) from None


def too_many_items(content: bytes) -> bool:
    """Whether some JSON would take far more memory than it is long."""
    return sum(map(content.count, (b"[", b"{", b","))) > MAX_SEPARATORS


def dump_answers(answers: Sequence[Answer]) -> str:
    """Answers as a text; those too large to be sent are refused."""
    text = dump([[a.kind, a.value, a.message, a.printed, a.changed, a.unread] for a in answers])
    if len(text) <= MAX_TEXT_CHARS:
        return text
    message = "It is far larger than what was asked for."
    return dump([["refused", None, message, False, [], []]] * len(answers))


def load_answers(text: str, count: int) -> list[Answer]:
    """The answers that a text holds; ProtocolError if it does not hold `count` of them."""
    found = load(text)
    if not isinstance(found, list) or len(found) != count:
        raise ProtocolError("not the answers that were asked for")
    return [_answer(each) for each in found]


def load_reply(text: str, sets: int) -> tuple[list[str], list[str]]:
    """The names that were missing in the kernel, and the texts of `sets` lists of answers.

    ProtocolError if it is not what the kernel was asked for.
    """
    if len(text) > MAX_REPLY_CHARS:
        raise ProtocolError("too large")
    try:
        reply = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(str(error)[:100]) from None
    match reply:
        case [list(missing), list(taken)] if missing or len(taken) == sets:
            return [str(name)[:50] for name in missing], taken
    raise ProtocolError("not what was asked for")


def _answer(each: Any) -> Answer:
    match each:
        case [
            str("value" | "blank" | "error" | "refused" as kind),
            value,
            str(says),
            bool(printed),
            [*changed],
            [*unread],
        ]:
            names = [tuple(str(each)[:MAX_NAME_CHARS] for each in n) for n in (changed, unread)]
            return Answer(kind, value if kind == "value" else None, says, printed, *names)
    raise ProtocolError("not an answer")


def _pack(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        if array.dtype.kind == "U":
            return {"texts": array.tolist()}
        if array.dtype.name not in DTYPES:  # such as a long double
            array = array.astype(np.float64)
        content = b64encode(np.ascontiguousarray(array).tobytes()).decode()
        return {"array": [array.dtype.name, list(array.shape), content]}
    if isinstance(value, dict):
        return {"dict": {str(key): _pack(each) for key, each in value.items()}}
    if isinstance(value, list | tuple):
        return [_pack(each) for each in value]
    return value


class _Reader:
    """Reads one text, and counts what is in it."""

    def __init__(self, *, texts: bool) -> None:
        self._left, self._texts = MAX_ITEMS, texts

    def unpack(self, value: Any, depth: int = 0) -> Any:
        self._left -= 1
        if self._left < 0 or depth > MAX_MESSAGE_DEPTH:
            raise ProtocolError("too much")
        if value is None or type(value) in {bool, int, float}:
            return value
        if type(value) is str:
            return value[:MAX_STRING_CHARS]
        if type(value) is list:
            return [self.unpack(each, depth + 1) for each in value]
        ((form, content),) = value.items()
        if form == "dict" and type(content) is dict:
            return {
                str(key)[:MAX_STRING_CHARS]: self.unpack(each, depth + 1)
                for key, each in content.items()
            }
        if form == "array":
            return _array(*content)
        if form == "texts" and self._texts:
            return np.array(content, dtype=np.str_)
        raise ProtocolError(f"no {form[:20]}")


def _array(dtype: str, shape: list[int], content: str) -> NDArray[Any]:
    if dtype not in DTYPES or len(shape) > 32 or any(type(n) is not int or n < 0 for n in shape):
        raise ProtocolError("not an array")
    kind = np.dtype(dtype)
    if math.prod(max(n, 1) for n in shape) > MAX_TEXT_CHARS:  # also where a 0 makes nothing of it
        raise ProtocolError("not an array")
    raw = b64decode(content, validate=True)
    if len(raw) != math.prod(shape) * kind.itemsize:
        raise ProtocolError("not an array")
    return np.frombuffer(raw, kind).reshape(shape).copy()
