"""Parquet files, and JSON that is a table: a record a line, or a list of records."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mlcore.data.reading.grid import MOST_CELLS, TEXT, Grid
from mlcore.data.reading.options import ReadingOptions
from mlcore.data.reading.repairs import RepairLog
from mlcore.errors import UserError
from mlcore.messages import listing, message

_PARQUET = b"PAR1"
_RECORD = re.compile(r"\s*\{\s*\"[^\"\r\n]{0,500}\"\s*:")
_LIST = re.compile(r"\s*\[\s*\{\s*\"")
_DOCUMENT = re.compile(r"\s*(?:\{\s*(?:\"[^\"\r\n]{0,500}\"\s*:|\})|\[\s*[\[{])")
_CHUNK_ROWS = 20_000
_MOST_COLUMNS = 10_000
#: Records within records are taken apart down to here.
_DEEPEST = 8

#: Fractions of seconds that are all zeros, as they stand behind times without any.
_NO_FRACTION = r"\.0+(Z?)$"

#: Digits behind the point of a second, in the units in which durations are kept.
_FRACTION_DIGITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}


def is_parquet(content: bytes) -> bool:
    """Return whether a file is a Parquet file."""
    return content.startswith(_PARQUET)


def read_parquet(content: bytes) -> Grid:
    """Return a Parquet file as a table of text.

    Raises
    ------
    UserError
        The file is damaged, too large, or all its columns hold lists, records or bytes.
    """
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        rows, columns = file.metadata.num_rows, len(file.schema_arrow)
        if rows * columns > MOST_CELLS:
            raise UserError("data.table_large", rows=rows, columns=columns, most=MOST_CELLS)
        nested = [place for place, one in enumerate(file.schema_arrow) if _is_nested(one.type)]
        kept = [place for place in range(columns) if place not in nested]
        left_out = listing([file.schema_arrow.names[place] for place in nested], most=8)
        if not kept:
            raise UserError("data.parquet_nested", columns=left_out)
        parts = [_as_text(part.select(kept)) for part in file.iter_batches(_CHUNK_ROWS)]
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UserError("data.parquet_damaged") from error
    schema = pa.schema([(str(place), TEXT) for place in range(len(kept))])
    return Grid(
        header=[file.schema_arrow.names[place] for place in kept],
        columns=pa.Table.from_batches(parts, schema),
        options=ReadingOptions(decimal="."),
        decisions=(message("data.decision.parquet", rows=rows, columns=columns),),
        cautions=(message("data.caution.nested", columns=left_out),) if nested else (),
    )


def _is_nested(kind: pa.DataType) -> bool:
    types = pa.types
    if types.is_dictionary(kind):
        kind = kind.value_type
    return bool(types.is_nested(kind) or _is_bytes(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind)
    )


def _as_text(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [_column_text(column) for column in batch.columns]
    return pa.record_batch(columns, names=[str(place) for place in range(len(columns))])


def _column_text(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_float16(kind):
        column = column.cast(pa.float32())
    text = _durations(column) if pa.types.is_duration(kind) else column.cast(TEXT)
    if pa.types.is_timestamp(kind) or pa.types.is_time(kind):
        text = pc.replace_substring_regex(text, _NO_FRACTION, r"\1")
    # A missing value is written as an empty cell is.
    return pc.fill_null(text, "")


def _durations(column: pa.Array) -> pa.Array:
    """Write durations as hours, minutes and seconds: 30 hours are 30:00:00."""
    digits = _FRACTION_DIGITS[column.type.unit]
    signed = column.cast(pa.int64())
    seconds, fraction = _divided(pc.abs(signed), 10**digits)
    minutes, seconds = _divided(seconds, 60)
    hours, minutes = _divided(minutes, 60)
    sign = pc.if_else(pc.less(signed, 0), "-", "")
    clock = pc.binary_join_element_wise(_padded(hours, 1), _padded(minutes), _padded(seconds), ":")
    parts = [sign, clock]
    if digits:
        written = pc.binary_join_element_wise(".", _padded(fraction, digits), "")
        parts.append(pc.utf8_rtrim(written, "0."))
    return pc.binary_join_element_wise(*parts, "").cast(TEXT)


def _divided(values: pa.Array, by: int) -> tuple[pa.Array, pa.Array]:
    whole = pc.divide(values, by)
    return whole, pc.subtract(values, pc.multiply(whole, by))


def _padded(values: pa.Array, width: int = 2) -> pa.Array:
    return pc.utf8_lpad(values.cast(pa.string()), width, "0")


# JSON


def json_form(head: str) -> str | None:
    """Return ``"lines"`` or ``"list"`` when a text is JSON that may be a table, else ``None``.

    Parameters
    ----------
    head : str
        The text's beginning.

    Raises
    ------
    UserError
        It is JSON of another form.
    """
    if _LIST.match(head):
        return "list"
    first = head.lstrip().split("\n", 1)[0].rstrip()
    if _RECORD.match(head) and (first.endswith("}") or first == head.strip()):
        return "lines"
    if _DOCUMENT.match(head) or _is_array(first):
        raise UserError("data.json_document")
    return None


def _is_array(line: str) -> bool:
    return line.startswith("[") and line.endswith("]") and isinstance(_decoded(line), list)


def read_json(text: str, form: str, log: RepairLog) -> Grid:
    """Return JSON records as a table of text; numbers keep their characters.

    Parameters
    ----------
    text : str
        The file.
    form : str
        As :func:`json_form` says.
    log : RepairLog
        Takes lines that are no records.

    Raises
    ------
    UserError
        The records hold nothing but lists of records, repeat a name, or are no JSON.
    """
    gathered = _Records()
    for record in _of_lines(text, log) if form == "lines" else _of_list(text):
        gathered.add(record)
    table, left_out = gathered.table(), gathered.left_out
    if form == "lines" and table.num_rows == 1 and gathered.is_nested:
        # One record of lists or records is a document, such as a table written by columns.
        raise UserError("data.json_document")
    if not table.num_columns:
        raise UserError("data.json_document" if left_out else "data.json_broken")
    lost = log.counts["data.repair.no_record"]
    cautions = []
    if lost:
        cautions.append(message("data.caution.no_record", count=lost, rows=table.num_rows))
    if left_out:
        cautions.append(message("data.caution.nested", columns=listing(left_out, most=8)))
    return Grid(
        header=list(gathered.names),
        columns=table,
        options=ReadingOptions(decimal="."),
        decisions=(
            message(f"data.decision.json_{form}", rows=table.num_rows, columns=len(gathered.names)),
            *gathered.said(),
        ),
        cautions=tuple(cautions),
    )


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        raise UserError(
            "data.json_repeats", name=next(name for name in names if names.count(name) > 1)
        )
    return record


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_int=str, parse_float=str, parse_constant=str
)


def _of_lines(text: str, log: RepairLog) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(text.split("\n"), start=1):
        bare = line.strip()
        if not bare:
            continue
        record = _decoded(bare)
        if isinstance(record, dict):
            yield record
        else:
            log.add(number, line.rstrip("\r"), "", "no_record")


def _of_list(text: str) -> Iterator[dict[str, Any]]:
    records = _decoded(text.strip())
    if not isinstance(records, list):
        raise UserError("data.json_broken")
    for place, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise UserError("data.json_mixed", place=place)
        yield record


def _decoded(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except RecursionError as error:
        raise UserError("data.json_document") from error
    except ValueError:
        return None


class _Records:
    """Gathers records as columns of text; a name that comes late is missing before."""

    def __init__(self) -> None:
        self.names: dict[str, None] = {}
        self._rows: list[dict[str, Any]] = []
        self._parts: list[pa.Table] = []
        self._n_rows, self._lacking = 0, 0
        self._nested = dict[str, None]()
        self._lists = dict[str, None]()
        self._left_out = dict[str, None]()

    def add(self, record: dict[str, Any]) -> None:
        """Take one more."""
        self._n_rows += 1
        if any(isinstance(value, dict | list) for value in record.values()):
            record = _pairs(list(self._flat(record, "", _DEEPEST)))
        if record.keys() != self.names.keys():
            before = len(self.names)
            self.names.update(dict.fromkeys(record))
            if len(self.names) > _MOST_COLUMNS:
                raise UserError(
                    "data.too_many_columns", columns=len(self.names), most=_MOST_COLUMNS
                )
            self._lacking += len(record) < len(self.names) or (before > 0 and self._n_rows > 1)
        self._rows.append(record)
        if len(self._rows) == _CHUNK_ROWS:
            self._close_part()

    def _flat(self, record: dict[str, Any], above: str, deeper: int) -> Iterator[tuple[str, Any]]:
        """Yield names and values of a record, and of those in it with both names."""
        for name, value in record.items():
            name = above + name
            if (isinstance(value, dict) and not deeper) or _holds_more(value):
                self._left_out[name] = None
            elif isinstance(value, dict):
                self._nested[name] = None
                yield from self._flat(value, f"{name}.", deeper - 1)
            elif isinstance(value, list):
                self._lists[name] = None
                yield name, ", ".join(map(_text, value))
            else:
                yield name, value

    def table(self) -> pa.Table:
        """Return what was gathered."""
        self._close_part()
        names = [str(place) for place in range(len(self.names))]
        schema = pa.schema([(name, TEXT) for name in names])
        empty = pa.table([pa.array([], TEXT) for _ in names], schema=schema)
        whole = pa.concat_tables([empty, *self._parts], promote_options="default")
        return pa.table([pc.fill_null(column, "") for column in whole.columns], schema=schema)

    @property
    def is_nested(self) -> bool:
        """Whether any record holds a list or a record."""
        return bool(self._nested or self._lists or self._left_out)

    @property
    def left_out(self) -> list[str]:
        """What no cell can hold: lists of records, and what nests too deep."""
        return list(self._left_out)

    def said(self) -> Iterable[Any]:
        """Return what should be known of them."""
        if self._lacking:
            yield message("data.decision.json_lacking", count=self._lacking)
        if self._nested:
            yield message("data.decision.json_nested", names=listing(list(self._nested), most=8))
        if self._lists:
            yield message("data.decision.json_lists", names=listing(list(self._lists), most=8))

    def _close_part(self) -> None:
        places = dict(zip(self.names, map(str, range(len(self.names))), strict=True))
        columns = {
            place: pa.array([_text(row.get(name)) for row in self._rows], TEXT)
            for name, place in places.items()
        }
        self._parts.append(pa.table(columns))
        self._rows = []


def _holds_more(value: Any) -> bool:
    """Return whether a value is a list of records or lists."""
    return isinstance(value, list) and any(isinstance(one, dict | list) for one in value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return ""
