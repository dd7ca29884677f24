"""The notebooks, executed and compared with what they were saved with."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

HERE = Path(__file__).parent
NOTEBOOKS = sorted((HERE.parent / "notebooks").glob("*.ipynb"))
CELL_SECONDS = 900  # a limit that only a hanging cell meets, on a slow machine


def nbval(notebook: Path, *, data: str) -> subprocess.CompletedProcess:
    """Execute a notebook in a fresh kernel and compare every output with the saved one."""
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-p", "nbval_settings", "-c", os.devnull),
        *("--rootdir", notebook.parent, "--nbval", "--nbval-current-env"),
        *("--nbval-sanitize-with", HERE / "nbval.cfg"),
        *("--nbval-cell-timeout", CELL_SECONDS, "--nbval-kernel-startup-timeout", 180),
        *("-p", "no:cacheprovider", notebook),
    ]
    environment = {**os.environ, "MNIST_LAB_DATA": data, "PYTHONPATH": str(HERE)}
    return subprocess.run(
        list(map(str, command)), env=environment, capture_output=True, encoding="utf-8"
    )


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_gives_its_saved_outputs_on_the_stand_in(notebook):
    """From top to bottom, every cell gives what a reader sees, without MNIST."""
    done = nbval(notebook, data="stand-in")
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.real_mnist
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_gives_its_saved_outputs_on_mnist(notebook, mnist_place):
    """The text is true of MNIST as well."""
    done = nbval(notebook, data=mnist_place)
    assert done.returncode == 0, done.stdout[-4000:]


def test_there_are_notebooks():
    """None of this passes for want of notebooks."""
    assert NOTEBOOKS


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_reads_well(notebook):
    """One title, numbered headings, short cells, words before code, run in order, no stderr."""
    cells = nbformat.read(notebook, as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    titles = re.findall(r"^# ", text, re.MULTILINE)
    numbers = re.findall(r"^## (\d)\. ", text, re.MULTILINE)
    assert len(titles) == 1 and 4 <= len(numbers) <= 7
    assert numbers == [str(n + 1) for n in range(len(numbers))]
    code = [cell for cell in cells if cell.cell_type == "code"]
    lengths = sorted(len(cell.source.splitlines()) for cell in code)
    assert lengths[-1] <= 20 and lengths[int(len(lengths) * 0.9)] <= 12
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert not any(o.get("name") == "stderr" or o.output_type == "error"
                   for cell in code for o in cell.outputs)  # fmt: skip
    assert not any(cell.source.rstrip().endswith(";") for cell in code)
    runs = re.findall("cc+", "".join(cell.cell_type[0] for cell in cells))
    assert max(map(len, runs), default=0) <= 2
    assert notebook.stat().st_size < 1_000_000


def test_changed_output_is_noticed(tmp_path):
    """The net holds: one saved number changed, and nbval fails at that cell."""
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    )
    output = nbformat.v4.new_output("execute_result", {"text/plain": "42"}, execution_count=1)
    notebook.cells = [nbformat.v4.new_code_cell("6 * 7", execution_count=1, outputs=[output])]
    path = tmp_path / "copy.ipynb"
    nbformat.write(notebook, path)
    assert nbval(path, data="stand-in").returncode == 0
    path.write_text(path.read_text().replace('"42"', '"43"'))
    assert nbval(path, data="stand-in").returncode == 1
