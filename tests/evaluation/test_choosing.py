"""The number of groups: closed forms, scikit-learn's scores, and tables whose answer is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.datasets import load_digits, load_iris, load_wine, make_blobs, make_circles
from sklearn.metrics import (
    adjusted_rand_score,
    calinski_harabasz_score,
    davies_bouldin_score,
    pairwise_distances,
    silhouette_score,
)
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from mlcore.evaluation.choosing import rows_by_lot, sweep, uniform_references
from mlcore.evaluation.criteria import (
    COLUMNS,
    CRITERIA,
    MEAN_BASED,
    consensus,
    furthest_from_chord,
    inertia,
    suggestions,
)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Thousands of small fits spend their time waiting when their threads share the cores."""
    with threadpool_limits(1):
        yield


def k_means(matrix, k, seed):
    return KMeans(k, n_init=3, random_state=seed).fit_predict(matrix)


def mixture(matrix, k, seed):
    return GaussianMixture(k, random_state=seed).fit_predict(matrix)


def mixture_bic(matrix, k):
    return GaussianMixture(k, random_state=0).fit(matrix).bic(matrix)


def refuse(matrix, k, seed):
    raise ValueError("no")


def standard(matrix):
    return StandardScaler().fit_transform(matrix)


def blobs(centers=4, n=200, d=2, **more):
    return make_blobs(n, centers=centers, n_features=d, random_state=3, cluster_std=0.6, **more)[0]


def suggested(table):
    return dict(zip(*[suggestions(table)[name] for name in ("criterion", "k")], strict=True))


IRIS = standard(load_iris().data)


@pytest.fixture(scope="module")
def of_iris():
    return sweep(IRIS, k_means, ks=range(1, 6), n_references=4, n_boot=4)


# --- the table ----------------------------------------------------------------------------------


def test_scores_are_those_of_scikit_learn(of_iris):
    assert list(of_iris.columns) == list(COLUMNS)
    assert of_iris["k"].tolist() == [1, 2, 3, 4, 5]
    assert set(of_iris["rows"]) == {150}
    scores = {
        "silhouette": silhouette_score,
        "calinski_harabasz": calinski_harabasz_score,
        "davies_bouldin": davies_bouldin_score,
    }
    for k, row in of_iris.set_index("k").drop(1).iterrows():
        model = KMeans(k, n_init=3, random_state=0).fit(IRIS)
        assert row["inertia"] == pytest.approx(model.inertia_, rel=1e-9)
        for column, score in scores.items():
            assert row[column] == pytest.approx(score(IRIS, model.labels_), rel=1e-9)


def test_one_group_has_an_inertia_and_a_gap_only(of_iris):
    first = of_iris.iloc[0]
    assert first["inertia"] == pytest.approx(IRIS.size)  # standardised columns: variance 1
    having = {"k", "rows", "inertia", "gap", "gap_error"}
    assert set(first.index[first.notna()]) == having
    assert of_iris["bic"].isna().all()


def test_inertia_is_the_within_dispersion_of_the_gap_statistic():
    random = np.random.default_rng(0)
    matrix, labels = random.normal(size=(40, 3)), random.integers(0, 4, 40)
    parts = [matrix[labels == group] for group in range(4)]
    pooled = sum((pairwise_distances(p) ** 2).sum() / (2 * len(p)) for p in parts)
    assert inertia(matrix, labels) == pytest.approx(pooled)


def test_the_gap_is_that_of_the_paper_worked_out_by_hand():
    matrix = blobs(3, 60)
    table = sweep(matrix, k_means, ks=[1, 2, 3], n_references=6, n_boot=0, seed=5).set_index("k")
    references = list(uniform_references(matrix, 6, seed=5))
    for k in (1, 2, 3):
        expected = [
            np.log(KMeans(k, n_init=3, random_state=5).fit(one).inertia_) for one in references
        ]
        own = np.log(KMeans(k, n_init=3, random_state=5).fit(matrix).inertia_)
        assert table.loc[k, "gap"] == pytest.approx(np.mean(expected) - own)
        assert table.loc[k, "gap_error"] == pytest.approx(np.std(expected) * np.sqrt(1 + 1 / 6))


