"""Binary workbooks: read as others are, and refused before they ask for room without end."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from binary_workbooks import (
    cells_of,
    compound_file,
    record,
    record12,
    xls,
    xls_sheet,
    xls_stream,
    xlsb,
    xlsb_of,
    xlsb_sheet,
)

from mlcore.data.reading import read
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
