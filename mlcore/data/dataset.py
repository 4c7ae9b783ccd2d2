"""A table in memory, with what is known about it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from mlcore.data.recipe.recipe import Recipe, kinds_of, schema_after
from mlcore.data.recipe.steps import PlainStep
from mlcore.data.schema import Schema


@dataclass(frozen=True, eq=False)
class Dataset:
    """A typed frame and its schema.

    Parameters
    ----------
    name : str
        What the user calls it; the file's name at first.
    frame : DataFrame of shape (n_rows, n_columns)
        Index 0 … n_rows-1. Numbers are ``float64``; categories, yes/no, text, identifiers and
        constants are ``str`` (pandas' own text type) with NaN for missing; dates are
        ``datetime64``. Never changed in place.
    schema : Schema
        Kinds and roles, in the frame's column order.
    fingerprint : str
        Identifies the content (see :func:`fingerprint`).
    recipe : Recipe
        The user's own steps that led from the file to this frame; mostly none.
    reading : mapping
        How the file was read: the options in force, as
        :meth:`mlcore.data.reading.ReadingOptions.to_json` writes them.
    """

    name: str
    frame: pd.DataFrame
    schema: Schema
    fingerprint: str
    recipe: Recipe = Recipe()
    reading: Mapping[str, Any] = field(default_factory=dict)

    def after(self, steps: Iterable[PlainStep]) -> Dataset:
        """Return what some steps make of this table, which has been through none.

        Parameters
        ----------
        steps : iterable of mapping
            In their order, as :data:`mlcore.data.recipe.catalogue.STEPS` describes them.

        Raises
        ------
        UserError
            A step does not fit, or leaves no row.
        """
        recipe = Recipe.of(steps, kinds_of(self.schema))
        if not recipe:
            return self
        frame = recipe.prepare(self.frame)
        schema = schema_after(recipe, self.schema, frame)
        return replace(
            self, frame=frame, schema=schema, fingerprint=fingerprint(frame), recipe=recipe
        )


def fingerprint(frame: pd.DataFrame) -> str:
    """Return a short hash of names, types and values of a frame; 16 hexadecimal digits.

    The same file read with the same decisions gives the same fingerprint on every machine.
    """
    digest = hashlib.sha256()
    for name in frame.columns:
        digest.update(f"{name}\0{frame[name].dtype.kind}\0".encode())
        digest.update(pd.util.hash_pandas_object(frame[name], index=False).to_numpy().tobytes())
    return digest.hexdigest()[:16]
