"""Tables that a spreadsheet can open without running anything."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mlcore.registry.bundle_files.predict import harmless


def neutralise(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table with an apostrophe before every text that a spreadsheet would run.

    The rule is the one that a downloaded ``predict.py`` follows.

    Numbers, and texts that are written numbers, stay as they are; names of columns are treated
    like cells. Reference: OWASP, "CSV Injection" (ASVS 1.2.10).
    """
    safe = frame.copy(deep=False)
    for position in range(frame.shape[1]):
        column = frame.iloc[:, position]
        if _holds_text(column):
            safe.isetitem(position, [_neutral(cell) for cell in column])
    safe.columns = pd.Index([_neutral(name) for name in frame.columns])
    return safe


def _holds_text(column: pd.Series) -> bool:
    return bool(
        pd.api.types.is_string_dtype(column.dtype)
        or pd.api.types.is_object_dtype(column.dtype)
        or isinstance(column.dtype, pd.CategoricalDtype)
    )


def _neutral(cell: Any) -> Any:
    return harmless(cell) if isinstance(cell, str) else cell
