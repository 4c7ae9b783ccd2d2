"""Every score the workbench shows, declared once.

The leaderboard's columns, their explanations, the documentation and the tests come from
:data:`METRICS`. To add a metric, add its formula and its declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
import pandas as pd

from mlcore.errors import UserError, did_you_mean
from mlcore.evaluation import formulas
from mlcore.evaluation.answers import (
    Answers,
    ClassAnswers,
    Floats,
    ValueAnswers,
    class_answers,
    value_answers,
)
from mlcore.messages import Message, listing, message
from mlcore.tasks import Task


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


Declared = TypeVar("Declared", bound=_HasId)


def always(_: Any) -> None:
    """Return that a metric is defined for any rows."""


def _probabilities(answers: ClassAnswers) -> Message | None:
    if answers.probabilities is None:
        return message("metric.undefined.no_probabilities")
    if answers.unknown:
        return message("metric.undefined.class_unknown", classes=listing(answers.unknown))
    return None


def _each_class(answers: ClassAnswers) -> Message | None:
    if reason := _probabilities(answers):
        return reason
    if answers.missing:
        return message("metric.undefined.class_missing", classes=listing(answers.missing))
    if len(answers.known) < 2:
        return message("metric.undefined.one_class")
    return None


def _no_zeros(answers: ValueAnswers) -> Message | None:
    zeros = int((answers.actual == 0).sum())
    return message("metric.undefined.zeros", rows=zeros) if zeros else None


def _spread(answers: ValueAnswers) -> Message | None:
    varies = answers.actual.min() != answers.actual.max()
    return None if varies else message("metric.undefined.constant")


@dataclass(frozen=True, kw_only=True)
class MetricSpec:
    """The declaration of one score.

    Parameters
    ----------
    id : str
        Stable name, scikit-learn's where it has one.
    label : str
        What stands above the column.
    help : str
        What it says in plain words, its range and which direction is good.
    task : Task
        Where it applies.
    needs : {"labels", "probabilities", "values"}
        What of a prediction it reads: the class, the class probabilities, or the number.
    greater_is_better : bool
        Its direction.
    formula : callable
        Answers → array of shape (n_resamples,).
    bounds : tuple of float
        Smallest and largest possible value.
    undefined : callable
        Answers → the reason why it has no value for these rows, or ``None``.
    in_label_unit : bool
        Whether it is measured in the unit of the label.
    resampled : bool
        Whether resampling rows says something about it. It does not for a maximum: a resample can
        never hold a larger error than the largest one seen.
    """

    id: str
    label: str
    help: str
    task: Task
    needs: Literal["labels", "probabilities", "values"]
    greater_is_better: bool
    formula: Callable[[Any], Floats]
    bounds: tuple[float, float]
    undefined: Callable[[Any], Message | None] = always
    in_label_unit: bool = False
    resampled: bool = True


METRICS: tuple[MetricSpec, ...] = (
    MetricSpec(
        id="balanced_accuracy",
        label="Balanced accuracy",
        help=(
            "Of each class, the share of rows that was recognised; then the mean over classes, so "
            "that a rare class counts as much as a common one. 0 to 1, higher is better. Always "
            "naming the same class gives 1 divided by the number of classes."
        ),
        task=Task.CLASSIFICATION,
        needs="labels",
        greater_is_better=True,
        formula=formulas.balanced_accuracy,
        bounds=(0.0, 1.0),
    ),
    MetricSpec(
        id="accuracy",
        label="Accuracy",
        help=(
            "Share of rows whose class was predicted right. 0 to 1, higher is better. When one "
            "class is common, always naming that class already scores high."
        ),
        task=Task.CLASSIFICATION,
        needs="labels",
        greater_is_better=True,
        formula=formulas.accuracy,
        bounds=(0.0, 1.0),
    ),
    MetricSpec(
        id="f1_macro",
        label="F1 (macro)",
        help=(
            "F1 joins precision and recall of a class and is high only when both are; macro is the "
            "plain mean over classes. 0 to 1, higher is better."
        ),
        task=Task.CLASSIFICATION,
        needs="labels",
        greater_is_better=True,
        formula=formulas.f1_macro,
        bounds=(0.0, 1.0),
    ),
    MetricSpec(
        id="f1_weighted",
        label="F1 (weighted)",
        help=(
            "The mean of each class's F1, where a class counts by its number of rows. "
            "0 to 1, higher is better."
        ),
        task=Task.CLASSIFICATION,
        needs="labels",
        greater_is_better=True,
        formula=formulas.f1_weighted,
        bounds=(0.0, 1.0),
    ),
    MetricSpec(
        id="precision_macro",
        label="Precision (macro)",
        help=(
            "When the model names a class, how often it is right; the plain mean over classes. "
            "A class that is never named counts as 0. 0 to 1, higher is better."
        ),
        task=Task.CLASSIFICATION,
        needs="labels",
        greater_is_better=True,
        formula=formulas.precision_macro,
        bounds=(0.0, 1.0),
    ),
    MetricSpec(
        id="precision_weighted",
        label="Precision (weighted)",
        help=(
            "When the model names a class, how often it is right; a class counts by its number of "
            "rows. 0 to 1, higher is better."
        ),
        task=Task.CLASSIFICATION,
        needs="labels",
        greater_is_better=True,
        formula=formulas.precision_weighted,
        bounds=(0.0, 1.0),
    ),
    MetricSpec(
        id="recall_macro",
        label="Recall (macro)",
        help=(
            "Of the rows of a class, the share that the model finds; the plain mean over classes. "
            "0 to 1, higher is better."
        ),
        task=Task.CLASSIFICATION,
        needs="labels",
        greater_is_better=True,
        formula=formulas.recall_macro,
        bounds=(0.0, 1.0),
    ),
    MetricSpec(
        id="recall_weighted",
        label="Recall (weighted)",
        help=(
            "Of the rows of a class, the share that the model finds; a class counts by its number "
            "of rows, which makes it equal to accuracy. 0 to 1, higher is better."
        ),
        task=Task.CLASSIFICATION,
        needs="labels",
        greater_is_better=True,
        formula=formulas.recall_weighted,
        bounds=(0.0, 1.0),
    ),
    MetricSpec(
        id="mcc",
        label="Matthews correlation",
        help=(
            "How closely predicted and actual classes go together, fair to rare classes. "
            "−1 to 1, higher is better; 0 is no better than guessing."
        ),
        task=Task.CLASSIFICATION,
        needs="labels",
        greater_is_better=True,
        formula=formulas.mcc,
        bounds=(-1.0, 1.0),
    ),
    MetricSpec(
        id="roc_auc",
        label="ROC AUC",
        help=(
            "Take one row of a class and one of another: how often does the former get the higher "
            "probability? With more than two classes, the mean over each class against the rest. "
            "0 to 1, higher is better; 0.5 is guessing."
        ),
        task=Task.CLASSIFICATION,
        needs="probabilities",
        greater_is_better=True,
        formula=formulas.roc_auc,
        bounds=(0.0, 1.0),
        undefined=_each_class,
    ),
    MetricSpec(
        id="average_precision",
        label="Average precision",
        help=(
            "Precision averaged while going down the list of rows from the most to the least "
            "probable one; for two classes of the second class in alphabetical order, else the "
            "mean over classes. 0 to 1, higher is better; guessing scores the share of the class."
        ),
        task=Task.CLASSIFICATION,
        needs="probabilities",
        greater_is_better=True,
        formula=formulas.average_precision,
        bounds=(0.0, 1.0),
        undefined=_each_class,
    ),
    MetricSpec(
        id="log_loss",
        label="Log loss",
        help=(
            "Punishes small probabilities for what really happened, certain misses most of all. "
            "0 to about 36 (a certain miss on every row), lower is better; always saying “equally "
            "likely” scores the logarithm of the number of classes."
        ),
        task=Task.CLASSIFICATION,
        needs="probabilities",
        greater_is_better=False,
        formula=formulas.log_loss,
        bounds=(0.0, np.inf),
        undefined=_probabilities,
    ),
    MetricSpec(
        id="brier",
        label="Brier score",
        help=(
            "Mean squared distance between the probabilities and what happened. 0 to 1 for two "
            "classes, 0 to 2 for more; lower is better."
        ),
        task=Task.CLASSIFICATION,
        needs="probabilities",
        greater_is_better=False,
        formula=formulas.brier,
        bounds=(0.0, 2.0),
        undefined=_probabilities,
    ),
    MetricSpec(
        id="rmse",
        label="RMSE",
        help=(
            "Root mean squared error: the usual size of a miss, in the unit of the label; large "
            "misses count more than small ones. 0 upwards, lower is better."
        ),
        task=Task.REGRESSION,
        needs="values",
        greater_is_better=False,
        formula=formulas.rmse,
        bounds=(0.0, np.inf),
        in_label_unit=True,
    ),
    MetricSpec(
        id="mae",
        label="MAE",
        help=(
            "Mean absolute error: the mean size of a miss, in the unit of the label. "
            "0 upwards, lower is better."
        ),
        task=Task.REGRESSION,
        needs="values",
        greater_is_better=False,
        formula=formulas.mae,
        bounds=(0.0, np.inf),
        in_label_unit=True,
    ),
    MetricSpec(
        id="median_absolute_error",
        label="Median absolute error",
        help=(
            "Half of the rows are missed by less than this, in the unit of the label; a few wild "
            "misses do not change it. 0 upwards, lower is better."
        ),
        task=Task.REGRESSION,
        needs="values",
        greater_is_better=False,
        formula=formulas.median_absolute_error,
        bounds=(0.0, np.inf),
        in_label_unit=True,
    ),
    MetricSpec(
        id="mape",
        label="MAPE",
        help=(
            "Mean absolute percentage error: the mean miss as a share of the actual value, so 0.1 "
            "is ten per cent. 0 upwards, lower is better. It has no value when an actual value "
            "is 0."
        ),
        task=Task.REGRESSION,
        needs="values",
        greater_is_better=False,
        formula=formulas.mape,
        bounds=(0.0, np.inf),
        undefined=_no_zeros,
    ),
    MetricSpec(
        id="r2",
        label="R²",
        help=(
            "Share of the label's variance that the model explains. At most 1, higher is better; "
            "0 is as good as always saying the mean, below 0 is worse than that."
        ),
        task=Task.REGRESSION,
        needs="values",
        greater_is_better=True,
        formula=formulas.r2,
        bounds=(-np.inf, 1.0),
        undefined=_spread,
    ),
    MetricSpec(
        id="max_error",
        label="Max error",
        help="The single largest miss, in the unit of the label. 0 upwards, lower is better.",
        task=Task.REGRESSION,
        needs="values",
        greater_is_better=False,
        formula=formulas.max_error,
        bounds=(0.0, np.inf),
        in_label_unit=True,
        resampled=False,
    ),
)

#: The score that sorts the leaderboard and that importance and learning curves are measured in.
#: Balanced accuracy, because a model that ignores a rare class must not look good on it. RMSE,
#: because it has the label's unit and is lowest for the mean, which is what regressors estimate.
MAIN_METRIC: dict[Task, str] = {
    Task.CLASSIFICATION: "balanced_accuracy",
    Task.REGRESSION: "rmse",
}


def metrics_for(task: Task) -> tuple[MetricSpec, ...]:
    """Return the metrics of a task in display order."""
    return tuple(spec for spec in METRICS if spec.task is task)


def find_metric(metric: str) -> MetricSpec:
    """Return a declaration by its id.

    Raises
    ------
    UserError
        There is no such metric.
    """
    return find_declared(metric, METRICS)


def find_declared(metric: str, declared: Sequence[Declared]) -> Declared:
    """Return the declaration of that id.

    Raises
    ------
    UserError
        None of the declarations has it; the nearest id is offered.
    """
    known = {spec.id: spec for spec in declared}
    if metric not in known:
        raise UserError("metric.unknown", name=metric, suggestion=did_you_mean(metric, known))
    return known[metric]


def answers_for(
    task: Task,
    actual: Sequence[Any] | pd.Series,
    predicted: Sequence[Any] | pd.Series,
    probabilities: pd.DataFrame | None = None,
) -> Answers:
    """Return the record that the formulas of a task read."""
    if task is Task.CLASSIFICATION:
        return class_answers(actual, predicted, probabilities)
    return value_answers(actual, predicted)


def score_all(
    task: Task,
    actual: Sequence[Any] | pd.Series,
    predicted: Sequence[Any] | pd.Series,
    probabilities: pd.DataFrame | None = None,
) -> dict[str, float]:
    """Return every score of a task by metric id; NaN where a score is undefined.

    Parameters
    ----------
    task : Task
        Decides which metrics apply.
    actual, predicted : sequence of shape (n_rows,)
        Class names (text), or numbers.
    probabilities : DataFrame of shape (n_rows, n_classes), optional
        One column for each class the model knows, named after it.

    Returns
    -------
    dict of str to float
        In display order. For two classes, ROC AUC and average precision are those of the second
        class in sorted order; for more, the mean over each class against the rest.
    """
    answers = answers_for(task, actual, predicted, probabilities)
    return {spec.id: value_of(spec, answers) for spec in metrics_for(task)}


def score(
    metric: str,
    actual: Sequence[Any] | pd.Series,
    predicted: Sequence[Any] | pd.Series,
    probabilities: pd.DataFrame | None = None,
) -> float:
    """Return one score, NaN where it is undefined; arguments as for :func:`score_all`."""
    spec = find_metric(metric)
    return value_of(spec, answers_for(spec.task, actual, predicted, probabilities))


def why_undefined(spec: MetricSpec, answers: Answers) -> Message | None:
    """Return the reason why a metric has no value for these rows, or ``None``."""
    if len(answers.actual) == 0:
        return message("metric.undefined.no_rows")
    return spec.undefined(answers)


def undefined_metrics(
    task: Task,
    actual: Sequence[Any] | pd.Series,
    predicted: Sequence[Any] | pd.Series,
    probabilities: pd.DataFrame | None = None,
) -> dict[str, Message]:
    """Return the reason for each metric of the task that has no value for these rows."""
    answers = answers_for(task, actual, predicted, probabilities)
    reasons = {spec.id: why_undefined(spec, answers) for spec in metrics_for(task)}
    return {metric: reason for metric, reason in reasons.items() if reason is not None}


def value_of(spec: MetricSpec, answers: Answers) -> float:
    """Return the value of a metric for these rows, NaN where it is undefined."""
    if why_undefined(spec, answers) is not None:
        return float(np.nan)
    with np.errstate(over="ignore", invalid="ignore"):  # a model that ran away: inf, then NaN
        return float(spec.formula(answers)[0])
