"""Estimates grow as the algorithms do, read well, and what is offered fits."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tables import make_dataset

from mlcore.algorithms import cost
from mlcore.algorithms.catalogue import for_task
from mlcore.algorithms.cost import COSTS, Cost, duration_words, fits, offers, run_cost
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.errors import UserError
from mlcore.setups import ClusterSetup
from mlcore.splitting import SampleConfig
from mlcore.tasks import Task
from mlcore.workflow import clustering, run_experiment

SPECS = {spec.id: spec for spec in for_task(Task.CLUSTERING) if spec.id in COSTS}
SIZES = (1, 2, 100, 1_000, 2_000, 4_000, 16_000, 100_000, 336_776, 5_000_000)
JOB = {"memory_mb": 4096.0, "seconds": 3600.0}


@pytest.fixture(autouse=True)
def reference_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same numbers on every machine."""
    monkeypatch.setattr(cost, "machine_factor", lambda: 1.0)


def each_value(spec: AlgorithmSpec) -> Iterator[dict[str, Any]]:
    """The defaults, and each knob at its ends."""
    yield spec.check({})
    for param in spec.params:
        for value in param.extremes():
            yield spec.check({param.name: value})


def doubled(algorithm: str, values: dict[str, Any], rows: int, columns: int) -> tuple[float, float]:
    """How much more time and memory twice the rows take."""
    one, two = (COSTS[algorithm](values, count, columns) for count in (rows, 2 * rows))
    return two.seconds / one.seconds, two.memory_mb / one.memory_mb


def test_every_clusterer_has_its_estimate() -> None:
    assert set(SPECS) == set(COSTS)
    assert all(spec.cost is COSTS[id] for id, spec in SPECS.items())


@pytest.mark.parametrize("algorithm", COSTS)
@pytest.mark.parametrize("columns", [1, 2, 14, 100])
def test_more_rows_never_cost_less(algorithm: str, columns: int) -> None:
    for values in each_value(SPECS[algorithm]):
        costs = [COSTS[algorithm](values, rows, columns) for rows in SIZES]
        for fewer, more in pairwise(costs):
            assert 0 < fewer.seconds <= more.seconds < math.inf
            assert 0 <= fewer.memory_mb <= more.memory_mb < math.inf


@pytest.mark.parametrize(
    ("algorithm", "values", "time", "memory"),
    [
        ("k_means", {}, 2, 2),
        ("gaussian_mixture", {}, 2, 2),
        ("hdbscan", {}, 4, 2),
        ("hierarchical", {"linkage": "single"}, 4, 2),
        ("spectral", {"affinity": "rbf"}, 8, 4),
        ("mean_shift", {"bin_seeding": False}, 4, 2),
    ],
)
def test_twice_the_rows_cost_what_theory_says(
    algorithm: str, values: dict[str, Any], time: float, memory: float
) -> None:
    ratios = doubled(algorithm, values, 500_000, 10)
    assert ratios == pytest.approx((time, memory), rel=0.1)


def test_hierarchical_keeps_every_pair_twice() -> None:
    """The condensed distances of scipy.spatial.distance.pdist, and the copy that is worked on."""
    assert doubled("hierarchical", {}, 8_192, 10)[1] == pytest.approx(4, rel=0.001)
    assert COSTS["hierarchical"]({}, 16_384, 10).memory_mb == pytest.approx(2 * 1024, rel=0.002)


def test_a_neighbour_graph_keeps_hierarchical_small() -> None:
    graph = COSTS["hierarchical"]({"neighbor_graph": True}, 336_776, 14)
    assert graph.memory_mb < 2_000
    assert doubled("hierarchical", {"neighbor_graph": True}, 100_000, 2)[1] == pytest.approx(2)


def test_starts_and_clusters_multiply() -> None:
    once = COSTS["k_means"]({"n_clusters": 5, "n_init": 1}, 10**6, 10).seconds
    assert COSTS["k_means"]({"n_clusters": 5, "n_init": 10}, 10**6, 10).seconds == pytest.approx(
        10 * once, rel=0.01
    )
    assert COSTS["k_means"]({"n_clusters": 50, "n_init": 1}, 10**6, 10).seconds == pytest.approx(
        10 * once, rel=0.01
    )


