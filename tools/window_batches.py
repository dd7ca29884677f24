"""Batches of windows: drawn by processes beside a training, and seen again."""

import multiprocessing
import queue
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count, cycle
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import MnistLabError
from tools.material import Material
from tools.scene import SIDE
from tools.targets import CELLS, targets, view
from tools.windows import WindowMaker

BATCH = 32  # windows
AHEAD = 8  # batches that a process draws before they are asked for
KEPT, KEPT_FIRST = 300, 40  # batches that are seen again; more than so many before any is


Draw = Callable[[Material, int, Iterable[int]], Iterator[Any]]


class WindowBatch(NamedTuple):
    """Windows as the network sees them, and what it should answer.

    Attributes
    ----------
    views : float (n, SIDE, SIDE)
        Local contrast.
    wanted : float (n, CELLS, CELLS, 7)
        As `targets` gives them.
    """

    views: NDArray[np.floating]
    wanted: NDArray[np.floating]


def replay(
    fresh: Iterator[WindowBatch], first: int, rng: np.random.Generator
) -> Iterator[WindowBatch]:
    """Batches from step `first` on: a fresh one in three, else windows of the latest mixed.

    What is seen again has another contrast, the other polarity half of the time, and noise.
    """
    kept: deque[WindowBatch] = deque(maxlen=KEPT)
    for step in count(first):
        if len(kept) > KEPT_FIRST and step % 3:
            yield _altered(kept, rng)
        else:
            kept.append(next(fresh))
            yield kept[-1]


def _altered(kept: Sequence[WindowBatch], rng: np.random.Generator) -> WindowBatch:
    batch, row = rng.integers(0, len(kept), BATCH), rng.integers(0, BATCH, BATCH)
    chosen = [(kept[b], r) for b, r in zip(batch, row, strict=True)]
    views = np.stack([each.views[r] for each, r in chosen]).astype(np.float32)
    wanted = np.stack([each.wanted[r] for each, r in chosen])
    contrast = rng.choice([-1, 1], BATCH) * rng.uniform(0.6, 1.15, BATCH)
    grain = rng.exponential(0.04, BATCH)[:, None, None]
    noise = grain * rng.standard_normal(views.shape) * (views != 0)  # none beyond the picture
    return WindowBatch(views * contrast[:, None, None] + noise, wanted)


def draw_batches(material: Material, seed: int, numbers: Iterable[int]) -> Iterator[WindowBatch]:
    """Draw the batches of these numbers; each depends on its number and the seed alone."""
    for number in numbers:
        maker = WindowMaker(material, (seed, number))
        batch = WindowBatch(
            np.zeros((BATCH, SIDE, SIDE), np.float16),
            np.zeros((BATCH, CELLS, CELLS, 7), np.float16),
        )
        for views, wanted in zip(*batch, strict=True):
            window = maker.window()
            views[:], wanted[:] = view(window), targets(window)
        yield batch


@contextmanager
def draw_beside(
    draw: Draw, material: Material, *, seed: int, workers: int, first: int
) -> Iterator[Iterator[Any]]:
    """Batches number `first` and on, drawn by processes that end with the block.

    `draw` is given the material, the seed and the batches' numbers.
    """
    if not workers:
        yield draw(material, seed, count(first))
        return
    spawn = multiprocessing.get_context("spawn")
    queues = [spawn.Queue(AHEAD) for _ in range(workers)]
    processes = [
        spawn.Process(
            target=_serve, args=(draw, material, seed, count(first + n, workers), out), daemon=True
        )
        for n, out in enumerate(queues)
    ]
    try:
        with _ctrl_c_ignored():
            for process in processes:
                process.start()
        yield _take_turns(processes, queues)
    finally:
        for process in processes:
            if process.pid:
                process.terminate()
                process.join()


@contextmanager
def _ctrl_c_ignored() -> Iterator[None]:
    """Ignore Ctrl-C, and let processes that start meanwhile ignore it for ever."""
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


def _take_turns(processes: Sequence[BaseProcess], queues: Sequence[Any]) -> Iterator[Any]:
    """Batches in the order of their numbers."""
    for process, out in cycle(zip(processes, queues, strict=True)):
        while True:
            try:
                yield out.get(timeout=1)
                break
            except queue.Empty:
                if not process.is_alive():
                    raise MnistLabError(
                        f"a process that draws windows died with status {process.exitcode}"
                    ) from None


def _serve(draw: Draw, material: Material, seed: int, numbers: Iterable[int], out: Any) -> None:
    """Draw the batches of these numbers until the training is gone."""
    cv2.setNumThreads(1)
    training = multiprocessing.parent_process()
    assert training
    for batch in draw(material, seed, numbers):
        while training.is_alive():
            try:
                out.put(batch, timeout=1)
                break
            except queue.Full:
                continue
        else:
            out.cancel_join_thread()  # nobody will take what is still in it
            return
