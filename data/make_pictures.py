"""Make the README's picture: python data/make_pictures.py"""

from pathlib import Path

from mnist_lab import network, plots

HERE = Path(__file__).parent / "pictures"

HERE.mkdir(exist_ok=True)
ax = plots.show_network(network.describe_layers(network.course_cnn()))
ax.figure.savefig(HERE / "network.png", dpi=160, facecolor="white")
