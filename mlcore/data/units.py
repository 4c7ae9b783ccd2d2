"""Units and currencies beside numbers: the words that are known, and what belongs to what."""

from __future__ import annotations

import re

#: Currencies by the sign or code they are shown with; all spellings of one mean the same. They may
#: stand before the number or after it.
CURRENCIES: tuple[tuple[str, ...], ...] = (
    ("€", "EUR", "Eur", "eur", "Euro", "euro", "Euros", "euros"),
    ("$", "US$", "USD", "usd", "U$S", "＄"),
    ("£", "GBP", "gbp", "￡"),
    ("¥", "￥"),
    *(("元", "CNY", "RMB", "人民币", "CN¥"), ("円", "JPY", "yen", "Yen"), ("₩", "KRW", "원", "￦")),
    ("₹", "INR", "Rs", "Rs.", "₨"),
    ("CHF", "Fr.", "SFr.", "sFr.", "chf"),
    *(("zł", "PLN", "zl", "pln"), ("Kč", "CZK"), ("Ft", "HUF"), ("lei", "RON", "leu")),
    *(("kr", "kr.", "Kr", "Kr."), ("SEK",), ("NOK",), ("DKK",), ("лв", "лв.", "BGN")),
    *(("₽", "руб", "руб.", "р.", "RUB", "рублей"), ("₴", "грн", "грн.", "UAH")),
    *(("₺", "TL", "TRY"), ("₪", "ILS"), ("R$", "BRL"), ("ZAR",), ("₱", "PHP"), ("฿", "THB")),
    *(("₫", "đ", "VND"), ("Rp", "IDR"), ("RM", "MYR"), ("AED",), ("SAR",), ("EGP",), ("₦", "NGN")),
    *(("A$", "AU$", "AUD"), ("C$", "CA$", "CAD"), ("NZ$", "NZD"), ("HK$", "HKD"), ("S$", "SGD")),
    *(("NT$", "TWD"), ("MX$", "MXN"), ("ARS",), ("CLP",), ("COP",), ("₿", "BTC")),
)

PER_CENT = "%"

#: Units by their usual sign, with other spellings of the same unit.
UNITS: tuple[tuple[str, ...], ...] = (
    (PER_CENT, "％", "٪", "pct", "pct.", "percent", "per cent", "Prozent", "procent", "pour cent"),
    ("‰",),
    # Length and area
    *(("nm",), ("µm", "μm", "um"), ("mm", "MM", "毫米", "мм"), ("dm",)),
    ("cm", "CM", "Cm", "cm.", "厘米", "公分", "см", "センチ"),
    ("m", "m.", "mtr", "meter", "meters", "metre", "metres", "Meter", "米", "м", "メートル"),
    ("km", "Km", "KM", "kms", "km.", "公里", "千米", "км", "キロメートル"),
    *(("in", "in.", "inch", "inches", '"', "″"), ("ft", "ft.", "feet", "foot", "'", "′")),
    *(("yd", "yards"), ("mi", "mi.", "mile", "miles"), ("nmi",)),
    ("m²", "m2", "m^2", "qm", "sqm", "sq m", "sq.m.", "㎡", "平方米", "平米", "平方メートル", "м²"),
    *(("cm²", "cm2"), ("mm²", "mm2"), ("km²", "km2", "sq km", "平方公里"), ("坪",)),
    ("ft²", "ft2", "sqft", "sq ft", "sq. ft.", "sq.ft."),
    *(("ha", "hectares", "公顷", "га"), ("acre", "acres")),
    # Volume
    ("l", "L", "ltr", "liter", "liters", "litre", "litres", "Liter", "升", "л", "リットル"),
    *(("ml", "mL", "ML", "毫升", "мл"), ("cl", "cL"), ("dl", "dL"), ("µl", "µL", "μL")),
    *(("m³", "m3", "cbm", "立方米"), ("cm³", "cm3", "ccm", "cc"), ("gal", "gallons"), ("fl oz",)),
    # Mass
    *(("µg", "μg", "ug", "mcg"), ("mg", "Mg", "毫克", "мг")),
    ("g", "gr", "gr.", "gram", "grams", "Gramm", "克", "г", "グラム"),
    ("kg", "Kg", "KG", "kg.", "kgs", "Kgs", "kilo", "kilos", "公斤", "千克", "кг", "キロ"),
    *(("t", "to", "ton", "tons", "tonne", "tonnes", "Tonnen", "吨"), ("斤",)),
    *(("lb", "lbs", "lb.", "lbs.", "pounds"), ("oz", "oz."), ("st",)),
    # Time
    *(("µs", "μs", "us"), ("ms", "msec"), ("ns",)),
    ("s", "s.", "sec", "sec.", "secs", "second", "seconds", "Sek", "Sek.", "秒", "сек", "с", "초"),
    ("min", "min.", "mins", "minute", "minutes", "Min.", "Minuten", "分钟", "мин", "분"),
    (
        *("h", "h.", "hr", "hrs", "hr.", "hour", "hours", "Std", "Std.", "Stunde", "Stunden"),
        *("heures", "horas", "ore", "小时", "時間", "시간", "ч", "час"),
    ),
    ("d", "day", "days", "Tag", "Tage", "jour", "jours", "día", "días", "giorni", "天", "дней"),
    ("week", "weeks", "Woche", "Wochen", "semaines", "semanas", "周"),
    ("month", "months", "mo", "mos", "Monat", "Monate", "mois", "mes", "meses", "mesi", "个月"),
    (
        *("year", "years", "yr", "yrs", "y", "yo", "Jahr", "Jahre", "J.", "an", "ans", "año"),
        *("años", "anni", "anos", "jaar", "år", "лет", "год", "года"),
    ),
    *(("年",), ("岁", "歳", "歲", "才", "세", "살")),
    # Speed, temperature, pressure
    *(("km/h", "kmh", "kph", "km/u", "公里/小时"), ("mph",), ("m/s",), ("kn", "kt", "knots")),
    *(("°C", "° C", "℃", "ºC", "C", "oC", "度"), ("°F", "° F", "℉", "ºF", "F"), ("K",)),
    *(("°", "º", "deg", "degrees"), ("rpm", "U/min")),
    *(("Pa",), ("hPa",), ("kPa",), ("MPa",), ("mbar",), ("bar",), ("psi",), ("mmHg", "mm Hg")),
    # Energy, electricity, waves
    *(("J",), ("kJ",), ("MJ",), ("cal",), ("kcal", "Kcal"), ("Wh",), ("kWh", "KWh"), ("MWh",)),
    *(("W",), ("kW", "KW"), ("MW",), ("GW",), ("hp", "HP", "bhp"), ("PS",), ("ch",), ("N",)),
    *(("Nm",), ("V",), ("mV",), ("kV",), ("A",), ("mA",), ("Ah",), ("mAh",), ("Ω", "ohm")),
    *(("Hz",), ("kHz",), ("MHz",), ("GHz",), ("dB", "dBA", "dB(A)"), ("lx",), ("lm",)),
    # Data and screens
    *(("KB", "kB", "kb"), ("MB",), ("GB", "Gb"), ("TB",), ("KiB",), ("MiB",), ("GiB",)),
    *(("Mbps", "Mbit/s", "Mb/s"), ("Gbps", "Gbit/s"), ("px", "pixels"), ("dpi",), ("fps",)),
    *(("MP", "Mpx"),),
    # Concentration and rates
    *(("mg/dl", "mg/dL"), ("g/dl", "g/dL"), ("g/l", "g/L"), ("mg/l", "mg/L"), ("ng/ml", "ng/mL")),
    *(("mmol/l", "mmol/L"), ("µmol/l", "µmol/L", "umol/L"), ("U/l", "U/L", "IU/L"), ("IU",)),
    *(("mmol/mol",), ("µg/l", "µg/L"), ("µg/m³", "ug/m3", "µg/m3"), ("g/cm³", "g/cm3")),
    *(("kg/m³", "kg/m3"), ("kg/m²", "kg/m2"), ("g/km",), ("mg/kg",), ("ppm",), ("ppb",)),
    *(("bpm", "/min"), ("mpg",), ("kWh/m²", "kWh/m2"), ("l/min", "L/min"), ("€/m²", "€/m2")),
    # Things that are counted
    ("pcs", "pcs.", "pc", "pieces", "Stk", "Stk.", "Stück", "St.", "шт", "шт.", "個", "个", "개"),
    *(("人", "명"), ("台",), ("件",), ("次", "回", "회"), ("枚",), ("本",), ("冊",), ("匹",)),
    *(("pts", "points", "Punkte", "分", "点", "점"), ("cyl",)),
)

