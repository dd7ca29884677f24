"""MNIST and its kin: found, downloaded, written, or one's own."""
