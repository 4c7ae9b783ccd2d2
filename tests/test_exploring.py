"""Analyses before a run: which of them share an answer, and that they are those of the run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler
from tables import make_dataset, make_mixed

from mlcore.params import defaults
from mlcore.pipelines.preparation import PREPARATION_PARAMS
from mlcore.setups import ClusterSetup
from mlcore.splitting import SampleConfig
from mlcore.workflow import exploring
from mlcore.workflow.exploring import (
    choice_frames,
    choice_plan,
    prepared_rows,
    row_map,
    structure_frame,
    structure_plan,
)
from mlcore.workflow.run import run_experiment

POINTS, _ = make_blobs(90, 3, centers=3, cluster_std=0.6, random_state=4)
DATASET = make_dataset(pd.DataFrame(POINTS, columns=["a", "b", "c"]))
SETUP = ClusterSetup(features=("a", "b", "c"))


def test_the_structure_is_shared_by_all_algorithms_on_the_same_rows() -> None:
    one = structure_plan(SETUP.experiment(DATASET, "k_means"))
    assert one == structure_plan(SETUP.experiment(DATASET, "dbscan", {"eps": 3.0}))
    complete = replace(SETUP, preparation=defaults(PREPARATION_PARAMS))
    assert one == structure_plan(complete.experiment(DATASET, "k_means"))


@pytest.mark.parametrize(
    "other",
    [
        replace(SETUP, features=("a", "b")),
        replace(SETUP, preparation={"scaling": "none"}),
        replace(SETUP, split=SampleConfig(sample=50)),
        replace(SETUP, split=SampleConfig(seed=1)),
    ],
    ids=["columns", "preparation", "sample", "seed"],
)
def test_whatever_changes_the_prepared_rows_asks_anew(other: ClusterSetup) -> None:
    one, two = (structure_plan(s.experiment(DATASET, "k_means")) for s in (SETUP, other))
    assert one != two


def test_a_choice_does_not_depend_on_what_it_is_there_to_choose() -> None:
    def plan(algorithm: str, **params: object) -> object:
        return choice_plan(SETUP.experiment(DATASET, algorithm, params))

    assert plan("k_means", n_clusters=2) == plan("k_means", n_clusters=7)
    assert plan("dbscan", eps=0.1) == plan("dbscan", eps=2.0)
    assert plan("dbscan", min_samples=5) != plan("dbscan", min_samples=9)
    assert plan("k_means", n_init=1) != plan("k_means", n_init=2)


def test_the_rows_are_those_the_run_sees() -> None:
    experiment = SETUP.experiment(DATASET, "k_means")
    pipeline, matrix = prepared_rows(DATASET, experiment)
    np.testing.assert_allclose(matrix, StandardScaler().fit_transform(POINTS))
    result = run_experiment(DATASET, replace(experiment, split=SampleConfig(repeats=0)))
    drawn = row_map(DATASET, experiment, result.pipeline, result.split.development, "pca")
    pd.testing.assert_frame_equal(drawn, result.frames["map_pca"])


def test_the_sweep_scores_what_the_run_would_find() -> None:
    sweep = choice_frames(DATASET, SETUP.experiment(DATASET, "k_means"))["sweep"].set_index("k")
    matrix = StandardScaler().fit_transform(POINTS)
    labels = KMeans(3, n_init=10, random_state=0).fit(matrix).labels_
    assert sweep.loc[3, "silhouette"] == pytest.approx(silhouette_score(matrix, labels))
    assert sweep["silhouette"].idxmax() == 3
    assert sweep["bic"].isna().all()


def test_a_small_table_is_swept_as_far_as_its_rows_reach() -> None:
    """A sample with repetition of twelve rows has some nine different ones."""
    small = make_dataset(DATASET.frame.head(12))
    sweep = choice_frames(small, SETUP.experiment(small, "k_means"))["sweep"].set_index("k")
    assert sweep.loc[3, "silhouette"] > 0.5
    assert list(sweep.index) == list(range(1, 11))


def test_each_analysis_an_algorithm_declares_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exploring, "KS", range(1, 5))
    for algorithm, names in (
        ("dbscan", ["k_distance"]),
        ("hierarchical", ["dendrogram", "sweep"]),
        ("spectral", ["eigengap", "sweep"]),
    ):
        assert list(choice_frames(DATASET, SETUP.experiment(DATASET, algorithm))) == names
    mixture = choice_frames(DATASET, SETUP.experiment(DATASET, "gaussian_mixture"))["sweep"]
    assert mixture["bic"].notna().all()
    assert mixture.set_index("k")["bic"].idxmin() == 3


def test_inputs_from_categories_are_left_out_of_the_test() -> None:
    mixed = make_mixed()
    features = ("colour", "tagged", "weight")
    frame = structure_frame(mixed, ClusterSetup(features=features).experiment(mixed, "k_means"))
    assert frame["inputs"].iloc[0] == 1
    frame = structure_frame(mixed, ClusterSetup(features=features[:2]).experiment(mixed, "k_means"))
    assert frame["outcome"].iloc[0] == "only_categories"
