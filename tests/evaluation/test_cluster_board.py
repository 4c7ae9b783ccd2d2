"""Several clusterings side by side: what is read, in which order, and what is left empty."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlcore.evaluation.cluster_board import BOARD_METRICS, ClusterRunScores, cluster_board
from mlcore.evaluation.evaluation import Evaluation
from mlcore.findings import Finding, Severity


def a_run(
    name: str,
    silhouette: float,
    stability: list[float],
    *,
    shuffled: Severity = Severity.PASSED,
    clusters: int = 2,
) -> ClusterRunScores:
    own = dict.fromkeys(BOARD_METRICS, 2.0) | {"silhouette": silhouette, "n_clusters": clusters}
    scores = pd.DataFrame(
        [(0, metric, value) for metric, value in own.items()]
        + [(fold, "stability", value) for fold, value in enumerate(stability, start=1)],
        columns=["fold", "metric", "value"],
    )
    timing = pd.DataFrame({"fold": [0], "fit_seconds": [1.5], "predict_seconds": [0.5]})
    return ClusterRunScores(
        id=name,
        name=name,
        algorithm="k-means",
        evaluation=Evaluation(scores, pd.DataFrame(), timing, pd.DataFrame()),
        findings=(Finding("CLUSTER002", shuffled),),
    )


def test_means_and_spreads_are_over_the_repetitions_that_worked() -> None:
    (line,) = cluster_board([a_run("a", 0.4, [0.8, 1.0, np.nan])]).to_dict("records")
    assert line["stability"] == pytest.approx(0.9)
    assert line["stability_std"] == pytest.approx(np.std([0.8, 1.0], ddof=1))
    assert line["repeats"] == 2
    assert line["silhouette"] == 0.4
    assert line["fit_seconds"] == 1.5


def test_the_stable_come_first_and_then_the_silhouette_decides() -> None:
    runs = [
        a_run("none", 0.9, []),
        a_run("shaky", 0.8, [0.5, 0.5]),
        a_run("plain", 0.3, [0.9, 0.9]),
        a_run("apart", 0.6, [0.9, 0.9]),
        a_run("undefined", np.nan, []),
    ]
    assert cluster_board(runs)["name"].tolist() == ["apart", "plain", "shaky", "none", "undefined"]


@pytest.mark.parametrize("clusters", [0, 1])
def test_without_two_clusters_nothing_comes_back(clusters: int) -> None:
    lump = a_run("lump", np.nan, [1.0, 0.9], clusters=clusters)
    board = cluster_board([lump, a_run("groups", 0.3, [0.7, 0.7])])
    assert board["name"].tolist() == ["groups", "lump"]
    assert board["stability"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("severity", "told"),
    [
        (Severity.PASSED, "yes"),
        (Severity.WARNING, "no"),
        (Severity.PROBLEM, "no"),
        (Severity.NOT_APPLICABLE, ""),
    ],
)
def test_the_check_says_whether_shuffled_columns_are_beaten(severity, told) -> None:
    board = cluster_board([a_run("a", 0.4, [0.9], shuffled=severity)])
    assert board["beats_shuffled"].tolist() == [told]


def test_no_runs_are_an_empty_board() -> None:
    assert list(cluster_board([]).columns)[:4] == ["id", "name", "algorithm", "n_clusters"]
