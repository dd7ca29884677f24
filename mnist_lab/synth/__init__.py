"""What a program writes: handwriting, pages, a camera, and another look at digits."""
