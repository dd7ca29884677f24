"""The networks as plain Keras: built, trained, saved, asked; and the pretrained one.

This is the only room that imports Keras, and does so as it is imported itself.
"""

from mnist_lab.network._keras import backend, set_seed
from mnist_lab.network.batches import Batches, one_hot, to_batch
from mnist_lab.network.checkpoints import TrainingInterrupted, TrainingState, hold_back, train
from mnist_lab.network.description import describe_network
from mnist_lab.network.finding import (
    FindingCard,
    ask_finder,
    ask_segmenter,
    finding_card,
    load_finder,
    load_segmenter,
)
from mnist_lab.network.fitting import (
    BATCH_SIZE,
    Diverged,
    OneCycle,
    compile_model,
    fit,
    fit_batches,
)
from mnist_lab.network.history import History, NoFigure, WeightHistory
from mnist_lab.network.loading import load_model, load_network
from mnist_lab.network.models import (
    Layer,
    course_cnn,
    describe_layers,
    fast_cnn,
    pretrained_cnn,
    save_model,
    strong_cnn,
)
from mnist_lab.network.pretrained import (
    ModelCard,
    apply_temperature,
    load_own,
    load_pretrained,
    predict_probabilities,
    pretrained_card,
)
from mnist_lab.network.recipes import RECIPES, FineTuned, Recipe, fine_tune

__all__ = [
    "BATCH_SIZE",
    "RECIPES",
    "Batches",
    "Diverged",
    "FindingCard",
    "FineTuned",
    "History",
    "Layer",
    "ModelCard",
    "NoFigure",
    "OneCycle",
    "Recipe",
    "TrainingInterrupted",
    "TrainingState",
    "WeightHistory",
    "apply_temperature",
    "ask_finder",
    "ask_segmenter",
    "backend",
    "compile_model",
    "course_cnn",
    "describe_layers",
    "describe_network",
    "fast_cnn",
    "finding_card",
    "fine_tune",
    "fit",
    "fit_batches",
    "hold_back",
    "load_finder",
    "load_model",
    "load_network",
    "load_own",
    "load_pretrained",
    "load_segmenter",
    "one_hot",
    "predict_probabilities",
    "pretrained_card",
    "pretrained_cnn",
    "save_model",
    "set_seed",
    "strong_cnn",
    "to_batch",
    "train",
]
