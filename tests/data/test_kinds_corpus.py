"""Kinds, values and units of columns as people in many places write them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from kinds_corpus import KnownColumn, known_columns

from mlcore.data.kinds import type_table
from mlcore.data.reading.missing import without_missing
from mlcore.data.schema import ColumnKind


def wrong(known: KnownColumn) -> str:
    """Return in words what is wrong with how a column is read; empty if nothing."""
    cells = pa.table({known.name: pa.array(known.cells, pa.large_string())})
    schema, typed = type_table(without_missing(cells, marks=True).levels, known.decimal)
    column, got = schema[known.name], typed[known.name].to_numpy()
    if column.kind is not known.kind:
        return f"{known.id}: {column.kind.value}, {column.reason}"
    if column.unit != known.unit:
        return f"{known.id}: unit {column.unit}, expected {known.unit}"
    if not known.values:
        return ""
    if column.kind is ColumnKind.DATETIME:
        right = (got == np.array(known.values, dtype="datetime64[us]")).all()
    else:
        right = np.array_equal(got, np.array(known.values, dtype="float64"), equal_nan=True)
    return "" if right else f"{known.id}: {got[:5]}, expected {known.values[:5]}"


def test_nearly_every_column_is_read_as_a_person_reads_it() -> None:
    found = [wrong(known) for known in known_columns()]
    assert len(found) > 200
    assert sum(map(bool, found)) <= 0.01 * len(found), "\n".join(filter(None, found))


def test_damage_is_noticed() -> None:
    """The judgement itself can say no."""
    known = known_columns()[0]
    other = KnownColumn(id="", name="x", cells=known.cells, kind=ColumnKind.CATEGORY)
    assert "number" in wrong(other)
    cells = (*known.cells[:-1], "1")
    assert wrong(KnownColumn(id="", name="x", cells=cells, kind=known.kind, values=known.values))


def test_what_a_column_leaves_in_doubt_is_said() -> None:
    """No column of the corpus is read against weak evidence without a word."""
    table = pd.DataFrame({"n": ["1.234", "5.678"], "d": ["1/2/2024", "2/1/2024"]}, dtype="str")
    schema, _ = type_table(table)
    assert [said.code for said in schema.cautions] == [
        "data.caution.three_decimals",
        "data.caution.dates",
    ]
    torn = {"n": ["1,5", "2.5"] * 9, "d": ["13/02/2020", "02/13/2020"] * 9}
    both, _ = type_table(pd.DataFrame(torn, dtype="str"))
    assert [said.code for said in both.cautions] == [
        "data.caution.two_marks",
        "data.caution.two_orders",
    ]
    clear, _ = type_table(table.assign(other=["0.5", "1.25"], e=["13/1/2024", "12/1/2024"]))
    assert clear.cautions == ()


@pytest.mark.parametrize(
    ("first", "rows"),
    [
        ([["s", "°C"]], 1),
        ([["[s]", "[K]"], ["int", "float"]], 2),
        ([["s", "3"]], None),
        ([["1", "2"]], None),
        ([["1", "2"], ["s", "°C"]], None),
    ],
)
def test_units_below_the_names_are_noticed(first: list[list[str]], rows: int | None) -> None:
    cells = [*first, *([str(n), f"{n}.5"] for n in range(10))]
    schema, _ = type_table(pd.DataFrame(cells, columns=["time", "heat"], dtype="str"))
    said = [one for one in schema.cautions if one.code == "data.caution.second_header"]
    assert [one.parameters["rows"] for one in said] == ([rows] if rows else [])
    assert all(map(str, schema.cautions))
