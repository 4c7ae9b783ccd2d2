"""Delimited text: the dialect, where the table stands, its names and its records."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import numpy as np
import pyarrow as pa

from mlcore.data.dialect import (
    LONGEST_LINE,
    SAMPLE_ROWS,
    Found,
    comment_prefix,
    find_decimal,
    find_header,
    find_writing,
    hinted_delimiter,
    is_comment,
    name_of,
    sample_of,
    usual_width,
    without_comments,
)
from mlcore.data.encoding import Decoded
from mlcore.data.fields import Effort, Splitter, Units, Writing, bare
from mlcore.data.reading.doubtful_rows import doubtful_rows, headers_again, taken_back
from mlcore.data.reading.layout import Place, find_tables, largest_of
from mlcore.data.reading.names import distinct_names, lacks_row_names, numbered_names
from mlcore.data.reading.options import ReadingOptions
from mlcore.data.reading.records import (
    Body,
    Lost,
    n_empty_rows,
    read_clean,
    read_odd,
    without_empty_end,
)
from mlcore.data.reading.repairs import RepairLog
from mlcore.data.reading.result import Reading, TablePlace
from mlcore.errors import UserError
from mlcore.messages import Message, listing, message

MOST_COLUMNS = 10_000

_BYTE_ORDER_MARK = "\ufeff"
_DIGITS = re.compile(r"\d+")
_SIGNED_DIGITS = re.compile(r"[+\-−]?\d{1,12}")
_MOSTLY = 0.95


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """The chosen table, and what names its columns.

    Parameters
    ----------
    writing : Writing
        How fields are divided.
    comment : str
        How comment lines begin; empty for none.
    tables : list of Place
        All tables that were found.
    number : int
        Which of them is read.
    header : list of str or None
        The fields of the header.
    first : int
        The line of the first record.
    width : int
        How many columns there are.
    names : list of str
        Theirs.
    pairs : tuple of int
        Fields to be joined with the next one: see :class:`~mlcore.data.reading.records.Body`.
    decimal : str
        The decimal mark.
    decisions, cautions : tuple of Message
        Why all that was concluded, and what may be wrong.
    """

    writing: Writing
    comment: str
    tables: list[Place]
    number: int
    header: list[str] | None
    first: int
    width: int
    names: list[str]
    pairs: tuple[int, ...]
    decimal: str
    decisions: tuple[Message, ...]
    cautions: tuple[Message, ...]

    @property
    def place(self) -> Place:
        """Where the table stands."""
        return self.tables[self.number]


def read_delimited(
    decoded: Decoded, options: ReadingOptions, log: RepairLog
) -> tuple[pa.Table, Reading]:
    """Return the table of a delimited text with every cell as it stands there, and how it was read.

    Parameters
    ----------
    decoded : Decoded
        The text.
    options : ReadingOptions
        What the user chose; the rest is detected.
    log : RepairLog
        Takes what is odd.

    Raises
    ------
    UserError
        It has no rows, an option does not fit it, or it is beyond the limits on columns and line
        length.
    """
    _require_short_lines(decoded.content)
    decoded = replace(decoded, content=_without_end_sign(decoded.content))
    decoded, sample = _undressed(decoded, options)
    text = decoded.content
    layout = _laid_out(sample, options)
    _require_fit(sample, options, layout)
    table, lost = _read_fast(text, sample, layout), Lost()
    if table is None or options.undone or decoded.foreign:
        lines = _without_marks(_lines_of(text.decode("utf-8")), log)
        layout = _laid_out(lines, options)
        _require_fit(lines[:SAMPLE_ROWS], options, layout)
        for one in decoded.foreign:
            log.add(one.line, one.text, one.text, "other_encoding")
        table, lost = _read_carefully(lines, layout, options, log)
    n_rows = table.num_rows
    table = without_empty_end(table, text, layout.writing)
    if not table.num_rows:
        raise UserError("data.no_rows", columns=listing(layout.names))
    table = table.rename_columns(layout.names)
    table, dropped = _without_closing_delimiter(table, layout)
    left_out = [*_left_out(log, dropped), *_empty_rows(table, n_rows)]
    return table, _reading(table, layout, decoded, options, log, lost, left_out)


def _without_end_sign(text: bytes) -> bytes:
    """Return a text without the sign that old programs write behind its last line."""
    last = text[-4:].rstrip(b"\r\n")
    return text[: text.rindex(b"\x1a")] if last.endswith(b"\x1a") else text


def _lines_of(text: str) -> list[str]:
    return list(io.StringIO(text, newline=""))


def _require_short_lines(text: bytes) -> None:
    start = 0
    while len(text) - start > LONGEST_LINE:
        end = start + LONGEST_LINE + 1
        last = max(text.rfind(b"\n", start, end), text.rfind(b"\r", start, end))
        if last < 0:
            line = text.count(b"\n", 0, start) + 1
            raise UserError("data.long_line", line=line, most=LONGEST_LINE // 2**20)
        start = last + 1


def _require_fit(lines: Sequence[str], options: ReadingOptions, layout: _Layout) -> None:
    if layout.width > MOST_COLUMNS:
        raise UserError("data.too_many_columns", columns=layout.width, most=MOST_COLUMNS)
    if options.delimiter is None or any(options.delimiter in line for line in lines):
        return
    other = _laid_out(lines, replace(options, delimiter=None))
    if other.width > 1:
        raise UserError(
            "data.delimiter_absent",
            chosen=name_of(options.delimiter),
            found=name_of(other.writing.delimiter),
            columns=other.width,
        )


# Where what stands


def _laid_out(lines: Sequence[str], options: ReadingOptions) -> _Layout:
    hinted = _hinted(lines, options)
    start = options.skip or (0 if hinted is None else 1)
    some = lines[start : start + 2 * SAMPLE_ROWS]
    found, comment = _written(some, hinted, options)
    splitter = Splitter(found.writing)
    first = find_tables(Units(some, splitter, None, Effort.for_text(some)), comment)
    width = first[largest_of(first)].width
    units = Units(lines, splitter, width, Effort.for_text(lines))
    tables, number = _tables(units, comment, start, options)
    units = replace(units, width=tables[number].width)
    if units.width and units.width > MOST_COLUMNS:
        raise UserError("data.too_many_columns", columns=units.width, most=MOST_COLUMNS)
    return _named(units, tables, number, comment, options, found)


def _hinted(lines: Sequence[str], options: ReadingOptions) -> str | None:
    """Return the delimiter that the first line names, where nothing was chosen."""
    if options.skip is not None or options.delimiter is not None or not lines:
        return None
    return hinted_delimiter(bare(lines[0]))


def _written(some: Sequence[str], hinted: str | None, options: ReadingOptions) -> tuple[Found, str]:
    """Return how fields are divided in the first lines, and how comments begin."""
    comment = comment_prefix(some) if options.comment is None else options.comment
    body = without_comments(some, comment) or some
    found = find_writing(body, options.delimiter or hinted, options.quote, options.escape)
    if hinted is not None:
        said = message("data.decision.delimiter_hint", delimiter=name_of(hinted))
        found = replace(found, decisions=(said, *found.decisions[1:]))
    splitter = Splitter(found.writing)
    if options.comment is None and (rows := _rows_like_comments(some, comment, splitter)):
        doubt = message("data.caution.not_comments", sign=comment, count=rows)
        return replace(found, cautions=(*found.cautions, doubt)), ""
    return found, "" if comment == found.writing.delimiter else comment


def _tables(
    units: Units, comment: str, start: int, options: ReadingOptions
) -> tuple[list[Place], int]:
    """Return the tables of a text, and which of them is read."""
    tables = find_tables(units, comment, start)
    if options.skip is None:
        chosen = options.table
        return tables, largest_of(tables) if chosen is None else min(chosen, len(tables) - 1)
    # One of several ends before the next; otherwise all that follows belongs to it.
    following = [] if options.table is None else tables[1:]
    return [_from(tables[0], start, units.lines), *following], 0


def _undressed(decoded: Decoded, options: ReadingOptions) -> tuple[Decoded, list[str]]:
    """Return a text without what stands around each of its lines, and its first lines."""
    text = decoded.content
    sample = _lines_of(sample_of(text))
    if options.quote is None and _are_wrapped(sample):
        text = _WRAPPED.sub(lambda line: line[1].replace(b'""', b'"'), text)
        cautions = (*decoded.cautions, message("data.caution.wrapped"))
        decoded = replace(decoded, content=text, cautions=cautions)
    elif (place := _rule_place(sample)) is not None:
        has_bars = "|" in sample[place - 1]
        if has_bars and options.delimiter not in (None, "|"):
            return decoded, sample
        text = _without_rules(text, place)
        said = message("data.decision.markdown" if has_bars else "data.decision.rules")
        decoded = replace(decoded, content=text, decisions=(*decoded.decisions, said))
    else:
        return decoded, sample
    return decoded, _lines_of(sample_of(text))


#: A line of dashes, as it is drawn between names and rows, and so many lines above it.
_RULE = re.compile(r"[|+]?\s*:?[-=]+:?(?:[|+,;\s]+:?[-=]+:?)*\s*[|+]?")
_MOST_ABOVE = 30


def _rule_place(lines: Sequence[str]) -> int | None:
    """Return the line of dashes that stands right below names, as in Markdown, if there is one."""
    for place, (names, rule) in enumerate(pairwise(lines[:_MOST_ABOVE])):
        if _RULE.fullmatch(rule.strip()) and _is_rule_below(names.strip(), rule.strip()):
            return place + 1
    return None


def _is_rule_below(names: str, rule: str) -> bool:
    """Return whether a line of dashes has as many parts as there are names above it."""
    parts = re.findall("[-=]+", rule)
    if not names or _RULE.fullmatch(names) or ("|" not in names and {*"|+"} & {*rule}):
        return False
    if "|" in names:
        count = names.strip("|").count("|") + 1
        return len(parts) == count if len(parts) > 1 or "|" in rule else len(rule) >= len(names) - 1
    mark = next((mark for mark in ",;\t" if mark in rule), None)
    if mark is not None:
        return min(map(len, parts)) > 2 and names.count(mark) + 1 == len(parts)
    return 1 < len(parts) <= len(names.split()) and min(map(len, parts)) > 1


def _without_rules(text: bytes, place: int) -> bytes:
    """Return a text without its lines of dashes, and without bars at the ends of lines.

    The names stand in place of the first of them, so that rows keep their line numbers.
    """
    lines = text.splitlines()
    rule, names = lines[place].strip(), lines[place - 1]
    lines[place - 1 : place + 1] = [b"", names]
    lines = [b"" if line.strip() == rule else line for line in lines]
    if b"|" in names:
        below = (line.strip() for line in lines[place:])
        lines[place:] = [line.removeprefix(b"|").removesuffix(b"|") for line in below]
    return b"\n".join(lines) + b"\n"


_WRAPPED = re.compile(rb'^"((?:[^"\r\n]|"")*)"(?=\r?$)', re.MULTILINE)


def _are_wrapped(lines: Sequence[str]) -> bool:
    """Return whether each line is one value in quotation marks that is a record itself."""
    written = [bare(line).encode() for line in lines if not line.isspace()]
    if len(written) < 2 or not all(map(_WRAPPED.fullmatch, written)):
        return False
    inside = [line[1:-1].replace(b'""', b'"').decode() for line in written]
    found = find_writing(inside)
    widths = [len(Splitter(found.writing).split(line).cells) for line in inside]
    return widths[0] > 1 and widths.count(widths[0]) >= _MOSTLY * len(widths)


def _rows_like_comments(lines: Sequence[str], comment: str, splitter: Splitter) -> int:
    """Return how many lines begin as comments do if most of those have the fields of a row."""
    if not comment:
        return 0
    widths = [0 if line.isspace() else len(splitter.split(bare(line)).cells) for line in lines]
    marked = np.array([is_comment(line, comment) for line in lines], dtype=np.bool_)
    width = usual_width([n for n, mark in zip(widths, marked, strict=True) if n and not mark])
    # Those above the table are about it.
    marked[: int(np.argmin(marked))] = False
    rows = int((marked & (np.array(widths) == width)).sum())
    return rows if width > 1 and rows > marked.sum() / 2 else 0


def _from(place: Place, start: int, lines: Sequence[str]) -> Place:
    """Return a place that begins where the user says, titles or not."""
    first = start
    while first < len(lines) - 1 and not lines[first].strip():
        first += 1
    return replace(place, first=min(first, place.last))


def _named(
    units: Units,
    tables: list[Place],
    number: int,
    comment: str,
    options: ReadingOptions,
    found: Found,
) -> _Layout:
    place = tables[number]
    records, second = _first_records(units, place, comment)
    head = _head(records, place.width, units, comment, options.header)
    below = records if head.header is None else records[1:]
    chosen = "," if head.pairs else options.decimal
    mark = units.splitter.writing.delimiter
    decimal, decimal_why = find_decimal(below[:SAMPLE_ROWS], chosen, mark)
    said = [*found.decisions, head.why, decimal_why, *head.naming]
    if skipped := sum(bool(line.strip()) for line in units.lines[: place.first]):
        said.append(message("data.decision.titles", lines=skipped))
    return _Layout(
        writing=units.splitter.writing,
        comment=comment,
        tables=tables,
        number=number,
        header=head.header,
        first=place.first if head.header is None else second,
        width=len(head.names),
        names=head.names,
        pairs=head.pairs,
        decimal=decimal,
        decisions=tuple(said),
        cautions=(*found.cautions, *head.cautions),
    )


@dataclass(frozen=True, kw_only=True)
class _Head:
    """The header of a table and the names that follow from it; see :class:`_Layout`."""

    header: list[str] | None
    names: list[str]
    pairs: tuple[int, ...] = ()
    why: Message
    naming: list[Message]
    cautions: tuple[Message, ...] = ()


def _head(
    records: list[list[str]], width: int, units: Units, comment: str, chosen: bool | None
) -> _Head:
    is_shifted = chosen is not False and bool(records) and lacks_row_names(records[0], records[1:])
    shifted = [["", *records[0]], *records[1:]] if is_shifted else records
    has_header, why = find_header(shifted, chosen)
    if not records or not (has_header or is_shifted):
        naming = [message("data.decision.numbered_names")]
        return _Head(header=None, names=numbered_names(width), why=why, naming=naming)
    if not has_header:
        why = message("data.decision.header_default")
    header, below = _without_sign(records[0], comment), records[1:]
    while len(header) > width and not header[-1].strip():
        # A delimiter too many in the header only.
        header = header[:-1]
    if is_shifted:
        names, naming = distinct_names(["row", *header], max(width, len(header) + 1))
        naming = [message("data.decision.row_names"), *naming]
        return _Head(header=records[0], names=names, why=why, naming=naming)
    pairs = _divided_numbers(header, below, width, units)
    cautions: list[Message] = []
    width = len(header) if pairs else max(width, len(header))
    if any(cell.strip() for row in below for cell in row[len(header) :]) and not pairs:
        facts = {"names": len(header), "columns": width}
        cautions += [message("data.caution.names_fewer", **facts)] if len(header) < width else []
    names, naming = distinct_names(header, width)
    if pairs:
        joined = listing(names[place - nth] for nth, place in enumerate(pairs))
        cautions.append(message("data.caution.commas_joined", names=joined))
    return _Head(
        header=records[0],
        names=names,
        pairs=pairs,
        why=why,
        naming=naming,
        cautions=tuple(cautions),
    )


def _first_records(units: Units, place: Place, comment: str) -> tuple[list[list[str]], int]:
    """Return the first records of a table, and the line behind the first of them."""
    records: list[list[str]] = []
    line, second = place.first, place.first
    while line < place.last and len(records) < SAMPLE_ROWS:
        unit = units.at(line)
        text = units.lines[line]
        if text.strip() and not (line > place.first and is_comment(text, comment)):
            records.append(unit.cells)
            if len(records) == 1:
                second = line + unit.n_lines
        line += unit.n_lines
    return records, second


def _without_sign(header: list[str], comment: str) -> list[str]:
    """Return a header without the sign of a comment before its first name."""
    first = header[0].removeprefix(comment).strip() if comment else ""
    return [first, *header[1:]] if first else header


def _divided_numbers(
    header: list[str], below: list[list[str]], width: int, units: Units
) -> tuple[int, ...]:
    """Return which fields are the first half of a number with an unquoted decimal comma.

    The records then have more fields than the header, and just so many neighbours are digits.
    """
    full = [record for record in below if len(record) == width]
    missing = width - len(header)
    if units.splitter.writing.delimiter != "," or missing < 1 or len(full) < 5:
        return ()
    columns = list(zip(*full, strict=True))
    if not all(any(cell.strip() for cell in column) for column in columns):
        return ()
    pairs = [
        place
        for place in range(width - 1)
        if _all_match(_SIGNED_DIGITS, columns[place]) and _all_match(_DIGITS, columns[place + 1])
    ]
    apart = all(after - before > 1 for before, after in zip(pairs, pairs[1:], strict=False))
    return tuple(pairs) if len(pairs) == missing and apart else ()


def _all_match(pattern: re.Pattern[str], cells: Sequence[str]) -> bool:
    return sum(bool(pattern.fullmatch(cell.strip())) for cell in cells) >= _MOSTLY * len(cells)


# Reading


def _read_fast(text: bytes, sample: Sequence[str], layout: _Layout) -> pa.Table | None:
    if layout.pairs or len(layout.tables) > 1:
        return None
    if layout.comment and f"\n{layout.comment}".encode() in text:
        return None
    start = sum(len(line.encode()) for line in sample[: layout.first])
    return read_clean(text, start, layout.header, layout.width, layout.writing)


def _without_marks(lines: list[str], log: RepairLog) -> list[str]:
    """Remove byte-order marks at the beginning of lines, where files were put together."""
    for place, line in enumerate(lines):
        if line.startswith(_BYTE_ORDER_MARK):
            lines[place] = line.lstrip(_BYTE_ORDER_MARK)
            log.add(place + 1, line.rstrip("\r\n"), lines[place].rstrip("\r\n"), "mark_inside")
    return lines


def _read_carefully(
    lines: list[str], layout: _Layout, options: ReadingOptions, log: RepairLog
) -> tuple[pa.Table, Lost]:
    width = layout.place.width
    units = Units(lines, Splitter(layout.writing), width, Effort.for_text(lines))
    following = layout.tables[layout.number + 1 :]
    body = Body(
        lines=lines,
        place=layout.place,
        first=layout.first,
        last=layout.place.last if following else len(lines),
        header=layout.header,
        width=layout.width,
        comment=layout.comment,
        pairs=layout.pairs,
        undone=frozenset(options.undone),
    )
    return read_odd(body, units, log)


def _without_closing_delimiter(table: pa.Table, layout: _Layout) -> tuple[pa.Table, bool]:
    """Leave out a last column that has no name and no value: each line ends with a delimiter."""
    header = layout.header
    if header is None or table.num_columns < 2 or "".join(header[table.num_columns - 1 :]).strip():
        return table, False
    last = table.column(table.num_columns - 1)
    if any(cell for cell in last.unique().to_pylist()):
        return table, False
    return table.remove_column(table.num_columns - 1), True


# What is said of it


def _reading(
    table: pa.Table,
    layout: _Layout,
    decoded: Decoded,
    options: ReadingOptions,
    log: RepairLog,
    lost: Lost,
    left_out: list[Message],
) -> Reading:
    options_in_force = _in_force(layout, decoded, options)
    said = [*decoded.decisions, *layout.decisions, *left_out]
    cautions = [*decoded.cautions, *layout.cautions, *_cautions(log, table.num_rows, lost)]
    cautions += _of_tables(layout)
    named = partial(_named_rows, table, decoded.content, layout)
    cautions += doubtful_rows(table, options_in_force, named)
    return Reading(
        options=options_in_force,
        chosen=options.chosen,
        n_rows=table.num_rows,
        n_columns=table.num_columns,
        missing={},
        decisions=tuple(said),
        cautions=tuple(cautions),
        repairs=tuple(sorted(log.listed, key=lambda repair: repair.line)),
        repair_counts=dict(log.counts),
        tables=tuple(_places(layout)),
    )


def _in_force(layout: _Layout, decoded: Decoded, options: ReadingOptions) -> ReadingOptions:
    return ReadingOptions(
        encoding=decoded.encoding,
        delimiter=layout.writing.delimiter,
        quote=layout.writing.quote,
        escape=layout.writing.escape,
        header=layout.header is not None,
        skip=layout.place.first,
        comment=layout.comment,
        table=layout.number,
        decimal=layout.decimal,
        thousands=options.thousands,
        dates=options.dates,
        marks=options.marks is not False,
        undone=options.undone,
    )


def _empty_rows(table: pa.Table, before: int) -> Iterator[Message]:
    """Yield how many rows without any value were left out, and how many were not."""
    n_rows = table.num_rows
    if n_rows < before:
        yield message("data.decision.empty_rows", count=before - n_rows, rows=n_rows)
    if table.num_columns > 1 and (count := n_empty_rows(table)):
        yield message("data.decision.empty_rows_kept", count=count, rows=n_rows)


def _left_out(log: RepairLog, dropped: bool) -> list[Message]:
    said = [message("data.decision.closing_delimiter")] if dropped else []
    for code in ("comment", "empty_line"):
        if count := log.counts[f"data.repair.{code}"]:
            said.append(message(f"data.decision.{code}s", count=count))
    return said


def _places(layout: _Layout) -> Iterator[TablePlace]:
    for place in layout.tables:
        n_rows = place.n_records - (layout.header is not None)
        yield TablePlace(first_line=place.first + 1, n_rows=n_rows, n_columns=place.width)


def _named_rows(
    table: pa.Table, text: bytes, layout: _Layout, rows: Sequence[int]
) -> Iterator[str]:
    """Yield what to call some rows: by their lines, or by their numbers where they were mended."""
    lines = _lines_of(text.decode("utf-8"))
    splitter, behind = Splitter(layout.writing), layout.first
    for row in rows:
        cells = [column[row].as_py() or "" for column in table.columns]
        longest = max(cells, key=len)
        for line in range(max(behind, layout.first + row), len(lines)):
            found = longest in lines[line] and splitter.split(bare(lines[line])).cells
            if found and found[: len(cells)] == cells:
                behind = line + 1
                yield f"line {behind:,}"
                break
        else:
            yield f"row {row + 1:,}"


def _of_tables(layout: _Layout) -> list[Message]:
    """Return what to look at where the file holds several tables, or may do so."""
    said = [_several_tables(layout)] if len(layout.tables) > 1 else []
    if doubtful := layout.place.doubtful:
        shown = ", ".join(f"{line + 1:,}" for line in doubtful[:10])
        said.append(message("data.caution.names_inside", lines=shown))
    return said


def _several_tables(layout: _Layout) -> Message:
    others = [
        f"line {place.first + 1} ({place.n_records} × {place.width})"
        for number, place in enumerate(layout.tables)
        if number != layout.number
    ]
    return message(
        "data.caution.tables",
        count=len(layout.tables),
        line=layout.place.first + 1,
        others=", ".join(others[:10]),
    )


def _cautions(log: RepairLog, n_rows: int, lost: Lost) -> list[Message]:
    counts = {code.rsplit(".", 1)[1]: count for code, count in log.counts.items()}
    said: list[Message] = []
    if mended := sum(map(log.in_force, _MENDED)):
        said.append(message("data.caution.mended", count=mended))
    said += [*headers_again(log, "line"), *taken_back(log)]
    if count := counts.get("too_many"):
        said.append(message("data.caution.cells_lost", count=count, rows=n_rows, cells=lost.cells))
    for code in ("too_few", "many_lines", "comment_row"):
        if count := counts.get(code):
            said.append(message(f"data.caution.{code}", count=count, rows=n_rows))
    if lost.lines:
        said.append(message("data.caution.footer", count=lost.lines))
    if log.counts.total() > len(log.listed):
        said.append(message("data.caution.unlisted", most=len(log.listed)))
    return said


#: Codes of mends that change what a record says.
_MENDED = ("stray_quote", "other_delimiter", "two_records", "joined", "torn", "extra_empty")
