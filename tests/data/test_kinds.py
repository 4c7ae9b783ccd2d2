"""What columns are taken for, why, and the values that follow."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.data.kinds import (
    YES_NO_PAIRS,
    guess_kind,
    type_column,
    type_table,
    typed_column,
)
from mlcore.data.levels import levels_of
from mlcore.data.numerals import read_numbers
from mlcore.data.reading import read
from mlcore.data.schema import ColumnKind, Role, Schema
from mlcore.errors import UserError

K = ColumnKind
ABC = [chr(97 + n % 26) + chr(97 + n // 26) for n in range(100)]
SENTENCES = [
    f"the {a} fox {b} jumps over dog {n}"
    for n, (a, b) in enumerate(zip(ABC, ABC[::-1], strict=True))
]


def text(values: list[str | None], name: str = "x") -> pd.Series:
    return pd.Series(values, name=name, dtype="str")


CASES: dict[str, tuple[str, list[str | None], ColumnKind, str]] = {
    "fractions": ("x", ["1.5", "2.5", None, "3"], K.NUMBER, "number"),
    "whole numbers": ("x", ["1", "5", "9", "5"], K.NUMBER, "whole_number"),
    "scientific": ("x", ["1e3", "2.5E-4", "-3"], K.NUMBER, "number"),
    "thousands, two groups": ("x", ["1,234,567", "12,000"], K.NUMBER, "whole_number"),
    "thousands and fraction": ("x", ["1,234.5", "999"], K.NUMBER, "number"),
    "thousands from 1000 on": ("x", ["1,234", "999", "12"], K.NUMBER, "whole_number"),
    "thousands with spaces": ("x", ["1 234", "22\u00a0000"], K.NUMBER, "whole_number"),
    "one group only": ("x", ["1,234", "5,678"], K.CATEGORY, "ambiguous_number"),
    "the other decimal mark": ("x", ["1,5", "22,75", "3"], K.NUMBER, "number"),
    "a few slips": ("x", ["7", "8"] * 30 + ["?!"], K.NUMBER, "number_but"),
    "half numbers": ("x", ["1", "2", "3A", "4B"], K.CATEGORY, "category"),
    "zip codes": ("zip", ["00123", "12345", "00123"], K.CATEGORY, "leading_zeros"),
    "card numbers": ("card", [str(10**17 + n) for n in range(20)], K.IDENTIFIER, "long_number"),
    "codes with an E": ("code", ["1E2", "2E3", "0E1"], K.CATEGORY, "lettered"),
    "codes with an E and a zero before": ("code", ["1E2", "01E3"], K.CATEGORY, "lettered"),
    "powers of ten": ("x", ["1e3", "5e4", "2e3"], K.NUMBER, "whole_number"),
    "codes with a sign": ("x", ["-00", "-01", "12"], K.CATEGORY, "leading_zeros"),
    "codes with zeros": ("code", [f"{n:05}" for n in range(20)], K.IDENTIFIER, "leading_zeros"),
    "zero and fraction": ("x", ["0.5", "0", "00.5"], K.NUMBER, "number"),
    "yes and no": ("x", ["yes", "no", "yes", None], K.YES_NO, "yes_no"),
    "true and false": ("x", ["True", "False"] * 3, K.YES_NO, "yes_no"),
    "zero and one": ("x", ["0", "1", "1"], K.YES_NO, "yes_no"),
    "one and two": ("x", ["2", "1", "1"], K.NUMBER, "whole_number"),
    "male and female": ("sex", ["male", "female"] * 4, K.CATEGORY, "category"),
    "spelt differently": ("x", ["Yes", "yes", "no", "no"], K.CATEGORY, "category"),
    "a tick": ("x", ["x", None, "x", None], K.CATEGORY, "mark"),
    "constant": ("x", ["a"] * 5, K.CONSTANT, "constant"),
    "empty": ("x", [None] * 5, K.CONSTANT, "empty"),
    "category": ("x", ["red", "green", "blue"] * 5, K.CATEGORY, "category"),
    "text": ("review", SENTENCES[:50], K.TEXT, "text"),
    "long text": ("x", ["word " * 20 + a for a in ABC[:12]], K.TEXT, "text"),
    "id by name": (
        "customer_id",
        [str(7 * n + 1000) for n in range(50)],
        K.IDENTIFIER,
        "identifier_name",
    ),
    "id in camel case": (
        "PassengerId",
        [str(n) for n in range(1, 50)],
        K.IDENTIFIER,
        "identifier_name",
    ),
    "row count": ("x", [str(n) for n in range(50)], K.IDENTIFIER, "identifier_count"),
    "codes": ("ref", [f"N{n}XY" for n in range(50)], K.IDENTIFIER, "identifier_codes"),
    "names": ("who", ABC[:50], K.IDENTIFIER, "identifier_names"),
    "id that repeats": ("customer_id", ["1", "2", "3"] * 10, K.NUMBER, "whole_number"),
    "amounts, all different": (
        "income",
        [str(1000 + 37 * n) for n in range(50)],
        K.NUMBER,
        "whole_number",
    ),
    "years in order": ("year", [str(1950 + n) for n in range(50)], K.NUMBER, "whole_number"),
    "hours from 0": ("hour", [str(n) for n in range(24)], K.NUMBER, "whole_number"),
    "measured, named id": ("id", [f"{n}.5" for n in range(50)], K.NUMBER, "number"),
    "shuffled ranks": ("x", [str((7 * n) % 50) for n in range(50)], K.NUMBER, "whole_number"),
    "acid": ("acid", [str(3 * n) for n in range(50)], K.NUMBER, "whole_number"),
    "iso dates": ("x", ["2020-02-29", "2021/12/01", None], K.DATETIME, "date_iso"),
    "iso times": ("x", ["2020-02-28T10:00:00", "2020-02-29 11:30"], K.DATETIME, "date_iso"),
    "zones": ("x", ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00+02:00"], K.DATETIME, "date_zone"),
    "day first": ("x", ["13/02/2020", "01/02/2020"], K.DATETIME, "date_day_first"),
    "month first": ("x", ["02/13/2020", "01/02/2020"], K.DATETIME, "date_month_first"),
    "month first by order": (
        "x",
        ["1/2/2020", "2/2/2020", "5/1/2020"],
        K.DATETIME,
        "date_month_first_order",
    ),
    "day first by order": (
        "x",
        ["1/2/2020", "2/2/2020", "1/5/2020"],
        K.DATETIME,
        "date_day_first_order",
    ),
    "order unknown": ("x", ["3/2/2020", "1/2/2020", "2/3/2020"], K.DATETIME, "date_order_unknown"),
    "named months": ("x", ["12 Jan 2020", "3 feb 2021"], K.DATETIME, "date_day_name"),
    "named months first": ("x", ["January 5, 2020", "Mar 3rd, 2021"], K.DATETIME, "date_name_day"),
    "months": ("x", ["2020-01", "2020-02"], K.DATETIME, "date_month"),
    "times": ("x", ["10:15", "23:59:01", "11:00 pm"], K.DATETIME, "date_time"),
    "eight digits, named date": ("date", ["20200131", "20201201"], K.DATETIME, "date_compact"),
    "eight digits": ("x", ["20200131", "20201201"], K.NUMBER, "whole_number"),
    "fractions of two": ("x", ["1/2", "3/4", "2/3"], K.CATEGORY, "category"),
    "impossible days": ("x", ["2020-02-30", "2020-13-01", "2021-02-29"], K.CATEGORY, "category"),
    "versions": ("x", ["1.2.3", "4.5.6", "1.2.3"], K.CATEGORY, "category"),
    "versions like short dates": ("x", ["1.2.10", "1.2.11", "1.3.12"], K.CATEGORY, "category"),
    "versions by name": ("app version", ["14.02.10", "14.03.11"], K.CATEGORY, "category"),
    "short dates": ("x", ["14.02.10", "03.11.12"], K.DATETIME, "date_day_first"),
    "short years first": ("x", ["98-12-30", "99-01-31"], K.DATETIME, "date_short_year"),
    "points mean day first": (
        "x",
        ["3.2.2020", "1.2.2020", "2.3.2020"],
        K.DATETIME,
        "date_day_first_points",
    ),
    "two forms of dates": ("x", ["2020-02-01", "13.02.2020"], K.DATETIME, "date_day_first"),
    "two orders of dates": ("x", ["13/02/2020", "02/13/2020"], K.CATEGORY, "category"),
    "some days that never were": (
        "x",
        ["30.02.2020", "13.02.2020", "31.04.2020", "1.5.2020"],
        K.DATETIME,
        "date_day_first",
    ),
    "durations": ("x", ["12:45", "35:10", "59:59", "10:10"], K.CATEGORY, "category"),
    "month and year": ("x", ["01/2024", "12/2024"], K.DATETIME, "date_month_year"),
    "name and year": ("x", ["Jan 2024", "Dezember 2024"], K.DATETIME, "date_name_year"),
    "models with years": ("x", ["Mode 2020", "Sedan 2021"], K.CATEGORY, "category"),
    "characters": ("x", ["2024年1月31日", "2024年12月1日"], K.DATETIME, "date_characters"),
    "months in characters": ("x", ["2024年1月", "2024年12月"], K.DATETIME, "date_character_months"),
    "seasons": ("x", ["2009-10", "2010-11"], K.CATEGORY, "category"),
    "units": ("x", ["12 kg", "13 kg"], K.NUMBER, "whole_number"),
    "two units": ("x", ["12 kg", "500 g", "2 kg"], K.CATEGORY, "mixed_units"),
    "capital letters": ("x", ["5A", "7A"], K.CATEGORY, "category"),
    "telephone": ("x", ["+491701234567", "+491707654321"], K.CATEGORY, "telephone"),
    "addresses": ("x", ["192.168.100.200", "192.168.100.201"], K.CATEGORY, "addresses"),
    "marks in parentheses": ("x", ["(1)", "(2)", "(3)"], K.CATEGORY, "in_parentheses"),
    "words for nothing": ("x", ["1", "无", "无", "3"], K.NUMBER, "whole_number"),
    "nothing as an answer": ("x", ["无", "轻度", "无", "重度"], K.CATEGORY, "category"),
    "nothing beside dates": ("x", ["2024-01-31", "unbekannt"], K.DATETIME, "date_iso"),
    "spaced zeros": ("x", ["044 123", "044 456"], K.CATEGORY, "category"),
}


@pytest.mark.parametrize("case", CASES)
def test_kinds_and_their_reasons(case: str) -> None:
    name, values, kind, reason = CASES[case]
    guessed, why = guess_kind(text(values, name))
    assert (guessed, why.code) == (kind, f"data.kind.{reason}")
    assert str(why)


@pytest.mark.parametrize("pair", YES_NO_PAIRS, ids=lambda pair: "/".join(sorted(pair)))
def test_every_pair_is_yes_and_no_in_any_letters(pair: frozenset[str]) -> None:
    first, second = sorted(pair)
    assert guess_kind(text([first.upper(), second.title()] * 3))[0] is K.YES_NO


def test_a_decimal_comma_makes_points_thousands() -> None:
    values, unread = typed_column(text(["1.234,5", "2,25", "7"]), K.NUMBER, ",")
    assert values.tolist() == [1234.5, 2.25, 7.0] and unread == 0
    assert guess_kind(text(["1.234", "5.678"]), ",")[1].code == "data.kind.ambiguous_number"


def test_an_ambiguous_column_is_read_by_the_files_mark_when_the_user_says_number() -> None:
    assert typed_column(text(["1,234", "5,678"]), K.NUMBER, ".")[0].tolist() == [1234, 5678]
    assert typed_column(text(["1,234", "5,678"]), K.NUMBER, ",")[0].tolist() == [1.234, 5.678]


def test_chosen_thousands_leave_no_doubt() -> None:
    for thousands, expected in ((".", [1234, 5678]), ("", [1.234, 5.678])):
        column, values = type_column(text(["1.234", "5.678"]), thousands=thousands)
        assert values.tolist() == expected and column.cautions == ()
    assert type_column(text(["1,234", "5,678"]), thousands=",")[1].tolist() == [1234, 5678]


def test_other_columns_show_what_a_mark_means() -> None:
    table = {"open": ["1,234", "5,678"], "clear": ["0.5", "12.25"]}
    schema, typed = type_table(pd.DataFrame(table, dtype="str"))
    assert typed["open"].tolist() == [1234, 5678] and schema.cautions == ()
    table = {"open": ["1.234", "5.678"], "clear": ["0,5", "12,25"]}
    _, typed = type_table(pd.DataFrame(table, dtype="str"))
    assert typed["open"].tolist() == [1234, 5678]


OPEN = ["3/2/2020", "1/2/2020", "2/3/2020"]


def test_other_columns_show_the_order_of_day_and_month() -> None:
    table = pd.DataFrame({"open": OPEN, "clear": ["1/13/2020", "2/1/2020", None]}, dtype="str")
    schema, typed = type_table(table)
    assert typed["open"].iloc[0] == pd.Timestamp("2020-03-02")
    assert schema["open"].reason.code == "data.kind.date_month_first_others"
    assert schema["open"].order == schema.date_order == "month first" and schema.cautions == ()
    torn = table.assign(third=["13/1/2020", "14/1/2020", None])
    assert [said.code for said in type_table(torn)[0].cautions] == ["data.caution.dates"]


@pytest.mark.parametrize(
    ("dates", "doubtful"),
    [
        (["24-01-12", "23-05-30"], True),
        (["24-01-12", "23-05-99"], False),
        (["24/01/12", "23/05/30"], False),
        (["24-01-2012", "23-05-2030"], False),
    ],
)
def test_dates_that_may_begin_with_the_year_are_doubted(dates: list[str], doubtful: bool) -> None:
    column, _ = type_column(text([*dates]))
    assert column.kind is K.DATETIME and bool(column.cautions) is doubtful


MONTHS = [f"01/{month:02}/{year:02}" for year in range(1, 11) for month in range(1, 13)]


@pytest.mark.parametrize(
    ("cells", "form", "last", "doubtful"),
    [
        ([cell.replace("/", ".") for cell in MONTHS], "day_month", "2010-12-01", False),
        (sorted(MONTHS), "day_month", "2010-12-01", True),
        ([f"31.12.{year:02}" for year in range(1, 20)], "day_month", "2019-12-31", True),
        ([f"15.{n % 12 + 1:02}.0{3 + n // 12}" for n in range(15)], "day_month", None, False),
        ([f"01/01/{year}" for year in range(90, 99)], "day_month", "1998-01-01", True),
        ([f"01/01/{90 + n * 3 % 7}" for n in range(7)], "day_month", "1994-01-01", True),
        ([f"01/03/{year:02}" for year in range(3, 20)], "day_month", "2019-03-01", True),
        ([f"24-01-{day:02}" for day in range(3, 20)], "short_year", "2024-01-19", True),
        ([f"24-{n // 27 + 1:02}-{n % 27 + 2:02}" for n in range(60)], "short_year", None, False),
        ([f"24.{n % 7 + 1:02}.{n * 4 % 29 + 3}" for n in range(60)], "short_year", None, True),
    ],
)
def test_two_digits_of_a_year_are_found_at_either_end(
    cells: list[str], form: str, last: str | None, doubtful: bool
) -> None:
    """The first of each month has few beginnings and many ends, as year-month-day has."""
    column, values = type_column(text([*cells]))
    assert column.date_form == form and bool(column.cautions) is doubtful
    assert last is None or values.iloc[-1] == pd.Timestamp(last)
    assert all(map(str, column.cautions))


@pytest.mark.parametrize(
    ("cells", "cautions"),
    [
        ([f"31.12.{year:02}" for year in range(1, 20)], ["year_last"]),
        ([f"24-01-{day:02}" for day in range(3, 20)], ["year_first"]),
        ([f"01/01/{year}" for year in range(90, 99)], ["dates"]),
        (sorted(MONTHS), ["dates", "year_last"]),
    ],
)
def test_it_is_said_what_is_in_doubt_of_a_date(cells: list[str], cautions: list[str]) -> None:
    column, _ = type_column(text([*cells]))
    assert [said.code for said in column.cautions] == [f"data.caution.{one}" for one in cautions]


def test_a_chosen_order_counts_where_the_year_may_be_at_either_end() -> None:
    column, values = type_column(
        text([f"24-01-{day:02}" for day in range(3, 20)]), dates="day first"
    )
    assert values.iloc[0] == pd.Timestamp("2003-01-24") and column.order == "day first"


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (["1E5", "2E3", "1E4"], "powers"),
        (["0", "1E5", "1E4"], "powers"),
        (["1E5", "2.5E3", "1E4"], None),
        (["1E+5", "2E+3", "1e-4"], None),
        ([f"0.12345678901234567{n:02}" for n in range(24)], "merged_numbers"),
        ([f"12345678901234567.{n}" for n in range(24)], "merged_numbers"),
        (["12.500000000000000000", "12.50000000000000000", "1.5"], None),
        ([repr(1 / n) for n in range(3, 50)], None),
    ],
)
def test_codes_that_may_have_been_read_as_numbers_are_said(
    cells: list[str], code: str | None
) -> None:
    column, _ = type_column(text([*cells]))
    expected = [f"data.caution.{code}"] if code else []
    assert [said.code for said in column.cautions] == expected and column.kind is K.NUMBER


#: Columns of 40 values, by what is said of them; nothing where they are right as they are.
DOUBTS: dict[str, tuple[str | None, ColumnKind, list[str]]] = {
    "classes of goods": ("codes", K.NUMBER, ["01.11", "62.01", "47.91", "08.12"] * 10),
    "telephones": ("codes", K.NUMBER, [f"{412 + n} 658 {145 + n}" for n in range(40)]),
    "padded and signed": (None, K.NUMBER, [f"{n / 3 - 5:06.2f}" for n in range(40)]),
    "amounts": (None, K.NUMBER, [f"{n} 658 145" for n in range(80, 120)]),
    "below a limit": ("some_numbers", K.CATEGORY, ["<0.05", "0.12", "0.3", "1.25"] * 10),
    "flags": ("some_numbers", K.IDENTIFIER, [f"{n}.5{' p' * (n % 3 == 0)}" for n in range(40)]),
    "sizes": ("some_numbers", K.CATEGORY, ["19M", "2.5M", "201k", "Varies"] * 10),
    "some letters": ("some_numbers", K.CATEGORY, ["523", "1.2K", "3.4M", "18"] * 10),
    "seats": (None, K.CATEGORY, ["12B", "3B", "14K", "7"] * 10),
    "credit": (None, K.NUMBER, [f"{n}.50 Cr" for n in range(40)]),
    "footnotes": ("unknown_beside", K.IDENTIFIER, [f"{n}.3*" for n in range(40)]),
    "clock": ("unknown_beside", K.CATEGORY, ["7.30 Uhr", "8.15 Uhr", "9.00 Uhr", "9.15 Uhr"] * 10),
    "tickets": (None, K.CATEGORY, ["A/5 21171", "113803", "PC 17599", "347082"] * 10),
    "versions": (None, K.CATEGORY, ["1.2.3", "1.2.4", "1.10.0", "2.0.0"] * 10),
    "sizes of clothes": (None, K.CATEGORY, ["38", "M", "40", "L"] * 10),
    "two ways": ("some_dates", K.CATEGORY, ["2 Jan 2023", "Jan 3, 2023"] * 20),
    "years": ("some_dates", K.CATEGORY, ["2023-01-05", "2023", "2023-02-07", "2023-03-09"] * 10),
    "decades": (None, K.CATEGORY, ["1990s", "2000s", "2010s", "2020s"] * 10),
    "seconds": (None, K.NUMBER, ["1500s", "2000s", "95s", "120s"] * 10),
    "one unit": ("few_units", K.NUMBER, ["5 kg", *map(str, range(39))]),
    "one without": ("without_unit", K.NUMBER, ["5", *(f"{n} kg" for n in range(39))]),
    "one code": ("kept_text", K.CATEGORY, ["007", *(str(n % 30 + 50) for n in range(200))]),
    "one long": ("kept_text", K.CATEGORY, ["9" * 20, *(str(n % 30 + 50) for n in range(200))]),
    "codes": (None, K.CATEGORY, ["007", "012", "115", "230"] * 10),
    "days": (None, K.DATETIME, [f"202301{n % 20 + 1:02}" for n in range(40)]),
    "few days": (None, K.NUMBER, ["20230101", "20230102", "20230105", "20230107"] * 10),
    "no days": (None, K.NUMBER, [f"202301{n % 40 + 1:02}" for n in range(40)]),
}


@pytest.mark.parametrize("case", DOUBTS)
def test_what_keeps_a_column_from_being_numbers_or_dates_is_said(case: str) -> None:
    code, kind, cells = DOUBTS[case]
    column, _ = type_column(text(cells))
    assert column.kind is kind
    assert [one.code for one in column.cautions] == ([f"data.caution.{code}"] if code else [])


def test_versions_are_no_numbers_that_some_words_spoil() -> None:
    cells = text([f"{n}.{n % 4}{' LTS' * (n % 3 == 0)}" for n in range(40)])
    assert [one.code for one in type_column(cells)[0].cautions] == ["data.caution.some_numbers"]
    assert not type_column(cells.rename("version"))[0].cautions


def test_cautions_about_very_many_columns_are_counted() -> None:
    table = {f"c{n}": ["12 kg", "500 g"] for n in range(20)}
    schema, _ = type_table(pd.DataFrame(table, dtype="str"))
    assert len(schema.cautions) == 20 and len(schema.main_cautions) == 13
    assert schema.main_cautions[-1].parameters["count"] == 8


@pytest.mark.parametrize(("order", "month"), [("day first", 2), ("month first", 3)])
def test_a_chosen_order_of_dates_wins_and_says_so(order: str, month: int) -> None:
    column, values = type_column(text(OPEN), dates=order)
    assert values.dt.month.iloc[0] == month and column.order == order and not column.cautions
    assert column.reason.code.endswith("chosen")


def test_words_for_nothing_are_said_with_counts_and_can_be_kept() -> None:
    column, values = type_column(text(["1", "无", "none", "无"]))
    (said,) = column.decisions
    assert "“无” 2 times, “none” 1 times" in str(said)
    assert (column.missing, column.unreadable, values.isna().sum()) == (3, 0, 3)
    assert type_column(text(["1", "无", "none", "无"]), marks=False)[0].kind is K.CATEGORY


def test_units_are_taken_off_and_said() -> None:
    column, values = type_column(text(["12%", "7,5 %", "9"]))
    assert values.tolist() == [12, 7.5, 9] and column.unit == "%"
    assert "per cent" in str(column.decisions[0])
    assert [said.code for said in column.cautions] == ["data.caution.without_unit"]
    mixed = type_column(text(["12 kg", "500 g"]))[0]
    assert mixed.unit is None and "“kg”, “g”" in str(mixed.cautions[0])


@pytest.mark.parametrize(
    ("cells", "unit", "numbers"),
    [
        (["80.61M", "75.2M", "1.5B"], None, [80.61e6, 75.2e6, 1.5e9]),
        (["€110.5M", "€565K", "€0"], "€", [110.5e6, 565e3, 0]),
        (["6,8 Mio. €", "1,25 Mrd. €"], "€", [6.8e6, 1.25e9]),
        (["475.8m", "3.3k", "0"], None, [475.8e6, 3.3e3, 0]),
        (["%50,1", "%7"], "%", [50.1, 7]),
        # One of these may be a metre, a seat, an engine, kelvin.
        (["5.5m", "3.2m"], "m", [5.5, 3.2]),
        (["12B", "3B", "7B"], None, None),
        (["2.0T", "1.6T"], None, None),
        (["20 K", "4.2 K"], "K", [20, 4.2]),
        (["1.5M", "523", "2.1K"], None, None),
    ],
)
def test_letters_stand_for_powers_of_ten_where_every_amount_has_one(
    cells: list[str], unit: str | None, numbers: list[float] | None
) -> None:
    column, values = type_column(text(cells))
    assert column.unit == unit
    if numbers is None:
        assert column.kind is K.CATEGORY
    else:
        assert values.tolist() == numbers
        said = "data.decision.powers_of_ten" in {one.code for one in column.decisions}
        assert said == bool(column.powers_of_ten) == (max(numbers) > 1000)


@pytest.mark.parametrize(
    ("cells", "doubtful"),
    [(["293.15K", "294.2K"], True), (["0.5K", "2.1M"], False), (["$0.5K", "$2.5K"], False)],
)
def test_one_letter_behind_all_numbers_may_be_a_unit(cells: list[str], doubtful: bool) -> None:
    column, _ = type_column(text(cells))
    assert column.powers_of_ten
    assert ("data.caution.one_power" in {one.code for one in column.cautions}) == doubtful


def test_a_minus_behind_is_read_and_said() -> None:
    column, values = type_column(text(["1,50-", "1.200,00", "7,25−"] * 3), ",")
    assert values.tolist()[:3] == [-1.5, 1200, -7.25]
    assert [said.code for said in column.decisions] == ["data.decision.behind"]
    column, _ = type_column(text(["2-", "3", "1-", "2"]))
    assert column.kind is K.CATEGORY
    assert [said.code for said in column.cautions] == ["data.caution.minus_behind"]
    assert not type_column(text(["2-", "3", "1-"]), chosen=K.IDENTIFIER)[0].cautions
    assert not type_column(text(["2-5", "6-9", "10-"]))[0].cautions


def test_negative_amounts_in_parentheses_are_said() -> None:
    column, values = type_column(text(["(1,234.50)", "$5", "$7"]))
    assert values.tolist() == [-1234.5, 5, 7] and column.unit == "$"
    assert column.decisions[1].parameters["count"] == 1


#: A column whose marks mean either, another one of the file, and what the first is read as.
BESIDE = {
    "a comma before one digit": ("1.234", "1.234,5", 1234),
    "a unit": ("1.234", "12,50 €", 1234),
    "two marks between thousands": ("1.234", "1.234.567", 1234),
    "two commas between thousands": ("1,234", "1,234,567", 1234),
    "a point before one digit": ("1.234", "12.5", 1.234),
}


@pytest.mark.parametrize(("either", "other", "number"), BESIDE.values(), ids=BESIDE)
@pytest.mark.parametrize("late", [0, 500], ids=["at once", "late"])
def test_a_column_is_read_as_the_others_show(
    either: str, other: str, number: float, late: int
) -> None:
    plain = "9" + either[1:]
    rows = {"a": [*[plain] * (late + 2), either], "b": [*["7"] * (late + 1), *[other] * 2]}
    schema, typed = type_table(pd.DataFrame(rows, dtype="str"))
    assert typed["a"].iloc[-1] == number and not schema["a"].cautions
    # Point is the usual mark; what was read otherwise is said.
    said = [one.parameters["decimal"] for one in schema["a"].decisions]
    assert said == (["comma"] if either == "1.234" and number == 1234 else [])


@pytest.mark.parametrize("other", ["10.20.30.40", "7", "x"])
def test_what_no_other_column_shows_is_said(other: str) -> None:
    rows = {"a": ["1.234", "5.678"] * 9, "b": [other, other + "1"] * 9}
    schema, typed = type_table(pd.DataFrame(rows, dtype="str"))
    assert typed["a"].iloc[0] == 1.234
    assert "“1.234” was read as a fraction" in str(schema["a"].cautions[0])


def test_marks_between_thousands_are_not_taken_for_delimiters() -> None:
    lines = [f"1,{n},200\t1,{n}" for n in range(100, 130)]
    table = read("\n".join(["sold\tpaid", *lines]).encode())
    assert table.frame.iloc[0].tolist() == [1_100_200, 1_100]


def test_days_that_never_were_are_counted() -> None:
    column, values = type_column(text(["30.02.2020", "13.02.2020", "1.5.2020"]))
    assert (column.kind, column.unreadable, values.isna().sum()) == (K.DATETIME, 1, 1)
    assert "30.02.2020" in str(column.cautions[0])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30))
def test_numbers_are_read_to_the_last_digit(numbers: list[float]) -> None:
    values, unread = typed_column(text([repr(number) for number in numbers]), K.NUMBER)
    assert unread == 0
    assert values.dtype == "float64"
    assert values.tolist() == numbers


@settings(max_examples=100, deadline=None)
@given(st.lists(st.datetimes(), min_size=1, max_size=20))
def test_dates_are_read_to_the_microsecond(moments: list[object]) -> None:
    values, unread = typed_column(text([str(moment) for moment in moments]), K.DATETIME)
    assert unread == 0
    assert values.dtype == "datetime64[us]"
    assert [moment.to_pydatetime() for moment in values] == moments


FORMATS = {
    "%Y-%m-%d": 0,
    "%d.%m.%Y": 0,
    "%m/%d/%Y": 0,
    "%d/%m/%y": 0,
    "%d %b %Y": 0,
    "%B %d, %Y": 0,
    "%Y/%m/%d %H:%M:%S": 1,
    "%d.%m.%Y %H:%M": 1,
    "%m/%d/%Y %I:%M %p": 1,
    "%a, %d %b %Y %H:%M:%S": 1,
}


@pytest.mark.parametrize("form", FORMATS)
def test_written_forms_are_read_as_pandas_writes_them(form: str) -> None:
    step = "37h" if FORMATS[form] else "3D"
    moments = pd.date_range("2009-12-20", periods=200, freq=step).floor("min")
    values, unread = typed_column(text(list(moments.strftime(form))), K.DATETIME)
    assert unread == 0
    assert (values.to_numpy() == moments.to_numpy()).all()


def test_what_does_not_fit_is_counted_and_missing() -> None:
    column, values = type_column(text(["1"] * 40 + ["2", "?!", None]))
    assert (column.kind, column.unreadable, column.missing, column.distinct) == (K.NUMBER, 1, 2, 2)
    assert math.isnan(values.iloc[41]) and values.isna().sum() == 2


def test_categories_keep_their_text() -> None:
    values, unread = typed_column(text(["01", "1.0", "1", None]), K.CATEGORY)
    assert values.dtype == "str" and unread == 0
    assert values.tolist()[:3] == ["01", "1.0", "1"] and values.isna().tolist() == [0, 0, 0, 1]


def test_one_number_written_in_two_ways_is_one_value() -> None:
    assert type_column(text(["1", "1.0", "2.50", "2.5"]))[0].distinct == 2


def test_a_kind_that_fits_nothing_is_refused() -> None:
    with pytest.raises(UserError) as caught:
        typed_column(text(["red", "blue"], "colour"), K.NUMBER)
    assert caught.value.code == "data.kind_unfit" and "red" in str(caught.value)
    with pytest.raises(UserError) as caught:
        typed_column(text(["red", "blue"]), K.DATETIME)
    assert caught.value.code == "data.kind_unfit"
    with pytest.raises(UserError) as caught:
        typed_column(text(["a", "b", "c"]), K.YES_NO)
    assert caught.value.code == "data.kind_not_two"


def test_the_schema_has_kinds_roles_and_counts() -> None:
    frame = pd.DataFrame(
        {
            "id": [f"c{n}" for n in range(20)],
            "age": ["20", "30", None, "40"] * 5,
            "same": ["a"] * 20,
            "when": ["2020-01-01", "2020-01-02"] * 10,
        },
        dtype="str",
    )
    schema, typed = type_table(frame)
    assert [c.kind for c in schema.columns] == [K.IDENTIFIER, K.NUMBER, K.CONSTANT, K.DATETIME]
    roles = [Role.IGNORED, Role.FEATURE, Role.IGNORED, Role.FEATURE]
    assert [c.role for c in schema.columns] == roles
    assert (schema.n_rows, schema["age"].missing, schema["age"].distinct) == (20, 5, 3)
    assert [str(dtype) for dtype in typed.dtypes] == ["str", "float64", "str", "datetime64[us]"]
    assert Schema.from_json(schema.to_json()) == schema
    plain = schema.to_json()
    for column in plain["columns"]:
        for new in ("unit", "order", "decisions", "cautions"):
            del column[new]
    assert Schema.from_json(plain).names == schema.names


def test_a_chosen_kind_wins_and_says_so() -> None:
    frame = pd.DataFrame({"n": ["1", "2", "3"]}, dtype="str")
    schema, typed = type_table(frame, kinds={"n": K.CATEGORY})
    assert schema["n"].kind is K.CATEGORY and typed["n"].tolist() == ["1", "2", "3"]
    assert schema["n"].reason.code == "data.kind.chosen" and "number" in str(schema["n"].reason)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.one_of(st.none(), st.text(max_size=12), st.from_regex(r"[0-9.,/:\- ]{1,12}")),
        min_size=1,
        max_size=30,
    )
)
def test_any_column_gets_a_kind_and_its_type(values: list[str | None]) -> None:
    column, typed = type_column(text(values))
    expected = {K.NUMBER: "float64", K.DATETIME: "datetime64[us]"}.get(column.kind, "str")
    assert str(typed.dtype) == expected
    assert column.missing == typed.isna().sum()
    assert column.distinct == typed.nunique()
    assert column.unreadable <= column.missing
    assert not np.isinf(typed).any() if column.kind is K.NUMBER else True


WRITINGS = (
    "0 7 -3 +5 1. .5 -.25 1e5 1E-3 +2.5e+1 0012 1,234 nan NaN inf -Infinity 0x10 1_000 1d5 １２"
)


@pytest.mark.parametrize("written", [*WRITINGS.split(), "1e999", "9007199254740993", "5 %"])
def test_what_is_read_in_one_go_is_read_as_ever(written: str) -> None:
    """A word among the numbers makes a column be read with care, value by value."""
    plain = read_numbers(levels_of(text(["2.5", written])), ".")
    careful = read_numbers(levels_of(text(["2.5", written, "(x)"])), ".")
    np.testing.assert_array_equal(plain.numbers, careful.numbers[:2])
    assert plain.codes == careful.codes
    assert plain.whole == careful.whole
