"""The eigenvalues of the graph that spectral clustering works on, and the gap between them."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
from scipy.linalg import eigh
from scipy.sparse.csgraph import laplacian
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neighbors import kneighbors_graph

from mlcore.algorithms.labels import Matrix
from mlcore.errors import UserError
from mlcore.evaluation.choosing import MOST_ROWS, rows_by_lot
from mlcore.evaluation.criteria import said
from mlcore.messages import Message, message

#: The two ways to say how alike two rows are that the workbench offers.
Affinity: TypeAlias = Literal["nearest_neighbors", "rbf"]

#: A gap that makes up so much of the eigenvalue above it parts "almost 0" from "not 0". Evenly
#: spread rows along a line reach 0.75, which must not count.
CLEAR_RELATIVE = 0.8
#: A wide gap is clear already when it makes up this share; eigenvalues lie between 0 and 2.
WIDE_GAP, WIDE_RELATIVE = 0.1, 0.5


def eigengap_frame(
    matrix: Matrix,
    *,
    affinity: Affinity = "nearest_neighbors",
    n_neighbors: int = 10,
    gamma: float = 1.0,
    n: int = 15,
    seed: int = 0,
    most_rows: int = MOST_ROWS,
) -> pd.DataFrame:
    """Return the smallest eigenvalues of the normalised graph Laplacian and the gaps above them.

    The graph and the Laplacian are those of ``SpectralClustering``. As many eigenvalues are 0 as
    the graph has separate pieces, and almost 0 as it has pieces that are hardly connected.

    Parameters
    ----------
    matrix : array of shape (n_rows, n_inputs)
        Prepared inputs; of more than ``most_rows`` rows a part is drawn by lot.
    affinity : {"nearest_neighbors", "rbf"}, default "nearest_neighbors"
        As in ``SpectralClustering``, so are the next two.
    n_neighbors : int, default 10
        Neighbours each row is joined to; at most the rows used.
    gamma : float, default 1.0
        How fast likeness falls with distance, for ``"rbf"``.
    n : int, default 15
        Eigenvalues returned at most.
    seed : int, default 0
        Of the part.
    most_rows : int, default 2,000
        Rows used at most; all eigenvalues are found exactly, which costs their cube.

    Returns
    -------
    DataFrame
        ``position`` (1 …), ``eigenvalue`` (rising, 0 to 2), ``gap`` (the next eigenvalue less this
        one), ``relative_gap`` (the gap as a share of the next eigenvalue), ``rows`` (rows used).

    Raises
    ------
    UserError
        There are fewer than two rows.

    References
    ----------
    von Luxburg (2007), "A tutorial on spectral clustering", Statistics and Computing 17, 395-416,
    section 8.3.
    """
    part = matrix[rows_by_lot(len(matrix), most_rows, seed)]
    if len(part) < 2:
        raise UserError("choosing.too_few_rows", needed=2, rows=len(part))
    graph = _graph(part, affinity, n_neighbors, gamma)
    shown = min(n, len(part) - 1)
    values = _smallest_eigenvalues(graph, shown + 1)
    gaps = np.diff(values)
    above = values[1:]
    relative = np.divide(gaps, above, out=np.zeros_like(gaps), where=above > 1e-9)
    return pd.DataFrame(
        {
            "position": np.arange(1, shown + 1),
            "eigenvalue": values[:-1],
            "gap": gaps,
            "relative_gap": relative,
            "rows": len(part),
        }
    )


def _graph(matrix: Matrix, affinity: Affinity, n_neighbors: int, gamma: float) -> Matrix:
    """Return how alike any two rows are, as ``SpectralClustering`` has it."""
    if affinity == "rbf":
        return np.asarray(rbf_kernel(matrix, gamma=gamma), dtype=np.float64)
    joined = kneighbors_graph(matrix, min(n_neighbors, len(matrix)), include_self=True)
    return np.asarray((0.5 * (joined + joined.T)).toarray(), dtype=np.float64)


def _smallest_eigenvalues(graph: Matrix, count: int) -> Matrix:
    normalised = np.asarray(laplacian(graph, normed=True), dtype=np.float64)
    np.fill_diagonal(normalised, 1.0)  # as SpectralClustering: a row without neighbours is no group
    # Iterative solvers may miss one of several equal eigenvalues, and equal ones are the point.
    values = eigh(normalised, eigvals_only=True, subset_by_index=(0, count - 1))
    return np.asarray(np.clip(values, 0.0, None), dtype=np.float64)


def suggest_by_eigengap(frame: pd.DataFrame) -> int:
    """Return the number of groups after which the eigenvalues jump.

    Where some are almost 0 and the next is not, the largest relative gap decides: the gap itself
    says little there, since the eigenvalues of a sparse graph of neighbours are all small.
    Otherwise the largest gap decides; at the first position it means that there are no groups.

    Parameters
    ----------
    frame : DataFrame
        Of :func:`eigengap_frame`.
    """
    relative = frame["relative_gap"].to_numpy(dtype=np.float64).copy()
    relative[0] = 0.0  # the first eigenvalue is always 0, so its relative gap always 1
    column = relative if relative.max() >= CLEAR_RELATIVE else frame["gap"].to_numpy()
    return int(frame["position"].iloc[int(np.argmax(column))])


def say_eigengap(frame: pd.DataFrame) -> Message:
    """Return the sentence that says what the eigenvalues suggest, and whether clearly."""
    k = suggest_by_eigengap(frame)
    row = frame.iloc[k - 1]
    numbers = {"k": k, "gap": said(float(row["gap"])), "rows": int(row["rows"])}
    if k == 1:
        return message("choosing.eigengap.one", **numbers)
    is_wide = row["gap"] >= WIDE_GAP and row["relative_gap"] >= WIDE_RELATIVE
    is_clear = is_wide or row["relative_gap"] >= CLEAR_RELATIVE
    return message("choosing.eigengap" if is_clear else "choosing.eigengap.unclear", **numbers)
