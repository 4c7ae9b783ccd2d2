"""Two values side by side, with as many digits as a reader needs."""

from __future__ import annotations

import numpy as np
import pandas as pd

#: What stands where there is no value.
NOTHING = "–"


def shown_numbers(first: float, second: float) -> tuple[str, str]:
    """Return two numbers with equally many decimals: three digits, or more if they look the same.

    >>> shown_numbers(5092.4, 3710.7), shown_numbers(0.5, 0.50001)
    (('5,092', '3,711'), ('0.50000', '0.50001'))
    """
    if np.isnan(first) or np.isnan(second) or first == second:
        return _number(first, first, 3), _number(second, second, 3)
    largest = max(first, second, key=abs)
    for digits in range(3, 17):
        texts = _number(first, largest, digits), _number(second, largest, digits)
        if texts[0] != texts[1]:
            break
    return texts


def _number(value: float, largest: float, digits: int) -> str:
    """Return a number with the decimals that give ``largest`` so many digits."""
    if np.isnan(value):
        return NOTHING
    power = int(np.floor(np.log10(abs(largest)))) if largest else 0
    if not -5 < power < 15:
        return f"{value:.{digits - 1}e}"
    text = f"{value:,.{max(0, digits - 1 - power)}f}"
    return text.lstrip("-") if float(text.replace(",", "")) == 0 else text


def shown_share(share: float) -> str:
    """Return a share in percent; 0 % and 100 % stand only for none and all.

    >>> shown_share(1.0), shown_share(0.9962), shown_share(0.00001)
    ('100 %', '99.6 %', '<0.01 %')
    """
    if np.isnan(share):
        return NOTHING
    for decimals in range(3):
        text = f"{100 * share:.{decimals}f}"
        if not (float(text) == 0 < share or float(text) == 100 > 100 * share):
            return f"{text} %"
    return "<0.01 %" if share < 0.5 else ">99.99 %"


def shown_dates(first: float, second: float) -> tuple[str, str]:
    """Return two moments as days, with the time where they are less than two days apart.

    Both are given in seconds since 1970.
    """
    form = "%Y-%m-%d %H:%M" if abs(first - second) < 2 * 86_400 else "%Y-%m-%d"
    return _date(first, form), _date(second, form)


def _date(seconds: float, form: str) -> str:
    if np.isnan(seconds):
        return NOTHING
    return pd.Timestamp(round(seconds * 1e6), unit="us").strftime(form)
