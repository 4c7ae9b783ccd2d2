"""From cells to the values a model learnt from, and what was odd in them.

A cell is text as it stands in a file, or a value as JSON has them; a value is read as the cell
that it would be in a file of training.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING or __package__:
    from mlcore.data.cells import BLANKS, bare_name, read_date, read_number
    from mlcore.registry.bundle_files.problems import Problem, listing
else:
    # In a bundle they lie beside this file.
    from cells import BLANKS, bare_name, read_date, read_number
    from problems import Problem, listing

if TYPE_CHECKING:
    import pandas as pd

#: Rows are predicted in blocks of so many, the last one filled up: processors add the rows at the
#: edge of a matrix in another order, and a row alone would differ from itself among others in the
#: last of some sixteen digits.
BLOCK = 16
_MOST_SHOWN = 200


class _Absent:
    """What stands in a column where a record does not name it."""


ABSENT = _Absent()

#: A column's values: ``float`` (NaN for missing), ``datetime`` or text (``None`` for missing).
Values: TypeAlias = list[Any]


@dataclass(frozen=True, eq=False)
class Reading:
    """Rows as the model takes them, and what was odd in them.

    Parameters
    ----------
    columns : mapping of str to list
        The values of each column of the model, in its order: ``float`` (NaN for missing),
        ``datetime`` or text (``None`` for missing).
    kinds : mapping of str to str
        The kind of each column.
    n_rows : int
        How many rows there are.
    problems : tuple of Problem
        What was odd: first of all rows, then row by row.
    """

    columns: Mapping[str, Values]
    kinds: Mapping[str, str]
    n_rows: int
    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems with which a row gets no answer."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The columns with the types of training: ``float64``, ``datetime64`` or text."""
        import pandas as pd

        return pd.DataFrame(
            {
                name: pd.Series(values, dtype=_DTYPES.get(self.kinds[name], "str"))
                for name, values in self.columns.items()
            },
            index=range(self.n_rows),
        )

    def refused(self, policy: str = "warn") -> frozenset[int]:
        """Return the numbers of the rows that get no answer under a policy."""
        found = self.errors
        if policy == "refuse":
            found += tuple(p for p in self.problems if p.row is not None and p.is_doubtful)
        if any(problem.row is None for problem in found):
            return frozenset(range(self.n_rows))
        return frozenset(problem.row for problem in found if problem.row is not None)

    def only(self, rows: Sequence[int]) -> Reading:
        """Return some of the rows, with values alone."""
        if len(rows) == self.n_rows:
            return self
        columns = {name: [values[row] for row in rows] for name, values in self.columns.items()}
        return Reading(columns, self.kinds, len(rows))

    def in_blocks(self) -> Reading:
        """Return the rows with the last one repeated until they fill whole blocks."""
        lacking = -self.n_rows % BLOCK
        if not lacking:
            return self
        columns = {name: [*values, *values[-1:] * lacking] for name, values in self.columns.items()}
        return Reading(columns, self.kinds, self.n_rows + lacking)


_DTYPES = {"number": "float64", "date or time": "datetime64[us]"}


def joined(readings: Sequence[Reading]) -> Reading:
    """Return the rows of several readings as one, to be answered at once.

    :meth:`Answers.part` gives each its own answers back.
    """
    first, problems, start = readings[0], list[Problem](), 0
    for reading in readings:
        problems += [
            problem if problem.row is None else replace(problem, row=problem.row + start)
            for problem in reading.problems
        ]
        start += reading.n_rows
    columns = {
        name: [value for reading in readings for value in reading.columns[name]]
        for name in first.columns
    }
    return Reading(columns, first.kinds, start, tuple(problems))


def read_records(records: Sequence[Mapping[str, Any]], schema: Mapping[str, Any]) -> Reading:
    """Return rows given one by one, as JSON has them: ``[{"age": 41, "colour": "red"}, …]``.

    A name that a record lacks is an error of that record; a value that is not known is ``null``.
    """
    names = dict.fromkeys(name for record in records for name in record)
    columns = {name: [record.get(name, ABSENT) for record in records] for name in names}
    return read_columns(columns, schema, len(records))