def test_references_fill_the_box_of_the_principal_components():
    random = np.random.default_rng(1)
    turn = np.array([[np.cos(0.5), -np.sin(0.5)], [np.sin(0.5), np.cos(0.5)]])
    matrix = random.uniform([-5, -0.1], [5, 0.1], size=(2000, 2)) @ turn.T + [100, 50]
    (reference,) = uniform_references(matrix, 1, seed=0)
    back = (reference - [100, 50]) @ turn
    assert np.abs(back[:, 0]).max() <= 5.05 and np.abs(back[:, 1]).max() <= 0.15
    np.testing.assert_allclose(back.std(axis=0), [10 / 12**0.5, 0.2 / 12**0.5], rtol=0.05)


def test_stability_is_the_agreement_on_the_shared_rows():
    matrix = np.random.default_rng(0).normal(size=(80, 2))
    row = sweep(matrix, k_means, ks=[3], n_references=0, n_boot=3, seed=7).iloc[0]
    whole = k_means(matrix, 3, 7)
    values = []
    for number in range(3):
        drawn = np.sort(np.random.default_rng([7, 2, number]).integers(80, size=80))
        labels = dict(zip(drawn, k_means(matrix[drawn], 3, 7), strict=True))
        values.append(adjusted_rand_score(whole[list(labels)], list(labels.values())))
    assert row["stability"] == pytest.approx(np.mean(values))
    assert row["stability_std"] == pytest.approx(np.std(values))


def test_the_same_seed_gives_the_same_table_and_another_one_not():
    settings = {"ks": [1, 2, 3], "n_references": 2, "n_boot": 2, "most_rows": 100}
    once, again = (sweep(IRIS, k_means, seed=1, **settings) for _ in range(2))
    pd.testing.assert_frame_equal(once, again)
    assert not once.equals(sweep(IRIS, k_means, seed=2, **settings))
    assert set(once["rows"]) == {100}


def test_rows_are_drawn_without_repetition():
    drawn = rows_by_lot(5000, 2000, seed=3)
    assert len(set(drawn)) == 2000 and list(drawn) == sorted(drawn)
    assert rows_by_lot(10, 2000).tolist() == list(range(10))


def test_more_groups_than_distinct_rows_are_not_tried():
    matrix = np.repeat(np.array([[0.0, 0.0], [1.0, 0.0], [9.0, 9.0]]), 20, axis=0)
    table = sweep(matrix, k_means, n_references=2, n_boot=2).set_index("k")
    assert table.index.tolist() == [1, 2, 3]
    exact = table.loc[3]
    assert exact["inertia"] == pytest.approx(0, abs=1e-9)
    assert exact["silhouette"] == 1 and np.isnan(exact["gap"])
    assert np.isnan(exact["calinski_harabasz"])  # infinite: scikit-learn's 1 would look bad


def test_equal_rows_give_one_line_and_no_suggestion():
    table = sweep(np.ones((30, 2)), k_means, n_references=2, n_boot=2)
    assert table["k"].tolist() == [1]
    assert suggestions(table).empty
    assert consensus(suggestions(table)).code == "choosing.consensus.none"


def test_a_single_row_is_a_table_too():
    assert sweep(np.ones((1, 2)), k_means)["k"].tolist() == [1]


def test_an_algorithm_that_refuses_leaves_a_gap_in_the_table():
    table = sweep(IRIS, refuse, ks=[1, 2, 3], bic=lambda m, k: refuse(m, k, 0), n_boot=2)
    assert table.loc[1:, "inertia":].isna().all(axis=None)
    assert suggestions(table).empty


def test_progress_counts_every_clustering():
    told = []
    sweep(
        IRIS, k_means, ks=[1, 2], n_references=2, n_boot=3, report=lambda *pair: told.append(pair)
    )
    assert told == [(done, 12) for done in range(1, 13)]


def test_any_algorithm_that_takes_a_number_can_be_swept():
    table = sweep(
        blobs(3, 90),
        lambda matrix, k, _: AgglomerativeClustering(k).fit_predict(matrix),
        ks=range(1, 6),
        n_references=3,
        n_boot=3,
    )
    assert suggested(table)["silhouette"] == 3


# --- rules --------------------------------------------------------------------------------------


def made(**columns):
    n = len(next(iter(columns.values())))
    table = pd.DataFrame(np.nan, index=range(n), columns=list(COLUMNS))
    return table.assign(**{"k": range(1, n + 1), "rows": 50, **columns})


def test_the_knee_of_a_hyperbola_is_the_geometric_mean_of_its_ends():
    x = np.arange(1, 17)
    assert x[furthest_from_chord(x, 1 / x)] == 4


