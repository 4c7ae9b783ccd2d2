"""The frames behind the overview and the distribution figures, against counting by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.data.dataset import Dataset, fingerprint
from mlcore.data.kinds import type_table
from mlcore.data.profile import (
    ABSENT,
    MOST_LEVELS,
    OTHERS,
    distribution_frame,
    interval_names,
    overview_frame,
)
from mlcore.data.reading import read_table
from mlcore.data.samples import SAMPLES, find_sample
from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError


def dataset(text: pd.DataFrame) -> Dataset:
    schema, frame = type_table(text.astype("str"))
    return Dataset("table", frame, schema, fingerprint(frame))


@pytest.fixture(scope="module")
def penguins() -> Dataset:
    return dataset(read_table(find_sample("penguins").path).frame)


def test_names_of_intervals_tell_them_apart() -> None:
    near = np.linspace(1234560.5, 1234580.5, 9)
    names = interval_names(near, near + 0.01)
    assert len(set(names)) == 8 and names[0] == "1234560 to 1234563"
    assert interval_names(np.array([-0.5, 24.5]), np.array([0.0, 24.0])) == ["0 to 24"]


def test_the_overview_of_penguins(penguins: Dataset) -> None:
    table = overview_frame(penguins).set_index("column")
    mass = table.loc["body_mass_g"]
    assert (mass["minimum"], mass["median"], mass["maximum"]) == (2700.0, 4050.0, 6300.0)
    assert (mass["missing"], mass["distinct"], mass["kind"]) == (2, 94, "number")
    assert mass["missing_share"] == pytest.approx(2 / 344)
    species = table.loc["species"]
    assert (species["most_frequent"], species["typical"]) == ("Adelie", "Adelie (44%)")
    assert species["distribution"] == [152, 124, 68]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)
def test_bars_are_few_and_count_every_value(sample: object) -> None:
    table = dataset(read_table(sample.path).frame)  # type: ignore[attr-defined]
    for line in overview_frame(table).to_dict("records"):
        assert len(line["distribution"]) <= 20
        present = table.schema.n_rows - line["missing"]
        measured = line["kind"] in ("number", "date or time")
        if measured or line["distinct"] <= 20:
            assert sum(line["distribution"]) == present
        assert line["reason"] and line["role"] in ("feature", "ignored")


def test_a_column_without_values_has_no_bars() -> None:
    line = overview_frame(dataset(pd.DataFrame({"a": [None, None], "b": ["1", "2"]}))).iloc[0]
    assert line["distribution"] == [] and line["missing_share"] == 1 and line["typical"] == ""


def test_the_distribution_equals_numpys_histogram(penguins: Dataset) -> None:
    bars = distribution_frame(penguins, "bill_length_mm")
    values = penguins.frame["bill_length_mm"].dropna()
    edges = np.append(bars["start"], bars["end"].iloc[-1])
    counts, _ = np.histogram(values, bins=edges)
    assert bars["count"].tolist() == counts.tolist()
    assert len(bars) == 40 and bars["share"].sum() == pytest.approx(1)
    assert edges[0] == values.min() and edges[-1] == values.max()


def test_few_whole_numbers_get_a_bar_each(penguins: Dataset) -> None:
    bars = distribution_frame(penguins, "year", by="species")
    assert set(bars["level"]) == {"2007", "2008", "2009"}
    counts = bars.pivot(index="level", columns="group", values="count")
    expected = pd.crosstab(
        penguins.frame["year"].astype(int).astype("str"), penguins.frame["species"]
    )
    assert counts.to_numpy().tolist() == expected.to_numpy().tolist()


def test_many_whole_numbers_get_bars_of_equally_many(penguins: Dataset) -> None:
    bars = distribution_frame(penguins, "body_mass_g")
    assert (bars["end"] - bars["start"]).nunique() == 1
    assert bars["level"].iloc[0].startswith("2700 to ")


def test_levels_by_quarters_of_a_number(penguins: Dataset) -> None:
    bars = distribution_frame(penguins, "sex", by="body_mass_g")
    groups = bars.groupby("group")["count"].sum()
    assert len(groups) == 4 and groups.sum() == 333
    assert bars.groupby("group")["share"].sum().tolist() == pytest.approx([1] * 4)


def test_rows_without_group_are_a_group(penguins: Dataset) -> None:
    bars = distribution_frame(penguins, "island", by="sex")
    assert set(bars["group"]) == {"female", "male", ABSENT}
    assert bars.loc[bars["group"] == ABSENT, "count"].sum() == 11


def test_rare_levels_and_groups_are_put_together() -> None:
    levels = [f"v{n}" for n in range(50) for _ in range(50 - n)]
    table = dataset(pd.DataFrame({"a": levels, "b": levels[::-1]}))
    bars = distribution_frame(table, "a")
    assert len(bars) == MOST_LEVELS + 1 and bars["level"].iloc[-1] == OTHERS
    assert bars["count"].sum() == len(levels)
    assert bars["count"].iloc[-1] == sum(range(1, 21))
    assert distribution_frame(table, "a", by="b")["group"].nunique() == 11


def test_dates_keep_their_type() -> None:
    days = pd.date_range("2020-01-01", "2020-12-31").strftime("%Y-%m-%d")
    bars = distribution_frame(dataset(pd.DataFrame({"day": days})), "day")
    assert bars["start"].dtype.kind == "M" and bars["count"].sum() == 366
    assert bars["level"].iloc[0] == "2020-01-01"
    assert bars["end"].iloc[-1] == pd.Timestamp("2020-12-31")


def test_a_single_date_is_one_bar_of_a_day() -> None:
    table = dataset(pd.DataFrame({"day": ["2020-01-01", None, None]}))
    schema, frame = type_table(table.frame, kinds={"day": ColumnKind.DATETIME})
    bars = distribution_frame(Dataset("t", frame, schema, ""), "day")
    assert bars["level"].tolist() == ["2020-01-01"] and bars["count"].tolist() == [1]
    assert (bars["end"] - bars["start"]).tolist() == [pd.Timedelta(days=1)]


def test_an_unknown_column_is_a_sentence(penguins: Dataset) -> None:
    with pytest.raises(UserError):
        distribution_frame(penguins, "specie")


def test_the_median_of_the_largest_numbers_is_no_overflow() -> None:
    table = dataset(pd.DataFrame({"a": ["1.2e308", "1.6e308"]}))
    assert overview_frame(table)["median"].iloc[0] == pytest.approx(1.4e308)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=40),
    st.booleans(),
)
def test_no_number_is_lost_or_breaks_a_figure(numbers: list[float], whole: bool) -> None:
    values = [float(int(number)) if whole else number for number in numbers]
    table = dataset(pd.DataFrame({"a": [repr(value) for value in values]}))
    bars = distribution_frame(table, "a")
    assert bars["count"].sum() == len(values)
    assert 1 <= len(bars) <= 40
    (line,) = overview_frame(table).to_dict("records")
    assert sum(line["distribution"]) == len(values) and len(line["distribution"]) <= 20
