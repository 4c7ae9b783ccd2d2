"""Runs on the mixed table, for the tests of the registry: ``from registry_runs import find``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from mlcore.algorithms.catalogue import CATALOGUE
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.dataset import Dataset
from mlcore.experiment import ClusterSetup, Experiment
from mlcore.registry.bundle import cluster_names
from mlcore.registry.facts import CardFacts
from mlcore.registry.schema import input_schema
from mlcore.splitting import SampleConfig, SplitConfig
from mlcore.tasks import Task
from mlcore.workflow import RunResult, run_experiment

FEATURES = ("size", "weight", "colour", "tagged", "seen", "remark", "place")

#: Preparations that together use every step there is.
PREPARATIONS: tuple[dict[str, Any], ...] = (
    {},
    {"encoding": "target", "scaling": "robust", "missing_flag": True},
    {"encoding": "ordinal", "scaling": "minmax", "number_missing": "zero"},
    {"scaling": "unit_length", "category_missing": "most_frequent"},
)

#: Enough to be a forest; a hundred trees would only take longer.
FEW = {"n_estimators": 10, "max_iter": 50}

#: What finds clusters, and noise where there can be any, in the mixed table.
FINDING: dict[str, dict[str, Any]] = {
    "dbscan": {"eps": 2.1, "min_samples": 3},
    "hdbscan": {"min_cluster_size": 4, "min_samples": 1},
    "mean_shift": {"bandwidth": 2.6},
}

#: 20 of the 120 rows are assigned afterwards; two repetitions are enough to have a spread.
SAMPLE = SampleConfig(sample=100, repeats=2)

Train = Callable[..., RunResult]


def name_of(spec: AlgorithmSpec) -> str:
    return f"{spec.task}-{spec.id}"


def find(identifier: str, task: Task = Task.CLASSIFICATION) -> AlgorithmSpec:
    return next(spec for spec in CATALOGUE if (spec.id, spec.task) == (identifier, task))


def few(spec: AlgorithmSpec) -> dict[str, Any]:
    """Return small values for the knobs that make training long."""
    return {param.name: FEW[param.name] for param in spec.params if param.name in FEW}


def trainer(dataset: Dataset) -> Train:
    """Return a function that trains an algorithm on the mixed table and remembers the run."""
    made: dict[str, RunResult] = {}

    def train(
        spec: AlgorithmSpec,
        preparation: Mapping[str, Any] = {},
        params: Mapping[str, Any] = {},
        target: str | None = None,
    ) -> RunResult:
        key = f"{name_of(spec)} {preparation} {params} {target}"
        if key not in made:
            made[key] = run_experiment(
                dataset, mixed_experiment(dataset, spec, preparation, params, target)
            )
        return made[key]

    return train


def mixed_experiment(
    dataset: Dataset,
    spec: AlgorithmSpec,
    preparation: Mapping[str, Any] = {},
    params: Mapping[str, Any] = {},
    target: str | None = None,
) -> Experiment:
    if not spec.task.is_supervised:
        values = {**few(spec), **FINDING.get(spec.id, {}), **params}
        setup = ClusterSetup(features=FEATURES, split=SAMPLE, preparation=preparation)
        return setup.experiment(dataset, spec.id, values)
    label = "species" if spec.task is Task.CLASSIFICATION else "price"
    return Experiment(
        fingerprint=dataset.fingerprint,
        task=spec.task,
        target=target or label,
        features=FEATURES,
        kinds={name: dataset.schema[name].kind for name in FEATURES},
        split=SplitConfig(validation="holdout"),
        preparation=preparation,
        algorithm=spec.id,
        params=spec.check({**few(spec), **params}),
    )


def facts_of(dataset: Dataset, result: RunResult, **changes: Any) -> CardFacts:
    """Return what the card of a run is written from."""
    facts = CardFacts(
        name="Forest",
        dataset=dataset,
        result=result,
        schema=input_schema(
            dataset,
            result.experiment,
            result.split.development,
            clusters=cluster_names(result),
        ),
        baseline=None,
        test_scores=None,
        test_openings=0,
        libraries={"Python": "3.11", "scikit-learn": "1.9.1"},
    )
    return replace(facts, **changes)
