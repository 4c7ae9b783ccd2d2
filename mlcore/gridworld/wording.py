"""How errors are told."""

from __future__ import annotations

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def error_words(value: float) -> str:
    """Return an error with two digits, wherever it is told, so that one error is one number.

    >>> error_words(9.26e-7), error_words(0.0123), error_words(0), error_words(1234.5)
    ('9.3 × 10⁻⁷', '0.012', '0', '1,234')
    """
    if abs(value) >= 100:
        return f"{value:,.0f}"
    short = f"{value:.2g}"
    if "e" not in short:
        return short
    digits, exponent = short.split("e")
    return f"{digits} × 10{str(int(exponent)).translate(_RAISED)}"