#: Single capital letters are more often part of a code ("5A") than a unit; they count where a
#: space stands before them.
SHY = frozenset({"A", "C", "F", "J", "K", "N", "V", "W", "st", "to", "mo", "d", "t", "y", "cc"})

#: A longer cell is no number with a unit.
_LONGEST = 40

_SHOWN = {word: group[0] for groups in (UNITS, CURRENCIES) for group in groups for word in group}
_SPELLINGS = {group[0]: group for groups in (UNITS, CURRENCIES) for group in groups}
_CURRENCY = frozenset(word for group in CURRENCIES for word in group)


def unit_of_word(word: str) -> str | None:
    """Return the unit that a word is, as it is usually shown, or ``None``."""
    return _SHOWN.get(word)


def is_currency(word: str) -> bool:
    """Return whether a word is the sign or code of a currency."""
    return word in _CURRENCY


def may_stand_before(word: str) -> bool:
    """Return whether a unit may stand before the number: a currency, or % as in Turkish."""
    return word == PER_CENT or is_currency(word)


_BESIDE = re.compile(
    r"\(?(?P<sign>[+\-−]?)(?P<before>[^\d+\-−.,;()]{0,5})[ \u00a0]?"
    r"(?P<digits>[+\-−]?[.,]?\d[\d.,'’ \u00a0\u202f]*)(?P<after>[^\d.,;]{0,12}|[^\d.,;]{1,8}[23])"
)


def without_unit(cell: str) -> str:
    """Return the number of a cell in which a known unit or currency stands beside it.

    Any other cell comes back as it is.

    >>> without_unit("1.234,50 €"), without_unit("$5"), without_unit("5 apples")
    ('1.234,50', '5', '5 apples')
    """
    found = _BESIDE.fullmatch(cell) if len(cell) <= _LONGEST else None
    if found is None:
        return cell
    before, after = found["before"].strip(), found["after"].strip(" \u00a0)")
    if bool(before) == bool(after) or (before and not may_stand_before(before)):
        return cell
    is_spaced = found["digits"][-1].isspace() or found["after"] != after
    if after and (after not in _SHOWN or (after in SHY and not is_spaced)):
        return cell
    return found["sign"] + found["digits"].strip()


def spellings(unit: str) -> tuple[str, ...]:
    """Return all the words for a unit, itself included."""
    return _SPELLINGS.get(_SHOWN.get(unit, unit), (unit,))


def said_unit(unit: str) -> str:
    """Return a unit in words where its sign alone would be short: “per cent” for ``%``."""
    return "per cent" if unit == PER_CENT else unit
