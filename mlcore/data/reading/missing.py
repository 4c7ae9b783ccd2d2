"""Words that stand for "no value", and spaces around values."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

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


def without_missing(table: pa.Table, marks: bool) -> tuple[pa.Table, dict[str, int], list[Message]]:
    """Remove spaces around values and replace the words for "no value" by null.

    Parameters
    ----------
    table : pyarrow.Table of large_string
        The cells as they stand in the file.
    marks : bool
        Whether :data:`MARKS` are such words.

    Returns
    -------
    table : pyarrow.Table
        Without them.
    missing : dict of str to int
        How often each word stood there, the most frequent first.
    said : list of Message
        What was done.
    """
    words = MISSING if marks else [word for word in MISSING if word not in MARKS]
    tokens = pa.array(words, _TEXT)
    columns: list[pa.ChunkedArray] = []
    found: Counter[str] = Counter()
    trimmed = 0
    for column in table.columns:
        bare = pc.utf8_trim_whitespace(column)
        trimmed += pc.sum(pc.not_equal(bare, column)).as_py() or 0
        absent = pc.is_in(bare, value_set=tokens)
        if pc.any(absent).as_py():
            for entry in pc.value_counts(bare.filter(absent)).to_pylist():
                found[entry["values"]] += entry["counts"]
            bare = pc.if_else(absent, pa.scalar(None, _TEXT), bare)
        columns.append(bare)
    said = [message("data.decision.trimmed", count=trimmed)] if trimmed else []
    if found:
        said.append(_missing_words(found))
    return pa.table(columns, names=table.column_names), dict(found.most_common()), said


def _missing_words(found: Counter[str]) -> Message:
    words = [
        f"“{token}” {count:,} times" if token else f"empty {count:,} times"
        for token, count in found.most_common()
    ]
    return message("data.decision.missing", count=found.total(), tokens=", ".join(words))
