"""Two columns against each other: the right chart for each pair of kinds, against counting."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tables import make_dataset

from mlcore.data.pairs import CELLS, MOST_DRAWN, MOST_SHARES, PairKind, pair_frame
from mlcore.data.profile import MOST_LEVELS, OTHERS
from mlcore.data.schema import ColumnKind

KINDS = {"name": ColumnKind.CATEGORY, "yes": ColumnKind.YES_NO, "when": ColumnKind.DATETIME}


def table(n_rows: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "a": rng.normal(size=n_rows),
            "b": rng.gamma(2.0, size=n_rows),
            "name": pd.Series(rng.choice(list("xyz"), n_rows), dtype="str"),
            "yes": pd.Series(rng.choice(["yes", "no"], n_rows), dtype="str"),
            "when": pd.Timestamp("2024-01-30") + pd.to_timedelta(np.arange(n_rows) * 5, "h"),
        }
    )


@pytest.mark.parametrize(
    ("first", "second", "kind", "across"),
    [
        ("a", "b", PairKind.POINTS, "a"),
        ("a", "name", PairKind.BOXES, "name"),
        ("name", "a", PairKind.BOXES, "name"),
        ("name", "yes", PairKind.SHARES, "name"),
        ("when", "a", PairKind.PERIODS, "when"),
        ("a", "when", PairKind.PERIODS, "when"),
        ("yes", "when", PairKind.SHARES, "when"),
    ],
)
def test_each_pair_of_kinds_has_its_chart(first, second, kind, across) -> None:
    pair = pair_frame(make_dataset(table(), KINDS), first, second)
    assert (pair.kind, pair.x, {pair.x, pair.y}) == (kind, across, {first, second})
    assert pair.rows == 300 and len(pair.frame) <= 300
    if "rows" in pair.frame:
        assert pair.frame["rows"].sum() == 300


def test_many_rows_are_counted_in_cells_as_numpy_does() -> None:
    frame = table(MOST_DRAWN + 1)
    pair = pair_frame(make_dataset(frame, KINDS), "a", "b")
    assert pair.kind is PairKind.CELLS and len(pair.frame) == CELLS**2
    expected, across, _ = np.histogram2d(frame["a"], frame["b"], bins=CELLS)
    counts = pair.frame["rows"].to_numpy().reshape(CELLS, CELLS)
    # A value on a border may fall on either side of it.
    assert np.abs(counts - expected).sum() <= 2
    assert pair.frame["x_start"].unique() == pytest.approx(across[:-1])
    two_dates = make_dataset(
        frame.assign(then=frame["when"]), {**KINDS, "then": ColumnKind.DATETIME}
    )
    dates = pair_frame(two_dates, "when", "then")
    assert dates.frame["x_start"].dtype.kind == "M" and dates.frame["rows"].sum() == dates.rows
    assert dates.frame["x"].iloc[0].startswith("2024-01-30 to 2024-")


def test_cells_of_whole_numbers_are_named_after_them() -> None:
    rng = np.random.default_rng(0)
    months, hours = rng.integers(1, 13, 3000).astype(float), rng.integers(0, 24, 3000).astype(float)
    pair = pair_frame(make_dataset(pd.DataFrame({"m": months, "h": hours})), "m", "h")
    assert pair.frame["x"].unique().tolist() == [str(month) for month in range(1, 13)]
    cell = pair.frame[(pair.frame["x"] == "3") & (pair.frame["y"] == "7")]
    assert cell["rows"].item() == ((months == 3) & (hours == 7)).sum()


def test_boxes_hold_numpys_quantiles() -> None:
    frame = table()
    boxes = pair_frame(make_dataset(frame, KINDS), "b", "name").frame.set_index("level")
    assert list(boxes.index) == frame["name"].value_counts().index.tolist()
    for name, part in frame.groupby("name")["b"]:
        told = boxes.loc[name]
        expected = np.quantile(part, [0.05, 0.25, 0.5, 0.75, 0.95])
        assert told[["p5", "q1", "median", "q3", "p95"]].tolist() == pytest.approx(expected)
        assert (told["rows"], told["mean"]) == (len(part), pytest.approx(part.mean()))


def test_rare_names_are_put_together() -> None:
    n_names = MOST_LEVELS + 5
    names = pd.Series([f"n{i}" for i in range(n_names)] * 2 + ["n0"], dtype="str")
    frame = pd.DataFrame({"name": names, "other": names, "a": np.arange(len(names), dtype=float)})
    dataset = make_dataset(frame, {"name": ColumnKind.CATEGORY, "other": ColumnKind.CATEGORY})
    boxes = pair_frame(dataset, "name", "a").frame
    assert len(boxes) == MOST_LEVELS + 1 and boxes["level"].iloc[-1] == OTHERS
    assert boxes["rows"].iloc[-1] == 10 and boxes["rows"].sum() == len(names)
    shares = pair_frame(dataset, "name", "other").frame
    assert shares["x_level"].nunique() == MOST_LEVELS + 1
    assert shares["y_level"].nunique() == MOST_SHARES + 1


def test_shares_are_those_of_crosstab() -> None:
    frame = table()
    shares = pair_frame(make_dataset(frame, KINDS), "name", "yes").frame
    expected = pd.crosstab(frame["name"], frame["yes"], normalize="index")
    told = shares.pivot(index="x_level", columns="y_level", values="share")
    assert told.to_numpy() == pytest.approx(expected.to_numpy())


def test_periods_hold_pandas_numbers() -> None:
    frame = table()
    periods = pair_frame(make_dataset(frame, KINDS), "when", "a").frame
    # 300 rows every five hours: 63 days, so weeks; they start on Mondays.
    weeks = frame.groupby(frame["when"].dt.to_period("W-SUN").dt.start_time)["a"]
    assert periods["start"].tolist() == list(weeks.groups)
    assert periods["mean"].tolist() == pytest.approx(weeks.mean())
    assert periods["median"].tolist() == pytest.approx(weeks.median())
    assert periods["q3"].tolist() == pytest.approx(weeks.quantile(0.75))
    assert periods["period"].iloc[0] == "2024-01-29"


@pytest.mark.parametrize(
    ("step", "first_name", "last_name"),
    [
        ("10min", "2024-01-30 00:00", "2024-01-31 07:00"),
        ("6h", "2024-01-30", "2024-03-16"),
        ("5D", "2024-01", "2026-08"),
        ("20D", "2024 Q1", "2034 Q2"),
        ("365D", "2024", "2210"),
    ],
)
def test_the_period_follows_from_the_span(step, first_name, last_name) -> None:
    n_rows = 188
    when = pd.date_range("2024-01-30", periods=n_rows, freq=step, unit="us")
    frame = pd.DataFrame({"when": when, "a": np.arange(n_rows, dtype=float)})
    periods = pair_frame(make_dataset(frame, KINDS), "when", "a").frame
    assert (periods["period"].iloc[0], periods["period"].iloc[-1]) == (first_name, last_name)
    assert len(periods) <= 60 or step == "365D"
    assert periods["start"].is_monotonic_increasing and periods["rows"].sum() == n_rows


def test_what_is_left_out_is_counted() -> None:
    frame = table(1000)
    frame.loc[:9, "a"] = np.nan
    frame.loc[500, "b"] = 1e9
    dataset = make_dataset(frame, KINDS)
    whole, trimmed = (pair_frame(dataset, "a", "b", trim=trim) for trim in (False, True))
    assert (whole.rows, whole.missing, whole.trimmed) == (990, 10, 0)
    assert trimmed.rows + trimmed.missing + trimmed.trimmed == 1000
    assert 1 <= trimmed.trimmed <= 40 and trimmed.frame["y"].max() < 100


@pytest.mark.parametrize("trim", [False, True])
@pytest.mark.parametrize("other", ["b", "name", "when"])
def test_no_row_with_both_values_gives_an_empty_frame(other, trim) -> None:
    frame = table(20).assign(a=np.nan)
    pair = pair_frame(make_dataset(frame, KINDS), "a", other, trim=trim)
    assert pair.rows == 0 and pair.missing == 20 and pair.frame.empty


def test_the_largest_numbers_do_not_overflow() -> None:
    frame = pd.DataFrame({"a": [1.7e308] * 3, "name": pd.Series(["x"] * 3, dtype="str")})
    boxes = pair_frame(make_dataset(frame, KINDS), "a", "name").frame
    assert boxes[["mean", "median"]].to_numpy().ravel() == pytest.approx(1.7e308)
