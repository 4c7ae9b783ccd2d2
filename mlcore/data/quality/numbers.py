"""Checks of how numbers lie: far outside, or with a long tail."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
import pandas as pd

from mlcore.data.dataset import Dataset
from mlcore.data.quality.checks import (
    FEWEST_ROWS,
    MOST_BUTTONS,
    Remedy,
    TableCheck,
    of_kind,
    with_facts,
)
from mlcore.data.schema import ColumnKind, Role
from mlcore.findings import Finding, Severity
from mlcore.messages import listing, message

#: How far from the quartiles a value lies that is far out, in widths between them (Tukey 1977).
FAR_OUT = 3.0

#: More far-out values than this share are a long tail, not outliers.
MOST_OUTLIERS = 0.05

#: No more values than this are replaced by one click.
_MOST_REPLACED = 100

#: Skewness from which a column is strongly skewed.
STRONG_SKEW = 2.0


class _NumbersCheck(TableCheck):
    """A check of the columns of numbers, where there are rows enough to say how values lie."""

    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""
        names = of_kind(dataset, ColumnKind.NUMBER)
        if not names:
            return self.not_applicable("no_numbers")
        if dataset.schema.n_rows < FEWEST_ROWS:
            return self.not_applicable("few_rows_to_judge", fewest=FEWEST_ROWS)
        return self.judge(dataset, names)

    @abstractmethod
    def judge(self, dataset: Dataset, names: tuple[str, ...]) -> Finding:
        """Return what came of it for the columns of numbers, of which there are some."""


class Outliers(_NumbersCheck):
    """Numbers that lie far outside all others."""

    code = "DATA016"

    def judge(self, dataset: Dataset, names: tuple[str, ...]) -> Finding:
        """Return what came of it."""
        counts = {name: _far_out(dataset.frame[name])[0] for name in names}
        counts = {name: count for name, count in counts.items() if count}
        if not counts:
            return self.passed(columns=len(names))
        ordered = tuple(sorted(counts, key=lambda name: -counts[name]))
        listed = with_facts({name: f"{counts[name]:,}" for name in ordered})
        facts = {"columns": len(counts), "values": sum(counts.values()), "listed": listed}
        return Finding(self.code, Severity.NOTE, ordered, facts)

    def remedies(self, finding: Finding, dataset: Dataset) -> tuple[Remedy, ...]:
        """Offer to leave out the rows by each column, or to read the values as missing."""
        without = [_rows_without(dataset.frame[name]) for name in finding.columns[:MOST_BUTTONS]]
        steps = tuple(
            {"step": "replace", "column": name, "values": [[value, None] for value in values]}
            for name in finding.columns
            if len(values := _values_far_out(dataset.frame[name])) <= _MOST_REPLACED
        )
        missing = (Remedy(label=message("remedy.as_missing"), steps=steps),) if steps else ()
        return (*without, *missing)


def _rows_without(column: pd.Series) -> Remedy:
    _, low, high = _far_out(column)
    # A row without a value is not between two others.
    rows = int((~column.between(low, high)).sum())
    step = {"step": "keep_rows", "column": str(column.name), "comparison": "is between"}
    code = "remedy.without_outliers_and_gaps" if column.isna().any() else "remedy.without_outliers"
    label = message(code, column=str(column.name), rows=rows)
    return Remedy(label=label, steps=({**step, "values": [low, high]},))


def _values_far_out(column: pd.Series) -> list[float]:
    _, low, high = _far_out(column)
    return [float(value) for value in column[(column < low) | (column > high)].unique()]


def _far_out(column: pd.Series) -> tuple[int, float, float]:
    """Return how many values are far out, and the smallest and largest that are not."""
    present = column.dropna().to_numpy()
    if len(present) < FEWEST_ROWS:
        return 0, 0.0, 0.0
    first, third = np.quantile(present, [0.25, 0.75])
    reach = FAR_OUT * (third - first)
    inside = (present >= first - reach) & (present <= third + reach)
    count = int((~inside).sum())
    if not count or reach == 0 or count > MOST_OUTLIERS * len(present):
        return 0, 0.0, 0.0
    return count, float(present[inside].min()), float(present[inside].max())


class StrongSkew(_NumbersCheck):
    """Columns with a long tail to one side."""

    code = "DATA017"

    def judge(self, dataset: Dataset, names: tuple[str, ...]) -> Finding:
        """Return what came of it."""
        skews = {name: _skewness(dataset.frame[name]) for name in names}
        strong = {name: skew for name, skew in skews.items() if abs(skew) >= STRONG_SKEW}
        if not strong:
            return self.passed(columns=len(names))
        ordered = tuple(sorted(strong, key=lambda name: -abs(strong[name])))
        listed = with_facts({name: f"{strong[name]:+.1f}" for name in ordered})
        return Finding(
            self.code, Severity.NOTE, ordered, {"columns": len(strong), "listed": listed}
        )

    def remedies(self, finding: Finding, dataset: Dataset) -> tuple[Remedy, ...]:
        """Offer the logarithm of the columns that have one."""
        names, steps = list[str](), list[dict[str, Any]]()
        for name in finding.columns:
            least = float(dataset.frame[name].min())
            made = f"log10 {name}"
            if least < 0 or made in dataset.schema.names or set("[]") & set(name):
                continue
            if dataset.schema[name].role is not Role.FEATURE:
                continue
            if _skewness(dataset.frame[name]) < 0:
                continue
            names.append(name)
            formula = f"log10([{name}])" if least > 0 else f"log10([{name}] + 1)"
            steps += [
                {"step": "derive", "name": made, "formula": formula},
                {"step": "drop", "columns": [name]},
            ]
        label = message("remedy.logarithm", columns=listing(names, most=3))
        return (Remedy(label=label, steps=tuple(steps)),) if steps else ()


def _skewness(column: pd.Series) -> float:
    present = column.dropna()
    if len(present) < FEWEST_ROWS or present.nunique() <= 10:
        return 0.0
    # Divided by the largest first, so that third powers do not overflow.
    skew = float((present / present.abs().max()).skew()) if present.abs().max() else 0.0
    return skew if np.isfinite(skew) else 0.0
