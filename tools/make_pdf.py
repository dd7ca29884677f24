"""The course as one PDF for reading on paper, from the site: ``python -m tools.make_pdf [FOLDER]``.

The chapters in their order, the hints left out, the solutions at the end, and the contents with the
numbers of their pages. `make docs` calls it; where there is no Chromium to print, it says so.
"""

import argparse
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pypdfium2
from bs4 import BeautifulSoup, Tag

from benchmarks import lab
from mnist_lab.arrays import DataError
from mnist_lab.files import StrPath, atomic_write

HERE = Path(__file__).parent.parent
NAME = "mnist_lab.pdf"
PAGES = ("how_to_read_this_code", "glossary", "from_an_older_tutorial")  # behind the lessons
GONE = "script, style, noscript, .headerlink, .copybtn"
ALIVE = {
    "iframe.pad": "On the site, a pad to draw on stands here.",
    ".learn": "On the site, ten neurons that learn while one watches stand here.",
    ".mnl-still": "On the site, a microscope to look inside the network stands here.",
}
FOOTER = """<div style="width: 100%; text-align: center; font: 8pt sans-serif; color: #555">
<span class="pageNumber"></span></div>"""
PRINTED = {
    "prefer_css_page_size": True,
    "outline": True,
    "tagged": True,
    "print_background": True,
    "display_header_footer": True,
    "header_template": "<span></span>",
    "footer_template": FOOTER,
}
COVER = """<section class="cover"><h1>mnist_lab</h1>
<p>How a neural network reads handwriting: an overview and thirteen lessons.</p>
<img src="PICTURE" alt="Handwritten digits, and the layers of the network that reads them">
</section>
"""


def main(arguments: list[str] | None = None) -> int:
    """Print the PDF's name, or why there is none."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.make_pdf", description=__doc__.splitlines()[0]
    )
    parser.add_argument("folder", nargs="?", default="site/html", metavar="FOLDER")
    try:
        print(make_pdf(parser.parse_args(arguments).folder))
    except DataError as error:
        print(f"no PDF: {error}")
        return 1 if lab.available() else 0
    return 0


def make_pdf(folder: StrPath) -> Path:
    """Print the site's chapters into one PDF beside its pages; DataError if that cannot be."""
    root = Path(folder).resolve()
    chapters = sorted((root / "notebooks").glob("[0-9][0-9]_*.html"))
    if not chapters:
        raise DataError(f"{folder} holds no chapter: make docs")
    paths = [*chapters, *(root / "notebooks" / f"{name}.html" for name in PAGES)]
    parts = [read(path) for path in paths]
    solutions = [each for part in parts for each in take_solutions(part)]
    with lab.chromium() as browser:
        page = browser.new_page()
        numbers: dict[str, int] = {}
        for _ in range(2):  # once to learn where each chapter begins
            book = root / "book.html"
            book.write_text(compose(root, parts, solutions, numbers), encoding="utf-8")
            try:
                page.goto(book.as_uri())
                content = page.pdf(**PRINTED)
            finally:
                book.unlink()
            numbers = find_pages(content)
    with atomic_write(root / NAME) as draft:
        draft.write_bytes(content)
    return root / NAME


def read(path: Path) -> Tag:
    """What a chapter says, with its links and pictures as they are called in the whole book."""
    soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    article = soup.select_one("article.bd-article")
    if article is None:
        raise DataError(f"{path.name} holds no article: make docs")
    for alive, said in ALIVE.items():
        for each in article.select(alive):
            each.name, each.attrs["class"] = "p", "aside"
            each.string = said
    for each in article.select(GONE):
        each.decompose()
    for link in article.select("a[href]"):
        link["href"] = _inside(str(link["href"]), path.stem)
    heading, number = article.find("h1"), path.stem[:2]
    if heading and number.isdecimal():
        heading.insert(0, f"{int(number)}. ")
    for named in article.select("[id]"):
        named["id"] = f"{path.stem}-{named['id']}"
    article["id"] = path.stem
    for picture in article.select("img"):
        source = str(picture["src"])
        if not urlsplit(source).scheme:
            picture["src"] = (path.parent / source).resolve().as_uri()
    return article


def _inside(link: str, here: str) -> str:
    parts = urlsplit(link)
    if parts.scheme:
        return link
    page = Path(parts.path).stem or here
    return f"#{page}-{parts.fragment}" if parts.fragment else f"#{page}"


def take_solutions(article: Tag) -> list[Tag]:
    """The solutions of a chapter, taken out of it; its hints are dropped."""
    taken = []
    for fold in article.select("details.fold"):
        summary = fold.find("summary")
        title = summary.get_text().partition(",")[0] if summary else ""
        fold.extract()
        if title.startswith("A solution"):
            fold.name, fold["class"] = "div", "solution"
            if summary:
                summary.name = "h3"
                summary.string = title.removeprefix("A solution of ").capitalize()
            taken.append(fold)
    return taken


def compose(root: Path, parts: list[Tag], solutions: list[Tag], numbers: dict[str, int]) -> str:
    """The book as one page of HTML."""
    styles = [root / "_static" / "pygments.css", HERE / "docs" / "site" / "paper.css"]
    picture = (HERE / "data" / "pictures" / "kit.png").as_uri()
    titles = [*(heading.get_text() for part in parts for heading in part("h1")), "Solutions"]
    rows = "".join(f"<li>{title} <span>{numbers.get(title, '')}</span></li>" for title in titles)
    pieces = [
        '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>mnist_lab</title>',
        *(f"<style>{style.read_text(encoding='utf-8')}</style>" for style in styles),
        COVER.replace("PICTURE", picture),
        f'<section class="contents"><h1>Contents</h1><ol>{rows}</ol></section>',
        *map(str, parts),
        "<section><h1>Solutions</h1><p>Each is one of many that are right.</p>",
        *map(str, solutions),
        "</section></html>",
    ]
    return "\n".join(pieces)


def find_pages(content: bytes) -> dict[str, int]:
    """The page, from 1, on which each part begins, by its title: what the PDF's outline says."""
    with pypdfium2.PdfDocument(content) as document:
        return {
            entry.get_title(): entry.get_dest().get_index() + 1
            for entry in document.get_toc()
            if entry.level == 0
        }


if __name__ == "__main__":
    sys.exit(main())
