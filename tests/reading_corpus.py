"""Odd files with known truth: what reading is judged by, cell by cell.

Each file is made here, the same in every run, from tables in many languages: written in a dialect,
then damaged on purpose. Beside the bytes stands what a careful person would read from them, so that
any reader of tables can be scored (:func:`score`); ``benchmarks/reading.py`` does so with others.
"""

from __future__ import annotations

import codecs
import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pandas as pd
from reading_words import LANGUAGES, Language

from mlcore.data.reading import read
from mlcore.data.schema import ColumnKind as Kind

NUMBER, CATEGORY, YES_NO = Kind.NUMBER, Kind.CATEGORY, Kind.YES_NO
DATETIME, TEXT, IDENTIFIER, CONSTANT = Kind.DATETIME, Kind.TEXT, Kind.IDENTIFIER, Kind.CONSTANT

#: Words by which a value names or sorts rows: both kinds keep every character.
CODE = (CATEGORY, IDENTIFIER)


class _Anything:
    """A cell of which nobody can say what it should be."""

    def __repr__(self) -> str:
        return "ANYTHING"


ANYTHING = _Anything()

#: Text as it stands in the file, several texts that are equally right, or anything.
Cell = str | frozenset[str] | _Anything


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column as it is written and as it is meant.

    Parameters
    ----------
    name : str or None
        Its name; None where the file has none.
    cells : tuple of Cell
        What stands in the file.
    missing : frozenset of int
        Rows without a value, whatever is written there.
    kinds : tuple of Kind
        Those that are right; empty where a person could not say.
    values : tuple, optional
        Numbers or dates that the cells mean.
    """

    name: str | None
    cells: tuple[Cell, ...]
    missing: frozenset[int] = frozenset()
    kinds: tuple[Kind, ...] = ()
    values: tuple[Any, ...] | None = None

    def without(self, *rows: int) -> Column:
        """Return the column with cells that hold no value, written as nothing."""
        cells = tuple("" if row in rows else cell for row, cell in enumerate(self.cells))
        return replace(self, cells=cells, missing=self.missing | set(rows))

    def put(self, cells: dict[int, Cell]) -> Column:
        """Return the column with other texts in some rows."""
        return replace(self, cells=tuple(cells.get(row, c) for row, c in enumerate(self.cells)))

    def named(self, name: str | None) -> Column:
        return replace(self, name=name)

    def head(self, rows: int) -> Column:
        missing = frozenset(row for row in self.missing if row < rows)
        values = self.values and self.values[:rows]
        return replace(self, cells=self.cells[:rows], missing=missing, values=values)


Table = tuple[Column, ...]


@dataclass(frozen=True, kw_only=True)
class File:
    """A file and what is true of it.

    Parameters
    ----------
    id : str
        Says what it is.
    content : bytes
        The file.
    table : tuple of Column
        The truth; empty when the file is none.
    must_warn : bool
        Whether a reader that is never silently wrong has to say something.
    may_flag : frozenset of int, optional
        Lines (from 1) that may be called odd; None where it does not matter.
    language, delimiter : str
        What it is written in.
    """

    id: str
    content: bytes
    table: Table
    must_warn: bool = False
    may_flag: frozenset[int] | None = field(default=frozenset())
    language: str = ""
    delimiter: str = ""

    @property
    def is_table(self) -> bool:
        return bool(self.table)


# Tables


def columns(*made: Column) -> Table:
    return made


def text(name: str | None, cells: Iterable[Cell], *kinds: Kind) -> Column:
    return Column(name=name, cells=tuple(cells), kinds=kinds)


def numbers(name: str | None, values: Iterable[float], form: Callable[[float], str]) -> Column:
    kept = tuple(values)
    return Column(name=name, cells=tuple(map(form, kept)), kinds=(NUMBER,), values=kept)


def moments(name: str | None, values: Iterable[datetime], form: str) -> Column:
    kept = tuple(values)
    cells = tuple(written_date(value, form) for value in kept)
    return Column(name=name, cells=cells, kinds=(DATETIME,), values=kept)


def written_date(value: datetime, form: str) -> str:
    plain = form.replace("{d}", str(value.day)).replace("{m}", str(value.month))
    return value.strftime(plain) if "%" in plain else plain


def number(decimals: int, decimal: str = ".", thousands: str = "") -> Callable[[float], str]:
    """Return how numbers are written, such as 1.234,50."""

    def form(value: float) -> str:
        plain = f"{value:,.{decimals}f}"
        return plain.translate({ord(","): thousands, ord("."): decimal})

    return form


def days(dice: random.Random, rows: int) -> list[datetime]:
    """Return days of one year in no order, some of them after the 12th of a month."""
    start = datetime(2024, 1, 1)
    return [start + timedelta(days=dice.randrange(366)) for _ in range(rows)]


def sales(language: str, rows: int = 28, thousands: bool = False) -> Table:
    """Return a list of sales as people write it there: seven columns."""
    words = LANGUAGES[language]
    dice = random.Random(f"{language} {rows}")
    most = 3_000.0 if thousands else 900.0
    prices = [round(dice.uniform(0.5, most), 2) for _ in range(rows)]
    customer, town, goods, price, pieces, date, paid = words.columns
    return (
        text(customer, people(words, dice, rows)),
        text(town, cycled(words.towns, dice, rows), CATEGORY),
        text(goods, cycled(words.goods, dice, rows), CATEGORY),
        numbers(price, prices, number(2, words.decimal, words.thousands if thousands else "")),
        numbers(pieces, [dice.randrange(1, 60) for _ in range(rows)], number(0)),
        moments(date, days(dice, rows), words.date),
        text(paid, cycled((words.yes, words.no), dice, rows), YES_NO),
    )


def people(words: Language, dice: random.Random, rows: int) -> list[str]:
    names = [
        f"{family}{given}" if not words.joined else f"{given}{words.joined}{family}"
        for given in words.given
        for family in words.family
    ]
    return dice.sample(names, rows)


def cycled(values: Sequence[str], dice: random.Random, rows: int) -> list[str]:
    """Return values of which each occurs, in no order."""
    found = [values[row % len(values)] for row in range(rows)]
    dice.shuffle(found)
    return found


def pick(table: Table, *places: int) -> Table:
    return tuple(table[place] for place in places)


def replaced(table: Table, place: int, column: Column) -> Table:
    return (*table[:place], column, *table[place + 1 :])


# Writing


def field_text(value: str, delimiter: str, quote: str, every: bool) -> str:
    needs = any(mark in value for mark in (delimiter, quote, "\n", "\r"))
    return f"{quote}{value.replace(quote, quote * 2)}{quote}" if every or needs else value


def records(table: Table) -> list[list[str]]:
    return [
        [str(cell) for cell in record] for record in zip(*(c.cells for c in table), strict=True)
    ]


def lines(
    table: Table,
    delimiter: str = ",",
    quote: str = '"',
    every: bool = False,
    header: bool = True,
) -> list[str]:
    """Return the table's lines, the first of them with the names."""
    rows = [[column.name or "" for column in table]] if header else []
    return [
        delimiter.join(field_text(value, delimiter, quote, every) for value in record)
        for record in [*rows, *records(table)]
    ]


def joined(made: Sequence[str], end: str = "\n") -> str:
    return end.join(made) + end


class _Shelf:
    """Files as they are made; refuses an id that is taken."""

    def __init__(self) -> None:
        self.files: dict[str, File] = {}

    def add(
        self,
        id: str,
        content: str | bytes | Sequence[str],
        table: Table,
        *,
        encoding: str = "utf-8",
        must_warn: bool = False,
        may_flag: Iterable[int] | None = (),
        language: str = "english",
        delimiter: str = ",",
    ) -> None:
        assert id not in self.files, id
        if not isinstance(content, (str, bytes)):
            content = joined(content)
        raw = content if isinstance(content, bytes) else content.encode(encoding)
        self.files[id] = File(
            id=id,
            content=raw,
            table=table,
            must_warn=must_warn,
            may_flag=None if may_flag is None else frozenset(may_flag),
            language=language,
            delimiter=delimiter,
        )

    def refuse(self, id: str, content: bytes) -> None:
        self.files[id] = File(id=id, content=content, table=())


# Encodings


_PAGES = (
    ("german", ";", "cp1252 iso8859-15 mac_roman utf-8 utf-8-sig"),
    ("french", ";", "cp1252 iso8859-1 mac_roman utf-16"),
    ("spanish", ";", "cp1252 utf-8"),
    ("portuguese", "\t", "iso8859-1 utf-8-sig"),
    ("swedish", ";", "cp1252 utf-32"),
    ("polish", ";", "cp1250 iso8859-2 utf-8"),
    ("czech", ";", "cp1250 iso8859-2"),
    ("hungarian", ";", "cp1250 iso8859-2"),
    ("lithuanian", ";", "cp1257 utf-8"),
    ("russian", ";", "cp1251 koi8_r iso8859-5 utf-16"),
    ("ukrainian", ";", "cp1251 utf-8"),
    ("greek", ";", "cp1253 iso8859-7 utf-8"),
    ("turkish", ";", "cp1254 iso8859-9 utf-8"),
    ("arabic", ",", "cp1256 iso8859-6 utf-8"),
    ("hebrew", ",", "cp1255 iso8859-8 utf-8-sig"),
    ("thai", ",", "cp874 utf-8"),
    ("chinese", ",", "gb18030 gb2312 utf-8 utf-8-sig utf-16"),
    ("traditional", ",", "big5 cp950 utf-8"),
    ("japanese", ",", "cp932 shift_jis utf-8-sig utf-16"),
    ("korean", ",", "euc_kr cp949 utf-8"),
)


