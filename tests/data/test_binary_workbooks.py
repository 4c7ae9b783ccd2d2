"""Binary workbooks: read as others are, and refused before they ask for room without end."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import pytest
from binary_workbooks import (
    Error,
    Formula,
    Styled,
    cells_of,
    compound_file,
    record,
    record12,
    xls,
    xls_cell,
    xls_sheet,
    xls_stream,
    xls_styles,
    xlsb,
    xlsb_of,
    xlsb_sheet,
)

from mlcore.data.reading import ReadingOptions, read
from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError

ROWS = [["name", "weight"], ["Ann", 1.5], ["Bob", 2.0], ["Zoé", 3.25]]
CELLS = cells_of(ROWS)


@pytest.mark.parametrize("write", [xls, xlsb])
@pytest.mark.parametrize("times", [1, 60])
def test_a_binary_workbook_is_read_cell_by_cell(
    write: Callable[[list[list[str | float]]], bytes], times: int
) -> None:
    table = read(write([ROWS[0], *ROWS[1:] * times]))
    assert table.text["name"].tolist() == ["Ann", "Bob", "Zoé"] * times
    assert table.frame["weight"].tolist() == [1.5, 2.0, 3.25] * times


NA, DIVISION = Error(0x2A), Error(0x07)


def said(content: bytes) -> dict[str, str]:
    table = read(content)
    return {one.code.removeprefix("data."): str(one) for one in (*table.decisions, *table.cautions)}


@pytest.mark.parametrize("write", [xls, xlsb])
def test_errors_of_a_binary_workbook_keep_their_words(write: Callable[..., bytes]) -> None:
    """What reads the sheets gives nothing for them, and leaves out some at the end."""
    rows = [["a", "b"], [1.5, NA], [2.0, Formula(DIVISION)], [NA, Formula("x")]]
    table = read(write([*rows, [Formula(NA), Formula(NA)]]), ReadingOptions(header=True))
    assert table.text["a"].tolist() == ["1.5", "2", "#N/A", "#N/A"]
    assert table.text["b"].tolist() == ["#N/A", "#DIV/0!", "x", "#N/A"]
    assert table.reading.missing == {"#N/A": 4, "#DIV/0!": 1}


@pytest.mark.parametrize("write", [xls, xlsb])
def test_an_error_in_the_last_column_of_a_binary_workbook_is_seen(
    write: Callable[..., bytes],
) -> None:
    rows = [["a"], ["x"], ["y", Formula(NA)]]
    assert read(write(rows), ReadingOptions(header=False)).text.iloc[2, 1] == "#N/A"


def test_numbers_and_errors_of_a_chart_are_none_of_the_sheet() -> None:
    begin = record(0x809, struct.pack("<HHHHII", 0x600, 0x20, 0, 0, 0, 0))
    chart = begin + xls_cell(1, 1, NA) + xls_cell(2, 0, Styled(7.0)) + record(0x0A)
    sheet = xls_sheet(cells_of([["a", "b"], [1.0], [3.0, 4.0]]))[:-4] + chart + record(0x0A)
    content = compound_file(xls_stream([sheet], xls_styles(["000"])))
    assert read(content).text.values.tolist() == [["1", ""], ["3", "4"]]


@pytest.mark.parametrize(("last", "is_said"), [("", True), (5.0, False)])
def test_formulas_of_an_xls_file_that_were_never_computed_are_counted(
    last: str | float, is_said: bool
) -> None:
    """Xlwt, for one, writes an empty text as the result of every formula."""
    rows = [["a", "b"], *([float(n), Formula("")] for n in range(4)), [9.0, Formula(last)]]
    sentence = said(xls(rows)).get("caution.formulas_blank", "")
    assert ("5, the first in B2" in sentence) == is_said == bool(sentence)


@pytest.mark.parametrize("write", [xls, xlsb])
@pytest.mark.parametrize(("last", "is_said"), [(0.0, True), (5.0, False), (NA, False)])
def test_formulas_of_a_binary_workbook_that_are_all_zero_are_pointed_out(
    write: Callable[..., bytes], last: Any, is_said: bool
) -> None:
    rows = [["a", "b"], *([float(n), Formula(0.0)] for n in range(4)), [9.0, Formula(last)]]
    assert ("caution.formulas_zero" in said(write(rows))) == is_said


@pytest.mark.parametrize("write", [xls, xlsb])
def test_a_binary_workbook_without_formulas_or_with_results_is_nothing_to_say_of(
    write: Callable[..., bytes],
) -> None:
    for value in (1.0, Formula(2.5), Formula("x")):
        content = write([["a", "b"], *([f"t{n}", value] for n in range(5))])
        assert not [code for code in said(content) if code.startswith("caution.")]


CODES = [Styled(37), Styled(74.0), Styled(Formula(111.0)), "x7", Styled(1.5), Styled(123456)]
SHOWN = ["00037", "00074", "00111", "x7", "1.5", "123456"]


@pytest.mark.parametrize("write", [xls, xlsb])
@pytest.mark.parametrize("code", ["00000", "[$-407]00000", "00000;@"])
def test_numbers_of_a_binary_workbook_get_the_zeros_that_are_shown(
    write: Callable[..., bytes], code: str
) -> None:
    rows = [["code", "size"], *([cell, Styled(n, 2)] for n, cell in enumerate(CODES))]
    table = read(write(rows, [code, "0.00"]))
    assert table.text["code"].tolist() == SHOWN
    assert table.text["size"].tolist() == ["0", "1", "2", "3", "4", "5"]
    assert table.schema["code"].kind is not ColumnKind.NUMBER
    sentence = "Shown in the workbook with leading zeros, so read as codes: “code”."
    assert sentence in map(str, table.decisions)


def test_numbers_that_an_xls_file_writes_side_by_side_get_their_zeros() -> None:
    cells = struct.pack("<HiHiHi", 1, 7 << 2 | 2, 0, 8 << 2 | 2, 1, 900 << 2 | 2)
    many = record(0xBD, struct.pack("<HH", 1, 0) + cells + struct.pack("<H", 2))
    sheet = xls_sheet(cells_of([["a", "b", "c"]]))[:-4] + many + record(0x0A)
    content = compound_file(xls_stream([sheet], xls_styles(["00"])))
    assert read(content).text.values.tolist() == [["07", "8", "900"]]


@pytest.mark.parametrize(
    ("write", "code", "value", "text"),
    [
        # The reader takes dates of whole numbers to be numbers.
        (xlsb, 14, 43_831, "2020-01-01"),
        (xlsb, "yyyy\\-mm\\-dd", 43_831, "2020-01-01"),
        (xlsb, '[$-411]ggge"年"m"月"d"日"', 1, "1900-01-01"),
        (xlsb, "d.m.yy", 59, "1900-02-28"),
        (xlsb, "d.m.yy", 61, "1900-03-01"),
        (xlsb, "hh:mm", 0, "00:00:00"),
        (xlsb, "[h]:mm", 2, "48:00:00"),
        (xlsb, 46, 1, "24:00:00"),
        (xlsb, '0" days"', 43_831, "43831"),
        (xlsb, "[Red]0_d", 43_831, "43831"),
        (xlsb, "General", 43_831, "43831"),
        # Looked through to its end for each bracket, this would take hours.
        (xlsb, "[" * 2_000_000, 43_831, "43831"),
        (xlsb, 9, 43_831, "43831"),
        # Nobody writes down what these look like: they depend on the language.
        (xlsb, 31, 43_831, "2020-01-01"),
        (xlsb, 31, 2**29 - 1, "536870911"),
        # The reader knows those, and not only in xlsb.
        *((write, 58, 43_831.0, "2020-01-01") for write in (xls, xlsb)),
        *((write, "d.m.yy", 43_831.5, "2020-01-01 12:00:00") for write in (xls, xlsb)),
        (xls, 14, 43_831, "2020-01-01"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_numbers_that_a_binary_workbook_shows_as_dates_are_dates(
    write: Callable[..., bytes], code: str | int, value: float, text: str
) -> None:
    rows = [["name", "day"], *([f"n{n}", Styled(value)] for n in range(3))]
    assert read(write(rows, [code])).text["day"].tolist() == [text] * 3


@pytest.mark.parametrize("write", [xls, xlsb])
def test_years_of_a_binary_workbook_may_begin_in_1904(write: Callable[..., bytes]) -> None:
    rows = [["name", "day"], *([f"n{n}", Styled(n)] for n in (1, 42_369))]
    texts = read(write(rows, [31], first_1904=True)).text["day"].tolist()
    assert texts == ["1904-01-02", "2020-01-01"]


def test_the_largest_sheet_of_a_binary_workbook_is_read() -> None:
    few = cells_of([["a"], [1.0]])
    for content in (
        compound_file(xls_stream([xls_sheet(few), xls_sheet(CELLS)])),
        xlsb_of([xlsb_sheet(few, (0, 1, 0, 0)), xlsb_sheet(CELLS, (0, 3, 0, 1))]),
    ):
        table = read(content)
        assert list(table.text) == ["name", "weight"]
        assert len(table.reading.sheets) == 2


def xls_saying(dimensions: tuple[int, int, int, int]) -> bytes:
    first_row, last_row, first_column, last_column = dimensions
    said = struct.pack("<IIHHH", first_row, last_row, first_column, last_column, 0)
    return compound_file(xls_stream([xls_sheet(CELLS, said)]))


def with_number(content: bytes, place: int, number: int) -> bytes:
    return content[:place] + struct.pack("<I", number) + content[place + 4 :]


#: Where the table of sectors says what follows the first sector of the stream, or the second.
SECOND = 512 + 4 * 2

FAR = [(0, 0, 1.0), (65_535, 255, 2.0)]
TEXTS = {"xl/sharedStrings.bin": record12(159, struct.pack("<II", 2**28, 2**28)) + record12(160)}

REFUSED = {
    "far cell": (lambda: compound_file(xls_stream([xls_sheet(FAR)])), "sheet_sparse"),
    "far cell in another sheet": (
        lambda: compound_file(xls_stream([xls_sheet(CELLS), xls_sheet(FAR)])),
        "sheet_sparse",
    ),
    "endless dimensions": (lambda: xls_saying((0, 2**32 - 1, 0, 2**16 - 1)), "workbook_unusual"),
    "one sheet many times": (
        lambda: compound_file(xls_stream([xls_sheet(CELLS)], same_place=50)),
        "workbook_unusual",
    ),
    "encrypted": (
        lambda: compound_file(xls_stream([xls_sheet(CELLS)], record(0x2F, bytes(6)))),
        "workbook_secret",
    ),
    "sectors in a circle": (lambda: with_number(xls(ROWS), SECOND, 2), "workbook_unusual"),
    "other sectors": (lambda: with_number(xls(ROWS), 30, 0x6000C), "workbook_unusual"),
    "a sheet behind the end": (
        lambda: with_number(xls(ROWS), xls(ROWS).index(b"Sheet0") - 8, 10**7),
        "workbook_damaged",
    ),
    "no workbook": (lambda: compound_file(b"", "WordDocument"), "foreign_format"),
    "far cell, xlsb": (
        lambda: xlsb_of([xlsb_sheet([(0, 0, 1.0), (1_048_575, 16_383, 2.0)])]),
        "sheet_sparse",
    ),
    "a far error": (
        lambda: compound_file(xls_stream([xls_sheet([(0, 0, 1.0), (65_535, 255, NA)])])),
        "sheet_sparse",
    ),
    "a far error, xlsb": (
        lambda: xlsb_of([xlsb_sheet([(0, 0, 1.0), (1_048_575, 16_383, NA)])]),
        "sheet_sparse",
    ),
    "an error beyond the last row, xlsb": (
        lambda: xlsb_of([xlsb_sheet([(0, 0, 1.0), (2**32 - 1, 2**31, NA)])]),
        "workbook_unusual",
    ),
    "endless texts, xlsb": (lambda: xlsb_of([xlsb_sheet(CELLS)], TEXTS), "workbook_unusual"),
    "bomb, xlsb": (
        lambda: xlsb_of([xlsb_sheet(CELLS)], {"xl/media/x.bin": bytes(2**26 + 1)}),
        "packed_bomb",
    ),
    "two kinds in one": (
        lambda: xlsb_of([xlsb_sheet(CELLS)], {"xl/workbook.xml": b"<workbook/>"}),
        "workbook_unusual",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_binary_workbook_that_says_what_cannot_be_is_refused(name: str) -> None:
    make, code = REFUSED[name]
    with pytest.raises(UserError) as refused:
        read(make())
    assert refused.value.code == f"data.{code}"


@pytest.mark.parametrize("write", [xls, xlsb])
def test_a_binary_workbook_that_ends_early_is_refused_with_a_sentence(
    write: Callable[[list[list[str | float]]], bytes],
) -> None:
    content = write(ROWS)
    for size in range(8, len(content), 97):
        try:
            read(content[:size])
        except UserError as error:
            assert error.code.startswith("data.")
