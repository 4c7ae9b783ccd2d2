"""What a classifier got right and wrong, as tidy tables.

All functions read ``Evaluation.predictions``: one line for each row predicted by a model that had
not seen it. Rows of all folds are pooled. That uses every row once and gives smooth curves, but
the models of different folds may rank rows on slightly different scales, so a pooled area can
differ a little from the mean of the folds' areas, which is the score on the leaderboard.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from mlcore.evaluation.answers import ClassAnswers, Codes, Floats, class_answers
from mlcore.evaluation.evaluation import PROBABILITY
from mlcore.evaluation.intervals import wilson_interval

#: Bins of a calibration curve hold at least this many rows, so that a share means something.
ROWS_A_BIN = 10


def probability_frame(predictions: pd.DataFrame) -> pd.DataFrame | None:
    """Return the probabilities alone, columns named after the classes; ``None`` without any."""
    names = [str(name) for name in predictions.columns if str(name).startswith(PROBABILITY)]
    if not names:
        return None
    return predictions[names].rename(columns=lambda name: str(name).removeprefix(PROBABILITY))


def _answers(predictions: pd.DataFrame) -> ClassAnswers:
    return class_answers(
        predictions["actual"], predictions["predicted"], probability_frame(predictions)
    )


def confusion_frame(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return how often each actual class was predicted as each class.

    Returns
    -------
    DataFrame
        One row for every pair of classes: ``actual``, ``predicted``, ``count`` (rows) and
        ``share`` of the actual class (0 to 1; NaN where the class has no actual row). Classes
        are sorted; a class that the model knows is listed even when no row belongs to it. An
        answer that stands for no class, such as that for rows no label reaches, is ``predicted``
        only.
    """
    answers = _answers(predictions)
    actual = _class_codes(answers)
    counts = answers.confusion[0][actual]
    support = counts.sum(axis=1, keepdims=True)
    share = np.divide(counts, support, out=np.full_like(counts, np.nan), where=support > 0)
    return pd.DataFrame(
        {
            "actual": np.repeat(np.array(answers.classes)[actual], len(answers.classes)),
            "predicted": np.tile(answers.classes, len(actual)),
            "count": counts.ravel().astype(int),
            "share": share.ravel(),
        }
    )


def _class_codes(answers: ClassAnswers) -> Codes:
    """Return the positions of what rows can belong to.

    That is all but an answer that no row belongs to and that has no probability although others do.
    """
    codes = np.arange(len(answers.classes))
    if answers.probabilities is None:
        return codes
    return codes[np.isin(codes, np.r_[answers.known, answers.actual])]


