"""What is kept of how values lay in training."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlcore.data.schema import ColumnKind
from mlcore.registry.summary import counted, learnt_summary


def test_tenths_of_numbers_are_values_that_occur() -> None:
    edges, counts = learnt_summary(pd.Series(np.arange(1.0, 101.0)), ColumnKind.NUMBER, None)
    assert edges == (10, 20, 30, 40, 50, 60, 70, 80, 90)
    assert counts == (10,) * 10


def test_a_value_that_fills_several_tenths_is_one_edge() -> None:
    values = pd.Series([0.0] * 60 + list(range(1, 41)))
    edges, counts = learnt_summary(values, ColumnKind.NUMBER, None)
    assert edges is not None and edges[0] == 0
    assert counts[0] == 60 and sum(counts) == 100


def test_dates_have_edges_in_iso_8601() -> None:
    days = pd.Series(pd.date_range("2024-01-01", periods=100))
    edges, counts = learnt_summary(days, ColumnKind.DATETIME, None)
    assert edges is not None and edges[0] == "2024-01-10"
    feature = {"kind": "date or time", "edges": edges, "categories": None}
    assert counted(feature, days.tolist()).tolist() == list(counts)


def test_categories_are_counted_in_their_order_and_others_last() -> None:
    values = pd.Series(["b", "a", "b", "z"], dtype="str")
    assert learnt_summary(values, ColumnKind.CATEGORY, ("a", "b")) == (None, (1, 2, 1))


@pytest.mark.parametrize("kind", [ColumnKind.NUMBER, ColumnKind.DATETIME])
def test_an_empty_column(kind: ColumnKind) -> None:
    assert learnt_summary(pd.Series([], dtype="float64"), kind, None) == ((), (0,))


def test_text_is_only_counted() -> None:
    values = pd.Series(["some words", "others"], dtype="str")
    assert learnt_summary(values, ColumnKind.TEXT, None) == (None, (2,))
