"""The different values of a text column, so that each is looked at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


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

    def rows_where(self, mask: Any) -> int:
        """Return in how many rows a value stands for which ``mask`` holds."""
        return int(self.counts[np.asarray(mask, dtype=bool)].sum())

    def matching(self, pattern: str) -> npt.NDArray[np.bool_]:
        """Return for each value whether it matches a pattern (RE2 syntax) as a whole."""
        found = pc.match_substring_regex(self.values, f"^(?:{pattern})$")
        return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)

    def spread(self, values: npt.NDArray[Any], missing: Any) -> npt.NDArray[Any]:
        """Return for each row the entry of ``values`` that belongs to it."""
        return np.append(values, np.array([missing], dtype=values.dtype))[self.codes]


def levels_of(text: pd.Series) -> Levels:
    """Return the different values of a text column."""
    array = pa.chunked_array(pa.array(text, type=pa.large_string(), from_pandas=True))
    encoded = array.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    values = encoded.dictionary
    return Levels(values, codes, np.bincount(codes[codes >= 0], minlength=len(values)))
