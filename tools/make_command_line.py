"""Write docs/command-line.md from the parser: ``python -m tools.make_command_line``."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from mnist_lab.cli import build_parser
from mnist_lab.files import write_text

PAGE = Path(__file__).parent.parent / "docs" / "command-line.md"
OPENING = """# The command line

`python -m mnist_lab` is the same as `mnist-lab`; `--help` and `--version` work everywhere. An error
is one line on stderr; colour appears only on a terminal. Exit status: 0 done, 1 cannot (the line on
stderr says why), 2 usage, 3 below `--min-score`, 130 interrupted.
"""


def main() -> None:
    """Write the page."""
    write_text(PAGE, render())
    print(PAGE)


def render() -> str:
    """The page: a section a command, with its options and their words."""
    return "\n".join([OPENING, *_sections(build_parser())])


def _sections(parser: argparse.ArgumentParser) -> Iterator[str]:
    inner = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]  # noqa: SLF001
    for each in inner:
        for command in each.choices.values():
            yield from _sections(command)
    if inner:
        return
    options = [each for each in parser._actions if each.dest != "help"]  # noqa: SLF001
    yield f"## {parser.prog}\n\n{parser.description}\n"
    for option in options:
        yield f"- `{_signature(option)}`: {_plain(str(option.help or ''))}"
    if parser.epilog:
        yield f"\n{parser.epilog}"
    yield ""


def _signature(option: argparse.Action) -> str:
    value = option.metavar or option.dest.upper()
    if option.choices:
        value = "{" + ",".join(map(str, option.choices)) + "}"
    if option.nargs == 0:
        value = ""
    more = "..." if option.nargs in {"+", "*"} else ""
    return f"{', '.join(option.option_strings)} {value}{more}".strip()


def _plain(help: str) -> str:
    return " ".join(help.replace("%%", "%").split())


if __name__ == "__main__":
    main()
