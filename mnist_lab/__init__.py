"""mnist_lab: learn how a neural network reads handwriting, and try it on your own.

Everything loads when it is first used, so that `import mnist_lab` costs nothing::

    from mnist_lab import load_mnist, course_cnn, fit, predict_probabilities
    from mnist_lab import evaluate, handwriting, images, paper, plots, scan
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mnist_lab import arrays, evaluate, images, mnist, network, plots, scan
    from mnist_lab.mnist import load_mnist
    from mnist_lab.network import course_cnn, fit, predict_probabilities

__version__ = "0.1.0"
__all__ = [
    "arrays",
    "collection",
    "course_cnn",
    "drawing",
    "evaluate",
    "fit",
    "handwriting",
    "images",
    "load_mnist",
    "mnist",
    "network",
    "pad",
    "paper",
    "plots",
    "predict_probabilities",
    "scan",
    "sheet",
    "sheet_reader",
    "sheet_scan",
    "strokes",
]

_HOME = {
    "load_mnist": "mnist",
    "course_cnn": "network",
    "fit": "network",
    "predict_probabilities": "network",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"mnist_lab.{_HOME[name]}"), name)
    if name in __all__:
        return import_module(f"mnist_lab.{name}")
    raise AttributeError(f"module 'mnist_lab' has no attribute '{name}'")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
