"""The class page: who needs a look, is missing, has changed or is alike; what many get wrong."""

import os
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from submissions import write
from submissions.student import Student, saved, short

from benchmarks import lab
from mnist_lab.cli import main
from mnist_lab.exercises import find, mark
from mnist_lab.exercises.marking import PUBLIC_SEED, answers_of
from mnist_lab.grading import (
    SOLUTION,
    TOTAL,
    Change,
    Earned,
    Match,
    Result,
    batch,
    make_gradebook,
    write_class,
    write_pages,
)
from mnist_lab.grading.pages import MAX_LISTED

LESSON = ("1.2", "1.3")
needs_chromium = pytest.mark.skipif(
    os.environ.get("MNIST_LAB_BROWSER") != "must" and not lab.available(),
    reason="needs Chromium (apt-get install chromium, or MNIST_LAB_CHROMIUM=FILE) and Playwright",
)
HOSTILE = "<script>alert(1)</script>"
LISTS = (
    "Who needs a look",
    "The same answers",
    "Who in the roster has handed in nothing",
    "Who has changed since the last run",
    "The commonest misconceptions",
)


class Sections(HTMLParser):
    """What a page says under each heading, and where its links lead."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.text: dict[str, str] = {}
        self.links: dict[str, list[tuple[str, str]]] = {}  # by heading: names and places
        self.tags: set[str] = set()
        self._heading, self._in_heading, self._place = "", False, ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag in {"h1", "h2", "h3"}:
            self._heading, self._in_heading = "", True
        self._place = unquote(dict(attrs)["href"]) if tag == "a" else ""

    def handle_endtag(self, tag):
        self._in_heading &= tag not in {"h1", "h2", "h3"}

    def handle_data(self, data):
        if self._in_heading:
            self._heading += data
            return
        self.text[self._heading] = self.text.get(self._heading, "") + data
        if self._place:
            self.links.setdefault(self._heading, []).append((data, self._place))
            self._place = ""

    def named(self, heading: str) -> list[str]:
        """The names with a link under a heading."""
        return [name for name, _ in self.links.get(heading, [])]


def earned(id: str, wrong: int | None = None) -> Earned:
    """What the solution of an exercise earns, or one of its misconceptions."""
    exercise = find(id)
    source = exercise.solution if wrong is None else exercise.misconceptions[wrong].source
    found = mark(exercise, answers_of(exercise, source, PUBLIC_SEED), seed=PUBLIC_SEED)
    example = str(replace(found.example, gave=""))
    return Earned(id, found.verdict, found.points, found.max_points, found.message, "", example)


def page_of(results, folder, **lists) -> Sections:
    """The class page of some results."""
    book = make_gradebook(results, LESSON)
    write_pages(book, folder)
    write_class(book, folder, **lists)
    return Sections(folder / "class.html")


RESULTS = [
    Result("fine", "", "graded"),
    Result("again", "", "graded", retried=True),
    Result(HOSTILE, "", "stopped", (f"a.ipynb: {HOSTILE}",)),
    *(Result(status, "", status) for status in ("unreadable", "failed", "nothing found")),
    Result("absent", "", "missing"),
]


def test_who_needs_a_look_and_who_is_missing_are_named_and_nobody_else(tmp_path):
    """Whatever did not end by itself, with how it did, or was run again; the missing apart."""
    page = page_of(RESULTS, tmp_path)
    look, missing = "Who needs a look", "Who in the roster has handed in nothing"
    assert page.named(look) == ["again", HOSTILE, "unreadable", "failed", "nothing found"]
    assert page.named(missing) == ["absent"]
    assert page.text[look].count("run again alone") == 1
    assert f"stopped: a.ipynb: {HOSTILE}" in page.text[look]


def test_every_name_leads_to_that_students_feedback(tmp_path):
    """In every list, whatever they are called; and no name is markup."""
    names = [HOSTILE, "../x", "a#b?c%20", '"><img src=x>', "=1+1", "Zoë"]
    results = [Result(each, "", "stopped") for each in names]
    changes = [Change(each, TOTAL, "1", "2", HOSTILE) for each in names]
    matches = [Match(each, names[0], ("1.3",), 20) for each in names]
    page = page_of(results, tmp_path, changes=changes, matches=matches)
    for heading in (LISTS[0], LISTS[1], LISTS[3], "Everyone"):
        assert set(page.named(heading)) == set(names)
        for name, place in page.links[heading]:
            assert Sections(tmp_path / place).text[f"Feedback for {name}"]
    assert not {"script", "img"} & page.tags


def test_a_misconception_has_an_example_of_its_own_and_no_name(tmp_path):
    """A public counterexample of an answer that got it, by how many did; escaped."""
    answers = {"Ann": 0, "Bob": 1, "Cem": 1}
    results = [Result(n, "", "graded", (), (earned("1.2", a),)) for n, a in answers.items()]
    odd = replace(earned("1.3", 0), example=f"For `{HOSTILE}`, {HOSTILE} is wanted.")
    page = page_of([*results, Result("Dan", "", "graded", (), (odd,))], tmp_path)
    said = page.text["The commonest misconceptions"]
    places = [said.index(earned("1.2", a).message.replace("`", "")) for a in (1, 0)]
    assert places == sorted(places)
    for each in (earned("1.2", 0), earned("1.2", 1), odd):
        assert each.example and each.example.replace("`", "") in said
    assert not [name for name in [*answers, "Dan"] if name in said] and "script" not in page.tags


def test_each_change_of_a_total_is_told_once(tmp_path):
    """Not what it is made of, but where the total stays; a few of many, with where the rest is."""
    moved = [Change("fine", "1.2", "0", "1", "why"), Change("fine", TOTAL, "0", "1", "why")]
    within = [Change("again", "1.2", "0", "1", "x"), Change("again", "1.3", "1", "0", "y")]
    heading = "Who has changed since the last run"
    page = page_of(RESULTS, tmp_path, changes=[*moved, *within])
    assert page.named(heading) == ["fine", "again", "again"] and "1.3: y" in page.text[heading]
    page = page_of(RESULTS, tmp_path, changes=within * MAX_LISTED)
    assert page.named(heading) == ["again"] * MAX_LISTED + ["changes.csv"]
    assert f"{MAX_LISTED} of {2 * MAX_LISTED}" in page.text[heading]


def test_an_empty_list_is_a_short_word(tmp_path):
    """Of a class in which all is well; and what was not looked for is not said to be nobody."""
    results = [Result("fine", "", "graded")]
    page = page_of(results, tmp_path, matches=[])
    assert {page.text[each].strip() for each in LISTS} == {"Nobody.", "None."}
    assert "Not compared" in page_of(results, tmp_path).text["The same answers"]


@pytest.mark.parametrize("anonymous", [False, True])
def test_who_is_alike_is_called_as_in_the_gradebook(tmp_path, monkeypatch, anonymous):
    """By the roster's name with a link, or by no name in any file; the solution by none."""
    answers = dict.fromkeys(("Berg, Anna", "bo_ek"), short()) | {"Cem": short({"1.3": "1"})}
    write([Student(n, {"": saved(a)}) for n, a in answers.items()], tmp_path / "class")
    (tmp_path / "roster.csv").write_text("name\nAnna Berg\nBo Ek\nCem\nDora\n")
    monkeypatch.setattr(batch, "make_kit", lambda _: None)
    monkeypatch.setattr(batch, "grade_one", lambda each, *_: Result(each.student, "", "graded"))
    asked = ["grade", tmp_path / "class", "--lesson", "1", "--out", tmp_path / "out"]
    asked += ["--similarity", "--roster", tmp_path / "roster.csv"]
    assert main([*map(str, asked), *["--anonymous"] * anonymous]) == 0
    page = Sections(tmp_path / "out" / "class.html")
    alike, everyone = page.named("The same answers"), page.named("Everyone")
    assert len(everyone) == 4 and set(alike) <= set(everyone) and SOLUTION in page.text[LISTS[1]]
    assert anonymous or {"Anna Berg", "Bo Ek"} <= set(alike)
    assert len(set(alike)) >= 2
    if anonymous:
        written = [p for p in (tmp_path / "out").rglob("*.*") if p.suffix != ".sqlite"]
        told = {p.name for p in written for n in ("Anna", "Ek", "bo_ek") if n in p.read_text()}
        assert told == {"names.csv"}


@needs_chromium
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # of sockets, Playwright's
def test_every_list_fits_on_a_phone(tmp_path, chromium):
    """At 360 pixels nothing but the table of everyone is wider, whatever people are called."""
    long = "x" * 99
    results = [*RESULTS, Result(long, "", "stopped", (long,), (earned("1.2", 0),))]
    changes = [
        Change(long, TOTAL, "10.25", "12.75", long),
        Change("fine", "override", "", "-9", long),
    ]
    page_of(results, tmp_path, changes=changes, matches=[Match(long, long, LESSON * 9, 20)])
    page = chromium.new_page(viewport={"width": 360, "height": 740})
    page.goto((tmp_path / "class.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    hidden = "[...document.querySelectorAll('.wide')].map((e) => e.scrollWidth - e.clientWidth)"
    assert page.evaluate(hidden)[:-1] == [0] * 5
    page.close()
