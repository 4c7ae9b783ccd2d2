"""Files that cross language, delimiter, encoding, order of columns and one kind of damage by lot.

The corpus (:mod:`reading_corpus`) is made by hand and was looked at while reading was written.
These were not: they show whether what was learnt from it holds elsewhere.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from reading_corpus import PAGES, File, Table, joined, lines, pick, sales
from reading_words import LANGUAGES

DELIMITERS = (",", ";", "\t", "|")


@dataclass
class Draft:
    """A file in the making: its lines, and what is true of it so far."""

    dice: random.Random
    language: str
    delimiter: str
    table: Table
    made: list[str]
    must_warn: bool = False
    flags: tuple[int, ...] = ()

    @property
    def rows(self) -> int:
        return len(self.table[0].cells)

    @property
    def notes(self) -> tuple[str, ...]:
        """Title and source, as far as they do not look like a record."""
        notes = LANGUAGES[self.language].notes[:2]
        return tuple(note for note in notes if self.delimiter not in note)

    def insert(self, line: int, *more: str) -> None:
        """Put lines before one of the file's (from 0), which may be called odd."""
        self.made[line:line] = more
        self.flags = tuple(range(line + 1, line + 1 + len(more)))

    def damage(self, row: int, *instead: str) -> None:
        """Put lines in the place of a record's, of which something must be said."""
        self.made[row + 1 : row + 2] = instead
        self.flags = tuple(range(row + 2, row + 2 + len(instead)))
        self.must_warn = True

    def cells(self, row: int) -> list[str]:
        return [str(column.cells[row]) for column in self.table]


def _clean(draft: Draft) -> None:
    """Leave it as it is."""


def _preamble(draft: Draft) -> None:
    draft.insert(0, *draft.notes, "")


def _footer(draft: Draft) -> None:
    draft.insert(len(draft.made), "", *draft.notes)


def _comment(draft: Draft) -> None:
    draft.insert(draft.dice.randrange(1, draft.rows), f"# {LANGUAGES[draft.language].notes[0]}")


def _blank(draft: Draft) -> None:
    draft.insert(draft.dice.randrange(1, draft.rows), "")


def _told(draft: Draft) -> None:
    draft.insert(0, f"sep={draft.delimiter}")


def _header_again(draft: Draft) -> None:
    draft.insert(draft.dice.randrange(1, draft.rows), draft.made[0])
    draft.must_warn = True


def _short(draft: Draft) -> None:
    row, kept = draft.dice.randrange(draft.rows - 1), draft.dice.randrange(1, len(draft.table))
    draft.damage(row, draft.delimiter.join(draft.made[row + 1].split(draft.delimiter)[:kept]))
    draft.table = tuple(
        column.without(row) if place >= kept else column for place, column in enumerate(draft.table)
    )


def _too_long(draft: Draft) -> None:
    row = draft.dice.randrange(draft.rows)
    last = draft.table[-1]
    if last.values is None:
        # Free writing may have held the delimiter; then nobody can say where it ends.
        draft.table = (*draft.table[:-1], sales(draft.language, draft.rows)[4])
        draft.made = lines(draft.table, draft.delimiter)
    draft.damage(row, f"{draft.made[row + 1]}{draft.delimiter}??{draft.delimiter}!!")


def _open_quote(draft: Draft) -> None:
    row, first = draft.dice.randrange(draft.rows), draft.table[0]
    draft.damage(row, '"' + draft.made[row + 1])
    cell = str(first.cells[row])
    either = first.put({row: frozenset({cell, f'"{cell}'})})
    draft.table = (replace(either, kinds=(), values=None), *draft.table[1:])


def _another_delimiter(draft: Draft) -> None:
    row = draft.dice.randrange(draft.rows)
    other = draft.dice.choice([mark for mark in DELIMITERS if mark != draft.delimiter])
    draft.damage(row, lines(draft.table, other)[row + 1])


def _torn(draft: Draft) -> None:
    """Break a record beside a delimiter."""
    row = draft.dice.randrange(draft.rows)
    cells = draft.cells(row)
    cut = draft.dice.randrange(1, len(cells))
    first, second = draft.delimiter.join(cells[:cut]), draft.delimiter.join(cells[cut:])
    if draft.dice.random() < 0.5:
        draft.damage(row, first + draft.delimiter, second)
    else:
        draft.damage(row, first, draft.delimiter + second)


def _nul(draft: Draft) -> None:
    row = draft.dice.randrange(draft.rows)
    text = draft.made[row + 1]
    cut = draft.dice.randrange(len(text))
    draft.damage(row, f"{text[:cut]}\0{text[cut:]}")


def _missing(draft: Draft) -> None:
    word = draft.dice.choice(["NA", "n/a", "", "null", "NaN"])
    table = []
    for column in draft.table:
        rows = [row for row in range(draft.rows) if draft.dice.random() < 0.15]
        missing = frozenset(rows)
        table.append(replace(column.put(dict.fromkeys(rows, word)), missing=missing))
    draft.table, draft.made = tuple(table), lines(table, draft.delimiter)


#: What is done to a file, by name.
KINDS: dict[str, Callable[[Draft], None]] = {
    "clean": _clean,
    "preamble": _preamble,
    "footer": _footer,
    "comment": _comment,
    "blank": _blank,
    "told": _told,
    "header-again": _header_again,
    "short": _short,
    "too-long": _too_long,
    "open-quote": _open_quote,
    "another-delimiter": _another_delimiter,
    "torn": _torn,
    "nul": _nul,
    "missing": _missing,
}


def crossings(each: int) -> tuple[File, ...]:
    """Return some files of each kind."""
    return tuple(crossing(kind, number) for kind in KINDS for number in range(each))


def crossing(kind: str, number: int) -> File:
    """Return a file; the same in every run."""
    dice = random.Random(f"{kind} {number}")
    language = dice.choice(list(LANGUAGES))
    delimiter = dice.choice([mark for mark in DELIMITERS if mark != "," or _has_points(language)])
    order = dice.sample(range(7), dice.randrange(3, 8))
    rows = dice.choice([12, 20, 28, 40, 60])
    table = pick(sales(language, rows, thousands=delimiter != "," and dice.random() < 0.3), *order)
    encoding = dice.choice([*PAGES.get(language, ()), "utf-8"])
    if kind == "nul" and encoding in ("utf-16", "utf-32"):
        encoding = "utf-8"
    draft = Draft(dice, language, delimiter, table, lines(table, delimiter))
    KINDS[kind](draft)
    return File(
        id=f"{kind}-{number}-{language}-{encoding}",
        content=joined(draft.made, dice.choice(["\n", "\r\n"])).encode(encoding),
        table=draft.table,
        must_warn=draft.must_warn,
        may_flag=frozenset(draft.flags),
        language=language,
        delimiter=delimiter,
    )


def _has_points(language: str) -> bool:
    return LANGUAGES[language].decimal == "."
