"""Read the user's file with pandas, into the very table that the run had.

The plainest call that gives the same values is looked for, column by column, by trying it: what a
script says of a file has been seen to be true of that file.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from mlcore.codegen.expression import Node, Writer, assignment, call, listed, mapped, quoted
from mlcore.codegen.recipe_code import recipe_code
from mlcore.data.dataset import Dataset
from mlcore.data.plain_file import as_csv, name_as_read
from mlcore.data.reading import Reading, ReadingOptions, read_table
from mlcore.data.recipe.recipe import kinds_of
from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError

#: What pandas reads as "no value" without being told.
_KNOWN_MISSING = frozenset(
    ("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
     "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null")
)  # fmt: skip

#: How packed files begin that are read here; pandas would go by the name alone.
_PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04")

#: Ways to write dates that are tried where pandas does not see one itself.
_DATE_FORMATS = (
    "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%m.%d.%Y", "%Y/%m/%d", "%Y%m%d",
    "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y",
    "%d-%b-%Y", "%d-%b-%y", "%Y-%m", "%Y/%m", "%d.%m.%Y %H:%M", "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p", "%H:%M", "%H:%M:%S",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Source:
    """The file that a table came from.

    Parameters
    ----------
    file_name : str
        Its name, as the user knows it.
    content : bytes
        What is in it.
    reading : Reading
        How the workbench read it.
    is_as_read : bool, default False
        Whether this is not the file that came, but the table as it was read, downloaded.
    before : Dataset, optional
        What the workbench made of the file before the user's own steps, where there are some.
    """

    file_name: str
    content: bytes
    reading: Reading
    is_as_read: bool = False
    before: Dataset | None = None

    def as_read(self, dataset: Dataset) -> Source:
        """Return the file of the table as it was read, which the Data page offers."""
        options = ReadingOptions(
            encoding="utf-8", delimiter=",", quote='"', header=True, skip=0, decimal="."
        )
        reading = replace(self.reading, options=options, repairs=(), repair_counts={}, missing={})
        return Source(
            file_name=name_as_read(self.file_name),
            content=as_csv((self.before or dataset).frame),
            reading=reading,
            is_as_read=True,
            before=self.before,
        )


@dataclass(frozen=True)
class _Repair:
    """One way to make a column right: code with a place for the column, and what it does."""

    code: Callable[[str, Writer], str]
    apply: Callable[[Any], Any]


@dataclass
class _Options:
    """What the call of ``read_csv`` says beyond its defaults."""

    plain: dict[str, Any] = field(default_factory=dict)
    dtype: dict[str, str] = field(default_factory=dict)
    dates: dict[str, str | None] = field(default_factory=dict)
    repairs: dict[str, _Repair] = field(default_factory=dict)


def loading_code(source: Source, dataset: Dataset, columns: Sequence[str], writer: Writer) -> str:
    """Return the code that reads a file as ``table`` and does the user's own steps to it.

    Parameters
    ----------
    source : Source
        The file.
    dataset : Dataset
        What the workbench and its user made of it.
    columns : sequence of str
        Those that the script uses; the others may come out as they like.
    writer : Writer
        Collects the imports.

    Raises
    ------
    UserError
        ``registry.script.file`` or ``registry.script.column``: no short call of pandas reads the
        file, or gives the values of some column.
    """
    if dataset.recipe and source.before is not None:
        kinds = kinds_of(source.before.schema)
        recipe, needed = dataset.recipe.for_table(columns, kinds)
        asked = [name for name in kinds if name in needed]
        loaded = _loading_code(source, source.before, asked, writer)
        return "\n".join([loaded, *filter(None, [recipe_code(recipe, kinds, writer)])])
    return _loading_code(source, dataset, columns, writer)


def _loading_code(source: Source, dataset: Dataset, columns: Sequence[str], writer: Writer) -> str:
    if source.reading.options.delimiter is None or source.content.startswith(_PACKED):
        raise UserError("registry.script.file", file=source.file_name)
    options = _Options(plain=_plain_options(source, dataset, columns))
    expected = dataset.frame
    first = _read(source, options.plain)
    texts = _read(source, {**options.plain, "dtype": "str"})
    for name in columns:
        kind = dataset.schema[name].kind
        if name not in first or not _settle(
            options, kind, expected[name], first[name], texts[name]
        ):
            raise UserError("registry.script.column", file=source.file_name, column=name)
    return _code(source, options, writer)


def _read(source: Source, options: Mapping[str, Any]) -> pd.DataFrame:
    try:
        table: pd.DataFrame = pd.read_csv(io.BytesIO(source.content), **options)
        return table
    except (ValueError, TypeError) as error:
        raise UserError("registry.script.file", file=source.file_name) from error


def _plain_options(source: Source, dataset: Dataset, columns: Sequence[str]) -> dict[str, Any]:
    reading = source.reading
    read = reading.options
    titles = _lines_before(source)
    usual = {"sep": ",", "decimal": ".", "encoding": "utf-8", "quotechar": '"'}
    said = {
        "sep": read.delimiter,
        "decimal": read.decimal,
        "encoding": read.encoding,
        "quotechar": reading.quote,
    }
    options: dict[str, Any] = {name: said[name] for name in said if said[name] != usual[name]}
    if len(mark := read.delimiter or "") > 1:
        options |= {"sep": re.escape(mark), "engine": "python"}
    if titles:
        options["skiprows"] = titles
    if any(code.endswith("too_many") for code in reading.repair_counts):
        width = reading.n_columns
        options |= {"engine": "python", "on_bad_lines": lambda fields: fields[:width]}
    more = [word for word in reading.missing if word not in _KNOWN_MISSING]
    if more:
        options["na_values"] = more
    if not read.header:
        options["header"] = None
    names = list(dataset.frame.columns)
    if source.is_as_read:
        # Written so that nothing is left to guess: text such as "NA" is text.
        options |= {"keep_default_na": False, "na_values": [""]}
    if list(map(str, _read(source, {**options, "nrows": 1}).columns)) != names:
        options |= {"names": names, "header": 0 if read.header else None}
    return options


def _lines_before(source: Source) -> int:
    read = source.reading.options
    if read.skip is None:
        # The reading is older than this option.
        read = read_table(source.content, read).reading.options
    return read.skip or 0


def _settle(
    options: _Options, kind: ColumnKind, expected: pd.Series, first: pd.Series, text: pd.Series
) -> bool:
    """Try one way after the other to get a column; note the one that does, if there is any.

    ``first`` is the column as pandas reads it without being told, ``text`` as text.
    """
    name = str(expected.name)
    if _same(first, expected):
        return True
    if kind is ColumnKind.NUMBER and first.dtype.kind in "iu":
        options.dtype[name] = "float64"
        return _same(first.astype("float64"), expected)
    if kind is ColumnKind.DATETIME:
        for form in ("ISO8601", *_DATE_FORMATS):
            if _same(_dates(text, form), expected):
                # Pandas sees by itself that dates are written so, if all are alike.
                is_seen = form == "ISO8601" and _same(_dates(text, None), expected)
                options.dates[name] = None if is_seen else form
                return True
    options.dtype[name] = "str"
    if kind not in _REPAIRS and _same(text, expected):
        return True
    for repair in _REPAIRS.get(kind, _TEXT_REPAIRS):
        if _same(repair.apply(text), expected):
            options.repairs[name] = repair
            return True
    return False


def _same(got: Any, expected: pd.Series) -> bool:
    """Return whether a column has the very values, in the very type."""
    if got is None or got.dtype.kind != expected.dtype.kind or len(got) != len(expected):
        return False
    if expected.dtype.kind == "O" and str(got.dtype) != str(expected.dtype):
        return False
    return bool(got.reset_index(drop=True).equals(expected.astype(got.dtype)))


def _as_float(column: pd.Series) -> Any:
    return column.astype("float64") if column.dtype.kind in "iu" else column


def _dates(text: pd.Series, form: str | None, **options: Any) -> Any:
    """Return a column as dates, or ``None`` where pandas refuses or has to guess."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return pd.to_datetime(text, format=form, **options)
        except (ValueError, TypeError, UserWarning):
            return None


