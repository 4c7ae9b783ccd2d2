"""What would have to change for another outcome: the nearest row that has it.

The search is small and always goes the same way. Values that are tried are the tenths and the ends
of what training saw of numbers and dates, and the categories that were most frequent; free text
stays as it is. First every single change is tried, then every second one on top of the best few,
and so on up to four columns; the fewest columns win, then the smallest change (a number counts by
the share of its range that it moves, a category counts one). Changed numbers are then moved back
as far as the outcome allows.

What it finds has the outcome: the model was asked. That it is the nearest row of all is not
certain, and when nothing is found there may still be something between the values that were tried.
It tells what the model would say, not what can be brought about.

References
----------
Wachter, Mittelstadt, Russell (2017), "Counterfactual Explanations Without Opening the Black Box".
Gower (1971), "A General Coefficient of Similarity and Some of Its Properties", for the distance.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from mlcore.errors import UserError
from mlcore.evaluation.answers import Floats
from mlcore.registry.bundle_files import contract
from mlcore.registry.bundle_files.contract import Answers, Reading
from mlcore.registry.summary import edge_values
from mlcore.serving.explaining import cell

#: Columns that are changed at most, rows that are asked for at most in one step, and rows that a
#: step goes on from at most.
MOST_CHANGED = 4
_MOST_ASKED = 2_000
_MOST_KEPT = 8
#: Categories that are tried of one column, values between two numbers, rounds of moving back.
_MOST_CATEGORIES = 20
_FINE = 24
_ROUNDS = 2

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The outcome that is asked for.

    Parameters
    ----------
    now : str, optional
        The class or cluster the row has now; any other is wanted, unless one is named.
    name : str, optional
        The class or cluster that is wanted.
    at_least, at_most : float, optional
        For numbers: where the prediction should lie.
    """

    now: str | None = None
    name: str | None = None
    at_least: float = -math.inf
    at_most: float = math.inf

    def closeness(self, told: Answers) -> tuple[list[bool], Floats]:
        """Return for each row whether it has the outcome, and how near it comes to it."""
        if self.now is None:
            numbers = np.array([_or_nan(number) for number in told.prediction], dtype=np.float64)
            gap = np.maximum(self.at_least - numbers, numbers - self.at_most)
            return [bool(value <= 0) for value in gap], np.nan_to_num(-gap, nan=-math.inf)
        reached = [self._is_wanted(name) for name in told.prediction]
        shares = told.probabilities
        if self.name is not None and self.name in shares:
            return reached, np.array([share or 0.0 for share in shares[self.name]])
        against = shares.get(self.now, [0.0] * told.n_rows)
        return reached, np.array([1.0 if share is None else -share for share in against])

    def _is_wanted(self, name: str | None) -> bool:
        if name is None:
            return False
        return name == self.name if self.name is not None else name != self.now


def _or_nan(number: float | None) -> float:
    return math.nan if number is None else number


@dataclass(frozen=True, eq=False, kw_only=True)
class Change:
    """A row with the outcome that is wanted.

    Parameters
    ----------
    frame : DataFrame
        ``column``, ``now`` and ``then`` (text, as in a file) of the columns that change.
    values : mapping of str to object
        The new values of these columns, typed.
    answer : mapping
        What the model says of the row, as ``contract.Answers.to_records`` writes it.
    """

    frame: pd.DataFrame
    values: Mapping[str, Any]
    answer: Mapping[str, Any]


def nearest_change(
    model: Any,
    schema: Mapping[str, Any],
    record: Mapping[str, Any],
    wanted: Wanted,
    locked: Collection[str] = (),
) -> Change | None:
    """Return the nearest row found with another outcome, or ``None`` when none is found.

    Parameters
    ----------
    model, schema : object, mapping
        As :func:`mlcore.registry.bundle_files.contract.answers` takes them.
    record : mapping of str to object
        The row, as ``contract.read_records`` takes it.
    wanted : Wanted
        The outcome.
    locked : collection of str
        Columns that must not change.

    Raises
    ------
    UserError
        ``prediction.not_explained``: the row cannot be read.
    """
    reading = contract.read_records([record], schema)
    if reading.refused():
        raise UserError("prediction.not_explained")
    search = _Search(model, schema, reading, wanted, locked)
    found = search.find()
    return None if found is None else search.told(search.moved_back(found))


