"""A class of the project's own making: what each student hands in, and the marks it must get."""

from submissions.honest import honest
from submissions.hostiles import hostile
from submissions.student import EXERCISES, Student, write

__all__ = ["EXERCISES", "Student", "honest", "hostile", "write"]
