"""What a single cell means, once it is known how its column is written."""

from __future__ import annotations

import math
from datetime import datetime

import pytest

from mlcore.data.cells import DATE_FORMS, POWERS, is_number, read_date, read_number, shown_mark

NUMBERS = {
    "point": ("1234.5", ".", 1234.5),
    "comma": ("1.234,5", ",", 1234.5),
    "Indian groups": ("12,34,567", ".", 1234567),
    "narrow spaces": ("1\u202f234\u202f567", ",", 1234567),
    "Swiss": ("12'345.60", ".", 12345.6),
    "power of ten": ("1.5E-3", ".", 0.0015),
    "full width": ("１，２３４．５", ".", 1234.5),
    "Arabic": ("١٬٢٣٤٫٥", ".", 1234.5),
    "minus sign": ("−5", ".", -5),
    "minus behind": ("1,50-", ",", -1.5),
    "in parentheses": ("(1,234.50)", ".", -1234.5),
    "unit": ("12 kg", ".", 12),
    "currency before": ("-€ 5.20", ".", -5.2),
    "no cents": ("5,- €", ",", 5),
    "ten thousands": ("1.2万", ".", 12000),
    "hundred millions": ("3億", ".", 300_000_000),
    "another unit": ("12 lb", ".", math.nan),
    "code with minus behind": ("2-", ".", math.nan),
    "two signs": ("-5-", ".", math.nan),
    "version": ("1.2.3", ".", math.nan),
    "too large": ("1e999", ".", math.nan),
}


@pytest.mark.parametrize(("cell", "decimal", "expected"), NUMBERS.values(), ids=NUMBERS)
def test_numbers(cell: str, decimal: str, expected: float) -> None:
    assert read_number(cell, decimal, ("kg", "€")) == pytest.approx(expected, rel=0, nan_ok=True)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("80.61M", 80_610_000),
        ("€565K", 565_000),
        ("6.8 Mio. €", 6_800_000),
        ("(€1.5bn)", -1_500_000_000),
        ("€0", 0),
        ("12", 12),
        ("3.5 M", math.nan),
        ("3.5Mm", math.nan),
        ("$5M", math.nan),
    ],
)
def test_letters_for_powers_of_ten_where_training_had_them(cell: str, expected: float) -> None:
    assert read_number(cell, ".", ("€", POWERS)) == pytest.approx(expected, rel=0, nan_ok=True)
    if "€" not in cell and cell != "12":
        assert math.isnan(read_number(cell, ".", ("€",)))


@pytest.mark.parametrize(
    ("cell", "mark"),
    [
        ("1.5", "."),
        ("1,25 €", ","),
        ("1.234.567", ","),
        ("1,234.5", "."),
        ("0,125", ","),
        ("1234,567", ","),
        ("1.234", None),
        ("12", None),
        ("a.b", None),
    ],
)
def test_the_mark_that_a_cell_shows(cell: str, mark: str | None) -> None:
    assert shown_mark(cell, ("€",)) == mark


def test_a_number_has_nothing_beside_it() -> None:
    assert all(map(is_number, ("-5", "+1,5", "1.234,5", "1,234.5", "1e3")))
    assert not any(map(is_number, ("5 kg", "=5", "", "1.2.3", "-", "5-")))


DATES = {
    "iso": ("2024-01-31T10:20:30.5", datetime(2024, 1, 31, 10, 20, 30, 500_000)),
    "day_month": ("31.12.68", datetime(2068, 12, 31)),
    "short_year": ("69-12-31", datetime(1969, 12, 31)),
    "day_name": ("Mi., 3. März 2024 14:05 CET", datetime(2024, 3, 3, 13, 5)),
    "name_day": ("Sept 3rd, 2024 12:30 am", datetime(2024, 9, 3, 0, 30)),
    "characters": ("2024年1月31日 下午3:05", datetime(2024, 1, 31, 15, 5)),
    "character_months": ("2024년 12월", datetime(2024, 12, 1)),
    "month": ("2024/05", datetime(2024, 5, 1)),
    "month_year": ("05-2024", datetime(2024, 5, 1)),
    "name_year": ("июль 2024", datetime(2024, 7, 1)),
    "time": ("12:00 pm", datetime(1900, 1, 1, 12)),
    "compact": ("20240131T101112Z", datetime(2024, 1, 31, 10, 11, 12)),
}


@pytest.mark.parametrize("form", DATE_FORMS)
def test_dates_of_each_form(form: str) -> None:
    cell, expected = DATES[form]
    assert read_date(cell, form, day_first=True) == expected
    assert read_date("2024-02-01 00:10+05:30", form, True) == datetime(2024, 1, 31, 18, 40)


@pytest.mark.parametrize(
    "cell", ["31.02.2024", "00.01.2024", "1.1.2024 25:00", "1.1.2024 13:00 pm", "1.1.2024 10:60"]
)
def test_what_no_calendar_and_no_clock_has_is_none(cell: str) -> None:
    assert read_date(cell, "day_month", day_first=True) is None


def test_day_and_month_stand_as_was_said() -> None:
    assert read_date("01/02/2024", "day_month", day_first=True) == datetime(2024, 2, 1)
    assert read_date("01/02/2024", "day_month", day_first=False) == datetime(2024, 1, 2)
