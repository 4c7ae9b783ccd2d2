"""Checks of single columns: values that are not what they seem."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from mlcore.data.dataset import Dataset
from mlcore.data.quality.checks import (
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

#: In fewer rows a check of how values lie says nothing.
FEWEST_ROWS = 50

#: Numbers that people write where nothing is known: -1, and digits that repeat.
STAND_INS = (
    *(-1.0, -7.0, -8.0, -9.0),
    *(sign * float(digit * count) for sign in (1, -1) for digit in "789" for count in (2, 3, 4, 5)),
)
_ALONE_TOO = (9.0, 7.0, 8.0)

#: Words that stand for an unknown value in a column of categories, in small letters.
UNKNOWN_WORDS = frozenset(
    {
        *("?", "-", "--", ".", "n/a", "na", "none given", "not available", "not given", "missing"),
        *("unknown", "unk", "not known", "no answer", "not stated", "-1", "99", "999", "9999"),
        *("unbekannt", "keine angabe", "k.a.", "k. a.", "inconnu", "non précisé", "desconocido"),
        *("sin dato", "ignoto", "onbekend", "nieznane", "неизвестно", "нет данных", "bilinmiyor"),
        *("未知", "不详", "缺失", "无", "不明", "なし", "미상", "없음"),
    }
)

#: A column is nearly constant from this share of one value on.
NEARLY_CONSTANT = 0.99

#: So many categories are many, and very many.
MANY_CATEGORIES, VERY_MANY_CATEGORIES = 50, 200

#: At most so many categories are kept when the rare ones are grouped.
MOST_KEPT = 20

#: How far from the quartiles a value lies that is far out, in widths between them (Tukey 1977).
FAR_OUT = 3.0

#: More far-out values than this share are a long tail, not outliers.
MOST_OUTLIERS = 0.05

#: Skewness from which a column is strongly skewed.
STRONG_SKEW = 2.0

#: A date before this year is more often a slip than a date.
FIRST_YEAR = 1900


class DisguisedMissing(TableCheck):
    """Values that stand for "unknown": numbers such as 999, words such as "?"."""

    code = "DATA011"

    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""
        found = {name: values for name, values in self._found(dataset) if values}
        if not found:
            return self.passed()
        facts = {
            name: ", ".join(f"{self._plain(value)}: {count:,}" for value, count in values.items())
            for name, values in found.items()
        }
        parameters = {"columns": len(found), "listed": with_facts(facts)}
        return Finding(self.code, Severity.WARNING, tuple(found), parameters)

    def _found(self, dataset: Dataset) -> Iterator[tuple[str, dict[Any, int]]]:
        for name in of_kind(dataset, ColumnKind.NUMBER):
            yield name, _stand_ins(dataset.frame[name])
        for name in of_kind(dataset, ColumnKind.CATEGORY, ColumnKind.YES_NO):
            counts = dataset.frame[name].value_counts()
            is_word = [str(value).strip().casefold() in UNKNOWN_WORDS for value in counts.index]
            words = counts[is_word]
            # A column of nothing but such words says something else.
            yield name, dict(words.items()) if len(words) < len(counts) - 1 else {}

    @staticmethod
    def _plain(value: Any) -> str:
        return f"{value:g}" if isinstance(value, float) else str(value)

    def remedies(self, finding: Finding, dataset: Dataset) -> tuple[Remedy, ...]:
        """Offer to read them as missing."""
        steps = tuple(
            {"step": "replace", "column": name, "values": [[value, None] for value in values]}
            for name, values in self._found(dataset)
            if values
        )
        return (Remedy(label=message("remedy.as_missing"), steps=steps),) if steps else ()


def _stand_ins(column: pd.Series) -> dict[float, int]:
    """Return the numbers of a column that seem to stand for "unknown", with how often.

    Such a number repeats, lies outside all others, and stands alone there: a gap as wide as a
    twentieth of their range (or it is the only negative number).
    """
    counts = column.dropna().value_counts()
    candidates = [v for v in (*STAND_INS, *_ALONE_TOO) if v in counts.index and counts[v] >= 3]
    others = counts.index.to_numpy(dtype=float)
    others = others[~np.isin(others, candidates)]
    if len(others) < 3:
        return {}
    low, high = float(others.min()), float(others.max())
    gap = 0.05 * (high - low)
    usual = float(counts.loc[others].median())
    found = {}
    for value in candidates:
        is_apart = value > high + gap or value < low - gap or (value < 0 <= low)
        far = value > high + (high - low) or value < low - (high - low) or value < 0 <= low
        if is_apart and (far or counts[value] >= 3 * usual):
            found[value] = int(counts[value])
    return found


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
        return (columns_dropped(finding.columns),)


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
                "other": _other_name(dataset.frame[name]),
            }
            for name in finding.columns
        )
        return (Remedy(label=message("remedy.group", most=MOST_KEPT), steps=steps),)


def _frequent(column: pd.Series) -> list[Any]:
    return list(column.value_counts().index[:MOST_KEPT])


def _other_name(column: pd.Series) -> str:
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
        shares = {}
        for name in names:
            counts = dataset.frame[name].value_counts()
            is_number = pd.to_numeric(
                pd.Series(counts.index, dtype=object), errors="coerce"
            ).notna()
            rows = counts.sum()
            share = float(counts[is_number.to_numpy()].sum() / rows) if rows else 0.0
            if 0.1 <= share < 1 and 2 < is_number.sum() < len(counts):
                shares[name] = share
        if not shares:
            return self.passed()
        ordered = tuple(sorted(shares, key=lambda name: -shares[name]))
        facts = {"columns": len(shares), "listed": with_shares(ordered, shares)}
        return Finding(self.code, Severity.NOTE, ordered, facts)


class Outliers(TableCheck):
    """Numbers that lie far outside all others."""

    code = "DATA016"

    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""
        names = of_kind(dataset, ColumnKind.NUMBER)
        if not names:
            return self.not_applicable("no_numbers")
        if dataset.schema.n_rows < FEWEST_ROWS:
            return self.not_applicable("few_rows_to_judge", fewest=FEWEST_ROWS)
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


class StrongSkew(TableCheck):
    """Columns with a long tail to one side."""

    code = "DATA017"

    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""
        names = of_kind(dataset, ColumnKind.NUMBER)
        if not names:
            return self.not_applicable("no_numbers")
        if dataset.schema.n_rows < FEWEST_ROWS:
            return self.not_applicable("few_rows_to_judge", fewest=FEWEST_ROWS)
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
            if len(odd) <= 100:
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
        return (columns_dropped(finding.columns),)


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
