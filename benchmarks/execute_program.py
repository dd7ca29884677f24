"""Executes the notebooks of a folder with nbclient, several at a time, as anyone would."""

import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient


def execute(path):
    NotebookClient(
        nbformat.read(path, as_version=4),
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        extra_arguments=["--log-level=ERROR"],
    ).execute()


logging.disable()
with ThreadPoolExecutor(int(sys.argv[2])) as pool:
    list(pool.map(execute, sorted(Path(sys.argv[1]).glob("*.ipynb"))))
