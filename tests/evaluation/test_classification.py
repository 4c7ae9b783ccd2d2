"""Tables about a classifier against scikit-learn and hand-made counts."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from evaluation.runs import class_predictions
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

from mlcore.evaluation.classification import (
    calibration_frame,
    class_report_frame,
    confusion_frame,
    operating_point,
    precision_recall_frame,
    roc_frame,
    rows_of_cell,
    score_distribution_frame,
    threshold_frame,
)

PREDICTIONS = class_predictions()
BINARY = class_predictions(("no", "yes"))
LABELS_ONLY = PREDICTIONS[["row", "fold", "actual", "predicted"]]


def test_confusion_equals_scikit_learn():
    frame = confusion_frame(PREDICTIONS)
    expected = sk.confusion_matrix(PREDICTIONS["actual"], PREDICTIONS["predicted"])
    assert frame["count"].tolist() == expected.ravel().tolist()
    assert frame.groupby("actual")["share"].sum().tolist() == pytest.approx([1, 1, 1])
    assert frame["actual"].tolist()[:4] == ["cat", "cat", "cat", "dog"]


def test_confusion_lists_a_class_without_rows():
    frame = confusion_frame(PREDICTIONS[PREDICTIONS["actual"] != "owl"])
    owl = frame[frame["actual"] == "owl"]
    assert len(frame) == 9 and owl["count"].sum() == 0 and owl["share"].isna().all()


def test_an_answer_that_stands_for_no_class_is_predicted_only():
    some = PREDICTIONS.assign(predicted=PREDICTIONS["predicted"].where(PREDICTIONS.index > 9, "-"))
    frame = confusion_frame(some)
    assert list(dict.fromkeys(frame["predicted"])) == ["-", "cat", "dog", "owl"]
    assert list(dict.fromkeys(frame["actual"])) == ["cat", "dog", "owl"]
    assert frame["count"].sum() == len(some)
    assert frame.loc[frame["predicted"] == "-", "count"].sum() == 10
    assert frame.groupby("actual")["share"].sum().tolist() == pytest.approx([1, 1, 1])
    assert class_report_frame(some)["class"].tolist() == ["cat", "dog", "owl"]
    # Without probabilities any answer may be a class.
    labels_only = some[list(LABELS_ONLY)]
    assert list(dict.fromkeys(confusion_frame(labels_only)["actual"])) == ["-", "cat", "dog", "owl"]


def test_rows_of_a_cell_are_those_counted():
    table = pd.DataFrame({"row": np.arange(240) * 10, "height": np.arange(240.0)})
    counts = confusion_frame(PREDICTIONS).set_index(["actual", "predicted"])["count"]
    rows = rows_of_cell(PREDICTIONS, "cat", "dog", table)
    assert len(rows) == counts["cat", "dog"]
    assert rows["probability"].is_monotonic_decreasing
    assert (rows["row"] == rows["row (model)"] * 10).all()
    assert (rows["height"] == rows["row (model)"]).all()
    assert "probability" not in rows_of_cell(LABELS_ONLY, "cat", "dog")


@pytest.mark.parametrize("name", ["cat", "dog", "owl"])
def test_curves_equal_scikit_learn(name):
    is_class, score = PREDICTIONS["actual"] == name, PREDICTIONS[f"p:{name}"]
    roc = roc_frame(PREDICTIONS).query("`class` == @name")
    for column, values in zip(
        ["false_positive_rate", "true_positive_rate", "threshold"],
        sk.roc_curve(is_class, score),
        strict=True,
    ):
        np.testing.assert_allclose(roc[column], values)
    assert roc["auc"].unique() == pytest.approx(sk.roc_auc_score(is_class, score))
    curve = precision_recall_frame(PREDICTIONS).query("`class` == @name")
    precision, recall, threshold = sk.precision_recall_curve(is_class, score)
    np.testing.assert_allclose(curve["precision"], precision)
    np.testing.assert_allclose(curve["recall"], recall)
    np.testing.assert_allclose(curve["threshold"].iloc[:-1], threshold)
    assert curve["class_share"].iloc[0] == pytest.approx(is_class.mean())


@pytest.mark.parametrize("function", [roc_frame, precision_recall_frame, calibration_frame,
                                      score_distribution_frame])  # fmt: skip
def test_classes_without_rows_have_no_curve(function):
    part = PREDICTIONS[PREDICTIONS["actual"] != "owl"]
    assert set(function(part)["class"]) == {"cat", "dog"}
    assert function(PREDICTIONS[PREDICTIONS["actual"] == "owl"]).empty
    assert function(LABELS_ONLY).empty
    assert list(function(LABELS_ONLY).columns) == list(function(PREDICTIONS).columns)


def test_calibration_equals_scikit_learn():
    frame = calibration_frame(BINARY, bins=8).query("`class` == 'yes'")
    observed, predicted = calibration_curve(
        BINARY["actual"] == "yes", BINARY["p:yes"], n_bins=8, strategy="quantile"
    )
    np.testing.assert_allclose(frame["observed"], observed)
    np.testing.assert_allclose(frame["predicted"], predicted)
    assert frame["count"].sum() == len(BINARY)
    assert (frame["low"] <= frame["observed"]).all() and (frame["observed"] <= frame["high"]).all()


def test_calibration_of_few_rows_uses_few_bins():
    assert len(calibration_frame(class_predictions(("no", "yes"), n_rows=35))) == 2 * 3
    assert set(calibration_frame(class_predictions(("no", "yes"), n_rows=4))["count"]) <= {4}


def test_score_distribution_counts_every_row():
    frame = score_distribution_frame(PREDICTIONS)
    assert frame.groupby("class")["count"].sum().tolist() == [240, 240, 240]
    assert frame.groupby(["class", "member"])["share"].sum().tolist() == pytest.approx([1] * 6)


def test_class_report_equals_scikit_learn():
    frame = class_report_frame(PREDICTIONS)
    expected = sk.precision_recall_fscore_support(PREDICTIONS["actual"], PREDICTIONS["predicted"])
    for column, values in zip(["precision", "recall", "f1", "actual_rows"], expected, strict=True):
        np.testing.assert_allclose(frame[column], values)


def test_class_report_says_nothing_about_what_never_happened():
    predictions = pd.DataFrame({"actual": ["a", "a", "b"], "predicted": ["a", "a", "c"]})
    frame = class_report_frame(predictions.assign(row=0, fold=1)).set_index("class")
    assert math.isnan(frame.loc["b", "precision"]) and frame.loc["b", "recall"] == 0
    assert math.isnan(frame.loc["c", "recall"]) and frame.loc["c", "precision"] == 0


def test_threshold_by_hand():
    predictions = pd.DataFrame(
        {"actual": ["yes", "yes", "no", "no", "yes"], "p:yes": [0.9, 0.4, 0.4, 0.1, 0.2]}
    )
    point = operating_point(predictions, "yes", 0.4)
    assert (point["tp"], point["fp"], point["tn"], point["fn"]) == (2, 1, 1, 1)
    assert point["precision"] == pytest.approx(2 / 3) and point["recall"] == pytest.approx(2 / 3)
    assert point["specificity"] == 0.5 and point["accuracy"] == pytest.approx(3 / 5)
    assert math.isnan(operating_point(predictions, "yes", 0.95)["precision"])


def test_threshold_frame_equals_scikit_learn_at_every_step():
    frame = threshold_frame(BINARY, "yes")
    assert frame["threshold"].tolist() == [step / 100 for step in range(101)]
    is_positive = BINARY["actual"] == "yes"
    for row in frame.iloc[10:70:15].to_dict("records"):
        taken = BINARY["p:yes"] >= row["threshold"]
        assert row["f1"] == pytest.approx(sk.f1_score(is_positive, taken))
        assert row["accuracy"] == pytest.approx(sk.accuracy_score(is_positive, taken))
        assert row["specificity"] == pytest.approx(sk.recall_score(~is_positive, ~taken))
