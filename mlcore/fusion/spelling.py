"""Labels as people write them: which spellings are one label, and which of them is shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from numbers import Real
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Codes: TypeAlias = npt.NDArray[np.intp]

#: Numbers as text. A leading zero makes it a code ("007"), which stays as it is.
_NUMBER = re.compile(r"([+\-−]?)(0|[1-9]\d*)?(?:\.(\d*))?")


def shown_label(value: Any) -> str | None:
    """Return a label as it is shown: its own spelling without blanks around it.

    Letters with marks are written as one character where there is one: files from one system hold
    "é" as a letter with its mark, those from another as two characters, and both look the same.

    >>> shown_label("  Very  good "), shown_label(1.0), shown_label(float("nan"))
    ('Very good', '1', None)
    """
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    if isinstance(value, Real) and not isinstance(value, (bool, np.bool_)):
        return _number_text(float(value))
    return " ".join(unicodedata.normalize("NFC", str(value)).split()) or None


def normal_label(value: Any) -> str | None:
    """Return the form that all spellings of one label share, None for a missing one.

    Case and blanks do not matter, nor how a number is written: ``1``, ``1.0`` and ``"1 "`` are one
    label. Words stay words: ``yes`` is not ``1``. So do codes: ``01`` is not ``1``.

    >>> [normal_label(value) for value in (1, 1.0, "1 ", "+1.00", "01", "Yes", " ")]
    ['1', '1', '1', '1', '01', 'yes', None]
    """
    shown = shown_label(value)
    if shown is None:
        return None
    match = _NUMBER.fullmatch(shown)
    if match is None or not (match[2] or match[3]):
        return unicodedata.normalize("NFC", shown.casefold())
    sign, whole, fraction = match[1], match[2] or "0", (match[3] or "").rstrip("0")
    text = f"{whole}.{fraction}" if fraction else whole
    return f"-{text}" if sign in ("-", "−") and text != "0" else text


def number_of(normal: str) -> float | None:
    """Return the number that a label is, None where it is a word or a code."""
    match = _NUMBER.fullmatch(normal)
    return float(normal) if match and (match[2] or match[3]) else None


def _number_text(number: float) -> str:
    if not np.isfinite(number):
        return str(number)
    text = format(Decimal(repr(number)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


class Vocabulary:
    """The labels met so far: one number for each, and how often each spelling was seen."""

    def __init__(self) -> None:
        self.normals: list[str] = []
        self._number: dict[str, int] = {}
        self._seen: list[dict[str, tuple[int, tuple[int, int]]]] = []

    def number(self, value: Any) -> int:
        """Return the number of a label, giving it one when it is new; -1 for a missing one."""
        normal = normal_label(value)
        if normal is None:
            return -1
        if normal not in self._number:
            self._number[normal] = len(self.normals)
            self.normals.append(normal)
            self._seen.append({})
        return self._number[normal]

    def read(self, values: pd.Series, column: int = 0) -> Codes:
        """Return the number of each label of a column; -1 where one is missing.

        Parameters
        ----------
        values : Series of shape (n_rows,)
            Labels of any kind.
        column : int, default 0
            Place of the column in its table: of two spellings seen equally often, the one that
            is met first, row by row, is shown.
        """
        codes, levels = pd.factorize(values)
        counts = np.bincount(codes[codes >= 0], minlength=len(levels))
        first = np.full(len(levels), len(values))
        present = np.flatnonzero(codes >= 0)[::-1]
        first[codes[present]] = present  # the last entry written is the first row
        numbers = np.array([*map(self.number, levels), -1], dtype=np.intp)
        for place, value in enumerate(levels):
            self._note(numbers[place], value, int(counts[place]), (int(first[place]), column))
        return numbers[codes]

    def _note(self, number: int, value: Any, count: int, first: tuple[int, int]) -> None:
        shown = shown_label(value)
        if shown is not None and count:
            before, earliest = self._seen[number].get(shown, (0, first))
            self._seen[number][shown] = (before + count, min(earliest, first))

    def shown(self, number: int) -> str:
        """Return the spelling that was seen most often, of several the one met first."""
        return self.spellings(number)[0]

    def spellings(self, number: int) -> list[str]:
        """Return all spellings of a label, the most frequent first."""
        seen = self._seen[number]
        if not seen:
            return [self.normals[number]]
        return sorted(seen, key=lambda shown: (-seen[shown][0], seen[shown][1]))


def in_order(normals: Iterable[str]) -> list[str]:
    """Return labels in their order: by value where all are numbers, else by the alphabet."""
    listed = list(normals)
    if all(number_of(normal) is not None for normal in listed):
        return sorted(listed, key=float)
    return sorted(listed)
