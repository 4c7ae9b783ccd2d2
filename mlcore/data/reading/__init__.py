"""From a file to a table, whatever the file is like, and what was decided on the way."""

from mlcore.data.reading.delimited import MOST_COLUMNS
from mlcore.data.reading.missing import MARKS, MISSING
from mlcore.data.reading.options import DATE_ORDERS, ReadingOptions
from mlcore.data.reading.reader import read, read_table
from mlcore.data.reading.repairs import MOST_LISTED, Repair
from mlcore.data.reading.result import Reading, Table, TablePlace, TextTable, as_text_frame

__all__ = [
    "DATE_ORDERS",
    "MARKS",
    "MISSING",
    "MOST_COLUMNS",
    "MOST_LISTED",
    "Reading",
    "ReadingOptions",
    "Repair",
    "Table",
    "TablePlace",
    "TextTable",
    "as_text_frame",
    "read",
    "read_table",
]
