"""A run's scores over its folds, in one line a metric."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mlcore.evaluation.answers import Floats
from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.intervals import LEVEL, corrected_interval, fold_ratio
from mlcore.evaluation.metrics import MetricSpec, metrics_for
from mlcore.tasks import Task


def fold_scores(evaluation: Evaluation, metric: str) -> pd.Series:
    """Return a metric's value for each fold, indexed by fold; NaN where it is undefined."""
    # Plain arrays: filtering a text column as a frame costs ten times as much, for each score.
    chosen = evaluation.scores["metric"].to_numpy(dtype=object) == metric
    folds = evaluation.scores["fold"].to_numpy()[chosen]
    values = evaluation.scores["value"].to_numpy(dtype=np.float64)[chosen]
    return pd.Series(values, index=folds).sort_index()


def fold_table(evaluation: Evaluation, task: Task) -> dict[str, Floats]:
    """Return the values of each metric of the task, in the order of the folds.

    The same as :func:`fold_scores` for all metrics at once; a leaderboard asks for hundreds.
    """
    order = np.argsort(evaluation.scores["fold"].to_numpy(), kind="stable")
    values = evaluation.scores["value"].to_numpy(dtype=np.float64)[order]
    names = evaluation.scores["metric"].to_numpy(dtype=object)[order]
    return {spec.id: values[names == spec.id] for spec in metrics_for(task)}


def summarise(evaluation: Evaluation, task: Task, level: float = LEVEL) -> pd.DataFrame:
    """Return mean, spread and interval of every metric.

    Parameters
    ----------
    evaluation : Evaluation
        Of one run.
    task : Task
        Decides which metrics apply, and their order.
    level : float, default 0.95
        Of the interval.

    Returns
    -------
    DataFrame
        ``metric`` (id), ``label``, ``mean`` and ``std`` over the folds in which the metric is
        defined (NaN with fewer than one and two), ``low`` and ``high`` (see
        :func:`mlcore.evaluation.intervals.corrected_interval`; NaN with one fold, cut at the
        bounds of the metric), ``folds`` (how many have a value), ``greater_is_better``.
    """
    ratio = fold_ratio(evaluation.timing)
    values = fold_table(evaluation, task)
    rows = [summary_row(spec, values[spec.id], ratio, level) for spec in metrics_for(task)]
    return pd.DataFrame(rows)


def summary_row(spec: MetricSpec, values: Floats, ratio: float, level: float) -> dict[str, Any]:
    """Return one row of :func:`summarise`, from the values of a metric in each fold."""
    interval = corrected_interval(values, ratio, level)
    low, high = np.clip([interval.low, interval.high], *spec.bounds)
    finite = values[np.isfinite(values)]
    return {
        "metric": spec.id,
        "label": spec.label,
        "mean": interval.mean,
        "std": float(finite.std(ddof=1)) if len(finite) > 1 else np.nan,
        "low": float(low),
        "high": float(high),
        "folds": interval.folds,
        "greater_is_better": spec.greater_is_better,
    }
