"""Words that stand for "no value", and spaces around values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlcore.data.levels import Levels, levels_of
from mlcore.messages import Message, message

#: Cells that are read as "no value", after spaces around them are removed. Capital letters count:
#: "NA" is missing, "Na" is sodium; "none" may well be a category.
MISSING: tuple[str, ...] = (
    "",
    *("NA", "na", "N/A", "n/a", "#N/A", "#NA", "<NA>"),
    *("NaN", "nan", "NAN", "-NaN", "-nan"),
    *("null", "NULL", "Null", "None", "NIL", "nil", "\\N"),
    *("?", "-", "--", "."),
    *("#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!"),
)

#: Those of them that somebody may also have written to say something, such as "I do not know".
MARKS: tuple[str, ...] = ("?", "-", "--", ".")

_TEXT = pa.large_string()


@dataclass(frozen=True, eq=False)
class Present:
    """A table without words for "no value".

    Parameters
    ----------
    table : pyarrow.Table
        The cells, null where there is no value.
    levels : mapping of str to Levels
        Each column's different values, which took most of the time to find.
    missing : mapping of str to int
        How often each word stood there, the most frequent first.
    said : list of Message
        What was done.
    """

    table: pa.Table
    levels: Mapping[str, Levels]
    missing: Mapping[str, int]
    said: list[Message]


def without_missing(table: pa.Table, marks: bool) -> Present:
    """Remove spaces around values and replace the words for "no value" by null.

    Parameters
    ----------
    table : pyarrow.Table of large_string
        The cells as they stand in the file.
    marks : bool
        Whether :data:`MARKS` are such words.
    """
    words = MISSING if marks else [word for word in MISSING if word not in MARKS]
    tokens = pa.array(words, _TEXT)
    columns: list[pa.ChunkedArray] = []
    levels: dict[str, Levels] = {}
    found: Counter[str] = Counter()
    trimmed = 0
    for name, column in zip(table.column_names, table.columns, strict=True):
        written = levels_of(column)
        bare = pc.utf8_trim_whitespace(written.values)
        padded, absent = pc.not_equal(bare, written.values), pc.is_in(bare, value_set=tokens)
        trimmed += written.rows_where(padded)
        for place in np.flatnonzero(absent).tolist():
            found[bare[place].as_py()] += int(written.counts[place])
        levels[name] = written
        if pc.any(padded).as_py() or pc.any(absent).as_py():
            levels[name] = written.renamed(pc.if_else(absent, pa.scalar(None, _TEXT), bare))
            column = levels[name].column()
        columns.append(column)
    said = [message("data.decision.trimmed", count=trimmed)] if trimmed else []
    if found:
        said.append(_missing_words(found))
    kept = pa.table(columns, names=table.column_names)
    return Present(kept, levels, dict(found.most_common()), said)


def _missing_words(found: Counter[str]) -> Message:
    words = [
        f"“{token}” {count:,} times" if token else f"empty {count:,} times"
        for token, count in found.most_common()
    ]
    return message("data.decision.missing", count=found.total(), tokens=", ".join(words))
