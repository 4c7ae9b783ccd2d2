"""Intervals against values worked out by hand and a simulation."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from evaluation.runs import evaluation_with_scores, timing_row
from scipy import stats
from sklearn.naive_bayes import GaussianNB

from mlcore.evaluation.intervals import corrected_interval, fold_ratio, wilson_interval


def test_corrected_interval_by_hand():
    # mean 0.84; variance 0.00025 * 4 / 4; five folds of 20 rows judged by models of 80 rows
    values = [0.82, 0.83, 0.84, 0.85, 0.86]
    variance = (0.02**2 + 0.01**2 + 0 + 0.01**2 + 0.02**2) / 4
    reach = 2.7764451052 * math.sqrt((1 / 5 + 20 / 80) * variance)
    found = corrected_interval(values, 20 / 80)
    assert found.mean == pytest.approx(0.84)
    assert found.high - found.mean == pytest.approx(reach, rel=1e-9)
    assert found.mean - found.low == pytest.approx(reach, rel=1e-9)
    assert found.folds == 5


def test_without_shared_rows_it_is_the_usual_t_interval():
    values = [1.0, 2.0, 4.0, 3.5]
    low, high = stats.t.interval(0.9, 3, np.mean(values), stats.sem(values))
    found = corrected_interval(values, 0.0, level=0.9)
    assert (found.low, found.high) == pytest.approx((low, high))


def test_folds_without_a_value_are_left_out():
    found = corrected_interval([1.0, np.nan, 3.0], 0.5)
    assert (found.mean, found.folds) == (2.0, 2)


@pytest.mark.parametrize(("values", "mean"), [([0.7], 0.7), ([], math.nan), ([math.nan], math.nan)])
def test_fewer_than_two_folds_give_no_interval(values, mean):
    found = corrected_interval(values, 0.25)
    assert found.mean == pytest.approx(mean, nan_ok=True)
    assert math.isnan(found.low) and math.isnan(found.high)


def test_equal_scores_give_an_interval_of_no_width():
    found = corrected_interval([0.5, 0.5, 0.5], 0.25)
    assert (found.low, found.high) == (0.5, 0.5)


def test_fold_ratio_leaves_out_the_final_fit():
    timing = pd.DataFrame(
        [timing_row(0, 100, 0, 0), timing_row(1, 80, 20, 0), timing_row(2, 60, 30, 0)]
    )
    assert fold_ratio(timing) == pytest.approx((20 / 80 + 30 / 60) / 2)
    assert fold_ratio(evaluation_with_scores("accuracy", [1.0, 1.0], 75, 25).timing) == 1 / 3


def test_interval_of_pure_noise_holds_the_truth_about_as_often_as_it_says():
    """Cross-validated accuracy on labels by coin toss: its true value is one half."""
    random = np.random.default_rng(3)
    held = 0
    for _ in range(150):
        X, y = random.normal(size=(60, 2)), random.integers(2, size=60)
        scores = []
        for fold in range(5):
            out = np.arange(60) % 5 == fold
            model = GaussianNB().fit(X[~out], y[~out])
            scores.append(model.score(X[out], y[out]))
        found = corrected_interval(scores, 12 / 48)
        held += found.low <= 0.5 <= found.high
    assert 0.90 <= held / 150 <= 1.0


def test_wilson_interval_by_hand():
    # 7 of 10: centre (7 + z²/2)/(10 + z²), z = 1.959964
    low, high = wilson_interval([7, 0, 10, 0], [10, 10, 10, 0])
    assert (low[0], high[0]) == pytest.approx((0.396777, 0.892208), abs=1e-5)
    assert low[1] == pytest.approx(0.0, abs=1e-12) and high[2] == pytest.approx(1.0)
    assert high[1] == pytest.approx(1 - low[2])
    assert (low[3], high[3]) == (0.0, 1.0)
