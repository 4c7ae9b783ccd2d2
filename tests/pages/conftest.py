"""The pages, driven without a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mlcore.algorithms.catalogue import baseline
from mlcore.data.samples import find_sample
from mlcore.data.store import DatasetStore
from mlcore.experiment import default_setup
from mlcore.training.runs import RunStore
from mlcore.workflow import run_experiment
from mlcore.workspace import Workspace

NAVIGATION = Path(__file__).parents[2] / "pages" / "navigation.py"

#: Visits a page of the app; the page's file is given.
Visit = Callable[[str], AppTest]


@pytest.fixture(autouse=True)
def _fresh_caches():
    """Caches live as long as the process and would show another test's workspace."""
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def visit(workspace: Workspace) -> Visit:
    """Open a page cold, as a deep link does."""

    def open_page(file: str) -> AppTest:
        app = AppTest.from_file(str(NAVIGATION), default_timeout=60).run()
        if file != "data.py":
            app = app.switch_page(file).run()
        return app

    return open_page


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
