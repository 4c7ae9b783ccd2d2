"""What each column holds: a guess with its reason, and the typed values that follow from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlcore.data.absence import is_dash_of_accounts, words_for_nothing
from mlcore.data.cells import power_of
from mlcore.data.dates import MOSTLY, WHOLE_DATES, DateHints, Dates, read_dates
from mlcore.data.doubts import SOME, are_days, like_codes, odd_among_amounts
from mlcore.data.levels import Levels, for_each, levels_of
from mlcore.data.numerals import LEADING_ZEROS, Numerals, read_numbers
from mlcore.data.schema import LEARNABLE, Column, ColumnKind, Role, Schema
from mlcore.data.units import said_unit
from mlcore.errors import UserError
from mlcore.messages import Message, listing, message

#: Pairs of words that stand for yes and no, in small letters.
YES_NO_PAIRS: tuple[frozenset[str], ...] = tuple(
    frozenset(pair.split("/"))
    for pair in (
        *("yes/no", "y/n", "true/false", "t/f", "0/1", "on/off"),
        *("ja/nein", "ja/nee", "ja/nej", "ja/nei", "oui/non", "si/no", "sí/no", "sì/no"),
        *("sim/não", "tak/nie", "ano/ne", "da/ne", "da/nu", "taip/ne", "jah/ei", "kyllä/ei"),
        *("igen/nem", "evet/hayir", "ναι/όχι", "да/нет", "так/ні", "да/не"),
        *("wahr/falsch", "vrai/faux", "verdadero/falso", "prawda/fałsz"),
        *("是/否", "有/无", "有/無", "对/错", "はい/いいえ", "あり/なし", "有り/無し"),
        *("예/아니오", "예/아니요", "네/아니오", "있음/없음"),
        *("نعم/لا", "כן/לא", "ใช่/ไม่", "ใช่/ไม่ใช่", "có/không", "ya/tidak"),
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
_DATE_WORDS = {
    "date",
    "day",
    "time",
    "datum",
    "timestamp",
    "when",
    "dt",
    "tag",
    "fecha",
    "data",
} | {
    *("dag", "dato", "giorno", "tarih", "dátum", "дата", "день", "birthday", "dob"),
    *("日期", "时间", "時間", "日付", "年月日", "날짜", "일자"),
}
_VERSION_WORDS = {"version", "versions", "ver", "release", "build", "firmware", "revision", "rev"}
_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, kw_only=True)
class _Habits:
    """How the numbers and dates of a file are written, as chosen or as other columns show it.

    ``decimal`` is the file's mark, ``thousands`` and ``dates`` what the user chose, ``marks``
    whether words for "no value" count, ``shown_decimal`` and ``shown_order`` what the values of
    other columns leave no doubt about.
    """

    decimal: str = "."
    thousands: str | None = None
    dates: str | None = None
    marks: bool = True
    shown_decimal: str | None = None
    shown_order: str | None = None


@dataclass(frozen=True, eq=False)
class _Analysis:
    """A text column with everything a guess needs, each part worked out once."""

    name: str
    levels: Levels
    numerals: Numerals
    dates: Dates | None
    nothing: npt.NDArray[np.bool_]

    @property
    def words(self) -> list[str]:
        """The words of the column's name, in small letters."""
        return _words_of(self.name)

    @property
    def n_distinct(self) -> int:
        return len(self.levels.values)

    @property
    def distinct_share(self) -> float:
        return self.n_distinct / max(self.levels.n_present, 1)

    @property
    def numeric_share(self) -> float:
        return self._share(self.numerals.readable)

    @property
    def date_share(self) -> float:
        return 0.0 if self.dates is None else self._share(self.dates.written)

    def _share(self, mask: npt.NDArray[np.bool_]) -> float:
        """Return the share of the rows with a value, words for "no value" not counted."""
        nothing = self.levels.rows_where(self.nothing & ~mask)
        return self.levels.rows_where(mask) / max(self.levels.n_present - nothing, 1)

    def value(self, place: int) -> str:
        return str(self.levels.values[place].as_py())

    def example(self, mask: npt.NDArray[np.bool_]) -> str:
        """Return the first value for which ``mask`` holds."""
        return self.value(int(np.argmax(mask)))


