"""Scores of a clustering, against scikit-learn, closed forms and rules that must hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris, make_blobs
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score

from mlcore.algorithms.labels import NOISE
from mlcore.errors import UserError
from mlcore.evaluation import clusters
from mlcore.evaluation.clusters import (
    CLUSTER_METRICS,
    MAIN_CLUSTER_METRIC,
    cluster_scores,
    find_cluster_metric,
    silhouette_frame,
    size_frame,
    why_undefined,
)

IRIS = load_iris().data
KINDS = KMeans(3, n_init=5, random_state=0).fit_predict(IRIS).astype(np.intp)
DISTANCES = ("silhouette", "calinski_harabasz", "davies_bouldin")
THEIRS = (silhouette_score, calinski_harabasz_score, davies_bouldin_score)


def values(matrix, labels, **more) -> dict[str, float]:
    frame = cluster_scores(matrix, np.asarray(labels, dtype=np.intp), **more)
    return dict(zip(frame["metric"], frame["value"], strict=True))


def of_scikit_learn(matrix, labels) -> list[float]:
    return [score(matrix, labels) for score in THEIRS]


def test_scores_of_iris_are_those_of_scikit_learn_and_of_the_books():
    found = values(IRIS, KINDS)
    assert [found[name] for name in DISTANCES] == pytest.approx(of_scikit_learn(IRIS, KINDS))
    # known for k-means with three clusters on the raw measurements
    assert found["silhouette"] == pytest.approx(0.5528, abs=5e-4)
    assert found["calinski_harabasz"] == pytest.approx(561.63, abs=0.1)
    assert (found["n_clusters"], found["noise_share"]) == (3, 0)
    assert found["largest_share"] == np.bincount(KINDS).max() / 150


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), k=st.integers(2, 12), columns=st.integers(1, 5),
       away=st.sampled_from([0.0, 1e4]))  # fmt: skip
def test_scores_are_those_of_scikit_learn(seed, k, columns, away):
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(40, columns)) + away
    labels = np.concatenate([np.arange(k), random.integers(k, size=40 - k)])
    found = values(matrix, labels)
    expected = of_scikit_learn(matrix - away, labels)
    assert [found[name] for name in DISTANCES] == pytest.approx(expected, rel=1e-6)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_neither_names_of_clusters_nor_order_of_rows_matter(seed):
    random = np.random.default_rng(seed)
    before = values(IRIS, KINDS)
    names, order = random.permutation(3) + 5, random.permutation(150)
    after = values(IRIS[order], names[KINDS][order])
    assert list(after.values()) == pytest.approx(list(before.values()))


def test_a_line_of_four_points_by_hand():
    matrix, labels = np.array([[0.0], [1.0], [10.0], [11.0]]), [0, 0, 1, 1]
    # a = 1 for all; b is 10.5 for the outer points and 9.5 for the inner ones
    assert values(matrix, labels)["silhouette"] == pytest.approx((9.5 / 10.5 + 8.5 / 9.5) / 2)
    # between: 4 · 5²; within: 4 · 0.5²; (100 / 1) / (1 / 2)
    assert values(matrix, labels)["calinski_harabasz"] == pytest.approx(200)
    # spreads of 0.5 each over a distance of 10
    assert values(matrix, labels)["davies_bouldin"] == pytest.approx(0.1)


def test_noise_is_left_out_and_its_share_is_said():
    noisy = np.concatenate([KINDS, np.full(50, NOISE)])
    matrix = np.vstack([IRIS, np.random.default_rng(0).uniform(-99, 99, (50, 4))])
    frame = cluster_scores(matrix, noisy).set_index("metric")
    expected = of_scikit_learn(IRIS, KINDS)
    assert frame["value"].loc[list(DISTANCES)].tolist() == pytest.approx(expected)
    assert frame["rows"].tolist() == [150, 150, 150, 200, 200, 200]
    assert frame["value"]["noise_share"] == 0.25
    assert frame["value"]["n_clusters"] == 3
    assert frame["value"]["largest_share"] == np.bincount(KINDS).max() / 200


@pytest.mark.parametrize(
    ("labels", "code"),
    [
        (np.zeros(10), "few_clusters"),
        (np.full(10, NOISE), "few_clusters"),
        (np.r_[np.zeros(6), np.full(4, NOISE)], "few_clusters"),
        (np.arange(10), "each_row"),
        (np.r_[0, 1, np.full(8, NOISE)], "each_row"),
    ],
)
def test_without_clusters_to_compare_there_is_no_score_and_a_reason(labels, code):
    labels = labels.astype(np.intp)
    found = values(IRIS[:10], labels)
    assert [name for name, value in found.items() if np.isnan(value)] == list(DISTANCES)
    for spec in CLUSTER_METRICS:
        reason = why_undefined(spec, labels)
        assert reason is None if not spec.internal else reason.code.endswith(code)
    assert silhouette_frame(IRIS[:10], labels, np.arange(10)).empty


def test_a_formula_that_divides_by_nothing_has_no_value():
    twins = np.repeat([[0.0], [1.0], [5.0]], 4, axis=0)
    found = values(twins, np.repeat([0, 1, 2], 4))
    assert (found["silhouette"], found["davies_bouldin"]) == (1, 0)
    assert np.isnan(found["calinski_harabasz"])
    ring = np.array([[3.0, 0], [-3, 0], [0, 3], [0, -3], [1, 0], [-1, 0], [0, 1], [0, -1]])
    assert np.isnan(values(ring, np.repeat([0, 1], 4))["davies_bouldin"])


def test_the_silhouette_of_many_rows_is_measured_on_some_and_says_so():
    matrix, labels = make_blobs(4000, centers=[[0, 0], [3, 0], [0, 3]], random_state=0)
    frame = cluster_scores(matrix, labels, most_rows=1500).set_index("metric")
    assert frame["rows"]["silhouette"] in range(1490, 1501)
    assert frame["rows"]["calinski_harabasz"] == 4000
    whole = silhouette_score(matrix, labels)
    assert frame["value"]["silhouette"] == pytest.approx(whole, abs=0.015)
    again = cluster_scores(matrix, labels, most_rows=1500).set_index("metric")
    pd.testing.assert_frame_equal(frame, again)
    other = cluster_scores(matrix, labels, seed=1, most_rows=1500).set_index("metric")
    assert other["value"]["silhouette"] != frame["value"]["silhouette"]


def test_small_clusters_stay_in_the_sample_without_counting_for_more():
    random = np.random.default_rng(0)
    places = np.column_stack([100.0 + 100 * np.arange(60), np.zeros(60)])
    matrix = np.vstack([random.normal(size=(3000, 2)), np.repeat(places, 2, axis=0)])
    matrix[3000:] += random.normal(scale=0.01, size=(120, 2))
    matrix[:1500, 1] += 4
    labels = np.r_[np.repeat([0, 1], 1500), np.repeat(np.arange(2, 62), 2)]
    frame = silhouette_frame(matrix, labels, np.arange(3120), most_rows=300)
    assert len(frame) <= 300
    assert frame["cluster"].nunique() == 62
    assert (frame["cluster"].value_counts() >= 2).all()
    whole = silhouette_score(matrix, labels)
    assert np.average(frame["silhouette"], weights=frame["weight"]) == pytest.approx(
        whole, abs=0.03
    )
    assert values(matrix, labels, most_rows=300)["silhouette"] == pytest.approx(whole, abs=0.03)
    assert frame["silhouette"].mean() > whole + 0.1  # what it would be without the weights
    assert frame["weight"].sum() == pytest.approx(3120)


def test_too_many_clusters_for_a_sample_are_not_scored_by_it():
    matrix = np.random.default_rng(0).normal(size=(900, 2))
    labels = np.repeat(np.arange(300), 3)
    found = values(matrix, labels, most_rows=500)
    assert np.isnan(found["silhouette"]) and found["davies_bouldin"] > 0
    reason = why_undefined(find_cluster_metric("silhouette"), labels, most_rows=500)
    assert "300 groups, too many for 500 rows" in str(reason)


def test_silhouettes_are_those_of_scikit_learn_row_by_row():
    from sklearn.metrics import silhouette_samples

    rows = np.arange(150)[::-1] + 1000
    frame = silhouette_frame(IRIS, KINDS, rows)
    expected = pd.Series(silhouette_samples(IRIS, KINDS), index=rows)
    assert frame["silhouette"].tolist() == pytest.approx(expected[frame["row"]].tolist())
    assert frame["cluster"].tolist() == [str(KINDS[1149 - row]) for row in frame["row"]]
    assert frame["cluster"].is_monotonic_increasing and set(frame["weight"]) == {1.0}
    for _, part in frame.groupby("cluster"):
        assert part["silhouette"].is_monotonic_decreasing
    assert frame["silhouette"].mean() == pytest.approx(values(IRIS, KINDS)["silhouette"])


def test_distances_are_never_held_as_a_whole_square(monkeypatch):
    blocks = []
    chunked = clusters.pairwise_distances_chunked

    def watched(*arguments, reduce_func, **more):
        def watching(distances, start):
            blocks.append(distances.shape)
            return reduce_func(distances, start)

        return chunked(*arguments, reduce_func=watching, **more)

    monkeypatch.setattr(clusters, "pairwise_distances_chunked", watched)
    monkeypatch.setattr(clusters, "WORKING_MEMORY", 1)
    matrix = np.random.default_rng(0).normal(size=(1200, 2))
    labels = np.repeat(np.arange(600), 2)
    assert values(matrix, labels)["davies_bouldin"] == pytest.approx(
        davies_bouldin_score(matrix, labels)
    )
    assert len(blocks) > 2 and sum(rows for rows, _ in blocks) == 600
    assert max(rows * columns for rows, columns in blocks) * 8 <= 2**20


def test_sizes_stand_by_number_with_noise_last():
    names = pd.Series(["noise", "10", "2", "0", "0", "2", "0", "noise"])
    frame = size_frame(names)
    assert frame["cluster"].tolist() == ["0", "2", "10", "noise"]
    assert frame["rows"].tolist() == [3, 2, 1, 2]
    assert frame["share"].tolist() == [3 / 8, 2 / 8, 1 / 8, 2 / 8]
    assert size_frame(names[:0]).empty


def test_declarations_say_range_direction_and_bias():
    assert find_cluster_metric(MAIN_CLUSTER_METRIC).greater_is_better
    assert len({spec.id for spec in CLUSTER_METRICS}) == len(CLUSTER_METRICS) == 6
    for spec in CLUSTER_METRICS:
        assert " to 1" in spec.help or "0 upwards" in spec.help
        direction = {True: "higher is", False: "lower is", None: "neither"}
        assert direction[spec.greater_is_better] in spec.help
        assert not spec.internal or "Noise rows are left out" in spec.help
    with pytest.raises(UserError, match="Did you mean “silhouette”"):
        find_cluster_metric("silhouete")
