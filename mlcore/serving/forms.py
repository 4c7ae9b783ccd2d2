"""The forms in which rows come: our own, the Open Inference Protocol's and MLflow's.

Each is turned into columns of cells, which go through the one contract of
``mlcore.registry.bundle_files.contract``; so the form a row comes in never changes its answer.
"""

from __future__ import annotations

import csv
import io
import json
import struct
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from mlcore.errors import UserError
from mlcore.messages import listing
from mlcore.registry.bundle_files.contract import ABSENT, POLICIES
from mlcore.serving.json_text import read_json


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a request asks for.

    Parameters
    ----------
    columns : mapping of str to sequence
        Cells by column, all of one length; what is no cell, the contract refuses.
    n_rows : int
        How many rows.
    policy : str, default "warn"
        ``"warn"`` or ``"refuse"``.
    """

    columns: Mapping[str, Sequence[Any]]
    n_rows: int
    policy: str = "warn"


def parsed_json(body: bytes, example: str) -> Any:
    """Return the value of a JSON text.

    Raises
    ------
    UserError
        ``serving.not_json``: it is none. ``NaN`` and ``Infinity``, which Python would take, are
        no JSON; neither is what nests so deep that reading it would exhaust the stack.
    """
    try:
        return read_json(body)
    except (ValueError, RecursionError) as error:
        reason = "it nests too deep" if isinstance(error, RecursionError) else str(error)
        raise UserError("serving.not_json", reason=reason, example=example) from error


# Our own form


def asked_plainly(body: bytes, features: Sequence[str]) -> Asked:
    """Read ``{"rows": [{"column": value, …}, …]}`` or ``{"input": [value, …]}``.

    Parameters
    ----------
    body : bytes
        The request's.
    features : sequence of str
        Names of the model's columns in its order, which ``"input"`` follows.

    Raises
    ------
    UserError
        It is neither; the sentence says what came.
    """
    example = '{"rows": [{"column": 1.5}]}'
    plain = _object(parsed_json(body, example), example)
    policy = plain.get("policy", POLICIES[0])
    if policy not in POLICIES:
        raise UserError("serving.wrong_policy", got=_told(policy))
    if "input" in plain:
        return _from_lists(_as_lists(plain["input"]), features, policy)
    return _from_records(plain.get("rows"), policy)


def _from_records(rows: Any, policy: str = POLICIES[0]) -> Asked:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UserError(
            "serving.wrong_form",
            expected="an object with “rows”, a list of objects with a value for each column",
            got=_told(rows),
        )
    if not rows:
        raise UserError("serving.no_rows")
    columns = _by_column(rows)
    return Asked(columns=columns, n_rows=len(rows), policy=policy)


def _by_column(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return rows as columns; a name that a row lacks is marked there."""
    first = rows[0]
    # Mostly all rows name the same columns, which then takes a third of the time.
    if all(len(row) == len(first) for row in rows):
        with suppress(KeyError):
            return {name: [row[name] for row in rows] for name in first}
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name, ABSENT) for row in rows] for name in names}


def _as_lists(given: Any) -> list[Any]:
    """Return a list of rows, also when a single row came as it is."""
    if isinstance(given, list) and given and not isinstance(given[0], list):
        return [given]
    return given if isinstance(given, list) else [given]


def _from_lists(rows: Any, names: Sequence[str], policy: str = POLICIES[0]) -> Asked:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise UserError(
            "serving.wrong_form", expected="a list of rows, each a list of values", got=_told(rows)
        )
    if not rows:
        raise UserError("serving.no_rows")
    for row in rows:
        if len(row) != len(names):
            raise UserError(
                "serving.wrong_length",
                got=len(row),
                expected=len(names),
                columns=listing(names),
            )
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    return Asked(columns=columns, n_rows=len(rows), policy=policy)


# MLflow's forms


def asked_as_mlflow(body: bytes, content_type: str, features: Sequence[str]) -> Asked:
    """Read a request to ``/invocations``: one of MLflow's four JSON forms, or CSV.

    Raises
    ------
    UserError
        It is none of them.
    """
    if content_type.split(";")[0].strip().lower() == "text/csv":
        return _from_csv(body)
    example = '{"dataframe_records": [{"column": 1.5}]}'
    plain = _object(parsed_json(body, example), example)
    present = [name for name in _MLFLOW if name in plain]
    if len(present) != 1:
        raise UserError(
            "serving.wrong_form",
            expected=f"an object with exactly one of {listing(_MLFLOW)}",
            got=f"one with {listing(list(plain)) or 'nothing'}",
        )
    return _MLFLOW[present[0]](plain[present[0]], features)


def _split(value: Any, features: Sequence[str]) -> Asked:
    table = _object(value, '{"columns": ["column"], "data": [[1.5]]}')
    names = table.get("columns", list(features))
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise UserError(
            "serving.wrong_form", expected="“columns” as a list of names", got=_told(names)
        )
    return _from_lists(table.get("data"), names)


def _records_or_lists(value: Any, features: Sequence[str]) -> Asked:
    if isinstance(value, dict):
        return _from_columns({name: _as_column(cells) for name, cells in value.items()})
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return _from_records(value)
    return _from_lists(_as_lists(value), features)


