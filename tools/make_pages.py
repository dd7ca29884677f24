"""Make the demonstration pages and the list of what they show: python -m tools.make_pages."""

import argparse
import csv
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import PIL.Image

from mnist_lab import synth

FOLDER = Path(__file__).parent.parent / "data" / "pages"
COLUMNS = ["file", "label", "layout", "kind", "boxes", "made"]
QUALITY = 80  # of the JPEG files, as a phone writes them
PEN_ON_PAGE = {"height": 11.0, "margin": 14.0, "leading": 2.0}
NOTE = synth.Paper(colour=(0.97, 0.9, 0.55), grain=0.02)  # a yellow sticky note
PHONE = replace(synth.PHONE, dpi=190, exposure=1.0, blur=1.3, jpeg=None)


@dataclass(frozen=True, kw_only=True)
class PageRecipe:
    """How a page is made: what it says, who wrote it with what, how it was seen."""

    file: str = field(kw_only=False)
    text: str = field(kw_only=False)
    made: str = field(kw_only=False)
    hand: int
    seed: int
    pen: synth.Pen
    sheet: synth.Paper
    camera: synth.Camera
    kind: str = "photo"
    page: dict[str, Any] = field(default_factory=PEN_ON_PAGE.copy)


# fmt: off
RECIPES = [
    PageRecipe(
        "scan.jpg", "0123456789\n31415 92653\n2718281828",
        "ballpoint on white paper, on a flatbed scanner",
        kind="scan", hand=42, seed=1, pen=synth.BALLPOINT, sheet=synth.PLAIN,
        camera=replace(synth.SCANNER, dpi=150, jpeg=None),
    ),
    PageRecipe(
        "squared.jpg", "12 7 84\n650 39\n4096 51",
        "ballpoint on squared paper, photographed at an angle, with a shadow",
        hand=6, seed=8, pen=synth.BALLPOINT, sheet=synth.SQUARED,
        camera=replace(PHONE, tilt=22, rotation=5, shadow=0.45, shadow_edge=6, margin=10),
    ),
    PageRecipe(
        "ruled.jpg", "20 11 2026\n8 45\n73690",
        "felt pen on ruled paper, photographed under a lamp",
        hand=25, seed=3, pen=replace(synth.FELT, width=1.0), sheet=synth.RULED,
        camera=replace(PHONE, uneven=0.45, margin=10),
    ),
    PageRecipe(
        "board.jpg", "17 25\n3608 94",
        "chalk on a blackboard, photographed from the bench",
        hand=17, seed=5, pen=synth.CHALK, sheet=synth.BLACKBOARD,
        camera=replace(PHONE, dpi=46, margin=60, noise=4, uneven=0.35, exposure=1.5),
        page={"height": 60.0, "margin": 90.0, "leading": 1.7},
    ),
    PageRecipe(
        "pencil.jpg", "58 3 1062\n947 208\n6 13 75",
        "a hard pencil on recycled paper, photographed in poor light",
        hand=30, seed=11, sheet=synth.RECYCLED,
        pen=replace(synth.PENCIL, colour=(0.52, 0.52, 0.54), width=0.45),
        camera=replace(PHONE, exposure=0.8, noise=4, rotation=3, margin=4),
    ),
    PageRecipe(
        "four.jpg", "4",
        "one digit with a felt pen on a sticky note, photographed",
        hand=16, seed=2, pen=synth.FELT, sheet=NOTE,
        camera=replace(PHONE, margin=16),
        page={"height": 26.0, "margin": 24.0},
    ),
    PageRecipe(
        "seven.jpg", "7",
        "one digit with a ballpoint on squared paper, photographed close by, in a shadow",
        hand=14, seed=6, pen=synth.BALLPOINT, sheet=synth.SQUARED,
        camera=replace(PHONE, dpi=350, margin=9, tilt=14, shadow=0.4),
        page={"height": 20.0, "margin": 24.0},
    ),
]
# fmt: on


def make(recipe: PageRecipe) -> tuple[synth.ColourImage, synth.Truth]:
    """Write a page and take its picture."""
    write = partial(synth.write_strokes, writer=synth.Writer(recipe.hand))
    page = synth.lay_out(recipe.text, write, seed=recipe.seed, **recipe.page)
    return synth.photograph(
        page, seed=recipe.seed, paper=recipe.sheet, pen=recipe.pen, camera=recipe.camera
    )


def rows(folder: Path) -> Iterator[dict[str, str]]:
    """Save each picture in a folder, and give its line of the list."""
    for recipe in RECIPES:
        picture, truth = make(recipe)
        PIL.Image.fromarray(picture).save(folder / recipe.file, quality=QUALITY)
        yield {
            "file": recipe.file,
            "label": truth.text.replace("\n", "/"),
            "layout": "multi" if len(truth.labels) > 1 else "single",
            "kind": recipe.kind,
            "boxes": "; ".join(" ".join(map(str, box)) for box in truth.boxes),
            "made": recipe.made,
        }


def main() -> None:
    """Write the pictures and `labels.csv`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR", help="where to")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with (out / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(rows(out))


if __name__ == "__main__":
    main()
