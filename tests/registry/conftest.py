"""Trained runs for the tests of the registry."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from registry_runs import MODELS, Train, find, make_labelled, name_of, trainer
from threadpoolctl import threadpool_limits

from mlcore.data.dataset import Dataset
from mlcore.workflow import RunResult


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Small fits on several threads spend their time waiting for each other."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def mixed_dataset() -> Dataset:
    """The mixed table, with few labels and the votes of three sources besides."""
    return make_labelled()


@pytest.fixture(scope="session")
def train(mixed_dataset: Dataset) -> Train:
    """Train an algorithm on the mixed table, once: ``train(spec, preparation, params, target)``."""
    return trainer(mixed_dataset)


@pytest.fixture(params=MODELS, ids=name_of)
def trained_run(request: pytest.FixtureRequest, train: Train) -> RunResult:
    """A run of each algorithm that leaves a fitted pipeline, one after the other."""
    return train(request.param)


@pytest.fixture(scope="session")
def forest(train: Train) -> RunResult:
    """A random forest that tells three classes apart."""
    return train(find("random_forest"))
