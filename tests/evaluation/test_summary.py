"""Scores over folds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from evaluation.runs import class_predictions, evaluation_of, evaluation_with_scores

from mlcore.evaluation.metrics import metrics_for
from mlcore.evaluation.summary import fold_scores, summarise
from mlcore.tasks import Task


def test_one_line_for_each_metric_in_display_order():
    evaluation = evaluation_of(class_predictions(), Task.CLASSIFICATION)
    table = summarise(evaluation, Task.CLASSIFICATION)
    assert table["metric"].tolist() == [spec.id for spec in metrics_for(Task.CLASSIFICATION)]
    row = table.set_index("metric").loc["accuracy"]
    values = fold_scores(evaluation, "accuracy")
    assert row["mean"] == pytest.approx(values.mean())
    assert row["std"] == pytest.approx(np.std(values, ddof=1))
    reach = 3.182446305 * math.sqrt((1 / 4 + 60 / 180) * values.var(ddof=1))
    assert row["high"] - row["mean"] == pytest.approx(reach)
    assert row["folds"] == 4


def test_interval_stays_inside_the_bounds_of_the_metric():
    evaluation = evaluation_with_scores("accuracy", [1.0, 1.0, 0.9], 80, 40)
    assert (
        summarise(evaluation, Task.CLASSIFICATION).set_index("metric").loc["accuracy", "high"] == 1
    )


def test_metrics_without_values_have_none():
    evaluation = evaluation_with_scores("accuracy", [0.7], 80, 40)
    table = summarise(evaluation, Task.CLASSIFICATION).set_index("metric")
    assert table.loc["accuracy", "mean"] == 0.7
    assert math.isnan(table.loc["accuracy", "std"]) and math.isnan(table.loc["accuracy", "low"])
    assert table.loc["roc_auc", "folds"] == 0 and math.isnan(table.loc["roc_auc", "mean"])
