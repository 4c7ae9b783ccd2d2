"""A check for values that stand for “unknown”."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from mlcore.data.dataset import Dataset
from mlcore.data.quality.checks import (
    Remedy,
    TableCheck,
    of_kind,
    with_facts,
)
from mlcore.data.recipe.catalogue import shown_value
from mlcore.data.schema import ColumnKind
from mlcore.findings import Finding, Severity
from mlcore.messages import message

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


class DisguisedMissing(TableCheck):
    """Values that stand for "unknown": numbers such as 999, words such as "?"."""

    code = "DATA011"

    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""
        found = {name: values for name, values in self._found(dataset) if values}
        if not found:
            return self.passed()
        facts = {
            name: ", ".join(f"{shown_value(value)}: {count:,}" for value, count in values.items())
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
        # One digit may as well be the next on a scale: eight cylinders after six.
        reach = (high - low) * (0.5 if abs(value) >= 10 else 1.0)
        far = value > high + reach or value < low - reach or value < 0 <= low
        if is_apart and (far or counts[value] >= 3 * usual):
            found[value] = int(counts[value])
    return found
