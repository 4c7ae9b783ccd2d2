"""Two groupings of the same rows, compared: clusters with known classes, clusters with clusters.

None of this is used for fitting. The names of the groups do not matter, only which rows are
together. Noise is no cluster: rows that an algorithm left out. It counts here as one more group,
as in scikit-learn, or can be left out, which flatters an algorithm that leaves out what is hard.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import (
    adjusted_mutual_info_score,
    adjusted_rand_score,
    completeness_score,
    homogeneity_score,
    v_measure_score,
)
from sklearn.metrics.cluster import contingency_matrix

from mlcore.algorithms.labels import NOISE_NAME
from mlcore.data.profile import OTHERS
from mlcore.evaluation.profiles import cluster_names

Groups: TypeAlias = npt.NDArray[np.intp]
NoiseRule: TypeAlias = Literal["group", "left_out"]

#: Rows that adjusted mutual information is worked out on at most: its cost grows with the rows and
#: with the number of groups on both sides. The other scores use every row.
MOST_ROWS = 20_000
#: Classes that a contingency table lists one by one; the others are put together.
MOST_CLASSES = 50


@dataclass(frozen=True, kw_only=True)
class ExternalScore:
    """The declaration of one score that compares clusters with known classes.

    Parameters
    ----------
    id : str
        Stable name, scikit-learn's where it has one.
    label : str
        What stands beside the value.
    help : str
        What it says in plain words, its range and which direction is good.
    formula : callable
        (known, clusters) → value.
    most_rows : int, optional
        Rows it is worked out on at most.
    """

    id: str
    label: str
    help: str
    formula: Callable[[Groups, Groups], float]
    most_rows: int | None = None


def _purity(known: Groups, clusters: Groups) -> float:
    return float(contingency_matrix(known, clusters).max(axis=0).sum() / len(known))


EXTERNAL_SCORES: tuple[ExternalScore, ...] = (
    ExternalScore(
        id="adjusted_rand",
        label="Adjusted Rand",
        help=(
            "Of all pairs of rows, how many are together in both groupings or apart in both, "
            "corrected for chance. 1 means the same groups, 0 what random groups would give; it "
            "can fall below 0. Large groups weigh most, because they hold most pairs."
        ),
        formula=adjusted_rand_score,
    ),
    ExternalScore(
        id="adjusted_mutual_information",
        label="Adjusted mutual information",
        help=(
            "How much knowing the group tells about the class, corrected for chance. 1 means the "
            "same groups, 0 what random groups would give. Better suited than adjusted Rand where "
            "some groups are small."
        ),
        formula=adjusted_mutual_info_score,
        most_rows=MOST_ROWS,
    ),
    ExternalScore(
        id="homogeneity",
        label="Homogeneity",
        help=(
            "Whether each group holds rows of a single class. 0 to 1, higher is better. Not "
            "corrected for chance: it grows with the number of groups."
        ),
        formula=homogeneity_score,
    ),
    ExternalScore(
        id="completeness",
        label="Completeness",
        help=(
            "Whether all rows of a class lie in a single group. 0 to 1, higher is better. One "
            "group for everything is complete, so read it together with homogeneity."
        ),
        formula=completeness_score,
    ),
    ExternalScore(
        id="v_measure",
        label="V-measure",
        help=(
            "The harmonic mean of homogeneity and completeness: high only when both are. 0 to 1, "
            "higher is better. Not corrected for chance: with many groups it is above 0 even for "
            "random groups."
        ),
        formula=v_measure_score,
    ),
    ExternalScore(
        id="purity",
        label="Purity",
        help=(
            "Share of rows that belong to the most common class of their group. 0 to 1. It grows "
            "with the number of groups and is 1 when every row is a group of its own, so never "
            "compare it between different numbers of groups."
        ),
        formula=_purity,
    ),
)


def external_scores(
    clusters: pd.Series, known: pd.Series, noise: NoiseRule = "group", seed: int = 0
) -> pd.DataFrame:
    """Return how well clusters agree with classes that are known.

    Only rows whose class is known count.

    Parameters
    ----------
    clusters : Series of shape (n_rows,)
        Name of each row's cluster.
    known : Series of shape (n_rows,)
        Its class, in the same order; missing where it is not known.
    noise : {"group", "left_out"}, default "group"
        Whether noise rows count as one more cluster, or not at all.
    seed : int, default 0
        Which 20,000 rows of a longer table adjusted mutual information is worked out on.

    Returns
    -------
    DataFrame
        One line for each of :data:`EXTERNAL_SCORES`: ``metric``, ``label``, ``value`` (NaN where
        no row is left), ``rows`` (rows behind the value), ``help``.

    References
    ----------
    Hubert and Arabie (1985), "Comparing partitions", Journal of Classification 2, 193-218. Vinh,
    Epps and Bailey (2010), "Information theoretic measures for clusterings comparison", Journal of
    Machine Learning Research 11, 2837-2854. Rosenberg and Hirschberg (2007), "V-measure",
    Proceedings of EMNLP-CoNLL, 410-420.
    """
    counted = _is_counted(clusters, noise) & known.notna().to_numpy()
    groups, classes = _codes(clusters[counted]), _codes(known.loc[counted])
    lines = []
    for score in EXTERNAL_SCORES:
        rows = _drawn(len(groups), score.most_rows, seed)
        value = float(score.formula(classes[rows], groups[rows])) if len(rows) else np.nan
        lines.append((score.id, score.label, value, len(rows), score.help))
    return pd.DataFrame(lines, columns=["metric", "label", "value", "rows", "help"])


def _is_counted(clusters: pd.Series, noise: NoiseRule) -> npt.NDArray[np.bool_]:
    counted = clusters.notna()
    if noise == "left_out":
        counted &= clusters != NOISE_NAME
    return counted.to_numpy(dtype=np.bool_)


def _codes(values: pd.Series) -> Groups:
    return np.asarray(pd.factorize(values)[0], dtype=np.intp)


def _drawn(n_rows: int, most: int | None, seed: int) -> npt.NDArray[np.intp]:
    if most is None or n_rows <= most:
        return np.arange(n_rows)
    return np.random.default_rng(seed).choice(n_rows, most, replace=False).astype(np.intp)


def contingency_frame(clusters: pd.Series, known: pd.Series) -> pd.DataFrame:
    """Return how many rows of each known class lie in each cluster.

    Rows whose class is not known are left out.

    Parameters
    ----------
    clusters, known
        As for :func:`external_scores`.

    Returns
    -------
    DataFrame
        One line for every pair: ``cluster`` (0, 1, …, noise last), ``known`` (text, sorted; beyond
        the 50 most frequent classes "(others)", last), ``count`` (rows), ``share`` (of the
        cluster's rows with a known class; NaN without any), ``share_of_known`` (of the class's
        rows).
    """
    counted = (clusters.notna() & known.notna().to_numpy()).to_numpy(dtype=np.bool_)
    names = cluster_names(clusters)
    rows = pd.Index(names).get_indexer(pd.Index(clusters[counted].astype(object)))
    columns, classes = _classes(known.loc[counted])
    counts = np.zeros((len(names), len(classes)))
    np.add.at(counts, (rows, columns), 1.0)
    with np.errstate(invalid="ignore"):
        share, share_of_known = counts / counts.sum(axis=1, keepdims=True), counts / counts.sum(0)
    return pd.DataFrame(
        {
            "cluster": np.repeat(np.array(names, dtype=object), len(classes)),
            "known": np.tile(np.array(classes, dtype=object), len(names)),
            "count": counts.ravel().astype(int),
            "share": share.ravel(),
            "share_of_known": share_of_known.ravel(),
        }
    )


def _classes(known: pd.Series) -> tuple[Groups, list[str]]:
    """Return for each row the place of its class, and the classes' names."""
    codes, values = pd.factorize(known, sort=True)
    frequent = np.argsort(-np.bincount(codes, minlength=len(values)), kind="stable")[:MOST_CLASSES]
    place = np.full(len(values), len(frequent), dtype=np.intp)
    place[np.sort(frequent)] = np.arange(len(frequent))
    names = [_class_name(values[position]) for position in np.sort(frequent)]
    if len(frequent) < len(values):
        names.append(OTHERS)
    return place[codes], names


