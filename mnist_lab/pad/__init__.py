"""The drawing pad, and what else runs in a browser: a network on a page for the pocket."""

from typing import TYPE_CHECKING

from mnist_lab.pad.drawing import Drawing, kit_drawing
from mnist_lab.pad.pocket import save_page
from mnist_lab.pad.preview import describe_answer, with_article

if TYPE_CHECKING:
    from mnist_lab.pad.widget import DigitPad
else:

    def __getattr__(name: str) -> type:
        """Load the pad itself when it is asked for: it needs Jupyter, and a drawing does not."""
        if name != "DigitPad":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        try:
            from mnist_lab.pad.widget import DigitPad
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                f"DigitPad needs {error.name}: pip install 'mnist-lab[lab]'", name=error.name
            ) from None
        return DigitPad


__all__ = ["DigitPad", "Drawing", "describe_answer", "kit_drawing", "save_page", "with_article"]
