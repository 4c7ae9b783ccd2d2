"""From a file to a table of text.

Three stages, each in a module of its own so that more formats and repairs find their place:
bytes to text (:mod:`~mlcore.data.encoding`), the dialect (:mod:`~mlcore.data.dialect`), and here
the records. What the columns mean is decided afterwards, in :mod:`~mlcore.data.kinds`.

Clean files go through pyarrow's reader; a file in which anything is odd is read record by record,
so that each oddity can be listed with its line.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from mlcore.data.dialect import (
    DECIMALS,
    LONGEST_LINE,
    Dialect,
    find_dialect,
    name_of,
    records_of,
    sample_of,
)
from mlcore.data.encoding import decode
from mlcore.data.filetypes import foreign_format
from mlcore.errors import UserError
from mlcore.messages import Message, listing, message

#: Cells that are read as "no value", after spaces around them are removed. Capital letters count:
#: "NA" is missing, "Na" is sodium; "none" may well be a category.
MISSING: tuple[str, ...] = (
    "",
    *("NA", "na", "N/A", "n/a", "#N/A", "#NA", "<NA>"),
    *("NaN", "nan", "NAN", "-NaN", "-nan"),
    *("null", "NULL", "Null", "None", "NIL", "nil", "\\N"),
    *("?", "-", "--", "."),
    *("#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!"),
)

#: Those of them that somebody may also have written to say something, such as "I do not know".
MARKS: tuple[str, ...] = ("?", "-", "--", ".")

MOST_COLUMNS = 10_000

#: Problems beyond this number are counted but no longer listed one by one.
MOST_LISTED = 1_000

_EXCERPT = 200
_CHUNK_ROWS = 20_000
_TEXT = pa.large_string()


@dataclass(frozen=True, kw_only=True)
class ReadingOptions:
    """How a file is to be read; ``None`` means that it is detected.

    Parameters
    ----------
    encoding : str, optional
        A key of :data:`mlcore.data.encoding.ENCODINGS`.
    delimiter : str, optional
        One character between fields.
    header : bool, optional
        Whether the first record names the columns.
    decimal : str, optional
        ``"."`` or ``","``.
    marks : bool, optional
        Whether a cell that only holds one of :data:`MARKS` is read as "no value", as it is unless
        this is False.
    """

    encoding: str | None = None
    delimiter: str | None = None
    header: bool | None = None
    decimal: str | None = None
    marks: bool | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "header": self.header,
            "decimal": self.decimal,
            "marks": self.marks,
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> ReadingOptions:
        """Read what :meth:`to_json` wrote."""
        return cls(**plain)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The names of the options that are not left to detection."""
        return tuple(name for name, value in self.to_json().items() if value is not None)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One odd place in a file.

    Parameters
    ----------
    line : int
        Line of the file, from 1, on which the record begins.
    what : Message
        What was odd and what was done.
    text : str
        The record's beginning, as it stands in the file.
    """

    line: int
    what: Message
    text: str

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {"line": self.line, "what": self.what.to_json(), "text": self.text}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Problem:
        """Read what :meth:`to_json` wrote."""
        return cls(line=plain["line"], what=Message.from_json(plain["what"]), text=plain["text"])


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a file was read, for the screen beside the preview.

    Parameters
    ----------
    options : ReadingOptions
        The options in force; none of them is ``None``.
    chosen : tuple of str
        The names of those that the user chose; the others were detected.
    quote : str
        The quotation mark.
    n_rows, n_columns : int
        Size of the table.
    missing : mapping of str to int
        How often each of :data:`MISSING` was read as "no value".
    decisions : tuple of Message
        What was decided, and why.
    cautions : tuple of Message
        What may be wrong and should be looked at.
    problems : tuple of Problem
        Odd records in file order, at most :data:`MOST_LISTED`.
    problem_counts : mapping of str to int
        How many problems there are of each message code, listed or not.
    """

    options: ReadingOptions
    chosen: tuple[str, ...]
    quote: str
    n_rows: int
    n_columns: int
    missing: Mapping[str, int]
    decisions: tuple[Message, ...]
    cautions: tuple[Message, ...]
    problems: tuple[Problem, ...]
    problem_counts: Mapping[str, int]

    @property
    def n_problems(self) -> int:
        """How many odd records there are, listed or not."""
        return sum(self.problem_counts.values())

    def problems_frame(self) -> pd.DataFrame:
        """Return the listed problems: ``line``, ``problem``, ``text``."""
        rows = [(problem.line, str(problem.what), problem.text) for problem in self.problems]
        return pd.DataFrame(rows, columns=["line", "problem", "text"])

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {
            "options": self.options.to_json(),
            "chosen": list(self.chosen),
            "quote": self.quote,
            "n_rows": self.n_rows,
            "n_columns": self.n_columns,
            "missing": dict(self.missing),
            "decisions": [said.to_json() for said in self.decisions],
            "cautions": [said.to_json() for said in self.cautions],
            "problems": [problem.to_json() for problem in self.problems],
            "problem_counts": dict(self.problem_counts),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Reading:
        """Read what :meth:`to_json` wrote."""
        return cls(
            options=ReadingOptions.from_json(plain["options"]),
            chosen=tuple(plain["chosen"]),
            quote=plain["quote"],
            n_rows=plain["n_rows"],
            n_columns=plain["n_columns"],
            missing=dict(plain["missing"]),
            decisions=tuple(map(Message.from_json, plain["decisions"])),
            cautions=tuple(map(Message.from_json, plain["cautions"])),
            problems=tuple(map(Problem.from_json, plain["problems"])),
            problem_counts=dict(plain["problem_counts"]),
        )


@dataclass(frozen=True, eq=False)
class TextTable:
    """A table before anything is known about its columns.

    Parameters
    ----------
    frame : DataFrame of shape (n_rows, n_columns)
        All ``str``, NaN for missing; index 0 … n_rows-1. Leading zeros stay.
    reading : Reading
        How it came about.
    """

    frame: pd.DataFrame
    reading: Reading


@dataclass
class _Oddities:
    """Collects problems: counts all, keeps the first."""

    listed: list[Problem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, line: int, text: str, code: str, **parameters: Any) -> None:
        self.counts[code] += 1
        if len(self.listed) < MOST_LISTED:
            what = message(code, **parameters)
            self.listed.append(Problem(line=line, what=what, text=text[:_EXCERPT]))


def read_table(source: Path | bytes, options: ReadingOptions | None = None) -> TextTable:
    """Read a delimited text file (CSV, TSV and their relatives) as a table of text.

    Parameters
    ----------
    source : Path or bytes
        The file.
    options : ReadingOptions, optional
        What the user chose; the rest is detected.

    Raises
    ------
    UserError
        The file is empty or no table, an option does not fit it, or it is beyond the limits on
        columns and line length.

    Notes
    -----
    Records with too many fields keep the first ones, records with too few are filled with missing
    values; both are listed in ``reading.problems``.
    """
    options = options or ReadingOptions()
    _check_options(options)
    content = source if isinstance(source, bytes) else source.read_bytes()
    _require_a_table(content)
    decoded = decode(content, options.encoding)
    del content
    text = decoded.content
    if not text.strip():
        raise UserError("data.empty")
    _require_short_lines(text)
    sample = sample_of(text)
    found = find_dialect(sample, options.delimiter, options.header, options.decimal)
    dialect = found.dialect
    _require_fit(sample, options, dialect)
    names, body_start, naming = _column_names(sample, dialect)
    oddities = _Oddities()
    table = _read_body(text, body_start, names, dialect, oddities)
    if not table.num_rows:
        raise UserError("data.no_rows", columns=listing(names))
    marks = options.marks is not False
    table, missing, said = _cleaned(table, marks)
    reading = Reading(
        options=ReadingOptions(
            encoding=decoded.encoding,
            delimiter=dialect.delimiter,
            header=dialect.header,
            decimal=dialect.decimal,
            marks=marks,
        ),
        chosen=options.chosen,
        quote=dialect.quote,
        n_rows=table.num_rows,
        n_columns=table.num_columns,
        missing=missing,
        decisions=(*decoded.decisions, *found.decisions, *naming, *said),
        cautions=(*decoded.cautions, *_cautions(oddities, table.num_rows)),
        problems=tuple(oddities.listed),
        problem_counts=dict(oddities.counts),
    )
    return TextTable(frame=as_text_frame(table), reading=reading)


def as_text_frame(table: pa.Table) -> pd.DataFrame:
    """Return an Arrow table of text as a frame of pandas' text type."""
    frame: pd.DataFrame = table.to_pandas()
    return frame.astype("str")


def _check_options(options: ReadingOptions) -> None:
    delimiter = options.delimiter
    if delimiter is not None and (len(delimiter) != 1 or delimiter in "\r\n\"'\0"):
        raise UserError("data.bad_delimiter", got=repr(delimiter))
    if options.decimal is not None and options.decimal not in DECIMALS:
        raise UserError("data.bad_decimal", got=repr(options.decimal))


def _require_a_table(content: bytes) -> None:
    if not content:
        raise UserError("data.empty")
    if words := foreign_format(content):
        raise UserError("data.foreign_format", format=words)


def _require_short_lines(text: bytes) -> None:
    start = 0
    while len(text) - start > LONGEST_LINE:
        end = start + LONGEST_LINE + 1
        last = max(text.rfind(b"\n", start, end), text.rfind(b"\r", start, end))
        if last < 0:
            line = text.count(b"\n", 0, start) + 1
            raise UserError("data.long_line", line=line, most=LONGEST_LINE // 2**20)
        start = last + 1


def _require_fit(sample: str, options: ReadingOptions, dialect: Dialect) -> None:
    if dialect.n_columns > MOST_COLUMNS:
        raise UserError("data.too_many_columns", columns=dialect.n_columns, most=MOST_COLUMNS)
    if options.delimiter is None or options.delimiter in sample:
        return
    other = find_dialect(sample, None, options.header, options.decimal).dialect
    if other.n_columns > 1:
        raise UserError(
            "data.delimiter_absent",
            chosen=name_of(options.delimiter),
            found=name_of(other.delimiter),
            columns=other.n_columns,
        )


# Names of columns


def _column_names(sample: str, dialect: Dialect) -> tuple[list[str], int, list[Message]]:
    """Return distinct names, the byte at which the data begin, and what was decided."""
    skipped = _lines(sample, dialect.titles)
    numbered = [f"column_{number}" for number in range(1, dialect.n_columns + 1)]
    if not dialect.header:
        return numbered, len(skipped.encode()), [message("data.decision.numbered_names")]
    rest = sample[len(skipped) :]
    reader = _reader(io.StringIO(rest, newline=""), dialect)
    first: list[str] = []
    while not first:
        first = next(reader, ["column_1"])
    header = _lines(rest, reader.line_num)
    start = len(skipped.encode()) + len(header.encode())
    said: list[Message] = []
    if _lacks_row_names(first, records_of(rest[len(header) :], dialect.delimiter, dialect.quote)):
        first = ["row", *first]
        said.append(message("data.decision.row_names"))
    names = _distinct_names(first, numbered, said)
    return names, start, said


def _lines(text: str, count: int) -> str:
    stream = io.StringIO(text, newline="")
    for _ in range(count):
        stream.readline()
    return text[: stream.tell()]


def _lacks_row_names(first: list[str], records: list[list[str]]) -> bool:
    """Return whether the header leaves out the column of row names, as R's does."""
    full = [record for record in records if len(record) == len(first) + 1]
    if len(full) < max(2, 0.9 * len(records)):
        return False
    row_names = [record[0] for record in full]
    return len(set(row_names)) == len(full) and any(record[-1].strip() for record in full)


def _distinct_names(first: list[str], numbered: list[str], said: list[Message]) -> list[str]:
    names = [" ".join(name.replace("\ufeff", "").split()) for name in first]
    names += [""] * (len(numbered) - len(names))
    empty = sum(not name for name in names)
    if empty:
        said.append(message("data.decision.empty_names", count=empty))
    taken = set(names)
    used: set[str] = set()
    repeated: list[str] = []
    for place, name in enumerate(names):
        wanted = name or f"column_{place + 1}"
        if wanted in used or (not name and wanted in taken):
            repeated.extend([name] if name else [])
            wanted = _free_name(wanted, taken | used)
        names[place] = wanted
        used.add(wanted)
    if repeated:
        said.append(message("data.decision.repeated_names", names=listing(repeated)))
    return names


def _free_name(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


# Records


def _read_body(
    text: bytes, start: int, names: list[str], dialect: Dialect, oddities: _Oddities
) -> pa.Table:
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
    return _read_odd(body, line, names, dialect, oddities, unpaired)


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


def _reader(stream: io.StringIO | io.TextIOWrapper, dialect: Dialect) -> Any:
    csv.field_size_limit(LONGEST_LINE)
    return csv.reader(stream, delimiter=dialect.delimiter, quotechar=dialect.quote)


def _read_odd(
    body: memoryview,
    line: int,
    names: list[str],
    dialect: Dialect,
    oddities: _Oddities,
    unpaired: bool,
) -> pa.Table:
    stream = io.TextIOWrapper(io.BytesIO(body), encoding="utf-8", newline="")
    records = _checked_records(
        _reader(stream, dialect), line, len(names), dialect, oddities, unpaired
    )
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
    reader: Any, line: int, width: int, dialect: Dialect, oddities: _Oddities, unpaired: bool
) -> Iterator[list[str]]:
    before, begins, lines, text = 0, line + 1, 0, ""
    try:
        for record in reader:
            begins, lines = line + before + 1, reader.line_num - before
            before = reader.line_num
            if not record:
                oddities.add(begins, "", "data.problem.empty_line")
                continue
            text = dialect.delimiter.join(record) if lines > 1 else ""
            if problem := _width_problem(len(record), width):
                text = dialect.delimiter.join(record)
                oddities.add(begins, text, problem, got=len(record), expected=width)
                record = (record + [""] * width)[:width]
            if lines > _MOST_LINES_OF_A_RECORD:
                oddities.add(begins, text, "data.problem.many_lines", lines=lines)
            yield record
    except csv.Error as error:
        raise UserError("data.open_quote", line=line + before + 1) from error
    if unpaired and lines > 1:
        oddities.add(begins, text, "data.problem.open_end", lines=lines)


#: A record that spans more lines than this probably has a quotation mark that is never closed.
_MOST_LINES_OF_A_RECORD = 20


def _width_problem(got: int, expected: int) -> str | None:
    if got == expected:
        return None
    return "data.problem.too_many" if got > expected else "data.problem.too_few"


def _cautions(oddities: _Oddities, n_rows: int) -> list[Message]:
    counts = oddities.counts
    said = [
        message(f"data.caution.{name}", count=counts[f"data.problem.{name}"], rows=n_rows)
        for name in ("too_many", "too_few", "open_end", "many_lines", "empty_line")
        if counts[f"data.problem.{name}"]
    ]
    if sum(counts.values()) > MOST_LISTED:
        said.append(message("data.caution.unlisted", most=MOST_LISTED))
    return said


# Missing values


def _cleaned(table: pa.Table, marks: bool) -> tuple[pa.Table, dict[str, int], list[Message]]:
    """Remove spaces around values and replace the words for "no value" by null."""
    words = MISSING if marks else [word for word in MISSING if word not in MARKS]
    tokens = pa.array(words, _TEXT)
    columns: list[pa.ChunkedArray] = []
    found: Counter[str] = Counter()
    trimmed = 0
    for column in table.columns:
        bare = pc.utf8_trim_whitespace(column)
        trimmed += pc.sum(pc.not_equal(bare, column)).as_py() or 0
        absent = pc.is_in(bare, value_set=tokens)
        if pc.any(absent).as_py():
            for entry in pc.value_counts(bare.filter(absent)).to_pylist():
                found[entry["values"]] += entry["counts"]
            bare = pc.if_else(absent, pa.scalar(None, _TEXT), bare)
        columns.append(bare)
    said = [message("data.decision.trimmed", count=trimmed)] if trimmed else []
    if found:
        said.append(_missing_words(found))
    return pa.table(columns, names=table.column_names), dict(found.most_common()), said


def _missing_words(found: Counter[str]) -> Message:
    words = [
        f"“{token}” {count:,} times" if token else f"empty {count:,} times"
        for token, count in found.most_common()
    ]
    return message("data.decision.missing", count=found.total(), tokens=", ".join(words))
