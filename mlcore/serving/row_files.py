"""Rows to predict in any format that is read, as the plain table that a model's reader takes."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mlcore.data.reading import ReadingOptions, Table, read
from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError
from mlcore.messages import Message
from mlcore.registry.bundle_files import contract
from mlcore.registry.bundle_files.predict import TableFile


def write_plain(path: Path, plain: Path, schema: Mapping[str, Any]) -> tuple[Message, ...]:
    """Write a file as plain CSV, unless it is a table that the model's own reader takes as it is.

    A model's reader finds the header by the names it needs, so it goes first; what it cannot take
    (packed files, workbooks, other encodings, records that are torn) is read as a table to learn
    from is.

    Parameters
    ----------
    path : Path
        The file as it came.
    plain : Path
        Where to write; nothing is written where nothing is needed.
    schema : mapping
        As in ``input_schema.json``.

    Returns
    -------
    cautions : tuple of Message
        What may be wrong with how the file was read.

    Raises
    ------
    UserError
        The file is none that a model's reader could take, and it is damaged or no table.
    """
    is_text = _is_text(path)
    if is_text and _is_even(path, schema):
        return ()
    try:
        table = read(path, ReadingOptions(header=True))
    except UserError:
        if is_text:
            # The model's reader says what is wrong with a text.
            return ()
        raise
    needed = {feature["name"] for feature in schema["features"]}
    if is_text and not needed <= set(table.text.columns):
        return ()
    _write(plain, table, schema)
    return table.cautions


def _is_text(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(8)
    starts = (b"PK\x03\x04", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xd0\xcf\x11\xe0", b"PAR1")
    return not head.startswith((*starts, b"{", b"[", b"\xef\xbb\xbf{", b"\xef\xbb\xbf["))


def _is_even(path: Path, schema: Mapping[str, Any]) -> bool:
    """Return whether the model's reader finds its columns, and no row wider or narrower."""
    try:
        table = TableFile(path, schema)
        for _ in table.chunks():
            if table.ragged:
                return False
    except contract.Refusal:
        return False
    return True


def _write(plain: Path, table: Table, schema: Mapping[str, Any]) -> None:
    text = table.text.fillna("")
    # The marks of a text show in its cells, as those of any other text; other files have points.
    if table.reading.options.delimiter is None:
        for name, decimal in _number_marks(schema).items():
            if name in text and decimal != ".":
                text[name] = _in_notation(table, name, decimal)
    with plain.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quotechar=schema["quote"])
        writer.writerow(text.columns)
        writer.writerows(text.itertuples(index=False, name=None))


def _number_marks(schema: Mapping[str, Any]) -> dict[str, str]:
    """Return the decimal mark that each column of numbers had in training, also the label's."""
    marks = {one["name"]: one["decimal"] for one in schema["features"] if one["kind"] == "number"}
    return {**marks, schema["target"]: schema["decimal"]} if schema["target"] else marks


def _in_notation(table: Table, name: str, decimal: str) -> pd.Series:
    """Return a column of numbers as the model's file wrote them; other cells as they are."""
    cells = table.text[name].fillna("")
    if table.schema[name].kind is not ColumnKind.NUMBER:
        return cells
    values = table.frame[name]
    spelt = values.map(lambda value: f"{value:.17g}".replace(".", decimal), na_action="ignore")
    return spelt.where(values.notna(), cells)
