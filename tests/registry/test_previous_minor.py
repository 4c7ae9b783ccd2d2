"""Bundles that were made under the previous minor version of scikit-learn.

``opens.zip`` is a logistic regression and ``says.zip`` a histogram gradient boosting on the mixed
table (``registry_runs``), written by ``write_bundle`` under scikit-learn 1.8.0. Of the 39
algorithms that leave a model, 36 open under 1.9 and give the same answers; the two boosting ones
and SGD have types whose names have changed. When the pinned scikit-learn moves on, make both anew.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from registry_runs import unpacked

from mlcore.errors import UserError
from mlcore.registry.bundle_files import contract
from mlcore.registry.model_files import model_failures
from mlcore.registry.served import ServedModel

MADE = Path(__file__).with_name("previous_minor")
INSTALLED, BEFORE = version("scikit-learn"), "1.8.0"
TOLD = f"scikit-learn {INSTALLED} is installed, the model was made with {BEFORE}."


@pytest.mark.parametrize("name", ["opens", "says"])
def test_it_was_made_under_the_previous_minor_version(name: str, tmp_path: Path) -> None:
    folder = unpacked(MADE / f"{name}.zip", tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    made = manifest["libraries"]["scikit-learn"]
    major, minor = map(int, INSTALLED.split(".")[:2])
    assert made == BEFORE and made.startswith(f"{major}.{minor - 1}.")
    assert f"scikit-learn=={BEFORE}" in (folder / "requirements.txt").read_text("utf-8")


def test_it_opens_gives_the_same_answers_and_says_what_to_install(tmp_path: Path) -> None:
    folder = unpacked(MADE / "opens.zip", tmp_path)
    done = subprocess.run(
        [sys.executable, "-I", "predict.py"],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
    )
    assert (done.returncode, TOLD in done.stderr) == (0, True), done.stderr
    assert "python -m pip install -r requirements.txt" in done.stderr
    assert model_failures(folder) == []
    assert ServedModel.open(folder).predict([{"size": "1"}]).n_rows == 1


def test_one_that_does_not_open_says_exactly_what_to_install(tmp_path: Path) -> None:
    folder = unpacked(MADE / "says.zip", tmp_path)
    with pytest.raises(UserError) as caught:
        ServedModel.open(folder)
    assert caught.value.code == "registry.not_loaded"
    assert TOLD in str(caught.value)
    assert "python -m pip install -r requirements.txt" in str(caught.value)


def test_programs_that_use_a_bundle_find_the_same_functions_in_one_made_now(
    tmp_path: Path,
) -> None:
    folder = unpacked(MADE / "opens.zip", tmp_path)
    program = ast.parse((folder / "contract.py").read_text("utf-8"))
    names = {
        node.name
        for node in program.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    }
    assert {"read_schema", "load_model", "read_records", "answers"} <= names <= set(dir(contract))
