"""How strongly rows hang together: a sparse graph of near rows, or all pairs of a small table."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.spatial import cKDTree
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neighbors import NearestNeighbors

from mlcore.algorithms.labels import Labels, Matrix
from mlcore.errors import UserError

#: Most rows of which all pairs are kept: 128 MB, and four times as much while one solves with them.
MOST_DENSE_ROWS = 4000

#: Rows of which the nearest are looked for by comparing all, where a tree would not be faster.
MOST_EXACT_ROWS = 30_000

#: Columns up to which a tree finds the nearest rows fast, and up to which it does roughly.
_TREE_INPUTS, _ROUGH_TREE_INPUTS = 6, 12

#: No two joined rows hang together less than this. A weight that underflows to 0 would cut off
#: rows that the graph calls neighbours, and one near 0 would drown in rounding.
LEAST_WEIGHT = 1e-6


def neighbor_affinity(matrix: Matrix, n_neighbors: int) -> csr_array:
    """Return how strongly each row hangs together with its nearest rows, and 0 for all others.

    Two rows are joined where one is among the nearest of the other. Their weight is
    exp(-d² / (s_i s_j)), where d is their distance and s the distance of a row to the last of its
    own ``n_neighbors`` nearest rows. So the weights follow how dense the rows are at each place,
    the units of the columns do not matter, and there is no width to set: a farther neighbour as
    the scale would make nearly all weights 1, a nearer one would make the last ones vanish.

    Rows with equal inputs count as one when neighbours are looked for; otherwise a table with few
    distinct values would fall into as many parts. They are joined among themselves with weight 1.

    Parameters
    ----------
    matrix : array of shape (n_rows, n_inputs)
    n_neighbors : int
        Nearest rows looked for; all others where there are not so many.

    Returns
    -------
    csr_array of shape (n_rows, n_rows)
        Symmetric, with an empty diagonal; every weight kept lies in [1e-6, 1].

    References
    ----------
    Zelnik-Manor and Perona, "Self-tuning spectral clustering", NIPS 17 (2004).
    """
    places, place = np.unique(matrix, axis=0, return_inverse=True)
    copies = _Copies(place.reshape(-1), len(places))
    joined = _spread(_between_places(places, n_neighbors), copies)
    affinity = csr_array(joined.maximum(_among_copies(copies)))
    affinity = csr_array(affinity.maximum(affinity.T))
    affinity.sort_indices()
    # Half the memory, and faster to go through, than the long numbers that sums leave behind.
    affinity.indices, affinity.indptr = (
        part.astype(np.int32, copy=False) for part in (affinity.indices, affinity.indptr)
    )
    return affinity


def rbf_affinity(matrix: Matrix, gamma: float) -> npt.NDArray[np.float64]:
    """Return how strongly all pairs of rows hang together: exp(-gamma d²).

    Parameters
    ----------
    matrix : array of shape (n_rows, n_inputs)
        At most :data:`MOST_DENSE_ROWS` rows.
    gamma : float
        How fast the weight falls with the squared distance d².

    Returns
    -------
    array of shape (n_rows, n_rows)
        Symmetric; 1 on the diagonal, as scikit-learn has it.

    Raises
    ------
    UserError
        There are more rows than that.
    """
    if len(matrix) > MOST_DENSE_ROWS:
        raise UserError("few_labels.too_many_pairs", rows=len(matrix), most=MOST_DENSE_ROWS)
    return np.asarray(rbf_kernel(matrix, gamma=gamma), dtype=np.float64)


class _Copies:
    """Which rows have equal inputs.

    Attributes
    ----------
    place : array of shape (n_rows,)
        Number of a row's distinct inputs.
    number : array of shape (n_rows,)
        0 for the first row at its place, 1 for the next, …
    sizes : array of shape (n_places,)
        Rows at each place.
    """

    def __init__(self, place: Labels, n_places: int) -> None:
        self.place = place
        self.sizes = np.bincount(place, minlength=n_places)
        self._starts = np.r_[0, np.cumsum(self.sizes)[:-1]]
        self._order = np.argsort(place, kind="stable")
        self.number = np.empty(len(place), dtype=np.intp)
        self.number[self._order] = np.arange(len(place)) - np.repeat(self._starts, self.sizes)

    def row(self, place: Labels, number: Labels) -> Labels:
        """Return the row with that number at that place, counting round."""
        return np.asarray(self._order[self._starts[place] + number % self.sizes[place]])


def _between_places(places: Matrix, n_neighbors: int) -> csr_array:
    """Return the weights between distinct rows and the nearest of each; not symmetric."""
    count = len(places)
    wanted = min(n_neighbors, count - 1)
    if wanted < 1:
        return csr_array((count, count), dtype=np.float64)
    # Squares of very large or small numbers would leave the range of floats.
    places = places / (np.abs(places).max(initial=0.0) or 1.0)
    near = _nearest(places, wanted)
    # Anew, because a fast search finds the right rows but rounds small distances.
    distance = np.column_stack([np.linalg.norm(places[end] - places, axis=1) for end in near.T])
    scale = distance.max(axis=1)
    weight = np.exp(-_over(distance, scale[:, None]) * _over(distance, scale[near]))
    weight = np.maximum(weight, LEAST_WEIGHT)
    start = np.repeat(np.arange(count), wanted)
    return csr_array((weight.ravel(), (start, near.ravel())), shape=(count, count))


def finds_nearest_exactly(n_rows: int, n_inputs: int) -> bool:
    """Return whether the nearest rows are found for certain in a table of that size.

    In large tables of middle width a tree finds rows that are no more than twice as far as those
    they stand for, in a fifth of the time. On noise of 100,000 rows and 10 columns, the worst
    case, nine in ten are the very nearest, and the last one is 1 % farther than it should be.
    """
    return n_rows <= MOST_EXACT_ROWS or not _TREE_INPUTS < n_inputs <= _ROUGH_TREE_INPUTS


def _nearest(places: Matrix, wanted: int) -> Labels:
    """Return the numbers of the nearest other places, of shape (n_places, wanted)."""
    count, width = places.shape
    exact = finds_nearest_exactly(count, width)
    if exact and width > _TREE_INPUTS:
        search = NearestNeighbors(n_neighbors=wanted, algorithm="brute", n_jobs=1).fit(places)
        return np.asarray(search.kneighbors(return_distance=False), dtype=np.intp)
    tree = cKDTree(places, balanced_tree=False)
    _, near = tree.query(places, wanted + 1, eps=0.0 if exact else 1.0)
    # The place itself is the nearest; of places too near to tell apart it may not come first.
    own = near == np.arange(count)[:, None]
    own[~own.any(axis=1), -1] = True
    return np.asarray(near[~own].reshape(count, wanted), dtype=np.intp)


def _over(distance: Matrix, scale: Matrix) -> Matrix:
    """Return distance / scale, and 0 where rows are so near that their distance is lost."""
    return np.divide(distance, scale, out=np.zeros_like(distance), where=scale > 0)


def _spread(between: csr_array, copies: _Copies) -> csr_array:
    """Return weights between places as weights between rows, each row joined as its place is."""
    count = np.diff(between.indptr)[copies.place]
    start = np.repeat(np.arange(len(copies.place)), count)
    offset = np.arange(len(start)) - np.repeat(np.cumsum(count) - count, count)
    entry = between.indptr[copies.place][start] + offset
    end = copies.row(between.indices[entry], copies.number[start])
    shape = (len(copies.place), len(copies.place))
    return csr_array((between.data[entry], (start, end)), shape=shape)


def _among_copies(copies: _Copies) -> csr_array:
    """Join equal rows at distances 1, 2, 4, … in their circle: few joins, and never a long way."""
    starts, ends = [], []
    step = 1
    while step < copies.sizes.max(initial=0):
        rows = np.flatnonzero(copies.sizes[copies.place] > step)
        starts.append(rows)
        ends.append(copies.row(copies.place[rows], copies.number[rows] + step))
        step *= 2
    shape = (len(copies.place), len(copies.place))
    if not starts:
        return csr_array(shape, dtype=np.float64)
    start, end = np.concatenate(starts), np.concatenate(ends)
    graph = csr_array((np.ones(len(start)), (start, end)), shape=shape)
    graph.data[:] = 1.0
    return graph
