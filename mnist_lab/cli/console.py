"""How a command answers: its exit status, its lines, and its progress on a terminal."""

from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from rich.console import Console

EXIT_OK, EXIT_ERROR, EXIT_USAGE, EXIT_BELOW_MIN, EXIT_INTERRUPTED = 0, 1, 2, 3, 130


def make_console(quiet_stdout: bool) -> "Console":
    """A console on stdout, or on stderr when stdout is for JSON; plain unless a terminal."""
    from rich.console import Console

    console = Console(stderr=quiet_stdout)
    console.soft_wrap = not console.is_terminal  # a log's lines stay whole
    return console


def say(console: "Console", line: str) -> None:
    """Print a line; one in capitals is a notice that must not be overlooked."""
    if line.startswith("THIS IS NOT MNIST"):
        from rich.panel import Panel

        console.print(Panel(line, style="bold red", border_style="bold red"), soft_wrap=False)
    else:
        console.print(line, highlight=False, markup=False)


class Screen:
    """Show a run on a terminal: lines as they come, and a bar while it trains."""

    def __init__(self, console: "Console", epochs: int) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._console, self._epochs = console, epochs
        self._progress = Progress(
            TextColumn("training"), BarColumn(), TextColumn("{task.percentage:.0f}%"),
            TimeRemainingColumn(), console=console, transient=True, refresh_per_second=4,
            disable=not console.is_interactive,  # or it leaves an empty line in a log
        )  # fmt: skip
        self._task = self._progress.add_task("training", total=None, visible=False)

    def __enter__(self) -> Self:
        self._progress.__enter__()
        return self

    def __exit__(self, *stop: Any) -> None:  # noqa: PYI036
        self._progress.__exit__(*stop)

    def say(self, line: str) -> None:
        say(self._console, line)

    def step(self, done: int, total: int) -> None:
        self._progress.update(self._task, completed=done, total=total, visible=done < total)

    def epoch(self, number: int, figures: dict[str, float]) -> None:
        self.say(
            f"epoch {number}/{self._epochs}  "
            f"loss {figures['loss']:.4f}  accuracy {figures['accuracy']:.4f}  "
            f"validation loss {figures['val_loss']:.4f}  accuracy {figures['val_accuracy']:.4f}"
        )
