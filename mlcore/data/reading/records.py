"""The records of a table: the fast way where nothing is odd, else record by record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from mlcore.data.dialect import is_comment
from mlcore.data.fields import SPACES, Splitter, Unit, Units, Writing, bare
from mlcore.data.levels import for_each
from mlcore.data.reading.layout import Place
from mlcore.data.reading.looks import Looks, looks_of
from mlcore.data.reading.mending import Mend, Mender
from mlcore.data.reading.repairs import RepairLog

_CHUNK_ROWS = 20_000

#: Plain lines are read the fast way from so many on, and in parts of at most so many.
_LONG_STRETCH = 500
_STRETCH_ROWS = 200_000
_TEXT = pa.large_string()

_BYTE_ORDER_MARK = "\ufeff".encode()

#: Stands for a delimiter of several characters where one is needed.
_ONE = b"\x1f"

#: So many bytes are looked at at once.
_PIECE = 2**20

#: Text of which each different value is kept once; what comes next looks at each only once.
_VALUES = pa.dictionary(pa.int32(), pa.string())

#: A record that spans more lines than this probably has a quotation mark that is never closed.
MOST_LINES_OF_A_RECORD = 20

#: From how many whole records the looks of the columns are taken, and how many are needed.
_LOOKED_AT = 1000
_FEWEST_LOOKED_AT = 4
#: Whole records are looked for in so many lines.
_MOST_LOOKED_THROUGH = 20_000

_MOST_NOTES = 20


# The fast way


def read_clean(
    text: bytes, start: int, header: Sequence[str] | None, width: int, writing: Writing
) -> pa.Table | None:
    """Return the records from a byte on, if nothing at all is odd about them; else ``None``.

    Parameters
    ----------
    text : bytes
        The file in UTF-8.
    start : int
        Where the records begin.
    header : sequence of str or None
        The fields of the header.
    width : int
        How many fields a record has.
    writing : Writing
        How they are divided.
    """
    if len(writing.delimiter) > 1 and (mark := _one_for(writing, text[start:])):
        text, start = text[start:].replace(writing.delimiter.encode(), mark.encode()), 0
        writing = replace(writing, delimiter=mark)
    if not _can_be_clean(writing) or not text[start : start + 1]:
        return None
    end = _end_of_text(text)
    if not text.isascii() and text.find(_BYTE_ORDER_MARK, start) >= 0:
        return None
    if writing.quote and text.find(writing.quote.encode(), start) < 0:
        writing = replace(writing, quote="")
    if writing.quote and not _quotes_are_regular(text, start, writing):
        return None
    body = memoryview(text)[start:end]
    try:
        table = _parsed(body, width, writing, _types(body, width, writing))
    except pa.ArrowInvalid:
        # Some record has another number of fields.
        return None
    n_lines = text.count(b"\n", start, end) + (text[end - 1 : end] != b"\n")
    if n_lines != table.num_rows and (_has_gaps(text, start, end) or _has_many_lines(table)):
        return None
    columns = for_each(pa.ChunkedArray.unify_dictionaries, table.columns)
    table = pa.table(list(columns), names=table.column_names)
    return None if header and _holds(table, header) else table


def _can_be_clean(writing: Writing) -> bool:
    delimiter = writing.delimiter
    return len(delimiter) == 1 and delimiter.isascii() and delimiter not in SPACES


def _one_for(writing: Writing, text: bytes) -> str:
    """Return a character that can stand for a delimiter of several, or nothing."""
    quote = writing.quote.encode()
    if writing.delimiter in SPACES or _ONE in text or (quote and quote in text):
        return ""
    return _ONE.decode()


def _end_of_text(text: bytes) -> int:
    """Return where the empty lines at the end begin, and one line end before them ends."""
    end = len(text)
    while end and text[end - 1] in b"\r\n":
        end -= 1
    return min(end + (2 if text[end : end + 2] == b"\r\n" else 1), len(text))


def _has_gaps(text: bytes, start: int, end: int) -> bool:
    gaps = (b"\n\n", b"\n\r", b"\r\r")
    return any(text.find(gap, start, end) >= 0 for gap in gaps)


def _holds(table: pa.Table, header: Sequence[str]) -> bool:
    """Return whether the header stands among the records once more."""
    same = pa.chunked_array([_are(part, header[0]) for part in table.column(0).chunks])
    if not pc.any(same).as_py():
        return False
    return list(header) in [list(row.values()) for row in table.filter(same).to_pylist()]


def _are(cells: pa.Array, value: str) -> pa.Array:
    """Return for each cell whether it is a value."""
    if not pa.types.is_dictionary(cells.type):
        return pc.equal(cells, value)
    return pc.equal(cells.indices, pc.index(cells.dictionary, value))


def _quotes_are_regular(text: bytes, start: int, writing: Writing) -> bool:
    """Return whether quotation marks open fields and close them in turn, or stand side by side.

    A mark in the middle of a field turns this round for what follows, and so for where rows end.
    """
    quote = writing.quote.encode()
    codes = np.frombuffer(text, np.uint8)
    found = [
        np.flatnonzero(codes[first : first + _PIECE] == quote[0]) + first
        for first in range(start, len(codes), _PIECE)
    ]
    places = np.concatenate(found)
    if writing.escape or len(places) % 2:
        return False
    ends = np.zeros(256, bool)
    ends[[*writing.delimiter.encode(), *quote, *b"\r\n"]] = True
    opening, closing = places[::2], places[1::2]
    opened = ends[codes[opening - 1]] | (opening == start)
    closed = ends[codes[np.minimum(closing + 1, len(codes) - 1)]]
    return bool(opened.all() and closed.all())


def _types(body: memoryview, width: int, writing: Writing) -> list[pa.DataType]:
    """Return what to keep of each column: each different value once, or where most differ, all.

    The beginning decides; either way the same cells are read.
    """
    try:
        # The last record may be cut in two.
        head = _parsed(body[:_PIECE], width, writing, [_TEXT] * width, lambda _: "skip")
    except pa.ArrowInvalid:
        return [_VALUES] * width
    most = head.num_rows // 2
    return [_TEXT if pc.count_distinct(column).as_py() > most else _VALUES for column in head]


def _parsed(
    body: memoryview,
    width: int,
    writing: Writing,
    types: Sequence[pa.DataType],
    odd: Callable[[pa_csv.InvalidRow], str] | None = None,
) -> pa.Table:
    names = [f"f{place}" for place in range(width)]
    return pa_csv.read_csv(
        pa.BufferReader(pa.py_buffer(body)),
        read_options=pa_csv.ReadOptions(column_names=names, block_size=2**23),
        parse_options=pa_csv.ParseOptions(
            delimiter=writing.delimiter,
            quote_char=writing.quote or False,
            newlines_in_values=bool(writing.quote),
            invalid_row_handler=odd,
        ),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict(zip(names, types, strict=True)),
            strings_can_be_null=False,
            check_utf8=False,
        ),
    )


def _has_many_lines(table: pa.Table) -> bool:
    parts = (part for column in table.columns for part in column.chunks)
    values = (part.dictionary if pa.types.is_dictionary(part.type) else part for part in parts)
    return any(
        (pc.max(pc.count_substring(some, "\n")).as_py() or 0) >= MOST_LINES_OF_A_RECORD
        for some in values
    )


def without_empty_end(table: pa.Table, text: bytes, writing: Writing) -> pa.Table:
    """Leave out the rows of delimiters alone that spreadsheets write below a table.

    One such row, or one between others, may be a case of which nothing is known, and stays; so
    does one whose cells stand in quotation marks.
    """
    if table.num_columns < 2:
        return table
    end = text[len(text.rstrip(f"{writing.delimiter} \t\r\n".encode())) :]
    mark = writing.delimiter.encode()
    count = min(sum(mark in line for line in end.splitlines()[1:]), table.num_rows)
    n_rows = table.num_rows - count
    if count < 2 or n_empty_rows(table.slice(n_rows)) < count:
        return table
    return table.slice(0, n_rows)


def n_empty_rows(table: pa.Table) -> int:
    """Return how many rows of a table hold nothing but spaces."""
    empty = pa.scalar(True)
    for column in table.columns:
        empty = pc.and_(empty, pa.chunked_array(map(_are_blank, column.chunks), pa.bool_()))
        if not pc.any(empty).as_py():
            return 0
    return pc.sum(empty).as_py() or 0


def _are_blank(cells: pa.Array) -> pa.Array:
    """Return for each cell whether there is nothing in it but spaces."""
    if not pa.types.is_dictionary(cells.type):
        return pc.equal(pc.utf8_trim(cells, " \t"), "")
    return pc.equal(pc.utf8_trim(cells.dictionary, " \t"), "").take(cells.indices)


# Record by record


@dataclass(frozen=True, kw_only=True)
class Body:
    """The records of a table below its header.

    Parameters
    ----------
    lines : sequence of str
        The lines of the file, with their ends.
    place : Place
        Where the table stands.
    first : int
        The line of the first record.
    last : int
        The line up to which notes below the table reach.
    header : list of str or None
        The fields of the header.
    width : int
        How many fields a record should have.
    comment : str
        How comment lines begin; empty for none.
    pairs : tuple of int
        Fields to be joined with the next one, as all numbers were divided at their decimal comma.
    undone : frozenset of int
        Lines, from 1, whose mend is taken back.
    """

    lines: Sequence[str]
    place: Place
    first: int
    last: int
    header: list[str] | None
    width: int
    comment: str
    pairs: tuple[int, ...]
    undone: frozenset[int]

    def are_special(self, lines: Sequence[str], writing: Writing) -> list[bool]:
        """Return of lines of the usual width whether they may be no records all the same."""
        starts: tuple[str, ...] = (self.comment,) if self.comment else ()
        if self.header is not None:
            first, quote = self.header[0], writing.quote
            marked = first.replace(quote, quote * 2) if quote else first
            starts += (f"{first}{writing.delimiter}", f"{quote}{marked}{quote}{writing.delimiter}")
        return [text.startswith(starts) for text in lines]


@dataclass
class Lost:
    """What of a file is in no row: filled cells, and lines."""

    cells: int = 0
    lines: int = 0


def read_odd(body: Body, units: Units, log: RepairLog) -> tuple[pa.Table, Lost]:
    """Return the records of a table, mended where the evidence is clear.

    Parameters
    ----------
    body : Body
        What to read.
    units : Units
        The records of the file; its width is that of ``body.place``.
    log : RepairLog
        Takes what is odd.
    """
    lost = Lost()
    rows = _rows(body, units, log, lost)
    return _in_chunks(rows, body, units.splitter.writing), lost


def _in_chunks(rows: Iterable[list[str] | range], body: Body, writing: Writing) -> pa.Table:
    """Return rows, and stretches of lines that are plain records, as one table."""
    chunks: list[pa.Table] = []
    some: list[list[str]] = []
    for row in rows:
        if isinstance(row, range):
            chunks += [
                _chunk(some, body.width),
                _stretch(body.lines[row.start : row.stop], body.width, writing),
            ]
            some = []
            continue
        some.append(row)
        if len(some) == _CHUNK_ROWS:
            chunks.append(_chunk(some, body.width))
            some = []
    chunks.append(_chunk(some, body.width))
    return pa.concat_tables(chunks).unify_dictionaries()


def _chunk(rows: list[list[str]], width: int) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [()] * width
    names = [f"f{place}" for place in range(width)]
    return pa.table(
        [pa.array(column, pa.string()).cast(_VALUES) for column in columns], names=names
    )


def _stretch(lines: Sequence[str], width: int, writing: Writing) -> pa.Table:
    """Return lines as a table that are plain records of the usual width, the fast way."""
    if _can_be_clean(writing):
        with suppress(pa.ArrowInvalid):
            text = "".join(lines).encode()
            table = _parsed(memoryview(text), width, writing, [_VALUES] * width)
            if table.num_rows == len(lines):
                return table
    splitter = Splitter(writing)
    return _chunk([splitter.split(bare(line)).cells for line in lines], width)


def _plain_lines(body: Body, units: Units) -> npt.NDArray[np.bool_]:
    """Return of each line of a body whether it is a plain record of the usual width."""
    lines, writing = body.lines[body.first : body.last], units.splitter.writing
    mark = writing.delimiter
    known = zip(lines, units.widths[body.first : body.last], strict=True)
    # Tabs alone are a record without values.
    widths = np.array([n or text.isspace() * (text.count(mark) + 1) for text, n in known], np.int32)
    plain: npt.NDArray[np.bool_] = (widths == body.width) & (body.width > 1)
    # What follows without a delimiter may be the end of a record's last field.
    inside = max(body.place.last - body.first, 1)
    plain[: inside - 1] &= widths[1:inside] != 1
    plain &= ~np.array(body.are_special(lines, writing), bool)
    return plain


def _stretches(plain: npt.NDArray[np.bool_], first: int) -> Iterator[range]:
    """Yield where many plain lines stand together, in parts that take little room."""
    edges = np.flatnonzero(np.diff(plain, prepend=False, append=False)).tolist()
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start >= _LONG_STRETCH:
            for part in range(start, end, _STRETCH_ROWS):
                yield range(first + part, first + min(part + _STRETCH_ROWS, end))


def _rows(body: Body, units: Units, log: RepairLog, lost: Lost) -> Iterator[list[str] | range]:
    mender = _mender(body, units)
    pending: list[Unit] = []
    line = body.first
    plain = _plain_lines(body, units)
    stretches = _stretches(plain, body.first)
    stretch = next(stretches, None)
    while line < body.last:
        while stretch and stretch.stop <= line:
            stretch = next(stretches, None)
        if stretch and stretch.start <= line and not pending:
            yield range(line, stretch.stop)
            line = stretch.stop
            continue
        text = body.lines[line]
        if plain[line - body.first] and not pending:
            yield units.splitter.split(bare(text)).cells
            line += 1
            continue
        if not text.strip():
            log.add(line + 1, "", "", "empty_line")
            line += 1
            continue
        unit, mend = _read_at(line, body, units, mender)
        line += unit.n_lines if mend is None else mend.n_lines
        if _may_be_note(unit, mend, body, mender) and len(pending) < _MOST_NOTES:
            pending.append(unit)
            continue
        for short in pending:
            yield from _noted(mender.as_it_is(short), short, body, mender, log, lost).rows
        pending = []
        if mend is not None:
            yield from _noted(mend, unit, body, mender, log, lost).rows
            continue
        if unit.n_lines > MOST_LINES_OF_A_RECORD:
            said = _shown(unit.cells, units)
            log.add(unit.line + 1, said, said, "many_lines", lines=unit.n_lines)
        yield unit.cells
    for note in pending:
        mend = Mend(rows=[], n_lines=note.n_lines, code="footer")
        made = _noted(mend, note, body, mender, log, lost)
        lost.lines += not made.rows
        yield from made.rows


def _read_at(line: int, body: Body, units: Units, mender: Mender) -> tuple[Unit, Mend | None]:
    """Return the record that begins on a line, and what to make of it if it is odd."""
    text = body.lines[line]
    if is_comment(text, body.comment):
        unit = Unit(line, 1, units.splitter.split(bare(text)))
        code = "comment_row" if len(unit.cells) == body.width > 1 else "comment"
        return unit, Mend(rows=[], n_lines=1, code=code)
    unit = _paired(units.at(line), body.pairs)
    return unit, mender.mend(unit)


def _may_be_note(unit: Unit, mend: Mend | None, body: Body, mender: Mender) -> bool:
    """Return whether a record is a note if no other follows: it has one field, and a row more."""
    if unit.line >= body.place.last:
        return mend is None or not mend.code.startswith("comment")
    if mend is None or mend.code != "too_few" or len(unit.cells) > 1 or unit.split.stray:
        return False
    after_gap = not body.lines[unit.line - 1].strip()
    fits = mender.looks is not None and mender.looks.columns[0].fits(unit.cells[0]) == 1
    return after_gap or not (fits or body.width == 2)


def _noted(mend: Mend, unit: Unit, body: Body, mender: Mender, log: RepairLog, lost: Lost) -> Mend:
    """Note a mend in the log, and return it, or the record as it is when it was taken back."""
    units = mender.units
    before = "".join(body.lines[unit.line : unit.line + mend.n_lines]).rstrip("\r\n")
    undone = unit.line + 1 in body.undone and mend.code not in KEPT
    made = _as_they_stand(unit.line, unit.line + mend.n_lines, body, mender) if undone else mend
    after = "\n".join(_shown(row, units) for row in made.rows)
    log.add(unit.line + 1, before, after, mend.code, undone=undone, **mend.parameters)
    lost.cells += made.lost
    return made


def _as_they_stand(first: int, last: int, body: Body, mender: Mender) -> Mend:
    """Return the records of some lines without a mend: none of the lines may go missing."""
    found = [
        mender.as_it_is(_paired(unit, body.pairs))
        for unit in mender.units.between(first, last)
        if "".join(unit.cells).strip()
    ]
    rows = [row for each in found for row in each.rows]
    lost = sum(each.lost for each in found)
    return Mend(rows=rows, n_lines=last - first, code="kept", lost=lost)


def _shown(cells: Sequence[str], units: Units) -> str:
    return units.splitter.writing.delimiter.join(cells)


#: Codes of places that were not mended, so that there is nothing to take back.
KEPT = frozenset({"too_few", "too_many", "many_lines", "empty_line", "kept", "other_encoding"})


def _paired(unit: Unit, pairs: tuple[int, ...]) -> Unit:
    """Join the two halves of numbers that were divided at their decimal comma."""
    if not pairs or max(pairs) + 1 >= len(unit.cells):
        return unit
    cells = list(unit.cells)
    for place in reversed(pairs):
        cells[place : place + 2] = [f"{cells[place]},{cells[place + 1]}"]
    return Unit(unit.line, unit.n_lines, type(unit.split)(cells, unit.split.stray, False))


def _mender(body: Body, units: Units) -> Mender:
    records: list[list[str]] = []
    quoted = 0
    quote = units.splitter.writing.quote
    line = body.first
    last = min(body.place.last, body.first + _MOST_LOOKED_THROUGH)
    while line < last and len(records) < _LOOKED_AT:
        unit = _paired(units.at(line), body.pairs)
        if len(unit.cells) == body.width and not unit.split.stray and unit.cells != body.header:
            records.append(unit.cells)
            marks = body.lines[line].count(quote) if quote else 0
            quoted += marks >= body.width
        line += unit.n_lines
    looks: Looks | None = looks_of(records) if len(records) >= _FEWEST_LOOKED_AT else None
    return Mender(
        units=units,
        last=body.place.last,
        width=body.width,
        looks=looks,
        header=body.header,
        quoted=quoted > 0.5 * len(records),
    )
