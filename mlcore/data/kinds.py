"""What each column holds: a guess with its reason, and the typed values that follow from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlcore.data.dates import MOSTLY, Dates, read_dates
from mlcore.data.levels import Levels, levels_of
from mlcore.data.numerals import Numerals, read_numbers
from mlcore.data.schema import LEARNABLE, Column, ColumnKind, Role, Schema
from mlcore.errors import UserError
from mlcore.messages import Message, message

#: Pairs of words that stand for yes and no, in small letters.
YES_NO_PAIRS: tuple[frozenset[str], ...] = tuple(
    frozenset(pair.split("/"))
    for pair in (
        *("yes/no", "y/n", "true/false", "t/f", "0/1", "on/off"),
        *("ja/nein", "ja/nee", "ja/nej", "oui/non", "si/no", "sí/no", "sì/no", "sim/não"),
        *("wahr/falsch", "vrai/faux", "да/нет", "是/否", "有/无"),
    )
)

#: From this share of different values on a column is "nearly all distinct".
NEARLY_ALL = 0.95

#: In fewer rows nothing can be concluded from values being distinct.
FEWEST_ROWS = 10

_ID_WORDS = {"id", "ids", "uuid", "guid", "key", "index", "idx", "rowid", "serial"} | {
    *("isbn", "ean", "sku", "ssn", "iban", "hash", "md5", "url", "email", "rownames"),
}
_ID_ENDING = re.compile(
    r"(?:customer|client|user|order|person|passenger|patient|student|employee|member|account"
    r"|session|transaction|invoice|product|item|sample|record|case|row|object|subject|device)"
    r"(?:id|no|nr|number)",
    re.I,
)
_CLOCK_WORDS = {"year", "yr", "month", "week", "day", "hour", "minute", "date", "time", "age"} | {
    *("step", "epoch", "period", "t"),
}
_DATE_WORDS = {"date", "day", "time", "datum", "timestamp", "when"}
_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, eq=False)
class _Analysis:
    """A text column with everything a guess needs, each part worked out once."""

    name: str
    levels: Levels
    numerals: Numerals
    dates: Dates | None

    @property
    def words(self) -> list[str]:
        """The words of the column's name, in small letters."""
        return [word.lower() for word in _WORD.findall(_CAMEL.sub(" ", self.name))]

    @property
    def n_distinct(self) -> int:
        return len(self.levels.values)

    @property
    def distinct_share(self) -> float:
        return self.n_distinct / max(self.levels.n_present, 1)

    @property
    def numeric_share(self) -> float:
        return self.levels.rows_where(self.numerals.readable) / max(self.levels.n_present, 1)

    @property
    def date_share(self) -> float:
        if self.dates is None:
            return 0.0
        return self.levels.rows_where(~np.isnat(self.dates.moments)) / self.levels.n_present

    def value(self, place: int) -> str:
        return str(self.levels.values[place].as_py())


def _analyse(text: pd.Series, decimal: str) -> _Analysis:
    levels = levels_of(text)
    name = str(text.name)
    compact = bool(_DATE_WORDS & {w.lower() for w in _WORD.findall(_CAMEL.sub(" ", name))})
    return _Analysis(name, levels, read_numbers(levels, decimal), read_dates(levels, compact))


# Guessing


def guess_kind(text: pd.Series, decimal: str = ".") -> tuple[ColumnKind, Message]:
    """Return what a text column seems to hold, and why.

    Parameters
    ----------
    text : Series of str, shape (n_rows,)
        The column as it stands in the file, NaN for missing. Its name counts as a hint.
    decimal : str, default "."
        The file's decimal mark.

    Notes
    -----
    A column is taken as numbers or dates when at least 95 % of its values are; what cannot be
    read is counted. An identifier is different in nearly every row *and* is named like one,
    counts the rows, or is made of codes; a measurement with a fraction never is one.
    """
    return _guess(_analyse(text, decimal))


