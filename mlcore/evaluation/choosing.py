"""How good each number of groups is: one table over all criteria."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score, pairwise_distances
from threadpoolctl import threadpool_limits

from mlcore.algorithms.labels import Labels, Matrix
from mlcore.errors import UserError
from mlcore.evaluation.criteria import (
    COLUMNS,
    CRITERIA,
    Floats,
    Grouping,
    inertia,
    is_negligible,
)

#: Rows that a choice is made on at most: the number of groups shows in two thousand rows as it
#: does in all, and the costs grow with their square.
MOST_ROWS = 2000

#: Clusters prepared rows: (matrix, number of groups, seed) → a label for each row.
Cluster: TypeAlias = Callable[[Matrix, int, int], Labels]
#: Fits a mixture: (matrix, number of components) → its BIC.
Bic: TypeAlias = Callable[[Matrix, int], float]


def rows_by_lot(n_rows: int, most: int = MOST_ROWS, seed: int = 0) -> Labels:
    """Return at most ``most`` row numbers, drawn by lot without replacement, in rising order."""
    if n_rows <= most:
        return np.arange(n_rows, dtype=np.intp)
    drawn = np.random.default_rng(seed).choice(n_rows, most, replace=False)
    return np.sort(drawn).astype(np.intp)


@dataclass
class _Progress:
    """Counts clusterings and tells whoever wants to know."""

    total: int
    report: Callable[[int, int], None] | None
    done: int = field(default=0, init=False)

    def step(self) -> None:
        self.done += 1
        if self.report is not None:
            self.report(self.done, self.total)


def sweep(
    matrix: Matrix,
    cluster: Cluster,
    *,
    ks: Sequence[int] = range(1, 11),
    bic: Bic | None = None,
    n_references: int = 10,
    n_boot: int = 10,
    seed: int = 0,
    most_rows: int = MOST_ROWS,
    report: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Return every criterion for each number of groups.

    References and samples are clustered by the same algorithm with the same settings as the rows
    themselves: a cheaper search on the references alone would leave them looser and so make every
    gap too large.

    Parameters
    ----------
    matrix : array of shape (n_rows, n_inputs)
        Prepared inputs; of more than ``most_rows`` rows a part is drawn by lot.
    cluster : callable
        ``cluster(matrix, k, seed)`` returns a label for each row, noise not among them. It is not
        called for k = 1.
    ks : sequence of int, default 1 to 10
        Numbers of groups; those above the number of distinct rows are left out.
    bic : callable, optional
        ``bic(matrix, k)`` returns the Bayesian information criterion of a mixture, lower is
        better; only for mixtures.
    n_references : int, default 10
        Evenly spread tables for the gap statistic; the simulation error falls with their number.
    n_boot : int, default 10
        Samples drawn with replacement for the stability.
    seed : int, default 0
        Of the part, of the references, of the samples, and of ``cluster``.
    most_rows : int, default 2,000
        Rows used at most; fewer for algorithms that are slow.
    report : callable, optional
        Told ``(clusterings done, clusterings in all)`` after each.

    Returns
    -------
    DataFrame
        One row for each k, rising: ``k``, ``rows`` (rows used), ``inertia``, ``silhouette``,
        ``calinski_harabasz``, ``davies_bouldin``, ``gap``, ``gap_error`` (the s_k of the paper),
        ``bic``, ``stability`` and ``stability_std`` (mean and standard deviation over the samples
        of the adjusted Rand index between the groups of the sample and those of all rows, on the
        rows they share). NaN where a criterion is undefined, among them silhouettes of a single
        group, and where the algorithm cannot find so many groups.

    References
    ----------
    Tibshirani, Walther and Hastie (2001), "Estimating the number of clusters in a data set via
    the gap statistic", JRSS B 63, 411-423 (references uniform in the box of the principal
    components). Ben-Hur, Elisseeff and Guyon (2002), "A stability based method for discovering
    structure in clustered data", PSB, 6-17.
    """
    part = matrix[rows_by_lot(len(matrix), most_rows, seed)]
    tried = _possible(part, ks)
    progress = _Progress(len(tried) * (1 + n_references + n_boot), report)
    columns: dict[str, object] = {"k": tried, "rows": len(part)}
    # Hundreds of small fits: threads would cost more in waiting than they bring.
    with threadpool_limits(1):
        found = _found(part, cluster, tried, seed, progress)
        columns |= _scored(part, found)
        columns |= _gaps(part, cluster, tried, columns["inertia"], n_references, seed, progress)
        columns["bic"] = [np.nan if bic is None else _bic(bic, part, k) for k in tried]
        columns |= _stabilities(part, cluster, tried, found, n_boot, seed, progress)
    return pd.DataFrame(columns, columns=list(COLUMNS))


