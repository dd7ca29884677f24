"""Mechanical changes of a solution, one at a time: an operator, a bound, a constant, an axis."""

import ast
from collections.abc import Iterator
from copy import deepcopy

OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Div, ast.Mod: ast.FloorDiv, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.Gt,
    ast.GtE: ast.Lt,
}  # fmt: skip
NAMES = {"maximum": "minimum", "max": "min", "argmax": "argmin", "argmin": "argmax", "any": "all"}


def mutants(source: str) -> Iterator[str]:
    """Each text that differs from a solution in one place."""
    tree = ast.parse(source)
    for at, node in enumerate(ast.walk(tree)):
        for change in _changes(node):
            other = deepcopy(tree)
            change(list(ast.walk(other))[at])
            yield ast.unparse(ast.fix_missing_locations(other))


def _changes(node: ast.AST) -> Iterator:  # noqa: C901  a kind of node a case
    """What can be done to a node of a copied tree."""
    match node:
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in OPERATORS:
            yield lambda other: setattr(other, "op", OPERATORS[type(op)]())
        case ast.Compare(ops=[op]) if type(op) in OPERATORS:
            yield lambda other: setattr(other, "ops", [OPERATORS[type(op)]()])
        case ast.UnaryOp(op=ast.USub()):
            yield lambda other: setattr(other, "op", ast.UAdd())
        case ast.Slice():
            for bound in ("lower", "upper"):
                for step in (1, -1):
                    if getattr(node, bound):
                        yield lambda other, bound=bound, step=step: _move(other, bound, step)
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            yield lambda other: setattr(other, "value", value + 1)
            yield lambda other: setattr(other, "value", value - 1)
        case ast.Constant(value=float(value)):
            yield lambda other: setattr(other, "value", value * 1.1)
        case ast.Attribute(attr=name) if name in NAMES:
            yield lambda other: setattr(other, "attr", NAMES[name])
        case ast.keyword(arg="axis", value=ast.Constant(value=value)):
            yield lambda other: setattr(other.value, "value", None)
            yield lambda other: setattr(other.value, "value", 1 - value)


def _move(node: ast.Slice, bound: str, step: int) -> None:
    setattr(node, bound, ast.BinOp(getattr(node, bound), ast.Add(), ast.Constant(step)))