def test_the_knee_does_not_depend_on_the_units():
    x = np.linspace(0, 1, 101)
    for curve in (x**2, 1e6 * x**2 - 3, (1 - x) ** 2):
        assert x[furthest_from_chord(x, curve)] == pytest.approx(0.5)


@pytest.mark.parametrize("curve", [[1, 1, 1], [3, 2], [3, 2, 1], [0, 3, 4]])
def test_a_curve_without_a_knee_has_none(curve):
    assert furthest_from_chord(range(len(curve)), curve) is None


def test_the_elbow_says_that_it_is_always_found():
    found = suggestions(made(inertia=[100, 50, 10, 8, 6, 5]))
    assert found["k"].tolist() == [3]
    assert "always found, even where there are no groups" in found["how"][0]


@pytest.mark.parametrize(
    ("gaps", "errors", "k", "words"),
    [
        ([0.5, 0.9, 1.2, 1.1], [0.05] * 4, 3, "k = 3 is the smallest"),
        ([0.5, 0.54, 1.2, 1.1], [0.05] * 4, 1, "single group"),
        ([0.5, 0.9, 1.2, 1.5], [0.05] * 4, 4, "still rises at k = 4"),
        ([0.5, 0.9, 1.0, 1.5], [0.0, 0.0, 0.2, 0.0], 2, "k = 2 is the smallest"),
    ],
)
def test_the_gap_takes_the_first_that_the_next_does_not_beat(gaps, errors, k, words):
    found = suggestions(made(gap=gaps, gap_error=errors)).iloc[0]
    assert (found["criterion"], found["k"]) == ("gap", k)
    assert words in found["how"]


def test_best_values_are_highest_or_lowest():
    table = made(
        silhouette=[np.nan, 0.5, 0.7, 0.7],
        davies_bouldin=[np.nan, 0.9, 0.4, 0.5],
        bic=[10.0, 8.0, 7.0, 6.5],
    )
    found = suggestions(table).set_index("criterion")
    assert found["k"].to_dict() == {"silhouette": 3, "davies_bouldin": 3, "bic": 4}
    assert "highest at k = 3: 0.7" in found.loc["silhouette", "how"]
    assert "lowest at k = 3: 0.4" in found.loc["davies_bouldin", "how"]
    assert "largest number tried" in found.loc["bic", "how"]


def test_of_equally_stable_numbers_the_largest_is_taken():
    found = suggestions(made(stability=[np.nan, 1.0, 0.97, 0.8])).iloc[0]
    assert found["k"] == 3 and "agreement, 0.97, is within 0.05" in found["how"]
    low = suggestions(made(stability=[np.nan, 0.3, 0.2, 0.1])).iloc[0]
    assert "No number of groups is stable" in low["how"]


def test_declarations_fit_each_other():
    assert len({spec.id for spec in CRITERIA}) == len(CRITERIA)
    for spec in CRITERIA:
        assert spec.column in COLUMNS and (not spec.spread or spec.spread in COLUMNS)
        assert spec.help.endswith(".") and spec.label[0].isupper()
        direction = {"higher": "higher is better", "lower": "Lower|lower is better", "bend": "bend"}
        if spec.id not in ("gap", "stability"):
            assert any(word in spec.help for word in direction[spec.better].split("|"))


# --- what they say together ---------------------------------------------------------------------


def votes(**ks):
    labels = {spec.id: spec.label for spec in CRITERIA}
    return pd.DataFrame(
        [(name, labels[name], k, "") for name, k in ks.items()],
        columns=["criterion", "label", "k", "how"],
    )


