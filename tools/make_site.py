"""Gather what the site is made of, for Sphinx: ``python -m tools.make_site FOLDER``.

The pages of docs/, and the course as a book: hints and solutions folded away behind each exercise,
each new word linked to the glossary, a pad to draw on in the first chapter. `make docs` calls this.
"""

import argparse
import base64
import importlib
import json
import re
import shutil
from collections.abc import Iterator
from inspect import getdoc
from pathlib import Path

import cv2
import numpy as np
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

import mnist_lab
from benchmarks import lab
from mnist_lab import synth
from mnist_lab.arrays import Labels
from mnist_lab.course import exercise_part, find_notebooks, read_notebook, write_notebook
from mnist_lab.exercises import Exercise, find
from mnist_lab.files import write_text
from mnist_lab.pad import save_page
from tools import make_pdf

HERE = Path(__file__).parent.parent
ROOMS = (
    "arrays", "data", "evaluate", "exercises", "experiment", "images", "network", "pad", "plots",
    "reading", "sheet", "strokes", "synth", "course",
)  # fmt: skip
# What is alive on a page, at the beginning of a chapter.
PAD = """
The pad below holds such a network, already trained. Draw a digit on it before you read on: it
answers while you draw, and nothing leaves this page.

<iframe class="pad" src="../_static/pad.html" loading="lazy"
 title="A pad to draw a digit on, and a network that reads it"></iframe>

A sign in the code looks strange? [How to read this code](how_to_read_this_code.md) has each of them
once; the [glossary](glossary.md) has the words.
"""
NEURONS = """
Below are ten neurons that know nothing, and digits that a program has written. Press *Learn*, and
watch the loss fall and each neuron's weights become a picture: blue where ink speaks for its digit,
red where it speaks against it. What does a rate of 10 do, and one of 0.01?

<div class="learn"><noscript>Here ten neurons learn, where JavaScript is allowed.</noscript></div>
<script src="../_static/digits.js"></script>
<script src="../_static/learn.js"></script>

In this lesson you write all of that yourself.
"""
ALIVE = {"# Run the whole experiment": PAD, "# One neuron learns": NEURONS}
LEARN, KEPT, ACROSS = 1000, 250, 50  # the digits of NEURONS: to learn from, held back, in a row
# What no word is linked in: headings, code, links, markup, what is bold.
FIXED = re.compile(
    r"(^#.*$|```.*?```|`[^`\n]*`|!?\[[^\]]*\]\([^)]*\)|<[^>\n]+>|\*\*[^*]+\*\*)",
    re.MULTILINE | re.DOTALL,
)
ROW = re.compile(r"^\| (?!word |---)(.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def main(arguments: list[str] | None = None) -> None:
    """Write everything into a folder of its own, anew."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.make_site", description=__doc__.splitlines()[0]
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="where; it is emptied first")
    folder = parser.parse_args(arguments).folder
    shutil.rmtree(folder, ignore_errors=True)
    make_site(folder)
    print(folder)


def make_site(folder: Path) -> None:
    """Everything that Sphinx reads, in a new folder that is laid out like the repository."""
    shutil.copytree(HERE / "data" / "pictures", folder / "data" / "pictures")
    for page in [*(HERE / "docs").glob("*.md"), HERE / "CONTRIBUTING.md", HERE / "CHANGELOG.md"]:
        text = page.read_text(encoding="utf-8")
        text = text.replace("](../", "](").replace("](docs/", "](")
        write_text(folder / page.name, index(text) if page.name == "index.md" else text)
    glossary = (HERE / "notebooks" / "glossary.md").read_text(encoding="utf-8")
    (folder / "notebooks").mkdir()
    write_text(folder / "notebooks" / "glossary.md", glossary_page(glossary))
    for name in ("how_to_read_this_code.md", "from_an_older_tutorial.md"):
        shutil.copy(HERE / "notebooks" / name, folder / "notebooks")
    words = [word for word, _, _ in ROW.findall(glossary)]
    for path in find_notebooks(HERE / "notebooks"):
        write_notebook(chapter(read_notebook(path), words), folder / "notebooks" / path.name)
    (folder / "reference").mkdir()
    write_text(folder / "reference" / "door.md", door_page())
    for room in ROOMS:
        write_text(folder / "reference" / f"{room}.md", room_page(room))
    shutil.copy(HERE / "docs" / "site" / "conf.py", folder)
    (folder / "static").mkdir()
    for name in ("site.css", "learn.js"):
        shutil.copy(HERE / "docs" / "site" / name, folder / "static")
    write_text(folder / "static" / "digits.js", digits_script())
    save_page(None, folder / "static" / "pad.html")


def index(text: str) -> str:
    """The first page; the pages that a section names become a part of the contents."""
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    return "".join([parts[0], *(_with_contents(part) for part in parts[1:])])


def _with_contents(section: str) -> str:
    heading = section.splitlines()[0].removeprefix("## ")
    pages = re.findall(r"^- \[([^\]]+)\]\(([^)#]+)\.(?:md|ipynb)\)", section, re.MULTILINE)
    entries = [f"{_numbered(title, page)} <{page}>" for title, page in pages]
    if heading == "The course" and lab.available():
        section += f'- <a href="{make_pdf.NAME}">All of it as a PDF</a>: for reading on paper\n'
    if heading == "Reference":
        names = ["door", *ROOMS]
        section += "- " + ", ".join(f"[{_titled(n)}](reference/{n}.md)" for n in names)
        section += ": what each room of the package offers\n"
        entries += [f"{_titled(name)} <reference/{name}>" for name in names]
    lines = "\n".join(entries)
    return f"{section}\n```{{toctree}}\n:hidden:\n:caption: {heading}\n\n{lines}\n```\n\n"


def _numbered(title: str, page: str) -> str:
    number = re.match(r"notebooks/(\d\d)_", page)
    return f"{int(number[1])}. {title}" if number else title


def _titled(room: str) -> str:
    return "The student's door" if room == "door" else f"mnist_lab.{room}"


def glossary_page(text: str) -> str:
    """The glossary's table as a list in which each word can be linked to."""
    words = "\n\n".join(
        f"{word}\n  {meaning}. Explained in {where}." for word, meaning, where in ROW.findall(text)
    )
    opening = text.partition("\n|")[0].rstrip()
    return f"{opening}\n\n```{{glossary}}\n{words}\n```\n"


def chapter(notebook: NotebookNode, words: list[str]) -> NotebookNode:
    """A notebook as a chapter of the book; none of its code changes."""
    cells: list[NotebookNode] = []
    for cell, after in zip(notebook.cells, [*notebook.cells[1:], None], strict=True):
        cells.append(cell)
        name, part = exercise_part(cell)
        exercise = find(name)
        if cell.cell_type == "code":
            _tidy(cell, after)
        if part == "check" and exercise is not None:
            cell.outputs = []  # a book attempts nothing
            cells.append(new_markdown_cell(folded(exercise)))
    link_words([cell for cell in cells if cell.cell_type == "markdown"], words)
    heading, question, rest = cells[0].source.split("\n\n", 2)
    if heading in ALIVE:
        cells[0].source = "\n\n".join([heading, question, ALIVE[heading].strip(), rest])
    notebook.cells = cells
    return notebook


def _tidy(cell: NotebookNode, after: NotebookNode | None) -> None:
    """No widget that waits for a kernel; figures and tables that a screen reader can tell."""
    cell.outputs = [
        output
        for output in cell.outputs
        if not any("widget-view" in kind for kind in output.get("data", {}))
    ]
    for output in cell.outputs:
        if "text/html" in output.get("data", {}):
            output.data["text/html"] = _legible(output.data["text/html"])
    said = re.search(r"^The figure .*$", after.source if after else "", re.MULTILINE)
    alt = re.sub(r"[*`]", "", said[0]) if said else "A figure, as the text says"
    cell.metadata["mystnb"] = {"image": {"alt": alt}}


def _legible(html: str) -> str:
    """Without rich's colours, which are too pale; a table's empty corner heads nothing."""
    html = re.sub(r' style="color: [^"]*"', "", html)
    return html.replace("<th></th>", "<td></td>")


def folded(exercise: Exercise) -> str:
    """The hints and the solution of an exercise, each to be opened by itself."""
    of = len(exercise.hints)
    hints = [_fold(f"Hint {at} of {of}", _plain(t)) for at, t in enumerate(exercise.hints, 1)]
    code = f"{_plain(exercise.why)}\n\n```python\n{exercise.solution.strip()}\n```"
    return "\n\n".join([*hints, _fold(f"A solution of exercise {exercise.id}, and why", code)])


def _fold(summary: str, text: str) -> str:
    return f'<details class="fold"><summary>{summary}</summary>\n\n{text}\n\n</details>'


def _plain(text: str) -> str:
    """A text in which only code is marked up, as Markdown."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(p if p[:1] == "`" else re.sub(r"([\\*_<>\[\]#])", r"\\\1", p) for p in parts)


def link_words(cells: list[NotebookNode], words: list[str]) -> None:
    """Link the first use of each word of the glossary, where it stands in a sentence."""
    either = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    pattern = re.compile(rf"\b({either})(e?s)?\b", re.IGNORECASE)
    known = {word.lower(): word for word in words}

    def link(found: re.Match[str]) -> str:
        word = known.pop(found[1].lower(), None)
        return f"{{term}}`{found[0]} <{word}>`" if word else found[0]

    for cell in cells:
        parts = FIXED.split(cell.source)
        cell.source = "".join(p if at % 2 else pattern.sub(link, p) for at, p in enumerate(parts))


def digits_script() -> str:
    """The digits that the ten neurons learn from, in 16 grey levels, as JavaScript."""
    labels = np.random.default_rng(3).integers(0, 10, LEARN + KEPT, np.uint8)
    tiles = synth.write(Labels(labels), seed=3).reshape(-1, ACROSS, 28, 28)
    sheet = np.rint(tiles.transpose(0, 2, 1, 3).reshape(-1, ACROSS * 28) / 17).astype(np.uint8)
    _, png = cv2.imencode(".png", sheet * 17, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    said = {
        "picture": "data:image/png;base64," + base64.b64encode(png.tobytes()).decode(),
        "labels": "".join(map(str, labels)),
        "learn": LEARN,
    }
    return f"const DIGITS = {json.dumps(said)};\n"


def door_page() -> str:
    """What `import mnist_lab` offers, in a line each."""
    lines = "\n".join(_door())
    return f"# The student's door\n\n{_summary(mnist_lab)}\n\n| name | what |\n|---|---|\n{lines}\n"


def _door() -> Iterator[str]:
    for name in mnist_lab.__all__:
        value = getattr(mnist_lab, name)
        rooms = [room for room in ROOMS if name in _offered(room)]
        role = "class" if isinstance(value, type) else "func"
        target = f"{{py:{role}}}`{name} <mnist_lab.{rooms[0]}.{name}>`" if rooms else (
            f"[{name}]({name}.md)"
        )  # fmt: skip
        yield f"| {target} | {_summary(value)} |"


def _offered(room: str) -> list[str]:
    """What a room's door names; nothing for a room that is one file."""
    return getattr(importlib.import_module(f"mnist_lab.{room}"), "__all__", [])


def _summary(value: object) -> str:
    return (getdoc(value) or "").split("\n\n")[0].replace("\n", " ")


def room_page(room: str) -> str:
    """Everything that a room offers, from its docstrings; autodoc overlooks what loads late."""
    title = f"mnist_lab.{room}"
    offered = _offered(room)
    options = "   :members:\n" + ("   :imported-members:\n" if offered else "")
    late = [name for name in offered if name not in vars(importlib.import_module(title))]
    classes = "".join(f"\n.. autoclass:: {title}.{name}\n   :members:\n" for name in late)
    return f"# {title}\n\n```{{eval-rst}}\n.. automodule:: {title}\n{options}{classes}```\n"


if __name__ == "__main__":
    main()
