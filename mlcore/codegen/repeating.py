"""The one way from a run to the program that repeats it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mlcore.codegen.clustering import clustering_script
from mlcore.codegen.few_labels import few_labels_script
from mlcore.codegen.fusion import fusion_script
from mlcore.codegen.request import Request
from mlcore.codegen.script import Script
from mlcore.codegen.supervised import supervised_script
from mlcore.tasks import Task

#: How the program of each task is written.
_WAYS: Mapping[Task, Callable[[Request], Script]] = {
    Task.CLASSIFICATION: supervised_script,
    Task.REGRESSION: supervised_script,
    Task.CLUSTERING: clustering_script,
    Task.SEMI_SUPERVISED: few_labels_script,
    Task.FUSION: fusion_script,
}


def script_of(request: Request) -> Script:
    """Return the program that repeats a run.

    Raises
    ------
    UserError
        The file cannot be read by a short call of pandas.
    """
    return _WAYS[request.result.experiment.task](request)
