"""Make the README's picture: python data/make_pictures.py"""

from functools import partial
from pathlib import Path

import matplotlib.pyplot as plt

from mnist_lab import handwriting, network, paper, plots

HERE = Path(__file__).parent / "pictures"
LOOKS = [(paper.PLAIN, paper.SCANNER), (paper.SQUARED, paper.PHONE), (paper.RULED, paper.PHONE)]

figure = plt.figure(figsize=(9, 4.9), layout="constrained")
above, below = figure.subfigures(2, 1, height_ratios=(2.3, 2.6))
for ax, hand, (sheet, camera) in zip(above.subplots(1, 3), (17, 6, 30), LOOKS, strict=True):
    write = partial(handwriting.write_strokes, writer=handwriting.Writer(hand))
    page = paper.lay_out("01234\n56789", write, seed=hand)
    ax.imshow(paper.photograph(page, seed=hand, paper=sheet, camera=camera)[0])
    ax.set_axis_off()
plots.show_network(network.describe_layers(network.course_cnn()), ax=below.subplots())
HERE.mkdir(exist_ok=True)
figure.savefig(HERE / "kit.png", dpi=130, facecolor="white")
