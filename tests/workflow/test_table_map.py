"""The rows of a table as a map, before anything is chosen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler
from tables import make_dataset

from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError
from mlcore.workflow.table_map import MOST_COLUMNS, MOST_ROWS, table_map, table_map_plan


def test_it_is_scikit_learns_principal_components() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(60, 3)) @ np.diag([5.0, 2.0, 0.1]) + rng.normal(size=(60, 1))
    found = table_map(make_dataset(pd.DataFrame(rows, columns=list("abc"))))
    expected = PCA(2).fit(StandardScaler().fit_transform(rows))
    placed = expected.transform(StandardScaler().fit_transform(rows))
    assert found.frame["row"].tolist() == list(range(60))
    assert np.abs(found.frame[["x", "y"]].to_numpy()) == pytest.approx(np.abs(placed))
    assert found.shares == pytest.approx(expected.explained_variance_ratio_)
    first = found.axes[found.axes["axis"] == 1].set_index("input")["weight"]
    assert first[list("abc")].abs().tolist() == pytest.approx(np.abs(expected.components_[0]))
    assert first.abs().is_monotonic_decreasing


def test_the_label_and_dates_have_no_say(mixed_dataset) -> None:
    found = table_map(mixed_dataset)
    assert set(found.axes["column"]).isdisjoint({"species", "seen", "remark"})
    assert {"size", "colour"} <= set(found.axes["column"]) and len(found.frame) == 120
    other = table_map(mixed_dataset, label="colour")
    assert "size" in set(other.axes["column"]) and "colour" not in set(other.axes["column"])
    assert table_map_plan(mixed_dataset, "umap", "colour") != table_map_plan(mixed_dataset, "umap")


def test_of_many_rows_the_same_ones_are_drawn_and_it_is_said() -> None:
    rng = np.random.default_rng(0)
    table = make_dataset(pd.DataFrame(rng.normal(size=(MOST_ROWS + 50, 2)), columns=["a", "b"]))
    one, other = table_map(table), table_map(table)
    assert len(one.frame) == MOST_ROWS and one.frame.equals(other.frame)
    assert any("drawn by lot" in str(note) for note in one.notes)


def test_of_many_columns_the_first_decide_and_it_is_said() -> None:
    wide = pd.DataFrame(np.random.default_rng(0).normal(size=(30, MOST_COLUMNS + 5)))
    found = table_map(make_dataset(wide.rename(columns="c{}".format)))
    assert found.axes["column"].nunique() == MOST_COLUMNS
    assert any(f"the first {MOST_COLUMNS} decide" in str(note) for note in found.notes)


def test_one_column_and_equal_rows() -> None:
    line = table_map(make_dataset(pd.DataFrame({"a": np.arange(20.0)})))
    assert line.one_column and line.frame["x"].is_monotonic_increasing
    equal = table_map(make_dataset(pd.DataFrame({"a": [1.0] * 9, "b": [2.0] * 9})))
    assert (equal.frame[["x", "y"]] == 0).all(axis=None) and equal.axes.empty


def test_without_a_column_that_can_decide_it_says_what_to_do() -> None:
    text = pd.DataFrame({"a": pd.Series(["x y z"] * 9, dtype="str")})
    with pytest.raises(UserError, match="numbers, categories or yes/no"):
        table_map(make_dataset(text, {"a": ColumnKind.TEXT}))


def test_the_plan_tells_methods_and_tables_apart(mixed_dataset) -> None:
    plan = table_map_plan(mixed_dataset, "tsne")
    assert plan != table_map_plan(mixed_dataset, "umap")
    other = make_dataset(mixed_dataset.frame[["size", "weight"]].fillna(0.0))
    assert plan != table_map_plan(other, "tsne")