def read_columns(
    columns: Mapping[str, Sequence[Any]], schema: Mapping[str, Any], n_rows: int | None = None
) -> Reading:
    """Return columns with the types they had in training.

    Parameters
    ----------
    columns : mapping of str to sequence
        The cells of each column, all of one length: text as it stands in a file, or numbers, true,
        false and null as JSON has them.
    schema : mapping
        As in ``input_schema.json``.
    n_rows : int, optional
        How many rows there are; by default as many as cells of a column.
    """
    count = max(map(len, columns.values()), default=0) if n_rows is None else n_rows
    given = _by_name(columns, schema)
    known = {feature["name"] for feature in schema["features"]}
    problems = [Problem(None, name, "unknown_column") for name in given if name not in known]
    values, gaps = {}, Counter[int]()
    for feature in schema["features"]:
        name = feature["name"]
        cells = _Cells(given[name] if name in given else [ABSENT] * count, feature)
        values[name] = _READERS[feature["kind"]](cells)
        gaps.update(cells.gaps)
        problems += cells.problems
    problems += _too_many_missing(gaps, len(known))
    kinds = {feature["name"]: feature["kind"] for feature in schema["features"]}
    if schema.get("steps"):
        problems += _left_out(Reading(values, kinds, count, tuple(problems)), schema["steps"])
    # Stable: within a row they stay in the order of the columns.
    problems.sort(key=lambda problem: -1 if problem.row is None else problem.row)
    return Reading(values, kinds, count, tuple(problems))


def _by_name(
    columns: Mapping[str, Sequence[Any]], schema: Mapping[str, Any]
) -> dict[str, Sequence[Any]]:
    """Return the columns under the names of training, which have no needless blanks."""
    known = {feature["name"] for feature in schema["features"]}
    found = {}
    for name, cells in columns.items():
        bare = bare_name(str(name))
        found[bare if bare in known and bare not in columns else str(name)] = cells
    return found


def _too_many_missing(gaps: Counter[int], n_columns: int) -> list[Problem]:
    return [
        Problem(row, None, "too_many_missing", f"{count} of {n_columns}", f"{n_columns // 2}")
        for row, count in gaps.items()
        if 2 * count > n_columns
    ]


_NUMBER_KINDS = {float, int, type(None)}


def _are_plain(cells: Sequence[Any], feature: Mapping[str, Any]) -> bool:
    """Return whether numbers are what a column of numbers would hold if they were written."""
    if feature["kind"] != "number" or _has_number(tuple(feature["missing_tokens"])):
        return False
    try:
        # With one that is not finite, neither is the sum.
        return math.isfinite(sum(filter(None, cells)))
    except OverflowError:
        return False


@lru_cache(1024)
def _tokens(words: tuple[str, ...]) -> frozenset[str]:
    """Return the cells that stand for a missing value."""
    return frozenset(("", *words))


@lru_cache(1024)
def _has_number(tokens: tuple[str, ...]) -> bool:
    """Return whether a number may stand for a missing value, as -999 does in some files."""
    return any(re.fullmatch(r"-?\d[\d.,]*(?:e[+-]?\d+)?", token) for token in tokens)


def recipe_steps() -> Any:
    """Return what does the steps of a recipe; it is only there where a bundle has some."""
    if TYPE_CHECKING or __package__:
        from mlcore.data.recipe import steps
    else:
        import steps
    return steps


def rows_after_steps(
    reading: Reading, schema: Mapping[str, Any]
) -> tuple[pd.DataFrame, frozenset[int]]:
    """Return rows after the steps of the first table, and which ones those leave out, from 0."""
    frame, left_out = recipe_steps().rows_prepared(reading.frame, schema["steps"])
    return frame, frozenset(left_out)


