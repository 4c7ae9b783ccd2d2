"""Numbers that a workbook shows with leading zeros are codes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import openpyxl
import pytest

from mlcore.data.reading import ReadingOptions, read
from mlcore.data.schema import ColumnKind

SAID = "Shown in the workbook with leading zeros, so read as codes: "


def workbook(
    change: Callable[[str], str] = str, number_format: str = "00000", first_row: int = 1
) -> bytes:
    """Return a workbook whose column "code" is shown with leading zeros, its text changed."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "S"
    for place, name in enumerate(("town", "code", "mixed", "size"), start=2):
        sheet.cell(first_row, place, name).number_format = number_format
    for row in range(1, 13):
        values = (f"t{row % 3}", row * 37, row * 5, row * 1.5)
        for place, value in enumerate(values, start=2):
            sheet.cell(first_row + row, place, value)
        sheet.cell(first_row + row, 3).number_format = number_format
    sheet.cell(first_row + 2, 4).number_format = number_format
    sheet.cell(first_row + 3, 3, "x7")
    sheet.cell(first_row + 4, 3, 1.5)
    sheet.cell(first_row + 5, 3, -3)
    sheet.cell(first_row + 6, 3, 123456)
    other = book.create_sheet("Other")
    other["A1"], other["A2"], other["A3"] = "a", 1, 2
    packed = io.BytesIO()
    book.save(packed)
    done = io.BytesIO()
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(done, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            if name.endswith("sheet1.xml"):
                text = change(text.decode()).encode()
            target.writestr(name, text, zipfile.ZIP_DEFLATED)
    return done.getvalue()


CODES = ["00037", "00074", "x7", "1.5", "-3", "123456", *(f"{37 * n:05}" for n in range(7, 13))]


def reordered(text: str) -> str:
    """Write the attributes of cells in another order, in other quotation marks."""
    return re.sub(r'<c r="(\w+)" s="(\d+)"', r"<c s = '\2' r = '\1'", text)


def styled_rows(text: str) -> str:
    """Give a row the style of its cells."""
    return text.replace('<row r="3">', '<row r="3" s="1" customFormat="1">')


@pytest.mark.parametrize("change", [str, styled_rows, reordered])
def test_numbers_get_the_zeros_that_are_shown(change: Callable[[str], str]) -> None:
    table = read(workbook(change))
    assert table.text["code"].tolist() == CODES
    assert table.text["mixed"].tolist()[:3] == ["5", "00010", "15"]
    assert table.text["size"].tolist()[:2] == ["1.5", "3"]
    assert f"{SAID}“code”, “mixed”." in map(str, table.decisions)
    assert table.schema["code"].kind is not ColumnKind.NUMBER


@pytest.mark.parametrize("number_format", ["[$-407]00000", "00000;@", "00000;-00000"])
def test_a_language_and_other_signs_do_not_matter(number_format: str) -> None:
    assert read(workbook(number_format=number_format)).text["code"].tolist() == CODES


@pytest.mark.parametrize("number_format", ["0", "0.00", "#,##0", "00000.0", "yyyy", "0000-00"])
def test_other_formats_leave_numbers_as_they_are(number_format: str) -> None:
    table = read(workbook(number_format=number_format))
    assert not [said for said in table.decisions if str(said).startswith(SAID)]
    if number_format != "yyyy":
        assert table.text["code"].tolist()[:2] == ["37", "74"]


def test_rows_above_and_no_header_are_counted() -> None:
    table = read(workbook(first_row=400), ReadingOptions(header=False, skip=400))
    assert table.text.iloc[:, 1].tolist() == CODES
    assert f"{SAID}“C”, “D”." in map(str, table.decisions)


def test_another_sheet_has_formats_of_its_own() -> None:
    table = read(workbook(), ReadingOptions(sheet="Other", header=True))
    assert not [said for said in table.decisions if str(said).startswith(SAID)]


def opendocument(rows: str) -> bytes:
    """Return an OpenDocument spreadsheet of one sheet."""
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f"<office:document-content {names}><office:body><office:spreadsheet>"
            f'<table:table table:name="S">{rows}</table:table></office:spreadsheet>'
            "</office:body></office:document-content>",
        )
        archive.writestr(
            "META-INF/manifest.xml",
            "<manifest:manifest "
            'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    return packed.getvalue()


def cell(value: str, shown: str, more: str = "") -> str:
    kind = f'"float" office:value="{value}"' if value else '"string"'
    return (
        f"<table:table-cell office:value-type={kind} {more}>"
        f"<text:p>{shown}</text:p></table:table-cell>"
    )


def test_what_an_opendocument_spreadsheet_shows_counts() -> None:
    twice = 'table:number-columns-repeated="2"'
    lines = [
        "<table:table-cell/>" + cell("", "code") + cell("", "same") + cell("", "size"),
        "<table:table-cell/>" + cell("42", "00042", twice) + cell("0.5", "0.5"),
        "<table:table-cell/>" + cell("", "007") + cell("7", "07") + cell("3", "3"),
    ]
    first, *others = (f"<table:table-row>{line}</table:table-row>" for line in lines)
    again = others[1].replace(
        "<table:table-row>", '<table:table-row table:number-rows-repeated="2">'
    )
    table = read(opendocument("".join([first, *others, again])))
    assert table.text["code"].tolist() == ["00042", "007", "007", "007"]
    assert table.text["same"].tolist() == ["00042", "07", "07", "07"]
    assert table.text["size"].tolist() == ["0.5", "3", "3", "3"]
    assert f"{SAID}“code”, “same”." in map(str, table.decisions)
