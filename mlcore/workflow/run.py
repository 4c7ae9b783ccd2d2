"""The one way to run an experiment."""

from __future__ import annotations

from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.experiment import Experiment
from mlcore.workflow.clustering import run_clustering
from mlcore.workflow.result import Report, RunResult, ignore
from mlcore.workflow.supervised import run_supervised


def run_experiment(dataset: Dataset, experiment: Experiment, report: Report = ignore) -> RunResult:
    """Do what an experiment says.

    Parameters
    ----------
    dataset : Dataset
        The table the experiment belongs to.
    experiment : Experiment
        What to do.
    report : callable, optional
        Told after each fit, and at steps inside a fit where the algorithm counts them.

    Raises
    ------
    UserError
        The experiment does not fit the table, or cannot be run on it; the sentence says why.
    """
    if experiment.fingerprint != dataset.fingerprint:
        raise UserError(
            "setup.other_dataset", expected=experiment.fingerprint, got=dataset.fingerprint
        )
    run = run_supervised if experiment.task.is_supervised else run_clustering
    return run(dataset, experiment, report)
