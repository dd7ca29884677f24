"""Draw the figures that benchmarks have kept into the pages, and as charts.

A comment in a page says what stands after it, so that nobody types a figure. A value:

    <!--{train.fast.mean_accuracy:.2%}-->99.02 %<!---->

That is, of benchmarks/figures/train.json, the figure mean_accuracy of fast, in Python's format; a
share of exactly all or none has no decimals, and /1000 at the end divides by a thousand. {train}
alone is a file's date, machine and command. A table, under which these are said of all its files;
a row with * is one for each key:

    <!-- figures
    | recipe | accuracy |
    | `fast` | {train.fast.mean_accuracy:.2%} |
    -->
    <!-- end -->
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.command import FIGURES
from mnist_lab.arrays import DataError
from mnist_lab.files import write_text
from tools.charts import draw_charts

HERE = Path(__file__).parent.parent
PICTURES = HERE / "data" / "pictures"
PAGES = [HERE / "README.md", *sorted((HERE / "docs").glob("*.md"))]
TABLE = re.compile(r"^(<!-- figures\n(.*?)\n-->\n).*?(<!-- end -->)$", re.MULTILINE | re.DOTALL)
VALUE = re.compile(r"(<!--(\{.*?)-->).*?(<!---->)")
FIELD = re.compile(r"\{([^{}:]+):?([^{}]*)\}")


def main() -> int:
    """Write pages and charts anew; the exit status is 1 if a page names what there is not."""
    argparse.ArgumentParser(
        prog="python -m tools.make_figures",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    try:
        drawn = {page: render(page.read_text(encoding="utf-8")) for page in PAGES}
        drawn |= {PICTURES / name: text for name, text in draw_charts(look_up).items()}
    except DataError as error:
        print(f"make_figures: {error}", file=sys.stderr)
        return 1
    for file, text in drawn.items():
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            write_text(file, text)
            print(file)
    return 0


def render(text: str) -> str:
    """A page with the figures that the files hold.

    Raises
    ------
    DataError
        A mark has no end, or names a figure that there is not.
    """
    for mark, end, pair in (("<!-- figures", "<!-- end -->", TABLE), ("<!--{", "<!---->", VALUE)):
        if not text.count(mark) == text.count(end) == len(pair.findall(text)):
            raise DataError(f"expected {end} after each {mark}, and nowhere else")
    if re.search(r"^ *<!--\{", text, re.MULTILINE):
        raise DataError("expected no line that begins with <!--{: Markdown takes it for HTML")
    text = TABLE.sub(lambda found: f"{found[1]}{_table(found[2])}\n{found[3]}", text)
    return VALUE.sub(lambda found: f"{found[1]}{_filled(found[2])}{found[3]}", text)


def _table(template: str) -> str:
    """A table of Markdown, and where its figures come from."""
    head, *rows = template.splitlines()
    line = " --- ".join("|" * head.count("|"))
    files = dict.fromkeys(path.partition(".")[0] for path, _ in FIELD.findall(template))
    body = [_filled(row) for each in rows for row in _each_key(each)]
    return "\n".join(
        [_filled(head), line, *body, "", f"<small>Measured {_sources(*files)}</small>", ""]
    )


def _each_key(row: str) -> Iterator[str]:
    above = re.search(r"\{([^{}]+)\.\*", row)
    if not above:
        yield row
        return
    for key in look_up(above[1]):
        yield row.replace("*", key)


def _filled(template: str) -> str:
    return FIELD.sub(lambda found: _shown(*found.groups()), template)


def _shown(path: str, form: str) -> str:
    if "." not in path:
        return _sources(path)
    form, _, divisor = form.partition("/")
    found = look_up(path)
    if isinstance(found, dict):
        raise DataError(f"{{{path}}}: expected one figure, got {', '.join(found)}")
    if form.endswith("%") and found in (0, 1):
        form = ".0%"  # exactly all, or none
    try:
        text = format(found / int(divisor) if divisor else found, form)
    except ValueError as error:
        raise DataError(f"{{{path}}}: {error}") from None
    return text.replace("%", "\N{NO-BREAK SPACE}%")


def _sources(*files: str) -> str:
    """When, on what machine and by which commands the figures of some files were measured."""
    commands: dict[str, list[str]] = {}
    for kept in map(_read, files):
        place = f"{kept['date']}, {kept['machine']}:"
        commands.setdefault(place, []).append(f"`{kept['command']}`")
    return "; ".join(f"{place} {', '.join(each)}" for place, each in commands.items())


def look_up(path: str) -> Any:
    """A figure, or several of them by their keys: file.key.key; DataError if there is none."""
    file, *keys = path.split(".")
    found = _read(file)["figures"]
    for key in keys:
        if not isinstance(found, dict) or key not in found:
            raise DataError(f"{{{path}}}: benchmarks/figures/{file}.json has no {key}")
        found = found[key]
    return found


def _read(file: str) -> dict[str, Any]:
    try:
        return json.loads((FIGURES / f"{file}.json").read_text(encoding="utf-8"))
    except OSError:
        raise DataError(f"there is no benchmarks/figures/{file}.json") from None


if __name__ == "__main__":
    sys.exit(main())