def _encodings(shelf: _Shelf) -> None:
    for language, delimiter, encodings in _PAGES:
        for encoding in encodings.split():
            made = lines(sales(language), delimiter)
            shelf.add(
                f"encoding-{language}-{encoding}",
                joined(made, "\r\n"),
                sales(language),
                encoding=encoding,
                language=language,
                delimiter=delimiter,
            )
    for language, encoding, mark in (
        ("english", "utf-16-le", b""),
        ("chinese", "utf-16-le", b""),
        ("japanese", "utf-16-be", b""),
        ("korean", "utf-16-be", codecs.BOM_UTF16_BE),
        ("german", "utf-32-le", b""),
        ("greek", "utf-32-be", b""),
        ("chinese", "utf-32-be", codecs.BOM_UTF32_BE),
    ):
        content = mark + joined(lines(sales(language), "\t")).encode(encoding)
        name = "mark" if mark else "bare"
        shelf.add(
            f"encoding-{language}-{encoding}-{name}",
            content,
            sales(language),
            language=language,
            delimiter="\t",
        )
    _few_special_letters(shelf)
    _one_sign_many_times(shelf)
    _two_encodings(shelf)
    _rare_characters(shelf)


#: The encodings of each language.
PAGES: dict[str, list[str]] = {language: pages.split() for language, _, pages in _PAGES}


def _few_special_letters(shelf: _Shelf) -> None:
    """One accent in a whole file is all the evidence there is."""
    table = sales("english")
    table = replaced(table, 0, table[0].put({20: "Zoë Smith"}))
    shelf.add("encoding-one-accent-cp1252", lines(table), table, encoding="cp1252", must_warn=True)
    shelf.add("encoding-one-accent-utf8", lines(table), table)
    short = tuple(column.head(5) for column in pick(sales("chinese"), 1, 2, 3))
    shelf.add(
        "encoding-five-rows-gb18030", lines(short), short, encoding="gb18030", language="chinese"
    )


def _one_sign_many_times(shelf: _Shelf) -> None:
    """All the evidence is one sign or letter, behind other numbers in each row."""
    dice = random.Random("signs")
    amounts = [round(dice.uniform(1, 99), 2) for _ in range(28)]
    whole = [dice.randrange(10, 99) for _ in range(28)]

    def with_sign(form: str, decimal: str = ",") -> Callable[[float], str]:
        return lambda value: form.format(number(2, decimal)(value))

    for name, encoding, language, made in (
        ("euro", "cp1252", "german", numbers("Gehalt", amounts, with_sign("{} €"))),
        ("pound", "cp1252", "english", numbers("price", amounts, with_sign("£{}", "."))),
        ("degrees", "cp1252", "english", numbers("angle", amounts, with_sign("{}°", "."))),
        ("koruna", "cp1250", "czech", numbers("cena", amounts, with_sign("{} Kč"))),
        ("tolerance", "cp1252", "english", text("width", [f"{n} ± {n / 9:.1f}" for n in whole])),
        ("paragraph", "cp1252", "german", text("Gesetz", [f"§ {n}" for n in whole])),
        ("kanji", "cp932", "japanese", text("名前", [f"表{n}" for n in whole])),
    ):
        table = columns(text("x", [f"q{place}" for place in range(28)], *CODE), made)
        shelf.add(
            f"encoding-one-sign-{name}",
            joined(lines(table, ";"), "\r\n"),
            table,
            encoding=encoding,
            must_warn=True,
            language=language,
            delimiter=";",
        )


def _two_encodings(shelf: _Shelf) -> None:
    """A file to which another program added lines in another encoding."""
    table = sales("german")
    made = lines(table, ";")
    content = joined(made[:-2]).encode("utf-8") + joined(made[-2:]).encode("cp1252")
    damaged = tuple(
        column.put({row: _either(column.cells[row]) for row in (26, 27)}) for column in table
    )
    shelf.add(
        "encoding-utf8-then-cp1252",
        content,
        _unjudged(damaged, 1, 2),
        must_warn=True,
        may_flag=(28, 29),
        language="german",
        delimiter=";",
    )


def _rare_characters(shelf: _Shelf) -> None:
    """Characters that the usual tables of an encoding leave out, and one that is cut in half."""
    table = sales("chinese")
    rare = replaced(table, 0, table[0].put({4: "\U00020bb7伟", 9: "\u3400芳"}))
    shelf.add(
        "encoding-chinese-gb18030-four-bytes",
        lines(rare),
        rare,
        encoding="gb18030",
        language="chinese",
    )
    table = sales("japanese")
    dice = random.Random("half width")
    makers = cycled(("ﾄﾖﾀ", "ﾎﾝﾀﾞ", "ｽｽﾞｷ", "ﾏﾂﾀﾞ"), dice, 28)
    narrow = replaced(table, 2, text("ﾒｰｶｰ", makers, CATEGORY))
    shelf.add(
        "encoding-japanese-half-width",
        joined(lines(narrow), "\r\n"),
        narrow,
        encoding="cp932",
        language="japanese",
    )
    for language, encoding in (("traditional", "big5"), ("korean", "cp949"), ("russian", "cp1251")):
        short = tuple(replace(c.head(6), kinds=()) for c in pick(sales(language), 0, 1, 2, 3))
        shelf.add(
            f"encoding-six-rows-{encoding}",
            lines(short, ";"),
            short,
            encoding=encoding,
            language=language,
            delimiter=";",
        )
    table = sales("ukrainian")
    content = "\ufeff" + joined(lines(table, "\t"))
    last = {27: frozenset({"так", "та", "та\ufffd", "ні", "н", "н\ufffd"})}
    cut = replaced(table, 6, replace(table[6].put(last), kinds=()))
    shelf.add(
        "encoding-utf-16-cut-in-a-character",
        content.rstrip("\n").encode("utf-16-le")[:-1],
        cut,
        must_warn=True,
        may_flag=None,
        language="ukrainian",
        delimiter="\t",
    )


def _either(cell: Cell) -> Cell:
    assert isinstance(cell, str)
    return cell if cell.isascii() else ANYTHING


def _unjudged(table: Table, *places: int) -> Table:
    """Take back the kinds of columns in which damage may have left anything."""
    return tuple(
        replace(column, kinds=(), values=None) if place in places else column
        for place, column in enumerate(table)
    )


# Dialects

_BREAKS = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}


def _delimiters(shelf: _Shelf) -> None:
    for name, delimiter, language in (
        ("comma", ",", "korean"),
        ("semicolon", ";", "spanish"),
        ("tab", "\t", "czech"),
        ("bar", "|", "russian"),
        ("colon", ":", "english"),
        ("caret", "^", "japanese"),
        ("tilde", "~", "turkish"),
        ("hash", "#", "greek"),
        ("unit-separator", "\x1f", "chinese"),
        ("control-a", "\x01", "polish"),
        ("broken-bar", "¦", "french"),
        ("ideographic-comma", "、", "chinese"),
        ("full-width-comma", "\uff0c", "chinese"),
        ("slash", "/", "swedish"),
        ("ampersand", "&", "portuguese"),
        ("two-colons", "::", "german"),
        ("two-bars", "||", "czech"),
        ("two-tildes", "~~", "korean"),
        ("two-carets", "^^", "russian"),
        ("bar-tilde-bar", "|~|", "spanish"),
    ):
        table = sales(language)
        shelf.add(
            f"delimiter-{name}",
            lines(table, delimiter),
            table,
            language=language,
            delimiter=delimiter,
        )
    table = sales("american")
    shelf.add("delimiter-space", lines(table, " ", every=True), table, delimiter=" ")
    bare = pick(sales("swedish"), 2, 3, 4, 5, 6)
    shelf.add("delimiter-space-unquoted", lines(bare, " "), bare, language="swedish", delimiter=" ")
    size = max(len(str(cell)) for column in bare for cell in (*column.cells, column.name))
    aligned = ["".join(v.ljust(size + 2) for v in row).rstrip() for row in _with_names(bare)]
    shelf.add("delimiter-spaces-aligned", aligned, bare, language="swedish", delimiter=" ")
    cars = _cars()
    made = [f'{a}   {b}      {c}\t"{d}"' for a, b, c, d in records(cars)]
    shelf.add("delimiter-spaces-then-a-tab", made, cars, delimiter=" ")
    shelf.add(
        "delimiter-tab-beside-spaces",
        lines(_amounts_with_gaps(), "\t"),
        _amounts_with_gaps(),
        delimiter="\t",
    )
    films = _films()
    made = lines(films, "::", header=False)
    shelf.add("delimiter-two-colons-beside-bars", made, films, delimiter="::")
    _rivals(shelf)
    for name, end in _BREAKS.items():
        table = sales("polish")
        shelf.add(
            f"line-end-{name}",
            joined(lines(table, ";"), end),
            table,
            language="polish",
            delimiter=";",
        )
    made = lines(sales("german"), ";")
    mixed = "".join(line + ("\r\n" if place % 3 else "\n") for place, line in enumerate(made))
    shelf.add("line-end-mixed", mixed, sales("german"), language="german", delimiter=";")
    three = "".join(line + ("\r\n", "\n", "\r")[place % 3] for place, line in enumerate(made))
    shelf.add("line-end-three-kinds", three, sales("german"), language="german", delimiter=";")
    shelf.add(
        "line-end-none-at-the-end",
        "\n".join(lines(sales("greek"), "\t")),
        sales("greek"),
        language="greek",
        delimiter="\t",
    )
    blank = joined(made) + "\r\n\r\n   \n"
    shelf.add(
        "line-end-blank-lines-at-the-end",
        blank,
        sales("german"),
        may_flag=(30, 31, 32),
        language="german",
        delimiter=";",
    )
    gaps = [line for row in made for line in (row, "")]
    shelf.add(
        "blank-line-after-each",
        gaps,
        sales("german"),
        may_flag=range(2, 60, 2),
        language="german",
        delimiter=";",
    )
    end = [f"{line};" for line in lines(sales("german"), ";")]
    shelf.add(
        "delimiter-at-each-end",
        end,
        sales("german"),
        may_flag=None,
        language="german",
        delimiter=";",
    )
    table = sales("american")
    shelf.add("delimiter-and-space", lines(table, ", "), table)


