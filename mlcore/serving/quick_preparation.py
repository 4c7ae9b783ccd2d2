"""The preparation of a fitted pipeline without its overhead, for a few rows at a time.

Nearly all the time that one row takes goes into tables that are made, checked and taken apart
again; the arithmetic takes microseconds. Here the arithmetic is done on bare arrays. What a
category becomes is not computed anew but looked up: the fitted preparation is asked once for each.
What is not known here (words of a text, say) is asked of the fitted preparation as before.

The outcome must be that of the fitted preparation to the last bit, or this is not used:
:meth:`QuickPreparation.of` compares both on rows with gaps, unseen categories and extremes.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    Normalizer,
    RobustScaler,
    StandardScaler,
)

from mlcore.registry.bundle_files.contract import BLOCK, Reading, read_records

Matrix: TypeAlias = NDArray[np.float64]
#: From columns of numbers to what a step makes of them.
_Step: TypeAlias = Callable[[Matrix], Matrix]
#: From rows to what a branch makes of them.
_Branch: TypeAlias = Callable[[Reading], Matrix]

#: Stands for every category that training did not see.
_UNSEEN = "\u2603 never seen \u2603"

#: Rows that both preparations are compared on, in two sizes.
_PROBES = (BLOCK, 3 * BLOCK)


@dataclass(frozen=True)
class QuickPreparation:
    """What a fitted preparation makes of rows, sooner.

    Parameters
    ----------
    branches : sequence of (slice, callable)
        Where the columns of a branch stand, and what it makes of rows.
    width : int
        Columns of the outcome.
    is_sparse : bool
        Whether the outcome is a sparse matrix.
    order : {"C", "F"}
        How the outcome lies in memory, which decides how processors add.
    """

    branches: Sequence[tuple[slice, _Branch]]
    width: int
    is_sparse: bool
    order: str

    @classmethod
    def of(cls, model: Any, schema: Mapping[str, Any]) -> QuickPreparation | None:
        """Return the quick way to prepare rows for a model; ``None`` where there is none.

        Parameters
        ----------
        model : object
            A fitted pipeline of a preparation and a model; of anything else nothing is known.
        schema : mapping
            As in ``input_schema.json``.
        """
        steps: Any = getattr(model, "steps", ())
        if len(steps) != 2 or not isinstance(steps[0][1], ColumnTransformer):
            return None
        prepare = steps[0][1]
        probes = [read_records(_probe_rows(schema, size), schema) for size in _PROBES]
        expected: list[Any] = [prepare.transform(probe.frame) for probe in probes]
        made = cls(
            _branches(prepare),
            expected[0].shape[1],
            sparse.issparse(expected[0]),
            "C" if sparse.issparse(expected[0]) or expected[0].flags.c_contiguous else "F",
        )
        pairs = zip(map(made, probes), expected, strict=True)
        return made if all(_is_same(got, wanted) for got, wanted in pairs) else None

    def __call__(self, reading: Reading) -> Any:
        """Return the matrix that the model is given; ``None`` when a number became infinite.

        Parameters
        ----------
        reading : Reading
            Rows without errors.
        """
        made = np.empty((reading.n_rows, self.width), order="F" if self.order == "F" else "C")
        for place, branch in self.branches:
            made[:, place] = branch(reading)
        if not np.isfinite(made).all():
            return None
        return sparse.csr_matrix(made) if self.is_sparse else made


def _is_same(got: Any, wanted: Any) -> bool:
    """Return whether two matrices have the same bits in the same places of memory."""
    if got is None or type(got) is not type(wanted) or got.shape != wanted.shape:
        return False
    if sparse.issparse(got):
        parts = ("data", "indices", "indptr")
        return all(_is_same(getattr(got, part), getattr(wanted, part)) for part in parts)
    same = got.dtype == wanted.dtype and got.flags.c_contiguous == wanted.flags.c_contiguous
    return bool(same and got.tobytes() == wanted.tobytes())


def _probe_rows(schema: Mapping[str, Any], size: int) -> list[dict[str, Any]]:
    """Return rows with what training saw, gaps, unseen categories and extremes, mixed."""
    values = {feature["name"]: _probe_cells(feature) for feature in schema["features"]}
    return [
        # Steps of different lengths, so that every value meets many others.
        {
            name: cells[(row * (2 * place + 1) + place) % len(cells)]
            for place, (name, cells) in enumerate(values.items())
        }
        for row in range(size)
    ]


def _probe_cells(feature: Mapping[str, Any]) -> list[Any]:
    known = [feature["example"], None, feature["low"], feature["high"]]
    if feature["kind"] == "number":
        return [*known, 0.0, -0.0, 1 / 3, -7.25, 1e-300, 123456789.123456789, 1e9, None]
    if feature["kind"] == "date or time":
        return [*known, "2000-02-29", "1969-12-31T23:59:59.5", "2024-12-30T12:00:00"]
    return [*(feature["categories"] or ())[:30], *known[:2], _UNSEEN]


# Branches


def _branches(prepare: ColumnTransformer) -> list[tuple[slice, _Branch]]:
    places = prepare.output_indices_
    return [
        (places[name], _branch(transformer, columns))
        for name, transformer, columns in prepare.transformers_
        if places[name].stop > places[name].start
    ]


def _branch(transformer: Any, columns: Any) -> _Branch:
    """Return what a branch does, on bare arrays where it is known how."""
    steps = [step for _, step in transformer.steps] if isinstance(transformer, Pipeline) else []
    if steps and isinstance(columns, str) and _is_date_part(steps):
        return _date_branch(columns, steps)
    if steps and isinstance(steps[0], SimpleImputer) and not isinstance(columns, str):
        if steps[0].statistics_.dtype.kind == "f":
            return _number_branch(columns, steps)
        encoder = next((step for step in steps if hasattr(step, "categories_")), None)
        if encoder is not None:
            return _category_branch(transformer, columns, encoder.categories_)
    return _asked_as_before(transformer, columns)


def _asked_as_before(transformer: Any, columns: Any) -> _Branch:
    names = [columns] if isinstance(columns, str) else list(columns)

    def branch(reading: Reading) -> Matrix:
        frame = _only(reading, names).frame
        found = transformer.transform(frame[columns])
        return np.asarray(found.toarray() if sparse.issparse(found) else found)

    return branch


def _only(reading: Reading, names: Sequence[str]) -> Reading:
    columns = {name: reading.columns[name] for name in names}
    return Reading(columns, reading.kinds, reading.n_rows)


def _number_branch(names: Sequence[str], steps: Sequence[Any]) -> _Branch:
    done = [_step(step) for step in steps]

    def branch(reading: Reading) -> Matrix:
        matrix = np.array([reading.columns[name] for name in names], dtype=float).T
        for step in done:
            matrix = step(matrix)
        return matrix

    return branch


def _is_date_part(steps: Sequence[Any]) -> bool:
    return (
        isinstance(steps[0], FunctionTransformer)
        and isinstance(steps[0].func, operator.attrgetter)
        and isinstance(steps[1], FunctionTransformer)
        and steps[1].func is pd.DataFrame
    )


def _date_branch(name: str, steps: Sequence[Any]) -> _Branch:
    part, done = steps[0].func, [_step(step) for step in steps[2:]]

    def branch(reading: Reading) -> Matrix:
        moments = pd.Series(reading.columns[name], dtype="datetime64[us]")
        matrix: Matrix = part(moments).to_numpy(dtype=float)[:, None]
        for step in done:
            matrix = step(matrix)
        return matrix

    return branch


def _category_branch(
    transformer: Pipeline, names: Sequence[str], categories: Sequence[Sequence[Any]]
) -> _Branch:
    """Return a branch that looks up what each category becomes."""
    known = [[str(value) for value in values] for values in categories]
    base: list[str | None] = [values[0] for values in known]
    ways = [
        (place, value)
        for place, values in enumerate(known)
        for value in dict.fromkeys([*values, None, _UNSEEN])
    ]
    rows = [[*base[:place], value, *base[place + 1 :]] for place, value in ways]
    table = transformer.transform(pd.DataFrame(rows, columns=list(names), dtype="str"))
    outcome = np.asarray(table.toarray() if sparse.issparse(table) else table)
    lookups = []
    for place, name in enumerate(names):
        mine = [row for row, (of, _) in enumerate(ways) if of == place]
        rows_by_value = {ways[row][1]: at for at, row in enumerate(mine)}
        varies = np.flatnonzero((outcome[mine] != outcome[mine[0]]).any(axis=0))
        lookups.append((name, rows_by_value, varies, outcome[mine][:, varies]))
    constant = outcome[0]

    def branch(reading: Reading) -> Matrix:
        matrix = np.tile(constant, (reading.n_rows, 1))
        for name, rows_by_value, varies, lookup in lookups:
            unseen = rows_by_value[_UNSEEN]
            found = [rows_by_value.get(value, unseen) for value in reading.columns[name]]
            matrix[:, varies] = lookup[found]
        return matrix

    return branch


# Steps on numbers


def _step(step: Any) -> _Step:
    """Return what a fitted step does with numbers."""
    made = _STEPS.get(type(step))
    return made(step) if made else step.transform


def _filled(step: SimpleImputer) -> _Step:
    values, indicator = step.statistics_, step.indicator_
    marked = None if indicator is None else indicator.features_

    def fill(matrix: Matrix) -> Matrix:
        is_missing = np.isnan(matrix)
        filled = np.where(is_missing, values, matrix)
        return filled if marked is None else np.hstack([filled, is_missing[:, marked]])

    return fill


def _standard(step: StandardScaler) -> _Step:
    return lambda matrix: (matrix - step.mean_) / step.scale_


def _robust(step: RobustScaler) -> _Step:
    return lambda matrix: (matrix - step.center_) / step.scale_


def _to_range(step: MinMaxScaler) -> _Step:
    return lambda matrix: matrix * step.scale_ + step.min_


_STEPS: Mapping[type, Callable[[Any], _Step]] = {
    SimpleImputer: _filled,
    StandardScaler: _standard,
    RobustScaler: _robust,
    MinMaxScaler: _to_range,
    Normalizer: lambda step: step.transform,
}
