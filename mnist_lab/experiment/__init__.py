"""The whole experiment: load, train, measure, try it on pages, and write the record."""

from mnist_lab.experiment.report import render_report, write_report
from mnist_lab.experiment.result import ExperimentResult, InversionSample, how_good
from mnist_lab.experiment.run import run_experiment, try_inversion
from mnist_lab.experiment.trials import WAYS, Trial, overlap, share_right, try_pages

__all__ = [
    "WAYS",
    "ExperimentResult",
    "InversionSample",
    "Trial",
    "how_good",
    "overlap",
    "render_report",
    "run_experiment",
    "share_right",
    "try_inversion",
    "try_pages",
    "write_report",
]
