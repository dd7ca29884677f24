"""Write docs/term_plan.md from notebooks and exercises: ``python -m tools.make_term_plan``."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from mnist_lab.course import find_notebooks, read_notebook
from mnist_lab.exercises import all_exercises
from mnist_lab.files import write_text

HERE = Path(__file__).parent.parent
PAGE = HERE / "docs" / "term_plan.md"
# The first notebook of each week; what follows it goes with it.
PLANS = {14: range(14), 10: (0, 2, 4, 5, 6, 7, 9, 11, 12, 13), 8: (0, 3, 5, 6, 7, 9, 11, 12)}
OPENING = """# A term's plan

Each notebook says how long to allow for it, and its exercises say what they are worth: the figures
here are theirs. The minutes are a student's at the notebook; a lecture comes on top. Who does not
finish in class goes on in the same notebook at home.

| notebook | its question | minutes | exercises | points |
| --- | --- | ---: | ---: | ---: |
{rows}
| all | {hours} hours | {minutes} | {exercises} | {points} |
"""
CLOSING = """## What to know before the first week

- What is handed in is the week's notebooks. What stands in the column *graded as* is all that
  `mnist-lab grade` needs to be told of them: [from a class list to a gradebook](first_class.md).
- Lessons 11 and 12 can be left out, for no later one builds on them: {without} minutes and
  {points} points remain.
- In lesson 13 students read their own writing: let them print [a sheet](sheet.md) a week before.
  Without a printer a program fills one in.
- Let everybody [install](install.md) before the first week. Nothing needs a GPU.
"""


@dataclass(frozen=True)
class Lesson:
    """A notebook, and what it asks of a student."""

    number: int
    title: str
    question: str
    path: str  # as docs/ sees it
    minutes: int
    exercises: int
    points: int


def main() -> None:
    """Write the page."""
    write_text(PAGE, render())
    print(PAGE)


def render() -> str:
    """The page: all lessons, and for each length of a term its weeks."""
    lessons = read_lessons()
    rows = "\n".join(
        f"| [{each.number}. {each.title}]({each.path}) | {each.question} | {each.minutes} | "
        f"{each.exercises} | {each.points} |"
        for each in lessons
    )
    minutes = sum(each.minutes for each in lessons)
    totals = {
        "minutes": minutes, "hours": f"{minutes / 60:.1f}",
        "exercises": sum(each.exercises for each in lessons),
        "points": sum(each.points for each in lessons),
    }  # fmt: skip
    kept = [each for each in lessons if each.number not in {11, 12}]
    closing = CLOSING.format(
        without=sum(each.minutes for each in kept), points=sum(each.points for each in kept)
    )
    plans = ["\n".join(_plan(count, lessons)) + "\n" for count in PLANS]
    return "\n".join([OPENING.format(rows=rows, **totals), *plans, closing])


def weeks_of(count: int, lessons: Sequence[Lesson]) -> list[list[Lesson]]:
    """The lessons of each week of a term of so many."""
    starts = [*PLANS[count], len(lessons)]
    return [list(lessons[a:b]) for a, b in pairwise(starts)]


def _plan(count: int, lessons: Sequence[Lesson]) -> Iterator[str]:
    weeks = weeks_of(count, lessons)
    longest = max(sum(each.minutes for each in week) for week in weeks)
    yield f"## {count} weeks\n\nThe longest week has {longest} minutes.\n"
    yield "| week | notebooks | minutes | handed in, graded as | exercises | points |"
    yield "| ---: | --- | ---: | --- | ---: | ---: |"
    for number, week in enumerate(weeks, 1):
        minutes = sum(each.minutes for each in week)
        asked = [str(each.number) for each in week if each.exercises]
        graded = f"`--lesson {','.join(asked)}`" if asked else "nothing"
        exercises, points = sum(e.exercises for e in week), sum(e.points for e in week)
        named = ", ".join(f"{each.number}" for each in week)
        yield f"| {number} | {named} | {minutes} | {graded} | {exercises} | {points} |"


def read_lessons() -> list[Lesson]:
    """What the notebooks say at their tops, and the exercises that belong to them."""
    found = []
    for path in find_notebooks(HERE / "notebooks"):
        number, top = int(path.name[:2]), read_notebook(path).cells[0].source
        title = re.findall(r"^# (.*)$", top, re.MULTILINE)[0]
        [question] = re.findall(r"^\*\*(.*)\*\*$", top, re.MULTILINE)
        [minutes] = re.findall(r"Allow (\d+) minutes", top)
        asked = [each for each in all_exercises() if each.lesson == number]
        points = sum(each.points for each in asked)
        place = f"../notebooks/{path.name}"
        found.append(Lesson(number, title, question, place, int(minutes), len(asked), points))
    return found


if __name__ == "__main__":
    main()
