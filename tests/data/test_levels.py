"""The different values of a column, by whichever way they were told apart."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore.data.levels import Levels, levels_of

WORDS = pa.array(["", "NA"], pa.large_string())
NUMBERS = [f"{number}" for number in np.random.default_rng(0).normal(size=40)]
CODES = [f"user-{place:03d}" for place in range(40)]


def levels(values: list[str]) -> Levels:
    return levels_of(pa.chunked_array([pa.array(values, pa.string())]), WORDS)


def spelled(found: Levels) -> list[str]:
    """Return the cells again."""
    return [found.values[code].as_py() for code in found.codes]


def assert_levels(values: list[str]) -> Levels:
    """Check that values, codes and counts are those of a look-up of each text."""
    found = levels(values)
    different = list(dict.fromkeys(values))
    assert found.values.to_pylist() == different
    assert spelled(found) == values
    assert found.counts.tolist() == [values.count(value) for value in different]
    if found.numbers is not None:
        written = [value for value in different if value not in ("", "NA")]
        assert [float(value) for value in written] == found.numbers[
            ~np.isnan(found.numbers)
        ].tolist()
        assert len(set(map(float, written))) == len(written)
    return found


@given(st.lists(st.text(st.sampled_from("0123456789.-eNA aé日\0"), max_size=12)))
def test_any_column_is_put_together_again(values: list[str]) -> None:
    assert_levels(values)


@pytest.mark.parametrize(
    "values",
    [
        NUMBERS,
        [*NUMBERS, "NA", *NUMBERS[:3], "NA"],
        [str(number) for number in range(40, 0, -1)],
        [str(number) for number in (*range(40), 7, 8, 7)],
    ],
)
def test_numbers_are_told_apart_by_their_value(values: list[str]) -> None:
    assert assert_levels(values).numbers is not None


@pytest.mark.parametrize(
    "values",
    [
        [*NUMBERS, "0.0", "-0.0"],
        [*NUMBERS, "0.5", "0.50"],
        # Different texts of which a number keeps too little to tell them apart.
        [*NUMBERS, "9007199254740992", "9007199254740993"],
        [*NUMBERS, "", "NA"],
        [*NUMBERS, "inf"],
        [*NUMBERS, "1e400"],
        [*NUMBERS, "1,5"],
        CODES,
        [*CODES, "user-001", "user-01\0", "user-01"],
        [*CODES, "x" * 100],
        ["yes", "no"] * 20,
    ],
)
def test_what_its_number_does_not_tell_apart_is_told_by_its_text(values: list[str]) -> None:
    assert assert_levels(values).numbers is None


def test_values_that_became_missing_leave_the_others_as_they_were() -> None:
    found = levels([*NUMBERS[:3], "NA", NUMBERS[1]])
    left = found.without(np.array([False, False, False, True]))
    assert left.values.to_pylist() == NUMBERS[:3] and left.are_numbers
    assert left.codes.tolist() == [0, 1, 2, -1, 1] and left.counts.tolist() == [1, 2, 1]
    assert not found.are_numbers


def test_the_probe_has_a_value_that_stands_in_most_rows() -> None:
    # One of 5,000 different values, but in 99 of 100 rows.
    values = [f"word {place}" for place in range(5000)]
    found = levels([*values[:777], *["rest"] * 500_000, *values[777:]])
    assert len(found.probe.values) <= 1000 and found.may_match("rest")