def test_a_wide_eps_is_told_to_hold_all_rows_for_each() -> None:
    everything = COSTS["dbscan"]({"eps": 1e6, "min_samples": 5}, 20_000, 2).memory_mb
    assert everything > 20_000**2 * 8 / cost.MIB
    assert COSTS["dbscan"]({"eps": 0.01, "min_samples": 5}, 20_000, 2).memory_mb < everything / 50


def test_the_share_within_a_distance_is_that_of_normal_columns() -> None:
    pairs = np.random.default_rng(0).standard_normal((2, 20_000, 2))
    distances = np.linalg.norm(pairs[0] - pairs[1], axis=1)
    for distance in (0.5, 1.0, 3.0):
        expected = float((distances <= distance).mean())
        assert cost._share_within(distance, 2) == pytest.approx(expected, abs=0.01)


def test_near_rows_are_searched_by_tree_in_few_columns_only() -> None:
    assert cost.search_method(336_776, 2) == "kd_tree"
    assert cost.search_method(336_776, 14) == "brute"


def test_a_run_costs_more_than_its_fit_and_holds_its_greatest_part() -> None:
    fit = COSTS["hierarchical"]({}, 10_000, 5)
    run = run_cost(COSTS["hierarchical"], {}, 10_000, 5)
    assert run.seconds > fit.seconds
    assert run.memory_mb == fit.memory_mb
    small = run_cost(COSTS["hierarchical"], {}, 10_000, 5, sample=1_000)
    assert small.seconds < run.seconds and small.memory_mb < run.memory_mb


@pytest.mark.parametrize(
    ("rows", "needs_density", "drawn"),
    [
        (1_000, False, 1_000), (4_000, False, 4_000), (4_001, False, 2_000),
        (1_000, True, 800), (10_000, True, 8_000), (10_001, True, 0),
    ],
)  # fmt: skip
def test_repetitions_are_counted_with_the_rows_they_draw(
    rows: int, needs_density: bool, drawn: int
) -> None:
    assert cost.drawn_rows(rows, needs_density=needs_density) == drawn
    seconds = {
        repeats: run_cost(
            COSTS["hdbscan"], {}, rows, 5, repeats=repeats, needs_density=needs_density
        ).seconds
        for repeats in (0, 7)
    }
    once = (seconds[7] - seconds[0]) / 7
    if not drawn:
        assert once == 0
    else:
        fit = COSTS["hdbscan"]({}, drawn, 5).seconds
        assert fit < once < 1.05 * fit + 0.02


@pytest.mark.parametrize(
    ("algorithm", "values", "rows", "sample"),
    [
        ("k_means", {"n_init": 1}, 4_100, None),
        ("k_means", {"n_init": 1}, 1_500, 1_200),
        ("dbscan", {}, 600, None),
        ("dbscan", {}, 10_100, None),
    ],
)
def test_a_run_fits_what_the_estimate_counts(
    monkeypatch: pytest.MonkeyPatch,
    algorithm: str,
    values: dict[str, Any],
    rows: int,
    sample: int | None,
) -> None:
    """The estimate takes its numbers of rows from where the run does, or this fails."""
    real, sizes = clustering.find_groups, []

    def counted(*given: Any) -> Any:
        sizes.append(len(given[2]))
        return real(*given)

    monkeypatch.setattr(clustering, "find_groups", counted)
    frame = pd.DataFrame(np.random.default_rng(0).standard_normal((rows, 2)), columns=["a", "b"])
    dataset = make_dataset(frame)
    setup = ClusterSetup(features=("a", "b"), split=SampleConfig(sample=sample, repeats=2))
    run_experiment(dataset, setup.experiment(dataset, algorithm, values))
    counted_rows: list[int] = []

    def one_second(_: Any, fitted: int, __: int) -> Cost:
        counted_rows.append(fitted)
        return Cost(seconds=1.0, memory_mb=0.0)

    told, beside = (
        run_cost(
            form,
            {},
            rows,
            2,
            sample=sample,
            repeats=2,
            needs_density=SPECS[algorithm].needs_density,
        ).seconds
        for form in (one_second, lambda *_: Cost(seconds=0.0, memory_mb=0.0))
    )
    assert len(sizes) == round(told - beside)
    assert set(sizes) == set(counted_rows) - {0}


