"""What of a reading can be chosen; all else is detected."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlcore.data.dialect import DECIMALS
from mlcore.errors import UserError

#: What a date such as 03/04/2021 may mean.
DATE_ORDERS: dict[str, str] = {"day first": "day first", "month first": "month first"}

_DELIMITER = re.compile(r"[^\r\n\"'\0]{1,3}")

#: What may stand between thousands; a space stands for all kinds of spaces.
THOUSANDS: tuple[str, ...] = ("", ",", ".", " ", "'")


@dataclass(frozen=True, kw_only=True)
class ReadingOptions:
    """How a file is to be read; ``None`` means that it is detected.

    Parameters
    ----------
    encoding : str, optional
        A key of :data:`mlcore.data.encoding.ENCODINGS`.
    delimiter : str, optional
        What stands between fields: one character, or up to three; a space stands for any number
        of spaces, two spaces for two or more.
    quote : str, optional
        The quotation mark, ``'"'`` or ``"'"``; empty for none.
    escape : str, optional
        What stands before a quotation mark inside a quoted field: a backslash, or empty where the
        mark is doubled.
    header : bool, optional
        Whether the first record names the columns.
    skip : int, optional
        Lines before the table.
    comment : str, optional
        How a line begins that is a comment; empty for none.
    table : int, optional
        Which of several tables of a file, from 0.
    sheet : str, optional
        Which sheet of a workbook.
    decimal : str, optional
        ``"."`` or ``","``.
    thousands : str, optional
        The mark between thousands; empty for none.
    dates : str, optional
        A key of :data:`DATE_ORDERS`.
    marks : bool, optional
        Whether a cell that only holds one of :data:`~mlcore.data.reading.missing.MARKS` is read as
        "no value", and one of :data:`mlcore.data.absence.WORDS` beside numbers and dates, as they
        are unless this is False.
    undone : tuple of int, default ()
        Lines whose mend is taken back.
    """

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    header: bool | None = None
    skip: int | None = None
    comment: str | None = None
    table: int | None = None
    sheet: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    dates: str | None = None
    marks: bool | None = None
    undone: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {**dataclasses.asdict(self), "undone": list(self.undone)}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> ReadingOptions:
        """Read what :meth:`to_json` wrote, now or when there were fewer options."""
        return cls(**{**plain, "undone": tuple(plain.get("undone", ()))})

    @property
    def chosen(self) -> tuple[str, ...]:
        """The names of the options that are not left to detection."""
        return tuple(name for name, value in self.to_json().items() if value not in (None, []))

    @property
    def notation(self) -> dict[str, Any]:
        """How cells are written, as :func:`mlcore.data.kinds.type_table` takes it."""
        return {
            "decimal": self.decimal or ".",
            "dates": self.dates,
            "thousands": self.thousands,
            "marks": self.marks is not False,
        }

    def check(self) -> None:
        """Refuse what no file could be read with.

        Raises
        ------
        UserError
            An option is not one of its choices.
        """
        delimiter = self.delimiter
        if delimiter is not None and not _DELIMITER.fullmatch(delimiter):
            raise UserError("data.bad_delimiter", got=repr(delimiter))
        if self.decimal is not None and self.decimal not in DECIMALS:
            raise UserError("data.bad_decimal", got=repr(self.decimal))
        if self.thousands is not None and self.thousands not in THOUSANDS:
            raise UserError("data.bad_thousands", got=repr(self.thousands))
        if self.thousands and self.thousands == self.decimal:
            raise UserError("data.same_marks", mark=self.thousands)
        if self.dates is not None and self.dates not in DATE_ORDERS:
            raise UserError("data.bad_dates", got=repr(self.dates))
