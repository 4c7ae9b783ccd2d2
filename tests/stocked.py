"""Workspaces with something in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from shared_work import once
from structure_tables import few_shuffles

from mlcore.algorithms.catalogue import baseline
from mlcore.data.dataset import Dataset
from mlcore.data.samples import find_sample
from mlcore.data.schema import Role
from mlcore.data.store import DatasetStore
from mlcore.experiment import Experiment
from mlcore.params import defaults
from mlcore.pipelines.preparation import PREPARATION_PARAMS
from mlcore.registry.registering import register_run
from mlcore.setups import (
    ClusterSetup,
    FusionSetup,
    default_cluster_setup,
    default_few_labels_setup,
    default_fusion_setup,
    default_setup,
)
from mlcore.training.analyses import Analyses
from mlcore.training.runs import RunStore
from mlcore.workflow import RunResult, run_experiment
from mlcore.workflow.exploring import (
    STRUCTURE,
    choice_frames,
    choice_plan,
    structure_frame,
    structure_plan,
)
from mlcore.workspace import Workspace

#: Repetitions that are enough where the numbers themselves are not looked at.
REPEATS = 3


def run_once(dataset: Dataset, experiment: Experiment) -> RunResult:
    """Run an experiment, or return what it gave when another test asked for it."""
    return once("run", experiment, lambda: run_experiment(dataset, experiment))


def _run_with_few_shuffles(dataset: Dataset, experiment: Experiment) -> RunResult:
    with few_shuffles():
        return once("few", experiment, lambda: run_experiment(dataset, experiment))


def bring(workspace: Workspace, sample: str) -> str:
    """Put a sample table into the workspace and make it the one in use."""
    store = DatasetStore(workspace)
    identifier = store.stage(sample, find_sample(sample).path)
    store.read(identifier)
    store.register(identifier)
    workspace.remember("dataset", identifier)
    return identifier


def bring_frame(workspace: Workspace, name: str, frame: pd.DataFrame) -> str:
    """Put a table that was made by hand into the workspace, as a CSV file that is read."""
    path = workspace.folder("temp", name).with_suffix(".csv")
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(path, index=False, encoding="utf-8")
    store = DatasetStore(workspace)
    identifier = store.stage(name, path)
    store.read(identifier)
    store.register(identifier)
    workspace.remember("dataset", identifier)
    return identifier


def bring_text(workspace: Workspace, name: str, text: str) -> str:
    """Put a file of one's own into the workspace and make it the table in use."""
    store = DatasetStore(workspace)
    identifier = store.stage(name, text.encode("utf-8"))
    store.read(identifier)
    store.register(identifier)
    workspace.remember("dataset", identifier)
    return identifier


def mark_label(workspace: Workspace, dataset_id: str, column: str) -> None:
    """Give a column the role of the label, as the Data page does."""
    DatasetStore(workspace).set_roles(dataset_id, {column: Role.LABEL})


def train(workspace: Workspace, dataset_id: str, target: str, *algorithms: str) -> list[str]:
    """Train algorithms on a table in this process, as the jobs do, and keep the runs."""
    dataset, runs = DatasetStore(workspace).load(dataset_id), RunStore(workspace)
    setup = default_setup(dataset, target)
    workspace.remember(f"setup:{dataset_id}", setup.to_json())
    made = []
    for name in (*algorithms, baseline(setup.task).id):
        experiment = setup.experiment(dataset, name)
        identifier = runs.create(dataset_id, experiment, experiment.spec.name)
        runs.save(identifier, run_once(dataset, experiment), dataset)
        made.append(identifier)
    return made


def register_models(
    workspace: Workspace, frame: pd.DataFrame, models: Sequence[tuple[str, str, str]], temp: Path
) -> None:
    """Train and register models on a table made by hand: label, algorithm and name of each."""
    dataset = bring_frame(workspace, "mixed", frame)
    for target, algorithm, name in models:
        run = train(workspace, dataset, target, algorithm)[0]
        register_run(RunStore(workspace), run, name, temp=temp)


