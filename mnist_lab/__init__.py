"""mnist_lab: learn how a neural network reads handwriting, and try it on your own.

Everything loads when it is first used, so that `import mnist_lab` costs nothing::

    from mnist_lab import course_cnn, fit, load_mnist, predict_probabilities, read_page
    from mnist_lab import evaluate, images, plots, synth
"""

import lazy_loader

__version__ = "0.2.0"
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