def test_more_groups_take_spectral_clustering_longer() -> None:
    """An eigenvector for each group."""
    few, many = (COSTS["spectral"]({"n_clusters": k}, 4_000, 4).seconds for k in (3, 100))
    assert many > 2 * few


def test_scores_stop_growing_with_the_square_of_the_rows() -> None:
    assert cost.scores(336_776, 14).memory_mb == cost.scores(5_000, 14).memory_mb
    assert cost.scores(336_776, 14).seconds < 5


@pytest.mark.parametrize(
    ("seconds", "memory_mb", "words"),
    [
        (0.2, 3, "under a second and under 20 MB of memory"),
        (1.3, 26, "about 1 second and 25 MB of memory"),
        (3.4, 121, "about 3 seconds and 100 MB of memory"),
        (44, 778, "about 45 seconds and 800 MB of memory"),
        (59.9, 1024, "about 1 minute and 1.0 GB of memory"),
        (118, 2_000, "about 2 minutes and 2.0 GB of memory"),
        (3_540, 30, "about 1 hour and 30 MB of memory"),
        (3 * 3600 + 100, 10_240, "about 3 hours and 10.0 GB of memory"),
        (3 * 86_400, 30, "about 3 days and 30 MB of memory"),
        (1e9, 30, "more than 100 days and 30 MB of memory"),
    ],
)
def test_a_cost_in_words(seconds: float, memory_mb: float, words: str) -> None:
    assert str(duration_words(Cost(seconds=seconds, memory_mb=memory_mb))) == words


def test_words_are_as_exact_as_a_factor_of_two_allows() -> None:
    for count in np.geomspace(1, 900, 500):
        assert cost._rounded(count) == pytest.approx(count, rel=0.34)


@pytest.mark.parametrize("algorithm", COSTS)
def test_nothing_is_offered_where_the_run_fits(algorithm: str) -> None:
    assert offers(algorithm, SPECS[algorithm].check({}), 300, 4, **JOB) == ()


@pytest.mark.parametrize("algorithm", COSTS)
@pytest.mark.parametrize("limits", [JOB, {"memory_mb": 1000.0, "seconds": 60.0}])
@pytest.mark.parametrize("rows", [16_385, 336_776])
def test_every_offer_fits_by_the_same_estimate(
    algorithm: str, limits: dict[str, float], rows: int
) -> None:
    values, dense = SPECS[algorithm].check({}), SPECS[algorithm].needs_density
    for offer in offers(algorithm, values, rows, 14, repeats=500, needs_density=dense, **limits):
        changed = offer.changes.get("algorithm", algorithm)
        kept = values if changed == algorithm else SPECS[changed].check({})
        complete = SPECS[changed].check({**kept, **offer.changes.get("params", {})})
        sample = offer.changes.get("sample", rows)
        again = run_cost(
            COSTS[changed],
            complete,
            rows,
            14,
            sample=sample,
            repeats=offer.changes.get("repeats", 500),
            needs_density=SPECS[changed].needs_density,
        )
        assert fits(again, rows, 14, **limits)
        assert SPECS[changed].check_table(complete, sample, 14) is None
        assert json.loads(json.dumps(offer.changes)) == offer.changes
        assert str(duration_words(offer.cost)) in str(offer.sentence)
        assert offer.code.startswith("clustering.cost.offer.")


def test_too_many_pairs_are_never_begun_and_three_ways_out_are_named() -> None:
    found = offers("hierarchical", SPECS["hierarchical"].check({}), 50_000, 14, **JOB)
    assert [offer.code.rpartition(".")[2] for offer in found] == [
        "neighbor_graph", "birch", "sample",
    ]  # fmt: skip
    assert found[0].changes == {"params": {"neighbor_graph": True}}
    assert found[1].changes["algorithm"] == "birch"
    assert found[2].changes == {"sample": 10_000}
    assert "10,000 rows" in str(found[2].sentence)


