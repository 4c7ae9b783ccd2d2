"""Whatever finds groups gives what scikit-learn gives, and bears any table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conformance_tables import KINDS, make_everything
from sklearn import datasets
from sklearn.base import clone
from sklearn.cluster import (
    DBSCAN,
    HDBSCAN,
    AgglomerativeClustering,
    Birch,
    KMeans,
    MeanShift,
    MiniBatchKMeans,
    SpectralClustering,
    estimate_bandwidth,
)
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import StandardScaler
from structure_tables import few_shuffles
from tables import make_dataset
from threadpoolctl import threadpool_limits

from mlcore.algorithms import cost
from mlcore.algorithms.assignment import ASSIGNMENTS
from mlcore.algorithms.catalogue import CLUSTERERS, find
from mlcore.algorithms.labels import NOISE, by_size, names_of, order_by_size
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.experiment import Experiment
from mlcore.messages import message
from mlcore.params import Param
from mlcore.pipelines.describe import feature_table
from mlcore.setups import ClusterSetup
from mlcore.splitting import SampleConfig
from mlcore.tasks import Task
from mlcore.workflow import RunResult, predict_frame, run_experiment
from mlcore.workflow.clustering import find_groups
from mlcore.workflow.exploring import CHOICES, prepared_rows

SEED = 5
every_clusterer = pytest.mark.parametrize("spec", CLUSTERERS, ids=lambda spec: spec.id)

#: Values with which each algorithm sees the three clouds of :func:`clouds`.
FITTING: dict[str, dict[str, Any]] = {"dbscan": {"eps": 0.3}}


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield


def clouds(n_rows: int = 150, columns: int = 3) -> Dataset:
    """Return three clouds far apart, in columns of different units."""
    points, _ = datasets.make_blobs(
        [n_rows // 2, n_rows // 3, n_rows // 6],
        n_features=columns,
        centers=10 * np.eye(3, columns),
        cluster_std=1,
        random_state=SEED,
    )
    frame = pd.DataFrame(points * 10.0 ** np.arange(columns), columns=list("abcdef")[:columns])
    return make_dataset(frame)


def experiment(
    dataset: Dataset, spec: AlgorithmSpec, split: SampleConfig | None = None, **params: Any
) -> Experiment:
    setup = ClusterSetup(
        features=tuple(dataset.frame.columns), split=split or SampleConfig(repeats=2, seed=SEED)
    )
    return setup.experiment(dataset, spec.id, {**FITTING.get(spec.id, {}), **params})


@cache
def ran(identifier: str) -> RunResult:
    dataset = clouds()
    with few_shuffles():
        return run_experiment(dataset, experiment(dataset, find(identifier, Task.CLUSTERING)))


def clusters(result: RunResult) -> pd.Series:
    return result.evaluation.predictions["predicted"]


# --- The declarations ---------------------------------------------------------------------------


@every_clusterer
def test_a_declaration_is_complete(spec: AlgorithmSpec) -> None:
    values = spec.check({})
    assert spec.assignment is not None and spec.cost is not None
    way = spec.assignment(values)
    assert way in ASSIGNMENTS
    assert str(message(f"clustering.assignment.{way.id}"))
    assert way.is_exact or "Approximation" in str(message(f"clustering.assignment.{way.id}"))
    assert spec.groups is None or spec.groups in values
    assert set(spec.choosing) <= set(CHOICES)
    # A sweep varies the number of groups, so there has to be one.
    assert ("sweep" in spec.choosing) == (spec.groups is not None)
    cost = spec.cost(values, 1000, 10)
    assert cost.seconds > 0 and cost.memory_mb >= 0
    for text in (spec.summary, spec.use_when, spec.avoid_when, spec.growth, spec.reference):
        assert text.endswith(".")
    assert all(param.help.endswith(".") for param in spec.params)
    assert spec.maths.count("{") == spec.maths.count("}")


def test_all_see_the_same_prepared_rows() -> None:
    """The test for structure is shared by all of them."""
    assert {(spec.scaling, spec.dense) for spec in CLUSTERERS} == {(True, True)}


# --- The same as scikit-learn -------------------------------------------------------------------


def by_hand(identifier: str, matrix: np.ndarray) -> np.ndarray:
    """Return the labels of scikit-learn's own estimators, called as a practitioner would."""
    made: dict[str, Any] = {
        "k_means": lambda: KMeans(3, n_init=10, random_state=SEED),
        "mini_batch_k_means": lambda: MiniBatchKMeans(3, n_init=10, random_state=SEED),
        "gaussian_mixture": lambda: GaussianMixture(3, n_init=3, reg_covar=1e-4, random_state=SEED),
        "dbscan": lambda: DBSCAN(eps=0.3),
        "hdbscan": lambda: HDBSCAN(min_cluster_size=10, copy=True),
        "hierarchical": lambda: AgglomerativeClustering(3),
        "spectral": lambda: SpectralClustering(
            3, affinity="nearest_neighbors", assign_labels="cluster_qr", random_state=SEED
        ),
        "mean_shift": lambda: MeanShift(
            bandwidth=estimate_bandwidth(matrix, quantile=0.2, random_state=SEED),
            bin_seeding=True,
        ),
        "birch": lambda: Birch(n_clusters=3),
    }
    return made[identifier]().fit_predict(matrix)


