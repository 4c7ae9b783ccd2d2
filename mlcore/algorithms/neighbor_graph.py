"""A graph of near rows that hangs together, for clusterers that join neighbours only."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components
from sklearn.neighbors import kneighbors_graph

from mlcore.algorithms.labels import Labels, Matrix


def connected_graph(matrix: Matrix, n_neighbors: int) -> csr_array:
    """Return a graph that joins each row to its nearest rows, and all rows in the end.

    A graph of nearest neighbours often falls into parts. scikit-learn's hierarchical clustering
    joins them by the distance of every row of one part to every row of another, which can take
    as much memory as the graph was to save. Here one row stands for each part, the one nearest
    its mean, and is joined to the nearest others that stand for parts, until one part is left.
    Time and memory stay those of the search for neighbours.

    Parameters
    ----------
    matrix : array of shape (n_rows, n_inputs)
        At least two rows.
    n_neighbors : int
        Rows that each row is joined to; all others where there are not so many.

    Returns
    -------
    csr_array of shape (n_rows, n_rows)
        1 where two rows are joined; one connected component.
    """
    graph = _nearest(matrix, np.arange(len(matrix)), n_neighbors)
    while True:
        count, parts = connected_components(graph, directed=False)
        if count == 1:
            return graph
        graph = csr_array(graph + _nearest(matrix, _middle_rows(matrix, parts), n_neighbors))


def _nearest(matrix: Matrix, chosen: Labels, n_neighbors: int) -> csr_array:
    """Return the graph that joins each chosen row to the nearest of them, among all rows."""
    near = coo_array(
        kneighbors_graph(matrix[chosen], min(n_neighbors, len(chosen) - 1), include_self=False)
    )
    start, end = near.coords
    return csr_array((near.data, (chosen[start], chosen[end])), shape=(len(matrix), len(matrix)))


def _middle_rows(matrix: Matrix, parts: Labels) -> Labels:
    """Return the row of each part that is nearest its mean; the first of several."""
    sizes = np.bincount(parts)
    means = np.column_stack([np.bincount(parts, column) / sizes for column in matrix.T])
    away = ((matrix - means[parts]) ** 2).sum(axis=1)
    order = np.lexsort((np.arange(len(parts)), away, parts))
    return np.asarray(order[np.r_[0, np.cumsum(sizes)[:-1]]], dtype=np.intp)
