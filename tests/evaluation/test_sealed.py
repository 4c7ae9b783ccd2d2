"""Final scores: their values, and whether their intervals hold what they say."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from evaluation.runs import class_predictions, value_predictions

from mlcore.evaluation.metrics import metrics_for, score, score_all
from mlcore.evaluation.sealed import final_scores
from mlcore.tasks import Task


def of_classes(n_rows=200, seed=0, **options):
    frame = class_predictions(n_rows=n_rows)
    shares = frame.filter(like="p:").rename(columns=lambda name: name[2:])
    arguments = (frame["actual"], frame["predicted"], shares, Task.CLASSIFICATION)
    return arguments, final_scores(*arguments, seed=seed, **options).set_index("metric")


def test_values_are_the_scores_and_lie_inside():
    (actual, predicted, shares, task), table = of_classes()
    for metric, value in score_all(task, actual, predicted, shares).items():
        row = table.loc[metric]
        assert row["value"] == value and row["low"] < value < row["high"]
        assert row["resamples"] == 1000


def test_resampling_is_drawing_rows_with_replacement():
    """Each resampled score equals the plain score of the rows drawn."""
    values = value_predictions(50)
    table = final_scores(values["actual"], values["predicted"], None, Task.REGRESSION, 4, 300)
    random = np.random.default_rng(4)
    rows = [values.iloc[drawn] for drawn in random.integers(50, size=(300, 50))]
    for spec in metrics_for(Task.REGRESSION):
        drawn = [score(spec.id, part["actual"], part["predicted"]) for part in rows]
        found = table.set_index("metric").loc[spec.id]
        if spec.resampled:
            assert (found["low"], found["high"]) == pytest.approx(
                np.quantile(drawn, [0.025, 0.975])
            )
        else:
            assert math.isnan(found["low"]) and found["resamples"] == 0


def test_resampled_class_scores_equal_scores_of_the_rows_drawn():
    (actual, predicted, shares, task), table = of_classes(n_rows=60, seed=9, n_bootstrap=200)
    random = np.random.default_rng(9)
    drawn = [
        score_all(task, actual.iloc[rows], predicted.iloc[rows], shares.iloc[rows])
        for rows in random.integers(60, size=(200, 60))
    ]
    for metric, bounds in table[["low", "high"]].iterrows():
        values = [scores[metric] for scores in drawn]
        assert bounds.tolist() == pytest.approx(np.nanquantile(values, [0.025, 0.975])), metric


def test_same_seed_same_interval():
    pd.testing.assert_frame_equal(of_classes(seed=1)[1], of_classes(seed=1)[1])
    assert not of_classes(seed=1)[1].equals(of_classes(seed=2)[1])


def test_coverage_of_the_interval():
    """200 test sets of a model that is right in 80 of 100 cases: the interval holds 0.8."""
    random = np.random.default_rng(0)
    held = 0
    for seed in range(200):
        right = random.random(120) < 0.8
        predicted = np.where(right, "a", "b")
        table = final_scores(["a"] * 120, predicted, None, Task.CLASSIFICATION, seed, 300)
        row = table.set_index("metric").loc["accuracy"]
        held += row["low"] <= 0.8 <= row["high"]
    assert 0.90 <= held / 200 <= 0.985


def test_resamples_without_a_class_are_left_out():
    actual = ["a"] * 9 + ["b"]
    shares = pd.DataFrame({"a": np.linspace(0.9, 0.2, 10), "b": np.linspace(0.1, 0.8, 10)})
    table = final_scores(actual, ["a"] * 9 + ["b"], shares, Task.CLASSIFICATION).set_index("metric")
    assert 500 < table.loc["roc_auc", "resamples"] < 800  # (9/10)^10 of them miss the only "b"
    assert table.loc["accuracy", "resamples"] == 1000


def test_undefined_scores_have_no_interval():
    table = final_scores(["a", "b"], ["a", "b"], None, Task.CLASSIFICATION).set_index("metric")
    assert table.loc["roc_auc"].drop("label").tolist()[:3] == pytest.approx(
        [math.nan] * 3, nan_ok=True
    )
    empty = final_scores([], [], None, Task.REGRESSION)
    assert empty["value"].isna().all() and (empty["resamples"] == 0).all()


def test_large_tables_are_resampled_less_often():
    values = value_predictions(50_000)
    table = final_scores(values["actual"], values["predicted"], None, Task.REGRESSION)
    assert set(table["resamples"]) == {0, 400}
