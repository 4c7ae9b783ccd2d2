"""Units beside numbers: what is known, and what of a cell is the number."""

from __future__ import annotations

import pytest

from mlcore.data.reading import read
from mlcore.data.units import CURRENCIES, UNITS, said_unit, spellings, unit_of_word, without_unit


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        *(("12 kg", "12"), ("1.234,50 €", "1.234,50"), ("-$1,234.50", "-1,234.50")),
        *(("USD 12", "12"), ("5 m2", "5"), ("(5.00 €)", "5.00"), ("1 234 kr", "1 234")),
        *(("5 A", "5"), ("5A", "5A"), ("5 apples", "5 apples"), ("kg 5", "kg 5"), ("12", "12")),
        *(("7 cm;92", "7 cm;92"), ("", ""), ("1" * 50 + " kg", "1" * 50 + " kg")),
    ],
)
def test_the_number_of_a_cell(cell: str, number: str) -> None:
    assert without_unit(cell) == number


def test_no_word_means_two_units() -> None:
    words = [word for group in (*UNITS, *CURRENCIES) for word in group]
    assert len(set(words)) == len(words)


def test_every_spelling_leads_to_all_of_them() -> None:
    for group in (*UNITS, *CURRENCIES):
        assert {unit_of_word(word) for word in group} == {group[0]}
        assert all(spellings(word) == group for word in group)
    assert spellings("rooms") == ("rooms",) and unit_of_word("rooms") is None
    assert said_unit("%") == "per cent" and said_unit("kg") == "kg"


def test_decimal_commas_before_units_are_no_delimiters() -> None:
    rows = [f"{n},{n % 10} cm;{n}.{n % 10}00,50 €;{n},5%" for n in range(11, 40)]
    table = read("\n".join(["height;price;share", *rows]).encode())
    assert (table.reading.options.delimiter, table.reading.options.decimal) == (";", ",")
    assert table.frame.iloc[0].tolist() == [11.1, 11100.5, 11.5]
    assert [column.unit for column in table.schema.columns] == ["cm", "€", "%"]


def test_commas_in_dates_with_names_are_no_delimiters() -> None:
    rows = [f"July {day}, 2021|{day},32" for day in range(1, 29)]
    table = read("\n".join(["day|size", *rows]).encode())
    assert list(table.frame.columns) == ["day", "size"]
    assert table.frame["day"].dt.day.tolist() == list(range(1, 29))
