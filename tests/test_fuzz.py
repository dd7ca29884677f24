"""What throws odd input at the doors tells what became of it."""

import re

import numpy as np
import pytest

from mnist_lab.arrays import DataError
from tools import fuzz


def refuse(text):
    raise DataError(text)


@pytest.mark.parametrize(
    ("try_it", "verdict", "what"),
    [
        (lambda value, folder: (folder / "own").touch(), "fine", ""),
        (lambda value, folder: refuse("no digit"), "refused", ""),
        (lambda value, folder: refuse("no\ndigit"), "fault", "not one line"),
        (lambda value, folder: refuse(""), "fault", "not one line"),
        (lambda value, folder: 1 // 0, "fault", "ZeroDivisionError.* in test_fuzz.py"),
        (lambda value, folder: np.float32(3e38) * np.float32(9), "fault", "warns"),
    ],
)
def test_a_fault_is_what_is_neither_fine_nor_one_line(tmp_path, try_it, verdict, what):
    """An exception of another kind, a warning, an error that says nothing or too much."""
    found = fuzz._try(fuzz.Door(lambda rng: None, try_it), None, tmp_path)
    assert found[0] == verdict
    assert re.match(what, found[1])
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("name", [each for each in fuzz.DOORS if each != "models"])
def test_an_input_is_made_of_its_number_alone(name):
    """What is printed with a fault makes the same input again."""
    door = fuzz.DOORS[name]
    one, same, other = (repr(door.make(np.random.default_rng([0, 1, n]))) for n in (5, 5, 6))
    assert one == same != other


@pytest.mark.parametrize("name", ["data", "drawings", "notebooks"])
def test_a_few_inputs_make_no_fault(name, capfd):
    """A line for each door, with its counts, and exit 0."""
    assert fuzz.main([name, "--count", "40", "--seed", "1"]) == 0
    assert capfd.readouterr().out.startswith(f"{name}: 40 inputs, ")
