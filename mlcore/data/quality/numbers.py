"""Checks of how numbers lie: far outside, or with a long tail."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
import pandas as pd

from mlcore.data.dataset import Dataset
from mlcore.data.quality.checks import (
    FEWEST_ROWS,
    Remedy,
    TableCheck,
    of_kind,
    with_facts,
)
from mlcore.data.schema import ColumnKind
from mlcore.findings import Finding, Severity
from mlcore.messages import message

#: How far from the quartiles a value lies that is far out, in widths between them (Tukey 1977).
FAR_OUT = 3.0

#: More far-out values than this share are a long tail, not outliers.
MOST_OUTLIERS = 0.05

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
        """Offer to leave out the rows of the first column."""
        name = finding.columns[0]
        count, low, high = _far_out(dataset.frame[name])
        step = {"step": "keep_rows", "column": name, "comparison": "is between"}
        label = message("remedy.without_outliers", column=name, rows=count)
        return (Remedy(label=label, steps=({**step, "values": [low, high]},)),)


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
        steps: list[dict[str, Any]] = []
        for name in finding.columns:
            least = float(dataset.frame[name].min())
            made = f"log10 {name}"
            if least < 0 or made in dataset.schema.names or set("[]") & set(name):
                continue
            if _skewness(dataset.frame[name]) < 0:
                continue
            formula = f"log10([{name}])" if least > 0 else f"log10([{name}] + 1)"
            steps += [
                {"step": "derive", "name": made, "formula": formula},
                {"step": "drop", "columns": [name]},
            ]
        return (Remedy(label=message("remedy.logarithm"), steps=tuple(steps)),) if steps else ()


def _skewness(column: pd.Series) -> float:
    present = column.dropna()
    if len(present) < FEWEST_ROWS or present.nunique() <= 10:
        return 0.0
    # Divided by the largest first, so that third powers do not overflow.
    skew = float((present / present.abs().max()).skew()) if present.abs().max() else 0.0
    return skew if np.isfinite(skew) else 0.0
