"""How a text file writes its table: delimiter, quotation marks, header, decimal mark.

Everything here looks at a bounded sample and takes time in proportion to it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from mlcore.data.fields import SPACES, Effort, Splitter, Units, Writing
from mlcore.data.units import without_unit
from mlcore.messages import Message, message

#: The delimiters that are looked for, in order of preference, with the words of a menu.
DELIMITERS: dict[str, str] = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "vertical bar",
    ":": "colon",
    "^": "caret",
    "~": "tilde",
    "\x1f": "unit separator",
    "\x01": "control character 1",
    "\x02": "control character 2",
    "¦": "broken bar",
    "§": "section sign",
    "、": "ideographic comma",
    "\uff0c": "full-width comma",
    "\uff1b": "full-width semicolon",
    "#": "number sign",
    "/": "slash",
    "&": "ampersand",
    "!": "exclamation mark",
    "*": "asterisk",
    "::": "two colons",
    "||": "two vertical bars",
    "~~": "two tildes",
    "^^": "two carets",
    "|~|": "bar, tilde, bar",
    "  ": "two or more spaces",
    " ": "spaces",
}

#: Those that nearly all files have; the others are looked for where none of these divides the file.
USUAL = (",", ";", "\t", "|")

#: Those of several characters, which are looked for first: each divides at one of them, too.
_LONG = ("::", "||", "~~", "^^", "|~|")

_UNUSUAL = tuple(mark for mark in DELIMITERS if mark not in (*USUAL, *_LONG))

QUOTES: dict[str, str] = {'"': 'double (")', "'": "single (')", "": "none"}
DECIMALS: dict[str, str] = {".": "point", ",": "comma"}

#: How a line may begin that is a comment.
COMMENTS = ("#", "%", "//", "--")

#: Errors of spreadsheets, and dashes for "no value", in the first field of a record.
_SAID_MISSING = re.compile(
    r"#[¡¿]?[^\W\d_]+(?:/(?:0|[^\W\d_]+))?[!?]|#(?:N/[AD]|NA|NV|Н/Д)\b|-{2,}\s*(?:[,;\t|]|$)"
)

#: A longer single line, or a longer field, is taken as a sign that the file is no table.
LONGEST_LINE = 16 * 2**20

_SAMPLE_BYTES = 2**18
_SAMPLE_LEAST_LINES = 30
_SAMPLE_MOST_BYTES = 2**23
SAMPLE_ROWS = 1000

#: Of fewer lines nothing is said for having as many spaces.
_FEWEST_GAPPED = 4

#: Of longer and wider tables only the first rows and columns say whether there is a header.
_MOST_VOTERS, _MOST_VOTES = 200, 2000

# Digits and marks alternate, so that no text can be matched in two ways: time stays linear.
_NUMBER = re.compile(r"[+-]?[.,]?\d+(?:[.,]\d+)*[.,]?(?:[eE][+-]?\d{1,3})?%?")
_GAPPED = re.compile(r"[+\-−]?\d{1,3}(?:[ \u00a0\u202f\u2009'’]\d{3})+(?:[.,]\d+)?")
#: Groups of three digits, as they stand in amounts and in columns of such numbers alike.
_IN_THREES = re.compile(r"\d{3}(?: \d{3})+")
#: What divides columns of a fixed width.
_GAP = re.compile(r"\S {2,}\S")
#: A line of a web server's log, and a moment of other logs with its milliseconds.
_REQUEST = re.compile(r'\A\S+ \S+ \S+ \[\d{1,2}/[A-Za-z]{3}/\d{4}:[^\]]{5,20}\] "')
_MILLISECONDS = re.compile(r"\d:\d\d,\d{3}[ \]]")
#: An amount with more groups is none.
_MOST_GROUPS = 4
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\.?(?:[T ]\d{1,2}:\d\d\S*)?")
_NAME = r"[^\W\d_]{2,12}\.?"
#: Dates with the name of the month, which may hold a comma, and with characters.
_NAMED_DATE = re.compile(
    rf"(?:{_NAME},? )?(?:{_NAME} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}"
    rf"|\d{{1,2}}\.?[ -](?:de )?{_NAME}[ -](?:de )?\d{{2,4}})(?: \d{{1,2}}:\d\d\S*)?"
    r"|\d{4} ?[年년] ?\d{1,2} ?[月월](?: ?\d{1,2} ?[日일])?"
)
_TIME = re.compile(r"\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?[AaPp][Mm])?")
_POINT = re.compile(r"[+-]?(?:\d*\.\d+|\d{1,3}(?:,\d{3})+\.\d+)(?:[eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?(?:\d*,\d+|\d{1,3}(?:\.\d{3})+,\d+)(?:[eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_EXCEL_HINT = re.compile(r"\s*\"?sep=(.)\"?[\s,;|]*", re.I)
_NO_VALUE = ("NA", "?", "-", "NaN", "null", "NULL", "N/A", "n/a")


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found out about a file, and why.

    Parameters
    ----------
    writing : Writing
        How fields are divided.
    share : float
        Of the records looked at, how many have the usual number of fields.
    decisions, cautions : tuple of Message
        Why that was concluded, and what may be wrong.
    """

    writing: Writing
    share: float
    decisions: tuple[Message, ...]
    cautions: tuple[Message, ...] = ()


