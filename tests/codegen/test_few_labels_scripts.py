"""The script of a run on few labels prints the scores of the run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from codegen_runs import FEATURES, few_labels, requested
from script_process import printed_scores

import mlcore.codegen.few_labels
from mlcore.algorithms.catalogue import for_task
from mlcore.algorithms.semi_supervised import BASES
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.codegen import Script, Source, script_of
from mlcore.data.dataset import Dataset
from mlcore.experiment import Experiment
from mlcore.splitting import FewLabelsConfig
from mlcore.tasks import Task

SPECS = for_task(Task.SEMI_SUPERVISED)

Mixed = tuple[Dataset, Source]
RunScript = Callable[[Script, Source], str]


def find(identifier: str) -> AlgorithmSpec:
    return next(spec for spec in SPECS if spec.id == identifier)


def repeats(dataset: Dataset, source: Source, plan: Experiment, run_script: RunScript) -> Any:
    request = requested(dataset, source, plan, "few.joblib")
    result = request.result
    printed = printed_scores(run_script(script_of(request), source))
    grouped = result.evaluation.scores.groupby("metric")["value"]
    expected = pd.DataFrame({"mean": grouped.mean(), "std": grouped.std()}).dropna(how="all")
    assert set(printed) == set(expected.index)
    for metric, row in expected.iterrows():
        assert printed[str(metric)] == pytest.approx(list(row), rel=1e-12, abs=1e-12), metric
    return result


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.id)
def test_every_algorithm_repeats_its_run(
    spec: AlgorithmSpec, mixed: Mixed, run_script: RunScript, tmp_path: Path
) -> None:
    dataset, source = mixed
    result = repeats(dataset, source, few_labels(dataset, spec), run_script)
    saved = pd.read_csv(tmp_path / "few_rows.csv")
    assert saved["found"].tolist() == result.frames["rows"]["predicted"].tolist()


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("label_propagation", {"class_mass": True}),
        ("label_propagation", {"rounds": 2, "n_neighbors": 2}),
        ("label_spreading", {"rounds": 3}),
        ("label_propagation", {"affinity": "rbf", "gamma": 0.1}),
        ("label_spreading", {"affinity": "rbf", "gamma": 0.5}),
        ("self_training", {"criterion": "k_best", "k_best": 3}),
    ],
)
def test_parameters_reach_the_script(
    name: str, params: dict[str, Any], mixed: Mixed, run_script: RunScript
) -> None:
    dataset, source = mixed
    repeats(dataset, source, few_labels(dataset, find(name), params), run_script)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("label_propagation", {"n_neighbors": 2}),
        ("label_propagation", {"rounds": 2}),
        ("label_spreading", {"alpha": 0.99}),
        ("label_spreading", {"rounds": 3}),
    ],
)
@pytest.mark.parametrize("features", [FEATURES, ("size", "weight")], ids=len)
def test_many_rows_stand_in_a_sparse_graph(
    name: str,
    params: dict[str, Any],
    features: tuple[str, ...],
    mixed: Mixed,
    run_script: RunScript,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mlcore.codegen.few_labels, "MOST_PAIRED", 10)
    dataset, source = mixed
    plan = few_labels(dataset, find(name), params, features=features)
    repeats(dataset, source, plan, run_script)


@pytest.mark.parametrize("estimator", BASES)
def test_self_training_around_every_classifier(
    estimator: str, mixed: Mixed, run_script: RunScript
) -> None:
    dataset, source = mixed
    split = FewLabelsConfig(folds=2, repeats=0)
    plan = few_labels(
        dataset, find("self_training"), {"estimator": estimator, "max_iter": 2}, split
    )
    repeats(dataset, source, plan, run_script)


@pytest.mark.parametrize(
    "split",
    [
        FewLabelsConfig(folds=3, repeats=0, test_share=0.2, seed=4),
        FewLabelsConfig(folds=3, repeats=0, typed=((1, "bee"), (0, "cat"), (3, "Dog"))),
        FewLabelsConfig(folds=3, repeats=0, no_label=("cat",)),
    ],
    ids=str,
)
@pytest.mark.parametrize("features", [("size", "weight"), ("size", "remark")])
def test_sealed_rows_typed_labels_and_few_columns(
    split: FewLabelsConfig, features: tuple[str, ...], mixed: Mixed, run_script: RunScript
) -> None:
    dataset, source = mixed
    plan = few_labels(dataset, find("label_spreading"), {}, split, features)
    repeats(dataset, source, plan, run_script)
