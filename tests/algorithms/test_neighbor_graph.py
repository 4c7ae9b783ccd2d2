"""The graph of near rows hangs together, whatever the rows are like."""

from __future__ import annotations

import tracemalloc
import warnings

import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components
from sklearn.cluster import AgglomerativeClustering
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import kneighbors_graph

from mlcore.algorithms.neighbor_graph import connected_graph


def groups(rows: int, centers: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows in groups far from one another."""
    places = np.column_stack([np.arange(centers) * 100.0, np.zeros(centers)])
    return make_blobs(rows, centers=places, random_state=0)[:2]


@pytest.mark.parametrize("centers", [1, 2, 7, 40])
def test_the_graph_hangs_together(centers: int) -> None:
    matrix, _ = groups(400, centers)
    graph = connected_graph(matrix, 4)
    assert connected_components(graph, directed=False)[0] == 1
    plain = kneighbors_graph(matrix, 4, include_self=False)
    assert (graph - plain).min() >= 0, "no neighbour is lost"
    assert graph.nnz - plain.nnz <= 4 * connected_components(plain, directed=False)[0] * 2


def test_where_it_already_does_nothing_is_added() -> None:
    matrix = np.random.default_rng(0).standard_normal((300, 2))
    plain = kneighbors_graph(matrix, 10, include_self=False)
    assert connected_components(plain, directed=False)[0] == 1
    assert (connected_graph(matrix, 10) != plain).nnz == 0


def test_equal_rows_and_few_rows_are_joined_too() -> None:
    copies = np.repeat(np.arange(30.0)[:, None], 20, axis=0)  # 30 values, 20 times each
    for matrix in (copies, np.zeros((50, 3)), np.array([[0.0], [1.0]])):
        assert connected_components(connected_graph(matrix, 3), directed=False)[0] == 1


def test_groups_are_found_with_it_and_scikit_learn_has_nothing_to_mend() -> None:
    matrix, truth = groups(600, 5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # scikit-learn warns of a graph in parts
        found = AgglomerativeClustering(5, connectivity=connected_graph(matrix, 5)).fit(matrix)
    assert adjusted_rand_score(truth, found.labels_) == 1


def test_memory_stays_far_below_that_of_all_pairs() -> None:
    matrix, _ = groups(8000, 2)
    tracemalloc.start()
    connected_graph(matrix, 5)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4000 * 4000 * 8 / 10
