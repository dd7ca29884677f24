"""How a command answers: its exit status, its lines, and its progress on a terminal."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from mnist_lab.names import readable
from mnist_lab.progress import Progress

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import ProgressColumn

EXIT_OK, EXIT_ERROR, EXIT_USAGE, EXIT_BELOW_MIN, EXIT_INTERRUPTED = 0, 1, 2, 3, 130


class Remarks(Progress):
    """Prints the lines on stderr, so that stdout stays what was asked for."""

    def say(self, line: str) -> None:
        complain(line)


def tell(line: object) -> None:
    """Print a line on stdout, with the names in it so that they can be shown."""
    print(readable(str(line)))


def complain(line: object) -> None:
    """Print a line on stderr, after the program's name."""
    print(f"mnist-lab: {readable(str(line))}", file=sys.stderr)


def make_console(quiet_stdout: bool) -> "Console":
    """A console on stdout, or on stderr when stdout is for JSON; plain unless a terminal."""
    from rich.console import Console

    console = Console(stderr=quiet_stdout)
    console.soft_wrap = not console.is_terminal  # a log's lines stay whole
    return console


def say(console: "Console", line: str, *, whole: bool | None = None) -> None:
    """Print a line, as `tell` does; one in capitals is a notice that must not be overlooked.

    A `whole` line is not broken where the terminal ends, so that a path in it can be copied.
    """
    line = readable(line)
    if line.startswith("THIS IS NOT MNIST"):
        from rich.panel import Panel

        console.print(Panel(line, style="bold red", border_style="bold red"), soft_wrap=False)
    else:
        console.print(line, highlight=False, markup=False, soft_wrap=whole)


class Screen(Progress):
    """Shows work on a terminal: lines as they come, and a bar, of columns and their fields."""

    def __init__(
        self, console: "Console", *columns: "ProgressColumn", visible: bool = False, **fields: Any
    ) -> None:
        from rich.progress import Progress as Bar

        self._console = console
        self._bar = Bar(
            *columns, console=console, transient=True, refresh_per_second=4,
            disable=not console.is_interactive,  # or it leaves an empty line in a log
        )  # fmt: skip
        self._task = self._bar.add_task("", total=None, visible=visible, **fields)
        self._part = 1.0  # of the steps, that is done

    def __enter__(self) -> Self:
        self._bar.__enter__()
        return self

    def __exit__(self, *stop: Any) -> None:  # noqa: PYI036
        self._bar.__exit__(*stop)

    def say(self, line: str) -> None:
        say(self._console, line)

    def step(self, done: int, total: int | None, what: str = "") -> None:
        self._part = done / total if total else 1.0
        self._bar.update(
            self._task, completed=done, total=total, description=what, visible=done != total
        )

    def epoch(self, number: int, figures: Mapping[str, float]) -> None:
        line = "epoch {}/{:.0f}  loss {loss:.4f}  accuracy {accuracy:.4f}"
        if "val_loss" in figures:
            line += "  validation loss {val_loss:.4f}  accuracy {val_accuracy:.4f}"
        self.say(line.format(number, number / self._part, **figures))
