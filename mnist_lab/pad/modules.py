"""The ES modules of static/ as one text: for a widget, for a worker and for one HTML file."""

import re
from pathlib import Path

from mnist_lab.arrays import OptionError

STATIC = Path(__file__).parent / "static"
IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./(\w+)\.js";\n', re.MULTILINE)
EXPORT = re.compile(r"^export ((?:async )?function\*?|class|const|let) (\w+)", re.MULTILINE)
EXPORT_DEFAULT = re.compile(r"^export default ", re.MULTILINE)
DEFAULT = "defaultExport"


def join_modules(*names: str, start: str = "") -> str:
    """Join modules of static/ and what they import; the one named last exports what it did.

    Each becomes a function of its own, called at once, so that none sees another's names.
    They may import by ``import { a, b } from "./name.js";`` and export where they declare.

    Parameters
    ----------
    *names : str
        Without ``.js``: ``join_modules("microscope")`` brings what the microscope imports.
    start : str, optional
        What is run at the end, for a worker, which exports nothing. It sees a module's exports
        by its name with a dollar: ``$helper.help(self);``.

    Raises
    ------
    OptionError
        There is no such module.
    """
    parts: dict[str, str] = {}
    exports: list[str] = []
    for name in names:
        exports = _add(name, parts)
    text = "".join(parts.values())
    if start:
        return f"{text}{start}\n"
    named = [name for name in exports if name != DEFAULT]
    if named:
        text += f"export const {{ {', '.join(named)} }} = ${names[-1]};\n"
    if DEFAULT in exports:
        text += f"export default ${names[-1]}.{DEFAULT};\n"
    return text


def _add(name: str, parts: dict[str, str]) -> list[str]:
    """Add a module behind what it imports, unless it is there; gives the names that it exports."""
    path = STATIC / f"{name}.js"
    if not path.is_file():
        raise OptionError(
            f"expected a module of {STATIC.name}/, got {name}: there is no {path.name}"
        )
    text = path.read_text(encoding="utf-8")
    for _, other in IMPORT.findall(text):
        _add(other, parts)
    exports = [found[1] for found in EXPORT.findall(text)]
    exports += [DEFAULT] if EXPORT_DEFAULT.search(text) else []
    text = IMPORT.sub(
        lambda found: f"const {found[1].replace(' as ', ': ')} = ${found[2]};\n", text
    )
    text = EXPORT_DEFAULT.sub(f"const {DEFAULT} = ", EXPORT.sub(r"\1 \2", text))
    parts[name] = f"const ${name} = (() => {{\n{text}return {{ {', '.join(exports)} }};\n}})();\n"
    return exports