def sample_of(content: bytes) -> str:
    """Return the beginning of a file, cut at a line end, large enough to judge the dialect by."""
    size = _SAMPLE_BYTES
    while size < min(len(content), _SAMPLE_MOST_BYTES):
        if len(content[:size].splitlines()) >= _SAMPLE_LEAST_LINES:
            break
        size *= 2
    sample = content[:size]
    if size < len(content):
        cut = max(sample.rfind(b"\n"), sample.rfind(b"\r"))
        sample = sample[: cut + 1] if cut > 0 else sample
    return sample.decode("utf-8", errors="ignore")


def name_of(delimiter: str) -> str:
    """Return the words for a delimiter."""
    return DELIMITERS.get(delimiter, f"“{delimiter}”" if delimiter.isprintable() else "none")


def hinted_delimiter(first_line: str) -> str | None:
    """Return the delimiter that a line ``sep=;`` names, which Excel writes above a table."""
    match = _EXCEL_HINT.fullmatch(first_line)
    return match.group(1) if match else None


def is_comment(line: str, prefix: str) -> bool:
    """Return whether a line begins as comments do, and not with a value that does so, too."""
    return bool(prefix) and line.startswith(prefix) and not _SAID_MISSING.match(line)


def comment_prefix(lines: Sequence[str]) -> str:
    """Return how comment lines begin that stand at the beginning or here and there; else empty."""
    for prefix in COMMENTS:
        marked = [is_comment(line, prefix) for line in lines]
        count = sum(marked)
        if count and (count <= 0.2 * len(lines) or (marked[0] and count < 0.5 * len(lines))):
            return prefix
    return ""


def usual_width(widths: Sequence[int]) -> int:
    """Return how many fields a record usually has."""
    counts = Counter(widths)
    return max(counts, key=lambda width: (counts[width], width), default=1)


# Delimiter and quotation marks