def _cars() -> Table:
    """Return cars as a set of a well-known archive writes them: a tab before the name alone."""
    dice = random.Random("cars")
    power = [round(dice.uniform(40, 200), 1) for _ in range(30)]
    return columns(
        numbers(None, [round(dice.uniform(9, 40), 1) for _ in range(30)], number(1)),
        Column(
            name=None,
            cells=tuple("?" if row == 4 else f"{p}" for row, p in enumerate(power)),
            missing=frozenset({4}),
        ),
        numbers(
            None, [dice.randrange(1500, 5000) for _ in range(30)], lambda value: f"{value:.0f}."
        ),
        text(None, [f"{dice.choice(('ford', 'audi', 'fiat'))} {row}" for row in range(30)]),
    )


def _amounts_with_gaps() -> Table:
    dice = random.Random("gaps")
    amounts = [dice.randrange(1, 10) * 10**6 + dice.randrange(10**6) for _ in range(30)]
    return columns(
        numbers(None, amounts, number(0, thousands=" ")),
        text(None, cycled(("in", "out"), dice, 30), CATEGORY),
    )


def _films() -> Table:
    """Return films as the sets of a well-known service for rating them write them."""
    dice = random.Random("films")
    names = ("The Well", "Night 2: Dawn", "Harbour, The", "Seven Doors: Part IV", "Snow")
    sorts = ("Drama|War", "Comedy", "Action|Crime|Thriller")
    return columns(
        text(None, [f"{row + 1}" for row in range(40)]),
        text(None, [f"{names[row % 5]} ({1950 + row})" for row in range(40)]),
        text(None, cycled(sorts, dice, 40), CATEGORY),
    )


def _row_names(shelf: _Shelf) -> None:
    """Tables divided by spaces with one name fewer, as R writes and pandas prints them."""
    dice = random.Random("rows")
    cars = columns(
        numbers("mpg", [round(dice.uniform(10, 40), 1) for _ in range(30)], number(1)),
        numbers("cyl", [dice.choice((4, 6, 8)) for _ in range(30)], number(0)),
        text("gear", cycled(("auto", "manual"), dice, 30), CATEGORY),
    )
    makes = text(None, [f"Make {row % 7} {row}" for row in range(30)])
    made = [f'"{name}" {mpg} {cyl} "{gear}"' for name, mpg, cyl, gear in records((makes, *cars))]
    shelf.add("row-names-r", ['"mpg" "cyl" "gear"', *made], (makes, *cars), delimiter=" ")
    rows = text(None, [f"{row + 1}" for row in range(30)])
    made = ["mpg cyl gear", *map(" ".join, records((rows, *cars)))]
    shelf.add("row-names-r-unquoted", made, (rows, *cars), delimiter=" ")
    few = tuple(column.head(3) for column in (rows, *cars))
    shelf.add("row-names-of-few-rows", made[:4], few, delimiter=" ")
    made = [
        "    mpg  cyl  gear",
        *(f"{a:<3} {b:>4} {c:>4} {d:>6}" for a, b, c, d in records((rows, *cars))),
    ]
    shelf.add("row-names-printed", made, (rows, *cars), delimiter=" ")
    phones = text("home number", [f"0171 {dice.randrange(100, 999)} {row}" for row in range(30)])
    shelf.add("row-names-none-in-phones", lines((phones,)), (phones,))
    streets = [f"{dice.choice(('Main', 'North'))} Street {row}" for row in range(30)]
    shelf.add(
        "row-names-none-in-streets",
        lines((text("home address", streets),)),
        (text("home address", streets),),
    )


def _rivals(shelf: _Shelf) -> None:
    """Cells of which each holds the same number of another delimiter."""
    dice = random.Random("rivals")
    n = 26
    colours = ("rot", "grün", "blau", "weiß", "gelb")
    tags = [";".join(dice.sample(colours, 3)) for _ in range(n)]
    amount = numbers("Menge", [dice.randrange(1, 90) for _ in range(n)], number(0))
    place = text("Ort", cycled(("Ulm", "Köln", "Bonn"), dice, n), CATEGORY)
    table = (place, text("Farben", tags), amount)
    shelf.add("rival-semicolons-in-comma-file", lines(table), table, language="german")
    names = text("Name", [f"{a}, {b}" for a, b in zip(tags, tags[::-1], strict=True)])
    table = (place, names, amount)
    shelf.add(
        "rival-commas-in-tab-file",
        lines(table, "\t"),
        table,
        language="german",
        delimiter="\t",
    )
    clocks = [f"{dice.randrange(24):02d}:{dice.randrange(60):02d}:00" for _ in range(n)]
    table = (place, text("Uhrzeit", clocks, DATETIME), amount)
    shelf.add("rival-colons-in-comma-file", lines(table), table, language="german")
    made = [f'{{"x": {dice.randrange(9)}, "y": [1, 2]}}' for _ in range(n)]
    table = (place, text("Daten", made), amount)
    shelf.add("rival-objects-in-semicolon-file", lines(table, ";"), table, delimiter=";")
    bars = [f"{a}|{b}" for a, b in zip(tags, clocks, strict=True)]
    table = (text("Pfad", bars), amount, place)
    shelf.add("rival-bars-in-comma-file", lines(table), table, language="german")


def _quotes(shelf: _Shelf) -> None:
    table = sales("french", thousands=True)
    shelf.add(
        "quotes-around-all",
        lines(table, ",", every=True),
        table,
        language="french",
    )
    table = sales("hungarian")
    shelf.add(
        "quotes-around-all-semicolon",
        joined(lines(table, ";", every=True), "\r\n"),
        table,
        language="hungarian",
        delimiter=";",
    )
    table = sales("american", thousands=True)
    shelf.add("quotes-around-thousands", lines(table), table)
    table = sales("german")
    shelf.add("quotes-around-decimal-commas", lines(table), table, language="german")
    single = sales("spanish")
    shelf.add("quotes-single", lines(single, ",", "'", every=True), single, language="spanish")
    several = sales("english")
    shelf.add("quotes-apostrophes-are-none", lines(several), several)
    notes = _remarks()
    shelf.add("quotes-doubled", lines(notes), notes)
    escaped = [
        "remark,stars,visits",
        *(
            f'"{record[0].replace(chr(34), chr(92) + chr(34))}",{record[1]},{record[2]}'
            for record in records(notes)
        ),
    ]
    shelf.add("quotes-escaped-by-backslash", escaped, notes)
    broken = _addresses()
    shelf.add(
        "quotes-around-line-breaks",
        lines(broken, ";"),
        broken,
        language="german",
        delimiter=";",
    )
    shelf.add(
        "quotes-around-line-breaks-crlf",
        joined(lines(broken, "\t", every=True), "\r\n"),
        broken,
        language="german",
        delimiter="\t",
    )
    header = (broken[0].named("Anschrift\n(Straße, Ort)"), *broken[1:])
    shelf.add(
        "quotes-around-line-break-in-header",
        lines(header, ";"),
        (broken[0].named("Anschrift (Straße, Ort)"), *broken[1:]),
        language="german",
        delimiter=";",
    )
    pipes = _pipes()
    shelf.add(
        "quotes-inches-unquoted",
        [
            "Rohr\tLänge\tStück",
            *("\t".join(record) for record in records(pipes)),
        ],
        pipes,
        may_flag=None,
        language="german",
        delimiter="\t",
    )
    names = _family_first()
    shelf.add("quotes-around-names-with-comma", lines(names), names)
    padded = sales("american")
    shelf.add(
        "quotes-padded-with-spaces",
        [", ".join(f'"{value}"' for value in record) for record in _with_names(padded)],
        padded,
    )
    full = sales("chinese")
    shelf.add("quotes-only-some", _quoted_some(full), full, language="chinese")
    # Two by two the marks would close each other, and two rows be one.
    tall = columns(
        text("height", [f"{5 + row % 2}'{row % 12}\"" for row in range(40)]),
        text("hand", [("left", "right")[row % 3 % 2] for row in range(40)], *CODE),
    )
    made = ["height,hand", *(f'"{height}",{hand}' for height, hand in records(tall))]
    shelf.add("quotes-inches-quoted", made, tall, must_warn=True, may_flag=range(2, 42))


def _with_names(table: Table) -> list[list[str]]:
    return [[column.name or "" for column in table], *records(table)]


def _quoted_some(table: Table) -> list[str]:
    return [
        ",".join(
            f'"{value}"' if (row + place) % 3 == 0 else value for place, value in enumerate(record)
        )
        for row, record in enumerate(_with_names(table))
    ]


_PRAISE = (
    "The waiter said {q}welcome back{q}, and meant it.",
    "Lovely soup, but the bread was cold and hard.",
    "We asked for a table; they gave us a {q}cupboard{q}.",
    "Never again: loud music, slow service, no smile.",
    "Best dumplings in town, as my aunt keeps telling.",
    "Clean rooms, friendly people, far too expensive.",
    "My {q}vegan{q} burger came with bacon, twice.",
    "Good coffee in the morning, good beer at night.",
)


def _remarks() -> Table:
    dice = random.Random("remarks")
    cells = [
        f"{_PRAISE[row % 8].format(q=chr(34))} {_PRAISE[(row * 3 + 5) % 8].format(q=chr(34))}"
        f" Visit {row + 1}."
        for row in range(24)
    ]
    return (
        text("remark", cells, TEXT),
        numbers("stars", [dice.randrange(1, 6) for _ in cells], number(0)),
        numbers("visits", [dice.randrange(1, 40) for _ in cells], number(0)),
    )


def _addresses() -> Table:
    dice = random.Random("addresses")
    streets = ("Lindenweg", "Große Gasse", "Am Bühl", "Schloßplatz", "Färberstraße")
    towns = LANGUAGES["german"].towns
    cells = [
        f"{streets[row % 5]} {dice.randrange(1, 90)}\n{row * 4001 + 10115} {towns[row % 6]}"
        for row in range(20)
    ]
    return (
        text("Anschrift", cells),
        numbers("Fläche", [round(dice.uniform(30, 180), 1) for _ in cells], number(1, ",")),
        text("Lage", cycled(("ruhig", "laut", "zentral"), dice, 20), CATEGORY),
    )


