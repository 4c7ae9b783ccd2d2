"""Two values side by side: enough digits to see the difference, and no false 0 % or 100 %."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore.evaluation.shown import shown_dates, shown_numbers, shown_share

NUMBERS = st.floats(-1e307, 1e307)


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ((5092.44, 3710.73), ("5,092", "3,711")),
        ((43.92, 7.118), ("43.9", "7.1")),
        ((0.5, 0.50001), ("0.50000", "0.50001")),
        ((12.0, 12.0), ("12.0", "12.0")),
        ((-0.001, 900.0), ("0", "900")),
        ((0.0, 0.0), ("0.00", "0.00")),
        ((1e300, -2e-300), ("1.00e+300", "-2.00e-300")),
        ((np.nan, 2.0), ("–", "2.00")),
    ],
)
def test_numbers(values, texts):
    assert shown_numbers(*values) == texts


@given(NUMBERS, NUMBERS)
def test_different_numbers_look_different_and_are_true(first, second):
    texts = shown_numbers(first, second)
    close = abs(first - second) <= 1e-14 * max(abs(first), abs(second))
    assert (texts[0] != texts[1]) == (first != second) or close
    for text, value in zip(texts, (first, second), strict=True):
        assert float(text.replace(",", "")) == pytest.approx(
            value, rel=0.01, abs=0.01 * max(abs(first), abs(second))
        )


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_none_and_all_are_said_only_where_they_are_true(found, rows):
    share = min(found, rows) / rows
    text = shown_share(share)
    assert (text == "0 %") == (share == 0)
    assert (text == "100 %") == (share == 1)
    assert not text.startswith(("100.", "0.00", "0.0 "))


def test_shares_without_rows_and_tiny_ones():
    assert [shown_share(s) for s in (np.nan, 1e-6, 1 - 1e-6)] == ["–", "<0.01 %", ">99.99 %"]


def test_dates_show_the_time_only_when_it_matters():
    day = 86_400.0
    assert shown_dates(0.0, 40 * day) == ("1970-01-01", "1970-02-10")
    assert shown_dates(0.0, 3600.0) == ("1970-01-01 00:00", "1970-01-01 01:00")
    assert shown_dates(np.nan, -day) == ("–", "1969-12-31")