def _guess(column: _Analysis) -> tuple[ColumnKind, Message]:
    levels = column.levels
    if column.n_distinct == 0:
        return ColumnKind.CONSTANT, message("data.kind.empty")
    if column.n_distinct == 1:
        return _guess_single(column)
    if pair := _yes_no(column):
        return ColumnKind.YES_NO, message("data.kind.yes_no", first=pair[0], second=pair[1])
    if column.dates is not None and column.date_share >= MOSTLY:
        return ColumnKind.DATETIME, column.dates.reason
    if column.numeric_share >= MOSTLY and _enough(column, levels):
        return _guess_number(column)
    return _guess_words(column)


def _enough(column: _Analysis, levels: Levels) -> bool:
    """Return whether what is not a number may be a slip: none, or a few among many."""
    return column.numeric_share == 1 or levels.n_present >= 20


def _guess_single(column: _Analysis) -> tuple[ColumnKind, Message]:
    only = column.value(0)
    missing = int((column.levels.codes < 0).sum())
    if missing:
        return ColumnKind.CATEGORY, message("data.kind.mark", value=only, missing=missing)
    return ColumnKind.CONSTANT, message("data.kind.constant", value=only)


def _yes_no(column: _Analysis) -> list[str] | None:
    if column.n_distinct != 2:
        return None
    pair = sorted((column.value(0), column.value(1)), key=str.casefold)
    return pair if frozenset(map(str.casefold, pair)) in YES_NO_PAIRS else None


def _guess_number(column: _Analysis) -> tuple[ColumnKind, Message]:
    numerals = column.numerals
    if numerals.ambiguous:
        example = column.value(int(np.argmax(column.levels.matching(r".*[.,].*"))))
        return _guess_words(column, message("data.kind.ambiguous_number", example=example))
    if numerals.leading_zeros:
        example = column.value(int(np.argmax(column.levels.matching(r"0\d+"))))
        return _guess_words(column, message("data.kind.leading_zeros", example=example))
    if numerals.too_long:
        return _guess_words(column, message("data.kind.long_number"))
    if why := _identifier_number(column):
        return ColumnKind.IDENTIFIER, why
    unread = column.levels.n_present - column.levels.rows_where(numerals.readable)
    if unread:
        example = column.value(int(np.argmin(numerals.readable)))
        return ColumnKind.NUMBER, message("data.kind.number_but", count=unread, example=example)
    code = "whole_number" if numerals.whole else "number"
    return ColumnKind.NUMBER, message(f"data.kind.{code}", distinct=column.n_distinct)


def _identifier_number(column: _Analysis) -> Message | None:
    """Return the reason when whole numbers name the rows instead of measuring something."""
    numerals = column.numerals
    if not numerals.whole or column.distinct_share < NEARLY_ALL or column.numeric_share < 1:
        return None
    facts = {"distinct": column.n_distinct, "rows": column.levels.n_present}
    if _named_like_id(column):
        return message("data.kind.identifier_name", **facts)
    if column.levels.n_present < FEWEST_ROWS or _CLOCK_WORDS & set(column.words):
        return None
    numbers = np.sort(numerals.numbers)
    counts = numbers[0] in (0, 1) and numbers[-1] - numbers[0] + 1 == len(numbers)
    in_order = bool((np.diff(column.levels.codes[column.levels.codes >= 0]) > 0).all())
    if counts and in_order and bool((np.diff(numerals.numbers) > 0).all()):
        return message("data.kind.identifier_count", **facts)
    return None


def _named_like_id(column: _Analysis) -> bool:
    words = column.words
    unnamed = column.name.startswith("Unnamed:") or bool(re.fullmatch(r"column_1|row", column.name))
    return bool(
        _ID_WORDS & set(words)
        or any(map(_ID_ENDING.fullmatch, words))
        or unnamed
        and len(words) > 0
    )


