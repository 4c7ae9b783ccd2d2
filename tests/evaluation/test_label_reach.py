"""Rows of each class before and after, and how certain answers are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlcore.evaluation.intervals import wilson_interval
from mlcore.evaluation.label_reach import certainty_frame, class_count_frame, class_names

ROWS = pd.DataFrame(
    {
        "row": range(8),
        "given": ["a", "b", None, None, None, None, None, None],
        "predicted": ["a", "b", "a", "a", "a", "b", None, None],
        "certainty": [1, 1, 0.95, 1.0, 0.51, 0.6, 0, 0],
        "p:b": 0.0,
        "p:a": 0.0,
        "p:c": 0.0,
        "origin": ["given"] * 2 + ["propagated"] * 4 + ["unlabelled"] * 2,
    }
)


def test_classes_are_in_the_order_of_the_probabilities() -> None:
    assert class_names(ROWS) == ["b", "a", "c"]
    assert class_names(ROWS.drop(columns=["p:a", "p:b", "p:c"])) == ["a", "b"]


def test_given_labels_and_answers_are_counted_apart() -> None:
    found = class_count_frame(ROWS)
    assert found["class"].tolist() == ["b", "a", "c"]
    assert found["given"].tolist() == [1, 1, 0] and found["propagated"].tolist() == [1, 3, 0]
    assert found["propagated_share"].tolist() == [0.25, 0.75, 0]
    low, high = wilson_interval([1], [2], 1 - 0.05 / 3)
    assert (found["low"].iloc[1], found["high"].iloc[1]) == pytest.approx((low[0], high[0]))
    alone = class_count_frame(ROWS[:2])
    assert alone["propagated_share"].isna().all()


def test_every_answer_is_in_one_bar_and_unreached_rows_have_their_own() -> None:
    found = certainty_frame(ROWS)
    assert found.iloc[0][["origin", "rows"]].tolist() == ["unlabelled", 2]
    bars = found[found["origin"] == "propagated"]
    filled = bars[bars["rows"] > 0]
    assert filled["rows"].tolist() == [1, 1, 2]
    assert np.allclose(filled["low"], [0.5, 0.6, 0.95]) and np.allclose(np.diff(bars["low"]), 0.05)
    assert set(certainty_frame(ROWS[:6])["origin"]) == {"propagated"}
