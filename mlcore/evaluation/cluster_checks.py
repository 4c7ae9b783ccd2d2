"""What a careful colleague would point out about a clustering.

As in :mod:`mlcore.evaluation.checks`, each check has a stable code and always an outcome: it found
something, it passed, or it does not apply and says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlcore.algorithms.labels import NOISE_NAME
from mlcore.evaluation.clusters import MAIN_CLUSTER_METRIC, find_cluster_metric
from mlcore.evaluation.stability import (
    JACCARD_BOUNDS,
    RAND_BOUNDS,
    TRIVIAL,
    Stability,
    mean_agreement,
    stability_summary,
)
from mlcore.evaluation.structure import Structure, shuffled_p_value, shuffled_verdict
from mlcore.findings import Finding, Severity
from mlcore.messages import listing, message

#: Up to here a mean silhouette is read as "no substantial structure": Kaufman & Rousseeuw (1990),
#: "Finding Groups in Data", table 4 of chapter 2.
WEAK_SILHOUETTE = 0.25
#: How often a table without groups may score better than its shuffled columns.
CHANCE = 0.05
#: Share of rows that may be noise before it is pointed out.
MOST_NOISE = 0.5
#: Share of the clustered rows from which on the largest cluster is called a giant.
GIANT = 0.9


@dataclass(frozen=True, eq=False, kw_only=True)
class _Clustering:
    scores: pd.DataFrame
    stability: Stability | None
    structure: pd.DataFrame | None
    shuffled: pd.DataFrame | None
    sizes: pd.DataFrame

    @property
    def clusters(self) -> pd.DataFrame:
        """The sizes without noise."""
        return self.sizes[self.sizes["cluster"] != NOISE_NAME]

    def score(self, metric: str) -> float:
        """Return a score, NaN where it has no value."""
        return float(self.scores.set_index("metric")["value"].get(metric, np.nan))


def check_clusters(
    scores: pd.DataFrame,
    stability: Stability | None,
    structure: pd.DataFrame | None,
    shuffled: pd.DataFrame | None,
    sizes: pd.DataFrame,
) -> tuple[Finding, ...]:
    """Return one finding for each check, in the order of their codes.

    Parameters
    ----------
    scores : DataFrame
        Of ``cluster_scores``.
    stability : Stability, optional
        Of ``bootstrap_stability``.
    structure : DataFrame, optional
        Of ``Structure.to_frame``.
    shuffled : DataFrame, optional
        The main score, of ``shuffled_scores``: ``replicate`` (0 is the table itself), ``value``.
    sizes : DataFrame
        Of ``size_frame``.
    """
    clustering = _Clustering(
        scores=scores, stability=stability, structure=structure, shuffled=shuffled, sizes=sizes
    )
    return tuple(check(clustering) for check in CLUSTER_CHECKS)


def _passed(code: str, **parameters: object) -> Finding:
    words = message(f"finding.{code}.passed", **parameters)
    return Finding(code, Severity.PASSED, outcome=words)


def _not_applicable(code: str, reason: str) -> Finding:
    return Finding(code, Severity.NOT_APPLICABLE, outcome=message(f"check.not_applicable.{reason}"))


def _judged(code: str, severity: Severity, **words: object) -> Finding:
    if severity is Severity.PASSED:
        return _passed(code, **words)
    return Finding(code, severity, parameters=words)


def has_structure(clustering: _Clustering) -> Finding:
    """CLUSTER001: whether there are any groups in the table."""
    code = "CLUSTER001"
    if clustering.structure is None or clustering.structure.empty:
        return _not_applicable(code, "no_structure_test")
    structure = Structure.from_frame(clustering.structure)
    if not structure.tested:
        return Finding(code, Severity.NOT_APPLICABLE, outcome=structure.verdict)
    if structure.found:
        return Finding(code, Severity.PASSED, outcome=structure.verdict)
    words = {
        "test": structure.test_name,
        "p_value": f"{structure.p_value:.2f}",
        "rows": structure.rows,
        "reading": str(structure.reading),
    }
    severity = Severity.WARNING if structure.is_small else Severity.PROBLEM
    return Finding(code, severity, parameters=words)


def beats_shuffled(clustering: _Clustering) -> Finding:
    """CLUSTER002: whether the score is better than on columns shuffled one by one."""
    code = "CLUSTER002"
    if clustering.shuffled is None or clustering.shuffled.empty:
        return _not_applicable(code, "no_shuffled")
    values = clustering.shuffled.set_index("replicate")["value"]
    ours, theirs = float(values.get(0, np.nan)), values.drop(0, errors="ignore")
    if np.isnan(ours) or theirs.empty:
        return _not_applicable(code, "no_score")
    if theirs.isna().all():
        return Finding(code, Severity.PASSED, outcome=shuffled_verdict(clustering.shuffled))
    # Rounding, or a start by lot, moves a score a little when rows stand in another order.
    if np.allclose(theirs, ours, rtol=1e-6):
        return _not_applicable(code, "one_column")
    p_value = shuffled_p_value(clustering.shuffled)
    # Few tables cannot give a small p-value; then all of them have to be beaten.
    is_better = p_value <= max(CHANCE, 1 / (1 + len(theirs)))
    return _judged(
        code,
        Severity.PASSED if is_better else Severity.WARNING,
        metric=find_cluster_metric(MAIN_CLUSTER_METRIC).label.lower(),
        value=f"{ours:.3g}",
        low=f"{theirs.min():.3g}",
        high=f"{theirs.max():.3g}",
        tables=len(theirs),
        p_value=f"{p_value:.2f}",
    )


def divides(clustering: _Clustering) -> Finding:
    """CLUSTER003: whether there are at least two clusters."""
    found = len(clustering.clusters)
    severity = Severity.PASSED if found > 1 else Severity.WARNING
    return _judged("CLUSTER003", severity, clusters=found)


def is_apart(clustering: _Clustering) -> Finding:
    """CLUSTER004: whether rows are nearer to their own cluster than to the next."""
    code = "CLUSTER004"
    value = clustering.score(MAIN_CLUSTER_METRIC)
    if np.isnan(value):
        return _not_applicable(code, "no_score")
    metric = find_cluster_metric(MAIN_CLUSTER_METRIC).label.lower()
    severity = Severity.PASSED if value > WEAK_SILHOUETTE else Severity.WARNING
    return _judged(code, severity, metric=metric, value=f"{value:.3g}")


def _why_no_stability(clustering: _Clustering) -> str | None:
    """Return the reason why nothing can be said about stability."""
    if clustering.stability is None:
        return "no_stability"
    summary = stability_summary(clustering.stability)
    if summary.empty:
        return "no_clusters"
    if summary["verdict"].iloc[0] == TRIVIAL:
        return "one_cluster"
    return "no_score" if summary["jaccard"].isna().all() else None


def comes_back(clustering: _Clustering) -> Finding:
    """CLUSTER005: whether samples of the rows give the same clusters."""
    code = "CLUSTER005"
    reason = _why_no_stability(clustering)
    if clustering.stability is None or reason is not None:
        return _not_applicable(code, reason or "no_stability")
    value = mean_agreement(clustering.stability)
    replicates = int(clustering.stability.overall["adjusted_rand"].notna().sum())
    severity = _below(value, problem=RAND_BOUNDS["moderate"], warning=RAND_BOUNDS["good"])
    return _judged(code, severity, value=f"{value:.2f}", replicates=replicates)


def each_comes_back(clustering: _Clustering) -> Finding:
    """CLUSTER006: whether there is a cluster that other samples do not find."""
    code = "CLUSTER006"
    reason = _why_no_stability(clustering)
    if clustering.stability is None or reason is not None:
        return _not_applicable(code, reason or "no_stability")
    summary = stability_summary(clustering.stability)
    unsure = summary[summary["jaccard"] < JACCARD_BOUNDS["stable"]]
    lowest = float(summary["jaccard"].min())
    severity = _below(lowest, warning=JACCARD_BOUNDS["doubtful"], note=JACCARD_BOUNDS["stable"])
    words = {"value": f"{lowest:.2f}"}
    if severity is Severity.PASSED:
        return _passed(code, **words)
    return Finding(code, severity, parameters={**words, "clusters": listing(unsure["cluster"])})


def _below(
    value: float, *, problem: float = -np.inf, warning: float = -np.inf, note: float = -np.inf
) -> Severity:
    """Return the severity of the first bound that a value falls short of."""
    bounds = ((problem, Severity.PROBLEM), (warning, Severity.WARNING), (note, Severity.NOTE))
    return next((severity for bound, severity in bounds if value < bound), Severity.PASSED)


def covers_the_rows(clustering: _Clustering) -> Finding:
    """CLUSTER007: whether most rows are in a cluster."""
    noise = clustering.sizes[clustering.sizes["cluster"] == NOISE_NAME]
    share = float(noise["share"].sum())
    severity = Severity.WARNING if share > MOST_NOISE else Severity.PASSED
    return _judged(
        "CLUSTER007", severity, share=f"{100 * share:.3g}", rows=int(noise["rows"].sum())
    )


def no_giant(clustering: _Clustering) -> Finding:
    """CLUSTER008: whether one cluster holds nearly everything."""
    code = "CLUSTER008"
    rows = clustering.clusters["rows"]
    if len(rows) < 2:
        return _not_applicable(code, "one_cluster" if len(rows) else "no_clusters")
    share = float(rows.max() / rows.sum())
    severity = Severity.WARNING if share > GIANT else Severity.PASSED
    return _judged(code, severity, clusters=len(rows), share=f"{100 * share:.3g}")


#: Every check, in the order of the codes.
CLUSTER_CHECKS: tuple[Callable[[_Clustering], Finding], ...] = (
    has_structure,
    beats_shuffled,
    divides,
    is_apart,
    comes_back,
    each_comes_back,
    covers_the_rows,
    no_giant,
)
