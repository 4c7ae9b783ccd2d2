"""Tables glued together, headers that stand there again, and rows that sum up others."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import openpyxl
import pytest

from mlcore.data.reading import ReadingOptions, Table, read

NUMBERS = ["a,b,c", *(f"{n * 7 % 13},x{n % 3},{n * 1.5}" for n in range(15))]
TOWNS = ["name,town,when", *(f"N{n},T{n % 3},2021-0{n + 1}-03" for n in range(8))]
WORDS = ["name,town,land", *(f"N{n},T{n % 3},L{n}" for n in range(8))]
PAIRS = ["t,v", *(f"{n},{n * 5 % 7}.5" for n in range(9))]


def text(*lines: str) -> bytes:
    return "\n".join(lines).encode() + b"\n"


def sheet(lines: Sequence[str]) -> bytes:
    """The same table in a workbook, its numbers as numbers."""
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append([value_of(cell) for cell in line.split(",")] if line else [])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def value_of(cell: str) -> Any:
    try:
        return float(cell)
    except ValueError:
        return cell or None


def both(lines: Sequence[str], **options: Any) -> list[Table]:
    """The table as text and in a workbook."""
    chosen = ReadingOptions(**options)
    return [read(text(*lines), chosen), read(sheet(lines), chosen)]


def said(table: Table, code: str) -> str:
    """The sentence of a caution; empty where it is not said."""
    return "".join(str(one) for one in table.cautions if one.code == f"data.caution.{code}")


# Another table right below


@pytest.mark.parametrize(
    ("below", "header"),
    [
        (TOWNS, "name,town,when"),
        (WORDS, "name,town,land"),
        (["Towns", *TOWNS], "name,town,when"),
        ([",,", "Towns,,", *TOWNS], "name,town,when"),
        (["u,v,w", *(f"x{n % 2},{n},{n}.5" for n in range(9))], "u,v,w"),
    ],
    ids=["dates", "words", "a title", "a title filled up", "words above, numbers below"],
)
def test_a_table_of_the_same_width_right_below_is_one_of_its_own(
    below: list[str], header: str
) -> None:
    for table in both([*NUMBERS, *below]):
        assert table.text.to_numpy().tolist()[-1][1] == "x2"
        assert [place.n_rows for place in table.reading.tables] == [
            15,
            len(below) - below.index(header) - 1,
        ]
        assert said(table, "tables") or said(table, "sheet_tables")
    for table in both([*NUMBERS, *below], table=1):
        assert ",".join(table.text.columns) == header
        assert len(table.text) == len(below) - below.index(header) - 1


@pytest.mark.parametrize("gap", [[], [""]], ids=["right below", "below an empty line"])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_table_is_the_same_one_when_it_is_read_as_decided(gap: list[str], number: int) -> None:
    lines = [*NUMBERS, *gap, *TOWNS, *gap, *NUMBERS, *NUMBERS[1:]]
    for content, table in zip((text(*lines), sheet(lines)), both(lines, table=number), strict=True):
        assert len(table.text) == (15, 8, 30)[number]
        assert read(content, table.reading.options).text.equals(table.text)


def test_three_tables_of_one_width_are_told_apart() -> None:
    table = read(text(*TOWNS, *NUMBERS, *TOWNS))
    assert [(place.first_line, place.n_rows) for place in table.reading.tables] == [
        (1, 8),
        (10, 15),
        (26, 8),
    ]
    assert table.text.columns.tolist() == ["a", "b", "c"]


def test_titles_and_headers_that_repeat_do_not_hide_the_next_table() -> None:
    titled = ["Marks,,", *NUMBERS, *NUMBERS, *TOWNS]
    for table in both(titled):
        assert len(table.text) == 30 and table.text.columns.tolist() == ["a", "b", "c"]
        assert len(table.reading.tables) == 2
        assert said(table, "headers_again") and not said(table, "names_inside")


def test_quoted_lines_inside_a_value_are_no_header() -> None:
    note = '5,"see\nname,town,when\n",7.5'
    table = read(text(*NUMBERS, note, *NUMBERS[1:], *TOWNS))
    assert [place.n_rows for place in table.reading.tables] == [31, 8]


CLEAN = {
    "sorted codes": [
        "code,name",
        *(f"{n},N{n * 7 % 10}" for n in range(1, 10)),
        *(f"{c},M{c}" for c in "KPQRS"),
    ],
    "a word now and then": [
        "t,v",
        *(f"{n},{n * 7 % 5}" if n % 9 else f"{n},off" for n in range(60)),
    ],
    "words for nothing": [
        "t,v,w",
        *(f"{n},{n}.5,1" if n != 9 else "NA,null,n/a" for n in range(30)),
    ],
    "a word that is a value": ["s,v", *(["r,init"] * 9), *(f"q,{n}.5" for n in range(9))],
}


@pytest.mark.parametrize("name", CLEAN)
def test_one_table_stays_one(name: str) -> None:
    for table in both(CLEAN[name]):
        assert len(table.text) == len(CLEAN[name]) - 1
        odd = ("tables", "sheet_tables", "names_inside", "sheet_doubtful", "other_values", "totals")
        assert not any(said(table, code) for code in odd)


def test_names_between_numbers_are_pointed_out() -> None:
    for names in ("u,w", "T,V"):
        as_text, as_sheet = both([*PAIRS, names, *PAIRS[1:]])
        assert len(as_text.text) == len(as_sheet.text) == 19
        assert "read as rows: 11." in said(as_text, "names_inside")
        assert "table: 11." in said(as_sheet, "sheet_doubtful")
    assert said(read(text("t, v", *PAIRS[1:], *PAIRS)), "names_inside")


def test_a_column_of_numbers_that_ends_in_words_is_pointed_out() -> None:
    lines = ["id,v", *(f"k{n % 4},{n * 7 % 5}" for n in range(12)), "k1,off", "k2,stop", "k3,end"]
    as_text, as_sheet = both(lines)
    assert said(as_text, "other_values").startswith("From line 14 on, no value of “v” is")
    assert said(as_sheet, "other_values").startswith("From row 14 on, no value of “v” is")


def test_dates_that_end_in_words_are_pointed_out() -> None:
    lines = [
        "k,day",
        *(f"k{n % 4},2021-02-{n * 7 % 19 + 10}" for n in range(9)),
        *("x,y", "x,w", "x,z"),
    ]
    assert "From line 11 on, no value of “day”" in said(read(text(*lines)), "other_values")


def test_the_end_is_looked_at_where_the_beginning_alone_was_divided() -> None:
    """Only the beginning of a file decides how it is divided."""
    many = [f"{n * 7919 % 1000},{n % 9},{'x' * 90}" for n in range(3000)]
    table = read(
        text("a,b,c", *many, "name,town,land", *(f"N{n % 5},T{n % 7},L" for n in range(30)))
    )
    assert len(table.reading.tables) == 1
    assert "From line 3,002 on, no value of “a”, “b” is" in said(table, "other_values")


# The header once more


@pytest.mark.parametrize("times", [2, 5])
@pytest.mark.parametrize("part", [NUMBERS, WORDS], ids=["numbers", "words"])
def test_a_header_that_stands_there_again_is_left_out_and_said(part: list[str], times: int) -> None:
    as_text, as_sheet = both(part * times)
    for table, place in ((as_text, "line"), (as_sheet, "row")):
        assert ",".join(table.text.columns) == part[0]
        assert len(table.text) == times * (len(part) - 1)
        again = said(table, "headers_again")
        assert f"{times - 1} ({place} {len(part) + 1}" in again
        assert not said(table, "sheet_doubtful") and not said(table, "mended")
        assert {repair.line for repair in table.repairs} == {
            len(part) * nth + 1 for nth in range(1, times)
        }


def test_a_header_left_out_can_be_taken_back() -> None:
    for table in both(NUMBERS * 3, undone=(17,)):
        assert len(table.text) == 46 and table.text.iloc[15].tolist() == ["a", "b", "c"]
        assert ": 1 (" in said(table, "headers_again") and "33)" in said(table, "headers_again")
        assert said(table, "undone").startswith("Mends taken back: 1.")
        assert [repair.line for repair in table.repairs if repair.undone] == [17]


def test_a_header_below_an_empty_row_is_nothing_doubtful() -> None:
    for table in both([*NUMBERS, "", *NUMBERS]):
        assert len(table.text) == 30 and said(table, "headers_again")
        assert not said(table, "sheet_doubtful")


# Totals

ITEMS = [f"i{n},{n * 3 % 7 + 1},{n * 7 % 11 + 1}.5" for n in range(1, 13)]
SUMS = [sum(float(line.split(",")[place]) for line in ITEMS) for place in (1, 2)]
MEANS = [one / len(ITEMS) for one in SUMS]
HEAD = "item,qty,price"

TOTALS = {
    "without a name": ([HEAD, *ITEMS, f",{SUMS[0]:g},{SUMS[1]:g}"], [14]),
    "one column without a name": (["item,qty", *(f"i{n},{n + 2}" for n in range(6)), ",27"], [8]),
    "with an unknown word": ([HEAD, *ITEMS, f"alles,{SUMS[0]:g},{SUMS[1]:g}"], [14]),
    "a word in a later cell": (["n,k,who", "1,4,a", "2,5,b", "3,7,c", "6,16,Total"], [5]),
    "below numbers of rows": ([",n", *(f"{n},{n * 3}" for n in range(1, 8)), "Sum,84"], [9]),
    "means": ([HEAD, *ITEMS, f",{MEANS[0]:.2f},{MEANS[1]:.2f}"], [14]),
    "a sum and a mean": (
        [HEAD, *ITEMS, f"Summe,{SUMS[0]:g},{SUMS[1]:g}", f"Mittelwert,{MEANS[0]:.3f},"],
        [14, 15],
    ),
    "in the middle": (["a,n", "x,1", "y,2", "Total,3", "z,4", "w,5", "v,1"], [4]),
    "of each group": (
        ["a,n", "x,1", "y,2", "North Total,3", "z,4", "w,5", "South Total,9", "Grand Total,12"],
        [4, 7, 8],
    ),
    "of each group without a name": (
        ["a,n,m", "x,1,3", "y,2,4", ",3,7", "z,4,1", "w,5,1", ",9,2"],
        [4, 7],
    ),
    "in Chinese": (["店,n", "甲,10", "乙,21", "小计,31", "丙,4", "丁,5", "小计,9"], [4, 7]),
}


@pytest.mark.parametrize("name", TOTALS)
def test_rows_that_sum_up_others_are_pointed_out(name: str) -> None:
    lines, rows = TOTALS[name]
    as_text, as_sheet = both(lines)
    for table, place in ((as_text, "line"), (as_sheet, "row")):
        assert len(table.text) == len(lines) - 1
        where = ", ".join(f"{place} {row}" for row in rows)
        assert f": {len(rows)} ({where})." in said(table, "totals")


def test_totals_are_added_up_as_the_file_writes_its_numbers() -> None:
    lines = ["ware;preis", "a;1.200,50 €", "b;300,25 €", "c;12,00 €", "d;0,10 €", ";1.512,85 €"]
    assert "(line 6)" in said(read(text(*lines)), "totals")


def test_a_total_behind_values_over_lines_is_named_by_its_line() -> None:
    lines = ["a,n", '"x', 'y",10', "z,20", "w,30", "v,5", ",65"]
    assert "(line 7)" in said(read(text(*lines)), "totals")


NO_TOTALS = {
    "few rows": ["a,n,m", "x,1,2", "y,2,3", "z,3,5"],
    "zeros": ["a,n,m", *(f"x{n},0,0" for n in range(9)), ",0,0"],
    "added up so far": ["day,new,all", *(f"{n},{n},{n * (n + 1) // 2}" for n in range(1, 12))],
    "one column by chance": ["a,n,m", "x,1,9", "y,2,8", "z,3,9", "w,4,7", "v,10,8"],
    "doubling": [
        "a,n,m",
        *(f"x{n},{2 ** max(n - 1, 0)},{3 * 2 ** max(n - 1, 0)}" for n in range(9)),
    ],
    "a part of the names is missing": [
        "a,n",
        *(f"{'k' * (n % 4 > 0)},{n * 5 % 7}" for n in range(40)),
    ],
    "a kind of row": [
        "sex,kind,n",
        *(f"{'mf'[n % 2]},{('part', 'total')[n % 3 == 2]},{n * 5 % 7}" for n in range(18)),
    ],
    "a mark": [
        "who,mark,n",
        *(f"p{n},{('good', 'average', 'bad')[n % 3]},{n * 5 % 7}" for n in range(11)),
    ],
    "nearly a sum": ["k,n", "x,10.1", "y,20.2", "z,30.3", "w,5.1", ",65.8"],
    "as much as one row": [
        "kind,n",
        *("part,4", "total,4", "part,2", "total,2", "part,5", "part,1"),
    ],
    "one number of four": [
        "kind,a,b,c,d",
        *("x,1,5,9,4", "y,2,7,2,8", "total,3,1,2,5", "z,5,5,5,5", "w,9,1,4,2"),
    ],
    "no numbers": ["word,kind", "mean,noun", "sum,noun", "go,verb", "total,adjective"],
}


@pytest.mark.parametrize("name", NO_TOTALS)
def test_an_ordinary_row_is_no_total(name: str) -> None:
    for table in both(NO_TOTALS[name]):
        assert not said(table, "totals")
