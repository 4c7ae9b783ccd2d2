"""The script of a run that finds groups prints the scores of the run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from codegen_runs import as_read, clustering, requested
from script_process import printed_scores

from mlcore.algorithms.catalogue import for_task
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.codegen import Script, Source, script_of
from mlcore.data.dataset import Dataset
from mlcore.experiment import Experiment
from mlcore.splitting import SampleConfig
from mlcore.tasks import Task

CLUSTERERS = for_task(Task.CLUSTERING)

Mixed = tuple[Dataset, Source]
RunScript = Callable[[Script, Source], str]


def find(identifier: str) -> AlgorithmSpec:
    return next(spec for spec in CLUSTERERS if spec.id == identifier)


def repeats(dataset: Dataset, source: Source, plan: Experiment, run_script: RunScript) -> Any:
    request = requested(dataset, source, plan, "groups.joblib")
    result = request.result
    printed = printed_scores(run_script(script_of(request), source))
    expected = result.evaluation.scores.groupby("metric")["value"].mean().dropna()
    found = {name: values[0] for name, values in printed.items()}
    assert found == pytest.approx(expected.to_dict(), rel=1e-12, abs=1e-12)
    return result


@pytest.mark.parametrize("spec", CLUSTERERS, ids=lambda spec: spec.id)
def test_every_algorithm_repeats_its_run(
    spec: AlgorithmSpec, mixed: Mixed, run_script: RunScript, tmp_path: Path
) -> None:
    dataset, source = mixed
    result = repeats(dataset, source, clustering(dataset, spec), run_script)
    saved = pd.read_csv(tmp_path / "groups_clusters.csv", dtype={"cluster": "str"})
    answers = result.evaluation.predictions.set_index("row")["predicted"]
    expected = answers.loc[result.split.development].replace("noise", "-1")
    assert saved["cluster"].tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("hierarchical", {"linkage": "average"}),
        ("hierarchical", {"neighbor_graph": True, "n_neighbors": 3}),
        ("gaussian_mixture", {"covariance_type": "tied"}),
        ("mean_shift", {"bandwidth": 2.6}),
        ("birch", {"threshold": 0.8}),
    ],
)
def test_parameters_reach_the_script(
    name: str, params: dict[str, Any], mixed: Mixed, run_script: RunScript
) -> None:
    dataset, source = mixed
    plan = clustering(dataset, find(name), params, SampleConfig(repeats=1, seed=3))
    repeats(dataset, source, plan, run_script)


def test_the_silhouette_of_many_rows(run_script: RunScript) -> None:
    random = np.random.default_rng(1)
    frame = pd.DataFrame({"a": np.r_[random.normal(size=5400), 40, 41], "b": 1.5})
    frame["b"] += random.normal(size=len(frame))
    dataset, source = as_read(frame.to_csv(index=False).encode())
    plan = clustering(
        dataset, find("k_means"), {"n_init": 1}, SampleConfig(repeats=1), features=("a", "b")
    )
    repeats(dataset, source, plan, run_script)
