"""What a model card is written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from mlcore.data.dataset import Dataset
from mlcore.evaluation.evaluation import Evaluation
from mlcore.registry.schema import InputSchema
from mlcore.workflow import RunResult


@dataclass(frozen=True, eq=False, kw_only=True)
class CardFacts:
    """Everything a card is written from.

    Parameters
    ----------
    name : str
        What the user calls the run.
    dataset : Dataset
        The table it was trained on.
    result : RunResult
        The run; of a clustering also its tables (:mod:`mlcore.workflow.clustering`) and, if the
        table was tested for structure, ``"structure"``.
    schema : InputSchema
        What goes in and what comes out.
    libraries : mapping of str to str
        Versions of Python and libraries.
    baseline : Evaluation, optional
        Of the baseline on the same table, label and split.
    test_scores : DataFrame, optional
        Scores on the test rows, if they were opened for this run: ``metric``, ``value`` and
        ``low``, ``high`` of the interval.
    test_openings : int, default 0
        How often the test rows of this table were opened, for whichever run.
    """

    name: str
    dataset: Dataset
    result: RunResult
    schema: InputSchema
    libraries: Mapping[str, str]
    baseline: Evaluation | None = None
    test_scores: pd.DataFrame | None = None
    test_openings: int = 0
