"""The fields of a line, and the lines of a record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from mlcore.errors import UserError

#: Delimiters that stand for a run of spaces, or of spaces and tabs, and how it is found.
SPACES: dict[str, str] = {" ": r"[ \t]+", "  ": " {2,}"}

#: A record over more text or lines than this is a quotation mark that was never closed.
_LONGEST_RECORD = 2**20
_MOST_LINES, _FEWEST_LINES = 10_000, 20
#: What it costs to look at one line more, apart from its length.
_STEP = 50

#: So many lines may have odd quotation marks, and one more for each so many characters. Damaged
#: files have longer lines than that, so they may be odd in every one.
_MOST_ODD, _ODD_TEXT = 50_000, 20

#: A line with more quotation marks than this is not divided by them.
_MOST_MARKS = 200_000

#: A longer line with quotation marks is always looked at closely.
_LONGEST_REGULAR = 2**16

#: Records with more delimiters than this are not searched for the best way to read their quotes.
_MOST_SEARCHED = 60


@dataclass(frozen=True, kw_only=True)
class Writing:
    """How fields are divided.

    Parameters
    ----------
    delimiter : str
        One or a few characters, or a key of :data:`SPACES`.
    quote : str, default '"'
        One character, or empty for none.
    escape : str, default ""
        A backslash, or empty where a quotation mark inside a field is doubled.
    """

    delimiter: str
    quote: str = '"'
    escape: str = ""


@dataclass(frozen=True)
class Split:
    """The fields of a text.

    Parameters
    ----------
    cells : list of str
        Without the marks around them.
    stray : int
        Quotation marks that neither open nor close a field, although they look like it.
    is_open : bool
        Whether a mark is opened and not closed; ``cells`` take it as a character.
    """

    cells: list[str]
    stray: int = 0
    is_open: bool = False


@dataclass
class Effort:
    """Bounds the search for a good reading, so that time stays in proportion to the file.

    Parameters
    ----------
    left : int
        What may still be done, in about as many characters looked at.
    ahead : int
        Over how many lines the end of a record is looked for: fewer after each search in vain.
    most_odd : int
        In how many lines quotation marks may be odd.
    """

    left: int
    ahead: int = _MOST_LINES
    most_odd: int = _MOST_ODD
    n_odd: int = field(default=0, init=False)

    @classmethod
    def for_text(cls, lines: Sequence[str]) -> Effort:
        """Return what may be done for some lines."""
        size = sum(map(len, lines))
        return cls(2 * size + 1_000_000, most_odd=size // _ODD_TEXT + _MOST_ODD)

    def spend(self, amount: int) -> bool:
        """Return whether this much may still be done."""
        self.left -= amount
        return self.left > 0

    def count_odd(self) -> None:
        """Count a line whose quotation marks are odd.

        Raises
        ------
        UserError
            There are too many to look at each closely.
        """
        self.n_odd += 1
        if self.n_odd > self.most_odd:
            raise UserError("data.quotes_tangled", lines=self.most_odd)


@dataclass(frozen=True)
class Splitter:
    """Divides text into fields.

    Parameters
    ----------
    writing : Writing
        How they are divided.
    """

    writing: Writing
    _marks: re.Pattern[str] = field(init=False, repr=False)
    _regular: re.Pattern[str] = field(init=False, repr=False)
    _spaces: re.Pattern[str] | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        writing = self.writing
        object.__setattr__(self, "_marks", _marks(writing))
        object.__setattr__(self, "_regular", _regular(writing))
        run = SPACES.get(writing.delimiter)
        object.__setattr__(self, "_spaces", re.compile(run) if run else None)

    def split(self, text: str) -> Split:
        """Return the fields of a text without its line end.

        A mark closes a field only where a delimiter or the end follows, so that marks inside a
        field that were not doubled do no harm.
        """
        if self._spaces is not None:
            text = text.strip(" \t")
        if not self.writing.quote or self.writing.quote not in text:
            return Split(self._plain(text))
        return self._quoted(text)

    def plain_widths(self, lines: Sequence[str]) -> list[int]:
        """Return how many fields each line has; 0 for blank lines and those to be looked at.

        Quotation marks need no closer look where each stands at an end of its field.
        """
        if self._spaces is not None:
            return [0] * len(lines)
        # Where there is no quotation mark, something stands for it that is in no line.
        quote, mark = self.writing.quote or "\n\n", self.writing.delimiter
        return [
            self._regular_width(text)
            if quote in text
            else 0
            if text.isspace()
            else text.count(mark) + 1
            for text in lines
        ]

    def _regular_width(self, text: str) -> int:
        if len(text) > _LONGEST_REGULAR or not self._regular.fullmatch(text):
            return 0
        outside = "".join(text.split(self.writing.quote)[::2])
        return outside.count(self.writing.delimiter) + 1

    def _plain(self, text: str) -> list[str]:
        return self._spaces.split(text) if self._spaces else text.split(self.writing.delimiter)

    def _quoted(self, text: str) -> Split:
        if text.count(self.writing.quote) > _MOST_MARKS:
            return Split(self._plain(text), stray=1)
        cells: list[str] = []
        quote, size = self.writing.quote, len(text)
        place, stray, is_open = 0, 0, False
        while True:
            start = place
            while start < size and text[start] == " ":
                start += 1
            closing = -1
            if text.startswith(quote, start):
                closing, lone = self._closing(text, start + 1, is_open)
                stray += lone if closing >= 0 else 1
                is_open = is_open or closing < 0
            if closing >= 0:
                cells.append(self._inner(text[start + 1 : closing]))
                end = closing + 1
                if self._spaces is None:
                    end = _without_spaces(text, end)
                following = self._after(text, end)
            else:
                end, following = self._next(text, place)
                cells.append(text[place:end])
            if end >= size:
                return Split(cells, stray, is_open)
            place = following

    def _closing(self, text: str, start: int, exhausted: bool = False) -> tuple[int, int]:
        """Return where a field closes that is open at ``start``, or -1, and the lone marks in it.

        Once a field was not closed, no mark further on closes one (``exhausted``), but for one
        that stands at its very beginning.
        """
        lone = 0
        for found in self._marks.finditer(text, start):
            begin, end = found.span()
            if exhausted and begin > start:
                break
            if found[1] is not None:
                return end - 1, lone
            lone += (end - begin) % 2 if text[begin] == self.writing.quote else 0
        return -1, lone

    def _after(self, text: str, end: int) -> int:
        if self._spaces is None:
            return end + len(self.writing.delimiter)
        found = self._spaces.match(text, end)
        return found.end() if found else end

    def _next(self, text: str, place: int) -> tuple[int, int]:
        if self._spaces is None:
            end = text.find(self.writing.delimiter, place)
            return (len(text), len(text)) if end < 0 else (end, self._after(text, end))
        found = self._spaces.search(text, place)
        return found.span() if found else (len(text), len(text))

    def _inner(self, text: str) -> str:
        quote = self.writing.quote
        text = text.replace(quote * 2, quote)
        if self.writing.escape:
            text = re.sub(rf"\\([\\{re.escape(quote)}])", r"\1", text)
        return text

    def goes_on(self, text: str) -> bool:
        """Return whether a quoted field that is open before a line is open behind it."""
        closing, _ = self._closing(text, 0)
        if closing < 0:
            return True
        end = _without_spaces(text, closing + 1)
        return end < len(text) and self.split(text[self._after(text, end) :]).is_open

    def best_split(self, text: str, width: int, effort: Effort) -> list[str] | None:
        """Return the fields when quotes are read so that there are ``width``, if that can be.

        Of several ways the one with the fewest stray marks is taken.
        """
        if self._spaces is not None or not self.writing.quote:
            return None
        mark = self.writing.delimiter
        ends = [*(found.start() for found in re.finditer(re.escape(mark), text)), len(text)]
        if len(ends) > _MOST_SEARCHED or not effort.spend(len(ends) ** 2 * width // 2):
            return None
        starts = [0, *(end + len(mark) for end in ends[:-1])]
        # ways[j][count]: the least cost of reading the first j pieces as count fields, and how.
        ways: list[dict[int, tuple[float, list[str]]]] = [{0: (0.0, [])}]
        ways += [{} for _ in ends]
        for first, start in enumerate(starts):
            for last, cost, cell in self._fields_from(text, start, first, ends):
                for count, (before, cells) in ways[first].items():
                    known = ways[last + 1].get(count + 1)
                    if count < width and (known is None or before + cost < known[0]):
                        ways[last + 1][count + 1] = (before + cost, [*cells, cell])
        found = ways[-1].get(width)
        return None if found is None else found[1]

    def _fields_from(
        self, text: str, start: int, first: int, ends: list[int]
    ) -> Iterator[tuple[int, float, str]]:
        """Yield the fields that may begin at a piece: its last piece, what is odd, the cell."""
        quote = self.writing.quote
        plain = text[start : ends[first]]
        bare = plain.strip(" ")
        is_stray = bare.startswith(quote) or bare.endswith(quote)
        yield first, 1.0 if is_stray else 0.0, plain
        if not text.startswith(quote, _without_spaces(text, start)):
            return
        for last in range(first, len(ends)):
            whole = text[start : ends[last]].strip(" ")
            if len(whole) > 1 and whole.endswith(quote):
                inner = whole[1:-1]
                lone = inner.replace(quote * 2, "").count(quote)
                yield last, lone + 0.01 * (last - first), self._inner(inner)


def _marks(writing: Writing) -> re.Pattern[str]:
    """Return what finds runs of quotation marks; those that close a field are a group.

    A run closes one when it is odd, as two marks stand for one, and the field ends behind it.
    """
    quote = re.escape(writing.quote) or "(?!)"
    run = SPACES.get(writing.delimiter)
    ends = rf"(?:{run}|\Z)" if run else rf" *(?:{re.escape(writing.delimiter)}|\Z)"
    runs = rf"({quote}(?:{quote}{quote})*)(?!{quote})(?={ends})|{quote}+"
    return re.compile(rf"\\.|{runs}" if writing.escape else runs, re.S)


def _regular(writing: Writing) -> re.Pattern[str]:
    """Return what matches a line whose quotation marks all stand at the ends of fields."""
    if not writing.quote or writing.escape:
        return re.compile("(?!)")
    quote, mark = re.escape(writing.quote), re.escape(writing.delimiter)
    inside, bare = rf"[^{quote}\r\n]*", rf"[^{quote}{mark}\r\n]*"
    cell = rf"(?:{quote}{inside}(?:{quote}{quote}{inside})*{quote}|{bare})"
    return re.compile(rf"{cell}(?:{mark}{cell})*[\r\n]*")


def _without_spaces(text: str, place: int) -> int:
    while place < len(text) and text[place] == " ":
        place += 1
    return place


@dataclass(frozen=True)
class Unit:
    """A record as it lies in the file.

    Parameters
    ----------
    line : int
        Its first line, from 0.
    n_lines : int
        On how many lines it stands.
    split : Split
        Its fields.
    """

    line: int
    n_lines: int
    split: Split

    @property
    def cells(self) -> list[str]:
        """Its fields."""
        return self.split.cells


def bare(line: str) -> str:
    """Return a line without its end."""
    return line.rstrip("\r\n")


@dataclass(frozen=True)
class Units:
    """Finds the records of a file's lines, one after the other.

    Parameters
    ----------
    lines : sequence of str
        With their ends.
    splitter : Splitter
        How fields are divided.
    width : int, optional
        How many fields a record usually has.
    effort : Effort
        How much may be searched.
    """

    lines: Sequence[str]
    splitter: Splitter
    width: int | None
    effort: Effort

    @cached_property
    def widths(self) -> list[int]:
        """How many fields each line has; 0 for blank lines and those to be looked at closely."""
        return self.splitter.plain_widths(self.lines)

    def plain_until(self, line: int) -> int:
        """Return the first line, from one on, that is blank or to be looked at closely."""
        try:
            return self.widths.index(0, line)
        except ValueError:
            return len(self.lines)

    def at(self, line: int) -> Unit:
        """Return the record that begins on a line."""
        one = self.splitter.split(bare(self.lines[line]))
        if one.stray or one.is_open:
            self.effort.count_odd()
        if one.is_open and (several := self._over_lines(line, one)):
            return several
        return Unit(line, 1, one)

    def between(self, first: int, last: int) -> Iterator[Unit]:
        """Yield the records from one line up to before another."""
        line = first
        while line < last:
            unit = self.at(line)
            yield unit
            line += unit.n_lines

    def _over_lines(self, line: int, one: Split) -> Unit | None:
        """Return the record whose quoted field runs over lines, if it is closed properly."""
        effort = self.effort
        last, size = line + 1, len(self.lines[line])
        most = min(len(self.lines), line + effort.ahead)
        while last < most and size < _LONGEST_RECORD and effort.left > 0:
            text = self.lines[last]
            size += len(text)
            last += 1
            if not self.splitter.goes_on(bare(text)):
                whole = self.splitter.split(bare("".join(self.lines[line:last])))
                if self._is_better(whole, one) and not (whole.stray and self._is_whole(text)):
                    effort.ahead = min(2 * effort.ahead, _MOST_LINES)
                    return Unit(line, last - line, whole)
                break
        effort.spend(size + _STEP * (last - line))
        effort.ahead = max(effort.ahead // 2, _FEWEST_LINES)
        return None

    def _is_whole(self, line: str) -> bool:
        """Return whether a line is a record of its own, which a stray mark must not swallow."""
        split = self.splitter.split(bare(line))
        return len(split.cells) == self.width and not split.stray

    def _is_better(self, whole: Split, one: Split) -> bool:
        if whole.is_open:
            return False
        if self.width is None:
            return whole.stray == 0
        fits, alone = len(whole.cells) == self.width, len(one.cells) == self.width
        return (fits and not alone) or (whole.stray == 0 and (fits or not alone))
