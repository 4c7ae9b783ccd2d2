"""What was odd in the input: each kind has a code, a sentence, and how much it weighs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the input that the person should know of.

    Parameters
    ----------
    row : int or None
        Number of the row, from 0; ``None`` for what concerns all rows.
    column : str or None
        Name of the column; ``None`` for what concerns the whole row.
    code : str
        A key of :data:`WORDS`.
    got, expected : str
        What came, and what the model knows, in words.
    """

    row: int | None
    column: str | None
    code: str
    got: str = ""
    expected: str = ""

    @property
    def severity(self) -> str:
        """``"error"``: the row gets no answer, or ``"warning"``: it is answered with care."""
        return "error" if self.code in ERRORS else "warning"

    @property
    def is_doubtful(self) -> bool:
        """Whether the answer is in doubt; it is not for ignored columns and other spellings."""
        return self.code not in _HARMLESS

    @property
    def sentence(self) -> str:
        """The problem in words, without the number of the row."""
        return WORDS[self.code].format(
            column=self.column, got=_shortened(self.got), expected=self.expected
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "row": self.row,
            "column": self.column,
            "code": self.code,
            "severity": self.severity,
            "got": self.got,
            "expected": self.expected,
            "sentence": self.sentence,
        }


#: The sentence of each kind of problem.
WORDS: dict[str, str] = {
    "missing_column": "There is no column “{column}”; expected {expected}.",
    "unknown_column": "The model does not use the column “{column}”; it is ignored.",
    "unreadable": "Column “{column}”: “{got}” cannot be read; expected {expected}.",
    "no_answer": "The model has no answer for numbers as large as these.",
    "unseen": "Not seen in training: {column} “{got}”, trained on {expected}.",
    "outside": "Not seen in training: {column} {got}, trained on {expected}.",
    "missing": "{column} is missing; in training it never was.",
    "left_out": "Such rows were left out of training: {expected}",
    "too_many_missing": "Too many missing values: {got} columns; more than half.",
    "respelt": "Column “{column}”: “{got}” was read as “{expected}”.",
}

#: Problems with which a row gets no answer, whatever the policy.
ERRORS = frozenset({"missing_column", "unreadable", "no_answer"})
_HARMLESS = frozenset({"unknown_column", "respelt"})


def _shortened(text: str, most: int = 40) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def listing(names: Sequence[str], most: int = 30) -> str:
    """Return names in quotation marks, the first of them where there are many."""
    shown = ", ".join(f"“{name}”" for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")
