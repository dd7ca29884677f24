"""Students who have the public answers, and nothing else: two notebooks for each exercise."""

import base64
import pickle
import zlib
from collections.abc import Iterator

import nbformat

from mnist_lab.exercises import all_exercises
from mnist_lab.exercises.marking import answers_of
from submissions.student import START, Student, saved

TABLE = """
import base64
import pickle
import zlib

KNOWN = pickle.loads(zlib.decompress(base64.b64decode({known!r})))


def numbers_of(arguments):
    try:
        return np.concatenate([np.ravel(np.asarray(each, float)) for each in arguments])
    except ValueError:  # words
        return np.frombuffer(repr(arguments).encode(), np.uint8).astype(float)


def {name}(*arguments):
    asked = numbers_of(arguments)
    known = [(numbers_of(call), answer) for call, answer in KNOWN]
    known = [(abs(call - asked).sum(), answer) for call, answer in known if call.shape == asked.shape]
    return min(known, key=lambda each: each[0])[1] if known else KNOWN[0][1]
"""

IN_ORDER = """
import base64
import pickle
import zlib

KNOWN = pickle.loads(zlib.decompress(base64.b64decode({known!r})))


def {name}(*arguments):
    KNOWN.append(KNOWN.pop(0))
    return KNOWN[-1][1]
"""


def tables() -> Iterator[Student]:
    """For each exercise that calls a function: its public answers, the nearest where none fits.

    And another student who gives them one after another, whatever is asked.
    """
    for each in all_exercises():
        if each.cases is None or each.task:
            continue
        calls = [case.arguments for case in each.cases(0)]
        right = [answer.value for answer in answers_of(each, each.solution)]
        packed = base64.b64encode(zlib.compress(pickle.dumps(list(zip(calls, right, strict=True)))))
        for tries, code in (("table", TABLE), ("in order", IN_ORDER)):
            source = code.format(known=packed.decode(), name=each.names[0])
            check = f'check("{each.id}", {each.names[0]})'
            notebook = nbformat.v4.new_notebook()
            notebook.cells = [nbformat.v4.new_code_cell(s) for s in (START, source, check)]
            name = f"{tries} {each.id}".replace(".", " ")
            yield Student(name, {"": saved(notebook)}, {each.id: 0.0}, tries="public answers")
