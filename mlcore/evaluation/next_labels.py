"""Which rows to label next."""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from mlcore.algorithms.labels import Labels, Matrix
from mlcore.evaluation.answers import Floats
from mlcore.splitting import Rows

#: Rows that regions are made of at most; more would take longer and change little.
MOST_ROWS = 2000
#: Of the rows that could be labelled, the least certain part that regions are made of …
UNCERTAIN_SHARE = 0.1
#: … but at least so many rows for each row that is asked for, or regions would be single rows.
ROWS_A_REGION = 10

UNREACHED, UNCERTAIN = "unreached", "uncertain"
COLUMNS = ["rank", "row", "certainty", "margin", "region", "region_rows", "reason"]


def next_rows(
    distributions: Floats,
    reached: npt.NDArray[np.bool_],
    component: Labels,
    matrix: Matrix,
    is_candidate: npt.NDArray[np.bool_],
    n: int = 10,
    seed: int = 0,
) -> pd.DataFrame:
    """Return the rows whose labels would help most, best first.

    First one row for each part of the graph that no label reaches, the part with the most such
    rows first, and of each part the row nearest its middle. Then the rows whose two best classes
    are closest together, one for each region, because neighbours of a row that is asked about say
    the same again: the least certain rows are divided into regions by k-means, and the least
    certain row of each is taken.

    Parameters
    ----------
    distributions : array of shape (n_rows, n_classes)
        Probabilities of each row, all zeros where no label reaches it.
    reached : array of bool, shape (n_rows,)
        Which rows a label reaches.
    component : array of int, shape (n_rows,)
        Connected part of the graph that each row lies in.
    matrix : array of shape (n_rows, n_inputs)
        Prepared inputs, for middles and regions.
    is_candidate : array of bool, shape (n_rows,)
        Which rows can be asked about: those without a label.
    n : int, default 10
        Rows at most; ten can be labelled in one sitting before the run is repeated.
    seed : int, default 0
        Of the regions, and of the lot among equally uncertain rows.

    Returns
    -------
    DataFrame
        ``rank`` (1 …), ``row``, ``certainty`` (highest probability), ``margin`` (highest minus
        second highest; both 0 where unreached), ``region`` (1 …; every row stands for its own),
        ``region_rows`` (rows that it stands for: unreached ones of the part, or uncertain ones of
        the region), ``reason`` (``"unreached"`` or ``"uncertain"``).

    References
    ----------
    Settles (2009), "Active learning literature survey", University of Wisconsin-Madison, 1648
    (margin sampling, density and diversity).
    """
    random = np.random.default_rng(seed)
    unreached = _one_a_component(np.flatnonzero(is_candidate & ~reached), component, matrix, n)
    margin = _margins(distributions)
    candidates = np.flatnonzero(is_candidate & reached)
    uncertain = _one_a_region(candidates, margin, matrix, n - len(unreached), random)
    rows = [
        *((*pair, UNREACHED) for pair in unreached),
        *((*pair, UNCERTAIN) for pair in uncertain),
    ]
    table = pd.DataFrame(rows, columns=["row", "region_rows", "reason"])
    order = table["row"].to_numpy(dtype=np.intp)
    is_reached = reached[order]
    return table.assign(
        rank=np.arange(1, len(table) + 1),
        region=np.arange(1, len(table) + 1),
        certainty=np.where(is_reached, distributions[order].max(axis=1, initial=0.0), 0.0),
        margin=np.where(is_reached, margin[order], 0.0),
    )[COLUMNS].astype({"row": "int64", "region_rows": "int64", "reason": "str"})


def _margins(distributions: Floats) -> Floats:
    """Return the highest minus the second highest probability of each row."""
    if distributions.shape[1] < 2:
        return np.ones(len(distributions))
    best = np.partition(distributions, -2, axis=1)
    # Rounding of sums must not decide between rows that are equally uncertain.
    return np.asarray((best[:, -1] - best[:, -2]).round(9))


def _one_a_component(
    rows: Rows, component: Labels, matrix: Matrix, wanted: int
) -> list[tuple[int, int]]:
    """Return the middle row of each component and how many rows it stands for, most first."""
    if len(rows) == 0:
        return []
    ordered = rows[np.argsort(component[rows], kind="stable")]
    parts = np.split(ordered, np.flatnonzero(np.diff(component[ordered])) + 1)
    parts.sort(key=lambda part: (-len(part), part[0]))
    return [(_middle(part, matrix), len(part)) for part in parts[:wanted]]


def _middle(rows: Rows, matrix: Matrix) -> int:
    """Return the row nearest the mean of some rows."""
    part = matrix[rows]
    return int(rows[np.argmin(((part - part.mean(axis=0)) ** 2).sum(axis=1).round(12))])


def _one_a_region(
    candidates: Rows, margin: Floats, matrix: Matrix, wanted: int, random: np.random.Generator
) -> list[tuple[int, int]]:
    """Return the least certain row of each region and the rows in it, least certain first."""
    if wanted <= 0 or len(candidates) == 0:
        return []
    lot = random.random(len(candidates))
    by_margin = candidates[np.lexsort((lot, margin[candidates]))]
    size = max(int(UNCERTAIN_SHARE * len(candidates)), ROWS_A_REGION * wanted)
    pool = by_margin[: min(size, MOST_ROWS)]
    regions = _regions(matrix[pool], wanted, int(random.integers(2**31)))
    firsts = np.unique(regions, return_index=True)[1]
    counts = np.bincount(regions)
    return [(int(pool[first]), int(counts[regions[first]])) for first in np.sort(firsts)]


def _regions(points: Matrix, wanted: int, seed: int) -> Labels:
    """Return the region of each point; fewer than asked for where points are equal."""
    n_regions = min(wanted, len(np.unique(points, axis=0)))
    model = KMeans(n_regions, n_init=3, random_state=seed)
    # With several threads sums are added up in another order each time, and regions change.
    with threadpool_limits(1), warnings.catch_warnings():
        # Points that differ by rounding alone make it find fewer regions, which is well.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return np.asarray(model.fit_predict(points), dtype=np.intp)
