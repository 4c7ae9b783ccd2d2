"""How strongly columns go together: a named measure for each pair of kinds, from 0 to 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

from mlcore.data.dataset import Dataset
from mlcore.data.profile import as_numbers
from mlcore.data.schema import ColumnKind
from mlcore.messages import Message, message

Numbers: TypeAlias = npt.NDArray[np.float64]
Codes: TypeAlias = npt.NDArray[np.int64]

#: Kinds that are amounts on a scale (a date is a moment), and kinds that are names.
AMOUNTS = (ColumnKind.NUMBER, ColumnKind.DATETIME)
NAMES = (ColumnKind.CATEGORY, ColumnKind.YES_NO)

#: Rows that the measures are worked out on at most; the error by lot is then mostly below 0.015.
MOST_ROWS = 20_000

#: Fewer complete rows than this say nothing.
FEWEST_ROWS = 3


@dataclass(frozen=True, kw_only=True)
class Measure:
    """The declaration of one measure of how strongly two columns go together.

    Parameters
    ----------
    id : str
        Stable name.
    label : str
        What the field calls it.
    between : str
        The kinds of columns it is for.
    meaning : str
        What 0 and 1 mean.
    reference : str
        Where it comes from.
    """

    id: str
    label: str
    between: str
    meaning: str
    reference: str


SPEARMAN = Measure(
    id="spearman",
    label="Spearman’s ρ",
    between="two numbers or dates",
    meaning=(
        "The correlation of the ranks. Without its sign: 0 where larger values of one go with "
        "neither larger nor smaller values of the other, 1 where the order of one is the order of "
        "the other. The sign says whether they rise together (+) or against each other (−). A "
        "relation that first rises and then falls is not seen."
    ),
    reference="Spearman (1904), American Journal of Psychology 15, 72-101.",
)
PEARSON = Measure(
    id="pearson",
    label="Pearson’s r",
    between="two numbers or dates",
    meaning=(
        "The linear correlation. Without its sign: 0 where no straight line helps, 1 where all "
        "rows lie on a straight line. A few values far out can decide it."
    ),
    reference="Pearson (1895), Proceedings of the Royal Society of London 58, 240-242.",
)
RATIO = Measure(
    id="correlation_ratio",
    label="Correlation ratio η",
    between="a number or date and a category",
    meaning=(
        "The square root of the share of the spread that lies between the categories: 0 where all "
        "categories have the same mean, 1 where a category fixes the number. Corrected for the "
        "number of categories (Kelley’s ε²), so that many small categories do not look strong."
    ),
    reference="Kelley (1935), Proceedings of the National Academy of Sciences 21, 554-559.",
)
CRAMER = Measure(
    id="cramers_v",
    label="Cramér’s V",
    between="two categories",
    meaning=(
        "From the χ² of the table of counts: 0 where the shares are the same in every category, 1 "
        "where a category of one fixes the category of the other. Corrected for the number of "
        "categories, so that small tables do not look strong."
    ),
    reference="Bergsma (2013), Journal of the Korean Statistical Society 42, 323-328.",
)

MEASURES: tuple[Measure, ...] = (SPEARMAN, PEARSON, RATIO, CRAMER)

#: Up to which strength the words apply; Cohen's (1988) rule of thumb for correlations.
_STRENGTHS = ((0.1, "none"), (0.3, "weak"), (0.5, "medium"))


def find_measure(measure: str) -> Measure:
    """Return a declaration by its id."""
    return next(spec for spec in MEASURES if spec.id == measure)


def strength_in_words(strength: float) -> Message:
    """Return what people call a strength between 0 and 1, by Cohen's rule of thumb."""
    if np.isnan(strength):
        return message("relation.strength.unknown")
    found = next((name for most, name in _STRENGTHS if strength < most), "strong")
    return message(f"relation.strength.{found}")


def relatable_columns(dataset: Dataset) -> tuple[str, ...]:
    """Return the columns that have a measure: amounts first, then names, as in the table."""
    columns = dataset.schema.columns
    kinds = (AMOUNTS, NAMES)
    return tuple(column.name for kind in kinds for column in columns if column.kind in kind)


def sampled_rows(n_rows: int, most: int = MOST_ROWS) -> npt.NDArray[np.int64]:
    """Return all row numbers, or ``most`` drawn by lot: the same ones every time, rising."""
    if n_rows <= most:
        return np.arange(n_rows)
    drawn = np.random.default_rng(0).choice(n_rows, most, replace=False, shuffle=False)
    return np.sort(drawn).astype(np.int64)


def relation_frame(
    dataset: Dataset, columns: Sequence[str], target: str | None = None
) -> pd.DataFrame:
    """Return how strongly each two columns go together.

    Of more than 20,000 rows, as many are drawn by lot, the same ones for all pairs and every
    time. Of a pair, the rows count in which neither value is missing.

    Parameters
    ----------
    dataset : Dataset
        Frame and schema.
    columns : sequence of str
        Which of :func:`relatable_columns`.
    target : str, optional
        Compare each column with this one only, instead of each with each.

    Returns
    -------
    DataFrame
        One line for each pair and measure (two amounts have two): ``first``, ``second``,
        ``measure`` (id), ``value`` (-1 … 1 for correlations, else 0 … 1; missing where it is not
        defined: too few rows, or all values equal), ``strength`` (``value`` without its sign),
        ``rows`` (complete ones that were looked at).
    """
    rows = sampled_rows(len(dataset.frame))
    names = dict.fromkeys(columns if target is None else (target, *columns))
    read = {name: _read(dataset, name, rows) for name in names}
    pairs: Any = combinations(read, 2)
    if target is not None:
        pairs = ((target, name) for name in read if name != target)
    lines = [
        {"first": first, "second": second, "measure": measure.id, "value": value, "rows": n_rows}
        for first, second in pairs
        for measure, value, n_rows in _measured(read[first], read[second])
    ]
    frame = pd.DataFrame(lines, columns=["first", "second", "measure", "value", "rows"])
    frame.insert(4, "strength", frame["value"].astype(np.float64).abs())
    return frame


