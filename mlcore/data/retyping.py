"""What a table is when columns are taken as another kind, and which roles follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from mlcore.data.dataset import Dataset, fingerprint
from mlcore.data.kinds import type_column
from mlcore.data.recipe.recipe import Recipe, origins
from mlcore.data.schema import Column, ColumnKind, Role, Schema
from mlcore.errors import UserError


def with_kinds(
    source: Dataset,
    text: pd.DataFrame,
    kinds: Mapping[str, ColumnKind],
    notation: Mapping[str, Any],
) -> Dataset:
    """Return a table with some columns taken as another kind.

    Parameters
    ----------
    source : Dataset
        The table before the user's own steps.
    text : DataFrame
        The cells of these columns as text.
    kinds : mapping of str to ColumnKind
        What they are taken as.
    notation : mapping
        How numbers and dates are written in the file (``ReadingOptions.notation``).

    Raises
    ------
    UserError
        A kind fits none of a column's values.
    """
    usual = source.schema.date_order
    typed = {
        name: type_column(text[name], chosen=kind, usual_dates=usual, **notation)
        for name, kind in kinds.items()
    }
    return _replaced(
        source,
        {name: _keeping_role(source.schema[name], one) for name, (one, _) in typed.items()},
        {name: series for name, (_, series) in typed.items()},
    )


def with_columns(
    source: Dataset, text: pd.DataFrame, earlier: Mapping[str, Column], notation: Mapping[str, Any]
) -> Dataset:
    """Return a table with some columns as they were once.

    Parameters
    ----------
    source, text, notation
        As for :func:`with_kinds`.
    earlier : mapping of str to Column
        What they were.
    """
    typed = {
        name: type_column(
            text[name],
            chosen=column.kind,
            usual_dates=column.order,
            **{**notation, "decimal": column.decimal or notation["decimal"]},
        )
        for name, column in earlier.items()
    }
    return _replaced(source, earlier, {name: series for name, (_, series) in typed.items()})


def _replaced(
    dataset: Dataset, columns: Mapping[str, Column], values: Mapping[str, pd.Series]
) -> Dataset:
    """Return a table with other columns in the place of those of the same names."""
    kept = tuple(columns.get(column.name, column) for column in dataset.schema.columns)
    schema = replace(dataset.schema, columns=kept)
    if not values:
        return replace(dataset, schema=schema)
    frame = dataset.frame.assign(**values)
    return replace(dataset, frame=frame, schema=schema, fingerprint=fingerprint(frame))


def _keeping_role(before: Column, after: Column) -> Column:
    """Keep the user's role unless the kind made the column one to ignore, or no longer does."""
    if Role.IGNORED in (before.role, after.role):
        return after
    return replace(after, role=before.role)


def kinds_in_source(
    kinds: Mapping[str, ColumnKind], recipe: Recipe, source: Schema
) -> dict[str, ColumnKind]:
    """Return kinds by the names of the columns before the steps.

    Raises
    ------
    UserError
        ``recipe.kind_of_made``: a step made the column.
    """
    known = origins(recipe, source)
    if made := next((name for name in kinds if name not in known), None):
        raise UserError("recipe.kind_of_made", column=made)
    return {known[name].name: kind for name, kind in kinds.items()}


def after_steps(
    now: Schema, before: Recipe, source: Dataset, recipe: Recipe
) -> tuple[Dataset, Dataset]:
    """Return what other steps make of a table, and the table before them; chosen roles stay.

    Parameters
    ----------
    now : Schema
        What the columns are after the steps so far.
    before : Recipe
        The steps so far.
    source : Dataset
        The table before all steps.
    recipe : Recipe
        The steps from now on.

    Returns
    -------
    made, source : Dataset
        The table after the steps, and before them.
    """
    source = replace(source, schema=roles_back(now, before, source.schema))
    made = source.after(recipe.steps)
    schema = made.schema.with_roles(
        {c.name: c.role for c in now.columns if c.name in made.schema.names and _is_made(c)}
    )
    return replace(made, schema=schema), source


def roles_back(now: Schema, recipe: Recipe, source: Schema) -> Schema:
    """Return the columns before the steps, each for what it is after them."""
    roles = {
        origin.name: now[name].role
        for name, origin in origins(recipe, source).items()
        if name in now.names and _goes_back(now[name], origin)
    }
    return source.with_roles(roles)


def _goes_back(now: Column, origin: Column) -> bool:
    """Return whether a role can go back to the column it came from."""
    return Role.IGNORED not in (now.role, origin.role) or now.kind is origin.kind


def _is_made(column: Column) -> bool:
    return column.reason.code == "recipe.reason"
