"""Lesson 10, find the digits: spans, overlap, a network that slides."""

from mnist_lab.exercises.exercise import Exercise

EXERCISES: tuple[Exercise, ...] = ()
