"""How a text file writes its table: delimiter, quotation marks, header, decimal mark.

Everything here looks at a bounded sample and takes time in proportion to it.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

from mlcore.messages import Message, message

#: The delimiters that are looked for, in order of preference, with the words of a menu.
DELIMITERS: dict[str, str] = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "vertical bar",
}

DECIMALS: dict[str, str] = {".": "point", ",": "comma"}

#: A longer single line, or a longer field, is taken as a sign that the file is no table.
LONGEST_LINE = 16 * 2**20

_SAMPLE_BYTES = 2**18
_SAMPLE_LEAST_LINES = 30
_SAMPLE_MOST_BYTES = 2**23
_SAMPLE_ROWS = 1000

# Digits and marks alternate, so that no text can be matched in two ways: time stays linear.
_NUMBER = re.compile(r"[+-]?[.,]?\d+(?:[.,]\d+)*[.,]?(?:[eE][+-]?\d{1,3})?%?")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ]\d{1,2}:\d\d\S*)?")
_POINT = re.compile(r"[+-]?(?:\d*\.\d+|\d{1,3}(?:,\d{3})+\.\d+)(?:[eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?(?:\d*,\d+|\d{1,3}(?:\.\d{3})+,\d+)(?:[eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_EXCEL_HINT = re.compile(r"\s*sep=(.)\s*", re.I)
_TITLE_LINES = 20


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How the table is written.

    Parameters
    ----------
    delimiter, quote : str
        One character each.
    header : bool
        Whether the first record names the columns.
    decimal : str
        ``"."`` or ``","``.
    n_columns : int
        How many fields a record has: the most common number, or the header's when it is larger.
    titles : int
        Lines before the table that do not belong to it.
    """

    delimiter: str
    quote: str
    header: bool
    decimal: str
    n_columns: int
    titles: int


@dataclass(frozen=True, kw_only=True)
class Found:
    """A dialect and why it was taken."""

    dialect: Dialect
    decisions: tuple[Message, ...]


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


def records_of(sample: str, delimiter: str, quote: str) -> list[list[str]]:
    """Return the first records of a text, without empty lines."""
    csv.field_size_limit(LONGEST_LINE)
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, quotechar=quote)
    records: list[list[str]] = []
    for record in reader:
        if record:
            records.append(record)
        if len(records) == _SAMPLE_ROWS:
            break
    return records


def find_dialect(
    sample: str, delimiter: str | None, header: bool | None, decimal: str | None
) -> Found:
    """Return the dialect of a sample; ``None`` means that it is to be detected.

    Parameters
    ----------
    sample : str
        The beginning of the file.
    delimiter, header, decimal
        What the user chose.
    """
    hint, hinted = _excel_hint(sample)
    body = _without_lines(sample, hint)
    found, quote, why = _find_delimiter(body, delimiter or hinted)
    if delimiter is not None:
        why = message("data.decision.delimiter_chosen", delimiter=name_of(found))
    elif hinted is not None:
        why = message("data.decision.delimiter_hint", delimiter=name_of(found))
    records = records_of(body, found, quote)
    titles = _title_lines(records)
    records = records[titles:]
    header, header_why = find_header(records, header)
    decimal, decimal_why = _find_decimal(records[1 if header else 0 :], decimal)
    width = max(_usual_width(records), len(records[0]) if header and records else 0)
    said = [why, header_why, decimal_why]
    if quote != '"':
        said.insert(1, message("data.decision.quote", quote=quote))
    if skipped := titles + hint:
        said.append(message("data.decision.titles", lines=skipped))
    dialect = Dialect(
        delimiter=found,
        quote=quote,
        header=header,
        decimal=decimal,
        n_columns=width,
        titles=_lines_of(body, titles, found, quote) + hint,
    )
    return Found(dialect=dialect, decisions=tuple(said))


def name_of(delimiter: str) -> str:
    """Return the words for a delimiter."""
    return DELIMITERS.get(delimiter, f"“{delimiter}”" if delimiter.isprintable() else "none")


def _excel_hint(sample: str) -> tuple[int, str | None]:
    first = sample.split("\n", 1)[0]
    match = _EXCEL_HINT.fullmatch(first)
    return (1, match.group(1)) if match else (0, None)


def _without_lines(text: str, lines: int) -> str:
    stream = io.StringIO(text, newline="")
    for _ in range(lines):
        stream.readline()
    return stream.read()


