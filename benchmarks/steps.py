"""What each step of the fast recipe is worth: the recipe with one of them taken out at a time."""

import logging
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from benchmarks.command import make_parser, measure
from mnist_lab.arrays import Digits, Labels, Split
from mnist_lab.cli.arguments import positive
from mnist_lab.data import load_mnist
from mnist_lab.evaluate import accuracy
from mnist_lab.progress import Progress

if TYPE_CHECKING:
    from mnist_lab.network import Recipe

GUESSED = 0.1  # accuracy of what has learnt nothing
WARM_UP = 1000  # digits of a training before all others: TensorFlow's first takes longer


def bench_steps(
    *, data: str | None, seeds: int, digits: int | None, progress: Progress
) -> dict[str, Any]:
    """Train by the fast recipe and by each of its variants, and measure on the test part.

    Only time in training counts, what TensorFlow does to compile included; all of them take turns
    in one process.

    Parameters
    ----------
    data : str or None
        As for `mnist.load_mnist`.
    seeds : int
        Trainings of each, from seeds 0, 1, ...
    digits : int or None
        From how many of the training digits; None for all.
    progress : Progress
        Takes each line of what was measured.

    Returns
    -------
    dict
        For each variant its seconds, its accuracies (0 to 1) and their mean, and the median of
        its time divided by the recipe's of the same round.
    """
    from mnist_lab.network import Diverged, predict_probabilities

    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # many networks in a process are meant
    train, test = load_mnist(data, progress=progress)
    recipes = variants()
    recipes["recipe"].fit(_first(train, WARM_UP), seed=0)
    found: dict[str, Any] = {name: {"seconds": [], "accuracy": []} for name in recipes}
    for seed in range(seeds):
        for name, recipe in recipes.items():
            start = time.perf_counter()
            try:
                model = recipe.fit(_first(train, digits), seed=seed)
            except Diverged:
                model = None
            seconds = time.perf_counter() - start
            right = GUESSED
            if model is not None:
                right = accuracy(test.labels, predict_probabilities(model, test.images))
            found[name]["seconds"].append(seconds)
            found[name]["accuracy"].append(right)
            progress.say(f"{name}, seed {seed}: {seconds:.1f} s, accuracy {right:.2%}")
    for name, each in found.items():
        pairs = zip(each["seconds"], found["recipe"]["seconds"], strict=True)
        each["ratio"] = statistics.median(one / recipe for one, recipe in pairs)
        each["mean_accuracy"] = statistics.mean(each["accuracy"])
        progress.say(
            f"{name:<42} {each['mean_accuracy']:.2%} ({min(each['accuracy']):.2%} to "
            f"{max(each['accuracy']):.2%}), {each['ratio']:.2f} of the recipe's time"
        )
    return found


def variants() -> dict[str, "Recipe"]:
    """The fast recipe, and what it is without one of its steps."""
    from mnist_lab.network import RECIPES, course_cnn

    fast = RECIPES["fast"]
    return {
        "recipe": fast,
        "labels not smoothed": replace(fast, smoothing=0.0),
        "Adam as Keras has it, no one-cycle": replace(fast, peak=None),
        "batches of 64": replace(fast, batch_size=64),
        "the course's network": replace(fast, build=course_cnn),
        "no batch normalisation": replace(fast, build=_without("BatchNormalization")),
        "the border not cropped": replace(fast, build=_without("Cropping2D")),
        "the first convolution in steps of 1": replace(
            fast, build=_without(changed={"Conv2D": {"strides": 1}})
        ),
    }


def _without(
    kind: str = "", changed: Mapping[str, Mapping[str, Any]] | None = None
) -> Callable[[], Any]:
    """How the fast network is built without one kind of its layers, or with other settings."""

    def build() -> Any:
        from mnist_lab.network import fast_cnn

        model = fast_cnn()
        config = model.get_config()
        config["layers"] = [each for each in config["layers"] if each["class_name"] != kind]
        for each in config["layers"]:
            each["config"] |= (changed or {}).get(each["class_name"], {})
            each.pop("build_config", None)  # the shape that it had among all the others
        return type(model).from_config(config)

    return build


def _first(split: Split, digits: int | None) -> Split:
    return Split(Digits(split.images[:digits]), Labels(split.labels[:digits]))


def main() -> None:
    """Measure, from the command line."""
    parser = make_parser(
        "steps", "Train by the fast recipe with one step less: accuracy and time.", data=True
    )
    parser.add_argument("--seeds", type=positive, default=3, metavar="N", help="default: 3")
    parser.add_argument(
        "--digits", type=positive, metavar="N", help="learn from so many; default: all"
    )
    args = parser.parse_args()
    measure(bench_steps, args, data=args.data, seeds=args.seeds, digits=args.digits)


if __name__ == "__main__":
    main()
