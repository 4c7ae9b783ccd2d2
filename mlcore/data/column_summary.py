"""One column in a few numbers, and the words of a column of text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pandas as pd

from mlcore.data.dataset import Dataset
from mlcore.data.profile import as_numbers
from mlcore.data.relations import sampled_rows
from mlcore.data.schema import Column, ColumnKind
from mlcore.messages import message

#: Words of a text column that are shown, and characters of a cell that are read.
MOST_WORDS, MOST_CHARACTERS = 30, 2000

_WORD = re.compile(r"[^\W\d_]{2,}")


def summary_frame(dataset: Dataset, column: str) -> pd.DataFrame:
    """Return what a column is in a few numbers.

    Parameters
    ----------
    dataset : Dataset
        Frame and schema.
    column : str
        The column.

    Returns
    -------
    DataFrame
        ``statistic`` (words) and ``value`` (text). For all kinds rows with a value, missing rows
        and different values; for numbers mean, standard deviation, minimum, quartiles and
        maximum; for dates the first, the middle and the last one; for names the most frequent
        one; for text the length of the middle one.
    """
    described, values = dataset.schema[column], dataset.frame[column]
    lines = [*_counted(described, len(values))]
    present = values.dropna()
    if len(present):
        lines += _said(described, present)
    told = [(str(message(f"statistic.{code}")), value) for code, value in lines]
    return pd.DataFrame(told, columns=["statistic", "value"])


def _counted(column: Column, n_rows: int) -> Iterator[tuple[str, str]]:
    yield "rows", f"{n_rows - column.missing:,}"
    yield "missing", f"{column.missing:,} ({column.missing / max(n_rows, 1):.1%})"
    yield "distinct", f"{column.distinct:,}"


def _said(column: Column, present: pd.Series) -> Iterator[tuple[str, str]]:
    if column.kind is ColumnKind.NUMBER:
        yield from _of_numbers(present)
    elif column.kind is ColumnKind.DATETIME:
        for code, moment in (
            ("first", present.min()),
            ("middle", present.quantile(0.5, interpolation="lower")),
            ("last", present.max()),
        ):
            yield code, str(moment)
    elif column.kind is ColumnKind.TEXT:
        yield "length", f"{present.str.len().median():.0f}"
    else:
        counts = present.value_counts()
        yield "most_frequent", str(counts.index[0])
        yield "of_most_frequent", f"{counts.iloc[0]:,} ({counts.iloc[0] / len(present):.1%})"


def _of_numbers(present: pd.Series) -> Iterator[tuple[str, str]]:
    # Of the largest numbers there are, squares and sums overflow; of scaled ones they do not.
    values = as_numbers(present)
    scale = float(np.abs(values).max()) or 1.0
    scaled = values / scale
    spread = float(scaled.std(ddof=1)) if len(values) > 1 else 0.0
    quartiles = np.quantile(scaled, [0, 0.25, 0.5, 0.75, 1])
    yield "mean", _number(float(scaled.mean()) * scale)
    yield "deviation", _number(spread * scale)
    codes = ("minimum", "lower_quartile", "median", "upper_quartile", "maximum")
    for code, value in zip(codes, quartiles, strict=True):
        yield code, _number(float(value) * scale)


def _number(value: float) -> str:
    return f"{value:,.6g}".replace("-", "−")


def word_frame(dataset: Dataset, column: str) -> pd.DataFrame:
    """Return the words of a text column that stand in most rows.

    Of more than 20,000 rows, as many are drawn by lot; of a cell, the first 2,000 characters are
    read. Capital and small letters are the same.

    Returns
    -------
    DataFrame
        At most 30 lines, most frequent first: ``word``, ``rows``, ``share`` (of the rows read that
        have a value).
    """
    cells = dataset.frame[column].iloc[sampled_rows(len(dataset.frame))].dropna()
    counts: Counter[str] = Counter()
    for cell in cells:
        counts.update(sorted(set(_WORD.findall(str(cell)[:MOST_CHARACTERS].lower()))))
    frame = pd.DataFrame(counts.most_common(MOST_WORDS), columns=["word", "rows"])
    return frame.assign(share=frame["rows"] / max(len(cells), 1))
