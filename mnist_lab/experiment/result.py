"""What an experiment did and found, and every figure of it in plain numbers."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mnist_lab.arrays import Image, Probabilities, Provenance, Split
from mnist_lab.evaluate import Evaluation
from mnist_lab.experiment.trials import Trial, trials_to_dict

if TYPE_CHECKING:
    from mnist_lab.network import Layer

MIN_PROBABILITY = 1e-7  # below it Keras' cross-entropy counts a probability as this


@dataclass(frozen=True, eq=False)
class InversionSample:
    """One new digit as a scanner gives it, and what the network made of it."""

    scan: Image  # uint8 (28, 28), dark ink on white
    label: int  # what it is
    before: NDArray[np.float32]  # (10,), probabilities for the scan as it is
    after: NDArray[np.float32]  # and for the scan inverted
    counted: int  # test digits turned to dark on white to measure the two shares below
    accuracy_before: float  # of those as they are, 0 to 1
    accuracy_after: float  # and inverted


@dataclass(frozen=True, eq=False, kw_only=True)
class ExperimentResult:
    """What an experiment did and found."""

    epochs: int
    seed: int
    batch_size: int
    train: Split  # learnt from
    validation: Split  # measured on after each epoch
    test: Split
    validated_on_test: bool  # whether that is `validation`, as beginners' programs have it
    layers: "list[Layer]"
    history: pd.DataFrame  # a row an epoch: accuracy, loss, val_accuracy, val_loss
    probabilities: Probabilities  # float32 (n, 10), the answers to the test part
    evaluation: Evaluation  # of these
    sample: InversionSample
    seconds: dict[str, float]  # that each part of the work took
    environment: dict[str, str]
    trials: Sequence[Trial] = ()

    @property
    def provenance(self) -> Provenance:
        """Which data this was."""
        assert self.test.provenance
        return self.test.provenance

    @property
    def parameters(self) -> int:
        """Numbers that training set."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def test_loss(self) -> float:
        """Cross-entropy of the answers to the test part, as Keras computes it."""
        right = self.probabilities[np.arange(len(self.test)), self.test.labels]
        return float(-np.log(np.maximum(right, MIN_PROBABILITY)).mean())

    def to_dict(self) -> dict[str, Any]:
        """Every figure in plain numbers, for JSON."""
        found, sample = self.evaluation, self.sample
        last = self.history.iloc[-1]
        return {
            "test_accuracy": found.accuracy,
            "test_loss": self.test_loss,
            "train_accuracy": last["accuracy"],
            "train_loss": last["loss"],
            "validation_accuracy": last["val_accuracy"],
            "validation_loss": last["val_loss"],
            "data": {
                **asdict(self.provenance),
                "train": len(self.train),
                "validation": len(self.validation),
                "test": len(self.test),
            },
            "settings": {
                "epochs": self.epochs,
                "seed": self.seed,
                "batch_size": self.batch_size,
                "optimizer": "adam",
                "loss": "categorical_crossentropy",
                "validate_on_test": self.validated_on_test,
            },
            "network": {
                "parameters": self.parameters,
                "layers": [asdict(layer) for layer in self.layers],
            },
            "history": self.history.reset_index().to_dict(orient="list"),
            "classification_report": found.report.to_dict(orient="index"),
            "confusion_matrix": found.confusion.tolist(),
            "mistakes": [
                {
                    "position": int(at),
                    "label": int(self.test.labels[at]),
                    "read_as": int(self.probabilities[at].argmax()),
                    "confidence": float(self.probabilities[at].max()),
                }
                for at in found.mistakes
            ],
            "calibration": {
                "expected_calibration_error": found.calibration.error,
                "confidence": _plain(found.calibration.confidence),
                "accuracy": _plain(found.calibration.accuracy),
                "count": found.calibration.count.tolist(),
            },
            "inversion": {
                **{name: value for name, value in vars(sample).items() if name != "scan"},
                "before": sample.before.tolist(),
                "after": sample.after.tolist(),
            },
            "scans": trials_to_dict(self.trials),
            "seconds": self.seconds,
            "environment": self.environment,
        }


def how_good(figures: dict[str, Any]) -> dict[str, Any]:
    """What `pad.save_page` says of a network, `accuracy` and `data`, of a result's `to_dict`."""
    data = figures["data"]
    count, name = f"{data['test']:,}", data["name"]
    which = f"{count} test digits that are not MNIST's ({name})"
    if data["verified"]:
        which = f"the {count} test digits of MNIST"
    return {"accuracy": float(figures["test_accuracy"]), "data": which}


def _plain(values: NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]
