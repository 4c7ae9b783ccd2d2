"""Records that do not have the usual number of fields, or a quotation mark too many.

A record is mended where the evidence is clear: where there is one way of reading it that gives the
usual number of fields, and its cells look like those of their columns. Otherwise it is kept as it
is: cut, or filled with missing values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlcore.data.dialect import USUAL
from mlcore.data.fields import SPACES, Splitter, Unit, Units, Writing, bare
from mlcore.data.reading.looks import Looks, is_one_number

#: Over how many lines a torn record may lie.
_MOST_PIECES = 4
#: A record with more fields than this beyond the usual is not searched for those to be joined.
_MOST_EXTRA = 6
_WIDEST_SEARCHED = 200
#: By how much one way of joining must be better than the next.
_CLEAR = 0.25
_ENOUGH = 0.4
#: A fit that says hardly anything.
_PERHAPS = 0.25


@dataclass(frozen=True, kw_only=True)
class Mend:
    """What is made of an odd record.

    Parameters
    ----------
    rows : list of list of str
        The rows that are read in its place, of the usual width.
    n_lines : int
        How many lines of the file they take.
    code : str
        What was odd and what was done: ``data.repair.<code>``.
    parameters : dict
        Of the sentence.
    lost : int
        Filled cells that are in no row.
    """

    rows: list[list[str]]
    n_lines: int
    code: str
    parameters: dict[str, Any] = field(default_factory=dict)
    lost: int = 0


@dataclass(frozen=True, kw_only=True)
class Mender:
    """Mends the records of one table.

    Parameters
    ----------
    units : Units
        The records of the file.
    last : int
        The line behind the table.
    width : int
        The usual number of fields.
    looks : Looks or None
        What the columns look like; None when too few records are whole.
    header : list of str or None
        The fields of the header.
    quoted : bool
        Whether cells stand in quotation marks as a rule.
    """

    units: Units
    last: int
    width: int
    looks: Looks | None
    header: list[str] | None
    quoted: bool

    def mend(self, unit: Unit) -> Mend | None:
        """Return what to make of a record; ``None`` when nothing is odd about it."""
        split = unit.split
        if unit.cells == self.header:
            return Mend(rows=[], n_lines=unit.n_lines, code="header_again")
        if len(split.cells) == self.width:
            if torn := self._torn_at_the_end(unit):
                return torn
            if not split.stray and not self._lacks_a_mark(unit):
                return None
            return self._one(unit, self._tidy(split.cells), "stray_quote")
        for way in self._ways(unit):
            if way is not None:
                return way
        return self.as_it_is(unit)

    def as_it_is(self, unit: Unit) -> Mend:
        """Return a record cut or filled to the usual number of fields."""
        cells, width = unit.cells, self.width
        row = (cells + [""] * width)[:width]
        lost = sum(bool(cell.strip()) for cell in cells[width:])
        code = "too_many" if len(cells) > width else "too_few"
        if len(cells) == width:
            code = "kept"
        parameters = {"got": len(cells), "expected": width}
        return Mend(rows=[row], n_lines=unit.n_lines, code=code, parameters=parameters, lost=lost)

    def _one(self, unit: Unit, cells: list[str], code: str, **parameters: Any) -> Mend:
        return Mend(rows=[cells], n_lines=unit.n_lines, code=code, parameters=parameters)

    def _ways(self, unit: Unit) -> Iterator[Mend | None]:
        cells, extra = unit.cells, len(unit.cells) - self.width
        if extra > 0 and not any(cell.strip() for cell in cells[self.width :]):
            yield self._one(unit, cells[: self.width], "extra_empty", count=extra)
        if unit.split.stray:
            yield self._by_quotes(unit)
        if self.looks is not None:
            yield self._other_delimiter(unit)
            if extra > 0:
                yield self._two_records(unit)
                yield self._joined(unit)
            else:
                yield self._torn(unit)

    # Quotation marks

    def _lacks_a_mark(self, unit: Unit) -> bool:
        """Return whether a record of quoted fields has an odd number of quotation marks."""
        if not self.quoted or unit.n_lines > 1:
            return False
        marks = self.units.lines[unit.line].count(self.units.splitter.writing.quote)
        return marks % 2 == 1 and self._tidy(unit.cells) != unit.cells

    def _by_quotes(self, unit: Unit) -> Mend | None:
        text = bare("".join(self.units.lines[unit.line : unit.line + unit.n_lines]))
        cells = self.units.splitter.best_split(text, self.width, self.units.effort)
        if cells is None or (self.looks is not None and not self.looks.fit(self._tidy(cells))):
            return None
        return self._one(unit, self._tidy(cells), "stray_quote")

    def _tidy(self, cells: list[str]) -> list[str]:
        """Remove single marks at the ends of cells, unless inches and the like stand there."""
        quote = self.units.splitter.writing.quote
        return [self._tidied(cell, quote) for cell in cells]

    def _tidied(self, cell: str, quote: str) -> str:
        text = cell.strip()
        if text.count(quote) == 3 and text.startswith(quote) and text.endswith(quote * 2):
            # The sign of inches inside the marks was not doubled.
            return text[1:-1]
        if text.count(quote) != 1 or not (text.startswith(quote) or self.quoted):
            return cell
        return text.strip(quote) if text[0] == quote or text[-1] == quote else cell

    # Another delimiter

    def _other_delimiter(self, unit: Unit) -> Mend | None:
        text = bare(self.units.lines[unit.line])
        usual = self.units.splitter.writing
        found: list[Mend] = []
        for mark in USUAL:
            if mark == usual.delimiter or mark not in text or unit.n_lines > 1:
                continue
            writing = Writing(delimiter=mark, quote=usual.quote or '"', escape=usual.escape)
            split = Splitter(writing).split(text)
            if len(split.cells) == self.width and not split.stray and self._fit(split.cells):
                found.append(self._one(unit, split.cells, "other_delimiter", delimiter=mark))
        return found[0] if len(found) == 1 else None

    def _fit(self, cells: Sequence[str]) -> bool:
        return self.looks is not None and self.looks.fit(cells) >= _ENOUGH

    # Too many fields

    def _two_records(self, unit: Unit) -> Mend | None:
        cells, width = unit.cells, self.width
        if width < 2 or len(cells) % width:
            return None
        rows = [cells[start : start + width] for start in range(0, len(cells), width)]
        if not all(map(self._fit, rows)):
            return None
        parameters = {"count": len(rows)}
        return Mend(rows=rows, n_lines=unit.n_lines, code="two_records", parameters=parameters)

    def _joined(self, unit: Unit) -> Mend | None:
        """Join neighbouring fields that an unquoted delimiter divided, if one way is clear."""
        cells, extra = unit.cells, len(unit.cells) - self.width
        size = len(cells)
        if extra > _MOST_EXTRA or size > _WIDEST_SEARCHED or self.looks is None:
            return None
        if not self.units.effort.spend(size * extra * extra * 20):
            return None
        mark = self.units.splitter.writing.delimiter
        joint = mark if mark not in SPACES else " "
        # ways[used]: the two best ways to fill the columns so far with this many fields.
        ways: dict[int, list[tuple[float, list[str]]]] = {0: [(0.0, [])]}
        for look in self.looks.columns:
            following: dict[int, list[tuple[float, list[str]]]] = {}
            for used, known in ways.items():
                for count in range(1, extra + 2):
                    parts = cells[used : used + count]
                    cell = joint.join(parts)
                    fit = look.fits(cell) if len(parts) == count else 0.0
                    if count > 1 and (fit < 0.5 or look.is_number and not is_one_number(parts)):
                        fit = 0.0
                    if fit:
                        ahead = following.setdefault(used + count, [])
                        ahead.extend((before + fit, [*row, cell]) for before, row in known)
            ways = {used: sorted(rows, key=_score)[:2] for used, rows in following.items()}
        best = ways.get(size, [])
        if not best or (len(best) > 1 and best[0][0] - best[1][0] < _CLEAR):
            return None
        if self._fit_of_the_first(cells) - best[0][0] >= _CLEAR:
            return None
        return self._one(unit, best[0][1], "joined", got=size, expected=self.width)

    def _fit_of_the_first(self, cells: Sequence[str]) -> float:
        """Return how well the first fields fit when those behind them do not belong there."""
        assert self.looks is not None
        fits = [look.fits(cell) for look, cell in zip(self.looks.columns, cells, strict=False)]
        return 0.0 if 0.0 in fits else sum(fits)

    # Too few fields

    def _torn(self, unit: Unit) -> Mend | None:
        """Join a record that was torn into lines, if its parts fit better together than alone."""
        if unit.n_lines > 1 or self.looks is None:
            return None
        lines, splitter = self.units.lines, self.units.splitter
        text, n_fields = bare(lines[unit.line]), len(unit.cells)
        for n_lines in range(2, _MOST_PIECES + 1):
            line = unit.line + n_lines - 1
            if line >= self.last or not self.units.effort.spend(len(text)):
                return None
            piece = splitter.split(bare(lines[line]))
            if len(piece.cells) > self.width or not lines[line].strip():
                return None
            n_fields += len(piece.cells)
            if n_fields > self.width + n_lines - 1:
                return None
            text += bare(lines[line])
            whole = splitter.split(text)
            if len(whole.cells) == self.width and not whole.is_open:
                fit = self.looks.fit(whole.cells)
                if fit >= _ENOUGH and fit > self._fit_alone(piece.cells):
                    parameters = {"lines": n_lines}
                    return Mend(
                        rows=[whole.cells], n_lines=n_lines, code="torn", parameters=parameters
                    )
        return None

    def _torn_at_the_end(self, unit: Unit) -> Mend | None:
        """Join a record to the next line when its last field was torn, or all of it cut off."""
        line, text = unit.line + 1, bare(self.units.lines[unit.line])
        if unit.n_lines > 1 or unit.split.stray or line >= self.last or self.looks is None:
            return None
        following, writing = bare(self.units.lines[line]), self.units.splitter.writing
        if writing.delimiter in following or not following.strip():
            return None
        # A quotation mark opens a field of the next record, which goes on over lines.
        if writing.quote and writing.quote in following:
            return None
        last = self.looks.columns[-1]
        joined = unit.cells[-1] + following
        if last.fits(joined) <= max(last.fits(unit.cells[-1]), _PERHAPS):
            return None
        whole = self.units.splitter.split(text + following)
        if len(whole.cells) != self.width or whole.stray:
            return None
        parameters = {"lines": 2}
        return Mend(rows=[whole.cells], n_lines=2, code="torn", parameters=parameters)

    def _fit_alone(self, cells: Sequence[str]) -> float:
        """Return how well a piece fits as a record of its own that lacks the last fields."""
        assert self.looks is not None
        return Looks(self.looks.columns[: len(cells)]).fit(cells)


def _score(way: tuple[float, list[str]]) -> float:
    return -way[0]
