"""Workspaces with something in them."""

from __future__ import annotations

from mlcore.algorithms.catalogue import baseline
from mlcore.data.samples import find_sample
from mlcore.data.store import DatasetStore
from mlcore.experiment import default_setup
from mlcore.training.runs import RunStore
from mlcore.workflow import run_experiment
from mlcore.workspace import Workspace


def bring(workspace: Workspace, sample: str) -> str:
    """Put a sample table into the workspace and make it the one in use."""
    store = DatasetStore(workspace)
    identifier = store.stage(sample, find_sample(sample).path)
    store.read(identifier)
    store.register(identifier)
    workspace.remember("dataset", identifier)
    return identifier


def train(workspace: Workspace, dataset_id: str, target: str, *algorithms: str) -> list[str]:
    """Train algorithms on a table in this process, as the jobs do, and keep the runs."""
    dataset, runs = DatasetStore(workspace).load(dataset_id), RunStore(workspace)
    setup = default_setup(dataset, target)
    workspace.remember(f"setup:{dataset_id}", setup.to_json())
    made = []
    for name in (*algorithms, baseline(setup.task).id):
        experiment = setup.experiment(dataset, name)
        identifier = runs.create(dataset_id, experiment, experiment.spec.name)
        runs.save(identifier, run_experiment(dataset, experiment), dataset)
        made.append(identifier)
    return made
