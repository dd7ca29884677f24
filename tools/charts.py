"""The charts of the figures that benchmarks have kept, for `tools.make_figures` to write."""

import io
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MultipleLocator

INK, GROUND = "#1f1f1f", "#ffffff"
# The same picture for who reads at night; it has its own ground, and so is legible on any.
STYLE = f"""<style>
:root {{ --ink: {INK}; --ground: {GROUND}; }}
@media (prefers-color-scheme: dark) {{ :root {{ --ink: #e6e6e6; --ground: #16191d; }} }}
</style>
"""
COLOURS = "#2e86c9", "#d98200", "#8c8c8c"
# What each is called, and where that stands: points from its own, and how it is aligned.
RECIPES = {
    "train.course": ("the course's program", (8, -4), "left"),
    "train.fast": ("fast", (8, -4), "left"),
    "train.record": ("a record in one epoch", (8, -4), "left"),
    "train.strong": ("strong", (-8, -4), "right"),
    "train_long.full": ("strong, in float32", (0, -17), "left"),
    "train_long.long": ("strong, wider and longer", (6, 7), "right"),
}
KINDS = {"mouse": "drawn with a mouse", "photo": "photographed", "scan": "scanned", "all": "all"}
WAYS = {"read": "the kit", "inverted": "resized and inverted", "resized": "resized to 28 by 28"}


def draw_charts(look_up: Callable[[str], Any]) -> dict[str, str]:
    """Each chart's file name, and its SVG; `look_up` gives a figure by its path."""
    style: Any = {
        "svg.fonttype": "none", "svg.hashsalt": "figures", "font.size": 11,
        "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": INK,
        "xtick.color": INK, "ytick.color": INK,
        "axes.spines.top": False, "axes.spines.right": False,
    }  # fmt: skip
    charts = {"recipes.svg": _draw_recipes, "reading.svg": _draw_reading}
    with mpl.rc_context(style):
        return {name: _svg(draw, look_up) for name, draw in charts.items()}


def _svg(draw: Callable[[Axes, Callable[[str], Any]], None], look_up: Callable[[str], Any]) -> str:
    figure = Figure(
        figsize=(5, 3.2), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.1), facecolor=GROUND
    )
    ax = figure.subplots()
    ax.set_facecolor("none")
    draw(ax, look_up)
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    text = file.getvalue().replace(INK, "var(--ink)").replace(GROUND, "var(--ground)")
    text = "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
    return text.replace(" <defs>", STYLE + " <defs>", 1)


def _draw_recipes(ax: Axes, look_up: Callable[[str], Any]) -> None:
    """Accuracy against time, which is logarithmic."""
    for path, (name, offset, side) in RECIPES.items():
        kept = look_up(path)
        mean = 100 * kept["mean_accuracy"]
        reach = [[mean - 100 * kept["lowest"]], [100 * kept["highest"] - mean]]
        seconds = kept["median_seconds"]
        ax.errorbar(seconds, mean, reach, fmt="o", color=COLOURS[0], capsize=3)
        ax.annotate(name, (seconds, mean), offset, textcoords="offset points", ha=side)
    ax.set_xscale("log")
    ax.set_xlim(1.8, 400)
    ax.set_ylim(97.9, 99.9)
    ax.set_xticks([3, 10, 30, 100, 300], ["3", "10", "30", "100", "300"])
    ax.set_xticks([], minor=True)
    ax.set_xlabel("seconds in training (median)")
    ax.set_title("accuracy on MNIST's test part, %", loc="left", fontsize=11)
    ax.yaxis.set_major_locator(MultipleLocator(0.5))


def _draw_reading(ax: Axes, look_up: Callable[[str], Any]) -> None:
    """A bar for each kind of picture and way to read it."""
    kinds = look_up("scans.single")
    for number, ((way, name), colour) in enumerate(zip(WAYS.items(), COLOURS, strict=True)):
        shares = [100 * kinds[kind][way] for kind in KINDS]
        places = [4 * at + number for at in range(len(KINDS))]
        bars = ax.barh(places, shares, 0.9, color=colour, label=name)
        ax.bar_label(bars, [f"{share:.3g}" for share in shares], padding=3, fontsize=9)
    ax.set_yticks([4 * at + 1 for at in range(len(KINDS))], list(KINDS.values()))
    ax.invert_yaxis()
    ax.set_xlim(0, 112)
    ax.set_title("single digits read right, %", loc="left", fontsize=11)
    assert isinstance(ax.figure, Figure)
    ax.figure.legend(
        loc="outside lower center", ncols=3, frameon=False, fontsize=9.5, handlelength=0.8,
        handletextpad=0.5, columnspacing=1.2,
    )  # fmt: skip
