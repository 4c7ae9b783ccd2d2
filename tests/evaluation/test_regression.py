"""Tables about a regressor."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from evaluation.runs import value_predictions

from mlcore.evaluation.regression import (
    MOST_BARS,
    predicted_actual_frame,
    residual_frame,
    residual_histogram_frame,
    worst_rows_frame,
)

PREDICTIONS = value_predictions()


def test_residual_is_actual_minus_predicted():
    frame = predicted_actual_frame(PREDICTIONS)
    np.testing.assert_allclose(frame["residual"], PREDICTIONS["actual"] - PREDICTIONS["predicted"])


def test_residuals_are_joined_by_row_number():
    shuffled = PREDICTIONS.sample(frac=1, random_state=1)
    frame = residual_frame(shuffled, pd.Series(np.arange(240) * 2.0))
    assert (frame["value"] == frame["row"] * 2).all()
    assert residual_frame(PREDICTIONS)["value"].tolist() == PREDICTIONS["predicted"].tolist()


@pytest.mark.parametrize("n_rows", [1, 2, 240])
def test_histogram_counts_every_row_in_equal_bars(n_rows):
    frame = residual_histogram_frame(value_predictions(n_rows))
    assert frame["count"].sum() == n_rows
    assert frame["share"].sum() == pytest.approx(1)
    assert np.ptp(frame["high"] - frame["low"]) == pytest.approx(0, abs=1e-9)


def test_histogram_with_one_wild_residual_stays_small():
    wild = PREDICTIONS.assign(predicted=PREDICTIONS["predicted"].where(PREDICTIONS.index > 0, -1e9))
    assert len(residual_histogram_frame(wild)) == MOST_BARS


def test_histogram_of_equal_residuals_is_one_bar():
    exact = PREDICTIONS.assign(predicted=PREDICTIONS["actual"])
    assert residual_histogram_frame(exact)["count"].tolist() == [240]


def test_worst_rows_come_with_their_columns():
    table = pd.DataFrame({"actual": "raw", "height": np.arange(240)})
    frame = worst_rows_frame(PREDICTIONS, table, most=5)
    worst = (PREDICTIONS["actual"] - PREDICTIONS["predicted"]).abs().nlargest(5)
    assert frame["residual"].abs().tolist() == pytest.approx(worst.tolist())
    assert frame["height"].tolist() == frame["row"].tolist()
    assert set(frame["actual"]) == {"raw"} and "actual (model)" in frame
