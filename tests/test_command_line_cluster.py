"""``python -m mlcore cluster``: structure first, then groups, as documented."""

from __future__ import annotations

import errno
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
from mlcore.algorithms import cost
from mlcore.command_line import clustering, running
from mlcore.data.schema import ColumnKind

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
    above = DOCUMENT.split("\n## The JSON object of a training\n")[1].split("\n## ")[0]
    named = set(re.findall(r"^\| `(\w+)` ", section, re.MULTILINE))
    shared = set(re.findall(r"`(\w+)`", above)) & (set(told) | set(run))
    assert named | shared == set(told) | set(run)
    assert shared - documented == set(), "what is as in a training is named too"
    for part in (
        told["left_out"][0],
        told["filled"],
        told["sample"],
        told["structure"],
        run["estimate"],
        run["stability"],
        run["clusters"][0],
    ):
        assert set(part) <= documented
    assert told["left_out"] == [
        {"column": "species", "kind": "category", "why": "Not among --features."}
    ]
    assert told["filled"] == {"rows": 0, "columns": []}
    assert told["not_tried"] == []
    assert run["estimate"]["seconds"] > 0 and run["estimate"]["memory_mb"] > 0
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


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def to_file(**columns: Any) -> Path:
        path = tmp_path / "table.csv"
        pd.DataFrame(columns).to_csv(path, index=False)
        return path

    return to_file


def numbers(rows: int, columns: str = "abcd") -> dict[str, Any]:
    random = np.random.default_rng(1)
    return {name: random.normal(size=rows).round(3) for name in columns}


