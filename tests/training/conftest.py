from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from training.bench import Bench

from mlcore.workspace import Workspace


@pytest.fixture
def bench(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("WORKBENCH_MAX_JOBS", "2")
    monkeypatch.setenv("WORKBENCH_TEST_TOKEN", "a-secret-nobody-may-see")
    folder = tmp_path / "signals"
    folder.mkdir()
    made = Bench(workspace, folder)
    made.start()
    yield made
    made.close()
