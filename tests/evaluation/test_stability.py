"""Clusters that come back and clusters that do not."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import DBSCAN, KMeans
from sklearn.datasets import load_iris, make_blobs
from sklearn.metrics import adjusted_rand_score

from mlcore.algorithms.labels import NOISE
from mlcore.errors import UserError
from mlcore.evaluation.stability import (
    BOOTSTRAP,
    SUBSAMPLE,
    TRIVIAL,
    UNKNOWN,
    VERDICTS,
    Stability,
    bootstrap_stability,
    jaccard_verdict,
    mean_agreement,
    rand_verdict,
    stability_message,
    stability_summary,
)

BLOBS, BLOB = make_blobs(200, centers=[[0, 0], [30, 30]], random_state=0)
UNIFORM = np.random.default_rng(0).uniform(size=(200, 2))


def k_means(matrix, k):
    def refit(rows, seed):
        model = KMeans(k, n_init=1, random_state=seed)
        return model.fit_predict(matrix[rows]).astype(np.intp)

    return refit


def fixed(labels):
    """A refit that finds the very same clusters under other numbers."""
    return lambda rows, seed: np.where(labels[rows] == NOISE, NOISE, 7 - labels[rows])


def sentences(stability) -> list[str]:
    return [str(said) for said in stability_message(stability)]


def test_two_far_blobs_come_back_every_time():
    stability = bootstrap_stability(k_means(BLOBS, 2), BLOB, n_boot=10)
    assert stability.overall["replicate"].tolist() == list(range(1, 11))
    assert (stability.overall["adjusted_rand"] == 1).all()
    assert (stability.overall["n_clusters"] == 2).all()
    assert (stability.clusters["jaccard"] == 1).all()
    assert stability_summary(stability)["verdict"].tolist() == ["highly_stable"] * 2
    assert "nearly the same groups come back" in sentences(stability)[1]
    assert (
        "Highly stable: “0”, “1”" in sentences(stability)[2]
        or "“1”, “0”" in sentences(stability)[2]
    )


def test_clusters_of_noise_do_not():
    labels = k_means(UNIFORM, 7)(np.arange(200), 0)
    stability = bootstrap_stability(k_means(UNIFORM, 7), labels)
    assert mean_agreement(stability) < 0.6
    assert stability_summary(stability)["jaccard"].mean() < 0.65
    assert "other groups come out each time" in sentences(stability)[1]


def test_the_half_of_iris_that_is_apart_is_the_stable_one():
    data = load_iris()
    labels = k_means(data.data, 3)(np.arange(150), 0)
    setosa = pd.Series(labels[data.target == 0]).mode()[0]
    summary = stability_summary(bootstrap_stability(k_means(data.data, 3), labels))
    by_name = summary.set_index("cluster")["jaccard"]
    assert by_name[str(setosa)] > 0.95 and by_name.idxmax() == str(setosa)


def test_agreement_is_that_of_the_distinct_rows():
    random = np.random.default_rng(3)
    labels = random.integers(3, size=60).astype(np.intp)
    seen = []

    def refit(rows, seed):
        found = np.random.default_rng(seed).integers(-1, 3, size=60)[rows]
        seen.append((rows, found))
        return found

    stability = bootstrap_stability(refit, labels, n_boot=6, seed=5)
    for replicate, (rows, found) in enumerate(seen):
        table = pd.DataFrame({"row": rows, "found": found}).drop_duplicates("row")
        before, after = labels[table["row"]], table["found"].to_numpy()
        line = stability.overall.iloc[replicate]
        assert line["adjusted_rand"] == pytest.approx(adjusted_rand_score(before, after))
        assert line["rows"] == len(table) < 60
        assert line["n_clusters"] == len(set(after) - {NOISE})
        part = stability.clusters[stability.clusters["replicate"] == replicate + 1]
        for cluster, jaccard in zip(part["cluster"], part["jaccard"], strict=True):
            ours = set(np.flatnonzero(before == int(cluster)))
            theirs = [set(np.flatnonzero(after == label)) for label in range(3)]
            best = max(len(ours & other) / len(ours | other) for other in theirs)
            assert jaccard == pytest.approx(best)


def test_small_tables_are_drawn_with_repetition_and_large_ones_without():
    drawn = []

    def refit(rows, seed):
        drawn.append((rows, seed))
        return BLOB[rows]

    for most_rows, sampling in ((100, BOOTSTRAP), (99, SUBSAMPLE), (30, SUBSAMPLE)):
        drawn.clear()
        stability = bootstrap_stability(refit, BLOB, n_boot=3, most_rows=most_rows)
        assert set(stability.overall["sampling"]) == {sampling}
        assert {len(rows) for rows, _ in drawn} == {200 if sampling == BOOTSTRAP else most_rows}
        distinct = [len(np.unique(rows)) for rows, _ in drawn]
        assert stability.overall["rows"].tolist() == distinct
        assert (max(distinct) < 150) if sampling == BOOTSTRAP else set(distinct) == {most_rows}
        assert len({seed for _, seed in drawn}) == 3
        assert ("bootstrap" in sentences(stability)[0]) == (sampling == BOOTSTRAP)
    assert sentences(stability)[0].startswith("30 of the rows were drawn 3 times, without")


def test_the_same_seed_gives_the_same_replicates():
    labels = k_means(UNIFORM, 4)(np.arange(200), 0)
    one, two, other = (
        bootstrap_stability(k_means(UNIFORM, 4), labels, n_boot=4, seed=seed) for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(one.overall, two.overall)
    pd.testing.assert_frame_equal(one.clusters, two.clusters)
    assert one.overall["adjusted_rand"].tolist() != other.overall["adjusted_rand"].tolist()


@pytest.mark.parametrize("names", [(0, 1, 2), (2, 0, 1), (1, 0, 2)])
def test_numbers_of_clusters_do_not_matter(names):
    labels = k_means(UNIFORM, 3)(np.arange(200), 0)
    renamed = np.array(names)[labels]
    plain, other = (
        bootstrap_stability(k_means(UNIFORM, 3), which, n_boot=3) for which in (labels, renamed)
    )
    pd.testing.assert_frame_equal(plain.overall, other.overall)
    assert sorted(plain.clusters["jaccard"]) == pytest.approx(sorted(other.clusters["jaccard"]))


def test_one_cluster_always_agrees_and_that_means_nothing():
    ones = np.zeros(50, dtype=np.intp)
    stability = bootstrap_stability(lambda rows, seed: ones[rows], ones, n_boot=3)
    assert (stability.overall["adjusted_rand"] == 1).all()
    assert stability_summary(stability)["verdict"].tolist() == [TRIVIAL]
    assert "always 1 and says nothing" in sentences(stability)[-1]


def test_a_lone_cluster_that_falls_apart_is_judged():
    ones = np.zeros(50, dtype=np.intp)
    stability = bootstrap_stability(lambda rows, seed: rows % 2, ones, n_boot=3)
    assert stability_summary(stability)["verdict"].tolist() == ["not_trusted"]


def test_noise_is_no_cluster_but_a_label():
    labels = np.r_[np.zeros(30), np.ones(30), np.full(30, NOISE)].astype(np.intp)
    same = bootstrap_stability(fixed(labels), labels, n_boot=3)
    assert (same.overall["adjusted_rand"] == 1).all() and (same.clusters["jaccard"] == 1).all()
    assert set(same.clusters["cluster"]) == {"0", "1"} and set(same.overall["n_clusters"]) == {2}
    lost = bootstrap_stability(lambda rows, seed: np.full(len(rows), NOISE), labels, n_boot=3)
    assert (lost.clusters["jaccard"] == 0).all() and (lost.overall["n_clusters"] == 0).all()
    assert (lost.overall["adjusted_rand"] == 0).all()
    none = bootstrap_stability(fixed(labels[60:]), labels[60:], n_boot=3)
    assert none.clusters.empty and stability_summary(none).empty
    assert sentences(none) == ["There is no group whose stability could be measured."]


def test_density_clusters_with_noise():
    matrix = np.vstack([BLOBS, UNIFORM[:15] * 90 - 30])

    def refit(rows, seed):
        return DBSCAN(eps=2, min_samples=4).fit_predict(matrix[rows])

    labels = refit(np.arange(len(matrix)), 0)
    summary = stability_summary(bootstrap_stability(refit, labels, n_boot=8))
    assert (summary["jaccard"] > 0.85).all() and len(summary) == 2


def test_samples_that_cannot_be_clustered_are_left_out_and_counted():
    calls = itertools.count()

    def refit(rows, seed):
        call = next(calls)
        if call == 1:
            raise ValueError("n_samples=1 should be >= n_clusters=3")
        if call == 2:
            raise UserError("setup.no_features")
        return BLOB[rows]

    stability = bootstrap_stability(refit, BLOB, n_boot=5)
    assert stability.overall["adjusted_rand"].isna().tolist() == [False, True, True, False, False]
    assert stability_summary(stability)["jaccard"].tolist() == [1, 1]
    assert "3 times" in sentences(stability)[0]
    assert sentences(stability)[1] == "2 more samples could not be clustered and are left out."

    def never(rows, seed):
        raise ValueError

    failed = bootstrap_stability(never, BLOB, n_boot=2)
    assert set(stability_summary(failed)["verdict"]) == {UNKNOWN}
    assert "None of the samples" in sentences(failed)[0]


def test_a_cluster_that_no_sample_holds_is_unknown():
    labels = np.r_[np.zeros(40), np.ones(40), 2].astype(np.intp)
    for seed in range(50):
        stability = bootstrap_stability(fixed(labels), labels, n_boot=1, seed=seed)
        verdicts = stability_summary(stability).set_index("cluster")["verdict"]
        if verdicts["2"] == UNKNOWN:
            assert "Not known, because no sample held a row of it: “2”." in sentences(stability)
            return
    pytest.fail("a single row is missing from every third sample")


@pytest.mark.parametrize(
    ("jaccard", "verdict"),
    [(1, "highly_stable"), (0.85, "highly_stable"), (0.849, "stable"), (0.75, "stable"),
     (0.6, "doubtful"), (0.59, "not_trusted"), (np.nan, UNKNOWN)],
)  # fmt: skip
def test_bounds_of_hennig(jaccard, verdict):
    assert jaccard_verdict(jaccard) == verdict
    overall = pd.DataFrame({"replicate": [1], "adjusted_rand": 0.7, "n_clusters": 2, "rows": 9,
                            "sampling": BOOTSTRAP})  # fmt: skip
    clusters = pd.DataFrame({"cluster": ["0", "1"], "replicate": 1, "jaccard": [jaccard, 0.1]})
    made = Stability(overall=overall, clusters=clusters)
    assert stability_summary(made)["verdict"].tolist() == [verdict, "not_trusted"]
    assert any("“0”" in said for said in sentences(made))


def test_every_verdict_has_its_words():
    assert [rand_verdict(value) for value in (0.95, 0.8, 0.7, 0.2)] == [
        "excellent", "good", "moderate", "poor"
    ]  # fmt: skip
    assert len(set(VERDICTS)) == len(VERDICTS) == 6


def test_low_and_high_hold_nine_of_ten():
    overall = pd.DataFrame({"replicate": range(1, 101), "adjusted_rand": 1.0, "n_clusters": 2,
                            "rows": 9, "sampling": BOOTSTRAP})  # fmt: skip
    clusters = pd.DataFrame(
        {"cluster": ["0"] * 101, "replicate": range(101), "jaccard": np.linspace(0, 1, 101)}
    )
    summary = stability_summary(Stability(overall=overall, clusters=clusters))
    assert summary[["jaccard", "low", "high"]].iloc[0].tolist() == pytest.approx([0.5, 0.05, 0.95])


def test_progress_is_told_and_warnings_stay_with_the_run():
    import warnings

    told = []

    def refit(rows, seed):
        warnings.warn("not converged", UserWarning, stacklevel=1)
        return BLOB[rows]

    bootstrap_stability(refit, BLOB, n_boot=3, report=lambda *done: told.append(done))
    assert told == [(1, 3), (2, 3), (3, 3)]