def _words_of(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(_CAMEL.sub(" ", name))]


def _analyse(name: str, levels: Levels, habits: _Habits) -> _Analysis:
    words = set(_words_of(name))
    hints = DateHints(
        compact=bool(_DATE_WORDS & words) or are_days(levels),
        codes=bool(_VERSION_WORDS & words),
        order=habits.dates,
        usual=habits.shown_order,
    )
    numerals = _numerals(levels, habits)
    # Only eight digits are a number and a date alike.
    has_words = not numerals.readable.all()
    dates = read_dates(levels, hints) if has_words or hints.compact else None
    nothing = np.zeros(len(levels.values), dtype=np.bool_)
    read = numerals.readable | (dates.written if dates else False)
    if habits.marks and read.any() and not read.all():
        nothing = words_for_nothing(levels)
    return _Analysis(name, levels, numerals, dates, nothing)


def _numerals(levels: Levels, habits: _Habits) -> Numerals:
    """Return the column as numbers; other columns may show what its marks mean."""
    numerals = read_numbers(levels, habits.decimal, habits.thousands)
    shown = habits.shown_decimal
    if shown is None or not (numerals.ambiguous or numerals.three_decimals):
        return numerals
    if numerals.three_decimals and shown == numerals.decimal:
        return replace(numerals, three_decimals=False)
    return read_numbers(levels, shown, "," if shown == "." else ".")


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
    return _guess(_analyse(str(text.name), levels_of(text), _Habits(decimal=decimal)))


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
    if units := column.numerals.units:
        return _guess_words(column, message("data.kind.mixed_units", units=listing(units)))
    return _guess_words(column)


def _enough(column: _Analysis, levels: Levels) -> bool:
    """Return whether what is not a number may be a slip: none, or a few among many."""
    return column.numeric_share == 1 or levels.n_present >= 20


def _guess_single(column: _Analysis) -> tuple[ColumnKind, Message]:
    only = column.value(0)
    missing = column.levels.n_missing
    if missing:
        return ColumnKind.CATEGORY, message("data.kind.mark", value=only, missing=missing)
    return ColumnKind.CONSTANT, message("data.kind.constant", value=only)


def _yes_no(column: _Analysis) -> list[str] | None:
    if column.n_distinct != 2:
        return None
    pair = sorted((column.value(0), column.value(1)), key=str.casefold)
    return pair if frozenset(map(_folded, pair)) in YES_NO_PAIRS else None


def _folded(word: str) -> str:
    """Return a word in small letters, the Turkish i without and with a point as one."""
    return word.casefold().replace("ı", "i").replace("i̇", "i")


def _guess_number(column: _Analysis) -> tuple[ColumnKind, Message]:
    numerals = column.numerals
    if why := _no_amount(column):
        return _guess_words(column, why)
    if why := _identifier_number(column):
        return ColumnKind.IDENTIFIER, why
    unread = ~(numerals.readable | column.nothing)
    if unread.any():
        count, example = column.levels.rows_where(unread), column.example(unread)
        return ColumnKind.NUMBER, message("data.kind.number_but", count=count, example=example)
    code = "whole_number" if numerals.whole else "number"
    return ColumnKind.NUMBER, message(f"data.kind.{code}", distinct=column.n_distinct)