def _left_out(reading: Reading, steps: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Return a problem for each row that a step of the recipe leaves out of training."""
    refused = reading.refused()
    rows = [row for row in range(reading.n_rows) if row not in refused]
    if not rows:
        return []
    _, left_out = recipe_steps().rows_prepared(reading.only(rows).frame, steps)
    return [
        Problem(rows[place], None, "left_out", expected=str(step["said"]))
        for place, found in left_out.items()
        for step in found
    ]


class _Cells:
    """The cells of one column as text, and what was odd in them."""

    def __init__(self, cells: Sequence[Any], feature: Mapping[str, Any]) -> None:
        self.feature = feature
        self.problems: list[Problem] = []
        #: Rows whose cell is nothing that a file could hold; they are told already.
        self.told: set[int] = set()
        kinds = set(map(type, cells))
        #: Whether they are numbers as JSON has them, which need not be written and read again.
        self.are_numbers = not kinds - _NUMBER_KINDS and _are_plain(cells, feature)
        if self.are_numbers:
            self.present = list(cells)
        else:
            texts = cells if kinds == {str} else self._written(cells)
            tokens = _tokens(tuple(feature["missing_tokens"]))
            bare = {text: text.strip(BLANKS) for text in set(texts)}
            known = {text: None if cell in tokens else cell for text, cell in bare.items()}
            self.present = [known[text] for text in texts]
        self.gaps = self._gaps()
        if feature["missing_in_training"] == 0:
            self.add("missing", self.gaps)

    def add(self, code: str, rows: Iterable[int], expected: str = "") -> None:
        """Tell of cells as they are written."""
        name = self.feature["name"]
        self.problems += [
            Problem(row, name, code, (self.present[row] or "")[:_MOST_SHOWN], expected)
            for row in rows
        ]

    def _gaps(self) -> list[int]:
        if None not in self.present:
            return []
        return [r for r, cell in enumerate(self.present) if cell is None and r not in self.told]

    def _written(self, cells: Sequence[Any]) -> list[str]:
        if all(cell is ABSENT for cell in cells):
            self._tell(None, "missing_column")
            self.told.update(range(len(cells)))
            return [""] * len(cells)
        return [self._text(row, cell) for row, cell in enumerate(cells)]

    def _text(self, row: int, value: Any) -> str:
        """Return the cell that holds a value in a file of training."""
        if type(value) is str:
            return value
        if value is ABSENT:
            self._tell(row, "missing_column")
            return ""
        text = written(value, self.feature)
        if text is None:
            self._tell(row, "unreadable", _plain_text(value))
        return text or ""

    def _tell(self, row: int | None, code: str, got: str = "") -> None:
        name = self.feature["name"]
        self.problems.append(Problem(row, name, code, got, expected_words(self.feature)))
        if row is not None:
            self.told.add(row)


def expected_words(feature: Mapping[str, Any]) -> str:
    """Return what a column holds, such as ``"a number such as 5"``."""
    nouns = {"number": "a number", "date or time": "a date", "yes/no": "one of two values"}
    noun = nouns.get(feature["kind"], "text")
    return f"{noun} such as {feature['example']}" if feature["example"] else noun


def _plain_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=repr)[:_MOST_SHOWN]


def written(value: Any, feature: Mapping[str, Any]) -> str | None:
    """Return the cell that holds a value in a file as training had it; ``None`` if none can.

    Parameters
    ----------
    value : object
        A number, true, false, nothing, a date, or text.
    feature : mapping
        The column, as in ``input_schema.json``.
    """
    if hasattr(value, "item") and not isinstance(value, str):
        # numpy's numbers become Python's.
        value = value.item()
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return ""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return _truth_word(value, feature)
    if isinstance(value, int | float | Decimal):
        return _number_cell(value, feature)
    if isinstance(value, date | time):
        return value.isoformat()
    return None


def _number_cell(value: int | float | Decimal, feature: Mapping[str, Any]) -> str:
    """Return a number as text; of the ways to write it, the one that is a category of training."""
    try:
        number = float(value)
    except OverflowError:
        return "infinity"
    if math.isnan(number):
        return ""
    # Whole numbers keep their digits where the column holds text, which codes often are.
    is_long = isinstance(value, int) and feature["kind"] != "number"
    text = str(value) if is_long else repr(number).removesuffix(".0")
    if feature["kind"] == "number":
        return text.replace(".", feature["decimal"])
    known = feature["categories"] or ()
    ways = (text, f"{text}.0", text.replace(".", ","), f"{text},0")
    return next((way for way in ways if way in known), text)


_YES = (
    "yes y true t 1 on ja oui si sí sì sim tak ano da taip jah kyllä igen evet ναι да так wahr "
    "vrai verdadero prawda 是 有 对 はい あり 有り 예 네 있음 نعم כן ใช่ có ya"
)
_NO = (
    "no n false f 0 off nein nee nej nei non não nie ne nu ei nem hayir hayır όχι нет ні не "
    "falsch faux falso fałsz 否 无 無 错 いいえ なし 無し 아니오 아니요 없음 "
    "لا לא ไม่ ไม่ใช่ không tidak"
)
#: Words for yes and no, in small letters.
YES, NO = frozenset(_YES.split()), frozenset(_NO.split())


def _truth_word(value: bool, feature: Mapping[str, Any]) -> str:
    """Return the word that a column has for true or false, if it has exactly one."""
    words = YES if value else NO
    known = [word for word in feature["categories"] or () if word.casefold() in words]
    return known[0] if len(known) == 1 else str(value).lower()


def _numbers(cells: _Cells) -> Values:
    feature, decimal = cells.feature, cells.feature["decimal"]
    # Bundles made before these were kept have none.
    units, thousands = feature.get("unit_words", ()), feature.get("thousands")
    low, high = feature["low"], feature["high"]
    if low is None:
        low, high = -math.inf, math.inf
    if cells.are_numbers and cells.present and not cells.gaps:
        values = list(map(float, cells.present))
        if low <= min(values) and max(values) <= high:
            return values
    elif cells.are_numbers:
        values = [math.nan if cell is None else float(cell) for cell in cells.present]
    else:
        known = {
            cell: read_number(cell, decimal, units, thousands)
            for cell in set(cells.present)
            if cell
        }
        values = [known[cell] if cell else math.nan for cell in cells.present]
    # A value that is missing or cannot be read lies nowhere.
    odd = [row for row, value in enumerate(values) if not low <= value <= high]
    if len(odd) == len(cells.gaps):
        return values
    unreadable = [row for row in odd if cells.present[row] and math.isnan(values[row])]
    cells.add("unreadable", unreadable, expected_words(feature))
    span = f"{_shown_number(low)} to {_shown_number(high)}"
    cells.problems += [
        Problem(row, feature["name"], "outside", _shown_number(values[row]), span)
        for row in odd
        if not math.isnan(values[row])
    ]
    return values


def _shown_number(number: float) -> str:
    return repr(float(number)).removesuffix(".0")


def _dates(cells: _Cells) -> Values:
    feature = cells.feature
    form, day_first = feature["date_form"], feature["day_first"]
    known = {cell: read_date(cell, form, day_first) for cell in set(cells.present) if cell}
    values = [known[cell] if cell else None for cell in cells.present]
    if None in known.values():
        unreadable = [r for r, cell in enumerate(cells.present) if cell and values[r] is None]
        cells.add("unreadable", unreadable, expected_words(feature))
    if feature["low"] is not None:
        low, high = (datetime.fromisoformat(feature[end]) for end in ("low", "high"))
        cells.problems += [
            Problem(row, feature["name"], "outside", _shown_moment(value), _span(feature))
            for row, value in enumerate(values)
            if value is not None and not low <= value <= high
        ]
    return values


def _shown_moment(moment: datetime) -> str:
    return moment.isoformat().removesuffix("T00:00:00")


def _span(feature: Mapping[str, Any]) -> str:
    return f"{feature['low']} to {feature['high']}"


def _categories(cells: _Cells) -> Values:
    feature = cells.feature
    if feature["categories"] is None or feature["categories_cut"]:
        return cells.present
    known = set(feature["categories"])
    strange = {cell for cell in set(cells.present) - known if cell}
    if not strange:
        return cells.present
    respelt = {cell: whole for cell in strange if (whole := _whole(cell)) in known}
    rows = [row for row, cell in enumerate(cells.present) if cell in strange]
    for row in rows:
        cell = cells.present[row] or ""
        if cell not in respelt:
            cells.add("unseen", [row], _some(feature["categories"]))
            continue
        cells.add("respelt", [row], respelt[cell])
        cells.present[row] = respelt[cell]
    return cells.present


def _some(names: Sequence[str]) -> str:
    return listing(names, 5)


def _whole(cell: str) -> str:
    """Return ``"1"`` for ``"1.0"``, as spreadsheets write whole numbers beside gaps."""
    head, _, tail = cell.replace(",", ".").partition(".")
    return head if tail and not tail.strip("0") else cell


_READERS: dict[str, Callable[[_Cells], Values]] = {
    "number": _numbers,
    "date or time": _dates,
    "category": _categories,
    "yes/no": _categories,
    "text": _categories,
}
