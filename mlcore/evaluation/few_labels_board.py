"""Several ways to complete the labels of one table side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.intervals import (
    Interval,
    corrected_interval,
    fold_ratio,
    wilson_interval,
)
from mlcore.evaluation.label_draws import gain_frame, judge_gain
from mlcore.evaluation.label_reach import GIVEN, UNLABELLED
from mlcore.evaluation.summary import fold_scores


@dataclass(frozen=True, eq=False, kw_only=True)
class FewLabelsRunScores:
    """What the board needs of one run.

    Parameters
    ----------
    id, name, algorithm, target : str
        What it is called, and the column that it completes.
    evaluation : Evaluation
        Its tables: each fold's labels were hidden once.
    rows, draws : DataFrame
        Of the run: what every row got, and the comparison with and without unlabelled rows.
    """

    id: str
    name: str
    algorithm: str
    target: str
    evaluation: Evaluation
    rows: pd.DataFrame
    draws: pd.DataFrame


def few_labels_board(runs: Sequence[FewLabelsRunScores]) -> pd.DataFrame:
    """Return one line for each run, the most accurate on hidden labels first.

    Parameters
    ----------
    runs : sequence of FewLabelsRunScores
        In any order.

    Returns
    -------
    DataFrame
        ``id``, ``name``, ``algorithm``, ``target``, ``labels`` (rows whose label was given),
        ``accuracy`` with ``accuracy_low`` and ``accuracy_high`` (:func:`hidden_accuracy`),
        ``balanced_accuracy``, ``unreached`` (rows that no label reaches),
        ``gain`` (accuracy with unlabelled rows minus without, at the most labels that were tried),
        ``verdict`` (value of ``GainVerdict``), ``fit_seconds`` (of the fit with all labels).
        Scores are NaN where no label could be hidden, and such runs come last.
    """
    columns = [
        "id", "name", "algorithm", "target", "labels", "accuracy", "accuracy_low", "accuracy_high",
        "balanced_accuracy", "unreached", "gain", "verdict", "fit_seconds",
    ]  # fmt: skip
    board = pd.DataFrame([_line(run) for run in runs], columns=columns)
    return board.sort_values("accuracy", ascending=False, kind="stable", ignore_index=True)


def _line(run: FewLabelsRunScores) -> Mapping[str, object]:
    gains = gain_frame(run.draws)
    timing = run.evaluation.timing.set_index("fold")["fit_seconds"]
    return {
        "id": run.id,
        "name": run.name,
        "algorithm": run.algorithm,
        "target": run.target,
        "labels": int((run.rows["origin"] == GIVEN).sum()),
        **_scores(run.evaluation),
        "unreached": int((run.rows["origin"] == UNLABELLED).sum()),
        "gain": float(gains["gain"].iloc[-1]) if len(gains) else np.nan,
        "verdict": judge_gain(gains).value,
        "fit_seconds": float(timing.loc[0]),
    }


def _scores(evaluation: Evaluation) -> Mapping[str, float]:
    found = hidden_accuracy(evaluation)
    return {
        "accuracy": found.mean,
        "accuracy_low": found.low,
        "accuracy_high": found.high,
        "balanced_accuracy": _mean(evaluation, "balanced_accuracy"),
    }


def _mean(evaluation: Evaluation, metric: str) -> float:
    return float(fold_scores(evaluation, metric).mean())


def hidden_accuracy(evaluation: Evaluation) -> Interval:
    """Return the accuracy on hidden labels, the mean over the folds, and how far it may be off.

    The interval is the wider, at each end, of two: that over the folds (Nadeau and Bengio), which
    has no width where all folds are equally good, and that of a share of so few labels (Wilson),
    which does not see that other labels would have been learnt from.

    Parameters
    ----------
    evaluation : Evaluation
        Of a run; each label was hidden at most once.

    Returns
    -------
    Interval
        All NaN where no label could be hidden.
    """
    if evaluation.scores.empty:
        return Interval(mean=np.nan, low=np.nan, high=np.nan, folds=0)
    scores = fold_scores(evaluation, "accuracy")
    folds = corrected_interval(scores, fold_ratio(evaluation.timing))
    hits = evaluation.predictions["actual"].eq(evaluation.predictions["predicted"])
    share = wilson_interval([hits.sum()], [len(hits)])
    low = np.nanmin([folds.low, share[0][0]])
    high = np.nanmax([folds.high, share[1][0]])
    return Interval(
        mean=folds.mean, low=max(0.0, float(low)), high=min(1.0, float(high)), folds=folds.folds
    )
