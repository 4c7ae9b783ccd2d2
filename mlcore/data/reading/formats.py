"""Which of the formats a file has, apart from delimited text."""

from __future__ import annotations

from mlcore.data.reading.columnar import is_parquet, json_form, read_json, read_parquet
from mlcore.data.reading.grid import Grid
from mlcore.data.reading.options import ReadingOptions
from mlcore.data.reading.packed import is_workbook
from mlcore.data.reading.repairs import RepairLog
from mlcore.data.reading.spreadsheets import is_old_office, read_workbook

#: How much of a text is looked at to tell JSON from other text.
_HEAD = 2**16

#: Endings of files that are read, for the picker of files.
ENDINGS: tuple[str, ...] = (
    *("csv", "tsv", "tab", "txt", "dat", "data"),
    *("gz", "zst", "zip"),
    *("xlsx", "xlsm", "xlsb", "xls", "ods"),
    *("parquet", "jsonl", "ndjson", "json"),
)


def binary_grid(content: bytes, options: ReadingOptions) -> Grid | None:
    """Return the table of a workbook or a Parquet file; ``None`` for other files.

    Parameters
    ----------
    content : bytes
        The file, unpacked.
    options : ReadingOptions
        What the user chose.

    Raises
    ------
    UserError
        The file is one of these, but damaged, too large, or no table.
    """
    if is_workbook(content) or is_old_office(content):
        return read_workbook(content, options)
    return read_parquet(content) if is_parquet(content) else None


def json_grid(text: bytes, log: RepairLog) -> Grid | None:
    """Return the table of a JSON file; ``None`` for other text.

    Parameters
    ----------
    text : bytes
        The file in UTF-8, without a byte-order mark.
    log : RepairLog
        Takes lines that are no records.

    Raises
    ------
    UserError
        It is JSON, but no table.
    """
    form = json_form(text[:_HEAD].decode("utf-8", "ignore"))
    return None if form is None else read_json(text.decode("utf-8"), form, log)
