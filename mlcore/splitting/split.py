"""Row numbers of each part of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlcore.messages import Message

Rows: TypeAlias = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Split:
    """Row numbers of each part.

    Parameters
    ----------
    development : array of shape (n_development,)
        Rows that may be looked at: they train and compare models. Sorted.
    test : array of shape (n_test,)
        Sealed rows. Sorted; empty when no test set was asked for.
    unlabelled : array of shape (n_unlabelled,)
        Rows that are never trained on and never scored: those without a label and, in clustering,
        those that are not in the sample.
    folds : tuple of (train, validation)
        Row numbers of each fit; both parts lie inside ``development``.
    notes : tuple of Message
        What was decided on the way, for the screen.
    """

    development: Rows
    test: Rows
    unlabelled: Rows
    folds: tuple[tuple[Rows, Rows], ...]
    notes: tuple[Message, ...]

    def part_of_rows(self, n_rows: int) -> pd.Series:
        """Return for each row ``"development"``, ``"test"`` or ``"unlabelled"``."""
        part = pd.Series("development", index=range(n_rows), dtype="str", name="part")
        part.iloc[self.test] = "test"
        part.iloc[self.unlabelled] = "unlabelled"
        return part
