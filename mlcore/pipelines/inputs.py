"""How many numbers the preparation makes of a row, before anything is fitted."""

from __future__ import annotations

from collections.abc import Mapping

from mlcore.data.schema import Column, ColumnKind, Schema
from mlcore.experiment import Experiment
from mlcore.params import ParamValue, check_values
from mlcore.pipelines.build import resolve_encoding
from mlcore.pipelines.preparation import PREPARATION_PARAMS
from mlcore.tasks import Task


def estimated_inputs(experiment: Experiment, schema: Schema) -> int:
    """Return how many inputs the model will have, so that its cost can be told beforehand.

    Exact for numbers, dates and categories; for text, whose words are not counted yet, the most
    there can be.

    Parameters
    ----------
    experiment : Experiment
        What will be built; its algorithm does not matter.
    schema : Schema
        Of the table; it tells how many categories a column has and whether it has gaps.

    Raises
    ------
    UserError
        A setting of the preparation does not fit its declaration.
    """
    values = check_values("The preparation", PREPARATION_PARAMS, experiment.preparation)
    return sum(
        _inputs(schema[name], experiment.kinds[name], values, experiment.task)
        for name in experiment.features
    )


def _inputs(column: Column, kind: ColumnKind, values: Mapping[str, ParamValue], task: Task) -> int:
    if kind is ColumnKind.NUMBER:
        return 1 + (bool(values["missing_flag"]) and column.missing > 0)
    if kind is ColumnKind.DATETIME:
        parts = values["date_parts"]
        return len(parts) if isinstance(parts, tuple) else 0
    if kind is ColumnKind.TEXT:
        return int(str(values["text_words"]))
    return _categories(column, values, task)


def _categories(column: Column, values: Mapping[str, ParamValue], task: Task) -> int:
    encoding = resolve_encoding(values, column.distinct, task)
    if encoding in ("ordinal", "target"):
        return 1
    has_own = values["category_missing"] == "own" and column.missing > 0
    categories = column.distinct + has_own
    return categories if encoding == "onehot" else min(categories, int(str(values["onehot_limit"])))
