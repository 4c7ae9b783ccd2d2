"""Formats of the numbers in workbooks, as far as they change what a number is."""

from __future__ import annotations

import re

#: Zeros alone, behind a language; what follows is for negative numbers and texts.
_ZEROS = re.compile(r"(?:\[\$[^\]]*\])?(0{2,15})(?:;.*)?", re.DOTALL)


def shown_digits(format_code: str) -> int:
    """Return to how many digits a format fills up with zeros, or 0.

    >>> shown_digits("00000"), shown_digits("0.00")
    (5, 0)
    """
    zeros = _ZEROS.fullmatch(format_code)
    return len(zeros[1]) if zeros else 0
