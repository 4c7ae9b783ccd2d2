"""Whether the same clusters come back when the rows are drawn anew."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.cluster import contingency_matrix

from mlcore.algorithms.labels import NOISE, Labels, name_of, order_by_size
from mlcore.errors import UserError
from mlcore.evaluation.clusters import Floats
from mlcore.messages import Message, listing, message
from mlcore.splitting import Rows

#: Of tables of more than twice as many rows, so many are drawn instead of all with repetition.
MOST_ROWS = 2000
#: How the rows of a replicate were drawn: as many as there are, with repetition …
BOOTSTRAP = "bootstrap"
#: … or a part of them, without.
SUBSAMPLE = "subsample"

#: Hennig's bounds on a cluster's mean Jaccard similarity, from the best verdict down.
JACCARD_BOUNDS: dict[str, float] = {"highly_stable": 0.85, "stable": 0.75, "doubtful": 0.6}
#: Below the last bound a cluster is not to be trusted.
NOT_TRUSTED = "not_trusted"
#: The only cluster, found every time: it has nothing to be mistaken for, so that means nothing.
TRIVIAL = "trivial"
#: No replicate held a row of it, or none could be fitted.
UNKNOWN = "unknown"
#: Every verdict, from the best down.
VERDICTS = (*JACCARD_BOUNDS, NOT_TRUSTED, TRIVIAL, UNKNOWN)

#: Steinley's bounds on the adjusted Rand index, from the best agreement down.
RAND_BOUNDS: dict[str, float] = {"excellent": 0.9, "good": 0.8, "moderate": 0.65}
#: Below the last bound two clusterings agree poorly.
POOR = "poor"

#: Quantiles between which nine of ten replicates lie.
NINE_OF_TEN = (0.05, 0.95)


@dataclass(frozen=True, eq=False, kw_only=True)
class Stability:
    """What drawing the rows anew did to a clustering.

    Parameters
    ----------
    overall : DataFrame
        One line a replicate: ``replicate`` (1 …), ``adjusted_rand`` (agreement with the clusters
        of all rows; NaN where the replicate could not be fitted), ``n_clusters`` found, ``rows``
        compared (the distinct ones), ``sampling`` (``"bootstrap"`` or ``"subsample"``).
    clusters : DataFrame
        ``cluster`` (name), ``replicate``, ``jaccard`` of the cluster and the one most like it in
        the replicate, 0 to 1; NaN where the replicate holds no row of it or was not fitted.
    """

    overall: pd.DataFrame
    clusters: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How far the repetitions of a run agree with it.

    Parameters
    ----------
    mean : float
        Of the adjusted Rand index: 1 is the same clusters, 0 is chance.
    spread : float
        Its standard deviation; NaN with a single repetition.
    repetitions : int
        Those that could be clustered.
    """

    mean: float
    spread: float
    repetitions: int


def agreement_of_run(scores: pd.DataFrame) -> Agreement | None:
    """Return how far the repetitions of a run agree with it, or ``None`` where that says nothing.

    A single cluster, or none at all, agrees with itself whatever is drawn; beside runs that found
    several it would mislead.

    Parameters
    ----------
    scores : DataFrame
        Of a clustering's ``Evaluation``: ``fold``, ``metric``, ``value``. The number of clusters
        stands at fold 0, ``stability`` has one value for each repetition.
    """
    own = scores[scores["fold"] == 0].set_index("metric")["value"]
    values = scores.loc[scores["metric"] == "stability", "value"].dropna()
    if values.empty or not own.get("n_clusters", 0.0) >= 2:
        return None
    return Agreement(mean=float(values.mean()), spread=float(values.std()), repetitions=len(values))


