"""Each check: what it finds, when it passes, and when it does not apply."""

from __future__ import annotations

import pandas as pd
import pytest
from evaluation.runs import (
    class_predictions,
    evaluation_of,
    evaluation_with_scores,
    value_predictions,
)

from mlcore.evaluation.checks import CHECKS, NOT_CONVERGED, check_run
from mlcore.evaluation.intervals import wilson_interval
from mlcore.findings import Finding, Severity
from mlcore.messages import Message
from mlcore.tasks import Task

CLASSES = Task.CLASSIFICATION
SCORE = "balanced_accuracy"
GOOD = evaluation_of(class_predictions(n_rows=400, skill=4), CLASSES)
GUESS = evaluation_of(class_predictions(n_rows=400, skill=0), CLASSES)


def finding(code, evaluation, baseline=None, task=CLASSES, notes=(), learning=None) -> Finding:
    found = {made.code: made for made in check_run(evaluation, baseline, task, notes, learning)}
    assert list(found) == [f"MODEL{number:03d}" for number in range(1, len(CHECKS) + 1)]
    for made in found.values():
        assert made.title and made.explanation
        assert Finding.from_json(made.to_json()) == made
        assert bool(made.action) == (made.outcome is None)
    return found[code]


def curve(train, validation):
    return pd.DataFrame(
        {
            "n_train": [40, 40, 80, 80],
            "part": ["train", "validation"] * 2,
            "fold": 1,
            "value": [1.0, 0.2, train, validation],
        }
    )


def with_scores(values, metric=SCORE):
    return evaluation_with_scores(metric, values, 80, 20)


def test_better_than_the_baseline():
    assert finding("MODEL001", GOOD, GUESS).severity is Severity.PASSED
    worse = finding("MODEL001", GUESS, GOOD)
    assert worse.severity is Severity.PROBLEM and "0.979 for the baseline" in worse.explanation
    near = finding("MODEL001", with_scores([0.6, 0.5, 0.55]), with_scores([0.5, 0.5, 0.5]))
    assert near.severity is Severity.WARNING
    assert finding("MODEL001", GOOD).severity is Severity.NOT_APPLICABLE
    assert finding("MODEL001", GOOD, GOOD).severity is Severity.NOT_APPLICABLE


def test_better_means_smaller_for_errors():
    good, bad = with_scores([1, 1.1, 1], "rmse"), with_scores([5, 5.2, 5.1], "rmse")
    assert finding("MODEL001", good, bad, Task.REGRESSION).severity is Severity.PASSED
    assert finding("MODEL001", bad, good, Task.REGRESSION).severity is Severity.PROBLEM


@pytest.mark.parametrize(
    ("values", "metric", "severity"),
    [
        ([0.9, 0.6, 0.95], SCORE, Severity.WARNING),
        ([0.9, 0.88, 0.91], SCORE, Severity.PASSED),
        ([0.9, 0.6], SCORE, Severity.NOT_APPLICABLE),
        ([100, 40, 60], "rmse", Severity.WARNING),
        ([100, 90, 105], "rmse", Severity.PASSED),
    ],
)
def test_steady_over_folds(values, metric, severity):
    task = CLASSES if metric == SCORE else Task.REGRESSION
    found = finding("MODEL002", with_scores(values, metric), task=task)
    assert found.severity is severity
    if severity is Severity.WARNING:
        assert f"between {min(values):.3g} and {max(values):.3g}" in found.explanation


def test_every_class_is_predicted():
    predictions = class_predictions()
    silent = predictions.assign(predicted=predictions["predicted"].replace("owl", "cat"))
    found = finding("MODEL003", evaluation_of(silent, CLASSES))
    assert found.severity is Severity.WARNING
    assert "“owl”" in found.explanation
    assert str((predictions["actual"] == "owl").sum()) in found.explanation
    assert finding("MODEL003", GOOD).severity is Severity.PASSED


def test_calibration():
    predictions = class_predictions(("no", "yes"), n_rows=600, skill=0)
    # it claims certainty and is right by luck only
    is_yes = predictions["p:yes"] > 0.5
    certain = predictions.assign(**{"p:yes": is_yes * 0.98 + 0.01, "p:no": 0.99 - is_yes * 0.98})
    found = finding("MODEL004", evaluation_of(certain, CLASSES))
    assert found.severity is Severity.WARNING
    share = (predictions["actual"] == "yes").mean()
    honest = predictions.assign(**{"p:yes": share, "p:no": 1 - share})
    assert finding("MODEL004", evaluation_of(honest, CLASSES)).severity is Severity.PASSED
    labels = predictions.drop(columns=["p:yes", "p:no"])
    assert finding("MODEL004", evaluation_of(labels, CLASSES)).severity is Severity.NOT_APPLICABLE


def test_calibration_names_the_class_that_is_furthest_off():
    predictions = class_predictions(n_rows=600)
    claims = {"p:cat": 0.9, "p:dog": 0.05, "p:owl": 0.05}
    found = finding("MODEL004", evaluation_of(predictions.assign(**claims), CLASSES))
    cats = int((predictions["actual"] == "cat").sum())
    gap = 100 * (0.9 - float(wilson_interval([cats], [600])[1][0]))
    assert "“cat”" in found.explanation and f"by {gap:.0f} percentage points" in found.explanation


def test_convergence_is_read_from_the_notes():
    note = Message(NOT_CONVERGED, {"name": "SVM", "fits": 2})
    assert finding("MODEL005", GOOD).severity is Severity.PASSED
    found = check_run(GOOD, None, CLASSES, [note])[4]
    assert found.severity is Severity.WARNING and found.explanation == str(note)


def test_too_good_to_be_true():
    assert finding("MODEL006", with_scores([1.0, 1.0, 0.999])).severity is Severity.WARNING
    assert finding("MODEL006", GOOD).severity is Severity.PASSED
    exact = evaluation_of(value_predictions(noise=1e-6), Task.REGRESSION)
    assert finding("MODEL006", exact, task=Task.REGRESSION).severity is Severity.WARNING


def test_overfitting_is_read_from_the_learning_curve():
    assert finding("MODEL007", GOOD).severity is Severity.NOT_APPLICABLE
    found = finding("MODEL007", GOOD, learning=curve(1.0, 0.8))
    assert found.severity is Severity.WARNING and "1 on the rows" in found.explanation
    assert finding("MODEL007", GOOD, learning=curve(0.85, 0.8)).severity is Severity.PASSED
    numbers = with_scores([2.0, 2.0, 2.0], "rmse")
    for train, severity in ((1.0, Severity.WARNING), (1.9, Severity.PASSED)):
        found = finding("MODEL007", numbers, task=Task.REGRESSION, learning=curve(train, 2.0))
        assert found.severity is severity


@pytest.mark.parametrize("code", ["MODEL003", "MODEL004"])
def test_checks_of_classes_do_not_apply_to_numbers(code):
    numbers = evaluation_of(value_predictions(), Task.REGRESSION)
    assert finding(code, numbers, task=Task.REGRESSION).severity is Severity.NOT_APPLICABLE