@pytest.mark.parametrize(
    ("ks", "said"),
    [
        ({"elbow": 3, "silhouette": 3, "gap": 2}, "2 of 3 criteria suggest 3 groups: “Inertia"),
        ({"elbow": 3, "silhouette": 3}, "All 2 criteria suggest 3 groups."),
        ({"elbow": 3, "silhouette": 2, "gap": 4}, "do not agree on a number of groups; they sug"),
        ({"elbow": 3, "silhouette": 3, "gap": 4, "bic": 4}, "they suggest 3, 4."),
        ({"elbow": 3, "silhouette": 2, "gap": 1}, "No groups: the answer of “Gap statistic” is 1."),
        ({"elbow": 3, "bic": 1, "gap": 1}, "1 of the 3 criteria cannot suggest 1"),
        ({"silhouette": 3}, "The only criterion with a value, “Silhouette”, suggests 3 groups."),
        # One group is one criterion's answer where nearly all the others agree.
        (
            {"elbow": 3, "silhouette": 3, "gap": 1},
            "One criterion, “Gap statistic”, answers 1, which means no groups. Without it: "
            "All 2 criteria suggest 3 groups. None of these can answer 1.",
        ),
        (
            {"elbow": 3, "silhouette": 3, "gap": 3, "bic": 1},
            "One criterion, “BIC”, answers 1, which means no groups. Without it: "
            "All 3 criteria suggest 3 groups.",
        ),
    ],
)
def test_the_consensus_says_who_agrees(ks, said):
    assert said in str(consensus(votes(**ks)))


# --- tables whose answer is known ---------------------------------------------------------------


def test_planted_blobs_are_counted_by_all_but_the_elbow():
    table = sweep(
        blobs(4, 200, 3), mixture, ks=range(1, 7), bic=mixture_bic, n_references=4, n_boot=4
    )
    found = suggested(table)
    assert {name: k for name, k in found.items() if name != "elbow"} == dict.fromkeys(
        [spec.id for spec in CRITERIA if spec.id != "elbow"], 4
    )
    assert "criteria suggest 4 groups" in str(consensus(suggestions(table)))


def test_wine_has_three_groups():
    table = sweep(standard(load_wine().data), k_means, ks=range(1, 8), n_references=5, n_boot=5)
    assert set(suggested(table).values()) == {3}
    assert str(consensus(suggestions(table))) == "All 6 criteria suggest 3 groups."


def test_iris_has_two_round_groups_or_three(of_iris):
    found = suggested(of_iris)
    assert found["silhouette"] == found["calinski_harabasz"] == found["davies_bouldin"] == 2
    assert found["gap"] in (2, 3)


def test_penguins_are_two_for_round_groups_and_three_for_mixtures(sample_penguins):
    table = sweep(
        sample_penguins, mixture, ks=range(1, 6), bic=mixture_bic, n_references=3, n_boot=0
    )
    found = suggested(table)
    assert found["silhouette"] == 2
    assert found["bic"] == 3  # as many as there are species


@pytest.fixture
def sample_penguins(request):
    path = request.config.rootpath / "sample_data" / "penguins.csv"
    columns = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
    return standard(pd.read_csv(path, encoding="utf-8")[columns].dropna())


def test_digits_are_about_ten():
    matrix = load_digits().data
    table = sweep(matrix, k_means, ks=[2, 4, 6, 8, 9, 10], n_references=0, n_boot=0, most_rows=600)
    assert suggested(table)["silhouette"] >= 8
    assert set(table["rows"]) == {600}


@pytest.mark.parametrize(("n_columns", "seed"), [(2, 0), (2, 5), (5, 1), (10, 2)])
def test_uniform_noise_has_no_groups(n_columns, seed):
    matrix = np.random.default_rng(seed).uniform(size=(200, n_columns))
    table = sweep(matrix, k_means, n_references=5, n_boot=5)
    assert suggested(table)["gap"] == 1
    assert str(consensus(suggestions(table))).startswith("No groups")


def test_groups_of_any_shape_are_not_counted_by_their_means():
    """Two rings: their rows are far from the means, which lie in the same place."""
    matrix = make_circles(200, factor=0.3, noise=0.03, random_state=0)[0]

    def chains(rows, k, seed):
        return AgglomerativeClustering(k, linkage="single").fit_predict(rows)

    table = sweep(matrix, chains, ks=range(1, 7), n_references=4, n_boot=4)
    found = suggestions(table, MEAN_BASED)
    assert set(found["criterion"]) == {"silhouette", "stability"}
    assert found.set_index("criterion")["k"]["stability"] == 2
    misled = suggestions(table).set_index("criterion")["k"]
    assert (misled[["calinski_harabasz", "davies_bouldin", "gap"]] != 2).any()


def test_one_normal_cloud_has_no_groups_for_gap_and_mixture():
    matrix = np.random.default_rng(4).normal(size=(300, 3))
    table = sweep(matrix, mixture, ks=range(1, 5), bic=mixture_bic, n_references=5, n_boot=0)
    found = suggested(table)
    assert found["gap"] == found["bic"] == 1