@every_clusterer
@pytest.mark.filterwarnings("ignore:Graph is not fully connected:UserWarning")
def test_labels_equal_scikit_learns_on_the_same_matrix(spec: AlgorithmSpec) -> None:
    dataset = clouds()
    matrix = StandardScaler().fit_transform(dataset.frame)
    expected = by_size(by_hand(spec.id, matrix))
    assert list(clusters(ran(spec.id))) == list(names_of(expected))
    scores = ran(spec.id).evaluation.scores
    own = scores[scores["fold"] == 0].set_index("metric")["value"]
    in_cluster = expected != NOISE
    assert own["silhouette"] == pytest.approx(
        silhouette_score(matrix[in_cluster], expected[in_cluster])
    )
    assert own["n_clusters"] == len(set(expected) - {NOISE}) == 3


@every_clusterer
def test_the_model_gives_rows_to_the_clusters_they_were_found_in(spec: AlgorithmSpec) -> None:
    dataset, result = clouds(), ran(spec.id)
    again = predict_frame(result.pipeline, dataset.frame, Task.CLUSTERING)["predicted"]
    found = clusters(result)
    way = spec.assignment(spec.check({}))
    if way.is_exact:
        assert list(again) == list(found)
    else:
        inside = found != "noise"
        assert (again[inside] == found[inside]).mean() > 0.97
    # A row far from everything.
    far = dataset.frame.iloc[:1] * 0 + 1e6
    answer = predict_frame(result.pipeline, far, Task.CLUSTERING)["predicted"].iloc[0]
    assert (answer == "noise") == (way.id == "core_points")


@every_clusterer
def test_the_same_experiment_gives_the_same_run(spec: AlgorithmSpec) -> None:
    dataset, first = clouds(), ran(spec.id)
    with few_shuffles():
        second = run_experiment(dataset, experiment(dataset, spec))
    pd.testing.assert_frame_equal(
        first.evaluation.predictions, second.evaluation.predictions, check_exact=True
    )
    pd.testing.assert_frame_equal(
        first.evaluation.scores, second.evaluation.scores, check_exact=True
    )
    assert set(first.frames) == set(second.frames)
    for name, frame in first.frames.items():
        pd.testing.assert_frame_equal(frame, second.frames[name], check_exact=True)
    assert first.notes == second.notes


@every_clusterer
def test_groups_do_not_depend_on_the_order_of_the_rows(spec: AlgorithmSpec) -> None:
    dataset = clouds()
    order = np.random.default_rng(1).permutation(len(dataset.frame))
    mixed = make_dataset(dataset.frame.iloc[order].reset_index(drop=True))
    one = ran(spec.id)
    with few_shuffles():
        other = run_experiment(mixed, experiment(mixed, spec, SampleConfig(repeats=0, seed=SEED)))
    # Numbers go by size, so even the names are the same.
    assert list(clusters(one).iloc[order]) == list(clusters(other))


@every_clusterer
def test_clusters_are_numbered_by_size(spec: AlgorithmSpec) -> None:
    table = ran(spec.id).frames["clusters"]
    real = table[table["cluster"] != "noise"]
    assert list(real["cluster"]) == ["0", "1", "2"]
    assert list(real["rows"]) == sorted(real["rows"], reverse=True)
    assert table["rows"].sum() == 150
    assert ran(spec.id).classes[:3] == ("0", "1", "2")


@every_clusterer
def test_a_run_leaves_everything_to_doubt_it(spec: AlgorithmSpec) -> None:
    result = ran(spec.id)
    assert {"clusters", "silhouettes", "shuffled", "profile", "map_pca", "rules"} <= set(
        result.frames
    )
    stability = result.evaluation.scores.query("metric == 'stability'")["value"]
    assert len(stability) == 2 and stability.min() > 0.8


