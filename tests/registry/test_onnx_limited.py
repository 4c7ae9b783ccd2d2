"""A model from elsewhere takes little memory and time, and nobody with it when it wants more."""

from __future__ import annotations

import gc
import io
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
import psutil
import pytest
from hostile_graphs import TOO_LARGE, TOO_LONG, greedy

from mlcore import settings
from mlcore.errors import UserError
from mlcore.registry import onnx_child
from mlcore.registry.onnx_import import read_onnx, register_import
from mlcore.registry.onnx_limited import ImportedModel, kept_model
from mlcore.registry.onnx_wire import receive
from mlcore.registry.store import Registry
from mlcore.training.limits import RESERVED_MB
from mlcore.workspace import Workspace


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> ImportedModel:
    monkeypatch.setenv(settings.IMPORT_SECONDS.name, "1")
    return read_onnx(greedy())


def ask(model: ImportedModel, *values: float) -> list[float]:
    return list(model.predict(pd.DataFrame({"x": values})))


def code_of(model: ImportedModel, value: float) -> str:
    with pytest.raises(UserError) as caught:
        ask(model, value)
    return caught.value.code


def pid_of(model: ImportedModel) -> int:
    child = model._session._child
    assert child is not None
    return child.pid


def test_what_needs_too_much_memory_or_time_is_said_and_the_next_row_is_answered(
    model: ImportedModel,
) -> None:
    assert ask(model, 2.0, 1.0) == [2.0, 1.0]
    assert code_of(model, TOO_LARGE) == "registry.import.memory"
    assert ask(model, 3.0) == [3.0]
    assert code_of(model, TOO_LONG) == "registry.import.slow"
    assert ask(model, 4.0) == [4.0]


def test_its_process_is_small_and_has_the_limits_of_jobs(model: ImportedModel) -> None:
    process = psutil.Process(pid_of(model))
    assert process.memory_info().rss < 150 * 2**20
    if sys.platform == "linux":
        soft, _ = process.rlimit(psutil.RLIMIT_AS)
        assert soft == (settings.IMPORT_MEMORY_MB.read() + RESERVED_MB) * 2**20


def test_a_process_that_dies_is_started_again(model: ImportedModel) -> None:
    before = pid_of(model)
    psutil.Process(before).kill()
    assert ask(model, 5.0) == [5.0]
    assert pid_of(model) != before


def test_it_ends_when_it_is_closed_and_when_it_is_forgotten(model: ImportedModel) -> None:
    process = psutil.Process(pid_of(model))
    model.close()
    assert code_of(model, 1.0) == "registry.import.died"
    assert not process.is_running()
    other = read_onnx(greedy())
    process = psutil.Process(pid_of(other))
    del other
    gc.collect()
    assert not process.is_running()


@pytest.mark.parametrize(
    ("limits", "code"),
    [("10, 60", onnx_child.OUT_OF_MEMORY), ("9999, 0.2", onnx_child.OUT_OF_TIME)],
)
def test_where_the_system_sets_no_limits_somebody_watches(limits: str, code: int) -> None:
    program = f"""
import time
from mlcore.registry.onnx_child import Watch
watch = Watch({limits})
watch.start()
with watch:
    time.sleep(30)
"""
    assert subprocess.run([sys.executable, "-c", program]).returncode == code


def test_nothing_it_says_is_unpickled(tmp_path: Path) -> None:
    said = io.BytesIO()
    np.save(said, np.array([tmp_path], dtype=object), allow_pickle=True)
    head = b'{"plain": {}, "texts": {}, "numbers": ["predicted"]}'
    message = struct.pack("<QQ", len(head), said.tell()) + head + said.getvalue()
    with pytest.raises(ValueError, match="Object arrays cannot be loaded"):
        receive(io.BytesIO(message), 10_000)
    with pytest.raises(ValueError, match="more than 100 bytes"):
        receive(io.BytesIO(message), 100)
    with pytest.raises(EOFError):
        receive(io.BytesIO(message[:-1]), 10_000)


def test_a_registered_one_opens_without_being_parsed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = register_import(workspace, "afar", greedy())
    monkeypatch.setattr(onnx, "load_model_from_string", None)
    model = kept_model(Registry(workspace).checked_folder(version))
    assert ask(model, 7.0) == [7.0]
