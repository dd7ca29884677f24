"""The site: what the book is made of, and what is said of a page that breaks a rule."""

import copy
import importlib
import re
from html import unescape
from pathlib import Path
from types import FunctionType

import pypdfium2
import pytest

import mnist_lab
from benchmarks import lab
from mnist_lab.course import exercise_part, find_notebooks, read_notebook
from mnist_lab.exercises import all_exercises, find
from tools import check_site, make_pdf, make_site

HERE = Path(__file__).parent.parent
BUILT = HERE / "site" / "html"
GLOSSARY = (HERE / "notebooks" / "glossary.md").read_text(encoding="utf-8")
WORDS = [word for word, _, _ in make_site.ROW.findall(GLOSSARY)]
TERM = re.compile(r"\{term\}`([^`<]+) <([^>]+)>`")
NOTEBOOKS = [read_notebook(path) for path in find_notebooks(HERE / "notebooks")]


@pytest.fixture(scope="module")
def chapters():
    """Every notebook with the chapter that is made of it."""
    return [(each, make_site.chapter(copy.deepcopy(each), WORDS)) for each in NOTEBOOKS]


def cells(notebook, kind: str) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == kind]


def test_a_chapter_has_the_code_of_its_notebook(chapters):
    """The book changes no code, and shows all of it."""
    for notebook, chapter in chapters:
        assert [c.source for c in cells(chapter, "code")] == [
            c.source for c in cells(notebook, "code")
        ]


def test_links_are_all_that_is_added_to_the_prose(chapters):
    """Without its links a chapter says what its notebook says, in the same order."""
    for notebook, chapter in chapters:
        said = TERM.sub(r"\1", "\n".join(c.source for c in cells(chapter, "markdown")))
        for cell in cells(notebook, "markdown"):
            for paragraph in cell.source.split("\n\n"):
                _, found, said = said.partition(paragraph)
                assert found, paragraph


def test_a_word_of_the_glossary_is_linked_once_in_a_chapter(chapters):
    """Each word that a chapter uses in a sentence leads to the glossary, the first time only."""
    linked = set()
    for _, chapter in chapters:
        words = [word for c in cells(chapter, "markdown") for _, word in TERM.findall(c.source)]
        assert len(words) == len(set(words))
        linked |= set(words)
    assert linked <= set(WORDS) and len(linked) > 0.9 * len(WORDS)


def test_hints_and_solution_are_folded_behind_each_exercise(chapters):
    """Behind its check, and nowhere else, an exercise has every hint, why, and the code, folded."""
    seen = []
    for _, chapter in chapters:
        for cell, after in zip(chapter.cells, chapter.cells[1:], strict=False):
            name, part = exercise_part(cell)
            if part != "check":
                assert not after.source.startswith("<details")
                continue
            exercise = find(name)
            pieces = re.findall(r"<details.*?</details>", after.source, re.DOTALL)
            assert "\n\n".join(pieces) == after.source and len(pieces) == len(exercise.hints) + 1
            told = unescape(re.sub(r"\\(.)", r"\1", TERM.sub(r"\1", after.source)))
            assert all(hint.replace("\\", "") in told for hint in exercise.hints)
            assert exercise.why.replace("\\", "") in told
            assert exercise.solution.strip() in pieces[-1] and not cell.outputs
            seen.append(name)
    assert seen == [exercise.id for exercise in all_exercises()]


def test_a_figure_has_words_and_no_widget_waits(chapters):
    """What a figure shows is said where it stands, and nothing is left that needs a kernel."""
    for _, chapter in chapters:
        for cell in cells(chapter, "code"):
            kinds = {kind for output in cell.outputs for kind in output.get("data", {})}
            assert not any("widget" in kind for kind in kinds)
            assert "image/png" not in kinds or len(cell.metadata["mystnb"]["image"]["alt"]) > 20


def test_the_first_chapter_lets_one_draw_first(chapters):
    """The pad comes before all code, and with it the way to the signs and the words."""
    opening = chapters[0][1].cells[0].source
    assert opening.index("<iframe") < opening.index("you will be able to")
    assert "how_to_read_this_code.md" in opening and "glossary.md" in opening


def test_the_contents_name_every_page():
    """No page of docs and no notebook is left out, and none is named twice."""
    text = (HERE / "docs" / "index.md").read_text(encoding="utf-8").replace("](../", "](")
    contents = re.findall(r"<([\w/-]+)>$", make_site.index(text), re.MULTILINE)
    pages = {page.stem for page in (HERE / "docs").glob("*.md")} - {"index"}
    lessons = {f"notebooks/{path.stem}" for path in (HERE / "notebooks").glob("[0-9a-z]*.*")}
    assert pages | lessons <= set(contents) and len(contents) == len(set(contents))


def test_the_reference_has_everything_behind_the_students_door():
    """Each name that `import mnist_lab` offers is on the page, in a line of its own."""
    lines = [line for line in make_site.door_page().splitlines() if line.startswith(("| {", "| ["))]
    assert len(lines) == len(mnist_lab.__all__)
    for name, line in zip(mnist_lab.__all__, lines, strict=True):
        assert name in line and len(line.split("|")[2].strip()) > 10


