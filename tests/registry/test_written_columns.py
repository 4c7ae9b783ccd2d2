"""New rows are read as training read them, in whatever way people write numbers and dates."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
from kinds_corpus import KnownColumn, known_columns

from mlcore.data.kinds import type_column
from mlcore.data.schema import ColumnKind
from mlcore.registry import schema
from mlcore.registry.bundle_files.contract import read_columns
from mlcore.registry.schema import InputSchema, words_for_nothing, written_form
from mlcore.tasks import Task

TYPED = [known for known in known_columns() if known.values]


def learnt(name: str, cells: tuple[str, ...], decimal: str = ".") -> tuple[dict[str, Any], Any]:
    """Return the input schema of a column, and its values in training."""
    written = pd.Series(cells, name=name, dtype="str")
    column, typed = type_column(written, decimal)
    form = written_form(typed, column.kind, written, decimal, column)
    feature = schema._feature(typed, column.kind, form, words_for_nothing(typed, written))
    made = InputSchema(task=Task.REGRESSION, target="y", features=(feature,))
    assert InputSchema.from_json(made.to_json()) == made
    return made.to_json(), typed


def same(got: object, expected: object) -> bool:
    if got is None or pd.isna(expected):  # type: ignore[call-overload]
        return bool(pd.isna(got) and pd.isna(expected))  # type: ignore[call-overload]
    return bool(got == expected)


def differing(known: KnownColumn) -> str:
    """Return the first cell that is read in another way than training read it."""
    plain, typed = learnt(known.name, known.cells, known.decimal)
    values = read_columns({known.name: list(known.cells)}, plain).columns[known.name]
    pairs = zip(known.cells, values, typed, strict=True)
    wrong = [(cell, got, was) for cell, got, was in pairs if not same(got, was)]
    return f"{known.id}: {wrong[0]}" if wrong else ""


def test_every_way_of_writing_is_read_as_training_read_it() -> None:
    found = [differing(known) for known in TYPED]
    assert len(found) > 150
    assert not any(found), "\n".join(filter(None, found))


def test_a_unit_may_stand_beside_a_number_or_not() -> None:
    plain, _ = learnt("weight", ("12 kg", "5,3 kg", "7kg", "1.200 kg"))
    (feature,) = plain["features"]
    assert feature["unit"] == "kg" and "公斤" in feature["unit_words"]
    reading = read_columns({"weight": ["8", "8,5 kg", "8 Kg", "8 公斤", "8 g", "8 €", 8.5]}, plain)
    values = reading.columns["weight"]
    assert values[:4] == [8, 8.5, 8, 8] and values[6] == 8.5
    assert math.isnan(values[4]) and math.isnan(values[5])
    assert {(p.row, p.code) for p in reading.problems if p.code == "unreadable"} == {
        (4, "unreadable"),
        (5, "unreadable"),
    }


@pytest.mark.parametrize(
    "cells",
    [
        ("80.61M", "75.2K", "1.5B", "0"),
        ("€110.5M", "€565K", "€0", "(€2M)"),
        ("6,8 Mio. €", "1,25 Mrd. €", "12 Mio. €"),
        ("%50,1", "%7", "%0"),
        ("$ -", "$ 2,101.50", "$ 15.25"),
    ],
)
def test_letters_currencies_and_dashes_are_read_as_in_training(cells: tuple[str, ...]) -> None:
    plain, typed = learnt("value", cells)
    reading = read_columns({"value": [*cells, "7 Tsd.", "7 kg"]}, plain)
    values = reading.columns["value"]
    assert all(map(same, values, typed)) and math.isnan(values[-1])
    # Another letter or word than those of training means what it means.
    has_powers = "10ⁿ" in plain["features"][0]["unit_words"]
    assert same(values[-2], 7000 if has_powers else None)
    assert has_powers == (typed.max() > 10_000)


def test_a_unit_in_the_name_may_stand_in_the_cells_that_come_later() -> None:
    plain, _ = learnt("height (cm)", ("180", "171", "165", "190"))
    values = read_columns({"height (cm)": ["182 cm", "1,80 m"]}, plain).columns["height (cm)"]
    assert values[0] == 182 and math.isnan(values[1])


@pytest.mark.parametrize("word", ["无", "keine Angabe", "н/д"])
def test_a_word_for_nothing_in_training_is_one_later(word: str) -> None:
    plain, typed = learnt("n", ("1", word, "3", "4", word))
    assert typed.isna().sum() == 2
    reading = read_columns({"n": [word, "2"]}, plain)
    assert math.isnan(reading.columns["n"][0]) and reading.errors == ()


def test_what_was_found_out_about_a_column_does_where_its_text_is_not_at_hand() -> None:
    for known in TYPED:
        written = pd.Series(known.cells, name=known.name, dtype="str")
        column, typed = type_column(written, known.decimal)
        form = written_form(typed, column.kind, None, ".", column)
        feature = schema._feature(typed, column.kind, form, column.nothing)
        plain = InputSchema(task=Task.REGRESSION, target="y", features=(feature,)).to_json()
        values = read_columns({known.name: list(known.cells)}, plain).columns[known.name]
        wrong = [
            cell for cell, *both in zip(known.cells, values, typed, strict=True) if not same(*both)
        ]
        assert not wrong, (known.id, wrong[0])


def test_bundles_from_before_there_were_units_are_read() -> None:
    plain, _ = learnt("n", ("1", "2", "3"))
    del plain["features"][0]["unit_words"], plain["target_words"]
    assert read_columns({"n": ["2"]}, plain).columns["n"] == [2]
    assert InputSchema.from_json(plain).features[0].unit_words == ()


def test_dates_keep_the_order_that_training_found() -> None:
    written = ("1/2/2024", "13/2/2024", "2/3/2024")
    plain, typed = learnt("day", written)
    assert typed.iloc[0] == pd.Timestamp("2024-02-01")
    assert plain["features"][0]["kind"] == ColumnKind.DATETIME.value
    reading = read_columns({"day": ["3/4/2024", "31/2/2024"]}, plain)
    assert reading.columns["day"][0] == pd.Timestamp("2024-04-03")
    assert [problem.code for problem in reading.errors] == ["unreadable"]