def find_writing(
    lines: Sequence[str],
    delimiter: str | None = None,
    quote: str | None = None,
    escape: str | None = None,
) -> Found:
    """Return how the fields of some lines are divided; ``None`` means that it is to be detected.

    Parameters
    ----------
    lines : sequence of str
        The beginning of the file, with line ends, without comments.
    delimiter, quote, escape : str, optional
        What is known already.
    """
    lines = [line for line in lines if line.strip()][: 2 * SAMPLE_ROWS]
    trials = _Trials(lines, quote, escape)
    if delimiter is not None:
        best = trials.best([delimiter])
        return _found(best, message("data.decision.delimiter_chosen", delimiter=name_of(delimiter)))
    best = trials.best([" "] if _mostly_hold(lines, _REQUEST) else USUAL)
    long = [mark for mark in _LONG if _divides(lines, mark) and _stands_whole(lines, mark)]
    if long and (whole := trials.best(long)).is_even and _is_better(whole, best):
        best = whole
    elif best.score < 0.3 and (not _mostly_values(lines) or _are_in_threes(lines)):
        unusual = [mark for mark in _UNUSUAL if _divides(lines, mark)]
        other = trials.best(unusual) if unusual else best
        best = other if other.is_even and 0.7 * other.score > best.score else best
    elif best.writing.delimiter == "\t" and _has_spaced_numbers(lines):
        spaced = trials.best([" "])
        best = spaced if spaced.is_even and spaced.width > best.width else best
    if best.score <= _score_of_lines(lines):
        text = "".join(lines)
        unused = next((mark for mark in USUAL if mark not in text), "\x1f")
        alone = _found(trials.best([unused]), message("data.decision.one_column"))
        return replace(alone, cautions=(*alone.cautions, *_undivided(lines), *_gapped(lines)))
    why = message(
        "data.decision.delimiter",
        delimiter=name_of(best.writing.delimiter),
        share=f"{best.share:.0%}",
        columns=best.width,
    )
    found = _found(best, why)
    return replace(found, cautions=(*found.cautions, *_wrongly_divided(best, lines)))


def _wrongly_divided(best: _Trial, lines: Sequence[str]) -> Iterator[Message]:
    """Yield a caution where a mark that divides lines may stand inside times or numbers."""
    mark = best.writing.delimiter
    if mark == "," and _mostly_hold(lines, _MILLISECONDS):
        example = next(filter(None, map(_MILLISECONDS.search, lines)))[0].strip()
        yield message("data.caution.milliseconds", example=example)
    if mark == " " and best.width <= _MOST_GROUPS and _are_in_threes(lines):
        yield message("data.caution.threes", columns=best.width, example=lines[1].strip())


def _mostly_hold(lines: Sequence[str], pattern: re.Pattern[str]) -> bool:
    some = lines[:200]
    return sum(map(bool, map(pattern.search, some))) > 0.9 * len(some)


def _undivided(lines: Sequence[str]) -> Iterator[Message]:
    """Yield a caution where one mark may divide lines that are read as one column."""
    first = "".join(lines[:1]).strip()
    counts = {mark: sum(mark in line for line in lines) for mark in USUAL}
    mark = max(USUAL, key=lambda mark: (mark in first, counts[mark]))
    divides_names = mark in first and not _is_typed(first)
    # Decimal commas divide no values.
    if divides_names or (counts[mark] >= len(lines) / 2 > 0 and not _mostly_values(lines)):
        facts = {"delimiter": name_of(mark), "count": counts[mark], "lines": len(lines)}
        yield message("data.caution.undivided", **facts)
    elif (count := sum(map(bool, map(_GAP.search, lines)))) >= 0.9 * len(lines) and _GAP.search(
        first
    ):
        yield message("data.caution.fixed_width", count=count, lines=len(lines))


def _gapped(lines: Sequence[str]) -> Iterator[Message]:
    """Yield a caution where spaces divide all lines into as many groups of digits."""
    written = [line.strip() for line in lines]
    if len({line.count(" ") for line in written}) > 1 or len(written) < _FEWEST_GAPPED:
        return
    if all(map(_GAPPED.fullmatch, written[1:])):
        yield message("data.caution.gaps", example=written[1])


def _are_in_threes(lines: Sequence[str]) -> bool:
    """Return whether lines are columns of three digits rather than one amount each."""
    first, *below = (line.strip() for line in lines[:200])
    if not below or not all(map(_IN_THREES.fullmatch, below)) or len(set(map(len, below))) > 1:
        return False
    groups = below[0].count(" ") + 1
    is_headed = len(first.split()) == groups > 2 and not _is_typed(first)
    return is_headed or groups > _MOST_GROUPS


