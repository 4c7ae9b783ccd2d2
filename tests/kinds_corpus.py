"""Columns of which the kind is known, as people in many places write them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np

from mlcore.data.schema import ColumnKind

K = ColumnKind
ROWS = 40


@dataclass(frozen=True, kw_only=True)
class KnownColumn:
    """A column as it stands in a file, and what is true of it.

    ``values`` are the numbers or days, where the kind has any; ``decimal``
    is the file's mark.
    """

    id: str
    name: str
    cells: tuple[str, ...]
    kind: ColumnKind
    values: tuple[float | date, ...] = ()
    unit: str | None = None
    decimal: str = "."


def grouped(number: float, places: int, decimal: str, thousands: str) -> str:
    text = f"{number:,.{places}f}"
    return text.replace(",", "\0").replace(".", decimal).replace("\0", thousands)


def indian(number: float) -> str:
    whole, _, fraction = f"{number:.2f}".partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    head, tail = digits[:-3], digits[-3:]
    pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    return f"{sign}{','.join([*pairs, tail])}.{fraction}"


def script(zero: str) -> dict[int, int]:
    """Return the digits of a script by those of ASCII."""
    return {ord("0") + digit: ord(zero) + digit for digit in range(10)}


ARABIC = {**script("٠"), ord("."): "٫"}
WIDE = {sign: sign + 0xFEE0 for sign in range(ord("!"), ord("~"))}

#: By name: how an amount is written, its unit, and the file's decimal mark.
AMOUNTS: dict[str, tuple[Callable[[float], str], str | None, str]] = {
    "plain": (lambda n: f"{n:.2f}", None, "."),
    "comma": (lambda n: f"{n:.2f}".replace(".", ","), None, ","),
    "comma in a file with points": (lambda n: f"{n:.2f}".replace(".", ","), None, "."),
    "point in a file with commas": (lambda n: f"{n:.2f}", None, ","),
    "thousands by comma": (lambda n: grouped(n, 2, ".", ","), None, "."),
    "thousands by point": (lambda n: grouped(n, 2, ",", "."), None, ","),
    "thousands by space": (lambda n: grouped(n, 2, ",", " "), None, ","),
    "thousands by hard space": (lambda n: grouped(n, 2, ",", "\u00a0"), None, ","),
    "thousands by narrow space": (lambda n: grouped(n, 2, ",", "\u202f"), None, ","),
    "thousands by apostrophe": (lambda n: grouped(n, 2, ".", "'"), None, "."),
    "thousands by curly apostrophe": (lambda n: grouped(n, 2, ".", "\u2019"), None, "."),
    "indian groups": (indian, None, "."),
    "typographic minus": (lambda n: f"{n:.2f}".replace("-", "−"), None, "."),
    "plus before positive": (lambda n: f"{n:+.2f}", None, "."),
    "minus behind": (lambda n: f"{n:.2f}" if n > 0 else f"{-n:.2f}-", None, "."),
    "parentheses": (lambda n: f"({-n:.2f})" if n < 0 else f"{n:.2f}", None, "."),
    "scientific": (lambda n: f"{n:.6e}", None, "."),
    "scientific with comma": (lambda n: f"{n:.6E}".replace(".", ","), None, ","),
    "full width": (
        lambda n: f"{n:.2f}".translate({i: i + 0xFEE0 for i in range(33, 127)}),
        None,
        ".",
    ),
    "arabic digits": (lambda n: f"{n:.2f}".translate(ARABIC), None, "."),
    "persian digits": (lambda n: f"{n:.2f}".translate(script("۰")), None, "."),
    "hindi digits": (lambda n: indian(n).translate(script("०")), None, "."),
    "dollars": (lambda n: f"-${-n:,.2f}" if n < 0 else f"${n:,.2f}", "$", "."),
    "dollars in books": (lambda n: f"$({-n:,.2f})" if n < 0 else f"${n:,.2f}", "$", "."),
    "dollars by code": (lambda n: f"USD {n:.2f}", "$", "."),
    "pounds": (lambda n: f"£{n:.2f}", "£", "."),
    "rupees": (lambda n: f"Rs. {indian(n)}", "₹", "."),
    "rupee sign": (lambda n: f"₹{indian(n)}", "₹", "."),
    "euros in Germany": (lambda n: grouped(n, 2, ",", ".") + " €", "€", ","),
    "euros in France": (lambda n: grouped(n, 2, ",", "\u202f") + "\u00a0€", "€", ","),
    "euros in Ireland": (lambda n: f"€{n:,.2f}", "€", "."),
    "euros before": (lambda n: "€ " + grouped(n, 2, ",", "."), "€", ","),
    "euros by code": (lambda n: grouped(n, 2, ",", ".") + " EUR", "€", ","),
    "francs": (lambda n: "CHF " + grouped(n, 2, ".", "'"), "CHF", "."),
    "kroner": (lambda n: grouped(n, 2, ",", " ") + " kr", "kr", ","),
    "kroner before": (lambda n: "kr " + grouped(n, 2, ",", "."), "kr", ","),
    "złoty": (lambda n: grouped(n, 2, ",", "\u00a0") + " zł", "zł", ","),
    "koruna": (lambda n: grouped(n, 2, ",", " ") + " Kč", "Kč", ","),
    "forint": (lambda n: grouped(n, 2, ",", " ") + " Ft", "Ft", ","),
    "roubles": (lambda n: grouped(n, 2, ",", " ") + " руб.", "₽", ","),
    "rouble sign": (lambda n: grouped(n, 2, ",", " ") + " ₽", "₽", ","),
    "hryvnia": (lambda n: grouped(n, 2, ",", " ") + " грн", "₴", ","),
    "lira": (lambda n: "₺" + grouped(n, 2, ",", "."), "₺", ","),
    "reais": (lambda n: "R$ " + grouped(n, 2, ",", "."), "R$", ","),
    "yuan": (lambda n: f"¥{n:,.2f}", "¥", "."),
    "yuan in words": (lambda n: f"{n:.2f}元", "元", "."),
    "yen in words": (lambda n: f"{n:,.2f}円", "円", "."),
    "won": (lambda n: f"₩{n:,.2f}", "₩", "."),
    "won in words": (lambda n: f"{n:,.2f}원", "₩", "."),
    "baht": (lambda n: f"฿{n:,.2f}", "฿", "."),
    "shekel": (lambda n: f"{n:.2f} ₪", "₪", "."),
    "per cent": (lambda n: f"{n:.2f}%", "%", "."),
    "per cent with space and comma": (lambda n: f"{n:.2f} %".replace(".", ","), "%", ","),
    "kilograms": (lambda n: f"{n:.2f} kg", "kg", "."),
    "kilograms without space": (lambda n: f"{n:.2f}kg", "kg", "."),
    "centimetres with comma": (lambda n: f"{n:.2f} cm".replace(".", ","), "cm", ","),
    "square metres": (lambda n: f"{n:.2f} m²", "m²", "."),
    "square metres by digit": (lambda n: f"{n:.2f} m2", "m²", "."),
    "degrees": (lambda n: f"{n:.2f} °C", "°C", "."),
    "degrees, one sign": (lambda n: f"{n:.2f}℃", "°C", "."),
    "kilometres an hour": (lambda n: f"{n:.2f} km/h", "km/h", "."),
    "millimoles": (lambda n: f"{n:.2f} mmol/L", "mmol/l", "."),
    "kilowatt hours": (lambda n: f"{n:.2f} kWh", "kWh", "."),
    "chinese kilograms": (lambda n: f"{n:.2f}公斤", "kg", "."),
    "chinese kilometres": (lambda n: f"{n:.2f}公里", "km", "."),
    "russian kilograms": (lambda n: f"{n:.2f} кг".replace(".", ","), "kg", ","),
    "an unknown unit": (lambda n: f"{n:.2f} Scheffel".replace(".", ","), "Scheffel", ","),
}

#: Whole numbers: how they are written, and their unit.
COUNTS: dict[str, tuple[Callable[[int], str], str | None]] = {
    "plain": (str, None),
    "with a point and zero": (lambda n: f"{n}.0", None),
    "years old": (lambda n: f"{n} years", "year"),
    "minutes": (lambda n: f"{n} min", "min"),
    "days in german": (lambda n: f"{n} Tage", "d"),
    "pieces in german": (lambda n: f"{n} Stück", "pcs"),
    "years old in chinese": (lambda n: f"{n}岁", "岁"),
    "years old in japanese": (lambda n: f"{n}歳", "岁"),
    "years old in korean": (lambda n: f"{n}세", "岁"),
    "people in japanese": (lambda n: f"{n}人", "人"),
    "pieces in chinese": (lambda n: f"{n}个", "pcs"),
    "ten thousands": (lambda n: f"{n}万", None),
    "rooms": (lambda n: f"{n} rooms", "rooms"),
    "gigabytes": (lambda n: f"{n}GB", "GB"),
}

#: Days: a form of ``strftime`` with {d} and {m} for numbers without leading zeros.
DAYS = {
    **{f"iso {mark}": f"%Y{mark}%m{mark}%d" for mark in "-/."},
    **{f"day first {mark}": f"%d{mark}%m{mark}%Y" for mark in "-/."},
    "month first": "%m/%d/%Y",
    "short": "{d}.{m}.%Y",
    "month first, short": "{m}/{d}/%Y",
    "two digits": "%d.%m.%y",
    "two digits, month first": "%m/%d/%y",
    "year first, two digits": "%y-%m-%d",
    "hungarian": "%Y. %m. %d.",
    "czech": "{d}. {m}. %Y",
    "korean with points": "%Y. {m}. {d}.",
    "chinese": "%Y年{m}月{d}日",
    "chinese, padded": "%Y年%m月%d日",
    "korean": "%Y년 {m}월 {d}일",
    "english": "%d %B %Y",
    "english, short": "%d-%b-%Y",
    "american": "%B {d}, %Y",
    "american, short": "%b {d}, %Y",
    "weekday": "%a, %d %b %Y",
    "with midnight": "%Y-%m-%d 00:00:00",
    "with T": "%Y-%m-%dT00:00:00",
    "zone by word": "%Y/%m/%d 2:00:00 AM EET",
    "zone by offset": "%Y/%m/%d 2:00:00 AM GMT+2",
    "zone by hours": "%Y-%m-%d 02:00:00+02",
    "with T and Z": "%Y-%m-%dT00:00:00Z",
    "with noon": "%m/%d/%Y 12:00 AM",
}

#: How days are written with the names of months, and the names.
MONTH_NAMES = (
    ("german", "{d}. {n} {y}", "Januar Februar März April Mai Juni Juli August September Oktober"
     " November Dezember"),
    ("austrian", "{d}. {n} {y}", "Jän. Feb. März Apr. Mai Juni Juli Aug. Sep. Okt. Nov. Dez."),
    ("french", "{d} {n} {y}", "janvier février mars avril mai juin juillet août septembre octobre"
     " novembre décembre"),
    ("french, short", "{d} {n} {y}", "janv. févr. mars avr. mai juin juil. août sept. oct. nov."
     " déc."),
    ("spanish", "{d} de {n} de {y}", "enero febrero marzo abril mayo junio julio agosto"
     " septiembre octubre noviembre diciembre"),
    ("portuguese", "{d} de {n} de {y}", "janeiro fevereiro março abril maio junho julho agosto"
     " setembro outubro novembro dezembro"),
    ("italian", "{d} {n} {y}", "gennaio febbraio marzo aprile maggio giugno luglio agosto"
     " settembre ottobre novembre dicembre"),
    ("dutch", "{d} {n} {y}", "januari februari maart april mei juni juli augustus september"
     " oktober november december"),
    ("dutch, short", "{d}-{n}-{y}", "jan feb mrt apr mei jun jul aug sep okt nov dec"),
    ("swedish", "{d} {n} {y}", "januari februari mars april maj juni juli augusti september"
     " oktober november december"),
    ("polish", "{d} {n} {y}", "stycznia lutego marca kwietnia maja czerwca lipca sierpnia"
     " września października listopada grudnia"),
    ("turkish", "{d} {n} {y}", "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim"
     " Kasım Aralık"),
    ("russian", "{d} {n} {y} г.", "января февраля марта апреля мая июня июля августа сентября"
     " октября ноября декабря"),
)  # fmt: skip

PAIRS = (
    *("yes/no", "Y/N", "TRUE/FALSE", "ja/nein", "Ja/Nej", "oui/non", "sí/no", "sim/não", "tak/nie"),
    *("ano/ne", "igen/nem", "evet/hayır", "да/нет", "так/ні", "ναι/όχι", "是/否", "有/无"),
    *("はい/いいえ", "예/아니오", "نعم/لا", "כן/לא", "1/0"),
)

CATEGORIES = (
    ("colour", "red green blue"),
    ("blood", "A B AB 0"),
    ("rhesus", "+ - ?!"),
    ("grade", "A+ A A- B+ B"),
    ("size", "XS S M L XL"),
    ("dress", "32B 34C 36A"),
    ("class", "1A 2B 3C 4A"),
    ("house", "12a 3 7b 11c"),
    ("range", "0-4 5-12 13-17 18-64"),
    ("odds", "1/2 3/4 2/3"),
    ("mix", "1:2 3:1 10:1"),
    ("version", "1.2.3 1.10.0 2.0.1"),
    ("firmware", "1.10.12 1.2.10 2.4.11"),
    ("build", "10.1.12 12.3.22 11.4.15"),
    ("zip", "02108 07102 01970"),
    ("plz", "01067 20095 80331"),
    ("dial", "030 089 0221"),
    ("gene", "SEPT2 MARCH1 DEC1 TP53"),
    ("season", "2009-10 2010-11 2011-12"),
    ("quarter", "2023-Q1 2023-Q2 2023-Q3"),
    ("network", "10.20.30.40 10.20.30.41 192.168.100.200"),
    ("weight", "12_kg 500_g 3_kg 750_g"),
    ("price", "$5 €7 £9 $11"),
    ("limit", "<5 5-10 >10"),
    ("mark", "(1) (2) (3)"),
    ("round", "1st 2nd 3rd 4th"),
    ("illness", "无 轻度 重度"),
    ("symptom", "なし 軽い 重い"),
    ("month", "1月 2月 3月"),
    ("town", "北京 上海 广州"),
    ("stars", "* ** ***"),
    ("article", "1,234 2,345 3,456"),
    ("model", "5A 7B 9C"),
    ("rev", "1.01 1.02b 1.03"),
    ("address", "0x1F 0x2A 0x3B"),
    ("phone", "+4917012345678 +4917112345678 +4917212345678"),
    ("mobile", "0170_1234567 0171_7654321 0172_1111111"),
    ("answer", "keine_Angabe ja nein"),
    ("state", "ND SD NA_ CA"),
)

#: Words for "no value" beside numbers, in many languages.
ABSENT = (
    *(
        "NA",
        "n/a",
        "N.A.",
        "null",
        "none",
        "missing",
        "unknown",
        "-",
        "--",
        "?",
        "—",
        "#N/A",
        "tbd",
    ),
    *("k.A.", "k. A.", "keine Angabe", "unbekannt", "fehlt", "manquant", "n.d.", "nd", "inconnu"),
    *("s/d", "sin datos", "desconocido", "mancante", "onbekend", "saknas", "brak danych", "н/д"),
    *(
        "нет данных",
        "缺失",
        "无",
        "空",
        "未知",
        "暂无",
        "なし",
        "不明",
        "欠損",
        "없음",
        "결측",
        "모름",
    ),
)


def _numbers(dice: random.Random) -> list[float]:
    """Amounts of all sizes, some below zero; each is written exactly with two decimals."""
    return [round(dice.choice((1, 1, 1, -1)) * 10 ** dice.uniform(-1, 6), 2) for _ in range(ROWS)]


def _amounts(dice: random.Random) -> Iterator[KnownColumn]:
    for id, (form, unit, decimal) in AMOUNTS.items():
        numbers = _numbers(dice)
        if id in ("scientific", "scientific with comma"):
            numbers = [float(f"{number:.6e}") for number in numbers]
        cells = tuple(map(form, numbers))
        yield KnownColumn(
            id=f"amount, {id}", name="x", cells=cells, kind=K.NUMBER, values=tuple(numbers),
            unit=unit, decimal=decimal,
        )  # fmt: skip
    for id, (count, unit) in COUNTS.items():
        counts = [dice.randrange(2, 90) for _ in range(ROWS)]
        factor = 10_000 if "万" in count(1) else 1
        yield KnownColumn(
            id=f"count, {id}", name="n", cells=tuple(map(count, counts)), kind=K.NUMBER,
            values=tuple(number * factor for number in counts), unit=unit,
        )  # fmt: skip


def _day(dice: random.Random) -> date:
    return date(1995, 1, 1) + timedelta(days=dice.randrange(10_000))


def _days(dice: random.Random) -> Iterator[KnownColumn]:
    for id, form in DAYS.items():
        days = [_day(dice) for _ in range(ROWS)]
        cells = [
            day.strftime(form.replace("{d}", str(day.day)).replace("{m}", str(day.month)))
            for day in days
        ]
        yield KnownColumn(
            id=f"day, {id}", name="x", cells=tuple(cells), kind=K.DATETIME, values=tuple(days)
        )
    for zero, form in (("٠", "%Y/%m/%d"), ("०", "%d-%m-%Y")):
        days = [_day(dice) for _ in range(ROWS)]
        cells = [day.strftime(form).translate(script(zero)) for day in days]
        yield KnownColumn(
            id=f"day, {zero}", name="x", cells=tuple(cells), kind=K.DATETIME, values=tuple(days)
        )
    for id, form, names in MONTH_NAMES:
        days = [_day(dice) for _ in range(ROWS)]
        month = names.split()
        cells = [form.format(d=day.day, n=month[day.month - 1], y=day.year) for day in days]
        yield KnownColumn(
            id=f"day, {id}", name="x", cells=tuple(cells), kind=K.DATETIME, values=tuple(days)
        )


def _words(dice: random.Random) -> Iterator[KnownColumn]:
    for pair in PAIRS:
        cells = tuple(dice.choice(pair.split("/")) for _ in range(ROWS))
        yield KnownColumn(id=f"pair, {pair}", name="x", cells=cells, kind=K.YES_NO)
    for name, values in CATEGORIES:
        words = [word.replace("_", " ") for word in values.split()]
        cells = (*words, *(dice.choice(words) for _ in range(ROWS - len(words))))
        yield KnownColumn(id=f"category, {name}", name=name, cells=cells, kind=K.CATEGORY)
    for word in ABSENT:
        numbers = [dice.randrange(1, 500) for _ in range(ROWS)]
        cells = tuple(word if row % 3 == 1 else str(n) for row, n in enumerate(numbers))
        values = tuple(np.nan if row % 3 == 1 else n for row, n in enumerate(numbers))
        yield KnownColumn(id=f"absent, {word}", name="x", cells=cells, kind=K.NUMBER, values=values)


@cache
def known_columns() -> tuple[KnownColumn, ...]:
    dice = random.Random("columns")
    return (*_amounts(dice), *_days(dice), *_words(dice))
