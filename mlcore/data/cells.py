"""How one cell is read as a number or as a date: what may stand in it, and what that means.

A table is read by columns (``numerals.py``, ``dates.py``), since only a whole column shows which
mark is the decimal one and whether the day comes first. What a cell means once that is known is
said here and nowhere else; so a model reads a new row as its training read the table.

This file goes into bundles word for word; it needs nothing but Python. Its patterns are such as
Arrow understands too, which searches whole columns with them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, lru_cache

# Signs

#: Characters that join letters, which Persian and emoji are not right without.
_JOINERS = "\u200c\u200d"

#: Characters without a width, such as those that say which way round a text is shown. They come
#: along from web pages and from programs in Arabic and Hebrew.
INVISIBLE = (
    "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
    + _JOINERS
)

#: What is removed around every value: spaces of all widths, and what has none.
BLANKS = (
    " \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000" + INVISIBLE
)

_NOT_IN_NAMES = dict.fromkeys(map(ord, set(INVISIBLE) - set(_JOINERS)))

#: Digits and marks of full width, as East Asian keyboards write them, and of Arabic, Persian,
#: Hindi, Bengali and Thai, and what they stand for; what has no width stands for nothing.
NARROW = str.maketrans(
    "．，＋－（）％\u3000٫٬٪０１２３４５６７８９٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९০১২৩৪৫৬৭৮৯๐๑๒๓๔๕๖๗๘๙",
    ".,+-()% .,%" + 6 * "0123456789",
    INVISIBLE,
)


def bare_name(name: str) -> str:
    """Return the name of a column without needless blanks, and without what nobody sees."""
    return " ".join(name.translate(_NOT_IN_NAMES).split()).strip(_JOINERS)


# Numbers

#: Spaces (also the narrow and the unbreakable one) and the Swiss apostrophe between thousands.
GAPS = (" ", "\u00a0", "\u202f", "\u2009", "\u2007", "'", "\u2019")
SIGN = r"[+\-−–]?"
_MINUS = "-−–"

#: The other of the two marks that stand in numbers.
OTHER_MARK = {".": ",", ",": "."}

#: Signs for ten thousand and a hundred million after a number.
_MYRIADS = {"万": 4, "萬": 4, "만": 4, "亿": 8, "億": 8, "억": 8}

#: Among the words for a unit: letters and words after a number stand for powers of ten.
POWERS = "10ⁿ"

#: Letters right after a number that stand for a power of ten, as in 80.6M.
LETTERS = {"K": 3, "k": 3, "M": 6, "m": 6, "B": 9, "b": 9, "T": 12}

#: Words that do, also with a space before them. Billions are those of English; Cr is left out,
#: which banks write after a credit.
_WORDS = {
    3: "thousand thousands tsd tys тыс",
    5: "lakh lakhs",
    6: "million millions millionen mio mill mln mn млн milj",
    7: "crore crores",
    9: "billion billions bn mrd mld milliard milliards milliarde milliarden млрд",
    12: "trillion trillions tn",
}
_POWER_OF = {word: power for power, words in _WORDS.items() for word in words.split()}

#: Digits and marks alone, whatever they may mean.
BARE = rf"{SIGN}[.,]?\d[\d.,{''.join(GAPS)}]*(?:[eE][+-]?\d+)?"

#: A number with something before or after it: a sign, a currency, a unit, parentheses.
AMOUNT = (
    r"(?P<before>[^\d]{0,12}[A-Za-zÀ-ɏЀ-ӿ]\.? ?[+\-−–]?|[^\d.,]{0,12})"
    r"(?P<digits>[.,]?\d(?:[\d.," + "".join(GAPS) + r"]*\d)?(?:[eE][+-]?\d+)?)"
    r"(?P<after>[^\d]{0,15}|[^\d]{0,8}[A-Za-z][23])"
)

#: A longer cell is no number with a unit.
LONGEST_AMOUNT = 60


def plain_number(decimal: str) -> str:
    """Return the pattern of numbers without a mark between thousands."""
    return rf"{SIGN}(?:\d+{_fraction(decimal)}|{re.escape(decimal)}\d+)(?:[eE][+-]?\d+)?"


def spaced_number(decimal: str) -> str:
    """Return the pattern of numbers with spaces or apostrophes between thousands."""
    gaps = "|".join(rf"(?:{gap}\d{{3}})+" for gap in GAPS)
    return rf"{SIGN}[1-9]\d{{0,2}}(?:{gaps}){_fraction(decimal)}"


def marked_number(decimal: str) -> str:
    """Return the pattern of numbers with the other mark between thousands."""
    mark = re.escape(OTHER_MARK[decimal])
    # Groups of three, or of two before the last as in India.
    groups = rf"(?:\d{{0,2}}(?:{mark}\d{{3}})+|\d?(?:{mark}\d{{2}})+{mark}\d{{3}})"
    return rf"{SIGN}[1-9]{groups}{_fraction(decimal)}"


def may_be_spaced(thousands: str | None) -> bool:
    """Return whether spaces or apostrophes may stand between thousands, if one mark is known."""
    return thousands is None or thousands.isspace() or thousands in ("'", "’")


def may_be_marked(decimal: str, thousands: str | None) -> bool:
    """Return whether the other mark may stand between thousands, if one mark is known."""
    return thousands is None or thousands == OTHER_MARK[decimal]


def clear_number(decimal: str) -> str:
    """Return the pattern of numbers that leave no doubt about the decimal mark."""
    point, mark = re.escape(decimal), re.escape(OTHER_MARK[decimal])
    return (
        rf"{SIGN}(?:\d*{point}(?:\d{{1,2}}|\d{{4,}})|0*{point}\d+|\d{{4,}}{point}\d+"
        rf"|[\d{mark}]*{mark}\d{{3}}{point}\d+"
        rf"|[1-9]\d{{0,2}}(?:{mark}\d{{3}}){{2,}})"
    )


def _fraction(decimal: str) -> str:
    return rf"(?:{re.escape(decimal)}\d*)?"


def power_of(word: str) -> int:
    """Return the power of ten that a letter or word after a number stands for; 0 for another."""
    return LETTERS.get(word, 0) or _POWER_OF.get(word.lower().removesuffix("."), 0)


@dataclass(frozen=True)
class Beside:
    """What the texts before and after a number say.

    ``word`` is all that stands there; where it may be taken for a ``power`` of ten, ``unit`` is
    the rest of it.
    """

    sign: int = 1
    exponent: int = 0
    parentheses: bool = False
    behind: bool = False
    word: str = ""
    is_before: bool = False
    is_spaced: bool = False
    power: str = ""
    unit: str = ""

    @property
    def scaled(self) -> Beside:
        """The same where letters and words stand for powers of ten."""
        return replace(self, word=self.unit, exponent=power_of(self.power)) if self.power else self


_LETTERS_FIRST = re.compile(r"([^\W\d_]+\.?)")


@lru_cache(1024)
def beside(before: str, after: str) -> Beside | None:
    """Return what stands beside a number, or ``None`` where it makes no sense."""
    opened = "(" in before
    if opened != after.endswith(")") or before.count("(") > 1:
        return None
    if opened:
        if not (before.startswith("(") or before.endswith("(")):
            return None
        before, after = before.replace("(", ""), after[:-1]
    after = re.sub(r"^[.,][-–—]{1,2}(?=\s|$)", "", after)
    behind = bool(re.match(r"[-−–](?=\s|$)", after))
    left, right = before.strip(), after[behind:].strip()
    signs = [mark for mark in (left[:1], left[1:][-1:]) if mark and mark in f"+{_MINUS}"]
    if len(signs) + opened + behind > 1:
        return None
    bare = left.strip(f"+{_MINUS}").strip()
    if signs and not bare and before != left:
        return None
    exponent = _MYRIADS.get(right[:1], 0)
    right = right[1:].strip() if exponent else right
    power, rest = _power_in(right, is_spaced=after[behind:][:1].isspace())
    if bare and right and (rest or not power):
        return None
    return Beside(
        sign=-1 if opened or behind or (signs and signs[0] in _MINUS) else 1,
        exponent=exponent,
        parentheses=opened,
        behind=behind,
        word=f"{bare} {right}".strip(),
        is_before=bool(bare),
        is_spaced=after[:1].isspace() or not after.isascii(),
        power=power,
        unit=bare or rest,
    )


def _power_in(right: str, is_spaced: bool) -> tuple[str, str]:
    """Return a word for a power of ten after a number, and what stands behind it."""
    found = _LETTERS_FIRST.match(right)
    if not found or not power_of(found[1]) or (found[1] in LETTERS and is_spaced):
        return "", right
    return found[1], right[found.end() :].strip()


@cache
def _number(decimal: str, thousands: str | None = None) -> re.Pattern[str]:
    """Return what fits every number without anything beside it."""
    ways = [plain_number(decimal)]
    ways += [spaced_number(decimal)] if may_be_spaced(thousands) else []
    ways += [marked_number(decimal)] if may_be_marked(decimal, thousands) else []
    return re.compile("|".join(ways), re.ASCII)


@cache
def _most_frequent(decimal: str) -> re.Pattern[str]:
    """Return what fits the numbers that need no second look."""
    return re.compile(rf"-?\d+{_fraction(decimal)}", re.ASCII)


_BARE = re.compile(BARE, re.ASCII)
_AMOUNT = re.compile(AMOUNT, re.ASCII)


def read_number(
    cell: str, decimal: str, units: Sequence[str] = (), thousands: str | None = None
) -> float:
    """Return the number a cell holds, or NaN when it holds none.

    Parameters
    ----------
    cell : str
        Such as ``"12"``, ``"1,234.5"``, ``"(5)"`` for -5, ``"1.2万"``, or ``"12 kg"``.
    decimal : str
        The decimal mark.
    units : sequence of str
        Words that may stand before or after the digits, all of them for one unit; with
        :data:`POWERS` among them also letters and words for powers of ten.
    thousands : str, optional
        The mark between thousands, empty for none. By default the other mark, spaces and
        apostrophes are understood.
    """
    if _most_frequent(decimal).fullmatch(cell):
        value = float(cell.replace(decimal, "."))
    else:
        value = _amount(cell.translate(NARROW), decimal, units, thousands)
    return value if math.isfinite(value) else math.nan


def _amount(cell: str, decimal: str, units: Sequence[str], thousands: str | None) -> float:
    digits, told = _taken_apart(cell)
    if told is None or not _number(decimal, thousands).fullmatch(digits):
        return math.nan
    told = told.scaled if POWERS in units else told
    if (told.word and told.word not in units) or (told.behind and not _has_mark(digits)):
        return math.nan
    for mark in (OTHER_MARK[decimal], *GAPS):
        digits = digits.replace(mark, "")
    digits = digits.replace("−", "-").replace("–", "-").replace(decimal, ".")
    power = f"e{told.exponent}" if told.exponent and "e" not in digits.lower() else ""
    return told.sign * float(digits + power)


def _has_mark(digits: str) -> bool:
    """Return whether there is a point or comma, as an amount has before a minus behind it."""
    return "." in digits or "," in digits


def _taken_apart(cell: str) -> tuple[str, Beside | None]:
    """Return the digits of a cell and what stands beside them."""
    if _BARE.fullmatch(cell):
        return cell, Beside()
    found = _AMOUNT.fullmatch(cell) if len(cell) <= LONGEST_AMOUNT else None
    return (found["digits"], beside(found["before"], found["after"])) if found else ("", None)


def is_number(cell: str) -> bool:
    """Return whether a cell is a number without anything beside it, whatever its decimal mark."""
    return any(_number(decimal).fullmatch(cell) for decimal in OTHER_MARK)


@cache
def _clear(decimal: str) -> re.Pattern[str]:
    return re.compile(clear_number(decimal), re.ASCII)


_DIGITS_AND_MARKS = re.compile(r"[.,]?\d[\d.,]*", re.ASCII)


def shown_mark(cell: str, units: Sequence[str] = ()) -> str | None:
    """Return the decimal mark that a cell with a number leaves no doubt about, if it does.

    >>> shown_mark("12,5"), shown_mark("1.234.567"), shown_mark("1.234")
    (',', ',', None)
    """
    if ("." not in cell and "," not in cell) or len(cell) > LONGEST_AMOUNT:
        return None
    bare = "".join(sign for sign in cell.translate(NARROW) if sign not in GAPS)
    found = _DIGITS_AND_MARKS.search(bare)
    for decimal in OTHER_MARK:
        if found and _clear(decimal).fullmatch(found[0]):
            return None if math.isnan(read_number(cell, decimal, units)) else decimal
    return None


# Dates

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
#: Scandinavian, Polish, Turkish, Russian. Three letters of one are enough.
MONTHS = (
    (
        "january januar jänner janvier enero gennaio janeiro januari janv styczeń stycznia ocak "
        "январь января"
    ),
    (
        "february februar février fevrier febrero febbraio fevereiro februari luty lutego şubat "
        "февраль февраля"
    ),
    "march märz mrz mars marzo março maart mrt marts marzec marca mart март марта",
    "april avril abril aprile kwiecień kwietnia nisan апрель апреля",
    "may mai mayo maggio maio mei maj maja mayıs май мая",
    "june juni juin junio giugno junho czerwiec czerwca haziran июнь июня",
    "july juli juillet julio luglio julho lipiec lipca temmuz июль июля",
    "august augusti août aout agosto augustus sierpień sierpnia ağustos августа",
    (
        "september septembre septiembre setiembre settembre setembro wrzesień września eylül "
        "сентябрь сентября"
    ),
    (
        "october oktober octobre octubre ottobre outubro październik października ekim октябрь "
        "октября"
    ),
    "november novembre noviembre novembro listopad listopada kasım ноябрь ноября",
    (
        "december dezember décembre decembre diciembre dicembre dezembro desember grudzień "
        "grudnia aralık декабрь декабря"
    ),
)
_MONTH_OF = {
    name[:length]: number
    for number, names in enumerate(MONTHS, 1)
    for name in names.split()
    for length in range(3, len(name) + 1)
    # Of the French June and July three letters are the same.
    if name[:length] != "jui"
}
_WEEKDAYS = (
    "mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|mié|jue|vie|sáb"
    "|dom|sab|gio|seg|ter|qua|qui|sex|пн|вт|ср|чт|пт|сб|вс"
)
_WEEKDAY = rf"(?:(?i:{_WEEKDAYS})[a-zäöüéíáçãà]*\.?,? (?:den |le )?)?"
_MONTH = r"(?P<n>[^\s\d.,:/+\-]{3,12})\.?"
_ORDINAL = r"(?:st|nd|rd|th|er|º|ª|e)?"

#: Written forms by code of their sentence; groups: y m d n(ame of month) a b (day and month in
#: unknown order) H M S f p(m) z(one).
DATE_FORMS: dict[str, str] = {
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
_AFTERNOON = ("p", "下午", "午後", "오후")

#: Where a time stands alone.
NO_YEAR = 1900


def month_of(name: str) -> int:
    """Return the number of a month by its name, as in :data:`MONTHS`; 0 for another word."""
    return _MONTH_OF.get(name.lower(), 0)


def year_of(digits: str) -> int:
    """Return a year; two digits from 69 on mean 19xx, the others 20xx, as is usual."""
    year = int(digits)
    return year + (2000 if year < 69 else 1900) if len(digits) == 2 else year


def hour_of(digits: str, half: str = "") -> int:
    """Return an hour of the day, also by its number in a half of it; -1 if there is none such.

    Midnight is meant where no time stands.
    """
    hour = int(digits or 0)
    if half:
        hour = hour % 12 + 12 * (half.lower() in _AFTERNOON) if 1 <= hour <= 12 else -1
    return hour


def zone_minutes(zone: str) -> int:
    """Return how far a time zone is ahead of UTC, as in ``"+05:30"``, ``"CET"`` or ``"Z"``."""
    found = re.fullmatch(r"[A-Z ]*([+-])(\d{1,2}?):?(\d{2})?", zone)
    if not found:
        return 60 * ZONES.get(zone.strip(), 0)
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    return -minutes if found[1] == "-" else minutes


@cache
def _date(form: str) -> re.Pattern[str]:
    # Capitals of every script are capitals, as they are for Arrow.
    return re.compile(DATE_FORMS[form].replace("(?i:", "(?iu:"), re.ASCII)


def read_date(cell: str, form: str | None, day_first: bool) -> datetime | None:
    """Return the point in time a cell holds, or nothing.

    Parameters
    ----------
    cell : str
        Such as ``"2024-01-31"``, which is always understood, or ``"31.01.2024 14:30"``.
    form : str or None
        A key of :data:`DATE_FORMS`: how the column was written in training. ``None``: any way.
    day_first : bool
        Whether 01/02 is the first of February.
    """
    cell = cell.translate(NARROW)
    for name in DATE_FORMS if form is None else dict.fromkeys((form, "iso")):
        if found := _date(name).fullmatch(cell):
            return _moment(found.groupdict(), day_first)
    return None


def _moment(parts: Mapping[str, str | None], day_first: bool) -> datetime | None:
    day, month = parts.get("d"), parts.get("m")
    if "a" in parts:
        day, month = (parts["a"], parts["b"]) if day_first else (parts["b"], parts["a"])
    year, name = parts.get("y"), parts.get("n")
    try:
        local = datetime(
            year_of(year) if year else NO_YEAR,
            month_of(name) if name else int(month or 1),
            int(day or 1),
            hour_of(parts.get("H") or "", parts.get("p") or ""),
            int(parts.get("M") or 0),
            int(parts.get("S") or 0),
            int((parts.get("f") or "").ljust(6, "0")[:6]),
        )
        return local - timedelta(minutes=zone_minutes(parts.get("z") or ""))
    except (ValueError, OverflowError):
        return None
