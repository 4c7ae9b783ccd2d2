"""What a version's own files tell, and how two versions differ."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tables import make_mixed

from mlcore.evaluation.summary import summarise
from mlcore.registry.bundle import write_bundle
from mlcore.registry.version_facts import (
    VersionFacts,
    compared_scores,
    differences,
    pack_version,
    read_facts,
    same_rows,
    what_it_does,
)
from mlcore.setups import default_setup
from mlcore.workflow import RunResult, run_experiment


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[RunResult, Path, Path]]:
    """The result, the bundle and the unpacked folder of two runs."""
    dataset, found = make_mixed(), {}
    setup = default_setup(dataset, "species")
    for algorithm in ("decision_tree", "naive_bayes"):
        result = run_experiment(dataset, setup.experiment(dataset, algorithm))
        place = tmp_path_factory.mktemp(algorithm)
        write_bundle(place / "b.zip", dataset=dataset, result=result, name=f"My {algorithm}")
        with zipfile.ZipFile(place / "b.zip") as archive:
            archive.extractall(place / "unpacked")
        found[algorithm] = (result, place / "b.zip", place / "unpacked")
    return found


@pytest.fixture(scope="module")
def tree(made) -> VersionFacts:
    return read_facts(made["decision_tree"][2])


@pytest.fixture(scope="module")
def bayes(made) -> VersionFacts:
    return read_facts(made["naive_bayes"][2])


def test_scores_are_those_of_the_run(made, tree: VersionFacts) -> None:
    result = made["decision_tree"][0]
    summary = summarise(result.evaluation, result.experiment.task).set_index("metric")
    for row in tree.scores.to_dict("records"):
        assert row["label"] == summary.loc[row["metric"], "label"]
        assert row["mean"] == pytest.approx(summary.loc[row["metric"], "mean"], rel=1e-12)
        assert row["std"] == pytest.approx(summary.loc[row["metric"], "std"], rel=1e-12)
    assert tree.main_score is not None and tree.main_score["metric"] == "balanced_accuracy"
    assert tree.experiment == result.experiment
    assert tree.columns == result.experiment.features
    assert tree.name == "My decision_tree" and what_it_does(tree) == "“species”"


def test_a_version_leaves_as_the_bundle_it_came_from(made, tmp_path: Path) -> None:
    _, bundle, folder = made["decision_tree"]
    pack_version(folder, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == bundle.read_bytes()


def test_only_what_differs_is_told(tree: VersionFacts, bayes: VersionFacts) -> None:
    told = differences(tree, bayes).set_index("what")
    assert list(told.loc["Algorithm"]) == ["Decision tree", "Naive Bayes (Gaussian)"]
    assert any(what.startswith("Setting: ") for what in told.index)
    assert (told["one"] != told["other"]).all()
    assert "Fingerprint of the table" not in told.index and "Columns" not in told.index
    assert differences(tree, tree).empty


def test_scores_side_by_side(tree: VersionFacts, bayes: VersionFacts) -> None:
    both = compared_scores(tree, bayes)
    assert list(both["metric"]) == [
        m for m in tree.scores["metric"] if m in set(bayes.scores["metric"])
    ]
    np.testing.assert_allclose(both["difference"], both["mean_other"] - both["mean_one"])
    assert same_rows(tree, bayes)


def test_other_tables_and_labels_are_other_rows(made, tree: VersionFacts, tmp_path: Path) -> None:
    folder = shutil.copytree(made["naive_bayes"][2], tmp_path / "other")
    plain = json.loads((folder / "experiment.json").read_text(encoding="utf-8"))
    plain["fingerprint"] = "0" * 16
    (folder / "experiment.json").write_text(json.dumps(plain), encoding="utf-8")
    other = read_facts(folder)
    assert not same_rows(tree, other)
    assert "Fingerprint of the table" in set(differences(tree, other)["what"])


def test_a_model_from_elsewhere_has_fewer_facts(made, tree: VersionFacts, tmp_path: Path) -> None:
    folder = shutil.copytree(made["naive_bayes"][2], tmp_path / "other")
    for name in ("experiment.json", "scores.csv", "card.md"):
        (folder / name).unlink()
    other = read_facts(folder)
    assert other.experiment is None and other.main_score is None and other.card == ""
    assert compared_scores(tree, other).empty and not same_rows(tree, other)
    assert what_it_does(other) == "“species”"
    assert isinstance(differences(tree, other), pd.DataFrame)


def test_an_algorithm_that_is_not_known_here_is_no_error(made, tmp_path: Path) -> None:
    folder = shutil.copytree(made["naive_bayes"][2], tmp_path / "other")
    plain = json.loads((folder / "experiment.json").read_text(encoding="utf-8"))
    plain["algorithm"] = "from_tomorrow"
    (folder / "experiment.json").write_text(json.dumps(plain), encoding="utf-8")
    assert read_facts(folder).experiment is None