_MLFLOW: Mapping[str, Callable[[Any, Sequence[str]], Asked]] = {
    "dataframe_split": _split,
    "dataframe_records": lambda value, features: _from_records(value),
    "instances": _records_or_lists,
    "inputs": _records_or_lists,
}


def _from_csv(body: bytes) -> Asked:
    try:
        records = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(
            "serving.wrong_form", expected="CSV in UTF-8 with a header line", got=str(error)
        ) from error
    header, rows = (records[0], [row for row in records[1:] if row]) if records else ([], [])
    return _from_lists([[*row] for row in rows], header)


def _as_column(cells: Any) -> list[Any]:
    return cells if isinstance(cells, list) else [cells]


def _from_columns(columns: Mapping[str, Sequence[Any]]) -> Asked:
    n_rows = max((len(cells) for cells in columns.values()), default=0)
    if not n_rows:
        raise UserError("serving.no_rows")
    for name, cells in columns.items():
        if len(cells) != n_rows:
            raise UserError("serving.ragged", column=name, got=len(cells), expected=n_rows)
    return Asked(columns=columns, n_rows=n_rows)


# The Open Inference Protocol


#: How each datatype lies in the binary form, for ``struct``.
_BINARY = {
    **{"BOOL": "?", "UINT8": "B", "UINT16": "H", "UINT32": "I", "UINT64": "Q"},
    **{"INT8": "b", "INT16": "h", "INT32": "i", "INT64": "q"},
    **{"FP16": "e", "FP32": "f", "FP64": "d"},
}


def asked_openly(body: bytes, header_length: str | None) -> tuple[Asked, str | None]:
    """Read an inference request of the Open Inference Protocol: one input for each column.

    Parameters
    ----------
    body : bytes
        JSON, and behind it the tensors that came in binary.
    header_length : str, optional
        Value of ``Inference-Header-Content-Length``: where the JSON ends.

    Returns
    -------
    Asked
        What is asked.
    str or None
        The request's own id.

    Raises
    ------
    UserError
        It is no such request.
    """
    example = '{"inputs": [{"name": "column", "shape": [1], "datatype": "FP64", "data": [1.5]}]}'
    end = len(body) if header_length is None else _whole(header_length, len(body))
    plain = _object(parsed_json(body[:end], example), example)
    inputs = plain.get("inputs")
    if not isinstance(inputs, list) or not all(isinstance(one, dict) for one in inputs):
        raise UserError(
            "serving.wrong_form", expected="an object with “inputs”, a list", got=_told(inputs)
        )
    columns: dict[str, list[Any]] = {}
    for one in inputs:
        name, cells, end = _tensor(one, body, end)
        columns[name] = cells
    identifier = plain.get("id")
    return _from_columns(columns), None if identifier is None else str(identifier)


def _tensor(one: Mapping[str, Any], body: bytes, start: int) -> tuple[str, list[Any], int]:
    """Return name, cells, and where the next binary tensor begins."""
    name, datatype = str(one.get("name", "")), one.get("datatype")
    if datatype not in (*_BINARY, "BYTES"):
        known = listing(["BYTES", *_BINARY])
        raise UserError("serving.no_such_type", column=name, got=_told(datatype), known=known)
    parameters = one.get("parameters") or {}
    size = parameters.get("binary_data_size") if isinstance(parameters, dict) else None
    if size is None:
        return name, _flat(one.get("data"), name), start
    end = start + _whole(size, len(body) - start)
    piece = body[start:end]
    return name, _texts(piece) if datatype == "BYTES" else _numbers(piece, _BINARY[datatype]), end


def _flat(data: Any, name: str) -> list[Any]:
    if not isinstance(data, list):
        raise UserError(
            "serving.wrong_form", expected=f"“data” of “{name}” as a list", got=_told(data)
        )
    if data and isinstance(data[0], list):
        return [cell for row in data for cell in (row if isinstance(row, list) else [row])]
    return data


def _numbers(piece: bytes, kind: str) -> list[Any]:
    width = struct.calcsize(f"<{kind}")
    if len(piece) % width:
        raise UserError("serving.cut_off")
    return [value for (value,) in struct.iter_unpack(f"<{kind}", piece)]


def _texts(piece: bytes) -> list[Any]:
    texts, place = [], 0
    while place < len(piece):
        if place + 4 > len(piece):
            raise UserError("serving.cut_off")
        (length,) = struct.unpack_from("<I", piece, place)
        text, place = piece[place + 4 : place + 4 + length], place + 4 + length
        if len(text) != length:
            raise UserError("serving.cut_off")
        texts.append(text.decode("utf-8", errors="replace"))
    return texts


def _whole(value: Any, most: int) -> int:
    """Return a length that was announced, if so many bytes came."""
    text = str(value)
    if not text.isdecimal() or len(text) > 12 or int(text) > most:
        raise UserError("serving.cut_off")
    return int(text)


# What all of them share


def _object(plain: Any, example: str) -> dict[str, Any]:
    if not isinstance(plain, dict):
        raise UserError(
            "serving.wrong_form", expected=f"an object such as {example}", got=_told(plain)
        )
    return plain


def _told(value: Any) -> str:
    """Return what came, short enough for a sentence."""
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        kind = "a list" if isinstance(value, list) else "an object"
        return f"{kind} of {len(value)}"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:40]}…"