def _lines_of(text: str, n_records: int, delimiter: str, quote: str) -> int:
    """Return on how many lines the first records stand, empty lines included."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote)
    seen = 0
    while seen < n_records:
        seen += bool(next(reader))
    return reader.line_num


def _usual_width(records: list[list[str]]) -> int:
    widths = Counter(map(len, records))
    return max(widths, key=lambda width: (widths[width], width), default=1)


# Delimiter and quotation mark


def _find_delimiter(sample: str, chosen: str | None) -> tuple[str, str, Message]:
    candidates = [chosen] if chosen else list(DELIMITERS)
    quotes = ['"', "'"] if _single_quotes(sample) else ['"']
    best, best_score, best_share = None, -1.0, 0.0
    for delimiter in candidates:
        for quote in quotes:
            score, share = _score(records_of(sample, delimiter, quote))
            if score > best_score + 1e-9:
                best, best_score, best_share = (delimiter, quote), score, share
    assert best is not None
    if chosen is None and best_score <= _score_of_lines(sample):
        unused = next((mark for mark in DELIMITERS if mark not in sample), "\x1f")
        return unused, '"', message("data.decision.one_column")
    why = message(
        "data.decision.delimiter",
        delimiter=name_of(best[0]),
        share=f"{best_share:.0%}",
        columns=_usual_width(records_of(sample, *best)),
    )
    return *best, why


def _single_quotes(sample: str) -> bool:
    """Return whether ' opens and closes fields, as " usually does."""
    opened = len(re.findall(r"(?:^|[,;\t|])'[^'\r\n]*'(?=[,;\t|\r\n]|$)", sample, re.M))
    return opened >= 2 and opened > sample.count('"')


def _score(records: list[list[str]]) -> tuple[float, float]:
    """Return how much the records look like a table (0 … 1), and the share of the usual width.

    Three things count: that records agree on their number of fields, that there are several
    fields, and that fields look like values and do not hold another delimiter.
    """
    if not records:
        return 0.0, 0.0
    width = _usual_width(records)
    share = sum(len(record) == width for record in records) / len(records)
    if width < 2:
        return 0.0, share
    whole = [cell for record in records if len(record) == width for cell in record[:200]]
    clean = sum(map(_is_clean, whole)) / len(whole)
    agreeing = 1.0 if _begins_well(records, width) else 0.4
    return share**2 * (width - 1) / width * (0.2 + 0.8 * clean) * agreeing, share


def _begins_well(records: list[list[str]], width: int) -> bool:
    """Return whether the first record, or the first below some titles, is about as wide."""
    if width == 2 and len(records[0]) == 1:
        # A name above "1,5" is a header above decimal numbers rather than a title.
        return False
    first = next(record for record in records if len(record) > 1)
    return len(first) >= width - 1


def _is_clean(cell: str) -> bool:
    cell = cell.strip()
    if not any(mark in cell for mark in DELIMITERS):
        return True
    return bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))


def _score_of_lines(sample: str) -> float:
    """Return the score of taking each line as one value; low, so that any good split wins."""
    lines = [line for line in sample.splitlines()[:_SAMPLE_ROWS] if line.strip()]
    if not lines:
        return 0.25
    # A first line with a delimiter in it names several columns.
    weight = 0.25 if _is_clean(lines[0]) else 0.08
    return weight * sum(map(_is_clean, lines)) / len(lines)


# Lines before the table


def _title_lines(records: list[list[str]]) -> int:
    """Return how many first records are titles: one field each, then full records."""
    width = _usual_width(records)
    full = sum(len(record) == width for record in records)
    if width < 2 or full < 0.6 * len(records) or full < 2:
        return 0
    for number, record in enumerate(records[: _TITLE_LINES + 1]):
        if len(record) > 1:
            return number if len(record) >= width - 1 else 0
    return 0


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
    votes = [_header_vote(cells) for cells in zip(*_padded(records[:200]), strict=True)]
    for_header, against = votes.count(1), votes.count(-1)
    if against > for_header:
        return False, message("data.decision.no_header", columns=against)
    if for_header > against:
        return True, message("data.decision.header", columns=for_header)
    return _header_of_text(records[0])


def _padded(records: list[list[str]]) -> list[list[str]]:
    width = _usual_width(records)
    return [(record + [""] * width)[:width] for record in records]


def _header_vote(cells: tuple[str, ...]) -> int:
    """Return 1 when the first cell differs in type from those below, -1 when it is one of them."""
    first, *below = (cell.strip() for cell in cells)
    values = [cell for cell in below if cell and cell not in ("NA", "?", "-", "NaN", "null")]
    if not values:
        return 0
    typed = sum(map(_is_typed, values)) > 0.8 * len(values)
    if typed:
        return -1 if _is_typed(first) else (1 if first else 0)
    if _is_typed(first):
        return -1
    return -1 if first in values else 0


def _is_typed(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))


def _header_of_text(first: list[str]) -> tuple[bool, Message]:
    names = [cell.strip() for cell in first]
    if len(set(names)) == len(names) and all(names) and not any(map(_is_typed, names)):
        return True, message("data.decision.header_text")
    if any(map(_is_typed, names)):
        return False, message("data.decision.no_header_values")
    return True, message("data.decision.header_default")


# Decimal mark


def _find_decimal(records: list[list[str]], chosen: str | None) -> tuple[str, Message]:
    if chosen is not None:
        return chosen, message("data.decision.decimal_chosen", decimal=DECIMALS[chosen])
    cells = [cell.strip() for record in records for cell in record[:200]]
    numbers = [cell for cell in cells if cell and not _THOUSANDS.fullmatch(cell)]
    points = sum(bool(_POINT.fullmatch(cell)) for cell in numbers)
    commas = sum(bool(_COMMA.fullmatch(cell)) for cell in numbers)
    if commas > points:
        return ",", message("data.decision.decimal", decimal="comma", count=commas)
    if points:
        return ".", message("data.decision.decimal", decimal="point", count=points)
    return ".", message("data.decision.decimal_default")
