"""How a table holds votes: guessed, never failing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vote_tables import even_confusions, simulate

from mlcore.fusion.votes import detect_layout

LONG = simulate(60, even_confusions([0.8] * 6, 3), [0.5, 0.3, 0.2], n_votes=200).frame


def wide_of(long: pd.DataFrame) -> pd.DataFrame:
    return long.pivot(index="row", columns="who", values="label").reset_index(drop=True)


def test_a_wide_table_with_gold_and_features():
    frame = wide_of(LONG).assign(
        gold=np.resize(["a", "b"], len(LONG["row"].unique())),
        text=lambda table: [f"sentence {number}" for number in table.index],
        length=np.random.default_rng(0).normal(size=len(LONG["row"].unique())),
        topic=np.resize(["x", "y", "z"], len(LONG["row"].unique())),
    )
    layout = detect_layout(frame)
    assert layout.layout == "wide"
    assert layout.sources == tuple(f"w{number:03}" for number in range(6))
    assert layout.gold == "gold"
    assert "“a”, “b”, “c”" in str(layout.reason)


def test_rules_that_use_a_part_of_the_labels_are_sources_too():
    frame = pd.DataFrame(
        {
            "long_word": [-1, 1, 1, -1, 1, -1] * 5,
            "short_word": [0, -1, 0, 0, -1, -1] * 5,
            "always": [1] * 30,
            "pages": [3, 4, 5, 6, 7, 8] * 5,
        }
    )
    assert detect_layout(frame).sources == ("long_word", "short_word", "always")


@pytest.mark.parametrize(
    "names",
    [
        ("row", "who", "label"),
        ("taskId", "WorkerID", "answer"),
        ("question", "annotator", "vote"),
        ("a", "b", "c"),
    ],
)
@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0]])
def test_a_long_table(names, order):
    frame = LONG.set_axis(names, axis="columns").iloc[:, order]
    layout = detect_layout(frame.assign(time=np.arange(len(frame)), gold=frame[names[2]]))
    assert (layout.row, layout.source, layout.label) == names
    assert (layout.layout, layout.gold) == ("long", "gold")


def test_long_tables_of_numbers():
    codes = LONG.assign(
        row=LONG["row"],
        who=LONG["who"].str[1:].astype(int),
        label=LONG["label"].map({"a": 0.0, "b": 1.0, "c": 2.0}),
    )
    layout = detect_layout(codes.rename(columns={"who": "worker"}))
    assert (layout.row, layout.source, layout.label) == ("row", "worker", "label")


def test_sources_and_labels_with_the_same_numbers_are_told_apart_by_their_names():
    frame = pd.DataFrame(
        {"row": np.repeat(range(20), 3), "worker": [0, 1, 2] * 20, "vote": np.arange(60) * 7 % 3}
    )
    layout = detect_layout(frame)
    assert (layout.layout, layout.source, layout.label) == ("long", "worker", "vote")


def test_where_nothing_fits_nothing_is_chosen():
    frame = pd.DataFrame({"x": np.arange(20.0) / 7, "name": [f"n{n}" for n in range(20)]})
    layout = detect_layout(frame)
    assert (layout.layout, layout.sources, layout.gold) == ("wide", (), None)
    assert layout.reason.code == "fusion.layout.unclear"


VALUES = st.sampled_from([None, 1.0, 2.5, "a", "B", "", True, pd.NaT, np.inf, "01", "😀"])


@given(st.integers(0, 6), st.integers(0, 6), st.data())
@settings(max_examples=60)
def test_it_never_fails(n_rows, n_columns, data):
    cells = st.lists(VALUES, min_size=n_rows, max_size=n_rows)
    columns = [pd.Series(data.draw(cells), dtype="object") for _ in range(n_columns)]
    names = [data.draw(st.sampled_from(["row", "who", "gold", "x", "y"])) for _ in columns]
    frame = pd.DataFrame(dict(enumerate(columns)))
    frame.columns = names
    layout = detect_layout(frame)
    assert set(layout.sources) <= set(names)
    assert str(layout.reason)


def test_a_column_of_decimals_names_neither_rows_nor_sources():
    """A measurement has as many values as rows have names, and repeats now and then."""
    rows = {"brightness": np.repeat(np.arange(60) / 4 + 0.25, 2)}
    frame = pd.DataFrame({**rows, "rater": ["ann", "bob"] * 60, "label": list("xyz") * 40})
    layout = detect_layout(frame)
    assert layout.row != "brightness" and layout.layout == "wide"
    # Whole numbers that are stored as decimals, because some are missing, do name rows.
    items = np.repeat(np.arange(60.0), 2)
    items[-1] = np.nan
    layout = detect_layout(frame.assign(item=items))
    assert (layout.row, layout.source, layout.label) == ("item", "rater", "label")
