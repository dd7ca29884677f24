"""The house as a picture: it is drawn from the imports, and says what they say."""

import re
from pathlib import Path

from tools import imports, make_house

PAGE = Path(__file__).parent.parent / "docs" / "house.md"


def test_the_picture_is_drawn_from_the_imports_of_today():
    """data/pictures/house.svg is what tools.make_house draws now."""
    drawn = make_house.PICTURE.read_text(encoding="utf-8")
    assert drawn == make_house.render(), "python -m tools.make_house"


def test_an_arrow_passes_no_room_but_its_own():
    """Nobody can take it for an arrow to a room in between, and every arrow runs down."""
    assert make_house.crossings() == []
    for points in make_house.arrows().values():
        assert [y for _, y in points] == sorted(y for _, y in points)


def test_the_table_has_every_room_and_what_it_stands_on():
    """The words of the page and the imports agree, for who cannot see the picture."""
    rows = re.findall(r"^\| (\w+) \|.*\| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    told = {name: set(re.findall(r"\w+", below)) - {"nothing"} for name, below in rows[1:]}
    found = imports.without_detours(imports.uses())
    assert told == {name: below for name, below in found.items() if "__" not in name}


def test_leaving_out_detours_leaves_nothing_out_of_reach():
    """Along the arrows that stay one comes to the same rooms, and no arrow can be spared."""

    def reach(name, arrows):
        return arrows[name].union(*(reach(to, arrows) for to in arrows[name]))

    uses = imports.uses()
    kept = imports.without_detours(uses)
    for name, below in kept.items():
        assert reach(name, kept) == reach(name, uses)
        for to in below:
            spared = {**kept, name: below - {to}}
            assert to not in reach(name, spared)
