"""Gaps by column, by pattern and by pair, against counting by hand and by pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
from tables import make_dataset

from mlcore.data.missing_patterns import missing_frame, pattern_frame, together_frame

NAN = np.nan
TABLE = make_dataset(
    pd.DataFrame(
        {
            "whole": [1.0, 2, 3, 4, 5, 6],
            "a": [NAN, NAN, 1, 2, NAN, 3],
            "b": [NAN, NAN, 1, 2, 3, 4],
            "c": [1, 2, 3, 4, 5, NAN],
        }
    )
)


def test_columns_with_gaps_come_most_first() -> None:
    frame = missing_frame(TABLE)
    assert frame.to_dict("list") == {
        "column": ["a", "b", "c"],
        "rows": [3, 2, 1],
        "share": [0.5, 2 / 6, 1 / 6],
    }


def test_rows_are_put_together_by_what_they_lack() -> None:
    frame = pattern_frame(TABLE)
    told = {tuple(names): rows for names, rows in frame[["columns", "rows"]].to_numpy()}
    assert told == {(): 2, ("a", "b"): 2, ("c",): 1, ("a",): 1}
    assert frame["rows"].is_monotonic_decreasing
    assert frame["share"].tolist() == (frame["rows"] / 6).tolist()
    assert len(pattern_frame(TABLE, most=2)) == 2


def test_many_columns_are_counted_as_pandas_does() -> None:
    gaps = np.random.default_rng(0).random((500, 70)) < 0.02
    frame = pd.DataFrame(np.where(gaps, NAN, 1.0), columns=[f"c{i}" for i in range(70)])
    told = pattern_frame(make_dataset(frame), most=1000)
    expected = pd.DataFrame(gaps).value_counts()
    assert sorted(told["rows"]) == sorted(expected) and told["rows"].sum() == 500
    first = told["columns"].iloc[1]
    only = frame[first].isna().all(axis=1) & (frame.isna().sum(axis=1) == len(first))
    assert only.sum() == told["rows"].iloc[1]


def test_pairs_say_how_often_they_go_together() -> None:
    frame = together_frame(TABLE)
    assert frame.iloc[0].tolist() == ["a", "b", 2, 3, 2 / 3]
    assert frame["share"].iloc[1:].tolist() == [0, 0]


def test_a_table_without_gaps_has_one_pattern() -> None:
    whole = make_dataset(pd.DataFrame({"a": [1.0, 2.0]}))
    assert missing_frame(whole).empty and together_frame(whole).empty
    assert pattern_frame(whole).to_dict("list") == {"columns": [[]], "rows": [2], "share": [1.0]}
    assert pattern_frame(make_dataset(pd.DataFrame({"a": []}))).empty
