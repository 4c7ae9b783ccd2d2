"""Scores of a fused label, declared once, and whether two methods differ by more than luck.

What a method learnt from gold rows (weights, the most accurate source) must not be judged on the
same rows: the labels that come in here were made fold by fold where that is so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binom

from mlcore.evaluation.answers import Codes, Floats
from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.intervals import LEVEL
from mlcore.evaluation.metrics import find_declared
from mlcore.fusion.rules import Fused
from mlcore.fusion.ties import tie_interval
from mlcore.messages import Message, message

#: Highest p-value at which a difference of two methods is called more than luck.
CHANCE = 1 - LEVEL


@dataclass(frozen=True, eq=False, kw_only=True)
class FusedRows:
    """Some rows with what was decided and what is true; what the formulas read.

    Parameters
    ----------
    fused : Fused
        Of a rule or a model.
    gold : array of shape (n_rows,)
        Class number of the true label, -1 where it is not known.
    """

    fused: Fused
    gold: Codes

    def part(self, rows: npt.NDArray[np.bool_]) -> FusedRows:
        """Return the chosen rows."""
        fused = replace(
            self.fused,
            label=self.fused.label[rows],
            posterior=self.fused.posterior[rows],
            tied=self.fused.tied[rows],
            best=self.fused.best[rows],
        )
        return FusedRows(fused=fused, gold=self.gold[rows])

    def with_gold(self) -> FusedRows:
        """Return the rows whose true label is known."""
        return self.part(self.gold >= 0)


def _mean(values: npt.ArrayLike) -> float:
    array = np.asarray(values, dtype=np.float64)
    return float(array.mean()) if array.size else np.nan


def is_right(rows: FusedRows) -> npt.NDArray[np.bool_]:
    """Return for each row whether its label is the true one; undecided is not."""
    label = rows.fused.label
    return np.asarray((label >= 0) & (label == rows.gold), dtype=np.bool_)


def decided_share(rows: FusedRows) -> float:
    """Return the share of rows that have a label."""
    return _mean(rows.fused.label >= 0)


def tie_share(rows: FusedRows) -> float:
    """Return the share of rows in which several classes share the lead."""
    return _mean(rows.fused.tied)


def accuracy(rows: FusedRows) -> float:
    """Return the share of right labels; undecided rows count as wrong."""
    return _mean(is_right(rows))


def ties_wrong(rows: FusedRows) -> float:
    """Return the accuracy if every tie were decided for a wrong class."""
    return tie_interval(rows.fused, rows.gold)[0]


def ties_right(rows: FusedRows) -> float:
    """Return the accuracy if every tie in which the true class takes part were decided for it."""
    return tie_interval(rows.fused, rows.gold)[1]


def balanced_accuracy(rows: FusedRows) -> float:
    """Return the accuracy of each true class, averaged; undecided rows count as wrong."""
    return _mean([_mean(is_right(rows)[rows.gold == code]) for code in np.unique(rows.gold)])


@dataclass(frozen=True, eq=False, kw_only=True)
class NumberRows:
    """Some rows with a fused number and the true one.

    Parameters
    ----------
    value, gold : array of shape (n_rows,)
        NaN where undecided or not known.
    """

    value: Floats
    gold: Floats

    def part(self, rows: npt.NDArray[np.bool_]) -> NumberRows:
        """Return the chosen rows."""
        return NumberRows(value=self.value[rows], gold=self.gold[rows])

    def with_gold(self) -> NumberRows:
        """Return the rows whose true number is known."""
        return self.part(~np.isnan(self.gold))


def decided_numbers(rows: NumberRows) -> float:
    """Return the share of rows that have a number."""
    return _mean(~np.isnan(rows.value))


def mean_absolute_error(rows: NumberRows) -> float:
    """Return how far the fused number is off, on average over the rows that have one."""
    off = np.abs(rows.value - rows.gold)
    return _mean(off[~np.isnan(off)])


def exactly_right(rows: NumberRows) -> float:
    """Return the share of rows whose number is the true one; undecided is not."""
    # A mean of equal numbers may be a hair off them.
    return _mean(np.isclose(rows.value, rows.gold, rtol=1e-9, atol=1e-12))


@dataclass(frozen=True, kw_only=True)
class FusionMetric:
    """The declaration of one score of a fused label.

    Parameters
    ----------
    id : str
        Stable name, scikit-learn's where it has one.
    label : str
        What stands above the column.
    help : str
        What it says in plain words, its range and which direction is good.
    greater_is_better : bool, optional
        Its direction; ``None`` for a number that is neither good nor bad.
    formula : callable
        :class:`FusedRows` (or :class:`NumberRows`) → float.
    gold : bool, default True
        Whether it is about the rows whose true label is known; else about all rows.
    """

    id: str
    label: str
    help: str
    greater_is_better: bool | None
    formula: Callable[..., float]
    gold: bool = True


FUSION_METRICS: tuple[FusionMetric, ...] = (
    FusionMetric(
        id="decided_share",
        label="Decided",
        help=(
            "Share of all rows that got a label. 0 to 1. A strict rule decides less and is right "
            "more often where it does, so read it together with the accuracy."
        ),
        greater_is_better=True,
        formula=decided_share,
        gold=False,
    ),
    FusionMetric(
        id="tie_share",
        label="Ties",
        help=(
            "Share of all rows in which several labels share the lead, so that the rule for ties "
            "decides and not the votes. 0 to 1, lower is better."
        ),
        greater_is_better=False,
        formula=tie_share,
        gold=False,
    ),
    FusionMetric(
        id="accuracy",
        label="Accuracy",
        help=(
            "Share of the rows with a known true label that got it. 0 to 1, higher is better. Rows "
            "without a decision count as wrong."
        ),
        greater_is_better=True,
        formula=accuracy,
    ),
    FusionMetric(
        id="ties_wrong",
        label="Accuracy, ties wrong",
        help=(
            "The accuracy if every tie were decided for a wrong label: no rule for ties does "
            "worse. 0 to 1, higher is better."
        ),
        greater_is_better=True,
        formula=ties_wrong,
    ),
    FusionMetric(
        id="ties_right",
        label="Accuracy, ties right",
        help=(
            "The accuracy if every tie in which the true label takes part were decided for it: no "
            "rule for ties does better. 0 to 1, higher is better."
        ),
        greater_is_better=True,
        formula=ties_right,
    ),
    FusionMetric(
        id="balanced_accuracy",
        label="Balanced accuracy",
        help=(
            "The accuracy of each true label by itself, averaged, so that rare labels count as "
            "much as frequent ones. 0 to 1, higher is better. Rows without a decision count as "
            "wrong."
        ),
        greater_is_better=True,
        formula=balanced_accuracy,
    ),
)

NUMBER_METRICS: tuple[FusionMetric, ...] = (
    FusionMetric(
        id="decided_share",
        label="Decided",
        help="Share of all rows that got a number. 0 to 1, higher is better.",
        greater_is_better=True,
        formula=decided_numbers,
        gold=False,
    ),
    FusionMetric(
        id="mean_absolute_error",
        label="Mean absolute error",
        help=(
            "How far the fused number is from the true one, on average, in the unit of the labels. "
            "0 or more, lower is better. Rows without a decision are left out."
        ),
        greater_is_better=False,
        formula=mean_absolute_error,
    ),
    FusionMetric(
        id="exactly_right",
        label="Exactly right",
        help=(
            "Share of the rows with a known true number that got just this number. 0 to 1, higher "
            "is better. Rows without a decision count as wrong."
        ),
        greater_is_better=True,
        formula=exactly_right,
    ),
)

#: The score that sorts methods.
MAIN_FUSION_METRIC = "accuracy"


def find_fusion_metric(metric: str, *, numbers: bool = False) -> FusionMetric:
    """Return a declaration by its id.

    Parameters
    ----------
    metric : str
        Its id; what was fused decides which of two with the same id is meant.
    numbers : bool, default False
        Whether numbers were fused, not classes.

    Raises
    ------
    UserError
        There is no such score.
    """
    return find_declared(metric, NUMBER_METRICS if numbers else FUSION_METRICS)


def fusion_scores(
    fused: Fused, gold: Codes | None = None, folds: Codes | None = None
) -> pd.DataFrame:
    """Return every score of fused labels.

    Parameters
    ----------
    fused : Fused
        Of a rule or a model.
    gold : array of shape (n_rows,), optional
        Class number of the true label, -1 where it is not known.
    folds : array of shape (n_rows,), optional
        Fold in which a row was judged, from 1 on; 0 or less for rows that were not.

    Returns
    -------
    DataFrame
        ``fold`` (0: all rows together; then each fold, for the scores on gold rows), ``metric``
        (id, in display order), ``value`` (NaN without a row).
    """
    return _scored(_rows_of(fused, gold), FUSION_METRICS, folds)


def _rows_of(fused: Fused, gold: Codes | None) -> FusedRows:
    known = np.full(len(fused.label), -1, dtype=np.intp) if gold is None else gold
    return FusedRows(fused=fused, gold=known)


def number_scores(
    value: Floats,
    gold: Floats | None = None,
    *,
    folds: Codes | None = None,
) -> pd.DataFrame:
    """Return every score of fused numbers.

    Parameters
    ----------
    value : array of shape (n_rows,)
        The fused number, NaN where undecided.
    gold : array of shape (n_rows,), optional
        The true number, NaN where it is not known.
    folds : array of shape (n_rows,), optional
        As for :func:`fusion_scores`.

    Returns
    -------
    DataFrame
        As of :func:`fusion_scores`, for :data:`NUMBER_METRICS`.
    """
    known = np.full(len(value), np.nan) if gold is None else gold
    rows = NumberRows(value=value, gold=known)
    return _scored(rows, NUMBER_METRICS, folds)


def _scored(
    rows: FusedRows | NumberRows, declared: Sequence[FusionMetric], folds: Codes | None
) -> pd.DataFrame:
    judged = rows.with_gold()
    lines = [(0, spec.id, spec.formula(judged if spec.gold else rows)) for spec in declared]
    numbers = [] if folds is None else np.unique(folds[folds > 0]).tolist()
    for fold in numbers:
        part = rows.part(folds == fold).with_gold()
        lines += [(fold, spec.id, spec.formula(part)) for spec in declared if spec.gold]
    return pd.DataFrame(lines, columns=["fold", "metric", "value"])


def best_two(methods: Mapping[str, Fused], gold: Codes) -> Message:
    """Return in words whether the two most accurate methods differ by more than luck.

    Only the rows on which exactly one of the two is right tell them apart. If both were equally
    good, each would be right on about half of these: the exact McNemar test says how often luck
    alone makes a difference as large. The best of m methods was picked, so its p-value is
    multiplied by m - 1 (Bonferroni).

    Parameters
    ----------
    methods : mapping of str to Fused
        By the name of the method.
    gold : array of shape (n_rows,)
        Class number of the true label, -1 where it is not known.

    References
    ----------
    McNemar (1947), "Note on the sampling error of the difference between correlated proportions
    or percentages", Psychometrika 12, 153-157.
    """
    if len(methods) < 2:
        return message("fusion.best_two.one_method")
    if not (gold >= 0).any():
        return message("fusion.best_two.no_gold")
    right = {name: is_right(_rows_of(fused, gold).with_gold()) for name, fused in methods.items()}
    best, second = sorted(right, key=lambda name: -int(right[name].sum()))[:2]
    ahead = int((right[best] & ~right[second]).sum())
    behind = int((right[second] & ~right[best]).sum())
    p_value = min(1.0, mcnemar(ahead, behind) * (len(methods) - 1))
    return _verdict(best, second, ahead, behind, p_value, len(right[best]))


def _verdict(best: str, second: str, ahead: int, behind: int, p_value: float, rows: int) -> Message:
    names = {"best": best, "second": second, "rows": rows}
    if not ahead + behind:
        return message("fusion.best_two.same", **names)
    counted = {**names, "ahead": ahead, "behind": behind, "p_value": _in_words(p_value)}
    if p_value <= CHANCE:
        return message("fusion.best_two.differ", **counted)
    return message("fusion.best_two.luck", **counted)


def _in_words(p_value: float) -> str:
    return "< 0.001" if p_value < 0.001 else f"= {p_value:.3f}"


def mcnemar(ahead: int, behind: int) -> float:
    """Return the two-sided exact p-value of McNemar's test; 1 without a row to tell them apart.

    Parameters
    ----------
    ahead, behind : int
        Rows on which only the first, and only the second, is right.
    """
    return float(min(1.0, 2 * binom.cdf(min(ahead, behind), ahead + behind, 0.5)))


def is_cross_fitted(evaluation: Evaluation) -> bool:
    """Return whether gold rows had a say in the labels, so that others had to judge each of them.

    Parameters
    ----------
    evaluation : Evaluation
        Of a fusion; where gold rows have no say, all of them are judged in one fold.
    """
    rows = evaluation.predictions
    return len(rows) > 0 and bool(rows["fold"].nunique() > 1)


def label_quality(evaluation: Evaluation, *, numbers: bool = False) -> tuple[Message, ...]:
    """Return what scores against a fused label mean, and how good that label itself is.

    Parameters
    ----------
    evaluation : Evaluation
        Of the fusion: its scores at fold 0, and one prediction for each gold row that judges. What
        was learnt from gold rows is judged fold by fold there.
    numbers : bool, default False
        Whether numbers were fused, not classes.
    """
    scores = evaluation.scores[evaluation.scores["fold"] == 0].set_index("metric")["value"]
    value = float(scores.get("mean_absolute_error" if numbers else MAIN_FUSION_METRIC, np.nan))
    rows = len(evaluation.predictions)
    meaning = message("fusion.quality.scores")
    if not rows or np.isnan(value):
        return meaning, message("fusion.quality.no_gold")
    if numbers:
        return meaning, message("fusion.quality.numbers", rows=rows, error=f"{value:.3g}")
    return meaning, message("fusion.quality.classes", rows=rows, share=f"{100 * value:.3g}")