def cluster(
    workspace: Workspace,
    dataset_id: str,
    *algorithms: str,
    features: Sequence[str] | None = None,
    params: Mapping[str, Mapping[str, Any]] | None = None,
    shuffled: bool = False,
) -> list[str]:
    """Find groups in a table in this process, as the jobs do, and keep the runs.

    ``params`` holds values of parameters by algorithm; ``features`` are those the page starts with
    unless given. ``shuffled`` says that the comparison with shuffled columns is looked at.
    """
    dataset, runs = DatasetStore(workspace).load(dataset_id), RunStore(workspace)
    setup = cluster_setup(workspace, dataset_id, features)
    made = []
    for name in algorithms:
        experiment = setup.experiment(dataset, name, (params or {}).get(name))
        identifier = runs.create(dataset_id, experiment, experiment.spec.name)
        frames = {STRUCTURE: answer_structure(workspace, dataset_id, setup)}
        result = (run_once if shuffled else _run_with_few_shuffles)(dataset, experiment)
        runs.save(identifier, result, dataset, None, frames)
        made.append(identifier)
    return made


def cluster_setup(
    workspace: Workspace, dataset_id: str, features: Sequence[str] | None = None
) -> ClusterSetup:
    """Choose columns (those the page starts with unless given), and have the page remember them."""
    setup = default_cluster_setup(DatasetStore(workspace).load(dataset_id))
    setup = replace(
        setup,
        features=setup.features if features is None else tuple(features),
        split=replace(setup.split, repeats=REPEATS),
        preparation=defaults(PREPARATION_PARAMS),
    )
    workspace.remember(f"cluster:{dataset_id}", setup.to_json())
    return setup


def few_labels(
    workspace: Workspace,
    dataset_id: str,
    target: str,
    *algorithms: str,
    params: Mapping[str, Mapping[str, Any]] | None = None,
    **config: Any,
) -> list[str]:
    """Complete a column in this process, as the jobs do, and keep the runs.

    ``params`` holds values of parameters by algorithm, ``config`` those of the division.
    """
    dataset, runs = DatasetStore(workspace).load(dataset_id), RunStore(workspace)
    setup = default_few_labels_setup(dataset, target)
    split = replace(setup.split, **{"repeats": REPEATS, "folds": 3, **config})
    setup = replace(setup, split=split, preparation=defaults(PREPARATION_PARAMS))
    workspace.remember(f"few_labels:{dataset_id}", target)
    workspace.remember(f"few_labels:{dataset_id}:{target}", setup.to_json())
    made = []
    for name in algorithms:
        experiment = setup.experiment(dataset, name, (params or {}).get(name))
        identifier = runs.create(dataset_id, experiment, experiment.spec.name)
        runs.save(identifier, run_once(dataset, experiment), dataset)
        made.append(identifier)
    return made


def fuse(
    workspace: Workspace, dataset_id: str, *rules: str, setup: FusionSetup | None = None
) -> list[str]:
    """Fuse the labels of a table in this process, as the jobs do, and keep the runs.

    ``setup`` is what the page starts with unless given.
    """
    dataset, runs = DatasetStore(workspace).load(dataset_id), RunStore(workspace)
    chosen = setup or default_fusion_setup(dataset)
    made = []
    for name in rules:
        experiment = chosen.experiment(dataset, name)
        identifier = runs.create(dataset_id, experiment, experiment.spec.name)
        runs.save(identifier, run_once(dataset, experiment), dataset)
        made.append(identifier)
    return made


def answer_structure(workspace: Workspace, dataset_id: str, setup: ClusterSetup) -> Any:
    """Test for structure in this process, once, and keep the answer; return its table."""
    dataset, analyses = DatasetStore(workspace).load(dataset_id), Analyses(workspace, dataset_id)
    experiment = setup.experiment(dataset, "k_means")
    plan = structure_plan(experiment)
    frame = analyses.frame(STRUCTURE, plan)
    if frame is None:
        frame = once(STRUCTURE, experiment, lambda: structure_frame(dataset, experiment))
        analyses.save(STRUCTURE, plan, frame)
    return frame


def answer_choice(
    workspace: Workspace,
    dataset_id: str,
    setup: ClusterSetup,
    algorithm: str,
    params: Mapping[str, Any] | None = None,
) -> None:
    """Compute what helps to choose an algorithm's parameters in this process, and keep it."""
    dataset, analyses = DatasetStore(workspace).load(dataset_id), Analyses(workspace, dataset_id)
    experiment = setup.experiment(dataset, algorithm, params)
    frames = once("choice", experiment, lambda: choice_frames(dataset, experiment))
    for name, frame in frames.items():
        analyses.save(name, choice_plan(experiment), frame)
