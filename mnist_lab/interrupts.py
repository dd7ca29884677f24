"""Ctrl-C is heeded wherever it comes."""

import signal
import threading
from typing import Self


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
