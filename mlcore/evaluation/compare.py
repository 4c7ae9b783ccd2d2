"""Runs side by side: who is better, and whether that is more than luck."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.intervals import LEVEL, Interval, corrected_interval, fold_ratio
from mlcore.evaluation.metrics import MAIN_METRIC, find_metric, metrics_for
from mlcore.evaluation.summary import fold_scores, fold_table, summary_row
from mlcore.messages import Message, message
from mlcore.tasks import Task


class Verdict(StrEnum):
    """What a comparison of two runs says; :func:`verdict_message` has the words."""

    BETTER = "better"
    NO_CLEAR_DIFFERENCE = "no_clear_difference"
    WORSE = "worse"
    SAME_RUN = "same_run"
    ONE_FOLD = "one_fold"
    NOT_COMPARABLE = "not_comparable"


@dataclass(frozen=True, eq=False, kw_only=True)
class RunScores:
    """What the leaderboard knows about a run.

    Parameters
    ----------
    id, name : str
        Of the run.
    algorithm : str
        What people call it.
    task : Task
        Runs of another task are never compared.
    evaluation : Evaluation
        Its scores fold by fold.
    baseline : bool
        Whether it is the line that a model has to beat.
    split_key : str
        Equal for two runs when both predicted the same label of the same rows in the same folds;
        :func:`split_key` computes it.
    """

    id: str
    name: str
    algorithm: str
    task: Task
    evaluation: Evaluation
    baseline: bool
    split_key: str


def split_key(evaluation: Evaluation) -> str:
    """Return a short hash of which rows, with which label, were judged in which fold.

    Only runs with equal keys can be compared fold by fold.
    """
    judged = evaluation.predictions[["row", "fold", "actual"]].sort_values(["row", "fold"])
    hashes = pd.util.hash_pandas_object(judged, index=False).to_numpy()
    return hashlib.sha256(hashes.tobytes()).hexdigest()[:16]


def verdict_message(verdict: str, reference: str) -> Message:
    """Return a verdict in words.

    Parameters
    ----------
    verdict : str
        A value of :class:`Verdict`.
    reference : str
        What it was compared with, such as ``"the baseline"``.
    """
    return message(f"compare.verdict.{Verdict(verdict).value}", reference=reference)


def paired_difference(
    run: RunScores, other: RunScores, metric: str, level: float = LEVEL
) -> Interval:
    """Return the mean of ``run`` minus ``other`` over their common folds, with its interval.

    The difference is taken fold by fold, so what makes a fold hard or easy for both cancels.
    """
    mine, theirs = fold_scores(run.evaluation, metric), fold_scores(other.evaluation, metric)
    return corrected_interval(mine - theirs, fold_ratio(run.evaluation.timing), level)


def leaderboard(
    runs: Sequence[RunScores], metric: str | None = None, level: float = LEVEL
) -> pd.DataFrame:
    """Return one row for each run, best first.

    Runs with equal ``split_key`` form a group. Within a group, each run is compared with the
    group's baseline and with its best run by the corrected resampled t interval of the differences
    fold by fold. With m runs in the group each run has m - 1 rivals, and picking the most
    striking difference among many would find one by luck. Both intervals are therefore taken at
    level 1 - (1 - level)/(m - 1) (Bonferroni), so that all verdicts of a column hold together.

    Parameters
    ----------
    runs : sequence of RunScores
        Of one dataset; tasks and splits may differ.
    metric : str, optional
        What is compared; the main metric of each run's task by default.
    level : float, default 0.95
        Of all intervals of a column together.

    Returns
    -------
    DataFrame
        ``id``, ``name``, ``algorithm``, ``task``, ``baseline``, ``group`` (1 is the group with
        the most runs), ``folds``, ``compared_by`` (metric id); for each metric of the tasks
        present ``<metric>`` and ``<metric>_std`` (NaN where it does not apply); ``low`` and
        ``high`` (interval of the compared metric); ``fit_seconds`` and ``predict_seconds`` (mean
        over folds); then for each of ``to_baseline`` and ``to_best``: the difference in the
        metric's own unit, ``…_low``, ``…_high`` and ``…_verdict`` (see :class:`Verdict`).
    """
    if not runs:
        return pd.DataFrame(columns=["id", "name", "algorithm", "task", "baseline", "group"])
    rows = []
    for number, group in enumerate(_groups(runs), start=1):
        compared = metric if metric and _applies(metric, group[0].task) else None
        rows += _group_rows(group, number, compared or MAIN_METRIC[group[0].task], runs, level)
    return pd.DataFrame(rows)


def _applies(metric: str, task: Task) -> bool:
    return find_metric(metric).task is task


def _groups(runs: Sequence[RunScores]) -> list[list[RunScores]]:
    by_key: dict[tuple[Task, str], list[RunScores]] = {}
    for run in runs:
        by_key.setdefault((run.task, run.split_key), []).append(run)
    return sorted(by_key.values(), key=len, reverse=True)  # stable: first seen first


def _mean_score(run: RunScores, metric: str) -> float:
    """Return the mean over folds, turned so that greater is better; undefined is worst."""
    mean = fold_scores(run.evaluation, metric).mean()
    if not np.isfinite(mean):
        return -np.inf
    return float(mean if find_metric(metric).greater_is_better else -mean)


def _group_rows(
    group: list[RunScores], number: int, metric: str, runs: Sequence[RunScores], level: float
) -> list[dict[str, object]]:
    # A model that only equals the baseline stands before it: the best is never the baseline then.
    ordered = sorted(group, key=lambda run: (-_mean_score(run, metric), run.baseline))
    rivals = max(1, len(group) - 1)
    shared_level = 1 - (1 - level) / rivals
    baseline = next((run for run in ordered if run.baseline), None)
    best = ordered[0] if len(group) > 1 or len(runs) == 1 else None
    tasks = list(dict.fromkeys(run.task for run in runs))
    return [
        {
            "id": run.id,
            "name": run.name,
            "algorithm": run.algorithm,
            "task": run.task.value,
            "baseline": run.baseline,
            "group": number,
            **_scores(run, metric, tasks),
            **_seconds(run),
            **_comparison("to_baseline", run, baseline, metric, shared_level),
            **_comparison("to_best", run, best, metric, shared_level),
        }
        for run in ordered
    ]


def _scores(run: RunScores, metric: str, tasks: list[Task]) -> dict[str, object]:
    """Return mean and spread by metric; metrics of other tasks are there too, without a value."""
    values, ratio = fold_table(run.evaluation, run.task), fold_ratio(run.evaluation.timing)
    none = np.array([np.nan])
    specs = [spec for task in tasks for spec in metrics_for(task)]
    rows = {spec.id: summary_row(spec, values.get(spec.id, none), ratio, LEVEL) for spec in specs}
    found: dict[str, object] = {"folds": rows[metric]["folds"], "compared_by": metric}
    for name, row in rows.items():
        found |= {name: row["mean"], f"{name}_std": row["std"]}
    return {**found, "low": rows[metric]["low"], "high": rows[metric]["high"]}


def _seconds(run: RunScores) -> dict[str, float]:
    folds = run.evaluation.timing[run.evaluation.timing["fold"] > 0]
    return {
        "fit_seconds": float(folds["fit_seconds"].mean()),
        "predict_seconds": float(folds["predict_seconds"].mean()),
    }


def _comparison(
    name: str, run: RunScores, other: RunScores | None, metric: str, level: float
) -> dict[str, object]:
    if other is None:
        found = Interval(mean=np.nan, low=np.nan, high=np.nan, folds=0)
        verdict = Verdict.NOT_COMPARABLE
    elif other is run:
        found, verdict = Interval(mean=0.0, low=np.nan, high=np.nan, folds=0), Verdict.SAME_RUN
    else:
        found = paired_difference(run, other, metric, level)
        verdict = judge(found, find_metric(metric).greater_is_better)
    return {
        name: found.mean,
        f"{name}_low": found.low,
        f"{name}_high": found.high,
        f"{name}_verdict": verdict.value,
    }


def judge(difference: Interval, greater_is_better: bool) -> Verdict:
    """Return what an interval of differences says: clear only when it leaves out zero."""
    if difference.folds == 0:
        return Verdict.NOT_COMPARABLE
    if np.isnan(difference.low):
        return Verdict.ONE_FOLD
    if difference.low <= 0 <= difference.high:
        return Verdict.NO_CLEAR_DIFFERENCE
    return Verdict.BETTER if (difference.mean > 0) == greater_is_better else Verdict.WORSE
