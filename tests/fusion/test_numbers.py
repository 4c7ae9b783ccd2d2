"""Numbers voted for: numpy's and scipy's answers, row by row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mlcore.errors import UserError
from mlcore.fusion.numbers import median, trimmed_mean
from mlcore.fusion.votes import wide_votes

CELLS = st.one_of(st.none(), st.integers(-1000, 1000).map(lambda number: number / 8))
TABLES = st.integers(1, 9).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=6)
).filter(lambda rows: any(cell is not None for row in rows for cell in row))  # fmt: skip


def by_row(rows, function) -> list[float]:
    kept = [[cell for cell in row if cell is not None] for row in rows]
    return [function(row) if row else np.nan for row in kept]


@given(TABLES, st.sampled_from([0, 0.1, 0.2, 0.25, 0.4]))
@settings(max_examples=60)
def test_each_row_has_the_answers_of_numpy_and_scipy(rows, cut):
    frame = pd.DataFrame(rows, columns=[f"s{n}" for n in range(len(rows[0]))], dtype="float64")
    votes = wide_votes(frame, list(frame))
    middle, mean = median(votes), trimmed_mean(votes, cut)
    np.testing.assert_allclose(middle.value, by_row(rows, np.median), atol=1e-9)
    np.testing.assert_allclose(
        mean.value, by_row(rows, lambda row: stats.trim_mean(row, cut)), atol=1e-9
    )
    np.testing.assert_allclose(middle.spread, by_row(rows, stats.iqr), atol=1e-9)
    np.testing.assert_allclose(middle.low, by_row(rows, min))
    np.testing.assert_allclose(middle.high, by_row(rows, max))
    assert middle.n_votes.tolist() == [sum(cell is not None for cell in row) for row in rows]


def test_one_wild_source_moves_the_mean_only():
    frame = pd.DataFrame([[1, 2, 3, 4, 1000]], columns=list("abcde"))
    votes = wide_votes(frame, list("abcde"))
    assert median(votes).value == 3
    assert trimmed_mean(votes).value == 3
    assert trimmed_mean(votes, 0).value == 202


def test_a_share_that_is_a_whole_number_of_votes_cuts_that_many():
    """0.29 of 100 is 28.999999999999996 in floating point."""
    numbers = np.arange(100.0) ** 2
    frame = pd.DataFrame([numbers], columns=[f"s{n}" for n in range(100)])
    fused = trimmed_mean(wide_votes(frame, list(frame)), 0.29)
    assert fused.value == pytest.approx(numbers[29:71].mean())


def test_two_votes_are_spread_by_half_their_range():
    votes = wide_votes(pd.DataFrame({"a": [1, 5], "b": [4, None]}), ["a", "b"])
    assert median(votes).spread.tolist() == [1.5, 0]


def test_words_cannot_be_averaged():
    votes = wide_votes(pd.DataFrame({"a": ["1", "two"], "b": [1.0, 2.0]}), ["a", "b"])
    with pytest.raises(UserError) as caught:
        median(votes)
    assert caught.value.code == "fusion.numbers.words" and "“two”" in str(caught.value)


@pytest.mark.parametrize("cut", [-0.1, 0.5, 1])
def test_not_everything_can_be_cut(cut):
    votes = wide_votes(pd.DataFrame({"a": [1], "b": [2]}), ["a", "b"])
    with pytest.raises(UserError) as caught:
        trimmed_mean(votes, cut)
    assert caught.value.code == "fusion.numbers.cut"
