"""Fill the package's HTML templates."""

from typing import Any

from jinja2 import Environment, PackageLoader


def render(template: str, **values: Any) -> str:
    """Fill a template of the package; what is not markup is escaped."""
    pages = Environment(
        loader=PackageLoader("mnist_lab"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return pages.get_template(template).render(**values)
