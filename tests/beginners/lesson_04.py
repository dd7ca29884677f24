"""Right answers to lesson 4 as a beginner writes them."""

ANSWERS = {}
