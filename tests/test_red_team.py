"""One grading call over a class of honest and hostile students: each gets what it earned."""

import csv
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from mnist_lab.grading.sandbox import has_sandbox
from submissions import EXERCISES, honest, hostile, write
from submissions.student import saved, short

CELL_SECONDS = 12
MEMORY = 700  # megabytes
GRADER_MEMORY = 150e6  # bytes
SANDBOX = has_sandbox(required=False)
WORDS = {
    "CANARY": secrets.token_hex(20),
    "NUMBER": f"8{secrets.randbelow(10**6)}",
    "HERE": str(Path(__file__).parents[1]),
    "OUTSIDE": "/nowhere",
    "ABSTRACT": f"mnist-lab-{secrets.token_hex(4)}",
    "PORT": "9",
}
CLASS = honest() + (hostile(WORDS, Path("/nowhere")) if SANDBOX else [])
EARNED = {student.name: student for student in CLASS}
