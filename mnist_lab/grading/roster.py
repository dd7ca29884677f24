"""Who is in the class, from a list of one's own or of Canvas or Moodle; whose a submission is."""

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mnist_lab.arrays import DataError, OptionError
from mnist_lab.files import StrPath
from mnist_lab.grading.results import Result
from mnist_lab.grading.submissions import Submission

# The heads of columns, in small letters, that say each thing; the first that is there counts.
NAME = ("student", "full name", "name", "student name", "vollständiger name", "nom complet")
FIRST, LAST = ("first name", "firstname", "vorname"), ("last name", "surname", "nachname")
NUMBER = ("id", "identifier", "number", "student id", "sis user id")
LOGIN = ("sis login id", "email address", "email", "login", "username")
UNKNOWN = "not in the roster"


@dataclass(frozen=True)
class Person:
    """Somebody in the class."""

    name: str
    number: str = ""  # by which the learning platform knows them
    login: str = ""

    @property
    def keys(self) -> set[str]:
        """What a folder or a file of theirs may be called, in small letters without spaces."""
        words = self.name.replace(",", " ").split()
        ways = [words, words[::-1], [*words[-1:], *words[:-1]], [*words[1:], *words[:1]]]
        called = {_squash("".join(way)) for way in ways}
        return {*called, _squash(self.login), _squash(self.login.partition("@")[0])} - {""}


@dataclass(frozen=True)
class Roster:
    """A class, and the table that it was read from."""

    people: tuple[Person, ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]  # as they were, also those that name nobody
    places: tuple[int, ...]  # of each person's row

    def column(self, *names: str) -> int | None:
        """Where a column stands, by the first of its names that there is, in any case."""
        heads = [each.strip().casefold() for each in self.head]
        return next((heads.index(n.casefold()) for n in names if n.casefold() in heads), None)


def read_roster(path: StrPath) -> Roster:
    """Read a class: CSV with a head, as one writes it oneself, or as Canvas or Moodle export it.

    DataError if it cannot be read, names nobody, or a name or number twice.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: is not UTF-8; save it as CSV UTF-8") from None
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    try:
        head, *rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)) or [[]]
    except csv.Error as error:
        raise DataError(f"{path}: is no CSV ({error})") from None
    heads = [each.strip().casefold() for each in head]

    def cell(row: list[str], names: tuple[str, ...]) -> str:
        at = next((heads.index(name) for name in names if name in heads), len(row))
        return row[at].strip() if at < len(row) else ""

    people, places = [], []
    for place, row in enumerate(rows):
        name = cell(row, NAME) or f"{cell(row, FIRST)} {cell(row, LAST)}".strip()
        number = re.sub(r"\D", "", cell(row, NUMBER))
        if name and name != "Points Possible" and (name, number) != ("Student, Test", ""):
            people.append(Person(name, number, cell(row, LOGIN)))
            places.append(place)
    if not people:
        raise DataError(f"{path}: names nobody; a column should be headed: {', '.join(NAME[:3])}")
    numbers = [each.number for each in people if each.number]
    twice = {n for n in numbers if numbers.count(n) > 1}
    same = {(each.name, each.number) for each in people}
    if twice or len(same) < len(people):
        who = ", ".join(sorted(twice)) or "a name"
        raise DataError(f"{path}: somebody stands in it twice ({who})")
    return Roster(
        tuple(people), tuple(head), tuple(_padded(row, len(head)) for row in rows), tuple(places)
    )


def _padded(row: list[str], count: int) -> tuple[str, ...]:
    return (*row, *[""] * (count - len(row)))


def seat(results: Sequence[Result], people: Sequence[Person]) -> tuple[list[Result], list[str]]:
    """Give everybody in the class a result, in the order of the roster.

    A result is theirs by its number, else by its name, where that is one person's alone. Who has
    none is missing. Those who are nobody's, or whose name is several people's, come last and are
    told, a line each: nothing is guessed.
    """
    mine: dict[Person, Result] = {}
    lines, others = [], []
    for result in results:
        found = find_people(result.student, result.number, people)
        if len(found) == 1 and found[0] not in mine:
            person = found[0]
            mine[person] = replace(result, student=person.name, number=person.number)
            continue
        why = "could be several people" if len(found) > 1 else UNKNOWN
        why = f"is a second one of {found[0].name}" if len(found) == 1 else why
        lines.append(f"{result.student} {why if why != UNKNOWN else 'is ' + UNKNOWN}")
        others.append(replace(result, notes=(*result.notes, f"It {lines[-1].split(' ', 1)[1]}.")))
    names = [each.name for each in people]
    seated = []
    for person in people:
        result = mine.get(person) or Result(person.name, person.number, "missing")
        if names.count(person.name) > 1:
            result = replace(result, student=f"{person.name} ({person.number or person.login})")
        seated.append(result)
    return [*seated, *others], lines


def seated_names(results: Sequence[Result], people: Sequence[Person]) -> dict[str, str]:
    """What `seat` calls each submission's student, by the name in the submission."""
    marked = [replace(each, notes=(each.student,)) for each in results]
    return {each.notes[0]: each.student for each in seat(marked, people)[0] if each.notes}


def find_people(name: str, number: str, people: Sequence[Person]) -> list[Person]:
    """Those who have this number, else those who may be called this."""
    by_number = [each for each in people if number and each.number == number]
    called = _squash(name.removesuffix(f" ({number})"))
    return by_number or [each for each in people if called in each.keys]


def find_students(names: Sequence[str], submissions: Sequence[Submission]) -> list[str]:
    """Those who are meant by names or numbers; OptionError for one that is nobody or several."""
    found = []
    people = {
        Person(each.student.removesuffix(f" ({each.number})"), each.number): each.student
        for each in submissions
    }
    for name in names:
        meant = [p for p, student in people.items() if student == name]
        meant = meant or find_people(name, name, list(people))
        if len(meant) != 1:
            what = "several students" if meant else "nobody"
            raise OptionError(f"{name!r} is {what} here; --plan lists who has handed in")
        found.append(people[meant[0]])
    return found


def _squash(name: str) -> str:
    """A name in small letters, without accents, spaces and signs."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in plain if letter.isalnum())