def test_a_run_is_compared_with_as_many_shuffled_tables_as_its_cost_counts() -> None:
    dataset = clouds()
    plan = experiment(dataset, find("birch", Task.CLUSTERING), SampleConfig(repeats=0))
    shuffled = run_experiment(dataset, plan).frames["shuffled"]
    assert list(shuffled["replicate"]) == list(range(cost.N_SHUFFLES + 1))
    assert np.isfinite(shuffled["value"]).all()


# --- Any table ----------------------------------------------------------------------------------

EVERYTHING = make_everything()


def everything() -> Dataset:
    frame = EVERYTHING.frame[[name for name in KINDS if name != "remark"]]
    return make_dataset(frame, {k: v for k, v in KINDS.items() if k != "remark"})


def shapes() -> dict[str, Dataset]:
    """Return tables that break careless code."""
    random = np.random.default_rng(2)
    plain = clouds(60).frame
    return {
        "every kind of column, with gaps": everything(),
        "one column": make_dataset(plain[["a"]]),
        "duplicates": make_dataset(pd.concat([plain.head(12)] * 5, ignore_index=True)),
        "a constant column": make_dataset(plain.assign(d=1.0)),
        "a column without values": make_dataset(plain.assign(d=np.nan)),
        "whole numbers": make_dataset(
            pd.DataFrame(random.integers(0, 4, (60, 2)).astype(float), columns=["a", "b"])
        ),
        "as many rows as groups, and one": make_dataset(plain.iloc[[0, 20, 40, 59]]),
    }


SHAPES = shapes()


@every_clusterer
@pytest.mark.parametrize("shape", SHAPES)
def test_any_table_is_clustered_or_refused_with_a_sentence(spec: AlgorithmSpec, shape: str) -> None:
    dataset = SHAPES[shape]
    try:
        with few_shuffles():
            result = run_experiment(dataset, experiment(dataset, spec, SampleConfig(repeats=2)))
    except UserError as error:
        # Too few rows for a group of ten, or for the neighbours of a graph.
        assert shape == "as many rows as groups, and one" and "rows" in str(error)
        return
    answers = result.evaluation.predictions
    assert list(answers["row"]) == list(range(len(dataset.frame)))
    assert answers["predicted"].notna().all()
    assert np.isfinite(answers.filter(like="p:").to_numpy(dtype=float)).all()
    assert result.frames["clusters"]["rows"].sum() == len(dataset.frame)


@every_clusterer
def test_equal_rows_have_nothing_to_tell_them_apart(spec: AlgorithmSpec) -> None:
    dataset = make_dataset(pd.DataFrame({"a": [1.0] * 40, "b": [2.0] * 40}))
    with pytest.raises(UserError, match="nothing to tell groups apart"):
        run_experiment(dataset, experiment(dataset, spec))


@pytest.mark.parametrize("spec", [s for s in CLUSTERERS if s.groups], ids=lambda spec: spec.id)
def test_more_groups_than_rows_get_a_sentence(spec: AlgorithmSpec) -> None:
    dataset = make_dataset(clouds().frame.head(8))
    with pytest.raises(UserError, match="only 8 rows to learn from"):
        run_experiment(dataset, experiment(dataset, spec, **{str(spec.groups): 9}))
    twice = make_dataset(pd.concat([dataset.frame.head(4)] * 5, ignore_index=True))
    with pytest.raises(UserError, match="only 4 rows differ"):
        run_experiment(twice, experiment(twice, spec, **{str(spec.groups): 5}))


CASES = [
    pytest.param(spec, param, id=f"{spec.id}-{param.name}")
    for spec in CLUSTERERS
    for param in spec.params
]


@pytest.mark.parametrize(("spec", "param"), CASES)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_extremes_give_groups_or_a_sentence(spec: AlgorithmSpec, param: Param) -> None:
    matrix = StandardScaler().fit_transform(clouds(60).frame)
    needed = {} if param.only_if is None else {param.only_if[0]: param.only_if[1][0]}
    for value in param.extremes():
        values = spec.check({**FITTING.get(spec.id, {}), **needed, param.name: value})
        try:
            found = find_groups(spec, values, matrix, 0)
        except UserError as error:
            assert "rows" in str(error)
            continue
        assert found.labels.shape == (60,)
        model = spec.assignment(values).build(found)
        assert model.predict(matrix).shape == (60,)


