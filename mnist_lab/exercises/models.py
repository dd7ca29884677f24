"""A Keras model as plain data: its layers and how it learns, and what it reads. No Keras here."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mnist_lab.arrays import Digits


def is_model(value: Any) -> bool:
    """Whether something is a Keras model, or as good as one."""
    try:
        return callable(value) and all(
            hasattr(value, name) for name in ("layers", "count_params", "summary", "fit")
        )
    except Exception:  # noqa: BLE001  a student's object may do as it likes
        return False


@dataclass(frozen=True)
class Reader:
    """Calls a model with digits, and gives what it is and what it answers as plain data.

    That is a dict: the shape of a digit as its "input", 0 for any size; "layers", a dict for each
    with its "kind", the shape of its "output" without the axis of digits, its "parameters" and its
    "activation"; all "parameters"; the "loss" and the "optimizer", "" before it is compiled; what
    it "gives", a row for each digit.
    """

    model: Any

    def __call__(self, digits: Digits) -> dict[str, Any]:
        """Describe the model, and show it digits, scaled to 0 to 1, in the shape that it takes."""
        gives = self._show(digits)  # first: this builds what is not yet built
        layers = [_describe(layer) for layer in self.model.layers]
        return {
            "input": [int(size or 0) for size in self.model.input_shape[1:]],
            "layers": [each for each in layers if each["kind"] != "InputLayer"],
            "parameters": int(self.model.count_params()),
            "loss": _name(getattr(self.model, "loss", None)),
            "optimizer": _name(getattr(self.model, "optimizer", None)),
            "gives": np.asarray(gives, np.float32),
        }

    def _show(self, digits: Digits) -> Any:
        scaled = np.asarray(digits, np.float32) / np.float32(255)
        takes = getattr(self.model, "input_shape", None) or (None, 28, 28, 1)
        shape = [size or 28 for size in takes[1:]]  # None: any number of rows or columns
        return self.model(scaled.reshape(len(scaled), *shape), training=False)


def _describe(layer: Any) -> dict[str, Any]:
    activation = _name(getattr(layer, "activation", None))
    return {
        "kind": type(layer).__name__,
        "output": [int(size or 0) for size in layer.output.shape[1:]],  # 0 for any size
        "parameters": int(layer.count_params()),
        "activation": "" if activation == "linear" else activation,
    }


def _name(part: Any) -> str:
    """The name of a loss, an optimizer or an activation: a text, a function or an object."""
    if part is None or isinstance(part, str):
        return part or ""
    return str(getattr(part, "name", "") or getattr(part, "__name__", type(part).__name__))