def bootstrap_stability(
    refit: Callable[[Rows, int], Labels],
    labels: Labels,
    *,
    n_boot: int = 20,
    most_rows: int = MOST_ROWS,
    share: float | None = None,
    seed: int = 0,
    report: Callable[[int, int], None] | None = None,
) -> Stability:
    """Cluster samples of the rows and compare with the clusters of all rows.

    Up to ``2 * most_rows`` rows, a replicate is a bootstrap sample: as many rows as there are,
    drawn with repetition. Of larger tables it is ``most_rows`` rows without repetition, so that
    the cost has a limit; the samples are then thinner than the table. Algorithms that count rows
    within reach (DBSCAN, HDBSCAN) feel both: a repeated row is a dense place that is not there,
    and in a thin sample nothing is dense. For them a large ``share`` of the rows is drawn without
    repetition. ``overall["sampling"]`` says which.

    Agreement is measured on the distinct rows of the sample. For the adjusted Rand index, noise
    is a label like the others; for Jaccard it is no cluster, neither before nor after.

    Parameters
    ----------
    refit : callable
        ``(rows, seed) -> labels``: fits the whole pipeline, preparation included, anew on these
        positions in ``labels`` (with repetition) and returns the label of each of them.
    labels : array of shape (n_rows,)
        Clusters of all rows.
    n_boot : int, default 20
        Replicates; a mean of 20 is known well enough for the bounds of Hennig.
    most_rows : int, default 2000
        Rows of a replicate of a large table; at most half of that table.
    share : float, optional
        Share of the rows that each replicate has, drawn without repetition, instead.
    seed : int, default 0
        Of the drawing; every replicate gets its own seed for its fit.
    report : callable, optional
        Told ``(replicates done, replicates in all)`` after each.

    References
    ----------
    Hennig (2007), "Cluster-wise assessment of cluster stability", Computational Statistics & Data
    Analysis 52, 258-271. Hubert & Arabie (1985), "Comparing partitions", Journal of
    Classification 2, 193-218.
    """
    random = np.random.default_rng(seed)
    n_rows = len(labels)
    repeated = share is None and n_rows <= 2 * most_rows
    size = n_rows if repeated else most_rows if share is None else int(share * n_rows)
    sampling = BOOTSTRAP if repeated else SUBSAMPLE
    names = [name_of(label) for label in order_by_size(labels)]
    overall, clusters = [], []
    for replicate in range(1, n_boot + 1):
        drawn = _sample(n_rows, size, repeated, random)
        found = _refitted(refit, drawn, int(random.integers(2**31)))
        rows, first = np.unique(drawn, return_index=True)
        again = None if found is None else found[first]
        rand, n_found = _agreement(labels[rows], again)
        overall.append((replicate, rand, n_found, len(rows), sampling))
        similar = _best_jaccard(labels, rows, again)
        clusters += [(name, replicate, value) for name, value in zip(names, similar, strict=True)]
        if report is not None:
            report(replicate, n_boot)
    return Stability(
        overall=pd.DataFrame(
            overall, columns=["replicate", "adjusted_rand", "n_clusters", "rows", "sampling"]
        ),
        clusters=pd.DataFrame(clusters, columns=["cluster", "replicate", "jaccard"]).astype(
            {"cluster": "str", "replicate": "int64", "jaccard": "float64"}
        ),
    )


def _sample(n_rows: int, size: int, repeated: bool, random: np.random.Generator) -> Rows:
    return np.sort(random.choice(n_rows, size, replace=repeated))


def _refitted(refit: Callable[[Rows, int], Labels], drawn: Rows, seed: int) -> Labels | None:
    """Return the labels of a sample, or ``None`` where it cannot be clustered."""
    with warnings.catch_warnings():
        # The run itself has already reported what its fit warned about.
        warnings.simplefilter("ignore")
        try:
            return np.asarray(refit(drawn, seed))
        except (ValueError, UserError):  # answers to samples with too few distinct rows
            return None


def _agreement(before: Labels, after: Labels | None) -> tuple[float, int]:
    """Return the adjusted Rand index and the number of clusters found."""
    if after is None:
        return np.nan, 0
    return float(adjusted_rand_score(before, after)), len(np.unique(after[after != NOISE]))


def _best_jaccard(labels: Labels, rows: Rows, after: Labels | None) -> Floats:
    """Return for each cluster, the largest first, its similarity to the one most like it.

    Parameters
    ----------
    labels : array of shape (n_rows,)
        Clusters of all rows.
    rows : array of shape (n_sample,)
        The distinct rows of the sample.
    after : array of shape (n_sample,), optional
        Their clusters when fitted on the sample.
    """
    clusters = order_by_size(labels)
    best = np.full(len(clusters), np.nan)
    if after is None:
        return best
    before = labels[rows]
    present, sizes = np.unique(before, return_counts=True)
    table = contingency_matrix(before, after, sparse=True).tocoo()
    found, found_sizes = np.unique(after, return_counts=True)
    union = sizes[table.row] + found_sizes[table.col] - table.data
    is_cluster = found[table.col] != NOISE
    values = np.zeros(len(present))
    np.maximum.at(values, table.row[is_cluster], (table.data / union)[is_cluster])
    by_label = pd.Series(values, index=present)
    return np.asarray(by_label.reindex(clusters), dtype=np.float64)