def by_strength(relations: pd.DataFrame, *, leave_out: str = PEARSON.id) -> pd.DataFrame:
    """Return the relations with one measure a pair, the strongest first, undefined ones last."""
    kept = relations[relations["measure"] != leave_out]
    return kept.sort_values("strength", ascending=False, kind="stable", ignore_index=True)


@dataclass(frozen=True, eq=False)
class _Read:
    """A column as the measures see it: amounts, or the codes of categories."""

    values: Numbers
    present: npt.NDArray[np.bool_]
    is_amount: bool


def _read(dataset: Dataset, name: str, rows: npt.NDArray[np.int64]) -> _Read:
    column = dataset.frame[name].iloc[rows]
    if dataset.schema[name].kind in NAMES:
        codes = pd.factorize(column)[0].astype(np.float64)
        return _Read(codes, codes >= 0, False)
    values = np.full(len(rows), np.nan)
    there = column.notna().to_numpy()
    values[there] = as_numbers(column[there])
    return _Read(values, np.isfinite(values), True)


def _measured(first: _Read, second: _Read) -> Iterator[tuple[Measure, float, int]]:
    both = first.present & second.present
    n_rows = int(both.sum())
    one, other = first.values[both], second.values[both]
    if first.is_amount and second.is_amount:
        yield SPEARMAN, spearman(one, other), n_rows
        yield PEARSON, pearson(one, other), n_rows
    elif first.is_amount or second.is_amount:
        names, amounts = (other, one) if first.is_amount else (one, other)
        yield RATIO, correlation_ratio(names.astype(np.int64), amounts), n_rows
    else:
        yield CRAMER, cramers_v(one.astype(np.int64), other.astype(np.int64)), n_rows


def pearson(first: Numbers, second: Numbers) -> float:
    """Return the linear correlation of two arrays without gaps; NaN where one does not vary."""
    if len(first) < FEWEST_ROWS:
        return float("nan")
    one, other = _standard(first), _standard(second)
    norm = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float(np.clip((one * other).sum() / norm, -1, 1)) if norm > 0 else float("nan")


def _standard(values: Numbers) -> Numbers:
    """Return values around 0 whose squares do not overflow; exact zeros where they are equal."""
    if values.min() == values.max():
        return np.zeros(len(values))
    scaled = values / np.abs(values).max()
    return np.asarray(scaled - scaled.mean(), dtype=np.float64)


def spearman(first: Numbers, second: Numbers) -> float:
    """Return the correlation of the ranks; equal values share the mean of their ranks."""
    if len(first) < FEWEST_ROWS:
        return float("nan")
    return pearson(rankdata(first), rankdata(second))


def correlation_ratio(names: Codes, amounts: Numbers) -> float:
    """Return η, corrected for the number of categories; NaN where nothing varies.

    Kelley's ε² = 1 - (SS_within / (n - k)) / (SS_total / (n - 1)), cut off at 0; its square root.

    Parameters
    ----------
    names : array of int of shape (n_rows,)
        The category of each row.
    amounts : array of float of shape (n_rows,)
        The number of each row.
    """
    _, codes = np.unique(names, return_inverse=True)
    n_rows, n_names = len(codes), int(codes.max(initial=-1)) + 1
    if n_rows < FEWEST_ROWS or n_names < 2 or n_names >= n_rows:
        return float("nan")
    values = _standard(amounts)
    total = float((values**2).sum())
    means = np.bincount(codes, weights=values) / np.bincount(codes)
    within = float(((values - means[codes]) ** 2).sum())
    if total == 0:
        return float("nan")
    shared = 1 - within / (n_rows - n_names) / (total / (n_rows - 1))
    return float(np.sqrt(np.clip(shared, 0, 1)))


def cramers_v(first: Codes, second: Codes) -> float:
    """Return Cramér's V with Bergsma's correction; NaN where one does not vary.

    Parameters
    ----------
    first, second : array of int of shape (n_rows,)
        The categories of each row.
    """
    (_, one), (_, other) = (np.unique(codes, return_inverse=True) for codes in (first, second))
    n_rows = len(one)
    n_one, n_other = int(one.max(initial=-1)) + 1, int(other.max(initial=-1)) + 1
    if n_rows < FEWEST_ROWS or min(n_one, n_other) < 2:
        return float("nan")
    # Only the cells with rows in them: two columns of 10,000 names would have 100 million cells.
    cells, counts = np.unique(one * n_other + other, return_counts=True)
    expected = np.bincount(one)[cells // n_other] * np.bincount(other)[cells % n_other]
    phi2 = float((counts / expected * counts).sum()) - 1
    kept = max(0.0, phi2 - (n_one - 1) * (n_other - 1) / (n_rows - 1))
    fewest = min(n_one, n_other)
    most = (fewest - 1) - (fewest - 1) ** 2 / (n_rows - 1)
    return float(np.sqrt(np.clip(kept / most, 0, 1))) if most > 1e-12 else float("nan")
