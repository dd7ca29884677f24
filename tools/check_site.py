"""Check the site that was built, and say each rule that a page breaks.

python -m tools.check_site [FOLDER]

Links and their anchors lead somewhere, nothing comes from another host, every picture has words
for who cannot see it, no page is large. Where Chromium is, each page must fit a phone of 360
pixels, and axe-core, where MNIST_LAB_AXE names it, must find nothing: light on a phone, and
dark on a desk.
"""

import argparse
import os
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from benchmarks import lab
from mnist_lab.arrays import DataError
from mnist_lab.files import StrPath

MAX_BYTES = 1_000_000  # of a page with its pictures
MAX_PAD_BYTES = 3_000_000  # of the pad, which holds three networks
PHONE, DESK = 360, 1300  # pixels wide
AXE = Path(os.environ.get("MNIST_LAB_AXE", "axe.min.js"))
MUST = os.environ.get("MNIST_LAB_BROWSER") == "must"
LOADS = {"img": "src", "script": "src", "iframe": "src", "source": "src", "link": "href"}
MOVED = {"canonical", "next", "prev", "search", "index"}  # links that load nothing
TOO_WIDE = """() => [document.documentElement.scrollWidth,
    ...[...document.querySelectorAll("main *")]
        .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
        .slice(0, 3).map((e) => `${e.tagName}.${e.className}`)]"""


@dataclass
class Page(HTMLParser):
    """What a page holds, as far as the rules speak of it."""

    path: Path
    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    unsaid: list[str] = field(default_factory=list)  # pictures without words

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a tag."""
        of = {name: value or "" for name, value in attrs}
        self.ids |= {of["id"]} if "id" in of else set()
        if tag == "a" and "href" in of:
            self.links.append(of["href"])
        if of.get(LOADS.get(tag, "")) and of.get("rel", "") not in MOVED:
            self.loads.append(of[LOADS[tag]])
        if tag == "img":
            self.pictures.append(of.get("src", ""))
            self.unsaid += [] if of.get("alt", "").strip() else [of.get("src", "")[:60]]


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each rule that is broken; the exit status is 1 if any is."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.check_site", description=__doc__.splitlines()[0]
    )
    parser.add_argument("folder", nargs="?", default="site/html", metavar="FOLDER")
    folder = parser.parse_args(arguments).folder
    broken = [*check(folder), *look(folder)]
    for line in broken:
        print(line)
    return 1 if broken else 0


def check(folder: StrPath) -> list[str]:
    """Read every page; give a line for each rule that one breaks."""
    root = Path(folder).resolve()
    pages = {
        path: Page(path) for path in sorted(root.rglob("*.html")) if "_static" not in path.parts
    }
    if not pages:
        return [f"{folder} holds no page: make docs"]
    broken = [
        f"{page.path.relative_to(root)} {line}"
        for page in pages.values()
        for line in [*_links(page, pages), *_loads(page), *_sizes(page)]
    ]
    return broken + [
        f"{sheet.relative_to(root)} loads {address}"
        for sheet in sorted(root.rglob("*.css"))
        for address in _addresses(sheet.read_text(encoding="utf-8"))
    ]


def _links(page: Page, pages: dict[Path, Page]) -> Iterator[str]:
    for link in page.links:
        parts = urlsplit(link)
        if parts.scheme:
            continue
        target = _local(page, link) if parts.path else page.path
        anchor = unquote(parts.fragment)
        if not target.is_file():
            yield f"links to {link}, which is not there"
        elif anchor and target in pages and anchor not in pages[target].ids:
            yield f"links to {link}, and nothing on that page is called so"
    for picture in page.unsaid:
        yield f"has a picture without words: {picture}"


def _loads(page: Page) -> Iterator[str]:
    for address in page.loads:
        parts = urlsplit(address)
        if parts.scheme == "data":
            continue
        if parts.scheme or parts.netloc:
            yield f"loads {address[:80]}, from another host"
        elif not _local(page, address).is_file():
            yield f"loads {address}, which is not there"
    for address in _addresses(page.path.read_text(encoding="utf-8")):
        yield f"loads {address}"


def _addresses(text: str) -> list[str]:
    """What a style fetches from another host."""
    return re.findall(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\"')\s]+)", text)


def _sizes(page: Page) -> Iterator[str]:
    files = {page.path, *(_local(page, p) for p in page.pictures if not urlsplit(p).scheme)}
    size = sum(file.stat().st_size for file in files if file.is_file())
    if size > MAX_BYTES:
        yield f"has {size:,} bytes with its pictures, more than {MAX_BYTES:,}"
    pads = [_local(page, address) for address in page.loads if address.endswith("pad.html")]
    if any(pad.stat().st_size > MAX_PAD_BYTES for pad in pads if pad.is_file()):
        yield f"shows a pad of more than {MAX_PAD_BYTES:,} bytes"


def _local(page: Page, address: str) -> Path:
    return (page.path.parent / unquote(urlsplit(address).path)).resolve()


def look(folder: StrPath) -> list[str]:
    """Open every page as a phone does; a line for each that is too wide, and for what axe finds."""
    root = Path(folder).resolve()
    with ExitStack() as stack:
        try:
            browser = stack.enter_context(lab.chromium())
        except DataError as error:
            print(f"not looked at: {error}")
            return ["must be looked at, and is not"] if MUST else []
        return list(_looks(browser, root))


def _looks(browser: Any, root: Path) -> Iterator[str]:
    rules = AXE.read_text(encoding="utf-8") if AXE.exists() else ""
    for width, scheme in ((PHONE, "light"), (DESK, "dark")):
        if not rules and width == DESK:
            continue
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
        )
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        for path in sorted(root.rglob("*.html")):
            if "_static" in path.parts:
                continue
            name = path.relative_to(root).as_posix()
            asked.clear()
            page.goto(path.as_uri())
            wide, *culprits = page.evaluate(TOO_WIDE)
            if wide > width:
                yield f"{name} is {wide} pixels wide on {width}: {', '.join(culprits)}"
            if rules:
                page.evaluate(rules)
                for rule in page.evaluate("axe.run({ preload: false })")["violations"]:
                    first = rule["nodes"][0]["html"][:150]
                    many = len(rule["nodes"])
                    yield f"{name}, {scheme}, {width} wide: {rule['id']}, {many} times: {first}"
            yield from (
                f"{name} asks for {url}"
                for url in asked
                if urlsplit(url).scheme not in {"file", "data", "blob"}
            )
        context.close()


if __name__ == "__main__":
    sys.exit(main())
