"""What is known of a graded submission, all of it plain data."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["graded", "stopped", "unreadable", "nothing found", "failed"]


@dataclass(frozen=True)
class Earned:
    """What one exercise earned: its verdict, the points of so many, and why.

    `error` is what the student's own cell raised, if it did.
    """

    id: str
    verdict: str
    points: float
    max_points: int
    message: str = ""
    error: str = ""

    @property
    def lesson(self) -> int:
        """The number of the exercise's lesson."""
        return int(self.id.split(".")[0])


@dataclass(frozen=True)
class Result:
    """What is known of one submission.

    Attributes
    ----------
    student, number : str
        As in the submission.
    status : str
        graded, stopped (the kernel ended before the notebook did), unreadable, nothing found, or
        failed (the grader's own fault; the student is to be graded again).
    notes : tuple of str
        What was out of the ordinary.
    earned : tuple of Earned
        The exercises that were found, in the order of the course.
    seconds : float
        How long it took.
    """

    student: str
    number: str
    status: Status
    notes: tuple[str, ...] = ()
    earned: tuple[Earned, ...] = ()
    seconds: float = 0.0

    @property
    def points(self) -> float:
        """All points earned."""
        return round(sum(each.points for each in self.earned), 2)