def test_a_run_beyond_the_limits_is_refused_with_options_that_do(
    call: Any, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(**numbers(4000))
    base = (path, "--repeats", "0", "--json", "--algorithm", "dbscan")
    monkeypatch.setenv("WORKBENCH_JOB_MEMORY_MB", "400")
    status, out, err = call(*base, "--param", "dbscan.eps=1000")
    (run,) = json.loads(out)["runs"]
    sentence = run["error"]["sentence"]
    assert (status, err, run["error"]["code"]) == (1, "", "command.too_costly")
    assert run["estimate"]["memory_mb"] > 100
    assert "a run may take 3,600 seconds and 400 MB of memory in all" in sentence
    (sample,) = re.findall(r"--sample (\d+) \(", sentence)
    status, out, _ = call(*base, "--param", "dbscan.eps=1000", "--sample", sample)
    (run,) = json.loads(out)["runs"]
    assert (status, run["error"]) == (0, None)


def test_pairs_that_do_not_fit_are_refused_with_options_that_parse(
    call: Any, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cost, "MOST_PAIRED_ROWS", 300)
    path = write(**numbers(400))
    base = (path, "--repeats", "0", "--json")
    status, out, _ = call(*base, "--algorithm", "hierarchical")
    error = json.loads(out)["runs"][0]["error"]
    assert (status, error["code"]) == (1, "command.too_many_pairs")
    assert "the pairs of 400 rows do not fit into memory; at most 300 rows do" in error["sentence"]
    assert "--param hierarchical.neighbor_graph=yes (" in error["sentence"]
    found = re.findall(r"(--algorithm birch --param birch\.threshold=[\d.]+) \(", error["sentence"])
    status, out, _ = call(*base, *found[0].split())
    assert (status, json.loads(out)["runs"][0]["algorithm"]) == (0, "birch")
    graph = ("--algorithm", "hierarchical", "--param", "hierarchical.neighbor_graph=yes")
    assert call(*base, *graph)[0] == 0


@pytest.mark.parametrize(
    ("rows", "expected", "not_tried"),
    [
        (15, ["k_means", "hierarchical"], ["hdbscan"]),
        (20, ["k_means", "hierarchical", "hdbscan"], []),
        (80, ["k_means", "hdbscan"], ["hierarchical"]),
    ],
)
def test_the_default_algorithms_suit_the_table(
    call: Any,
    write: Any,
    monkeypatch: pytest.MonkeyPatch,
    rows: int,
    expected: list[str],
    not_tried: list[str],
) -> None:
    monkeypatch.setattr(cost, "MOST_PAIRED_ROWS", 50)
    path = write(**numbers(rows))
    status, out, _ = call(path, "--repeats", "0", "--json")
    told = json.loads(out)
    assert status == 0
    assert [run["algorithm"] for run in told["runs"]] == expected
    assert told["not_tried"] == not_tried
    _, out, _ = call(path, "--repeats", "0")
    assert [f"does not suit {rows} rows: “{name}”" in out for name in not_tried] == [True] * len(
        not_tried
    )


def test_a_parameter_asks_for_its_algorithm_whatever_the_size(call: Any, write: Any) -> None:
    path = write(**numbers(15))
    setting = ("--param", "hdbscan.min_cluster_size=4")
    _, out, _ = call(path, "--repeats", "0", "--json", *setting)
    assert json.loads(out)["runs"][2]["algorithm"] == "hdbscan"


def test_estimates_come_first_where_somebody_waits(
    call: Any, iris: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    _, _, err = call(iris, "--algorithm", "k_means", "--algorithm", "birch", "--repeats", "0")
    lines = err.splitlines()
    assert re.fullmatch(r"k-means: .* and under 20 MB of memory, by estimate\.", lines[0])
    assert lines[1].startswith("BIRCH: ")
    assert lines[2:] == ["Finding groups with k-means …", "Finding groups with BIRCH …"]


@pytest.mark.parametrize("error", [MemoryError("array"), OSError(errno.ENOMEM, "no memory")])
def test_too_little_memory_is_said_and_the_others_go_on(
    call: Any, iris: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    run_experiment = running.run_experiment

    def short_of_memory(dataset: Any, experiment: Any) -> Any:
        if experiment.algorithm == "birch":
            raise error
        return run_experiment(dataset, experiment)

    monkeypatch.setattr(running, "run_experiment", short_of_memory)
    status, out, _ = call(
        iris, "--algorithm", "birch", "--algorithm", "k_means", "--repeats", "0", "--json"
    )
    failed, done = json.loads(out)["runs"]
    assert (status, failed["error"]["code"]) == (1, "command.out_of_memory")
    assert failed["error"]["sentence"].startswith("BIRCH needed more memory than there is")
    assert done["error"] is None


def test_a_table_too_large_to_be_prepared_is_refused(
    call: Any, iris: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(*arguments: object) -> None:
        raise MemoryError

    monkeypatch.setattr(clustering, "structure_frame", no_memory)
    status, out, err = call(iris)
    assert (status, out) == (2, "")
    assert err.startswith("The test for structure needed more memory than there is.")


def test_what_was_left_out_and_filled_in_is_said(call: Any, write: Any) -> None:
    random = np.random.default_rng(5)
    colour = pd.Series(random.choice(["red", "green", "blue"], 60)).where(np.arange(60) >= 4)
    size = pd.Series(random.normal(size=60)).where(np.arange(60) % 20 != 3)
    path = write(
        size=size,
        width=random.normal(size=60),
        colour=colour,
        when=pd.date_range("2024-01-01", periods=60).astype(str),
        unit="cm",
    )
    base = (path, "--algorithm", "k_means", "--repeats", "0", "--prepare", "number_missing=mean")
    told = json.loads(call(*base, "--json")[1])
    assert told["features"] == ["size", "width", "colour"]
    assert [(each["column"], each["kind"]) for each in told["left_out"]] == [
        ("when", "date or time"), ("unit", "constant"),
    ]  # fmt: skip
    assert "after --features" in told["left_out"][0]["why"]
    assert told["left_out"][1]["why"] == ColumnKind.CONSTANT.help
    assert told["filled"] == {
        "rows": 6,
        "columns": [
            {"column": "size", "how": "mean of the column"},
            {"column": "colour", "how": "a category “missing” of its own"},
        ],
    }
    out = call(*base)[1]
    assert "- Left out: “when” (date or time). Dates and texts become many inputs" in out
    assert "- Left out: “unit” (constant). The same value in every row" in out
    assert "- 6 of 60 rows have missing values, filled in like this: mean of the column in" in out
    told = json.loads(call(*base, "--json", "--features", "when,width")[1])
    assert [each["why"] for each in told["left_out"]] == [
        "Not among --features.", "Not among --features.", ColumnKind.CONSTANT.help,
    ]  # fmt: skip


@pytest.mark.parametrize("features", [(), ("--features", "a,b")])
def test_a_table_that_never_varies_has_no_groups(
    call: Any, write: Any, tmp_path: Path, features: tuple[str, ...]
) -> None:
    path = write(a=[1] * 30, b=["x"] * 30)
    status, out, err = call(path, *features, "--out", tmp_path / "models", "--json")
    told = json.loads(out)
    assert status == 1
    assert (told["structure"]["found"], told["structure"]["p_value"]) == (False, None)
    assert "All rows are equal" in told["structure"]["sentence"]
    assert told["runs"] == []
    assert err.startswith("Nothing was run: “a”, “b” hold the same value in every row")
    assert "All rows are equal" in call(path, *features)[1]


def test_columns_that_cannot_decide_are_named(call: Any, write: Any) -> None:
    path = write(a=[1] * 30, b=np.arange(30) % 7 * 1.5)
    status, _, err = call(path, "--features", "a,b")
    assert status == 2
    assert "“a” is constant" in err and "--kind" in err and "Data page" not in err
    path = write(a=[1] * 30, when=pd.date_range("2024-01-01", periods=30).astype(str))
    status, _, err = call(path)
    assert status == 2
    assert "“a” is constant, “when” is date or time" in err


def test_stability_without_two_clusters_is_not_told(call: Any, write: Any) -> None:
    path = write(**numbers(60))
    base = (path, "--algorithm", "dbscan", "--repeats", "4")
    for eps, clusters in (("0.001", 0), ("100", 1)):
        _, out, _ = call(*base, "--param", f"dbscan.eps={eps}", "--json")
        (run,) = json.loads(out)["runs"]
        assert (run["error"], run["n_clusters"], run["stability"]) == (None, clusters, None)


def test_nobody_is_told_of_training(call: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["cluster", "--help"])
    words = " ".join(capsys.readouterr().out.split())
    assert "train" not in words.lower()
    assert "which rows are alike; if not given: number, category and yes/no columns" in words