def _pipes() -> Table:
    dice = random.Random("pipes")
    kinds = ('Kupfer 1"', 'Stahl 2"', 'PVC 3"', "Schlauch")
    return (
        text("Rohr", cycled(kinds, dice, 24), CATEGORY),
        numbers("Länge", [round(dice.uniform(0.4, 6), 2) for _ in range(24)], number(2, ",")),
        numbers("Stück", [dice.randrange(1, 90) for _ in range(24)], number(0)),
    )


def _family_first() -> Table:
    table = sales("english")
    cells = [", ".join(reversed(str(cell).split(" ", 1))) for cell in table[0].cells]
    return (text("customer", cells), *table[1:])


# What stands around a table


def _surroundings(shelf: _Shelf) -> None:
    for language, delimiter, count in (
        ("german", ";", 1),
        ("chinese", ",", 2),
        ("russian", "\t", 3),
        ("turkish", ";", 5),
    ):
        table = sales(language)
        title, source, _ = LANGUAGES[language].notes
        before = [title, source, "", f"2024 / {count}", ""][:count]
        shelf.add(
            f"preamble-{count}-lines-{language}",
            [*before, *lines(table, delimiter)],
            table,
            may_flag=range(1, count + 1),
            language=language,
            delimiter=delimiter,
        )
    table = sales("english")
    device = ["Device,Thermo 3", "Serial,00471", "Operator,J. Walker", ""]
    shelf.add("preamble-of-pairs", [*device, *lines(table)], table, may_flag=range(1, 5))
    blank = ["", "", *lines(table)]
    shelf.add("preamble-blank-lines", blank, table, may_flag=(1, 2))
    wide = ["Spring report" + "," * 6, "," * 6, *lines(table)]
    shelf.add("preamble-padded-with-delimiters", wide, table, may_flag=(1, 2))
    for name, delimiter, language in (
        ("semicolon", ";", "spanish"),
        ("comma", ",", "american"),
        ("tab", "\t", "portuguese"),
        ("bar", "|", "czech"),
    ):
        table = sales(language)
        shelf.add(
            f"sep-line-{name}",
            joined([f"sep={delimiter}", *lines(table, delimiter)], "\r\n"),
            table,
            may_flag=(1,),
            language=language,
            delimiter=delimiter,
        )
    table = sales("polish")
    shelf.add(
        "sep-line-quoted-utf8-mark",
        joined(['"sep=;"', *lines(table, ";")], "\r\n"),
        table,
        encoding="utf-8-sig",
        may_flag=(1,),
        language="polish",
        delimiter=";",
    )
    _footers(shelf)
    _empty_rows(shelf)
    _comments(shelf)
    _several_tables(shelf)


def _empty_rows(shelf: _Shelf) -> None:
    """Rows of delimiters, as spreadsheets write them where a cell was once coloured."""
    for name, language, mark, gaps in (
        ("below", "german", ";", (28, 28, 28)),
        ("far-below", "english", ",", (28,) * 40),
    ):
        table = sales(language)
        made = lines(table, mark)
        for place in reversed(gaps):
            made.insert(place + 1, mark * (len(table) - 1))
        shelf.add(
            f"empty-rows-{name}", made, table, may_flag=None, language=language, delimiter=mark
        )


def _footers(shelf: _Shelf) -> None:
    table = sales("german")
    made = lines(table, ";")
    shelf.add(
        "footer-source",
        [*made, "", LANGUAGES["german"].notes[1]],
        table,
        may_flag=(30, 31),
        language="german",
        delimiter=";",
    )
    chinese = sales("chinese")
    shelf.add(
        "footer-two-notes",
        [*lines(chinese), "数据来源:门店系统", "注:单价含税"],
        chinese,
        may_flag=(30, 31),
        language="chinese",
    )
    table = sales("english")
    shelf.add("footer-rows-selected", [*lines(table), "", "(28 rows)"], table, may_flag=(30, 31))
    total = sum(table[3].values or ())
    kept = tuple(
        replace(
            column,
            cells=(*column.cells, cell),
            missing=column.missing | (frozenset({28}) if not cell else frozenset()),
            values=column.values and (*column.values, value),
        )
        for column, cell, value in zip(
            table,
            ("Total", "", "", f"{total:.2f}", "", "", ""),
            (None, None, None, round(total, 2), None, None, None),
            strict=True,
        )
    )
    # A row of totals cannot be told from a row for sure: kept, and said.
    shelf.add("footer-total", lines(kept), kept, must_warn=True, may_flag=(30,))
    quoted = sales("french")
    shelf.add(
        "footer-quoted-note",
        [*lines(quoted, ";", every=True), '"Source : caisse du magasin"'],
        quoted,
        may_flag=(30,),
        language="french",
        delimiter=";",
    )


def _comments(shelf: _Shelf) -> None:
    table = sales("swedish")
    made = lines(table, ";")
    shelf.add(
        "comments-before",
        ["# export 2024-04-01", "# unit: kronor; pieces", "#", *made],
        table,
        may_flag=(1, 2, 3),
        language="swedish",
        delimiter=";",
    )
    shelf.add(
        "comments-between",
        [*made[:9], "# counted again", *made[9:20], "# till broken, prices by hand", *made[20:]],
        table,
        may_flag=(10, 22),
        language="swedish",
        delimiter=";",
    )
    shelf.add(
        "comments-percent-sign",
        ["% made by the logger", "% 28 rows", *lines(sales("english"), "\t")],
        sales("english"),
        may_flag=(1, 2),
        delimiter="\t",
    )
    shelf.add(
        "comments-two-slashes",
        ["// exported by the shop", "// do not edit", *lines(sales("korean"))],
        sales("korean"),
        may_flag=(1, 2),
        language="korean",
    )
    names = (sales("czech")[0], *sales("czech")[1:])
    made = lines(names, "\t")
    shelf.add(
        "comments-sign-before-names",
        [f"# {made[0]}", *made[1:]],
        names,
        may_flag=(1,),
        language="czech",
        delimiter="\t",
    )
    numbered = _numbered()
    shelf.add("comments-no-sign-but-a-name", lines(numbered), numbered)


def _numbered() -> Table:
    """A first column that is called # and colours that begin with it."""
    dice = random.Random("numbered")
    colours = cycled(("#ff0000", "#00ff00", "#0000ff", "#c0ffee"), dice, 24)
    return (
        text("#", [str(row + 1) for row in range(24)], IDENTIFIER, NUMBER),
        text("colour", colours, CATEGORY),
        numbers("area", [round(dice.uniform(1, 9), 2) for _ in colours], number(2)),
    )


def _several_tables(shelf: _Shelf) -> None:
    large, small = sales("english", 30), pick(sales("american", 6), 1, 3, 4)
    shelf.add(
        "tables-small-after-large",
        [*lines(large), "", *lines(small)],
        large,
        must_warn=True,
        may_flag=range(32, 40),
    )
    shelf.add(
        "tables-small-before-large",
        [*lines(small), "", *lines(large)],
        large,
        must_warn=True,
        may_flag=range(1, 9),
    )
    german, little = sales("german", 30), pick(sales("german", 5), 1, 4)
    shelf.add(
        "tables-with-titles",
        ["Tabelle 1: Orte", *lines(little, ";"), "", "Tabelle 2: Verkäufe", *lines(german, ";")],
        german,
        must_warn=True,
        may_flag=range(1, 10),
        language="german",
        delimiter=";",
    )
    third = pick(sales("chinese", 4), 1, 2)
    chinese = sales("chinese", 30)
    shelf.add(
        "tables-three",
        [*lines(third), "", "", *lines(chinese), "", *lines(third)],
        chinese,
        must_warn=True,
        may_flag=None,
        language="chinese",
    )


# Values


def _missing(shelf: _Shelf) -> None:
    for name, language, words in (
        ("english", "english", "NA n/a null - ?"),
        ("pandas", "english", "NaN nan None <NA> #N/A"),
        ("chinese", "chinese", "缺失 无 空 未知 -"),
        ("traditional", "traditional", "缺失 無 空白 未知 －"),
        ("japanese", "japanese", "なし 欠損 不明 無し -"),
        ("korean", "korean", "없음 결측 미상 결측치 -"),
        ("german", "german", "k.A. keine_Angabe fehlt unbekannt -"),
        ("french", "french", "n.d. non_disponible manquant inconnu -"),
        ("spanish", "spanish", "s/d sin_dato desconocido ND -"),
        ("russian", "russian", "н/д нет_данных неизвестно пропуск -"),
        ("polish", "polish", "b.d. brak brak_danych nieznane -"),
        ("database", "american", "\\N NULL (null) N/A NIL"),
        ("spreadsheet", "american", "#DIV/0! #VALUE! #REF! #NAME? #NUM!"),
    ):
        # In a column of numbers or dates nothing but a missing value can be meant.
        table = _with_missing(sales(language), [word.replace("_", " ") for word in words.split()])
        delimiter = ";" if LANGUAGES[language].decimal == "," else ","
        shelf.add(
            f"missing-{name}",
            lines(table, delimiter),
            table,
            language=language,
            delimiter=delimiter,
        )
    table = sales("greek")
    empty = tuple(
        column.without(3 * place, 11 if place else 0, 20 + place)
        for place, column in enumerate(table)
    )
    shelf.add("missing-empty", lines(empty, ";"), empty, language="greek", delimiter=";")


def _with_missing(table: Table, words: list[str]) -> Table:
    for place, step in ((3, 5), (4, 6), (5, 7)):
        column = table[place]
        rows = list(range(place, 28, step))
        cells = {row: words[number % len(words)] for number, row in enumerate(rows)}
        column = replace(column.put(cells), missing=frozenset(rows))
        table = replaced(table, place, column)
    return table