def _found(best: _Trial, why: Message) -> Found:
    said = [why]
    writing = best.writing
    if writing.quote != '"':
        said.append(message("data.decision.quote", quote=QUOTES[writing.quote]))
    if writing.escape:
        said.append(message("data.decision.escape"))
    cautions = []
    if best.share < 0.7 and best.width > 1 and best.n_records >= 4:
        cautions.append(message("data.caution.uneven", share=f"{best.share:.0%}"))
    return Found(writing=writing, share=best.share, decisions=tuple(said), cautions=tuple(cautions))


@dataclass(frozen=True, kw_only=True)
class _Trial:
    """How well lines look like a table when they are divided in one way."""

    writing: Writing
    score: float
    share: float
    width: int
    n_records: int
    is_even: bool


@dataclass(frozen=True)
class _Trials:
    lines: Sequence[str]
    quote: str | None
    escape: str | None

    def best(self, delimiters: Sequence[str]) -> _Trial:
        best: _Trial | None = None
        for delimiter in delimiters:
            for quote in self._quotes(delimiter):
                for escape in self._escapes(quote):
                    trial = self._try(Writing(delimiter=delimiter, quote=quote, escape=escape))
                    if best is None or trial.score > best.score + 1e-9:
                        best = trial
        assert best is not None
        return best

    def _quotes(self, delimiter: str) -> list[str]:
        if self.quote is not None:
            return [self.quote]
        mark = re.escape(delimiter)
        single = re.compile(rf"(?:^|{mark}) *'[^'\r\n]*' *(?={mark}|[\r\n]|$)")
        some = self.lines[:SAMPLE_ROWS]
        opened = [sum(1 for _ in single.finditer(line)) for line in some]
        if sum(opened) < 2 or sum(opened) <= "".join(some).count('"'):
            return ['"']
        # What stands in nearly every line encloses fields, but for lists inside quotation marks.
        is_usual = sum(map(bool, opened)) >= 0.9 * len(some)
        is_alone = sum('"' in line for line in some) < 0.1 * len(some)
        return ["'"] if is_usual and is_alone else ['"', "'"]

    def _escapes(self, quote: str) -> list[str]:
        if self.escape is not None:
            return [self.escape]
        mark = f"\\{quote}"
        return ["", "\\"] if quote and any(mark in line for line in self.lines) else [""]

    def _try(self, writing: Writing) -> _Trial:
        effort = Effort.for_text(self.lines)
        units = Units(self.lines, Splitter(writing), None, effort)
        records: list[list[str]] = []
        strays = 0
        for unit in units.between(0, len(self.lines)):
            records.append(unit.cells)
            strays += unit.split.stray > 0
            if len(records) == SAMPLE_ROWS:
                break
        return _judged(writing, records, strays)


def _judged(writing: Writing, records: list[list[str]], strays: int) -> _Trial:
    """Return how much the records look like a table (0 … 1).

    Three things count: that records agree on their number of fields, that there are several
    fields, and that fields look like values and do not hold another delimiter.
    """
    if not records:
        return _Trial(writing=writing, score=0, share=0, width=1, n_records=0, is_even=False)
    widths = [len(record) for record in records]
    width = usual_width(widths)
    share = widths.count(width) / len(records)
    score, is_even = 0.0, False
    if width > 1:
        whole = Counter(cell for row in records if len(row) == width for cell in row[:200])
        n_clean = sum(n for cell, n in whole.items() if _is_clean(cell, writing.delimiter))
        clean = n_clean / whole.total()
        agreeing = 1.0 if _begins_well(records, width) else 0.4
        if _is_headed_otherwise(records):
            agreeing = 0.4
        if share < 0.6 and widths[0] == 1:
            # A name above sentences.
            agreeing = 0.1
        score = share**2 * (width - 1) / width * (0.2 + 0.8 * clean) * agreeing
        score *= 1 - 0.5 * strays / len(records)
        below = widths[1:]
        is_even = below.count(width) >= 0.9 * len(below) and _is_divided(writing, records, width)
    return _Trial(
        writing=writing, score=score, share=share, width=width, n_records=len(records),
        is_even=is_even,
    )  # fmt: skip


