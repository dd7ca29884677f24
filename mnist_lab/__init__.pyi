# The student's door: what `import mnist_lab` offers, for editors and for the lazy loader.

from . import data, evaluate, exercises, images, network, pad, plots, reading, sheet, synth
from .data import load_mnist
from .images import invert, load_image, to_digit
from .network import course_cnn, fit, load_model, load_pretrained, predict_probabilities
from .pad import DigitPad
from .reading import read_digit, read_page

__version__: str
__all__ = [
    "DigitPad",
    "course_cnn",
    "data",
    "evaluate",
    "exercises",
    "fit",
    "images",
    "invert",
    "load_image",
    "load_mnist",
    "load_model",
    "load_pretrained",
    "network",
    "pad",
    "plots",
    "predict_probabilities",
    "read_digit",
    "read_page",
    "reading",
    "sheet",
    "synth",
    "to_digit",
]