GOOD = '<h1 id="top">Hello</h1><p><a href="#top">up</a> <a href="other.html#there">on</a></p>'
FLAWS = {
    "not there": '<a href="nowhere.html">x</a>',
    "nothing on that page is called so": '<a href="other.html#nowhere">x</a>',
    "a picture without words": '<img src="data:image/png;base64,AA==">',
    "from another host": '<script src="https://example.org/x.js"></script>',
    r"loads //example\.org/a\.woff": "<style>@font-face { src: url(//example.org/a.woff) }</style>",
    "more than 1,000,000": "x" * 1_000_001,
}


@pytest.fixture
def site(tmp_path) -> Path:
    """A small site without a flaw."""
    (tmp_path / "other.html").write_text('<p id="there">There.</p>', encoding="utf-8")
    (tmp_path / "index.html").write_text(GOOD, encoding="utf-8")
    return tmp_path


def test_a_site_without_a_flaw_breaks_no_rule(site):
    """What is right is not complained of."""
    assert check_site.check(site) == []


@pytest.mark.parametrize("told", FLAWS)
def test_each_flaw_is_told_with_its_page(site, told):
    """One flaw, one line, which names the page."""
    (site / "index.html").write_text(GOOD + FLAWS[told], encoding="utf-8")
    [line] = check_site.check(site)
    assert line.startswith("index.html ") and re.search(told, line)


def test_no_site_is_no_traceback(tmp_path, capsys):
    """Where nothing was built, a line says how to build it."""
    assert check_site.main([str(tmp_path / "nowhere")]) == 1
    assert "make docs" in capsys.readouterr().out


def test_a_page_too_wide_for_a_phone_is_told(site):
    """A page that would have to be moved sideways is named, with what sticks out."""
    if not lab.available():
        pytest.skip("needs Chromium and Playwright")
    (site / "other.html").write_text(
        '<main><pre id="there" style="width: 500px">x</pre></main>', encoding="utf-8"
    )
    [line] = [each for each in check_site.look(site) if "pixels wide" in each]
    assert line.startswith("other.html is 5") and "PRE" in line


@pytest.mark.skipif(not BUILT.exists(), reason="the site is not built: make docs")
@pytest.mark.parametrize("room", make_site.ROOMS)
def test_the_reference_has_what_a_room_offers(room):
    """Each class and function that a door names is on the room's page, also one that loads late."""
    page = check_site.Page(BUILT / "reference" / f"{room}.html")
    module = importlib.import_module(f"mnist_lab.{room}")
    for name in getattr(module, "__all__", []):
        if isinstance(getattr(module, name), type | FunctionType):
            assert f"mnist_lab.{room}.{name}" in page.ids


@pytest.mark.skipif(not BUILT.exists(), reason="the site is not built: make docs")
def test_the_built_site_breaks_no_rule():
    """Links lead somewhere, nothing comes from elsewhere, every picture has words."""
    assert check_site.check(BUILT) == []


CHAPTER = """<article class="bd-article"><section id="top"><h1>{title}<a class="headerlink">#</a></h1>
<p><a href="#there">here</a>, <a href="{other}.html#there">there</a>, <a href="x.html">x</a></p>
<p id="there">Said.</p><iframe class="pad" src="pad.html"></iframe>
<details class="fold"><summary>Hint 1 of 1</summary><p>Hinted.</p></details>
<details class="fold"><summary>A solution of exercise {number}.1, and why</summary><p>Solved
{number}.</p></details>{filler}</section></article>"""


def test_the_pdf_holds_what_the_chapters_say(tmp_path):
    """Chapters in their order, no hint, the solutions last, the contents with their true pages."""
    if not lab.available():
        pytest.skip("needs Chromium and Playwright")
    book, styles = tmp_path / "notebooks", tmp_path / "_static"
    book.mkdir()
    styles.mkdir()
    (styles / "pygments.css").write_text("", encoding="utf-8")
    names = ["01_one", "02_two", *make_pdf.PAGES]
    for at, name in enumerate(names):
        page = CHAPTER.format(
            title=name.title(), other=names[at - 1], number=at, filler="<p>Long.</p>" * 150 * at
        )
        (book / f"{name}.html").write_text(page, encoding="utf-8")
    path = make_pdf.make_pdf(tmp_path)
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == [path.name]
    with pypdfium2.PdfDocument(path) as document:
        pages = [document[n].get_textpage().get_text_range() for n in range(len(document))]
    whole = "\n".join(pages)
    assert "Hint" not in whole and whole.count("On the site, a pad") == len(names)
    assert whole.index("Exercise 0.1") > whole.rindex("Said.")
    rows = re.findall(r"^(.+?) (\d+)$", pages[1].replace("\r", ""), re.MULTILINE)
    titles = ["1. 01_One", "2. 02_Two", *(name.title() for name in make_pdf.PAGES), "Solutions"]
    assert [title for title, _ in rows][: len(titles)] == titles
    starts = [int(number) for _, number in rows][: len(titles)]
    assert starts == sorted(starts) and starts[2] > starts[1] + 1
    for title, start in zip(titles, starts, strict=True):
        assert pages[start - 1].lstrip().startswith(title)


def test_links_in_the_pdf_lead_into_it():
    """A link to another chapter becomes one to its place in the book, any other stays."""
    parts = {name: make_pdf._inside(name, "here") for name in ("#a", "b.html#c", "d.html")}
    assert parts == {"#a": "#here-a", "b.html#c": "#b-c", "d.html": "#d"}
    assert (
        make_pdf._inside("https://example.org/x.html#y", "here") == "https://example.org/x.html#y"
    )