# What can be done with text that pandas does not read by itself


def _number_repair(grouping: str, decimal: str) -> _Repair:
    def code(column: str, writer: Writer) -> str:
        text = column
        if grouping:
            alone = len(grouping) == 1
            marks = quoted(grouping if alone else f"[{grouping}]")
            text += f'.str.replace({marks}, ""{"" if alone else ", regex=True"})'
        if decimal == ",":
            text += '.str.replace(",", ".")'
        pandas = writer.module("pandas")
        return f'{pandas}.to_numeric({text}, errors="coerce")'

    def apply(text: pd.Series) -> Any:
        plain = text.str.replace(f"[{grouping}]", "", regex=True) if grouping else text
        point = plain.str.replace(",", ".") if decimal == "," else plain
        return _as_float(pd.to_numeric(point, errors="coerce"))

    return _Repair(code, apply)


def _date_repair(form: str, utc: bool) -> _Repair:
    def code(column: str, writer: Writer) -> str:
        options = f"format={quoted(form)}, " + ("utc=True, " if utc else "") + 'errors="coerce"'
        pandas = writer.module("pandas")
        return f"{pandas}.to_datetime({column}, {options})" + (
            ".dt.tz_localize(None)" if utc else ""
        )

    def apply(text: pd.Series) -> Any:
        read = _dates(text, form, utc=utc, errors="coerce")
        return read.dt.tz_localize(None) if utc and read is not None else read

    return _Repair(code, apply)


_STRIP = _Repair(lambda column, writer: f"{column}.str.strip()", lambda text: text.str.strip())
_TEXT_REPAIRS = (_STRIP,)
_REPAIRS: Mapping[ColumnKind, tuple[_Repair, ...]] = {
    ColumnKind.NUMBER: tuple(
        _number_repair(grouping, decimal)
        for decimal in (".", ",")
        for grouping in ("", "," if decimal == "." else ".", "\\s'’", ",\\s'’+")
    ),
    ColumnKind.DATETIME: (
        *(_date_repair(form, False) for form in ("ISO8601", *_DATE_FORMATS)),
        _date_repair("ISO8601", True),
    ),
}


# Writing it down


def _code(source: Source, options: _Options, writer: Writer) -> str:
    named: dict[str, Node] = {}
    for name, value in options.plain.items():
        named[name] = _option(name, value, source)
    if options.dtype:
        named["dtype"] = mapped({name: quoted(kind) for name, kind in options.dtype.items()})
    if options.dates:
        named["parse_dates"] = listed(map(quoted, options.dates))
        forms = {name: quoted(form) for name, form in options.dates.items() if form}
        if forms:
            named["date_format"] = mapped(dict(forms))
    pandas = writer.module("pandas")
    reading = call(f"{pandas}.read_csv", quoted(source.file_name), **named)
    lines = [assignment("table", reading)]
    for name, repair in options.repairs.items():
        column = f"table[{quoted(name)}]"
        lines.append(assignment(column, repair.code(column, writer)))
    return "\n".join(lines)


def _option(name: str, value: Any, source: Source) -> Node:
    if name == "on_bad_lines":
        return f"lambda fields: fields[:{source.reading.n_columns}]"
    return Writer().value(value)
