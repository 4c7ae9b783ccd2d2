"""Code that repeats a run is a download like any other."""

from __future__ import annotations

import io
import json

import nbformat
import pytest
from codegen_runs import mixed_file, supervised
from script_process import ScriptProcess, printed_scores

from mlcore.algorithms.catalogue import find
from mlcore.data.store import DatasetStore
from mlcore.registry.offers import prepare_download
from mlcore.tasks import Task
from mlcore.training.runs import RunStore
from mlcore.workflow import run_experiment
from mlcore.workspace import Workspace


@pytest.fixture
def store(workspace: Workspace) -> RunStore:
    return RunStore(workspace)


@pytest.fixture
def run_id(store: RunStore) -> str:
    """A tree on a file that was uploaded, under another name than the file's."""
    tables = DatasetStore(store.workspace)
    identifier = tables.stage("my file's.csv", mixed_file()[1].content)
    tables.read(identifier)
    tables.register(identifier, "Other name")
    dataset = tables.load(identifier)
    plan = supervised(dataset, find("decision_tree", Task.CLASSIFICATION))
    run = store.create(identifier, plan, "My tree")
    store.save(run, run_experiment(dataset, plan), dataset)
    return run


def test_the_downloaded_script_repeats_the_run(
    store: RunStore, run_id: str, process: ScriptProcess
) -> None:
    path = prepare_download(store, run_id, "script")
    assert path.suffix == ".py"
    assert "my file's.csv" in path.read_text(encoding="utf-8")
    original = DatasetStore(store.workspace).original_path(store.get(run_id).dataset_id)
    (path.parent / "my file's.csv").write_bytes(original.read_bytes())
    printed = printed_scores(process.run(path))
    scores = store.evaluation(run_id).scores.set_index("metric")["value"].dropna()
    assert {name: values[0] for name, values in printed.items()} == pytest.approx(
        scores.to_dict(), rel=1e-12
    )


def test_the_downloaded_notebook_is_one_and_holds_the_same_code(
    store: RunStore, run_id: str
) -> None:
    path = prepare_download(store, run_id, "notebook")
    notebook = nbformat.read(io.StringIO(path.read_text(encoding="utf-8")), as_version=4)
    nbformat.validate(notebook)
    assert (
        notebook["nbformat_minor"] == json.loads(path.read_text(encoding="utf-8"))["nbformat_minor"]
    )
    script = prepare_download(store, run_id, "script").read_text(encoding="utf-8")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) > 6
    assert all(cell.source in script for cell in code)
