"""A run's scores over its folds, in one line a metric."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.intervals import LEVEL, corrected_interval, fold_ratio
from mlcore.evaluation.metrics import MetricSpec, metrics_for
from mlcore.tasks import Task


def fold_scores(evaluation: Evaluation, metric: str) -> pd.Series:
    """Return a metric's value for each fold, indexed by fold; NaN where it is undefined."""
    chosen = evaluation.scores[evaluation.scores["metric"] == metric]
    return chosen.set_index("fold")["value"].sort_index()


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
    rows = [
        _row(spec, fold_scores(evaluation, spec.id), ratio, level) for spec in metrics_for(task)
    ]
    return pd.DataFrame(rows)


def _row(spec: MetricSpec, values: pd.Series, ratio: float, level: float) -> dict[str, object]:
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
