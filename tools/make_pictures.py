"""Make the pictures of the README and of docs/: python -m tools.make_pictures."""

import argparse
import io
from functools import partial
from pathlib import Path

import cv2
import matplotlib.pyplot as plt
import numpy as np
import PIL.Image
from matplotlib.figure import Figure

from mnist_lab import network, plots, sheet, synth
from mnist_lab.arrays import Digits, Image
from tools.pictures_of_reading import draw_failures, draw_steps
from tools.pictures_of_writing import draw_variants

FOLDER = Path(__file__).parent.parent / "data" / "pictures"
DPI = 130
LOOKS = [(synth.PLAIN, synth.SCANNER), (synth.SQUARED, synth.PHONE), (synth.RULED, synth.PHONE)]
CAMERA = synth.Camera(
    dpi=110, tilt=22, rotation=-14, margin=10, exposure=0.85, uneven=0.2, shadow=0.4, blur=0.6,
)  # fmt: skip


def draw_kit() -> Figure:
    """Three looks of written digits, and the course's network."""
    figure = plt.figure(figsize=(9, 4.9), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=(2.3, 2.6), squeeze=False)[:, 0]
    for ax, hand, (paper, camera) in zip(above.subplots(1, 3), (17, 6, 30), LOOKS, strict=True):
        write = partial(synth.write_strokes, writer=synth.Writer(hand))
        page = synth.lay_out("01234\n56789", write, seed=hand)
        ax.imshow(synth.photograph(page, seed=hand, paper=paper, camera=camera)[0])
        ax.set_axis_off()
    plots.show_network(network.describe_layers(network.course_cnn()), ax=below.subplots())
    return figure


def draw_sheet() -> Figure:
    """A sheet as it is printed, as it is photographed, and what is read of it."""
    figure = plt.figure(figsize=(9, 3.9), layout="constrained")
    axes = figure.subplots(1, 3, width_ratios=(1, 1.15, 1.3))
    write = partial(synth.write_strokes, writer=synth.Writer(6))
    page = sheet.Sheet(4711)
    photo, _ = synth.photograph(sheet.fill_in(page, write, seed=6), seed=6, camera=CAMERA)
    found = sheet.read_sheet(Image(np.asarray(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), np.uint8)))
    for ax, image in zip(axes, (sheet.render(page, dpi=110), photo), strict=False):
        ax.imshow(image, interpolation="antialiased")
        ax.set_xticks([])
        ax.set_yticks([])
    titles = [f"{label}" for label in found.labels[:48]]
    plots.show_digits(Digits(found.digits[:48]), titles, columns=8, ax=axes[2])
    return figure


PICTURES = {  # and in how many colours, where few will do
    "kit": (draw_kit, None),
    "sheet": (draw_sheet, None),
    "steps": (draw_steps, 128),
    "failures": (draw_failures, 128),
    "variants": (draw_variants, 16),
}


def main() -> None:
    """Write a PNG file a picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR", help="where to")
    parser.add_argument(
        "--only", choices=PICTURES, action="append", help="this picture; again for another one"
    )
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for name in args.only or PICTURES:
        draw, colours = PICTURES[name]
        save(draw(), args.out / f"{name}.png", colours=colours)


def save(figure: Figure, path: Path, *, colours: int | None) -> None:
    """Save a figure on white, in all its colours or in a few."""
    if colours is None:
        figure.savefig(path, dpi=DPI, facecolor="white")
        return
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=DPI, facecolor="white")
    few = PIL.Image.open(drawn).convert("RGB")
    few = few.quantize(colours, PIL.Image.Quantize.MAXCOVERAGE, dither=PIL.Image.Dither.NONE)
    few.save(path, optimize=True)


if __name__ == "__main__":
    main()
