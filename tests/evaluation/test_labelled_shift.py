"""Whether labelled rows look like the rest: false alarms, planted selections, words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency, ks_2samp

from mlcore.data.schema import ColumnKind
from mlcore.evaluation import labelled_shift
from mlcore.evaluation.labelled_shift import COLUMNS, holm, shift_frame

KINDS = {
    "mass": ColumnKind.NUMBER,
    "count": ColumnKind.NUMBER,
    "colour": ColumnKind.CATEGORY,
    "ill": ColumnKind.YES_NO,
    "day": ColumnKind.DATETIME,
    "note": ColumnKind.TEXT,
    "id": ColumnKind.IDENTIFIER,
}


def table(n_rows: int = 200, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "mass": random.exponential(4, n_rows),
            "count": random.integers(0, 5, n_rows).astype(float),
            "colour": random.choice(["red", "green", "blue"], n_rows, p=[0.6, 0.35, 0.05]),
            "ill": random.choice(["yes", "no"], n_rows),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.random(n_rows), unit="D"),
            "note": "words",
            "id": np.arange(n_rows).astype(str),
        }
    )
    frame["day"] = frame["day"].astype("datetime64[us]")
    frame.loc[random.random(n_rows) < 0.1, "count"] = np.nan
    return frame


def marked(n_rows: int, rows: np.ndarray) -> np.ndarray:
    return np.isin(np.arange(n_rows), rows)


def test_labels_by_lot_seldom_raise_an_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelled_shift, "N_PERMUTATIONS", 499)
    alarms = 0
    for seed in range(80):
        frame = table(150, seed)
        lot = np.random.default_rng([seed, 1]).permutation(150)[:25]
        alarms += shift_frame(frame, KINDS, marked(150, lot), seed)["differs"].any()
    # Five of a hundred are allowed for; twice as many would be 8 of 80.
    assert alarms <= 5


@pytest.mark.parametrize("labels", [20, 60])
def test_a_planted_selection_is_found_and_told(labels: int) -> None:
    frame = table()
    large = np.argsort(-frame["mass"].to_numpy())[:100]
    chosen = np.random.default_rng(0).choice(large, labels, replace=False)
    found = shift_frame(frame, KINDS, marked(200, chosen))
    first = found.iloc[0]
    assert first["column"] == "mass" and first["differs"] and first["effect"] > 0.8
    assert found["differs"].sum() == 1
    assert found["words"][1:].str.contains("shows no clear difference").all()
    inside, outside = frame["mass"][chosen].median(), frame["mass"].drop(chosen).median()
    assert first["words"] == (
        f"labelled rows have a larger “mass”: median {inside:.2f} against {outside:.2f}"
    )
    assert first["labelled"].startswith(f"median {inside:.2f}, middle half ")


def test_the_line_of_a_number_is_the_test_of_kolmogorov_and_smirnov() -> None:
    frame = table()
    labelled = marked(200, np.arange(30))
    line = shift_frame(frame, KINDS, labelled).set_index("column").loc["mass"]
    values = frame["mass"].to_numpy()
    expected = ks_2samp(values[:30], values[30:], method="exact")
    assert line["statistic"] == pytest.approx(expected.statistic)
    assert line["p_value"] == pytest.approx(expected.pvalue, rel=0.1)
    pooled = np.sqrt((29 * values[:30].var(ddof=1) + 169 * values[30:].var(ddof=1)) / 198)
    assert line["effect"] == pytest.approx((values[:30].mean() - values[30:].mean()) / pooled)


def test_the_line_of_a_category_is_chi_square_by_lot() -> None:
    frame = table(400)
    reds = np.flatnonzero(frame["colour"] == "red")
    labelled = marked(400, np.r_[reds[:51], np.flatnonzero(frame["colour"] != "red")[:9]])
    line = shift_frame(frame, KINDS, labelled, 3).set_index("column").loc["colour"]
    expected = chi2_contingency(pd.crosstab(frame["colour"], labelled), correction=False)
    assert line["test"] == "permutation"
    assert line["statistic"] == pytest.approx(expected.statistic)
    assert line["p_value"] == pytest.approx(expected.pvalue, abs=0.01)
    share = (frame["colour"][~labelled] == "red").mean()
    assert line["labelled"] == "85 % “red”"
    assert line["words"] == (
        f"more labelled rows have “red” in “colour”: 85 % against {100 * share:.0f} %"
    )


def test_missing_values_are_compared_too() -> None:
    frame = table()
    frame["mass"] = frame["mass"].where(np.arange(200) >= 40)
    labelled = marked(200, np.arange(20, 60))
    found = shift_frame(frame, KINDS, labelled)
    line = found[(found["column"] == "mass") & (found["test"] == "missing")].iloc[0]
    assert line["differs"]
    assert line["words"] == "“mass” is missing more often in labelled rows: 50 % against 12 %"


def test_dates_are_earlier_or_later_and_a_spread_is_a_spread() -> None:
    frame = pd.DataFrame({"day": pd.date_range("2020-01-01", periods=100, unit="us"),
                          "x": np.r_[np.zeros(20), np.repeat([-9.0, 9.0], 40)]})  # fmt: skip
    kinds = {"day": ColumnKind.DATETIME, "x": ColumnKind.NUMBER}
    found = shift_frame(frame, kinds, marked(100, np.arange(20))).set_index("column")
    assert found.loc["day", "words"] == (
        "labelled rows have an earlier “day”: median 2020-01-10 against 2020-02-29"
    )
    assert found["differs"].all() and found.loc["x", "effect"] == 0
    assert found.loc["x", "words"].startswith("“x” is spread otherwise in labelled rows: median 0")


def test_what_is_sure_but_negligible_is_no_alarm() -> None:
    random = np.random.default_rng(0)
    labelled = np.arange(40_000) < 20_000
    frame = pd.DataFrame({"x": random.normal(0.1 * labelled, 1)})
    line = shift_frame(frame, {"x": ColumnKind.NUMBER}, labelled).iloc[0]
    assert line["adjusted"] < 1e-10 and not line["differs"]


def test_identifiers_and_text_are_left_out_and_gaps_do_no_harm() -> None:
    frame = table().assign(empty=np.nan, note=["a", *[None] * 199])
    kinds = {**KINDS, "empty": ColumnKind.NUMBER}
    found = shift_frame(frame, kinds, marked(200, np.arange(50)))
    assert found.columns.tolist() == COLUMNS
    assert set(found["column"]) == {"mass", "count", "colour", "ill", "day", "note", "empty"}
    assert found.loc[found["column"].isin(["note", "empty"]), "test"].unique() == ["missing"]
    assert not found["words"].eq("").any()


@pytest.mark.parametrize("labelled", [np.zeros(200, bool), np.ones(200, bool)])
def test_without_two_sides_there_is_nothing_to_compare(labelled: np.ndarray) -> None:
    found = shift_frame(table(), KINDS, labelled)
    assert found.empty and found.columns.tolist() == COLUMNS


def test_the_order_of_rows_and_columns_does_not_matter() -> None:
    frame, labelled = table(), marked(200, np.arange(50))
    order = np.random.default_rng(5).permutation(200)
    one, other = (
        shift_frame(part, KINDS, sides).sort_values(["column", "test"], ignore_index=True)
        for part, sides in ((frame, labelled), (frame.iloc[order, ::-1], labelled[order]))
    )
    columns = ["column", "statistic", "effect", "labelled", "rest", "differs", "words"]
    pd.testing.assert_frame_equal(one[columns], other[columns])


def test_infinite_and_equal_numbers() -> None:
    frame = pd.DataFrame({"x": [1.0] * 10 + [2.0] * 10, "y": 1.0, "z": [np.inf, *range(19)]})
    kinds = dict.fromkeys(frame, ColumnKind.NUMBER)
    found = shift_frame(frame, kinds, marked(20, np.arange(10)))
    by_column = found[found["test"] != "missing"].set_index("column")
    # A difference without any spread has no size; without an end it could not be written as JSON.
    assert np.isnan(by_column.loc["x", "effect"]) and by_column.loc["y", "effect"] == 0
    assert by_column.loc["y", "p_value"] == 1
    assert np.isfinite(by_column.loc["z", "effect"])


def test_holm() -> None:
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])).tolist() == pytest.approx(
        [0.03, 0.06, 0.06, 0.02]
    )
    assert holm(np.array([0.6, 0.9])).tolist() == [1.0, 1.0]
    assert holm(np.array([])).tolist() == []
