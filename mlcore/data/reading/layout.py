"""Where the tables of a text stand: between titles, notes, comments and other tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, islice, pairwise

from mlcore.data.dialect import find_header, header_votes, is_comment
from mlcore.data.fields import Unit, Units
from mlcore.data.reading.headings import find_headings

#: More lines than this are no titles of a table.
_MOST_TITLES = 20
_LOOKED_AT = 200
#: Two tables right below one another have so many records each, and their block few changes of
#: width.
_FEWEST_RECORDS, _MOST_RUNS = 4, 20


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a table stands.

    Parameters
    ----------
    first, last : int
        Its lines, from 0; the header is the first, ``last`` is the one behind it. Blank lines and
        notes may stand between.
    width : int
        How many fields its records usually have.
    n_records : int
        How many records it has, the header among them.
    doubtful : tuple of int
        Lines inside it at which another table may begin.
    """

    first: int
    last: int
    width: int
    n_records: int
    doubtful: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """How many cells it has."""
        return self.n_records * self.width


@dataclass(frozen=True)
class _Record:
    """What the layout needs of a record: where it is, its fields, those up to the last filled."""

    line: int
    width: int
    filled: int


@dataclass
class _Run:
    """Records of one width that follow one another: the line of the first, and how many."""

    line: int
    width: int
    count: int


@dataclass
class _Block:
    """Records without a blank line between them: the first ones, and how many of each width."""

    head: list[_Record] = field(default_factory=list)
    widths: Counter[int] = field(default_factory=Counter)
    runs: list[_Run] = field(default_factory=list)
    last: int = 0
    doubtful: tuple[int, ...] = ()

    def add(self, line: int, widths: Sequence[int]) -> None:
        """Take the widths of records that follow one another from a line on."""
        self.widths.update(widths)
        for width, same in groupby(widths):
            count = sum(1 for _ in same)
            if self.runs and self.runs[-1].width == width:
                self.runs[-1].count += count
            elif len(self.runs) <= _MOST_RUNS:
                self.runs.append(_Run(line, width, count))
            line += count

    @property
    def width(self) -> int:
        """How many fields its records usually have."""
        return max(self.widths, key=lambda width: (self.widths[width], width), default=1)


def find_tables(units: Units, comment: str, start: int = 0) -> list[Place]:
    """Return the tables of a text in their order; at least one.

    A blank line ends a table where another shape or another header follows; without one a table
    ends where the records have another width from there on, below a header of their own, or where
    other names stand above columns of other kinds. Lines before a table that are shorter than its
    records are titles.

    Parameters
    ----------
    units : Units
        The records.
    comment : str
        How comment lines begin; empty for none.
    start : int, default 0
        The line to begin with.
    """
    tables: list[Place] = []
    for block in _blocks(units, comment, start):
        for nth, part in enumerate(_parts(block, units, comment)):
            place = _place(part, units)
            if place is None:
                continue
            if tables and not nth and _continues(tables[-1], place, units):
                tables[-1] = _joined(tables[-1], place)
            else:
                tables.append(place)
    return _real(tables, units) or [Place(first=start, last=len(units.lines), width=1, n_records=0)]


def _joined(before: Place, place: Place) -> Place:
    return replace(
        before,
        last=place.last,
        n_records=before.n_records + place.n_records,
        doubtful=before.doubtful + place.doubtful,
    )


def _blocks(units: Units, comment: str, start: int) -> list[_Block]:
    """Return the records between blank lines."""
    blocks = [_Block()]
    line = start
    while line < len(units.lines):
        text, width = units.lines[line], units.widths[line]
        if not width and text.isspace():
            if blocks[-1].widths:
                blocks.append(_Block())
            line += 1
            continue
        if is_comment(text, comment) and not _is_header(units, line):
            line += 1
            continue
        block = blocks[-1]
        if width and not comment and len(block.head) > _MOST_TITLES:
            block.last = units.plain_until(line)
            block.add(line, units.widths[line : block.last])
            line = block.last
            continue
        if not width or len(block.head) <= _MOST_TITLES:
            unit = units.at(line)
            width, n_lines = len(unit.cells), unit.n_lines
            if len(block.head) <= _MOST_TITLES:
                block.head.append(_record(unit))
        else:
            n_lines = 1
        block.add(line, (width,))
        line += n_lines
        block.last = line
    return blocks