def _is_divided(writing: Writing, records: list[list[str]], width: int) -> bool:
    """Return whether the first record has as many names, and spaces divide no words of a name."""
    lacks = width - len(records[0])
    if writing.delimiter not in SPACES:
        return lacks == 0
    below = [record for record in records[1:] if len(record) == width]
    if lacks and (lacks != 1 or width < 3 or not _name_rows([record[0] for record in below])):
        return False
    named = range(lacks, width)
    return any(all(_is_typed(record[place]) for record in below) for place in named if below)


def _name_rows(cells: list[str]) -> bool:
    """Return whether cells may name or number rows, as R writes them and programs print them."""
    if all(map(str.isdecimal, cells)):
        return all(int(before) < int(after) for before, after in pairwise(cells))
    return len(set(cells)) == len(cells)


def _begins_well(records: list[list[str]], width: int) -> bool:
    """Return whether the first record, or the first below some titles, is about as wide."""
    if width == 2 and len(records[0]) == 1:
        # A name above "1,5" is a header above decimal numbers rather than a title.
        return False
    first = next(record for record in records if len(record) > 1)
    return len(first) >= width - 1


def _is_headed_otherwise(records: list[list[str]]) -> bool:
    """Return whether another mark divides the first record, which is whole, like all others."""
    if len(records[0]) > 1:
        return False
    for mark in USUAL:
        count = records[0][0].count(mark)
        if count and all(sum(c.count(mark) for c in row) == count for row in records[1:100]):
            return True
    return False


def _stands_whole(lines: Sequence[str], mark: str) -> bool:
    """Return whether a mark of several characters is not two that a value stands between."""
    bars = mark.count("|")
    return all(line.count("|") == line.count(mark) * bars for line in lines if bars)


def _has_spaced_numbers(lines: Sequence[str]) -> bool:
    """Return whether the first fields between tabs are several numbers with spaces between."""
    firsts = [line.split("\t", 1)[0].strip() for line in lines[:200]]
    numbers = [[_is_number(cell) for cell in first.split()] for first in firsts]
    several = all(len(row) > 2 and sum(row) >= len(row) - 1 for row in numbers)
    is_measured = any("." in first or "," in first for first in firsts)
    return several and is_measured and not any(map(_is_typed, firsts))


def _is_better(whole: _Trial, best: _Trial) -> bool:
    return whole.score > best.score or best.writing.delimiter in whole.writing.delimiter


def _divides(lines: Sequence[str], mark: str) -> bool:
    some = lines[:200]
    return sum(mark in line for line in some) > 0.9 * len(some)


def _is_clean(cell: str, delimiter: str) -> bool:
    cell = cell.strip()
    if not any(mark in cell for mark in USUAL if mark != delimiter):
        return True
    return _is_number(cell) or _is_date(cell)


def _is_number(cell: str) -> bool:
    number = without_unit(cell)
    return bool(_NUMBER.fullmatch(number) or _GAPPED.fullmatch(number))


def _is_date(cell: str) -> bool:
    return bool(_DATE.fullmatch(cell) or _NAMED_DATE.fullmatch(cell))


def _mostly_values(lines: Sequence[str]) -> bool:
    """Return whether nearly every line is one number, date or time."""
    below = [line.strip() for line in lines[1:200]]
    return bool(below) and sum(map(_is_typed, below)) > 0.8 * len(below)


def _score_of_lines(lines: Sequence[str]) -> float:
    """Return the score of taking each line as one value; low, so that any good split wins."""
    lines = [line for line in lines[:SAMPLE_ROWS] if line.strip()]
    if not lines:
        return 0.25
    # A first line with a delimiter in it names several columns.
    weight = 0.25 if _is_clean(lines[0], "") else 0.08
    return weight * (0.1 + 0.9 * sum(_is_clean(line, "") for line in lines) / len(lines))


# Header


