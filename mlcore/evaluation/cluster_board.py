"""Several clusterings of one table side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.stability import agreement_of_run
from mlcore.findings import Finding, Severity

#: Scores of the clusters themselves that the board shows, in its order.
BOARD_METRICS = ("n_clusters", "noise_share", "silhouette", "calinski_harabasz", "davies_bouldin")


@dataclass(frozen=True, eq=False, kw_only=True)
class ClusterRunScores:
    """What the board needs of one run.

    Parameters
    ----------
    id, name, algorithm : str
        What it is called.
    evaluation : Evaluation
        Its tables; the scores of the clusters stand at fold 0, ``stability`` has one value for
        each repetition.
    findings : tuple of Finding
        Of ``check_clusters``.
    """

    id: str
    name: str
    algorithm: str
    evaluation: Evaluation
    findings: tuple[Finding, ...]

    def outcome(self, code: str) -> Severity:
        """Return how a check came out."""
        found = {finding.code: finding.severity for finding in self.findings}
        return found.get(code, Severity.NOT_APPLICABLE)


def cluster_board(runs: Sequence[ClusterRunScores]) -> pd.DataFrame:
    """Return one line for each run.

    They are sorted by stability and then by silhouette, the runs without one of them last. No
    score decides alone: stability favours few groups, the silhouette round ones.

    Parameters
    ----------
    runs : sequence of ClusterRunScores
        In any order.

    Returns
    -------
    DataFrame
        ``id``, ``name``, ``algorithm``, one column for each of :data:`BOARD_METRICS`,
        ``stability`` and ``stability_std`` (mean and standard deviation of the adjusted Rand index
        over the repetitions; NaN where it was not measured or says nothing, as for a single
        cluster), ``repeats``, ``beats_shuffled`` (``"yes"``, ``"no"``, or empty where it cannot be
        told), ``fit_seconds``.
    """
    columns = [
        "id", "name", "algorithm", *BOARD_METRICS, "stability", "stability_std", "repeats",
        "beats_shuffled", "fit_seconds",
    ]  # fmt: skip
    board = pd.DataFrame([_line(run) for run in runs], columns=columns)
    return board.sort_values(
        ["stability", "silhouette"], ascending=False, kind="stable", ignore_index=True
    )


def _line(run: ClusterRunScores) -> Mapping[str, object]:
    scores = run.evaluation.scores
    own = scores[scores["fold"] == 0].set_index("metric")["value"]
    return {
        "id": run.id,
        "name": run.name,
        "algorithm": run.algorithm,
        **{metric: float(own.get(metric, np.nan)) for metric in BOARD_METRICS},
        **_stability(run),
        "beats_shuffled": _beats_shuffled(run.outcome("CLUSTER002")),
        "fit_seconds": float(run.evaluation.timing["fit_seconds"].sum()),
    }


def _stability(run: ClusterRunScores) -> Mapping[str, float]:
    agreement = agreement_of_run(run.evaluation.scores)
    if agreement is None:
        return {"stability": np.nan, "stability_std": np.nan, "repeats": 0}
    return {
        "stability": agreement.mean,
        "stability_std": agreement.spread,
        "repeats": agreement.repetitions,
    }


def _beats_shuffled(severity: Severity) -> str:
    if severity is Severity.NOT_APPLICABLE:
        return ""
    return "yes" if severity is Severity.PASSED else "no"