def _parts(block: _Block, units: Units, comment: str) -> list[_Block]:
    """Return the tables of a block that stand right below one another."""
    if not block.runs or len(block.runs) > _MOST_RUNS:
        return [block]
    cuts = _cuts(block, units)
    cuts = sorted({*cuts, *_cuts_at_names(block, cuts, units, comment)})
    if not cuts:
        return [block]
    parts = []
    for first, last in pairwise([block.runs[0].line, *cuts, block.last]):
        part = _Block(last=last)
        part.doubtful = tuple(line for line in block.doubtful if first <= line < last)
        records = (_record(unit) for unit in units.between(first, last))
        texts = (one for one in records if not is_comment(units.lines[one.line], comment))
        part.head = list(islice(texts, _MOST_TITLES + 1))
        for run in block.runs:
            if first <= run.line < last:
                part.widths[run.width] += run.count
        parts.append(part)
    return parts


def _cuts_at_names(block: _Block, cuts: list[int], units: Units, comment: str) -> list[int]:
    """Return the lines where names stand above columns of other kinds, and note those in doubt."""
    found = []
    for first, last in pairwise([block.runs[0].line, *cuts, block.last]):
        counts: Counter[int] = Counter()
        for run in block.runs:
            counts[run.width] += run.count if first <= run.line < last else 0
        width = counts.most_common(1)[0][0]
        for heading in find_headings(units, first, last, width, comment):
            if heading.is_sure:
                found.append(_above(heading.line, width, first, units))
                _divide(block, found[-1], units, comment)
            else:
                block.doubtful += (heading.line,)
    return found


def _above(line: int, width: int, first: int, units: Units) -> int:
    """Return the line of the titles right above some names, or theirs."""
    while line - 1 > first:
        record = _record(units.at(line - 1))
        # Of two columns the second may be empty.
        if record.filled > 1 or (width == 2 == record.width and record.filled):
            break
        line -= 1
    return line


def _divide(block: _Block, line: int, units: Units, comment: str) -> None:
    """Let a run of records end where another table begins."""
    place = max(place for place, run in enumerate(block.runs) if run.line <= line)
    run = block.runs[place]
    texts = (units.lines[unit.line] for unit in units.between(run.line, line))
    above = sum(not is_comment(text, comment) for text in texts)
    if above:
        ends = [replace(run, count=above), _Run(line, run.width, run.count - above)]
        block.runs[place : place + 1] = ends


def _cuts(block: _Block, units: Units) -> list[int]:
    """Return the lines of a block where records of another width begin for good."""
    long = [run for run in block.runs if run.width > 1 and run.count >= _FEWEST_RECORDS]
    firsts = [next(same) for _, same in groupby(long, key=lambda run: run.width)]
    if not all(_begins_table(run, units) for run in firsts[1:]):
        return []
    if len(firsts) > 1 and firsts[0].count <= _MOST_TITLES and not _begins_table(firsts[0], units):
        # Facts above the table, one a line.
        return []
    return [_with_title(run, block.runs) for run in firsts[1:]]


def _begins_table(run: _Run, units: Units) -> bool:
    """Return whether records begin with names above columns of numbers, dates or times."""
    some = _some(units, run.line, min(run.line + _LOOKED_AT, len(units.lines)))[: run.count]
    for_header, against = header_votes(some)
    return for_header > against and find_header(some[:1], None)[0]


def _with_title(run: _Run, runs: Sequence[_Run]) -> int:
    """Return the line of a title right above some records, or their own."""
    above = runs[runs.index(run) - 1]
    return above.line if above.width == 1 and above.count < _FEWEST_RECORDS else run.line


