"""Scores against scikit-learn's functions and against numbers worked out by hand."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk
from sklearn.preprocessing import label_binarize

from mlcore.errors import UserError
from mlcore.evaluation.metrics import (
    MAIN_METRIC,
    METRICS,
    find_metric,
    metrics_for,
    score,
    score_all,
    undefined_metrics,
)
from mlcore.tasks import SUPERVISED_TASKS, Task

LABELS = {
    "accuracy": sk.accuracy_score,
    "balanced_accuracy": sk.balanced_accuracy_score,
    "mcc": sk.matthews_corrcoef,
    **{
        f"{name}_{average}": lambda a, p, f=function, v=average: f(a, p, average=v, zero_division=0)
        for name, function in (
            ("precision", sk.precision_score),
            ("recall", sk.recall_score),
            ("f1", sk.f1_score),
        )
        for average in ("macro", "weighted")
    },
}
VALUES = {
    "rmse": sk.root_mean_squared_error,
    "mae": sk.mean_absolute_error,
    "mape": sk.mean_absolute_percentage_error,
    "median_absolute_error": sk.median_absolute_error,
    "r2": sk.r2_score,
    "max_error": sk.max_error,
}


def make_classes(n_classes: int, n_rows: int = 200, seed: int = 0, rounding: int = 2):
    """Return actual, predicted and probabilities with ties among them."""
    random = np.random.default_rng(seed)
    names = np.array([f"c{i}" for i in range(n_classes)])
    actual = names[np.r_[np.arange(n_classes), random.integers(n_classes, size=n_rows - n_classes)]]
    raw = random.gamma(1, size=(n_rows, n_classes)) + 1.5 * (actual[:, None] == names)
    shares = np.round(raw / raw.sum(axis=1, keepdims=True), rounding)
    shares[:, 0] += 1 - shares.sum(axis=1)
    shares = np.clip(shares, 0, 1)
    shares /= shares.sum(axis=1, keepdims=True)
    predicted = names[shares.argmax(axis=1)]
    return actual, predicted, pd.DataFrame(shares, columns=names)


def expected_probability_scores(actual, probabilities):
    names = list(probabilities.columns)
    table = probabilities.to_numpy()
    binary = len(names) == 2
    hot = (actual == names[1]).astype(int) if binary else label_binarize(actual, classes=names)
    return {
        "roc_auc": sk.roc_auc_score(actual, table[:, 1])
        if binary
        else sk.roc_auc_score(actual, table, multi_class="ovr", average="macro", labels=names),
        "average_precision": sk.average_precision_score(hot, table[:, 1] if binary else table),
        "log_loss": sk.log_loss(actual, table, labels=names),
        "brier": sk.brier_score_loss(
            actual, table[:, 1] if binary else table, **({"pos_label": names[1]} if binary else {})
        ),
    }


@pytest.mark.parametrize("n_classes", [2, 3, 7])
@pytest.mark.parametrize("seed", [0, 1])
def test_class_scores_equal_scikit_learn(n_classes, seed):
    actual, predicted, probabilities = make_classes(n_classes, seed=seed)
    scores = score_all(Task.CLASSIFICATION, actual, predicted, probabilities)
    expected = {name: function(actual, predicted) for name, function in LABELS.items()}
    expected |= expected_probability_scores(actual, probabilities)
    assert scores.keys() == expected.keys()
    for name, value in expected.items():
        assert scores[name] == pytest.approx(value, abs=1e-12), name


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), min_size=1, max_size=30)
)
@settings(deadline=None, max_examples=60, derandomize=True)
def test_label_scores_equal_scikit_learn_on_any_rows(pairs):
    actual, predicted = (list(side) for side in zip(*pairs, strict=True))
    scores = score_all(Task.CLASSIFICATION, actual, predicted)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn's, about classes that are missing
        for name, function in LABELS.items():
            assert scores[name] == pytest.approx(function(actual, predicted), abs=1e-12), name


@pytest.mark.parametrize("n_rows", [2, 7, 200])
def test_value_scores_equal_scikit_learn(n_rows):
    random = np.random.default_rng(n_rows)
    actual = random.normal(1000, 3, n_rows)
    predicted = actual + random.normal(0, 2, n_rows)
    scores = score_all(Task.REGRESSION, actual, predicted)
    assert scores.keys() == VALUES.keys()
    for name, function in VALUES.items():
        assert scores[name] == pytest.approx(function(actual, predicted), rel=1e-12), name


def test_hand_made_confusion():
    # rows actual, columns predicted: [[50, 10], [5, 35]]
    actual = ["no"] * 60 + ["yes"] * 40
    predicted = ["no"] * 50 + ["yes"] * 10 + ["no"] * 5 + ["yes"] * 35
    scores = score_all(Task.CLASSIFICATION, actual, predicted)
    assert scores["accuracy"] == pytest.approx(85 / 100)
    assert scores["balanced_accuracy"] == pytest.approx((50 / 60 + 35 / 40) / 2)
    assert scores["precision_macro"] == pytest.approx((50 / 55 + 35 / 45) / 2)
    assert scores["recall_weighted"] == pytest.approx(0.85)
    assert scores["f1_macro"] == pytest.approx((100 / 115 + 70 / 85) / 2)
    assert scores["mcc"] == pytest.approx((50 * 35 - 10 * 5) / math.sqrt(55 * 45 * 60 * 40))


def test_hand_made_probabilities():
    probabilities = pd.DataFrame({"no": [0.9, 0.4, 0.6, 0.1], "yes": [0.1, 0.6, 0.4, 0.9]})
    scores = score_all(
        Task.CLASSIFICATION, ["no", "no", "yes", "yes"], ["no", "yes", "no", "yes"], probabilities
    )
    assert scores["roc_auc"] == pytest.approx(3 / 4)
    assert scores["average_precision"] == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert scores["brier"] == pytest.approx((0.01 + 0.36 + 0.36 + 0.01) / 4)
    assert scores["log_loss"] == pytest.approx(-(math.log(0.9) + math.log(0.4)) / 2)


def test_column_order_of_probabilities_does_not_matter():
    actual, predicted, probabilities = make_classes(3)
    turned = probabilities[["c2", "c0", "c1"]]
    assert score_all(Task.CLASSIFICATION, actual, predicted, probabilities) == score_all(
        Task.CLASSIFICATION, actual, predicted, turned
    )


def test_a_certain_miss_costs_the_largest_finite_log_loss():
    probabilities = pd.DataFrame({"a": [1.0], "b": [0.0]})
    assert score("log_loss", ["b"], ["a"], probabilities) == pytest.approx(
        -math.log(np.finfo(float).eps)
    )


@pytest.mark.parametrize(
    ("metrics", "code", "arguments"),
    [
        (
            {"roc_auc", "average_precision", "log_loss", "brier"},
            "metric.undefined.no_probabilities",
            (["a", "b"], ["a", "a"]),
        ),
        (
            {"roc_auc", "average_precision"},
            "metric.undefined.class_missing",
            (["a", "a"], ["a", "a"], pd.DataFrame({"a": [0.5, 0.7], "b": [0.5, 0.3]})),
        ),
        (
            {"roc_auc", "average_precision", "log_loss", "brier"},
            "metric.undefined.class_unknown",
            (["a", "z"], ["a", "a"], pd.DataFrame({"a": [0.5, 0.7], "b": [0.5, 0.3]})),
        ),
    ],
)
def test_undefined_class_scores_are_nan_with_a_reason(metrics, code, arguments):
    scores = score_all(Task.CLASSIFICATION, *arguments)
    assert {name for name, value in scores.items() if math.isnan(value)} == metrics
    reasons = undefined_metrics(Task.CLASSIFICATION, *arguments)
    assert {reason.code for reason in reasons.values()} == {code}
    assert reasons.keys() == metrics


def test_undefined_value_scores():
    assert math.isnan(score("mape", [0.0, 1.0], [1.0, 1.0]))
    assert math.isnan(score("r2", [2.0, 2.0], [1.0, 3.0]))
    assert "2 actual values are 0" in str(
        undefined_metrics(Task.REGRESSION, [0.0, 0.0, 1.0], [1.0, 1.0, 1.0])["mape"]
    )


def test_a_model_that_ran_away_scores_without_a_warning():
    scores = score_all(Task.REGRESSION, [1.0, 2.0], [1e300, np.inf])
    assert scores["rmse"] == np.inf
    assert scores["r2"] == -np.inf


@pytest.mark.parametrize("task", SUPERVISED_TASKS)
def test_no_rows_give_no_scores(task):
    assert all(math.isnan(value) for value in score_all(task, [], []).values())


def test_a_gap_is_a_class_the_model_never_saw():
    gaps = pd.DataFrame({"a": [0.4, 0.7], "b": [0.6, 0.3], "c": [np.nan, np.nan]})
    zeros = gaps.fillna(0.0)
    for name in ("log_loss", "brier"):
        assert score(name, ["b", "a"], ["b", "a"], gaps) == score(
            name, ["b", "a"], ["b", "a"], zeros
        )
    assert math.isnan(score("brier", ["a"], ["a"], pd.DataFrame({"a": [np.nan], "b": [np.nan]})))


def test_declarations_are_complete():
    assert len({spec.id for spec in METRICS}) == len(METRICS)
    for spec in METRICS:
        wording = "higher is better" if spec.greater_is_better else "lower is better"
        assert wording in spec.help, spec.id
    for task in SUPERVISED_TASKS:
        assert metrics_for(task)[0].id == MAIN_METRIC[task]


def test_unknown_metric_suggests_the_nearest():
    with pytest.raises(UserError, match="Did you mean “roc_auc”"):
        find_metric("roc_acu")
