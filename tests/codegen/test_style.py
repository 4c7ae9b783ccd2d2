"""A script looks as a formatter would leave it, and imports nothing that it does not use."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
from codegen_runs import clustering, few_labels, fusion, supervised
from script_process import check_formatted

from mlcore.algorithms.catalogue import find
from mlcore.codegen import Request, Source, script_of
from mlcore.data.dataset import Dataset
from mlcore.tasks import Task
from mlcore.workflow import run_experiment

EXAMPLES: tuple[tuple[Any, str, Task], ...] = (
    (supervised, "random_forest", Task.CLASSIFICATION),
    (supervised, "lasso", Task.REGRESSION),
    (clustering, "k_means", Task.CLUSTERING),
    (few_labels, "label_propagation", Task.SEMI_SUPERVISED),
    (fusion, "log_odds", Task.FUSION),
)


@pytest.mark.parametrize(("make", "name", "task"), EXAMPLES, ids=lambda value: str(value)[:20])
def test_a_script_is_formatted_and_clean(
    make: Any, name: str, task: Task, mixed: tuple[Dataset, Source], tmp_path: Path
) -> None:
    dataset, source = mixed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = run_experiment(dataset, make(dataset, find(name, task)))
    request = Request(
        dataset=dataset, result=result, source=source, name="x", model_file="x.joblib", versions={}
    )
    path = tmp_path / "script.py"
    path.write_text(script_of(request).to_python(), encoding="utf-8")
    check_formatted(path)
