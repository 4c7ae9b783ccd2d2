"""``python -m mlcore cluster``: structure first, then groups, as documented."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from mlcore.__main__ import main

ROOT = Path(__file__).parent.parent
DOCUMENT = (ROOT / "docs" / "command_line.md").read_text(encoding="utf-8")
MEASURES = "sepal_length,sepal_width,petal_length,petal_width"


@pytest.fixture(scope="module")
def iris(tmp_path_factory: pytest.TempPathFactory) -> Path:
    frame = load_iris(as_frame=True).frame
    frame.columns = pd.Index([*MEASURES.split(","), "species"])
    frame["species"] = frame["species"].map({0: "setosa", 1: "versicolor", 2: "virginica"})
    path = tmp_path_factory.mktemp("tables") / "iris.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: object) -> tuple[int, str, str]:
        with threadpool_limits(1):
            status = main(["cluster", *map(str, arguments)])
        return status, *capsys.readouterr()

    return run


def test_the_json_object_is_the_documented_one_and_true(
    call: Any, iris: Path, tmp_path: Path
) -> None:
    status, out, err = call(
        iris, "--features", MEASURES, "--algorithm", "k_means", "--repeats", "5",
        "--out", tmp_path, "--json",
    )  # fmt: skip
    assert (status, err) == (0, "")
    told = json.loads(out)
    section = DOCUMENT.split("\n## The JSON object of a clustering\n")[1].split("\n## ")[0]
    documented = set(re.findall(r"`(\w+)`", section))
    (run,) = told["runs"]
    for part in (
        told,
        told["sample"],
        told["structure"],
        run,
        run["stability"],
        run["clusters"][0],
    ):
        assert set(part) <= documented
    assert told["structure"]["found"] is True
    assert told["structure"]["p_value"] <= 0.01
    assert set(run["scores"]) <= documented

    matrix = StandardScaler().fit_transform(load_iris().data)
    labels = KMeans(3, n_init=10, random_state=0).fit(matrix).labels_
    assert run["n_clusters"] == 3
    assert run["scores"]["silhouette"] == pytest.approx(silhouette_score(matrix, labels))
    sizes = sorted(np.bincount(labels), reverse=True)
    assert [cluster["rows"] for cluster in run["clusters"]] == sizes
    assert run["stability"]["repetitions"] == 5
    assert run["stability"]["adjusted_rand"] > 0.6
    answers = predicted(run["paths"][0], iris, tmp_path)
    assert adjusted_rand_score(labels, answers) == 1


def predicted(bundle: str, table: Path, folder: Path) -> pd.Series:
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    done = subprocess.run(
        [sys.executable, "-I", "predict.py", table, "answers.csv"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return pd.read_csv(folder / "answers.csv")["cluster"]


def test_noise_has_no_structure_whatever_is_asked_for(call: Any, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    pd.DataFrame(random.uniform(size=(200, 3)), columns=list("abc")).to_csv(
        tmp_path / "noise.csv", index=False
    )
    status, out, _ = call(
        tmp_path / "noise.csv", "--algorithm", "k_means", "--param", "k_means.n_clusters=4",
        "--repeats", "0",
    )  # fmt: skip
    assert status == 0
    assert "Is there any structure? No groups" in out
    assert "Stability was left out" in out


def test_a_sample_and_an_approximation_are_said(call: Any, iris: Path) -> None:
    _, out, _ = call(
        iris, "--features", MEASURES, "--algorithm", "dbscan", "--sample", "100", "--repeats", "0",
        "--json",
    )  # fmt: skip
    told = json.loads(out)
    (run,) = told["runs"]
    assert told["sample"]["sample"] == 100
    assert run["assignment"] == {"id": "core_points", "exact": False}
    assert run["stability"] is None
    assert any("100 rows drawn by lot" in note for note in run["notes"])
    assert any(note.startswith("Approximation for new rows") for note in run["notes"])
    assert sum(cluster["rows"] for cluster in run["clusters"]) == 150


def test_what_cannot_be_grouped_gets_a_sentence(call: Any, iris: Path) -> None:
    status, _, err = call(iris, "--features", "nothing")
    assert (status, "no column called “nothing”" in err) == (2, True)
    status, out, err = call(
        iris, "--features", MEASURES, "--algorithm", "k_means", "--sample", "10",
        "--param", "k_means.n_clusters=50", "--json",
    )  # fmt: skip
    assert status == 1
    assert json.loads(out)["runs"][0]["error"]["code"] == "setup.more_than_rows"
