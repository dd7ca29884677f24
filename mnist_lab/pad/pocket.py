"""The page for the pocket: one HTML file that holds a network, and reads drawings and photos."""

import json
from base64 import b64encode
from hashlib import sha256
from html import escape
from string import Template
from typing import TYPE_CHECKING, Any

from mnist_lab.arrays import ArrayError
from mnist_lab.files import StrPath, write_text
from mnist_lab.names import readable
from mnist_lab.pad.modules import STATIC, join_modules, join_styles
from mnist_lab.pad.reader import describe_reader

if TYPE_CHECKING:
    import keras

STYLES = "board", "microscope", "pocket"
TOGETHER = (
    "What stands on a photo is read by three networks together: two that find the digits, and "
    "this one. Inside a digit you see this one alone."
)
ALONE = "Two networks that come with mnist_lab find the digits on a photo; this one reads them."


def save_page(
    model: "keras.Model | None",
    path: StrPath,
    *,
    title: str = "",
    accuracy: float | None = None,
    data: str = "",
) -> None:
    """Write a network as one HTML file that opens without a network, and reads on any phone.

    One draws on it and watches every layer, or takes a photo and sees each digit found, with its
    answer. The page says whose network it is and how good it was; it keeps and sends nothing.

    Parameters
    ----------
    model : keras.Model or None
        From a digit to ten probabilities or logits, as `load_model` takes it; None for the
        pretrained one, of which the page knows how good it is.
    path : path
        Of the file, such as ``"my_network.html"``.
    title : str, optional
        Whose network it is: "Ada's network".
    accuracy : float, optional
        Share of test digits that it read right, 0 to 1, and ...
    data : str, optional
        ... of which: "the 10,000 test digits of MNIST".

    Raises
    ------
    ArrayError
        The network has other shapes, a layer that the page does not compute, or does not end in a
        softmax or logits.
    CannotWrite
        `path` cannot be written.
    """
    write_text(path, render_page(model, title=title, accuracy=accuracy, data=data))


def render_page(
    model: "keras.Model | None", *, title: str = "", accuracy: float | None = None, data: str = ""
) -> str:
    """The page that `save_page` writes, as HTML text."""
    from mnist_lab import network
    from mnist_lab.network.adapting import adapt

    pretrained = model is None
    if model is None:
        card = network.pretrained_card()
        model, title = network.load_pretrained(), title or "The pretrained network"
        accuracy, data = accuracy or card.mnist_accuracy, data or "the 10,000 test digits of MNIST"
    model = adapt(model)
    last = model.layers[-1]
    if getattr(getattr(last, "activation", None), "__name__", "") != "softmax":
        raise ArrayError(
            f"expected a network that ends in a softmax, got {last.name!r} at its end: "
            "give its last layer activation='softmax'"
        )
    described = network.describe_network(model, "float32")
    reader = describe_reader(None if pretrained else model)
    del reader["networks"]["classifier"]  # `described` is the same network, to the last bit
    program = join_modules("pocket")
    return Template(_read("pocket.html")).substitute(
        title=escape(readable(title) or "My network"),
        about=escape(readable(f"{_describe(model)} {_how_good(accuracy, data)}")),
        note=TOGETHER if pretrained else ALONE,
        style=join_styles(*STYLES),
        network=_embed(described),
        reader=_embed(reader),
        hash=b64encode(sha256(program.encode()).digest()).decode(),
        program=program,
    )


def _read(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def _embed(value: dict[str, Any]) -> str:
    """JSON that no name in it can end early."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def _describe(model: "keras.Model") -> str:
    layers = sum(1 for layer in model.layers if layer.count_params())
    return f"{model.name}: {layers} layers that learn, {model.count_params():,} numbers learnt."


def _how_good(accuracy: float | None, data: str) -> str:
    if accuracy is None:
        return "How well it reads was not measured."
    return f"It reads {accuracy:.2%} of {data or 'its test digits'} right.".replace("%", " %")
