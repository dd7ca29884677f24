"""Arrays to matplotlib axes; computes nothing.

Each function draws on `ax`, or on a new figure of its own, and gives the axes back.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from mnist_lab.arrays import ArrayError, Digits, Image
from mnist_lab.evaluate import Calibration
from mnist_lab.files import StrPath, atomic_write

if TYPE_CHECKING:
    from mnist_lab.network import Layer
    from mnist_lab.reading import PageReading

TRAIN_COLOR, VALIDATION_COLOR, WRONG_COLOR = "#0b62a4", "#d1600a", "#b3261e"
INK_COLOR, FAINT_COLOR = "#1c1c1c", "#c9ced6"
MAX_SQUARES = 100  # pixels of an image's longer side, up to which each is drawn as a square


def show_digits(
    digits: Digits,
    titles: Sequence[str] | None = None,
    *,
    columns: int = 10,
    spacing: int = 32,
    ax: Axes | None = None,
) -> Axes:
    """Draw digits, uint8 (n, 28, 28), side by side in rows, each under its title.

    `spacing` is the distance from one digit to the next in their own pixels: more for
    longer titles. Fewer or more titles than digits are an ArrayError.
    """
    if titles is not None and len(titles) != len(digits):
        raise ArrayError(f"expected a title for each of {len(digits)} digits, got {len(titles)}")
    rows = -(-len(digits) // columns) or 1
    columns = min(columns, len(digits)) or 1
    lines = max((title.count("\n") + 1 for title in titles or []), default=0)
    step_x, step_y = spacing, 34 + 6 * lines
    ax = ax or _axes(width=columns * step_x / 42, height=rows * step_y / 42)
    for k, digit in enumerate(digits):
        x, y = k % columns * step_x, k // columns * step_y
        _show(ax, digit, extent=(x, x + 28, y + 28, y))
        if titles is not None:
            ax.text(x + 14, y - 2, titles[k], ha="center", va="bottom", fontsize=8, color=INK_COLOR)
    margin = (step_x - 28) / 2
    ax.set(xlim=(-margin, columns * step_x - margin), ylim=((rows - 1) * step_y + 30, 30 - step_y))
    ax.set_axis_off()
    return ax


def show_image(image: Image, *, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw one image, uint8 (height, width), from black at 0 to white at 255."""
    ax = ax or _axes(width=2.2, height=2.4)
    _show(ax, image)
    ax.set_title(title, fontsize=9)
    ax.set(xticks=[], yticks=[])
    return ax