def _no_amount(column: _Analysis) -> Message | None:
    """Return the reason when values that could be read as numbers are none."""
    numerals, levels = column.numerals, column.levels
    if numerals.ambiguous:
        example = column.example(levels.matching(r".*[.,].*"))
        return message("data.kind.ambiguous_number", example=example)
    if numerals.leading_zeros:
        example = column.example(levels.matching(LEADING_ZEROS))
        return message("data.kind.leading_zeros", example=example)
    if numerals.telephone:
        return message("data.kind.telephone", example=column.value(0))
    if numerals.addresses:
        return message("data.kind.addresses", example=column.value(0))
    if numerals.lettered:
        return message("data.kind.lettered", example=column.value(0))
    if numerals.too_long:
        return message("data.kind.long_number")
    n_read = levels.rows_where(numerals.readable)
    if numerals.negative == n_read and numerals.whole and not numerals.unit:
        return message("data.kind.in_parentheses", example=column.value(0))
    return None


def _identifier_number(column: _Analysis) -> Message | None:
    """Return the reason when whole numbers name the rows instead of measuring something."""
    numerals = column.numerals
    if not numerals.whole or column.distinct_share < NEARLY_ALL or not numerals.readable.all():
        return None
    if numerals.unit or numerals.powers_of_ten:
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
    values are single words with digits, digits alone, or web and mail addresses.
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

#: Two characters of Chinese, Japanese or Thai, or a run of others.
_UNSPACED = "\u0e00-\u0e7f\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff"
_PIECE = re.compile(rf"[{_UNSPACED}]{{1,2}}|[^{_UNSPACED}]+")

#: Chinese and Japanese are written without spaces; two of their characters are about a word.
_WORDS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{1,2}|[^\s\u3040-\u30ff\u3400-\u9fff]+")


def _written_words(value: str) -> list[str]:
    """Return the words of a value in small letters; digits and marks alone are none."""
    return [word for word in _WORDS.findall(value.lower()) if any(map(str.isalpha, word))]


