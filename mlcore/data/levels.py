"""The different values of a text column, so that each is looked at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_Column = TypeVar("_Column")
_Made = TypeVar("_Made")

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
    """

    values: Any
    codes: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]

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
        """Some of the values, evenly spread, without rows; all of them where there are few."""
        if len(self.values) <= _PROBE:
            return self
        places = np.linspace(0, len(self.values) - 1, _PROBE).astype(np.int64)
        return replace(self, values=self.values.take(places), counts=self.counts[places])

    def may_match(self, pattern: str) -> bool:
        """Return whether a pattern matches any of the :attr:`probe`, as a whole."""
        return bool(self.probe.matching(pattern).any())

    def spread(self, values: npt.NDArray[Any], missing: Any) -> npt.NDArray[Any]:
        """Return for each row the entry of ``values`` that belongs to it."""
        return np.append(values, np.array([missing], dtype=values.dtype))[self.codes]

    def renamed(self, values: Any) -> Levels:
        """Return the levels after each value became another one, or null for missing."""
        encoded = values.dictionary_encode()
        places = _codes(encoded)
        counts = np.zeros(len(encoded.dictionary), dtype=np.int64)
        np.add.at(counts, places[places >= 0], self.counts[places >= 0])
        return Levels(encoded.dictionary, np.append(places, -1)[self.codes], counts)

    def column(self) -> Any:
        """Return the column as an Arrow array of text, null for missing."""
        missing = self.codes < 0 if self.n_missing else None
        return self.values.take(pa.array(self.codes, mask=missing))

    def series(self, name: str, index: pd.Index) -> pd.Series:
        """Return the column as a series of text, NaN for missing."""
        return pd.Series(self.column(), index=index, name=name, dtype="str", copy=False)


def levels_of(text: pd.Series | pa.ChunkedArray) -> Levels:
    """Return the different values of a text column."""
    if isinstance(text, pd.Series):
        text = pa.chunked_array(pa.array(text, type=pa.large_string(), from_pandas=True))
    # All chunks get the same dictionary; those of a column that has one already are as they are.
    encoded = text.dictionary_encode().chunks
    if not encoded:
        return _levels(pa.array([], pa.large_string()), np.array([], dtype=np.int64))
    values = encoded[-1].dictionary.cast(pa.large_string())
    return _levels(values, np.concatenate([_codes(part) for part in encoded]))


def for_each(work: Callable[[_Column], _Made], columns: Iterable[_Column]) -> Iterator[_Made]:
    """Return what the work makes of each column, in order; several at once, as Arrow does."""
    with ThreadPoolExecutor(pa.cpu_count()) as pool:
        yield from pool.map(work, columns)


def _codes(encoded: Any) -> npt.NDArray[np.int64]:
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return np.asarray(codes, dtype=np.int64)


def _levels(values: Any, codes: npt.NDArray[np.int64]) -> Levels:
    return Levels(values, codes, np.bincount(codes + 1, minlength=len(values) + 1)[1:])