def _class_name(value: object) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def pairwise_agreement(
    runs: Mapping[str, pd.Series], noise: NoiseRule = "group", seed: int = 0
) -> pd.DataFrame:
    """Return how far each two of several groupings agree.

    Parameters
    ----------
    runs : mapping of str to Series
        For each run the name of each row's cluster; the index holds the row numbers. Two runs are
        compared on the rows that both hold.
    noise : {"group", "left_out"}, default "group"
        Whether noise rows count as one more cluster, or rows that are noise in one of the two do
        not count at all.
    seed : int, default 0
        Which 20,000 rows of a longer table adjusted mutual information is worked out on.

    Returns
    -------
    DataFrame
        One line for each pair, in the order of ``runs``: ``first``, ``second``, ``adjusted_rand``
        and ``adjusted_mutual_information`` (1: the same groups, 0: what chance would give; NaN
        without a common row), ``rows`` (common rows, the basis of the first score) and
        ``rows_mutual_information`` (the basis of the second).
    """
    columns = [
        "first", "second", "adjusted_rand", "adjusted_mutual_information", "rows",
        "rows_mutual_information",
    ]  # fmt: skip
    counted = {name: run[_is_counted(run, noise)] for name, run in runs.items()}
    lines = [
        (first, second, *_compared(counted[first], counted[second], seed))
        for first, second in combinations(runs, 2)
    ]
    return pd.DataFrame(lines, columns=columns)


def _compared(first: pd.Series, second: pd.Series, seed: int) -> tuple[float, float, int, int]:
    if not first.index.equals(second.index):
        common = first.index.intersection(second.index)
        first, second = first.loc[common], second.loc[common]
    if first.empty:
        return np.nan, np.nan, 0, 0
    one, other = _codes(first), _codes(second)
    rows = _drawn(len(one), MOST_ROWS, seed)
    information = float(adjusted_mutual_info_score(one[rows], other[rows]))
    return float(adjusted_rand_score(one, other)), information, len(one), len(rows)
