"""The ways of writing a digit, read from `glyphs.toml`, where their form is explained.

One way is an *allograph*: the open 4, the closed 4.
"""

import ast
import operator
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import DataError
from mnist_lab.files import StrPath
from mnist_lab.synth.writer import HabitSampler

GLYPHS_FILE = Path(__file__).with_name("glyphs.toml")
ARC_POINTS = 11  # control points on an arc

Value = float | NDArray[np.floating]  # one number, or one for each of n digits
Curves = list[NDArray[np.float32]]  # (n, k, 2) each, control points; they meet at corners


@dataclass(frozen=True)
class Point:
    """A control point, or an arc of them, as formulas."""

    name: str
    at: tuple[ast.expr, ...]  # x and y, and an arc's other numbers
    is_corner: bool


@dataclass(frozen=True)
class Allograph:
    """One way of writing a digit, 0 to 9."""

    digit: int
    name: str  # as in the file, "open"
    share: float  # how common it is, beside the other allographs of its digit
    measures: Mapping[str, ast.expr]
    strokes: tuple[tuple[Point, ...], ...]

    def __str__(self) -> str:
        return f"{self.digit}.{self.name}"

    def place(self, sampler: HabitSampler) -> list[Curves]:
        """Sample the control points of n digits: for each stroke its curves."""
        evaluation = _Evaluation(self, sampler)
        return [evaluation.stroke(points) for points in self.strokes]

    def measure(self, name: str, default: float, sampler: HabitSampler) -> Value:
        """Give one measure of n digits, `default` where the file has none."""
        return _Evaluation(self, sampler).named(name) if name in self.measures else default


class _Evaluation:
    """An allograph's formulas with one sample in them, worked out as they are needed."""

    def __init__(self, allograph: Allograph, sampler: HabitSampler) -> None:
        self.allograph, self.sampler = allograph, sampler
        self.values: dict[str, Value] = {}

    def stroke(self, points: tuple[Point, ...]) -> Curves:
        curves: Curves = []
        curve: list[NDArray[np.float32]] = []  # (n, 2) each
        for point in points:
            curve += self.point(point)
            self.values[f"{point.name}.x"], self.values[f"{point.name}.y"] = curve[-1].T
            if point.is_corner and len(curve) > 1:
                curves.append(np.stack(curve, axis=1))
                curve = curve[-1:]
        if len(curve) > 1 or not curves:
            curves.append(np.stack(curve, axis=1))
        return curves

    def point(self, point: Point) -> list[NDArray[np.float32]]:
        x, y, *arc = (
            self.value(formula, f"{self.allograph}.{point.name}.{number}")
            for number, formula in enumerate(point.at)
        )
        if not arc:
            return [self.pair(x, y)]
        half_width, half_height, start, end, *size = arc
        shrink = size[0] - 1 if size else 0.0
        points = []
        for along in np.linspace(0, 1, ARC_POINTS):
            angle = np.deg2rad(start + (end - start) * along)
            radius = 1 + shrink * along
            across, down = half_width * radius * np.cos(angle), half_height * radius * np.sin(angle)
            points.append(self.pair(x + across, y + down))
        return points

    def pair(self, x: Value, y: Value) -> NDArray[np.float32]:
        pair = np.empty((self.sampler.n, 2), np.float32)
        pair[:, 0], pair[:, 1] = x, y
        return pair

    def named(self, name: str) -> Value:
        if name not in self.values:
            if name not in self.allograph.measures:
                known = ", ".join(sorted({*self.allograph.measures, *self.values})) or "none"
                raise DataError(f"{name!r} is neither a measure nor a point met before ({known})")
            self.values[name] = np.nan  # a measure that leads back to itself stays so
            measure = self.allograph.measures[name]
            self.values[name] = self.value(measure, f"{self.allograph.digit}.{name}")
        return self.values[name]

    def value(self, formula: ast.expr, habit: str) -> Value:
        match formula:
            case ast.Constant(value=int() | float() as number):
                return number
            case ast.Name(id=name):
                return self.named(name)
            case ast.Attribute(value=ast.Name(id=name), attr=axis):
                return self.named(f"{name}.{axis}")
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return -self.value(inner, habit)
            case ast.Call(func=ast.Name(id="percent"), args=[ast.Constant(value=float() as share)]):
                return np.less(100 * np.asarray(self.sampler.uniform(f"{habit}%")), share) * 1.0
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return self.operate(
                    type(op), self.value(left, habit + "<"), self.value(right, habit + ">"), habit
                )
        raise DataError(f"{ast.unparse(formula)!r} is not a number")

    def operate(self, op: type[ast.operator], left: Value, right: Value, habit: str) -> Value:
        if op is ast.BitOr:
            return left + right * self.sampler.normal(habit)
        if op is ast.BitXor:
            return left + (right - left) * self.sampler.uniform(habit)
        with np.errstate(all="ignore"):  # a way that divides by 0 is refused when it is read
            return _ARITHMETIC[op](np.asarray(left), right)


