"""A recipe: the steps of one table, in their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlcore.data.recipe.catalogue import STEPS, StepSpec
from mlcore.data.recipe.fields import Kinds
from mlcore.data.recipe.steps import FILTERS, PlainStep, prepared
from mlcore.data.schema import LEARNABLE, Column, ColumnKind, Role, Schema
from mlcore.errors import UserError, did_you_mean
from mlcore.messages import Message, listing, message

#: Longer recipes are refused: nobody can read them.
MOST_STEPS = 200


@dataclass(frozen=True)
class Recipe:
    """What somebody does to a table before anything is learnt from it.

    Parameters
    ----------
    steps : tuple of mapping
        As :mod:`mlcore.data.recipe.steps` takes them, checked.
    """

    steps: tuple[PlainStep, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.steps)

    def to_json(self) -> list[dict[str, Any]]:
        """Return plain data that :meth:`from_json` reads back."""
        return [dict(step) for step in self.steps]

    @classmethod
    def from_json(cls, plain: Iterable[PlainStep]) -> Recipe:
        """Read what :meth:`to_json` wrote."""
        return cls(tuple(dict(step) for step in plain))

    @classmethod
    def of(cls, steps: Iterable[PlainStep], kinds: Kinds) -> Recipe:
        """Return a recipe after every step was checked against the table that it finds.

        Parameters
        ----------
        steps : iterable of mapping
            As they were entered.
        kinds : mapping of str to ColumnKind
            The columns before the first step.

        Raises
        ------
        UserError
            A step does not fit; the sentence names it.
        """
        checked: list[PlainStep] = []
        for number, step in enumerate(steps, start=1):
            if number > MOST_STEPS:
                raise UserError("recipe.too_many", most=MOST_STEPS)
            spec = find_step(step.get("step"))
            try:
                checked.append(spec.check(step, kinds))
            except UserError as error:
                raise UserError(
                    "recipe.step", number=number, name=spec.name, reason=str(error)
                ) from error
            kinds = spec.kinds_after(checked[-1], kinds)
        return cls(tuple(checked))

    def sentences(self) -> list[Message]:
        """Return what each step does, in words."""
        return [STEPS[step["step"]].said(step) for step in self.steps]

    def kinds_after(self, kinds: Kinds) -> Kinds:
        """Return the columns that the last step leaves."""
        for step in self.steps:
            kinds = STEPS[step["step"]].kinds_after(step, kinds)
        return kinds

    def for_rows(self, features: Sequence[str]) -> tuple[Recipe, frozenset[str]]:
        """Return the part that new rows need to become what a model takes.

        Parameters
        ----------
        features : sequence of str
            The columns that the model takes.

        Returns
        -------
        recipe : Recipe
            Without steps that only concern other columns or compare rows with each other.
        columns : frozenset of str
            What a new row must hold.
        """
        wanted, steps = frozenset(features), list[PlainStep]()
        for step in reversed(self.steps):
            needed = STEPS[step["step"]].needs(step, wanted)
            if needed is not None:
                wanted = needed
                steps.insert(0, step)
        return Recipe(tuple(steps)), wanted

    def for_table(self, columns: Sequence[str], kinds: Kinds) -> tuple[Recipe, frozenset[str]]:
        """Return the part that a table needs to have some columns, and the same rows, afterwards.

        Parameters
        ----------
        columns : sequence of str
            The columns that are wanted after the last step.
        kinds : mapping of str to ColumnKind
            The columns before the first step.

        Returns
        -------
        recipe : Recipe
            Without steps that only concern other columns.
        columns : frozenset of str
            What the table must hold before.
        """
        wanted, steps = frozenset(columns), list[PlainStep]()
        for step in reversed(self.steps):
            if step["step"] in FILTERS:
                if step.get("columns") == []:
                    # Rows are compared in every column, so every step counts.
                    return self, frozenset(kinds)
                wanted |= {*step.get("columns", ()), step.get("column")} - {None}
                steps.insert(0, step)
                continue
            needed = STEPS[step["step"]].needs(step, wanted)
            if needed is not None:
                wanted = needed
                steps.insert(0, step)
        return Recipe(tuple(steps)), wanted

    def prepare(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a typed table after all steps, rows numbered anew from 0.

        Raises
        ------
        UserError
            ``recipe.no_rows``: no row is left.
        """
        made = prepared(frame, self.steps).reset_index(drop=True)
        if not len(made):
            raise UserError("recipe.no_rows", rows=len(frame))
        return made

    def kept_places(self, frame: pd.DataFrame) -> npt.NDArray[np.intp]:
        """Return for each row that is left where it stood in the table before, from 0."""
        made = prepared(frame.reset_index(drop=True), self.steps)
        return made.index.to_numpy(dtype=np.intp)


def find_step(identifier: Any) -> StepSpec:
    """Return the declaration of a step.

    Raises
    ------
    UserError
        ``recipe.unknown``.
    """
    if identifier not in STEPS:
        raise UserError(
            "recipe.unknown",
            got=str(identifier),
            known=listing(list(STEPS), most=20),
            suggestion=did_you_mean(str(identifier), STEPS),
        )
    return STEPS[identifier]


def kinds_of(schema: Schema) -> dict[str, ColumnKind]:
    """Return name and kind of each column."""
    return {column.name: column.kind for column in schema.columns}


def schema_after(recipe: Recipe, before: Schema, frame: pd.DataFrame) -> Schema:
    """Return what the columns of a prepared table are.

    Parameters
    ----------
    recipe : Recipe
        What was done.
    before : Schema
        Of the table before.
    frame : DataFrame
        The table after.
    """
    known = origins(recipe, before)
    columns = tuple(
        _column_after(frame[name], kind, known.get(name))
        for name, kind in recipe.kinds_after(kinds_of(before)).items()
    )
    return Schema(columns, len(frame))


def origins(recipe: Recipe, before: Schema) -> Mapping[str, Column]:
    """Return for each column that was not made by a step what it was before, under its name now."""
    found = {column.name: column for column in before.columns}
    for step in recipe.steps:
        if step["step"] == "rename":
            found = {step["to"] if n == step["column"] else n: c for n, c in found.items()}
        elif step["step"] == "drop":
            found = {name: c for name, c in found.items() if name not in step["columns"]}
    return found


def _column_after(values: pd.Series, kind: ColumnKind, origin: Column | None) -> Column:
    missing, distinct = int(values.isna().sum()), int(values.nunique())
    if origin is None:
        role = Role.FEATURE if kind in LEARNABLE else Role.IGNORED
        reason = message("recipe.reason")
        return Column(str(values.name), kind, role, reason, missing, distinct)
    return replace(origin, name=str(values.name), kind=kind, missing=missing, distinct=distinct)