def rows_of_cell(
    predictions: pd.DataFrame, actual: str, predicted: str, table: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the rows behind one cell of the confusion matrix, the most certain ones first.

    Parameters
    ----------
    predictions : DataFrame
        ``Evaluation.predictions``.
    actual, predicted : str
        The cell.
    table : DataFrame, optional
        The raw table; its columns are put beside each row.

    Returns
    -------
    DataFrame
        ``row``, ``fold``, ``probability`` (of the predicted class; left out without
        probabilities), then the columns of ``table``.
    """
    chosen = predictions["actual"].eq(actual) & predictions["predicted"].eq(predicted)
    found = predictions.loc[chosen, ["row", "fold"]].reset_index(drop=True)
    column = f"{PROBABILITY}{predicted}"
    if column in predictions:
        found["probability"] = predictions.loc[chosen, column].to_numpy()
        found = found.sort_values("probability", ascending=False, kind="stable", ignore_index=True)
    return with_raw_columns(found, table)


def with_raw_columns(found: pd.DataFrame, table: pd.DataFrame | None) -> pd.DataFrame:
    """Return rows with the raw table's columns beside them, by row number.

    A raw column named like one of ours keeps its name and ours gets "(model)" behind it.
    """
    if table is None:
        return found
    raw = table.iloc[found["row"].to_numpy()].reset_index(drop=True)
    ours = found.set_axis([_free_name(str(name), raw) for name in found.columns], axis=1)
    return pd.concat([ours, raw], axis=1)


def _free_name(name: str, raw: pd.DataFrame) -> str:
    while name in raw:
        name += " (model)"
    return name


def _one_against_rest(
    predictions: pd.DataFrame,
) -> Iterator[tuple[str, npt.NDArray[np.bool_], Floats]]:
    """Yield each class that has rows of its own and of others: (class, is of it, probability)."""
    probabilities = probability_frame(predictions)
    if probabilities is None:
        return
    for name in sorted(probabilities.columns):
        is_class = predictions["actual"].eq(name).to_numpy(dtype=bool)
        if 0 < is_class.sum() < len(is_class):
            yield str(name), is_class, probabilities[name].fillna(0.0).to_numpy(dtype=np.float64)


def _stack(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def roc_frame(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the ROC curve of each class against the rest.

    Returns
    -------
    DataFrame
        ``class``, ``false_positive_rate``, ``true_positive_rate`` (0 to 1), ``threshold`` (the
        lowest probability that is taken as the class; infinity at the start), ``auc`` (of the
        class, pooled over folds). Classes without any row, or with all rows, have no curve.
    """
    parts = []
    for name, is_class, score in _one_against_rest(predictions):
        false_rate, true_rate, threshold = roc_curve(is_class, score)
        curve = {
            "class": name,
            "false_positive_rate": false_rate,
            "true_positive_rate": true_rate,
            "threshold": threshold,
            "auc": roc_auc_score(is_class, score),
        }
        parts.append(pd.DataFrame(curve))
    columns = ["class", "false_positive_rate", "true_positive_rate", "threshold", "auc"]
    return _stack(parts, columns)


def precision_recall_frame(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the precision-recall curve of each class against the rest.

    Returns
    -------
    DataFrame
        ``class``, ``recall``, ``precision`` (0 to 1), ``threshold`` (NaN at the closing point
        with recall 0), ``average_precision`` and ``class_share`` (of all rows: the precision
        of guessing), both constant within a class.
    """
    parts = []
    for name, is_class, score in _one_against_rest(predictions):
        precision, recall, threshold = precision_recall_curve(is_class, score)
        curve = {
            "class": name,
            "recall": recall,
            "precision": precision,
            "threshold": np.r_[threshold, np.nan],
            "average_precision": average_precision_score(is_class, score),
            "class_share": is_class.mean(),
        }
        parts.append(pd.DataFrame(curve))
    columns = ["class", "recall", "precision", "threshold", "average_precision", "class_share"]
    return _stack(parts, columns)


def calibration_frame(predictions: pd.DataFrame, bins: int = 10) -> pd.DataFrame:
    """Return how often a class really occurred where the model gave it a probability.

    Parameters
    ----------
    predictions : DataFrame
        ``Evaluation.predictions``.
    bins : int, default 10
        Bins of about equally many rows, fewer on small tables so that each holds about ten rows.
        Equal counts, because probabilities crowd near 0 and 1 and equal widths would leave bins
        with two rows.

    Returns
    -------
    DataFrame
        ``class``, ``bin`` (1 …), ``predicted`` (mean probability), ``observed`` (share of the
        class), ``low`` and ``high`` (95 % Wilson interval of ``observed``), ``count`` (rows).
    """
    parts = [
        _calibration_of(name, is_class, score, bins)
        for name, is_class, score in _one_against_rest(predictions)
    ]
    columns = ["class", "bin", "predicted", "observed", "low", "high", "count"]
    return _stack(parts, columns)


def _calibration_of(
    name: str, is_class: npt.NDArray[np.bool_], score: Floats, bins: int
) -> pd.DataFrame:
    wanted = max(1, min(bins, len(score) // ROWS_A_BIN))
    edges = np.quantile(score, np.linspace(0, 1, wanted + 1))
    frame = pd.DataFrame({"bin": np.searchsorted(edges[1:-1], score), "p": score, "hit": is_class})
    table = frame.groupby("bin").agg(
        predicted=("p", "mean"), observed=("hit", "mean"), hits=("hit", "sum"), count=("p", "size")
    )
    low, high = wilson_interval(table["hits"], table["count"])
    return pd.DataFrame(
        {
            "class": name,
            "bin": np.arange(1, len(table) + 1),
            "predicted": table["predicted"].to_numpy(),
            "observed": table["observed"].to_numpy(),
            "low": low,
            "high": high,
            "count": table["count"].to_numpy(),
        }
    )


def score_distribution_frame(predictions: pd.DataFrame, bins: int = 20) -> pd.DataFrame:
    """Return how the probability of each class is spread over rows of it and of others.

    Returns
    -------
    DataFrame
        ``class`` (whose probability), ``member`` (whether the rows belong to it), ``low`` and
        ``high`` (edges of the bin, equal widths from 0 to 1), ``count``, ``share`` (of the rows
        with the same ``member``, so that a rare class can be seen beside a common one).
    """
    edges = np.linspace(0, 1, bins + 1)
    parts = []
    for name, is_class, score in _one_against_rest(predictions):
        for member in (True, False):
            count = np.histogram(score[is_class == member], edges)[0]
            part = {
                "class": name,
                "member": member,
                "low": edges[:-1],
                "high": edges[1:],
                "count": count,
                "share": count / count.sum(),
            }
            parts.append(pd.DataFrame(part))
    return _stack(parts, ["class", "member", "low", "high", "count", "share"])


def class_report_frame(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return precision, recall and F1 of each class; answers that stand for no class are left out.

    Returns
    -------
    DataFrame
        ``class``, ``precision`` (NaN when it was never predicted), ``recall`` (NaN without an
        actual row), ``f1``, ``actual_rows``, ``predicted_rows``, ``hits`` (rows that are both).
    """
    answers = _answers(predictions)
    confusion = answers.confusion[0]
    hits, actual, predicted = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    report = pd.DataFrame(
        {
            "class": answers.classes,
            "precision": _share(hits, predicted),
            "recall": _share(hits, actual),
            "f1": _share(2 * hits, actual + predicted),
            "actual_rows": actual.astype(int),
            "predicted_rows": predicted.astype(int),
            "hits": hits.astype(int),
        }
    )
    return report.iloc[_class_codes(answers)].reset_index(drop=True)


def _share(part: npt.ArrayLike, whole: npt.ArrayLike) -> Floats:
    filled: Floats = np.full(np.shape(whole), np.nan)
    np.divide(part, whole, out=filled, where=np.asarray(whole) > 0)
    return filled


def threshold_frame(
    predictions: pd.DataFrame, positive: str, thresholds: npt.ArrayLike | None = None
) -> pd.DataFrame:
    """Return what happens when a row counts as ``positive`` from a probability upwards.

    Parameters
    ----------
    predictions : DataFrame
        ``Evaluation.predictions`` with a probability column for ``positive``.
    positive : str
        The class that is looked for; all others together are the negative side.
    thresholds : array-like of shape (n,), optional
        Probabilities to try; 0, 0.01 … 1 by default, the steps of a slider.

    Returns
    -------
    DataFrame
        ``threshold``, ``accuracy``, ``precision``, ``recall``, ``specificity``, ``f1`` (0 to 1;
        NaN where nothing can be divided, such as precision when no row is taken as positive) and
        the counts ``tp``, ``fp``, ``tn``, ``fn``.
    """
    limits = np.asarray(np.arange(101) / 100 if thresholds is None else thresholds, np.float64)
    score = predictions[f"{PROBABILITY}{positive}"].fillna(0.0).to_numpy(dtype=np.float64)
    is_positive = predictions["actual"].eq(positive).to_numpy(dtype=bool)
    inside, outside = np.sort(score[is_positive]), np.sort(score[~is_positive])
    fn, tn = np.searchsorted(inside, limits), np.searchsorted(outside, limits)
    tp, fp = len(inside) - fn, len(outside) - tn
    return pd.DataFrame(
        {
            "threshold": limits,
            "accuracy": _share(tp + tn, tp + tn + fp + fn),
            "precision": _share(tp, tp + fp),
            "recall": _share(tp, tp + fn),
            "specificity": _share(tn, tn + fp),
            "f1": _share(2 * tp, 2 * tp + fp + fn),
            "tp": tp,
            "fp": fp,
            "tn": tn,
            "fn": fn,
        }
    )


def operating_point(predictions: pd.DataFrame, positive: str, threshold: float) -> dict[str, float]:
    """Return the row of :func:`threshold_frame` for exactly this threshold."""
    found = threshold_frame(predictions, positive, [threshold]).iloc[0]
    return {str(name): float(value) for name, value in found.items()}