_ARITHMETIC: dict[type[ast.operator], Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_OPERATORS = {ast.BitOr, ast.BitXor, *_ARITHMETIC}  # BitOr is ±, BitXor is `to`


class _MedianSampler(HabitSampler):
    """The median of every number: to see whether an allograph can be written at all."""

    def normal(self, habit: str) -> NDArray[np.float32]:  # noqa: ARG002 - it changes nothing here
        return np.zeros(self.n, np.float32)

    def uniform(self, habit: str) -> NDArray[np.float32]:  # noqa: ARG002
        return np.full(self.n, 0.5, np.float32)


@cache
def allographs(file: StrPath = GLYPHS_FILE) -> tuple[Allograph, ...]:
    """Read every way of writing a digit, in the order of the file.

    Raises
    ------
    DataError
        The file cannot be read or is not TOML, an allograph lacks its share or strokes, or a
        formula cannot be read: the message names the allograph, the point and what is wrong.
    """
    file = Path(file)
    try:
        digits = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise DataError(f"{file.name} is not TOML: {error}") from None
    found = []
    for digit, table in digits.items():
        if digit not in list("0123456789") or not isinstance(table, dict):
            raise DataError(f"{file.name}: expected a digit from [0] to [9], got [{digit}]")
        shared = table.pop("all", {})
        for name, entries in table.items():
            try:
                found.append(_allograph(int(digit), name, shared, entries))
            except DataError as error:
                raise DataError(f"{file.name}, [{digit}.{name}]: {error}") from None
    return tuple(found)


def _allograph(digit: int, name: str, shared: dict[str, Any], entries: Any) -> Allograph:
    """Make an allograph of its own entries and those of its digit; write it once, to try it."""
    if not isinstance(entries, dict) or not isinstance(shared, dict):
        raise DataError(f"expected a table, got {entries!r}: what all share is in [{digit}.all]")
    share, strokes = entries.get("share"), entries.get("strokes")
    if not isinstance(share, int | float) or share < 0:
        raise DataError(f"expected share = a number from 0, got {share!r}")
    if not (isinstance(strokes, list) and strokes and all(isinstance(s, list) for s in strokes)):
        raise DataError('expected strokes = [["name: x, y", ...], ...], a list for each stroke')
    parts = {key: value for key, value in shared.items() if isinstance(value, list)}
    measures = {
        key: _formula(value, key)
        for key, value in {**shared, **entries}.items()
        if isinstance(value, str | int | float) and key != "share"
    }
    points = tuple(
        tuple(_point(text) for entry in stroke for text in parts.get(str(entry), [entry]))
        for stroke in strokes
    )
    allograph = Allograph(digit, name, float(share), measures, points)
    sampler = _MedianSampler(np.random.default_rng(), np.zeros(1, np.intp))
    for measure in measures:
        allograph.measure(measure, 0, sampler)
    for number, stroke in enumerate(allograph.place(sampler), start=1):
        if not np.isfinite(np.concatenate(stroke, axis=1)).all():
            raise DataError(f"stroke {number} divides by 0, or a measure leads back to itself")
        if sum(curve.shape[1] for curve in stroke) < 2:
            raise DataError(f"stroke {number} has one point: a line needs two")
    return allograph


def _point(text: Any) -> Point:
    """Read "name: x, y", "name: x, y, corner" or "name: arc(...)"."""
    name, colon, rest = str(text).partition(":")
    if not colon:
        raise DataError(f'expected "name: x, y" or the name of a part, got {text!r}')
    formula = _formula(rest, name)
    at = formula.elts if isinstance(formula, ast.Tuple) else [formula]
    is_corner = len(at) > 1 and isinstance(at[-1], ast.Name) and at[-1].id == "corner"
    at = at[:-1] if is_corner else at
    match at:
        case [ast.Call(func=ast.Name(id="arc"), args=numbers)] if len(numbers) in (6, 7):
            return Point(name.strip(), tuple(numbers), is_corner)
        case [x, y]:
            return Point(name.strip(), (x, y), is_corner)
    raise DataError(
        f"point {name!r}: expected x, y or arc(x, y, half_width, half_height, from, to), "
        f"got {rest.strip()!r}"
    )


def _formula(text: Any, name: str) -> ast.expr:
    """Parse a formula as Python, with signs for ± and `to` that bind as loosely as they do."""
    python = re.sub(r"(\d+(?:\.\d+)?)\s*%", lambda share: f"percent({float(share[1])})", str(text))
    python = re.sub(r"±|\+-", "|", python)
    python = re.sub(r"\bto\b", "^", python)
    try:
        return ast.parse(python.strip(), mode="eval").body
    except SyntaxError:
        raise DataError(f"{name!r}: cannot read {str(text).strip()!r} as a number") from None
