"""A model that answers: the way in for programs in Python, pages and HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mlcore.errors import UserError
from mlcore.registry.bundle_files import contract
from mlcore.registry.bundle_files.contract import Answers, Reading

#: What has to be in a folder before a model is loaded from it.
NEEDED = (contract.MODEL, contract.SCHEMA)


@dataclass(frozen=True, eq=False)
class ServedModel:
    """A fitted model with the schema of what goes in, ready to answer.

    Parameters
    ----------
    schema : mapping
        As in ``input_schema.json``.
    model : object
        The fitted pipeline.
    """

    schema: Mapping[str, Any]
    model: Any

    @classmethod
    def open(cls, folder: Path) -> ServedModel:
        """Load the model of an unpacked bundle, after its files were compared with their hashes.

        Raises
        ------
        UserError
            ``registry.not_loaded``: a file is missing or changed, a library is missing, or the
            model holds a type that is not allowed.
        """
        try:
            manifest = contract.check_files(folder, NEEDED)
            contract.check_libraries(manifest)
            return cls(contract.read_schema(folder), contract.load_model(folder))
        except contract.Refusal as refusal:
            raise UserError("registry.not_loaded", reason=str(refusal)) from refusal

    def read(self, rows: Sequence[Mapping[str, Any]] | pd.DataFrame) -> Reading:
        """Return rows as the model takes them, with what is odd in them; nothing is predicted.

        Parameters
        ----------
        rows : sequence of mappings or DataFrame
            A mapping of names to values for each row, or a column for each name. Values are text
            as it stands in a file, numbers, true or false, dates, or nothing.
        """
        if isinstance(rows, pd.DataFrame):
            return contract.read_columns(_cells(rows), self.schema, len(rows))
        return contract.read_records(rows, self.schema)

    def predict(
        self, rows: Sequence[Mapping[str, Any]] | pd.DataFrame, policy: str = "warn"
    ) -> Answers:
        """Return an answer for each row, with what should be known about it.

        Parameters
        ----------
        rows : sequence of mappings or DataFrame
            As for :meth:`read`.
        policy : {"warn", "refuse"}, default "warn"
            Whether a row with something that training did not see is answered all the same.
        """
        return contract.answers(self.model, self.schema, self.read(rows), policy)


def _cells(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """Return the columns of a table as plain values, ``None`` for what is missing."""
    return {
        str(name): [
            None if is_missing else cell
            for cell, is_missing in zip(column.tolist(), column.isna().tolist(), strict=True)
        ]
        for name, column in frame.items()
    }
