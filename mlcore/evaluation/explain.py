"""What a model relies on, and what more rows would bring."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from mlcore.algorithms.weights import Weights, counted, weight_arguments
from mlcore.evaluation.metrics import MAIN_METRIC, find_metric, score
from mlcore.splitting import Rows
from mlcore.tasks import Task

#: Rows that importance is measured on at most; its error shrinks little beyond.
MOST_ROWS = 2000
#: Shares of the training rows a learning curve is drawn at.
FRACTIONS = (0.1, 0.25, 0.5, 0.75, 1.0)


def main_score(pipeline: Pipeline, X: pd.DataFrame, y: pd.Series, task: Task) -> float:
    """Return the task's main metric for a fitted pipeline on these rows."""
    predicted = pipeline.predict(X)
    return score(MAIN_METRIC[task], y, predicted)


def permutation_importance_frame(
    pipeline: Pipeline,
    X: pd.DataFrame,
    y: pd.Series,
    task: Task,
    seed: int = 0,
    n_repeats: int = 5,
) -> pd.DataFrame:
    """Return how much worse the model gets when one column is shuffled.

    Raw columns are shuffled, before any preparation, so a category is one line whatever its
    encoding. Two columns that say the same can both look unimportant: shuffling one leaves the
    other.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted on other rows than these.
    X : DataFrame of shape (n_rows, n_features)
        Held-out rows; of more than 2,000 a random 2,000 are used.
    y : Series of shape (n_rows,)
        Their labels.
    task : Task
        Decides the metric.
    seed : int, default 0
        Of the shuffling.
    n_repeats : int, default 5
        Shuffles of each column.

    Returns
    -------
    DataFrame
        ``column``, ``mean`` and ``std`` over the repeats of how much the main metric gets worse
        (balanced accuracy falls, RMSE rises; above 0 means that the column helps), ``repeats``;
        largest first.

    References
    ----------
    Breiman (2001), "Random Forests", Machine Learning 45, 5-32.
    """
    random = np.random.default_rng(seed)
    if len(X) > MOST_ROWS:
        chosen = np.sort(random.choice(len(X), MOST_ROWS, replace=False))
        X, y = X.iloc[chosen], y.iloc[chosen]
    sign = 1 if find_metric(MAIN_METRIC[task]).greater_is_better else -1
    whole = main_score(pipeline, X, y, task)
    rows = []
    for column in X.columns:
        drops = [
            sign * (whole - main_score(pipeline, shuffled, y, task))
            for shuffled in _shuffled(X, column, random, n_repeats)
        ]
        rows.append((column, np.mean(drops), np.std(drops), n_repeats))
    table = pd.DataFrame(rows, columns=["column", "mean", "std", "repeats"])
    return table.sort_values("mean", ascending=False, kind="stable", ignore_index=True)


def _shuffled(
    X: pd.DataFrame, column: Any, random: np.random.Generator, n_repeats: int
) -> Iterator[pd.DataFrame]:
    for _ in range(n_repeats):
        mixed = X[column].iloc[random.permutation(len(X))].set_axis(X.index)
        yield X.assign(**{column: mixed})


def held_out_importance_frame(
    build: Callable[[], Pipeline],
    X: pd.DataFrame,
    y: pd.Series,
    fold: tuple[Rows, Rows],
    task: Task,
    seed: int = 0,
    n_repeats: int = 5,
    weights: Weights | None = None,
) -> pd.DataFrame:
    """Fit on the training rows of a fold and measure importance on its validation rows.

    The final pipeline has seen all development rows and the test rows are sealed, so importance
    on rows the model does not know needs one more fit.

    Parameters
    ----------
    build : callable
        Returns the unfitted pipeline.
    X, y : DataFrame, Series
        All rows of the table.
    fold : tuple of (train, validation)
        Row numbers.
    task, seed, n_repeats
        As for :func:`permutation_importance_frame`, whose frame is returned.
    weights : array of shape (n_rows,), optional
        How much each row of the table counts in the fit; ``None`` where all count the same.
    """
    train, validation = fold
    pipeline = _fitted(build, X, y, counted(train, weights), weights)
    return permutation_importance_frame(
        pipeline, X.iloc[validation], y.iloc[validation], task, seed, n_repeats
    )