def test_plenty_of_memory_does_not_lift_the_refusal() -> None:
    values = SPECS["hierarchical"].check({})
    assert (
        offers("hierarchical", values, cost.MOST_PAIRED_ROWS, 5, memory_mb=1e6, seconds=1e6) == ()
    )
    assert offers("hierarchical", values, cost.MOST_PAIRED_ROWS + 1, 5, memory_mb=1e6, seconds=1e6)


@pytest.mark.parametrize(
    ("algorithm", "values"),
    [
        ("hierarchical", {}),
        ("hierarchical", {"linkage": "average"}),
        ("spectral", {"affinity": "rbf"}),
    ],
)
def test_the_refusal_is_that_of_the_catalogue(algorithm: str, values: dict[str, Any]) -> None:
    spec = SPECS[algorithm]
    complete = spec.check(values)
    most = cost.most_rows(algorithm, complete)
    assert most is not None
    spec.check_table(complete, most, 5)
    with pytest.raises(UserError):
        spec.check_table(complete, most + 1, 5)


def test_the_largest_round_sample_that_fits_is_offered() -> None:
    values = SPECS["hdbscan"].check({})
    (offer,) = offers("hdbscan", values, 336_776, 14, memory_mb=4096, seconds=600)
    tried = [count for count in cost._ROUND_ROWS if count > offer.changes["sample"]]
    for count in tried:
        larger = run_cost(COSTS["hdbscan"], values, 336_776, 14, sample=count)
        assert not fits(larger, 336_776, 14, memory_mb=4096, seconds=600)


def test_fewer_repetitions_are_offered_where_they_take_the_time() -> None:
    values = SPECS["hierarchical"].check({})
    limits = {"memory_mb": 4096.0, "seconds": 120.0}
    assert offers("hierarchical", values, 4_000, 5, repeats=20, **limits) == ()
    first, *_ = offers("hierarchical", values, 4_000, 5, repeats=500, **limits)
    assert first.changes == {"repeats": 100}
    assert "100 times" in str(first.sentence)
    refused = offers("hierarchical", values, 50_000, 5, repeats=500, **JOB)
    assert all("repeats" not in offer.changes for offer in refused)


def test_rows_to_assign_count_for_what_is_offered() -> None:
    values = SPECS["dbscan"].check({})

    def seconds(rows: int, sample: int) -> float:
        return run_cost(
            COSTS["dbscan"], values, rows, 30, sample=sample, repeats=5, needs_density=True
        ).seconds

    limits = {"memory_mb": 4096.0, "seconds": 14.0, "repeats": 5, "needs_density": True}
    assert seconds(10_000, 10_000) < 14 < seconds(500_000, 10_000)
    assert offers("dbscan", values, 10_000, 30, sample=10_000, **limits) == ()
    (offer,) = offers("dbscan", values, 500_000, 30, sample=10_000, **limits)
    assert offer.cost.seconds == seconds(500_000, offer.changes["sample"]) <= 14


def test_the_refusal_says_the_memory() -> None:
    with pytest.raises(UserError, match="about 9.3 GB of distances between the 50,000 rows"):
        SPECS["hierarchical"].check_table(SPECS["hierarchical"].check({}), 50_000, 14)


@pytest.mark.parametrize(
    ("algorithm", "fewest", "most"),
    [("k_means", 1, 10**9), ("hierarchical", 1, 16_384), ("hdbscan", 20, 10**9)],
)
def test_what_is_tried_first_suits_the_size_of_the_table(
    algorithm: str, fewest: int, most: int
) -> None:
    spec = SPECS[algorithm]
    assert spec.suits(fewest) and spec.suits(most)
    assert fewest == 1 or not spec.suits(fewest - 1)
    assert most == 10**9 or not spec.suits(most + 1)


def test_nothing_is_offered_that_cannot_help() -> None:
    assert offers("k_means", {}, 336_776, 14, memory_mb=100, seconds=3600) == ()


def test_the_machine_is_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    cost.machine_factor.cache_clear()
    first = cost.machine_factor()
    assert 0 < first < 1000
    assert cost.machine_factor() == first
    assert cost.machine_factor.cache_info().misses == 1
