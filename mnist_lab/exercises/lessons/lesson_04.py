"""Lesson 4, a network by hand: the bend, forward, and blame back."""

from mnist_lab.exercises.exercise import Exercise

EXERCISES: tuple[Exercise, ...] = ()
