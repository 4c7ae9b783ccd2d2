"""A table and a step of every kind, with what it makes: ``from recipe_tables import EXAMPLES``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mlcore.data.schema import ColumnKind

TABLE = pd.DataFrame(
    {
        "age": [30.0, -1.0, np.nan, 51.0, 30.0],
        "height (m)": [1.7, 1.6, 1.8, 0.0, 1.7],
        "city": pd.Series(["Bern", "Ulm", None, "bern", "Bern"], dtype="str"),
        "seen": pd.to_datetime(
            ["2024-01-31", "2024-02-29 12:30", None, "1969-12-31", "2024-01-31"], format="mixed"
        ),
    }
)
KINDS = {
    "age": ColumnKind.NUMBER,
    "height (m)": ColumnKind.NUMBER,
    "city": ColumnKind.CATEGORY,
    "seen": ColumnKind.DATETIME,
}

#: Steps with the column they make or change and its values (or the rows that stay).
EXAMPLES: list[tuple[dict[str, Any], str, list[Any]]] = [
    ({"step": "rename", "column": "age", "to": "years"}, "years", [30, -1, None, 51, 30]),
    ({"step": "drop", "columns": ["city"]}, "age", [30, -1, None, 51, 30]),
    ({"step": "fill", "column": "age", "value": 40}, "age", [30, -1, 40, 51, 30]),
    (
        {"step": "fill", "column": "city", "value": "?"},
        "city",
        ["Bern", "Ulm", "?", "bern", "Bern"],
    ),
    (
        {"step": "fill", "column": "seen", "value": "2020-01-01"},
        "seen",
        ["2024-01-31", "2024-02-29 12:30", "2020-01-01", "1969-12-31", "2024-01-31"],
    ),
    (
        {"step": "replace", "column": "age", "values": [[-1, None], [30, 51], [51, 30]]},
        "age",
        [51, None, None, 30, 51],
    ),
    (
        {"step": "replace", "column": "city", "values": [["bern", "Bern"]]},
        "city",
        ["Bern", "Ulm", None, "Bern", "Bern"],
    ),
    (
        {"step": "group", "column": "city", "keep": ["Bern"], "other": "elsewhere"},
        "city",
        ["Bern", "elsewhere", None, "elsewhere", "Bern"],
    ),
    (
        {"step": "derive", "name": "bmi", "formula": "age / [height (m)]^2"},
        "bmi",
        [30 / 1.7**2, -1 / 1.6**2, None, None, 30 / 1.7**2],
    ),
    (
        {"step": "derive", "name": "in Bern", "formula": "[city] = “Bern” or [age] > 50"},
        "in Bern",
        [1, 0, None, 1, 1],
    ),
    (
        {"step": "derive", "name": "since", "formula": "[seen] - 19723"},
        "since",
        [30, 59 + 12.5 / 24, None, -19724, 30],
    ),
    (
        {"step": "date_parts", "column": "seen", "parts": ["weekday", "day of year"]},
        "seen weekday",
        [2, 3, None, 2, 2],
    ),
    (
        {"step": "keep_rows", "column": "age", "comparison": "is at least", "values": [30]},
        "age",
        [30, 51, 30],
    ),
    (
        {"step": "keep_rows", "column": "age", "comparison": "is between", "values": [-1, 30]},
        "age",
        [30, -1, 30],
    ),
    (
        {
            "step": "keep_rows",
            "column": "seen",
            "comparison": "is less than",
            "values": ["2000-01-01"],
        },
        "age",
        [51],
    ),
    (
        {"step": "keep_rows", "column": "city", "comparison": "is none of", "values": ["Ulm"]},
        "city",
        ["Bern", "bern", "Bern"],
    ),
    (
        {"step": "keep_rows", "column": "city", "comparison": "is one of", "values": ["Ulm"]},
        "city",
        ["Ulm"],
    ),
    (
        {"step": "keep_rows", "column": "age", "comparison": "is missing", "values": []},
        "height (m)",
        [1.8],
    ),
    (
        {"step": "keep_rows", "column": "age", "comparison": "is not missing", "values": []},
        "age",
        [30, -1, 51, 30],
    ),
    ({"step": "drop_repeated", "columns": []}, "age", [30, -1, None, 51]),
    ({"step": "drop_repeated", "columns": ["age", "city"]}, "age", [30, -1, None, 51]),
    ({"step": "drop_contradicting", "column": "age", "columns": []}, "age", [30, -1, None, 51, 30]),
]

#: Steps after which rows contradict each other, and the ages that are left without them.
CONTRADICTING: list[tuple[list[dict[str, Any]], list[Any]]] = [
    (
        [
            {"step": "group", "column": "city", "keep": ["Ulm"], "other": "elsewhere"},
            {"step": "drop_contradicting", "column": "age", "columns": ["city"]},
        ],
        [-1, None],
    ),
    (
        [
            {"step": "drop", "columns": ["height (m)", "seen"]},
            {"step": "fill", "column": "age", "value": 51},
            # A missing value contradicts none.
            {"step": "replace", "column": "city", "values": [["Ulm", None], ["Bern", "Berne"]]},
            {"step": "replace", "column": "age", "values": [[-1, 51], [30, 51]]},
            {"step": "drop_contradicting", "column": "city", "columns": []},
        ],
        [51, 51],
    ),
]


def described(example: tuple[dict[str, Any], str, list[Any]]) -> str:
    """Return what tells an example from the others."""
    step = example[0]
    return " ".join(str(step.get(key, "")) for key in ("step", "column", "comparison")).strip()
