"""One column in a few numbers, and its words, against pandas and counting."""

from __future__ import annotations

import numpy as np
import pandas as pd
from tables import make_dataset

from mlcore.data.column_summary import MOST_WORDS, summary_frame, word_frame
from mlcore.data.schema import ColumnKind


def told(values: pd.Series, kind: ColumnKind) -> dict[str, str]:
    dataset = make_dataset(values.to_frame("a"), {"a": kind})
    frame = summary_frame(dataset, "a")
    return dict(zip(frame["statistic"], frame["value"], strict=True))


def test_numbers() -> None:
    values = pd.Series([-3.0, 1.5, 2, 4, 1000, np.nan])
    said, known = told(values, ColumnKind.NUMBER), values.describe()
    assert said["Rows with a value"] == "5" and said["Rows without one"] == "1 (16.7%)"
    assert said["Mean"] == "200.9" and said["Median"] == "2"
    assert said["Standard deviation"] == f"{known['std']:.6g}"
    assert (said["Smallest"], said["Largest"]) == ("−3", "1,000")
    assert (said["Lower quartile"], said["Upper quartile"]) == ("1.5", "4")


def test_the_largest_numbers_and_one_alone() -> None:
    assert told(pd.Series([1.7e308, 1.7e308]), ColumnKind.NUMBER)["Mean"] == "1.7e+308"
    assert told(pd.Series([0.0]), ColumnKind.NUMBER)["Standard deviation"] == "0"
    assert "Mean" not in told(pd.Series([np.nan]), ColumnKind.NUMBER)


def test_dates_names_and_text() -> None:
    dates = told(pd.Series(pd.to_datetime(["2024-01-03", "2024-01-01", "2024-01-09"])),
                 ColumnKind.DATETIME)  # fmt: skip
    assert [dates[name][:10] for name in ("First", "Middle", "Last")] == [
        "2024-01-01",
        "2024-01-03",
        "2024-01-09",
    ]
    names = told(pd.Series(["x", "y", "x"], dtype="str"), ColumnKind.CATEGORY)
    assert (names["Most frequent"], names["Its rows"]) == ("x", "2 (66.7%)")
    assert told(pd.Series(["abc", "abcde"], dtype="str"), ColumnKind.TEXT)[
        "Characters in the middle one"
    ] == "4"  # fmt: skip


def test_a_word_counts_once_a_row() -> None:
    cells = pd.Series(["Good, good wine", "wine 2019", None, "ok"], dtype="str")
    dataset = make_dataset(cells.to_frame("a"), {"a": ColumnKind.TEXT})
    frame = word_frame(dataset, "a").set_index("word")
    assert frame["rows"].to_dict() == {"wine": 2, "good": 1, "ok": 1}
    assert frame.loc["wine", "share"] == 2 / 3
    many = pd.Series([" ".join(f"w{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(99))],
                     dtype="str")  # fmt: skip
    assert len(word_frame(make_dataset(many.to_frame("a"), {"a": ColumnKind.TEXT}), "a")) == (
        MOST_WORDS
    )
