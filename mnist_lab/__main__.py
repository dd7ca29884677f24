"""`python -m mnist_lab` is `mnist-lab`."""

import sys

from mnist_lab.cli import main

sys.exit(main())