def _numbers(shelf: _Shelf) -> None:
    for language, delimiter in (
        ("german", ";"),
        ("french", ";"),
        ("american", ";"),
        ("russian", "\t"),
        ("polish", ";"),
        ("turkish", "|"),
        ("korean", "\t"),
    ):
        table = sales(language, thousands=True)
        shelf.add(
            f"numbers-thousands-{language}",
            lines(table, delimiter),
            table,
            language=language,
            delimiter=delimiter,
        )
    for name, form, language, delimiter in (
        ("dollar-before", "${}", "american", ","),
        ("euro-after", "{} €", "german", ";"),
        ("euro-before", "€{}", "german", ";"),
        ("pound-before", "£{}", "english", ","),
        ("yuan-before", "¥{}", "chinese", ","),
        ("yuan-after", "{}元", "chinese", ","),
        ("won-after", "{}원", "korean", "\t"),
        ("ruble-after", "{} руб.", "russian", ";"),
        ("zloty-after", "{} zł", "polish", ";"),
        ("crowns-after", "{} Kč", "czech", ";"),
        ("code-before", "EUR {}", "french", ";"),
        ("code-after", "{} USD", "american", ","),
        ("kilograms", "{} kg", "english", ","),
        ("metres", "{}m", "english", "\t"),
        ("degrees", "{} °C", "french", ";"),
        ("per-hour", "{} km/h", "german", ";"),
    ):
        table = sales(language)
        price = table[3]
        cells = tuple(form.format(cell) for cell in price.cells)
        dressed = replaced(table, 3, replace(price, cells=cells))
        shelf.add(
            f"numbers-{name}",
            lines(dressed, delimiter),
            dressed,
            language=language,
            delimiter=delimiter,
        )
    _percent(shelf)
    _other_numbers(shelf)


def _percent(shelf: _Shelf) -> None:
    for name, language, form, delimiter in (
        ("percent", "english", "{}%", ","),
        ("percent-space", "german", "{} %", ";"),
        ("percent-full-width", "japanese", "{}\uff05", ","),
    ):
        table = sales(language)
        dice = random.Random(name)
        shares = [round(dice.uniform(0, 100), 1) for _ in range(28)]
        decimal = LANGUAGES[language].decimal
        share = numbers("share", shares, lambda v, d=decimal, f=form: f.format(number(1, d)(v)))
        # Whether 12 % is kept as 12 or as 0.12 is not for a reader of files to decide.
        table = (*pick(table, 1, 2, 4), replace(share, values=None))
        shelf.add(
            f"numbers-{name}",
            lines(table, delimiter),
            table,
            language=language,
            delimiter=delimiter,
        )


def _other_numbers(shelf: _Shelf) -> None:
    dice = random.Random("other numbers")
    n = 30
    swiss = (
        text("Ort", cycled(("Zürich", "Genf", "Basel", "Chur"), dice, n), CATEGORY),
        numbers(
            "Umsatz", [round(dice.uniform(900, 90_000), 2) for _ in range(n)], number(2, ".", "'")
        ),
        numbers(
            "Gewinn", [round(dice.uniform(900, 90_000), 2) for _ in range(n)], number(2, ".", "’")
        ),
    )
    shelf.add("numbers-swiss", lines(swiss, ";"), swiss, language="german", delimiter=";")
    narrow = (
        text("ville", cycled(("Orléans", "Nîmes", "Évreux"), dice, n), CATEGORY),
        numbers(
            "recette",
            [round(dice.uniform(500, 90_000), 2) for _ in range(n)],
            number(2, ",", "\u202f"),
        ),
    )
    shelf.add("numbers-narrow-spaces", lines(narrow, ";"), narrow, language="french", delimiter=";")
    physics = (
        text("run", cycled(("a", "b", "c"), dice, n), CATEGORY),
        numbers("charge", [dice.uniform(1, 9) * 1e-19 for _ in range(n)], lambda v: f"{v:.17e}"),
        numbers("offset", [round(dice.uniform(-2, 2), 3) for _ in range(n)], number(3)),
        numbers("gain", [round(dice.uniform(0, 1), 3) for _ in range(n)], lambda v: f"{v:.3f}"[1:]),
    )
    physics = tuple(
        replace(c, values=tuple(float(str(cell)) for cell in c.cells)) if c.values else c
        for c in physics
    )
    shelf.add("numbers-exponents-and-signs", lines(physics, "\t"), physics, delimiter="\t")
    minus = (
        text("station", cycled(("Umeå", "Malmö", "Örebro"), dice, n), CATEGORY),
        numbers(
            "temperatur",
            [round(dice.uniform(-30, 20), 1) for _ in range(n)],
            lambda v: number(1, ",")(v).replace("-", "−"),
        ),
    )
    shelf.add("numbers-true-minus", lines(minus, ";"), minus, language="swedish", delimiter=";")
    clear = (
        text("region", cycled(("north", "south", "east"), dice, n), CATEGORY),
        numbers("people", [dice.randrange(900, 3_000_000) for _ in range(n)], number(0, ".", ",")),
    )
    shelf.add("numbers-whole-thousands", lines(clear), clear)
    unclear = (
        text("region", cycled(("north", "south", "east"), dice, n), CATEGORY),
        text("amount", [number(0, ".", ",")(dice.randrange(1_000, 9_999)) for _ in range(n)]),
    )
    shelf.add(
        "numbers-one-comma-unclear", lines(unclear, ";"), unclear, delimiter=";", must_warn=True
    )
    warm = (
        moments("Datum", days(dice, n), "%d.%m.%Y"),
        numbers("Temperatur", [round(dice.uniform(10, 40), 3) for _ in range(n)], number(3, ",")),
    )
    # Excel divides by semicolons where the comma stands before decimals.
    made = lines(warm, ";")
    shelf.add("numbers-three-decimals", made, warm, language="german", delimiter=";")
    unclear = (
        text("Gegend", cycled(("Nord", "Süd", "Ost"), dice, n), CATEGORY),
        text("Betrag", [number(0, ",", ".")(dice.randrange(1_000, 9_999)) for _ in range(n)]),
        numbers("Anteil", [round(dice.uniform(0, 9), 2) for _ in range(n)], number(2, ",")),
    )
    # The other column says which mark is the decimal one here.
    shelf.add(
        "numbers-points-clear-by-another-column",
        lines((unclear[0], _thousands(unclear[1], "."), unclear[2]), ";"),
        (unclear[0], _thousands(unclear[1], "."), unclear[2]),
        language="german",
        delimiter=";",
    )


def _thousands(column: Column, mark: str) -> Column:
    values = tuple(float(str(cell).replace(mark, "")) for cell in column.cells)
    return replace(column, kinds=(NUMBER,), values=values)


def _codes(shelf: _Shelf) -> None:
    dice = random.Random("codes")
    n = 30
    towns = cycled(("Boston", "Newark", "Salem"), dice, n)
    counts = numbers("count", [dice.randrange(1, 99) for _ in range(n)], number(0))

    def add(name: str, column: Column, **more: Any) -> None:
        table = (text("town", towns, CATEGORY), column, counts)
        shelf.add(f"codes-{name}", lines(table, more.get("delimiter", ",")), table, **more)

    zips = cycled(("02108", "07102", "01970", "10001"), dice, n)
    add("leading-zeros", text("zip", zips, *CODE))
    add("leading-zeros-unique", text("account", [f"{row * 7919:07d}" for row in range(n)], *CODE))
    long = ["".join(dice.choices("123456789", k=19)) for _ in range(n)]
    add("nineteen-digits", text("order_number", long, *CODE))
    add("nineteen-digits-repeated", text("card", cycled(long[:5], dice, n), *CODE))
    long = ["".join(dice.choices("123456789", k=30)) for _ in range(n)]
    add("thirty-digits-semicolon", text("reference", long, *CODE), delimiter=";")
    add("fractions", text("odds", cycled(("1/2", "3/4", "1/4", "2/3"), dice, n), CATEGORY))
    add("age-ranges", text("age", cycled(("0-4", "5-12", "13-17", "18-64"), dice, n), CATEGORY))
    add("ratios", text("mix", cycled(("1:2", "3:1", "10:1"), dice, n), CATEGORY))
    add("versions", text("version", cycled(("1.2.3", "1.10.0", "2.0.1"), dice, n), CATEGORY))
    parts = [f"{dice.choice('ABC')}{dice.randrange(100, 999)}-{row:02d}" for row in range(n)]
    add("parts", text("part", parts, *CODE))
    add("phones", text("phone", [f"+1 617 555 {row * 37:04d}" for row in range(n)], *CODE))
    boxes = [f"0x{dice.randrange(2**16):04X}" for _ in range(n)]
    add("hexadecimal", text("address", boxes, *CODE))
    genes = cycled(("SEPT2", "MARCH1", "DEC1", "TP53"), dice, n)
    add("genes-like-dates", text("gene", genes, CATEGORY))
    add("inf-is-a-word", text("status", cycled(("Inf", "Sub", "Adm"), dice, n), CATEGORY))
    grades = cycled(("A", "B", "C", "F"), dice, n)
    add("grades", text("grade", grades, CATEGORY))
    years = numbers("year", [dice.randrange(1990, 2024) for _ in range(n)], number(0))
    add("years", years)
    ips = [f"10.0.{dice.randrange(256)}.{row + 1}" for row in range(n)]
    add("network-addresses", text("host", ips, *CODE))


