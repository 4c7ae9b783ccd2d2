"""How a table holds votes: one column for each source, or one line for each vote."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Literal

import numpy as np
import pandas as pd

from mlcore.fusion.spelling import Codes, normal_label
from mlcore.messages import Message, listing, message

#: A column with more different values than this holds something else than labels.
MOST_LABELS = 30
#: Two columns use one set of labels when they share at least this part of it.
ALIKE = 0.5
#: In a long table nearly every (row, source) is there once: at least this share of the lines.
NEARLY_ONCE = 0.95
#: Columns that are looked at for the three of a long table.
MOST_COLUMNS = 15
#: A table with more columns is a long one only when its columns are named so.
FEW_COLUMNS = 6

_ROW_WORDS = {
    *("row", "item", "task", "question", "example", "instance", "unit", "object", "subject"),
    *("document", "doc", "text", "image", "sample", "record", "case", "sentence", "id", "pair"),
}
_SOURCE_WORDS = {
    *("source", "worker", "annotator", "rater", "coder", "judge", "labeler", "labeller", "voter"),
    *("reviewer", "expert", "model", "rule", "performer", "participant", "person", "user", "who"),
}
_LABEL_WORDS = {
    *("label", "vote", "answer", "response", "rating", "annotation", "judgment", "judgement"),
    *("class", "category", "value", "score", "code", "decision", "grade"),
}
_GOLD_WORDS = {"gold", "golden", "truth", "true", "correct", "actual", "reference", "known"}
_GOLD_NAMES = {"label", "class", "target", "y", "answer", "outcome"}
_WORD = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A guess of how a table holds votes, with its reason.

    Parameters
    ----------
    layout : {"wide", "long"}
        One column for each source, or one line for each vote.
    sources : tuple of str, default ()
        Wide: the columns with votes; empty where none were recognised.
    gold : str, optional
        The column with labels that are known to be right, where one is named so.
    row, source, label : str, optional
        Long: the columns that name the row, name the source, and hold the label.
    reason : Message
        What the guess rests on.
    """

    layout: Literal["wide", "long"]
    sources: tuple[str, ...] = ()
    gold: str | None = None
    row: str | None = None
    source: str | None = None
    label: str | None = None
    reason: Message


@dataclass(frozen=True, eq=False)
class _Column:
    """What a guess needs of a column."""

    name: str
    codes: Codes
    n_distinct: int
    labels: frozenset[str]
    is_measured: bool  # decimals: they measure something, and name nothing

    @property
    def words(self) -> set[str]:
        return {word.lower() for word in _WORD.findall(_CAMEL.sub(" ", self.name))}

    @property
    def n_present(self) -> int:
        return int((self.codes >= 0).sum())

    @property
    def repeats(self) -> bool:
        return 2 <= self.n_distinct < self.n_present

    @property
    def holds_labels(self) -> bool:
        return len(self.labels) == 1 or 1 < len(self.labels) < self.n_present


def detect_layout(frame: pd.DataFrame) -> Layout:
    """Return how a table seems to hold votes; a wide table without sources where nothing fits.

    Parameters
    ----------
    frame : DataFrame
        Any table.
    """
    columns = [_column(str(name), frame.iloc[:, place]) for place, name in enumerate(frame)]
    wide = _wide_layout(columns)
    several = wide if wide and len(wide.sources) > 1 else None
    found = _long_layout(columns, fewest_names=2) or several
    if found is None and len(columns) <= FEW_COLUMNS:
        found = _long_layout(columns, fewest_names=0)
    return found or wide or Layout(layout="wide", reason=message("fusion.layout.unclear"))


def _column(name: str, values: pd.Series) -> _Column:
    codes, levels = pd.factorize(values)
    labels: set[str] = set()
    if len(levels) <= 2 * MOST_LABELS:  # spellings of one label are several values
        labels = {normal for normal in map(normal_label, levels) if normal is not None}
    few = frozenset(labels if len(labels) <= MOST_LABELS else ())
    return _Column(name, codes.astype(np.intp), len(levels), few, _has_decimals(values))


