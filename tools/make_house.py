"""Draw the house from its imports, data/pictures/house.svg: ``python -m tools.make_house``."""

import argparse
from collections.abc import Iterator
from html import escape
from itertools import pairwise
from pathlib import Path

from mnist_lab.files import write_text
from tools.imports import LEVEL, LEVELS, behind_the_door, uses, without_detours

PICTURE = Path(__file__).parent.parent / "data" / "pictures" / "house.svg"
# Lengths in units of which the picture is 400 wide, as many as pixels of a phone.
WIDTH, HEIGHT, STEP = 400, 800, 62
ROOM = 74, 27  # a box
MIDDLE = {  # of each room, from the left
    "cli": 200, "experiment": 74, "course": 254, "grading": 346, "plots": 74, "sheet": 172,
    "exercises": 306, "pad": 48, "reading": 150, "network": 150, "data": 276, "synth": 206,
    "images": 206, "evaluate": 42, "strokes": 121, "files": 200, "progress": 279, "html": 358,
    "arrays": 160, "names": 220,
}  # fmt: skip
LANES = {  # an arrow that would pass through another room goes by here
    ("cli", "pad"): [(22, "experiment"), (22, "plots")],
    ("experiment", "data"): [(123, "plots")],
    ("plots", "evaluate"): [(98, "pad"), (98, "images")],
    ("sheet", "evaluate"): [(98, "pad"), (98, "images")],
    ("reading", "html"): [(229, "data")],
}
ENTRANCES = {  # who comes in, by what
    "student": ("import mnist_lab", 68),
    "instructor": ("mnist-lab grade", 200),
    "maker": ("tools, benchmarks", 332),
}
FILL = {"student": "#d5e8fb", "instructor": "#fbdcb4", "maker": "#eeeeea"}
INK, LINE = "#1c1c1c", "#5a5a5a"
Points = list[tuple[float, float]]


def main() -> None:
    """Write the picture."""
    argparse.ArgumentParser(prog="python -m tools.make_house", description=__doc__).parse_args()
    write_text(PICTURE, render())
    print(PICTURE)


def render() -> str:
    """The picture as SVG, on a ground of its own, so that it is legible on dark pages too."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="560"'
        f' height="{HEIGHT * 560 // WIDTH}" font-family="sans-serif" font-size="13">'
    )
    title = "<title>The rooms of mnist_lab and which of them stand on which</title>"
    ground = f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="#ffffff"/>'
    tip = (
        '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
        f' orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="{LINE}"/></marker>'
    )
    drawn = [*_people(), *_arrows(), *_rooms(), *_legend()]
    return "\n".join([head, title, ground, tip, *drawn, "</svg>", ""])


def box(name: str) -> tuple[float, float, float, float]:
    """Where a room is drawn: left, top, right, bottom."""
    width = WIDTH - 30 if name == "cli" else ROOM[0]
    return MIDDLE[name] - width / 2, _top(name), MIDDLE[name] + width / 2, _top(name) + ROOM[1]


def arrows() -> dict[tuple[str, str], Points]:
    """From which room to which, and along which points; what others lead to is left out."""
    found = {}
    for name, below in without_detours(uses()).items():
        for to in sorted(below if name in MIDDLE else ()):
            lanes = LANES.get((name, to), [])
            by = [(x, _top(level) + ROOM[1] / 2) for x, level in lanes]
            towards = by[0][0] if by else MIDDLE[to]
            left, _, right, bottom = box(name)
            start = _towards(towards, left + 8, right - 8), bottom
            last = by[-1][0] if by else start[0]
            end = _towards(MIDDLE[to] + 0.35 * (last - MIDDLE[to]), *box(to)[::2]), box(to)[1]
            found[name, to] = [start, *by, end]
    return found


def owner(name: str) -> str:
    """In whose colour a room is drawn; the student's are those behind the door."""
    if name in behind_the_door():
        return "student"
    return "instructor" if name == "grading" else "maker"


def _towards(x: float, left: float, right: float) -> float:
    return min(max(x, left), right)


def _top(name: str) -> float:
    return 128 + STEP * (len(LEVELS) - 2 - LEVEL[name])


def _rooms() -> Iterator[str]:
    for name in sorted(MIDDLE, key=lambda name: (-LEVEL[name], MIDDLE[name])):
        left, top, right, bottom = box(name)
        label = "cli: what one types, mnist-lab …" if name == "cli" else name
        yield _box(left, top, right - left, bottom - top, FILL[owner(name)])
        yield _text(MIDDLE[name], top + 18, label)


def _arrows() -> Iterator[str]:
    for points in arrows().values():
        yield _line(points)
    for who, (_, x) in ENTRANCES.items():
        if who != "student":
            yield _line([(x, 94.0), (x, _top("cli"))])


def _people() -> Iterator[str]:
    for who, (way, x) in ENTRANCES.items():
        yield (
            f'<g fill="none" stroke="{INK}" stroke-width="1.6"><circle cx="{x}" cy="13" r="5"/>'
            f'<path d="M{x} 18 v12 M{x - 8} 23 h16 M{x - 6} 41 l6 -11 l6 11"/></g>'
        )
        yield _text(x, 57, who, weight="bold")
        yield _box(x - 62, 66, 124, 28, FILL[who])
        yield _text(x, 84, way)


def _legend() -> Iterator[str]:
    yield _text(12, HEIGHT - 10, "Blue: behind the student's door.", anchor="start")


def _box(x: float, y: float, width: float, height: float, fill: str) -> str:
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="4"'
        f' fill="{fill}" stroke="{LINE}"/>'
    )


def _text(x: float, y: float, text: str, *, weight: str = "normal", anchor: str = "middle") -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-weight="{weight}"'
        f' fill="{INK}">{escape(text)}</text>'
    )


def _line(points: Points) -> str:
    path = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
    return (
        f'<polyline points="{path}" fill="none" stroke="{LINE}" stroke-width="1.2"'
        ' marker-end="url(#tip)"/>'
    )


def crossings() -> list[str]:
    """Arrows that run through a room that they neither leave nor reach."""
    return [
        f"{name} to {to} through {other}"
        for (name, to), points in arrows().items()
        for other in MIDDLE.keys() - {name, to}
        if any(_meets(start, end, box(other)) for start, end in pairwise(points))
    ]


def _meets(
    start: tuple[float, float], end: tuple[float, float], box: tuple[float, float, float, float]
) -> bool:
    """Whether a line from one place to another comes into a box: told at a hundred points."""
    for at in range(101):
        x, y = (a + (b - a) * at / 100 for a, b in zip(start, end, strict=True))
        if box[0] < x < box[2] and box[1] < y < box[3]:
            return True
    return False


if __name__ == "__main__":
    main()
