"""Cards: what a check, a hint or a solution shows, in words first."""

import re
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

Verdict = Literal["right", "partly right", "wrong", "raised an error", "not attempted"]
EDGE = {  # colour only repeats what the words say; each shows on white and on black
    "right": "#2a9d5c",
    "partly right": "#c98a1b",
    "wrong": "#d9534f",
    "raised an error": "#a86bd1",
    "not attempted": "#8a919c",
}
NOTE = "#4a90d9"


@dataclass(frozen=True)
class Card:
    """A heading, a text, and lines of code; in a text, what stands in ` is code."""

    heading: str
    text: str
    code: str = ""

    def __repr__(self) -> str:
        return " ".join(f"{self.heading}. {self.text} {self.code}".split())

    def _repr_html_(self) -> str:
        code = block(self.code) if self.code else ""
        return html(f"{self.heading}.", "", words(self.text) + code)


@dataclass(frozen=True)
class Feedback:
    """What a check says about an answer.

    In a notebook its plain text is the number of points, which nbgrader reads as the mark.

    Attributes
    ----------
    id : str
        The exercise.
    verdict : str
        right, partly right, wrong, raised an error, or not attempted.
    points : float
        What the answer earns.
    of : int
        What a right one earns.
    says : str
        Why; never the answer.
    more : str
        What to do next.
    """

    id: str
    verdict: Verdict
    points: float
    of: int
    says: str
    more: str = ""

    def __repr__(self) -> str:
        return f"{self.id}: {self.verdict}, {self._earned()}. {self.says}".strip()

    def _earned(self) -> str:
        return f"{self.points:g} of {self.of} point{'s' if self.of != 1 else ''}"

    def _repr_html_(self) -> str:
        heading = f"Exercise {self.id}: {self.verdict}."
        body = "".join(f"<div>{words(text)}</div>" for text in (self.says, self.more) if text)
        return html(heading, f"{self._earned()}.", body, edge=EDGE[self.verdict])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": str(float(self.points)), "text/html": self._repr_html_()}


def html(heading: str, after: str, body: str, *, edge: str = NOTE) -> str:
    """A card that takes its colours from the page around it, whichever theme that has.

    `heading` and `after` are text, `body` is HTML.
    """
    return (
        f'<div role="group" aria-label="{escape(heading)}" style="border-left:.35em solid {edge}; '
        'padding:.35em 1em; margin:.3em 0; max-width:56em; line-height:1.5">'
        f'<div><strong style="border-bottom:2px solid {edge}">{escape(heading)}</strong> '
        f'{escape(after)}</div><div style="margin-top:.3em">{body}</div></div>'
    )


def words(text: str) -> str:
    """Text as HTML: escaped, and what stands in ` as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))


def block(code: str) -> str:
    """Lines of code as HTML."""
    style = "margin:.6em 0 0; white-space:pre-wrap; background:none; color:inherit"
    return f'<pre style="{style}">{escape(code)}</pre>'
