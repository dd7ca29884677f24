"""Arrays to matplotlib axes, and the curves of a training while it runs; computes nothing."""

from mnist_lab.plots.figures import (
    FAINT_COLOR,
    INK_COLOR,
    TRAIN_COLOR,
    VALIDATION_COLOR,
    WRONG_COLOR,
    save,
    show_calibration,
    show_confusion,
    show_curves,
    show_digits,
    show_image,
    show_network,
    show_page,
    show_probabilities,
    show_steps,
)
from mnist_lab.plots.live import LiveCurves

__all__ = [
    "FAINT_COLOR",
    "INK_COLOR",
    "TRAIN_COLOR",
    "VALIDATION_COLOR",
    "WRONG_COLOR",
    "LiveCurves",
    "save",
    "show_calibration",
    "show_confusion",
    "show_curves",
    "show_digits",
    "show_image",
    "show_network",
    "show_page",
    "show_probabilities",
    "show_steps",
]