class _Search:
    """The search for one row."""

    def __init__(
        self,
        model: Any,
        schema: Mapping[str, Any],
        reading: Reading,
        wanted: Wanted,
        locked: Collection[str],
    ) -> None:
        self.model, self.schema, self.wanted = model, schema, wanted
        self.kinds = reading.kinds
        self.row: Row = {name: values[0] for name, values in reading.columns.items()}
        self.features = {feature["name"]: feature for feature in schema["features"]}
        self.tried = {
            name: _without(_values(feature), self.row[name])
            for name, feature in self.features.items()
            if name not in locked
        }

    def find(self) -> Row | None:
        """Return the changes with which the outcome is reached first."""
        kept: list[Row] = [{}]
        for _ in range(min(MOST_CHANGED, len(self.tried))):
            changes = self._extended(kept)
            if not changes:
                return None
            reached, nearness = self._asked(changes)
            order = sorted(range(len(changes)), key=lambda n: self._distance(changes[n]))
            if there := [changes[n] for n in order if reached[n]]:
                return there[0]
            # Sorting is stable: of those as near to the outcome, the smallest change goes on.
            kept = [changes[n] for n in sorted(order, key=lambda n: -nearness[n])[:_MOST_KEPT]]
        return None

    def _extended(self, kept: Sequence[Row]) -> list[Row]:
        """Return each set of changes with one more, in every way, each once."""
        found: dict[frozenset[tuple[str, Any]], Row] = {}
        for changes in kept:
            for name, values in self.tried.items():
                if name in changes:
                    continue
                for value in values:
                    more = {**changes, name: value}
                    found.setdefault(frozenset(more.items()), more)
        return list(found.values())[:_MOST_ASKED]

    def _asked(self, changes: Sequence[Row]) -> tuple[list[bool], Floats]:
        return self.wanted.closeness(self._answers(changes))

    def _answers(self, changes: Sequence[Row]) -> Answers:
        columns = {
            name: [one.get(name, value) for one in changes] for name, value in self.row.items()
        }
        reading = Reading(columns, self.kinds, len(changes))
        return contract.answers(self.model, self.schema, reading)

    def _distance(self, changes: Row) -> float:
        return sum(self._step(name, value) for name, value in changes.items())

    def _step(self, name: str, value: Any) -> float:
        feature, own = self.features[name], self.row[name]
        if feature["kind"] not in _MEASURED or _is_missing(own):
            return 1.0
        low, high = (_typed(feature, feature[end]) for end in ("low", "high"))
        return float(abs(value - own) / (high - low)) if high > low else 1.0

    def moved_back(self, changes: Row) -> Row:
        """Return the changes with numbers and dates as near to the row as the outcome allows."""
        for _ in range(_ROUNDS):
            for name in changes:
                if self.features[name]["kind"] in _MEASURED and not _is_missing(self.row[name]):
                    changes = self._nearer(changes, name)
        return changes

    def _nearer(self, changes: Row, name: str) -> Row:
        """Try values between the row's own and the found one, coarse ones first, then finer."""
        own, best = self.row[name], changes[name]
        start = own
        for _ in range(3):
            between = _between(self.features[name], start, best)
            if not between:
                break
            reached, _nearness = self._asked([{**changes, name: value} for value in between])
            place = next((n for n, there in enumerate(reached) if there), len(between))
            start = between[place - 1] if place else start
            best = between[place] if place < len(between) else best
        return {**changes, name: self._rounded(changes, name, best)}

    def _rounded(self, changes: Row, name: str, value: Any) -> Any:
        """Return the value with few digits where that has the outcome as well."""
        own, feature = self.row[name], self.features[name]
        if not isinstance(value, float) or feature.get("whole"):
            return value
        step = 10.0 ** math.floor(math.log10(max(abs(value - own), 1e-300)) - 1)
        outward = math.ceil if value > own else math.floor
        candidate = float(f"{outward(value / step) * step:.12g}")
        if not feature["low"] <= candidate <= feature["high"]:
            return value
        return candidate if self._asked([{**changes, name: candidate}])[0][0] else value

    def told(self, changes: Row) -> Change:
        """Return the changes with what the model says of them."""
        in_order = {name: changes[name] for name in self.features if name in changes}
        rows = [
            (name, cell(self.row[name], self.features[name]), cell(value, self.features[name]))
            for name, value in in_order.items()
        ]
        return Change(
            frame=pd.DataFrame(rows, columns=["column", "now", "then"]),
            values=in_order,
            answer=self._answers([in_order]).to_records()[0],
        )


_MEASURED = ("number", "date or time")


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _typed(feature: Mapping[str, Any], end: Any) -> Any:
    return float(end) if feature["kind"] == "number" else datetime.fromisoformat(end)


def _values(feature: Mapping[str, Any]) -> list[Any]:
    """Return the values of a column that are tried."""
    if feature["kind"] in _MEASURED:
        if feature["low"] is None:
            return []
        ends = [_typed(feature, feature[end]) for end in ("low", "high")]
        inner = edge_values(feature) if feature.get("edges") else []
        return sorted({*ends, *inner})
    names = list(feature["categories"] or ())
    counts = feature.get("counts") or [0] * len(names)
    # The most frequent ones; without counts the first ones.
    order = sorted(range(len(names)), key=lambda n: -counts[n])[:_MOST_CATEGORIES]
    return [names[n] for n in order]


def _without(values: Iterable[Any], own: Any) -> list[Any]:
    return [value for value in values if value != own]


def _between(feature: Mapping[str, Any], start: Any, end: Any) -> list[Any]:
    """Return values from just behind the start up to just before the end."""
    if isinstance(start, datetime):
        whole_days = (end - start) / (_FINE + 1)
        steps = [start + whole_days * n for n in range(1, _FINE + 1)]
        days = [_midnight(step) for step in steps] if _has_days_alone(feature) else steps
        return [day for day in dict.fromkeys(days) if min(start, end) < day < max(start, end)]
    values = np.linspace(start, end, _FINE + 2)[1:-1]
    if feature.get("whole"):
        values = np.rint(values)
    low, high = min(start, end), max(start, end)
    return [float(value) for value in dict.fromkeys(values.tolist()) if low < value < high]


def _has_days_alone(feature: Mapping[str, Any]) -> bool:
    return not any("T" in feature[end] for end in ("low", "high"))


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