def _has_decimals(values: pd.Series) -> bool:
    if values.dtype.kind != "f":
        return False
    numbers = values.dropna().to_numpy(dtype=np.float64)
    return bool((numbers != np.floor(numbers)).any())


# A wide table


def _wide_layout(columns: Sequence[_Column]) -> Layout | None:
    candidates = [column for column in columns if column.holds_labels]
    shared = _shared_labels({column.labels for column in candidates})
    groups = [(_users(labels, candidates), labels) for labels in shared]
    if not groups:
        return None
    group, labels = max(groups, key=lambda pair: (len(pair[0]), -len(pair[1]), sorted(pair[1])))
    if len(group) < 2:
        return None
    gold = _gold_among(group)
    sources = tuple(column.name for column in group if column.name != gold)
    known = sorted(set().union(*(column.labels for column in group)))
    reason = message("fusion.layout.wide", columns=len(group), labels=listing(known))
    return Layout(layout="wide", sources=sources, gold=gold, reason=reason)


def _shared_labels(sets: Iterable[frozenset[str]]) -> set[frozenset[str]]:
    """Return sets of labels that columns may share; rules often use only a part of one."""
    several = {labels for labels in sets if len(labels) > 1}
    if len(several) <= MOST_LABELS:
        several |= {one | other for one, other in combinations(several, 2) if one & other}
    return {labels for labels in several if len(labels) <= MOST_LABELS}


def _users(labels: frozenset[str], columns: Iterable[_Column]) -> list[_Column]:
    """Return the columns that use a set of labels, or a single one of them all the time."""
    return [
        column
        for column in columns
        if len(column.labels & labels) >= ALIKE * len(column.labels | labels)
        or (len(column.labels) == 1 and column.labels <= labels)
    ]


def _gold_among(columns: Sequence[_Column]) -> str | None:
    """Return the one column that is named like known labels."""
    for names in (
        [column.name for column in columns if column.words & _GOLD_WORDS],
        [column.name for column in columns if column.name.strip().lower() in _GOLD_NAMES],
    ):
        if len(names) == 1:
            return names[0]
    return None


# A long table


def _long_layout(columns: Sequence[_Column], fewest_names: int) -> Layout | None:
    """Return the three columns that fit best, when at least some are named so."""
    repeating = [column for column in columns if column.repeats][:MOST_COLUMNS]
    trios = [*permutations(repeating, 3)]
    fits = [
        (_named(row, source, label), not label.words & _GOLD_WORDS, row.n_distinct, place)
        for place, (row, source, label) in enumerate(trios)
        if label.labels
        and row.n_distinct >= source.n_distinct > 1
        and not (row.is_measured or source.is_measured)
    ]
    for names, _, _, place in sorted(fits, reverse=True):
        row, source, label = trios[place]
        if names >= fewest_names and _pairs_once(row, source):
            return _long(row, source, label, columns)
    return None


def _named(row: _Column, source: _Column, label: _Column) -> int:
    gold = bool(label.words & _GOLD_WORDS)
    return (
        bool(row.words & _ROW_WORDS and not row.words & _SOURCE_WORDS)
        + bool(source.words & _SOURCE_WORDS)
        + bool(label.words & _LABEL_WORDS and not gold)
    )


def _pairs_once(row: _Column, source: _Column) -> bool:
    both = (row.codes >= 0) & (source.codes >= 0)
    pairs = row.codes[both] * source.n_distinct + source.codes[both]
    return len(pairs) > 0 and len(np.unique(pairs)) >= NEARLY_ONCE * len(pairs)


def _long(row: _Column, source: _Column, label: _Column, columns: Sequence[_Column]) -> Layout:
    others = [
        column
        for column in columns
        if column not in (row, source, label) and column.labels and column.labels <= label.labels
    ]
    reason = message(
        "fusion.layout.long",
        row=row.name,
        source=source.name,
        label=label.name,
        rows=row.n_distinct,
        sources=source.n_distinct,
    )
    return Layout(
        layout="long",
        gold=_gold_among(others),
        row=row.name,
        source=source.name,
        label=label.name,
        reason=reason,
    )
