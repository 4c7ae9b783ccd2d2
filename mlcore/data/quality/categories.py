"""Checks of columns of names: how many there are, how they are written, numbers among them."""

from __future__ import annotations

import unicodedata
from typing import Any

import pandas as pd

from mlcore.data.dataset import Dataset
from mlcore.data.levels import levels_of
from mlcore.data.numerals import read_numbers
from mlcore.data.quality.checks import (
    MOST_BUTTONS,
    Remedy,
    TableCheck,
    free_of_steps,
    of_kind,
    with_facts,
    with_shares,
)
from mlcore.data.schema import ColumnKind
from mlcore.findings import Finding, Severity
from mlcore.messages import message

#: So many categories are many, and very many.
MANY_CATEGORIES, VERY_MANY_CATEGORIES = 50, 200

#: At most so many categories are kept when the rare ones are grouped.
MOST_KEPT = 20


class ManyCategories(TableCheck):
    """Columns with so many categories that most have few rows."""

    code = "DATA013"

    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""
        names = of_kind(dataset, ColumnKind.CATEGORY)
        if not names:
            return self.not_applicable("no_categories")
        counts = {n: c for n in names if (c := dataset.schema[n].distinct) > MANY_CATEGORIES}
        if not counts:
            return self.passed(most=max(dataset.schema[name].distinct for name in names))
        ordered = tuple(sorted(counts, key=lambda name: -counts[name]))
        is_grave = counts[ordered[0]] > VERY_MANY_CATEGORIES
        listed = with_facts({name: f"{counts[name]:,}" for name in ordered})
        facts = {"columns": len(counts), "listed": listed}
        severity = Severity.WARNING if is_grave else Severity.NOTE
        return Finding(self.code, severity, ordered, facts)

    def remedies(self, finding: Finding, dataset: Dataset) -> tuple[Remedy, ...]:
        """Offer to keep the most frequent categories of each."""
        steps = tuple(
            {
                "step": "group",
                "column": name,
                "keep": [str(value) for value in _frequent(dataset.frame[name])],
                "other": other_name(dataset.frame[name]),
            }
            for name in finding.columns
        )
        return (Remedy(label=message("remedy.group", most=MOST_KEPT), steps=steps),)


def _frequent(column: pd.Series) -> list[Any]:
    return list(column.value_counts().index[:MOST_KEPT])


def other_name(column: pd.Series) -> str:
    """Return a name for all other categories that no category has."""
    names = ("other", "all others", "(other)")
    values = set(column.dropna().unique())
    return next((name for name in names if name not in values), "\u2026")


class SpellingVariants(TableCheck):
    """Categories that differ only in case, blanks or dashes."""

    code = "DATA014"

    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""
        names = of_kind(dataset, ColumnKind.CATEGORY, ColumnKind.YES_NO)
        if not names:
            return self.not_applicable("no_categories")
        found = {name: pairs for name in names if (pairs := _variants(dataset.frame[name]))}
        if not found:
            return self.passed()
        facts = {
            name: ", ".join(f"{old} / {new}" for old, new in pairs[:3])
            for name, pairs in found.items()
        }
        values = sum(map(len, found.values()))
        parameters = {"columns": len(found), "values": values, "listed": with_facts(facts)}
        return Finding(self.code, Severity.WARNING, tuple(found), parameters)

    def remedies(self, finding: Finding, dataset: Dataset) -> tuple[Remedy, ...]:
        """Offer to write each in its most frequent way."""
        steps = tuple(
            {"step": "replace", "column": name, "values": _variants(dataset.frame[name])}
            for name in finding.columns
        )
        return (Remedy(label=message("remedy.one_spelling"), steps=steps),)


def _variants(column: pd.Series) -> list[list[str]]:
    """Return pairs of a spelling and the more frequent one of the same category."""
    usual: dict[str, str] = {}
    pairs = []
    for value in map(str, column.value_counts().index):
        plain = _plainly(value)
        if plain in usual:
            pairs.append([value, usual[plain]])
        elif plain:
            usual[plain] = value
    return pairs


def _plainly(value: str) -> str:
    letters = unicodedata.normalize("NFKC", value).casefold()
    return "".join(letter for letter in letters if letter.isalnum() or letter in "+#<>=.,/")


class MixedKinds(TableCheck):
    """Columns in which some values are numbers and others are words."""

    code = "DATA015"

    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""
        kinds = (ColumnKind.CATEGORY, ColumnKind.TEXT, ColumnKind.IDENTIFIER)
        names = of_kind(dataset, *kinds)
        if not names:
            return self.not_applicable("no_categories")
        shares = {name: share for name in names if (share := _mixed(dataset, name)[0])}
        if not shares:
            return self.passed()
        ordered = tuple(sorted(shares, key=lambda name: -shares[name]))
        facts = {"columns": len(shares), "listed": with_shares(ordered, shares)}
        return Finding(self.code, Severity.NOTE, ordered, facts)

    def remedies(self, finding: Finding, dataset: Dataset) -> tuple[Remedy, ...]:
        """Offer to read each as numbers, with how many values are lost by it."""
        return tuple(
            Remedy(
                label=message("remedy.numbers_only", column=name, lost=_mixed(dataset, name)[1]),
                kinds={name: ColumnKind.NUMBER},
            )
            for name in free_of_steps(finding.columns, dataset)[:MOST_BUTTONS]
        )


def _mixed(dataset: Dataset, name: str) -> tuple[float, int]:
    """Return the share of rows with numbers among words, and how many rows hold words.

    The share is 0 where there are hardly any numbers, or nothing else.
    """
    levels = levels_of(dataset.frame[name])
    is_number = read_numbers(levels, dataset.reading.get("decimal") or ".").readable
    rows, words = levels.n_present, levels.rows_where(~is_number)
    share = 1 - words / rows if rows else 0.0
    is_mixed = 0.1 <= share < 1 and 2 < is_number.sum() < len(is_number)
    return (share if is_mixed else 0.0), words
