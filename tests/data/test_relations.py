"""Measures of how columns go together, against scipy, scikit-learn and closed forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from tables import make_dataset

from mlcore.data.relations import (
    MOST_ROWS,
    by_strength,
    correlation_ratio,
    cramers_v,
    pearson,
    relatable_columns,
    relation_frame,
    sampled_rows,
    spearman,
    strength_in_words,
)
from mlcore.data.schema import ColumnKind

RNG = np.random.default_rng(3)
ONE = RNG.normal(size=200)
OTHER = np.round(ONE + RNG.normal(size=200), 1)  # with ties
NAMES = RNG.integers(0, 4, 200)
MORE_NAMES = np.where(RNG.random(200) < 0.6, NAMES, RNG.integers(0, 3, 200))


def test_correlations_are_those_of_scipy() -> None:
    assert pearson(ONE, OTHER) == pytest.approx(stats.pearsonr(ONE, OTHER).statistic)
    assert spearman(ONE, OTHER) == pytest.approx(stats.spearmanr(ONE, OTHER).statistic)


def test_the_correlation_ratio_follows_from_scipys_f() -> None:
    amounts = ONE + NAMES
    f = stats.f_oneway(*(amounts[name == NAMES] for name in range(4))).statistic
    n, k = 200, 4
    eta2 = f * (k - 1) / (f * (k - 1) + n - k)
    corrected = 1 - (1 - eta2) * (n - 1) / (n - k)  # the adjusted R² of the means
    assert correlation_ratio(NAMES, amounts) == pytest.approx(np.sqrt(corrected))


def test_cramers_v_follows_from_scipys_chi2() -> None:
    table = pd.crosstab(NAMES, MORE_NAMES).to_numpy()
    n, (r, c) = table.sum(), table.shape
    phi2 = stats.chi2_contingency(table, correction=False).statistic / n
    kept = max(0.0, phi2 - (r - 1) * (c - 1) / (n - 1))
    r_kept, c_kept = r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)
    expected = np.sqrt(kept / (min(r_kept, c_kept) - 1))
    assert cramers_v(NAMES, MORE_NAMES) == pytest.approx(expected)
    # Without the correction it is scipy's.
    assert expected == pytest.approx(stats.contingency.association(table), abs=0.02)


def test_what_fixes_the_other_is_1() -> None:
    assert spearman(ONE, np.exp(ONE)) == pytest.approx(1)
    assert pearson(ONE, 5 - 2 * ONE) == pytest.approx(-1)
    assert correlation_ratio(NAMES, NAMES * 10.0) == pytest.approx(1)
    assert cramers_v(NAMES, 7 - NAMES) == pytest.approx(1)


def test_many_names_without_a_relation_do_not_look_strong() -> None:
    """Uncorrected, η would be about √(100/300) and V about √(99/299)."""
    rng = np.random.default_rng(0)
    names, others = rng.integers(0, 100, 300), rng.integers(0, 100, 300)
    assert correlation_ratio(names, rng.normal(size=300)) < 0.2
    assert cramers_v(names, others) < 0.2


@pytest.mark.parametrize("measure", [pearson, spearman])
def test_without_variation_there_is_no_correlation(measure) -> None:
    flat = np.full(9, 0.1)
    assert np.isnan(measure(flat, np.arange(9.0)))
    assert np.isnan(measure(np.arange(2.0), np.arange(2.0)))
    assert np.isnan(correlation_ratio(np.arange(9) % 2, flat))
    assert np.isnan(correlation_ratio(np.zeros(9, int), np.arange(9.0)))
    assert np.isnan(correlation_ratio(np.arange(9), np.arange(9.0)))
    assert np.isnan(cramers_v(np.zeros(9, int), np.arange(9)))
    assert np.isnan(cramers_v(np.arange(9), np.arange(9)))


def test_the_largest_numbers_do_not_overflow() -> None:
    huge = np.array([-1.7e308, 0.5e308, 1.7e308, 1.6e308])
    assert pearson(huge, huge) == pytest.approx(1)
    assert correlation_ratio(np.array([0, 0, 1, 1]), huge) > 0.5


numbers = st.lists(st.floats(-1e6, 1e6), min_size=12, max_size=12)
codes = st.lists(st.integers(0, 4), min_size=12, max_size=12)


@given(numbers, numbers, codes, codes)
def test_a_strength_lies_between_0_and_1_and_has_no_direction(a, b, c, d) -> None:
    first, second, names, others = np.array(a), np.array(b), np.array(c), np.array(d)
    for measure, one, other in (
        (pearson, first, second),
        (spearman, first, second),
        (cramers_v, names, others),
    ):
        value = measure(one, other)
        assert np.isnan(value) or -1 <= value <= 1
        assert measure(other, one) == pytest.approx(value, abs=1e-12, nan_ok=True)
    ratio = correlation_ratio(names, first)
    assert np.isnan(ratio) or 0 <= ratio <= 1


def test_the_frame_has_a_line_for_each_pair_and_measure(mixed_dataset) -> None:
    columns = relatable_columns(mixed_dataset)
    assert columns[:3] == ("size", "weight", "seen") and "remark" not in columns
    frame = relation_frame(mixed_dataset, columns)
    amounts = 4  # size, weight, seen, price
    assert len(frame) == len(columns) * (len(columns) - 1) // 2 + amounts * (amounts - 1) // 2
    both = mixed_dataset.frame[["size", "seen"]].dropna()
    line = frame[(frame["first"] == "size") & (frame["second"] == "seen")].set_index("measure")
    expected = stats.spearmanr(both["size"], both["seen"].astype("int64")).statistic
    assert line.loc["spearman", "value"] == pytest.approx(expected)
    assert line.loc["spearman", "rows"] == len(both)
    assert set(frame["measure"]) == {"spearman", "pearson", "correlation_ratio", "cramers_v"}
    assert (frame["strength"].dropna() == frame["value"].dropna().abs()).all()


def test_a_target_is_compared_with_each_other_column_once(mixed_dataset) -> None:
    columns = relatable_columns(mixed_dataset)
    ranked = by_strength(relation_frame(mixed_dataset, columns, "species"))
    assert set(ranked["first"]) == {"species"} and len(ranked) == len(columns) - 1
    assert ranked["strength"].dropna().is_monotonic_decreasing
    assert ranked["second"].iloc[0] in ("size", "price", "grown")
    every = relation_frame(mixed_dataset, columns).set_index(["first", "second"])["value"]
    assert ranked.set_index("second").loc["size", "value"] == every["size", "species"]


def test_gaps_count_in_neither_column() -> None:
    frame = pd.DataFrame({"a": [1, 2, 3, np.nan, 9.0], "b": [2, 4, 6, 1.0, np.nan]})
    line = relation_frame(make_dataset(frame), ["a", "b"]).iloc[0]
    assert (line["value"], line["rows"]) == (pytest.approx(1), 3)


def test_of_large_tables_the_same_rows_are_drawn_every_time() -> None:
    n_rows = MOST_ROWS + 10_000
    rows = sampled_rows(n_rows)
    assert len(rows) == len(set(rows)) == MOST_ROWS
    assert (rows == sampled_rows(n_rows)).all() and (np.diff(rows) > 0).all()
    assert rows.mean() == pytest.approx(n_rows / 2, rel=0.02)
    assert sampled_rows(5).tolist() == [0, 1, 2, 3, 4]


def test_a_table_without_columns_to_compare_has_no_lines() -> None:
    text = make_dataset(pd.DataFrame({"a": ["x", "y"]}), {"a": ColumnKind.TEXT})
    assert relatable_columns(text) == () and relation_frame(text, ()).empty


def test_strengths_have_words() -> None:
    said = [str(strength_in_words(value)) for value in (0.0, 0.1, 0.3, 0.5, float("nan"))]
    assert said == [
        "hardly any relation",
        "a weak relation",
        "a relation of medium strength",
        "a strong relation",
        "not defined",
    ]