def _shape(levels: Levels) -> _Shape:
    step = max(1, len(levels.values) // _SHAPE_SAMPLE)
    values = [
        str(value)
        for value in levels.values.take(np.arange(0, len(levels.values), step)).to_pylist()
    ]
    split = [_written_words(value) for value in values]
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
    if " " in value and any(map(str.isalpha, value)):
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
    column = _analyse(str(text.name), levels_of(text), _Habits(decimal=decimal))
    typed, unreadable, _ = _typed(column, text.index, kind)
    return typed, unreadable


def _typed(column: _Analysis, index: pd.Index, kind: ColumnKind) -> tuple[pd.Series, int, int]:
    """Return typed values, how many are unreadable, and how many are different."""
    levels = column.levels
    values: Any
    none: Any
    if kind is ColumnKind.NUMBER:
        values, none = column.numerals.numbers, np.nan
        unread = levels.rows_where(np.isnan(values) & ~column.nothing)
    elif kind is ColumnKind.DATETIME:
        none = np.datetime64("NaT")
        empty = np.full(column.n_distinct, none, dtype="datetime64[us]")
        values = column.dates.moments if column.dates else empty
        unread = levels.rows_where(np.isnat(values) & ~column.nothing)
    else:
        if kind is ColumnKind.YES_NO and column.n_distinct > 2:
            raise UserError("data.kind_not_two", name=column.name, distinct=column.n_distinct)
        return levels.series(column.name, index), 0, column.n_distinct
    if levels.n_present and pd.isna(values).all():
        raise UserError(
            "data.kind_unfit", name=column.name, kind=kind.value, example=column.value(0)
        )
    spread = levels.spread(values, none)
    series = pd.Series(spread, index=index, name=column.name, copy=False)
    present = values[~pd.isna(values)]
    distinct = len(present) if values is levels.numbers else len(pd.unique(present))
    return series, unread, distinct


def type_table(
    columns: pd.DataFrame | Mapping[str, Levels],
    decimal: str = ".",
    kinds: Mapping[str, ColumnKind] | None = None,
    *,
    dates: str | None = None,
    thousands: str | None = None,
    marks: bool = True,
) -> tuple[Schema, pd.DataFrame]:
    """Return schema and typed frame of a table of text.

    Parameters
    ----------
    columns : DataFrame of shape (n_rows, n_columns), or mapping of str to Levels
        All text, NaN for missing; or the different values of each column, where they are known
        (:attr:`~mlcore.data.reading.TextTable.levels`).
    decimal : str, default "."
        The file's decimal mark.
    kinds : mapping of str to ColumnKind, optional
        Kinds chosen by the user; the others are guessed.
    dates : {"day first", "month first"}, optional
        What 03/04/2021 means, if the user chose it. Otherwise a column that leaves it open follows
        those that show it.
    thousands : str, optional
        The mark between thousands, if the user chose it; empty for none.
    marks : bool, default True
        Whether words such as "none" mean "no value" beside numbers and dates.

    Raises
    ------
    UserError
        A chosen kind fits none of the values.
    """
    kinds = kinds or {}
    habits = _Habits(decimal=decimal, thousands=thousands, dates=dates, marks=marks)
    if isinstance(columns, pd.DataFrame):
        index = columns.index
        text = {str(name): levels_of(column) for name, column in columns.items()}
    else:
        text = dict(columns)
        index = pd.RangeIndex(len(next(iter(text.values())).codes))

    def typed_with(habits: _Habits, name: str) -> _Typed:
        return _type(name, text[name], index, habits, kinds.get(name))

    typed = dict(zip(text, for_each(partial(typed_with, habits), text), strict=True))
    shown = _shown([one.evidence for one in typed.values()])
    habits = replace(habits, shown_decimal=shown.decimal, shown_order=shown.order)
    for name in text:
        if typed[name].evidence.is_open and (shown.decimal or shown.order):
            typed[name] = typed_with(habits, name)
    schema = Schema(tuple(_with_second_header(list(typed.values()))), len(index))
    series = {name: one.series for name, one in typed.items()}
    return schema, pd.DataFrame(series, index=index, copy=False)


def type_column(
    text: pd.Series,
    decimal: str = ".",
    chosen: ColumnKind | None = None,
    *,
    dates: str | None = None,
    thousands: str | None = None,
    marks: bool = True,
    usual_dates: str | None = None,
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
    dates, thousands, marks
        As for :func:`type_table`.
    usual_dates : {"day first", "month first"}, optional
        The order that other columns of the file have (:attr:`Schema.date_order`).

    Raises
    ------
    UserError
        The chosen kind fits none of the values.
    """
    habits = _Habits(
        decimal=decimal, thousands=thousands, dates=dates, marks=marks, shown_order=usual_dates
    )
    typed = _type(str(text.name), levels_of(text), text.index, habits, chosen)
    return typed.column, typed.series


@dataclass(frozen=True)
class _Evidence:
    """What a column shows of the file's habits, and whether it needs to be told by others."""

    decimal: str | None = None
    order: str | None = None
    is_open: bool = False


@dataclass(frozen=True, eq=False)
class _Typed:
    """A column with its values, and what it shows of the file."""

    column: Column
    series: pd.Series
    evidence: _Evidence
    odd_rows: int


def _type(
    name: str, levels: Levels, index: pd.Index, habits: _Habits, chosen: ColumnKind | None
) -> _Typed:
    column = _analyse(name, levels, habits)
    kind, reason = _guess(column)
    if chosen is not None and chosen is not kind:
        kind, reason = chosen, message("data.kind.chosen", guess=kind.value)
    series, unreadable, distinct = _typed(column, index, kind)
    nothing = _rows_of_nothing(column, kind)
    described = Column(
        name=column.name,
        kind=kind,
        role=Role.FEATURE if kind in LEARNABLE else Role.IGNORED,
        reason=reason,
        missing=column.levels.n_missing + unreadable + sum(nothing.values()),
        distinct=distinct,
        unreadable=unreadable,
        unit=column.numerals.unit if kind is ColumnKind.NUMBER else None,
        decimal=column.numerals.decimal if kind is ColumnKind.NUMBER else None,
        nothing=tuple(nothing),
        date_form=column.dates.form if column.dates and kind is ColumnKind.DATETIME else None,
        order=column.dates.order if column.dates and kind is ColumnKind.DATETIME else None,
        powers_of_ten=column.numerals.powers_of_ten if kind is ColumnKind.NUMBER else (),
        decisions=_decisions(column, kind, nothing, habits),
        cautions=(*_cautions(column, kind, reason, unreadable), *_dashes(column.name, nothing)),
    )
    return _Typed(described, series, _evidence(column, kind, reason), _odd_rows(column))


#: So many rows below the names may hold units, labels and the like.
_MOST_ODD = 3


def _odd_rows(column: _Analysis) -> int:
    """Return how many of the first rows hold neither number nor date while all others do."""
    levels, read = column.levels, column.numerals.readable
    if column.dates and levels.rows_where(column.dates.readable) > levels.rows_where(read):
        read = column.dates.readable
    odd = ~(read | column.nothing)
    count = levels.rows_where(odd)
    if not 0 < count <= _MOST_ODD or levels.n_present < 2 * count + 1:
        return 0
    first = levels.codes[:count]
    return count if (first >= 0).all() and odd[first].all() else 0


def _with_second_header(typed: list[_Typed]) -> list[Column]:
    """Return the columns; the first of several that begin oddly says so."""
    columns = [one.column for one in typed]
    odd = [place for place, one in enumerate(typed) if one.odd_rows]
    if len(odd) > 1:
        names = listing([columns[place].name for place in odd])
        rows = max(one.odd_rows for one in typed)
        said = message("data.caution.second_header", rows=rows, columns=names)
        first = columns[odd[0]]
        columns[odd[0]] = replace(first, cautions=(*first.cautions, said))
    return columns


def _shown(evidence: list[_Evidence]) -> _Evidence:
    """Return what the columns of a file show of it, where none of them says otherwise."""
    decimals = {one.decimal for one in evidence if one.decimal}
    orders = {one.order for one in evidence if one.order}
    return _Evidence(
        decimal=decimals.pop() if len(decimals) == 1 else None,
        order=orders.pop() if len(orders) == 1 else None,
    )


def _evidence(column: _Analysis, kind: ColumnKind, reason: Message) -> _Evidence:
    numerals, dates = column.numerals, column.dates
    if kind is ColumnKind.DATETIME and dates is not None:
        return _Evidence(
            order=dates.order if dates.is_shown else None,
            is_open=dates.order is not None and not dates.is_shown,
        )
    if kind is ColumnKind.NUMBER or reason.code == "data.kind.ambiguous_number":
        return _Evidence(
            decimal=numerals.decimal if numerals.shows_decimal else None,
            is_open=numerals.ambiguous or numerals.three_decimals,
        )
    return _Evidence()


def _rows_of_nothing(column: _Analysis, kind: ColumnKind) -> dict[str, int]:
    """Return the words that stand for "no value" among numbers or dates, with their rows."""
    if kind is ColumnKind.NUMBER:
        absent = column.nothing & ~column.numerals.readable
    elif kind is ColumnKind.DATETIME and column.dates is not None:
        absent = column.nothing & ~column.dates.readable
    else:
        return {}
    places = absent.nonzero()[0].tolist()
    return {column.value(place): int(column.levels.counts[place]) for place in places}


def _decisions(
    column: _Analysis, kind: ColumnKind, nothing: dict[str, int], habits: _Habits
) -> tuple[Message, ...]:
    """Return what was decided beside the kind, in sentences that name the column."""
    numerals, said = column.numerals, []
    if nothing:
        words = ", ".join(f"“{word}” {count:,} times" for word, count in nothing.items())
        said.append(message("data.decision.nothing", name=column.name, words=words))
    if kind is ColumnKind.NUMBER and numerals.unit:
        unit = said_unit(numerals.unit)
        said.append(message("data.decision.unit", name=column.name, unit=unit))
    if kind is ColumnKind.NUMBER and numerals.powers_of_ten:
        told = ", ".join(f"{word} ({10 ** power_of(word):,})" for word in numerals.powers_of_ten)
        said.append(message("data.decision.powers_of_ten", name=column.name, words=told))
    if kind is ColumnKind.NUMBER and numerals.negative:
        said.append(message("data.decision.parentheses", name=column.name, count=numerals.negative))
    if kind is ColumnKind.NUMBER and numerals.behind:
        said.append(message("data.decision.behind", name=column.name, count=numerals.behind))
    is_own = habits.thousands is None and numerals.decimal != habits.decimal
    if kind is ColumnKind.NUMBER and is_own:
        mark = "comma" if numerals.decimal == "," else "point"
        said.append(message("data.decision.own_decimal", name=column.name, decimal=mark))
    return tuple(said)


def _cautions(
    column: _Analysis, kind: ColumnKind, reason: Message, unreadable: int
) -> tuple[Message, ...]:
    """Return what was decided against weak evidence, in sentences that name the column."""
    said = _why_words(column, kind, reason)
    if unreadable:
        numerals, dates = column.numerals, column.dates
        read = numerals.readable if dates is None or kind is ColumnKind.NUMBER else dates.readable
        example = column.example(~(read | column.nothing))
        said.append(
            message("data.caution.unreadable", name=column.name, count=unreadable, example=example)
        )
    if kind is ColumnKind.NUMBER:
        said += _doubts_of_units(column)
        said += _doubts_of_numbers(column, is_chosen=reason.code == "data.kind.chosen")
    if kind is ColumnKind.DATETIME and column.dates is not None:
        said += _doubts_of_dates(column, column.dates)
    return tuple(said)


#: Of so small a share of the values it is said that they decide for all.
_FEW = 0.01

#: Values that make a column codes, by the reason that says so.
_DECIDING = {"data.kind.leading_zeros": LEADING_ZEROS, "data.kind.long_number": r"[+-]?\d{16,}"}


def _why_words(column: _Analysis, kind: ColumnKind, reason: Message) -> list[Message]:
    """Return why a column is not read as numbers or dates, where that needs to be looked at."""
    code = reason.code
    if kind in (ColumnKind.NUMBER, ColumnKind.DATETIME) or code == "data.kind.chosen":
        return []
    is_odd = code in ("data.kind.ambiguous_number", "data.kind.mixed_units")
    if code in _DECIDING:
        deciding = column.levels.rows_where(column.levels.matching(_DECIDING[code]))
        is_odd = deciding < _FEW * column.levels.n_present
    if is_odd:
        return [message("data.caution.kept_text", name=column.name, why=str(reason))]
    return _of_two_ways(column) or _of_some(column, kind)


def _doubts_of_powers(column: _Analysis) -> list[Message]:
    """Return that one letter behind every number may as well be a unit, such as K for kelvin."""
    powers = column.numerals.powers_of_ten
    if len(powers) != 1 or len(powers[0]) > 1 or column.numerals.unit:
        return []
    facts = {"word": powers[0], "power": f"{10 ** power_of(powers[0]):,}"}
    return [message("data.caution.one_power", name=column.name, **facts)]


def _doubts_of_units(column: _Analysis) -> list[Message]:
    numerals = column.numerals
    if not numerals.without_unit:
        return _doubts_of_powers(column)
    facts = {
        "name": column.name,
        "count": numerals.without_unit,
        "unit": said_unit(str(numerals.unit)),
    }
    with_unit = column.levels.rows_where(numerals.readable) - numerals.without_unit
    if with_unit < numerals.without_unit:
        return [message("data.caution.few_units", with_unit=with_unit, **facts)]
    return [message("data.caution.without_unit", **facts)]


def _doubts_of_numbers(column: _Analysis, is_chosen: bool) -> list[Message]:
    numerals, levels, said = column.numerals, column.levels, []
    name = column.name
    if numerals.powers:
        example = column.example(levels.matching(r"\d+[eE]\d+"))
        said.append(message("data.caution.powers", name=name, example=example))
    written = None if is_chosen or numerals.unit else like_codes(levels, column.nothing)
    if written is not None:
        said.append(message("data.caution.codes", name=name, example=column.example(written)))
    if numerals.merged:
        said.append(message("data.caution.merged_numbers", name=name, count=numerals.merged))
    if numerals.three_decimals:
        example = column.example(levels.matching(r".*[.,]\d{3}.*"))
        said.append(message("data.caution.three_decimals", name=name, example=example))
    return said


def _doubts_of_dates(column: _Analysis, dates: Dates) -> list[Message]:
    name, said = column.name, []
    if dates.is_doubtful:
        said.append(message("data.caution.dates", name=name, order=dates.order))
    if dates.is_year_doubtful:
        end = "year_last" if dates.order else "year_first"
        example = column.example(dates.readable)
        said.append(message(f"data.caution.{end}", name=name, example=example))
    return said


def _dashes(name: str, nothing: Mapping[str, int]) -> list[Message]:
    """Return that dashes read as missing may be zeros."""
    dashes = [word for word in nothing if is_dash_of_accounts(word)]
    if not dashes:
        return []
    count = sum(nothing[word] for word in dashes)
    return [message("data.caution.dash", name=name, count=count, example=dashes[0])]


def _of_two_ways(column: _Analysis) -> list[Message]:
    """Return why a column is not read as numbers or dates that are written in two ways."""
    levels = column.levels
    if column.dates and column.dates.has_both:
        return [message("data.caution.two_orders", name=column.name)]
    behind = r"\d+[-−–]"
    if levels.may_match(behind):
        usual = levels.matching(r"[+-]?\d[\d.,]*|\d[\d.,]*[-−–]")
        if levels.rows_where(usual) >= MOSTLY * levels.n_present:
            example = column.example(levels.matching(behind))
            return [message("data.caution.minus_behind", name=column.name, example=example)]
    commas, points = (rf"[+-]?\d+{mark}\d+" for mark in (",", r"\."))
    if not levels.may_match(commas):
        return []
    with_comma, with_point = levels.matching(commas), levels.matching(points)
    both = with_comma | with_point | levels.matching(r"[+-]?\d+")
    if not with_point.any() or levels.rows_where(both) < MOSTLY * levels.n_present:
        return []
    one, other = column.example(with_comma), column.example(with_point)
    return [message("data.caution.two_marks", name=column.name, one=one, other=other)]


def _of_some(column: _Analysis, kind: ColumnKind) -> list[Message]:
    """Return why a column of which many values are amounts or dates is read as neither."""
    if kind is ColumnKind.YES_NO or column.n_distinct < 2 or _odd_rows(column):
        return []
    if _VERSION_WORDS.intersection(column.words):
        return []
    levels, numerals, dates = column.levels, column.numerals, column.dates
    if dates and dates.form in WHOLE_DATES and column.date_share >= SOME:
        odd = ~(dates.written | column.nothing)
        if odd.any():
            example = column.example(odd)
            return [message("data.caution.some_dates", name=column.name, example=example)]
    found: npt.NDArray[np.bool_] | None
    if column.numeric_share >= SOME and (numerals.unit or numerals.powers_of_ten):
        found = ~(numerals.readable | column.nothing)
    else:
        found = odd_among_amounts(levels, column.nothing)
    if found is None or not found.any():
        return []
    example = column.example(found)
    if (found | column.nothing).all():
        return [message("data.caution.unknown_beside", name=column.name, example=example)]
    facts = {"count": levels.rows_where(found), "example": example}
    return [message("data.caution.some_numbers", name=column.name, **facts)]
