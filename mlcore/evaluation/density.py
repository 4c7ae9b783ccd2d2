"""How far is near: the sorted distances to the k-th neighbour, and ``eps`` read off them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.neighbors import NearestNeighbors

from mlcore.algorithms.labels import Matrix
from mlcore.errors import UserError
from mlcore.evaluation.choosing import MOST_ROWS, rows_by_lot
from mlcore.evaluation.criteria import furthest_from_chord, said
from mlcore.messages import Message, message

#: scikit-learn's own default, for a table whose rows are all equal: any positive eps does there.
DEFAULT_EPS = 0.5


def k_distance_frame(
    matrix: Matrix, min_samples: int, *, seed: int = 0, most_rows: int = MOST_ROWS
) -> pd.DataFrame:
    """Return how far each row's ``min_samples``-th neighbour is, sorted rising.

    Rows are counted as DBSCAN counts them, the row itself included, so the rows whose distance is
    at most ``eps`` are exactly its core points. When there are many rows, only a part is asked
    for its neighbours, but these are looked for among all rows: a thinned table would have its
    rows further apart.

    Parameters
    ----------
    matrix : array of shape (n_rows, n_inputs)
        Prepared inputs.
    min_samples : int
        As DBSCAN's.
    seed : int, default 0
        Decides which rows are asked.
    most_rows : int, default 2,000
        Rows asked at most.

    Returns
    -------
    DataFrame
        ``position`` (1 …), ``distance`` in units of the prepared inputs, ``rows`` (rows asked).

    Raises
    ------
    UserError
        There are fewer rows than ``min_samples``, so that no row can be a core point.

    References
    ----------
    Ester, Kriegel, Sander and Xu (1996), "A density-based algorithm for discovering clusters",
    KDD, 226-231, section 4.2. Schubert et al. (2017), "DBSCAN revisited, revisited", ACM TODS 42.
    """
    if min_samples > len(matrix):
        raise UserError("choosing.min_samples_above_rows", got=min_samples, rows=len(matrix))
    asked = matrix[rows_by_lot(len(matrix), most_rows, seed)]
    neighbours = NearestNeighbors(n_neighbors=min_samples).fit(matrix)
    distances, _ = neighbours.kneighbors(asked)
    return pd.DataFrame(
        {
            "position": np.arange(1, len(asked) + 1),
            "distance": np.sort(distances[:, -1]),
            "rows": len(asked),
        }
    )


def suggest_eps(frame: pd.DataFrame) -> float:
    """Return the distance at which the sorted curve bends most, as a first ``eps``.

    A curve without a bend gives its largest distance, and equal rows 0.5: there every positive
    ``eps`` finds the same.

    Parameters
    ----------
    frame : DataFrame
        Of :func:`k_distance_frame`.
    """
    distances = frame["distance"].to_numpy(dtype=np.float64)
    position = furthest_from_chord(frame["position"].to_numpy(), distances)
    eps = distances[-1] if position is None else distances[position]
    if eps > 0:
        return float(eps)
    positive = distances[distances > 0]  # most rows are repeated: the bend lies at 0
    return float(positive[0]) if len(positive) else DEFAULT_EPS


def eps_outcome(frame: pd.DataFrame, eps: float) -> float:
    """Return the share of the rows that would be core points with this ``eps``, 0 to 1.

    Parameters
    ----------
    frame : DataFrame
        Of :func:`k_distance_frame`.
    eps : float
        In units of the prepared inputs.
    """
    return float((frame["distance"] <= eps).mean())


def say_eps(frame: pd.DataFrame, eps: float) -> Message:
    """Return the sentence that belongs beside the line: what this ``eps`` would do."""
    share = 100 * eps_outcome(frame, eps)
    return message("choosing.eps", eps=said(eps), share=f"{share:.0f}", rows=len(frame))