def test_an_unknown_category_joins_some_group() -> None:
    dataset = everything()
    spec = find("k_means", Task.CLUSTERING)
    result = run_experiment(dataset, experiment(dataset, spec))
    row = dataset.frame.head(1).assign(town="never heard of", colour="never heard of")
    answer = predict_frame(result.pipeline, row, Task.CLUSTERING)["predicted"].iloc[0]
    assert answer in result.classes
    # Thirty towns: the most frequent have an input each, the others share one.
    towns = feature_table(result.pipeline).query("column == 'town'")["name"]
    assert len(towns) == 20
    assert towns.str.contains("rare categories").sum() == 1


def test_the_average_label_is_no_encoding_without_a_label() -> None:
    dataset = everything()
    setup = ClusterSetup(features=("colour", "size"), preparation={"encoding": "target"})
    with pytest.raises(UserError, match="needs a label"):
        run_experiment(dataset, setup.experiment(dataset, "k_means"))


def test_draws_that_cannot_be_grouped_are_left_out_of_the_stability() -> None:
    """Of five rows, a sample with repetition often has fewer different ones than groups."""
    dataset = make_dataset(clouds().frame.iloc[[0, 1, 75, 76, 140]].reset_index(drop=True))
    spec = find("k_means", Task.CLUSTERING)
    result = run_experiment(
        dataset, experiment(dataset, spec, SampleConfig(repeats=20), n_clusters=4)
    )
    agreement = result.frames["stability"]["adjusted_rand"]
    assert agreement.isna().any() and agreement.notna().any()


@pytest.mark.parametrize("identifier", ["hdbscan", "dbscan"])
def test_groups_in_one_column_come_back(identifier: str) -> None:
    """Repeated rows are dense places that are not there, which would break groups apart."""
    random = np.random.default_rng(0)
    values = np.concatenate([random.normal(0, 1, 80), random.normal(10, 1, 80)])
    dataset = make_dataset(pd.DataFrame({"a": values}))
    spec = find(identifier, Task.CLUSTERING)
    result = run_experiment(dataset, experiment(dataset, spec, SampleConfig(repeats=10)))
    assert result.evaluation.scores.query("metric == 'n_clusters'")["value"].item() == 2
    assert result.frames["stability"]["adjusted_rand"].mean() > 0.9


# --- A sample -----------------------------------------------------------------------------------


@every_clusterer
def test_rows_outside_the_sample_are_assigned_and_never_learnt_from(spec: AlgorithmSpec) -> None:
    dataset = clouds()
    chosen = experiment(dataset, spec, SampleConfig(sample=90, repeats=0, seed=SEED))
    with few_shuffles():
        result = run_experiment(dataset, chosen)
    rest = result.split.unlabelled
    assert (len(result.split.development), len(rest)) == (90, 60)
    assert "90 rows drawn by lot" in " ".join(map(str, result.notes))
    # Nonsense in the rest changes nothing of what was learnt.
    frame = dataset.frame.copy()
    frame.iloc[rest] = 1e5
    spoiled = make_dataset(frame)
    with few_shuffles():
        other = run_experiment(spoiled, replace(chosen, fingerprint=spoiled.fingerprint))
    learnt = result.split.development
    assert list(clusters(result).iloc[learnt]) == list(clusters(other).iloc[learnt])
    pd.testing.assert_frame_equal(result.evaluation.scores, other.evaluation.scores)
    if not spec.needs_density:
        assert adjusted_rand_score(clusters(result), clusters(ran(spec.id))) > 0.9


# --- Known answers ------------------------------------------------------------------------------


def prepared(points: Any) -> np.ndarray:
    frame = pd.DataFrame(np.asarray(points, dtype=float)).rename(columns=str)
    dataset = make_dataset(frame)
    return prepared_rows(dataset, experiment(dataset, CLUSTERERS[0]))[1]


