"""Runs whose scripts are tried out, on a table that really is a file: ``from codegen_runs import``.

Nothing here names an algorithm: whatever the catalogue holds is run, and its script is run.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from structure_tables import few_shuffles
from tables import make_mixed

from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.codegen.loading import Source
from mlcore.codegen.request import Request
from mlcore.data.dataset import Dataset, fingerprint
from mlcore.data.kinds import type_table
from mlcore.data.reading import read_table
from mlcore.data.schema import ColumnKind
from mlcore.experiment import Experiment
from mlcore.fusion.config import FusionConfig
from mlcore.setups import ClusterSetup, FewLabelsSetup, FusionSetup
from mlcore.splitting import FewLabelsConfig, SampleConfig, SplitConfig
from mlcore.tasks import Task
from mlcore.workflow import run_experiment

FEATURES = ("size", "weight", "colour", "tagged", "seen", "remark", "place")

#: Enough to be a forest; a hundred trees would only take longer.
FEW = {"n_estimators": 10, "max_iter": 50}

#: Sources that name the species.
VOTERS = ("ann", "bob", "eve")


def few(spec: AlgorithmSpec) -> dict[str, Any]:
    """Return small values for the knobs that make training long."""
    return {param.name: FEW[param.name] for param in spec.params if param.name in FEW}


def make_table() -> pd.DataFrame:
    """The mixed table with weights, groups, few labels and the votes of three sources besides."""
    mixed = make_mixed()
    frame, rng = mixed.frame.copy(), np.random.default_rng(11)
    frame["counts"] = rng.choice([0.0, 0.5, 1.0, 2.5], len(frame))
    frame.loc[::19, "counts"] = None
    for name, step in (("few", 5), ("gold", 3)):
        frame[name] = frame["species"].where(np.arange(len(frame)) % step == 0)
    for name, accuracy in zip(VOTERS, (0.9, 0.7, 0.5), strict=True):
        guess = pd.Series(rng.choice(["ant", "bee", "cat", "Bee"], len(frame)), dtype="str")
        votes = frame["species"].where(rng.random(len(frame)) < accuracy, guess)
        votes = votes.where(rng.random(len(frame)) > 0.1, "unsure")
        frame[name] = votes.where(rng.random(len(frame)) > 0.2)
    return frame


KINDS = {
    "colour": ColumnKind.CATEGORY,
    "tagged": ColumnKind.YES_NO,
    "seen": ColumnKind.DATETIME,
    "remark": ColumnKind.TEXT,
    "place": ColumnKind.CATEGORY,
    "species": ColumnKind.CATEGORY,
    "grown": ColumnKind.YES_NO,
    **dict.fromkeys(("few", "gold", *VOTERS), ColumnKind.CATEGORY),
}


def as_read(
    content: bytes, file_name: str = "table.csv", kinds: Mapping[str, ColumnKind] | None = None
) -> tuple[Dataset, Source]:
    """Return what the workbench makes of a file, and the file."""
    text = read_table(content)
    schema, frame = type_table(text.frame, text.reading.options.decimal or ".", kinds)
    dataset = Dataset(file_name, frame, schema, fingerprint(frame))
    return dataset, Source(file_name=file_name, content=content, reading=text.reading)


def mixed_file() -> tuple[Dataset, Source]:
    """Return the mixed table by way of a file."""
    return as_read(make_table().to_csv(index=False).encode(), "mixed.csv", KINDS)


def supervised(
    dataset: Dataset,
    spec: AlgorithmSpec,
    params: Mapping[str, Any] = {},
    target: str | None = None,
    features: tuple[str, ...] = FEATURES,
    **more: Any,
) -> Experiment:
    """Return an experiment with an algorithm; by default with one validation part."""
    label = "species" if spec.task is Task.CLASSIFICATION else "price"
    return Experiment(
        fingerprint=dataset.fingerprint,
        task=spec.task,
        target=target or label,
        features=features,
        kinds={name: dataset.schema[name].kind for name in features},
        algorithm=spec.id,
        params=spec.check({**few(spec), **params}),
        **{"split": SplitConfig(validation="holdout"), **more},
    )


def requested(dataset: Dataset, source: Source, plan: Experiment, model_file: str) -> Request:
    """Run an experiment, whatever the library remarks, and ask for its program."""
    with warnings.catch_warnings(), few_shuffles():
        warnings.simplefilter("ignore")
        result = run_experiment(dataset, plan)
    return Request(
        dataset=dataset,
        result=result,
        source=source,
        name="A run",
        model_file=model_file,
        versions={},
    )


#: What finds clusters, and noise where there can be any, in the mixed table.
FINDING: dict[str, dict[str, Any]] = {
    "dbscan": {"eps": 2.1, "min_samples": 3},
    "hdbscan": {"min_cluster_size": 4, "min_samples": 1},
}


#: 20 of the 120 rows are left out, and two repetitions are enough to have a spread.
MOST_ROWS = SampleConfig(sample=100, repeats=2)

#: No comparison with and without the unlabelled rows.
THREE_FOLDS = FewLabelsConfig(folds=3, repeats=0)


def clustering(
    dataset: Dataset,
    spec: AlgorithmSpec,
    params: Mapping[str, Any] = {},
    split: SampleConfig = MOST_ROWS,
    features: tuple[str, ...] = FEATURES,
) -> Experiment:
    """Return an experiment that finds groups in most rows."""
    values = {**few(spec), **FINDING.get(spec.id, {}), **params}
    return ClusterSetup(features=features, split=split).experiment(dataset, spec.id, values)


def few_labels(
    dataset: Dataset,
    spec: AlgorithmSpec,
    params: Mapping[str, Any] = {},
    split: FewLabelsConfig = THREE_FOLDS,
    features: tuple[str, ...] = FEATURES,
) -> Experiment:
    """Return an experiment that completes the column in which every fifth row has a label."""
    setup = FewLabelsSetup(target="few", features=features, split=split)
    return setup.experiment(dataset, spec.id, {**few(spec), **params})


#: The votes of three sources, with weights for the rule that asks the user for some.
VOTING = FusionConfig(
    sources=VOTERS, abstain=("unsure",), weights=(("ann", 2.0), ("eve", -0.5)), seed=3
)


def fusion(
    dataset: Dataset,
    spec: AlgorithmSpec,
    params: Mapping[str, Any] = {},
    target: str | None = "gold",
    **changes: Any,
) -> Experiment:
    """Return an experiment that fuses names of species, or numbers for a rule that averages."""
    if spec.fuses_numbers:
        numbers = replace(VOTING, sources=("size", "weight", "price"), numbers=True)
        label = None if target is None else "counts"
        setup = FusionSetup(target=label, split=replace(numbers, **changes))
    else:
        config = replace(VOTING, **changes)
        features = FEATURES if config.learner else ()
        setup = FusionSetup(target=target, features=features, split=config)
    return setup.experiment(dataset, spec.id, params)
