"""How long work says how far it is, and how it is stopped: one protocol, and Ctrl-C."""

import atexit
import signal
import sys
import textwrap
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

from mnist_lab.names import readable

if TYPE_CHECKING:
    import rich.progress

LINE_WIDTH = 79  # characters, as a cell of a notebook shows them


class Progress:
    """Is told how a long piece of work goes; this one keeps it to itself.

    Whoever shows progress overrides what it shows.
    """

    def say(self, line: str) -> None:
        """Take a line of what was found or done."""

    def step(self, done: int, total: int | None, what: str = "") -> None:
        """Take how many of how many steps are done, and of what; with None, nobody knows."""

    def epoch(self, number: int, figures: Mapping[str, float]) -> None:
        """Take an epoch of a training, from 1: its accuracy, loss, val_accuracy, val_loss."""


SILENT = Progress()


class Printed(Progress):
    """Prints the lines, as a notebook and a script want them, and shows a bar meanwhile.

    The bar is on stderr, only where that is a terminal, and is gone when it is full.
    """

    _bar: "rich.progress.Progress | None" = None

    def say(self, line: str) -> None:
        lines = textwrap.wrap(
            readable(line), LINE_WIDTH, break_long_words=False, break_on_hyphens=False
        )
        print("\n".join(lines), flush=True)

    def step(self, done: int, total: int | None, what: str = "") -> None:
        if self._bar is None:
            self._bar = _show_bar()
            self._task = self._bar.add_task(what, total=total)
        self._bar.update(self._task, completed=done, total=total, description=what)
        if done == total:
            self._bar.stop()
            atexit.unregister(self._bar.stop)
            self._bar = None


def _show_bar() -> "rich.progress.Progress":
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    bar = Progress(
        console=console, transient=True, disable=not console.is_interactive,
        redirect_stdout=sys.stdout.isatty(),  # else lines for a file would follow the bar to stderr
    )  # fmt: skip
    bar.start()
    atexit.register(bar.stop)  # work that fails leaves a terminal its cursor
    return bar


class Interrupts:
    """Lose no Ctrl-C within a block: Python drops one that comes while it tidies up.

    One that was dropped is raised by `check`, and by the end of the block.
    """

    _pressed = False

    def __enter__(self) -> Self:
        if (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        ):
            signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if signal.getsignal(signal.SIGINT) == self._interrupt:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if kind is None:
            self.check()

    def check(self) -> None:
        """Raise KeyboardInterrupt if Ctrl-C was pressed within the block."""
        if self._pressed:
            raise KeyboardInterrupt

    def _interrupt(self, *_: object) -> None:
        self._pressed = True  # what is raised here may be dropped
        raise KeyboardInterrupt
