"""Odd files, made here: what was read, what was decided, what was listed."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import itertools
import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.data.reading import (
    MISSING,
    Reading,
    ReadingOptions,
    TextTable,
    delimited,
    read,
    read_table,
    records,
    repairs,
)
from mlcore.errors import UserError

NAMES = ["name", "weight", "town"]
ROWS = [
    ["José", "1.5", "Málaga"],
    ["Zoë", "22.75", "Köln"],
    ["Éva", "3.25", "Győr".replace("ő", "ö")],
    ["Ann", "4.5", "Århus"],
]
CHINESE = [
    ["张伟", "1.5", "北京"],
    ["王芳", "22.75", "上海"],
    ["李娜", "3.25", "广州"],
    ["刘洋", "4.5", "成都"],
]


def written(
    rows: list[list[str]],
    delimiter: str = ",",
    header: list[str] | None = NAMES,
    decimal: str = ".",
    end: str = "\n",
    quoting: int = csv.QUOTE_MINIMAL,
) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=end, quoting=quoting)
    if header is not None:
        writer.writerow(header)
    for row in rows:
        number = row[1].replace(".", decimal)
        writer.writerow([row[0], number, row[2]])
    return stream.getvalue()


def cells(table: TextTable) -> list[list[str | None]]:
    frame = table.frame.astype(object)
    return frame.where(table.frame.notna(), None).to_numpy().tolist()


def codes(table: TextTable) -> set[str]:
    said = [*table.reading.decisions, *table.reading.cautions]
    return {one.code for one in said}


def refused(content: bytes, **options: object) -> UserError:
    with pytest.raises(UserError) as caught:
        read_table(content, ReadingOptions(**options))  # type: ignore[arg-type]
    return caught.value


# Encodings × delimiters × decimal marks × line ends

BYTES = {
    "utf-8": lambda text: text.encode("utf-8"),
    "utf-8 with mark": lambda text: codecs.BOM_UTF8 + text.encode("utf-8"),
    "utf-16-le with mark": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "utf-16-be with mark": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "utf-32": lambda text: text.encode("utf-32"),
    "cp1252": lambda text: text.encode("cp1252"),
    "gb18030": lambda text: text.encode("gb18030"),
}


@pytest.mark.parametrize("encoding", BYTES)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("decimal", [".", ","])
def test_encoding_delimiter_and_decimal_are_found(
    encoding: str, delimiter: str, decimal: str
) -> None:
    rows = CHINESE if encoding == "gb18030" else ROWS
    for end, header in itertools.product(("\n", "\r\n", "\r"), (NAMES, None)):
        text = written(rows, delimiter, header, decimal, end)
        table = read_table(BYTES[encoding](text))
        expected = [[row[0], row[1].replace(".", decimal), row[2]] for row in rows]
        assert cells(table) == expected
        options = table.reading.options
        named = {"utf-32": "utf-32-le"}.get(encoding, encoding.removesuffix(" with mark"))
        assert options.encoding == named
        assert (options.delimiter, options.decimal) == (delimiter, decimal)
        assert options.header == (header is not None)
        assert list(table.frame.columns) == (header or ["column_1", "column_2", "column_3"])
        assert table.reading.chosen == ()
        assert table.reading.n_repairs == 0


def test_a_western_file_says_that_its_encoding_is_a_guess() -> None:
    assert "data.caution.encoding_unsure" in codes(read_table(written(ROWS).encode("cp1252")))


def test_one_broken_letter_does_not_spoil_a_utf8_file() -> None:
    text = written(ROWS * 5).encode("utf-8").replace("Éva".encode(), b"\xc9va", 1)
    table = read_table(text)
    assert table.reading.options.encoding == "utf-8"
    assert cells(table)[0] == ["José", "1.5", "Málaga"]
    assert cells(table)[2][0] == "\ufffdva"
    caution = next(c for c in table.reading.cautions if c.code == "data.caution.replaced")
    assert caution.parameters["line"] == 4 and caution.parameters["count"] == 1


def test_a_chosen_encoding_is_used_and_named_as_chosen() -> None:
    content = "name,town\nŁukasz,Łódź\nJiří,Plzeň\n".encode("cp1250")
    table = read_table(content, ReadingOptions(encoding="cp1250"))
    assert cells(table) == [["Łukasz", "Łódź"], ["Jiří", "Plzeň"]]
    assert table.reading.chosen == ("encoding",)
    assert "data.decision.encoding_chosen" in codes(table)


# Dialects


def test_a_decimal_comma_is_not_a_delimiter() -> None:
    table = read_table(b"a;b;c\n1,5;2,5;x\n3,5;2,0;y\n")
    assert table.reading.options.delimiter == ";"
    assert cells(table) == [["1,5", "2,5", "x"], ["3,5", "2,0", "y"]]


@pytest.mark.parametrize(("more", "decimal"), [("", ","), ("5;912\n", "."), ("5;1,234,567\n", ".")])
def test_commas_before_three_digits_between_semicolons(more: str, decimal: str) -> None:
    rows = "".join(f"{n};{n % 9 + 1},{n * 37 % 900 + 100}\n" for n in range(30))
    reading = read_table(f"a;b\n{rows}{more}".encode()).reading
    assert reading.options.decimal == decimal


def test_a_single_column_of_decimal_commas_stays_one_column() -> None:
    table = read_table(b"weight\n1,5\n2,5\n10,25\n")
    assert cells(table) == [["1,5"], ["2,5"], ["10,25"]]
    assert "data.decision.one_column" in codes(table)


def test_commas_in_sentences_do_not_beat_the_tab() -> None:
    rows = [f"{n}\tYes, I think, it is {n}, maybe\t{n}.5" for n in range(20)]
    table = read_table("\n".join(["no\tanswer\tscore", *rows]).encode())
    assert table.reading.options.delimiter == "\t"
    assert table.frame["answer"][3] == "Yes, I think, it is 3, maybe"


def test_single_quotes_are_found() -> None:
    table = read_table(b"a,b\n'x, y',2\n'z, w',3\n'u',4\n")
    assert table.reading.quote == "'"
    assert cells(table)[0] == ["x, y", "2"]


def test_an_apostrophe_is_no_quotation_mark() -> None:
    table = read_table(b"name,n\nO'Hara,2\nD'Arcy,3\nPlain,4\n")
    assert table.reading.quote == '"'
    assert list(table.frame["name"]) == ["O'Hara", "D'Arcy", "Plain"]


def test_quoted_fields_keep_delimiters_quotes_and_line_ends() -> None:
    table = read_table(b'a,b\n"x, ""y""\nz",2\nplain,3\n')
    assert cells(table) == [['x, "y"\nz', "2"], ["plain", "3"]]
    assert table.reading.n_repairs == 0


def test_the_hint_of_excel_is_followed_and_left_out() -> None:
    table = read_table(b"sep=;\na;b\n1;2\n3;4\n")
    assert list(table.frame.columns) == ["a", "b"]
    assert "data.decision.delimiter_hint" in codes(table)


def test_titles_before_the_table_are_left_out_and_said() -> None:
    table = read_table(b"Sales of the year\n(all shops)\n\na,b,c\n1,2,3\n4,5,6\n7,8,9\n1,1,1\n")
    assert list(table.frame.columns) == ["a", "b", "c"]
    assert len(table.frame) == 4
    assert "data.decision.titles" in codes(table)


def test_a_header_without_name_for_the_row_names_is_shifted_as_r_writes_it() -> None:
    table = read_table(b"x,y\na,3,7\nb,4,8\nc,5,9\n")
    assert list(table.frame.columns) == ["row", "x", "y"]
    assert cells(table)[0] == ["a", "3", "7"]


def test_a_closing_delimiter_does_not_shift_the_names() -> None:
    table = read_table(b"x,y\n1,3,\n2,4,\n3,5,\n")
    assert list(table.frame.columns) == ["x", "y"]
    assert table.frame["x"].tolist() == ["1", "2", "3"]
    assert "data.decision.closing_delimiter" in codes(table)


@pytest.mark.parametrize("piece", [b"1", b"1,", b"1.", b"',", b'"', b"1/", b"\t;", b"(1,2)"])
def test_long_lines_take_time_in_proportion(piece: bytes) -> None:
    # With a pattern that backtracks this would run for hours.
    with contextlib.suppress(UserError):
        read_table(b"a,b\n" + piece * 150_000 + b"x\n1,2\n")


def test_choices_of_the_user_win() -> None:
    content = b"1;2\n3;4\n"
    assert len(read_table(content).frame) == 2
    chosen = read_table(content, ReadingOptions(header=True, decimal=",", delimiter=";"))
    assert list(chosen.frame.columns) == ["1", "2"] and len(chosen.frame) == 1
    assert set(chosen.reading.chosen) == {"header", "decimal", "delimiter"}
    assert {"data.decision.header_chosen", "data.decision.decimal_chosen"} <= codes(chosen)


@pytest.mark.parametrize(
    "content",
    [b"a,b\nx,y\nz,w\n", b"2001,2002\nx,y\nz,w\n", b"x,y\nx,z\nw,y\n", b"a,b\n1,2\n"],
    ids=["different words", "numbers above words", "repeated words", "words above numbers"],
)
def test_header_or_not(content: bytes) -> None:
    expected = content in (b"a,b\nx,y\nz,w\n", b"a,b\n1,2\n")
    assert read_table(content).reading.options.header is expected


# Names


def _below(names: str, *cells: str) -> bytes:
    """Return a file with names above thirty rows of numbers that differ."""
    rows = (
        ",".join(cell.format(n=n, part=n * 37 % 100, x=n % 3) for cell in cells) for n in range(30)
    )
    return "\n".join([names, *rows]).encode()


@pytest.mark.parametrize(
    "content",
    [
        _below(",0,1,2", "{n}", "0.{part}", "1.{n}", "2.{x}"),
        _below(",0", "{n}", "0.{part}"),
        _below("0,1,2", "0.{part}", "3.{n}", "2.{x}"),
        _below("0,1,2,3,4,target", "{part}", "{n}", "{part}", "{x}", "{n}", "{x}"),
        _below("sample,400.0,400.5,401.0,401.5,402.0", "s{n}", *["0.{part}", "1.{n}"] * 2, "{x}"),
        _below(",".join(map(str, range(4000, 3010, -97))), *["{part}", "{x}"] * 5, "{n}"),
        _below("id,2020-01-01,1/22/20", "a{n}", "{part}", "{n}"),
        _below("name,00:00,01:00", "a{n}", "{part}", "{n}"),
        _below("name,25%,$50,75 kg", "a{n}", "{part}", "{n}", "{x}"),
        _below("2001,2002,2003,2004,2005", *["20{part}", "19{n}"] * 2, "2010"),
    ],
)
def test_numbers_dates_and_amounts_can_be_names(content: bytes) -> None:
    table = read(content)
    names = content.decode().split("\n", 1)[0].split(",")
    assert list(table.frame.columns) == [name or "column_1" for name in names]
    assert len(table.frame) == 30 and not table.cautions


@pytest.mark.parametrize(
    "content",
    [
        b"0,1,2\n0,2,5\n1,2,3\n1,3,7\n2,3,1\n3,4,2\n",
        b"1,2,3,4\n1,2,4,3\n1,3,2,4\n2,1,3,4\n3,2,1,4\n4,3,2,1\n1,4,3,2\n",
        b"\n".join(",".join(str(a * b) for a in range(1, 9)).encode() for b in range(1, 9)),
        _below("03.01.2023,5,7", "04.02.2023", "{part}", "{n}"),
        _below("2023-01-03,5,7", "2023-01-04", "{part}", "{n}"),
        _below("5 kg,7", "{part}", "{n}"),
        _below("a,b", "a", "b"),
    ],
)
def test_a_first_row_like_the_others_is_a_row(content: bytes) -> None:
    assert len(read(content).frame) == content.strip().count(b"\n") + 1


def test_a_delimiter_of_two_characters_is_shown_and_can_be_chosen() -> None:
    content = "\n".join(f'{n}::"a::{n % 3}"::{n * 7 % 5}' for n in range(20)).encode()
    found = read_table(content)
    assert found.reading.options.delimiter == "::"
    assert "two colons" in " ".join(map(str, found.reading.decisions))
    again = read_table(content, ReadingOptions(delimiter="::"))
    assert (
        cells(again) == cells(found) == [[f"{n}", f"a::{n % 3}", f"{n * 7 % 5}"] for n in range(20)]
    )


@pytest.mark.parametrize("mark", ["::", "||"])
def test_the_fast_way_and_the_careful_way_agree_on_pairs(mark: str) -> None:
    rows = [mark.join((f"{n}", "" if n % 4 else "x:y", f"{n * 7 % 5}")) for n in range(600)]
    fast = read_table("\n".join(rows).encode())
    careful = read_table("\n".join([*rows[:500], '"', *rows[500:]]).encode())
    assert cells(fast) == cells(careful)[:500] + cells(careful)[-100:]


@pytest.mark.parametrize(
    "content",
    [_below("a|b|c", "{n}||{x}"), _below("a,b", "fe80::{n}", "{x}"), _below("a", "std::map{n}")],
)
def test_two_marks_between_which_nothing_stands_are_two(content: bytes) -> None:
    options = read_table(content).reading.options
    assert options.delimiter in {"|", ","}


def test_lists_of_words_in_single_quotes_stay_in_their_cell() -> None:
    table = read_table(_below("id,tags,n", "{n}", "\"['vegan', 'x {part}', 'easy']\"", "{x}"))
    assert cells(table)[1] == ["1", "['vegan', 'x 37', 'easy']", "1"]
    assert not table.reading.repairs


@pytest.mark.parametrize("first", ["DE12 6216 9715 26{:02}", "555 734 66{:02}", "{:02} 65 Rd"])
def test_codes_before_a_tab_are_one_cell(first: str) -> None:
    rows = "".join(f"{first.format(n + 10)}\t{n * 7 % 5}\n" for n in range(28))
    assert read_table(rows.encode()).frame.shape == (28, 2)


def test_dates_of_words_before_a_tab_are_one_cell() -> None:
    rows = "".join(f"{n + 1} June 1998\t{n}.5\t{n * 7 % 5}.1\n" for n in range(28))
    assert read_table(rows.encode()).frame.shape == (28, 3)


def test_a_first_row_in_order_is_no_header_where_it_lies_among_the_others() -> None:
    first = ",".join(str(n * n) for n in range(12))
    rows = [",".join(str((n * 37 + m * 53) % 150) for n in range(12)) for m in range(20)]
    assert len(read_table("\n".join([first, *rows]).encode()).frame) == 21


@pytest.mark.parametrize("odd", ["", "3,x,z,more\n"])
def test_rows_of_delimiters_are_left_out_and_said(odd: str) -> None:
    table = read_table(f"a,b,c\n1,x,y\n2,,z\n{odd},,\n , ,\n,,\n\n,,\n".encode())
    assert cells(table)[:2] == [["1", "x", "y"], ["2", None, "z"]]
    assert len(table.frame) == 2 + bool(odd)
    assert "Rows without any cell left out: 4" in " ".join(map(str, table.reading.decisions))


def test_a_row_of_delimiters_among_others_is_a_case_of_which_nothing_is_known() -> None:
    table = read_table(b"a,b,c\n1,x,y\n,,\n2,x,z\n,,\n")
    assert cells(table)[1] == cells(table)[3] == [None, None, None]
    said = "Rows without any value: 2 of 4; they count as rows"
    assert said in " ".join(map(str, table.reading.decisions))


def test_a_row_of_nothing_in_quotation_marks_is_a_row() -> None:
    assert cells(read_table(b'a,b\n1,2\n"",""\n3,4\n'))[1] == [None, None]


def test_a_delimiter_too_many_in_the_header_only_makes_no_column() -> None:
    table = read_table(_below("a,b,", "{n}", "{x}"))
    assert list(table.frame.columns) == ["a", "b"]
    assert not table.reading.cautions and not table.reading.repairs


def test_the_sign_for_the_end_of_a_file_is_no_row() -> None:
    table = read_table(_below("a,b", "{n}", "{x}") + b"\n\x1a")
    assert len(table.frame) == 30 and not table.reading.cautions


@pytest.mark.parametrize("cell", ["'Hello, {x}'", "'2023-01-{n:02}'"])
def test_single_quotes_in_every_row_enclose_values(cell: str) -> None:
    table = read_table(_below("a,b", cell, "{n}"))
    assert cells(table)[2] == [cell.format(x=2, n=2).strip("'"), "2"]
    assert not table.reading.cautions


LOGS = {
    "fixed_width": "NUM   CAT   VALUE\n"
    + "".join(f"{n:<6}{'x' * (n % 4 > 0):<6}{n / 8:>5}\n" for n in range(30)),
    "milliseconds": "".join(
        f"2023-01-01 10:{n}:00,123 - root - INFO - {n * 7 % 5}\n" for n in range(10, 40)
    ),
}


@pytest.mark.parametrize("code", LOGS)
def test_columns_of_a_fixed_width_and_logs_have_a_caution(code: str) -> None:
    assert f"data.caution.{code}" in {said.code for said in read(LOGS[code].encode()).cautions}


@pytest.mark.parametrize(
    "content", [_below("time,v", "10:{n:02}:00", "1{n:02}"), _below("text", "It was {n}.  So.")]
)
def test_times_beside_numbers_and_texts_are_no_logs(content: bytes) -> None:
    assert not read(content).cautions


def test_the_log_of_a_web_server_is_divided_at_spaces() -> None:
    line = '10.0.0.1 - - [10/Oct/2023:13:55:{:02} -0700] "GET /a HTTP/1.0" 200 {} "-" "B (X; Y)"\n'
    table = read_table("".join(line.format(n, n * 7) for n in range(30)).encode())
    assert [row[-4:-1] for row in cells(table)[:2]] == [["200", "0", None], ["200", "7", None]]


def test_keys_before_values_are_no_names() -> None:
    content = "\n".join(
        f"ts=2023-01-{n:02} level={'info' if n % 2 else 'warn'}" for n in range(10, 30)
    )
    assert len(read(content.encode()).frame) == 20


def test_empty_and_repeated_names_become_distinct_and_are_said() -> None:
    table = read_table(b"a, a ,,b,a_2,column_3\n1,2,3,4,5,6\n7,8,9,1,2,3\n")
    names = list(table.frame.columns)
    assert len(set(names)) == 6 and names[0] == "a" and names[3:] == ["b", "a_2", "column_3"]
    assert {"data.decision.empty_names", "data.decision.repeated_names"} <= codes(table)
    assert cells(table)[0] == ["1", "2", "3", "4", "5", "6"]


# What does not fit


def test_ragged_rows_are_kept_counted_and_listed() -> None:
    content = b"a,b,c\n1,2,3\n4,5\n\n6,7,8,9\n1,2,3\n1,2,3\n1,2,3\n"
    table = read_table(content)
    assert cells(table)[:3] == [["1", "2", "3"], ["4", "5", None], ["6", "7", "8"]]
    assert len(table.frame) == 6
    listed = [(p.line, p.what.code.rsplit(".", 1)[1], p.before) for p in table.reading.repairs]
    assert listed == [
        (3, "too_few", "4,5"),
        (4, "empty_line", ""),
        (5, "too_many", "6,7,8,9"),
    ]
    assert table.reading.n_repairs == 3
    assert {"data.caution.too_few", "data.caution.cells_lost"} <= codes(table)
    assert list(table.reading.repairs_frame()["line"]) == [3, 4, 5]


def test_all_problems_are_counted_when_too_many_to_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repairs, "MOST_LISTED", 5)
    content = b"a,b\n" + b"1,2\n" * 30 + b"1\n" * 20
    table = read_table(content)
    assert len(table.reading.repairs) == 5
    assert table.reading.repair_counts == {"data.repair.too_few": 20}
    assert "data.caution.unlisted" in codes(table)


def test_line_numbers_count_lines_inside_quotes() -> None:
    table = read_table(b'a,b\n"x\ny\nz",2\n1,2\n1\n1,2\n1,2\n')
    assert [problem.line for problem in table.reading.repairs] == [6]


def test_an_open_quotation_mark_is_listed() -> None:
    table = read_table(b'a,b\n1,x\n2,"y\n3,z\n')
    assert [p.what.code for p in table.reading.repairs] == ["data.repair.stray_quote"]
    assert table.reading.repairs[0].line == 3
    assert cells(table) == [["1", "x"], ["2", "y"], ["3", "z"]]


def test_missing_words_become_missing_and_are_counted() -> None:
    words = [word for word in MISSING if word]
    content = "id,a\n" + "".join(f"{n},{word}\n" for n, word in enumerate(words)) + "99,\n9,none\n"
    table = read_table(content.encode())
    assert table.frame["a"].isna().sum() == len(MISSING)
    assert table.frame["a"].iloc[-1] == "none"
    assert table.reading.missing == dict.fromkeys(MISSING, 1)


def test_sodium_is_not_missing() -> None:
    assert read_table(b"a,b\nNa,1\nK,2\n").frame["a"].tolist() == ["Na", "K"]


def test_spaces_around_values_are_removed_and_said() -> None:
    table = read_table(b"a,b\n1, x\n2, y \n")
    assert table.frame["b"].tolist() == ["x", "y"]
    trimmed = next(d for d in table.reading.decisions if d.code == "data.decision.trimmed")
    assert trimmed.parameters["count"] == 2


def test_leading_zeros_stay() -> None:
    assert read_table(b"zip,n\n00123,1\n04567,2\n").frame["zip"].tolist() == ["00123", "04567"]


# What is no table

FOREIGN = {
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(50), "PNG"),
    "jpeg": (b"\xff\xd8\xff\xe0" + bytes(50), "JPEG"),
    "pdf": (b"%PDF-1.7\n%abc\n", "PDF"),
    "doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(50), "Word"),
    "html": (b"<!DOCTYPE html>\n<html><body>a,b</body></html>", "HTML"),
    "html 2": (b"\n  <HTML>\n<table>", "HTML"),
    "xml": (b'<?xml version="1.0"?><a/>', "XML"),
    "exe": (b"MZ\x90\x00\x03\x00\x00\x00" + bytes(80), "program"),
    "elf": (b"\x7fELF\x02\x01" + bytes(50), "program"),
    "sqlite": (b"SQLite format 3\x00" + bytes(50), "SQLite"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_no_table_is_refused_by_its_name(name: str) -> None:
    content, words = FOREIGN[name]
    error = refused(content)
    assert error.code == "data.foreign_format"
    assert words in str(error) and "CSV" in str(error)


def test_tables_that_begin_like_other_formats_are_read() -> None:
    assert len(read_table(b"MZ,PK\n1,2\n").frame) == 1
    assert len(read_table(b"[a],{b}\n1,2\n3,4\n").frame) == 2


@pytest.mark.parametrize("content", [b"", b"\n\n \n", codecs.BOM_UTF8])
def test_an_empty_file_is_refused(content: bytes) -> None:
    assert refused(content).code == "data.empty"


def test_a_header_alone_is_refused() -> None:
    assert refused(b"a,b\n").code == "data.no_rows"


def test_binary_content_is_refused() -> None:
    assert refused(bytes(range(256)) * 40).code == "data.binary"


def test_too_many_columns_are_refused() -> None:
    error = refused(b",".join([b"1"] * 10_001) + b"\n")
    assert error.code == "data.too_many_columns" and "10,001" in str(error)


def test_as_many_columns_as_allowed_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "MOST_COLUMNS", 300)
    assert read_table(b",".join([b"1"] * 300) + b"\n").frame.shape == (1, 300)
    assert refused(b",".join([b"1"] * 301) + b"\n").code == "data.too_many_columns"


def test_a_huge_line_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "LONGEST_LINE", 2**20)
    error = refused(b"a,b\n1," + b"x" * (2**20 + 5) + b"\n")
    assert error.code == "data.long_line" and "Line 2" in str(error)
    assert len(read_table(b"a,b\n" + b"1,2\n" * 2**19).frame) == 2**19


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"delimiter": ";"}, "data.delimiter_absent"),
        ({"delimiter": ",,,,"}, "data.bad_delimiter"),
        ({"delimiter": ""}, "data.bad_delimiter"),
        ({"delimiter": '"'}, "data.bad_delimiter"),
        ({"decimal": "x"}, "data.bad_decimal"),
        ({"thousands": "x"}, "data.bad_thousands"),
        ({"thousands": ",", "decimal": ","}, "data.same_marks"),
        ({"dates": "year first"}, "data.bad_dates"),
        ({"encoding": "klingon"}, "data.unknown_encoding"),
        ({"encoding": "rot13"}, "data.unknown_encoding"),
        ({"encoding": "utf-8"}, "data.encoding_mismatch"),
    ],
)
def test_options_that_do_not_fit_give_a_sentence(options: dict[str, object], code: str) -> None:
    assert refused("a,b\né,2\nö,3\n".encode("cp1252"), **options).code == code


def test_the_sentence_for_a_wrong_delimiter_names_the_right_one() -> None:
    error = refused(b"a,b\n1,2\n", delimiter=";")
    assert "semicolon" in str(error) and "comma" in str(error) and "2 columns" in str(error)


# Properties

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")),
    min_size=1,
    max_size=8,
)
VALUES = (
    st.one_of(
        WORDS,
        st.integers(-1000, 1000).map(str),
        st.floats(-100, 100).map(lambda x: f"{x:.3f}"),
        st.tuples(WORDS, st.sampled_from([", ", ";", "\t", "|", '"', "\n"]), WORDS).map("".join),
    )
    .map(str.strip)
    .filter(lambda text: text not in MISSING and "\ufeff" not in text)
)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    width = draw(st.integers(2, 5))
    rows = st.lists(VALUES, min_size=width, max_size=width)
    return draw(st.lists(rows, min_size=1, max_size=8))


@settings(max_examples=150, deadline=None)
@given(
    table=tables(),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "utf-32", "gb18030"]),
)
def test_what_is_written_by_csv_comes_back(
    table: list[list[str]], delimiter: str, end: str, encoding: str
) -> None:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([[f"c{n}" for n in range(len(table[0]))], *table])
    options = ReadingOptions(encoding=encoding, delimiter=delimiter, header=True, decimal=".")
    read = read_table(stream.getvalue().encode(encoding), options)
    assert cells(read) == table
    assert read.reading.n_repairs == 0


@settings(max_examples=100, deadline=None)
@given(
    numbers=st.lists(
        st.tuples(st.integers(0, 99), st.floats(-50, 50), st.sampled_from(["red", "blue"])),
        min_size=3,
        max_size=20,
    ),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    header=st.booleans(),
)
def test_ordinary_tables_are_read_right_without_any_option(
    numbers: list[tuple[int, float, str]], delimiter: str, header: bool
) -> None:
    rows = [[str(a), f"{b:.2f}", c] for a, b, c in numbers]
    lines = [["first", "second", "colour"], *rows] if header else rows
    content = "\n".join(delimiter.join(line) for line in lines) + "\n"
    read = read_table(content.encode())
    assert cells(read) == rows
    assert read.reading.options.delimiter == delimiter


RAW = st.text(st.sampled_from('ab1., ;"\n\r\t|'), min_size=1, max_size=60)


@settings(max_examples=150, deadline=None)
@given(raw=RAW)
def test_any_text_is_read_or_refused_with_a_sentence(raw: str) -> None:
    try:
        read = read_table(raw.encode())
    except UserError as error:
        assert str(error)
        return
    assert read.frame.shape == (read.reading.n_rows, read.reading.n_columns)
    assert all(dtype == "str" for dtype in read.frame.dtypes)
    assert read.frame.columns.is_unique


@settings(max_examples=150, deadline=None)
@given(raw=RAW)
def test_the_fast_way_and_the_careful_way_agree(raw: str) -> None:
    content = b"a,b\n1,2\n" + raw.encode() + b"\n3,4\n"
    options = ReadingOptions(encoding="utf-8", delimiter=",", header=True, decimal=".")
    with pytest.MonkeyPatch.context() as patch:
        fast = outcome(content, options)
        patch.setattr(records, "_can_be_clean", lambda writing: False)
        careful = outcome(content, options)
    assert fast == careful


def outcome(content: bytes, options: ReadingOptions) -> object:
    try:
        return cells(read_table(content, options))
    except UserError as error:
        return error.code


@settings(max_examples=200, deadline=None)
@given(raw=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_with_a_sentence(raw: bytes) -> None:
    try:
        read_table(raw)
    except UserError as error:
        assert str(error)


def test_a_reading_survives_json() -> None:
    reading = read_table(b"a,b\n1,2\n3\nNA,5\n").reading
    assert Reading.from_json(json.loads(json.dumps(reading.to_json()))) == reading


def test_a_large_file_gives_the_same_by_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"a,b\n" + b"".join(b"%d,x%d\n" % (n, n) for n in range(1000)) + b"1\n"
    whole = read_table(content).frame
    monkeypatch.setattr(records, "_CHUNK_ROWS", 7)
    pd.testing.assert_frame_equal(read_table(content).frame, whole)
    assert len(whole) == 1001


def test_marks_can_be_kept_as_answers() -> None:
    content = b"who,said\nann,?\nbob,-\ncid,cat\ndan,\n"
    usual = read_table(content)
    assert usual.frame["said"].isna().tolist() == [True, True, False, True]
    assert usual.reading.options.marks is True
    kept = read_table(content, ReadingOptions(marks=False))
    assert kept.frame["said"].fillna("").tolist() == ["?", "-", "cat", ""]
    assert kept.reading.missing == {"": 1}
    assert ReadingOptions.from_json(ReadingOptions(marks=False).to_json()).marks is False


def test_a_script_gets_the_cells_as_they_stand_and_the_typed_values() -> None:
    table = read(b"name;weight\nAnn; 61,5\nBob;NA\nCid;82,25\n")
    assert table.text["weight"].tolist() == [" 61,5", "NA", "82,25"]
    assert table.frame["weight"].fillna(0).tolist() == [61.5, 0, 82.25]
    assert table.decisions and table.repairs == () and table.cautions == ()


def test_readings_written_when_repairs_were_called_problems_are_still_read() -> None:
    plain = read_table(b"a,b\n1,2\n3\n").reading.to_json()
    (repair,) = plain.pop("repairs")
    what = {**repair["what"], "code": "data.problem.too_few"}
    plain["problems"] = [{"line": 3, "what": what, "text": "3"}]
    plain["problem_counts"] = {"data.problem.too_few": plain.pop("repair_counts").popitem()[1]}
    plain["options"] = {"encoding": "utf-8", "delimiter": ",", "header": True, "decimal": "."}
    old = Reading.from_json({**plain, "quote": "'"})
    assert old.repair_counts == {"data.repair.too_few": 1} and old.quote == "'"
    assert "expected: 2" in str(old.repairs[0].what)


# What may be a comment, and what may be one column


def with_odd(first: str, every: int = 10) -> bytes:
    """Return forty rows of which every so manieth begins in another way."""
    rows = [first if not place % every else f"1.5,{place}" for place in range(40)]
    return "\n".join(["price,qty", *rows, ""]).encode()


def codes_of(reading: Reading) -> set[str]:
    return {said.code for said in reading.cautions}


@pytest.mark.parametrize("every", [10, 40])
@pytest.mark.parametrize("word", ["#N/A", "#DIV/0!", "#NV", "#NAME?", "#¡REF!", "--", "---"])
def test_an_error_of_a_spreadsheet_is_no_comment(word: str, every: int) -> None:
    table = read(with_odd(f"{word},9", every))
    assert len(table.frame) == 40
    assert table.text["price"].eq(word).sum() == 40 / every
    assert not table.cautions


@pytest.mark.parametrize("value", ["#f00", "%5", "//host/share", "# of cats", "--help"])
def test_a_row_that_begins_as_a_comment_is_a_row_with_a_caution(value: str) -> None:
    table = read_table(with_odd(f"{value},9"))
    assert table.frame["price"].eq(value).sum() == 4
    assert "data.caution.not_comments" in codes_of(table.reading)
    chosen = read_table(with_odd(f"{value},9"), ReadingOptions(comment=value[:2].rstrip("f5 ")))
    assert len(chosen.frame) == 36
    assert "data.caution.comment_row" in codes_of(chosen.reading)


def test_comments_without_the_fields_of_a_row_are_left_out() -> None:
    content = b"# made here, 2021, by me\n" + with_odd("# counted again")
    table = read_table(content)
    assert len(table.frame) == 36
    assert not table.reading.cautions


def test_a_comment_among_others_that_may_be_a_row_is_counted() -> None:
    table = read_table(with_odd("# counted again") + b"#1.5,9\n")
    assert len(table.frame) == 36
    assert "data.caution.comment_row" in codes_of(table.reading)
    assert [repair.line for repair in table.reading.repairs] == [2, 12, 22, 32, 42]


@pytest.mark.parametrize(
    "lines",
    [
        ["id,v1,v2", *(",".join(["1"] * (1 + place % 4)) for place in range(24))],
        ["milk", "milk,bread", "milk,bread,eggs", "beer"] * 6,
    ],
    ids=["below names", "baskets"],
)
def test_lines_that_a_mark_divides_unevenly_are_one_column_with_a_caution(lines: list[str]) -> None:
    table = read_table("\n".join(lines).encode())
    assert table.reading.n_columns == 1
    assert "data.caution.undivided" in codes_of(table.reading)


@pytest.mark.parametrize("lines", [["x", "1,5", "2,5"], ["1,5", "2,5"], ["text", "no", "yes, so"]])
def test_one_column_with_a_comma_here_and_there_has_no_caution(lines: list[str]) -> None:
    table = read_table("\n".join([lines[0], *lines[1:] * 5]).encode())
    assert "data.caution.undivided" not in codes_of(table.reading)


def _in_threes(names: str, groups: int) -> bytes:
    rows = [" ".join(str(100 + (n * 37 + g * 71) % 900) for g in range(groups)) for n in range(30)]
    return "\n".join([*([names] if names else []), *rows]).encode()


@pytest.mark.parametrize(("names", "groups"), [("x y z", 3), ("a b c d", 4), ("", 8)])
def test_columns_of_three_digits_between_spaces_are_no_amounts(names: str, groups: int) -> None:
    table = read(_in_threes(names, groups))
    assert table.frame.shape == (30, groups)
    assert table.text.iloc[1].tolist() == [f"{137 + 71 * place}" for place in range(groups)]
    doubted = "data.caution.threes" in {caution.code for caution in table.cautions}
    assert doubted == bool(names)


@pytest.mark.parametrize(("names", "groups"), [("x y", 2), ("", 3)])
def test_amounts_that_may_be_columns_have_a_caution(names: str, groups: int) -> None:
    table = read(_in_threes(names, groups))
    assert table.frame.shape == (30, 1)
    assert [caution.code for caution in table.cautions] == ["data.caution.gaps"]
    divided = read(_in_threes(names, groups), ReadingOptions(delimiter=" "))
    assert divided.frame.shape == (30, groups)


@pytest.mark.parametrize("names", ["amount", "number of the phone"])
def test_amounts_below_other_names_are_one_column(names: str) -> None:
    table = read(_in_threes(names, 3))
    # They may still be codes, such as numbers of phones, which is said.
    assert table.frame.shape == (30, 1)
    assert [caution.code for caution in table.cautions] == ["data.caution.codes"]


@pytest.mark.parametrize("mark", [",", ";"])
def test_lines_in_quotation_marks_as_a_whole_are_divided(mark: str) -> None:
    names, rows = ["id", "name", "a b"], [[str(n), f'x"{n}', "y"] for n in range(12)]
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=mark, lineterminator="\n")
    writer.writerows([names, *rows])
    whole = [line.replace('"', '""') for line in stream.getvalue().splitlines()]
    content = "\n".join(f'"{line}"' for line in whole).encode()
    table = read_table(content)
    assert [list(table.frame.columns), *table.frame.to_numpy().tolist()] == [names, *rows]
    assert "data.caution.wrapped" in codes_of(table.reading)
    kept = read_table(content, ReadingOptions(quote='"'))
    assert kept.reading.n_columns == 1


def test_texts_in_quotation_marks_are_one_column() -> None:
    names = "".join(f'"Smith, John {n}"\n' for n in range(9))
    table = read_table(f'"name"\n{names}'.encode())
    assert table.frame["name"].iloc[3] == "Smith, John 3"


#: Tables as clients of databases print them, and as they stand in mails and reports.
DRAWN = {
    "mysql": "+----+---+\n| n  | c |\n+----+---+\n{}+----+---+\n",
    "mail": "List 1\n\n| n  | c |\n|----|---|\n{}",
    "sap": "Report\n\n----------\n| n  | c |\n----------\n{}----------\n",
    "sqlcmd": "n,c\n---,---\n{}",
    "sqlcmd tab": "n\tc\n---\t---\n{}",
    "sqlcmd spaces": "n    c\n---- ---\n{}",
    "rst": "==== ==\nn    c\n==== ==\n{}==== ==\n",
}


@pytest.mark.parametrize("name", DRAWN)
def test_lines_of_dashes_around_names_are_left_out_and_said(name: str) -> None:
    form = {",": "{},x{}", "\t": "{}\tx{}", "|": "| {:<2} | x{}|"}
    mark = next((mark for mark in form if mark in DRAWN[name]), "")
    rows = "".join(form.get(mark, "{:<4} x{}").format(n, n % 3) + "\n" for n in range(20))
    table = read(DRAWN[name].format(rows).encode())
    assert table.text.columns.tolist() == ["n", "c"]
    assert table.text["n"].str.strip().tolist() == [f"{n}" for n in range(20)]
    assert table.text["c"].str.strip().tolist() == [f"x{n % 3}" for n in range(20)]
    assert {"data.decision.rules", "data.decision.markdown"} & {
        said.code for said in table.decisions
    }
    assert not table.cautions


@pytest.mark.parametrize(
    "content", ["a,b\n--,--\n1,2\n3,4\n", "a b\n- -\n1 2\n3 4\n", "a,b\n1,2\n---,5\n3,4\n"]
)
def test_dashes_for_no_value_are_no_line_below_names(content: str) -> None:
    assert len(read_table(content.encode()).frame) == 3


@pytest.mark.parametrize("rule", ["|---|---|", "| :-- | --: |", "---|---", "|-|-|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_markdown_table_is_read_without_its_rule(rule: str, end: str) -> None:
    lines = ["| name | weight |", rule, "| Ann | 61.5 |", "| Bob | 82 |", "| Cem | - | 7 |"]
    table = read(end.join([*lines, ""]).encode())
    assert table.frame.columns.tolist() == ["name", "weight"]
    assert table.frame["weight"].tolist()[:2] == [61.5, 82]
    assert "data.decision.markdown" in {said.code for said in table.decisions}
    assert [repair.line for repair in table.repairs] == [5]
