"""The reader of pages as plain data, for pad/static/reading.js: its networks and its constants."""

from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

from mnist_lab.pad.modules import join_modules
from mnist_lab.reading import find, lines, read, upright, views

if TYPE_CHECKING:
    import keras

PLACES: tuple[ModuleType, ...] = find, lines, read, upright, views  # of the constants
START_HELPER = "$helper.help(self);"


def describe_reader(
    model: "keras.Model | None" = None, dtype: Literal["float16", "float32"] = "float16"
) -> dict[str, Any]:
    """Describe all that reads a page, as data that JSON can hold.

    `constants` are those of `mnist_lab.reading`, by their names there; `networks` are the
    finder, the segmenter and the classifier; `helper` is the program of the workers that run
    them; `agrees` says whether the finder's and the segmenter's opinions count in the answers.

    Parameters
    ----------
    model : keras.Model, optional
        The classifier, from (28, 28, 1) to (10,); by default the pretrained network together
        with the two that find the digits, as in `read_page`.
    dtype : {"float16", "float32"}
        Of the weights.

    Raises
    ------
    ArrayError
        The classifier has a layer that a browser does not compute.
    """
    from mnist_lab import network

    networks = {
        "finder": network.load_finder(),
        "segmenter": network.load_segmenter(),
        "classifier": network.load_pretrained() if model is None else model,
    }
    constants = {
        name: value
        for place in PLACES
        for name, value in vars(place).items()
        if name.isupper() and isinstance(value, int | float)
    }
    return {
        "constants": constants,
        "networks": {n: network.describe_network(each, dtype) for n, each in networks.items()},
        "helper": join_modules("helper", start=START_HELPER),
        "agrees": model is None,
    }
