"""Right answers to lesson 6 as a beginner writes them."""

ANSWERS = {
    "6.2": "my_convolution = 8 * 25.0 + 8\nmy_dense = 100 * 10.0 + 10",
}
