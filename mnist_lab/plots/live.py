"""`LiveCurves`: how a training goes, drawn while it runs."""

import io
import math
import sys
import time
from base64 import b64encode
from collections import defaultdict
from typing import Any
from uuid import uuid4

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from mnist_lab.plots.figures import TRAIN_COLOR, VALIDATION_COLOR, plain

SIZE, DENSITY = (7.2, 2.6), 144  # inches, pixels an inch
SHOWN_DENSITY = 90  # at which a page shows it: sharp on a dense screen as well
REST = 0.3  # seconds between two pictures, at the least ...
SHARE = 30  # ... and so many times as long as the last one took to draw: 3 % of the time
EPOCH_SHARE, EPOCH_REST = 4, 1.0  # the same at the ends of short epochs: a fifth of the time
LOOKS = 25  # at the loss within an epoch
ROOM = 0.15  # above and below the curves, as a share of their height
Logs = dict[str, float] | None
Curve = list[tuple[float, float]]  # epochs done, and the quantity then


class LiveCurves:
    """A Keras callback that draws loss and accuracy while a network trains.

    Training, then, looks like this::

        curves = plots.LiveCurves()
        model.fit(x, y, validation_split=0.1, epochs=5, verbose=0, callbacks=[curves])

    In a notebook one picture is kept up to date: large marks stand at the end of each epoch, the
    thin line between them is the training's last few steps. What an interrupted training leaves is
    the picture so far. With the same object, the next training goes on to the right of a line.
    Where nobody watches (a terminal, a notebook that a program runs), a line is printed after each
    epoch; the notebook has the picture as well.
    """

    params: dict[str, Any]

    def __init__(self) -> None:
        self._curves: dict[str, Curve] = defaultdict(list)  # by quantity, at each epoch's end
        self._traces: dict[str, Curve] = defaultdict(list)  # within epochs
        self._starts: list[float] = []  # of each training after the first
        self._done = 0.0  # epochs, of all trainings
        self._cell: Any = None  # that shows the picture
        self._picture = ""  # its display's id

    # What Keras calls

    def __getattr__(self, name: str) -> Any:
        """Any other hook of a callback, which does nothing; Keras itself is not imported here."""
        if name.startswith("on_"):
            return lambda *_, **__: None
        raise AttributeError(name)

    def set_params(self, params: dict[str, Any]) -> None:
        self.params = params

    def set_model(self, model: Any) -> None:
        """Nothing of the network itself is looked at."""

    def on_train_begin(self, logs: Logs = None) -> None:  # noqa: ARG002
        if self._done:
            self._starts.append(self._done)
            for curve in (*self._curves.values(), *self._traces.values()):
                curve.append((self._done, math.nan))  # a gap
        self._start = self._done  # where, and ...
        self._first: int | None = None  # ... with which of Keras' epochs
        self._began: float | None = None
        self._drawn = self._took = 0.0
        self._shell, self._watched = _front_end()
        cell = self._shell and self._shell.get_parent().get("header", {}).get("msg_id")
        if cell != self._cell or not self._picture:
            self._cell, self._picture = cell, ""

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:  # noqa: ARG002
        first = self._first = epoch if self._first is None else self._first
        self._before = self._start + epoch - first
        self._looked, self._sums = 0, dict[str, float]()

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        now, steps = time.perf_counter(), self.params.get("steps")
        self._began = self._began or now  # the first step, which compiles, tells little
        if not (steps and logs):
            return
        seen = min(batch + 1, steps)  # Keras may count beyond
        if seen - self._looked < max(1, steps // LOOKS):
            return
        self._done = self._before + seen / steps
        for what in _quantities(logs):  # Keras gives means since the epoch began
            total, earlier = logs[what] * seen, self._sums.get(what, 0.0)
            self._traces[what].append((self._done, (total - earlier) / (seen - self._looked)))
            self._sums[what] = total
        self._looked = seen
        if self._watched and now - self._drawn > max(REST, SHARE * self._took):
            self._show()

    def on_train_end(self, logs: Logs = None) -> None:  # noqa: ARG002
        """A training that stopped early has its last epoch in the picture as well."""
        if self._shell and self._done < self._last():
            self._show()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:  # noqa: ARG002
        self._done = self._before + 1
        for name in _quantities(logs or {}):
            for what in (name, f"val_{name}"):
                if logs and what in logs:
                    self._curves[what].append((self._done, logs[what]))
        rest = time.perf_counter() - self._drawn
        if self._shell and (
            self._done >= self._last() or rest > min(EPOCH_SHARE * self._took, EPOCH_REST)
        ):
            self._show()
        if not self._watched:
            print(f"epoch {self._count()}  {self._words()}  {self._time()}", flush=True)

    # What is seen

    def _last(self) -> float:
        """Where the axis ends: epochs, when this training will be done."""
        return self._start + self.params.get("epochs", 1) - (self._first or 0)

    def _time(self) -> str:
        """How long it will take still, or took."""
        gone = time.perf_counter() - (self._began or time.perf_counter())
        left = self._last() - self._done
        if left <= 0:
            return f"{_duration(gone)} of training"
        done = self._done - self._start
        return f"about {_duration(gone / done * left)} left" if done and gone else ""

    def _count(self) -> str:
        """How many epochs of this training are done, of how many."""
        return f"{math.floor(self._done - self._start + 1e-6)}/{self._last() - self._start:.0f}"

    def _words(self) -> str:
        """The figures of the last epoch."""
        last = {what: curve[-1][1] for what, curve in self._curves.items() if curve}
        words = []
        for name in _quantities(last):
            words.append(f"{name} {last[name]:.4f}")
            if f"val_{name}" in last:
                words.append(f"validation {last[f'val_{name}']:.4f}")
        return "  ".join(words) if math.isfinite(last.get("loss", 0)) else ""

    def _show(self) -> None:
        """Draw, and put the picture in the place of the one before."""
        from IPython.display import display

        self._drawn = time.perf_counter()
        with io.BytesIO() as file:
            self.draw().savefig(file, format="png")
            png = b64encode(file.getvalue()).decode()
        words = f"Training, {self._count()} epochs done: {self._words() or self._time()}"
        width, height = (round(side * SHOWN_DENSITY) for side in SIZE)
        about = {"image/png": {"width": width, "height": height, "alt": words}}
        shown = self._picture or uuid4().hex
        display(
            {"image/png": png, "text/plain": words}, raw=True, metadata=about,
            display_id=shown, update=shown == self._picture,
        )  # fmt: skip
        self._picture = shown
        self._took = time.perf_counter() - self._drawn
        self._drawn += self._took

    def draw(self) -> Figure:
        """The curves so far, on a figure of their own that no `plt` knows of."""
        figure = Figure(figsize=SIZE, dpi=DENSITY)
        names = _quantities({**self._traces, **self._curves}) or ["loss"]
        axes = figure.subplots(1, len(names), squeeze=False)[0]
        figure.subplots_adjust(left=0.085, right=0.985, top=0.88, bottom=0.17, wspace=0.27)
        for name, ax in zip(names, axes, strict=True):
            self._draw_quantity(name, ax)
        axes[0].legend(frameon=False, loc="upper right", fontsize=8)
        figure.text(0.985, 0.94, self._time(), ha="right", fontsize=9, color="#555")
        epoch = min(int(self._done - self._start) + 1, round(self._last() - self._start))
        where = f"epoch {epoch} of {self._last() - self._start:.0f}"
        figure.text(0.085, 0.94, where, fontsize=9, color="#555")
        return figure

    def _draw_quantity(self, name: str, ax: Axes) -> None:
        trace, learnt, checked = self._traces[name], self._curves[name], self._curves[f"val_{name}"]
        ax.plot(*_columns(trace), color=TRAIN_COLOR, alpha=0.35, linewidth=1)
        ax.plot(*_columns(learnt), "o-", color=TRAIN_COLOR, label="training")
        if checked:
            ax.plot(*_columns(checked), "s--", color=VALIDATION_COLOR, label="validation")
        for place in self._starts:
            ax.axvline(place, color="#8a919c", linewidth=1, linestyle=":")
        ends = learnt + checked  # what comes before the first may be far off
        shown = [value for _, value in ends or trace if math.isfinite(value)]
        if shown and (height := max(shown) - min(shown)) > 0:
            ax.set_ylim(min(shown) - ROOM * height, max(shown) + ROOM * height)
        ax.set(xlabel="epoch", ylabel=name, xlim=(0, self._last() * 1.02))
        ax.xaxis.set_major_locator(MaxNLocator(8, integer=True))
        if name != "loss":
            ax.yaxis.set_major_formatter(PercentFormatter(1))
        plain(ax)


def _front_end() -> tuple[Any, bool]:
    """The shell of a notebook's kernel, if this is one, and whether somebody watches it.

    A front end says with each cell which one it is; a program that runs a notebook does not.
    """
    if "IPython" not in sys.modules:
        return None, False
    from IPython import get_ipython

    shell = get_ipython()
    if getattr(shell, "kernel", None) is None:  # IPython in a terminal
        return None, False
    return shell, bool(shell.get_parent().get("metadata"))


def _quantities(logs: dict[str, Any]) -> list[str]:
    """Which to draw of those that Keras knows: the loss, and the accuracy by whatever name."""
    accuracies = [name for name in logs if "acc" in name and not name.startswith("val_")]
    return [name for name in ("loss", *accuracies[:1]) if name in logs]


def _columns(curve: Curve) -> tuple[list[float], list[float]]:
    return [x for x, _ in curve], [y for _, y in curve]


def _duration(seconds: float) -> str:
    minutes = seconds / 60
    return f"{seconds:.0f} s" if seconds < 100 else f"{minutes:.0f} min"