def find_header(records: list[list[str]], chosen: bool | None) -> tuple[bool, Message]:
    """Return whether the first record names the columns, and why that was concluded.

    Parameters
    ----------
    records : list of list of str
        The first records of a table.
    chosen : bool, optional
        What the user says.
    """
    if chosen is not None:
        code = "header_chosen" if chosen else "no_header_chosen"
        return chosen, message(f"data.decision.{code}")
    if len(records) < 2:
        return _header_of_text(records[0] if records else [])
    for_header, against = header_votes(_without_repeats(records))
    if against > for_header and _numbers_columns(records[:_MOST_VOTERS]):
        return True, message("data.decision.header_counts")
    if against > for_header:
        return False, message("data.decision.no_header", columns=against)
    if for_header > against:
        return True, message("data.decision.header", columns=for_header)
    return _header_of_text(records[0])


def _without_repeats(records: list[list[str]]) -> list[list[str]]:
    """Leave out a header that stands there again, where files were put together."""
    first = records[0]
    others = [record for record in records if record != first]
    repeats = len(records) - len(others) - 1
    if len(records) < 10 or (repeats > 2 and not _are_names_only(first, others)):
        return records
    return [first, *others]


def _are_names_only(first: list[str], others: list[list[str]]) -> bool:
    """Return whether words stand together in some records, and none of them in any other."""
    in_use = {cell for record in others for cell in record}
    return 1 < len(first) < len(others) and all(first) and in_use.isdisjoint(first)


def header_votes(records: list[list[str]]) -> tuple[int, int]:
    """Return how many columns speak for the first record being a header, and how many against."""
    some = _padded(records[:_MOST_VOTERS])
    votes = [_header_vote(cells) for cells in zip(*some, strict=True)]
    return votes.count(1), votes.count(-1)


def _padded(records: list[list[str]]) -> list[list[str]]:
    width = min(usual_width([len(record) for record in records]), _MOST_VOTES)
    return [(record + [""] * width)[:width] for record in records]


def _header_vote(cells: tuple[str, ...]) -> int:
    """Return 1 when the first cell differs in type from those below, -1 when it is one of them."""
    first, *below = (cell.strip() for cell in cells)
    values = [cell for cell in below if cell and cell not in _NO_VALUE]
    if not values:
        return 0
    typed = sum(map(_is_typed, values)) > 0.8 * len(values)
    if typed:
        if _is_other_year(first, values) or _is_other_sort(first, values):
            return 1
        return -1 if _is_typed(first) else (1 if first else 0)
    if _is_typed(first) or first in values or _have_one_key([first, *values]):
        return -1
    # A word that never occurs in a column of few words is no value of it.
    return 1 if first and len(values) >= 10 and len(set(values)) <= len(values) / 4 else 0


def _have_one_key(cells: list[str]) -> bool:
    """Return whether all cells are values behind the same key, as in ``level=info``."""
    key, mark, _ = cells[0].partition("=")
    return bool(key and mark) and all(cell.startswith(key + mark) for cell in cells)


def _is_other_year(first: str, below: list[str]) -> bool:
    return bool(_YEAR.fullmatch(first)) and not any(map(_YEAR.fullmatch, below))


def _is_other_sort(first: str, below: list[str]) -> bool:
    """Return whether a date, a time or an amount with its unit stands above plain numbers."""
    return _is_more_than_number(first) and not any(map(_is_more_than_number, below))


def _is_more_than_number(cell: str) -> bool:
    return without_unit(cell) != cell or _is_date(cell) or bool(_TIME.fullmatch(cell))


def _numbers_columns(records: list[list[str]]) -> bool:
    """Return whether the first record numbers the columns, or has the places of a measurement.

    Its numbers then go up or down as in no other record, and some do not occur in their column.
    """
    padded = [[cell.strip() for cell in record] for record in _padded(records)]
    places = [place for place, cell in enumerate(padded[0]) if _is_number(cell)]
    names, *below = ([record[place] for place in places] for record in padded)
    if sum(map(_is_typed, padded[0])) > len(places) or not places:
        return False
    rows = [record[0] for record in padded]
    if not rows[0] and _are_counted(rows[1:]) and _are_counted(names):
        return True
    if not _is_axis(names) or any(map(_is_axis, below)):
        return False
    if len(names) < 5 and not any("." in cell or "," in cell for cells in below for cell in cells):
        return False
    columns = list(zip(names, *below, strict=True))
    if _are_even(names):
        return any(name not in cells for name, *cells in columns)
    return 2 * sum(_is_outside(name, cells) for name, *cells in columns) > len(names)


