"""How strongly rows hang together: near rows, with weights that follow how dense they lie."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array, issparse
from scipy.sparse.csgraph import connected_components
from sklearn.metrics import pairwise_distances
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neighbors import kneighbors_graph

from mlcore.algorithms import affinity as module
from mlcore.algorithms.affinity import (
    LEAST_WEIGHT,
    MOST_DENSE_ROWS,
    finds_nearest_exactly,
    neighbor_graph,
    rbf_affinity,
)
from mlcore.errors import UserError


def noise(rows: int, columns: int = 2, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, columns))


def between_rows(matrix: np.ndarray, k: int) -> csr_array:
    """The weights between rows of which no two are equal."""
    graph = neighbor_graph(matrix, k)
    assert len(np.unique(graph.node)) == len(matrix)
    return csr_array(graph.weights[graph.node][:, graph.node])


@pytest.mark.parametrize("columns", [1, 2, 6, 7, 20])
def test_the_graph_is_that_of_scikit_learn_with_local_scale_weights(columns: int) -> None:
    matrix, k = noise(200, columns), 5
    joined = kneighbors_graph(matrix, k, include_self=False).toarray() > 0
    away = pairwise_distances(matrix)
    scale = np.sort(away, axis=1)[:, k]
    expected = np.where(joined | joined.T, np.exp(-(away**2) / np.outer(scale, scale)), 0)
    np.testing.assert_allclose(between_rows(matrix, k).toarray(), expected, rtol=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.integers(1, 40),
    columns=st.integers(1, 8),
    values=st.integers(1, 50),
    k=st.integers(1, 12),
    seed=st.integers(0, 99),
)
def test_weights_are_symmetric_and_never_vanish(
    rows: int, columns: int, values: int, k: int, seed: int
) -> None:
    matrix = np.random.default_rng(seed).integers(values, size=(rows, columns)).astype(float)
    graph = neighbor_graph(matrix, k)
    weights, distinct = graph.weights, len(np.unique(matrix, axis=0))
    assert issparse(weights) and weights.shape == (distinct, distinct)
    assert len(graph.node) == rows
    assert abs(weights - weights.T).max() == 0
    assert not weights.diagonal().any()
    assert ((weights.data >= LEAST_WEIGHT) & (weights.data <= 1)).all()
    assert (np.diff(weights.indptr) >= min(k, distinct - 1)).all()


def test_an_outlier_and_scales_far_apart_stay_joined() -> None:
    matrix = np.r_[noise(50) * 1e-9, noise(50, seed=1) + 5, [[1e6, 0.0]]]
    weights = between_rows(matrix, 4)
    assert weights.data.min() == LEAST_WEIGHT
    assert len(weights[[100]].indices) >= 4
    assert np.isfinite(weights.data).all()


@pytest.mark.parametrize("unit", [1e-200, 1e-30, 1.0, 1e30, 1e200])
def test_units_do_not_matter(unit: float) -> None:
    matrix = noise(60)
    assert abs(between_rows(matrix * unit, 5) - between_rows(matrix, 5)).max() < 1e-9


def test_equal_rows_are_one_node_and_do_not_cut_off_the_others() -> None:
    matrix = np.repeat(np.arange(6.0)[:, None], 300, axis=0)  # 6 values, 300 times each
    graph = neighbor_graph(matrix, 3)
    np.testing.assert_array_equal(graph.node, np.repeat(np.arange(6), 300))
    assert connected_components(graph.weights)[0] == 1
    once = neighbor_graph(np.arange(6.0)[:, None], 3)
    np.testing.assert_array_equal(graph.weights.toarray(), once.weights.toarray())


def test_zero_and_minus_zero_are_equal() -> None:
    assert neighbor_graph(np.array([[0.0], [-0.0], [1.0], [2.0]]), 1).node.tolist() == [0, 0, 1, 2]


def test_edges_join_the_rows_that_are_shown_and_each_of_equal_rows_to_the_first() -> None:
    matrix = np.array([[4.0], [1.0], [0.0], [1.0], [1.0], [9.0]])
    graph = neighbor_graph(matrix, 1)  # 0 - 1, 1 - 4, 4 - 9
    found = {frozenset(pair) for pair in zip(*graph.edges(np.arange(6)), strict=True)}
    assert found == {frozenset(pair) for pair in [(2, 1), (1, 0), (0, 5), (1, 3), (1, 4)]}
    few = {frozenset(pair) for pair in zip(*graph.edges(np.array([2, 3, 4, 5])), strict=True)}
    assert few == {frozenset(pair) for pair in [(2, 3), (3, 4)]}, "rows of the table, not places"
    assert [len(ends) for ends in graph.edges(np.array([5]))] == [0, 0]


def test_tables_too_small_for_neighbours_are_fine() -> None:
    assert neighbor_graph(np.zeros((1, 2)), 7).weights.nnz == 0
    assert neighbor_graph(np.zeros((20, 2)), 7).weights.nnz == 0, "one node"
    assert between_rows(np.array([[0.0], [3.0]]), 7).toarray() == pytest.approx(
        np.array([[0, np.exp(-1)], [np.exp(-1), 0]])
    )


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), columns=st.integers(1, 9))
def test_the_order_of_rows_does_not_matter(seed: int, columns: int) -> None:
    random = np.random.default_rng(seed)
    matrix = random.integers(4, size=(40, columns)) + 0.0  # with ties, and with equal rows
    order = random.permutation(len(matrix))
    one, other = neighbor_graph(matrix, 4), neighbor_graph(matrix[order], 4)
    assert abs(one.weights - other.weights).max() == 0
    np.testing.assert_array_equal(one.node[order], other.node)


def test_a_rough_search_stays_within_its_word(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = noise(3000, 10)
    exact = pairwise_distances(matrix)
    nearest = np.sort(exact, axis=1)[:, 1:8]
    monkeypatch.setattr(module, "MOST_EXACT_ROWS", 1000)
    assert not finds_nearest_exactly(3000, 10)
    rough = module._nearest(matrix, 7)
    assert (rough != np.arange(3000)[:, None]).all()
    found = np.sort(np.take_along_axis(exact, rough, axis=1), axis=1)
    assert (found <= 2 * nearest + 1e-9).all()
    assert np.mean(found[:, -1] / nearest[:, -1]) < 1.05
    assert np.mean(np.isclose(found, nearest)) > 0.5


def test_where_the_nearest_are_found_for_certain() -> None:
    assert finds_nearest_exactly(30_000, 10) and finds_nearest_exactly(10**6, 3)
    assert finds_nearest_exactly(10**6, 40) and not finds_nearest_exactly(100_000, 10)


def test_memory_stays_far_below_that_of_all_pairs() -> None:
    matrix = noise(8000)
    tracemalloc.start()
    neighbor_graph(matrix, 7)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8000 * 8000 * 8 / 20


def test_all_pairs_of_a_small_table() -> None:
    matrix = noise(30)
    np.testing.assert_array_equal(rbf_affinity(matrix, 2.0), rbf_kernel(matrix, gamma=2.0))


def test_all_pairs_of_a_large_table_are_refused() -> None:
    with pytest.raises(UserError) as caught:
        rbf_affinity(np.zeros((MOST_DENSE_ROWS + 1, 1)), 1.0)
    assert caught.value.code == "few_labels.too_many_pairs"
    assert "4,000" in str(caught.value) and "4,001" in str(caught.value)
    assert "nearest neighbours" in str(caught.value)
