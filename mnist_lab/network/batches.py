"""Digits and labels as a network takes them, all at once or a batch at a time."""

from collections.abc import Callable
from math import ceil

import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import Batch, Digits, Labels, Probabilities, check_digits, check_labels
from mnist_lab.network._keras import keras
from mnist_lab.synth.augment import distort


def to_batch(digits: Digits) -> Batch:
    """Scale digits to [0, 1] and add the channel: uint8 (n, 28, 28) to float32 (n, 28, 28, 1)."""
    return Batch(np.divide(check_digits(digits), 255, dtype=np.float32)[..., np.newaxis])


def one_hot(labels: Labels) -> NDArray[np.float32]:
    """Labels, uint8 (n,), to rows with a 1 in the label's place: float32 (n, 10)."""
    return np.eye(10, dtype=np.float32)[check_labels(labels)]


class Batches(keras.utils.PyDataset):
    """Training digits, a batch at a time: in a new order each epoch, distorted on the way.

    The digits, uint8 (n, 28, 28), come with the probabilities to learn, float32 (n, 10), and are
    distorted by `synth.distort` unless `augment_strength` is 0. What a batch holds depends on the
    seed, the epoch and its number only, and at an `epoch_fraction` below 1 on the network as the
    epoch begins, so that training can go on where it stopped.

    `epoch_fraction` is the share of the digits that an epoch takes. Below 1, the first epochs go
    through all digits once; in each that follows, half are those that the network then reads
    worst, and half are drawn from the others: most digits are soon easy, and teach little.

    References
    ----------
    Loshchilov and Hutter 2016, *Online batch selection for faster training of neural
    networks*.
    """

    def __init__(
        self,
        digits: Digits,
        targets: NDArray[np.float32],
        *,
        batch_size: int,
        seed: int,
        augment_strength: float = 0.0,
        epoch_fraction: float = 1.0,
    ) -> None:
        # a single worker is TensorFlow's own, whose end may be waited for most of a second
        super().__init__(workers=2)
        self._all, self._all_targets, self._batch_size = digits, targets, batch_size
        self.seed, self._strength = seed, augment_strength
        self._size = ceil(epoch_fraction * len(digits))
        self._begun: int | None = None
        self.begin(0)

    def __len__(self) -> int:
        return ceil(self._size / self._batch_size)

    def __getitem__(self, number: int) -> tuple[Batch, NDArray[np.float32]]:
        at = self._order[number * self._batch_size : (number + 1) * self._batch_size]
        return to_batch(Digits(self._digits[at])), self._targets[at]

    def begin(self, epoch: int, predict: Callable[[Digits], Probabilities] | None = None) -> None:
        """Choose, shuffle and distort for an epoch, from 0, of a network that predicts so.

        All at once: numpy's threads, asked a batch at a time, would take the processor from
        the training. (Keras' own hooks are called more often than an epoch begins.)
        """
        if epoch == self._begun == 0:  # it was, for the batch that Keras asks for before
            return
        self._begun = epoch
        rng = np.random.default_rng((self.seed, epoch))
        chosen, self._order = np.unique(self._choose(epoch, predict, rng), return_inverse=True)
        self._digits, self._targets = Digits(self._all[chosen]), self._all_targets[chosen]
        if self._strength:
            self._digits = distort(self._digits, rng, strength=self._strength)

    def _choose(
        self,
        epoch: int,
        predict: Callable[[Digits], Probabilities] | None,
        rng: np.random.Generator,
    ) -> NDArray[np.intp]:
        n, size = len(self._all), self._size
        if size == n:
            return rng.permutation(n)
        if epoch * size < n or predict is None:
            once = np.random.default_rng(self.seed).permutation(n)
            return once.take(range(epoch * size, (epoch + 1) * size), mode="wrap")
        errors = np.abs(predict(self._all) - self._all_targets).sum(axis=1)
        hard, others = np.split(np.argsort(-errors, kind="stable"), [size // 2])
        return rng.permutation(
            np.concatenate([hard, rng.choice(others, size - len(hard), replace=False)])
        )
