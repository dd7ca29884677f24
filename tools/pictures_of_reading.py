"""Pictures of how a page is read: each step on the way, and pages on which it fails."""

from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mnist_lab import load_image, plots, read_page, synth
from mnist_lab.arrays import Image

PAGE = Path(__file__).parent.parent / "data" / "pages" / "squared.jpg"
WIDTH = 4.8  # inches, of a picture that a phone shows as well


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A page that is not read right: what it says, who wrote it, how it is seen."""

    name: str = field(kw_only=False)
    text: str = field(kw_only=False)
    hand: int  # the writer's seed, and the page's
    camera: synth.Camera = synth.SCANNER
    quarters: int = 0  # by which the picture is turned, anticlockwise
    layout: dict[str, Any] = field(default_factory=dict)

    def picture(self) -> Image:
        """The page as it is read."""
        write = partial(synth.write_strokes, writer=synth.Writer(self.hand))
        page = synth.lay_out(self.text, write, seed=self.hand, **self.layout)
        photo, _ = synth.photograph(page, seed=self.hand, camera=self.camera)
        return Image(np.ascontiguousarray(np.rot90(load_image(photo), self.quarters)))


FAILURES = [
    Failure("run together", "3508\n2746", hand=1, layout={"gap": -0.25}),
    Failure("steep", "2864\n1357", hand=1, camera=replace(synth.SCANNER, rotation=32)),
    Failure("turned", "1808", hand=2, quarters=1),
    Failure("open", "2026\n31415", hand=5),
]


def draw_steps() -> Figure:
    """A page on its way to digits, step by step."""
    page = read_page(load_image(PAGE))
    told = {step.name: step.image for step in page.steps}
    hottest = max((name for name in told if "heat" in name), key=lambda name: told[name].mean())
    figure, axes = _panels(4, 2, height=6.3)
    shown = [
        ("1. the picture", page.image),
        ("2. turned upright", told["upright"]),
        ("3. local contrast", told["contrast"]),
        (f"4. heat, at scale {hottest.split()[-1]}", told[hottest]),
        ("5. candidates", told["candidates"]),
        ("6. their own ink", told["digits"]),
    ]
    for ax, (title, image) in zip(axes, shown, strict=False):
        ax.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="antialiased")
        ax.set_title(title, fontsize=10)
    plots.show_digits(page.digits, [""] * len(page), columns=4, ax=axes[6])
    axes[6].set_title("7. digits, as MNIST has them", fontsize=10)
    page.draw(axes[7])
    axes[7].set_title("8. the answers", fontsize=10)
    return figure


def draw_failures() -> Figure:
    """Pages that are not read right, with what was read."""
    figure, axes = _panels(2, 2, height=5.0)
    for ax, failure in zip(axes, FAILURES, strict=True):
        page = read_page(failure.picture())
        page.draw(ax)
        written, found = failure.text.replace("\n", " / "), page.text.replace("\n", " / ")
        ax.set_title(f"{failure.name}: {written}\nread as {found}", fontsize=10)
    return figure


def _panels(rows: int, columns: int, *, height: float) -> tuple[Figure, list[Axes]]:
    figure = plt.figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel().tolist()
    for ax in axes:
        ax.set_axis_off()
    return figure, axes