def _possible(matrix: Matrix, ks: Sequence[int]) -> list[int]:
    n_distinct = len(np.unique(matrix, axis=0))
    return sorted({int(k) for k in ks if 1 <= k <= n_distinct})


def _found(
    matrix: Matrix, cluster: Cluster, ks: Sequence[int], seed: int, progress: _Progress
) -> list[Labels | None]:
    found = []
    for k in ks:
        found.append(labels_for(cluster, matrix, k, seed))
        progress.step()
    return found


def labels_for(cluster: Cluster, matrix: Matrix, k: int, seed: int) -> Labels | None:
    """Return the groups, or ``None`` where the algorithm cannot find so many in these rows."""
    if k == 1:
        return np.zeros(len(matrix), dtype=np.intp)
    try:
        with warnings.catch_warnings():
            # Samples with repeated rows make algorithms warn; the run itself says what matters.
            warnings.simplefilter("ignore")
            return np.asarray(cluster(matrix, k, seed), dtype=np.intp)
    except (ValueError, UserError):  # too few different rows, or a flat component
        return None


def _bic(bic: Bic, matrix: Matrix, k: int) -> float:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return float(bic(matrix, k))
    except ValueError:
        return float(np.nan)


def _scored(matrix: Matrix, found: Sequence[Labels | None]) -> dict[str, list[float]]:
    distances = pairwise_distances(matrix)
    groupings = [
        None if labels is None else Grouping(matrix, distances, labels) for labels in found
    ]
    return {
        spec.column: [np.nan if one is None else spec.formula(one) for one in groupings]
        for spec in CRITERIA
        if spec.formula is not None
    }


def uniform_references(matrix: Matrix, n_references: int, seed: int) -> Iterator[Matrix]:
    """Yield tables of the same shape, evenly spread over the box of the principal components."""
    mean = matrix.mean(axis=0)
    _, _, axes = np.linalg.svd(matrix - mean, full_matrices=False)
    turned = (matrix - mean) @ axes.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    for number in range(n_references):
        random = np.random.default_rng([seed, 1, number])
        yield random.uniform(low, high, size=turned.shape) @ axes + mean


def _log_dispersion(matrix: Matrix, labels: Labels | None) -> float:
    if labels is None:
        return float(np.nan)
    dispersion = inertia(matrix, labels)
    return float(np.nan) if is_negligible(dispersion, matrix) else float(np.log(dispersion))


def _gaps(
    matrix: Matrix,
    cluster: Cluster,
    ks: Sequence[int],
    inertias: object,
    n_references: int,
    seed: int,
    progress: _Progress,
) -> dict[str, Floats]:
    expected = np.full((n_references, len(ks)), np.nan)
    for number, reference in enumerate(uniform_references(matrix, n_references, seed)):
        for column, k in enumerate(ks):
            labels = labels_for(cluster, reference, k, seed)
            expected[number, column] = _log_dispersion(reference, labels)
            progress.step()
    observed = np.asarray(inertias, dtype=np.float64)
    is_zero = [is_negligible(value, matrix) for value in observed]
    logs = np.log(np.where(is_zero, np.nan, observed))
    mean, deviation = _mean_and_std(expected)
    error = deviation * np.sqrt(1 + 1 / max(1, n_references))
    gap = mean - logs
    return {"gap": gap, "gap_error": np.where(np.isnan(gap), np.nan, error)}


def _stabilities(
    matrix: Matrix,
    cluster: Cluster,
    ks: Sequence[int],
    found: Sequence[Labels | None],
    n_boot: int,
    seed: int,
    progress: _Progress,
) -> dict[str, Floats]:
    agreement = np.full((n_boot, len(ks)), np.nan)
    for number in range(n_boot):
        random = np.random.default_rng([seed, 2, number])
        drawn = np.sort(random.integers(len(matrix), size=len(matrix)))
        for column, (k, whole) in enumerate(zip(ks, found, strict=True)):
            if k > 1 and whole is not None:  # one group agrees with itself whatever the rows
                labels = labels_for(cluster, matrix[drawn], k, seed)
                agreement[number, column] = _agreement(drawn, labels, whole)
            progress.step()
    mean, deviation = _mean_and_std(agreement)
    return {"stability": mean, "stability_std": deviation}


def _agreement(drawn: Labels, labels: Labels | None, whole: Labels) -> float:
    """Return the adjusted Rand index on the rows that were drawn, each counted once."""
    if labels is None:
        return float(np.nan)
    shared, first = np.unique(drawn, return_index=True)
    return float(adjusted_rand_score(whole[shared], labels[first]))


def _mean_and_std(values: Floats) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of each column, leaving out what is missing."""
    table = pd.DataFrame(values)
    mean = table.mean().to_numpy(dtype=np.float64)
    return mean, table.std(ddof=0).to_numpy(dtype=np.float64)
