"""Why one row is predicted as it is: what each of its columns adds to a typical row's prediction.

The method is Baseline Shapley: columns of a typical row (the middle number, the most frequent
category) are replaced by those of the row, in every order, and what a replacement changes is
averaged. Nothing but the schema and the model is needed, no row of training. It tells what the
model does, not what causes what; and a mixture of two rows may be a row that cannot exist.

References
----------
Sundararajan, Najmi (2020), "The Many Shapley Values for Model Explanation". Lundberg, Lee (2017),
"A Unified Approach to Interpreting Model Predictions".
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlcore.errors import UserError
from mlcore.evaluation.answers import Floats
from mlcore.evaluation.shapley import Coalitions, shapley_values
from mlcore.registry.bundle_files import contract
from mlcore.registry.bundle_files.contract import Reading

Record = dict[str, Any]


@dataclass(frozen=True, eq=False, kw_only=True)
class Explanation:
    """What each column adds to one prediction.

    Parameters
    ----------
    frame : DataFrame
        ``column``, ``value`` and ``typical`` (text, as in a file), ``adds`` and ``error`` (its
        standard error), those that add most first. ``adds`` sums to ``end`` minus ``start``.
    start, end : float
        Prediction of the typical row, and of this one: a number, or a probability.
    of_class : str or None
        Whose probability; ``None`` for numbers.
    is_exact : bool
        Whether every way to mix the two rows was asked for.
    """

    frame: pd.DataFrame
    start: float
    end: float
    of_class: str | None
    is_exact: bool


def typical_record(schema: Mapping[str, Any]) -> Record:
    """Return the typical value of each column; nothing for free text."""
    return {
        feature["name"]: feature.get("typical", feature["example"])
        for feature in schema["features"]
    }


def can_explain(names: Sequence[str], schema: Mapping[str, Any]) -> bool:
    """Return whether there is something that columns can add to: a number or a probability.

    Parameters
    ----------
    names : sequence of str
        Columns of the model's answers.
    schema : mapping
        As in ``input_schema.json``.
    """
    return schema["task"] == "regression" or any(map(_is_probability, names))


def _is_probability(name: str) -> bool:
    return name.startswith("probability_")


def explain(
    model: Any, schema: Mapping[str, Any], record: Mapping[str, Any], of_class: str | None = None
) -> Explanation:
    """Return what each column of a row adds to its prediction.

    Parameters
    ----------
    model, schema : object, mapping
        As :func:`mlcore.registry.bundle_files.contract.answers` takes them.
    record : mapping of str to object
        The row, as ``contract.read_records`` takes it.
    of_class : str, optional
        The class whose probability is explained; ``None`` for numbers.

    Raises
    ------
    UserError
        ``prediction.not_explained``: the row cannot be read, or a mixture has no answer.
    """
    both = contract.read_records([record, typical_record(schema)], schema)
    names = [name for name, (own, usual) in both.columns.items() if not _same(own, usual)]
    place = {name: number for number, name in enumerate(names)}

    def worth(members: Coalitions) -> Floats:
        columns = {
            name: [own if into else usual for into in members[:, place[name]]]
            if name in place
            else [usual] * len(members)
            for name, (own, usual) in both.columns.items()
        }
        return _numbers(model, schema, Reading(columns, both.kinds, len(members)), of_class)

    if 0 in both.refused():
        raise UserError("prediction.not_explained")
    found = shapley_values(worth, len(names))
    return Explanation(
        frame=_frame(both, schema, dict(zip(names, found.values, strict=True)), found.errors),
        start=found.start,
        end=found.end,
        of_class=of_class,
        is_exact=found.is_exact,
    )


def _same(one: Any, other: Any) -> bool:
    both_missing = all(isinstance(value, float) and math.isnan(value) for value in (one, other))
    return bool(both_missing or one == other)


def _numbers(model: Any, schema: Mapping[str, Any], rows: Reading, of_class: str | None) -> Floats:
    told = contract.answers(model, schema, rows)
    values = told.prediction if of_class is None else told.probabilities[of_class]
    if None in values:
        raise UserError("prediction.not_explained")
    return np.array(values, dtype=np.float64)


def _frame(
    both: Reading, schema: Mapping[str, Any], adds: Mapping[str, float], errors: Floats
) -> pd.DataFrame:
    spread = dict(zip(adds, errors, strict=True))
    rows = []
    for feature in schema["features"]:
        name = feature["name"]
        own, usual = (cell(value, feature) for value in both.columns[name])
        rows.append((name, own, usual, adds.get(name, 0.0), spread.get(name, 0.0)))
    frame = pd.DataFrame(rows, columns=["column", "value", "typical", "adds", "error"])
    order = frame["adds"].abs().sort_values(ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def cell(value: Any, feature: Mapping[str, Any]) -> str:
    """Return a typed value as it stands in a file; empty when it is missing."""
    text = contract.written(value, feature) or ""
    return text.removesuffix("T00:00:00") if feature["kind"] == "date or time" else text
