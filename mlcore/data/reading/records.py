"""The records of a text: the fast way where nothing is odd, else record by record."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv

from mlcore.data.dialect import LONGEST_LINE, Dialect
from mlcore.data.reading.repairs import RepairLog
from mlcore.errors import UserError

_CHUNK_ROWS = 20_000
_TEXT = pa.large_string()


def read_records(
    text: bytes, start: int, names: list[str], dialect: Dialect, log: RepairLog
) -> pa.Table:
    """Return the records from a byte on, and note in the log what is odd about them."""
    body = memoryview(text)[start:]
    if not bytes(body[:1]):
        return pa.table([pa.array([], _TEXT) for _ in names], names=names)
    unpaired = text.count(dialect.quote.encode()) % 2 == 1
    if not unpaired and not _has_gaps(text, start):
        try:
            return _read_clean(body, names, dialect)
        except pa.ArrowInvalid:
            # Some record has another number of fields: read again, listing what is odd.
            pass
    line = text.count(b"\n", 0, start) or text.count(b"\r", 0, start)
    return _read_odd(body, line, names, dialect, log, unpaired)


def _has_gaps(text: bytes, start: int) -> bool:
    end = len(text.rstrip(b"\r\n"))
    gaps = (b"\n\n", b"\n\r", b"\r\r")
    return any(text.find(gap, start, end) >= 0 for gap in gaps)


def _read_clean(body: memoryview, names: list[str], dialect: Dialect) -> pa.Table:
    return pa_csv.read_csv(
        pa.BufferReader(pa.py_buffer(body)),
        read_options=pa_csv.ReadOptions(column_names=names, block_size=2**23),
        parse_options=pa_csv.ParseOptions(
            delimiter=dialect.delimiter, quote_char=dialect.quote, newlines_in_values=True
        ),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, _TEXT), strings_can_be_null=False
        ),
    )


def reader_of(stream: io.StringIO | io.TextIOWrapper, dialect: Dialect) -> Any:
    """Return the standard library's reader, set to a dialect."""
    csv.field_size_limit(LONGEST_LINE)
    return csv.reader(stream, delimiter=dialect.delimiter, quotechar=dialect.quote)


def _read_odd(
    body: memoryview,
    line: int,
    names: list[str],
    dialect: Dialect,
    log: RepairLog,
    unpaired: bool,
) -> pa.Table:
    stream = io.TextIOWrapper(io.BytesIO(body), encoding="utf-8", newline="")
    records = _checked_records(reader_of(stream, dialect), line, len(names), dialect, log, unpaired)
    chunks: list[pa.Table] = []
    rows: list[list[str]] = []
    for record in records:
        rows.append(record)
        if len(rows) == _CHUNK_ROWS:
            chunks.append(_chunk(rows, names))
            rows = []
    chunks.append(_chunk(rows, names))
    return pa.concat_tables(chunks)


def _chunk(rows: list[list[str]], names: list[str]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return pa.table([pa.array(column, _TEXT) for column in columns], names=names)


def _checked_records(
    reader: Any, line: int, width: int, dialect: Dialect, log: RepairLog, unpaired: bool
) -> Iterator[list[str]]:
    before, begins, lines, text = 0, line + 1, 0, ""
    try:
        for record in reader:
            begins, lines = line + before + 1, reader.line_num - before
            before = reader.line_num
            if not record:
                log.add(begins, "", "", "empty_line")
                continue
            text = dialect.delimiter.join(record) if lines > 1 else ""
            if problem := _width_problem(len(record), width):
                text = dialect.delimiter.join(record)
                got, record = len(record), (record + [""] * width)[:width]
                after = dialect.delimiter.join(record)
                log.add(begins, text, after, problem, got=got, expected=width)
            if lines > _MOST_LINES_OF_A_RECORD:
                log.add(begins, text, text, "many_lines", lines=lines)
            yield record
    except csv.Error as error:
        raise UserError("data.open_quote", line=line + before + 1) from error
    if unpaired and lines > 1:
        log.add(begins, text, text, "open_end", lines=lines)


#: A record that spans more lines than this probably has a quotation mark that is never closed.
_MOST_LINES_OF_A_RECORD = 20


def _width_problem(got: int, expected: int) -> str | None:
    if got == expected:
        return None
    return "too_many" if got > expected else "too_few"
