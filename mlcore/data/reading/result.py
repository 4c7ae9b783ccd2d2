"""A table that was read, and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
import pyarrow as pa

from mlcore.data.kinds import type_table
from mlcore.data.levels import Levels
from mlcore.data.reading.options import ReadingOptions
from mlcore.data.reading.repairs import Repair, current_code
from mlcore.data.schema import ColumnKind, Schema
from mlcore.messages import Message


@dataclass(frozen=True, kw_only=True)
class TablePlace:
    """One of the tables of a file.

    Parameters
    ----------
    first_line : int
        Line of the file, from 1, on which it begins.
    n_rows, n_columns : int
        Its size; the header is no row.
    """

    first_line: int
    n_rows: int
    n_columns: int


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a file was read, for the screen beside the preview.

    Parameters
    ----------
    options : ReadingOptions
        The options in force; ``None`` where one has no meaning for the file.
    chosen : tuple of str
        The names of those that the user chose; the others were detected.
    n_rows, n_columns : int
        Size of the table.
    missing : mapping of str to int
        How often each word was read as "no value".
    decisions : tuple of Message
        What was decided, and why.
    cautions : tuple of Message
        What may be wrong and should be looked at.
    repairs : tuple of Repair
        Odd places in file order, at most :data:`~mlcore.data.reading.repairs.MOST_LISTED`.
    repair_counts : mapping of str to int
        How many there are of each message code, listed or not.
    tables : tuple of TablePlace
        The tables of the file, in its order; one, as a rule.
    sheets : tuple of str
        The sheets of a workbook.
    """

    options: ReadingOptions
    chosen: tuple[str, ...]
    n_rows: int
    n_columns: int
    missing: Mapping[str, int]
    decisions: tuple[Message, ...]
    cautions: tuple[Message, ...]
    repairs: tuple[Repair, ...] = ()
    repair_counts: Mapping[str, int]
    tables: tuple[TablePlace, ...] = ()
    sheets: tuple[str, ...] = ()

    @property
    def quote(self) -> str:
        """The quotation mark; the usual one where the file has none."""
        return self.options.quote or '"'

    @property
    def n_repairs(self) -> int:
        """How many odd places there are, listed or not."""
        return sum(self.repair_counts.values())

    def repairs_frame(self) -> pd.DataFrame:
        """Return the listed repairs: ``line``, ``what``, ``before``, ``after``, ``undone``."""
        rows = [
            (repair.line, str(repair.what), repair.before, repair.after, repair.undone)
            for repair in self.repairs
        ]
        return pd.DataFrame(rows, columns=["line", "what", "before", "after", "undone"])

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {
            "options": self.options.to_json(),
            "chosen": list(self.chosen),
            "n_rows": self.n_rows,
            "n_columns": self.n_columns,
            "missing": dict(self.missing),
            "decisions": [said.to_json() for said in self.decisions],
            "cautions": [said.to_json() for said in self.cautions],
            "repairs": [repair.to_json() for repair in self.repairs],
            "repair_counts": dict(self.repair_counts),
            "tables": [vars(place) for place in self.tables],
            "sheets": list(self.sheets),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Reading:
        """Read what :meth:`to_json` wrote, now or when repairs were called problems."""
        options = {"quote": plain.get("quote"), **plain["options"]}
        counts = plain["repair_counts" if "repair_counts" in plain else "problem_counts"]
        return cls(
            options=ReadingOptions.from_json(options),
            chosen=tuple(plain["chosen"]),
            n_rows=plain["n_rows"],
            n_columns=plain["n_columns"],
            missing=dict(plain["missing"]),
            decisions=_sayable(plain["decisions"]),
            cautions=_sayable(plain["cautions"]),
            repairs=tuple(map(Repair.from_json, plain.get("repairs", plain.get("problems", ())))),
            repair_counts={current_code(code): count for code, count in counts.items()},
            tables=tuple(TablePlace(**place) for place in plain.get("tables", ())),
            sheets=tuple(plain.get("sheets", ())),
        )


def _sayable(plain: Iterable[Mapping[str, Any]]) -> tuple[Message, ...]:
    """Return messages, without those of earlier versions that have no sentence any more."""
    said = []
    for one in map(Message.from_json, plain):
        with suppress(KeyError):
            str(one)
            said.append(one)
    return tuple(said)


@dataclass(frozen=True, eq=False)
class TextTable:
    """A table before anything is known about its columns.

    Parameters
    ----------
    reading : Reading
        How it came about.
    levels : mapping of str to Levels
        The columns, each taken apart into its different values. Leading zeros stay.
    """

    reading: Reading
    levels: Mapping[str, Levels]

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return list(self.levels)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The cells, all ``str``, NaN for missing; index 0 … n_rows-1."""
        index = pd.RangeIndex(self.reading.n_rows)
        columns = {name: one.series(name, index) for name, one in self.levels.items()}
        return pd.DataFrame(columns, copy=False)

    def typed(self, kinds: Mapping[str, ColumnKind] | None = None) -> tuple[Schema, pd.DataFrame]:
        """Return schema and typed frame, as :func:`~mlcore.data.kinds.type_table`."""
        return type_table(self.levels, kinds=kinds, **self.reading.options.notation)


def as_text_frame(table: pa.Table) -> pd.DataFrame:
    """Return an Arrow table of text or of dictionaries of text as a frame of pandas' text type."""
    text = pa.schema([(name, pa.large_string()) for name in table.column_names])
    frame: pd.DataFrame = table.cast(text).to_pandas()
    return frame.astype("str")


@dataclass(frozen=True, eq=False, kw_only=True)
class Table:
    """A file as a table with typed columns.

    Parameters
    ----------
    cells : pyarrow.Table of text
        Every cell as it stands in the file.
    frame : DataFrame of shape (n_rows, n_columns)
        The typed values.
    schema : Schema
        What each column holds, and why that was concluded.
    reading : Reading
        How the file was read.
    """

    cells: pa.Table
    frame: pd.DataFrame
    schema: Schema
    reading: Reading

    @cached_property
    def text(self) -> pd.DataFrame:
        """Every cell as the characters in the file, a frame of ``str``.

        Spaces and words for "no value" are included; NaN where the file has no cell at all.
        """
        return as_text_frame(self.cells)

    @property
    def decisions(self) -> tuple[Message, ...]:
        """What was decided about the file and its columns, and why."""
        return (*self.reading.decisions, *self.schema.decisions)

    @property
    def cautions(self) -> tuple[Message, ...]:
        """What may be wrong and should be looked at."""
        return (*self.reading.cautions, *self.schema.cautions)

    @property
    def repairs(self) -> tuple[Repair, ...]:
        """The odd places of the file."""
        return self.reading.repairs
