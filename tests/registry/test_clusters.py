"""A model that groups rows leaves as one that predicts does, and says when it only approximates."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from registry_runs import FINDING, SAMPLE, Train, facts_of, find, name_of
from sklearn.datasets import make_blobs
from tables import make_dataset

from mlcore.algorithms.assignment import ASSIGNMENTS
from mlcore.algorithms.catalogue import CLUSTERERS
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.dataset import Dataset
from mlcore.messages import SENTENCES, message
from mlcore.registry.bundle import write_bundle
from mlcore.registry.bundle_files import answering, contract, predict
from mlcore.registry.card import model_card
from mlcore.registry.cluster_card import MOST_CLUSTERS
from mlcore.registry.reassignment import reassign
from mlcore.registry.schema import InputSchema, cluster_names, run_schema
from mlcore.setups import ClusterSetup
from mlcore.splitting import SampleConfig
from mlcore.tasks import Task
from mlcore.workflow import RunResult, features_of, run_experiment
from mlcore.workflow.exploring import structure_frame

#: The least share of its own rows that an approximation gives back. The mixed table has 34 inputs
#: and groups that overlap; in a table with groups apart, all of them are given back.
LEAST_SHARE = 0.8


def clusterer(identifier: str) -> AlgorithmSpec:
    return find(identifier, Task.CLUSTERING)


def is_exact(result: RunResult) -> bool:
    assert result.experiment.spec.assignment is not None
    return result.experiment.spec.assignment(result.experiment.params).is_exact


# What comes out


@pytest.mark.parametrize("spec", CLUSTERERS, ids=name_of)
def test_the_schema_says_what_comes_out(
    spec: AlgorithmSpec, train: Train, mixed_dataset: Dataset
) -> None:
    result = train(spec)
    schema = run_schema(mixed_dataset, result)
    assert (schema.task, schema.target) == (Task.CLUSTERING, None)
    assert list(schema.classes) == [str(number) for number in range(len(schema.classes))]
    assert set(schema.classes) == set(result.classes) - {"noise"}
    way = schema.assignment
    assert way is not None
    assert way.is_exact == is_exact(result)
    assert way.sentence.startswith("Approximation") == (not way.is_exact)
    assert way.probabilities == (spec.id == "gaussian_mixture")
    assert InputSchema.from_json(json.loads(json.dumps(schema.to_json()))) == schema


@pytest.mark.parametrize("spec", CLUSTERERS, ids=name_of)
def test_the_script_gives_the_rows_of_the_clusters_back(
    spec: AlgorithmSpec, train: Train, mixed_dataset: Dataset
) -> None:
    """All of them where the rule is the algorithm's own, most of them where it is approximate."""
    result = train(spec)
    features = features_of(mixed_dataset, result.experiment.features)
    rows = result.split.development
    columns = contract.predictions(
        result.pipeline, features.iloc[rows], run_schema(mixed_dataset, result).to_json()
    )
    found = result.evaluation.predictions["predicted"].iloc[rows]
    same = np.array(columns["cluster"]) == found.to_numpy()
    assert same.mean() >= (1.0 if is_exact(result) else LEAST_SHARE)
    again = reassign(mixed_dataset, result)
    assert (again.rows, again.same) == (len(rows), same.sum())
    with_probabilities = [f"probability_{n}" for n in range(3)] * (spec.id == "gaussian_mixture")
    assert list(columns) == ["cluster", *with_probabilities]


@pytest.fixture(scope="module")
def apart() -> Dataset:
    """Three round groups far from each other, and two rows far from all of them."""
    rows, _ = make_blobs(200, centers=[[0, 0], [10, 0], [0, 10]], cluster_std=0.8, random_state=0)
    rows = np.vstack([rows, [[30.0, 30.0], [-25.0, 25.0]]])
    return make_dataset(pd.DataFrame(rows, columns=["x", "y"]))


def run_apart(apart: Dataset, algorithm: str, values: Mapping[str, Any]) -> RunResult:
    setup = ClusterSetup(features=("x", "y"), split=SampleConfig(repeats=0))
    return run_experiment(apart, setup.experiment(apart, algorithm, values))


@pytest.mark.parametrize(
    ("algorithm", "values"),
    [("dbscan", {"eps": 0.3}), ("hdbscan", {}), ("spectral", {}), ("hierarchical", {})],
)
@pytest.mark.filterwarnings("ignore:Graph is not fully connected")
def test_groups_that_lie_apart_are_given_back_whole(
    apart: Dataset, algorithm: str, values: dict[str, Any]
) -> None:
    again = reassign(apart, run_apart(apart, algorithm, values))
    assert again.share >= 0.98


def test_few_rows_are_asked_of_many(apart: Dataset) -> None:
    result = run_apart(apart, "k_means", {})
    assert reassign(apart, result, most_rows=50).rows == 50


