"""The HTML that all pages share."""

from pathlib import Path

import pytest

from mnist_lab import html

TEMPLATES = sorted(html.ROOMS.glob("*/templates/*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_only_the_base_has_a_head(path: Path):
    """Colours, themes and print are said once: every page extends the base, or is parts."""
    text = path.read_text(encoding="utf-8")
    if path.name == "base.html":
        assert "<!doctype html>" in text and "prefers-color-scheme: dark" in text
    else:
        assert not [tag for tag in ("<html", "<head", "<style", "color-scheme") if tag in text]
        assert "{% extends" in text or path.name == "parts.html"


def test_templates_have_names_of_their_own():
    """All rooms' templates are found by their names alone."""
    assert len({path.name for path in TEMPLATES}) == len(TEMPLATES) >= 9


def test_what_is_no_markup_is_escaped():
    """A student's name is text."""
    values = {"count": 0, "lessons": [], "of": 0, "total": 0, "right": 0, "seconds": 0}
    page = html.render_template("feedback.html", name="<script>& co", **values)
    assert "Feedback for &lt;script&gt;&amp; co</title>" in page and "<script" not in page