def _fitted(
    build: Callable[[], Pipeline],
    X: pd.DataFrame,
    y: pd.Series,
    rows: Rows,
    weights: Weights | None,
) -> Pipeline:
    pipeline = build()
    with warnings.catch_warnings():
        # The run itself has already reported what its fits warned about.
        warnings.simplefilter("ignore")
        return pipeline.fit(
            X.iloc[rows], y.iloc[rows].to_numpy(), **weight_arguments(pipeline, weights, rows)
        )


def learning_curve_frame(
    build: Callable[[], Pipeline],
    X: pd.DataFrame,
    y: pd.Series,
    folds: Sequence[tuple[Rows, Rows]],
    task: Task,
    fractions: Sequence[float] = FRACTIONS,
    report: Callable[[int, int], None] | None = None,
    seed: int = 0,
    weights: Weights | None = None,
) -> pd.DataFrame:
    """Return the score when the model learns from only a part of the training rows.

    Parts are nested and, for classes, keep the share of each class. The validation rows are always
    those of the fold.

    Parameters
    ----------
    build : callable
        Returns the unfitted pipeline.
    X, y : DataFrame, Series
        All rows of the table.
    folds : sequence of (train, validation)
        Row numbers, those of the run.
    task : Task
        Decides the metric.
    fractions : sequence of float
        Shares of the training rows, above 0 and up to 1.
    report : callable, optional
        Told ``(fits done, fits in all)`` after each fit.
    seed : int, default 0
        Which rows belong to a part.
    weights : array of shape (n_rows,), optional
        How much each row of the table counts in the fits; rows that count 0 belong to no part.
        ``None`` where all count the same. The scores never take them into account.

    Returns
    -------
    DataFrame
        ``n_train``, ``part`` (``"train"`` or ``"validation"``), ``fold`` (1 …), ``value`` of the
        main metric; NaN where so few rows cannot be learnt from.
    """
    rows: list[tuple[int, str, int, float]] = []
    total = len(folds) * len(fractions)
    for number, (train, validation) in enumerate(folds, start=1):
        ordered = _nested_order(counted(train, weights), y, task, seed)
        for fraction in fractions:
            part = ordered[: max(1, round(len(ordered) * fraction))]
            scores = _scores_of_part(build, X, y, part, validation, task, weights)
            rows += [(len(part), name, number, value) for name, value in scores.items()]
            if report is not None:
                report(len(rows) // 2, total)
    return pd.DataFrame(rows, columns=["n_train", "part", "fold", "value"])


def _nested_order(train: Rows, y: pd.Series, task: Task, seed: int) -> Rows:
    """Return the rows in an order whose every beginning looks like the whole."""
    random = np.random.default_rng(seed)
    mixed = random.permutation(train)
    if task is Task.REGRESSION:
        return mixed
    label = pd.Series(y.iloc[mixed].to_numpy())
    within = label.groupby(label).cumcount() + random.random()
    return mixed[np.argsort((within / label.map(label.value_counts())).to_numpy(), kind="stable")]


def _scores_of_part(
    build: Callable[[], Pipeline],
    X: pd.DataFrame,
    y: pd.Series,
    part: Rows,
    validation: Rows,
    task: Task,
    weights: Weights | None,
) -> dict[str, float]:
    try:
        pipeline = _fitted(build, X, y, part, weights)
        return {
            "train": main_score(pipeline, X.iloc[part], y.iloc[part], task),
            "validation": main_score(pipeline, X.iloc[validation], y.iloc[validation], task),
        }
    except ValueError:  # scikit-learn's answer to one class only, or fewer rows than neighbours
        return {"train": np.nan, "validation": np.nan}
