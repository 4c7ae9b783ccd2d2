"""ONNX Runtime answers for a version where it was found to answer as scikit-learn does."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from registry_runs import FEATURES, Train, find, mixed_experiment, unpacked

from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.registry import onnx_files
from mlcore.registry.bundle import write_bundle
from mlcore.registry.bundle_files import contract
from mlcore.registry.bundle_files.contract import ONNX, SCIKIT_LEARN
from mlcore.registry.bundle_files.onnx_model import Answer, OnnxModel
from mlcore.registry.model_files import model_failures
from mlcore.registry.onnx_files import check_steady
from mlcore.registry.served import ServedModel
from mlcore.registry.version_facts import read_facts
from mlcore.workflow import RunResult, run_experiment


def bundle(folder: Path, dataset: Dataset, result: RunResult, engine: str = ONNX) -> Path:
    """Return the folder of a bundle that an engine shall answer for."""
    write_bundle(folder / "b.zip", dataset=dataset, result=result, name="Model", engine=engine)
    return unpacked(folder / "b.zip", folder / "bundle")


@pytest.fixture(scope="module")
def fitted(mixed_dataset: Dataset) -> RunResult:
    """A logistic regression on all columns but free text."""
    experiment = mixed_experiment(mixed_dataset, find("logistic_regression"))
    names = tuple(name for name in FEATURES if name != "remark")
    kinds = {name: experiment.kinds[name] for name in names}
    return run_experiment(mixed_dataset, replace(experiment, features=names, kinds=kinds))


@pytest.fixture(scope="module")
def lines(
    mixed_dataset: Dataset, fitted: RunResult, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Its bundle, for which ONNX Runtime answers."""
    return bundle(tmp_path_factory.mktemp("lines"), mixed_dataset, fitted)


@pytest.fixture
def rows(lines: Path) -> list[dict[str, Any]]:
    schema = contract.read_schema(lines)
    typical = {one["name"]: one["example"] for one in schema["features"]}
    return [{**typical, "size": size} for size in np.linspace(-2.0, 2.0, 37).tolist()]


def test_the_bundle_says_what_answers_and_what_that_needs(lines: Path) -> None:
    manifest = json.loads((lines / "manifest.json").read_text("utf-8"))
    assert manifest["engine"] == ONNX and "onnxruntime" in manifest["libraries"]
    assert {"model.onnx", "onnx_model.py", "model.skops"} <= set(manifest["files"])
    assert "onnxruntime==" in (lines / "requirements.txt").read_text("utf-8")
    assert read_facts(lines).engine == "ONNX Runtime"
    assert "ONNX Runtime gives the answers" in (lines / "card.md").read_text("utf-8")
    assert isinstance(contract.load_model(lines), OnnxModel)
    assert model_failures(lines) == []


def test_it_answers_where_nothing_of_this_project_is(
    lines: Path, rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    pd.DataFrame(rows).to_csv(tmp_path / "in.csv", index=False)
    files = [str(tmp_path / name) for name in ("in.csv", "out.csv")]
    command = [sys.executable, "-I", "predict.py", *files]
    done = subprocess.run(command, cwd=lines, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    told = ServedModel.open(lines).predict(rows).columns
    made = pd.read_csv(tmp_path / "out.csv", dtype=str)
    for name, values in told.items():
        assert made[name].tolist() == [str(value) for value in values]


def test_the_answers_are_those_of_the_pipeline_which_lies_beside(
    lines: Path, rows: list[dict[str, Any]]
) -> None:
    schema = contract.read_schema(lines)
    reading = contract.read_records(rows, schema)
    got = contract.answers(contract.load_model(lines), schema, reading)
    expected = contract.answers(contract.load_pipeline(lines), schema, reading)
    assert got.prediction == expected.prediction
    for name, shares in expected.probabilities.items():
        assert np.allclose(got.probabilities[name], shares, rtol=0, atol=1e-12)


def test_a_row_gets_the_same_bits_alone_and_among_others(
    lines: Path, rows: list[dict[str, Any]]
) -> None:
    served = ServedModel.open(lines)
    together = served.predict(rows).columns
    for start, stop in [(5, 37), *((place, place + 1) for place in range(37))]:
        part = served.predict(rows[start:stop]).columns
        assert part == {name: values[start:stop] for name, values in together.items()}


def test_numbers_that_were_never_compared_get_no_answer(
    lines: Path, rows: list[dict[str, Any]]
) -> None:
    told = ServedModel.open(lines).predict([rows[0], {**rows[0], "size": 1e31}])
    assert told.refused == {1}
    assert "no answer for numbers as large" in told.warnings[1]


def test_who_lacks_the_runtime_is_told_what_to_install(
    lines: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = importlib.metadata.version

    def without(name: str) -> str:
        if name == "onnxruntime":
            raise importlib.metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(importlib.metadata, "version", without)
    with pytest.raises(UserError, match=r"Not installed: onnxruntime .*pip install -r"):
        ServedModel.open(lines)


@pytest.mark.parametrize("reason", ["chosen", "unsteady", "text"])
def test_otherwise_scikit_learn_answers(
    mixed_dataset: Dataset,
    train: Train,
    fitted: RunResult,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    reason: str,
) -> None:
    if reason == "unsteady":

        def refuse(*_: Any) -> None:
            raise UserError("registry.onnx.unsteady")

        monkeypatch.setattr(onnx_files, "check_steady", refuse)
    result = train(find("logistic_regression")) if reason == "text" else fitted
    engine = SCIKIT_LEARN if reason == "chosen" else ONNX
    folder = bundle(tmp_path, mixed_dataset, result, engine)
    assert contract.engine_of(folder) == SCIKIT_LEARN
    assert not (folder / "model.onnx").exists()
    assert "onnxruntime" not in (folder / "requirements.txt").read_text("utf-8")
    assert "ONNX" not in (folder / "card.md").read_text("utf-8")


def test_versions_from_before_there_was_a_choice_are_opened_as_they_were(tmp_path: Path) -> None:
    for files, engine in ({"model.skops": ""}, SCIKIT_LEARN), ({"model.onnx": ""}, ONNX):
        (tmp_path / "manifest.json").write_text(json.dumps({"files": files}), "utf-8")
        assert contract.engine_of(tmp_path) == engine


def test_bits_that_depend_on_the_place_are_noticed() -> None:
    class Moody:
        """Adds the last of sixteen digits in every second place."""

        def answer(self, frame: pd.DataFrame) -> Answer:
            numbers = frame["x"].to_numpy(dtype=float, copy=True)
            numbers[1::2] = np.nextafter(numbers[1::2], np.inf)
            return Answer(numbers)

    frame = pd.DataFrame({"x": np.linspace(1.0, 2.0, 400)})
    with pytest.raises(UserError) as caught:
        check_steady(Moody(), frame)  # type: ignore[arg-type]
    assert caught.value.code == "registry.onnx.unsteady"
