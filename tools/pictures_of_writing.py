"""A picture of how the procedural writer writes: each digit in all its ways, in several hands."""

from itertools import groupby

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from mnist_lab import synth

HANDS = 3  # that write each way
COLUMNS = 5  # ways side by side
SIDE = 28  # of a digit
ROOM = HANDS * SIDE + 10, SIDE + 16  # for a way and its name
NAMES = 140  # pixels of a sheet of `draw_allographs` that its names take


def draw_variants() -> Figure:
    """Every way of writing a digit, by its name, in three hands each; rows begin with a digit."""
    sheet = synth.draw_allographs(columns=HANDS)
    ways = enumerate(synth.allographs())
    width, top = COLUMNS * ROOM[0] + 20, 0
    figure = plt.figure(figsize=(4.8, 11.85), layout="constrained")
    ax = figure.subplots()
    for digit, group in groupby(ways, key=lambda way: way[1].digit):
        ax.text(0, top + SIDE, str(digit), fontsize=13, weight="bold")
        for place, (number, way) in enumerate(group):
            left = 20 + place % COLUMNS * ROOM[0]
            above = top + place // COLUMNS * ROOM[1]
            written = 255 - sheet[number * SIDE : (number + 1) * SIDE, NAMES:]
            extent = (left, left + HANDS * SIDE, above + SIDE, above)
            ax.imshow(written, cmap="gray", vmin=0, vmax=255, extent=extent)
            name = way.name if way.share else f"({way.name})"
            middle = left + HANDS * SIDE / 2
            ax.text(middle, above + SIDE + 9, name, fontsize=8, ha="center")
        top = above + ROOM[1] + 6
        ax.plot([0, width], [top - 4, top - 4], color="0.8", linewidth=0.6)
    ax.set(xlim=(0, width), ylim=(top, 0), aspect="equal")
    ax.set_axis_off()
    return figure
