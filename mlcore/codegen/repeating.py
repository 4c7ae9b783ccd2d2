"""The one way from a run to the program that repeats it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from mlcore.codegen.clustering import clustering_script
from mlcore.codegen.few_labels import few_labels_script
from mlcore.codegen.fusion import fusion_script
from mlcore.codegen.request import Request
from mlcore.codegen.script import Script
from mlcore.codegen.supervised import supervised_script
from mlcore.errors import UserError
from mlcore.tasks import Task

#: How the program of each task is written.
_WAYS: Mapping[Task, Callable[[Request], Script]] = {
    Task.CLASSIFICATION: supervised_script,
    Task.REGRESSION: supervised_script,
    Task.CLUSTERING: clustering_script,
    Task.SEMI_SUPERVISED: few_labels_script,
    Task.FUSION: fusion_script,
}

#: What is said of a file that came in a form of its own.
_OF_THE_FILE = ("registry.script.file", "registry.script.column")


def script_of(request: Request) -> Script:
    """Return the program that repeats a run.

    Where no short call of pandas reads the file, the program reads the table as it was read.

    Raises
    ------
    UserError
        Neither can be read by a short call of pandas.
    """
    way = _WAYS[request.result.experiment.task]
    try:
        return way(request)
    except UserError as error:
        if error.message.code not in _OF_THE_FILE:
            raise
    return way(replace(request, source=request.source.as_read(request.dataset)))
