"""Run an experiment: the one way from a table to a scored, fitted pipeline.

Pages (through a job), command line and tests all call :func:`run_experiment`. ``supervised``,
``clustering``, ``semi_supervised`` and ``fusion`` are the ways to run one (``source_models`` are
part of the last), ``given_labels`` reads the labels of a column that has few, ``table`` stands
between a table and a pipeline, ``result`` is what comes out,
``exploring`` looks at a table before a number of groups is chosen.
"""

from mlcore.workflow.result import Progress, Report, RunResult, ignore
from mlcore.workflow.run import run_experiment
from mlcore.workflow.supervised import divide
from mlcore.workflow.table import (
    features_of,
    known_labels,
    label_of,
    labels_of,
    predict_frame,
    score_frame,
    weights_of,
    without_unreached,
)

__all__ = [
    "Progress",
    "Report",
    "RunResult",
    "divide",
    "features_of",
    "ignore",
    "known_labels",
    "label_of",
    "labels_of",
    "predict_frame",
    "run_experiment",
    "score_frame",
    "weights_of",
    "without_unreached",
]
