"""The half of the grader that runs in a student's kernel: it takes answers out, and judges none.

Whatever a student has patched, here or below, can only spoil what is taken out: the kernel never
learns what is right.
"""

import json

from mnist_lab.exercises import take_from
from mnist_lab.grading.kernel import protocol

MIME = "application/x-mnist-lab-answers"


def show(request: str) -> None:
    """Take an answer, which `ask` asks for, out of this kernel's names, and send it."""
    from IPython.core.getipython import get_ipython
    from IPython.display import publish_display_data

    names, sets = protocol.load(request, texts=True)
    space = get_ipython().user_ns  # type: ignore[no-untyped-call, union-attr]
    missing = [name for name in names if name not in space]
    values = [space.get(name) for name in names]
    taken = [] if missing else [protocol.dump_answers(take_from(names, values, c)) for c in sets]
    publish_display_data({MIME: json.dumps([missing, taken])})  # type: ignore[no-untyped-call]


def ask(names: tuple[str, ...], sets: list[list[tuple[object, ...]]]) -> str:
    """The code that takes an answer out, to be run in the kernel; it uses none of its names.

    `names` are the exercise's; each of `sets` is a list of calls, by their arguments, and an
    empty one asks for the values themselves.
    """
    request = protocol.dump([list(names), [[list(call) for call in calls] for calls in sets]])
    return f"__import__({__name__!r}, fromlist=['show']).show({request!r})"
