"""Words that stand for "no value", and blanks around values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mlcore.data.cells import BLANKS
from mlcore.data.levels import Levels, for_each, levels_of
from mlcore.messages import Message, listing, message

#: Cells that are read as "no value", after spaces around them are removed. Capital letters count:
#: "NA" is missing, "Na" is sodium; "none" may well be a category. Words that count only beside
#: numbers and dates are in :mod:`mlcore.data.absence`.
MISSING: tuple[str, ...] = (
    "",
    *("NA", "na", "N/A", "n/a", "N.A.", "n.a.", "#N/A", "#NA", "<NA>", "N/D", "n/d", "S/D", "s/d"),
    *("NaN", "nan", "NAN", "-NaN", "-nan", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"),
    *("null", "NULL", "Null", "None", "NIL", "nil", "\\N", "(null)", "(NULL)", "[null]", "[NULL]"),
    *("?", "-", "--", "."),
    *(
        "k.A.",
        "k. A.",
        "Н/Д",
        "н/д",
        "缺失",
        "缺失值",
        "欠損",
        "欠損値",
        "欠測",
        "결측",
        "결측치",
        "결측값",
    ),
    *("#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!", "#CALC!", "#SPILL!"),
    *("#NV", "#WERT!", "#BEZUG!", "#ZAHL!", "#N/D", "#VALEUR!", "#NOM?", "#NOMBRE!", "#VALOR!"),
    *("#¡DIV/0!", "#¡VALOR!", "#¡REF!", "#¡NUM!", "#¿NOMBRE?", "#Н/Д", "#ЗНАЧ!", "#ССЫЛКА!"),
)

#: Those of them that somebody may also have written to say something, such as "I do not know".
MARKS: tuple[str, ...] = ("?", "-", "--", ".")

#: Among codes of two capital letters this may be one of them, such as Namibia.
_CODE = "NA"

#: Those that may be a group among others, such as patients without a treatment.
_GROUPS = (*MARKS, "None", "NIL", "nil")

#: A column of more different words does not hold groups.
_MOST_GROUPS = 20

_TEXT = pa.large_string()
_ALL_WORDS, _SOME_MARKS = pa.array(MISSING, _TEXT), pa.array(MARKS, _TEXT)

#: In so many columns it is said which words stood there.
_MOST_PLACES = 10


@dataclass(frozen=True, eq=False)
class Present:
    """A table without words for "no value".

    Parameters
    ----------
    levels : mapping of str to Levels
        Each column taken apart.
    missing : mapping of str to int
        How often each word stood there, the most frequent first.
    said : list of Message
        What was done.
    cautions : list of Message
        What may be a value after all.
    """

    levels: Mapping[str, Levels]
    missing: Mapping[str, int]
    said: list[Message]
    cautions: list[Message]


def without_missing(table: pa.Table, marks: bool) -> Present:
    """Remove blanks around values and replace the words for "no value" by null.

    Parameters
    ----------
    table : pyarrow.Table of large_string, or of dictionaries of text
        The cells as they stand in the file.
    marks : bool
        Whether :data:`MARKS` are such words.
    """
    levels: dict[str, Levels] = {}
    found: dict[str, Counter[str]] = {}
    trimmed, signs, doubted = 0, list[str](), dict[tuple[str, str], int]()
    apart = for_each(partial(levels_of, words=_ALL_WORDS), table.columns)
    for name, written in zip(table.column_names, apart, strict=True):
        levels[name] = written
        if written.are_numbers:
            continue
        bare = _trimmed(written.values)
        padded, absent = pc.not_equal(bare, written.values), pc.is_in(bare, value_set=_ALL_WORDS)
        trimmed += written.rows_where(padded)
        if pc.any(absent).as_py():
            others = bare.filter(pc.invert(absent))
            are_signs, doubt = _all_match(others, _SIGNS), _doubt(bare, absent, written.counts)
            kept = [] if marks and not are_signs else [*MARKS, *([] if marks else doubt)]
            absent = pc.and_not(absent, pc.is_in(bare, value_set=pa.array(kept, _TEXT)))
            words = found[name] = Counter[str]()
            for place in np.flatnonzero(absent).tolist():
                words[bare[place].as_py()] += int(written.counts[place])
            if marks and are_signs and pc.any(pc.is_in(bare, value_set=_SOME_MARKS)).as_py():
                signs.append(name)
            doubted |= {(name, word): words[word] for word in doubt if words[word]}
        if pc.any(padded).as_py():
            levels[name] = written.renamed(pc.if_else(absent, pa.scalar(None, _TEXT), bare))
        elif pc.any(absent).as_py():
            levels[name] = written.without(absent.to_numpy(zero_copy_only=False))
    said = [message("data.decision.trimmed", count=trimmed)] if trimmed else []
    missing = sum(found.values(), Counter[str]())
    if missing:
        said.append(_missing_words(missing))
    said += _places(found)
    if signs:
        said.append(message("data.decision.signs_kept", columns=listing(signs)))
    in_doubt = Counter[str]()
    for (_, word), count in doubted.items():
        in_doubt[word] += count
    # Where the word stands in other columns too, it is the file's word for "no value".
    cautions = [
        message("data.caution.missing_code", name=name, word=word, count=count)
        for (name, word), count in doubted.items()
        if missing[word] == in_doubt[word]
    ]
    return Present(levels, dict(missing.most_common()), said, cautions)


def _trimmed(values: pa.Array) -> pa.Array:
    bare = pc.utf8_trim_whitespace(values)
    return bare if pc.all(pc.string_is_ascii(bare)).as_py() else pc.utf8_trim(bare, BLANKS)


def _doubt(bare: pa.Array, absent: pa.Array, counts: npt.NDArray[np.int64]) -> list[str]:
    """Return words of a column that may be values: a code among codes, a group among groups."""
    is_absent = absent.to_numpy(zero_copy_only=False)
    others, usual = bare.filter(pc.invert(absent)), counts[~is_absent]
    codes = [_CODE] if _all_match(others, "[A-Z]{2}") else []
    if not 0 < len(others) <= _MOST_GROUPS or usual.sum() < 2 * len(others):
        return codes
    frequent = bare.filter(pa.array(is_absent & (2 * counts >= usual.mean())))
    found = [word for word in _GROUPS if word in frequent.to_pylist()]
    return [*codes, *found] if found and _all_match(others, r"\P{N}+") else codes


#: Neither letters nor digits.
_SIGNS = r"[^\p{L}\p{N}]+"


def _all_match(values: pa.Array, pattern: str) -> bool:
    """Return whether there are values and all match a pattern."""
    if not len(values):
        return False
    return bool(pc.all(pc.match_substring_regex(values, f"^(?:{pattern})$")).as_py())


def _places(found: Mapping[str, Counter[str]]) -> list[Message]:
    """Return in which columns words stood, cells that were just empty not counted."""
    columns = [
        f"{name} ({', '.join(f'“{word}” {words[word]:,} times' for word in words if word)})"
        for name, words in found.items()
        if any(words)
    ]
    if not columns:
        return []
    shown, more = columns[:_MOST_PLACES], len(columns) - _MOST_PLACES
    rest = f" and {more} more" if more > 0 else ""
    return [message("data.decision.missing_columns", columns=", ".join(shown) + rest)]


def _missing_words(found: Counter[str]) -> Message:
    words = [
        f"“{token}” {count:,} times" if token else f"empty {count:,} times"
        for token, count in found.most_common()
    ]
    return message("data.decision.missing", count=found.total(), tokens=", ".join(words))
