"""The final scores on the sealed test rows, with how far luck may have moved them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mlcore.evaluation.answers import Answers, ClassAnswers, Floats
from mlcore.evaluation.intervals import LEVEL
from mlcore.evaluation.metrics import MetricSpec, answers_for, metrics_for, value_of, why_undefined
from mlcore.tasks import Task

#: Resamples × rows that are worked on at once; 16 MB of weights.
_BLOCK = 2_000_000
#: Resamples × rows × ranked classes that are worked on in all: about two seconds.
_WORK = 20_000_000
#: Never fewer resamples than this, however large the table.
_FEWEST = 200


def final_scores(
    actual: Sequence[Any] | pd.Series,
    predicted: Sequence[Any] | pd.Series,
    probabilities: pd.DataFrame | None,
    task: Task,
    seed: int = 0,
    n_bootstrap: int = 1000,
    level: float = LEVEL,
) -> pd.DataFrame:
    """Return every score on the test rows with a percentile bootstrap interval.

    The test rows are drawn again with replacement, as many as there are, ``n_bootstrap`` times;
    the interval holds the middle 95 % of the scores of these resamples. It says how much the score
    would move with other test rows of the same source. It does not cover that another training set
    would have given another model, and with fewer than about 30 rows it is too narrow.

    Parameters
    ----------
    actual, predicted : sequence of shape (n_rows,)
        Class names or numbers of the test rows.
    probabilities : DataFrame of shape (n_rows, n_classes), optional
        One column a class.
    task : Task
        Decides which metrics apply.
    seed : int, default 0
        Of the resampling; the same seed gives the same interval.
    n_bootstrap : int, default 1000
        Resamples. On large tables (rows times classes above 20,000) fewer are drawn, down to 200,
        because the interval then is so narrow that its ends need no more; ``resamples`` says how
        many counted.
    level : float, default 0.95
        Of the interval.

    Returns
    -------
    DataFrame
        ``metric``, ``label``, ``value``, ``low``, ``high``, ``resamples``, in display order. A
        metric that is undefined on these rows has NaN throughout. Resamples in which it is
        undefined (no row of a class was drawn) are left out; when fewer than half remain there is
        no interval. The largest error has none: a resample cannot hold a larger one.

    References
    ----------
    Efron, Tibshirani (1993), "An Introduction to the Bootstrap", chapter 13.
    """
    answers = answers_for(task, actual, predicted, probabilities)
    defined = [spec for spec in metrics_for(task) if why_undefined(spec, answers) is None]
    drawn = _resampled(defined, answers, seed, n_bootstrap)
    rows = []
    for spec in metrics_for(task):
        low, high, used = _percentiles(drawn.get(spec.id), level)
        rows.append((spec.id, spec.label, value_of(spec, answers), low, high, used))
    return pd.DataFrame(rows, columns=["metric", "label", "value", "low", "high", "resamples"])


def _resampled(
    metrics: list[MetricSpec], answers: Answers, seed: int, n_bootstrap: int
) -> dict[str, Floats]:
    """Return the scores of all resamples for each metric that resampling says something about."""
    chosen = [spec for spec in metrics if spec.resampled]
    found: dict[str, list[Floats]] = {spec.id: [] for spec in chosen}
    for weights in _weights(answers, seed, n_bootstrap) if chosen else ():
        resample = answers.reweighted(weights)
        with np.errstate(over="ignore", invalid="ignore"):  # a model that ran away
            for spec in chosen:
                found[spec.id].append(spec.formula(resample))
    return {metric: np.concatenate(parts) for metric, parts in found.items()}


def _weights(answers: Answers, seed: int, n_bootstrap: int) -> Iterator[Floats]:
    """Yield how often each row was drawn, for a block of resamples at a time."""
    n_rows = len(answers.actual)
    ranked = len(answers.targets) if isinstance(answers, ClassAnswers) else 1
    left = int(np.clip(_WORK // max(1, n_rows * ranked), min(_FEWEST, n_bootstrap), n_bootstrap))
    random = np.random.default_rng(seed)
    while left > 0:
        block = min(left, max(1, _BLOCK // n_rows))
        drawn = random.integers(n_rows, size=(block, n_rows))
        drawn += np.arange(block)[:, None] * n_rows
        counts = np.bincount(drawn.ravel(), minlength=block * n_rows)
        yield counts.reshape(block, n_rows).astype(np.float64)
        left -= block


def _percentiles(drawn: Floats | None, level: float) -> tuple[float, float, int]:
    if drawn is None:
        return np.nan, np.nan, 0
    finite = drawn[np.isfinite(drawn)]
    if len(finite) < len(drawn) / 2 or len(finite) < 2:
        return np.nan, np.nan, len(finite)
    low, high = np.quantile(finite, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high), len(finite)
