"""What a program writes: handwriting, pages, a camera, and another look at digits."""

from mnist_lab.synth.pictures import write_pictures

__all__ = ["write_pictures"]
