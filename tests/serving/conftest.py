"""A registry with models in it, and a client of the server that answers for them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from stocked import register_models
from tables import make_mixed

from mlcore.serving.api import make_app
from mlcore.workspace import Workspace

#: Rows of training for the models that are served: few, so that the fit takes no time.
FRAME = make_mixed().frame.drop(columns=["grown"])


@pytest.fixture(scope="session")
def stocked_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with ``ants`` (two versions that tell classes) and ``price`` (a number)."""
    workspace = Workspace.open(tmp_path_factory.mktemp("served"))
    models = [
        ("species", "decision_tree", "ants"),
        ("species", "logistic_regression", "ants"),
        ("price", "ridge", "price"),
    ]
    register_models(workspace, FRAME, models, tmp_path_factory.mktemp("registering"))
    return workspace.home


@pytest.fixture
def served(stocked_home: Path, tmp_path: Path) -> Workspace:
    """A copy of that workspace, to do anything to."""
    shutil.copytree(stocked_home, tmp_path / "served")
    return Workspace.open(tmp_path / "served")


@pytest.fixture
def client(served: Workspace) -> Iterator[TestClient]:
    """Asks a server that only this machine reaches."""
    with TestClient(make_app(served)) as made:
        yield made
