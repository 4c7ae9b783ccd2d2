"""Tables as a spreadsheet of Excel."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, TYPE_STRING

from mlcore.registry.bundle_files.predict import harmless

#: Rows that a sheet can hold, the names of the columns among them, and characters of a cell.
MOST_ROWS = 1_048_576
_LONGEST = 32_767


def write_sheet(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table as the only sheet of a workbook; it appears whole.

    Parameters
    ----------
    path : Path
        The file to write.
    header : sequence of str
        Names of the columns.
    rows : iterable of sequence
        Text, which is never run as a formula, numbers, or nothing.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Predictions")
    sheet.freeze_panes = "A2"

    def safe(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        made = WriteOnlyCell(sheet, "")
        made.value = harmless(ILLEGAL_CHARACTERS_RE.sub(" ", value))[:_LONGEST]
        # Such a cell is never run; the apostrophe stays should the sheet be saved as CSV.
        made.data_type = TYPE_STRING
        return made

    for row in chain([header], rows):
        sheet.append([safe(value) for value in row])
    draft = path.with_name(f"{path.name}.part")
    try:
        book.save(draft)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