@pytest.mark.parametrize(("algorithm", "values"), [("dbscan", {"eps": 0.3}), ("hdbscan", {})])
def test_noise_is_called_noise(apart: Dataset, algorithm: str, values: dict[str, Any]) -> None:
    result = run_apart(apart, algorithm, values)
    found = result.evaluation.predictions["predicted"]
    assert found.iloc[-2:].tolist() == ["noise", "noise"]
    assert found.value_counts().drop("noise").gt(50).tolist() == [True] * 3
    rows = pd.DataFrame({"x": [30.0, 0.0], "y": [30.0, 0.0]})
    columns = contract.predictions(result.pipeline, rows, run_schema(apart, result).to_json())
    of_the_middle = columns["cluster"][1]
    assert of_the_middle in ("0", "1", "2")
    if algorithm == "dbscan":
        assert columns["cluster"][0] == "noise"


def test_a_component_that_no_row_belongs_to_keeps_its_probability(
    train: Train, mixed_dataset: Dataset
) -> None:
    result = train(clusterer("gaussian_mixture"))
    lost = replace(result, classes=result.classes[:-1])
    assert cluster_names(lost) == ("0", "1", "2")


# The bundle


@pytest.fixture(scope="module")
def scan(train: Train) -> RunResult:
    """Groups of any shape, with noise, whose rule for new rows is an approximation."""
    return train(clusterer("dbscan"))


@pytest.fixture(scope="module")
def bundle(scan: RunResult, mixed_dataset: Dataset, tmp_path_factory: Any) -> Path:
    """The unpacked bundle of it."""
    folder = tmp_path_factory.mktemp("groups")
    write_bundle(folder / "b.zip", dataset=mixed_dataset, result=scan, name="Groups")
    with zipfile.ZipFile(folder / "b.zip") as archive:
        archive.extractall(folder / "bundle")
    return folder / "bundle"


def test_what_is_in_a_bundle_of_groups(bundle: Path, scan: RunResult) -> None:
    names = set(json.loads((bundle / "manifest.json").read_text("utf-8"))["files"])
    assert {"scores.csv", "clusters.csv", "profile.csv"} <= names
    assert "test_scores.csv" not in names
    scores = pd.read_csv(bundle / "scores.csv")
    assert scores["metric"].tolist() == scan.evaluation.scores["metric"].tolist()
    clusters = pd.read_csv(bundle / "clusters.csv", encoding="utf-8-sig")
    assert clusters["rows"].tolist() == scan.frames["clusters"]["rows"].tolist()
    profile = pd.read_csv(bundle / "profile.csv", encoding="utf-8-sig")
    assert list(profile.columns) == list(scan.frames["profile"].columns)
    told = (bundle / "README.txt").read_text("utf-8")
    assert [name for name in names - {"README.txt"} if name not in told] == []


