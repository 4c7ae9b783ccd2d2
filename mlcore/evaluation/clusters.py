"""Scores of a clustering, declared once: how far its clusters are apart, how many, how large."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array
from sklearn import config_context
from sklearn.metrics import pairwise_distances_chunked, silhouette_samples
from sklearn.utils import gen_batches

from mlcore.algorithms.labels import NOISE, NOISE_NAME, Labels, Matrix, names_of
from mlcore.evaluation.metrics import find_declared
from mlcore.messages import Message, message
from mlcore.splitting import Rows

Floats: TypeAlias = npt.NDArray[np.float64]

#: Rows whose silhouettes are measured at most: the work grows with the square of their number.
MOST_ROWS = 5000
#: Memory in MiB that a block of distances may take; a whole square of them is never held.
WORKING_MEMORY = 64
#: Centroids no further apart than this are in one place; scikit-learn's tolerance.
SAME_PLACE = 1e-8
#: Rows of one block when distances to centroids are measured.
BLOCK = 20_000


@dataclass(frozen=True, kw_only=True)
class ClusterMetric:
    """The declaration of one score of a clustering.

    Parameters
    ----------
    id : str
        Stable name, scikit-learn's where it has one.
    label : str
        What stands above the column.
    help : str
        What it says in plain words, its range, which direction is good, and whom it favours.
    greater_is_better : bool, optional
        Its direction; ``None`` for a number that is neither good nor bad.
    formula : callable
        ``(matrix, labels) -> float``; a sampled one also takes ``weights`` of shape (n_rows,).
    internal : bool
        Whether it measures distances: noise rows are then left out, and it has no value with
        fewer than two clusters or when every row is a cluster of its own.
    sampled : bool
        Whether it is measured on a part of the rows when there are many.
    """

    id: str
    label: str
    help: str
    greater_is_better: bool | None
    formula: Callable[..., float]
    internal: bool = True
    sampled: bool = False


def silhouettes(matrix: Matrix, labels: Labels) -> Floats:
    """Return the silhouette of each row, of shape (n_rows,), block by block.

    For a row, a is its mean distance to the other rows of its cluster and b the smallest mean
    distance to the rows of another cluster; its silhouette is (b - a) / max(a, b), and 0 where it
    is alone in its cluster.

    References
    ----------
    Rousseeuw (1987), "Silhouettes: a graphical aid to the interpretation and validation of
    cluster analysis", Journal of Computational and Applied Mathematics 20, 53-65.
    """
    # Distances do not change when everything is moved, and are more exact near the origin.
    moved = matrix - matrix.mean(axis=0)
    with config_context(working_memory=WORKING_MEMORY):
        return np.asarray(silhouette_samples(moved, labels), dtype=np.float64)


def silhouette(matrix: Matrix, labels: Labels, weights: Floats | None = None) -> float:
    """Return the mean silhouette of the rows, each counted as many times as its weight says."""
    return float(np.average(silhouettes(matrix, labels), weights=weights))


def _centroids(matrix: Matrix, codes: Rows, sizes: Rows) -> Matrix:
    """Return the mean row of each cluster, of shape (n_clusters, n_inputs)."""
    n_rows = len(codes)
    members = csr_array((np.ones(n_rows), (codes, np.arange(n_rows))), shape=(len(sizes), n_rows))
    return np.asarray(members @ matrix, dtype=np.float64) / sizes[:, None]


def _to_centroid(matrix: Matrix, codes: Rows, centroids: Matrix) -> Floats:
    """Return the distance of each row from the centroid of its cluster, of shape (n_rows,)."""
    parts = [
        np.linalg.norm(matrix[part] - centroids[codes[part]], axis=1)
        for part in gen_batches(len(codes), BLOCK)
    ]
    return np.concatenate(parts)


def _coded(labels: Labels) -> tuple[Rows, Rows]:
    """Return cluster codes 0, 1, … of shape (n_rows,), and the size of each cluster."""
    _, codes, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    return codes, sizes


def calinski_harabasz(matrix: Matrix, labels: Labels) -> float:
    """Return the variance between clusters over the variance within them.

    Without any variance within them it has no value (NaN), where scikit-learn says 1.

    References
    ----------
    Caliński & Harabasz (1974), "A dendrite method for cluster analysis", Communications in
    Statistics 3, 1-27.
    """
    codes, sizes = _coded(labels)
    centroids = _centroids(matrix, codes, sizes)
    between = float(sizes @ ((centroids - matrix.mean(axis=0)) ** 2).sum(axis=1))
    within = float((_to_centroid(matrix, codes, centroids) ** 2).sum())
    if within == 0.0:
        return np.nan
    return between * (len(codes) - len(sizes)) / (within * (len(sizes) - 1))


def davies_bouldin(matrix: Matrix, labels: Labels) -> float:
    """Return how much each cluster overlaps with the one most like it, on average.

    When all centroids fall together, as with a ring around a ball, nothing tells the clusters
    apart and it has no value (NaN), where scikit-learn says 0, which is its best.

    References
    ----------
    Davies & Bouldin (1979), "A cluster separation measure", IEEE Transactions on Pattern Analysis
    and Machine Intelligence 1, 224-227.
    """
    codes, sizes = _coded(labels)
    centroids = _centroids(matrix, codes, sizes)
    spreads = np.bincount(codes, _to_centroid(matrix, codes, centroids)) / sizes
    if np.allclose(spreads, 0.0):
        return 0.0
    if np.abs(centroids - centroids[0]).max() <= SAME_PLACE:
        return np.nan
    return float(_worst_overlaps(centroids, spreads).mean())


def _worst_overlaps(centroids: Matrix, spreads: Floats) -> Floats:
    """Return for each cluster the largest ratio of spreads to distance, of shape (n_clusters,)."""

    def worst(distances: Floats, start: int) -> Floats:
        # As in scikit-learn, clusters with one and the same centroid are not compared.
        apart = np.where(distances == 0.0, np.inf, distances)
        here = spreads[start : start + len(distances), None]
        return np.asarray(np.max((here + spreads) / apart, axis=1), dtype=np.float64)

    blocks = pairwise_distances_chunked(
        centroids - centroids.mean(axis=0), reduce_func=worst, working_memory=WORKING_MEMORY
    )
    return np.concatenate(list(blocks))


def n_clusters(matrix: Matrix, labels: Labels) -> float:
    """Return the number of clusters; noise is none."""
    return float(len(np.unique(labels[labels != NOISE])))


def noise_share(matrix: Matrix, labels: Labels) -> float:
    """Return the share of rows that are in no cluster."""
    return float(np.mean(labels == NOISE)) if len(labels) else np.nan


def largest_share(matrix: Matrix, labels: Labels) -> float:
    """Return the share of all rows that are in the largest cluster."""
    _, counts = np.unique(labels[labels != NOISE], return_counts=True)
    return float(counts.max(initial=0) / len(labels)) if len(labels) else np.nan


CLUSTER_METRICS: tuple[ClusterMetric, ...] = (
    ClusterMetric(
        id="silhouette",
        label="Silhouette",
        help=(
            "How much nearer a row is to its own group than to the next one, on average over "
            "rows. −1 to 1, higher is better; about 0 means that groups touch. It favours round "
            "groups of like size and is unfair to long or nested ones. Noise rows are left out."
        ),
        greater_is_better=True,
        formula=silhouette,
        sampled=True,
    ),
    ClusterMetric(
        id="calinski_harabasz",
        label="Calinski–Harabasz",
        help=(
            "Spread between the groups divided by the spread within them. 0 upwards, higher is "
            "better; it grows with the number of rows, so compare it on the same rows only. It "
            "favours round groups, the very shape k-means looks for. Noise rows are left out. "
            "Without any spread within the groups it has no value."
        ),
        greater_is_better=True,
        formula=calinski_harabasz,
    ),
    ClusterMetric(
        id="davies_bouldin",
        label="Davies–Bouldin",
        help=(
            "How wide each group and its most similar neighbour are compared with the distance "
            "of their centres, on average. 0 upwards, lower is better. It favours round groups, "
            "and groups of one or very few rows make it look better. Noise rows are left out. "
            "When all centres fall together it has no value."
        ),
        greater_is_better=False,
        formula=davies_bouldin,
    ),
    ClusterMetric(
        id="n_clusters",
        label="Groups",
        help=(
            "How many groups there are, noise not counted. 0 upwards; more is neither better "
            "nor worse. Where you choose the number, it only repeats your choice."
        ),
        greater_is_better=None,
        formula=n_clusters,
        internal=False,
    ),
    ClusterMetric(
        id="noise_share",
        label="Noise",
        help=(
            "Share of rows that are in no group. 0 to 1; neither good nor bad, but the more "
            "rows are called noise, the easier it is for the rest to score well. Most algorithms "
            "put every row in a group and have 0 here."
        ),
        greater_is_better=None,
        formula=noise_share,
        internal=False,
    ),
    ClusterMetric(
        id="largest_share",
        label="Largest group",
        help=(
            "Share of all rows that are in the largest group. 0 to 1; neither good nor bad. "
            "Near 1, the algorithm did little more than set a few unusual rows aside, which the "
            "silhouette often rewards."
        ),
        greater_is_better=None,
        formula=largest_share,
        internal=False,
    ),
)

#: The score that sorts clusterings: it has a fixed range, so that clusterings with different
#: numbers of clusters and of rows can stand beside each other.
MAIN_CLUSTER_METRIC = "silhouette"


def find_cluster_metric(metric: str) -> ClusterMetric:
    """Return a declaration by its id.

    Raises
    ------
    UserError
        There is no such score.
    """
    return find_declared(metric, CLUSTER_METRICS)


def why_undefined(
    spec: ClusterMetric, labels: Labels, *, most_rows: int = MOST_ROWS
) -> Message | None:
    """Return why a score has no value for these labels, or ``None``.

    Parameters
    ----------
    spec : ClusterMetric
        The score.
    labels : array of shape (n_rows,)
        Cluster of each row.
    most_rows : int, default 5000
        As for :func:`cluster_scores`.
    """
    clustered = labels[labels != NOISE]
    found = len(np.unique(clustered))
    if not spec.internal:
        return None
    if found < 2:
        return message("cluster_score.undefined.few_clusters", clusters=found)
    if found == len(clustered):
        return message("cluster_score.undefined.each_row")
    if spec.sampled and len(clustered) > most_rows and 2 * found > most_rows:
        return message("cluster_score.undefined.many_clusters", clusters=found, rows=most_rows)
    return None


def cluster_scores(
    matrix: Matrix, labels: Labels, *, seed: int = 0, most_rows: int = MOST_ROWS
) -> pd.DataFrame:
    """Return every score of a clustering.

    Parameters
    ----------
    matrix : array of shape (n_rows, n_inputs)
        What the algorithm was given.
    labels : array of shape (n_rows,)
        Cluster of each row. Noise rows are left out of the scores that measure distances; their
        share is a score of its own.
    seed : int, default 0
        Of the lot by which rows are drawn for the silhouette.
    most_rows : int, default 5000
        From so many rows on, the silhouette is measured on a part of them, the one that
        :func:`silhouette_frame` shows: the work grows with the square, and the mean of 5,000 is
        known to about 0.01.

    Returns
    -------
    DataFrame
        ``metric`` (id, in display order), ``value`` (NaN where :func:`why_undefined` has a reason
        or the formula divides by nothing), ``rows`` that it was measured on.
    """
    rows = [
        (spec.id, *_measured(spec, matrix, labels, seed, most_rows)) for spec in CLUSTER_METRICS
    ]
    return pd.DataFrame(rows, columns=["metric", "value", "rows"])


def main_score(
    matrix: Matrix, labels: Labels, *, seed: int = 0, most_rows: int = MOST_ROWS
) -> float:
    """Return the score that sorts clusterings alone, as :func:`cluster_scores` has it.

    Parameters
    ----------
    matrix, labels, seed, most_rows
        As for :func:`cluster_scores`.
    """
    spec = find_cluster_metric(MAIN_CLUSTER_METRIC)
    return _measured(spec, matrix, labels, seed, most_rows)[0]


def _measured(
    spec: ClusterMetric, matrix: Matrix, labels: Labels, seed: int, most_rows: int
) -> tuple[float, int]:
    """Return the value of a score (NaN where it has none) and the rows that it is measured on."""
    used = _used(spec, labels, seed, most_rows)
    weighted = {"weights": _weights(labels, used)} if spec.sampled else {}
    value = spec.formula(matrix[used], labels[used], **weighted) if len(used) else np.nan
    return value, len(used)


def _used(spec: ClusterMetric, labels: Labels, seed: int, most_rows: int) -> Rows:
    """Return the positions of the rows that a score is measured on; none where it has no value."""
    if not spec.internal:
        return np.arange(len(labels))
    if why_undefined(spec, labels, most_rows=most_rows) is not None:
        return np.arange(0)
    clustered = np.flatnonzero(labels != NOISE)
    if not spec.sampled or len(clustered) <= most_rows:
        return clustered
    return _drawn(labels, clustered, seed, most_rows)


def _drawn(labels: Labels, clustered: Rows, seed: int, most_rows: int) -> Rows:
    """Return at most ``most_rows`` of the clustered rows, each cluster by its share.

    Of each cluster two rows stay where it has two: a row alone has no silhouette.
    """
    mixed = np.random.default_rng(seed).permutation(clustered)
    codes, sizes = _coded(labels[mixed])
    kept = _shares(sizes, most_rows)
    place = pd.Series(codes).groupby(codes).cumcount().to_numpy()
    return np.sort(mixed[place < kept[codes]])


def _shares(sizes: Rows, most_rows: int) -> Rows:
    """Return how many rows of each cluster are drawn, ``most_rows`` in all at most."""
    least = np.minimum(sizes, 2)
    share = sizes * (most_rows / sizes.sum())
    # What the small ones get beyond their share is taken from the others in proportion.
    spare = np.maximum(share - least, 0.0)
    over = spare.sum() + least.sum() - most_rows
    factor = 1.0 - max(0.0, over) / spare.sum() if spare.sum() else 0.0
    return np.asarray(least + np.floor(spare * factor + 1e-9), dtype=np.intp)


def _weights(labels: Labels, used: Rows) -> Floats:
    """Return how many rows of its cluster each drawn row stands for, of shape (n_used,).

    Small clusters keep more than their share of the drawn rows, and must not count for more.
    """
    kept = pd.Series(labels[used])
    sizes = pd.Series(labels).value_counts()
    return np.asarray(kept.map(sizes / kept.value_counts()), dtype=np.float64)


def silhouette_frame(
    matrix: Matrix, labels: Labels, rows: Rows, *, seed: int = 0, most_rows: int = MOST_ROWS
) -> pd.DataFrame:
    """Return the silhouette of each row, measured on the rows of :func:`cluster_scores`.

    Parameters
    ----------
    matrix, labels, seed, most_rows
        As for :func:`cluster_scores`. Of many rows a part is drawn in which each cluster keeps
        its share and at least one row.
    rows : array of shape (n_rows,)
        Their numbers in the table.

    Returns
    -------
    DataFrame
        ``row`` (number in the table), ``cluster`` (name), ``silhouette`` (-1 to 1), ``weight``
        (rows of its cluster that the row stands for; with it the mean is the score), sorted by
        cluster and then falling. Noise rows are left out; without a value it is empty.
    """
    used = _used(find_cluster_metric("silhouette"), labels, seed, most_rows)
    values = silhouettes(matrix[used], labels[used]) if len(used) else np.empty(0)
    order = np.lexsort((-values, labels[used]))
    table = {
        "row": rows[used],
        "cluster": names_of(labels[used]),
        "silhouette": values,
        "weight": _weights(labels, used),
    }
    return pd.DataFrame(table).iloc[order].reset_index(drop=True)


def size_frame(clusters: pd.Series) -> pd.DataFrame:
    """Return how many rows each cluster holds.

    Parameters
    ----------
    clusters : Series of shape (n_rows,)
        The name of each row's cluster.

    Returns
    -------
    DataFrame
        ``cluster`` (name), ``rows``, ``share`` (of all rows); by number, noise last.
    """
    counts = clusters.astype("str").value_counts()
    names = sorted(counts.index, key=lambda name: (name == NOISE_NAME, len(name), name))
    rows = counts.reindex(names).to_numpy()
    share = rows / max(1, len(clusters))
    return pd.DataFrame({"cluster": pd.Series(names, dtype="str"), "rows": rows, "share": share})
