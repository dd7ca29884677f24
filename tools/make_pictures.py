"""Make the README's pictures: python data/make_pictures.py"""

from functools import partial
from pathlib import Path

import cv2
import matplotlib.pyplot as plt

from mnist_lab import network, plots, sheet
from mnist_lab.synth import handwriting, paper

HERE = Path(__file__).parent / "pictures"
LOOKS = [(paper.PLAIN, paper.SCANNER), (paper.SQUARED, paper.PHONE), (paper.RULED, paper.PHONE)]
CAMERA = paper.Camera(
    dpi=110, tilt=22, rotation=-14, margin=10, exposure=0.85, uneven=0.2, shadow=0.4, blur=0.6,
)  # fmt: skip


def draw_kit() -> plt.Figure:
    """Three looks of written digits, and the course's network."""
    figure = plt.figure(figsize=(9, 4.9), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=(2.3, 2.6))
    for ax, hand, (page, camera) in zip(above.subplots(1, 3), (17, 6, 30), LOOKS, strict=True):
        write = partial(handwriting.write_strokes, writer=handwriting.Writer(hand))
        drawing = paper.lay_out("01234\n56789", write, seed=hand)
        ax.imshow(paper.photograph(drawing, seed=hand, paper=page, camera=camera)[0])
        ax.set_axis_off()
    plots.show_network(network.describe_layers(network.course_cnn()), ax=below.subplots())
    return figure


def draw_sheet() -> plt.Figure:
    """A sheet as it is printed, as it is photographed, and what is read of it."""
    figure = plt.figure(figsize=(9, 3.9), layout="constrained")
    axes = figure.subplots(1, 3, width_ratios=(1, 1.15, 1.3))
    write = partial(handwriting.write_strokes, writer=handwriting.Writer(6))
    page = sheet.Sheet(4711)
    photo, _ = paper.photograph(sheet.fill_in(page, write, seed=6), seed=6, camera=CAMERA)
    found = sheet.read_sheet(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY))
    for ax, image in zip(axes, (sheet.render(page, dpi=110), photo), strict=False):
        ax.imshow(image, interpolation="antialiased")
        ax.set_xticks([])
        ax.set_yticks([])
    titles = [f"{label}" for label in found.labels[:48]]
    plots.show_digits(found.digits[:48], titles, columns=8, ax=axes[2])
    return figure


HERE.mkdir(exist_ok=True)
for name, draw in (("kit", draw_kit), ("sheet", draw_sheet)):
    draw().savefig(HERE / f"{name}.png", dpi=130, facecolor="white")
