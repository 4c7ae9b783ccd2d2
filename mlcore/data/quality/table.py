"""Checks that need only the table: gaps, copies and columns that say nothing."""

from __future__ import annotations

import math

import pandas as pd

from mlcore.data.dataset import Dataset
from mlcore.data.quality.checks import (
    MISSING_PROBLEM,
    MISSING_WARNING,
    MOST_BUTTONS,
    Remedy,
    TableCheck,
    columns_dropped,
    free_of_steps,
    graded,
    of_kind,
    with_facts,
    with_shares,
)
from mlcore.data.schema import ColumnKind, Role
from mlcore.findings import Finding, Severity
from mlcore.messages import listing, message

#: Share of rows that repeat another row, from which it is more than a note.
DUPLICATES_WARNING = 0.01

#: A number that may be an amount: without zeros before it, and short enough to stay exact.
_AMOUNT = r"-?(?:0|[1-9]\d{0,14})(?:[.,]\d{1,6})?"


class MissingValues(TableCheck):
    """Columns with many missing values."""

    code = "DATA001"

    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""
        n_rows = max(dataset.schema.n_rows, 1)
        shares = {c.name: c.missing / n_rows for c in dataset.schema.columns if c.missing}
        if not shares:
            return self.passed()
        ordered = sorted(shares, key=lambda name: -shares[name])
        worst = shares[ordered[0]]
        return Finding(
            self.code,
            graded(worst, MISSING_WARNING, MISSING_PROBLEM),
            tuple(ordered),
            {
                "columns": len(ordered),
                "listed": with_shares(ordered, shares),
                "cells": sum(c.missing for c in dataset.schema.columns),
            },
        )

    def remedies(self, finding: Finding, dataset: Dataset) -> tuple[Remedy, ...]:
        """Offer to drop the columns that are mostly missing."""
        least = MISSING_PROBLEM * dataset.schema.n_rows
        columns = [dataset.schema[name] for name in finding.columns]
        mostly = [c.name for c in columns if c.missing >= least and c.role is not Role.LABEL]
        return columns_dropped(mostly, dataset)


class ConstantColumns(TableCheck):
    """Columns with the same value in every row."""

    code = "DATA002"

    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""
        names = of_kind(dataset, ColumnKind.CONSTANT)
        if not names:
            return self.passed()
        if dataset.schema.n_rows == 1:
            return self.not_applicable("one_row")
        parameters = {"columns": len(names), "listed": listing(names)}
        return Finding(self.code, Severity.NOTE, names, parameters)

    def remedies(self, finding: Finding, dataset: Dataset) -> tuple[Remedy, ...]:
        """Offer to drop them."""
        return columns_dropped(finding.columns, dataset)


class Identifiers(TableCheck):
    """Columns that name the rows."""

    code = "DATA003"

    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""
        names = of_kind(dataset, ColumnKind.IDENTIFIER)
        if not names:
            return self.passed()
        parameters = {"columns": len(names), "listed": listing(names)}
        return Finding(self.code, Severity.NOTE, names, parameters)

    def remedies(self, finding: Finding, dataset: Dataset) -> tuple[Remedy, ...]:
        """Offer to drop them, or to take those as numbers that are written like some."""
        free = free_of_steps(finding.columns, dataset)
        numbers = [n for n in free if dataset.frame[n].dropna().str.fullmatch(_AMOUNT).all()]
        taken = tuple(
            Remedy(label=message("remedy.as_number", column=n), kinds={n: ColumnKind.NUMBER})
            for n in numbers[:MOST_BUTTONS]
        )
        return (*columns_dropped(finding.columns, dataset), *taken)


class DuplicateRows(TableCheck):
    """Rows that repeat another row in every column that says something."""

    code = "DATA004"

    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""
        names = of_kind(dataset, *(k for k in ColumnKind if k is not ColumnKind.IDENTIFIER))
        n_rows = dataset.schema.n_rows
        if n_rows < 2 or not names:
            return self.not_applicable("one_row")
        # Rows are compared by hash: a 64-bit collision is far rarer than a broken disk.
        hashes = pd.util.hash_pandas_object(dataset.frame[list(names)], index=False)
        repeated = int(hashes.duplicated().sum())
        if not repeated:
            return self.passed(rows=n_rows)
        share = repeated / n_rows
        # With far fewer combinations of values than rows, different cases must be equal.
        possible = math.prod(dataset.schema[name].distinct or 1 for name in names)
        is_odd = share >= DUPLICATES_WARNING and 2 * possible >= n_rows
        severity = Severity.WARNING if is_odd else Severity.NOTE
        facts = {"rows": repeated, "total": n_rows, "share": f"{share:.1%}"}
        return Finding(self.code, severity, (), facts)

    def remedies(self, finding: Finding, dataset: Dataset) -> tuple[Remedy, ...]:
        """Offer to keep the first of each."""
        names = of_kind(dataset, *(k for k in ColumnKind if k is not ColumnKind.IDENTIFIER))
        has_others = len(names) < len(dataset.schema.names)
        step = {"step": "drop_repeated", "columns": list(names) if has_others else []}
        return (Remedy(label=message("remedy.drop_repeated"), steps=(step,)),)


class UnreadableValues(TableCheck):
    """Values that do not fit the kind of their column."""

    code = "DATA005"

    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""
        counts = {c.name: c.unreadable for c in dataset.schema.columns if c.unreadable}
        if not counts:
            return self.passed()
        listed = with_facts({name: f"{count:,}" for name, count in counts.items()})
        worst = max(counts.values()) / dataset.schema.n_rows
        severity = Severity.WARNING if worst >= MISSING_WARNING else Severity.NOTE
        facts = {"values": sum(counts.values()), "listed": listed}
        return Finding(self.code, severity, tuple(counts), facts)

    def remedies(self, finding: Finding, dataset: Dataset) -> tuple[Remedy, ...]:
        """Offer to take the columns as categories, which keeps every value as it is written."""
        return tuple(
            Remedy(label=message("remedy.as_category", column=n), kinds={n: ColumnKind.CATEGORY})
            for n in free_of_steps(finding.columns, dataset)[:MOST_BUTTONS]
        )
