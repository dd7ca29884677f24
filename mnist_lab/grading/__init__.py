"""Rerun submissions, mark them in a clean process, and write the gradebook."""
