"""Runs on the mixed table, for the tests of the registry: ``from registry_runs import find``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mlcore.algorithms.catalogue import SUPERVISED
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.dataset import Dataset
from mlcore.experiment import Experiment
from mlcore.splitting import SplitConfig
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

Train = Callable[..., RunResult]


def name_of(spec: AlgorithmSpec) -> str:
    return f"{spec.task}-{spec.id}"


def find(identifier: str, task: Task = Task.CLASSIFICATION) -> AlgorithmSpec:
    return next(spec for spec in SUPERVISED if (spec.id, spec.task) == (identifier, task))


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