def test_the_command_names_the_approximation(
    bundle: Path, scan: RunResult, mixed_dataset: Dataset
) -> None:
    """In a process that cannot see this project, on rows like those of the table and one unlike."""
    golden = pd.read_csv(bundle / "golden_rows.csv", dtype="str")
    golden.insert(0, "cluster", "mine")
    golden.loc[0, ["size", "weight"]] = ["900", "900"]
    golden.to_csv(bundle / "in.csv", index=False)
    done = subprocess.run(
        [sys.executable, "-I", "predict.py", "in.csv", "out.csv"],
        cwd=bundle,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    assert str(message("clustering.assignment.core_points")) in done.stderr
    out = pd.read_csv(bundle / "out.csv", dtype="str")
    assert list(out.columns) == [*golden.columns, "cluster_2", "warnings"]
    expected = pd.read_csv(bundle / "golden_predictions.csv", dtype="str")["cluster"]
    assert out["cluster_2"].iloc[0] == "noise"
    assert out["cluster_2"].tolist()[1:] == expected.tolist()[1:]


def test_an_exact_rule_is_not_called_an_approximation(
    train: Train, mixed_dataset: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_bundle(
        tmp_path / "b.zip",
        dataset=mixed_dataset,
        result=train(clusterer("k_means")),
        name="Groups",
    )
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        archive.extractall(tmp_path)
    files = [str(tmp_path / name) for name in ("golden_rows.csv", "out.csv")]
    assert predict.main(files, tmp_path) == 0
    assert "pproximat" not in capsys.readouterr().err


def test_rows_around_a_row_are_asked_in_small_portions(
    bundle: Path, scan: RunResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each row keeps all the rows around it in memory until its portion is done."""
    schema = contract.read_schema(bundle)
    lines = (bundle / "golden_rows.csv").read_text("utf-8").splitlines()
    (tmp_path / "in.csv").write_text("\n".join([lines[0], *lines[1:] * 25]), encoding="utf-8")
    sizes = []

    def counting(model: Any, frame: pd.DataFrame, schema: Any) -> dict[str, list[Any]]:
        sizes.append(len(frame))
        return {"cluster": ["0"] * len(frame)}

    monkeypatch.setattr(answering, "predictions", counting)
    monkeypatch.setattr(predict, "_CHUNK_AROUND", 96)
    table = predict.TableFile(tmp_path / "in.csv", schema)
    n_rows, _ = predict.predict_file(scan.pipeline, schema, table, tmp_path / "out.csv")
    assert (n_rows, sizes) == (250, [96, 96, 64])


def test_wrong_clusters_fail_the_check(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema = contract.read_schema(bundle)
    model = contract.load_model(bundle)
    assert predict.self_test(bundle, model, schema) == []
    centre = model.named_steps["model"]
    centre._y[:] = np.roll(centre._y, 1)
    centre.radius = 1e9
    assert "cluster: expected" in predict.self_test(bundle, model, schema)[0]


# The card


@pytest.mark.parametrize("spec", CLUSTERERS, ids=name_of)
def test_the_card_of_groups_says_how_new_rows_are_assigned(
    spec: AlgorithmSpec, train: Train, mixed_dataset: Dataset
) -> None:
    result = train(spec)
    card = model_card(facts_of(mixed_dataset, result))
    section = card.split("## How new rows are assigned\n")[1].split("\n## ")[0]
    assert run_schema(mixed_dataset, result).assignment.sentence in section
    assert ("Asked again about 100" in section) == (not is_exact(result))
    assert "Test set" not in card and "label”" not in card


def test_the_card_of_groups_tells_the_essentials(mixed_dataset: Dataset, scan: RunResult) -> None:
    tested = structure_frame(mixed_dataset, scan.experiment)
    known = replace(scan, frames={**scan.frames, "structure": tested})
    card = model_card(facts_of(mixed_dataset, known))
    silhouette = scan.evaluation.scores.set_index("metric")["value"]["silhouette"]
    for part in (
        "It groups rows by 7 columns, without a label. Clusters found: 3 (“0”, “1”, “2”)",
        "A row that belongs to none of them is called “noise”.",
        f"p = {tested['p_value'].item():.2f}",
        "Hopkins statistic",
        f"| Silhouette | {silhouette:.4g} | ",
        "80 of the rows were drawn 2 times, without repetition",
        f"| noise | {scan.frames['clusters']['rows'].iloc[-1]} | ",
        "- Cluster 0 ",
        "Clusters are made whether or not there are groups",
        "Noise is no group",
        "This model holds every core row with its cluster",
        "| Rows the clusters were found in | 100 |",
        "| Rows assigned to them afterwards | 20 |",
        "| Repetitions for stability | 2 |",
        "**DBSCAN** (`DBSCAN`)",
        "| Radius (eps) | `eps` | 2.1 |",
    ):
        assert part in card, part
    untested = model_card(facts_of(mixed_dataset, scan))
    assert "was not tested for structure" in untested


def test_a_card_without_stability_says_so(apart: Dataset) -> None:
    card = model_card(facts_of(apart, run_apart(apart, "k_means", {})))
    assert "was not measured" in card
    assert "Stability (Jaccard" not in card
    assert "| Repetitions for stability | 0 |" in card
    assert "even for a row that is like none of them" in card


def test_a_card_of_nothing_but_noise(apart: Dataset) -> None:
    card = model_card(facts_of(apart, run_apart(apart, "dbscan", {"eps": 0.001})))
    assert "found none: every row is noise" in card
    assert "| noise | 202 | 100 % | – |" in card


def test_a_card_of_very_many_clusters_shows_the_largest(apart: Dataset) -> None:
    card = model_card(facts_of(apart, run_apart(apart, "k_means", {"n_clusters": 40})))
    assert f"| {MOST_CLUSTERS - 1} | " in card
    assert f"| {MOST_CLUSTERS} | " not in card
    assert "There are 10 more" in card


def test_what_a_user_typed_is_not_run_in_the_card_of_groups(apart: Dataset) -> None:
    name = "<script>alert(1)</script>"
    renamed = make_dataset(apart.frame.rename(columns={"x": name}))
    setup = ClusterSetup(features=(name, "y"), split=SampleConfig(repeats=0))
    result = run_experiment(renamed, setup.experiment(renamed, "k_means"))
    card = model_card(facts_of(renamed, result))
    assert "script" in card.split("## The clusters")[1].split("## Limits")[0]
    assert re.search(r"(?<!\\)<", card) is None


def test_every_way_to_assign_says_what_it_keeps() -> None:
    assert {f"registry.holds_rows.{way.id}" for way in ASSIGNMENTS} <= set(SENTENCES)


def test_the_mixed_table_shows_every_way_to_assign_and_noise(train: Train) -> None:
    """The runs of these tests cover what there is."""
    results = [train(spec) for spec in CLUSTERERS]
    ways = {spec.assignment(spec.check(FINDING.get(spec.id, {}))).id for spec in CLUSTERERS}
    assert ways == {way.id for way in ASSIGNMENTS}
    assert sum("noise" in result.classes for result in results) == 2
    assert all(result.experiment.split == SAMPLE for result in results)
