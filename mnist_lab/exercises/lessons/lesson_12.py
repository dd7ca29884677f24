"""Lesson 12, make it better: a rate that rises and falls, multiplications."""

import numpy as np

from mnist_lab.exercises.exercise import Case, Cases, Exercise


def _steps(seed: int) -> Cases:
    peak = float(np.random.default_rng(seed).integers(1, 9)) / 100
    for note, step, steps in (
        ("while it rises", 30, 200),
        ("halfway down", 65, 100),
        ("nearly at the peak", 58, 200),
        ("just behind the peak", 32, 100),
        ("near the end", 190, 200),
    ):
        yield Case(note, (step, steps, peak))


EXERCISES: tuple[Exercise, ...] = (
    Exercise.from_answers(
        id="12.1",
        points=2,
        asks="a learning rate that rises for a while and then falls to 0",
        target="my_rate(step, steps, peak)",
        cases=_steps,
        answers="""
            1: On the way up the share of 0.3 that is done is the share of the peak. On the way down
            it is what is left, as a share of the other 0.7.
                done = step / steps
                if done < 0.3:
                    return peak * done / 0.3
                return peak * (1 - done) / 0.7
            0.5: The way up is right. The way down begins below the peak: what is left must be a
            share of the second part, not of the whole.
                done = step / steps
                if done < 0.3:
                    return peak * done / 0.3
                return peak * (1 - done)
            0.5: The way down is right. The way up ends below the peak: what is done must be a share
            of the first part, not of the whole.
                done = step / steps
                if done < 0.3:
                    return peak * done
                return peak * (1 - done) / 0.7
            0: It rises all the way, and is highest when it should be 0.
                return peak * step / steps
            0: It falls from the beginning. Let it rise first.
                return peak * (1 - step / steps)
            0: That is a rate that never changes.
                return peak
        """,
        hints=(
            "What share of all the steps is done? Everything follows from that number.",
            "Two cases: up to 0.3 the rate rises from 0 to the peak; after that it falls to 0.",
            "Going up, divide what is done by 0.3. Going down, divide what is left by 0.7.",
        ),
    ),
)
