"""Students who do not mean well: each file of `hostile/` is one of them, as cells of a notebook.

A file begins with comments that say what it tries, what it aims at, what it earns and what must be
said of it; docs/hostile_submissions.md lists them. Its cells begin with ``# %%``; ``# %% 1.2`` are
the two cells of that exercise, the first with what stands there, or solved where nothing does.
WORDS stand for what only a run can know.
"""

import re
from pathlib import Path

import nbformat

from submissions.student import START, Student, lesson, pair, points, saved, short

FOLDER = Path(__file__).parent / "hostile"


def hostile(words: dict[str, str], outside: Path) -> list[Student]:
    """The hostile students; they must be run in a sandbox.

    Parameters
    ----------
    words : dict
        What takes the place of words in their code.
    outside : Path
        A folder with a solved notebook in it, to which links are made.
    """
    students = [_read(path, words) for path in sorted(FOLDER.glob("*.py"))]
    solved = outside / "solved.ipynb"
    return [
        *students,
        Student("linked file", {"a.ipynb": solved}, points(), "nothing found",
                tries="A link in a notebook's place, to a solved one elsewhere.", aims="a look"),
        Student("linked folder", {"a": outside}, points(), "nothing found",
                tries="A link to a folder with a solved notebook in it.", aims="a look"),
        Student("linked beside", {"a.ipynb": saved(short()), "key": solved},
                tries="All solved, and a link beside the notebook.", aims="a look"),
    ]  # fmt: skip


def _read(path: Path, words: dict[str, str]) -> Student:
    text = path.read_text(encoding="utf-8")
    for word, meaning in words.items():
        text = text.replace(word, meaning)
    head, *parts = re.split(r"^# %%(.*)\n", text, flags=re.MULTILINE)
    known = dict(re.findall(r"^# (aims at|earns|status|says|beside): *(.*)$", head, re.MULTILINE))
    notebook = lesson()
    notebook.cells = [nbformat.v4.new_code_cell(START)]
    for exercise, source in zip(parts[::2], parts[1::2], strict=True):
        if exercise.strip():
            notebook.cells += pair(exercise.strip(), source.strip())
        else:
            notebook.cells.append(nbformat.v4.new_code_cell(source.strip()))
    earns = points(*re.findall(r"\d\.\d", known.get("earns", "")))
    name = path.stem.replace("_", " ")
    files: dict[str, bytes | Path] = {"": saved(notebook)}
    if "beside" in known:  # the cells' code lies in files of these names as well
        files = {"a.ipynb": saved(notebook)}
        code = f"# {head}\n{''.join(parts[1::2])}".encode()
        files |= dict.fromkeys(known["beside"].split(", "), code)
    tries = head.split("\n", 1)[0].removeprefix("# ")
    status, says = known.get("status", "graded"), known.get("says", "")
    return Student(name, files, earns, status, says, tries, aims=known.get("aims at", ""))
