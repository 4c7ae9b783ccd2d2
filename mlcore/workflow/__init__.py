"""Run an experiment: the one way from a table to a scored, fitted pipeline.

Pages (through a job), command line and tests all call :func:`run_experiment`. ``supervised`` and
``clustering`` are the two ways to run one, ``table`` stands between a table and a pipeline,
``result`` is what comes out, ``exploring`` looks at a table before a number of groups is chosen.
"""

from mlcore.workflow.result import Progress, Report, RunResult, ignore
from mlcore.workflow.run import run_experiment
from mlcore.workflow.supervised import divide
from mlcore.workflow.table import features_of, label_of, predict_frame, score_frame, weights_of

__all__ = [
    "Progress",
    "Report",
    "RunResult",
    "divide",
    "features_of",
    "ignore",
    "label_of",
    "predict_frame",
    "run_experiment",
    "score_frame",
    "weights_of",
]
