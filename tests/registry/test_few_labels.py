"""A model from few labels leaves as any other does, and never names a class without a reason."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from registry_runs import FEW_LABELS, Train, facts_of, find, name_of
from sklearn.datasets import make_blobs
from tables import make_dataset

from mlcore.algorithms.catalogue import for_task
from mlcore.algorithms.propagation import UNREACHED
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.dataset import Dataset
from mlcore.data.schema import ColumnKind
from mlcore.evaluation.label_draws import gain_frame, gain_verdict
from mlcore.registry.bundle import write_bundle
from mlcore.registry.bundle_files import predict
from mlcore.registry.card import model_card
from mlcore.registry.contents import what_it_holds
from mlcore.registry.schema import learnt_rows, run_schema
from mlcore.setups import FewLabelsSetup
from mlcore.splitting import FewLabelsConfig
from mlcore.tasks import Task
from mlcore.workflow import RunResult, predict_frame, run_experiment

SPECS = for_task(Task.SEMI_SUPERVISED)
GRAPHS = ("label_propagation", "label_spreading")


@pytest.fixture(scope="module")
def islands() -> Dataset:
    """Three groups far apart, 60 rows each; two have ten labels each, the third has none."""
    places, group = make_blobs(180, centers=[[0, 0], [50, 0], [0, 50]], random_state=0)
    frame = pd.DataFrame(places, columns=["x", "y"])
    names = pd.Series(np.array(["low", "right", "high"])[group], dtype="str")
    is_known = pd.Series(group < 2) & (pd.Series(group).groupby(group).cumcount() < 10)
    frame["kind"] = names.where(is_known)
    return make_dataset(frame, {"kind": ColumnKind.CATEGORY}, label="kind")


def run_on(
    dataset: Dataset, algorithm: str, values: Mapping[str, Any] = {}, **division: Any
) -> RunResult:
    split = replace(FEW_LABELS, **division)
    setup = FewLabelsSetup(target="kind", features=("x", "y"), split=split)
    return run_experiment(dataset, setup.experiment(dataset, algorithm, values))


@pytest.fixture(scope="module", params=GRAPHS)
def stranded(request: pytest.FixtureRequest, islands: Dataset) -> RunResult:
    """A run whose labels do not reach the third group."""
    return run_on(islands, request.param)


@pytest.fixture
def folder(stranded: RunResult, islands: Dataset, tmp_path: Path) -> Path:
    """The unpacked bundle of it."""
    write_bundle(tmp_path / "b.zip", dataset=islands, result=stranded, name="Islands")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        archive.extractall(tmp_path / "bundle")
    return tmp_path / "bundle"


def test_a_new_row_beside_unreached_ones_gets_no_class(
    folder: Path, stranded: RunResult, tmp_path: Path
) -> None:
    (tmp_path / "in.csv").write_text("x,y\n1,1\n49,1\n1,49\n900,900\n,\n", encoding="utf-8")
    assert predict.main([str(tmp_path / "in.csv"), str(tmp_path / "out.csv")], folder) == 0
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    said = [line["prediction"] for line in lines]
    assert said[:3] == ["low", "right", UNREACHED]
    assert float(lines[2][f"probability_{UNREACHED}"]) == 1
    new = pd.DataFrame({"x": [1, 49, 1, 900, None], "y": [1, 1, 49, 900, None]})
    expected = predict_frame(stranded.pipeline, new, Task.SEMI_SUPERVISED)
    assert said == expected["predicted"].tolist()
    for name in ("low", "right", UNREACHED):
        got = [float(line[f"probability_{name}"]) for line in lines]
        assert got == expected[f"p:{name}"].tolist()
        assert not np.isnan(got).any()


def test_the_bundle_says_that_a_class_may_be_missing(folder: Path) -> None:
    assert UNREACHED in (folder / "README.txt").read_text("utf-8")
    card = (folder / "card.md").read_text("utf-8")
    assert f"says “{UNREACHED}”" in card
    assert "Rows that no label reached: 60." in card
    assert "It always answers with one of its classes" not in card
    schema = json.loads((folder / "input_schema.json").read_text("utf-8"))
    assert schema["classes"] == ["low", "right"]


def test_what_is_in_a_bundle_of_few_labels(folder: Path, stranded: RunResult) -> None:
    names = set(json.loads((folder / "manifest.json").read_text("utf-8"))["files"])
    assert {"card.md", "draws.csv", "scores.csv", "golden_rows.csv"} <= names
    draws = pd.read_csv(folder / "draws.csv", encoding="utf-8-sig")
    assert draws["accuracy"].tolist() == pytest.approx(stranded.frames["draws"]["accuracy"])
    told = (folder / "README.txt").read_text("utf-8")
    assert [name for name in names - {"README.txt"} if name not in told] == []


def test_golden_rows_and_ranges_are_of_all_rows_that_took_part(islands: Dataset) -> None:
    result = run_on(islands, "label_propagation", test_share=0.2)
    rows = learnt_rows(Task.SEMI_SUPERVISED, result.split)
    assert len(rows) == 180 - len(result.split.test) < 180
    x, _ = run_schema(islands, result).features
    seen = islands.frame["x"].iloc[rows]
    assert (x.low, x.high) == (seen.min(), seen.max())
    assert set(rows) > set(result.split.unlabelled)


# The card


@pytest.mark.parametrize("spec", SPECS, ids=name_of)
def test_the_card_states_the_method(
    spec: AlgorithmSpec, train: Train, mixed_dataset: Dataset
) -> None:
    result = train(spec)
    card = model_card(facts_of(mixed_dataset, result))
    for part in (
        "The class “few” from 7 columns. Classes: ant, bee, cat.",
        "24 rows with a label, among 120 rows in all.",
        spec.summary,
        "Scores on labels that were hidden",
        str(gain_verdict(gain_frame(result.frames["draws"]))),
        "| Rows with a label that it learnt from | 24 |",
        "| Rows without a label that took part | 96 |",
        "| Label draws | 2 |",
    ):
        assert part in card, part
    section = card.split("## How new rows are answered\n")[1].split("\n## ")[0]
    if spec.id in GRAPHS:
        k = result.pipeline.named_steps["model"].n_neighbors
        assert f"the mean of what the {k} nearest rows of the table have" in section
        assert "Delalleau" in section
    else:
        assert "answered by the classifier (Logistic regression)" in section


def test_the_card_counts_labels_that_were_typed_in(islands: Dataset) -> None:
    first, second = np.flatnonzero(islands.frame["kind"].isna())[:2].tolist()
    result = run_on(islands, "label_propagation", typed=((first, "low"), (second, "low")))
    card = model_card(facts_of(islands, result))
    assert "2 of these labels were typed in" in card
    assert "22 rows with a label" in card


def test_the_card_says_that_labels_reached_every_row(islands: Dataset) -> None:
    row = int(np.flatnonzero(islands.frame["y"] > 40)[0])
    card = model_card(facts_of(islands, run_on(islands, "label_spreading", typed=((row, "high"),))))
    assert "Labels reached every row." in card
    assert UNREACHED not in card
    assert "It always answers with one of its classes" in card


def test_a_card_without_hidden_labels_says_so() -> None:
    frame = pd.DataFrame({"x": np.arange(30.0), "y": np.arange(30.0)})
    frame["kind"] = pd.Series([None] * 30, dtype="str")
    frame.loc[0, "kind"], frame.loc[29, "kind"] = "a", "b"
    two = make_dataset(frame, {"kind": ColumnKind.CATEGORY})
    card = model_card(facts_of(two, run_on(two, "label_propagation", repeats=0)))
    assert "how good the model is was not measured" in card
    assert "nan" not in card.split()


def test_a_graph_holds_every_row_and_says_so(train: Train) -> None:
    for spec in SPECS:
        result = train(spec)
        codes = [said.code for said in what_it_holds(result.pipeline, result.experiment)]
        assert ("registry.holds_rows.graph" in codes) == (spec.id in GRAPHS)


def test_self_training_around_what_keeps_rows_says_so(islands: Dataset) -> None:
    result = run_on(islands, "self_training", {"estimator": "k_nearest_neighbors"}, repeats=0)
    said = what_it_holds(result.pipeline, result.experiment)
    assert said[0].code == "registry.holds_rows.neighbors"


def test_the_runs_of_these_tests_cover_what_there_is(train: Train) -> None:
    assert {spec.id for spec in SPECS} == {*GRAPHS, "self_training"}
    assert isinstance(FEW_LABELS, FewLabelsConfig)
    assert all(train(find(s.id, s.task)).experiment.split == FEW_LABELS for s in SPECS)