def show_curves(history: pd.DataFrame, what: str, *, ax: Axes | None = None) -> Axes:
    """Draw a quantity of the history, ``"loss"`` or ``"accuracy"``, for both splits.

    `history` is what ``network.fit`` gives: a row an epoch, columns `what` and ``val_`` + `what`.
    """
    ax = ax or _axes(width=4.2, height=3)
    ax.plot(history.index, history[what], "o-", color=TRAIN_COLOR, label="training")
    ax.plot(
        history.index, history[f"val_{what}"], "s--", color=VALIDATION_COLOR, label="validation"
    )
    ax.set(xlabel="epoch", ylabel=what, xticks=history.index[:: max(1, len(history) // 10)])
    if what == "accuracy":
        ax.yaxis.set_major_formatter(PercentFormatter(1))
    ax.legend(frameon=False)
    return plain(ax)


def show_confusion(confusion: NDArray[np.int64], *, ax: Axes | None = None) -> Axes:
    """Draw a confusion matrix, int (10, 10): what it was by row, what was read by column.

    Colour grows with the share of its row, so that a rare digit's mistakes show as well.
    """
    ax = ax or _axes(width=4.8, height=4.6)
    share = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    ax.imshow(np.sqrt(share), cmap="Blues", vmin=0, vmax=1.15)
    for row, column in np.ndindex(confusion.shape):
        count = confusion[row, column]
        if count:
            dark = share[row, column] > 0.4
            color = "white" if dark else WRONG_COLOR if row != column else INK_COLOR
            ax.text(column, row, f"{count}", ha="center", va="center", fontsize=8, color=color)
    ticks = range(len(confusion))
    ax.set(xticks=ticks, yticks=ticks, xlabel="read as", ylabel="it was")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def show_calibration(calibration: Calibration, *, ax: Axes | None = None) -> Axes:
    """Draw accuracy against confidence, bin by bin; the diagonal is perfect calibration."""
    ax = ax or _axes(width=4.2, height=3.4)
    filled = calibration.count > 0
    ax.plot([0, 1], [0, 1], color=FAINT_COLOR, label="perfect calibration")
    bins = calibration.confidence[filled], calibration.accuracy[filled]
    ax.plot(*bins, "o-", color=TRAIN_COLOR, label="this network")
    for x, y, count in zip(*bins, calibration.count[filled], strict=True):
        ax.annotate(
            f"{count:,}", (x, y), (4, -11), textcoords="offset points", fontsize=7, color="#555"
        )
    ax.set(
        xlabel="how sure it was", ylabel="how often it was right", xlim=(0, 1.06), ylim=(0, 1.06)
    )
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1))
    ax.legend(frameon=False, loc="lower right")
    return plain(ax)


def show_probabilities(probabilities: NDArray[np.float32], *, ax: Axes | None = None) -> Axes:
    """Draw one digit's ten probabilities, float (10,), as bars; the answer stands out."""
    ax = ax or _axes(width=2.6, height=2.4)
    answer = int(np.argmax(probabilities))
    colors = [TRAIN_COLOR if digit == answer else FAINT_COLOR for digit in range(10)]
    ax.bar(range(10), probabilities, color=colors)
    ax.set(xticks=range(10), ylim=(0, 1))
    ax.yaxis.set_major_formatter(PercentFormatter(1))
    return plain(ax)


def show_network(layers: Sequence["Layer"], *, ax: Axes | None = None) -> Axes:
    """Draw a network as a row of blocks: what each does, what it gives, what it learns.

    `layers` are from ``network.describe_layers``. The block height is log10 of the output size.
    """
    ax = ax or _axes(width=1.06 * len(layers), height=2.9)
    arrow = {"arrowstyle": "-|>", "color": "#555", "linewidth": 0.9}
    for x, layer in enumerate(layers):
        height = 0.35 + 0.28 * float(np.log10(np.prod(layer.shape)))
        fill, edge = ("#dbe9f6", TRAIN_COLOR) if layer.parameters else ("#eef0f3", "#8a919c")
        block = FancyBboxPatch(
            (x - 0.34, -height / 2), 0.68, height, facecolor=fill, edgecolor=edge, linewidth=0.9
        )
        block.set_boxstyle("round", pad=0, rounding_size=0.06)
        ax.add_patch(block)
        shape = "\u00d7".join(map(str, layer.shape))
        ax.text(x, 0, shape, ha="center", va="center", fontsize=8)
        label = layer.kind + "\n" + layer.setting.replace(", ", "\n")
        ax.text(x, 0.93, label, ha="center", va="bottom", fontsize=8, color=INK_COLOR)
        learnt = f"{layer.parameters:,}" if layer.parameters else "nothing"
        ax.text(x, -0.93, f"learns\n{learnt}", ha="center", va="top", fontsize=8, color="#444")
        if x:
            ax.annotate("", (x - 0.35, 0), (x - 0.65, 0), arrowprops=arrow)
    ax.set(xlim=(-0.5, len(layers) - 0.5), ylim=(-1.5, 1.75))
    ax.set_axis_off()
    return ax


def show_steps(page: "PageReading", *, ax: Axes | None = None) -> Axes:
    """Draw how a picture was read: each step's image beside its name and its sentence."""
    ax = ax or _axes(width=6.4, height=1.5 * len(page.steps))
    for row, step in enumerate(page.steps):
        height, width = step.image.shape
        zoom = min(1.9 / width, 0.9 / height)  # a cell is 2 wide and 1 high
        left, top = 1 - width * zoom / 2, row + 0.5 - height * zoom / 2
        _show(ax, step.image, extent=(left, left + width * zoom, top + height * zoom, top))
        ax.text(2.1, row + 0.35, step.name, fontsize=10, color=TRAIN_COLOR, va="center")
        ax.text(2.1, row + 0.62, step.sentence, fontsize=8, color=INK_COLOR, va="center", wrap=True)
    ax.set(xlim=(0, 4.6), ylim=(len(page.steps), 0))
    ax.set_axis_off()
    return ax


def show_page(page: "PageReading", *, min_confidence: float = 0.5, ax: Axes | None = None) -> Axes:
    """Draw a picture with a box around each digit and what it was read as above the box.

    An answer whose probability is below `min_confidence`, 0 to 1, is red and has a question
    mark.
    """
    height, width = page.image.shape
    zoom = 6.4 / max(height, width)
    ax = ax or _axes(width=max(1.5, width * zoom), height=max(1.5, height * zoom))
    page.draw(ax, min_confidence=min_confidence)
    return ax


def save(ax: Axes, path: StrPath) -> None:
    """Write the figure that axes are on, and close it; CannotWrite if the place cannot be."""
    plt.figure(ax.get_figure(root=True))
    with atomic_write(path) as draft:
        plt.savefig(draft, dpi=120)
    plt.close()


def _show(ax: Axes, image: Image, **where: Any) -> None:
    """Put grey levels on axes: a digit with a square for each pixel, a page without jags."""
    smooth = "none" if max(image.shape) <= MAX_SQUARES else "antialiased"
    ax.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation=smooth, **where)


def _axes(*, width: float, height: float) -> Axes:
    """New axes, in inches."""
    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def plain(ax: Axes) -> Axes:
    """Axes without a box, over a faint grid."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(color="#e6e9ee", linewidth=0.7)
    ax.set_axisbelow(True)
    return ax
