"""Tables that a spreadsheet can open without running anything."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

#: A text cell that begins like this is run as a formula by one spreadsheet or another: the signs,
#: their full-width twins, and white space that is stripped before one of them is looked for.
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "\0")

# A number written as text begins with a sign, too, and is no formula.
_NUMBER = r"[+-]?(?:\d+(?:[.,]\d+)*|[.,]\d+)(?:[eE][+-]?\d+)?\s?%?"


def neutralise(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table with an apostrophe before every text that a spreadsheet would run.

    Numbers, and texts that are written numbers, stay as they are; names of columns are treated
    like cells. Reference: OWASP, "CSV Injection" (ASVS 1.2.10).
    """
    safe = frame.copy(deep=False)
    for position in range(frame.shape[1]):
        column = frame.iloc[:, position]
        if _holds_text(column):
            safe.isetitem(position, _neutral(column))
    safe.columns = pd.Index([_neutral_name(name) for name in frame.columns])
    return safe


def _holds_text(column: pd.Series) -> bool:
    return bool(
        pd.api.types.is_string_dtype(column.dtype)
        or pd.api.types.is_object_dtype(column.dtype)
        or isinstance(column.dtype, pd.CategoricalDtype)
    )


def _neutral(column: pd.Series) -> npt.NDArray[np.object_]:
    values = column.astype(object)
    texts = values.map(lambda value: value if isinstance(value, str) else "").astype("str")
    runs = texts.str.startswith(FORMULA_STARTS) & ~texts.str.fullmatch(_NUMBER)
    return np.where(runs.to_numpy(dtype=bool), "'" + texts.astype(object), values)


def _neutral_name(name: object) -> object:
    if isinstance(name, str) and name.startswith(FORMULA_STARTS):
        return "'" + name
    return name
