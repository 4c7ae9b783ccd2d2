"""The preparation of a pipeline as an ONNX graph: one input a column, one matrix out.

Numbers come as doubles with NaN for a missing one; categories as text with ``""`` for a missing
one; dates as seconds since 1970 in double precision, with NaN for a missing one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    RobustScaler,
    StandardScaler,
)

from mlcore.errors import UserError
from mlcore.registry.onnx_dates import date_part
from mlcore.registry.onnx_graph import NUMBER, TEXT, Graph, Term
from mlcore.registry.probe import UNSEEN


def prepared(graph: Graph, prepare: ColumnTransformer) -> Term:
    """Return what a fitted preparation makes of the columns, of shape (n_rows, n_inputs).

    Parameters
    ----------
    graph : Graph
        Gets one input for each column.
    prepare : ColumnTransformer
        As ``mlcore.pipelines.build`` makes it, fitted.

    Raises
    ------
    UserError
        ``registry.onnx.text``: there is free text.
    """
    parts = [
        _branch(graph, name, steps, columns)
        for name, steps, columns in prepare.transformers_
        if name != "remainder"
    ]
    return graph.join(parts)


def _branch(graph: Graph, name: str, steps: Pipeline, columns: Any) -> Term:
    if name.startswith("text"):
        raise UserError("registry.onnx.text", columns=f"“{columns[0]}”")
    if name == "numbers":
        return _after(graph.join([graph.input(column, NUMBER) for column in columns]), steps)
    if name.startswith("date"):
        part = name.partition("_")[2]
        return _after(date_part(graph.input(columns, NUMBER), part), steps)
    return _categories(graph, steps, columns)


def _after(term: Term, steps: Pipeline) -> Term:
    """Return what the steps make of numbers."""
    for _, step in steps.steps:
        term = _STEPS[type(step)](term, step)
    return term


def _imputed(term: Term, step: SimpleImputer) -> Term:
    is_missing = term.is_missing()
    filled = is_missing.where(step.statistics_.astype(float)[None, :], term)
    if step.indicator_ is None or not len(step.indicator_.features_):
        return filled
    flags = is_missing.number()
    chosen = term.graph.constant(step.indicator_.features_.astype(np.int64))
    return term.graph.join([filled, term.graph.add("Gather", flags, chosen, axis=1)])


def _to_unit_length(term: Term, step: Normalizer) -> Term:
    length = term.graph.add("Sqrt", (term * term).total(1))
    # Rows of zeros stay what they are, as in scikit-learn.
    is_nothing = length < 10 * np.finfo(float).eps
    return term / is_nothing.where(1.0, length)


_STEPS: dict[type, Callable[[Term, Any], Term]] = {
    SimpleImputer: _imputed,
    Normalizer: _to_unit_length,
    StandardScaler: lambda term, step: (term - step.mean_) / step.scale_,
    RobustScaler: lambda term, step: (term - step.center_) / step.scale_,
    MinMaxScaler: lambda term, step: term * step.scale_ + step.min_,
    # Dates have become numbers already; these only name the part and put it into a table.
    FunctionTransformer: lambda term, step: term,
}


def _categories(graph: Graph, steps: Pipeline, columns: Sequence[str]) -> Term:
    imputer, encoder = steps[0], steps[1]
    tables = _onehot_places if isinstance(encoder, OneHotEncoder) else _rows_of_numbers
    parts = []
    for name, known, fill, (places, rest, table) in zip(
        columns, encoder.categories_, imputer.statistics_, tables(steps), strict=True
    ):
        place = dict(zip(map(str, known), places, strict=True))
        place[""] = place.get(str(fill), rest)
        number = graph.add(
            "LabelEncoder",
            graph.input(name, TEXT),
            domain="ai.onnx.ml",
            keys_strings=list(place),
            values_int64s=list(place.values()),
            default_int64=rest,
        )
        if table is None:
            columns_out = graph.constant(np.arange(max(*places, rest) + 1)[None, :])
            parts.append(number.equals(columns_out).number())
        else:
            parts.append(number.entries_of(table).shaped(-1, table.shape[1]))
    return graph.join(parts)


def _onehot_places(steps: Pipeline) -> list[tuple[list[int], int, None]]:
    """Return for each column where its categories stand, and where all others do (-1: nowhere)."""
    encoder = steps[1]
    rare = getattr(encoder, "infrequent_categories_", [None] * len(encoder.categories_))
    found: list[tuple[list[int], int, None]] = []
    for known, seldom in zip(encoder.categories_, rare, strict=True):
        joined = set() if seldom is None else set(seldom)
        frequent = [category for category in known if category not in joined]
        last = len(frequent) if joined else -1
        places = {category: place for place, category in enumerate(frequent)}
        found.append(([places.get(category, last) for category in known], last, None))
    return found


def _rows_of_numbers(steps: Pipeline) -> list[tuple[list[int], int, np.ndarray]]:
    """Return for each column the rows of a table: what each category becomes, and all others.

    The steps themselves are asked, so that a scaler behind the encoder is in the table too.
    """
    after, known = Pipeline(steps.steps[1:]), steps[1].categories_
    most = max(map(len, known)) + 1
    asked = np.full((most, len(known)), UNSEEN, dtype=object)
    for number, categories in enumerate(known):
        asked[: len(categories), number] = categories
    answers = np.asarray(after.transform(asked), dtype=float)
    width = answers.shape[1] // len(known)
    return [
        (
            list(range(len(categories))),
            len(categories),
            answers[: len(categories) + 1, number * width : (number + 1) * width],
        )
        for number, categories in enumerate(known)
    ]
