"""The different values of a text column, so that each is looked at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_Column = TypeVar("_Column")
_Made = TypeVar("_Made")

_TEXT = pa.large_string()
_NO_WORDS = pa.array([""], _TEXT)

#: An odd number without a pattern in its bits, and the longest texts, in bytes, for hashes.
_MIX = np.uint64(0x9E3779B97F4A7C15)
_LONGEST_HASHED = 63

#: Numbers that span so many times as much as there are rows are close together.
_MOST_STEPS = 4

#: So many values tell whether a column can hold numbers or dates at all.
_PROBE = 1000


@dataclass(frozen=True, eq=False)
class Levels:
    """A text column taken apart.

    Parameters
    ----------
    values : pyarrow array of shape (n_distinct,)
        The different values, in order of first appearance.
    codes : array of shape (n_rows,)
        For each row the place of its value in ``values``; -1 for missing.
    counts : array of shape (n_distinct,)
        How often each value stands.
    numbers : array of shape (n_distinct,), optional
        The number of each value, NaN for none, where the values were told apart by their numbers:
        no two are the same.
    """

    values: Any
    codes: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    numbers: npt.NDArray[np.float64] | None = None

    @property
    def are_numbers(self) -> bool:
        """Whether all values are numbers as programs write them: digits, point, sign and E."""
        return self.numbers is not None and not np.isnan(self.numbers).any()

    @property
    def n_present(self) -> int:
        """Number of rows with a value."""
        return int(self.counts.sum())

    @property
    def n_missing(self) -> int:
        """Number of rows without a value."""
        return len(self.codes) - self.n_present

    def rows_where(self, mask: Any) -> int:
        """Return in how many rows a value stands for which ``mask`` holds."""
        return int(self.counts[np.asarray(mask, dtype=bool)].sum())

    def matching(self, pattern: str) -> npt.NDArray[np.bool_]:
        """Return for each value whether it matches a pattern (RE2 syntax) as a whole."""
        found = pc.match_substring_regex(self.values, f"^(?:{pattern})$")
        return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)

    @cached_property
    def probe(self) -> Levels:
        """Some of the values, evenly spread, and those of some rows; all where there are few."""
        if len(self.values) <= _PROBE:
            return self
        few = _PROBE // 10
        of_rows = self.codes[np.linspace(0, len(self.codes) - 1, few).astype(np.int64)]
        spread = np.linspace(0, len(self.values) - 1, _PROBE - few).astype(np.int64)
        places = np.union1d(spread, of_rows[of_rows >= 0])
        return Levels(self.values.take(places), np.array([], np.int64), self.counts[places])

    def may_match(self, pattern: str) -> bool:
        """Return whether a pattern matches any of the :attr:`probe`, as a whole."""
        return bool(self.probe.matching(pattern).any())

    def spread(self, values: npt.NDArray[Any], missing: Any) -> npt.NDArray[Any]:
        """Return for each row the entry of ``values`` that belongs to it."""
        return np.append(values, np.array([missing], dtype=values.dtype))[self.codes]

    def without(self, mask: npt.NDArray[np.bool_]) -> Levels:
        """Return the levels after the values for which ``mask`` holds became missing."""
        kept = ~mask
        places = np.where(kept, np.cumsum(kept) - 1, -1)
        return Levels(
            self.values.filter(pa.array(kept)),
            self.spread(places, -1),
            self.counts[kept],
            None if self.numbers is None else self.numbers[kept],
        )

    def renamed(self, values: Any) -> Levels:
        """Return the levels after each value became another one, or null for missing."""
        encoded = values.dictionary_encode()
        places = _codes(encoded)
        counts = np.zeros(len(encoded.dictionary), dtype=np.int64)
        np.add.at(counts, places[places >= 0], self.counts[places >= 0])
        return Levels(encoded.dictionary, np.append(places, -1)[self.codes], counts)

    def column(self) -> Any:
        """Return the column as an Arrow array of text, null for missing."""
        if np.array_equal(self.codes, np.arange(len(self.values))):
            return self.values
        missing = self.codes < 0 if self.n_missing else None
        return self.values.take(pa.array(self.codes, mask=missing))

    def series(self, name: str, index: pd.Index) -> pd.Series:
        """Return the column as a series of text, NaN for missing."""
        return pd.Series(self.column(), index=index, name=name, dtype="str", copy=False)


def levels_of(text: pd.Series | pa.ChunkedArray, words: Any = _NO_WORDS) -> Levels:
    """Return the different values of a text column.

    Parameters
    ----------
    text : Series or chunked array of text
        The column.
    words : pyarrow array of text
        What may stand among numbers for "no value".
    """
    if isinstance(text, pd.Series):
        text = pa.chunked_array(pa.array(text, type=_TEXT, from_pandas=True))
    if not pa.types.is_dictionary(text.type):
        text = text.cast(_TEXT).combine_chunks()
        if (different := _mostly_different(text, words)) is not None:
            return different
        text = pa.chunked_array([text])
    # All chunks get the same dictionary; those of a column that has one already are as they are.
    encoded = text.dictionary_encode().chunks
    if not encoded:
        return _levels(pa.array([], _TEXT), np.array([], dtype=np.int64))
    values = encoded[-1].dictionary.cast(_TEXT)
    return _levels(values, np.concatenate([_codes(part) for part in encoded]))


def _mostly_different(text: Any, words: Any) -> Levels | None:
    """Return the levels of a column that hardly repeats, in less time than by looking texts up.

    ``None`` where many values repeat, or where different texts have the same number or hash.
    """
    places = np.linspace(0, len(text) - 1, min(len(text), _PROBE)).astype(np.int64)
    if text.null_count or 2 * pc.count_distinct(text.take(places)).as_py() < len(places):
        return None
    numbers = as_numbers(text, words)
    keys = _hashes(text) if numbers is None else numbers
    if keys is None:
        return None
    rows = np.arange(len(text))
    firsts = _first_rows(keys)
    is_first = firsts == rows
    if is_first.all():
        return Levels(text, rows, np.ones(len(rows), dtype=np.int64), numbers)
    again = pa.array(rows[~is_first])
    if not text.take(again).equals(text.take(pa.array(firsts[~is_first]))):
        return None
    codes = (np.cumsum(is_first) - 1)[firsts]
    values = text.filter(pa.array(is_first))
    return Levels(values, codes, np.bincount(codes), None if numbers is None else numbers[is_first])


def _first_rows(keys: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Return for each row the first one with the same key."""
    rows = np.arange(len(keys))
    codes = _close_together(keys)
    if codes is None:
        # Repeats among a few rows save looking for them among all.
        some = keys[: len(keys) // 8]
        if len(pd.unique(some)) == len(some) and len(pd.unique(keys)) == len(keys):
            return rows
        codes, _ = pd.factorize(keys, use_na_sentinel=False)
    first = np.empty(codes.max() + 1, dtype=np.int64)
    first[codes[::-1]] = rows[::-1]
    return first[codes]


def _close_together(keys: npt.NDArray[Any]) -> npt.NDArray[np.int64] | None:
    """Return whole numbers as steps from the least, where those are about as many as the rows."""
    if keys.dtype != np.float64 or not len(keys) or not _are_whole(keys[:_PROBE]):
        return None
    with np.errstate(over="ignore"):  # numbers at both ends of what there is
        steps: npt.NDArray[np.float64] = keys - keys.min()
    if not steps.max() < _MOST_STEPS * len(keys) or not _are_whole(keys):
        return None
    return steps.astype(np.int64)


def _are_whole(numbers: npt.NDArray[np.float64]) -> bool:
    return bool((numbers == np.floor(numbers)).all())


def _hashes(text: Any) -> npt.NDArray[np.uint64] | None:
    """Return a hash of each text; ``None`` where some are long."""
    longest = pc.max(pc.binary_length(text)).as_py() or 0
    if longest > _LONGEST_HASHED:
        return None
    width = longest // 8 + 1
    padded = pc.ascii_rpad(text, 8 * width, padding="\0").buffers()[2]
    parts = np.frombuffer(padded, np.uint64, len(text) * width).reshape(-1, width)
    hashes = np.zeros(len(text), np.uint64)
    for part in parts.T:
        hashes = (hashes ^ part) * _MIX
        hashes ^= hashes >> np.uint64(32)
    return hashes


def as_numbers(text: Any, words: Any = None) -> npt.NDArray[np.float64] | None:
    """Return texts as numbers if all are written as programs write them; else ``None``.

    Parameters
    ----------
    text : pyarrow array or chunked array of text
        The cells.
    words : pyarrow array of text, optional
        What may stand among them, and becomes NaN.
    """
    numbers = _cast(text)
    if numbers is not None and np.isfinite(numbers).all():
        return numbers
    if words is None:
        return None
    absent = pc.is_in(text, value_set=words)
    numbers = _cast(pc.if_else(absent, pa.scalar(None, _TEXT), text))
    if numbers is None:
        return None
    read = np.isfinite(numbers) | absent.to_numpy(zero_copy_only=False)
    return numbers if read.all() else None


def _cast(text: Any) -> npt.NDArray[np.float64] | None:
    numbers = cast_all(text, pa.float64())
    if numbers is None:
        return None
    return np.asarray(numbers.to_numpy(zero_copy_only=False), dtype=np.float64)


def cast_all(text: Any, kind: pa.DataType) -> Any:
    """Return texts as Arrow reads them in a type, or ``None`` where some cannot be read."""
    try:
        # Text that is none takes long, as each value is told.
        pc.cast(text[:_PROBE], kind)
        return pc.cast(text, kind)
    except pa.ArrowInvalid:
        return None


def for_each(work: Callable[[_Column], _Made], columns: Iterable[_Column]) -> Iterator[_Made]:
    """Return what the work makes of each column, in order; several at once, as Arrow does."""
    with ThreadPoolExecutor(pa.cpu_count()) as pool:
        yield from pool.map(work, columns)


def _codes(encoded: Any) -> npt.NDArray[np.int64]:
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return np.asarray(codes, dtype=np.int64)


def _levels(values: Any, codes: npt.NDArray[np.int64]) -> Levels:
    return Levels(values, codes, np.bincount(codes + 1, minlength=len(values) + 1)[1:])