def _guess_words(column: _Analysis, why: Message | None = None) -> tuple[ColumnKind, Message]:
    """Tell identifier, text and category apart; ``why`` is a reason found before."""
    levels = column.levels
    facts = {"distinct": column.n_distinct, "rows": levels.n_present}
    many = levels.n_present >= FEWEST_ROWS and column.distinct_share >= NEARLY_ALL
    shape = _shape(levels)
    if column.distinct_share >= NEARLY_ALL and _named_like_id(column):
        return ColumnKind.IDENTIFIER, why or message("data.kind.identifier_name", **facts)
    if many and (why or shape.codes):
        return ColumnKind.IDENTIFIER, why or message("data.kind.identifier_codes", **facts)
    if shape.is_text(column.distinct_share) and levels.n_present >= FEWEST_ROWS:
        return ColumnKind.TEXT, message("data.kind.text", words=f"{shape.words:.0f}", **facts)
    if many:
        return ColumnKind.IDENTIFIER, message("data.kind.identifier_names", **facts)
    return ColumnKind.CATEGORY, why or message("data.kind.category", **facts)


@dataclass(frozen=True)
class _Shape:
    """How the different values of a column are written.

    ``words`` is the mean number of words in a value, ``length`` its mean number of characters,
    ``repeated`` the share of words that occur in another value too, ``codes`` whether nearly all
    values are single words with digits or web and mail addresses.
    """

    words: float
    length: float
    repeated: float
    codes: bool

    def is_text(self, distinct_share: float) -> bool:
        """Return whether the values are free writing rather than names of categories."""
        if self.length >= 60 and distinct_share > 0.1:
            return True
        if self.words >= 4 and distinct_share >= 0.5:
            return True
        return self.words >= 2 and distinct_share >= NEARLY_ALL and self.repeated >= 0.3


_SHAPE_SAMPLE = 2000


