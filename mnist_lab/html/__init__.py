"""Fill the HTML templates of the rooms; what they share stands in this one."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

ROOMS = Path(__file__).parent.parent


def render_template(template: str, **values: Any) -> str:
    """Fill a room's template, such as ``report.html``; what is not markup is escaped."""
    return _templates().get_template(template).render(**values)


@cache
def _templates() -> Environment:
    """All rooms' templates, compiled once each."""
    return Environment(
        loader=FileSystemLoader(sorted(ROOMS.glob("*/templates"))),
        autoescape=True, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
