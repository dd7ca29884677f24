"""What a function can reach outside of itself: kept before it is called, and put back after."""

import random
from collections.abc import Iterator
from types import CellType, CodeType, FunctionType
from typing import Any

import numpy as np

MAX_ITEMS = 1_000_000  # in the lists of one variable; what has more is not looked after
_GONE = object()


class Surroundings:
    """The variables that a function names, its helpers' too, as they are before it is called."""

    def __init__(self, function: Any) -> None:
        self._kept = [(space, name, value, _copy(value)) for space, name, value in _reach(function)]
        self._luck = random.getstate(), np.random.get_state()  # noqa: NPY002  the notebook's own

    def put_back(self) -> tuple[str, ...]:
        """Make them what they were; give the names of those that had changed."""
        changed = []
        for space, name, value, copy in self._kept:
            rebound = _read(space, name) is not value
            if rebound or not same(value, copy):
                changed.append(name)
                _restore(value, copy)
            if rebound:
                _write(space, name, value)
        random.setstate(self._luck[0])
        np.random.set_state(self._luck[1])  # noqa: NPY002
        return tuple(dict.fromkeys(changed))


def parameters_unread(function: Any) -> tuple[str, ...]:
    """The parameters of a function that its code never looks at."""
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        return ()
    import dis

    read: set[str] = {*code.co_cellvars}  # of a function inside of it
    for step in dis.get_instructions(code):
        if step.opname.startswith("LOAD_") or "LOAD_FAST" in step.opname:
            read |= {*(step.argval if isinstance(step.argval, tuple) else (step.argval,))}
    return tuple(name for name in code.co_varnames[: code.co_argcount] if name not in read)


def _reach(function: Any) -> Iterator[tuple[Any, str, Any]]:
    """Each variable outside of a function that it can name: where it is, its name, its value."""
    todo: list[Any] = [function]
    seen: set[Any] = set()
    while todo:
        function = todo.pop()
        if not isinstance(function, FunctionType) or id(function) in seen:
            continue
        seen.add(id(function))
        outside = [(function.__globals__, name) for name in _names(function.__code__)]
        inside = zip(function.__closure__ or (), function.__code__.co_freevars, strict=False)
        for space, name in [*outside, *inside]:
            value = _read(space, name)
            todo.append(value)
            if (id(space), name) not in seen:
                seen.add((id(space), name))
                yield space, name, value


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _names(each)


def _read(space: Any, name: str) -> Any:
    if isinstance(space, CellType):
        try:
            return space.cell_contents
        except ValueError:  # nothing in it yet
            return _GONE
    return space.get(name, _GONE)


def _write(space: Any, name: str, value: Any) -> None:
    if isinstance(space, CellType):
        space.cell_contents = value
    elif value is _GONE:
        space.pop(name, None)
    else:
        space[name] = value


def _copy(value: Any) -> Any:
    """A copy of what can be changed in place; the value itself where it cannot, or is too large."""
    left = MAX_ITEMS

    def copy(each: Any) -> Any:
        nonlocal left
        kind = type(each)
        if kind is np.ndarray and each.dtype.kind != "O":
            return each.copy()
        if kind not in {list, tuple, dict, set, bytearray}:
            return each
        left -= len(each)
        if left < 0:
            raise OverflowError
        if kind is dict:
            return {key: copy(item) for key, item in each.items()}
        return kind(map(copy, each)) if kind in {list, tuple} else kind(each)

    try:
        return copy(value)
    except (OverflowError, RecursionError):
        return value


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same to the last item, without asking a student's `==`."""
    if one is other:
        return True
    kind = type(one)
    if kind is not type(other):
        return False
    if kind is np.ndarray:
        numbers = one.dtype.kind in "fc"
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=numbers)
    if kind in {list, tuple}:
        return len(one) == len(other) and all(map(same, one, other))
    if kind is dict:
        return list(one) == list(other) and all(map(same, one.values(), other.values()))
    return kind in {int, float, bool, str, bytes, set, bytearray} and bool(one == other)


def _restore(value: Any, copy: Any) -> None:
    kind = type(value)
    if kind is np.ndarray and value.flags.writeable and value.shape == copy.shape:
        value[...] = copy
    elif kind in {list, bytearray}:
        value[:] = copy
    elif kind in {dict, set}:
        value.clear()
        value.update(copy)
