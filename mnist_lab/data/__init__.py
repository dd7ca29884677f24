"""MNIST and its kin: found, downloaded, written by a program, or one's own."""

from mnist_lab.data.collection import Collection, join, load_collection, merge, save_collection
from mnist_lab.data.demonstration import (
    DemonstrationPage,
    demonstration_folder,
    load_demonstration,
    read_list,
)
from mnist_lab.data.download import MIRRORS, cache_folder, download_mnist
from mnist_lab.data.formats import SHA256, read_idx
from mnist_lab.data.mnist import describe_data, load_mnist, read_data, usual_places
from mnist_lab.data.places import find_data
from mnist_lab.data.stand_in import STAND_IN, load_stand_in, stand_in_file

__all__ = [
    "MIRRORS", "SHA256", "STAND_IN", "Collection", "DemonstrationPage", "cache_folder",
    "demonstration_folder", "describe_data", "download_mnist", "find_data", "join",
    "load_collection", "load_demonstration", "load_mnist", "load_stand_in", "merge", "read_data",
    "read_idx", "read_list", "save_collection", "stand_in_file", "usual_places",
]  # fmt: skip
