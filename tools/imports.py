"""Who imports whom: the rooms of the package, on their levels, read from the files."""

import ast
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent.parent
LEVELS = [
    {"names"},
    {"arrays"},
    {"files", "progress", "evaluate", "strokes", "html"},
    {"images"},
    {"synth"},
    {"data", "network"},
    {"reading"},
    {"pad"},
    {"plots", "sheet", "exercises"},
    {"experiment", "course", "grading"},
    {"cli"},
    {"__init__", "__main__"},
]
LEVEL = {name: level for level, names in enumerate(LEVELS) for name in names}
FILES = sorted((HERE / "mnist_lab").rglob("*.py"))
DOOR = HERE / "mnist_lab" / "__init__.pyi"


def room(path: Path) -> str:
    """In which room of the package a file is."""
    return path.relative_to(HERE / "mnist_lab").with_suffix("").parts[0]


def imports(path: Path) -> set[tuple[str, bool]]:
    """What a file imports, each with whether that happens as the file is imported."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    late = {n for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for n in ast.walk(f)}
    late |= {
        n
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for n in ast.walk(block)
    }
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {(alias.name, node not in late) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = node.module.split(".")[0] == "mnist_lab"
            names = [f"{node.module}.{a.name}" for a in node.names] if inner else [node.module]
            found |= {(name, node not in late) for name in names}
    return found


def uses() -> dict[str, set[str]]:
    """Which other rooms each room imports, at once or when it needs them."""
    found: dict[str, set[str]] = {room(path): set() for path in FILES}
    for path in FILES:
        parts = [name.split(".") for name, _ in imports(path)]
        inner = {part[1] for part in parts if part[0] == "mnist_lab" and len(part) > 1}
        found[room(path)] |= (inner & LEVEL.keys()) - {room(path)}
    return found


def without_detours(uses: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """The same without what another room in between leads to: the transitive reduction."""
    return {
        name: {to for to in below if not any(to in _reach(o, uses) for o in below - {to})}
        for name, below in uses.items()
    }


def _reach(name: str, uses: Mapping[str, set[str]]) -> set[str]:
    """Every room below one."""
    return uses[name].union(*(_reach(to, uses) for to in uses[name]))


def behind_the_door() -> set[str]:
    """The rooms that `import mnist_lab` offers."""
    tree = ast.parse(DOOR.read_text(encoding="utf-8"))
    lists = [node for node in tree.body if isinstance(node, ast.ImportFrom) and not node.module]
    return {alias.name for node in lists for alias in node.names}