def shape_of(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return points and the group each was drawn from."""
    if name == "moons":
        return datasets.make_moons(400, noise=0.05, random_state=0)
    if name == "circles":
        return datasets.make_circles(400, factor=0.5, noise=0.04, random_state=0)
    if name == "blobs":
        return datasets.make_blobs(400, centers=4, cluster_std=0.7, random_state=2)
    if name == "unequal":
        return datasets.make_blobs(
            [400, 60, 20], centers=[(0, 0), (8, 0), (0, 8)], cluster_std=[1.5, 0.5, 0.3],
            random_state=0,
        )  # fmt: skip
    if name == "anisotropic":
        points, label = datasets.make_blobs(400, random_state=170)
        return points @ [[0.6, -0.6], [-0.4, 0.8]], label
    bunch = getattr(datasets, f"load_{name}")()
    return bunch.data, bunch.target


#: Known data, algorithm, parameters, least adjusted Rand index that it reaches there. Bounds are
#: the values scikit-learn 1.9 gives, rounded down to two digits.
KNOWN = [
    ("iris", "k_means", {}, 0.61),
    ("iris", "hierarchical", {}, 0.61),
    ("iris", "gaussian_mixture", {}, 0.90),
    ("wine", "k_means", {}, 0.89),
    ("wine", "gaussian_mixture", {"covariance_type": "diag"}, 0.86),
    ("digits", "hierarchical", {"n_clusters": 10}, 0.66),
    ("blobs", "k_means", {"n_clusters": 4}, 0.99),
    ("blobs", "birch", {"n_clusters": 4, "threshold": 0.2}, 0.99),
    ("blobs", "mean_shift", {"quantile": 0.15}, 0.97),
    ("moons", "dbscan", {"eps": 0.25}, 0.99),
    ("moons", "hdbscan", {}, 0.99),
    ("moons", "spectral", {"n_clusters": 2}, 0.99),
    ("moons", "hierarchical", {"n_clusters": 2, "linkage": "single"}, 0.99),
    ("circles", "dbscan", {"eps": 0.25}, 0.99),
    ("circles", "spectral", {"n_clusters": 2}, 0.99),
    ("anisotropic", "gaussian_mixture", {}, 0.99),
    ("unequal", "hdbscan", {}, 0.95),
    ("unequal", "gaussian_mixture", {}, 0.99),
]


@pytest.mark.parametrize(("data", "algorithm", "params", "least"), KNOWN)
@pytest.mark.filterwarnings("ignore:.*:UserWarning")
def test_known_groups_are_found(
    data: str, algorithm: str, params: dict[str, Any], least: float
) -> None:
    points, label = shape_of(data)
    spec = find(algorithm, Task.CLUSTERING)
    found = find_groups(spec, spec.check(params), prepared(points), 0)
    assert adjusted_rand_score(label, found.labels) >= least


def test_round_groups_are_what_k_means_finds_in_moons_too() -> None:
    """What the card warns of: it cuts bent groups into round pieces."""
    points, label = shape_of("moons")
    spec = find("k_means", Task.CLUSTERING)
    found = find_groups(spec, spec.check({"n_clusters": 2}), prepared(points), 0)
    assert adjusted_rand_score(label, found.labels) < 0.6


# --- Small parts --------------------------------------------------------------------------------


def test_numbers_by_size() -> None:
    labels = np.array([7, 7, NOISE, 2, 2, 2, 5, 5])
    assert list(order_by_size(labels)) == [2, 7, 5]
    assert list(by_size(labels)) == [1, 1, NOISE, 0, 0, 0, 2, 2]
    assert list(names_of(by_size(labels)))[1:4] == ["1", "noise", "0"]


def test_a_component_that_is_the_likeliest_nowhere_keeps_a_number() -> None:
    """The first component has no row of its own, and is put behind those that have."""
    spec = find("gaussian_mixture", Task.CLUSTERING)
    values = spec.check({})
    matrix = StandardScaler().fit_transform(clouds().frame)
    found = find_groups(spec, values, matrix, 0)
    fitted = clone(found.estimator).fit(matrix)
    before = fitted.predict_proba(matrix)
    used = np.array([2, 0])
    labels = np.select([before.argmax(axis=1) == 2, before.argmax(axis=1) == 0], [0, 1], 0)
    model = spec.assignment(values).build(
        replace(found, estimator=fitted, labels=labels, order=used)
    )
    np.testing.assert_allclose(model.predict_proba(matrix), before[:, [2, 0, 1]])


def test_what_the_library_remarks_becomes_a_note() -> None:
    """The three clouds are far apart, so the graph of neighbours falls into three pieces."""
    assert "Graph is not fully connected" in " ".join(map(str, ran("spectral").notes))
    assert not [note for note in ran("k_means").notes if note.code == "training.warned"]


def test_birch_refuses_more_summaries_than_can_be_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cost, "MOST_PAIRED_ROWS", 20)
    dataset = clouds()
    spec = find("birch", Task.CLUSTERING)
    with pytest.raises(UserError, match="larger radius"):
        run_experiment(dataset, experiment(dataset, spec, threshold=0.01))


def test_hierarchical_never_asks_for_all_pairs_of_a_large_table() -> None:
    spec = find("hierarchical", Task.CLUSTERING)
    with pytest.raises(UserError, match="sample of the rows"):
        spec.check_table(spec.check({}), 336_776, 14)
    for lighter in ({"neighbor_graph": True}, {"linkage": "single"}):
        spec.check_table(spec.check(lighter), 336_776, 14)
