"""Right answers to lesson 10 as a beginner writes them."""

ANSWERS = {}