def jaccard_verdict(jaccard: float) -> str:
    """Return Hennig's verdict on a mean Jaccard similarity.

    >>> jaccard_verdict(0.7)
    'doubtful'
    """
    return _verdict(jaccard, JACCARD_BOUNDS, NOT_TRUSTED)


def rand_verdict(adjusted_rand: float) -> str:
    """Return Steinley's verdict on a mean adjusted Rand index.

    References
    ----------
    Steinley (2004), "Properties of the Hubert-Arabie adjusted Rand index", Psychological Methods
    9, 386-396.
    """
    return _verdict(adjusted_rand, RAND_BOUNDS, POOR)


def _verdict(value: float, bounds: dict[str, float], worst: str) -> str:
    if np.isnan(value):
        return UNKNOWN
    return next((verdict for verdict, bound in bounds.items() if value >= bound), worst)


def mean_agreement(stability: Stability) -> float:
    """Return the mean adjusted Rand index over the replicates that could be fitted."""
    return float(stability.overall["adjusted_rand"].mean())


def stability_summary(stability: Stability) -> pd.DataFrame:
    """Return how stable each cluster is.

    Returns
    -------
    DataFrame
        ``cluster`` (name), ``jaccard`` (mean over replicates), ``low`` and ``high`` (nine of ten
        replicates lie between them), ``verdict`` (one of :data:`VERDICTS`); by number.
    """
    grouped = stability.clusters.groupby("cluster", sort=False)["jaccard"]
    low, high = (grouped.quantile(quantile) for quantile in NINE_OF_TEN)
    table = pd.DataFrame({"jaccard": grouped.mean(), "low": low, "high": high}).reset_index()
    table["verdict"] = table["jaccard"].map(jaccard_verdict).astype("str")
    # A lone cluster that now and then falls apart, or into noise, has a verdict of its own.
    if len(table) == 1 and table["jaccard"].iloc[0] == 1.0:
        table["verdict"] = TRIVIAL
    return table


def stability_message(stability: Stability) -> tuple[Message, ...]:
    """Return what the replicates say: how they were drawn, the whole, then the clusters by verdict.

    One cluster of all rows agrees with itself whatever is drawn, and noise alone has nothing that
    could come back; both get a sentence that says so.
    """
    summary = stability_summary(stability)
    fitted = stability.overall.dropna(subset=["adjusted_rand"])
    if summary.empty:
        return (message("stability.no_clusters"),)
    if fitted.empty:
        return (message("stability.not_fitted"),)
    said = [_drawing(fitted)]
    if len(fitted) < len(stability.overall):
        said.append(message("stability.left_out", left=len(stability.overall) - len(fitted)))
    if summary["verdict"].iloc[0] == TRIVIAL:
        return (*said, message("stability.one_cluster"))
    agreement = mean_agreement(stability)
    code = f"stability.agreement.{rand_verdict(agreement)}"
    return (*said, message(code, value=f"{agreement:.2f}"), *_by_verdict(summary))


def _drawing(fitted: pd.DataFrame) -> Message:
    sampling = fitted["sampling"].iloc[0]
    rows = int(fitted["rows"].mean())
    return message(f"stability.sampling.{sampling}", replicates=len(fitted), rows=rows)


def _by_verdict(summary: pd.DataFrame) -> tuple[Message, ...]:
    """Return one sentence for each verdict that a cluster has, the best first."""
    groups = {verdict: summary[summary["verdict"] == verdict] for verdict in VERDICTS}
    return tuple(
        message(
            f"stability.verdict.{verdict}",
            clusters=listing(part["cluster"], most=10),
            low=f"{part['jaccard'].min():.2f}",
            high=f"{part['jaccard'].max():.2f}",
        )
        for verdict, part in groups.items()
        if len(part)
    )