def _shape(levels: Levels) -> _Shape:
    step = max(1, len(levels.values) // _SHAPE_SAMPLE)
    values = [
        str(value)
        for value in levels.values.take(np.arange(0, len(levels.values), step)).to_pylist()
    ]
    split = [value.lower().split() for value in values]
    occurrences: dict[str, int] = {}
    for words in split:
        for word in set(words):
            occurrences[word] = occurrences.get(word, 0) + 1
    total = sum(occurrences.values())
    again = sum(count for count in occurrences.values() if count > 1)
    coded = sum(map(_is_code, values))
    return _Shape(
        words=sum(map(len, split)) / len(values),
        length=sum(map(len, values)) / len(values),
        repeated=again / max(total, 1),
        codes=coded >= NEARLY_ALL * len(values),
    )


def _is_code(value: str) -> bool:
    if " " in value:
        return False
    return any(map(str.isdigit, value)) or "@" in value or "://" in value


# Typing


def typed_column(text: pd.Series, kind: ColumnKind, decimal: str = ".") -> tuple[pd.Series, int]:
    """Return a column's values in the type of its kind, and how many do not fit.

    Parameters
    ----------
    text : Series of str, shape (n_rows,)
        The column as it stands in the file, NaN for missing.
    kind : ColumnKind
        What it is taken as.
    decimal : str, default "."
        The file's decimal mark.

    Returns
    -------
    typed : Series of shape (n_rows,)
        ``float64`` for numbers, ``datetime64[us]`` for dates, ``str`` for all others; missing
        where there is no value or it cannot be read.
    unreadable : int
        Number of values that could not be read.

    Raises
    ------
    UserError
        No value at all fits the kind, or yes/no is asked of more than two values.
    """
    typed, unreadable, _ = _typed(_analyse(text, decimal), text, kind)
    return typed, unreadable


def _typed(column: _Analysis, text: pd.Series, kind: ColumnKind) -> tuple[pd.Series, int, Any]:
    """Return typed values, the unreadable count, and the different values as an array."""
    levels = column.levels
    values: Any
    none: Any
    if kind is ColumnKind.NUMBER:
        values, none = column.numerals.numbers, np.nan
        unread = levels.rows_where(np.isnan(values))
    elif kind is ColumnKind.DATETIME:
        none = np.datetime64("NaT")
        empty = np.full(column.n_distinct, none, dtype="datetime64[us]")
        values = column.dates.moments if column.dates else empty
        unread = levels.rows_where(np.isnat(values))
    else:
        if kind is ColumnKind.YES_NO and column.n_distinct > 2:
            raise UserError("data.kind_not_two", name=column.name, distinct=column.n_distinct)
        return text, 0, np.arange(column.n_distinct)
    if unread and unread == levels.n_present:
        raise UserError(
            "data.kind_unfit", name=column.name, kind=kind.value, example=column.value(0)
        )
    spread = levels.spread(values, none)
    return pd.Series(spread, index=text.index, name=text.name), unread, values[~pd.isna(values)]


def type_table(
    text_frame: pd.DataFrame,
    decimal: str = ".",
    kinds: Mapping[str, ColumnKind] | None = None,
) -> tuple[Schema, pd.DataFrame]:
    """Return schema and typed frame of a table of text.

    Parameters
    ----------
    text_frame : DataFrame of shape (n_rows, n_columns)
        All text, NaN for missing.
    decimal : str, default "."
        The file's decimal mark.
    kinds : mapping of str to ColumnKind, optional
        Kinds chosen by the user; the others are guessed.

    Raises
    ------
    UserError
        A chosen kind fits none of the values.
    """
    kinds = kinds or {}
    columns: list[Column] = []
    typed: dict[str, pd.Series] = {}
    for name in map(str, text_frame.columns):
        column, series = type_column(text_frame[name], decimal, kinds.get(name))
        columns.append(column)
        typed[name] = series
    schema = Schema(tuple(columns), len(text_frame))
    return schema, pd.DataFrame(typed, index=text_frame.index, copy=False)


def type_column(
    text: pd.Series, decimal: str = ".", chosen: ColumnKind | None = None
) -> tuple[Column, pd.Series]:
    """Return what is known of one column, and its typed values.

    Parameters
    ----------
    text : Series of str
        The column as it stands in the file; its name is the column's.
    decimal : str, default "."
        The file's decimal mark.
    chosen : ColumnKind, optional
        The kind, when the user chose it.

    Raises
    ------
    UserError
        The chosen kind fits none of the values.
    """
    column = _analyse(text, decimal)
    kind, reason = _guess(column)
    if chosen is not None and chosen is not kind:
        kind, reason = chosen, message("data.kind.chosen", guess=kind.value)
    series, unreadable, values = _typed(column, text, kind)
    described = Column(
        name=column.name,
        kind=kind,
        role=Role.FEATURE if kind in LEARNABLE else Role.IGNORED,
        reason=reason,
        missing=int((column.levels.codes < 0).sum()) + unreadable,
        distinct=len(pd.unique(values)),
        unreadable=unreadable,
    )
    return described, series


def build_schema(
    text_frame: pd.DataFrame,
    decimal: str = ".",
    kinds: Mapping[str, ColumnKind] | None = None,
) -> Schema:
    """Return what the columns of a table of text are; see :func:`type_table`."""
    return type_table(text_frame, decimal, kinds)[0]


def typed_frame(text_frame: pd.DataFrame, schema: Schema, decimal: str = ".") -> pd.DataFrame:
    """Return a table of text in the types of a schema; what does not fit becomes missing.

    Parameters
    ----------
    text_frame : DataFrame of shape (n_rows, n_columns)
        All text, NaN for missing; has all columns of the schema.
    schema : Schema
        The kinds.
    decimal : str, default "."
        The file's decimal mark.
    """
    typed = {
        column.name: typed_column(text_frame[column.name], column.kind, decimal)[0]
        for column in schema.columns
    }
    return pd.DataFrame(typed, index=text_frame.index, copy=False)
