"""Run the commands of docs/first_class.md, and write what they say.

``python -m tools.make_first_class``. It makes the picture of the class page, too, where
Chromium is.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import lab
from mnist_lab.arrays import DataError
from mnist_lab.files import write_text

HERE = Path(__file__).parent.parent
PAGE = HERE / "docs" / "first_class.md"
PICTURE = HERE / "data" / "pictures" / "class.png"
PLACE = "/home/you/course"  # what stands for the folder in which the commands are run
BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
PROGRAMS = {"python": [sys.executable], "mnist-lab": [sys.executable, "-m", "mnist_lab"]}
MAX_LINES = 8  # of what a command says, before its middle is left out


def main() -> None:
    """Write the page and the picture."""
    with tempfile.TemporaryDirectory() as folder:
        write_text(PAGE, render(PAGE.read_text(encoding="utf-8"), Path(folder).resolve()))
        print(PAGE)
        try:
            take_picture(Path(folder) / "first" / "class.html")
            print(PICTURE)
        except DataError as error:
            print(f"no picture: {error}")


def render(text: str, folder: Path) -> str:
    """The page, with what its commands say when they are run in a folder, one after the other."""
    return BLOCK.sub(lambda block: "".join(_answered(block[0], folder)), text)


def _answered(block: str, folder: Path) -> Iterator[str]:
    for command in re.findall(r"^\$ (?:.*\\\n)*.*\n", block, re.MULTILINE):
        yield command
        yield from _tidied(_said(shlex.split(command[2:].replace("\\\n", " ")), folder), folder)


def _said(words: list[str], folder: Path) -> str:
    """What a command says; it must succeed."""
    if words[0] == "cat":
        return (folder / words[1]).read_text(encoding="utf-8")
    paths = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    env = {**os.environ, "PYTHONPATH": paths, "MNIST_LAB_DATA": "stand-in"}
    done = subprocess.run(
        [*PROGRAMS[words[0]], *words[1:]], cwd=folder, env=env, text=True, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    if done.returncode:
        raise DataError(f"{shlex.join(words)}: ends with {done.returncode}: {done.stdout[-500:]}")
    grades = folder / "grades"
    if (grades / "class.html").is_file() and not (folder / "first").exists():
        (folder / "first").mkdir()
        shutil.copy(grades / "class.html", folder / "first")
    return done.stdout


def _tidied(said: str, folder: Path) -> list[str]:
    """Its lines, with students in the order of their names, and the same on every machine."""
    lines = [line for line in said.replace(str(folder), PLACE).splitlines() if line.strip()]
    lines = [re.sub(r"; about .* left$", "", line) for line in lines]
    lines = [line for line in lines if not line.startswith("NO SANDBOX")]
    graded = sorted(line.split("  ", 1)[1] for line in lines if re.match(r"\d+/\d+  ", line))
    count = len(graded)
    first = [f"{at}/{count}  {line}" for at, line in enumerate(graded, 1)]
    lines = [*first, *(line for line in lines if not re.match(r"\d+/\d+  ", line))]
    if len(lines) > MAX_LINES:
        lines = [*lines[:2], "...", lines[-1]]
    return [f"{line}\n" for line in lines]


def take_picture(page: Path) -> None:
    """Take a picture of the upper part of a class page; DataError without a browser."""
    with lab.chromium() as browser:
        context = browser.new_context(viewport={"width": 760, "height": 900}, color_scheme="light")
        tab = context.new_page()
        tab.goto(page.as_uri())
        tab.screenshot(path=str(PICTURE))
        context.close()


if __name__ == "__main__":
    main()
