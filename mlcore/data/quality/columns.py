"""Checks of whole columns: nearly constant, impossible dates, and two that say the same."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from mlcore.data.dataset import Dataset
from mlcore.data.quality.checks import (
    FEWEST_ROWS,
    Remedy,
    TableCheck,
    columns_dropped,
    of_kind,
    with_facts,
    with_shares,
)
from mlcore.data.schema import ColumnKind
from mlcore.findings import Finding, Severity
from mlcore.messages import message

#: A column is nearly constant from this share of one value on.
NEARLY_CONSTANT = 0.99

#: No more different dates than this are read as missing by one click.
_MOST_DATES = 100

#: A date before this year is more often a slip than a date.
FIRST_YEAR = 1900


class NearlyConstant(TableCheck):
    """Columns in which nearly every row has the same value."""

    code = "DATA012"

    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""
        if dataset.schema.n_rows < FEWEST_ROWS:
            return self.not_applicable("few_rows_to_judge", fewest=FEWEST_ROWS)
        kinds = (ColumnKind.NUMBER, ColumnKind.CATEGORY, ColumnKind.YES_NO)
        shares = {}
        for name in of_kind(dataset, *kinds):
            present = dataset.frame[name].dropna()
            top = present.value_counts().iloc[0] / len(present) if len(present) else 0.0
            if top >= NEARLY_CONSTANT and present.nunique() > 1:
                shares[name] = float(top)
        if not shares:
            return self.passed()
        names = tuple(sorted(shares, key=lambda name: -shares[name]))
        facts = {"columns": len(names), "listed": with_shares(names, shares)}
        return Finding(self.code, Severity.NOTE, names, facts)

    def remedies(self, finding: Finding, dataset: Dataset) -> tuple[Remedy, ...]:
        """Offer to drop them."""
        return columns_dropped(finding.columns, dataset)


class ImpossibleDates(TableCheck):
    """Dates that lie in the future, or so long ago that they are slips."""

    code = "DATA018"

    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""
        names = [n for n in of_kind(dataset, ColumnKind.DATETIME) if not _is_clock(dataset, n)]
        if not names:
            return self.not_applicable("no_dates")
        counts = {name: int(_is_odd(dataset.frame[name]).sum()) for name in names}
        counts = {name: count for name, count in counts.items() if count}
        if not counts:
            return self.passed()
        listed = with_facts({name: f"{count:,}" for name, count in counts.items()})
        facts = {"columns": len(counts), "values": sum(counts.values()), "listed": listed}
        facts["year"] = FIRST_YEAR
        return Finding(self.code, Severity.WARNING, tuple(counts), facts)

    def remedies(self, finding: Finding, dataset: Dataset) -> tuple[Remedy, ...]:
        """Offer to read them as missing where they are few different ones."""
        steps = []
        for name in finding.columns:
            column = dataset.frame[name]
            odd = column[_is_odd(column)].drop_duplicates()
            if len(odd) <= _MOST_DATES:
                pairs = [[moment.isoformat(), None] for moment in odd]
                steps.append({"step": "replace", "column": name, "values": pairs})
        return (Remedy(label=message("remedy.as_missing"), steps=tuple(steps)),) if steps else ()


def _is_clock(dataset: Dataset, name: str) -> bool:
    """Return whether a column holds times of day, which stand in 1900."""
    return dataset.schema[name].reason.code == "data.kind.date_time"


def _is_odd(column: pd.Series) -> pd.Series:
    tomorrow = pd.Timestamp(datetime.now() + timedelta(days=1))
    return (column > tomorrow) | (column < pd.Timestamp(FIRST_YEAR, 1, 1))


class NearDuplicateColumns(TableCheck):
    """Columns that say the same as another one."""

    code = "DATA019"

    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""
        pairs = _same_columns(dataset)
        if pairs is None:
            return self.not_applicable("one_column")
        if not pairs:
            return self.passed()
        listed = [f"“{first}” and “{second}”" for first, second in pairs[:5]]
        more = f" and {len(pairs) - 5} more pairs" if len(pairs) > 5 else ""
        facts = {"pairs": len(pairs), "listed": ", ".join(listed) + more}
        return Finding(self.code, Severity.NOTE, _seconds(pairs), facts)

    def remedies(self, finding: Finding, dataset: Dataset) -> tuple[Remedy, ...]:
        """Offer to drop the later one of each pair."""
        return columns_dropped(finding.columns, dataset)


def _seconds(pairs: list[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(second for _, second in pairs))


#: Columns are compared on so many rows, and no more than so many columns.
_COMPARED_ROWS, _COMPARED_COLUMNS = 5_000, 300

#: Numbers that go together as closely as this say the same.
NEARLY_SAME = 0.999


def _same_columns(dataset: Dataset) -> list[tuple[str, str]] | None:
    """Return pairs of columns of which one follows from the other and back."""
    numbers = list(of_kind(dataset, ColumnKind.NUMBER))[:_COMPARED_COLUMNS]
    words = list(of_kind(dataset, ColumnKind.CATEGORY, ColumnKind.YES_NO))[:_COMPARED_COLUMNS]
    if len(numbers) + len(words) < 2 or dataset.schema.n_rows < 3:
        return None
    frame = dataset.frame
    if len(frame) > _COMPARED_ROWS:
        rows = np.random.default_rng(0).choice(len(frame), _COMPARED_ROWS, replace=False)
        frame = frame.iloc[np.sort(rows)]
    return [*_same_numbers(frame, numbers), *_same_words(frame, words)]


def _same_numbers(frame: pd.DataFrame, names: list[str]) -> list[tuple[str, str]]:
    if len(names) < 2:
        return []
    values = frame[names].astype(float)
    values = values / values.abs().max().replace(0, 1)
    alike = values.corr(min_periods=10).abs().to_numpy()
    gaps = values.isna().to_numpy()
    return [
        (names[first], names[second])
        for first, second in np.argwhere(np.triu(alike >= NEARLY_SAME, 1))
        if (gaps[:, first] == gaps[:, second]).all()
    ]


def _same_words(frame: pd.DataFrame, names: list[str]) -> list[tuple[str, str]]:
    codes: dict[bytes, list[str]] = {}
    for name in names:
        # Numbered in order of appearance: columns that say the same get the same numbers.
        found = pd.factorize(frame[name], use_na_sentinel=True)[0]
        if found.max(initial=0) > 0:
            codes.setdefault(found.tobytes(), []).append(name)
    return [(same[0], other) for same in codes.values() for other in same[1:]]
