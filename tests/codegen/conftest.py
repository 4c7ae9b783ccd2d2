"""A table that is a file, and a clean Python to run scripts in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from codegen_runs import mixed_file
from script_process import ScriptProcess
from threadpoolctl import threadpool_limits

from mlcore.codegen.loading import Source
from mlcore.codegen.script import Script
from mlcore.data.dataset import Dataset

RunScript = Callable[[Script, Source], str]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Small fits on several threads spend their time waiting for each other."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def mixed() -> tuple[Dataset, Source]:
    """The mixed table by way of a file."""
    return mixed_file()


@pytest.fixture(scope="session")
def process() -> Iterator[ScriptProcess]:
    """A Python that cannot see this project."""
    with ScriptProcess() as running:
        yield running


@pytest.fixture
def run_script(process: ScriptProcess, tmp_path: Path) -> RunScript:
    """Run a script beside the file it reads; return what it printed."""

    def run(script: Script, source: Source) -> str:
        (tmp_path / source.file_name).write_bytes(source.content)
        path = tmp_path / "script.py"
        path.write_text(script.to_python(), encoding="utf-8")
        return process.run(path)

    return run
