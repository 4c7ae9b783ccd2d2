"""Runs on the mixed table, for the tests of the registry: ``from registry_runs import find``."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from shared_work import once
from structure_tables import few_shuffles
from tables import make_dataset, make_mixed

from mlcore.algorithms.catalogue import CATALOGUE, for_task
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.dataset import Dataset
from mlcore.data.schema import ColumnKind
from mlcore.experiment import Experiment
from mlcore.fusion.config import FusionConfig
from mlcore.registry.facts import CardFacts
from mlcore.registry.schema import run_schema
from mlcore.setups import ClusterSetup, FewLabelsSetup, FusionSetup
from mlcore.splitting import FewLabelsConfig, SampleConfig, SplitConfig
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

#: Every label judges once, and two draws are enough to have a spread.
FEW_LABELS = FewLabelsConfig(folds=2, repeats=2)

#: Sources that name the species, and weights for the rule that asks the user for some.
VOTERS = ("ann", "bob", "eve")
VOTING = FusionConfig(
    sources=VOTERS, abstain=("unsure",), weights=(("ann", 2.0), ("eve", -0.5)), seed=3
)

#: Algorithms that leave a fitted pipeline of scikit-learn, and rules that leave none.
MODELS = tuple(spec for spec in CATALOGUE if spec.task is not Task.FUSION)
RULES = for_task(Task.FUSION)

#: The programs that lie in every bundle of a model.
PROGRAMS = (
    *("predict.py", "contract.py", "answering.py", "cells.py", "model_folder.py", "problems.py"),
    "row_reading.py",
)

Train = Callable[..., RunResult]


def make_labelled() -> Dataset:
    """The mixed table with what few labels and several labels need besides.

    ``few`` is the species of every fifth row. Each of :data:`VOTERS` names the species of most
    rows, not always rightly, leaves some out and is unsure of some; ``gold`` is the species of
    every third row.
    """
    mixed = make_mixed()
    frame, rng = mixed.frame.copy(), np.random.default_rng(11)
    for name, step in (("few", 5), ("gold", 3)):
        frame[name] = frame["species"].where(np.arange(len(frame)) % step == 0)
    for name, accuracy in zip(VOTERS, (0.9, 0.7, 0.5), strict=True):
        guess = pd.Series(rng.choice(["ant", "bee", "cat", "Bee "], len(frame)), dtype="str")
        votes = frame["species"].where(rng.random(len(frame)) < accuracy, guess)
        votes = votes.where(rng.random(len(frame)) > 0.1, "unsure")
        frame[name] = votes.where(rng.random(len(frame)) > 0.2)
    kinds = {column.name: column.kind for column in mixed.schema.columns}
    more = dict.fromkeys(("few", "gold", *VOTERS), ColumnKind.CATEGORY)
    return make_dataset(frame, {**kinds, **more}, label="species")


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
            experiment = mixed_experiment(dataset, spec, preparation, params, target)
            with few_shuffles():
                made[key] = once("few", experiment, lambda: run_experiment(dataset, experiment))
        return made[key]

    return train


def mixed_experiment(
    dataset: Dataset,
    spec: AlgorithmSpec,
    preparation: Mapping[str, Any] = {},
    params: Mapping[str, Any] = {},
    target: str | None = None,
) -> Experiment:
    if spec.task is Task.SEMI_SUPERVISED:
        few_labels = FewLabelsSetup(
            target="few", features=FEATURES, split=FEW_LABELS, preparation=preparation
        )
        return few_labels.experiment(dataset, spec.id, {**few(spec), **params})
    if spec.task is Task.FUSION:
        return fusion_setup(spec).experiment(dataset, spec.id, params)
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


def fusion_setup(spec: AlgorithmSpec, **changes: Any) -> FusionSetup:
    """Return votes for a rule: names of species, or numbers for a rule that averages them."""
    if spec.fuses_numbers:
        numbers = replace(VOTING, sources=("size", "weight", "price"), numbers=True)
        return FusionSetup(split=replace(numbers, **changes))
    return FusionSetup(target="gold", split=replace(VOTING, **changes))


def unpacked(path: Path, folder: Path) -> Path:
    """Return the folder into which a bundle was unpacked."""
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return folder


def resign(folder: Path) -> None:
    """Write a manifest that fits the changed files, as a forger would, pipeline first of all."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["engine"] = "scikit-learn"
    for name in manifest["files"]:
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        manifest["files"][name] = digest
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")


def facts_of(dataset: Dataset, result: RunResult, **changes: Any) -> CardFacts:
    """Return what the card of a run is written from."""
    facts = CardFacts(
        name="Forest",
        dataset=dataset,
        result=result,
        schema=run_schema(dataset, result),
        libraries={"Python": "3.11", "scikit-learn": "1.9.1"},
    )
    return replace(facts, **changes)
