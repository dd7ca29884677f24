"""Lesson 6, build and train a CNN: parameters, models to build and to mend."""

from mnist_lab.exercises.exercise import Exercise

EXERCISES: tuple[Exercise, ...] = (
    Exercise.from_answers(
        id="6.2",
        points=2,
        asks="how many parameters two layers have",
        target="my_convolution, my_dense",
        example="Two kernels of 2 by 2 have 10 parameters; 2 neurons that look at 3 numbers have 8.",
        answers="""
            1: Each of the 8 kernels has 25 weights and a bias. Each of the 10 neurons has a weight
            for each of the 100 numbers, and a bias.
                my_convolution = 8 * (5 * 5 + 1)
                my_dense = 10 * (100 + 1)
            0.5: You counted the weights. Each kernel and each neuron also has a bias of its own.
                my_convolution = 8 * 5 * 5
                my_dense = 10 * 100
            0.5: The convolution is right. Each neuron of the dense layer has a bias of its own, as
            each kernel has.
                my_convolution = 8 * (5 * 5 + 1)
                my_dense = 10 * 100
            0.5: The dense layer is right. Each kernel has a bias of its own, as each neuron has.
                my_convolution = 8 * 5 * 5
                my_dense = 10 * (100 + 1)
            0.5: One bias for the whole layer is too few: each kernel and each neuron has its own.
                my_convolution = 8 * 5 * 5 + 1
                my_dense = 10 * 100 + 1
            0.5: The convolution uses the same weights everywhere: they count once, not once for
            each place.
                my_convolution = 8 * 24 * 24 * (5 * 5 + 1)
                my_dense = 10 * (100 + 1)
        """,
        hints=(
            "Compare with the two lines above, which gave 320 and 86,544.",
            "Begin with one kernel and one neuron: how many weights, and what else?",
            "One kernel has 5 x 5 weights and one bias; one neuron has 100 weights and one bias.",
        ),
    ),
)