def _dates(shelf: _Shelf) -> None:
    dice = random.Random("dates")
    n = 30
    amounts = numbers("amount", [round(dice.uniform(1, 99), 2) for _ in range(n)], number(2))
    sites = text("site", cycled(("north", "south"), dice, n), CATEGORY)

    def add(name: str, column: Column, language: str = "english", **more: Any) -> None:
        table = (sites, column, amounts)
        shelf.add(f"dates-{name}", lines(table), table, language=language, **more)

    whole = days(dice, n)
    for name, form, language in (
        ("day-first", "%d/%m/%Y", "english"),
        ("month-first", "%m/%d/%Y", "american"),
        ("day-first-points", "%d.%m.%Y", "german"),
        ("day-first-short-year", "%d.%m.%y", "german"),
        ("month-first-short-year", "%m/%d/%y", "american"),
        ("no-leading-zeros", "{d}.{m}.%Y", "german"),
        ("year-first-slashes", "%Y/%m/%d", "japanese"),
        ("year-first-points", "%Y.%m.%d", "korean"),
        ("hungarian", "%Y. %m. %d.", "hungarian"),
        ("korean-spaces", "%Y. {m}. {d}.", "korean"),
        ("chinese", "%Y年{m}月{d}日", "chinese"),
        ("korean-words", "%Y년 {m}월 {d}일", "korean"),
        ("compact", "%Y%m%d", "english"),
        ("month-name", "%d %b %Y", "english"),
        ("month-name-first", "%B {d}, %Y", "american"),
    ):
        add(name, moments("date", whole, form), language)
    clock = [value + timedelta(minutes=dice.randrange(24 * 60)) for value in whole]
    add("time-of-day", moments("logged date", clock, "%Y-%m-%d %H:%M"))
    add("with-t-and-z", moments("logged", clock, "%Y-%m-%dT%H:%M:%SZ"))
    add("day-first-with-time", moments("logged", clock, "%d.%m.%Y %H:%M:%S"), "german")
    add("noon", moments("logged", clock, "%m/%d/%Y %I:%M %p"), "american")
    early = [value.replace(day=dice.randrange(1, 12)) for value in whole]
    unclear = moments("date", early, "%d/%m/%Y")
    add("order-unclear", replace(unclear, values=None), must_warn=True)
    ordered = moments("date", sorted(early), "%m/%d/%Y")
    add("order-clear-by-sequence", ordered, "american")
    for language, names in (
        ("german", "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez."),
        (
            "french",
            "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        ),
        ("spanish", "ene feb mar abr may jun jul ago sep oct nov dic"),
    ):
        months = names.split()
        cells = tuple(f"{v.day} {months[v.month - 1]} {v.year}" for v in whole)
        column = Column(name="date", cells=cells, kinds=(DATETIME,), values=tuple(whole))
        add(f"month-name-{language}", column, language)


# Damage


def _damage(shelf: _Shelf) -> None:
    _nul(shelf)
    _open_quotes(shelf)
    _widths(shelf)
    _other_delimiters(shelf)
    _torn(shelf)
    _glued(shelf)
    _late(shelf)


def _nul(shelf: _Shelf) -> None:
    table = sales("english")
    made = lines(table)
    made[7] = made[7][:5] + "\0" + made[7][5:]
    shelf.add("nul-in-a-cell", made, table, must_warn=True, may_flag=(8,))
    made = lines(sales("chinese"))
    content = joined(made).encode() + b"\0" * 40
    shelf.add(
        "nul-at-the-end",
        content,
        sales("chinese"),
        must_warn=True,
        may_flag=None,
        language="chinese",
    )
    gaps = joined([*lines(table)[:10], "\0\0\0\0" + lines(table)[10], *lines(table)[11:]])
    shelf.add("nul-before-a-line", gaps, table, must_warn=True, may_flag=(11,))


def _open_quotes(shelf: _Shelf) -> None:
    for name, language, delimiter, row in (
        ("middle", "german", ";", 12),
        ("first-row", "french", ";", 0),
        ("last-row", "korean", ",", 27),
        ("tab", "polish", "\t", 5),
    ):
        table = sales(language)
        made = lines(table, delimiter)
        made[row + 1] = '"' + made[row + 1]
        cell = frozenset({str(table[0].cells[row]), '"' + str(table[0].cells[row])})
        shelf.add(
            f"quote-open-{name}",
            made,
            replaced(table, 0, table[0].put({row: cell})),
            must_warn=True,
            may_flag=(row + 2,),
            language=language,
            delimiter=delimiter,
        )
    table = sales("english")
    made = lines(table, every=True)
    for row in (4, 15):
        made[row + 1] = made[row + 1].replace('","', '",', 1)
    shelf.add(
        "quote-missing-before-a-cell",
        made,
        _loosely(table, 1, 4, 15),
        must_warn=True,
        may_flag=(6, 17),
    )
    made = lines(table, every=True)
    made[9] = made[9].replace('","', ',"', 1)
    shelf.add(
        "quote-missing-after-a-cell", made, _loosely(table, 0, 8), must_warn=True, may_flag=(10,)
    )
    nick = replaced(table, 0, table[0].put({3: 'Bob "Bobby" Taylor', 17: 'Emma "Em" Brown'}))
    made = [",".join(f'"{value}"' for value in record) for record in _with_names(nick)]
    shelf.add("quote-inside-not-doubled", made, nick, must_warn=True, may_flag=(5, 19))


def _loosely(table: Table, place: int, *rows: int) -> Table:
    """Accept a stray quotation mark at either end of some cells; the kind follows from the rest."""
    column = table[place]
    cells: dict[int, Cell] = {
        row: frozenset({f"{a}{column.cells[row]}{b}" for a in ("", '"') for b in ("", '"')})
        for row in rows
    }
    return replaced(table, place, column.put(cells))


def _widths(shelf: _Shelf) -> None:
    table = sales("russian")
    made = lines(table, ";")
    short = tuple(
        column.without(6, 19) if place > 3 else column for place, column in enumerate(table)
    )
    for row in (6, 19):
        made[row + 1] = ";".join(made[row + 1].split(";")[:4])
    shelf.add(
        "fields-too-few",
        made,
        short,
        must_warn=True,
        may_flag=(8, 21),
        language="russian",
        delimiter=";",
    )
    table = sales("japanese")
    empty = tuple(c.without(*range(0, 28, 3)) if place > 4 else c for place, c in enumerate(table))
    made = [line.rstrip(",") for line in lines(empty)]
    shelf.add(
        "fields-empty-ones-left-out",
        made,
        empty,
        must_warn=True,
        may_flag=range(2, 30, 3),
        language="japanese",
    )
    table = sales("turkish")
    made = lines(table, ";")
    made[11] += ";;"
    shelf.add(
        "fields-too-many-but-empty",
        made,
        table,
        must_warn=True,
        may_flag=(12,),
        language="turkish",
        delimiter=";",
    )
    made = lines(table, ";")
    made[11] += ";x17;y4"
    shelf.add(
        "fields-too-many-at-the-end",
        made,
        table,
        must_warn=True,
        may_flag=(12,),
        language="turkish",
        delimiter=";",
    )
    table = sales("ukrainian")
    made = lines(table, ";")
    values = made[10].split(";")
    made[10] = ";".join([*values[:1], *values[2:]])
    lost = tuple(column.put({9: ANYTHING}) for column in table)
    # Which of them is missing nobody can say for sure; that one is can be seen.
    shelf.add(
        "fields-one-left-out-in-the-middle",
        made,
        lost,
        must_warn=True,
        may_flag=(11,),
        language="ukrainian",
        delimiter=";",
    )
    # The comma between a number's digits was not quoted in two records.
    table = sales("american", thousands=True)
    rows = [row for row, cell in enumerate(table[3].cells) if "," in str(cell)][:2]
    made = lines(table)
    for row in rows:
        made[row + 1] = made[row + 1].replace('"', "")
    shelf.add(
        "fields-thousands-not-quoted",
        made,
        table,
        must_warn=True,
        may_flag=[row + 2 for row in rows],
    )
    table = sales("german")
    made = lines(table, ",")
    made[5], made[22] = made[5].replace('"', ""), made[22].replace('"', "")
    shelf.add(
        "fields-decimal-comma-not-quoted",
        made,
        table,
        must_warn=True,
        may_flag=(6, 23),
        language="german",
    )
    names = _family_first()
    made = lines(names)
    made[9] = made[9].replace('"', "")
    shelf.add("fields-name-not-quoted", made, names, must_warn=True, may_flag=(10,))
    every = pick(sales("german"), 2, 3, 6)
    made = [",".join(record) for record in _with_names(every)]
    shelf.add(
        "fields-decimal-comma-never-quoted",
        made,
        every,
        must_warn=True,
        may_flag=None,
        language="german",
    )


def _other_delimiters(shelf: _Shelf) -> None:
    for language, usual, other, rows in (
        ("english", ",", ";", (13,)),
        ("chinese", ",", "\t", (5, 6)),
        ("swedish", ";", ",", (20,)),
        ("czech", "\t", ";", tuple(range(22, 28))),
        ("korean", "|", ",", (2, 9)),
    ):
        table = sales(language)
        made, others = lines(table, usual), lines(table, other)
        for row in rows:
            made[row + 1] = others[row + 1]
        shelf.add(
            f"record-in-another-delimiter-{language}",
            made,
            table,
            must_warn=True,
            may_flag=[row + 2 for row in rows],
            language=language,
            delimiter=usual,
        )


def _torn(shelf: _Shelf) -> None:
    for name, language, delimiter, places in (
        ("after-a-delimiter", "german", ";", 3),
        ("before-a-delimiter", "spanish", ";", 4),
        ("chinese", "chinese", ",", 2),
        ("tab", "russian", "\t", 5),
    ):
        table = sales(language)
        made = lines(table, delimiter)
        row = 11
        values = made[row + 1].split(delimiter)
        first, second = delimiter.join(values[:places]), delimiter.join(values[places:])
        torn = [first, delimiter + second] if "before" in name else [first + delimiter, second]
        shelf.add(
            f"torn-{name}",
            [*made[: row + 1], *torn, *made[row + 2 :]],
            table,
            must_warn=True,
            may_flag=(row + 2, row + 3),
            language=language,
            delimiter=delimiter,
        )
    table = sales("german")
    made = lines(table, ";")
    for row, name in ((3, "in-a-number"), (8, "in-a-number-gb18030")):
        language = "chinese" if "gb18030" in name else "german"
        encoding = "gb18030" if "gb18030" in name else "utf-8"
        table = sales(language) if language == "german" else _semicolon_chinese()
        made = lines(table, ";")
        cut = made[row + 1].index(str(table[3].cells[row])) + 2
        torn = [made[row + 1][:cut], made[row + 1][cut:]]
        shelf.add(
            f"torn-{name}",
            [*made[: row + 1], *torn, *made[row + 2 :]],
            table,
            encoding=encoding,
            must_warn=True,
            may_flag=(row + 2, row + 3),
            language=language,
            delimiter=";",
        )
    table = sales("french")
    made = lines(table, ";")
    town = str(table[1].cells[14])
    cut = made[15].index(town) + 3
    cell = frozenset(f"{town[:3]}{glue}{town[3:]}" for glue in ("", " ", "\n"))
    shelf.add(
        "torn-in-a-word",
        [*made[:15], made[15][:cut], made[15][cut:], *made[16:]],
        _loose_kind(replaced(table, 1, table[1].put({14: cell}))),
        must_warn=True,
        may_flag=(16, 17),
        language="french",
        delimiter=";",
    )
    table = sales("greek")
    made = lines(table, ";")
    made[-1] = ";".join(made[-1].split(";")[:4])
    cut_off = tuple(c.without(27) if place > 3 else c for place, c in enumerate(table))
    shelf.add(
        "torn-end-of-file",
        "\n".join(made),
        cut_off,
        must_warn=True,
        may_flag=(29,),
        language="greek",
        delimiter=";",
    )
    quoted = sales("english")
    made = lines(quoted, every=True)
    content = "\n".join(made)
    content = content[: content.rindex('","') + 5]
    paid = quoted[6].put({27: frozenset({content[-2:], '"' + content[-2:]})})
    shelf.add(
        "torn-end-of-file-in-quotes",
        content,
        _loose_kind(replaced(quoted, 6, paid), 6),
        must_warn=True,
        may_flag=(29,),
    )


def _late(shelf: _Shelf) -> None:
    """Damage far behind the beginning from which dialects are guessed."""
    dice = random.Random("late")
    n = 9_000
    table = (
        text("station", cycled(LANGUAGES["american"].towns, dice, n), CATEGORY),
        numbers("humidity", [round(dice.uniform(10, 99), 2) for _ in range(n)], number(2)),
        moments("day", days(dice, n), "%Y-%m-%d"),
        numbers("readings", [dice.randrange(1_000) for _ in range(n)], number(0)),
        text("state", cycled(("calm", "windy", "storm"), dice, n), CATEGORY),
    )
    made = lines(table)
    row = 8_500
    values = made[row + 1].split(",")
    torn = [",".join(values[:3]) + ",", ",".join(values[3:])]
    shelf.add(
        "late-torn-line",
        [*made[: row + 1], *torn, *made[row + 2 :]],
        table,
        must_warn=True,
        may_flag=(row + 2, row + 3),
    )
    opened = [*made[: row + 1], f'"{made[row + 1]}', *made[row + 2 :]]
    town = str(table[0].cells[row])
    shelf.add(
        "late-open-quote",
        opened,
        replaced(table, 0, table[0].put({row: frozenset({town, f'"{town}'})})),
        must_warn=True,
        may_flag=(row + 2,),
    )
    accents = replaced(table, 0, table[0].put({row: "Zürich", row + 40: "Málaga"}))
    shelf.add("late-accents-cp1252", lines(accents), accents, encoding="cp1252", must_warn=True)


def _loose_kind(table: Table, *places: int) -> Table:
    return _unjudged(table, *(places or (1,)))


def _semicolon_chinese() -> Table:
    table = sales("chinese")
    price = table[3]
    return replaced(table, 3, numbers(price.name, price.values or (), number(2, ",")))


def _glued(shelf: _Shelf) -> None:
    """Files that were put together from others."""
    table = sales("spanish")
    made = lines(table, ";")
    shelf.add(
        "glued-header-again",
        [*made[:15], made[0], *made[15:]],
        table,
        must_warn=True,
        may_flag=(16,),
        language="spanish",
        delimiter=";",
    )
    table = sales("polish")
    made = lines(table, ";")
    shelf.add(
        "glued-byte-order-mark-again",
        "\ufeff" + joined(made[:12]) + "\ufeff" + joined(made[12:]),
        table,
        may_flag=(13,),
        language="polish",
        delimiter=";",
    )
    made = lines(sales("english"))
    shelf.add(
        "glued-two-records-on-a-line",
        [*made[:10], made[10] + "," + made[11], *made[12:]],
        sales("english"),
        must_warn=True,
        may_flag=(11,),
    )


# Shapes


def _shapes(shelf: _Shelf) -> None:
    dice = random.Random("shapes")
    n = 26
    weights = numbers("weight", [round(dice.uniform(40, 99), 1) for _ in range(n)], number(1))
    commas = numbers("Gewicht", [round(dice.uniform(40, 99), 1) for _ in range(n)], number(1, ","))
    shelf.add("one-column-numbers", lines((weights,)), (weights,))
    shelf.add("one-column-decimal-commas", lines((commas,), ";"), (commas,), language="german")
    town = text("miasto", cycled(LANGUAGES["polish"].towns, dice, n), CATEGORY)
    shelf.add("one-column-words", lines((town,)), (town,), language="polish")
    remark = (_remarks()[0],)
    plain = (text("remark", [str(c).replace('"', "'") for c in remark[0].cells], TEXT),)
    shelf.add("one-column-sentences", ["remark", *map(str, plain[0].cells)], plain)
    two = (text("město", cycled(LANGUAGES["czech"].towns, dice, n), CATEGORY), weights)
    shelf.add("two-columns", lines(two), two, language="czech")
    measured = tuple(
        numbers(None, [round(dice.gauss(5, 2), 2) for _ in range(n)], number(2)) for _ in range(5)
    )
    shelf.add("no-header-numbers", lines(measured, header=False), measured)
    nameless = tuple(column.named(None) for column in sales("korean"))
    shelf.add("no-header-mixed", lines(nameless, header=False), nameless, language="korean")
    nameless = tuple(column.named(None) for column in sales("german"))
    shelf.add(
        "no-header-semicolon",
        lines(nameless, ";", header=False),
        nameless,
        language="german",
        delimiter=";",
    )
    _names(shelf, n)
    wide = tuple(
        numbers(f"sensor_{place}", [round(dice.gauss(0, 1), 3) for _ in range(12)], number(3))
        for place in range(300)
    )
    shelf.add("wide-300-columns", lines(wide, "\t"), wide, delimiter="\t")
    one = tuple(replace(column.head(1), kinds=(), values=None) for column in sales("greek"))
    shelf.add("one-row", lines(one, ";"), one, language="greek", delimiter=";")
    long = replaced(
        two, 0, text("note", ["x" * 60_000 if row == 7 else "short" for row in range(n)])
    )
    shelf.add("one-very-long-cell", lines(long), long)
    gone = (
        *two,
        Column(name="unused", cells=("",) * n, missing=frozenset(range(n)), kinds=(CONSTANT,)),
    )
    shelf.add("column-without-values", lines(gone), gone, language="czech")
    same = (*two, text("year", ["2024"] * n, CONSTANT))
    shelf.add("column-with-one-value", lines(same), same, language="czech")
    spaced = sales("hungarian")
    wide_fields = [";".join(f"  {value} " for value in record) for record in _with_names(spaced)]
    shelf.add("cells-padded", wide_fields, spaced, language="hungarian", delimiter=";")
    _reviews(shelf)


def _names(shelf: _Shelf, n: int) -> None:
    dice = random.Random("names")
    places = cycled(("Berlin", "Wien", "Bern"), dice, n)
    years = tuple(
        numbers(str(year), [dice.randrange(100, 999) for _ in range(n)], number(0))
        for year in (2021, 2022, 2023, 2024)
    )
    table = (text("Stadt", places, CATEGORY), *years)
    shelf.add("names-are-years", lines(table, ";"), table, language="german", delimiter=";")
    sums = [numbers("Wert", c.values or (), number(0)) for c in years[:3]]
    twice = (text("Stadt", places, CATEGORY), *sums)
    shelf.add(
        "names-repeated",
        lines(twice, ";"),
        twice,
        must_warn=False,
        language="german",
        delimiter=";",
    )
    empty = (text("Stadt", places, CATEGORY), years[0].named(None), years[1], years[2].named(None))
    shelf.add("names-empty", lines(empty, ";"), empty, language="german", delimiter=";")
    index = (text(None, [str(row) for row in range(n)], IDENTIFIER), *table)
    shelf.add("names-empty-row-number", lines(index), index, language="german")
    rows = (text(None, [f"car {row}" for row in range(n)], IDENTIFIER), *table[:1], *table[3:])
    made = lines(rows, "\t")
    made[0] = made[0].lstrip("\t")
    shelf.add("names-row-names-left-out", made, rows, language="german", delimiter="\t")
    odd = (
        text("Stadt / Ort (heute)", places, CATEGORY),
        years[0].named("Umsatz [€]"),
        years[1].named("Δ %"),
        years[2].named("\U0001f600 gut"),
    )
    shelf.add("names-with-signs", lines(odd, ";"), odd, language="german", delimiter=";")
    spaced = (years[0].named("  Wert A "), years[1].named("Wert\u00a0B"), years[2].named("Wert C"))
    meant = (years[0].named("Wert A"), years[1].named("Wert B"), years[2].named("Wert C"))
    shelf.add("names-padded", lines(spaced, ";"), meant, language="german", delimiter=";")
    few = (*table[:3], years[2].named(None))
    made = lines(few, ";")
    made[0] = made[0].rstrip(";")
    numbered = (text("Stadt", places, CATEGORY), *few[1:])
    shelf.add(
        "names-too-few",
        made,
        numbered,
        must_warn=True,
        may_flag=None,
        language="german",
        delimiter=";",
    )


def _reviews(shelf: _Shelf) -> None:
    """Free writing in languages with and without spaces between words."""
    dice = random.Random("reviews")
    pieces = {
        "chinese": (
            ("送货很快", "包装破了", "客服态度不错", "等了两个星期", "颜色和图片一样", "质量一般"),
            ("下次还会来", "不会再买了", "给孩子用正好", "朋友也很喜欢", "价格有点贵", "希望改进"),
            ",",
            "。",
        ),
        "japanese": (
            (
                "届くのが早かった",
                "箱がつぶれていた",
                "店員が親切でした",
                "色が写真と違う",
                "思ったより軽い",
            ),
            (
                "また買いたいです",
                "もう買いません",
                "母も喜んでいます",
                "少し高いと思う",
                "説明書が欲しい",
            ),
            "、",
            "。",
        ),
        "german": (
            (
                "Die Lieferung kam schnell",
                "Der Karton war nass",
                "Die Farbe stimmt nicht",
                "Sehr leise",
            ),
            (
                "gern wieder",
                "nie mehr hier",
                "meine Tante ist begeistert",
                "etwas zu teuer",
                "na ja",
            ),
            ", ",
            ".",
        ),
    }
    for language, (first, second, between, end) in pieces.items():
        cells = [
            f"{dice.choice(first)}{between}{dice.choice(second)}{between}{dice.choice(first)}"
            f"{between}{dice.choice(second)}{end}"
            for _ in range(40)
        ]
        table = (
            text("text", cells, TEXT),
            numbers("stars", [dice.randrange(1, 6) for _ in cells], number(0)),
        )
        shelf.add(f"free-writing-{language}", lines(table, ","), table, language=language)


# No tables


def _no_tables(shelf: _Shelf) -> None:
    shelf.refuse("no-table-empty", b"")
    shelf.refuse("no-table-blank", b" \r\n\r\n\t\n")
    shelf.refuse("no-table-mark-only", codecs.BOM_UTF8)
    shelf.refuse(
        "no-table-pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
    )
    shelf.refuse("no-table-png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\x06\0\0\0")
    shelf.refuse("no-table-jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0" * 9)
    page = "<!DOCTYPE html>\n<html><head><title>Prices</title></head>\n<p>1,2</p></html>\n"
    shelf.refuse("no-table-html", page.encode())
    shelf.refuse("no-table-json", b'{\n  "name": "shop",\n  "sales": [\n    1, 2, 3\n  ]\n}\n')
    shelf.refuse("no-table-program", b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 8)
    shelf.refuse("no-table-noise", random.Random("noise").randbytes(4_000))


@cache
def corpus() -> tuple[File, ...]:
    """Return all files; the same in every run."""
    shelf = _Shelf()
    for make in (
        _encodings,
        _delimiters,
        _row_names,
        _quotes,
        _surroundings,
        _missing,
        _numbers,
        _codes,
        _dates,
        _damage,
        _shapes,
        _no_tables,
    ):
        make(shelf)
    return tuple(shelf.files.values())


# Scoring


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a reader made of a file.

    Parameters
    ----------
    text : DataFrame
        Every cell as text, the header as columns.
    frame : DataFrame, optional
        The typed values, where the reader gives any.
    kinds : tuple of Kind, optional
        One a column.
    warned : bool
        Whether it said that something is odd or unsure.
    flagged : frozenset of int
        Lines that it called odd.
    """

    text: pd.DataFrame
    frame: pd.DataFrame | None = None
    kinds: tuple[Kind, ...] | None = None
    warned: bool = False
    flagged: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Score:
    """How far an answer is right.

    ``wrong`` lists in words what is not, cells before kinds; ``kinds`` and ``kinds_right`` count
    columns of which the kind is known.
    """

    file: str
    cells: float
    names: bool
    kinds: int
    kinds_right: int
    warned: bool
    flags: bool
    wrong: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Whether all names and cells are."""
        return self.names and self.cells == 1


Reader = Callable[[bytes], Answer]


def ours(content: bytes) -> Answer:
    """Read a file as this project does."""
    table = read(content)
    return Answer(
        text=table.text,
        frame=table.frame,
        kinds=tuple(column.kind for column in table.schema.columns),
        warned=bool(table.cautions or table.repairs),
        flagged=frozenset(repair.line for repair in table.repairs),
    )


def score(reader: Reader, refused: tuple[type[Exception], ...]) -> pd.DataFrame:
    """Return one row a file: ``file``, ``cells`` (share that is right), ``names``, ``kinds``,
    ``kinds_right``, ``warned``, ``flags``, ``right``.

    Parameters
    ----------
    reader : callable
        From bytes to :class:`Answer`.
    refused : tuple of exception types
        How the reader says that something is no table.
    """
    found = [scored(file, reader, refused) for file in corpus()]
    rows = [
        (s.file, s.cells, s.names, s.kinds, s.kinds_right, s.warned, s.flags, s.right)
        for s in found
    ]
    names = ["file", "cells", "names", "kinds", "kinds_right", "warned", "flags", "right"]
    return pd.DataFrame(rows, columns=names)


def scored(file: File, reader: Reader, refused: tuple[type[Exception], ...]) -> Score:
    try:
        answer = reader(file.content)
    except refused as error:
        return _scored_refusal(file, error)
    if not file.is_table:
        return _failed(file, f"read as a table of {answer.text.shape}")
    return compared(file, answer)


def _scored_refusal(file: File, error: Exception) -> Score:
    if file.is_table:
        return _failed(file, f"refused: {error}")
    return Score(
        file=file.id, cells=1, names=True, kinds=0, kinds_right=0, warned=True, flags=True, wrong=()
    )


def _failed(file: File, why: str) -> Score:
    kinds = sum(bool(column.kinds) for column in file.table)
    return Score(
        file=file.id, cells=0, names=False, kinds=kinds, kinds_right=0, warned=False, flags=False,
        wrong=(why,),
    )  # fmt: skip


def compared(file: File, answer: Answer) -> Score:
    """Return how far an answer agrees with what is true of a file."""
    names, cells = (
        _compared_names(file.table, answer.text),
        _compared_cells(file.table, answer.text),
    )
    kinds = _compared_kinds(file.table, answer)
    n_rows, n_columns = len(file.table[0].cells), len(file.table)
    size = max(n_rows, len(answer.text)) * max(n_columns, answer.text.shape[1])
    judged = sum(bool(column.kinds) for column in file.table)
    said: list[str] = []
    if answer.text.shape != (n_rows, n_columns):
        said.append(f"shape {(n_rows, n_columns)}: got {answer.text.shape}")
    warned = answer.warned or not file.must_warn
    if not warned:
        said.append("no warning")
    odd = frozenset() if file.may_flag is None else answer.flagged - file.may_flag
    if odd:
        said.append(f"called odd without need: lines {sorted(odd)[:8]}")
    right = n_rows * n_columns - len(cells)
    return Score(
        file=file.id,
        cells=1.0 if right == size else right / size,
        names=not names,
        kinds=judged,
        kinds_right=judged - len(kinds),
        warned=warned,
        flags=not odd,
        wrong=(*said, *names, *cells, *kinds),
    )


def _compared_names(table: Table, read: pd.DataFrame) -> list[str]:
    """Names must be those of the file; where one is repeated or empty, a distinct one."""
    got = [str(name).strip() for name in read.columns]
    if len(set(got)) < len(got) or not all(got):
        return [f"names not distinct: {got[:8]}"]
    seen: set[str] = set()
    wrong: list[str] = []
    for place, column in enumerate(table):
        name = column.name
        given = got[place] if place < len(got) else None
        if name is not None and not (given == name or name in seen and str(given).startswith(name)):
            wrong.append(f"name {place}: expected {name!r}, got {given!r}")
        seen.add(name or "")
    return wrong


def _compared_cells(table: Table, read: pd.DataFrame) -> list[str]:
    wrong: list[str] = []
    for place, column in enumerate(table):
        known = place < read.shape[1]
        given = read.iloc[:, place].tolist() if known else []
        for row, cell in enumerate(column.cells):
            got = given[row] if row < len(given) else "(no such cell)"
            if not _same_cell(cell, got, row in column.missing):
                wrong.append(f"row {row}, column {place}: expected {cell!r}, got {got!r}")
    return wrong


def _same_cell(cell: Cell, got: Any, missing: bool) -> bool:
    if isinstance(cell, _Anything):
        return True
    absent = got is None or got is pd.NA or isinstance(got, float) and math.isnan(got)
    if absent:
        return missing
    text = str(got).replace("\r\n", "\n").strip()
    return text in {one.strip() for one in ({cell} if isinstance(cell, str) else cell)}


def _compared_kinds(table: Table, answer: Answer) -> list[str]:
    """The kind is right when its name is, and the values that follow from it are."""
    wrong: list[str] = []
    for place, column in enumerate(table):
        if not column.kinds:
            continue
        if answer.kinds is None or answer.frame is None or place >= len(answer.kinds):
            wrong.append(f"kind {place}: none")
        elif (got := answer.kinds[place]) not in column.kinds:
            wrong.append(
                f"kind {place} ({column.name}): expected {column.kinds[0].value}, got {got.value}"
            )
        elif odd := _odd_value(column, answer.frame.iloc[:, place].tolist()):
            wrong.append(f"values {place} ({column.name}): {odd}")
    return wrong


def _odd_value(column: Column, got: list[Any]) -> str:
    if len(got) != len(column.cells):
        return f"{len(got)} rows"
    for row, value in enumerate(got):
        absent = value is None or pd.isna(value)
        if isinstance(column.cells[row], _Anything):
            continue
        if absent != (row in column.missing):
            return f"row {row}: {column.cells[row]!r} gives {value!r}"
        if absent or column.values is None:
            continue
        meant = column.values[row]
        same = (
            pd.Timestamp(value) == pd.Timestamp(meant)
            if isinstance(meant, datetime)
            else math.isclose(float(value), meant, rel_tol=1e-12)
        )
        if not same:
            return f"row {row}: {column.cells[row]!r} gives {value!r} instead of {meant!r}"
    return ""


def described() -> Iterator[str]:
    """Say of the corpus what it holds, one line a fact."""
    files = corpus()
    tables = [file for file in files if file.is_table]
    yield f"{len(files)} files, {len(tables)} of them tables"
    yield f"{len({file.language for file in tables})} languages"
    yield f"{len({file.delimiter for file in tables})} delimiters"
    yield f"{sum(bool(c.kinds) for file in tables for c in file.table)} columns with a known kind"