def _are_counted(cells: Sequence[str]) -> bool:
    return all(cell == str(place) for place, cell in enumerate(cells))


def _is_axis(cells: Sequence[str]) -> bool:
    """Return whether numbers go up evenly, or many of them in one direction."""
    steps = _steps(cells)
    return _are_even(cells) or (len(steps) > 8 and min(steps) * max(steps) > 0)


def _are_even(cells: Sequence[str]) -> bool:
    steps = _steps(cells)
    if len(steps) < 2 or len(steps) < {0.0: 2, 1.0: 3}.get(float(cells[0]), 4):
        return False
    return min(steps) > 0 and max(steps) - min(steps) < 1e-6 * max(steps)


def _steps(cells: Sequence[str]) -> list[float]:
    """Return by how much each number is greater than the one before it; none for other cells."""
    try:
        return [after - before for before, after in pairwise(map(float, cells))]
    except ValueError:
        return []


def _is_outside(name: str, cells: Sequence[str]) -> bool:
    """Return whether a number is less or greater than all numbers below it."""
    try:
        numbers = [float(cell) for cell in cells if cell]
    except ValueError:
        return True
    return not numbers or not min(numbers) <= float(name) <= max(numbers)


def kind_of(cell: str) -> str:
    """Return whether a cell is a “number” or a “date” (or a time), by its looks; else empty."""
    if _is_number(cell):
        return "number"
    return "date" if _is_date(cell) or _TIME.fullmatch(cell) else ""


def _is_typed(cell: str) -> bool:
    return bool(kind_of(cell))


def _header_of_text(first: list[str]) -> tuple[bool, Message]:
    names = [cell.strip() for cell in first]
    if len(set(names)) == len(names) and all(names) and not any(map(_is_typed, names)):
        return True, message("data.decision.header_text")
    if any(map(_is_typed, names)):
        return False, message("data.decision.no_header_values")
    return True, message("data.decision.header_default")


# Decimal mark


def find_decimal(
    records: list[list[str]], chosen: str | None, delimiter: str = ","
) -> tuple[str, Message]:
    """Return the decimal mark of some records, and why that was concluded."""
    if chosen is not None:
        return chosen, message("data.decision.decimal_chosen", decimal=DECIMALS[chosen])
    points = commas = 0
    for cell, count in Counter(cell for record in records for cell in record[:200]).items():
        number = without_unit(cell.strip())
        if not _THOUSANDS.fullmatch(number):
            points += count * bool(_POINT.fullmatch(number))
            commas += count * bool(_COMMA.fullmatch(number))
    if not points and not commas and delimiter == ";":
        commas = _commas_with_three_digits(records)
    if commas > points:
        return ",", message("data.decision.decimal", decimal="comma", count=commas)
    if points:
        return ".", message("data.decision.decimal", decimal="point", count=points)
    return ".", message("data.decision.decimal_default")


def _commas_with_three_digits(records: list[list[str]]) -> int:
    """Return how many values have three digits behind a comma, if those may all be decimals.

    Spreadsheets divide by semicolons where the comma stands before decimals. Whole numbers or
    points in the same column would speak for thousands.
    """
    count = 0
    for cells in zip(*_padded(records), strict=True):
        numbers = [cell for cell in map(without_unit, map(str.strip, cells)) if _is_number(cell)]
        thirds = sum(bool(_THOUSANDS.fullmatch(number)) for number in numbers)
        if thirds and (thirds < len(numbers) or any("." in number for number in numbers)):
            return 0
        count += thirds
    return count


def without_comments(lines: Sequence[str], prefix: str) -> list[str]:
    """Return the lines that are no comments."""
    return [line for line in lines if not is_comment(line, prefix)]
