"""Dates and times written as text.

No calendar library guesses here: a column must fit one written form (year-month-day is understood
beside any), and the order of day and month is decided for the whole column, never value by value.

``registry/bundle_files/contract.py`` reads one cell as this module reads a column; a test compares
the two. Whatever is changed here is changed there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mlcore.data.levels import Levels
from mlcore.data.numerals import narrow
from mlcore.messages import Message, message

Moments = npt.NDArray[np.datetime64]

_TIME = (
    r"(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
    r"(?: ?(?P<p>[AaPp])\.?[Mm]\.?)?"
)
#: Words for time zones and their hours from UTC; those that mean several, as IST, are left out.
ZONES = {
    **{"UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2},
    **{"EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12},
    **{"NZDT": 13, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7},
}
_ZONE = (
    rf" ?(?:Z|(?:UTC|GMT)[+-]\d{{1,2}}(?::?\d{{2}})?|{'|'.join(ZONES)}|[+-]\d{{2}}(?::?\d{{2}})?)"
)
_MAYBE_TIME = rf"(?:(?:T|,? +){_TIME}(?P<z>{_ZONE})?)?"
_CJK_TIME = (
    r"(?: ?(?P<p>上午|下午|午前|午後|오전|오후)? ?"
    r"(?P<H>\d{1,2})[:时時시点點] ?(?P<M>\d{1,2})[分분]?"
    r"(?:[: ]?(?P<S>\d{1,2})[秒초]?)?)?"
)

#: Names of the months by month: English, German, French, Spanish, Italian, Portuguese, Dutch,
#: Scandinavian, Polish, Turkish, Russian. Three letters of one or more are enough.
MONTHS: tuple[tuple[str, ...], ...] = (
    (
        *("january", "januar", "jänner", "janvier", "enero", "gennaio", "janeiro", "januari"),
        *("janv", "styczeń", "stycznia", "ocak", "январь", "января"),
    ),
    (
        *("february", "februar", "février", "fevrier", "febrero", "febbraio", "fevereiro"),
        *("februari", "luty", "lutego", "şubat", "февраль", "февраля"),
    ),
    (
        *("march", "märz", "mrz", "mars", "marzo", "março", "maart", "mrt", "marts", "marzec"),
        *("marca", "mart", "март", "марта"),
    ),
    ("april", "avril", "abril", "aprile", "kwiecień", "kwietnia", "nisan", "апрель", "апреля"),
    ("may", "mai", "mayo", "maggio", "maio", "mei", "maj", "maja", "mayıs", "май", "мая"),
    (
        *("june", "juni", "juin", "junio", "giugno", "junho", "czerwiec", "czerwca", "haziran"),
        *("июнь", "июня"),
    ),
    (
        *("july", "juli", "juillet", "julio", "luglio", "julho", "lipiec", "lipca", "temmuz"),
        *("июль", "июля"),
    ),
    (
        "august",
        "augusti",
        "août",
        "aout",
        "agosto",
        "augustus",
        "sierpień",
        "sierpnia",
        "ağustos",
        "августа",
    ),
    (
        *("september", "septembre", "septiembre", "setiembre", "settembre", "setembro"),
        *("wrzesień", "września", "eylül", "сентябрь", "сентября"),
    ),
    (
        *("october", "oktober", "octobre", "octubre", "ottobre", "outubro", "październik"),
        *("października", "ekim", "октябрь", "октября"),
    ),
    (
        *("november", "novembre", "noviembre", "novembro", "listopad", "listopada", "kasım"),
        *("ноябрь", "ноября"),
    ),
    (
        *("december", "dezember", "décembre", "decembre", "diciembre", "dicembre", "dezembro"),
        *("desember", "grudzień", "grudnia", "aralık", "декабрь", "декабря"),
    ),
)
_MONTH_OF = {
    name[:length]: number
    for number, names in enumerate(MONTHS, 1)
    for name in names
    for length in range(3, len(name) + 1)
    # Of the French June and July three letters are the same.
    if name[:length] != "jui"
}
_WEEKDAYS = (
    "mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|mié|jue|vie|sáb"
    "|dom|sab|gio|seg|ter|qua|qui|sex|пн|вт|ср|чт|пт|сб|вс|Пн|Вт|Ср|Чт|Пт|Сб|Вс"
)
_WEEKDAY = rf"(?:(?i:{_WEEKDAYS})[a-zäöüéíáçãà]*\.?,? (?:den |le )?)?"
_MONTH = r"(?P<n>[^\s\d.,:/+\-]{3,12})\.?"
_ORDINAL = r"(?:st|nd|rd|th|er|º|ª|e)?"

#: Written forms by code of their sentence; groups: y m d n(ame of month) a b (day and month in
#: unknown order) H M S f p(m) z(one).
FORMS: dict[str, str] = {
    "iso": (r"(?P<y>\d{4})(?:[-/.]|\. )(?P<m>\d{1,2})(?:[-/.]|\. )(?P<d>\d{1,2})\.?" + _MAYBE_TIME),
    "day_month": (
        r"(?P<a>\d{1,2})(?:[-/.]|\. )(?P<b>\d{1,2})(?:[-/.]|\. )(?P<y>\d{4}|\d{2})" + _MAYBE_TIME
    ),
    "short_year": rf"(?P<y>\d{{2}})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}}){_MAYBE_TIME}",
    "day_name": (
        rf"{_WEEKDAY}(?P<d>\d{{1,2}}){_ORDINAL}[- ./]*(?:de |of )?{_MONTH}[- ,./]*(?:de |del )?"
        rf"(?P<y>\d{{4}}|\d{{2}})(?: ?г\.?)?{_MAYBE_TIME}"
    ),
    "name_day": (rf"{_WEEKDAY}{_MONTH} (?P<d>\d{{1,2}}){_ORDINAL},? (?P<y>\d{{4}}){_MAYBE_TIME}"),
    "characters": (
        r"(?P<y>\d{4}) ?[年년] ?(?P<m>\d{1,2}) ?[月월] ?(?P<d>\d{1,2}) ?[日号號일]" + _CJK_TIME
    ),
    "character_months": r"(?P<y>\d{4}) ?[年년] ?(?P<m>\d{1,2}) ?[月월]",
    "month": r"(?P<y>\d{4})[-/](?P<m>\d{1,2})",
    "month_year": r"(?P<m>\d{1,2})[-/](?P<y>\d{4})",
    "name_year": rf"{_MONTH}[- ,/]*(?:de |del )?(?P<y>\d{{4}})",
    "time": _TIME,
    "compact": (
        r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:T?(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})Z?)?"
    ),
}

#: Words for the second half of the day.
AFTERNOON = ("p", "下午", "午後", "오후")

#: Forms of which a value such as 31 February can be told from something else.
_WHOLE_DATES = ("iso", "day_month", "short_year", "day_name", "name_day", "characters")

#: Share of the rows that must be readable to take a column as dates.
MOSTLY = 0.95

#: Of values that are written as dates, so many at least must be in the calendar.
_REAL = 0.5

#: Where a month has that many days or more, they are seldom years of two digits as well.
_LATE_DAY = 28

#: What a date such as 03/04/2021 means.
DAY_FIRST, MONTH_FIRST = "day first", "month first"


@dataclass(frozen=True, eq=False)
class Dates:
    """What the values of a column are as points in time.

    Parameters
    ----------
    moments : array of shape (n_distinct,)
        ``datetime64[us]``; NaT where a value is no date. With a time zone, in UTC; a time alone
        stands on 1 January 1900.
    written : array of shape (n_distinct,)
        Whether a value is written as a date, even if the calendar has none such.
    reason : Message
        The written form, and how day and month were told apart.
    form : str
        The written form: a key of :data:`FORMS`.
    order : str, optional
        ``"day first"`` or ``"month first"``, where both are numbers and the year comes last.
    is_shown : bool
        Whether the values themselves show that order.
    is_doubtful : bool
        Whether day and month may as well be the other way round.
    is_year_doubtful : bool
        Whether the two digits of the year may as well stand at the other end.
    has_both : bool
        Whether nearly all values are such dates, some surely in one order and some in the other.
    """

    moments: Moments
    written: npt.NDArray[np.bool_]
    reason: Message
    form: str
    order: str | None = None
    is_shown: bool = False
    is_doubtful: bool = False
    is_year_doubtful: bool = False
    has_both: bool = False

    @property
    def readable(self) -> npt.NDArray[np.bool_]:
        """For each value whether it is a date."""
        return ~np.isnat(self.moments)


@dataclass(frozen=True, kw_only=True)
class DateHints:
    """What is known of the dates of a column beside its values.

    Parameters
    ----------
    compact : bool, default False
        Whether eight digits without marks (20240131) may be dates.
    codes : bool, default False
        Whether short groups of digits (1.10.12) are rather versions than dates.
    order : str, optional
        The order of day and month that the user chose.
    usual : str, optional
        The order that other columns of the file show.
    """

    compact: bool = False
    codes: bool = False
    order: str | None = None
    usual: str | None = None


def read_dates(levels: Levels, hints: DateHints | None = None) -> Dates | None:
    """Read the values of a column as dates, or return ``None`` when no form fits any of them."""
    hints = hints or DateHints()
    levels = replace(levels, values=narrow(levels.values))
    if not pc.any(pc.match_substring_regex(levels.values, r"\d")).as_py():
        return None
    best: Dates | None = None
    most = 0
    iso = None
    for name, pattern in FORMS.items():
        if name == "compact" and not hints.compact:
            continue
        dates = _read_form(levels, name, pattern, hints)
        if name == "iso":
            iso = dates
        elif dates and iso:
            dates = _with_iso(dates, iso)
        read = levels.rows_where(dates.readable) if dates else 0
        if read > most:
            best, most = dates, read
    return best


def _with_iso(dates: Dates, iso: Dates) -> Dates:
    """Return dates where year-month-day is read too, of which there is no doubt."""
    moments = np.where(dates.written, dates.moments, iso.moments)
    return replace(dates, moments=moments, written=dates.written | iso.written)


def _read_form(levels: Levels, name: str, pattern: str, hints: DateHints) -> Dates | None:
    if not levels.may_match(pattern):
        return None
    parts = pc.extract_regex(levels.values, f"^(?:{pattern})$")
    if parts.null_count == len(parts):
        return None
    written = parts.is_valid().to_numpy(zero_copy_only=False)
    if name in ("day_month", "short_year") and _is_code(levels, written, hints):
        return None
    if name == "day_month":
        return _read_day_month(levels, parts, written, hints)
    if name == "month" and _are_seasons(parts, written):
        return None
    moments = _moments(parts)
    if "n" in _names(parts):
        written &= _month_names(parts) > 0
    in_doubt = name == "short_year" and _may_end_with_year(levels, parts, written)
    if name not in _WHOLE_DATES:
        written &= ~np.isnat(moments)
    zoned = "z" in _names(parts) and bool(pc.any(pc.not_equal(parts.field("z"), "")).as_py())
    code = "data.kind.date_zone" if zoned else f"data.kind.date_{name}"
    dates = Dates(moments, written, message(code), name, is_year_doubtful=in_doubt)
    return (
        dates if levels.rows_where(dates.readable) >= _REAL * levels.rows_where(written) else None
    )


def _is_code(levels: Levels, written: npt.NDArray[np.bool_], hints: DateHints) -> bool:
    """Return whether values such as 1.10.12 are versions: points, and never a leading zero."""
    versions = levels.matching(r"\d{1,2}\.\d{1,2}\.\d{2}")
    if not versions.any() or not (versions | ~written).all():
        return False
    shows_date = levels.matching(r"0\d\..*|.*\.0\d\..*|(?:1[3-9]|[23]\d)\..*").any()
    return hints.codes or not shows_date


def _are_seasons(parts: Any, written: npt.NDArray[np.bool_]) -> bool:
    """Return whether all values are pairs of years, as 2009-10 and 2010-11."""
    years, months = _integers(parts, "y")[written], _integers(parts, "m")[written]
    return bool(((years + 1) % 100 == months).all())


def _read_day_month(
    levels: Levels, parts: Any, written: npt.NDArray[np.bool_], hints: DateHints
) -> Dates | None:
    first, second = _integers(parts, "a"), _integers(parts, "b")
    moments = {DAY_FIRST: _moments(parts, "a", "b"), MONTH_FIRST: _moments(parts, "b", "a")}
    firsts = levels.rows_where(written & (first > 12) & (second <= 12))
    seconds = levels.rows_where(written & (second > 12) & (first <= 12))
    begins_with_year, in_doubt = _begins_with_year(levels, parts, written, moments, hints)
    if begins_with_year:
        return None
    order, reason, is_shown, is_doubtful = _order(levels, parts, moments, hints, firsts, seconds)
    in_doubt |= not hints.order and _may_begin_with_year(levels, parts, written)
    is_usual = levels.rows_where(written) >= MOSTLY * levels.n_present
    if firsts and seconds:
        # Two orders in one column are no slip of the calendar.
        written = written & ~np.isnat(moments[order])
    both = bool(firsts and seconds and is_usual)
    dates = Dates(
        moments[order], written, reason, "day_month", order, is_shown, is_doubtful, in_doubt, both
    )
    return (
        dates if levels.rows_where(dates.readable) >= _REAL * levels.rows_where(written) else None
    )


def _begins_with_year(
    levels: Levels,
    parts: Any,
    written: npt.NDArray[np.bool_],
    moments: dict[str, Moments],
    hints: DateHints,
) -> tuple[bool, bool]:
    """Return whether 24-01-31 begins with the year, and whether there is doubt that it does not.

    It looks so with few different beginnings and many ends; but so does the first of each month.
    Then the order of the rows tells, or else dashes and how late the days are.
    """
    texts = [pc.drop_null(pc.struct_field(parts, name)) for name in ("a", "y")]
    if not all(pc.all(pc.equal(pc.utf8_length(text), 2)).as_py() for text in texts):
        return False, False
    latest = max(map(int, pc.unique(texts[1]).to_pylist()))
    n_first, n_last = (int(pc.count_distinct(text).as_py()) for text in texts)
    if latest > 31 or 3 * n_first >= n_last:
        return False, False
    is_late = latest >= _LATE_DAY
    is_ordered = _in_order(levels, _moments(parts, day="y", month="b", year="a"))
    is_clear = is_ordered != any(_in_order(levels, read) for read in moments.values())
    # In order of the text, the first of each month is in order with the year first, too.
    if is_clear and (is_late or not is_ordered):
        return is_ordered, False
    if hints.order:
        return False, is_late
    return is_late or _may_begin_with_year(levels, parts, written), True


def _may_end_with_year(levels: Levels, parts: Any, written: npt.NDArray[np.bool_]) -> bool:
    """Return whether dates that were read year, month, day may as well begin with the day."""
    if (_integers(parts, "y")[written] > 31).any():
        return False
    if _integers(parts, "d")[written].max(initial=0) < _LATE_DAY:
        return True
    others = (_moments(parts, "y", "m", "d"), _moments(parts, "m", "y", "d"))
    others_ordered = any(_in_order(levels, read) for read in others)
    return others_ordered or not _in_order(levels, _moments(parts))


def _in_order(levels: Levels, moments: Moments) -> bool:
    """Return whether the rows follow each other in time, nearly all of them being dates."""
    read = levels.rows_where(~np.isnat(moments))
    is_read = read >= MOSTLY * levels.n_present
    return is_read and _is_ordered(levels.spread(moments, np.datetime64("NaT")))


def _may_begin_with_year(levels: Levels, parts: Any, written: npt.NDArray[np.bool_]) -> bool:
    """Return whether dates such as 24-01-12 may as well be written year, month, day."""
    dashed = levels.matching(r"\d{2}-\d{1,2}-\d{2}.*")
    return bool(dashed[written].all() and (_integers(parts, "y")[written] <= 31).all())


def _order(
    levels: Levels,
    parts: Any,
    moments: dict[str, Moments],
    hints: DateHints,
    firsts: int,
    seconds: int,
) -> tuple[str, Message, bool, bool]:
    """Return the order of day and month, why, whether the values show it, and whether in doubt."""
    if hints.order:
        return hints.order, _said(hints.order, "chosen"), True, False
    if firsts or seconds:
        order = DAY_FIRST if firsts >= seconds else MONTH_FIRST
        both = bool(firsts and seconds)
        return order, _said(order, count=max(firsts, seconds)), not both, both
    if hints.usual:
        return hints.usual, _said(hints.usual, "others"), False, False
    in_order = [
        order
        for order, read in moments.items()
        if _is_ordered(levels.spread(read, np.datetime64("NaT")))
    ]
    if len(in_order) == 1:
        return in_order[0], _said(in_order[0], "order"), True, False
    if bool(pc.any(pc.not_equal(parts.field("p"), "")).as_py()):
        return MONTH_FIRST, message("data.kind.date_month_first_noon"), False, False
    if _all_with_points(levels):
        return DAY_FIRST, message("data.kind.date_day_first_points"), False, False
    return DAY_FIRST, message("data.kind.date_order_unknown"), False, True


def _said(order: str, why: str = "", **facts: Any) -> Message:
    code = f"data.kind.date_{order.replace(' ', '_')}"
    return message(f"{code}_{why}" if why else code, **facts)


def _all_with_points(levels: Levels) -> bool:
    dates = levels.matching(r"\d{1,2}(?:[-/.]|\. )\d{1,2}(?:[-/.]|\. )\d{2}.*")
    return bool(levels.matching(r"\d{1,2}\. ?\d{1,2}\. ?\d{2}.*")[dates].all())


def _is_ordered(moments: Moments) -> bool:
    known = moments[~np.isnat(moments)]
    steps = np.diff(known).astype(np.int64)
    return bool(steps.size > 1 and ((steps >= 0).all() or (steps <= 0).all()))


def _names(parts: Any) -> list[str]:
    return [parts.type.field(place).name for place in range(parts.type.num_fields)]


def _integers(parts: Any, name: str, default: int = 0) -> npt.NDArray[np.int64]:
    """Return a group as whole numbers; ``default`` where it is empty or the form does not fit."""
    if name not in _names(parts):
        return np.full(len(parts), default, dtype=np.int64)
    text = pc.fill_null(pc.struct_field(parts, name), "")
    filled = pc.if_else(pc.equal(text, ""), str(default), text)
    return _whole(filled)


def _whole(digits: Any) -> npt.NDArray[np.int64]:
    return np.asarray(pc.cast(digits, "int64").to_numpy(zero_copy_only=False), dtype=np.int64)


def _moments(parts: Any, day: str = "d", month: str = "m", year: str = "y") -> Moments:
    years = _years(parts, year)
    months = _month_names(parts) if "n" in _names(parts) else _integers(parts, month, 1)
    days = _integers(parts, day, 1)
    hours = _hours(parts)
    minutes, seconds = _integers(parts, "M"), _integers(parts, "S")
    fits = parts.is_valid().to_numpy(zero_copy_only=False) & (years >= 1)
    fits &= (months >= 1) & (months <= 12) & (days >= 1) & (days <= 31)
    fits &= (hours >= 0) & (hours < 24) & (minutes < 60) & (seconds < 60)
    month_start = ((years - 1970) * 12 + months - 1).astype("datetime64[M]")
    dates = month_start.astype("datetime64[D]") + (days - 1)
    fits &= dates.astype("datetime64[M]") == month_start
    clock = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + _microseconds(parts)
    moments: Moments = dates.astype("datetime64[us]") + (clock - _offset(parts))
    moments[~fits] = np.datetime64("NaT")
    return moments


def _years(parts: Any, group: str) -> npt.NDArray[np.int64]:
    if group not in _names(parts):
        return np.full(len(parts), 1900, dtype=np.int64)
    years = _integers(parts, group)
    text = pc.fill_null(pc.struct_field(parts, group), "")
    short = pc.equal(pc.utf8_length(text), 2).to_numpy(zero_copy_only=False)
    # The usual rule for two digits: 69 … 99 are 19xx, 00 … 68 are 20xx.
    return np.where(short, np.where(years < 69, 2000, 1900) + years, years)


def _month_names(parts: Any) -> npt.NDArray[np.int64]:
    names = pc.fill_null(pc.struct_field(parts, "n"), "")
    found = pa.array(names).dictionary_encode()
    numbers = np.array([month_of(name) for name in found.dictionary.to_pylist()], dtype=np.int64)
    return np.asarray(numbers[found.indices.to_numpy(zero_copy_only=False)])


def month_of(name: str) -> int:
    """Return the number of a month by its name, as in :data:`MONTHS`; 0 for another word."""
    return _MONTH_OF.get(name.lower(), 0)


def _hours(parts: Any) -> npt.NDArray[np.int64]:
    hours = _integers(parts, "H")
    if "p" not in _names(parts):
        return hours
    half = pc.utf8_lower(pc.fill_null(pc.struct_field(parts, "p"), ""))
    named = pc.not_equal(half, "").to_numpy(zero_copy_only=False)
    afternoon = pc.is_in(half, pa.array(AFTERNOON, pa.large_string()))
    noon = np.where(afternoon.to_numpy(zero_copy_only=False), 12, 0)
    fits = (hours >= 1) & (hours <= 12)
    return np.asarray(np.where(named, np.where(fits, hours % 12 + noon, -1), hours))


def _microseconds(parts: Any) -> npt.NDArray[np.int64]:
    if "f" not in _names(parts):
        return np.zeros(len(parts), dtype=np.int64)
    text = pc.fill_null(pc.struct_field(parts, "f"), "")
    padded = pc.utf8_slice_codeunits(pc.utf8_rpad(text, 6, "0"), 0, 6)
    return _whole(padded)


def _offset(parts: Any) -> npt.NDArray[np.int64]:
    """Return the distance to UTC in microseconds."""
    if "z" not in _names(parts):
        return np.zeros(len(parts), dtype=np.int64)
    text = pc.fill_null(pc.struct_field(parts, "z"), "")
    zones = pa.array(text).dictionary_encode()
    minutes = [_zone_minutes(zone) for zone in zones.dictionary.to_pylist()]
    places = zones.indices.to_numpy(zero_copy_only=False)
    return np.asarray(np.array(minutes, dtype=np.int64)[places] * 60_000_000)


def _zone_minutes(zone: str) -> int:
    found = re.fullmatch(r"[A-Z ]*([+-])(\d{1,2}?):?(\d{2})?", zone)
    if not found:
        return 60 * ZONES.get(zone.strip(), 0)
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    return -minutes if found[1] == "-" else minutes
