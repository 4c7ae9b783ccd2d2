"""The one way to run an experiment."""

from __future__ import annotations

from collections.abc import Callable

from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.experiment import Experiment
from mlcore.tasks import Task
from mlcore.workflow.clustering import run_clustering
from mlcore.workflow.fusion import run_fusion
from mlcore.workflow.result import Report, RunResult, ignore
from mlcore.workflow.semi_supervised import run_semi_supervised
from mlcore.workflow.supervised import run_supervised

#: How an experiment of each task is run.
_WAYS: dict[Task, Callable[[Dataset, Experiment, Report], RunResult]] = {
    Task.CLASSIFICATION: run_supervised,
    Task.REGRESSION: run_supervised,
    Task.CLUSTERING: run_clustering,
    Task.SEMI_SUPERVISED: run_semi_supervised,
    Task.FUSION: run_fusion,
}


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
    return _WAYS[experiment.task](dataset, experiment, report)