def _is_header(units: Units, line: int) -> bool:
    """Return whether a line with the sign of a comment is the header right above a table."""
    width = len(units.at(line).cells)
    return (
        width > 1
        and line + 1 < len(units.lines)
        and not units.lines[line + 1].startswith(units.lines[line][0])
        and len(units.at(line + 1).cells) == width
        and (line == 0 or len(units.at(line - 1).cells) != width)
    )


def _record(unit: Unit) -> _Record:
    filled = len(unit.cells)
    while filled and not unit.cells[filled - 1].strip():
        filled -= 1
    return _Record(unit.line, len(unit.cells), filled)


def _place(block: _Block, units: Units) -> Place | None:
    """Return where the table of a block stands, below the titles at its beginning."""
    if not block.head:
        return None
    titles = _titles(block, units)
    n_records = block.widths.total() - titles
    if not n_records:
        return None
    first = block.head[titles].line if titles < len(block.head) else block.last
    doubtful = tuple(line for line in block.doubtful if line > first)
    return Place(
        first=first, last=block.last, width=block.width, n_records=n_records, doubtful=doubtful
    )


def _titles(block: _Block, units: Units) -> int:
    """Return how many first records of a block are titles."""
    width = block.width
    if width < 2:
        return 0
    titles = 0
    for record in block.head:
        if record.width == width and record.filled > max(1, width // 3):
            break
        # Of two columns the second may have no name.
        may_name = record.filled > 1 or record.width == width == 2
        if may_name and _names_fewer(block, titles, units):
            break
        titles += 1
    else:
        return 0
    if titles == 1 and width == 2 and block.head[0].width == 1 and _values_below(block, units):
        # A name above "1,5" is a header above decimal numbers rather than a title.
        return 0
    return titles


def _names_fewer(block: _Block, place: int, units: Units) -> bool:
    """Return whether a short record right above full ones is a header that lacks names."""
    width = block.width
    if place + 1 >= len(block.head) or block.head[place + 1].width != width:
        return False
    below = _some(units, block.head[place + 1].line, block.last)
    full = [cells for cells in below if len(cells) == width]
    if header_votes(full)[0] > header_votes(full)[1]:
        return False
    cells = units.at(block.head[place].line).cells
    return len(cells) >= width - 1 or find_header([cells, *full], None)[0]


def _some(units: Units, first: int, last: int) -> list[list[str]]:
    return [unit.cells for unit in islice(units.between(first, last), _LOOKED_AT)]


def _values_below(block: _Block, units: Units) -> bool:
    below = _some(units, block.head[1].line, block.last) if len(block.head) > 1 else []
    return all(cell.strip().isdigit() for cells in below for cell in cells)


def _continues(before: Place, place: Place, units: Units) -> bool:
    """Return whether what follows a blank line belongs to the table above it."""
    if place.width > before.width == 1 and place.n_records >= before.n_records:
        # Titles above a small table.
        return False
    if place.width != before.width:
        # A few odd records, or notes: what they are is found when the records are read.
        return place.width == 1 or place.n_records < 3
    if before.width == 1 or place.n_records < 3:
        return True
    header = units.at(before.first).cells
    records = _some(units, place.first, place.last)
    if records[0] == header:
        return True
    for_header, against = header_votes(records)
    return for_header <= against or not find_header(records, None)[0]


def _real(tables: list[Place], units: Units) -> list[Place]:
    """Return the places that are tables rather than titles, notes or pairs of name and value."""
    largest = max(tables, key=lambda table: table.size, default=None)
    if largest is None:
        return []
    real = []
    for table in tables:
        is_smaller = table is not largest
        if is_smaller and (table.width == 1 or table.n_records < 3 or _is_pairs(table, units)):
            continue
        real.append(table)
    return real


def _is_pairs(table: Place, units: Units) -> bool:
    """Return whether a block lists facts, such as a device and its number, one a line."""
    if table.width != 2 or table.n_records > _MOST_TITLES:
        return False
    records = _some(units, table.first, table.last)
    for_header, against = header_votes(records)
    names = {cells[0] for cells in records}
    return len(names) == len(records) and for_header <= against


def largest_of(tables: Sequence[Place]) -> int:
    """Return which table has the most cells."""
    return max(range(len(tables)), key=lambda number: tables[number].size)
