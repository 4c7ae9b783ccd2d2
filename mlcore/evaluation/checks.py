"""What a careful colleague would point out about a run.

Each check has a stable code; its words are ``finding.<code>.…`` in ``mlcore.messages``. A check
always has an outcome: it found something, it passed, or it does not apply and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlcore.evaluation.classification import calibration_frame, class_report_frame
from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.intervals import corrected_interval, fold_ratio
from mlcore.evaluation.metrics import MAIN_METRIC, MetricSpec, find_metric
from mlcore.evaluation.summary import fold_scores
from mlcore.findings import Finding, Severity
from mlcore.messages import Message, listing, message
from mlcore.tasks import Task

#: A class score whose folds spread by more than this (standard deviation) is called unsteady …
UNSTEADY_SHARE = 0.1
#: … and so is an error in the label's unit that spreads by more than this part of its mean.
UNSTEADY_PART = 0.3
#: From here on a score is too good to be believed without a look.
TOO_GOOD = 0.999
#: Mean gap between probability and frequency, beyond what few rows explain, that is reported.
CALIBRATION_GAP = 0.05
#: Training score minus validation score that is called overfitting; for errors, their ratio.
OVERFIT_GAP = 0.1
OVERFIT_RATIO = 1.5

#: Notes of a run that say that a fit stopped before it was done.
NOT_CONVERGED = "training.not_converged"


@dataclass(frozen=True, eq=False, kw_only=True)
class _Run:
    evaluation: Evaluation
    baseline: Evaluation | None
    task: Task
    notes: Sequence[Message]
    learning: pd.DataFrame | None

    @property
    def metric(self) -> MetricSpec:
        return find_metric(MAIN_METRIC[self.task])

    @property
    def scores(self) -> pd.Series:
        return fold_scores(self.evaluation, self.metric.id).dropna()


def check_run(
    evaluation: Evaluation,
    baseline: Evaluation | None,
    task: Task,
    notes: Sequence[Message] = (),
    learning: pd.DataFrame | None = None,
) -> tuple[Finding, ...]:
    """Return one finding for each check, in the order of their codes.

    Parameters
    ----------
    evaluation : Evaluation
        Of the run.
    baseline : Evaluation, optional
        Of the baseline with the same split; left out for the baseline itself.
    task : Task
        What is predicted.
    notes : sequence of Message
        What the run noted while it trained.
    learning : DataFrame, optional
        Its learning curve (``learning_curve_frame``), for the check on overfitting.
    """
    run = _Run(evaluation=evaluation, baseline=baseline, task=task, notes=notes, learning=learning)
    return tuple(check(run) for check in CHECKS)


def _passed(code: str, **parameters: object) -> Finding:
    words = message(f"finding.{code}.passed", **parameters)
    return Finding(code, Severity.PASSED, outcome=words)


def _not_applicable(code: str, reason: str) -> Finding:
    return Finding(code, Severity.NOT_APPLICABLE, outcome=message(f"check.not_applicable.{reason}"))


def beats_baseline(run: _Run) -> Finding:
    """MODEL001: whether the model is better than no model."""
    code = "MODEL001"
    if run.baseline is None or run.baseline is run.evaluation:
        return _not_applicable(code, "no_baseline")
    theirs = fold_scores(run.baseline, run.metric.id)
    sign = 1 if run.metric.greater_is_better else -1
    ratio = fold_ratio(run.evaluation.timing)
    gain = corrected_interval(sign * (run.scores - theirs), ratio)
    if gain.folds == 0:
        return _not_applicable(code, "other_folds")
    words = {
        "metric": run.metric.label,
        "score": f"{run.scores.mean():.3g}",
        "baseline": f"{theirs.mean():.3g}",
    }
    if gain.low > 0 or (gain.folds == 1 and gain.mean > 0):
        return _passed(code, **words)
    severity = Severity.PROBLEM if gain.mean <= 0 else Severity.WARNING
    return Finding(code, severity, parameters=words)


def steady_over_folds(run: _Run) -> Finding:
    """MODEL002: whether the folds agree."""
    code = "MODEL002"
    if len(run.scores) < 3:
        return _not_applicable(code, "few_folds")
    spread, mean = float(run.scores.std(ddof=1)), float(run.scores.mean())
    limit = UNSTEADY_PART * mean if run.metric.in_label_unit else UNSTEADY_SHARE
    words = {
        "metric": run.metric.label,
        "low": f"{run.scores.min():.3g}",
        "high": f"{run.scores.max():.3g}",
        "folds": len(run.scores),
    }
    if spread > limit:
        return Finding(code, Severity.WARNING, parameters=words)
    return _passed(code, **words)


def predicts_every_class(run: _Run) -> Finding:
    """MODEL003: whether there is a class that the model never names."""
    code = "MODEL003"
    if run.task is not Task.CLASSIFICATION:
        return _not_applicable(code, "classes_only")
    report = class_report_frame(run.evaluation.predictions)
    silent = report[(report["predicted_rows"] == 0) & (report["actual_rows"] > 0)]
    if silent.empty:
        return _passed(code)
    words = {"classes": listing(silent["class"]), "rows": int(silent["actual_rows"].sum())}
    return Finding(code, Severity.WARNING, parameters=words)


def is_calibrated(run: _Run) -> Finding:
    """MODEL004: whether its probabilities mean what they say."""
    code = "MODEL004"
    if run.task is not Task.CLASSIFICATION:
        return _not_applicable(code, "classes_only")
    frame = calibration_frame(run.evaluation.predictions)
    if frame.empty:
        return _not_applicable(code, "no_probabilities")
    gaps = _calibration_gaps(frame)
    worst = max(gaps, key=gaps.__getitem__)
    words = {"class": worst, "gap": f"{100 * gaps[worst]:.0f}"}
    if gaps[worst] > CALIBRATION_GAP:
        return Finding(code, Severity.WARNING, parameters=words)
    return _passed(code)


def _calibration_gaps(frame: pd.DataFrame) -> dict[str, float]:
    """Return for each class the mean distance of the probability from the observed interval."""
    outside = np.maximum(frame["low"] - frame["predicted"], frame["predicted"] - frame["high"])
    table = frame.assign(distance=np.maximum(outside, 0.0) * frame["count"])
    sums = table.groupby("class")[["distance", "count"]].sum()
    return {str(name): float(row["distance"] / row["count"]) for name, row in sums.iterrows()}


def converged(run: _Run) -> Finding:
    """MODEL005: whether training came to its end."""
    code = "MODEL005"
    for note in run.notes:
        if note.code == NOT_CONVERGED:
            return Finding(code, Severity.WARNING, parameters={"note": str(note)})
    return _passed(code)


def is_believable(run: _Run) -> Finding:
    """MODEL006: whether the score is too good to be true."""
    code = "MODEL006"
    metric = run.metric if run.task is Task.CLASSIFICATION else find_metric("r2")
    mean = float(fold_scores(run.evaluation, metric.id).mean())
    if np.isnan(mean):
        return _not_applicable(code, "no_score")
    words = {"metric": metric.label, "score": f"{mean:.4g}"}
    if mean >= TOO_GOOD:
        return Finding(code, Severity.WARNING, parameters=words)
    return _passed(code, **words)


def generalises(run: _Run) -> Finding:
    """MODEL007: whether it knows its training rows much better than new ones."""
    code = "MODEL007"
    if run.learning is None:
        return _not_applicable(code, "no_learning_curve")
    largest = run.learning["n_train"] == run.learning.groupby("fold")["n_train"].transform("max")
    means = run.learning[largest].groupby("part")["value"].mean()
    train, validation = float(means["train"]), float(means["validation"])
    if np.isnan(train) or np.isnan(validation):
        return _not_applicable(code, "no_score")
    words = {
        "metric": run.metric.label,
        "train": f"{train:.3g}",
        "validation": f"{validation:.3g}",
    }
    if run.metric.greater_is_better:
        too_far = train - validation > OVERFIT_GAP
    else:
        too_far = validation > OVERFIT_RATIO * train
    if too_far:
        return Finding(code, Severity.WARNING, parameters=words)
    return _passed(code, **words)


#: Every check, in the order of the codes.
CHECKS: tuple[Callable[[_Run], Finding], ...] = (
    beats_baseline,
    steady_over_folds,
    predicts_every_class,
    is_calibrated,
    converged,
    is_believable,
    generalises,
)
