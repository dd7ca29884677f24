"""Cards: what a check, a hint or a solution shows, in words first."""

import re
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

Verdict = Literal["right", "partly right", "wrong", "raised an error", "not attempted"]
VERDICT_COLOUR = {  # colour only repeats what the words say; each shows on white and on black
    "right": "#2a9d5c",
    "partly right": "#c98a1b",
    "wrong": "#d9534f",
    "raised an error": "#a86bd1",
    "not attempted": "#8a919c",
}
NOTE_COLOUR = "#4a90d9"


@dataclass(frozen=True)
class Card:
    """A heading, a text, and lines of code; in a text, what stands in ` is code."""

    heading: str
    text: str
    code: str = ""

    def __repr__(self) -> str:
        return " ".join(f"{self.heading}. {self.text} {self.code}".split())

    def _repr_html_(self) -> str:
        code = code_html(self.code) if self.code else ""
        return card_html(f"{self.heading}.", "", text_html(self.text) + code)


@dataclass(frozen=True)
class Example:
    """A call with public inputs, what the answer gave, and what was wanted, in words.

    Without `given` all of it stands in `wanted`.
    """

    given: str = ""
    gave: str = ""
    wanted: str = ""

    def __str__(self) -> str:
        if not self.given:
            return self.wanted
        if not self.wanted:
            return f"For {self.given} it gives {self.gave}."
        if not self.gave:
            return f"For {self.given}, {self.wanted} is wanted."
        return f"For {self.given} it gives {self.gave}; wanted is {self.wanted}."


@dataclass(frozen=True)
class Feedback:
    """What a check says about an answer to the exercise with this id.

    In a notebook its plain text is the number of points, which nbgrader reads as the mark.
    """

    id: str
    verdict: Verdict
    points: float  # what the answer earns
    max_points: int  # what a right one earns
    message: str  # why, in one line or more; never the answer
    next_step: str = ""
    example: Example = Example()

    def __repr__(self) -> str:
        said = f"{self.id}: {self.verdict}, {self._earned()}. {self.message} {self.example}"
        return " ".join(said.split())

    def _earned(self) -> str:
        return f"{self.points:g} of {self.max_points} point{'s' if self.max_points != 1 else ''}"

    def _repr_html_(self) -> str:
        heading = f"Exercise {self.id}: {self.verdict}."
        texts = [*self.message.split("\n"), str(self.example), self.next_step]
        body = "".join(f"<div>{text_html(text)}</div>" for text in texts if text)
        return card_html(heading, f"{self._earned()}.", body, colour=VERDICT_COLOUR[self.verdict])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": str(float(self.points)), "text/html": self._repr_html_()}


def card_html(heading: str, after: str, body: str, *, colour: str = NOTE_COLOUR) -> str:
    """A card that takes its colours from the page around it, whichever theme that has.

    `heading` and `after` are text, `body` is HTML.
    """
    return (
        f'<div role="group" aria-label="{escape(heading)}" style="border-left:.35em solid '
        f'{colour}; padding:.35em 1em; margin:.3em 0; max-width:56em; line-height:1.5">'
        f'<div><strong style="border-bottom:2px solid {colour}">{escape(heading)}</strong> '
        f'{escape(after)}</div><div style="margin-top:.3em">{body}</div></div>'
    )


def text_html(text: str) -> str:
    """Text as HTML: escaped, and what stands in ` as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))


def code_html(code: str) -> str:
    """Lines of code as HTML."""
    style = "margin:.6em 0 0; white-space:pre-wrap; background:none; color:inherit"
    return f'<pre style="{style}">{escape(code)}</pre>'
