"""What runs in the browser: the pad, the microscope, and a network's page for the pocket."""

from importlib import import_module
from typing import TYPE_CHECKING

from mnist_lab.pad.drawing import Drawing, kit_drawing
from mnist_lab.pad.pocket import save_page
from mnist_lab.pad.preview import describe_answer, with_article

if TYPE_CHECKING:
    from mnist_lab.pad.microscope import Microscope
    from mnist_lab.pad.widget import DigitPad
else:
    WIDGETS = {"DigitPad": "widget", "Microscope": "microscope"}

    def __getattr__(name: str) -> type:
        """Load a widget when it is asked for: it needs Jupyter, and a drawing does not."""
        if name not in WIDGETS:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        try:
            return getattr(import_module(f"{__name__}.{WIDGETS[name]}"), name)
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                f"{name} needs {error.name}: pip install 'mnist-lab[lab]'", name=error.name
            ) from None


__all__ = [
    "DigitPad",
    "Drawing",
    "Microscope",
    "describe_answer",
    "kit_drawing",
    "save_page",
    "with_article",
]
