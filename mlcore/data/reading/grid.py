"""What a file that is no text gives: cells in columns, before they are treated as text's are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mlcore.data.reading.options import ReadingOptions
from mlcore.data.reading.result import TablePlace
from mlcore.messages import Message

#: Cells of a table that are read at most, from files whose size says little of their content.
MOST_CELLS = 50_000_000

TEXT = pa.large_string()


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A table as it stands in a workbook, a Parquet file or a JSON file.

    Parameters
    ----------
    header : list of str or None
        The names as they stand there; ``None`` when there are none.
    columns : pyarrow.Table of large_string
        The cells; the names of this table mean nothing.
    options : ReadingOptions
        Those in force; ``None`` where one has no meaning for the file.
    decisions, cautions : tuple of Message
        What was decided, and what should be looked at.
    sheets : tuple of str
        The sheets of a workbook.
    tables : tuple of TablePlace
        The tables of the sheet; lines are rows.
    row_numbers : ndarray of int, optional
        What the rows of a sheet are called, from 1; ``None`` where they are counted below the
        header.
    """

    header: list[str] | None
    columns: pa.Table
    options: ReadingOptions
    decisions: tuple[Message, ...] = ()
    cautions: tuple[Message, ...] = ()
    sheets: tuple[str, ...] = ()
    tables: tuple[TablePlace, ...] = ()
    row_numbers: npt.NDArray[np.intp] | None = None
