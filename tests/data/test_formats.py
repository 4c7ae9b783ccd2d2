"""Files that are no delimited text: packed files, workbooks, Parquet, JSON."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest

from mlcore.data.reading import Reading, ReadingOptions, columnar, read, read_table
from mlcore.errors import UserError

CSV = b"name;weight\nAnn;61,5\nBob;82,25\nCy;70,0\n"
MIDNIGHT = dt.datetime(2020, 1, 2)
MOMENT = dt.datetime(2020, 1, 2, 3, 4, 5)


def codes(content: bytes, **options: Any) -> set[str]:
    reading = read_table(content, ReadingOptions(**options)).reading
    return {said.code for said in (*reading.decisions, *reading.cautions)}


def refusal(content: bytes, **options: Any) -> str:
    with pytest.raises(UserError) as caught:
        read_table(content, ReadingOptions(**options))
    assert str(caught.value)
    return caught.value.message.code


def archive(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            # The kind of an OpenDocument file stands unpacked at its beginning.
            kind = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            packed.writestr(name, content, kind)
    return stream.getvalue()


def zstd(content: bytes) -> bytes:
    packed: bytes = pa.compress(content, "zstd", asbytes=True)
    return packed


def workbook(fill: Callable[[openpyxl.Workbook], None]) -> bytes:
    book = openpyxl.Workbook()
    fill(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def sheet(*rows: list[Any]) -> bytes:
    def fill(book: openpyxl.Workbook) -> None:
        for row in rows:
            book.active.append(row)

    return workbook(fill)


# Packed files


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(CSV),
        zstd(CSV),
        archive({"table.csv": CSV}),
        archive({"../../etc/x.csv": CSV, "__MACOSX/._x.csv": b"\0", "folder/": b""}),
        # Two pieces of gzip one after the other are one file.
        gzip.compress(CSV[:20]) + gzip.compress(CSV[20:]),
    ],
    ids=["gzip", "zstd", "zip", "zip with unasked", "gzip in pieces"],
)
def test_a_packed_table_is_read_as_the_table_is(packed: bytes) -> None:
    table, plain = read_table(packed), read_table(CSV)
    pd.testing.assert_frame_equal(table.frame, plain.frame)
    assert table.reading.decisions[0].code.startswith("data.decision.unpacked")
    assert table.reading.options == plain.reading.options


def test_names_in_an_archive_are_words_only() -> None:
    said = read_table(archive({"..\\..\\a\nb\x1b.csv": CSV})).reading.decisions[0]
    assert "“a b .csv”" in str(said)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (archive({"a.csv": CSV, "b.csv": CSV}), "data.packed_several"),
        (archive({}), "data.packed_empty"),
        (archive({"a.zip": archive({"a.csv": CSV})}), "data.packed_twice"),
        (gzip.compress(gzip.compress(CSV)), "data.packed_twice"),
        (gzip.compress(CSV)[:-12], "data.packed_damaged"),
        (zstd(CSV)[:-5], "data.packed_damaged"),
        (archive({"a.csv": CSV})[:-30], "data.packed_damaged"),
        (b"\x1f\x8b\x08" + bytes(50), "data.packed_damaged"),
        (gzip.compress(b""), "data.empty"),
        (archive({"a.pdf": b"%PDF-1.7\n%abc\n"}), "data.foreign_format"),
    ],
    # Packed bytes hold the time, and every worker must find the same names.
    ids=[
        *("two tables", "no table", "zip in zip", "gzip in gzip", "gzip cut", "zstd cut"),
        *("zip cut", "no gzip", "nothing in gzip", "a document"),
    ],
)
def test_a_packed_file_without_one_table_is_refused(content: bytes, code: str) -> None:
    assert refusal(content) == code


@pytest.mark.parametrize(
    "content",
    [
        "<table>\n<tr><th>a</th><th>b</th></tr>\n<tr><td>1</td><td>2</td></tr>\n</table>\n",
        "<table border=1><tr><th>a</th></tr><tr><td>1</td></tr></table>",
        "<meta charset='utf-8'><table><tr><td>1</td></tr></table>",
        '<div class="x">\n<table>\n<tr><td>1</td></tr>\n</table></div>',
        "Version:0.9\r\nStartHTML:0000000105\r\nEndHTML:0000000200\r\n<html><body>\r\n<table>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_html_that_is_pasted_is_refused_with_what_to_paste_instead(
    content: str, encoding: str
) -> None:
    with pytest.raises(UserError, match="copy them and paste them as text"):
        read(content.encode(encoding))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("INSERT INTO t VALUES (1,'a');\n" * 10, "SQL"),
        (
            "-- dump\n/*!40101 SET NAMES x */;\nDROP TABLE IF EXISTS t;\nCREATE TABLE t (a);\n",
            "SQL",
        ),
        ("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t (a int, b text);\n", "SQL"),
        ("SET timeout = 0;\nCOPY public.t (a, b) FROM stdin;\n1\t2\n3\t4\n", "SQL"),
        ("- name: Ann\n  age: 3\n- name: Bob\n  age: 4\n", "YAML"),
        ("---\ntowns:\n  - name: Ulm\n    area: 2\n", "YAML"),
        ("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann\r\nEND:VCARD\r\n" * 5, "vCard"),
        ("import os\n\ndef f(x, y):\n    a = x, y\n    return a\n", "Python"),
        ('"""Draw, then add."""\n\nimport os\n\nX = (1, 2)\nif X:\n    f(X, 2)\n', "Python"),
        ("<root>\n<row a='1'/>\n<row a='2'/>\n</root>\n", "XML"),
        ("{'a': 1, 'b': 'x'}\n{'a': 2, 'b': 'y'}\n", "Python"),
        ("[server]\nport = 1, 2\nname = x\n; no more\n[client]\nport=3\n", "INI"),
        (">seq1 human\nACGTACGT\nACG\n>seq2 mouse\nACGT\n", "FASTA"),
        ("@book{knuth,\n  title = {Art},\n  year = 1968\n}\n", "BibTeX"),
        ("1\n00:00:01,000 --> 00:00:02,000\nHello, you\n\n2\n00:00:03,000 --> x\n", "SRT"),
    ],
)
def test_other_text_is_refused_with_what_it_is(content: str, words: str) -> None:
    with pytest.raises(UserError, match=rf"{words}.*Save the table as CSV"):
        read(content.encode())


@pytest.mark.parametrize(
    "content",
    [
        "name: Ann\nage: 3\ntown: Ulm\nheight: 1\n",
        "<p>Good, really</p>,1\n<p>Bad</p>,0\n",
        "<div>Good</div>\t1\n<div>Bad</div>\t0\n",
        "<a>,<b>\n1,2\n3,4\n",
        "query,label\nINSERT INTO t VALUES (1),bad\nSELECT 1,good\n",
        "use count,set a\n1,2\n3,4\n5,6\n",
        "import value,export value\n1,2\n3,4\n5,6\n",
        "class A,class B\n1,2\n3,4\n5,6\n",
        "time\n10:00\n11:00\n12:00\n",
    ],
)
def test_tables_with_such_words_are_still_read(content: str) -> None:
    assert read(content.encode()).frame.shape >= (1, 1)


def test_the_files_of_an_archive_are_listed() -> None:
    with pytest.raises(UserError, match="“first.csv”, “second.csv”"):
        read_table(archive({"first.csv": CSV, "second.csv": CSV}))


def test_a_secret_archive_is_refused() -> None:
    packed = bytearray(archive({"a.csv": CSV}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(mark) + place] |= 1
    assert refusal(bytes(packed)) == "data.packed_secret"


@pytest.mark.parametrize("pack", [gzip.compress, zstd, lambda c: archive({"a": c})])
def test_a_bomb_is_refused(pack: Callable[[bytes], bytes]) -> None:
    assert refusal(pack(bytes(70 * 2**20))) == "data.packed_bomb"


def test_more_than_may_be_uploaded_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_UPLOAD_MB", "1")
    assert refusal(gzip.compress(bytes(2**21))) == "data.packed_large"


# Workbooks


def test_a_sheet_is_read_with_its_characters_and_dates() -> None:
    table = read(
        sheet(
            ["code", "n", "x", "day", "moment", "time", "ok"],
            ["007", 1, 0.1, dt.date(2020, 1, 2), MOMENT, dt.time(3, 4), True],
            ["010", 2, 1e-7, dt.date(2021, 3, 4), MIDNIGHT, None, False],
            ["", 300, 2.5, None, None, dt.time(5, 6, 7), True],
        )
    )  # fmt: skip
    cells = table.text.values.tolist()
    assert cells == [
        ["007", "1", "0.1", "2020-01-02", "2020-01-02 03:04:05", "03:04:00", "TRUE"],
        ["010", "2", "1e-07", "2021-03-04", "2020-01-02 00:00:00", "", "FALSE"],
        ["", "300", "2.5", "", "", "05:06:07", "TRUE"],
    ]
    kinds = [str(column.kind) for column in table.schema.columns]
    assert kinds[1:5] == ["number", "number", "date or time", "date or time"]
    assert table.frame["x"].tolist() == [0.1, 1e-7, 2.5]
    assert table.cautions == ()
    assert Reading.from_json(json.loads(json.dumps(table.reading.to_json()))) == table.reading


def test_titles_empty_rows_and_merged_cells_are_said() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        active = book.active
        for row in (["Sales"], [], ["a", "b", None, "c"], [1, 2, None, 3], [], [4, 5, None, 6]):
            active.append(row)
        active.merge_cells("A1:D1")
        active.merge_cells("A6:B6")

    content = workbook(fill)
    table = read_table(content)
    assert table.frame.values.tolist()[0] == ["1", "2", "3"]
    assert list(table.frame) == ["a", "b", "c"]
    assert table.reading.options.skip == 2
    assert codes(content) >= {
        "data.decision.titles", "data.decision.empty_rows", "data.decision.empty_columns",
        "data.caution.merged",
    }  # fmt: skip
    merged = next(c for c in table.reading.cautions if c.code == "data.caution.merged")
    assert merged.parameters["count"] == 1 and merged.parameters["cell"] == "A6"


def test_the_table_may_begin_anywhere_in_a_sheet() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        for row, cells in enumerate((["a", "b"], [1, 2], [3, 4]), start=5):
            for column, cell in enumerate(cells, start=3):
                book.active.cell(row, column, cell)

    table = read_table(workbook(fill))
    assert list(table.frame) == ["a", "b"] and table.frame["b"].tolist() == ["2", "4"]
    assert table.reading.options.skip == 4


def test_lines_before_the_table_and_the_header_can_be_chosen() -> None:
    content = sheet(["x", "y"], ["u", "v"], ["1", "2"], ["3", "4"])
    assert list(read_table(content).frame) == ["x", "y"]
    chosen = read_table(content, ReadingOptions(skip=1))
    assert list(chosen.frame) == ["u", "v"] and chosen.reading.chosen == ("skip",)
    plain = read_table(content, ReadingOptions(header=False))
    assert list(plain.frame) == ["column_1", "column_2"] and len(plain.frame) == 4


def several(book: openpyxl.Workbook) -> None:
    book.active.title = "Notes"
    book.active.append(["made in May"])
    for row in (["a", "b"], [1, 2], [3, 4]):
        book.create_sheet("Data").append(row) if "Data" not in book else book["Data"].append(row)
    hidden = book.create_sheet("Old")
    hidden.sheet_state = "hidden"
    for number in range(9):
        hidden.append([number, number, number])
    book.create_chartsheet("Chart")


def test_the_largest_visible_sheet_is_read_and_another_can_be_chosen() -> None:
    content = workbook(several)
    reading = read_table(content).reading
    assert reading.sheets == ("Notes", "Data", "Old") and reading.options.sheet == "Data"
    assert "data.decision.sheet_largest" in codes(content)
    assert len(read_table(content, ReadingOptions(sheet="Old")).frame) == 9
    assert refusal(content, sheet="Chart") == "data.no_sheet"


def test_digits_that_a_workbook_cannot_keep_are_cautioned() -> None:
    content = sheet(["id"], [12345678901234567890], [2], [3])
    assert "data.caution.long_numbers" in codes(content)
    assert read(content).text["id"][0] == "12345678901234570000"


def test_a_workbook_without_cells_is_refused() -> None:
    assert refusal(workbook(lambda book: None)) == "data.sheet_empty"
    content = sheet(["a", "b"], [1, 2])
    assert refusal(content[:-40]) == "data.workbook_damaged"
    parts = {"xl/workbook.xml": b"<workbook/>"}
    assert refusal(archive(parts)) == "data.workbook_damaged"


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def with_sheet(xml: bytes) -> bytes:
    name = "xl/worksheets/sheet1.xml"
    return archive({**parts_of(sheet(["a"], [1])), name: xml})


MAIN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = b"</sheetData></worksheet>"


def cells(*references: bytes) -> bytes:
    rows = [b'<row><c r="%s"><v>1</v></c></row>' % reference for reference in references]
    return MAIN + b"".join(rows) + END


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (cells(b"A1", b"XFD1048576"), "data.sheet_sparse"),
        (cells(b"A1", b"$xfd$1048576"), "data.sheet_sparse"),
        (cells(b"A1", b"XFD1048576").replace(b'r="X', b"r = 'X"), "data.sheet_sparse"),
        (cells(b"A1", b"&#88;FD1048576"), "data.workbook_unusual"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + cells(b"A1"), "data.workbook_unusual"),
        (cells(b"A1", b"B2").decode().encode("utf-16"), "data.workbook_unusual"),
        # Cells that do not say where they are stand one after the other.
        (MAIN + b"<row>" + b"<c/>" * 999 + b"<row/>" * 300_000 + END, "data.sheet_sparse"),
        (cells(b"A1").replace(b">1<", b">" + b"1" * (70 * 2**20) + b"<"), "data.packed_bomb"),
    ],
    ids=["corners", "dollars", "spaces", "escaped", "entities", "utf-16", "bare", "long"],
)  # fmt: skip
def test_a_hostile_sheet_is_refused_before_it_is_read(xml: bytes, code: str) -> None:
    assert refusal(with_sheet(xml)) == code


def test_a_part_that_is_larger_than_it_says_is_refused() -> None:
    """What reads the sheets would unpack all of it."""
    parts = parts_of(sheet(["a"], [1]))
    name, size = "xl/theme/theme1.xml", 5 * 2**20
    content = archive({**parts, name: b" " * size})
    assert refusal(content.replace(size.to_bytes(4, "little"), (9).to_bytes(4, "little"))) == (
        "data.workbook_unusual"
    )


def test_a_part_that_stands_twice_is_refused() -> None:
    stream = io.BytesIO(sheet(["a"], [1]))
    with zipfile.ZipFile(stream, "a") as packed, pytest.warns(UserWarning, match="Duplicate"):
        packed.writestr("xl/workbook.xml", b"<workbook/>")
    assert refusal(stream.getvalue()) == "data.packed_crowded"


def opendocument(table: bytes) -> bytes:
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    names = ("office", "table", "text")
    spaces = b" ".join(
        b'xmlns:%s="urn:oasis:names:tc:opendocument:xmlns:%s:1.0"' % (name.encode(), name.encode())
        for name in names
    )
    content = (
        b"<office:document-content %s><office:body><office:spreadsheet>%s</office:spreadsheet>"
        b"</office:body></office:document-content>" % (spaces, table)
    )
    manifest = (
        b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    return archive({"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest})


CELL = b'<table:table-cell office:value-type="%s"%s><text:p>%s</text:p></table:table-cell>'
NAMES = b"".join(CELL % (b"string", b"", name) for name in (b"a", b"b"))
VALUES = CELL % (b"float", b' office:value="1.5"', b"1.5") + CELL % (
    b"date", b' office:date-value="2020-01-02"', b"2 Jan"
)  # fmt: skip


def test_an_opendocument_spreadsheet_is_read() -> None:
    rows = b"<table:table-row>%s</table:table-row>" * 3 % (NAMES, VALUES, VALUES)
    blank = (
        b'<table:table-row table:number-rows-repeated="1048570"><table:table-cell/>'
        b"</table:table-row>"
    )
    table = read_table(
        opendocument(b'<table:table table:name="S">%s%s</table:table>' % (rows, blank))
    )
    assert table.frame.to_dict("list") == {"a": ["1.5"] * 2, "b": ["2020-01-02"] * 2}
    assert table.reading.sheets == ("S",)


# Sheets that hold more than a table

PEOPLE: list[list[Any]] = [["name", "score", "day"], *([f"n{n}", n * 3, n] for n in range(9))]
TOWNS: list[list[Any]] = [["town", "size"], *([f"t{n}", n * 1.5] for n in range(7))]


def said_of(content: bytes, code: str, **options: Any) -> str:
    said = read_table(content, ReadingOptions(**options)).reading.cautions
    return "".join(str(one) for one in said if one.code == f"data.caution.{code}")


@pytest.mark.parametrize(
    ("rows", "chosen", "names", "n_rows", "others"),
    [
        ([*PEOPLE, [], *TOWNS], None, ["name", "score", "day"], 9, "row 12 (8 × 2)"),
        ([*PEOPLE, [], *TOWNS], 1, ["town", "size"], 7, "row 1 (10 × 3)"),
        ([*TOWNS, [], [], *PEOPLE], None, ["name", "score", "day"], 9, "row 1 (8 × 2)"),
        # Cells far to the right make no table larger.
        (
            [*PEOPLE, [], *([None] * 5 + row for row in TOWNS)],
            *(None, ["name", "score", "day"], 9, "row 12 (8 × 2)"),
        ),
    ],
    ids=["larger first", "the smaller one", "larger below", "further right"],
)
def test_one_of_several_tables_of_a_sheet_is_read(
    rows: list[list[Any]], chosen: int | None, names: list[str], n_rows: int, others: str
) -> None:
    content = sheet(*rows)
    table = read(content, ReadingOptions(table=chosen))
    assert list(table.frame) == names and len(table.frame) == n_rows
    assert len(table.reading.tables) == 2 and table.reading.options.table is not None
    assert others in said_of(content, "sheet_tables", table=chosen)
    assert read(content, table.reading.options).text.equals(table.text)


def test_notes_do_not_count_as_rows_of_a_table() -> None:
    table = read(sheet(*PEOPLE, [], ["Source: me"], [], *TOWNS))
    assert [place.n_rows for place in table.reading.tables] == [len(table.frame), 7]


def test_titles_and_notes_around_the_table_of_a_sheet_are_left_out() -> None:
    titles = [["Marks of the year"], ["Printed", "2021"], []]
    notes = [[], ["Source: school"], ["Printed", "2021"]]
    content = sheet(*titles, *PEOPLE, *notes)
    table = read(content)
    assert list(table.frame) == PEOPLE[0] and len(table.frame) == 9
    assert table.reading.options.skip == 3
    assert "2; the first is row 15, “Source: school”" in said_of(content, "sheet_notes")


@pytest.mark.parametrize(
    ("rows", "row"),
    [
        ([*PEOPLE, ["Source: school"]], "11"),
        ([*PEOPLE[:6], [], ["Group B"], *PEOPLE[6:]], "8"),
        ([*PEOPLE, [], *([f"a{n}", f"b{n}", f"c{n}"] for n in range(5))], "12"),
    ],
    ids=["a note right below", "a heading", "words below numbers"],
)
def test_rows_of_a_sheet_that_may_be_none_of_the_table_are_named(
    rows: list[list[Any]], row: str
) -> None:
    assert f"table: {row}." in said_of(sheet(*rows), "sheet_doubtful")


@pytest.mark.parametrize(
    "rows",
    [
        PEOPLE,
        [*PEOPLE[:6], [], *PEOPLE[6:]],
        # The last column is empty below the gap.
        [*PEOPLE[:6], [], *(row[:2] for row in PEOPLE[6:])],
        # The last column has no name, and few cells.
        [*PEOPLE[:7], [*PEOPLE[7], "x"], *PEOPLE[8:]],
        [["a", None, "b"], *([n, None, n * 2] for n in range(9))],
        # Rows with one cell are nothing new in the last one.
        [*PEOPLE[:3], ["x"], *PEOPLE[3:], ["y"]],
        # So many gaps are how the sheet is written.
        [PEOPLE[0], *(row for n in range(1100) for row in ([], [f"n{n}", n, n]))],
    ],
    ids=[
        "plain",
        "a gap",
        "a narrower end",
        "a stray cell",
        "an empty column",
        "short rows",
        "gaps everywhere",
    ],
)
def test_gaps_in_the_table_of_a_sheet_lose_nothing(rows: list[list[Any]]) -> None:
    table = read(sheet(*rows))
    assert table.text.iloc[:, 0].tolist() == [str(row[0]) for row in rows[1:] if row]
    assert not table.cautions
    assert [place.n_rows for place in table.reading.tables] == [len(table.frame)]


@pytest.mark.parametrize("gap", [[], [[]]], ids=["right below", "below an empty row"])
def test_a_last_row_of_a_sheet_that_sums_up_is_pointed_out(gap: list[list[Any]]) -> None:
    content = sheet(*PEOPLE, *gap, ["Total", 108, 36])
    assert "data.caution.totals" in codes(content)
    assert "data.caution.totals" not in codes(sheet(*PEOPLE))


def test_two_tables_of_a_sheet_side_by_side_are_pointed_out() -> None:
    content = sheet(*(a + [None] + b for a, b in zip(PEOPLE, TOWNS, strict=False)))
    assert "between columns C and E" in said_of(content, "side_by_side")


def test_errors_of_a_spreadsheet_keep_their_words() -> None:
    """What reads the sheets gives nothing for them."""
    rows = [[n, "#DIV/0!" if n % 2 else n, f"=A{n}*2"] for n in range(2, 8)]
    table = read(sheet(["a", "b", "c"], *rows))
    assert table.text["b"].tolist() == ["2", "#DIV/0!", "4", "#DIV/0!", "6", "#DIV/0!"]
    assert table.reading.missing == {"": 6, "#DIV/0!": 3}
    [said] = [one for one in table.cautions if one.code == "data.caution.unsaved_formulas"]
    assert "never saved: 6, the first in C2." in str(said)


def test_an_empty_result_of_a_formula_is_no_lack() -> None:
    xml = (
        MAIN
        + b'<row r="1"><c r="A1" t="str"><f>"a"</f><v>a</v></c></row>'
        + b'<row r="2"><c r="A2" t="str"><f>""</f><v></v></c><c r="B2"><f>1</f><v>1</v></c></row>'
        + b'<row r="3"><c r="A3" t="e"><f>NA()</f><v>#N/A</v></c><c r="B3"/></row>'
        + END
    )
    table = read(with_sheet(xml))
    assert table.text.iloc[:, 0].tolist() == ["", "#N/A"]
    assert "data.caution.unsaved_formulas" not in {said.code for said in table.cautions}


@pytest.mark.parametrize(("last", "is_said"), [(b"0", True), (b"5", False)])
def test_formulas_that_are_all_zero_are_pointed_out(last: bytes, is_said: bool) -> None:
    """XlsxWriter, for one, writes 0 for every formula."""
    values = (b"0", b"0", b"0", last)
    formulas = b"".join(b"<row><c><f>1+%b</f><v>%b</v></c></row>" % (v, v) for v in values)
    content = with_sheet(MAIN + b'<row><c t="str"><v>a</v></c></row>' + formulas + END)
    assert bool(said_of(content, "formulas_zero")) == is_said


def test_errors_of_an_opendocument_spreadsheet_keep_their_words() -> None:
    odd = (
        b'<table:table-cell table:formula="of:=NA()" office:value-type="string"'
        b' office:string-value="" calcext:value-type="error"><text:p>#N/A</text:p>'
        b'</table:table-cell><table:table-cell table:formula="of:=2"/>'
    )
    rows = b"<table:table-row>%s</table:table-row>" * 4 % (NAMES, VALUES, odd, VALUES)
    start = b'<table:table xmlns:calcext="urn:calcext" table:name="S">'
    table = read(opendocument(start + rows + b"</table:table>"))
    assert table.text["a"].tolist() == ["1.5", "#N/A", "1.5"]
    [said] = [one for one in table.cautions if one.code == "data.caution.unsaved_formulas"]
    assert "never saved: 1, the first in B3." in str(said)


@pytest.mark.parametrize("after", [b"", b'<table:table table:name="S"/>'], ids=["", "named twice"])
def test_an_opendocument_bomb_is_refused(after: bytes) -> None:
    row = b'<table:table-row table:number-rows-repeated="1000000">%s</table:table-row>' % (
        CELL % (b"float", b' office:value="1" table:number-columns-repeated="16000"', b"1")
    )
    sheets = b'<table:table table:name="S">%s</table:table>%s' % (row, after)
    assert refusal(opendocument(sheets)) == "data.sheet_sparse"


# Parquet


def parquet(frame: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    frame.to_parquet(stream)
    return stream.getvalue()


def test_parquet_comes_as_text() -> None:
    frame = pd.DataFrame({
        "n": [1.0, 2.5, None],
        "i": [1, 12345678901234567, 3],
        "s": ["007", "b", None],
        "t": pd.to_datetime(["2020-01-01", "2020-01-02", None]),
        "c": pd.Categorical(["x", "y", "x"]),
        "o": [True, False, True],
    })  # fmt: skip
    table = read(parquet(frame))
    assert table.text.values.tolist() == [
        ["1", "1", "007", "2020-01-01 00:00:00", "x", "true"],
        ["2.5", "12345678901234567", "b", "2020-01-02 00:00:00", "y", "false"],
        ["", "3", "", "", "x", "true"],
    ]
    assert table.frame["n"].equals(frame["n"])


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_durations_of_parquet_are_hours_minutes_and_seconds(unit: str) -> None:
    seconds = pd.Series([108_000, 59, -3_661, 0, None, 360_005])
    frame = pd.DataFrame({"d": pd.to_timedelta(seconds, unit="s").astype(f"timedelta64[{unit}]")})
    texts = ["30:00:00", "0:00:59", "-1:01:01", "0:00:00", "", "100:00:05"]
    assert read(parquet(frame)).text["d"].tolist() == texts
    part = pd.DataFrame({"d": pd.to_timedelta([1_500, -20], unit="ms").astype("timedelta64[ms]")})
    assert read(parquet(part)).text["d"].tolist() == ["0:00:01.5", "-0:00:00.02"]


def test_a_parquet_file_that_is_no_table_is_refused() -> None:
    nested = pd.DataFrame({"a": [[1], [2]], "b": [1, 2], "c": [{"d": 1}, {"d": 2}]})
    table = read(parquet(nested))
    assert table.text.to_dict("list") == {"b": ["1", "2"]}
    (caution,) = (one for one in table.cautions if one.code == "data.caution.nested")
    assert "“a”, “c”" in str(caution)
    assert refusal(parquet(nested[["a"]])) == "data.parquet_nested"
    assert refusal(parquet(pd.DataFrame({"a": [b"\xff", b"\xfe"]}))) == "data.parquet_nested"
    assert refusal(b"PAR1" + bytes(50)) == "data.parquet_damaged"


def test_a_table_of_too_many_cells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """One value that repeats takes no room in the file, whatever the number of rows."""
    monkeypatch.setattr(columnar, "MOST_CELLS", 1000)
    assert refusal(parquet(pd.DataFrame({"a": ["x"] * 1001}))) == "data.table_large"


# JSON


def test_json_lines_keep_their_characters() -> None:
    lines = '{"a": 1.10, "b": "x"}\n\n{"a": 12345678901234567890, "b": null, "c": true}\n'
    for content in (lines.encode(), lines.encode("utf-16"), lines.replace("\n", "\r\n").encode()):
        table = read(content)
        assert table.text.values.tolist() == [
            ["1.10", "x", ""], ["12345678901234567890", "", "true"],
        ]  # fmt: skip
    assert "data.decision.json_lacking" in codes(lines.encode())


def test_a_list_of_records_is_a_table() -> None:
    content = json.dumps([{"a": 1, "b": "ä"}, {"a": 2, "b": "ö"}], indent=1).encode()
    assert read_table(content).frame.to_dict("list") == {"a": ["1", "2"], "b": ["ä", "ö"]}


def test_records_and_lists_within_records_become_cells() -> None:
    lines = b'{"a": {"b": 1, "c": {"d": 2.50}}, "tags": ["x", 3]}\n{"a": {"b": 4}, "tags": []}\n'
    text = read(lines).text
    assert text.to_dict("list") == {
        "a.b": ["1", "4"], "a.c.d": ["2.50", ""], "tags": ["x, 3", ""],
    }  # fmt: skip
    assert {"data.decision.json_nested", "data.decision.json_lists"} <= set(codes(lines))
    lines = b'{"a": 1, "b": [{"c": 2}]}\n{"a": 3}\n'
    assert read(lines).text.to_dict("list") == {"a": ["1", "3"]}
    assert "data.caution.nested" in codes(lines)


def test_a_broken_line_of_json_is_listed() -> None:
    table = read_table(b'{"a": 1}\n{"a": 2\n{"a": 3}\n')
    assert table.frame["a"].tolist() == ["1", "3"]
    assert [(r.line, r.before, r.after) for r in table.reading.repairs] == [(2, '{"a": 2', "")]
    assert "data.caution.no_record" in {c.code for c in table.reading.cautions}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"a": [{"b": 1}]}', "data.json_document"),
        (b'{"a": {"0": 1, "1": 2}, "b": {"0": 3, "1": 4}}', "data.json_document"),
        (b'{"a": [1, 2], "b": [3, 4]}\n', "data.json_document"),
        (b'{"a": ' * 20 + b"1" + b"}" * 20, "data.json_document"),
        (b'{"a": {"b": 1}, "a.b": 2}', "data.json_repeats"),
        (b"[1, 2, 3]", "data.json_document"),
        (b'["a", "b"]\n[1, 2]\n[3, 4]\n', "data.json_document"),
        (b'[{"a": 1}, 2]', "data.json_mixed"),
        (b'[{"a": 1}', "data.json_broken"),
        (b'{"a": 1, "a": 2}', "data.json_repeats"),
        (b'{\n "a": 1,\n "b": 2\n}', "data.json_document"),
        (b"[[1, 2], [3, 4]]", "data.json_document"),
        (b'[{"a": ' + b"[" * 100_000, "data.json_document"),
    ],
)
def test_json_that_is_no_table_is_refused(content: bytes, code: str) -> None:
    assert refusal(content) == code
