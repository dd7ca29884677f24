"""How a training went: its figures as a table, and the weights of each epoch."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mnist_lab.arrays import MnistLabError, OptionError
from mnist_lab.network._keras import keras
from mnist_lab.network.models import copy_model


class NoFigure(MnistLabError, KeyError):
    """A training has no figure of this name."""

    __str__ = Exception.__str__  # a KeyError's own would put it into quotes


class History(pd.DataFrame):
    """What a training gave: a row an epoch, from 1, and a column a figure.

    What pandas makes of it is a plain DataFrame.
    """

    @property
    def history(self) -> dict[str, list[float]]:
        """The same as Keras gives it: a list of each figure, with a value an epoch."""
        return {str(name): values.tolist() for name, values in self.items()}

    def __getitem__(self, key: Any) -> Any:
        """A figure, or whatever else pandas gives; NoFigure if a training has none so named."""
        if isinstance(key, str) and key not in self.columns:
            today = key.replace("acc", "accuracy")
            changed = "" if today not in self.columns else f": it is called {today!r} today"
            raise NoFigure(
                f"expected a figure of {', '.join(map(str, self.columns))}, got {key!r}{changed}"
            )
        return super().__getitem__(key)


class WeightHistory(keras.callbacks.Callback):
    """A Keras callback that keeps a network's weights: before training, and after each epoch.

    A second training of the same network goes on where the first ended; one of another network
    begins anew. `pad.Microscope` has a slider for it.

    Attributes
    ----------
    weights : list of list of float32 arrays
        As `model.get_weights()` gives them, by epochs trained; `weights[0]` is before training.

    Examples
    --------
    >>> history = WeightHistory()
    >>> model.fit(x, y, epochs=5, callbacks=[history])
    >>> history.model_at(1)  # the network as it was after one epoch
    """

    def __init__(self) -> None:
        super().__init__()
        self.weights: list[list[NDArray[np.float32]]] = []
        self._kept: keras.Model | None = None

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        if self._kept is not self.model:
            self._kept, self.weights = self.model, [self.model.get_weights()]

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        self.weights.append(self.model.get_weights())

    def model_at(self, epochs: int) -> keras.Model:
        """The network as it was after so many epochs, a copy; 0 is before training.

        OptionError if it has not been trained that long.
        """
        if self._kept is None:
            raise OptionError("nothing was kept yet: model.fit(..., callbacks=[history]) keeps")
        if not 0 <= epochs < len(self.weights):
            raise OptionError(f"expected 0 to {len(self.weights) - 1} epochs, got {epochs}")
        model = copy_model(self._kept)
        model.set_weights(self.weights[epochs])
        return model

    def __len__(self) -> int:
        return len(self.weights)

    def __repr__(self) -> str:
        return f"WeightHistory({max(0, len(self) - 1)} epochs)"
