"""The notebooks as a whole: copy them for a student, fill in the solutions, run them."""

from mnist_lab.course.copying import Copied, copy
from mnist_lab.course.execution import Failure, run
from mnist_lab.course.notebook import (
    SKIPPED_TAG,
    exercise_part,
    fill_in_solutions,
    find_notebooks,
    nbgrader_metadata,
    own_notebooks,
    read_notebook,
    solve,
    write_notebook,
)

__all__ = [
    "SKIPPED_TAG",
    "Copied",
    "Failure",
    "copy",
    "exercise_part",
    "fill_in_solutions",
    "find_notebooks",
    "nbgrader_metadata",
    "own_notebooks",
    "read_notebook",
    "run",
    "solve",
    "write_notebook",
]
